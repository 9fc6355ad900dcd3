import { dismissToast, showToast } from './toasts';

export interface UndoableEdit {
  /** What was done, as a sentence for the reader. */
  text: string;
  undo: () => void;
  /** Edits of one thing share their toast. */
  subject?: string;
  /** Without a toast: it is plain to see what was done. */
  quiet?: boolean;
}

interface Entry extends UndoableEdit {
  toast: number | null;
}

const MAX_KEPT = 50;
let entries: Entry[] = [];

/** Offers to take an edit back, by its toast or as the last one. Returns what ends the offer. */
export function offerUndo(edit: UndoableEdit): () => void {
  const entry: Entry = { ...edit, toast: null };
  const action = { label: 'Undo', run: () => takeBack(entry) };
  if (!edit.quiet) entry.toast = showToast({ text: edit.text, action, subject: edit.subject });
  entries = [...entries.slice(1 - MAX_KEPT), entry];
  return () => forget(entry);
}

/** Takes the last edit back, if there is one. */
export function undoLast(): boolean {
  const last = entries.at(-1);
  if (last) takeBack(last);
  return last !== undefined;
}

function takeBack(entry: Entry): void {
  if (!entries.includes(entry)) return;
  forget(entry);
  entry.undo();
  if (!entry.quiet) showToast({ text: `taken back: ${entry.text}`, subject: entry.subject });
}

function forget(entry: Entry): void {
  entries = entries.filter(other => other !== entry);
  if (entry.toast !== null) dismissToast(entry.toast);
}
