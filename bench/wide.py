#!/usr/bin/env python3
"""A run with very many metrics: append, list keys, chart one key, in bounded memory.

    cargo xtask bench wide [--small] [--keys 20000] [--steps 200]

200 rows of 20,000 different metrics each, ten rows a request (about 5 MB). Each request, each list and each chart is a
step of its own, and none may take longer than a second; keys are listed and drawn before and after folding, and cold
(the server restarted, its files dropped from the page cache). Memory is the most that the server ever held.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from harness import environment, load
from harness.charts import Chart
from harness.report import Report
from harness.rows import batches, build, metric_name
from harness.server import Ballast, Connection, Run

BUDGET_STEP_S = 1.0
BUDGET_MEMORY_BYTES = 512_000_000

BATCH_ROWS = 10
SETTLE_CAP_S = 300.0
N_TIMES = 5


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--keys", type=int)
    parser.add_argument("--steps", type=int)
    given = parser.parse_args()
    n_keys = given.keys or (4_000 if given.small else 20_000)
    n_steps = given.steps or 200
    report = Report("wide", f"one run of {n_keys:,} keys x {n_steps:,} steps, each key in each row", small=given.small)
    bodies = list(build(batches(0, n_steps, BATCH_ROWS, n_keys)))
    report.note(f"{len(bodies)} requests of {sum(map(len, bodies)) / len(bodies) / 1e6:.1f} MB")
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        run = server.run(connection, "wide", "wide")
        report.section("append")
        before_s = server.cpu_s()
        sent = load.send(server, [load.Job(run, bodies)], 1)
        n_values = n_keys * n_steps
        cpu_s = server.cpu_s() - before_s
        report.figure("slowest request", max(sent.latencies_s) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3)
        report.times("request", sent.latencies_s)
        report.figure("values a second, one connection", n_values / sent.wall_s, "/s")
        report.figure("server CPU a million values", cpu_s / n_values * 1e6, "s")
        report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")
        load.finish(server, [run])

        report.section("right after")
        read(report, server.connect(), run, n_keys, n_steps)

        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        files = server.parquet_files()
        stored = sum(file.stat().st_size for file in files)
        report.section(
            f"folded in {settled_s:.0f} s: {len(files)} Parquet files, {stored / n_values:.2f} bytes a value"
        )
        read(report, server.connect(), run, n_keys, n_steps)
        report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")

        report.section("cold: restarted, its files not in the page cache")
        server.restart(cold=True)
        connection = server.connect()
        report.figure("list keys", list_keys(report, connection, run, n_keys) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3)
        server.restart(cold=True)
        connection = server.connect()
        chart = Chart([run], metric_name(n_keys // 2))
        report.figure("chart one key", chart.draw(connection) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3)
        project_path = f"/api/v1/projects/{run.entity}/{run.project}/keys"
        began = time.perf_counter()
        connection.request("GET", project_path)
        report.figure(
            "list keys of the project", (time.perf_counter() - began) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3
        )

        report.section("all in all")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB", at_most=BUDGET_MEMORY_BYTES / 1e6)
    return report.close()


def read(report: Report, connection: Connection, run: Run, n_keys: int, n_steps: int) -> None:
    """List keys and draw one, a few times each; the slowest time counts."""
    lists = [list_keys(report, connection, run, n_keys) for _ in range(N_TIMES)]
    report.figure("list keys, slowest", max(lists) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3)
    report.times("list keys", lists)
    chart = Chart([run], metric_name(n_keys // 2))
    charts = chart.repeat(connection, N_TIMES)
    if chart.n_points != n_steps:
        report.problem(f"the chart stands for {chart.n_points:,} points of {n_steps:,}")
    report.figure("chart one key, slowest", max(charts) * 1e3, "ms", at_most=BUDGET_STEP_S * 1e3)
    report.times("chart one key", charts)


def list_keys(report: Report, connection: Connection, run: Run, n_keys: int) -> float:
    """List all keys; returns the seconds until the last byte."""
    began = time.perf_counter()
    answer = connection.request("GET", f"{run.native_path}/keys")
    took_s = time.perf_counter() - began
    n_found = answer.count(b'"name":"train/m')
    if n_found != n_keys:
        report.problem(f"the list has {n_found:,} keys of {n_keys:,}")
    return took_s


if __name__ == "__main__":
    sys.exit(main())
