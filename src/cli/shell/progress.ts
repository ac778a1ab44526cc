import type { Shell } from './shell.js';

const intervalMs = 100;

/** One line on a terminal that says how far an import or export is, rewritten in place; nothing anywhere else. */
export class Progress {
  private readonly startedAt = Date.now();
  private shownAt = 0;

  /** `size` is how many bytes there are in all, undefined where nobody knows yet. */
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

  /** Frees the line for something that stays. */
  clear(): void {
    if (this.shell.isTerminal && this.shownAt > 0) this.shell.err('\r\u001b[K');
  }

  get seconds(): number {
    return (Date.now() - this.startedAt) / 1000;
  }
}
