import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { api, type ProjectRef } from './client';
import { queries, type RunList } from './queries';
import type { Run, RunPatch } from './schema';

/** Edits of runs: applied at once on the page, taken back with a message when the server refuses. */
export interface RunEdits {
  patch: (run: Run, patch: RunPatch) => void;
  stop: (run: Run) => void;
  remove: (runs: Run[]) => void;
  restore: (run: Run) => void;
  purge: (run: Run) => void;
}

export function useRunEdits(ref: ProjectRef): RunEdits {
  const client = useQueryClient();
  const { entity, project } = ref;
  return useMemo(() => makeEdits(client, { entity, project }), [client, entity, project]);
}

function makeEdits(client: QueryClient, ref: ProjectRef): RunEdits {
  const list = queries.runs(ref).queryKey;
  const bin = queries.runs(ref, true).queryKey;
  const runRef = (run: Run) => ({ ...ref, run: run.id });
  const refetch = () => {
    void client.invalidateQueries({ queryKey: list });
    void client.invalidateQueries({ queryKey: bin });
    void client.invalidateQueries({ queryKey: queries.projects().queryKey });
  };
  const apply = (id: string, change: Partial<Run>) => {
    client.setQueryData<RunList>(
      list,
      old =>
        old && {
          ...old,
          items: old.items.map(item => (item.id === id ? { ...item, ...change } : item)),
        },
    );
    client.setQueryData<Run>(
      queries.run({ ...ref, run: id }).queryKey,
      old => old && { ...old, ...change },
    );
  };
  const fail = (what: string) => (error: unknown) => {
    showToast({
      tone: 'bad',
      text: `${what}: ${error instanceof Error ? error.message : String(error)}`,
    });
    refetch();
  };
  const drop = (key: typeof list, ids: Set<string>) =>
    client.setQueryData<RunList>(key, old => {
      if (!old) return old;
      const items = old.items.filter(item => !ids.has(item.id));
      return { items, total: old.total - (old.items.length - items.length) };
    });

  const patch = (run: Run, change: RunPatch) => {
    apply(run.id, change as Partial<Run>);
    api.patchRun(runRef(run), change).then(
      saved => apply(run.id, saved),
      error => {
        apply(run.id, run);
        fail(`\`${run.display_name}\` was not changed`)(error);
      },
    );
  };
  const restore = (run: Run) => {
    drop(bin, new Set([run.id]));
    api.restoreRun(runRef(run)).then(refetch, fail(`\`${run.display_name}\` was not restored`));
  };
  return {
    patch,
    restore,
    stop: run => {
      apply(run.id, { stop_requested: true });
      api.stopRun(runRef(run)).then(
        () => showToast({ text: `asked \`${run.display_name}\` to stop` }),
        error => {
          apply(run.id, run);
          fail(`\`${run.display_name}\` was not asked to stop`)(error);
        },
      );
    },
    remove: runs => {
      drop(list, new Set(runs.map(run => run.id)));
      const what = runs.length === 1 ? `\`${runs[0].display_name}\`` : `${runs.length} runs`;
      const undo = { label: 'Undo', run: () => runs.forEach(restore) };
      Promise.all(runs.map(run => api.deleteRun(runRef(run)))).then(
        () => {
          refetch();
          showToast({ text: `${what} moved to the bin`, action: undo });
        },
        fail(`${what} not moved to the bin`),
      );
    },
    purge: run => {
      drop(bin, new Set([run.id]));
      api
        .purgeRun(runRef(run))
        .then(
          () => showToast({ text: `\`${run.display_name}\` deleted for good` }),
          fail(`\`${run.display_name}\` was not deleted`),
        );
    },
  };
}
