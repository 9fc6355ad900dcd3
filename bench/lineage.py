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


Tables = dict[str, list[dict[str, Any]]]
"""Rows to add, by table."""


def graph(pattern: dict[str, Any], n_runs: int) -> Tables:
    """Return the graph. The one run that is there is the pattern of all others."""
    chance = random.Random(7)
    project = pattern["project_key"]
    types, collections = [], []
    for key, name in enumerate(("dataset", "checkpoint"), start=1):
        types.append(
            {"artifact_type_key": key, "project_key": project, "name": name, "description": "", "created_at": NOW}
        )
        collections.append({
            "collection_key": key, "project_key": project, "artifact_type_key": key, "kind": 0, "name": name,
            "live_name": name, "next_version": n_runs, "created_at": NOW, "updated_at": NOW,
        })  # fmt: skip
    runs, versions, edges = [], [(1, 1, 0)], []
    for number in range(2, n_runs + 2):
        runs.append({**pattern, "run_key": number, "run_id": f"run{number}", "number": number,
                     "display_name": f"run {number}", "folded_run_id": f"run{number}",
                     "folded_display_name": f"run {number}"})  # fmt: skip
        versions.append((number, 2, number - 2))
        edges.append((number, number, 0))
        layer = (number - 2) // LAYER
        if layer == 0 or number % 10 == 0:
            edges.append((number, 1, 1))
        if layer > 0:
            first = (layer - 1) * LAYER + 2
            edges.extend((number, used, 1) for used in chance.sample(range(first, first + LAYER), 2))
    artifacts = [
        {"artifact_key": key, "collection_key": collection, "state": 1, "version": version,
         "digest": "d41d8cd98f00b204e9800998ecf8427e", "commit_hash": "x", "n_files": 1, "size_bytes": 1,
         "manifest_bytes": 1, "created_at": NOW, "updated_at": NOW}
        for key, collection, version in versions
    ]  # fmt: skip
    memberships = [
        {"collection_key": collection, "artifact_key": key, "version": version, "created_at": NOW}
        for key, collection, version in versions
    ]
    uses = [{"run_key": run, "artifact_key": key, "role": role, "created_at": NOW} for run, key, role in edges]
    return {
        "artifact_types": types,
        "artifact_collections": collections,
        "runs": runs,
        "artifacts": artifacts,
        "artifact_memberships": memberships,
        "artifact_runs": uses,
    }


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
        database = server.database()
        database.insert(graph(database.only_row("runs"), n_runs))
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
