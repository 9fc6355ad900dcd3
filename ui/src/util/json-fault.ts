import type { JsonObject } from '~/api/schema';
import { exactJson } from './exact-json';

/** Why a text is not the JSON that it should be, and where. */
export interface JsonFault {
  message: string;
  position: number;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const WORD = /(?:true|false|null)(?![\w.+-])/y;
const MARK = /[{}[\],:]/y;
/** What a message quotes of a place. */
const FOUND = /[\w.+-]{1,20}|[^]/uy;
/** The server reads no deeper. */
const MAX_DEPTH = 100;

/** What people write who come from Python or JavaScript. */
const ADVICE: Record<string, string> = {
  None: 'JSON writes `null`',
  undefined: 'JSON writes `null`',
  True: 'JSON writes `true`',
  False: 'JSON writes `false`',
  NaN: 'JSON has no such number; `"NaN"` is text',
  Infinity: 'JSON has no such number; `"Infinity"` is text',
  '-Infinity': 'JSON has no such number; `"-Infinity"` is text',
  "'": 'strings stand in double quotes',
  '/': 'JSON has no comments',
  '#': 'JSON has no comments',
};

/** What keeps a text from being a JSON object, or null. A key that is given twice is a fault: one would be lost. */
export function objectFault(text: string): JsonFault | null {
  const scanner = new Scanner(text);
  try {
    scanner.object();
    return null;
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
}

/** The object that a text without {@link objectFault} holds, its numbers as written. */
export function exactObject(text: string): JsonObject {
  return exactJson(text) as JsonObject;
}

class FaultError extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  object(): void {
    this.skip(SPACE);
    if (this.text[this.at] !== '{') this.fail('an object, which begins with `{`');
    this.value(0);
    this.skip(SPACE);
    if (this.at < this.text.length) this.fail('nothing behind the last `}`');
  }

  private value(depth: number): void {
    this.skip(SPACE);
    if (depth > MAX_DEPTH) this.fault(`more than ${MAX_DEPTH} levels are nested`);
    if (this.take('{')) this.members(depth);
    else if (this.take('[')) this.items(depth);
    else if (this.text[this.at] === '"') this.string();
    else if (this.skip(NUMBER) === '' && this.skip(WORD) === '') this.fail('a value');
  }

  private members(depth: number): void {
    if (this.take('}')) return;
    const keys = new Set<string>();
    do {
      this.skip(SPACE);
      const start = this.at;
      if (this.text[start] !== '"') this.fail('a key in double quotes');
      const key = JSON.parse(this.string()) as string;
      if (keys.has(key)) this.fault(`the key \`${key}\` is given twice`, start);
      keys.add(key);
      if (!this.take(':')) this.fail('`:`');
      this.value(depth + 1);
    } while (this.take(','));
    if (!this.take('}')) this.fail('`,` or `}`');
  }

  private items(depth: number): void {
    if (this.take(']')) return;
    do this.value(depth + 1);
    while (this.take(','));
    if (!this.take(']')) this.fail('`,` or `]`');
  }

  private string(): string {
    const string = this.skip(STRING);
    if (string === '')
      this.fault('a string is not closed on its line, or has a `\\` that means nothing');
    return string;
  }

  private take(mark: string): boolean {
    this.skip(SPACE);
    if (this.text[this.at] !== mark) return false;
    this.skip(MARK);
    return true;
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private fail(expected: string): never {
    FOUND.lastIndex = this.at;
    const found = FOUND.exec(this.text)?.[0];
    const advice = found === undefined ? undefined : ADVICE[found];
    this.fault(
      `expected ${expected}, found ${found === undefined ? 'the end' : `\`${found}\``}${advice ? `: ${advice}` : ''}`,
    );
  }

  private fault(what: string, position = this.at): never {
    const lines = this.text.slice(0, position).split('\n');
    const column = lines[lines.length - 1].length + 1;
    throw new FaultError({
      message: `line ${lines.length}, column ${column}: ${what}`,
      position,
    });
  }
}
