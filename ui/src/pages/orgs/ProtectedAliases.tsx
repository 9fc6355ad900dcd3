import { useState, type FormEvent } from 'react';
import type { RegistryEdits } from '~/api/org-edits';
import type { Registry } from '~/api/org-schema';
import { Button } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { Field } from '~/ui/Field';
import { Section } from '../Section';

export interface ProtectedAliasesProps {
  registry: Registry;
  edits: RegistryEdits;
}

export function ProtectedAliases({ registry, edits }: ProtectedAliasesProps) {
  const [alias, setAlias] = useState('');
  const { protected_aliases: aliases } = registry;
  const set = (protected_aliases: string[]) => edits.change(registry, { protected_aliases });
  const add = (event: FormEvent) => {
    event.preventDefault();
    const added = alias.trim();
    setAlias('');
    if (!aliases.includes(added)) set([...aliases, added].toSorted());
  };
  return (
    <Section
      title="Protected aliases"
      note="Only admins of the registry give these to a version, move them and take them away."
    >
      {aliases.length > 0 && (
        <div className="flex flex-wrap gap-1">
          {aliases.map(item => (
            <Chip
              key={item}
              tone="accent"
              title={item}
              removeLabel={`Protect ${item} no longer`}
              onRemove={() => set(aliases.filter(other => other !== item))}
            >
              {item}
            </Chip>
          ))}
        </div>
      )}
      <form onSubmit={add} className="flex flex-wrap items-end gap-2">
        <Field
          label="Alias"
          value={alias}
          onChange={event => setAlias(event.target.value)}
          required
          pattern=".*\S.*"
          autoComplete="off"
          spellCheck={false}
          className="w-48"
        />
        <Button type="submit">Protect alias</Button>
      </form>
    </Section>
  );
}
