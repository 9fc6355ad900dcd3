import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, type CollectionRef, type ProjectRef, type RunRef, type VersionRef } from './client';
import { exactJson } from '~/util/exact-json';
import { allPages } from './queries';
import type { Version } from './schema';

const PAGE = 1000;
/** More collections than this are found by search. */
const MAX_LISTED_COLLECTIONS = 2000;
const MAX_OFFERED = 50;
const MAX_FOUND = 10;
/** More files than this are found by the beginning of their path. */
export const MAX_LISTED_FILES = 20_000;
const VERSIONS_PAGE = 200;
/** Rows of a table that are fetched at once. */
export const ROWS_PAGE = 1000;

const keyOf = ({ entity, project, collection, version }: VersionRef): string[] => [
  entity,
  project,
  collection,
  version,
];

export const artifactQueries = {
  types: (ref: ProjectRef) =>
    queryOptions({
      queryKey: ['artifact-types', ref.entity, ref.project],
      queryFn: () => api.artifactTypes(ref),
    }),
  collections: (ref: ProjectRef, query: { type?: string; search?: string }) =>
    queryOptions({
      queryKey: ['collections', ref.entity, ref.project, query],
      queryFn: () =>
        allPages(
          cursor => api.collections(ref, { ...query, cursor, limit: PAGE }),
          MAX_LISTED_COLLECTIONS,
        ),
      placeholderData: keepPreviousData,
    }),
  /** Some collections whose names hold a text, to be picked from. */
  offeredCollections: (ref: ProjectRef, search: string) =>
    queryOptions({
      queryKey: ['collections', ref.entity, ref.project, 'offered', search],
      queryFn: () => api.collections(ref, { search: search || undefined, limit: MAX_OFFERED }),
      placeholderData: keepPreviousData,
    }),
  /** Few collections whose names hold a text, and how many do. */
  foundCollections: (ref: ProjectRef, search: string) =>
    queryOptions({
      queryKey: ['collections', ref.entity, ref.project, 'found', search],
      queryFn: () => api.collections(ref, { search, limit: MAX_FOUND }),
      placeholderData: keepPreviousData,
    }),
  collection: (ref: CollectionRef) =>
    queryOptions({
      queryKey: ['collection', ref.entity, ref.project, ref.collection],
      queryFn: () => api.collection(ref),
    }),
  /** The versions of a collection from the newest on, some hundreds at a time. */
  versions: (ref: CollectionRef) =>
    infiniteQueryOptions({
      queryKey: ['versions', ref.entity, ref.project, ref.collection],
      queryFn: ({ pageParam }) =>
        api.versions(ref, { cursor: pageParam || undefined, limit: VERSIONS_PAGE }),
      initialPageParam: '',
      getNextPageParam: page => page.next_cursor,
    }),
  version: (ref: VersionRef) =>
    queryOptions({ queryKey: ['version', ...keyOf(ref)], queryFn: () => api.version(ref) }),
  /** The metadata as it is stored just now, to be edited: see `exactJson`. */
  exactMetadata: (ref: VersionRef) =>
    queryOptions({
      queryKey: ['version-metadata', ...keyOf(ref)],
      queryFn: async () => {
        const version = exactJson(await api.versionText(ref));
        return (version as Pick<Version, 'metadata'>).metadata;
      },
      gcTime: 0,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** What a version holds never changes. Page after page of its files, as many as are listed. */
  files: (ref: VersionRef, prefix = '') =>
    infiniteQueryOptions({
      queryKey: ['version-files', ...keyOf(ref), prefix],
      queryFn: ({ pageParam }) =>
        api.versionFiles(ref, {
          prefix: prefix || undefined,
          cursor: pageParam || undefined,
          limit: PAGE,
        }),
      initialPageParam: '',
      getNextPageParam: page => page.next_cursor,
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  rows: (ref: VersionRef, path: string, from: number) =>
    queryOptions({
      queryKey: ['version-rows', ...keyOf(ref), path, from],
      queryFn: () => api.versionRows(ref, path, { from, limit: ROWS_PAGE }),
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  history: (ref: VersionRef) =>
    queryOptions({
      queryKey: ['version-history', ...keyOf(ref)],
      queryFn: () => api.versionHistory(ref),
    }),
  ofRun: (ref: RunRef) =>
    queryOptions({
      queryKey: ['run-artifacts', ref.entity, ref.project, ref.run],
      queryFn: () => api.runArtifacts(ref),
    }),
  lineage: (of: string, up: number | undefined, down: number | undefined, limit: number) =>
    queryOptions({
      queryKey: ['lineage', of, up, down, limit],
      queryFn: () => api.lineage({ of, up, down, limit }),
      placeholderData: keepPreviousData,
    }),
  diff: (left: string, right: string) =>
    queryOptions({ queryKey: ['diff', left, right], queryFn: () => api.diff(left, right) }),
};
