import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { useArtifactEdits, type ArtifactEdits } from '~/api/artifact-edits';
import { useNow } from '~/hooks/use-now';
import { useProjectRole } from '~/hooks/use-project-role';
import { IconButton } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { InlineEdit } from '~/ui/InlineEdit';
import { Link } from '~/ui/Link';
import { StateMark } from '~/ui/StateMark';
import { CutNote, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cutNote, formatBytes, formatDateTime, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { canWrite } from '~/util/roles';
import { versionSpec } from '~/util/spec';
import { TagEditor } from '~/workspace/TagEditor';
import { Fact, Facts } from '../run/Facts';
import { JsonTree } from '../run/JsonTree';
import type { Collection, RunReference, Version } from '~/api/schema';

const MetadataEditor = lazy(() =>
  import('./MetadataEditor').then(module => ({ default: module.MetadataEditor })),
);

/** The alias that the server moves by itself. */
const LATEST = 'latest';
const DAY_S = 86_400;
const LIFETIMES = [1, 7, 30, 90, 365];
const MAX_USERS = 50;

export interface VersionOverviewProps {
  version: Version;
  collection: Collection | undefined;
  mayEdit: boolean;
}

/** Two columns: facts that people edit and facts that stay, and the metadata. */
export function VersionOverview({ version, collection, mayEdit }: VersionOverviewProps) {
  const edits = useArtifactEdits(version);
  const { source } = version;
  const isHidden = collection?.kind === 'links' && !source;
  // What is said of a version is said where it was logged; a link has aliases and tags of its own.
  const role = useProjectRole(source ?? version);
  const mayDescribe = mayEdit && canWrite(role) && !isHidden;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="grid max-w-[110rem] gap-x-8 gap-y-6 p-4 lg:grid-cols-2">
        <section aria-label="Version" className="min-w-0">
          <h2 className="mb-1 flex h-7 items-center text-14 font-medium">Version</h2>
          <Facts>
            <Fact name="Description">
              <InlineEdit
                label="Description"
                value={version.description ?? ''}
                multiline
                placeholder="Add a description"
                onSave={
                  mayDescribe ? description => edits.patch(version, { description }) : undefined
                }
              />
            </Fact>
            <Fact name="Aliases">
              <NameList
                names={version.aliases}
                fixed={LATEST}
                noun="alias"
                note="An alias that another version has moves to this one."
                onSave={mayEdit ? aliases => edits.patch(version, { aliases }) : undefined}
              />
            </Fact>
            <Fact name="Tags">
              <NameList
                names={version.tags}
                noun="tag"
                onSave={mayEdit ? tags => edits.patch(version, { tags }) : undefined}
              />
            </Fact>
            {source && (
              <Fact name="Links to">
                <Link
                  href={paths.version({ ...source, type: version.type })}
                  className="text-accent underline"
                >
                  {source.entity !== version.entity && `${source.entity}/`}
                  {source.project}/{source.collection}:{source.version}
                </Link>
              </Fact>
            )}
            {isHidden && (
              <Fact name="Links to">
                <span className="text-ink-3">a version of a project that you do not see</span>
              </Fact>
            )}
            <Fact name="Logged by">
              {version.logged_by ? (
                <RunLink run={version.logged_by} />
              ) : (
                <span className="text-ink-3">no run</span>
              )}
            </Fact>
            <Fact name="Used by">
              <UsedBy version={version} />
            </Fact>
            <Fact name="Created">
              {formatDateTime(Date.parse(version.created_at))}{' '}
              <span className="text-ink-3">
                (<Ago time={version.created_at} />)
              </span>
            </Fact>
            <Fact name="Keep">
              <Lifetime
                version={version}
                onSave={mayDescribe ? ttl_s => edits.patch(version, { ttl_s }) : undefined}
              />
            </Fact>
            <Fact name="Size">
              <span className="tabular">
                {formatBytes(version.size_bytes)} in {plural(version.n_files, 'file')}
              </span>
            </Fact>
            <Fact name="Type">{version.type}</Fact>
            <Fact name="Digest" mono copy={version.digest}>
              <span className="break-all">{version.digest}</span>
            </Fact>
          </Facts>
          {collection && <CollectionFacts collection={collection} edits={mayEdit ? edits : null} />}
        </section>
        <Metadata key={versionSpec(version)} version={version} mayEdit={mayDescribe} />
      </div>
    </div>
  );
}

/** The metadata as a tree, or as text while it is edited. */
function Metadata({ version, mayEdit }: { version: Version; mayEdit: boolean }) {
  const [isEditing, setEditing] = useState(false);
  if (isEditing)
    return (
      <section aria-label="Metadata" className="min-w-0">
        <h2 className="mb-1 flex h-7 items-center text-14 font-medium">Metadata</h2>
        <Suspense fallback={<SkeletonRows rows={8} />}>
          <MetadataEditor version={version} onClose={() => setEditing(false)} />
        </Suspense>
      </section>
    );
  return (
    <JsonTree
      title="Metadata"
      value={version.metadata}
      emptyText="This version has no metadata. Pass some to wandb.Artifact(metadata=…)."
      actions={
        mayEdit && (
          <IconButton label="Edit metadata" onClick={() => setEditing(true)}>
            <Pencil aria-hidden />
          </IconButton>
        )
      }
    />
  );
}

interface CollectionFactsProps {
  collection: Collection;
  /** Null for who may not edit. */
  edits: ArtifactEdits | null;
}

function CollectionFacts({ collection, edits }: CollectionFactsProps) {
  return (
    <>
      <h2 className="mt-6 mb-1 flex h-7 items-center text-14 font-medium">Collection</h2>
      <Facts>
        <Fact name="Description">
          <InlineEdit
            label="Description of the collection"
            value={collection.description ?? ''}
            multiline
            placeholder="Say what all its versions are"
            onSave={
              edits ? description => edits.patchCollection(collection, { description }) : undefined
            }
          />
        </Fact>
        <Fact name="Tags">
          <NameList
            names={collection.tags}
            noun="tag"
            of="of the collection"
            onSave={edits ? tags => edits.patchCollection(collection, { tags }) : undefined}
          />
        </Fact>
        <Fact name="Size">
          <span className="tabular">
            {formatBytes(collection.size_bytes)} in {plural(collection.n_versions, 'version')}
          </span>
        </Fact>
      </Facts>
    </>
  );
}

export function RunLink({ run }: { run: RunReference }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <StateMark state={run.state} />
      <Link
        href={paths.run(run.entity, run.project, run.run)}
        className="min-w-0 truncate text-accent underline"
        title={run.name}
      >
        {run.name}
      </Link>
    </span>
  );
}

/** The runs that used a version, listed when somebody asks. */
function UsedBy({ version }: { version: Version }) {
  const { n_used_by: count } = version;
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({
    ...artifactQueries.lineage(versionSpec(version), 0, 1, MAX_USERS + 1),
    enabled: isOpen,
  });
  const runs = data?.nodes.flatMap(node => (node.depth > 0 && node.run ? [node.run] : [])) ?? [];
  if (count === 0) return <span className="text-ink-3">no run yet</span>;
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className="tabular cursor-pointer">{plural(count, 'run')}</summary>
      <ul className="flex flex-col pl-4">
        {runs.map(run => (
          <li key={run.run}>
            <RunLink run={run} />
          </li>
        ))}
      </ul>
      {data?.truncated && <CutNote note={cutNote('first', runs.length, count)} />}
    </details>
  );
}

interface NameListProps {
  names: string[];
  noun: 'alias' | 'tag';
  /** A name that only the server gives and takes. */
  fixed?: string;
  note?: string;
  /** What they are names of, where that is not the version. */
  of?: string;
  /** Without it they cannot be edited. */
  onSave: ((names: string[]) => void) | undefined;
}

function NameList({ names, noun, fixed, note, of, onSave }: NameListProps) {
  const [isOpen, setOpen] = useState(false);
  const isFixed = (name: string): boolean => name === fixed;
  return (
    <span className="flex flex-wrap items-center gap-1">
      {names.map(name => (
        <Chip key={name} tone={noun === 'alias' ? 'accent' : 'plain'} title={name}>
          {name}
        </Chip>
      ))}
      {!onSave && names.length === 0 && <span className="text-ink-3">none</span>}
      {onSave && (
        <button
          type="button"
          aria-label={of && `Edit ${noun === 'alias' ? 'aliases' : 'tags'} ${of}`}
          onClick={() => setOpen(true)}
          className="flex h-6 items-center gap-1 rounded-full border border-dashed border-line-strong px-2 text-12 text-ink-3 hover:text-ink"
        >
          <Plus className="size-3" aria-hidden />
          Edit {noun === 'alias' ? 'aliases' : 'tags'}
        </button>
      )}
      {isOpen && onSave && (
        <TagEditor
          tags={names.filter(name => !isFixed(name))}
          known={[]}
          noun={noun}
          note={note}
          onClose={() => setOpen(false)}
          onSave={edited => onSave([...names.filter(isFixed), ...edited])}
        />
      )}
    </span>
  );
}

const lifetimeText = (days: number | null): string =>
  days === null ? 'for ever' : `for ${plural(Number(days.toFixed(2)), 'day')}`;

function Lifetime({
  version: { ttl_s: ttl, created_at },
  onSave,
}: {
  version: Version;
  onSave: ((ttl: number | null) => void) | undefined;
}) {
  const now = useNow(60_000);
  const days = ttl === null ? null : ttl / DAY_S;
  const offered = days === null || LIFETIMES.includes(days) ? LIFETIMES : [...LIFETIMES, days];
  const end = ttl === null ? null : Date.parse(created_at) + ttl * 1000;
  return (
    <span className="flex flex-wrap items-center gap-2">
      {onSave ? (
        <select
          aria-label="Keep"
          value={days ?? ''}
          onChange={event =>
            onSave(event.target.value === '' ? null : Number(event.target.value) * DAY_S)
          }
          className="-ml-1 h-6 rounded-sm border border-line bg-bg px-0.5"
        >
          <option value="">{lifetimeText(null)}</option>
          {offered.map(count => (
            <option key={count} value={count}>
              {lifetimeText(count)}
            </option>
          ))}
        </select>
      ) : (
        lifetimeText(days)
      )}
      {end !== null && (
        <span className="text-12 text-ink-3">
          {end > now ? 'deleted on' : 'due for deletion since'} {formatDateTime(end)}
        </span>
      )}
    </span>
  );
}
