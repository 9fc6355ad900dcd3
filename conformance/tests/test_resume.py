"""Resuming, forking, rewinding and starting over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.client import Workplace

PROJECT = "resume"

FIVE_ROWS = """
    import json, os, sys
    import wandb

    run = wandb.init(project="resume", **json.loads(sys.argv[1]))
    first = int(sys.argv[2])
    for x in range(first, first + 5):
        run.log({"x": x, "loss": 1 / (1 + x)})
    print("line of", first)
    run.finish()
    print("run id is", run.id)
"""


def five_rows(place: Workplace, first: int, exit_code: int = 0, **options: object) -> str:
    return place.run(FIVE_ROWS, json.dumps(options), str(first), exit_code=exit_code)


def values(place: Workplace, run: str, key: str = "x") -> list[object]:
    """Return a key's values, after checking that both ways of reading agree."""
    native = place.server.native(place.user).run(place.user.name, PROJECT, run).values(key)
    scanned = [row[key] for row in place.scan(PROJECT, run)]
    assert native == scanned
    return native


def steps(place: Workplace, run: str) -> list[int]:
    return [row["_step"] for row in place.scan(PROJECT, run)]


@pytest.mark.any_client
def test_resume_must_continues_steps_config_and_summary(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run", config={"lr": 0.1}, name="long one", tags=["a"])
    five_rows(workplace, 5, id="run", resume="must", config={"decay": 0.5})
    assert values(workplace, "run") == list(range(10))
    assert steps(workplace, "run") == list(range(10))
    run = workplace.api_run(PROJECT, "run")
    assert run.config == {"lr": 0.1, "decay": 0.5}
    assert run.summary["x"] == 9
    assert run.name == "long one"
    assert run.tags == ["a"]
    native = workplace.server.native(workplace.user).run(workplace.user.name, PROJECT, "run")
    texts = [line["text"] for line in native.console()]
    assert "line of 0" in texts
    assert "line of 5" in texts


@pytest.mark.any_client
def test_resume_must_of_an_unknown_run_is_refused(workplace: Workplace) -> None:
    output = five_rows(workplace, 0, exit_code=1, id="run", resume="must")
    assert "resume" in output


@pytest.mark.any_client
def test_resume_allow_creates_and_then_continues(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run", resume="allow")
    five_rows(workplace, 5, id="run", resume="allow")
    assert values(workplace, "run") == list(range(10))


@pytest.mark.any_client
def test_resume_never_creates_and_then_refuses(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run", resume="never")
    output = five_rows(workplace, 5, exit_code=1, id="run", resume="never")
    assert "resume" in output
    assert values(workplace, "run") == list(range(5))


def test_resume_auto_continues_a_run_that_failed(workplace: Workplace) -> None:
    failing = FIVE_ROWS.replace("run.finish()", "sys.exit(1)")
    workplace.run(failing, '{"resume": "auto"}', "0", exit_code=1)
    output = workplace.run(FIVE_ROWS, '{"resume": "auto"}', "5")
    run = output.partition("run id is ")[2].split()[0]
    assert values(workplace, run) == list(range(10))


@pytest.mark.any_client
def test_fork_shares_the_past_and_leaves_its_parent_alone(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="parent")
    five_rows(workplace, 100, fork_from="parent?_step=2", id="child")
    assert values(workplace, "child") == [0, 1, 2, 100, 101, 102, 103, 104]
    assert steps(workplace, "child") == list(range(8))
    assert values(workplace, "parent") == list(range(5))
    native = workplace.server.native(workplace.user).run(workplace.user.name, PROJECT, "child")
    assert native.detail()["parent"] == {"run": "parent", "step": 2}


def test_fork_of_a_fork_shares_both_pasts(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="parent")
    five_rows(workplace, 100, fork_from="parent?_step=2", id="child")
    five_rows(workplace, 200, fork_from="child?_step=3", id="grandchild")
    assert values(workplace, "grandchild") == [0, 1, 2, 100, 200, 201, 202, 203, 204]
    five_rows(workplace, 300, fork_from="child?_step=1", id="early")
    assert values(workplace, "early") == [0, 1, 300, 301, 302, 303, 304]


def test_a_fork_can_be_resumed(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="parent")
    five_rows(workplace, 100, fork_from="parent?_step=1", id="child")
    five_rows(workplace, 105, id="child", resume="must")
    assert values(workplace, "child") == [0, 1, *range(100, 110)]


def test_fork_of_an_unknown_run_fails_at_once_with_a_clear_message(workplace: Workplace) -> None:
    output = five_rows(workplace, 0, exit_code=1, fork_from="nobody?_step=2", id="child")
    assert "nobody" in output


def test_deleting_the_parent_keeps_the_forks_history(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="parent")
    five_rows(workplace, 100, fork_from="parent?_step=2", id="child")
    parent = workplace.server.native(workplace.user).run(workplace.user.name, PROJECT, "parent")
    parent.native.delete(parent.path)
    parent.native.delete(parent.path, purge="true")
    assert values(workplace, "child") == [0, 1, 2, 100, 101, 102, 103, 104]


@pytest.mark.any_client
def test_rewind_drops_the_rows_after_the_step(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run", config={"lr": 0.1})
    five_rows(workplace, 100, resume_from="run?_step=1")
    assert values(workplace, "run") == [0, 1, 100, 101, 102, 103, 104]
    assert steps(workplace, "run") == list(range(7))
    assert workplace.api_run(PROJECT, "run").config["lr"] == 0.1


def test_rewind_leaves_forks_of_the_later_part_alone(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run")
    five_rows(workplace, 100, fork_from="run?_step=3", id="child")
    five_rows(workplace, 200, resume_from="run?_step=1")
    assert values(workplace, "run") == [0, 1, 200, 201, 202, 203, 204]
    assert values(workplace, "child") == [0, 1, 2, 3, 100, 101, 102, 103, 104]


def test_a_run_can_be_rewound_twice(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run")
    five_rows(workplace, 100, resume_from="run?_step=3")
    five_rows(workplace, 200, resume_from="run?_step=4")
    assert values(workplace, "run") == [0, 1, 2, 3, 100, 200, 201, 202, 203, 204]


@pytest.mark.any_client
def test_starting_an_existing_id_afresh_replaces_its_rows(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run")
    workplace.run(
        """
        import wandb
        run = wandb.init(project="resume", id="run")
        for x in (50, 51):
            run.log({"x": x})
        """
    )
    assert values(workplace, "run") == [50, 51]


def test_a_deleted_run_cannot_be_written_and_says_so(workplace: Workplace) -> None:
    five_rows(workplace, 0, id="run")
    run = workplace.server.native(workplace.user).run(workplace.user.name, PROJECT, "run")
    run.native.delete(run.path)
    output = five_rows(workplace, 5, exit_code=1, id="run")
    assert "deleted" in output
    run.native.post(f"{run.path}/restore")
    assert values(workplace, "run") == list(range(5))


def test_several_runs_one_after_the_other_in_one_process(workplace: Workplace) -> None:
    workplace.run(
        """
        import wandb
        for i in range(3):
            with wandb.init(project="resume", id=f"run-{i}", config={"i": i}) as run:
                run.log({"x": i})
        """
    )
    runs = workplace.api().runs(f"{workplace.user.name}/{PROJECT}")
    assert {(run.id, run.config["i"], run.state) for run in runs} == {(f"run-{i}", i, "finished") for i in range(3)}
