"""Several processes that write into one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.client import VERSION

if TYPE_CHECKING:
    from harness.client import Workplace

WRITER = """
    import sys
    import time
    from pathlib import Path

    import wandb

    me, primary = sys.argv[1], sys.argv[1] == "rank0"
    if wandb.__version__.startswith("0.18"):
        settings = wandb.Settings(mode="shared")
    else:
        settings = wandb.Settings(
            mode="shared", x_label=me, x_primary=primary, x_update_finish_state=primary
        )
    run = wandb.init(project="shared", id="run", settings=settings, config={me: 1} if primary else None)
    for i in range(40):
        run.log({f"{me}/x": i, f"{me}/y": i / 7})
        time.sleep(0.05)
    print("printed by", me, flush=True)
    # The others end first: what is posted after the primary's end would make the run live again.
    while primary and not all(Path(f"done-rank{i}").exists() for i in (1, 2)):
        time.sleep(0.05)
    run.finish()
    Path(f"done-{me}").touch()
"""


def write_together(place: Workplace) -> None:
    """Let three processes write at the same time."""
    scripts = [place.start(WRITER, f"rank{i}") for i in range(3)]
    for script in scripts:
        assert script.wait() == 0, script.output


@pytest.mark.any_client
def test_every_writers_rows_are_there_once_and_in_order(workplace: Workplace) -> None:
    write_together(workplace)
    run = workplace.server.native(workplace.user).run(workplace.user.name, "shared", "run")
    for rank in range(3):
        assert run.values(f"rank{rank}/x") == list(range(40))
        assert run.values(f"rank{rank}/y") == [i / 7 for i in range(40)]
    assert run.detail()["n_history_rows"] == 120
    scanned = workplace.scan("shared", "run")
    for rank in range(3):
        key = f"rank{rank}/x"
        assert [row[key] for row in scanned if key in row] == list(range(40))


def test_the_primary_ends_the_run_and_the_summary_has_every_writers_values(
    workplace: Workplace,
) -> None:
    write_together(workplace)
    detail = workplace.server.native(workplace.user).run(workplace.user.name, "shared", "run").detail()
    assert detail["state"] == "finished"
    assert detail["config"] == {"rank0": 1}
    for rank in range(3):
        assert detail["summary"][f"rank{rank}/x"] == 39


@pytest.mark.skipif(VERSION < (0, 31), reason="older clients have no labels")
def test_console_lines_and_system_metrics_tell_their_writer(workplace: Workplace) -> None:
    write_together(workplace)
    run = workplace.server.native(workplace.user).run(workplace.user.name, "shared", "run")
    lines = {(line["label"], line["text"]) for line in run.console()}
    assert {(f"rank{i}", f"printed by rank{i}") for i in range(3)} <= lines
    labels = {name.rpartition("/l:")[2] for name in run.keys("system") if "/l:" in name}
    assert labels == {"rank0", "rank1", "rank2"}
