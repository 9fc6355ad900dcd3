import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone?: 'plain' | 'bad';
  action?: { label: string; run: () => void };
}

interface ToastState {
  toasts: Toast[];
}

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

const SHOWN_MS = 7000;
let lastId = 0;

export function showToast(toast: Omit<Toast, 'id'>): void {
  lastId += 1;
  const id = lastId;
  useToasts.setState(state => ({ toasts: [...state.toasts.slice(-3), { ...toast, id }] }));
  setTimeout(() => dismissToast(id), SHOWN_MS);
}

export function dismissToast(id: number): void {
  useToasts.setState(state => ({ toasts: state.toasts.filter(toast => toast.id !== id) }));
}
