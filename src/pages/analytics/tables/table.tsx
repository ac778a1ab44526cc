import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { asText, csvOf } from './csv.js';

interface TableProps {
  class: string;
  'data-testid'?: string;
  'aria-labelledby'?: string;
  /** The accessible name of the scrollable part, unique on the page. */
  label: string;
  /** The name of the CSV file, without the extension. */
  file: string;
  children: ComponentChildren;
}

/** A table that scrolls within a narrow window, with the keyboard as well, and can be saved as CSV. */
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

/** The texts of the cells; for figures, the plain numbers. */
const rowsOf = (table: HTMLTableElement): string[][] =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? asText(cell.textContent ?? '')));
