import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight, File as FileIcon, Folder } from 'lucide-react';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { SearchField } from '~/ui/Field';
import { cx } from '~/util/class-names';
import { formatBytes, formatInteger } from '~/util/format';
import { fileRows, foldersOf, type FileRow, type ListedFile } from './file-tree';

const ROW = 28;
/** Above so many files, a tree starts with its folders closed. */
const MAX_OPEN = 1000;

export interface FileTreeProps<File extends ListedFile> {
  files: File[];
  chosen: string | undefined;
  onChoose: (path: string) => void;
  search: string;
  onSearch: (text: string) => void;
  /** There are more files than are listed. */
  isCut: boolean;
  /** How many files there are, where that is known. */
  total?: number;
  /** What stands between the search and the tree. */
  children?: ReactNode;
}

/** Files by folder, of which only what is in sight is drawn. */
export function FileTree<File extends ListedFile>({
  files,
  chosen,
  onChoose,
  search,
  onSearch,
  isCut,
  total,
  children,
}: FileTreeProps<File>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<Set<string> | null>(null);
  const shut = useMemo(
    () => closed ?? (files.length > MAX_OPEN ? foldersOf(files) : new Set<string>()),
    [closed, files],
  );
  const rows = useMemo(() => fileRows(files, shut, search), [files, shut, search]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const toggle = (path: string) => {
    const next = new Set(shut);
    if (!next.delete(path)) next.add(path);
    setClosed(next);
  };
  return (
    <div className="flex min-h-0 w-96 shrink-0 flex-col border-line max-lg:w-72 max-sm:max-h-[45%] max-sm:w-full max-sm:border-b sm:border-r">
      <div className="flex items-center gap-2 border-b border-line p-2">
        <SearchField label="Search files" value={search} onChange={onSearch} className="flex-1" />
        <span className="tabular text-12 text-ink-3">
          {total !== undefined && files.length < total && `${formatInteger(files.length)} of `}
          {formatInteger(total ?? files.length)}
          {total === undefined && isCut && '+'} files
        </span>
      </div>
      {children}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto py-1">
        {rows.length === 0 && <p className="px-3 py-2 text-ink-3">No file has this name</p>}
        <ul aria-label="Files" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(item => {
            const row = rows[item.index];
            return (
              <li
                key={row.path}
                className="absolute inset-x-0"
                style={{ top: item.start, height: ROW }}
              >
                <FileLine
                  row={row}
                  isOpen={!shut.has(row.path) || search !== ''}
                  isChosen={row.path === chosen}
                  onClick={() => (row.file ? onChoose(row.path) : toggle(row.path))}
                />
              </li>
            );
          })}
        </ul>
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
