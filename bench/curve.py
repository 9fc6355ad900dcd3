#!/usr/bin/env python3
"""How long one very long curve takes: whole, zoomed in, warm and cold.

    cargo xtask bench curve [--small] [--steps 10000000]

One run of 10 million steps with one metric, logged in batches of 10,000 rows. Then one request at a time for 1,500
columns: of all steps, and of ranges of a tenth, a thousandth, and 3,000 steps, each drawn at several places. Cold is
made as in `chart`: the server restarted, its files dropped from the page cache. Then a run of 1 million steps smoothed in
each way, which is over all of its points.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from harness import environment, limits, load
from harness.charts import COLUMNS, Chart
from harness.report import Report, median, number
from harness.rows import batches, build, metric_name
from harness.server import Ballast

BUDGET_WARM_S = 0.010
BUDGET_COLD_S = 0.100
BUDGET_SMOOTHED_COLD_S = 0.200

BATCH_ROWS = 10_000
SETTLE_CAP_S = 600.0
N_PLACES = 5
SMOOTHINGS = {"time_weighted_ema": 0.9, "ema": 0.9, "gaussian": 5, "running_mean": 50}


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--warm", type=int, help="warm repetitions")
    parser.add_argument("--cold", type=int, help="cold repetitions")
    given = parser.parse_args()
    n_steps = given.steps or (600_000 if given.small else 10_000_000)
    n_warm = given.warm or (5 if given.small else 20)
    n_cold = given.cold or (2 if given.small else 5)
    n_smoothed = min(n_steps, 1_000_000)
    report = Report("curve", f"one run of {n_steps:,} steps, drawn in {COLUMNS:,} columns", small=given.small)
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        run = server.run(connection, "curve", "long")
        sent = load.send(server, [load.Job(run, build(batches(0, n_steps, BATCH_ROWS, 1)))], 1)
        medium = server.run(connection, "curve", "medium")
        load.send(server, [load.Job(medium, build(batches(1, n_smoothed, BATCH_ROWS, 1)))], 1)
        load.finish(server, [run, medium])
        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        files = server.parquet_files()
        stored = sum(file.stat().st_size for file in files)
        report.note(f"logged in {sent.wall_s:.0f} s (with making the bodies), folding settled in {settled_s:.0f} s:")
        report.note(f"{len(files)} Parquet files, {stored / 1e6:.1f} MB, {stored / (n_steps + n_smoothed):.1f} bytes a row")
        connection = server.connect()

        chance = random.Random(1)
        ranges: list[tuple[str, list[tuple[int, int] | None]]] = [("all steps", [None])]
        for label, width in (
            ("a tenth", n_steps // 10),
            ("a thousandth", n_steps // 1000),
            ("3,000 steps", 3000),
        ):
            begins = [chance.randrange(n_steps - width) for _ in range(N_PLACES)]
            ranges.append((label, [(begin, begin + width - 1) for begin in begins]))
        charts = [
            (label, [(Chart([run], metric_name(0), within=within), within) for within in places])
            for label, places in ranges
        ]

        report.section("warm")
        warm_s = 0.0
        for label, places in charts:
            times = []
            for chart, within in places:
                chart.draw(connection)
                times.extend(chart.repeat(connection, max(2, n_warm // len(places))))
                expected = n_steps if within is None else within[1] - within[0] + 1
                # The range is widened to whole buckets, which are far narrower than a pixel.
                if not expected <= chart.n_points <= expected * 1.01 + 256:
                    report.problem(f"{label} stands for {chart.n_points:,} points of {expected:,}")
            warm_s = warm_s or median(times)
            report.times(label, times, at_most_s=BUDGET_WARM_S)
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")

        report.section("cold: restarted, its files not in the page cache")
        cold_s = 0.0
        for label, places in charts:
            times, stayed = [], 0
            for place in range(n_cold):
                stayed = max(stayed, server.restart(cold=True))
                connection = server.connect()
                times.append(places[place % len(places)][0].draw(connection))
                connection.close()
            cold_s = cold_s or median(times)
            report.times(label, times, at_most_s=BUDGET_COLD_S)
        report.note(f"(of the data folder, {stayed / 1e6:.1f} MB stayed in the page cache)")

        report.section(f"smoothed: {n_smoothed:,} steps")
        for kind, parameter in SMOOTHINGS.items():
            chart = Chart([medium], metric_name(0), smoothing={"kind": kind, "parameter": parameter})
            times = []
            for _ in range(n_cold):
                server.restart(cold=True)
                connection = server.connect()
                times.append(chart.draw(connection))
                if not chart.is_smoothed or chart.n_points != n_smoothed:
                    report.problem(f"{kind} stands for {chart.n_points:,} points, smoothed: {chart.is_smoothed}")
            report.times(f"{kind}, cold", times, at_most_s=BUDGET_SMOOTHED_COLD_S)
            report.times(f"{kind}, warm", chart.repeat(connection, n_warm))
            connection.close()

        server.stop()
        report.section(
            "the limit: `_step` and the metric read whole from the same files by a bare Parquet reader (pyarrow)"
        )
        if limit := limits.measure("parquet", str(server.data_dir / "blobs"), "3", "_step", metric_name(0)):
            folded = limit["n_rows"] / n_steps
            rows = n_steps + n_smoothed
            report.note(f"{limit['n_files']} files hold {number(limit['n_rows'])} of {number(rows)} rows")
            report.figure("from memory", limit["warm_s"] * 1e3, "ms")
            report.figure("from disk", limit["cold_s"] * 1e3, "ms")
            if folded:
                report.ratio("all steps warm, ours to the limit for as many rows", warm_s, limit["warm_s"] / folded)
                report.ratio("all steps cold, ours to the limit for as many rows", cold_s, limit["cold_s"] / folded)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
