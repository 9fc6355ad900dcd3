import { useId } from 'react';
import type { RegistryAccess } from '~/api/org-schema';

export interface AccessChoiceProps {
  organization: string;
  value: RegistryAccess;
  onChange: (access: RegistryAccess) => void;
}

/** Who sees a registry. */
export function AccessChoice({ organization, value, onChange }: AccessChoiceProps) {
  const name = useId();
  const choices: [RegistryAccess, string, string][] = [
    ['private', 'Organization', `every member of ${organization}, with the role they have there`],
    ['restricted', 'Restricted', `only members of the registry, and admins of ${organization}`],
  ];
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-12 font-medium text-ink-2">Seen by</legend>
      {choices.map(([access, label, note]) => (
        <label key={access} className="flex min-h-6 cursor-pointer items-start gap-1.5">
          <input
            type="radio"
            name={name}
            className="mt-1 accent-accent"
            checked={value === access}
            onChange={() => onChange(access)}
          />
          <span className="min-w-0">
            {label} <span className="text-12 break-words text-ink-3">{note}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
