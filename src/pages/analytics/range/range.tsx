import { Field } from '../parts.js';
import { type DayRange, presets, today } from './days.js';

interface RangeFormProps {
  range: DayRange;
  timeZone: string;
  onChange(range: DayRange): void;
}

/** The form for the period in which the shown customers were acquired. */
export function RangeForm({ range, timeZone, onChange }: RangeFormProps) {
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
      {presets.map(([text, of]) => {
        const preset = of(today(timeZone));
        const isChosen = preset.start === range.start && preset.end === range.end;
        return (
          <button key={text} type="button" aria-pressed={isChosen} onClick={() => onChange(preset)}>
            {text}
          </button>
        );
      })}
    </fieldset>
  );
}
