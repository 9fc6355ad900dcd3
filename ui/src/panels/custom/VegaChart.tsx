import { useEffect, useRef } from 'react';
import type { JsonObject } from '~/api/schema';
import { useChartTheme } from '~/charts/theme';
import { useSize } from '~/hooks/use-size';

export interface VegaChartProps {
  label: string;
  spec: JsonObject;
  runs: Map<string, string>;
  /** Told when the definition cannot be drawn. */
  onFailure: (reason: string) => void;
}

/** A custom chart; the drawing library is fetched when the first is in sight. */
export function VegaChart({ label, spec, runs, onFailure }: VegaChartProps) {
  const [hostRef, size] = useSize<HTMLDivElement>();
  const mount = useRef<HTMLDivElement>(null);
  const theme = useChartTheme();
  useEffect(() => {
    if (!mount.current || size.width < 40 || size.height < 40) return undefined;
    let current = true;
    let takeDown: (() => void) | null = null;
    const host = mount.current;
    import('./render-vega')
      .then(({ renderVega }) => renderVega(host, spec, { ...size, runs, theme }))
      .then(
        done => {
          if (current) takeDown = done;
          else done();
        },
        (failure: unknown) =>
          current && onFailure(failure instanceof Error ? failure.message : String(failure)),
      );
    return () => {
      current = false;
      takeDown?.();
    };
  }, [spec, runs, size, theme, onFailure]);
  return (
    <div
      ref={hostRef}
      role="group"
      aria-label={label}
      // Facets may need more room than the panel has: scrollable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="relative min-h-0 flex-1 overflow-auto"
    >
      <div ref={mount} role="img" aria-label={label} className="absolute inset-0" />
    </div>
  );
}
