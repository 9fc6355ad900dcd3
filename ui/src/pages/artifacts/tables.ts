/** Whether the server reads a file as rows. */
export function isTable(path: string): boolean {
  return /\.(csv|tsv|jsonl|parquet|table\.json)$/i.test(path);
}
