import { useId, useState } from 'preact/hooks';

interface KeyFormProps {
  /** The current key; empty if there is none. */
  current: string;
  /** An empty key forgets the current one. */
  onUse(key: string): void;
}

/** The form for the key. The key is hidden while it is typed. */
export function KeyForm({ current, onUse }: KeyFormProps) {
  const [typed, setTyped] = useState(current);
  const id = useId();
  return (
    <form
      class="key"
      onSubmit={(event) => {
        event.preventDefault();
        onUse(typed.trim());
      }}
    >
      <label for={id}>API key</label>
      <input
        id={id}
        type="password"
        autocomplete="off"
        spellcheck={false}
        placeholder="ts_sk_live_…"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="primary">
        Use key
      </button>
      {current !== '' && (
        <button type="button" onClick={() => onUse('')}>
          Forget
        </button>
      )}
    </form>
  );
}
