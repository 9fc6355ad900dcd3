import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { offerUndo } from '~/stores/undo';
import { api, type ProjectRef } from './client';
import { queries, type RunList } from './queries';
import type { Run, RunPatch } from './schema';

/** Edits of runs: applied at once on the page, undone on request, taken back with a message when the server refuses. */
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

/** The last edit of each run that is on its way, by the run's path. */
const turns = new Map<string, Promise<void>>();

const FIELDS: Record<string, string> = {
  notes: 'notes',
  tags: 'tags',
  color: 'colour',
  group: 'group',
};

function describeEdit(name: string, change: RunPatch): string {
  const fields = Object.keys(change).map(field => FIELDS[field]);
  return change.display_name
    ? `renamed to \`${name}\``
    : `${fields.join(', ')} of \`${name}\` changed`;
}

/** What takes a change back. */
function before(run: Run, change: RunPatch): RunPatch {
  return Object.fromEntries(
    Object.keys(change).map(field => [field, run[field as keyof RunPatch & keyof Run]]),
  );
}

function makeEdits(client: QueryClient, ref: ProjectRef): RunEdits {
  const list = queries.runs(ref).queryKey;
  const bin = queries.runs(ref, true).queryKey;
  const runRef = (run: Run) => ({ ...ref, run: run.id });
  const refetch = () => {
    void client.invalidateQueries({ queryKey: list });
    void client.invalidateQueries({ queryKey: bin });
    void client.invalidateQueries({ queryKey: ['run', ref.entity, ref.project] });
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
      return { ...old, items, total: old.total - (old.items.length - items.length) };
    });

  const patch = (run: Run, change: RunPatch) => {
    const name = change.display_name ?? run.display_name;
    const forget = offerUndo({
      text: describeEdit(name, change),
      undo: () => save({ ...run, ...(change as Partial<Run>) }, before(run, change)),
      subject: `${run.id} ${Object.keys(change).join()}`,
    });
    save(run, change, forget);
  };
  /** Edits of one run reach the server in their order; only the last answer tells how the run is. */
  const save = (run: Run, change: RunPatch, onRefused?: () => void) => {
    apply(run.id, change as Partial<Run>);
    const path = `${ref.entity}/${ref.project}/${run.id}`;
    const turn = (turns.get(path) ?? Promise.resolve()).then(() =>
      api.patchRun(runRef(run), change).then(
        saved => {
          if (turns.get(path) === turn) apply(run.id, saved);
        },
        error => {
          onRefused?.();
          if (turns.get(path) === turn) apply(run.id, before(run, change) as Partial<Run>);
          fail(`\`${run.display_name}\` was not changed`)(error);
        },
      ),
    );
    turns.set(path, turn);
  };
  const restore = (run: Run) => {
    drop(bin, new Set([run.id]));
    return api
      .restoreRun(runRef(run))
      .then(refetch, fail(`\`${run.display_name}\` was not restored`));
  };
  const discard = (runs: Run[]) => {
    drop(list, new Set(runs.map(run => run.id)));
    return Promise.all(runs.map(run => api.deleteRun(runRef(run)))).then(refetch);
  };
  return {
    patch,
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
    restore: run => {
      const forget = offerUndo({
        text: `\`${run.display_name}\` restored`,
        undo: () => void restored.then(() => discard([run])).catch(refetch),
      });
      const restored = restore(run).catch(forget);
    },
    remove: runs => {
      const what = runs.length === 1 ? `\`${runs[0].display_name}\`` : `${runs.length} runs`;
      const gone = discard(runs);
      const forget = offerUndo({
        text: `${what} moved to the bin`,
        undo: () => void gone.then(() => runs.forEach(restore)).catch(refetch),
      });
      gone.catch(error => {
        forget();
        fail(`${what} not moved to the bin`)(error);
      });
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
