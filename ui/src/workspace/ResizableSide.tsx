import { useRef, type ReactNode } from 'react';
import { usePreferences } from '~/stores/preferences';

const LEAST = 200;
const MOST = 720;
const STEP = 20;

function setWidth(width: number): void {
  usePreferences.setState({ listWidth: Math.min(MOST, Math.max(LEAST, width)) });
}

/** The side of a workspace, dragged or moved by arrow keys to its width. On narrow screens it gives way to a sheet. */
export function ResizableSide({ children }: { children: ReactNode }) {
  const width = usePreferences(state => state.listWidth);
  const grabbed = useRef<{ x: number; width: number } | null>(null);
  return (
    <aside
      aria-label="Runs"
      className="relative flex shrink-0 flex-col border-r border-line max-sm:hidden"
      style={{ width }}
    >
      {children}
      <div
        role="separator"
        aria-label="Width of the run list"
        aria-orientation="vertical"
        aria-valuenow={width}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        tabIndex={0}
        className="absolute inset-y-0 -right-1 z-20 w-2 cursor-col-resize hover:bg-accent/30 focus-visible:bg-accent/50"
        onPointerDown={event => {
          grabbed.current = { x: event.clientX, width };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={event =>
          grabbed.current && setWidth(grabbed.current.width + event.clientX - grabbed.current.x)
        }
        onPointerUp={() => (grabbed.current = null)}
        onDoubleClick={() => setWidth(280)}
        onKeyDown={event => {
          if (event.key === 'ArrowLeft') setWidth(width - STEP);
          if (event.key === 'ArrowRight') setWidth(width + STEP);
        }}
      />
    </aside>
  );
}
