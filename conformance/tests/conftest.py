"""Fixtures: a server on the chosen storage, users, and places to run scripts in."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from harness import client
from harness.server import Server, User
from harness.storage import open_storage
from harness.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.storage import Storage


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With an old client, run only what is promised for it."""
    if client.VERSION >= (0, 31):
        return
    promised = [item for item in items if item.get_closest_marker("any_client")]
    others = [item for item in items if item not in promised]
    items[:] = promised
    config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the client's reading API, which runs in this process, away from the developer's settings."""
    for name in list(os.environ):
        if name.startswith("WANDB"):
            del os.environ[name]
    home = tmp_path_factory.mktemp("home")
    os.environ.update({"HOME": str(home), "WANDB_DIR": str(home), "WANDB_ERROR_REPORTING": "false"})


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Storage of the shared server."""
    with open_storage(tmp_path_factory.mktemp("storage")) as storage:
        yield storage


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, storage: Storage) -> Iterator[Server]:
    """Return the server that all scenarios share which do not disturb others."""
    server = Server(tmp_path_factory.mktemp("server"), storage)
    server.start()
    yield server
    assert server.is_running, f"the server ended:\n{server.log_tail()}"
    assert server.stop() == 0, "it did not shut down cleanly"
    assert "panicked" not in server.log.read_text(errors="replace")


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Return a running server; it must run and answer afterwards, too."""
    assert shared_server.is_ready()
    return shared_server


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of a test's own, with settings of their own, each on an empty storage."""
    with contextlib.ExitStack() as stack:

        def make(**settings: str) -> Server:
            folder = tmp_path / f"server-{len(list(tmp_path.glob('server-*')))}"
            folder.mkdir()
            server = Server(folder, stack.enter_context(open_storage(folder)), settings)
            stack.callback(server.ensure_ended)
            server.start()
            return server

        yield make


@pytest.fixture
def user(server: Server) -> User:
    """Return a user that no other test knows."""
    return server.add_user()


@pytest.fixture
def workplace(server: Server, user: User, tmp_path: Path) -> Iterator[client.Workplace]:
    """Return a place on the shared server to run scripts in."""
    place = client.Workplace(tmp_path / "work", server, user)
    yield place
    place.close()


@pytest.fixture
def make_workplace(tmp_path: Path) -> Iterator[Callable[[Server, User], client.Workplace]]:
    """Return places on other servers or of other users."""
    places: list[client.Workplace] = []

    def make(server: Server, user: User) -> client.Workplace:
        place = client.Workplace(tmp_path / f"work-{len(places)}", server, user)
        places.append(place)
        return place

    yield make
    for place in places:
        place.close()


@pytest.fixture
def wire(server: Server, user: User) -> Wire:
    """Speak the protocol by hand, as `user`."""
    return Wire(server.url, user.api_key)
