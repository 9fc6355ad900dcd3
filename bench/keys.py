#!/usr/bin/env python3
"""Finding metrics in a project that has very many.

    cargo xtask bench keys [--small] [--keys 100000] [--runs 100]

100 runs of 2,000 metrics each; every second run shares half of its metrics with the one before, and 100,000 are different.
The project's keys are listed, then searched by substring and by regular expression, pages of 100: the first time after a
start (every run's index is read), again (nothing changed), and while one run logs: how long until a search finds a key that was
acknowledged just before.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.parse
from pathlib import Path

from harness import environment, load
from harness.report import Report
from harness.rows import stream_body
from harness.server import Ballast, Connection, Run

BUDGET_SEARCH_S = 0.1
BUDGET_FIRST_S = 3.0
BUDGET_LIVE_S = 3.0

N_STEPS = 4
N_TIMES = 20


def key_name(number: int) -> str:
    """Return the name of a metric; some of its parts are words that many share."""
    return f"layer{number // 100:04d}/head{number % 100:02d}.grad_norm"


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--keys", type=int)
    parser.add_argument("--runs", type=int)
    given = parser.parse_args()
    n_keys = given.keys or (10_000 if given.small else 100_000)
    n_runs = given.runs or (20 if given.small else 100)
    report = Report("keys", f"{n_keys:,} keys in a project of {n_runs} runs x {N_STEPS} steps", small=given.small)
    per_run = 2 * n_keys // n_runs
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        runs = [server.run(connection, "keys", f"run-{index:03d}") for index in range(n_runs)]
        jobs = []
        for index, run in enumerate(runs):
            first = index * per_run // 2
            numbers = [(first + at) % n_keys for at in range(per_run)]
            jobs.append(load.Job(run, [body(0, N_STEPS, numbers)]))
        load.send(server, jobs, 4)
        load.finish(server, runs[1:])
        report.section("cold: restarted, its files not in the page cache")
        server.restart(cold=True)
        connection = server.connect()
        began = time.perf_counter()
        found = page(connection, runs[0], limit="100")
        report.figure("first search", (time.perf_counter() - began) * 1e3, "ms", at_most=BUDGET_FIRST_S * 1e3)
        check(report, found["total"], n_keys + 1)  # the step is a key, too
        report.section("again, nothing changed")
        measure(report, connection, runs[0], n_keys, BUDGET_SEARCH_S)
        report.section("while a run logs")
        slowest, step = [], N_STEPS
        for _ in range(N_TIMES):
            new = f"new/key{step}"
            connection.request("POST", runs[0].stream_path, row_body(step, {new: 1.5}))
            step += 1
            began = time.perf_counter()
            while page(connection, runs[0], search=new, limit="100")["total"] != 1:
                time.sleep(0.01)
            slowest.append(time.perf_counter() - began)
        report.times("until a key logged just before is found", slowest)
        report.figure("slowest", max(slowest) * 1e3, "ms", at_most=BUDGET_LIVE_S * 1e3)
        report.section("all in all")
        began = time.perf_counter()
        whole = connection.request("GET", runs[0].keys_path)
        report.figure(f"the whole list, {len(whole) / 1e6:.1f} MB", (time.perf_counter() - began) * 1e3, "ms")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")
    return report.close()


def body(first_step: int, n_steps: int, numbers: list[int]) -> bytes:
    """Return a request that logs the keys `numbers` in each of some rows."""
    lines = [
        json.dumps({"_step": step, **{key_name(number): number / 8 + step for number in numbers}})
        for step in range(first_step, first_step + n_steps)
    ]
    return stream_body(first_step, lines)


def row_body(step: int, values: dict[str, float]) -> bytes:
    """Return a request that logs one row."""
    return stream_body(step, [json.dumps({"_step": step, **values})])


def page(connection: Connection, run: Run, **query: str) -> dict[str, object]:
    """Ask for a page of keys."""
    answer: dict[str, object] = connection.json("GET", f"{run.keys_path}?{urllib.parse.urlencode(query)}")
    return answer


def check(report: Report, found: object, expected: int) -> None:
    """Count it as over budget if a search finds too few or too many."""
    if found != expected:
        report.problem(f"{found} keys were found of {expected}")


def measure(report: Report, connection: Connection, run: Run, n_keys: int, budget_s: float) -> None:
    """Search by substring and by regular expression, a few times each."""
    searches = (
        ("substring that few have", {"search": "LAYER0042/"}, 100),
        ("substring that all have", {"search": "grad"}, n_keys),
        ("regular expression", {"pattern": r"^layer\d+/head(07|70)\.grad"}, 2 * n_keys // 100),
    )
    for label, query, expected in searches:
        times = []
        for _ in range(N_TIMES):
            began = time.perf_counter()
            found = page(connection, run, limit="100", **query)
            times.append(time.perf_counter() - began)
            check(report, found["total"], expected)
        report.figure(label, statistics.median(times) * 1e3, "ms", at_most=budget_s * 1e3)


if __name__ == "__main__":
    sys.exit(main())
