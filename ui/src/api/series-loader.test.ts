import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answerSeries } from '../../mock-api/series';
import { World } from '../../mock-api/world';
import type { SeriesRequest } from './schema';
import { SeriesLoader, type SeriesSpec } from './series-loader';

const runs = new World().runsOf('ada', 'language').slice(1, 4);
const ids = runs.map(run => run.id);
const spec: SeriesSpec = { stream: 'history', axis: { kind: 'step' }, columns: 256 };

const loss = { kind: 'key', text: 'train/loss' } as const;
const lr = { kind: 'key', text: 'lr' } as const;

function setUp(fail: () => boolean = () => false) {
  const requests: SeriesRequest[] = [];
  const loader = new SeriesLoader(request => {
    requests.push(request);
    if (fail()) return Promise.reject(new Error('no history'));
    const asked = request.runs.map(id => runs.find(run => run.id === id)!);
    return Promise.resolve(answerSeries(request, asked).slice().buffer as ArrayBuffer);
  });
  return { requests, loader };
}

const settle = () => vi.advanceTimersByTimeAsync(1100);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks once for all that is demanded within a moment', async () => {
  const { requests, loader } = setUp();
  const notify = vi.fn();
  for (const one of [loss, lr]) loader.subscribe({ spec, quantities: [one], lines: ids }, notify);
  await settle();
  expect(requests).toHaveLength(1);
  expect(requests[0].keys).toEqual(['train/loss', 'lr']);
  expect(notify).toHaveBeenCalledTimes(2);
  const columns = loader.columns(spec, lr, ids[1]);
  expect(columns?.nPoints).toBe(runs[1].n_history_rows);
  expect(columns?.mean.length).toBeLessThanOrEqual(257);
});

it('tells the extremes of a column exactly', async () => {
  const { loader } = setUp();
  loader.subscribe({ spec, quantities: [loss], lines: ids }, () => undefined);
  await settle();
  const columns = loader.columns(spec, loss, ids[0])!;
  expect(columns.count.reduce((sum, count) => sum + count, 0)).toBe(runs[0].n_history_rows);
  columns.max.forEach((max, index) => expect(max).toBeGreaterThanOrEqual(columns.mean[index]));
});

it('asks again for a run that has grown, and for it alone', async () => {
  const { requests, loader } = setUp();
  loader.subscribe({ spec, quantities: [lr], lines: ids }, () => undefined);
  await settle();
  const before = loader.columns(spec, lr, ids[0]);
  loader.runChanged(ids[2]);
  loader.runChanged(ids[2]);
  await settle();
  expect(requests.slice(1).map(request => request.runs)).toEqual([[ids[2]]]);
  expect(loader.columns(spec, lr, ids[0])).toBe(before);
});

it('gets the same smoothed curve zoomed as whole', async () => {
  const { requests, loader } = setUp();
  const smoothing = { kind: 'time_weighted_ema', parameter: 0.9 } as const;
  const whole = { ...spec, columns: 4000, smoothing };
  const zoomed = { ...whole, min: 100, max: 200 };
  for (const asked of [whole, zoomed, { ...spec, columns: 4000 }])
    loader.subscribe({ spec: asked, quantities: [loss], lines: ids }, () => undefined);
  await settle();
  expect(requests.map(request => request.smoothing)).toEqual([smoothing, smoothing, undefined]);
  const [all, part, raw] = [whole, zoomed, { ...spec, columns: 4000 }].map(asked =>
    loader.columns(asked, loss, ids[0])!,
  );
  expect([all.isSmoothed, part.isSmoothed, raw.isSmoothed]).toEqual([true, true, false]);
  expect(part.mean).toEqual(all.mean.subarray(100, 201));
  expect(part.mean).not.toEqual(raw.mean.subarray(100, 201));
});

it('asks nothing for panels that have gone', async () => {
  const { requests, loader } = setUp();
  const leave = loader.subscribe({ spec, quantities: [lr], lines: ids }, () => undefined);
  leave();
  await settle();
  expect(requests).toEqual([]);
});

it('keeps a failure until it is asked to try again', async () => {
  let broken = true;
  const { requests, loader } = setUp(() => broken);
  const demand = { spec, quantities: [lr], lines: ids };
  loader.subscribe(demand, () => undefined);
  await settle();
  expect(loader.status(demand).error?.message).toBe('no history');
  await settle();
  expect(requests).toHaveLength(1);
  broken = false;
  loader.retry();
  await settle();
  expect(loader.status(demand)).toMatchObject({ loading: false, error: null });
});

it('asks for each expression alone, so that one that is refused takes no other along', async () => {
  const { requests, loader } = setUp();
  const expressions = ['log(lr)', 'lr / epoch'].map(
    text => ({ kind: 'expression', text }) as const,
  );
  loader.subscribe({ spec, quantities: [loss, ...expressions], lines: ids }, () => undefined);
  loader.subscribe({ spec, quantities: [lr], lines: ids }, () => undefined);
  await settle();
  expect(requests.map(({ keys, expressions }) => [keys, expressions])).toEqual([
    [['train/loss', 'lr'], undefined],
    [[], ['log(lr)']],
    [[], ['lr / epoch']],
  ]);
  const [logarithm, lrs] = [expressions[0], lr].map(
    quantity => loader.columns(spec, quantity, ids[0])!.last,
  );
  expect(logarithm.at(-1)).toBeCloseTo(Math.log(lrs.at(-1)!), 12);
});

it('asks for so much at once that every curve comes in as many columns as it wants', async () => {
  const { requests, loader } = setUp();
  const quantities = Array.from(
    { length: 40 },
    (_, n) => ({ kind: 'key', text: `k${n}` }) as const,
  );
  const fine = { ...spec, columns: 4000 };
  loader.subscribe({ spec: fine, quantities, lines: ids }, () => undefined);
  await settle();
  expect(requests.map(request => request.keys.length)).toEqual([16, 16, 8]);
});

it('asks for groups by their members, and for a group again when one of them has grown', async () => {
  const { requests, loader } = setUp();
  const groups = new Map([
    ['even', [ids[0], ids[2]]],
    ['all', ids],
  ]);
  const grouped = { ...spec, groups };
  loader.subscribe({ spec: grouped, quantities: [lr], lines: ['even', 'all'] }, () => undefined);
  await settle();
  // Lines are asked for in the order of their names.
  const { runs: asked, groups: places } = requests[0];
  expect(places!.map(members => members.map(place => asked[place]))).toEqual([
    ids,
    [ids[0], ids[2]],
  ]);
  const { group, mean, min, max } = loader.columns(grouped, lr, 'even')!;
  expect(group!.n[0]).toBe(2);
  expect(loader.columns(grouped, lr, 'all')!.group!.n[0]).toBe(3);
  expect(mean[50]).toBeCloseTo((min[50] + max[50]) / 2, 5);
  loader.runChanged(ids[1]);
  await settle();
  expect(requests.slice(1).map(request => request.groups?.length)).toEqual([1]);
  expect(requests[1].runs).toEqual(ids);
});

it('tells which runs are missing because they are damaged, alone and in groups', async () => {
  const [sound, damaged] = new World().runsOf('ada', 'damaged');
  const loader = new SeriesLoader(request => {
    const asked = request.runs.map(id => [sound, damaged].find(run => run.id === id));
    return Promise.resolve(answerSeries(request, asked).slice().buffer as ArrayBuffer);
  });
  const groups = new Map([
    ['both', [sound.id, damaged.id]],
    ['sound', [sound.id]],
  ]);
  const grouped = { ...spec, groups };
  const demands = [
    { spec, quantities: [loss, lr], lines: [sound.id, damaged.id] },
    { spec: grouped, quantities: [loss], lines: ['both', 'sound'] },
  ];
  for (const demand of demands) loader.subscribe(demand, () => undefined);
  await settle();
  const error = { run: damaged.id, message: damaged.damage };
  expect(demands.map(demand => loader.status(demand).damaged)).toEqual([[error], [error]]);
  expect(loader.status({ ...demands[0], lines: [sound.id] }).damaged).toEqual([]);
  expect(loader.status({ ...demands[1], lines: ['sound'] }).damaged).toEqual([]);
  expect(loader.columns(spec, loss, damaged.id)?.nPoints).toBe(0);
  expect(loader.columns(grouped, loss, 'both')?.nPoints).toBe(sound.n_history_rows);
});
