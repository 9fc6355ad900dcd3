"""Runs that were recorded without a server, and brought later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.client import VERSION

if TYPE_CHECKING:
    from harness.client import Workplace
    from harness.native import NativeRun

PROJECT = "offline"

OFFLINE = """
    import sys
    import numpy as np
    import wandb

    run = wandb.init(project="offline", id="run", config={"lr": 0.1}, tags=["away"])
    for x in range(50):
        run.log({"x": x, "nan": float("nan")})
    run.log({"picture": wandb.Image(np.zeros((4, 4), dtype=np.uint8))})
    print("nobody listens")
    run.finish()
"""


def native_run(place: Workplace) -> NativeRun:
    return place.server.native(place.user).run(place.user.name, PROJECT, "run")


def sync(place: Workplace) -> str:
    """Sync all offline runs, also those that were synced before."""
    folders = [str(path) for path in (place.folder / "wandb").glob("offline-run-*")]
    # Newer clients skip what they synced before, and ask, unless told.
    again = ["--include-synced", "--yes"] if VERSION >= (0, 31) else []
    return place.wandb("sync", *again, *folders)


def check(place: Workplace) -> None:
    """Check that the run is there whole, and once."""
    run = native_run(place)
    assert run.values("x") == list(range(50))
    assert run.values("nan") == ["NaN"] * 50
    assert [row["_step"] for row in place.scan(PROJECT, "run")] == list(range(51))
    detail = run.detail()
    assert (detail["state"], detail["config"], detail["tags"]) == (
        "finished",
        {"lr": 0.1},
        ["away"],
    )
    assert detail["n_history_rows"] == 51
    (picture,) = run.values("picture")
    assert run.file(picture["path"]).startswith(b"\x89PNG")
    texts = [line["text"] for line in run.console()]
    assert texts.count("nobody listens") == 1


@pytest.mark.any_client
def test_offline_run_is_synced_whole(workplace: Workplace) -> None:
    workplace.run(OFFLINE, WANDB_MODE="offline")
    assert "ERROR" not in sync(workplace)
    check(workplace)


@pytest.mark.any_client
def test_syncing_again_doubles_nothing(workplace: Workplace) -> None:
    workplace.run(OFFLINE, WANDB_MODE="offline")
    sync(workplace)
    sync(workplace)
    check(workplace)


def test_offline_run_that_failed_is_failed(workplace: Workplace) -> None:
    workplace.run(OFFLINE.replace("run.finish()", "sys.exit(2)"), exit_code=2, WANDB_MODE="offline")
    sync(workplace)
    detail = native_run(workplace).detail()
    assert (detail["state"], detail["exit_code"]) == ("failed", 2)


def test_offline_segments_of_one_run_are_synced_in_order(workplace: Workplace) -> None:
    segment = """
        import sys
        import wandb
        with wandb.init(project="offline", id="run", resume="allow") as run:
            for x in range(int(sys.argv[1]), int(sys.argv[1]) + 10):
                run.log({"x": x})
    """
    for first in (0, 10, 20):
        workplace.run(segment, str(first), WANDB_MODE="offline")
    sync(workplace)
    assert native_run(workplace).values("x") == list(range(30))
    assert [row["_step"] for row in workplace.scan(PROJECT, "run")] == list(range(30))


def test_an_online_run_synced_from_its_local_copy_doubles_nothing(workplace: Workplace) -> None:
    workplace.run(OFFLINE)
    check(workplace)
    (folder,) = (workplace.folder / "wandb").glob("run-*")
    workplace.wandb("sync", "--include-online", "--include-synced", "--yes", str(folder))
    check(workplace)
