#!/usr/bin/env python3
"""How long a chart of many runs takes, warm and cold.

    cargo xtask bench chart [--small] [--runs 50] [--steps 100000]

50 runs of 100,000 steps; one request for one key of all of them in 1,500 columns (`POST …/series`, an Arrow stream).
The runs are logged in batches of 250 rows and finished, then the server is left to fold them as it does by itself.
Warm: the same request again. Cold: the server is stopped, its files are dropped from the page cache, it starts again,
and the first request counts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import environment, limits, load
from harness.charts import COLUMNS, Chart
from harness.report import Report, median, number
from harness.rows import batches, build, metric_name
from harness.server import Ballast, Run

BUDGET_WARM_S = 0.010
BUDGET_COLD_S = 0.050

BATCH_ROWS = 250
N_CONNECTIONS = 8
N_DIFFERENT_RUNS = 5
SETTLE_CAP_S = 600.0


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--keys", type=int, default=1, help="metrics that each row has; one of them is drawn")
    parser.add_argument("--warm", type=int, help="warm repetitions")
    parser.add_argument("--cold", type=int, help="cold repetitions")
    given = parser.parse_args()
    n_runs = given.runs or (5 if given.small else 50)
    n_steps = given.steps or (80_000 if given.small else 100_000)
    n_warm = given.warm or (10 if given.small else 30)
    n_cold = given.cold or (2 if given.small else 7)
    key = metric_name(given.keys - 1)
    report = Report(
        "chart",
        f"{n_runs} runs x {n_steps:,} steps, {given.keys} metric(s) a row, one drawn in {COLUMNS:,} columns",
        small=given.small,
    )
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        runs = prepare(server, n_runs, n_steps, given.keys)
        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        n_points = n_runs * n_steps
        files = server.parquet_files()
        stored = sum(file.stat().st_size for file in files)
        report.note(f"folding settled in {settled_s:.0f} s: {len(files)} Parquet files, {stored / 1e6:.1f} MB")
        chart = Chart(runs, key)

        report.section("warm")
        connection = server.connect()
        first_s = chart.draw(connection)
        check(report, chart, n_points)
        report.figure("the very first request", first_s * 1e3, "ms")
        before_s = server.cpu_s()
        warm = chart.repeat(connection, n_warm)
        cpu_s = (server.cpu_s() - before_s) / n_warm
        report.times("chart", warm, at_most_s=BUDGET_WARM_S)
        report.figure("server CPU a chart", cpu_s * 1e3, "ms")
        report.figure("answer", chart.n_bytes / 1e6, "MB")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")

        report.section("cold: restarted, its files not in the page cache")
        cold, second, stayed = [], [], 0
        for _ in range(n_cold):
            stayed = max(stayed, server.restart(cold=True))
            connection = server.connect()
            cold.append(chart.draw(connection))
            second.append(chart.draw(connection))
            connection.close()
        check(report, chart, n_points)
        report.times("chart, first request", cold, at_most_s=BUDGET_COLD_S)
        report.times("chart, second request", second)
        report.note(f"(of the data folder, {stayed / 1e6:.1f} MB stayed in the page cache)")

        report.section("restarted, its files in the page cache")
        fresh = []
        for _ in range(n_cold):
            server.restart()
            connection = server.connect()
            fresh.append(chart.draw(connection))
            connection.close()
        report.times("chart, first request", fresh)

        server.stop()
        report.section(
            "the limit: `_step` and the metric read whole from the same files by a bare Parquet reader (pyarrow)"
        )
        if limit := limits.measure("parquet", str(server.data_dir / "blobs"), "5", "_step", key):
            folded = limit["n_rows"] / n_points
            report.note(f"{limit['n_files']} files hold {number(limit['n_rows'])} of {number(n_points)} rows")
            report.figure("from memory", limit["warm_s"] * 1e3, "ms")
            report.figure("from disk", limit["cold_s"] * 1e3, "ms")
            if folded:
                report.ratio("warm, ours to the limit for as many rows", median(warm), limit["warm_s"] / folded)
                report.ratio("cold, ours to the limit for as many rows", median(cold), limit["cold_s"] / folded)
    return report.close()


def prepare(server: Ballast, n_runs: int, n_steps: int, n_metrics: int) -> list[Run]:
    """Log the runs and finish them."""
    n_different = min(n_runs, N_DIFFERENT_RUNS)
    wanted = [batch for seed in range(n_different) for batch in batches(seed, n_steps, BATCH_ROWS, n_metrics)]
    bodies = list(build(wanted))
    n_batches = len(bodies) // n_different
    connection = server.connect()
    jobs = []
    for place in range(n_runs):
        begin = place % n_different * n_batches
        jobs.append(load.Job(server.run(connection, "chart", f"run-{place}"), bodies[begin : begin + n_batches]))
    load.send(server, jobs, N_CONNECTIONS)
    runs = [job.run for job in jobs]
    load.finish(server, runs)
    return runs


def check(report: Report, chart: Chart, n_points: int) -> None:
    """A chart that stands for fewer points than were logged is a wrong one."""
    if chart.n_points != n_points:
        report.problem(f"the chart stands for {chart.n_points:,} points of {n_points:,}")


if __name__ == "__main__":
    sys.exit(main())
