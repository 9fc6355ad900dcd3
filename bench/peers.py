#!/usr/bin/env python3
"""The same rows through Ballast and through what its users could pick instead.

    cargo xtask bench peers [--small] [--only openwandb,mlflow,trackio]

10 runs of 10,000 rows of 10 noisy floats in batches of 1,000 rows, over four connections, until everything is
acknowledged; then one metric of all runs as a chart asks for it, 1,500 columns or points a run where the tracker can be
told. Each tracker runs alone, on a folder of its own. Trackio has no server: its storage is called in one process,
without HTTP. Peers are installed from PyPI at the first use, each into an environment below `target/bench-env/`, and
left out if that fails. Ballast's CPU includes its background work; of the peers it is what they used until the last
acknowledgement.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from harness import environment, peers
from harness.peers import Figures, Peer, PeerError, Workload
from harness.report import Report, number
from harness.server import Refused

PACKAGES = {"openwandb": peers.OPENWANDB, "mlflow": peers.MLFLOW, "trackio": peers.TRACKIO}


def main() -> int:
    """Measure and print; exit code 1 if a peer is better at anything."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--only", default=",".join(PACKAGES), help="which peers")
    given = parser.parse_args()
    workload = Workload(4, 1000, 500, 10) if given.small else Workload(10, 10_000, 1000, 10)
    report = Report(
        "peers",
        f"{workload.n_runs} runs x {workload.n_rows:,} rows x {workload.n_metrics} floats = {workload.n_values:,} values, "
        f"batches of {workload.batch_rows:,} rows, {peers.N_CONNECTIONS} connections",
        small=given.small,
    )
    found: dict[str, Figures] = {}
    with environment.temporary(given.dir) as temporary:
        found["Ballast"] = peers.measure(peers.OurServer(_folder(temporary, "ballast"), small=given.small), workload)
        for name in given.only.split(","):
            package = PACKAGES[name]
            python = environment.python_with(name, package)
            if python is None:
                continue
            folder = _folder(temporary, name)
            servers: dict[str, Callable[[Path, Path], Peer]] = {
                "openwandb": peers.OpenWandb,
                "mlflow": peers.Mlflow,
            }
            try:
                found[package.replace("==", " ")] = (
                    peers.measure(servers[name](python, folder), workload)
                    if name in servers
                    else peers.measure_trackio(python, folder, workload)
                )
            except (PeerError, Refused, OSError) as error:
                report.note(f"({name}: skipped: {error})")

    header = ("", "values/s", "CPU s / million", "bytes / value", "chart, ms", "its points", "memory, MB")
    report.section(f"{header[0]:<18}" + "".join(f"{text:>17}" for text in header[1:]))
    for name, figures in found.items():
        cells = (
            figures.values_per_s,
            figures.cpu_s_per_million,
            figures.bytes_per_value,
            figures.chart_s * 1e3,
            figures.chart_points,
            figures.peak_bytes / 1e6,
        )
        print(f"{name:<18}" + "".join(f"{number(cell):>17}" for cell in cells), flush=True)

    ours = found.pop("Ballast")
    for name, theirs in found.items():
        report.section(f"Ballast to {name}")
        report.figure("values a second", ours.values_per_s / theirs.values_per_s, "x", at_least=1)
        report.figure("CPU a value", ours.cpu_s_per_million / theirs.cpu_s_per_million, "x", at_most=1)
        report.figure("bytes a value", ours.bytes_per_value / theirs.bytes_per_value, "x", at_most=1)
        report.figure("chart", ours.chart_s / theirs.chart_s, "x", at_most=1)
    return report.close()


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
