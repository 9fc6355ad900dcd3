import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { offerUndo } from '~/stores/undo';
import { plainJson } from '~/util/exact-json';
import { artifactQueries } from './artifact-queries';
import { api, type CollectionRef, type VersionRef } from './client';
import type { Collection, JsonObject, Page, Version, VersionPatch } from './schema';

/** Edits of a collection and its versions: applied at once on the page, undone on request. */
export interface ArtifactEdits {
  patch: (version: Version, change: VersionChange) => void;
  patchCollection: (collection: Collection, change: CollectionChange) => void;
  /** Takes the whole metadata, numbers as `exactJson` reads them. Settles once it is stored, fails as the server refuses. */
  setMetadata: (version: Version, before: JsonObject, after: JsonObject) => Promise<void>;
  /** Settles with the new name; what went wrong is told. */
  rename: (collection: Collection, name: string) => Promise<string>;
  /** For good; settles once it is done, and fails as the server refuses. */
  remove: (version: Version, withAliases: boolean) => Promise<void>;
  removeCollection: (collection: Collection, withAliases: boolean) => Promise<void>;
}

/** What can be changed of a version, as it is to be afterwards. */
export type VersionChange = Partial<
  Pick<Version, 'description' | 'tags' | 'aliases' | 'ttl_s' | 'metadata'>
>;

/** What can be changed of a collection, as it is to be afterwards. */
export type CollectionChange = Partial<Pick<Collection, 'description' | 'tags'>>;

export function useArtifactEdits(ref: CollectionRef): ArtifactEdits {
  const client = useQueryClient();
  const { entity, project, collection } = ref;
  return useMemo(
    () => makeEdits(client, { entity, project, collection }),
    [client, entity, project, collection],
  );
}

const NAMES: Record<keyof VersionChange, string> = {
  description: 'description',
  tags: 'tags',
  aliases: 'aliases',
  ttl_s: 'time to live',
  metadata: 'metadata',
};

/** Aliases go to the server as what is added and what is removed, so that two who edit at once do not undo each other. */
export function toPatch(before: Version, { aliases, ...change }: VersionChange): VersionPatch {
  if (!aliases) return change;
  return {
    ...change,
    add_aliases: aliases.filter(alias => !before.aliases.includes(alias)),
    remove_aliases: before.aliases.filter(alias => !aliases.includes(alias)),
  };
}

function makeEdits(client: QueryClient, ref: CollectionRef): ArtifactEdits {
  const inCollection = [ref.entity, ref.project, ref.collection];
  const versions = artifactQueries.versions(ref).queryKey;
  const update = (change: (version: Version) => Version) => {
    client.setQueriesData<Version>(
      { queryKey: ['version', ...inCollection] },
      old => old && change(old),
    );
    client.setQueryData<InfiniteData<Page<Version>, string>>(
      versions,
      old =>
        old && {
          ...old,
          pages: old.pages.map(page => ({ ...page, items: page.items.map(change) })),
        },
    );
  };
  const apply = (version: Version, change: VersionChange) =>
    update(old => {
      const { aliases, metadata } = change;
      if (old.version === version.version)
        return { ...old, ...change, ...(metadata && { metadata: plainJson(metadata) }) };
      // An alias is of one version: given to another, it moves.
      return aliases && old.aliases.some(alias => aliases.includes(alias))
        ? { ...old, aliases: old.aliases.filter(alias => !aliases.includes(alias)) }
        : old;
    });
  const refetch = () => {
    for (const name of ['version', 'versions', 'collection', 'version-history'])
      void client.invalidateQueries({ queryKey: [name, ...inCollection] });
    void client.invalidateQueries({ queryKey: ['collections', ref.entity, ref.project] });
  };
  const versionRef = (version: Version): VersionRef => ({ ...ref, version: version.version });
  const save = (version: Version, change: VersionChange, onRefused?: () => void) => {
    apply(version, change);
    api
      .patchVersion(versionRef(version), toPatch(version, change))
      .catch((error: unknown) => {
        onRefused?.();
        const reason = error instanceof Error ? error.message : String(error);
        showToast({ tone: 'bad', text: `\`${version.version}\` was not changed: ${reason}` });
      })
      .finally(refetch);
  };
  return {
    patch: (version, change) => {
      const fields = Object.keys(change) as (keyof VersionChange)[];
      const before = Object.fromEntries(fields.map(field => [field, version[field]]));
      const forget = offerUndo({
        text: `${fields.map(field => NAMES[field]).join(', ')} of \`${ref.collection}:${version.version}\` changed`,
        undo: () => save({ ...version, ...change }, before),
        subject: `${inCollection.join('/')}:${version.version} ${fields.join()}`,
      });
      save(version, change, forget);
    },
    setMetadata: async (version, before, after) => {
      await api.patchVersion(versionRef(version), { metadata: after });
      apply(version, { metadata: after });
      refetch();
      offerUndo({
        text: `${NAMES.metadata} of \`${ref.collection}:${version.version}\` changed`,
        undo: () => save(version, { metadata: before }),
        subject: `${inCollection.join('/')}:${version.version} metadata`,
      });
    },
    patchCollection: (collection, change) => {
      const fields = Object.keys(change) as (keyof CollectionChange)[];
      const before = Object.fromEntries(fields.map(field => [field, collection[field]]));
      const set = (value: CollectionChange, former: CollectionChange, onRefused?: () => void) => {
        const key = artifactQueries.collection(ref).queryKey;
        client.setQueryData<Collection>(key, old => old && { ...old, ...value });
        api
          .patchCollection(ref, value)
          .catch((error: unknown) => {
            onRefused?.();
            client.setQueryData<Collection>(key, old => old && { ...old, ...former });
            const reason = error instanceof Error ? error.message : String(error);
            showToast({ tone: 'bad', text: `\`${ref.collection}\` was not changed: ${reason}` });
          })
          .finally(refetch);
      };
      const forget = offerUndo({
        text: `${fields.map(field => NAMES[field]).join(', ')} of \`${ref.collection}\` changed`,
        undo: () => set(before, change),
        subject: `${inCollection.join('/')} ${fields.join()}`,
      });
      set(change, before, forget);
    },
    rename: async (collection, name) => {
      try {
        await api.patchCollection(ref, { name });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        showToast({ tone: 'bad', text: `\`${collection.name}\` was not renamed: ${reason}` });
        throw error;
      }
      showToast({ text: `\`${collection.name}\` is now \`${name}\`` });
      void client.invalidateQueries({ queryKey: ['collections', ref.entity, ref.project] });
      return name;
    },
    remove: async (version, withAliases) => {
      await api.deleteVersion(versionRef(version), withAliases);
      showToast({ text: `\`${ref.collection}:${version.version}\` deleted` });
      client.removeQueries({ queryKey: ['version', ...inCollection, version.version] });
      refetch();
    },
    removeCollection: async (collection, withAliases) => {
      await api.deleteCollection(ref, withAliases);
      showToast({ text: `\`${collection.name}\` deleted` });
      for (const name of ['version', 'versions', 'collection'])
        client.removeQueries({ queryKey: [name, ...inCollection] });
      void client.invalidateQueries({ queryKey: ['collections', ref.entity, ref.project] });
      void client.invalidateQueries({ queryKey: ['artifact-types', ref.entity, ref.project] });
    },
  };
}
