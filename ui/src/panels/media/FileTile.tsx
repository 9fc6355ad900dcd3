import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { fileUrl, listFiles, ownerKey, type FileOwner } from '~/api/client';
import { formatBytes } from '~/util/format';
import type { MediaItem } from './model';

export interface FileTileProps {
  owner: FileOwner;
  item: MediaItem;
  /** Why there is no picture of it. */
  note?: string;
}

/** A logged file that has no viewer: what it is, how large, and a way to get it. */
export function FileTile({ owner, item, note }: FileTileProps) {
  const name = item.path.split('/').at(-1) ?? item.path;
  const listed = useQuery({
    queryKey: ['file', ...ownerKey(owner), item.path],
    queryFn: () => listFiles(owner, { prefix: item.path, limit: 1 }),
    enabled: item.bytes === null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = listed.data?.items.find(file => file.path === item.path);
  const bytes = item.bytes ?? found?.size_bytes ?? null;
  return (
    <div className="flex min-w-0 flex-col gap-0.5 rounded-sm border border-line p-2 text-12">
      <a
        href={fileUrl(owner, item.path, true)}
        download
        title={`Download ${item.path}`}
        className="flex min-w-0 items-center gap-1.5 text-accent underline"
      >
        <Download className="size-3.5 shrink-0" aria-hidden />
        <span className="truncate font-mono">{name}</span>
      </a>
      <span className="tabular text-ink-3">
        {bytes === null ? 'size unknown' : formatBytes(bytes)}
      </span>
      {note && <span className="text-ink-2">{note}</span>}
    </div>
  );
}
