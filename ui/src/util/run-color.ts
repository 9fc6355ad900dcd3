const PALETTE_SIZE = 16;

interface Coloured {
  color: string | null;
  number: number;
}

/** CSS colour of a run: the one a person chose, else its place in the theme's palette. */
export function runColor(run: Coloured): string {
  if (run.color && /^#[0-9a-f]{6}$/i.test(run.color)) return run.color;
  return `var(--run-${run.number % PALETTE_SIZE})`;
}

/** CSS colour of the group at a place. */
export function groupColor(place: number): string {
  return `var(--run-${place % PALETTE_SIZE})`;
}

export const PALETTE_LIGHT = [
  '#2a66c8',
  '#d56a0b',
  '#0c8a6b',
  '#b53a9b',
  '#cb3a3a',
  '#168dc0',
  '#86770c',
  '#7450cb',
  '#4b931d',
  '#d95687',
  '#8d5829',
  '#596a7f',
  '#233a87',
  '#0a5c61',
  '#6b1f6d',
  '#b98e00',
];
