import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { offerUndo } from '~/stores/undo';
import { sweepApi, type SweepRef } from './sweep-client';
import { sweepQueries } from './sweep-queries';
import type { ChangedSweep, Sweep, SweepDetail, SweepPatch } from './sweep-schema';

export interface SweepEdits {
  /** Applied at once on the page, taken back with a message when the server refuses. */
  rename: (sweep: Sweep, display_name: string) => void;
  describe: (sweep: Sweep, description: string) => void;
  pause: (sweep: Sweep) => void;
  /** Also one that has ended. */
  resume: (sweep: Sweep) => void;
  /** Gives out no more runs; those that run go on. */
  stop: (sweep: Sweep) => void;
  /** Gives out no more runs and stops those that run. */
  cancel: (sweep: Sweep) => void;
  /** Fails as the server refuses. */
  configure: (config: string) => Promise<ChangedSweep>;
  remove: (sweep: Sweep, withRuns: boolean) => Promise<void>;
}

/** What a sweep is called: its name, else its id. */
export const sweepName = ({ display_name, id }: Pick<Sweep, 'display_name' | 'id'>): string =>
  display_name || id;

export function useSweepEdits(ref: SweepRef): SweepEdits {
  const client = useQueryClient();
  const { entity, project, sweep } = ref;
  return useMemo(
    () => makeEdits(client, { entity, project, sweep }),
    [client, entity, project, sweep],
  );
}

function makeEdits(client: QueryClient, ref: SweepRef): SweepEdits {
  const key = sweepQueries.sweep(ref).queryKey;
  const refetch = () => {
    void client.invalidateQueries({ queryKey: key });
    void client.invalidateQueries({ queryKey: sweepQueries.trials(ref).queryKey });
    void client.invalidateQueries({ queryKey: sweepQueries.list(ref).queryKey });
  };
  const apply = (change: Partial<Sweep>) =>
    client.setQueryData<SweepDetail>(key, old => old && { ...old, ...change });
  const save = async (sweep: Sweep, patch: SweepPatch, what: string, onRefused?: () => void) => {
    apply(patch);
    try {
      apply((await sweepApi.patchSweep(ref, patch)).sweep);
    } catch (error) {
      onRefused?.();
      apply(sweep);
      const reason = error instanceof Error ? error.message : String(error);
      showToast({ tone: 'bad', text: `\`${sweepName(sweep)}\` was not ${what}: ${reason}` });
    }
    refetch();
  };
  const undoable = (sweep: Sweep, patch: SweepPatch, back: SweepPatch, what: string) => {
    const forget = offerUndo({
      text: `\`${sweepName(sweep)}\` ${what}`,
      undo: () => void save({ ...sweep, ...patch }, back, 'changed back'),
      subject: `sweep ${sweep.id} ${Object.keys(patch).join()}`,
    });
    void save(sweep, patch, what, forget);
  };
  return {
    rename: (sweep, display_name) =>
      undoable(sweep, { display_name }, { display_name: sweep.display_name ?? '' }, 'renamed'),
    describe: (sweep, description) =>
      undoable(sweep, { description }, { description: sweep.description ?? '' }, 'described'),
    pause: sweep => undoable(sweep, { state: 'paused' }, { state: 'running' }, 'paused'),
    resume: sweep =>
      undoable(
        sweep,
        { state: 'running' },
        { state: sweep.state === 'pending' ? 'paused' : sweep.state },
        'resumed',
      ),
    stop: sweep => void save(sweep, { state: 'finished' }, 'stopped'),
    cancel: sweep => void save(sweep, { state: 'canceled' }, 'canceled'),
    configure: async config => {
      const changed = await sweepApi.patchSweep(ref, { config });
      refetch();
      return changed;
    },
    remove: async (sweep, withRuns) => {
      await sweepApi.deleteSweep(ref, withRuns);
      client.removeQueries({ queryKey: key });
      client.removeQueries({ queryKey: sweepQueries.trials(ref).queryKey });
      void client.invalidateQueries({ queryKey: sweepQueries.list(ref).queryKey });
      if (withRuns) void client.invalidateQueries({ queryKey: ['runs', ref.entity, ref.project] });
      showToast({ text: `\`${sweepName(sweep)}\` deleted` });
    },
  };
}
