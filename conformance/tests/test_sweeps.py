"""Sweeps: made, run by agents, watched and changed with the client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from harness.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.client import Script, Workplace
    from harness.server import Server, User

    MakeServer = Callable[..., Server]
    MakeWorkplace = Callable[[Server, User], Workplace]

PROJECT = "sweeps"

GRID: dict[str, Any] = {
    "program": "train.py",
    "method": "grid",
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {
        "lr": {"values": [0.1, 0.2]},
        "net": {"parameters": {"layers": {"values": [1, 2]}}},
    },
}

TRAIN = """
    import sys
    import wandb

    with wandb.init() as run:
        run.log({"loss": run.config["lr"] * run.config["net"]["layers"]})
    print("arguments", sys.argv[1:], flush=True)
"""

AGENT = """
    import os, sys, time
    import wandb
    from wandb.agents import pyagent

    # Only makes tests faster.
    pyagent.Agent.HEARTBEAT_SLEEP_SECONDS = 0.2

    def train():
        with wandb.init() as run:
            print("started", run.id, dict(run.config), flush=True)
            for step in range(int(os.environ.get("STEPS", "1"))):
                run.log({"loss": run.config["x"] * (1 + 1 / (1 + step))})
                time.sleep(float(os.environ.get("PAUSE_S", "0")))
            if os.environ.get("FAIL") == str(run.config["x"]):
                raise ValueError("this point fails")
            print("ended", run.id, flush=True)

    count = os.environ.get("COUNT")
    wandb.agent(sys.argv[1], function=train, count=int(count) if count else None)
    print("agent is done", flush=True)
"""


def write(place: Workplace, config: dict[str, Any]) -> str:
    """Write the files of a sweep."""
    (place.folder / "train.py").write_text(TRAIN.replace("\n    ", "\n").lstrip())
    (place.folder / "sweep.yaml").write_text(yaml.safe_dump(config))
    return "sweep.yaml"


def create(place: Workplace, config: dict[str, Any], *arguments: str) -> str:
    """`wandb sweep`: return the id."""
    output = place.wandb("sweep", "--project", PROJECT, *arguments, write(place, config))
    found = re.search(r"sweep with ID: .*?(\w{8})\b", output)
    assert found, output
    return found.group(1)


def path_of(place: Workplace, sweep: str) -> str:
    return f"{place.user.name}/{PROJECT}/{sweep}"


def read(place: Workplace, sweep: str) -> Any:
    return place.api().sweep(path_of(place, sweep))


def xs(config: int | dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a grid over `x` from 1 on, or the config with another method."""
    if isinstance(config, int):
        config = {"method": "grid", "parameters": {"x": {"values": list(range(1, config + 1))}}}
    return {"metric": {"name": "loss", "goal": "minimize"}, **config, **more}


UNIFORM = {"x": {"min": 0.0, "max": 1.0}}


def agent(place: Workplace, sweep: str, **environment: str) -> Script:
    return place.start(AGENT, path_of(place, sweep), **environment)


def tried(place: Workplace, sweep: str) -> list[Any]:
    """Return the values of `x` of all runs, sorted."""
    return sorted(run.config["x"] for run in read(place, sweep).runs)


def wait_for_state(place: Workplace, sweep: str, state: str) -> None:
    eventually(lambda: read(place, sweep).state == state, what=f"the sweep is {state}", timeout_s=60)


def test_agents_of_the_command_line_cover_a_grid_once(workplace: Workplace) -> None:
    sweep = create(workplace, GRID)
    made = read(workplace, sweep)
    assert (made.state, made.expected_run_count, made.config["method"]) == ("PENDING", 4, "grid")
    agents = [workplace.start_command("wandb", "agent", path_of(workplace, sweep)) for _ in range(2)]
    for script in agents:
        assert script.wait() == 0, script.output

    done = read(workplace, sweep)
    assert done.state == "FINISHED"
    assert len(done.runs) == 4
    points = sorted((run.config["lr"], run.config["net"]["layers"]) for run in done.runs)
    assert points == [(0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2)]
    assert {run.state for run in done.runs} == {"finished"}
    assert {run.sweep_name for run in done.runs} == {sweep}
    assert done.order == "+summary_metrics.loss"
    best = done.best_run()
    assert (best.summary["loss"], best.config["lr"]) == (0.1, 0.1)
    assert done._attrs["bestLoss"] == 0.1
    found = done.agents()
    assert len(found) == 2
    assert sum(len(list(one.runs())) for one in found) == 4
    assert done.agent(found[0]._attrs["name"])._attrs["id"] == found[0]._attrs["id"]
    assert "arguments ['--lr=0.1', \"--net={'layers': 1}\"]" in "".join(script.output for script in agents)


def test_macros_of_the_command_are_expanded(workplace: Workplace) -> None:
    command = ["${env}", "${interpreter}", "${program}", "fixed", "${args_no_hyphens}"]
    sweep = create(workplace, {**GRID, "run_cap": 1, "command": command})
    output = workplace.wandb("agent", path_of(workplace, sweep))
    assert "arguments ['fixed', 'lr=0.1', " in output
    assert read(workplace, sweep).state == "FINISHED"


def test_a_sweep_made_in_python_runs_a_function(workplace: Workplace) -> None:
    config = xs({"method": "random", "parameters": UNIFORM}, name="from python", description="a try")
    output = workplace.run(
        f"import wandb; print('id', wandb.sweep({config!r}, project='{PROJECT}'))",
    )
    sweep = output.split("id ")[-1].split()[0]
    assert agent(workplace, sweep, COUNT="3").wait() == 0
    found = read(workplace, sweep)
    assert (found.name, found.state, found.expected_run_count) == ("from python", "RUNNING", None)
    values = tried(workplace, sweep)
    assert len(set(values)) == 3
    assert all(0 <= x <= 1 for x in values)
    assert found.best_run().config["x"] == values[0]
    listed = workplace.api().project(PROJECT, workplace.user.name).sweeps()
    assert [one.id for one in listed] == [sweep]


def test_many_agents_share_a_grid(workplace: Workplace) -> None:
    sweep = create(workplace, xs(15))
    agents = [agent(workplace, sweep) for _ in range(4)]
    for script in agents:
        assert script.wait(180) == 0, script.output
    assert tried(workplace, sweep) == list(range(1, 16))
    assert read(workplace, sweep).state == "FINISHED"


def test_a_bayesian_sweep_learns(workplace: Workplace) -> None:
    sweep = create(workplace, xs({"method": "bayes", "run_cap": 6, "parameters": UNIFORM}))
    script = agent(workplace, sweep)
    assert script.wait() == 0, script.output
    assert len(set(tried(workplace, sweep))) == 6
    assert read(workplace, sweep).state == "FINISHED"


def test_a_sweep_is_paused_resumed_and_stopped(workplace: Workplace) -> None:
    sweep = create(workplace, xs({"method": "random", "parameters": UNIFORM}))
    script = agent(workplace, sweep, STEPS="5", PAUSE_S="0.2")
    script.wait_for_output("started")
    workplace.wandb("sweep", "--pause", path_of(workplace, sweep))
    assert read(workplace, sweep).state == "PAUSED"
    script.wait_for_output("Waiting for job")
    n_runs = len(read(workplace, sweep).runs)
    workplace.wandb("sweep", "--resume", path_of(workplace, sweep))
    eventually(lambda: len(read(workplace, sweep).runs) > n_runs, what="another run", timeout_s=60)
    workplace.wandb("sweep", "--stop", path_of(workplace, sweep))
    assert script.wait() == 0, script.output
    found = read(workplace, sweep)
    assert found.state == "FINISHED"
    assert {run.state for run in found.runs} == {"finished"}
    refused = workplace.wandb("sweep", "--pause", path_of(workplace, sweep), exit_code=1)
    assert "Cannot pause finished sweep" in refused


def test_cancelling_stops_what_runs(workplace: Workplace) -> None:
    sweep = create(workplace, xs({"method": "random", "parameters": UNIFORM}))
    script = agent(workplace, sweep, STEPS="1000", PAUSE_S="0.1")
    script.wait_for_output("started")
    workplace.wandb("sweep", "--cancel", path_of(workplace, sweep))
    script.wait()
    assert "ended" not in script.output
    found = read(workplace, sweep)
    assert found.state == "CANCELED"
    (run,) = found.runs
    eventually(lambda: workplace.api_run(PROJECT, run.id).state in {"killed", "failed"}, what="the run has ended")


def test_an_edited_sweep_goes_on_with_what_is_new(workplace: Workplace) -> None:
    sweep = create(workplace, xs(2))
    assert agent(workplace, sweep, COUNT="2").wait() == 0
    output = workplace.wandb(
        "sweep", "--project", PROJECT, "--update", path_of(workplace, sweep), write(workplace, xs(4))
    )
    assert f"Updating sweep with ID: {sweep}" in re.sub(r"\x1b\[\d+m", "", output)
    assert read(workplace, sweep).expected_run_count == 4
    workplace.wandb("sweep", "--resume", path_of(workplace, sweep))
    assert agent(workplace, sweep, COUNT="2").wait() == 0
    assert tried(workplace, sweep) == [1, 2, 3, 4]


def test_prior_runs_count_as_tried(workplace: Workplace) -> None:
    workplace.run(
        f"""
        import wandb
        with wandb.init(project="{PROJECT}", id="old", config={{"x": 1, "seed": 3}}) as run:
            run.log({{"loss": 1}})
        """
    )
    sweep = create(workplace, xs(2), "-R", "old")
    script = agent(workplace, sweep)
    assert script.wait() == 0, script.output
    assert tried(workplace, sweep) == [2]
    assert read(workplace, sweep).state == "FINISHED"


def test_a_killed_agents_trials_are_done_by_another(
    make_server: MakeServer, make_workplace: MakeWorkplace
) -> None:
    server = make_server(BALLAST_HEARTBEAT_LIMIT="6s", BALLAST_AGENT_LIMIT="6s")
    place = make_workplace(server, server.add_user())
    sweep = create(place, xs(3, on_failure={"max_retries": 1}))
    doomed = agent(place, sweep, STEPS="1000", PAUSE_S="0.1", WANDB__STATS_SAMPLING_INTERVAL="1")
    doomed.wait_for_output("started")
    doomed.kill()
    script = agent(place, sweep, WANDB__STATS_SAMPLING_INTERVAL="1")
    assert script.wait() == 0, script.output
    finished = [run.config["x"] for run in read(place, sweep).runs if run.state == "finished"]
    assert sorted(finished) == [1, 2, 3]
    assert tried(place, sweep) == [1, 1, 2, 3]


def test_a_killed_server_repeats_and_loses_nothing(
    make_server: MakeServer, make_workplace: MakeWorkplace
) -> None:
    server = make_server()
    place = make_workplace(server, server.add_user())
    sweep = create(place, xs(8))
    agents = [agent(place, sweep, PAUSE_S="0.5") for _ in range(2)]
    for _ in range(2):
        n_runs = len(read(place, sweep).runs)
        eventually(lambda n_runs=n_runs: len(read(place, sweep).runs) > n_runs, what="another run", timeout_s=60)
        server.kill()
        server.start()
    for script in agents:
        assert script.wait(180) == 0, script.output
    assert tried(place, sweep) == list(range(1, 9))
    assert read(place, sweep).state == "FINISHED"


def test_a_run_that_falls_behind_is_stopped_early(workplace: Workplace) -> None:
    rule = {"type": "hyperband", "min_iter": 2, "eta": 2}
    sweep = create(workplace, xs(4, early_terminate=rule))
    for _ in range(3):
        assert agent(workplace, sweep, COUNT="1", STEPS="3").wait() == 0
    slow = agent(workplace, sweep, COUNT="1", STEPS="600", PAUSE_S="0.1")
    slow.wait()
    assert "ended" not in slow.output, slow.output
    (stopped,) = [run for run in read(workplace, sweep).runs if run.config["x"] == 4]
    eventually(lambda: workplace.api_run(PROJECT, stopped.id).state in {"killed", "failed"}, what="it has ended")


def test_failed_points_do_not_end_a_sweep(workplace: Workplace) -> None:
    sweep = create(workplace, xs(3))
    script = agent(workplace, sweep, FAIL="2")
    assert script.wait() == 0, script.output
    states = {run.config["x"]: run.state for run in read(workplace, sweep).runs}
    assert states == {1: "finished", 2: "failed", 3: "finished"}


def test_a_chosen_run_is_next(workplace: Workplace) -> None:
    sweep = create(workplace, xs({"method": "random", "parameters": UNIFORM}))
    run = read(workplace, sweep).enqueue_run({"x": {"value": 0.5}}, display_name="mine")
    assert workplace.api_run(PROJECT, run).state == "pending"
    assert agent(workplace, sweep, COUNT="1").wait() == 0
    found = workplace.api_run(PROJECT, run)
    assert (found.state, found.name, found.config["x"]) == ("finished", "mine", 0.5)


def test_sweeps_are_filtered(workplace: Workplace) -> None:
    first = create(workplace, xs(2))
    second = create(workplace, xs(3, name="larger"))
    project = workplace.api().project(PROJECT, workplace.user.name)
    assert [sweep.id for sweep in project.sweeps()] == [second, first]
    found = project.sweeps(filters={"display_name": "larger"})
    assert [sweep.id for sweep in found] == [second]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"method": "grid", "parameters": {"lr": {"min": 0.1, "max": 0.2}}}, "parameters.lr"),
        ({"method": "random", "parameters": {"lr": {"min": 2.0, "max": 1.0}}}, "parameters.lr"),
        ({"method": "random", "parameters": {"lr": {"distribution": "wild", "min": 1, "max": 2}}}, "wild"),
        (
            {"method": "random", "parameters": {"lr": {"distribution": "log_uniform_values", "min": 0, "max": 1}}},
            "parameters.lr",
        ),
        ({"method": "random", "parameters": {"lr": {"values": []}}}, "parameters.lr.values"),
        ({"method": "bayes", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}, "metric"),
        ({"method": "guess", "parameters": {"lr": {"value": 1}}}, "guess"),
    ],
)
def test_a_bad_config_is_explained(workplace: Workplace, config: dict[str, Any], told: str) -> None:
    output = workplace.wandb("sweep", "--project", PROJECT, write(workplace, config), exit_code=1)
    assert told in output, output
    assert PROJECT not in [project.name for project in workplace.api().projects(workplace.user.name)]


def test_an_odd_config_is_accepted_with_a_remark(workplace: Workplace) -> None:
    output = workplace.wandb("sweep", "--project", PROJECT, write(workplace, xs(2, methods="grid")))
    assert "methods" in output
    huge = {f"p{i}": {"min": 1, "max": 1000} for i in range(4)}
    sweep = create(workplace, {"method": "grid", "run_cap": 2, "parameters": huge})
    assert read(workplace, sweep).expected_run_count == 2


def test_agents_without_work_or_permission_are_told_why(
    server: Server, workplace: Workplace, make_workplace: MakeWorkplace
) -> None:
    sweep = create(workplace, xs(2))
    script = agent(workplace, sweep, COUNT="1")
    assert script.wait() == 0
    workplace.wandb("sweep", "--stop", path_of(workplace, sweep))
    refused = workplace.start_command("wandb", "agent", path_of(workplace, sweep))
    refused.wait()
    assert "is finished" in refused.output, refused.output

    stranger = make_workplace(server, server.add_user())
    refused = stranger.start_command("wandb", "agent", path_of(workplace, sweep))
    refused.wait()
    assert "does not exist" in refused.output or "not found" in refused.output.lower(), refused.output
