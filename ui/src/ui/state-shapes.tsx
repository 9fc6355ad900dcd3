/** Shapes of states that runs and sweeps share, in a box of 12 by 12. */
export const RING = (
  <circle
    cx="6"
    cy="6"
    r="4"
    fill="none"
    strokeWidth="1.5"
    stroke="currentColor"
    strokeDasharray="2 1.6"
  />
);

export const TICK = (
  <path
    d="M2 6.4 4.8 9 10 3.2"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinecap="round"
    strokeLinejoin="round"
  />
);

export const BARS = <path d="M3.2 2.5h2v7h-2zm3.6 0h2v7h-2z" fill="currentColor" />;

export const SQUARE = <rect x="2.5" y="2.5" width="7" height="7" rx="1" fill="currentColor" />;
