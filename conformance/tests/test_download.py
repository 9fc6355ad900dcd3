"""Rows as files: what people take into pandas and spreadsheets is what the script logged."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.client import Workplace
    from harness.server import Server, User

N_ROWS = 300

SCRIPT = """
import math, wandb
for number in range(2):
    run = wandb.init(project="vision", id=f"run-{{number}}")
    for i in range({n_rows}):
        row = {{"loss": 0 if i == 0 else math.exp(-i / 30) + number, "n": i * 7, "val": {{"acc": i / 1000}}}}
        if i % 100 == 0:
            row["odd/key, \\"x\\""] = f"line\\nof step {{i}}"
            row["hist"] = wandb.Histogram([0.0, 1.0, 1.0])
            row["nan"] = math.nan
        run.log(row)
    run.finish()
"""


def wanted(number: int, i: int) -> tuple[float, int, float]:
    """Return what the script logs of loss, n and val.acc."""
    return (0 if i == 0 else math.exp(-i / 30) + number, i * 7, i / 1000)


@pytest.fixture
def logged(user: User, workplace: Workplace) -> User:
    """Someone with two runs."""
    workplace.run(SCRIPT.format(n_rows=N_ROWS))
    return user


def download(server: Server, user: User, **query: str | list[str]) -> bytes:
    """Return a file of the project's rows."""
    response = server.native(user).request("GET", f"/projects/{user.name}/vision/download", **query)
    assert response.status_code == 200, response.text
    return response.content


def test_csv_is_what_was_logged(server: Server, logged: User) -> None:
    text = download(server, logged, run=["run-1", "run-0"]).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0])[:4] == ["run", "_step", "_timestamp", "_runtime"]
    assert [(row["run"], int(row["_step"])) for row in rows] == [
        (run, i) for run in ("run-1", "run-0") for i in range(N_ROWS)
    ]
    for row in rows:
        number, i = int(row["run"][-1]), int(row["_step"])
        assert (float(row["loss"]), int(row["n"]), float(row["val.acc"])) == wanted(number, i)
        odd, hist = row['odd/key, "x"'], row["hist"]
        if i % 100 == 0:
            assert odd == f"line\nof step {i}"
            assert json.loads(hist)["_type"] == "histogram"
            assert row["nan"] == "NaN"
        else:
            assert (odd, hist, row["nan"]) == ("", "", "")


def test_a_selection_of_keys_and_steps(server: Server, logged: User) -> None:
    text = download(server, logged, run="run-0", key="n", min_step="10", max_step="12").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["_step"], row["n"]) for row in rows] == [("10", "70"), ("11", "77"), ("12", "84")]
    assert set(rows[0]) == {"run", "_step", "_timestamp", "_runtime", "n"}


def test_pandas_reads_parquet_and_feather(server: Server, logged: User) -> None:
    # Only the environment of the newest client, with which this runs, has it.
    import pandas as pd  # noqa: PLC0415

    for frame in (
        pd.read_parquet(io.BytesIO(download(server, logged, format="parquet"))),
        pd.read_feather(io.BytesIO(download(server, logged, format="arrow"))),
    ):
        assert list(frame["run"]) == ["run-0"] * N_ROWS + ["run-1"] * N_ROWS
        assert str(frame["n"].dtype) in ("int64", "Int64")
        assert str(frame["loss"].dtype) == "float64"
        for number in range(2):
            of_run = frame[frame["run"] == f"run-{number}"]
            found = list(zip(of_run["loss"], of_run["n"], of_run["val.acc"], strict=True))
            assert found == [wanted(number, i) for i in range(N_ROWS)]


def test_strangers_find_no_rows(server: Server, logged: User) -> None:
    stranger = server.add_user()
    response = server.native(stranger).request("GET", f"/projects/{logged.name}/vision/download")
    assert response.status_code == 404
