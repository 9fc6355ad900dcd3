"""What an open page is told while scripts run."""

from __future__ import annotations

import json
import threading
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import pytest
import requests

from harness.wire import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.server import Server, User
    from harness.wire import Wire

Event = tuple[str, dict[str, Any]]


class Listener:
    """An open event stream."""

    def __init__(self, server: Server, user: User, project: str) -> None:
        self._response = requests.get(
            f"{server.url}/api/v1/live",
            params={"project": f"{user.name}/{project}"},
            auth=("api", user.api_key),
            stream=True,
            timeout=60,
        )
        assert self._response.status_code == 200, self._response.text
        self._events: Queue[Event] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        name = ""
        try:
            for line in self._response.iter_lines(decode_unicode=True):
                field, _, value = line.partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    self._events.put((name, json.loads(value)))
        except (requests.RequestException, AttributeError):
            return

    def wait_for(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the next event of this name whose data has these fields."""
        seen: list[Event] = []
        while True:
            try:
                event, data = self._events.get(timeout=10)
            except Empty:
                message = f"no `{name}` event with {fields}; seen: {seen}"
                raise TimeoutError(message) from None
            seen.append((event, data))
            if event == name and fields.items() <= data.items():
                return data

    def close(self) -> None:
        """Hang up."""
        self._response.close()


@pytest.fixture
def listener(server: Server, user: User, wire: Wire) -> Iterator[Listener]:
    wire.run("live", "earlier").finish()
    listener = Listener(server, user, "live")
    listener.wait_for("hello")
    yield listener
    listener.close()


def test_a_run_appears_grows_and_ends(listener: Listener, wire: Wire) -> None:
    run = wire.run("live", "run")
    listener.wait_for("run", id="run", state="running")
    run.log_rows(0, rows(0, 3))
    listener.wait_for("run", id="run", n_history_rows=3)
    run.log_rows(3, rows(3, 2))
    listener.wait_for("run", id="run", n_history_rows=5)
    run.finish()
    listener.wait_for("run", id="run", state="finished")


def test_edits_and_deletion_are_told(listener: Listener, wire: Wire, server: Server, user: User) -> None:
    wire.run("live", "run")
    listener.wait_for("run", id="run")
    native = server.native(user)
    native.patch(f"/runs/{user.name}/live/run", {"display_name": "renamed"})
    listener.wait_for("run", id="run", display_name="renamed")
    native.delete(f"/runs/{user.name}/live/run")
    listener.wait_for("run", id="run", deleted=True)
