import { expect, it } from 'vitest';
import { parseSpec, runSpec, versionSpec } from './spec';

it('reads what it writes', () => {
  const run = { entity: 'ada', project: 'vision', run: 'r1' };
  const version = { entity: 'ada', project: 'vision', collection: 'im.net-1', version: 'v3' };
  expect(parseSpec(runSpec(run))).toEqual({ kind: 'run', ref: run });
  expect(parseSpec(versionSpec(version))).toEqual({ kind: 'artifact', ref: version });
});

it.each([undefined, '', 'run:ada/vision', 'artifact:ada/vision/data', 'table:ada/vision/data:v1'])(
  'takes %j for nothing',
  text => {
    expect(parseSpec(text)).toBeNull();
  },
);
