import { useState } from 'react';
import { CodeBlock } from '~/ui/CodeBlock';
import { usageOf } from './usage';
import type { Version } from '~/api/schema';

/** Lines to paste that read the version, by its number or by one of its aliases. */
export function VersionUsage({ version }: { version: Version }) {
  const [name, setName] = useState(version.version);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <div className="flex max-w-3xl flex-col gap-5">
        <label className="flex items-center gap-2">
          Code that asks for
          <select
            value={name}
            onChange={event => setName(event.target.value)}
            className="h-7 max-w-60 rounded-md border border-line-strong bg-bg px-1.5 font-mono text-12"
          >
            {[version.version, ...version.aliases].map(option => (
              <option key={option}>{option}</option>
            ))}
          </select>
          <span className="text-12 text-ink-3">
            {name === version.version
              ? 'always this version'
              : 'whichever version has the alias then'}
          </span>
        </label>
        {usageOf(version, name).map(({ title, text }) => (
          <section key={title} aria-label={title}>
            <h2 className="mb-1 text-14 font-medium">{title}</h2>
            <CodeBlock label={title} text={text} />
          </section>
        ))}
      </div>
    </div>
  );
}
