import { useQuery } from '@tanstack/react-query';
import { List, Minus, Plus, Waypoints } from 'lucide-react';
import { useMemo, useState } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { LineageSearch } from '~/pages/artifacts/search';
import { Button, IconButton } from '~/ui/Button';
import { SearchField } from '~/ui/Field';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { formatInteger, plural } from '~/util/format';
import { parsePattern } from '~/util/pattern';
import { useAddress } from '~/workspace/use-search';
import { foldClusters, type GraphItem } from './clusters';
import { nameOf, typeOf } from './item';
import { LineageGraph } from './LineageGraph';
import { LineageList } from './LineageList';
import { SideCard } from './SideCard';
import type { Lineage } from '~/api/schema';

/** Nodes that are asked for at first, and when somebody wants more. */
const LIMITS = [500, 2000];

/** The runs and versions that something came from, and those that came of it. */
export function LineageView({ of }: { of: string }) {
  const [{ up, down }] = useAddress<LineageSearch>();
  const [limit, setLimit] = useState(LIMITS[0]);
  const { data, error, refetch } = useQuery(artifactQueries.lineage(of, up, down, limit));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  return (
    <LoadedLineage
      // Another focus is another graph.
      key={data.focus}
      lineage={data}
      onMore={limit < LIMITS[1] ? () => setLimit(LIMITS[1]) : null}
    />
  );
}

interface LoadedLineageProps {
  lineage: Lineage;
  /** Asks for more nodes; null if so many were asked for already. */
  onMore: (() => void) | null;
}

function LoadedLineage({ lineage, onMore }: LoadedLineageProps) {
  const [{ up, down, list }, change] = useAddress<LineageSearch>();
  const [search, setSearch] = useState('');
  const [selected, setSelected] = useState<string | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState(() => new Set<string>());
  const [hidden, setHidden] = useState(() => new Set<string>());
  const nodes = useMemo(() => lineage.nodes.filter(({ id }) => !hidden.has(id)), [lineage, hidden]);
  const graph = useMemo(
    () => foldClusters(nodes, lineage.edges, lineage.focus, unfolded),
    [nodes, lineage, unfolded],
  );
  const found = useMemo(() => {
    if (search.trim() === '') return null;
    const { matches } = parsePattern(search);
    return nodes.filter(node => matches(nameOf(node)) || matches(typeOf(node)));
  }, [nodes, search]);
  const hits = useMemo(() => {
    const ids = new Set(found?.map(({ id }) => id));
    return new Set(
      graph.items
        .filter(({ members }) => members.some(({ id }) => ids.has(id)))
        .map(({ id }) => id),
    );
  }, [found, graph]);
  const node = nodes.find(({ id }) => id === selected);
  const focus = lineage.nodes.find(({ id }) => id === lineage.focus);

  const unfold = ({ members }: GraphItem) =>
    setUnfolded(new Set([...unfolded, ...members.map(({ id }) => id)]));
  /** Goes from one found node to the next, out of its cluster if need be. */
  const goToHit = (backwards: boolean) => {
    if (!found || found.length === 0) return;
    const at = found.findIndex(({ id }) => id === selected);
    const step = backwards ? -1 : 1;
    const next = found.at((at === -1 && backwards ? 0 : at + step) % found.length);
    if (!next) return;
    const cluster = graph.items.find(
      ({ members }) => members.length > 1 && members.some(({ id }) => id === next.id),
    );
    if (cluster) unfold(cluster);
    setSelected(next.id);
    setShown(next.id);
  };
  const folded = graph.items.filter(({ members }) => members.length > 1);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="toolbar"
        aria-label="Lineage"
        className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-3 py-1.5"
      >
        <SearchField
          label="Search lineage"
          placeholder="name or type"
          value={search}
          onChange={setSearch}
          onSubmit={goToHit}
          className="w-60 max-sm:w-full"
        />
        {found && (
          <span role="status" aria-label="Found" className="tabular text-12 text-ink-3">
            {formatInteger(found.length)} found
          </span>
        )}
        <StepControl
          label="Steps up"
          value={up}
          deepest={-Math.min(0, ...lineage.nodes.map(({ depth }) => depth))}
          isAll={lineage.nodes.every(item => item.depth > 0 || item.n_hidden_up === 0)}
          onChange={value => change({ up: value })}
        />
        <StepControl
          label="down"
          value={down}
          deepest={Math.max(0, ...lineage.nodes.map(({ depth }) => depth))}
          isAll={lineage.nodes.every(item => item.depth < 0 || item.n_hidden_down === 0)}
          onChange={value => change({ down: value })}
        />
        <span className="flex-1" />
        {unfolded.size > 0 && (
          <Button tone="quiet" onClick={() => setUnfolded(new Set())}>
            Fold all
          </Button>
        )}
        {hidden.size > 0 && (
          <Button tone="quiet" onClick={() => setHidden(new Set())}>
            Show {plural(hidden.size, 'hidden node')}
          </Button>
        )}
        <IconButton
          label={list ? 'Show as a graph' : 'Show as a list'}
          onClick={() => change({ list: list ? undefined : true })}
        >
          {list ? <Waypoints aria-hidden /> : <List aria-hidden />}
        </IconButton>
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col">
        {list ? (
          <LineageList nodes={found ?? nodes} />
        ) : (
          <LineageGraph
            graph={graph}
            focus={lineage.focus}
            selected={selected}
            onSelect={item => setSelected(item.id === selected ? null : item.id)}
            onUnfold={unfold}
            hits={hits}
            shown={shown}
            fitKey={`${up} ${down} ${lineage.nodes.length}`}
          />
        )}
        {node && focus && !list && (
          <SideCard
            node={node}
            focus={focus}
            onClose={() => setSelected(null)}
            onHide={() => {
              setHidden(new Set([...hidden, node.id]));
              setSelected(null);
            }}
          />
        )}
      </div>
      <p
        role="status"
        aria-label="What is shown"
        className="tabular flex flex-wrap items-center gap-x-2 border-t border-line px-3 py-1 text-12 text-ink-3"
      >
        <span>
          {plural(nodes.filter(item => item.kind === 'run').length, 'run')},{' '}
          {plural(nodes.filter(item => item.kind === 'artifact').length, 'version')}
          {!list && folded.length > 0 && `, ${plural(folded.length, 'group')} folded`}
        </span>
        {lineage.truncated && (
          <span className="text-warn">
            only the nearest {formatInteger(lineage.nodes.length)}
            {lineage.n_nodes_total !== null && ` of ${formatInteger(lineage.n_nodes_total)}`} are
            shown
            {onMore && (
              <button type="button" onClick={onMore} className="ml-1 underline">
                show more
              </button>
            )}
          </span>
        )}
        {!lineage.truncated &&
          lineage.nodes.some(item => item.n_hidden_up + item.n_hidden_down > 0) && (
            <span>+n counts neighbours that are not shown</span>
          )}
        {lineage.n_hidden > 0 && (
          <span>{formatInteger(lineage.n_hidden)} in projects that you may not see</span>
        )}
      </p>
    </div>
  );
}

interface StepControlProps {
  label: string;
  /** Undefined for all there are. */
  value: number | undefined;
  /** Steps to the node that is furthest away. */
  deepest: number;
  /** There is nothing beyond what is shown. */
  isAll: boolean;
  onChange: (value: number | undefined) => void;
}

function StepControl({ label, value, deepest, isAll, onChange }: StepControlProps) {
  const fewer = Math.min(value ?? deepest, deepest) - 1;
  return (
    <span role="group" aria-label={label} className="flex items-center gap-0.5 text-12 text-ink-2">
      {label}
      <IconButton
        label={`Fewer steps: ${label}`}
        small
        disabled={fewer < 0}
        onClick={() => onChange(fewer)}
      >
        <Minus aria-hidden />
      </IconButton>
      <span className="tabular min-w-4 text-center text-ink">{value ?? 'all'}</span>
      <IconButton
        label={`More steps: ${label}`}
        small
        disabled={value === undefined}
        onClick={() => onChange(isAll || value === undefined ? undefined : value + 1)}
      >
        <Plus aria-hidden />
      </IconButton>
    </span>
  );
}
