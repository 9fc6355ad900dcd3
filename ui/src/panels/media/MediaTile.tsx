import { lazy, Suspense, useState } from 'react';
import { fileUrl, type FileOwner } from '~/api/client';
import { Skeleton } from '~/ui/States';
import { FileTile } from './FileTile';
import type { MediaItem } from './model';
import { Overlays } from './Overlays';

const PointCloudView = lazy(() =>
  import('./PointCloudView').then(module => ({ default: module.PointCloudView })),
);
const PlotlyView = lazy(() =>
  import('./PlotlyView').then(module => ({ default: module.PlotlyView })),
);

export interface MediaTileProps {
  owner: FileOwner;
  item: MediaItem;
  off: Set<string>;
  onOpen: () => void;
  /** In a cell of a table, where there is no room to turn or zoom. */
  small?: boolean;
}

const NONE = new Set<string>();

export function MediaTile({ owner, item, off, onOpen, small }: MediaTileProps) {
  return (
    <figure className="flex min-h-0 min-w-0 flex-col">
      <MediaContent owner={owner} item={item} off={off} onOpen={onOpen} small={small} />
      {item.caption && (
        <figcaption className="truncate text-12 text-ink-2" title={item.caption}>
          {item.caption}
        </figcaption>
      )}
    </figure>
  );
}

function MediaContent({ owner, item, off, onOpen, small }: MediaTileProps) {
  const url = fileUrl(owner, item.path);
  const label = item.caption ?? item.path.split('/').at(-1) ?? item.path;
  switch (item.shape) {
    case 'image':
      return (
        <button
          type="button"
          onClick={onOpen}
          className="flex min-h-0 flex-1 items-center justify-center overflow-hidden"
        >
          <span className="sr-only">Open </span>
          <Picture owner={owner} item={item} off={off} label={label} className="max-h-full" />
        </button>
      );
    case 'audio':
      return (
        <audio
          controls
          preload="none"
          src={url}
          aria-label={label}
          className="h-9 w-full min-w-44"
        />
      );
    case 'video':
      return (
        <video
          controls
          preload="metadata"
          src={url}
          aria-label={label}
          className="max-h-full min-h-0 w-full"
        />
      );
    case 'html':
      // No same-origin: what was logged may run scripts, but never as this app.
      return (
        <iframe
          title={label}
          src={url}
          sandbox="allow-scripts"
          className="min-h-40 w-full flex-1 rounded-sm border border-line bg-white"
        />
      );
    case 'points':
      if (small) return <FileTile owner={owner} item={item} />;
      return (
        <Suspense fallback={<Skeleton className="min-h-32 flex-1" />}>
          <PointCloudView owner={owner} path={item.path} label={label} />
        </Suspense>
      );
    case 'plotly':
      if (small) return <FileTile owner={owner} item={item} />;
      return (
        <Suspense fallback={<Skeleton className="min-h-40 flex-1" />}>
          <PlotlyView owner={owner} item={item} label={label} />
        </Suspense>
      );
    default:
      return <FileTile owner={owner} item={item} />;
  }
}

export interface PictureProps {
  owner: FileOwner;
  item: MediaItem;
  off?: Set<string>;
  label: string;
  className?: string;
}

/** A picture with its overlays, in the shape it was logged with so that nothing jumps while it loads. */
export function Picture({ owner, item, off = NONE, label, className }: PictureProps) {
  const [failed, setFailed] = useState(false);
  if (failed)
    return (
      <span className="p-2 text-12 text-bad">{item.path.split('/').at(-1)} could not be shown</span>
    );
  return (
    <span
      className={`relative block max-w-full ${className ?? ''}`}
      style={
        item.width && item.height
          ? { aspectRatio: `${item.width} / ${item.height}`, width: Math.max(item.width, 120) }
          : undefined
      }
    >
      <img
        src={fileUrl(owner, item.path)}
        alt={label}
        loading="lazy"
        draggable={false}
        onError={() => setFailed(true)}
        className="size-full object-contain"
        style={(item.width ?? 999) < 200 ? { imageRendering: 'pixelated' } : undefined}
      />
      <Overlays owner={owner} item={item} off={off} />
    </span>
  );
}
