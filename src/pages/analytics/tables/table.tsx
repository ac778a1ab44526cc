import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { asText, csvOf } from './csv.js';

interface TableProps {
  class: string;
  'data-testid'?: string;
  'aria-labelledby'?: string;
  /** What the part that scrolls is called, as nothing else on the page is. */
  label: string;
  /** What its file is called, without an ending. */
  file: string;
  children: ComponentChildren;
}

/** A table that scrolls by itself where the window is narrow, by the keyboard too, and can be saved as CSV. */
export function Table({ file, label, children, ...attributes }: TableProps) {
  const table = useRef<HTMLTableElement>(null);
  const save = (): void => {
    if (!table.current) return;
    const address = URL.createObjectURL(new Blob([csvOf(rowsOf(table.current))], { type: 'text/csv' }));
    Object.assign(document.createElement('a'), { href: address, download: `${file}.csv` }).click();
    URL.revokeObjectURL(address);
  };
  return (
    <>
      <section
        class="scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        aria-label={label}
      >
        <table ref={table} {...attributes}>
          {children}
        </table>
      </section>
      <p class="actions">
        <button type="button" onClick={save}>
          Save as CSV
        </button>
      </p>
    </>
  );
}

/** The cells as they stand there, figures as bare numbers. */
const rowsOf = (table: HTMLTableElement): string[][] =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? asText(cell.textContent ?? '')));
