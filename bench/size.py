#!/usr/bin/env python3
"""What a small run costs on disk, and what is left of it after it was deleted.

    cargo xtask bench size [--small] [--runs 200]

Each run has a config, 10 rows of 5 metrics in two requests, and a summary. It is measured with the server stopped, so
that the database's log is in its file: after the runs ended, after they were folded, and after they were purged.
Database bytes are those in use; what is free in its file is for the runs to come. Disk bytes are whole blocks, those of
folders included.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from harness import environment
from harness.report import Report
from harness.rows import HISTORY, batches
from harness.server import Ballast, Connection, Run

BUDGET_RUN_BYTES = 8_000
BUDGET_LEFT_BYTES = 500
"""What may be left of a purged run, for a while: others must learn that it is gone."""

N_ROWS = 10
N_METRICS = 5
ENDED_AFTER_S = 1
SETTLE_CAP_S = 300.0

class Size(NamedTuple):
    """Bytes of what is stored."""

    database: int
    blobs: int
    blobs_on_disk: int

    def __sub__(self, other: tuple[int, ...]) -> Size:
        return Size(*(a - b for a, b in zip(self, other, strict=True)))


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--runs", type=int)
    given = parser.parse_args()
    n_runs = given.runs or (20 if given.small else 200)
    report = Report("size", f"{n_runs} runs of {N_ROWS} rows x {N_METRICS} metrics", small=given.small)
    with (
        environment.temporary(given.dir) as temporary,
        Ballast(environment.binary(), Path(temporary), BALLAST_FOLD_ENDED_AFTER=f"{ENDED_AFTER_S}s") as server,
    ):
        # The first run brings what all runs of a project share.
        log(server, server.connect(), 0)
        fold(server, 1)
        empty = measured(server)

        connection = server.connect()
        runs = [log(server, connection, number) for number in range(1, n_runs + 1)]
        figures(report, "as reported", measured(server) - empty, n_runs)

        fold(server, 1 + n_runs)
        figures(report, "folded", measured(server) - empty, n_runs, at_most=BUDGET_RUN_BYTES)

        connection = server.connect()
        for run in runs:
            connection.request("DELETE", run.native_path)
            connection.request("DELETE", f"{run.native_path}?purge=true")
        server.settle(SETTLE_CAP_S, at_once=True)
        figures(report, "purged", measured(server) - empty, n_runs, at_most=BUDGET_LEFT_BYTES)
    return report.close()


def log(server: Ballast, connection: Connection, number: int) -> Run:
    """Log a small run from its beginning to its end."""
    config = json.dumps({f"parameter_{place}": {"value": number + place / 7} for place in range(8)})
    run = server.run(connection, "size", f"run-{number}", config)
    for batch in batches(number, N_ROWS, N_ROWS // 2, N_METRICS):
        lines = batch.lines()
        files = {
            HISTORY: {"offset": batch.first_step, "content": lines},
            "wandb-summary.json": {"offset": 0, "content": lines[-1:]},
        }
        connection.request("POST", run.stream_path, json.dumps({"files": files}).encode())
    connection.request("POST", run.stream_path, b'{"complete": true, "exitcode": 0}')
    return run


def fold(server: Ballast, n_files: int) -> None:
    """Wait until every run is folded, each into one file of rows."""
    time.sleep(ENDED_AFTER_S)
    began = time.perf_counter()
    server.restart()
    while len(server.parquet_files()) < n_files:
        if time.perf_counter() - began > SETTLE_CAP_S:
            message = f"{len(server.parquet_files())} of {n_files} runs are folded after {SETTLE_CAP_S:.0f} s"
            raise SystemExit(message)
        time.sleep(0.25)


def measured(server: Ballast) -> Size:
    """Stop the server, measure, and start it again."""
    server.stop()
    database = (server.data_dir / "ballast.db").stat().st_size - server.free_database_bytes()
    blobs = server.data_dir / "blobs"
    paths = [Path(folder, name) for folder, folders, files in os.walk(blobs) for name in (*folders, *files)]
    sizes = [(path, path.stat()) for path in paths]
    server.start()
    return Size(
        database,
        sum(stat.st_size for path, stat in sizes if path.is_file()),
        sum(stat.st_blocks * 512 for _, stat in sizes),
    )


def figures(report: Report, when: str, size: Size, n_runs: int, at_most: float | None = None) -> None:
    """Print what a run costs."""
    report.section(f"{when}, a run")
    report.figure("in the database", size.database / n_runs, "bytes")
    report.figure("in the blob store", size.blobs / n_runs, "bytes")
    report.figure("together", (size.database + size.blobs) / n_runs, "bytes", at_most=at_most)
    report.figure("of the blob store, on disk", size.blobs_on_disk / n_runs, "bytes")


if __name__ == "__main__":
    sys.exit(main())
