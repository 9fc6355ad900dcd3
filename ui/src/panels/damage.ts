import type { RunError } from '~/api/schema';
import { plural } from '~/util/format';

/** So many runs are named in a note; the others are counted. */
const MAX_NAMED = 3;

/** What to say of runs that cannot be read. */
export interface Damage {
  /** Which they are and, of one, why. */
  note: string;
  /** The reasons of all, a line each. */
  details: string;
}

/** Says which runs cannot be read; null if all can be. */
export function describeDamage(
  damaged: RunError[],
  nameOf: (run: string) => string | undefined,
): Damage | null {
  if (damaged.length === 0) return null;
  const lines = damaged.map(({ run, message }) => `${nameOf(run) ?? run}: ${message}`);
  const names = damaged.slice(0, MAX_NAMED).map(({ run }) => nameOf(run) ?? run);
  const more = damaged.length > MAX_NAMED ? [`${damaged.length - MAX_NAMED} more`] : [];
  const which = damaged.length === 1 ? lines[0] : [...names, ...more].join(', ');
  return {
    note: `${plural(damaged.length, 'run')} cannot be read: ${which}`,
    details: lines.join('\n'),
  };
}
