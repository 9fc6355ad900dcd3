export interface ImportanceItem {
  key: string;
  label: string;
  /** A share of the whole. */
  importance: number;
  /** From −1 to 1; null for what has no order. */
  correlation: number | null;
}

/** A correlation in words, with its sign, for who does not see where a bar points. */
export function correlationText(correlation: number | null): string {
  if (correlation === null) return 'no order';
  const rounded = Math.abs(correlation).toFixed(2);
  return rounded === '0.00' ? '0.00' : `${correlation > 0 ? '+' : '−'}${rounded}`;
}

/** What to expect of the metric when a parameter grows. */
export function correlationMeaning(
  label: string,
  metric: string,
  correlation: number | null,
): string {
  if (correlation === null) return `the values of ${label} have no order`;
  if (Math.abs(correlation) < 0.1) return `${metric} hardly follows ${label}`;
  const size = Math.abs(correlation) < 0.4 ? 'somewhat ' : '';
  return `${metric} is ${size}${correlation > 0 ? 'higher' : 'lower'} where ${label} is higher`;
}

/** The most important first. */
export function byImportance(items: ImportanceItem[]): ImportanceItem[] {
  return items.toSorted((a, b) => b.importance - a.importance || a.label.localeCompare(b.label));
}
