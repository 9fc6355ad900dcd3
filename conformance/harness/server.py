"""The server under test, as a process."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from harness.native import Native
from harness.ports import free_port
from harness.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from harness.storage import Storage

ADMIN = "root"
"""Name of the first admin; `admin` and the like may collide with routes."""


def new_api_key() -> str:
    """Return a key in the shape every client accepts: 40 word characters."""
    return secrets.token_hex(20)


@dataclass(frozen=True)
class User:
    """A user of the server, with a key that works."""

    name: str
    api_key: str


class Server:
    """`ballast serve` on one data folder; may be killed and started again on the same address."""

    def __init__(self, folder: Path, storage: Storage, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self.storage = storage
        self.admin = User(ADMIN, new_api_key())
        self._port = free_port()
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address to give to clients."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """Return the configuration of every command on its stores."""
        return {"PATH": os.environ["PATH"], **self.storage.environment(), **self._settings}

    def spawn(self) -> None:
        """Start the process without waiting for it to answer."""
        assert self._process is None, "it runs already"
        environment = {
            "BALLAST_ADMIN_USERNAME": self.admin.name,
            "BALLAST_ADMIN_API_KEY": self.admin.api_key,
            **self.environment(),
        }
        listen = f"127.0.0.1:{self._port}"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(os.environ["BALLAST_BIN"], "serve"),
                    *("--data-dir", self.data_dir, "--listen", listen),
                ],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self) -> float:
        """Start it and wait until it is ready; returns how long that took, in seconds."""
        began = time.monotonic()
        self.spawn()
        eventually(self.is_ready, what="the server is ready", interval_s=0.01)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        """Whether `/readyz` answers 200 now."""
        assert self._process is not None
        assert self._process.poll() is None, f"the server ended:\n{self.log_tail()}"
        return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200

    def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and wait; returns the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None, "it does not run"
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    def ensure_ended(self) -> None:
        """Kill it if it still runs."""
        if self.is_running:
            self.kill()

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def log_tail(self, n_lines: int = 40) -> str:
        """Return the last lines it printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-n_lines:])

    def native(self, user: User | None = None) -> Native:
        """Return the native API as `user` sees it; without one, as the admin does."""
        return Native(self.url, (user or self.admin).api_key)

    def add_user(self, name: str | None = None) -> User:
        """Make a user with a key of their own."""
        user = User(name or f"ada-{secrets.token_hex(4)}", new_api_key())
        self.native().post(
            "/users",
            {"username": user.name, "email": f"{user.name}@example.org", "api_key": user.api_key},
        )
        return user
