import type { ProjectRef } from '~/api/client';
import { useRunEdits, type RunEdits } from '~/api/run-edits';
import { canWrite } from '~/util/roles';
import { useProjectRole } from './use-project-role';

/** Edits of the runs of a project; null for who may only read them. */
export function useRunEditing(ref: ProjectRef): RunEdits | null {
  const edits = useRunEdits(ref);
  return canWrite(useProjectRole(ref)) ? edits : null;
}
