import { create } from 'zustand';
import type { Zoom } from '~/charts/use-plot-pointer';

/** Zoomed ranges by panel, so that a panel and its full-screen view agree. Zooms end with the page. */
export const useZooms = create<Record<string, Zoom | undefined>>(() => ({}));

export function setZoom(id: string, zoom: Zoom | null): void {
  useZooms.setState({ [id]: zoom ?? undefined });
}
