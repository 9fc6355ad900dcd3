"""What the benchmarks share: a server to measure, rows to log, figures to print. Only Python's standard library."""
