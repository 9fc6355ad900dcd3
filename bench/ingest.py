#!/usr/bin/env python3
"""How fast metric rows are taken in, and what they cost in CPU, memory and bytes on disk.

    cargo xtask bench ingest [--small] [--gzip] [--runs 24] [--batches 100]

Each run sends batches of 1,000 rows of 10 noisy floats through the file stream; four connections take run after run.
Bodies are built beforehand; four different runs' worth of them, which the other runs send again. The rate is until the
last batch is acknowledged, which is after it is on disk. CPU is the server's, until it has folded everything and idles.
Size is the data folder's after that, without the pages of the database that are free for what comes next.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import environment, limits, load, processes
from harness.report import Report, number, quantile
from harness.rows import batches, build, metric_name
from harness.server import Ballast

BUDGET_VALUES_PER_S = 1_500_000
BUDGET_CPU_S_PER_MILLION = 1.0
BUDGET_BYTES_PER_VALUE = 9.0

N_METRICS = 10
BATCH_ROWS = 1000
N_CONNECTIONS = 4
N_DIFFERENT_RUNS = 4
SETTLE_CAP_S = 300.0


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--gzip", action="store_true", help="compressed bodies")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--batches", type=int, help="batches of a run")
    given = parser.parse_args()
    n_runs = given.runs or (8 if given.small else 24)
    n_batches = given.batches or (60 if given.small else 100)
    n_values = n_runs * n_batches * BATCH_ROWS * N_METRICS
    report = Report(
        "ingest",
        f"{n_runs} runs x {n_batches} batches x {BATCH_ROWS:,} rows x {N_METRICS} floats = {n_values:,} values, "
        f"{N_CONNECTIONS} connections{', gzip' if given.gzip else ''}",
        small=given.small,
    )
    n_different = min(n_runs, N_DIFFERENT_RUNS)
    wanted = [
        batch
        for seed in range(n_different)
        for batch in batches(seed, n_batches * BATCH_ROWS, BATCH_ROWS, N_METRICS, compressed=given.gzip)
    ]
    bodies = list(build(wanted))
    body_bytes = sum(map(len, bodies)) / len(bodies)
    report.note(f"bodies of {body_bytes / 1e3:.0f} kB, {body_bytes / BATCH_ROWS / N_METRICS:.1f} bytes a value")

    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        jobs = []
        for place in range(n_runs):
            begin = place % n_different * n_batches
            jobs.append(load.Job(server.run(connection, "ingest", f"run-{place}"), bodies[begin : begin + n_batches]))
        cpu_before_s = server.cpu_s()
        sent = load.send(server, jobs, N_CONNECTIONS, compressed=given.gzip)
        acknowledged_cpu_s = server.cpu_s() - cpu_before_s
        load.finish(server, [job.run for job in jobs])

        report.section("until acknowledged")
        rate = n_values / sent.wall_s
        report.figure("values a second", rate, "/s", at_least=BUDGET_VALUES_PER_S)
        report.figure("server CPU a million values", acknowledged_cpu_s / n_values * 1e6, "s")
        report.figure("server cores in use", acknowledged_cpu_s / sent.wall_s, "")
        report.figure("acknowledgement, median", quantile(sent.latencies_s, 0.5) * 1e3, "ms")
        report.figure("acknowledgement, 99 of 100 within", quantile(sent.latencies_s, 0.99) * 1e3, "ms")
        if sent.n_retries:
            report.figure("requests told to come again", sent.n_retries, "")

        settled_s = server.settle(SETTLE_CAP_S, at_once=given.small)
        all_cpu_s = server.cpu_s() - cpu_before_s
        report.section(
            f"with folding and all else in the background, {settled_s:.0f} s later (cap {SETTLE_CAP_S:.0f} s)"
        )
        cpu = all_cpu_s / n_values * 1e6
        report.figure("server CPU a million values", cpu, "s", at_most=BUDGET_CPU_S_PER_MILLION)
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB")
        load.check_stored(server, [job.run for job in jobs], metric_name(0), n_batches * BATCH_ROWS)
        parquet_bytes = sum(file.stat().st_size for file in server.parquet_files())
        server.stop()
        free_bytes = server.free_database_bytes()
        folder_bytes = processes.disk_bytes(server.data_dir)
        stored = (folder_bytes - free_bytes) / n_values
        report.figure("stored bytes a value", stored, "B", at_most=BUDGET_BYTES_PER_VALUE)
        report.figure("  of that in Parquet", parquet_bytes / n_values, "B")
        report.figure("free in the database for reuse, a value", free_bytes / n_values, "B")

        report.section("the limit: the same lines, one thread")
        if limit := limits.measure("ingest", temporary, "100000", str(BATCH_ROWS), str(N_METRICS)):
            report.figure(f"parsed by {limit['parser']}, values a second", limit["parse_values_per_s"], "/s")
            report.figure("appended, fsync every 1,000 rows, values a second", limit["append_values_per_s"], "/s")
            report.figure("both, one after the other, values a second", limit["both_values_per_s"], "/s")
            report.figure("JSON bytes a value", limit["json_bytes_per_value"], "B")
            report.ratio("rate, ours to parsing and appending", rate, limit["both_values_per_s"])
            report.ratio("CPU, ours to parsing", cpu, limit["parse_cpu_s_per_million"])
            report.note(f"(CPU of parsing alone: {number(limit['parse_cpu_s_per_million'])} s a million values)")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
