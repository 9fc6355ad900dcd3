import type { ConsoleLine, ConsolePage } from '../src/api/schema';
import type { MockRun } from './world.ts';

function line(run: MockRun, number: number): ConsoleLine {
  const time = new Date(Date.parse(run.created_at) + number * 600).toISOString();
  const text =
    number === 0
      ? `\u001b[1mTraining resnet50\u001b[0m with lr=${String(run.config.lr)}`
      : number % 97 === 50
        ? `\u001b[33mwarning:\u001b[0m loader waited ${number % 7}.2 s for a batch`
        : number % 211 === 200
          ? `\u001b[31mtorch.cuda.OutOfMemoryError\u001b[0m: retrying with a smaller batch`
          : `epoch ${Math.floor(number / 50)} step ${number}: loss=\u001b[36m${(2 / (1 + number / 300)).toFixed(4)}\u001b[0m ${'█'.repeat(number % 24)}${'·'.repeat(24 - (number % 24))}`;
  return { number, time, level: number % 211 === 200 ? 'error' : null, label: null, text };
}

export function answerConsole(run: MockRun, query: URLSearchParams): ConsolePage {
  const total = run.n_console_lines;
  const limit = Number(query.get('limit') ?? 1000);
  const search = query.get('search')?.toLowerCase();
  if (search) {
    const items: ConsoleLine[] = [];
    let matches = 0;
    for (let number = 0; number < Math.min(total, 50_000); number += 1) {
      const candidate = line(run, number);
      if (!candidate.text.toLowerCase().includes(search)) continue;
      matches += 1;
      if (items.length < limit) items.push(candidate);
    }
    return { items, total, n_matches: matches };
  }
  const tail = query.get('tail');
  const from = tail ? Math.max(0, total - Number(tail)) : Number(query.get('from') ?? 0);
  const end = Math.min(total, from + limit);
  return {
    items: Array.from({ length: Math.max(0, end - from) }, (_, index) => line(run, from + index)),
    total,
  };
}
