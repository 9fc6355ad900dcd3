"""`define_metric`, and what it does to summaries and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.client import Workplace
    from harness.native import Json, NativeRun

PROJECT = "metrics"


def run_script(place: Workplace, definitions: str) -> NativeRun:
    """Define metrics, then log ten rows in which `loss` falls and rises."""
    place.run(
        f"""
import wandb
run = wandb.init(project="metrics", id="run")
{definitions}
for i in range(10):
    run.log({{"loss": abs(i - 4) + 1.5, "epoch": i // 3, "deep": {{"loss": i}}, "val/a": i, "val/b": -i}})
run.finish()
"""
    )
    return place.server.native(place.user).run(place.user.name, PROJECT, "run")


def project_keys(run: NativeRun) -> dict[str, Json]:
    return {key["name"]: key for key in run.native.get(f"{run.project_path}/keys")["items"]}


@pytest.mark.any_client
def test_summary_kinds_are_aggregates_over_all_rows(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("loss", summary="min,max,mean")')
    losses = [abs(i - 4) + 1.5 for i in range(10)]
    summary = run.detail()["summary"]["loss"]
    assert (summary["min"], summary["max"]) == (min(losses), max(losses))
    assert summary["mean"] == pytest.approx(sum(losses) / 10)
    assert workplace.api_run(PROJECT, "run").summary["loss"]["min"] == 1.5


def test_first_and_last_are_kept(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("loss", summary="first,last")')
    assert run.detail()["summary"]["loss"] == {"first": 5.5, "last": 6.5}


def test_summary_none_keeps_the_metric_out(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("loss", summary="none")')
    assert "loss" not in run.detail()["summary"]
    assert len(run.values("loss")) == 10


@pytest.mark.any_client
def test_step_metric_applies_to_what_a_glob_matches(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("epoch")\nrun.define_metric("val/*", step_metric="epoch")')
    keys = project_keys(run)
    assert keys["val/a"]["step_metric"] == "epoch"
    assert keys["val/b"]["step_metric"] == "epoch"
    assert keys["loss"]["step_metric"] is None


def test_hidden_metric_is_marked_and_still_stored(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("loss", hidden=True)')
    keys = project_keys(run)
    assert keys["loss"]["hidden"] is True
    assert keys["epoch"]["hidden"] is False
    assert len(run.values("loss")) == 10


def test_a_later_definition_overrides_a_glob(workplace: Workplace) -> None:
    run = run_script(
        workplace,
        'run.define_metric("val/*", step_metric="epoch")\nrun.define_metric("val/a", step_metric="loss")',
    )
    keys = project_keys(run)
    assert keys["val/a"]["step_metric"] == "loss"
    assert keys["val/b"]["step_metric"] == "epoch"


def test_a_nested_metric_can_be_defined_by_its_dotted_name(workplace: Workplace) -> None:
    run = run_script(workplace, 'run.define_metric("deep.loss", summary="max", step_metric="epoch")')
    assert run.detail()["summary"]["deep"]["loss"] == {"max": 9}
    assert project_keys(run)["deep.loss"]["step_metric"] == "epoch"


def test_steps_may_have_gaps_and_rows_may_be_completed(workplace: Workplace) -> None:
    workplace.run(
        """
        import wandb
        with wandb.init(project="metrics", id="run") as run:
            run.log({"a": 1}, step=5)
            run.log({"b": 2}, step=5)
            run.log({"a": 3}, step=1000)
            run.log({"c": 4}, commit=False)
            run.log({"d": 5})
        """
    )
    rows = workplace.scan(PROJECT, "run")
    assert [row["_step"] for row in rows][:2] == [5, 1000]
    assert (rows[0]["a"], rows[0]["b"]) == (1, 2)
    merged = {key for row in rows[1:] for key in row}
    assert {"a", "c", "d"} <= merged


@pytest.mark.any_client
def test_many_keys_and_rows_read_back(workplace: Workplace) -> None:
    workplace.run(
        """
        import wandb
        with wandb.init(project="metrics", id="run") as run:
            for i in range(3000):
                run.log({f"group{k}/key{k}": i * k for k in range(20)})
        """
    )
    rows = workplace.scan(PROJECT, "run")
    assert len(rows) == 3000
    assert all(row[f"group{k}/key{k}"] == i * k for i, row in enumerate(rows) for k in range(20))
    few = workplace.api_run(PROJECT, "run").history(samples=100, pandas=False)
    assert 0 < len(few) <= 100
    assert [row["_step"] for row in few] == sorted(row["_step"] for row in few)
    window = list(workplace.api_run(PROJECT, "run").scan_history(min_step=990, max_step=1010))
    assert [row["_step"] for row in window] == list(range(990, 1010))
