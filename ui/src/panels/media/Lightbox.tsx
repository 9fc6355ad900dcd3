import { useRef, useState, type PointerEvent, type WheelEvent } from 'react';
import type { RunRef } from '~/api/client';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import type { MediaItem } from './model';
import { Picture } from './MediaTile';

export interface LightboxProps {
  run: RunRef;
  item: MediaItem;
  off: Set<string>;
  onClose: () => void;
}

interface View {
  scale: number;
  x: number;
  y: number;
}

const WHOLE: View = { scale: 1, x: 0, y: 0 };

/** One picture over the whole window: wheel or +/- zooms, dragging pans. */
export function Lightbox({ run, item, off, onClose }: LightboxProps) {
  const [view, setView] = useState(WHOLE);
  const grabbed = useRef<{ x: number; y: number } | null>(null);
  const label = item.caption ?? item.path.split('/').at(-1) ?? item.path;
  const zoom = (factor: number) =>
    setView(old => ({ ...old, scale: Math.min(40, Math.max(0.2, old.scale * factor)) }));
  const onPointerMove = (event: PointerEvent) => {
    if (!grabbed.current) return;
    const { x, y } = grabbed.current;
    grabbed.current = { x: event.clientX, y: event.clientY };
    setView(old => ({ ...old, x: old.x + event.clientX - x, y: old.y + event.clientY - y }));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === '+' || event.key === '=') zoom(1.25);
    else if (event.key === '-') zoom(0.8);
    else if (event.key === '0') setView(WHOLE);
  };
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title={label}
      shape="full"
      onKeyDown={onKeyDown}
      actions={
        <>
          <Button tone="quiet" onClick={() => zoom(0.8)} aria-label="Smaller">
            −
          </Button>
          <span className="tabular w-12 text-center text-12 text-ink-3">
            {Math.round(view.scale * 100)} %
          </span>
          <Button tone="quiet" onClick={() => zoom(1.25)} aria-label="Larger">
            +
          </Button>
        </>
      }
    >
      <div
        className="flex min-h-0 flex-1 cursor-grab touch-none items-center justify-center overflow-hidden bg-surface active:cursor-grabbing"
        onWheel={(event: WheelEvent) => zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15)}
        onPointerDown={event => {
          grabbed.current = { x: event.clientX, y: event.clientY };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => (grabbed.current = null)}
        onDoubleClick={() => setView(WHOLE)}
      >
        <div
          className="flex size-full items-center justify-center p-4"
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          <Picture
            owner={run}
            item={{
              ...item,
              width: item.width && item.width * 4,
              height: item.height && item.height * 4,
            }}
            off={off}
            label={label}
            className="max-h-full"
          />
        </div>
      </div>
    </Dialog>
  );
}
