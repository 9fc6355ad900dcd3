#!/usr/bin/env python3
"""How much memory the server takes, whatever is asked of it.

    cargo xtask bench memory [--small]

40 runs of 50,000 rows of 30 floats, one run of 2,000,000 rows, and a run of 5,000 metrics, all folded; the server with its
default cache of 256 MiB. Then many clients at once ask for what costs most: whole rows of many keys, expressions and
smoothing over every point of many runs, groups, another metric as x, lists of keys, and downloads in every format, some
by clients that read slowly. The most that the server ever held must stay below its cache and 200 MB.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path

from harness import environment, load
from harness.report import Report
from harness.rows import batches, build, metric_name
from harness.server import Ballast, Connection, Run

CACHE_BYTES = 256 << 20
BUDGET_BEYOND_BYTES = 200_000_000

N_METRICS = 30
BATCH_ROWS = 1000
SETTLE_CAP_S = 600.0


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float)
    given = parser.parse_args()
    n_runs, n_rows, n_long, n_wide = (8, 10_000, 200_000, 1000) if given.small else (40, 50_000, 2_000_000, 5000)
    seconds = given.seconds or (10.0 if given.small else 60.0)
    report = Report(
        "memory",
        f"{n_runs} runs x {n_rows:,} rows x {N_METRICS} floats, one of {n_long:,} rows, one of {n_wide:,} keys; "
        f"{given.clients} clients for {seconds:.0f} s",
        small=given.small,
    )
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        runs = [server.run(connection, "memory", f"run-{index}") for index in range(n_runs)]
        long, wide = (server.run(connection, "memory", name) for name in ("long", "wide"))
        jobs = [load.Job(run, build(batches(0, n_rows, BATCH_ROWS, N_METRICS))) for run in runs]
        jobs.append(load.Job(long, build(batches(0, n_long, 10 * BATCH_ROWS, 2))))
        jobs.append(load.Job(wide, build(batches(0, 400, 20, n_wide))))
        load.send(server, jobs, 4)
        load.finish(server, [*runs, long, wide])
        report.figure("server memory after logging, peak", server.peak_bytes() / 1e6, "MB")
        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        report.note(f"folded in {settled_s:.0f} s: {len(server.parquet_files())} Parquet files")
        report.figure("server memory after folding, peak", server.peak_bytes() / 1e6, "MB")

        requests = everything(runs, long, wide)
        counts: dict[str, int] = {}
        failures: list[str] = []
        until = time.perf_counter() + seconds
        threads = [
            threading.Thread(target=ask, args=(server, requests, until, seed, counts, failures), daemon=True)
            for seed in range(given.clients)
        ]
        threads.extend(
            threading.Thread(target=read_slowly, args=(server, path, until), daemon=True)
            for path in (download(long, "csv"), download(runs[0], "parquet", whole=True)) * 2
        )
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        report.section("answered")
        for label, count in sorted(counts.items()):
            report.figure(label, count, "times")
        for failure in failures[:5]:
            report.problem(failure)
        report.section("all in all")
        limit = (CACHE_BYTES + BUDGET_BEYOND_BYTES) / 1e6
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB", at_most=limit)
        report.figure("server memory now", server.resident_bytes() / 1e6, "MB")
    return report.close()


Request = tuple[str, Callable[[random.Random], tuple[str, str, bytes | None]]]


def everything(runs: list[Run], long: Run, wide: Run) -> list[Request]:
    """Return what clients ask for, each with a name."""

    def series(of: Iterable[Run], **what: object) -> tuple[str, str, bytes]:
        body = {"runs": [run.name for run in of], "keys": [], "axis": {"kind": "step"}, "columns": 1500, **what}
        return "POST", runs[0].series_path, json.dumps(body).encode()

    def key(chance: random.Random) -> str:
        return metric_name(chance.randrange(N_METRICS))

    smoothed = {"smoothing": {"kind": "gaussian", "parameter": 5}}
    return [
        ("rows of every key", lambda c: ("GET", rows(c.choice(runs), c.randrange(5000)), None)),
        ("rows of every key of the wide run", lambda c: ("GET", rows(wide, c.randrange(300)), None)),
        ("curves of many runs", lambda c: series(runs, keys=[key(c), key(c)])),
        ("expression over many runs", lambda c: series(runs, expressions=[f"${{{key(c)}}} / ${{{key(c)}}}"])),
        ("another metric as x", lambda c: series(runs[:10], keys=[key(c)], axis={"kind": "metric", "name": key(c)})),
        ("smoothed curves of many runs", lambda c: series(runs, keys=[key(c)], **smoothed)),
        ("smoothed long curve", lambda _: series([long], keys=[metric_name(0)], **smoothed)),
        ("group of all runs", lambda c: series(runs, keys=[key(c)], groups=[list(range(len(runs)))])),
        ("keys of the project", lambda _: ("GET", runs[0].keys_path, None)),
        ("download as CSV", lambda c: ("GET", download(c.choice(runs), "csv"), None)),
        ("download as Parquet", lambda c: ("GET", download(c.choice(runs), "parquet"), None)),
        ("download of the wide run as Arrow", lambda _: ("GET", download(wide, "arrow"), None)),
        ("download of the wide run as Parquet", lambda _: ("GET", download(wide, "parquet"), None)),
    ]


def rows(run: Run, first_step: int) -> str:
    """Return the address of a page of rows."""
    return f"{run.native_path}/rows?limit=1000&min_step={first_step}"


def download(run: Run, file_format: str, *, whole: bool = False) -> str:
    """Return the address of a run's rows, or of all of its project's, as a file."""
    query = {"format": file_format} if whole else {"format": file_format, "run": run.name}
    return f"{run.download_path}?{urllib.parse.urlencode(query)}"


def ask(
    server: Ballast, requests: list[Request], until: float, seed: int, counts: dict[str, int], failures: list[str]
) -> None:
    """Ask for one thing after the other."""
    chance, connection = random.Random(seed), server.connect()
    while time.perf_counter() < until:
        label, request = chance.choice(requests)
        method, path, body = request(chance)
        try:
            connection.request(method, path, body)
            counts[label] = counts.get(label, 0) + 1
        except Exception as error:  # noqa: BLE001, told at the end
            failures.append(f"{label}: {error}")
            connection = server.connect()


def read_slowly(server: Ballast, path: str, until: float) -> None:
    """Download a file at 100 kB a second."""
    connection = Connection(server.port, server.headers)
    response = connection.open("GET", path)
    while time.perf_counter() < until and response.read(10_000):
        time.sleep(0.1)
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
