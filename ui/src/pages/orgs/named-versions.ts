import type { RegistryCollection } from '~/api/org-schema';

/** A version and its aliases. */
export interface NamedVersion {
  version: string;
  aliases: string[];
}

/** The versions of a collection that have an alias, but for the newest; newest first. */
export function olderNamed({
  latest,
  aliases,
}: Pick<RegistryCollection, 'latest' | 'aliases'>): NamedVersion[] {
  const byVersion = new Map<string, string[]>();
  for (const { alias, version } of aliases) {
    if (version === latest?.version) continue;
    byVersion.set(version, [...(byVersion.get(version) ?? []), alias]);
  }
  return [...byVersion].map(([version, names]) => ({ version, aliases: names }));
}
