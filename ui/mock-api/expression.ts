/** Reads and computes expressions over the metrics of a row, a part of the server's grammar. */
export type Evaluate = (metric: (name: string, back: number) => number, back?: number) => number;

/** The text cannot be read; says where, as the server does. */
export class ExpressionError extends Error {}

const OPERAND = 'a number, a metric, a function, `-` or `(`';
const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  log: Math.log,
  exp: Math.exp,
  sqrt: Math.sqrt,
  abs: Math.abs,
  min: Math.min,
  max: Math.max,
};
const OPERATORS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

export interface Expression {
  metrics: string[];
  evaluate: Evaluate;
}

export function parse(text: string): Expression {
  let place = 0;
  const metrics: string[] = [];
  const fail = (expected: string): never => {
    const found = /^[\w.]+|^./u.exec(text.slice(place))?.[0];
    const what = found ? `\`${found}\`` : 'the end';
    throw new ExpressionError(`expected ${expected} at character ${place + 1}, found ${what}`);
  };
  const take = (pattern: RegExp): string | null => {
    const found = new RegExp(`^(?:${pattern.source})\\s*`).exec(text.slice(place));
    if (!found) return null;
    place += found[0].length;
    return found[0].trim();
  };
  const chain = (operators: RegExp, next: () => Evaluate): Evaluate => {
    let left = next();
    for (let sign = take(operators); sign !== null; sign = take(operators)) {
      const [a, b, combine] = [left, next(), OPERATORS[sign]];
      left = (metric, back) => combine(a(metric, back), b(metric, back));
    }
    return left;
  };
  const sum = (): Evaluate => chain(/[+-]/, product);
  const product = (): Evaluate => chain(/[*/%]/, primary);
  const metricOf = (name: string): Evaluate => {
    metrics.push(name);
    return (metric, back = 0) => metric(name, back);
  };
  const primary = (): Evaluate => {
    if (take(/-/)) {
      const inner = primary();
      return (metric, back) => -inner(metric, back);
    }
    const number = take(/\d+(\.\d+)?/);
    if (number !== null) return () => Number(number);
    const braced = take(/\$\{[^}]*\}/);
    if (braced !== null) return metricOf(braced.slice(2, -1));
    if (take(/\(/)) {
      const inner = sum();
      if (!take(/\)/)) fail('an operator or `)`');
      return inner;
    }
    const start = place;
    const name = take(/[A-Za-z_][\w.]*/);
    if (name === null) return fail(OPERAND);
    if (!take(/\(/)) return metricOf(name);
    const args = [sum()];
    while (take(/,/)) args.push(sum());
    if (!take(/\)/)) fail('an operator, `,` or `)`');
    if (name === 'lag') return (metric, back = 0) => args[0](metric, back + 1);
    const compute = FUNCTIONS[name];
    if (!compute)
      throw new ExpressionError(
        `there is no function \`${name}\` at character ${start + 1}, there are \`log\`, \`lag\``,
      );
    return (metric, back) => compute(...args.map(arg => arg(metric, back)));
  };
  take(/\s*/);
  const evaluate = sum();
  if (place < text.length) fail('an operator or the end');
  if (metrics.length === 0)
    throw new ExpressionError('an expression must name a metric, as `loss` or `${train/loss}`');
  return { metrics, evaluate };
}
