#!/usr/bin/env python3
"""Charts while runs log: what each costs the other.

    cargo xtask bench mixed [--small] [--seconds 20] [--writers 30] [--readers 2]

Three phases of the same length: only charts, only logging, both. Logging is 30 runs that send a batch of 1,000 rows of
10 floats a second each, at that rate whatever happens; an acknowledgement is timed from when its batch was due. Two
readers ask for a chart five times a second each, timed from the request: one key of ten old, folded runs of 100,000
steps; in the last phase one of them draws ten of the runs that log.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from harness import environment, load, paced
from harness.charts import Chart
from harness.report import Report, quantile
from harness.rows import batches, build, metric_name
from harness.server import Ballast

# The design has no figure for it: a client logs on while a batch is on its way, so a second is where rows pile up.
BUDGET_ACKNOWLEDGED_P99_S = 1.0

N_METRICS = 10
BATCH_ROWS = 1000
INTERVAL_S = 1.0
CHART_EVERY_S = 0.2
N_CHARTED = 10
SETTLE_CAP_S = 300.0


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--seconds", type=int, help="length of each phase")
    parser.add_argument("--writers", type=int, help="runs that log")
    parser.add_argument("--readers", type=int, default=2, help="at least 2")
    given = parser.parse_args()
    if given.readers < 2:
        parser.error("--readers: at least 2")
    n_seconds = given.seconds or (4 if given.small else 20)
    n_writers = given.writers or (10 if given.small else 30)
    old_steps = 60_000 if given.small else 100_000
    values_per_s = n_writers * BATCH_ROWS * N_METRICS / INTERVAL_S
    report = Report(
        "mixed",
        f"{n_writers} runs log {values_per_s:,.0f} values/s, {given.readers} readers draw "
        f"{given.readers / CHART_EVERY_S:.0f} charts/s, {n_seconds} s each",
        small=given.small,
    )
    bodies = list(build(batches(0, n_seconds * BATCH_ROWS, BATCH_ROWS, N_METRICS)))
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        old_bodies = list(build(batches(1, old_steps, BATCH_ROWS, N_METRICS)))
        old = [server.run(connection, "mixed", f"old-{place}") for place in range(N_CHARTED)]
        load.send(server, [load.Job(run, old_bodies) for run in old], 4)
        load.finish(server, old)
        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        connection = server.connect()
        report.note(
            f"folding of the old runs settled in {settled_s:.0f} s: {len(server.parquet_files())} Parquet files"
        )

        alone, both = (
            [server.run(connection, "mixed", f"{phase}-{place}") for place in range(n_writers)]
            for phase in ("alone", "both")
        )
        quiet_until = time.perf_counter() + n_seconds
        old_charts = [Chart(old, metric_name(reader % N_METRICS)) for reader in range(given.readers)]
        drawn_alone = draw(server, old_charts, quiet_until)
        cpu_s = server.cpu_s()
        logged_alone = paced.Sending(server, alone, bodies, INTERVAL_S).wait()
        cpu_alone_s = server.cpu_s() - cpu_s
        sending = paced.Sending(server, both, bodies, INTERVAL_S)
        time.sleep(max(0.0, sending.begin_s - time.perf_counter()))
        cpu_s = server.cpu_s()
        live_chart = Chart(both[:N_CHARTED], metric_name(0))
        drawn_both = draw(server, [*old_charts[1:], live_chart], sending.end_s)
        logged_both = sending.wait()
        cpu_both_s = server.cpu_s() - cpu_s

        alone_s = [took_s for times in drawn_alone for took_s in times]
        beside_s = [took_s for times in drawn_both[:-1] for took_s in times]
        for label, drawn in (
            ("charts of old runs, alone", alone_s),
            ("charts of old runs, while others log", beside_s),
            ("charts of the runs that log", drawn_both[-1]),
        ):
            report.section(label)
            report.figure("charts", len(drawn), "")
            report.figure("median", quantile(drawn, 0.5) * 1e3, "ms")
            report.figure("99 of 100 within", quantile(drawn, 0.99) * 1e3, "ms")
        report.ratio("median of old runs, with logging to without", quantile(beside_s, 0.5), quantile(alone_s, 0.5))

        for label, outcomes in (("logging alone", logged_alone), ("logging while charts are drawn", logged_both)):
            report.section(f"{label}: acknowledgement, from when the batch was due")
            latencies = [latency for outcome in outcomes for latency in outcome.latencies_s]
            lags = [lag for outcome in outcomes for lag in outcome.driver_lags_s]
            report.figure("median", quantile(latencies, 0.5) * 1e3, "ms")
            p99_s = quantile(latencies, 0.99)
            report.figure("99 of 100 within", p99_s * 1e3, "ms", at_most=BUDGET_ACKNOWLEDGED_P99_S * 1e3)
            report.figure("the driver's own lateness, 99 of 100 within", quantile(lags, 0.99) * 1e3, "ms")
            if n_failed := sum(outcome.n_refused + outcome.n_lost for outcome in outcomes):
                report.problem(f"{n_failed:,} batches were refused or never acknowledged")
        load.check_stored(server, [*alone, *both], metric_name(0), n_seconds * BATCH_ROWS)

        report.section("cost")
        report.figure("server cores, logging alone", cpu_alone_s / n_seconds, "")
        report.figure("server cores, both", cpu_both_s / n_seconds, "")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")
    return report.close()


def draw(server: Ballast, charts: list[Chart], until_s: float) -> list[list[float]]:
    """Draw charts until then, each by a reader of its own; returns how long each took."""
    times: list[list[float]] = [[] for _ in charts]
    failures: list[BaseException] = []

    def read(reader: int) -> None:
        connection = server.connect()
        due_s = time.perf_counter() + CHART_EVERY_S * reader / len(charts)
        try:
            while due_s < until_s:
                time.sleep(max(0.0, due_s - time.perf_counter()))
                times[reader].append(charts[reader].draw(connection))
                due_s = max(due_s + CHART_EVERY_S, time.perf_counter())
        except BaseException as error:  # noqa: BLE001, told by the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=read, args=(reader,), daemon=True) for reader in range(len(charts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(str(failures[0]))
    return times


if __name__ == "__main__":
    sys.exit(main())
