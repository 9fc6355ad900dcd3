import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ProjectRef } from './client';
import { allPages } from './queries';
import { sweepApi, type SweepRef } from './sweep-client';
import type { Sweep } from './sweep-schema';

const PAGE = 1000;
/** More sweeps than this are not listed; the page says so. */
const MAX_LISTED_SWEEPS = 1000;
/** And so with the trials of a sweep. */
const MAX_LISTED_TRIALS = 5000;
/** Agents report without an event that tells of it. */
const LIVE_MS = 15_000;

/** Whether a sweep may change by itself. */
export const isOpen = ({ state }: Pick<Sweep, 'state'>): boolean =>
  state === 'pending' || state === 'running' || state === 'paused';

export const sweepQueries = {
  list: (ref: ProjectRef) =>
    queryOptions({
      queryKey: ['sweeps', ref.entity, ref.project],
      queryFn: () =>
        allPages(cursor => sweepApi.sweeps(ref, { cursor, limit: PAGE }), MAX_LISTED_SWEEPS),
      refetchInterval: ({ state: { data } }) => (data?.items.some(isOpen) ? LIVE_MS : false),
    }),
  sweep: (ref: SweepRef) =>
    queryOptions({
      queryKey: ['sweep', ref.entity, ref.project, ref.sweep],
      queryFn: () => sweepApi.sweep(ref),
      refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? LIVE_MS : false),
    }),
  trials: (ref: SweepRef) =>
    queryOptions({
      queryKey: ['sweep-trials', ref.entity, ref.project, ref.sweep],
      queryFn: () =>
        allPages(cursor => sweepApi.trials(ref, { cursor, limit: PAGE }), MAX_LISTED_TRIALS),
    }),
  importance: (ref: SweepRef, metric: string) =>
    queryOptions({
      queryKey: ['sweep-importance', ref.entity, ref.project, ref.sweep, metric],
      queryFn: () => sweepApi.importance(ref, metric),
      placeholderData: keepPreviousData,
    }),
  check: (ref: ProjectRef, config: string) =>
    queryOptions({
      queryKey: ['sweep-check', ref.entity, ref.project, config],
      queryFn: () => sweepApi.checkConfig(ref, config),
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  suggestion: (ref: ProjectRef, runs: string[]) =>
    queryOptions({
      queryKey: ['sweep-suggestion', ref.entity, ref.project, runs],
      queryFn: () => sweepApi.suggest(ref, runs),
      placeholderData: keepPreviousData,
    }),
};
