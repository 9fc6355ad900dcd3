"""The server dies in the middle of a run, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.server import Server
from harness.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.client import Workplace
    from harness.server import User

N_ROWS = 300

LONG_RUN = """
    import time
    import numpy as np
    import wandb

    run = wandb.init(project="killed", id="run")
    for x in range(300):
        run.log({"x": x, "loss": 1 / (1 + x)})
        print("row", x, flush=True)
        if x == 200:
            run.log({"picture": wandb.Image(np.zeros((4, 4), dtype=np.uint8))}, commit=False)
        time.sleep(0.03)
    run.finish()
"""


@pytest.mark.any_client
def test_after_sigkill_of_the_server_every_row_is_there_once(
    make_server: Callable[..., Server], make_workplace: Callable[[Server, User], Workplace]
) -> None:
    server = make_server()
    place = make_workplace(server, server.add_user())
    script = place.start(LONG_RUN, WANDB__STATS_SAMPLING_INTERVAL="1")
    for row in (80, 160, 240):
        script.wait_for_output(f"row {row}\n")
        server.kill()
        script.wait_for_output(f"row {row + 10}\n")
        server.start()
    assert script.wait(180) == 0, script.output

    run = server.native(place.user).run(place.user.name, "killed", "run")
    assert run.state == "finished"
    assert run.values("x") == list(range(N_ROWS))
    assert [row["x"] for row in place.scan("killed", "run")] == list(range(N_ROWS))
    texts = [line["text"] for line in run.console()]
    assert [text for text in texts if text.startswith("row ")] == [f"row {x}" for x in range(N_ROWS)]
    (picture,) = run.values("picture")
    assert run.file(picture["path"]).startswith(b"\x89PNG")


def test_a_run_whose_server_was_away_at_its_end_still_finishes(
    make_server: Callable[..., Server], make_workplace: Callable[[Server, User], Workplace]
) -> None:
    server = make_server()
    place = make_workplace(server, server.add_user())
    script = place.start(
        """
        import wandb
        from pathlib import Path
        run = wandb.init(project="killed", id="run")
        run.log({"x": 0})
        print("rows are out", flush=True)
        while not Path("go").exists():
            pass
        run.log({"x": 1})
        print("ending", flush=True)
        run.finish()
        """
    )
    script.wait_for_output("rows are out")
    server.kill()
    (place.folder / "go").touch()
    script.wait_for_output("ending")
    server.start()
    assert script.wait(180) == 0, script.output
    run = server.native(place.user).run(place.user.name, "killed", "run")
    assert run.state == "finished"
    assert run.values("x") == [0, 1]


def test_sigterm_finishes_what_was_accepted_and_exits_cleanly(
    make_server: Callable[..., Server], make_workplace: Callable[[Server, User], Workplace]
) -> None:
    server = make_server()
    place = make_workplace(server, server.add_user())
    script = place.start(LONG_RUN)
    script.wait_for_output("row 80\n")
    assert server.stop() == 0
    server.start()
    assert script.wait(180) == 0, script.output
    run = server.native(place.user).run(place.user.name, "killed", "run")
    assert run.values("x") == list(range(N_ROWS))


def test_two_servers_cannot_open_one_embedded_data_folder(
    make_server: Callable[..., Server],
) -> None:
    first = make_server()
    if first.storage.name != "sqlite":
        pytest.skip("only embedded storage belongs to one server")
    second = Server(first.folder, first.storage)
    second.log = first.folder / "second.log"
    second.spawn()
    eventually(lambda: not second.is_running, what="the second server gives up")
    assert str(first.data_dir) in second.log_tail()
    assert first.is_ready()
