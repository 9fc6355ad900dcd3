import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { offerUndo } from '~/stores/undo';
import { api } from './client';
import { queries } from './queries';
import type { List, Project } from './schema';

export interface ProjectEdits {
  /** Applied at once on the page, taken back with a message when the server refuses. */
  describe: (project: Project, description: string) => void;
  /** For good; settles once it is done. */
  remove: (project: Project) => Promise<void>;
}

export function useProjectEdits(): ProjectEdits {
  const client = useQueryClient();
  return useMemo(() => makeEdits(client), [client]);
}

function makeEdits(client: QueryClient): ProjectEdits {
  const apply = (project: Project, change: Partial<Project>) => {
    const isIt = (other: Project): boolean =>
      other.entity === project.entity && other.name === project.name;
    client.setQueryData<List<Project>>(
      queries.projects().queryKey,
      old => old && { items: old.items.map(item => (isIt(item) ? { ...item, ...change } : item)) },
    );
    client.setQueryData<Project>(
      queries.project({ entity: project.entity, project: project.name }).queryKey,
      old => old && { ...old, ...change },
    );
  };
  const save = (project: Project, description: string, onRefused?: () => void) => {
    apply(project, { description });
    const ref = { entity: project.entity, project: project.name };
    api.patchProject(ref, { description }).catch((error: unknown) => {
      onRefused?.();
      apply(project, { description: project.description });
      const reason = error instanceof Error ? error.message : String(error);
      showToast({ tone: 'bad', text: `\`${project.name}\` was not described: ${reason}` });
    });
  };
  return {
    describe: (project, description) => {
      const forget = offerUndo({
        text: `description of \`${project.name}\` changed`,
        undo: () => save({ ...project, description }, project.description),
        subject: `description of ${project.entity}/${project.name}`,
      });
      save(project, description, forget);
    },
    remove: async project => {
      const { entity, name } = project;
      await api.deleteProject({ entity, project: name });
      client.setQueryData<List<Project>>(
        queries.projects().queryKey,
        old =>
          old && {
            items: old.items.filter(other => other.entity !== entity || other.name !== name),
          },
      );
      client.removeQueries({
        predicate: query => query.queryKey[1] === entity && query.queryKey[2] === name,
      });
      showToast({ text: `\`${name}\` deleted` });
    },
  };
}
