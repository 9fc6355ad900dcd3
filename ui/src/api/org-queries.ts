import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { orgApi, type RegistryRef } from './org-client';

const CARDS_PAGE = 60;

/** All keys begin with `orgs`: what changes a member may change any of them. */
export const orgQueries = {
  organizations: () =>
    queryOptions({ queryKey: ['orgs', 'organizations'], queryFn: orgApi.organizations }),
  organization: (name: string) =>
    queryOptions({
      queryKey: ['orgs', 'organization', name],
      queryFn: () => orgApi.organization(name),
    }),
  teams: () => queryOptions({ queryKey: ['orgs', 'teams'], queryFn: orgApi.teams }),
  team: (name: string) =>
    queryOptions({ queryKey: ['orgs', 'team', name], queryFn: () => orgApi.team(name) }),
  registries: (organization: string) =>
    queryOptions({
      queryKey: ['orgs', 'registries', organization],
      queryFn: () => orgApi.registries(organization),
    }),
  registry: (ref: RegistryRef) =>
    queryOptions({
      queryKey: ['orgs', 'registry', ref.organization, ref.registry],
      queryFn: () => orgApi.registry(ref),
    }),
  registryMembers: (ref: RegistryRef) =>
    queryOptions({
      queryKey: ['orgs', 'registry-members', ref.organization, ref.registry],
      queryFn: () => orgApi.registryMembers(ref),
    }),
  /** Collections of a registry whose names hold a text, some dozens at a time. */
  registryCollections: (ref: RegistryRef, search: string) =>
    infiniteQueryOptions({
      queryKey: ['orgs', 'registry-collections', ref.organization, ref.registry, search],
      queryFn: ({ pageParam }) =>
        orgApi.registryCollections(ref, {
          search: search || undefined,
          cursor: pageParam || undefined,
          limit: CARDS_PAGE,
        }),
      initialPageParam: '',
      getNextPageParam: page => page.next_cursor,
      placeholderData: keepPreviousData,
    }),
};
