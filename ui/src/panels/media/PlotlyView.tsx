import Plotly from 'plotly.js-cartesian-dist-min';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { FileOwner } from '~/api/client';
import { useChartTheme } from '~/charts/theme';
import { useSize } from '~/hooks/use-size';
import { ErrorState, Skeleton } from '~/ui/States';
import { FileTile } from './FileTile';
import type { MediaItem } from './model';
import { readFigure, themedLayout } from './plotly-figure';
import { useJsonFile } from './use-json-file';

export interface PlotlyViewProps {
  owner: FileOwner;
  item: MediaItem;
  label: string;
}

/** A logged Plotly figure. It comes from a script: the page's policy lets it load nothing and run nothing. */
export function PlotlyView({ owner, item, label }: PlotlyViewProps) {
  const { data, error } = useJsonFile(owner, item.path);
  const [hostRef, size] = useSize<HTMLDivElement>();
  const mount = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const theme = useChartTheme();
  const figure = useMemo(() => (data === undefined ? null : readFigure(data)), [data]);
  useEffect(() => {
    const host = mount.current;
    if (!host || !figure || 'undrawn' in figure || size.width < 40 || size.height < 40) return;
    // The library writes into what it is given.
    const { data: traces, layout } = structuredClone(figure);
    const config = { displaylogo: false, displayModeBar: false };
    Plotly.react(host, traces, themedLayout(layout, size, theme), config).then(
      () => setFailure(null),
      setFailure,
    );
  }, [figure, size, theme]);
  useEffect(() => {
    const host = mount.current;
    return () => {
      if (host) Plotly.purge(host);
    };
  }, []);
  if (figure && 'undrawn' in figure) {
    const note = `Plotly traces of kind ${figure.undrawn.join(', ')} are not drawn here: download the figure to open it.`;
    return <FileTile owner={owner} item={item} note={note} />;
  }
  return (
    <div
      ref={hostRef}
      role="group"
      aria-label={label}
      className="relative min-h-40 min-w-0 flex-1 overflow-hidden"
    >
      <div ref={mount} className="absolute inset-0" />
      {data === undefined && !error && <Skeleton className="absolute inset-0" />}
      {(error ?? failure) !== null && (
        <ErrorState error={error ?? failure} className="absolute inset-0 bg-bg p-2" />
      )}
    </div>
  );
}
