import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ProjectRef } from '~/api/client';
import { liveHub } from '~/api/live';
import { throttledInvalidation } from './use-live-project';

const SWEEP_MS = 2000;
const TRIALS_MS = 3000;
const IMPORTANCE_MS = 60_000;

/** Keeps the sweeps of a project, or one of them, current while its page is open: what a run does changes them. */
export function useLiveSweeps({ entity, project }: ProjectRef, sweep?: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const soon = throttledInvalidation(client);
    const refresh = () => {
      if (sweep === undefined) {
        soon(['sweeps', entity, project], SWEEP_MS);
        return;
      }
      soon(['sweep', entity, project, sweep], SWEEP_MS);
      soon(['sweep-trials', entity, project, sweep], TRIALS_MS);
      soon(['sweep-importance', entity, project, sweep], IMPORTANCE_MS);
    };
    const stop = liveHub.watch([`${entity}/${project}`], {
      onRun: event => {
        if (event.entity === entity && event.project === project) refresh();
      },
      onReconnect: refresh,
    });
    return () => {
      stop();
      soon.flush();
    };
  }, [client, entity, project, sweep]);
}
