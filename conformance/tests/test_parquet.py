"""History as Parquet, read by other programs without the server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from harness.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.client import Workplace
    from harness.server import Server, User

N_RUNS = 2
N_ROWS = 1200

SCRIPT = """
import math, wandb
for number in range({n_runs}):
    run = wandb.init(project="vision", id=f"run-{{number}}", config={{"number": number}})
    for i in range({n_rows}):
        row = {{"loss": math.exp(-i / 300) + number, "n": i * 7, "val": {{"acc": i / 1000}}}}
        if i % 100 == 0:
            row["rare"] = math.nan if i == 0 else i
            row["text"] = f"step {{i}}"
        run.log(row)
    run.finish()
"""


@pytest.fixture
def blobs(
    make_server: Callable[..., Server],
    make_workplace: Callable[[Server, User], Workplace],
) -> Path:
    """Log some runs, wait until they are folded, stop the server, and return where its blobs are on disk."""
    server = make_server(BALLAST_FOLD_ENDED_AFTER="1s")
    user = server.add_user("ada")
    make_workplace(server, user).run(SCRIPT.format(n_runs=N_RUNS, n_rows=N_ROWS))
    candidates = [server.data_dir / "blobs", server.folder / "s3" / "ballast" / "runs"]
    blobs = next(folder for folder in candidates if folder.exists())

    def folded() -> bool:
        history = blobs / "history" / "entity=ada" / "project=vision"
        return len({file.parent.parent for file in history.glob("*/*/*.parquet")}) == N_RUNS

    eventually(folded, what="both runs are Parquet", timeout_s=90)
    assert server.stop() == 0
    return blobs


def test_duckdb_and_pandas_read_what_was_logged(blobs: Path) -> None:
    # Only the environment of the newest client, with which this runs, has them.
    import duckdb  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    project = blobs / "history" / "entity=ada" / "project=vision"
    rows = duckdb.sql(
        f"""
        SELECT run, _step, loss, n, "val.acc", rare, text
        FROM read_parquet('{project}/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
        ORDER BY run, _line
        """  # noqa: S608 - a path of our own
    ).fetchall()
    expected = [
        (
            f"run-{number}",
            i,
            math.exp(-i / 300) + number,
            i * 7,
            i / 1000,
            *((i, f"step {i}") if i % 100 == 0 else (None, None)),
        )
        for number in range(N_RUNS)
        for i in range(N_ROWS)
    ]
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        if wanted[1] == 0:
            assert math.isnan(row[5])
            assert row[:5] + row[6:] == wanted[:5] + wanted[6:]
        else:
            assert row == wanted

    frame = pd.read_parquet(project).sort_values(["run", "_line"])
    assert list(frame["run"].astype(str).unique()) == ["run-0", "run-1"]
    assert list(frame["loss"]) == [wanted[2] for wanted in expected]
    assert list(frame["n"]) == [wanted[3] for wanted in expected]
