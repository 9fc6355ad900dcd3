import { Maximize, Minus, Plus } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { IconButton } from '~/ui/Button';
import { StateMark } from '~/ui/StateMark';
import { cx } from '~/util/class-names';
import type { FoldedGraph, GraphItem } from './clusters';
import { describe, labelOf, typeOf } from './item';
import { layOut, type Layout, type Point } from './layout';
import { curveThrough, reachOf } from './paths';
import { usePanZoom, type Covered } from './use-pan-zoom';

const GAPS = { layer: 72, row: 14 };
const SIZES = { artifact: { width: 176, height: 40 }, run: { width: 112, height: 56 } };
const CIRCLE = 28;
/** The card about a node, and the window's width below which it lies at its foot. */
const CARD = { width: 300, height: 280, narrow: 640 };

export interface LineageGraphProps {
  graph: FoldedGraph;
  /** Id of the item that the graph is of. */
  focus: string;
  selected: string | null;
  onSelect: (item: GraphItem) => void;
  onUnfold: (item: GraphItem) => void;
  /** Items that a search found. */
  hits: Set<string>;
  /** Brought into the middle when it changes. */
  shown: string | null;
  /** Fits the window anew when it changes. */
  fitKey: string;
}

/** The graph from left to right: versions as rectangles, runs as circles. */
export function LineageGraph({
  graph,
  focus,
  selected,
  onSelect,
  onUnfold,
  hits,
  shown,
  fitKey,
}: LineageGraphProps) {
  const layout = useMemo(() => layoutOf(graph), [graph]);
  const view = usePanZoom(layout);
  const { frame, content, fit, reveal, pin, toFrame } = view;
  const lit = useMemo(() => reachOf(selected ?? focus, graph.edges), [selected, focus, graph]);
  const [current, setCurrent] = useState<string | null>(null);
  const reachable = current !== null && layout.places.has(current) ? current : (selected ?? focus);
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  /** Where something stood that is about to be placed anew. */
  const pinned = useRef<{ id: string; at: Point } | null>(null);

  const fitted = useRef<string | null>(null);
  useLayoutEffect(() => {
    const held = pinned.current;
    pinned.current = null;
    const place = held && layout.places.get(held.id);
    if (held && place) pin(place, held.at);
    else if (fitted.current !== fitKey) fit();
    fitted.current = fitKey;
  }, [layout, fitKey, fit, pin]);
  useEffect(() => {
    const box = frame.current;
    if (!box) return undefined;
    // What is fitted stays so while the window is resized.
    let width = box.clientWidth;
    const observer = new ResizeObserver(() => {
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      fit();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [frame, fit]);
  useEffect(() => {
    const place = shown === null ? undefined : layout.places.get(shown);
    if (place) reveal(place, true, coveredOf(frame.current));
  }, [shown, layout, reveal, frame]);
  const select = (item: GraphItem) => {
    const place = layout.places.get(item.id);
    if (place && item.id !== selected) reveal(place, false, coveredOf(frame.current));
    onSelect(item);
  };

  const unfold = (item: GraphItem) => {
    const place = layout.places.get(item.id);
    if (place) pinned.current = { id: item.members[0].id, at: toFrame(place) };
    setCurrent(item.members[0].id);
    onUnfold(item);
  };
  const onKeyDown = (event: KeyboardEvent, item: GraphItem) => {
    const next = neighbourOf(item.id, event.key, graph, layout);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    setCurrent(next);
    buttons.current.get(next)?.focus({ preventScroll: true });
    reveal(layout.places.get(next) as Point);
  };
  return (
    <div className="relative min-h-0 flex-1 overflow-hidden">
      <div
        ref={frame}
        role="group"
        aria-label="Lineage graph"
        // Moved by arrow keys.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="group/graph absolute inset-0 cursor-grab touch-none overflow-hidden select-none active:cursor-grabbing"
      >
        <div ref={content} className="absolute top-0 left-0 origin-top-left">
          <Edges graph={graph} layout={layout} lit={lit} />
          {graph.items.map(item => (
            <Item
              key={item.id}
              item={item}
              place={layout.places.get(item.id) as Point}
              isFocus={item.id === focus}
              isSelected={item.id === selected}
              isLit={lit.has(item.id)}
              isHit={hits.has(item.id)}
              tabIndex={item.id === reachable ? 0 : -1}
              onRef={button => {
                if (button) buttons.current.set(item.id, button);
                else buttons.current.delete(item.id);
              }}
              onKeyDown={event => onKeyDown(event, item)}
              onClick={() => (item.members.length > 1 ? unfold(item) : select(item))}
              onFocus={() => setCurrent(item.id)}
            />
          ))}
        </div>
      </div>
      <div className="absolute bottom-2 left-2 flex rounded-md border border-line bg-raised">
        <IconButton label="Zoom in" onClick={() => view.zoomBy(1.25)}>
          <Plus aria-hidden />
        </IconButton>
        <IconButton label="Zoom out" onClick={() => view.zoomBy(0.8)}>
          <Minus aria-hidden />
        </IconButton>
        <IconButton label="Show all" onClick={fit}>
          <Maximize aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

/** What the card about a node covers: the right of the window, or its foot where it is narrow. */
function coveredOf(box: HTMLElement | null): Covered {
  if (!box || box.clientWidth < CARD.narrow) return { right: 0, bottom: CARD.height };
  return { right: CARD.width, bottom: 0 };
}

function layoutOf({ items, edges }: FoldedGraph): Layout {
  const nodes = items.map(({ id, kind }) => ({
    id,
    ...SIZES[kind],
    // Versions and runs take turns, so a layer holds one kind.
    firstLayer: kind === 'run' ? 1 : 0,
  }));
  const layout = layOut(nodes, edges, GAPS);
  // Edges meet a run at its circle, which is smaller than the room its name takes.
  const kinds = new Map(items.map(({ id, kind }) => [id, kind]));
  const inset = (SIZES.run.width - CIRCLE) / 2;
  layout.routes.forEach((route, place) => {
    if (route.length === 0) return;
    const { from, to } = edges[place];
    const forth = route[0].x < route[route.length - 1].x ? 1 : -1;
    if (kinds.get(from) === 'run') route[0].x -= inset * forth;
    if (kinds.get(to) === 'run') route[route.length - 1].x += inset * forth;
  });
  return layout;
}

/** Where an arrow key leads: along an edge, or to what stands above or below. */
function neighbourOf(
  id: string,
  key: string,
  { edges }: FoldedGraph,
  { layers, places }: Layout,
): string | null {
  const here = places.get(id) as Point;
  const nearest = (ids: string[]): string | null =>
    ids.toSorted(
      (a, b) =>
        Math.abs((places.get(a) as Point).y - here.y) -
        Math.abs((places.get(b) as Point).y - here.y),
    )[0] ?? null;
  if (key === 'ArrowLeft')
    return nearest(edges.filter(edge => edge.to === id).map(edge => edge.from));
  if (key === 'ArrowRight')
    return nearest(edges.filter(edge => edge.from === id).map(edge => edge.to));
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null;
  const layer = layers.find(ids => ids.includes(id)) ?? [];
  return layer[layer.indexOf(id) + (key === 'ArrowUp' ? -1 : 1)] ?? null;
}

interface EdgesProps {
  graph: FoldedGraph;
  layout: Layout;
  lit: Set<string>;
}

function Edges({ graph: { edges }, layout, lit }: EdgesProps) {
  const drawn = edges.map(({ from, to, count }, place) => ({
    key: `${from} ${to}`,
    path: curveThrough(layout.routes[place]),
    isLit: lit.has(from) && lit.has(to),
    count,
  }));
  return (
    <svg
      aria-hidden
      width={Math.max(1, layout.width)}
      height={Math.max(1, layout.height)}
      className="pointer-events-none absolute top-0 left-0 overflow-visible"
    >
      {/* What is lit lies above the rest. */}
      {drawn
        .toSorted((a, b) => Number(a.isLit) - Number(b.isLit))
        .map(({ key, path, isLit, count }) => (
          <path
            key={key}
            d={path}
            fill="none"
            stroke={isLit ? 'var(--accent)' : 'var(--line-strong)'}
            strokeOpacity={isLit ? 0.75 : 0.6}
            strokeWidth={count > 1 ? 2.5 : 1.25}
            vectorEffect="non-scaling-stroke"
          />
        ))}
    </svg>
  );
}

interface ItemProps {
  item: GraphItem;
  place: Point;
  isFocus: boolean;
  isSelected: boolean;
  isLit: boolean;
  isHit: boolean;
  tabIndex: number;
  onRef: (button: HTMLButtonElement | null) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onClick: () => void;
  onFocus: () => void;
}

function Item({ item, place, isFocus, isSelected, isLit, isHit, onRef, ...events }: ItemProps) {
  const { kind, members } = item;
  const [first] = members;
  const isCluster = members.length > 1;
  const isRun = kind === 'run';
  const hidden = (side: 'n_hidden_up' | 'n_hidden_down'): number =>
    members.reduce((sum, member) => sum + member[side], 0);
  const size = isRun ? { width: CIRCLE, height: CIRCLE } : SIZES.artifact;
  const title = `${describe(item)}${isFocus ? ' (what this lineage is of)' : ''}`;
  return (
    <div
      className="absolute"
      style={{ left: place.x, top: place.y, width: 0, height: 0 }}
      data-lit={isLit || undefined}
    >
      <Beyond count={hidden('n_hidden_up')} side="left" width={size.width} />
      <Beyond count={hidden('n_hidden_down')} side="right" width={size.width} />
      <button
        type="button"
        ref={onRef}
        aria-label={title}
        title={title}
        aria-pressed={isCluster ? undefined : isSelected}
        aria-expanded={isCluster ? false : undefined}
        {...events}
        className={cx(
          'absolute flex -translate-x-1/2 -translate-y-1/2 cursor-pointer items-center border',
          isRun ? 'justify-center rounded-full' : 'rounded-md px-2 text-left',
          isFocus
            ? 'border-accent bg-accent-soft group-data-far/graph:bg-accent group-data-far/graph:text-on-accent'
            : isLit
              ? 'border-accent bg-raised'
              : 'border-line-strong bg-bg',
          'group-data-far/graph:border-2',
          isLit && !isFocus && 'group-data-far/graph:bg-accent-soft',
          isCluster && 'shadow-[3px_3px_0_-1px_var(--bg),3px_3px_0_0_var(--line-strong)]',
          isSelected && 'outline-2 outline-offset-2 outline-accent',
          isHit && 'outline-3 outline-offset-1 outline-warn',
        )}
        style={size}
      >
        {isRun ? (
          isCluster ? (
            <span className="tabular text-12 font-medium">{members.length}</span>
          ) : (
            first.run && <StateMark state={first.run.state} />
          )
        ) : (
          <span
            className={cx(
              'flex min-w-0 flex-1 flex-col group-data-distant/graph:hidden',
              !isLit && 'text-ink-3',
            )}
          >
            <span className="truncate text-12 leading-4 font-medium group-data-far/graph:text-20 group-data-far/graph:leading-8">
              {labelOf(item)}
            </span>{' '}
            <span className="flex min-w-0 gap-1 text-11 leading-4 text-ink-3 group-data-far/graph:hidden">
              <span className="truncate">{typeOf(first)}</span>{' '}
              {!isCluster && first.artifact && first.artifact.aliases.length > 0 && (
                <span className="truncate text-accent">{first.artifact.aliases.join(' ')}</span>
              )}
            </span>
          </span>
        )}
      </button>
      {isRun && (
        <span
          aria-hidden
          className={cx(
            'pointer-events-none absolute top-[15px] line-clamp-1 w-28 -translate-x-1/2 text-center text-11 leading-4 break-all group-data-far/graph:invisible',
            isLit ? 'text-ink-2' : 'text-ink-3',
          )}
        >
          {isCluster ? `${labelOf(item)} · ${typeOf(first)}` : labelOf(item)}
        </span>
      )}
      {(isSelected || isFocus || isHit) && (
        // Read from afar, too.
        <span
          aria-hidden
          className={cx(
            'pointer-events-none absolute bottom-0 left-0 z-10 hidden origin-bottom rounded-sm border border-line bg-raised px-1 text-12 whitespace-nowrap',
            isRun ? 'group-data-far/graph:block' : 'group-data-distant/graph:block',
          )}
          style={{ transform: 'translate(-50%, -24px) scale(var(--unscale))' }}
        >
          {labelOf(item)}
        </span>
      )}
    </div>
  );
}

/** Says that there are neighbours that are not shown. */
function Beyond({ count, side, width }: { count: number; side: 'left' | 'right'; width: number }) {
  if (count === 0) return null;
  return (
    <span
      title={`${count} more ${side === 'left' ? 'upstream' : 'downstream'} that are not shown`}
      className="tabular absolute bottom-0.5 text-11 leading-4 text-ink-3 group-data-far/graph:invisible"
      style={{ [side === 'left' ? 'right' : 'left']: width / 2 + 3 }}
    >
      +{count}
    </span>
  );
}
