import type { ConsoleLine, ConsolePage } from '../src/api/schema';
import type { MockRun } from './world.ts';

/** A search stops when it has found so much. */
const MAX_MATCHES = 100_000;
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[\d;]*m/g;

function textOf(run: MockRun, number: number): string {
  if (number === 0)
    return `\u001b[1m${run.n_restarts > 0 ? 'Resuming' : 'Training'} resnet50\u001b[0m with lr=${String(run.config.lr)}`;
  if (number % 97 === 50)
    return `\u001b[33mwarning:\u001b[0m loader waited ${number % 7}.2 s for a batch`;
  if (number % 211 === 200)
    return `\u001b[31mtorch.cuda.OutOfMemoryError\u001b[0m: retrying with a smaller batch`;
  return `epoch ${Math.floor(number / 50)} step ${number}: loss=\u001b[36m${(2 / (1 + number / 300)).toFixed(4)}\u001b[0m ${'█'.repeat(number % 24)}${'·'.repeat(24 - (number % 24))}`;
}

function line(run: MockRun, number: number): ConsoleLine {
  const time = new Date(Date.parse(run.created_at) + number * 600).toISOString();
  const level = number % 211 === 200 ? 'error' : null;
  return { number, time, level, label: null, text: textOf(run, number) };
}

/** Answers as the server does; throws a `SyntaxError` for a pattern that is none. */
export function answerConsole(run: MockRun, query: URLSearchParams): ConsolePage {
  const total = run.n_console_lines;
  const limit = Number(query.get('limit') ?? 1000);
  const tail = query.get('tail');
  const from = tail ? Math.max(0, total - Number(tail)) : Number(query.get('from') ?? 0);
  const matches = matcherOf(query);
  if (matches) {
    const items: ConsoleLine[] = [];
    let found = 0;
    let number = from;
    for (; number < total && found < MAX_MATCHES; number += 1) {
      if (!matches(textOf(run, number).replaceAll(ESCAPES, ''))) continue;
      found += 1;
      if (items.length < limit) items.push(line(run, number));
    }
    return { items, total, n_matches: found, ...(number < total ? { next_from: number } : {}) };
  }
  const end = Math.min(total, from + limit);
  return {
    items: Array.from({ length: Math.max(0, end - from) }, (_, index) => line(run, from + index)),
    total,
  };
}

function matcherOf(query: URLSearchParams): ((text: string) => boolean) | null {
  const [search, pattern] = [query.get('search')?.toLowerCase(), query.get('pattern')];
  if (search) return text => text.toLowerCase().includes(search);
  if (!pattern) return null;
  const expression = new RegExp(
    pattern.replace(/^\(\?i\)/, ''),
    pattern.startsWith('(?i)') ? 'iu' : 'u',
  );
  return text => expression.test(text);
}
