import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import { fileUrl, ownerKey, type FileOwner } from '~/api/client';
import { callText } from '~/api/http';
import type { Json } from '~/api/schema';
import { readTable, toCell } from '~/table/model';
import { TableView } from '~/table/TableView';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { formatBytes } from '~/util/format';
import { previewKind, type ListedFile } from './file-tree';

const Markdown = lazy(() => import('./Markdown').then(module => ({ default: module.Markdown })));
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

export interface FilePreviewProps {
  owner: FileOwner;
  file: ListedFile & { updated_at?: string };
  /** Stands in place of the usual preview. */
  children?: ReactNode;
}

export function FilePreview({ owner, file, children }: FilePreviewProps) {
  return (
    <>
      <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line px-4">
        <h2 className="min-w-0 flex-1 truncate font-mono text-12" title={file.path}>
          {file.path}
        </h2>
        <span className="tabular text-12 text-ink-3">
          {file.size_bytes !== null && formatBytes(file.size_bytes)}
        </span>
        <a
          href={fileUrl(owner, file.path, true)}
          download
          className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong px-2.5 font-medium hover:bg-hover"
        >
          <Download className="size-4" aria-hidden />
          Download
        </a>
      </header>
      {children ?? <Preview owner={owner} file={file} />}
    </>
  );
}

function Preview({ owner, file }: FilePreviewProps): ReactNode {
  const kind = previewKind(file);
  const url = fileUrl(owner, file.path);
  switch (kind) {
    case 'image':
      return (
        <div className="flex min-h-0 flex-1 items-center justify-center overflow-auto p-4">
          <img src={url} alt={file.path} className="max-h-full max-w-full object-contain" />
        </div>
      );
    case 'audio':
      return <audio controls src={url} aria-label={file.path} className="m-4" />;
    case 'video':
      return <video controls src={url} aria-label={file.path} className="m-4 max-h-[80%]" />;
    case 'html':
      // No same-origin: what was logged may run scripts, but never as this app.
      return (
        <iframe
          title={file.path}
          src={url}
          sandbox="allow-scripts"
          className="min-h-0 flex-1 bg-white"
        />
      );
    case 'none':
      return (
        <EmptyState title="No preview of this kind of file">Download it to look inside.</EmptyState>
      );
    default:
      if ((file.size_bytes ?? 0) > MAX_TEXT_BYTES) {
        return (
          <EmptyState title="Too large to preview">
            Files above {formatBytes(MAX_TEXT_BYTES)} are for download.
          </EmptyState>
        );
      }
      return <TextPreview owner={owner} file={file} kind={kind} />;
  }
}

interface TextPreviewProps extends FilePreviewProps {
  kind: 'markdown' | 'csv' | 'json' | 'table' | 'text';
}

function TextPreview({ owner, file, kind }: TextPreviewProps) {
  const { data, error } = useQuery({
    queryKey: ['file-text', ...ownerKey(owner), file.path, file.updated_at],
    queryFn: ({ signal }) => callText(fileUrl(owner, file.path), signal),
  });
  const parsed = useQuery({
    queryKey: ['file-parsed', ...ownerKey(owner), file.path, file.updated_at],
    queryFn: () => parseFile(kind, file.path, data ?? ''),
    enabled: data !== undefined && kind !== 'text' && kind !== 'markdown',
    retry: false,
  });
  if (error) return <ErrorState error={error} />;
  if (data === undefined) return <SkeletonRows rows={10} />;
  if (kind === 'markdown') {
    return (
      <Suspense fallback={<SkeletonRows rows={10} />}>
        <Markdown text={data} />
      </Suspense>
    );
  }
  if (parsed.data && typeof parsed.data !== 'string') {
    return (
      <div className="flex min-h-0 flex-1 flex-col p-3">
        <TableView table={parsed.data} owner={owner} label={file.path} />
      </div>
    );
  }
  return (
    <pre
      // Scrollable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={file.path}
      className="min-h-0 flex-1 overflow-auto p-4 font-mono text-12 leading-5"
    >
      {typeof parsed.data === 'string' ? parsed.data : data}
    </pre>
  );
}

/** A table, or text to show instead of the file's own. */
async function parseFile(kind: TextPreviewProps['kind'], path: string, text: string) {
  if (kind === 'csv') {
    const { csvParseRows, tsvParseRows } = await import('d3-dsv');
    const [columns = [], ...rows] = path.endsWith('.tsv') ? tsvParseRows(text) : csvParseRows(text);
    return { columns, rows: rows.map(row => row.map(toCell)) };
  }
  const value = JSON.parse(text) as Json;
  return kind === 'table' ? readTable(value) : JSON.stringify(value, null, 2);
}
