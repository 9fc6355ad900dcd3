import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Link } from '~/ui/Link';
import { StateMark } from '~/ui/StateMark';
import { EmptyState } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cx } from '~/util/class-names';
import { nameOf, pageOf, typeOf } from './item';
import type { LineageNode } from '~/api/schema';

const ROW = 30;
const COLUMNS =
  'grid grid-cols-[9rem_minmax(10rem,1fr)_10rem_8rem] max-sm:grid-cols-[6rem_minmax(0,1fr)_6rem] items-center gap-3 px-4';

/** The same nodes as a table, from the furthest upstream to the furthest downstream. */
export function LineageList({ nodes }: { nodes: LineageNode[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => nodes.toSorted((a, b) => a.depth - b.depth || nameOf(a).localeCompare(nameOf(b), 'en')),
    [nodes],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  if (rows.length === 0) return <EmptyState title="Nothing has this name" />;
  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Lineage"
      aria-rowcount={rows.length + 1}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-bg">
        <div role="row" className={cx(COLUMNS, 'h-8 text-12 text-ink-3')}>
          <span role="columnheader">Where</span>
          <span role="columnheader">Name</span>
          <span role="columnheader">Kind</span>
          <span role="columnheader" className="text-right max-sm:hidden">
            Created
          </span>
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => {
          const node = rows[item.index];
          const { run, artifact } = node;
          return (
            <div
              key={node.id}
              role="row"
              aria-rowindex={item.index + 2}
              className={cx(COLUMNS, 'absolute inset-x-0 border-b border-line hover:bg-surface')}
              style={{ top: item.start, height: ROW }}
            >
              <span role="cell" className="tabular text-ink-3">
                {whereOf(node.depth)}
              </span>
              <span role="cell" className="flex min-w-0 items-center gap-1.5">
                {run && <StateMark state={run.state} />}
                <Link href={pageOf(node)} className="truncate font-medium hover:underline">
                  {nameOf(node)}
                </Link>
              </span>
              <span role="cell" className="truncate text-ink-2">
                {run ? `run · ${typeOf(node)}` : typeOf(node)}
              </span>
              <span role="cell" className="text-right text-ink-2 max-sm:hidden">
                <Ago time={(artifact ?? run)?.created_at ?? ''} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function whereOf(depth: number): string {
  if (depth === 0) return 'this one';
  return depth < 0 ? `${-depth} upstream` : `${depth} downstream`;
}
