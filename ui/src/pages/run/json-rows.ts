import type { Json, JsonObject } from '~/api/schema';
import { parsePattern } from '~/util/pattern';

/** What the client keeps for itself. */
const INTERNAL_KEY = '_wandb';

/** One line of a tree: a leaf, or a branch that can be folded. */
export interface TreeRow {
  path: string;
  name: string;
  depth: number;
  /** Undefined for a branch. */
  leaf: Json | undefined;
  size: number;
}

/** A picture, table or other logged object: its members are for programs. */
const isTyped = (value: Json): value is JsonObject & { _type: string } =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  typeof value._type === 'string';

const isBranch = (value: Json): value is JsonObject | Json[] =>
  value !== null && typeof value === 'object' && Object.keys(value).length > 0;

/** A list of plain values reads best on one line. */
const isShortList = (value: Json): boolean =>
  Array.isArray(value) &&
  value.length <= 16 &&
  value.every(item => item === null || typeof item !== 'object');

/** The lines of a tree in order. A search keeps leaves whose path or value matches, with their branches. */
export function treeRows(value: JsonObject, search: string, folded: Set<string>): TreeRow[] {
  const pattern = parsePattern(search);
  const searching = search.trim() !== '';
  const rows: TreeRow[] = [];
  const visit = (name: string, path: string, depth: number, item: Json): boolean => {
    if (!isBranch(item) || isShortList(item) || isTyped(item)) {
      const matches = !searching || pattern.matches(path) || pattern.matches(leafText(item));
      if (matches) rows.push({ path, name, depth, leaf: item, size: 0 });
      return matches;
    }
    const place = rows.length;
    const entries = Object.entries(item);
    rows.push({ path, name, depth, leaf: undefined, size: entries.length });
    if (!searching && folded.has(path)) return true;
    const any = entries.reduce(
      (found, [key, child]) => visit(key, `${path}.${key}`, depth + 1, child) || found,
      false,
    );
    if (!any) rows.length = place;
    return any;
  };
  const collator = new Intl.Collator('en', { numeric: true });
  for (const key of Object.keys(value).toSorted(collator.compare)) {
    if (key !== INTERNAL_KEY) visit(key, key, 0, value[key]);
  }
  return rows;
}

export function leafText(value: Json): string {
  if (isTyped(value)) {
    const { _type: type, nrows, ncols, count } = value;
    if (typeof nrows === 'number') return `${type}, ${nrows} rows of ${String(ncols)}`;
    return typeof count === 'number' ? `${type}, ${count}` : type;
  }
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
