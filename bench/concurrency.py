#!/usr/bin/env python3
"""A thousand runs that log at the same time: how long acknowledgements take, and whether any run starves.

    cargo xtask bench concurrency [--small] [--runs 1000] [--seconds 30] [--rows 10]

Every run sends a batch of ten rows of 10 floats each second, over a connection of its own. An acknowledgement is timed
from when its batch was due, so waiting in line counts. Fairness: batches acknowledged of the slowest run against those
of the fastest, and the mean latency of the slowest run against the median run's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import environment, load, paced
from harness.report import Report, median, quantile
from harness.rows import batches, build, metric_name
from harness.server import Ballast

# The design has no figure for it: a client logs on while a batch is on its way, so a second is where rows pile up.
BUDGET_P99_S = 1.0
BUDGET_FAIRNESS = 1.0
N_METRICS = 10
INTERVAL_S = 1.0


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=int, help="batches of a run, one a second")
    parser.add_argument("--rows", type=int, default=10, help="rows of a batch")
    given = parser.parse_args()
    n_runs = given.runs or (200 if given.small else 1000)
    n_seconds = given.seconds or (5 if given.small else 30)
    rate = n_runs * given.rows * N_METRICS / INTERVAL_S
    report = Report(
        "concurrency",
        f"{n_runs:,} runs, a batch of {given.rows} rows x {N_METRICS} floats a second each for {n_seconds} s: "
        f"{n_runs / INTERVAL_S:,.0f} requests/s, {rate:,.0f} values/s",
        small=given.small,
    )
    environment.allow_open_files(n_runs + 500)
    bodies = list(build(batches(0, n_seconds * given.rows, given.rows, N_METRICS)))
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        runs = [server.run(connection, "concurrency", f"run-{place}") for place in range(n_runs)]
        before_s = server.cpu_s()
        outcomes = paced.Sending(server, runs, bodies, INTERVAL_S).wait()
        cpu_s = server.cpu_s() - before_s

        latencies = [latency for outcome in outcomes for latency in outcome.latencies_s]
        lags = [lag for outcome in outcomes for lag in outcome.driver_lags_s]
        report.section("acknowledgement, from when the batch was due")
        report.figure("median", quantile(latencies, 0.5) * 1e3, "ms")
        report.figure("99 of 100 within", quantile(latencies, 0.99) * 1e3, "ms", at_most=BUDGET_P99_S * 1e3)
        report.figure("slowest", max(latencies) * 1e3, "ms")
        report.figure("the driver's own lateness, 99 of 100 within", quantile(lags, 0.99) * 1e3, "ms")

        report.section("all of them")
        n_refused = sum(outcome.n_refused for outcome in outcomes)
        n_lost = sum(outcome.n_lost for outcome in outcomes)
        report.figure("batches acknowledged", len(latencies), "")
        report.figure("batches refused or never acknowledged", n_refused + n_lost, "")
        if n_refused + n_lost:
            report.problem(f"{n_refused:,} batches were refused, {n_lost:,} never acknowledged")
        else:
            load.check_stored(server, runs, metric_name(0), n_seconds * given.rows)
        counts = [len(outcome.latencies_s) for outcome in outcomes]
        means = [sum(outcome.latencies_s) / max(1, len(outcome.latencies_s)) for outcome in outcomes]
        fairness = min(counts) / max(counts)
        report.figure("batches of the slowest run to those of the fastest", fairness, "", at_least=BUDGET_FAIRNESS)
        report.figure("mean latency of the slowest run to the median run's", max(means) / median(means), "x")

        report.section("cost")
        n_values = len(latencies) * given.rows * N_METRICS
        report.figure("server cores in use", cpu_s / (n_seconds * INTERVAL_S), "")
        report.figure("server CPU a batch", cpu_s / len(latencies) * 1e3, "ms")
        report.figure("server CPU a million values", cpu_s / n_values * 1e6, "s")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
