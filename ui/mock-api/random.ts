/** A number in [0, 1) that depends on its arguments alone. */
export function hash(...parts: number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = Math.imul(state ^ Math.floor(part), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return (state >>> 0) / 4_294_967_296;
}

/** A roughly normal number with mean 0 and deviation 1. */
export function noise(...parts: number[]): number {
  return (hash(...parts, 1) + hash(...parts, 2) + hash(...parts, 3) - 1.5) * 2;
}

export function pick<T>(items: readonly T[], ...parts: number[]): T {
  return items[Math.floor(hash(...parts) * items.length)];
}
