import { create } from 'zustand';

/** The run under the pointer, in the list or in a chart: every chart shows it bold. */
export const useHoveredRun = create<{ runId: string | null }>(() => ({ runId: null }));
