import type { DiffChange, Json, JsonObject } from '~/api/schema';

export interface JsonDifference {
  /** Path of a leaf, its parts joined by dots. */
  key: string;
  change: DiffChange | 'same';
  left: Json;
  right: Json;
}

/** Leaves of a nested value by their paths; lists are leaves. */
export function flatten(value: JsonObject): Map<string, Json> {
  const leaves = new Map<string, Json>();
  const visit = (prefix: string, item: JsonObject): void => {
    for (const [name, child] of Object.entries(item)) {
      const key = prefix === '' ? name : `${prefix}.${name}`;
      const isBranch =
        child !== null &&
        typeof child === 'object' &&
        !Array.isArray(child) &&
        Object.keys(child).length > 0;
      if (isBranch) visit(key, child);
      else leaves.set(key, child);
    }
  };
  visit('', value);
  return leaves;
}

/** Every leaf of either side, in the order of their paths. */
export function diffJson(left: JsonObject, right: JsonObject): JsonDifference[] {
  const [before, after] = [flatten(left), flatten(right)];
  const collator = new Intl.Collator('en', { numeric: true });
  return [...new Set([...before.keys(), ...after.keys()])].toSorted(collator.compare).map(key => {
    const [had, has] = [before.has(key), after.has(key)];
    const [old, now] = [before.get(key) ?? null, after.get(key) ?? null];
    const isSame = had && has && JSON.stringify(old) === JSON.stringify(now);
    return {
      key,
      change: isSame ? 'same' : !had ? 'added' : has ? 'changed' : 'removed',
      left: old,
      right: now,
    };
  });
}
