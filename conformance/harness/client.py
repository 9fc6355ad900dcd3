"""Scripts that use the unmodified wandb client, each in a process and a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wandb

from harness.waiting import eventually

if TYPE_CHECKING:
    from harness.server import Server, User

VERSION = tuple(int(part) for part in wandb.__version__.split(".")[:2])
"""Version of the client under test: the one of the interpreter that runs the tests."""

SCRIPTS = Path(__file__).parent.parent / "scripts"


class Script:
    """A running Python script or command."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._log = folder / f"output-{len(list(folder.glob('output-*')))}.txt"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """Return what it printed so far, stdout and stderr together."""
        return self._log.read_text(errors="replace")

    def wait_for_output(self, text: str, timeout_s: float = 60.0) -> None:
        """Wait until it has printed `text`."""

        def printed() -> bool:
            return text in self.output or self._process.poll() is not None

        eventually(printed, what=f"`{text}` is printed", timeout_s=timeout_s)
        assert text in self.output, f"ended without printing `{text}`:\n{self.output}"

    def wait(self, timeout_s: float = 120.0) -> int:
        """Wait for its end; returns the exit code."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            message = f"still running after {timeout_s:.0f} s:\n{self.output}"
            raise TimeoutError(message) from None

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL the script; the client's helper process notices by itself."""
        self._process.kill()
        self._process.wait()

    def ensure_ended(self) -> None:
        """Kill it if it still runs."""
        if self._process.poll() is None:
            self.kill()


class Workplace:
    """A user's home, current folder and environment."""

    def __init__(self, folder: Path, server: Server, user: User) -> None:
        self.folder = folder
        self.server = server
        self.user = user
        self._scripts: list[Script] = []
        (folder / "home").mkdir(parents=True)

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment of its processes: nothing of ours, only what a user exports."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "WANDB_BASE_URL": self.server.url,
            "WANDB_API_KEY": self.user.api_key,
            "WANDB_DIR": str(self.folder),
            "WANDB_ERROR_REPORTING": "false",
            # Only makes tests faster: every second instead of every 15 (clients before 0.19 may not know no such setting).
            "WANDB__FILE_STREAM_TRANSMIT_INTERVAL": "1",
            **extra,
        }

    def start(self, source: str | Path, *arguments: str, **environment: str) -> Script:
        """Start a script, given as source text or as a file of `scripts/`."""
        if isinstance(source, str):
            path = self.folder / f"script_{len(self._scripts)}.py"
            path.write_text(textwrap.dedent(source))
        else:
            path = SCRIPTS / source
        return self.start_command(sys.executable, str(path), *arguments, **environment)

    def start_command(self, *command: str, **environment: str) -> Script:
        """Start a command."""
        script = Script(list(command), self.folder, self.environment(**environment))
        self._scripts.append(script)
        return script

    def run(self, source: str | Path, *arguments: str, exit_code: int = 0, **environment: str) -> str:
        """Run a script to its end, check its exit code, return its output."""
        return _ended(self.start(source, *arguments, **environment), exit_code)

    def wandb(self, *arguments: str, exit_code: int = 0, **environment: str) -> str:
        """Run `wandb ...`, check its exit code, return its output."""
        command = [sys.executable, "-m", "wandb", *arguments]
        return _ended(self.start_command(*command, **environment), exit_code)

    def api(self) -> Any:
        """Return the client's own reading API."""
        return wandb.Api(overrides={"base_url": self.server.url}, api_key=self.user.api_key, timeout=30)

    def api_run(self, project: str, run: str) -> Any:
        """Read one run with the client's own API, afresh."""
        return self.api().run(f"{self.user.name}/{project}/{run}")

    def scan(self, project: str, run: str, *keys: str) -> list[dict[str, Any]]:
        """Return every history row of a run, as the client reads it back."""
        return list(self.api_run(project, run).scan_history(keys=list(keys) or None))

    def written(self, name: str) -> Any:
        """Read a JSON file that a script left in its folder."""
        return json.loads((self.folder / name).read_text())

    def close(self) -> None:
        """Kill what still runs."""
        for script in self._scripts:
            script.ensure_ended()


def _ended(script: Script, exit_code: int) -> str:
    code = script.wait()
    assert code == exit_code, f"exit code {code}, expected {exit_code}:\n{script.output}"
    return script.output
