import type { ProjectRef } from './client';
import { apiPath, callJson } from './http';
import type { Page } from './schema';
import type * as Wire from './sweep-schema';

/** Names a sweep everywhere in the app. */
export interface SweepRef extends ProjectRef {
  sweep: string;
}

const listPath = ({ entity, project }: ProjectRef, ...rest: string[]): string =>
  apiPath('projects', entity, project, 'sweeps', ...rest);
const sweepPath = ({ entity, project, sweep }: SweepRef, ...rest: string[]): string =>
  apiPath('sweeps', entity, project, sweep, ...rest);

/** Operations on sweeps. */
export const sweepApi = {
  sweeps: (ref: ProjectRef, query: { cursor?: string; limit?: number }) =>
    callJson<Page<Wire.Sweep>>('GET', listPath(ref), { query }),
  addSweep: (ref: ProjectRef, body: Wire.NewSweep) =>
    callJson<Wire.ChangedSweep>('POST', listPath(ref), { body }),
  /** Says what is wrong with a config, and stores nothing. */
  checkConfig: (ref: ProjectRef, config: string) =>
    callJson<Wire.ConfigCheck>('POST', listPath(ref, 'check'), { body: { config } }),
  /** The parameters that the configs of runs suggest. */
  suggest: (ref: ProjectRef, runs: string[]) =>
    callJson<Wire.Suggestion>('POST', listPath(ref, 'suggest'), { body: { runs } }),
  sweep: (ref: SweepRef) => callJson<Wire.SweepDetail>('GET', sweepPath(ref)),
  patchSweep: (ref: SweepRef, body: Wire.SweepPatch) =>
    callJson<Wire.ChangedSweep>('PATCH', sweepPath(ref), { body }),
  deleteSweep: (ref: SweepRef, withRuns: boolean) =>
    callJson<void>('DELETE', sweepPath(ref), { query: { runs: withRuns || undefined } }),
  trials: (ref: SweepRef, query: { cursor?: string; limit?: number }) =>
    callJson<Page<Wire.Trial>>('GET', sweepPath(ref, 'trials'), { query }),
  importance: (ref: SweepRef, metric: string) =>
    callJson<Wire.Importance>('GET', sweepPath(ref, 'importance'), { query: { metric } }),
};
