import type { Shell } from './shell.js';

const intervalMs = 100;

/**
 * Shows the progress of an import or export in one line of a terminal, which is overwritten. Shows nothing if there is
 * no terminal.
 */
export class Progress {
  private readonly startedAt = Date.now();
  private shownAt = 0;

  /** `size` is the total number of bytes; undefined if it is not known. */
  constructor(
    private readonly shell: Shell,
    private readonly size: number | undefined,
  ) {}

  show(lines: number, bytes: number): void {
    const now = Date.now();
    if (!this.shell.isTerminal || now - this.shownAt < intervalMs) return;
    this.shownAt = now;
    const part = this.size ? `${Math.min(100, Math.floor((100 * bytes) / this.size))} %, ` : '';
    const rate = Math.round(lines / Math.max(0.001, (now - this.startedAt) / 1000));
    this.shell.err(`\r${part}${lines} lines, ${rate} a second\u001b[K`);
  }

  /** Clears the line, so that a permanent line can be written. */
  clear(): void {
    if (this.shell.isTerminal && this.shownAt > 0) this.shell.err('\r\u001b[K');
  }

  get seconds(): number {
    return (Date.now() - this.startedAt) / 1000;
  }
}
