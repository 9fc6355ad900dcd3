import { beforeEach, expect, it, vi } from 'vitest';
import { useToasts } from './toasts';
import { offerUndo, undoLast } from './undo';

beforeEach(() => {
  vi.useFakeTimers();
  while (undoLast());
  useToasts.setState({ toasts: [] });
});

const texts = (): string[] => useToasts.getState().toasts.map(toast => toast.text);

it('takes back the last edit first, each once', () => {
  const undone: string[] = [];
  for (const name of ['a', 'b']) offerUndo({ text: name, undo: () => undone.push(name) });
  expect([undoLast(), undoLast(), undoLast()]).toEqual([true, true, false]);
  expect(undone).toEqual(['b', 'a']);
});

it('offers an undo that can be ended', () => {
  const forget = offerUndo({ text: 'renamed', undo: () => undefined });
  expect(texts()).toEqual(['renamed']);
  forget();
  expect(texts()).toEqual([]);
  expect(undoLast()).toBe(false);
});

it('shows one toast for edits of one thing', () => {
  offerUndo({ text: 'one tag', undo: () => undefined, subject: 'tags' });
  offerUndo({ text: 'two tags', undo: () => undefined, subject: 'tags' });
  offerUndo({ text: 'hidden', undo: () => undefined, quiet: true });
  expect(texts()).toEqual(['two tags']);
});
