import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone?: 'plain' | 'bad';
  action?: { label: string; run: () => void };
  /** Takes the place of a toast about the same. */
  subject?: string;
}

interface ToastState {
  toasts: Toast[];
}

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

const SHOWN_MS = 7000;
let lastId = 0;

/** Shows a toast for some seconds and returns its id. */
export function showToast(toast: Omit<Toast, 'id'>): number {
  lastId += 1;
  const id = lastId;
  useToasts.setState(({ toasts }) => {
    const others = toasts.filter(other => !toast.subject || other.subject !== toast.subject);
    return { toasts: [...others.slice(-3), { ...toast, id }] };
  });
  setTimeout(() => dismissToast(id), SHOWN_MS);
  return id;
}

export function dismissToast(id: number): void {
  useToasts.setState(state => ({ toasts: state.toasts.filter(toast => toast.id !== id) }));
}
