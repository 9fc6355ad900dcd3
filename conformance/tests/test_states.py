"""How runs end, and how the server learns of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.client import VERSION, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.native import NativeRun
    from harness.server import Server, User

PROJECT = "states"

LOG_AND_WAIT = """
    import time
    import wandb

    run = wandb.init(project="states", id="run", resume="allow")
    for i in range(3):
        run.log({"x": i})
    print("rows are out", flush=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        time.sleep(0.05)
"""


def native_run(place: Workplace) -> NativeRun:
    return place.server.native(place.user).run(place.user.name, PROJECT, "run")


@pytest.mark.any_client
def test_normal_end_is_finished(workplace: Workplace) -> None:
    workplace.run("import wandb; wandb.init(project='states', id='run').log({'x': 1})")
    assert native_run(workplace).state == "finished"
    assert workplace.api_run(PROJECT, "run").state == "finished"


@pytest.mark.any_client
def test_exception_is_failed_with_exit_code_1(workplace: Workplace) -> None:
    workplace.run(
        """
        import wandb
        wandb.init(project="states", id="run").log({"x": 1})
        raise ValueError("the data is gone")
        """,
        exit_code=1,
    )
    detail = native_run(workplace).detail()
    assert (detail["state"], detail["exit_code"]) == ("failed", 1)
    assert any("the data is gone" in line["text"] for line in native_run(workplace).console())


@pytest.mark.any_client
def test_exit_code_of_the_script_is_kept(workplace: Workplace) -> None:
    workplace.run(
        """
        import sys
        import wandb
        wandb.init(project="states", id="run").log({"x": 1})
        sys.exit(3)
        """,
        exit_code=3,
    )
    detail = native_run(workplace).detail()
    assert (detail["state"], detail["exit_code"]) == ("failed", 3)


@pytest.mark.any_client
def test_ctrl_c_is_killed(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT)
    script.wait_for_output("rows are out")
    script.interrupt()
    assert script.wait() != 0
    detail = native_run(workplace).detail()
    assert (detail["state"], detail["exit_code"]) == ("killed", 255)
    assert detail["n_history_rows"] == 3


def test_a_live_run_is_running_and_its_rows_are_there(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT)
    script.wait_for_output("rows are out")
    run = native_run(workplace)
    run.wait_for_rows(3)
    assert run.state == "running"
    assert workplace.api_run(PROJECT, "run").state == "running"


def test_sigkill_is_crashed_after_the_limit_and_resuming_revives_it(
    make_server: Callable[..., Server], make_workplace: Callable[[Server, User], Workplace]
) -> None:
    server = make_server(BALLAST_HEARTBEAT_LIMIT="6s")
    place = make_workplace(server, server.add_user())
    script = place.start(LOG_AND_WAIT, WANDB__STATS_SAMPLING_INTERVAL="1")
    script.wait_for_output("rows are out")
    run = native_run(place)
    run.wait_for_rows(3)
    script.kill()
    assert run.state == "running"
    run.wait_for_state("crashed")

    place.run("import wandb; wandb.init(project='states', id='run', resume='must').log({'x': 3})")
    assert run.state == "finished"
    assert run.values("x") == [0, 1, 2, 3]


def test_a_quiet_run_that_reports_does_not_crash(
    make_server: Callable[..., Server], make_workplace: Callable[[Server, User], Workplace]
) -> None:
    server = make_server(BALLAST_HEARTBEAT_LIMIT="6s")
    place = make_workplace(server, server.add_user())
    script = place.start(LOG_AND_WAIT, WANDB__STATS_SAMPLING_INTERVAL="1")
    script.wait_for_output("rows are out")
    other = place.start(LOG_AND_WAIT.replace('id="run"', 'id="dead"'), WANDB__STATS_SAMPLING_INTERVAL="1")
    other.wait_for_output("rows are out")
    dead = place.server.native(place.user).run(place.user.name, PROJECT, "dead")
    dead.wait_for_rows(3)
    other.kill()
    # When the killed one has crashed, the quiet one has been quiet for longer than the limit.
    dead.wait_for_state("crashed")
    assert native_run(place).state == "running"


@pytest.mark.skipif(VERSION < (0, 31), reason="older clients ask for the flag another way")
def test_stop_request_interrupts_the_script(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT, WANDB__STATS_SAMPLING_INTERVAL="1")
    script.wait_for_output("rows are out")
    run = native_run(workplace)
    run.wait_for_rows(3)
    run.native.post(f"{run.path}/stop")
    assert run.detail()["stop_requested"] is True
    assert script.wait(60) != 0
    assert "KeyboardInterrupt" in script.output
    assert run.state == "killed"


@pytest.mark.any_client
def test_stop_request_reaches_a_polling_client_too(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT)
    script.wait_for_output("rows are out")
    run = native_run(workplace)
    run.native.post(f"{run.path}/stop")
    assert script.wait(90) != 0
    assert run.state == "killed"


def test_the_clients_own_stop_works(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT, WANDB__STATS_SAMPLING_INTERVAL="1")
    script.wait_for_output("rows are out")
    workplace.api_run(PROJECT, "run").stop()
    assert script.wait(60) != 0
    assert native_run(workplace).state == "killed"


def test_a_resumed_run_is_no_longer_asked_to_stop(workplace: Workplace) -> None:
    script = workplace.start(LOG_AND_WAIT, WANDB__STATS_SAMPLING_INTERVAL="1")
    script.wait_for_output("rows are out")
    run = native_run(workplace)
    run.native.post(f"{run.path}/stop")
    assert script.wait(60) != 0
    workplace.run("import wandb; wandb.init(project='states', id='run', resume='must').log({'x': 3})")
    detail = run.detail()
    assert (detail["state"], detail["stop_requested"]) == ("finished", False)


def test_preempted_run_is_preempted_and_can_be_resumed(workplace: Workplace) -> None:
    script = workplace.start(
        """
        import time
        import wandb

        run = wandb.init(project="states", id="run")
        run.log({"x": 0})
        run.mark_preempting()
        print("preempting", flush=True)
        while not __import__("pathlib").Path("go").exists():
            time.sleep(0.05)
        run.finish(exit_code=1)
        """
    )
    script.wait_for_output("preempting")
    run = native_run(workplace)
    run.wait_for_state("preempting")
    (workplace.folder / "go").touch()
    script.wait()
    assert run.state == "preempted"
    workplace.run("import wandb; wandb.init(project='states', id='run', resume='must').log({'x': 1})")
    assert run.state == "finished"
    assert run.values("x") == [0, 1]
