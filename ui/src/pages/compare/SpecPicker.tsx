import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronLeft } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { CollectionRef, ProjectRef } from '~/api/client';
import { queries } from '~/api/queries';
import { useDebounced } from '~/hooks/use-debounced';
import { Button } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { SearchField } from '~/ui/Field';
import { Popover } from '~/ui/Popover';
import { StateMark } from '~/ui/StateMark';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cx } from '~/util/class-names';
import { formatInteger } from '~/util/format';
import { parsePattern } from '~/util/pattern';
import { parseSpec, runSpec, versionSpec } from '~/util/spec';
import { useSpecName } from '../artifacts/use-spec-name';

const MAX_OFFERED = 50;
const SETTLE_MS = 150;

export interface SpecPickerProps {
  label: string;
  projectRef: ProjectRef;
  value: string | undefined;
  onPick: (spec: string) => void;
}

/** Chooses a run or a version of the project by name. */
export function SpecPicker({ label, projectRef, value, onPick }: SpecPickerProps) {
  const [isOpen, setOpen] = useState(false);
  const { name } = useSpecName(value);
  const kind = parseSpec(value)?.kind;
  const pick = (spec: string) => {
    setOpen(false);
    onPick(spec);
  };
  return (
    <Popover
      label={label}
      open={isOpen}
      onOpenChange={setOpen}
      className="flex h-[min(26rem,70vh)] w-[min(24rem,calc(100vw-2rem))] flex-col p-0!"
      trigger={
        <Button className="max-w-[min(28rem,40vw)] justify-start! max-sm:max-w-[calc(50vw-2.5rem)]">
          <span className="text-12 font-normal text-ink-3">{label}</span>
          <span className="truncate" title={name}>
            {value ? name : 'choose'}
          </span>
          <ChevronDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
        </Button>
      }
    >
      <Choices projectRef={projectRef} kind={kind ?? 'run'} onPick={pick} />
    </Popover>
  );
}

interface ChoicesProps {
  projectRef: ProjectRef;
  kind: 'run' | 'artifact';
  onPick: (spec: string) => void;
}

function Choices({ projectRef, kind: first, onPick }: ChoicesProps) {
  const [kind, setKind] = useState(first);
  const [text, setText] = useState('');
  const [collection, setCollection] = useState<string | null>(null);
  const choose = (next: 'run' | 'artifact') => {
    setKind(next);
    setCollection(null);
    setText('');
  };
  return (
    <>
      <div className="flex flex-col gap-2 border-b border-line p-2">
        <div role="group" aria-label="Kind" className="flex gap-1">
          {(['run', 'artifact'] as const).map(option => (
            <Button
              key={option}
              tone="quiet"
              aria-pressed={kind === option}
              className={cx(kind === option && 'bg-accent-soft text-accent!')}
              onClick={() => choose(option)}
            >
              {option === 'run' ? 'Runs' : 'Versions'}
            </Button>
          ))}
        </div>
        {collection === null ? (
          <SearchField
            label={kind === 'run' ? 'Search runs' : 'Search artifacts'}
            value={text}
            onChange={setText}
          />
        ) : (
          <Button tone="quiet" className="justify-start! px-1!" onClick={() => setCollection(null)}>
            <ChevronLeft className="size-4 shrink-0" aria-hidden />
            <span className="truncate">{collection}</span>
          </Button>
        )}
      </div>
      {kind === 'run' && <RunChoices projectRef={projectRef} text={text} onPick={onPick} />}
      {kind === 'artifact' &&
        (collection === null ? (
          <CollectionChoices projectRef={projectRef} text={text} onPick={setCollection} />
        ) : (
          <VersionChoices collectionRef={{ ...projectRef, collection }} onPick={onPick} />
        ))}
    </>
  );
}

function RunChoices({
  projectRef,
  text,
  onPick,
}: {
  projectRef: ProjectRef;
  text: string;
  onPick: (spec: string) => void;
}) {
  const { data, error } = useQuery(queries.runs(projectRef));
  const found = useMemo(() => {
    const { matches } = parsePattern(text);
    return data?.items.filter(run => matches(run.display_name) || matches(run.id));
  }, [data, text]);
  return (
    <Choice error={error} count={found?.length} label="Runs">
      {found?.slice(0, MAX_OFFERED).map(run => (
        <ChoiceLine key={run.id} onPick={() => onPick(runSpec({ ...projectRef, run: run.id }))}>
          <StateMark state={run.state} />
          <span className="min-w-0 flex-1 truncate text-left" title={run.display_name}>
            {run.display_name}
          </span>
          <span className="text-12 text-ink-3">
            <Ago time={run.created_at} />
          </span>
        </ChoiceLine>
      ))}
    </Choice>
  );
}

function CollectionChoices({
  projectRef,
  text,
  onPick,
}: {
  projectRef: ProjectRef;
  text: string;
  onPick: (collection: string) => void;
}) {
  const search = useDebounced(text.trim(), SETTLE_MS);
  const { data, error } = useQuery(artifactQueries.offeredCollections(projectRef, search));
  return (
    <Choice error={error} count={data && (data.total ?? data.items.length)} label="Artifacts">
      {data?.items.map(({ name, type, n_versions: count }) => (
        <ChoiceLine key={name} onPick={() => onPick(name)}>
          <span className="min-w-0 flex-1 truncate text-left" title={name}>
            {name}
          </span>
          <span className="tabular text-12 text-ink-3">
            {type} · {formatInteger(count)}
          </span>
        </ChoiceLine>
      ))}
    </Choice>
  );
}

function VersionChoices({
  collectionRef,
  onPick,
}: {
  collectionRef: CollectionRef;
  onPick: (spec: string) => void;
}) {
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    artifactQueries.versions(collectionRef),
  );
  const versions = data?.pages.flatMap(page => page.items);
  return (
    <Choice error={error} count={versions?.length} label="Versions" isWhole>
      {versions?.map(version => (
        <ChoiceLine key={version.version} onPick={() => onPick(versionSpec(version))}>
          <span className="font-mono text-12">{version.version}</span>
          <span className="flex min-w-0 flex-1 gap-1">
            {version.aliases.slice(0, 3).map(alias => (
              <Chip key={alias} tone="accent">
                {alias}
              </Chip>
            ))}
          </span>
          <span className="text-12 text-ink-3">
            <Ago time={version.created_at} />
          </span>
        </ChoiceLine>
      ))}
      {hasNextPage && (
        <li className="p-1">
          <Button tone="quiet" disabled={isFetching} onClick={() => void fetchNextPage()}>
            Show older versions
          </Button>
        </li>
      )}
    </Choice>
  );
}

interface ChoiceProps {
  label: string;
  error: Error | null;
  /** How many there are; undefined while they are fetched. */
  count: number | undefined;
  isWhole?: boolean;
  children: ReactNode;
}

function Choice({ label, error, count, isWhole, children }: ChoiceProps) {
  if (error) return <ErrorState error={error} />;
  if (count === undefined) return <SkeletonRows rows={8} />;
  return (
    <>
      <ul aria-label={label} className="min-h-0 flex-1 overflow-y-auto p-1">
        {children}
        {count === 0 && <li className="p-2 text-ink-3">Nothing has this name</li>}
      </ul>
      {!isWhole && count > MAX_OFFERED && (
        <p className="tabular border-t border-line px-3 py-1.5 text-12 text-ink-3">
          {MAX_OFFERED} of {formatInteger(count)}: search to find others
        </p>
      )}
    </>
  );
}

function ChoiceLine({ onPick, children }: { onPick: () => void; children: ReactNode }) {
  return (
    <li>
      <button
        type="button"
        onClick={onPick}
        className="flex h-8 w-full items-center gap-2 rounded-sm px-2 hover:bg-hover"
      >
        {children}
      </button>
    </li>
  );
}
