import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, File as FileIcon, Folder } from 'lucide-react';
import { useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import { SearchField } from '~/ui/Field';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { cx } from '~/util/class-names';
import { cutNote, formatBytes, formatInteger } from '~/util/format';
import { usePageSearch } from '~/workspace/use-search';
import type { RunTabProps } from '../RunPage';
import { FilePreview } from './FilePreview';
import { fileRows, type FileRow } from './file-tree';

const MAX_ROWS = 3000;

export function FilesTab({ runRef }: RunTabProps) {
  const [{ file: chosen }, change] = usePageSearch();
  const { data, error, refetch } = useQuery(queries.files(runRef));
  const [search, setSearch] = useState('');
  const [closed, setClosed] = useState(() => new Set<string>());
  const rows = useMemo(() => fileRows(data?.items ?? [], closed, search), [data, closed, search]);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="This run has no files">
        wandb.save(&quot;path&quot;) and logged media put them here.
      </EmptyState>
    );
  }
  const file = data.items.find(item => item.path === chosen);
  const toggle = (path: string) =>
    setClosed(old => {
      const next = new Set(old);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  return (
    <div className="flex min-h-0 flex-1 max-sm:flex-col">
      <div className="flex min-h-0 w-96 shrink-0 flex-col border-line max-lg:w-72 max-sm:max-h-[45%] max-sm:w-full max-sm:border-b sm:border-r">
        <div className="flex items-center gap-2 border-b border-line p-2">
          <SearchField
            label="Search files"
            value={search}
            onChange={setSearch}
            className="flex-1"
          />
          <span className="tabular text-12 text-ink-3">
            {formatInteger(data.items.length)}
            {data.isCut && '+'} files
          </span>
        </div>
        {data.isCut && (
          <CutNote
            note={`${cutNote('first', data.items.length, null)}, by path`}
            className="border-b border-line px-2 py-1"
          />
        )}
        <ul aria-label="Files" className="min-h-0 flex-1 overflow-y-auto py-1">
          {rows.slice(0, MAX_ROWS).map(row => (
            <li key={row.path}>
              <FileLine
                row={row}
                isOpen={!closed.has(row.path) || search !== ''}
                isChosen={row.path === chosen}
                onClick={() => (row.file ? change({ file: row.path }) : toggle(row.path))}
              />
            </li>
          ))}
          {rows.length === 0 && <li className="px-3 py-2 text-ink-3">No file has this name</li>}
          {rows.length > MAX_ROWS && (
            <li className="px-3 py-2 text-12 text-ink-3">
              {formatInteger(rows.length - MAX_ROWS)} more: search to narrow them
            </li>
          )}
        </ul>
      </div>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {file ? (
          <FilePreview key={file.path} runRef={runRef} file={file} />
        ) : (
          <EmptyState title={chosen ? 'This file is gone' : 'Choose a file to see it'} />
        )}
      </div>
    </div>
  );
}

function FileLine({
  row,
  isOpen,
  isChosen,
  onClick,
}: {
  row: FileRow;
  isOpen: boolean;
  isChosen: boolean;
  onClick: () => void;
}) {
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={row.file ? undefined : isOpen}
      aria-current={isChosen || undefined}
      onClick={onClick}
      className={cx(
        'flex h-7 w-full items-center gap-1.5 pr-3 text-left hover:bg-hover',
        isChosen && 'bg-accent-soft',
      )}
      style={{ paddingLeft: 8 + row.depth * 16 }}
    >
      {row.file ? (
        <span className="w-3.5" />
      ) : (
        <Chevron className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      )}
      {row.file ? (
        <FileIcon className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      ) : (
        <Folder className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      )}
      <span className="min-w-0 flex-1 truncate" title={row.path}>
        {row.name}
      </span>
      <span className="tabular text-12 text-ink-3">{formatBytes(row.sizeBytes)}</span>
    </button>
  );
}
