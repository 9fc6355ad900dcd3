import { X } from 'lucide-react';
import { Fact, Facts } from '~/pages/run/Facts';
import { Button, IconButton } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { Link } from '~/ui/Link';
import { StateMark } from '~/ui/StateMark';
import { Ago } from '~/ui/Time';
import { formatBytes, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { nodeSpec } from '~/util/spec';
import { nameOf, pageOf, typeOf } from './item';
import type { LineageNode } from '~/api/schema';

export interface SideCardProps {
  node: LineageNode;
  /** What the lineage is of. */
  focus: LineageNode;
  onHide: () => void;
  onClose: () => void;
}

const LINK =
  'inline-flex h-7 items-center rounded-md border border-line-strong bg-raised px-2.5 font-medium hover:bg-hover';

/** What is known of a node, and where to go from it. */
export function SideCard({ node, focus, onHide, onClose }: SideCardProps) {
  const { artifact, run } = node;
  const place = artifact ?? run;
  if (!place) return null;
  const { entity, project } = place;
  const isFocus = node.id === focus.id;
  return (
    <aside
      aria-label={`About ${nameOf(node)}`}
      className="absolute top-2 right-2 z-20 flex max-h-[calc(100%-1rem)] w-72 flex-col overflow-y-auto rounded-md border border-line bg-raised shadow-float max-sm:inset-x-2 max-sm:top-auto max-sm:bottom-12 max-sm:max-h-[55%] max-sm:w-auto"
    >
      <header className="flex items-start gap-2 border-b border-line py-2 pr-1 pl-3">
        <div className="min-w-0 flex-1">
          <p className="text-12 text-ink-3">{run ? `Run · ${typeOf(node)}` : typeOf(node)}</p>
          <Link href={pageOf(node)} className="font-medium break-words hover:underline">
            {nameOf(node)}
          </Link>
        </div>
        <IconButton label="Close" small onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </header>
      <div className="px-3 py-1 [&_dl]:grid-cols-[5.5rem_minmax(0,1fr)] [&_dl>:nth-last-child(-n+2)]:border-0">
        <Facts>
          {run && (
            <Fact name="State">
              <StateMark state={run.state} withLabel />
            </Fact>
          )}
          {run?.group && <Fact name="Group">{run.group}</Fact>}
          {artifact && artifact.aliases.length > 0 && (
            <Fact name="Aliases">
              <span className="flex flex-wrap gap-1">
                {artifact.aliases.map(alias => (
                  <Chip key={alias} tone="accent">
                    {alias}
                  </Chip>
                ))}
              </span>
            </Fact>
          )}
          {artifact && (
            <Fact name="Size">
              <span className="tabular">
                {formatBytes(artifact.size_bytes)} in {plural(artifact.n_files, 'file')}
              </span>
            </Fact>
          )}
          <Fact name="Created">
            <Ago time={place.created_at} />
          </Fact>
          <Fact name="Project">
            <Link href={paths.workspace(entity, project)} className="hover:underline">
              {entity}/{project}
            </Link>
          </Fact>
          {node.n_hidden_up + node.n_hidden_down > 0 && (
            <Fact name="Not shown">
              <span className="tabular">
                {node.n_hidden_up} upstream, {node.n_hidden_down} downstream
              </span>
            </Fact>
          )}
        </Facts>
      </div>
      <footer className="flex flex-wrap gap-1.5 border-t border-line p-2">
        <Link href={pageOf(node)} className={LINK}>
          Open
        </Link>
        {!isFocus && (
          <>
            <Link href={paths.lineage(entity, project, nodeSpec(node))} className={LINK}>
              Lineage of it
            </Link>
            {node.kind === focus.kind && (
              <Link
                href={paths.compare(entity, project, nodeSpec(focus), nodeSpec(node))}
                className={LINK}
              >
                What changed?
              </Link>
            )}
            <Button tone="quiet" onClick={onHide}>
              Hide
            </Button>
          </>
        )}
      </footer>
    </aside>
  );
}
