/** The part of the library that is used here. */
declare module 'plotly.js-cartesian-dist-min' {
  import type { JsonObject } from '~/api/schema';

  interface PlotlyLibrary {
    react: (
      host: HTMLElement,
      data: JsonObject[],
      layout: JsonObject,
      config: { displaylogo: boolean; displayModeBar: boolean; staticPlot?: boolean },
    ) => Promise<unknown>;
    purge: (host: HTMLElement) => void;
  }
  const library: PlotlyLibrary;
  export default library;
}
