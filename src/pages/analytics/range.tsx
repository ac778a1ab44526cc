import { Field } from './parts.js';

/** Days, both included; null where there is no bound. */
export interface DayRange {
  start: string | null;
  end: string | null;
}

interface RangeFormProps {
  range: DayRange;
  onChange(range: DayRange): void;
}

/** Whose figures are shown: customers who were won within these days. */
export function RangeForm({ range, onChange }: RangeFormProps) {
  const isBounded = range.start !== null || range.end !== null;
  return (
    <fieldset class="range">
      <legend>Customers won</legend>
      <Field label="from">
        {(id) => (
          <input
            id={id}
            type="date"
            value={range.start ?? ''}
            max={range.end ?? undefined}
            onChange={(event) => onChange({ ...range, start: event.currentTarget.value || null })}
          />
        )}
      </Field>
      <Field label="to">
        {(id) => (
          <input
            id={id}
            type="date"
            value={range.end ?? ''}
            min={range.start ?? undefined}
            onChange={(event) => onChange({ ...range, end: event.currentTarget.value || null })}
          />
        )}
      </Field>
      <button type="button" disabled={!isBounded} onClick={() => onChange({ start: null, end: null })}>
        All time
      </button>
    </fieldset>
  );
}
