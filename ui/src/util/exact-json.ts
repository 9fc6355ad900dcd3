import type { Json } from '~/api/schema';

/** `JSON` with what newer browsers know of the text that a value was read from. */
interface SourceJson {
  parse: (
    text: string,
    reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
  ) => unknown;
  rawJSON?: (text: string) => unknown;
}

/**
 * Reads JSON so that `JSON.stringify` writes every number as it stood there: `1.0`, and integers beyond what a browser
 * can count to. Such numbers are opaque objects; {@link plainJson} makes numbers of them.
 *
 * Browsers that cannot do this read numbers as ever.
 */
export function exactJson(text: string): Json {
  const { parse, rawJSON: raw } = JSON as SourceJson;
  if (!raw) return JSON.parse(text) as Json;
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
      ? raw(context.source)
      : value;
  return parse(text, revive) as Json;
}

/** Something as long as an integer that a browser would round; also digits in a string, which are no matter. */
const LONG = /(?<![\d.])\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Reads JSON. Integers that a browser would round are strings of their digits, as the server writes those beyond 64
 * bits: two seeds that differ in the last digit differ.
 */
export function readJson(text: string): unknown {
  const { parse } = JSON as SourceJson;
  if (!LONG.test(text)) return JSON.parse(text);
  return parse(text, (_key, value, context) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    context?.source !== undefined &&
    INTEGER.test(context.source)
      ? context.source
      : value,
  );
}

/** What {@link exactJson} read, as {@link readJson} reads it. */
export function plainJson<T extends Json>(value: T): T {
  return readJson(JSON.stringify(value)) as T;
}
