import { useId, useState } from 'react';
import { Button } from './Button';
import { Chip } from './Chip';
import { INPUT } from './Field';

export interface NameInputProps {
  label: string;
  noun: string;
  names: string[];
  onChange: (names: string[]) => void;
}

/** Some names, entered one after the other: Enter or a comma ends one. */
export function NameInput({ label, noun, names, onChange }: NameInputProps) {
  const id = useId();
  const [draft, setDraft] = useState('');
  const add = () => {
    const added = draft
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== '');
    onChange([...new Set([...names, ...added])]);
    setDraft('');
  };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-12 font-medium text-ink-2">
        {label}
      </label>
      {names.length > 0 && (
        <div className="flex flex-wrap gap-1">
          {names.map(name => (
            <Chip
              key={name}
              title={name}
              onRemove={() => onChange(names.filter(other => other !== name))}
              removeLabel={`Remove ${noun} ${name}`}
            >
              {name}
            </Chip>
          ))}
        </div>
      )}
      <div className="flex gap-2">
        <input
          id={id}
          value={draft}
          autoComplete="off"
          spellCheck={false}
          onChange={event => setDraft(event.target.value)}
          onKeyDown={event => {
            if ((event.key !== 'Enter' && event.key !== ',') || draft.trim() === '') return;
            event.preventDefault();
            add();
          }}
          // What is typed and not ended is meant, too.
          onBlur={() => draft.trim() !== '' && add()}
          className={INPUT}
        />
        <Button onClick={add} disabled={draft.trim() === ''}>
          Add {noun}
        </Button>
      </div>
    </div>
  );
}
