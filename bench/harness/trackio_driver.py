"""Logs and reads through trackio's storage, in a Python that has it. Prints figures as JSON; called by `peers`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import processes
from harness.rows import batches, metric_name

COLUMNS = 1500
PROJECT = "peers"


def main(n_runs: int, n_rows: int, batch_rows: int, n_metrics: int, n_charts: int) -> None:
    """Log run after run, then read one metric's logs of all runs, as its dashboard does."""
    from trackio.sqlite_storage import SQLiteStorage  # type: ignore[import-not-found]  # noqa: PLC0415

    prepared = []
    for run in range(n_runs):
        for batch in batches(run, n_rows, batch_rows, n_metrics):
            rows = [json.loads(line) for line in batch.lines()]
            values = [{key: value for key, value in row.items() if not key.startswith("_")} for row in rows]
            prepared.append((f"run-{run}", values, [row["_step"] for row in rows]))
    cpu_before_s, began = time.process_time(), time.perf_counter()
    for name, values, steps in prepared:
        SQLiteStorage.bulk_log(PROJECT, name, values, steps=steps)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_before_s

    def chart() -> int:
        key, n_points = metric_name(n_metrics // 2), 0
        for run in range(n_runs):
            logs = SQLiteStorage.get_logs(PROJECT, f"run-{run}", max_points=COLUMNS)
            n_points += sum(1 for row in logs if key in row)
        return n_points

    n_points = chart()
    times = []
    for _ in range(n_charts):
        began = time.perf_counter()
        chart()
        times.append(time.perf_counter() - began)
    figures = {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "charts_s": times,
        "n_points": n_points,
        "peak_bytes": processes.peak_bytes(os.getpid()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
