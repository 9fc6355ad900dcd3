#!/usr/bin/env python3
"""The lineage of one version in a graph of 50,000 runs and versions.

    cargo xtask bench lineage [--small] [--nodes 50000]

The graph is written straight into the database of a stopped server: layers of 100 runs, each of which uses two versions of the
layer before it and makes one, and a dataset that every tenth run uses, too. Asked for are the surroundings of versions at the
beginning, in the middle and at the end: the nearest 500 nodes, and everything. Where there are Chromium and the web app's packages,
the page is opened, too, in a browser that has nothing in its cache.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any

from harness import browser, environment
from harness.report import Report
from harness.server import Ballast, Connection

BUDGET_NEAR_S = 0.3
BUDGET_ALL_S = 2.0
BUDGET_PAINT_S = 1.0
N_TIMES = 10
N_PAINTS = 5
LAYER = 100
NOW = 1_760_000_000_000_000


def fill(path: Path, n_runs: int) -> None:
    """Write the graph. The one run that is there is the pattern of all others."""
    chance = random.Random(7)
    with sqlite3.connect(path) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
        pattern = dict(zip(columns, db.execute("SELECT * FROM runs").fetchone(), strict=True))
        project = pattern["project_key"]
        names = ("dataset", "checkpoint")
        for key, name in enumerate(names, start=1):
            db.execute("INSERT INTO artifact_types VALUES (?, ?, ?, '', ?)", (key, project, name, NOW))
            db.execute(
                "INSERT INTO artifact_collections (collection_key, project_key, artifact_type_key, kind, name, live_name,"
                " next_version, created_at, updated_at) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)",
                (key, project, key, name, name, n_runs, NOW, NOW),
            )
        runs, versions, edges = [], [(1, 1, 0)], []
        for number in range(2, n_runs + 2):
            runs.append({**pattern, "run_key": number, "run_id": f"run{number}", "number": number,
                         "display_name": f"run {number}", "folded_run_id": f"run{number}",
                         "folded_display_name": f"run {number}"})
            versions.append((number, 2, number - 2))
            edges.append((number, number, 0))
            layer = (number - 2) // LAYER
            if layer == 0 or number % 10 == 0:
                edges.append((number, 1, 1))
            if layer > 0:
                first = (layer - 1) * LAYER + 2
                edges.extend((number, used, 1) for used in chance.sample(range(first, first + LAYER), 2))
        marks = ", ".join(f":{column}" for column in columns)
        db.executemany(f"INSERT INTO runs ({', '.join(columns)}) VALUES ({marks})", runs)
        db.executemany(
            "INSERT INTO artifacts (artifact_key, collection_key, state, version, digest, commit_hash, n_files, size_bytes,"
            " manifest_bytes, created_at, updated_at) VALUES (?, ?, 1, ?, 'd41d8cd98f00b204e9800998ecf8427e', 'x', 1, 1, 1, ?, ?)",
            [(*version, NOW, NOW) for version in versions],
        )
        db.executemany(
            "INSERT INTO artifact_memberships (collection_key, artifact_key, version, created_at) VALUES (?, ?, ?, ?)",
            [(collection, key, version, NOW) for key, collection, version in versions],
        )
        db.executemany(
            "INSERT INTO artifact_runs (run_key, artifact_key, role, created_at) VALUES (?, ?, ?, ?)",
            [(*edge, NOW) for edge in edges],
        )


def measure(connection: Connection, of: str, limit: int) -> tuple[list[float], dict[str, Any]]:
    """Return how long each time took, and the last answer."""
    query = urllib.parse.urlencode({"of": f"artifact:root/lineage/{of}", "limit": limit})
    times, body = [], b""
    for _ in range(N_TIMES):
        began = time.perf_counter()
        body = connection.request("GET", f"/api/v1/lineage?{query}")
        times.append(time.perf_counter() - began)
    answer: dict[str, Any] = json.loads(body)
    return times, answer


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--nodes", type=int)
    given = parser.parse_args()
    n_nodes = given.nodes or (2_000 if given.small else 50_000)
    n_runs = (n_nodes - 1) // 2
    report = Report("lineage", f"{n_nodes:,} nodes in layers of {LAYER} runs", small=given.small)
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        server.run(server.connect(), "lineage", "pattern")
        server.stop()
        fill(server.data_dir / "ballast.db", n_runs)
        server.start()
        connection = server.connect()
        places = {
            "beginning": "dataset:v0",
            "middle": f"checkpoint:v{n_runs // 2}",
            "end": f"checkpoint:v{n_runs - 1}",
        }
        for limit, what, budget in ((500, "the nearest 500", BUDGET_NEAR_S), (100_000, "everything", BUDGET_ALL_S)):
            report.section(what)
            for place, of in places.items():
                times, answer = measure(connection, of, limit)
                found = len(answer["nodes"])
                if answer["truncated"] and found != limit:
                    report.problem(f"{found} nodes were found where there are more than {limit}")
                report.note(f"{place}: {found:,} nodes, {len(answer['edges']):,} edges")
                report.times(place, times, at_most_s=budget)
        report.section("from opening the page to its first drawn graph, in Chromium")
        for place, painted in browser.first_paints(
            server,
            '[aria-label="Lineage graph"] button',
            {place: f"root/lineage/lineage?of=artifact:root/lineage/{of}" for place, of in places.items()},
            N_PAINTS,
        ).items():
            report.times(place, painted, at_most_s=BUDGET_PAINT_S)
        report.figure("memory, at most", server.peak_bytes() / 1e6, "MB")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
