import { PALETTE_LIGHT } from '~/util/run-color';

/** A colour for a class, the same in every picture; pictures look alike in both themes. */
export function classColor(classId: number): string {
  return PALETTE_LIGHT[Math.abs(classId * 7) % PALETTE_LIGHT.length];
}
