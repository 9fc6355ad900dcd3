/** The x all panels point at. Kept outside React: it moves with every pointer event. */
export interface CrosshairState {
  x: number | null;
  /** Panels show the line only where x means the same. */
  axis: string;
  source: string;
}

type Listener = (state: CrosshairState) => void;

export class Crosshair {
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  point(state: CrosshairState): void {
    for (const listener of this.listeners) listener(state);
  }
}

export const crosshair = new Crosshair();
