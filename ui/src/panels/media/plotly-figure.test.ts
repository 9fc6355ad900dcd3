import { expect, it } from 'vitest';
import type { ChartTheme } from '~/charts/theme';
import { readFigure, themedLayout } from './plotly-figure';

it('reads a figure, drawing without WebGL what was meant for it', () => {
  const figure = readFigure({
    data: [{ type: 'scattergl', y: [1] }, { x: [1] }],
    layout: { a: 1 },
  });
  expect(figure).toEqual({
    data: [
      { type: 'scatter', y: [1] },
      { type: 'scatter', x: [1] },
    ],
    layout: { a: 1 },
  });
});

it('names the traces it does not draw', () => {
  const figure = readFigure({ data: [{ type: 'scatter3d' }, { type: 'bar' }, { type: 'sankey' }] });
  expect(figure).toEqual({ undrawn: ['scatter3d', 'sankey'] });
});

it.each([null, 7, [], { data: 'no' }])('reads an empty figure from %j', value =>
  expect(readFigure(value)).toEqual({ data: [], layout: {} }),
);

it('lays a figure out in the colours of the theme', () => {
  const theme = { line: '#eee', resolve: () => '#111' } as unknown as ChartTheme;
  const layout = themedLayout(
    { width: 9000, xaxis2: { title: 'x' }, font: { size: 40 } },
    { width: 300, height: 200 },
    theme,
  );
  expect(layout).toMatchObject({
    width: 300,
    height: 200,
    xaxis2: { title: 'x', gridcolor: '#eee' },
    yaxis: { gridcolor: '#eee' },
    font: { size: 11, color: '#111' },
  });
});
