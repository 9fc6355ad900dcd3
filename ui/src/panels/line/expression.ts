/** Functions of the server's expressions, in the order of its documentation. */
const FUNCTIONS = [
  'log',
  'log2',
  'log10',
  'exp',
  'sqrt',
  'abs',
  'floor',
  'ceil',
  'round',
  'sin',
  'cos',
  'tanh',
  'min',
  'max',
  'lag',
  'diff',
  'cumsum',
  'cummax',
  'cummin',
];
const BARE_NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** A name being typed: its characters so far, and where in the text they and what belongs to them stand. */
export interface Token {
  start: number;
  end: number;
  typed: string;
  /** It began with `${`, so it can only be a metric. */
  braced: boolean;
}

export interface Suggestion {
  kind: 'metric' | 'function';
  name: string;
  /** What stands in the text when it is chosen. */
  text: string;
}

/** A metric's name as an expression writes it: bare where that cannot be misread. */
export function metricText(name: string): string {
  return BARE_NAME.test(name) ? name : `\${${name.replaceAll('}', '\\}')}}`;
}

/** The name at the caret. A bare one may hold `/`, for that is how people begin to type a metric's name. */
export function tokenAt(text: string, caret: number): Token {
  const before = text.slice(0, caret);
  const braced = /\$\{?([^}]*)$/.exec(before);
  if (braced && !before.slice(braced.index).includes('}')) {
    const rest = /^[^}\s]*\}?/.exec(text.slice(caret))![0];
    const end = rest.endsWith('}') ? caret + rest.length : caret;
    return { start: braced.index, end, typed: braced[1], braced: true };
  }
  const typed = /[A-Za-z_][A-Za-z0-9_./]*$/.exec(before)?.[0] ?? '';
  return { start: caret - typed.length, end: caret, typed, braced: false };
}

/** Metrics and functions that a token may become: what begins with it before what holds it, short before long. */
export function suggest(token: Token, metrics: string[], most: number): Suggestion[] {
  const needle = token.typed.toLowerCase();
  const ranked: [number, Suggestion][] = [];
  for (const name of metrics) {
    const place = name.toLowerCase().indexOf(needle);
    if (place < 0) continue;
    const startsPart = place === 0 ? 0 : '/._'.includes(name[place - 1]) ? 1 : 2;
    ranked.push([startsPart, { kind: 'metric', name, text: metricText(name) }]);
  }
  if (!token.braced && needle !== '') {
    for (const name of FUNCTIONS) {
      if (name.startsWith(needle)) ranked.push([0, { kind: 'function', name, text: `${name}(` }]);
    }
  }
  return ranked
    .toSorted(([a, one], [b, other]) => a - b || one.name.length - other.name.length)
    .slice(0, most)
    .map(([, suggestion]) => suggestion);
}

/** The text with a suggestion in place of its token, and where the caret then stands. */
export function complete(
  text: string,
  token: Token,
  suggestion: Suggestion,
): { text: string; caret: number } {
  const before = text.slice(0, token.start) + suggestion.text;
  return { text: before + text.slice(token.end), caret: before.length };
}

/** The metrics that an expression names, each once. */
export function namedMetrics(text: string): string[] {
  const names = new Set<string>();
  const parts = text.matchAll(
    /\$\{((?:\\\}|[^}])*)\}|(?<![\w.$])([A-Za-z_][\w.]*)(?!\s*\(|[\w.])/g,
  );
  for (const [, braced, bare] of parts) names.add(braced?.replaceAll('\\}', '}') ?? bare);
  return [...names];
}

/** What the server says of an expression, without the name of the request's field; and the character it points at, from 0. */
export function readRefusal(message: string): { reason: string; place: number | null } {
  const reason = message.replace(/^`(?:expressions\[\d+\]|axis\.name)`: /, '');
  const place = /at character (\d+)/.exec(reason)?.[1];
  return { reason, place: place === undefined ? null : Number(place) - 1 };
}
