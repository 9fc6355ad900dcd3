import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { queries } from '~/api/queries';
import { Button } from '~/ui/Button';
import { CutNote } from '~/ui/States';
import { formatBytes, formatInteger, plural } from '~/util/format';
import { parseSpec } from '~/util/spec';
import { DiffTable, valueText, type DiffTableRow } from './DiffTable';
import { diffJson } from './json-diff';
import { TextEntry } from './TextEntry';
import type { Diff, DiffEntry, DiffSection, DiffSectionName, JsonObject } from '~/api/schema';

const TITLES: Record<DiffSectionName, string> = {
  config: 'Config',
  summary: 'Summary',
  command: 'Command',
  git: 'Git',
  code: 'Code',
  environment: 'Environment',
  packages: 'Packages',
  inputs: 'Inputs',
  metadata: 'Metadata',
  files: 'Files',
};
/** Entries of a section that are shown before somebody asks for more. */
const MAX_SHOWN = 100;
/** A digest in hexadecimal or base 64. */
const DIGEST = /^[\da-zA-Z+/]{20,}=*$/;
/** Texts that stand open at first, and the sections that are made of what people write. */
const MAX_OPEN = 3;
const WRITTEN = new Set<DiffSectionName>(['code', 'git']);

export interface DiffSectionsProps {
  diff: Diff;
  specs: [string, string];
  names: [string, string];
  all: boolean;
  unified: boolean;
}

/** What differs, by what it is a part of. */
export function DiffSections({ diff, specs, names, all, unified }: DiffSectionsProps) {
  const whole = useWhole(specs, all);
  const differing = diff.sections.filter(section => section.n_different > 0);
  const same = diff.sections.filter(section => section.n_different === 0);
  const shown = all ? diff.sections : differing;
  return (
    <>
      {differing.length > 1 && (
        <nav aria-label="What differs" className="flex flex-wrap gap-1.5">
          {differing.map(({ name, n_different: count }) => (
            <a
              key={name}
              href={`#diff-${name}`}
              className="flex h-6 items-center gap-1.5 rounded-full border border-line px-2.5 text-12 hover:border-line-strong"
            >
              {TITLES[name]}
              <span className="tabular text-ink-3">{formatInteger(count)}</span>
            </a>
          ))}
        </nav>
      )}
      {shown.map(section => (
        <Section
          key={section.name}
          section={section}
          names={names}
          unified={unified}
          same={whole.get(section.name)}
          all={all}
        />
      ))}
      {!all && same.length > 0 && (
        <p className="text-ink-3">
          The same: {same.map(({ name }) => TITLES[name].toLowerCase()).join(', ')}.
        </p>
      )}
    </>
  );
}

type Whole = Map<DiffSectionName, DiffTableRow[]>;

/** What is the same in config, summary and metadata: the server tells only what differs. */
function useWhole(specs: [string, string], enabled: boolean): Whole {
  const [left, right] = specs.map(parseSpec);
  const runs = useQueries({
    queries: [left, right].map(spec => ({
      ...queries.run(spec?.kind === 'run' ? spec.ref : { entity: '', project: '', run: '' }),
      enabled: enabled && spec?.kind === 'run',
    })),
  });
  const versions = useQueries({
    queries: [left, right].map(spec => ({
      ...artifactQueries.version(
        spec?.kind === 'artifact'
          ? spec.ref
          : { entity: '', project: '', collection: '', version: '' },
      ),
      enabled: enabled && spec?.kind === 'artifact',
    })),
  });
  const [runLeft, runRight] = runs.map(({ data }) => data);
  const [versionLeft, versionRight] = versions.map(({ data }) => data);
  return useMemo(() => {
    const found: Whole = new Map();
    const add = (name: DiffSectionName, before?: JsonObject, after?: JsonObject) => {
      if (enabled && before && after)
        found.set(
          name,
          diffJson(before, after).filter(row => row.change === 'same'),
        );
    };
    add('config', runLeft?.config, runRight?.config);
    add('summary', runLeft?.summary, runRight?.summary);
    add('metadata', versionLeft?.metadata, versionRight?.metadata);
    return found;
  }, [enabled, runLeft, runRight, versionLeft, versionRight]);
}

interface SectionProps {
  section: DiffSection;
  names: [string, string];
  unified: boolean;
  same: DiffTableRow[] | undefined;
  all: boolean;
}

function Section({ section, names, unified, same, all }: SectionProps) {
  const [most, setMost] = useState(MAX_SHOWN);
  const { name, entries, n_same: nSame, n_different: nDifferent, truncated } = section;
  const texts = entries.filter(isText);
  const values = entries.filter(entry => !isText(entry));
  const rows = useMemo(() => values.slice(0, most).map(rowOf), [values, most]);
  const shown = texts.slice(0, Math.max(0, most - rows.length));
  const rest = entries.length - rows.length - shown.length;
  return (
    <section id={`diff-${name}`} aria-label={TITLES[name]} className="min-w-0 scroll-mt-2">
      <h2 className="flex h-7 items-center gap-2 border-b border-line text-14 font-medium">
        {TITLES[name]}
        <span className="tabular text-12 font-normal text-ink-3">
          {nDifferent === 0
            ? 'the same'
            : `${formatInteger(nDifferent)} ${nDifferent === 1 ? 'differs' : 'differ'}`}
          {nSame > 0 && nDifferent > 0 && `, ${formatInteger(nSame)} the same`}
        </span>
      </h2>
      {rows.length > 0 && <DiffTable label={TITLES[name]} rows={rows} names={names} />}
      {shown.map((entry, index) => (
        <TextEntry
          key={entry.key}
          entry={entry}
          unified={unified}
          openAtFirst={index < MAX_OPEN && WRITTEN.has(name)}
        />
      ))}
      {rest > 0 && (
        <Button tone="quiet" className="mt-1" onClick={() => setMost(most * 4)}>
          Show more: {formatInteger(rest)} are left
        </Button>
      )}
      {truncated && (
        <CutNote
          note={`only the first ${formatInteger(entries.length)} of ${plural(nDifferent, 'difference')} are listed`}
          className="py-1"
        />
      )}
      {all && same && same.length > 0 && (
        <DiffTable label={`${TITLES[name]}, the same`} rows={same} names={names} />
      )}
      {all && !same && nSame > 0 && (
        <p className="tabular py-1 text-12 text-ink-3">
          {formatInteger(nSame)} {nSame === 1 ? 'entry is' : 'entries are'} the same.
        </p>
      )}
    </section>
  );
}

const isText = (entry: DiffEntry): boolean =>
  entry.left_text_url !== null || entry.right_text_url !== null;

/** Files are told by size, and by the beginning of their digest. */
function rowOf(entry: DiffEntry): DiffTableRow {
  const { key, change, left, right, left_size_bytes: before, right_size_bytes: after } = entry;
  const withSize = (value: DiffEntry['left'], size: number | null): DiffEntry['left'] => {
    if (size === null) return value;
    const text = value === null ? '' : valueText(value);
    return [formatBytes(size), DIGEST.test(text) ? `${text.slice(0, 8)}…` : text]
      .filter(Boolean)
      .join(' · ');
  };
  return { key, change, left: withSize(left, before), right: withSize(right, after) };
}
