import { PALETTE_LIGHT } from '~/util/run-color';

/** A colour for a class, the same in every picture; pictures look alike in both themes. */
export function classColor(classId: number): string {
  return PALETTE_LIGHT[Math.abs(classId * 7) % PALETTE_LIGHT.length];
}

/** Black or white, whichever is easier to read on a colour. */
export function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}
