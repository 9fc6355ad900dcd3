import { ChevronDown, ChevronRight, Copy } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { Json, JsonObject } from '~/api/schema';
import { showToast } from '~/stores/toasts';
import { IconButton } from '~/ui/Button';
import { SearchField } from '~/ui/Field';
import { Menu } from '~/ui/Menu';
import { copyText } from '~/util/clipboard';
import { toYaml } from '~/util/yaml';
import { leafText, treeRows, type TreeRow } from './json-rows';

const MAX_ROWS = 2000;

export interface JsonTreeProps {
  title: string;
  value: JsonObject;
  emptyText: string;
  /** Shown in the head. */
  actions?: ReactNode;
}

/** A nested value as a tree that folds and searches, to be copied as JSON or YAML. */
export function JsonTree({ title, value, emptyText, actions }: JsonTreeProps) {
  const [search, setSearch] = useState('');
  const [folded, setFolded] = useState(() => new Set<string>());
  const rows = useMemo(() => treeRows(value, search, folded), [value, search, folded]);
  const empty = Object.keys(value).length === 0;
  const toggle = (path: string) =>
    setFolded(old => {
      const next = new Set(old);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  const copy = async (text: string) => {
    if (await copyText(text)) showToast({ text: `${title.toLowerCase()} copied` });
  };
  return (
    <section aria-label={title} className="min-w-0">
      <div className="mb-1 flex items-center gap-2">
        <h2 className="flex-1 text-14 font-medium">{title}</h2>
        {!empty && (
          <>
            <SearchField
              label={`Search ${title.toLowerCase()}`}
              placeholder="name or value"
              value={search}
              onChange={setSearch}
              className="w-44"
            />
            <Menu
              entries={() => [
                {
                  label: 'Copy as JSON',
                  onSelect: () => void copy(JSON.stringify(value, null, 2)),
                },
                { label: 'Copy as YAML', onSelect: () => void copy(toYaml(value)) },
              ]}
            >
              <IconButton label={`Copy ${title.toLowerCase()}`}>
                <Copy aria-hidden />
              </IconButton>
            </Menu>
          </>
        )}
        {actions}
      </div>
      {empty && <p className="text-ink-3">{emptyText}</p>}
      {!empty && rows.length === 0 && <p className="py-2 text-ink-3">Nothing matches</p>}
      <div role="tree" aria-label={title}>
        {rows.slice(0, MAX_ROWS).map(row => (
          <TreeLine
            key={row.path}
            row={row}
            isOpen={search !== '' || !folded.has(row.path)}
            onToggle={() => toggle(row.path)}
          />
        ))}
      </div>
      {rows.length > MAX_ROWS && (
        <p className="py-1 text-12 text-ink-3">
          {rows.length - MAX_ROWS} more: search to narrow them
        </p>
      )}
    </section>
  );
}

function TreeLine({
  row,
  isOpen,
  onToggle,
}: {
  row: TreeRow;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const indent = { paddingLeft: row.depth * 16 };
  if (row.leaf === undefined) {
    const Chevron = isOpen ? ChevronDown : ChevronRight;
    return (
      <div
        role="treeitem"
        aria-expanded={isOpen}
        aria-level={row.depth + 1}
        aria-selected={false}
        className="border-b border-line"
        style={indent}
      >
        <button
          type="button"
          onClick={onToggle}
          className="flex h-7 w-full items-center gap-1 hover:bg-surface"
        >
          <Chevron className="size-3.5 text-ink-3" aria-hidden />
          <span className="truncate font-mono text-12">{row.name}</span>
          <span className="tabular text-12 text-ink-3">{row.size}</span>
        </button>
      </div>
    );
  }
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={false}
      className="flex min-h-7 items-start gap-3 border-b border-line py-1 hover:bg-surface"
    >
      <span
        className="w-2/5 shrink-0 truncate font-mono text-12 text-ink-2"
        style={indent}
        title={row.path}
      >
        <span className="pl-[18px]">{row.name}</span>
      </span>
      <LeafValue value={row.leaf} />
    </div>
  );
}

function LeafValue({ value }: { value: Json }) {
  const text = leafText(value);
  if (typeof value === 'number') {
    return (
      <span className="tabular min-w-0 flex-1 font-mono text-12" title={text}>
        {text}
      </span>
    );
  }
  const tone = value === null || typeof value === 'boolean' ? 'text-accent' : '';
  return (
    <span className={`min-w-0 flex-1 font-mono text-12 break-words ${tone}`}>
      {text.length > 2000 ? `${text.slice(0, 2000)}…` : text}
    </span>
  );
}
