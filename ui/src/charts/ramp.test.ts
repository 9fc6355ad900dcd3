import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rampColor } from './ramp';

it('mixes neighbouring stops and keeps to its ends', () => {
  const stops = ['#000000', '#804020', '#ffffff'];
  expect([-1, 0, 0.25, 0.5, 1, 2].map(place => rampColor(stops, place))).toEqual([
    'rgb(0 0 0)',
    'rgb(0 0 0)',
    'rgb(64 32 16)',
    'rgb(128 64 32)',
    'rgb(255 255 255)',
    'rgb(255 255 255)',
  ]);
});

const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');
const [light, dark] = css.split("[data-theme='dark']");

/** Relative luminance as WCAG defines it. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(start => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (a: number, b: number): number =>
  (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

it.each([
  ['light', light],
  ['dark', dark],
])(
  'the %s ramp gains contrast from step to step, so that it reads without hues',
  (_name, theme) => {
    const token = (name: string): string => new RegExp(`--${name}: (#\\w{6});`).exec(theme)![1];
    const background = luminance(token('bg'));
    const contrasts = [0, 1, 2, 3, 4].map(stop =>
      contrast(luminance(token(`ramp-${stop}`)), background),
    );
    expect(contrasts.toSorted((a, b) => a - b)).toEqual(contrasts);
    for (const [index, value] of contrasts.slice(1).entries())
      expect(value / contrasts[index]).toBeGreaterThan(1.25);
    expect(contrasts[0]).toBeGreaterThan(1.4);
  },
);
