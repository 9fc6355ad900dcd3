/** Matches text by substring (any case) or, written `/like this/`, by regular expression. */
export interface Pattern {
  matches: (text: string) => boolean;
  /** Why the expression cannot be used; everything matches then. */
  error: string | null;
}

export function parsePattern(text: string): Pattern {
  const query = text.trim();
  if (query === '') return { matches: () => true, error: null };
  const expression =
    /^\/(.*?)\/([iu]*)$/.exec(query) ??
    (query.startsWith('/') ? [query, query.slice(1), 'i'] : null);
  if (expression) return fromExpression(expression[1], expression[2] || 'i');
  const needle = query.toLowerCase();
  return { matches: candidate => candidate.toLowerCase().includes(needle), error: null };
}

/** For fields where every text is an expression; falls back to a substring while one is being typed. */
export function parseExpression(text: string): Pattern {
  const query = text.trim();
  if (query === '') return { matches: () => true, error: null };
  const inner = /^\/(.*?)\/?i?$/.exec(query);
  const pattern = fromExpression(inner ? inner[1] : query, 'i');
  if (!pattern.error) return pattern;
  const needle = query.toLowerCase();
  return { matches: candidate => candidate.toLowerCase().includes(needle), error: pattern.error };
}

function fromExpression(source: string, flags: string): Pattern {
  try {
    const expression = new RegExp(source, flags);
    return { matches: candidate => expression.test(candidate), error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*:\s*/, '') : 'unreadable';
    return { matches: () => true, error: reason };
  }
}

/** A search as the server takes it: by substring or, if it is a regular expression that matters, by pattern; any case. */
export function serverSearch(text: string): { search?: string; pattern?: string } {
  const query = text.trim();
  if (query === '') return {};
  const inner = /^\/(.*?)\/?i?$/.exec(query)?.[1] ?? query;
  const isPlain = !/[\\^$.*+?()[\]{}|]/.test(inner);
  if (isPlain) return { search: inner };
  return parseExpression(query).error ? { search: query } : { pattern: `(?i)${inner}` };
}
