import { expect, it } from 'vitest';
import { complete, metricText, namedMetrics, readRefusal, suggest, tokenAt } from './expression';

const METRICS = ['loss', 'train/loss', 'val/loss', 'log_var', 'lr'];

/** The text with its caret at `|` after the first suggestion is taken. */
function taken(marked: string): string | null {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const token = tokenAt(text, caret);
  const [first] = suggest(token, METRICS, 5);
  if (!first) return null;
  const done = complete(text, token, first);
  return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`;
}

it.each([
  ['lo|', 'log(|'],
  ['los|', 'loss|'],
  ['train/lo|', '${train/loss}|'],
  ['1 - val/l| * 2', '1 - ${val/loss}| * 2'],
  ['${va|', '${val/loss}|'],
  ['log(${val/l|oss})', 'log(${val/loss}|)'],
  ['$|', '${lr|'.replace('${lr', 'lr')],
  ['nothing|', null],
])('completes %s to %s', (marked, expected) => expect(taken(marked)).toBe(expected));

it('puts what begins with the text first, then what begins a part of a name', () => {
  const names = suggest(tokenAt('lo', 2), METRICS, 10).map(({ name }) => name);
  expect(names).toEqual(['log', 'loss', 'log2', 'log10', 'log_var', 'val/loss', 'train/loss']);
});

it('writes names so that they cannot be misread', () => {
  expect(['loss', 'train.loss', 'train/loss', '2nd', 'a}b', 'größe'].map(metricText)).toEqual([
    'loss',
    'train.loss',
    '${train/loss}',
    '${2nd}',
    '${a\\}b}',
    '${größe}',
  ]);
});

it('knows the metrics an expression names', () => {
  expect(namedMetrics('log(loss) - ${val/loss} * lag(loss, 2) + 2e3 + max (a.b, lr)')).toEqual([
    'loss',
    'val/loss',
    'a.b',
    'lr',
  ]);
});

it('reads where the server points', () => {
  expect(
    readRefusal('`expressions[0]`: expected an operator or the end at character 6, found `b`'),
  ).toEqual({ reason: 'expected an operator or the end at character 6, found `b`', place: 5 });
  expect(readRefusal('`axis.name`: an expression must name a metric').place).toBeNull();
});
