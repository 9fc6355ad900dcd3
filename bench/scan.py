#!/usr/bin/env python3
"""How fast all rows of a run are read, one page after the other.

    cargo xtask bench scan [--small] [--rows 300000]

One run of 300,000 rows of 10 floats. Every row is read in pages of 1,000: by the native API (`GET …/rows`), all keys
and then one key, and by the query that the client's `scan_history` sends (`history(minStep, maxStep)`); then all of them
are downloaded in one file, as CSV, Arrow and Parquet. Answers are not parsed while the clock runs. Memory is the most that the server held, which must not follow the length of the run.
"""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from harness import environment, limits, load
from harness.report import Report, number
from harness.rows import batches, build, metric_name
from harness.server import Ballast, Connection, Run

# What the server may hold whatever is asked of it: its cache, and 200 MB.
BUDGET_MEMORY_BYTES = 512_000_000

N_METRICS = 10
BATCH_ROWS = 1000
PAGE_ROWS = 1000
SETTLE_CAP_S = 300.0

HISTORY_PAGE = """
query HistoryPage(
  $entity: String!, $project: String!, $run: String!, $minStep: Int64!, $maxStep: Int64!, $pageSize: Int!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize) }
  }
}
"""


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--rows", type=int)
    given = parser.parse_args()
    n_rows = given.rows or (60_000 if given.small else 300_000)
    report = Report(
        "scan", f"one run of {n_rows:,} rows x {N_METRICS} floats, pages of {PAGE_ROWS:,} rows", small=given.small
    )
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        run = server.run(connection, "scan", "all")
        load.send(server, [load.Job(run, build(batches(0, n_rows, BATCH_ROWS, N_METRICS)))], 1)
        load.finish(server, [run])
        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        report.note(f"folding settled in {settled_s:.0f} s: {len(server.parquet_files())} Parquet files")
        report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")
        scans = (
            ("native, all keys", N_METRICS, native_pages(server.connect(), run, []), b'{"step":'),
            ("native, one key", 1, native_pages(server.connect(), run, [metric_name(3)]), b'{"step":'),
            (
                "the client's page query, all keys",
                N_METRICS,
                client_pages(server.connect(), run, n_rows),
                b'\\"_step\\"',
            ),
        )
        for label, n_keys, pages, mark in scans:
            report.section(label)
            before_s, n_found, n_bytes, slowest_s = server.cpu_s(), 0, 0, 0.0
            began = previous = time.perf_counter()
            for page in pages:
                n_found += page.count(mark)
                n_bytes += len(page)
                now = time.perf_counter()
                slowest_s, previous = max(slowest_s, now - previous), now
            wall_s = previous - began
            cpu_s = server.cpu_s() - before_s
            if n_found != n_rows:
                report.problem(f"{n_found:,} rows came of {n_rows:,}")
            report.figure("rows a second", n_rows / wall_s, "/s")
            report.figure("values a second", n_rows * n_keys / wall_s, "/s")
            report.figure("megabytes a second", n_bytes / wall_s / 1e6, "MB/s")
            report.figure("page, mean", wall_s / (n_rows / PAGE_ROWS) * 1e3, "ms")
            report.figure("page, slowest", slowest_s * 1e3, "ms")
            report.figure("server CPU a million values", cpu_s / (n_rows * n_keys) * 1e6, "s")
            report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")

        for file_format in ("csv", "arrow", "parquet"):
            report.section(f"download as {file_format}")
            before_s, began, n_bytes = server.cpu_s(), time.perf_counter(), 0
            file = server.connect().open("GET", f"{run.download_path}?format={file_format}&run={run.name}")
            n_lines = -1
            while part := file.read(1 << 20):
                n_bytes += len(part)
                n_lines += part.count(b"\n")
            wall_s = time.perf_counter() - began
            if file_format == "csv" and n_lines != n_rows:
                report.problem(f"{n_lines:,} rows came of {n_rows:,}")
            report.figure("rows a second", n_rows / wall_s, "/s")
            report.figure("megabytes a second", n_bytes / wall_s / 1e6, "MB/s")
            cpu_s = server.cpu_s() - before_s
            report.figure("server CPU a million values", cpu_s / (n_rows * N_METRICS) * 1e6, "s")
            report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")

        report.section("all in all")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB", at_most=BUDGET_MEMORY_BYTES / 1e6)
        server.stop()
        report.section("the limit: every column of the same files read by a bare Parquet reader (pyarrow)")
        if limit := limits.measure("parquet", str(server.data_dir / "blobs"), "3"):
            report.note(f"{limit['n_files']} files hold {number(limit['n_rows'])} of {number(n_rows)} rows")
            report.figure("rows a second, from memory", limit["n_rows"] / limit["warm_s"], "/s")
    return report.close()


def native_pages(connection: Connection, run: Run, keys: list[str]) -> Iterator[bytes]:
    """Yield the pages of the native API."""
    fixed: list[tuple[str, str]] = [("limit", str(PAGE_ROWS)), *(("key", key) for key in keys)]
    cursor: list[tuple[str, str]] = []
    while True:
        page = connection.request("GET", f"{run.native_path}/rows?{urllib.parse.urlencode(fixed + cursor)}")
        yield page
        found = re.search(rb'"next_cursor":\s*("(?:[^"\\]|\\.)*")', page[-1000:])
        if not found:
            return
        cursor = [("cursor", json.loads(found[1]))]


def client_pages(connection: Connection, run: Run, n_rows: int) -> Iterator[bytes]:
    """Yield the pages that the client asks for: windows of steps."""
    for first in range(0, n_rows, PAGE_ROWS):
        variables = {
            "entity": run.entity,
            "project": run.project,
            "run": run.name,
            "minStep": first,
            "maxStep": first + PAGE_ROWS,
            "pageSize": PAGE_ROWS,
        }
        body = json.dumps({"operationName": "HistoryPage", "query": HISTORY_PAGE, "variables": variables})
        yield connection.request("POST", "/graphql", body.encode())


if __name__ == "__main__":
    sys.exit(main())
