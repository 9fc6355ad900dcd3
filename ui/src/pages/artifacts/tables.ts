/** Whether cells of a file are texts, whatever they stand for. */
export function isSeparated(path: string): boolean {
  return /\.[ct]sv$/i.test(path);
}

/** Whether the server reads a file as rows. */
export function isTable(path: string): boolean {
  return /\.(csv|tsv|jsonl|ndjson|parquet|table\.json)$/i.test(path);
}
