import type { CombinedError } from '@urql/core';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { problemOf } from './problems.js';

/** Shows an error in place of the result; nothing if there is none. */
export function Trouble({ error }: { error: CombinedError | undefined }) {
  const problem = problemOf(error);
  if (!problem) return null;
  return (
    <div class="trouble" role="alert">
      <strong>{problem.title}</strong> {problem.advice}
    </div>
  );
}

export const Waiting = () => (
  <p class="waiting" role="status">
    Reading…
  </p>
);

interface ChoiceProps<Value extends string> {
  label: string;
  name: string;
  options: readonly (readonly [value: Value, text: string])[];
  value: Value;
  onChange: (value: NoInfer<Value>) => void;
}

/** A choice between a few options, shown side by side. */
export function Choice<Value extends string>({ label, name, options, value, onChange }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="segments">
        {options.map(([option, text]) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface FieldProps {
  label: string;
  /** Renders the control with this id. */
  children(id: string): ComponentChildren;
}

/** A control with its label. */
export function Field({ label, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface SectionProps {
  id: string;
  title: string;
  about: string;
  children: ComponentChildren;
}

export function Section({ id, title, about, children }: SectionProps) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="about">{about}</p>
      {children}
    </section>
  );
}
