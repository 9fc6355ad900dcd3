"""One server under measurement, and requests to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.parse
from pathlib import Path
from typing import Any

from harness import processes
from harness.storage import Database, Services

STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 120.0
REQUEST_TIMEOUT_S = 600.0
FOLD_INTERVAL_S = 20.0
POLL_S = 0.25

UPSERT = """
mutation UpsertBucket($name: String, $project: String, $entity: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, config: $config}) {
    bucket { name project { name entity { name } } }
  }
}
"""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def authorization(api_key: str) -> dict[str, str]:
    """Return the header that carries a key."""
    return {"Authorization": "Basic " + base64.b64encode(f"api:{api_key}".encode()).decode()}


class Refused(RuntimeError):
    """An answer other than 200 and 204."""


class Ballast:
    """A Ballast server on a data folder of its own, started, stopped and started again."""

    def __init__(self, binary: str, folder: Path, **settings: str) -> None:
        """`settings` are variables of the environment."""
        self._binary = binary
        self._folder = folder
        self._services = Services(folder / "data")
        self._settings = self._services.settings | settings
        self.api_key = secrets.token_hex(20)
        self._process: subprocess.Popen[bytes] | None = None
        self._earlier_cpu_s = 0.0
        self._earlier_peak = 0
        self.port = 0
        self.headers = authorization(self.api_key)
        self.start()

    def __enter__(self) -> Ballast:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._services.close()

    @property
    def data_dir(self) -> Path:
        """Where its data is."""
        return self._folder / "data"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        if self._process is None:
            message = "the server is stopped"
            raise RuntimeError(message)
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.port = free_port()
        log = self._folder / "server.log"
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [self._binary, "serve", "--data-dir", self.data_dir, "--listen", f"127.0.0.1:{self.port}"],
                env={
                    "PATH": os.environ["PATH"],
                    "BALLAST_ADMIN_USERNAME": "root",
                    "BALLAST_ADMIN_API_KEY": self.api_key,
                    "BALLAST_LOG_LEVEL": "warn",
                    **self._settings,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        began = time.perf_counter()
        while not self._answers():
            if time.perf_counter() - began > STARTS_WITHIN_S or self._process.poll() is not None:
                message = f"the server did not start:\n{log.read_text()[-2000:]}"
                raise SystemExit(message)
            time.sleep(0.002)

    def stop(self) -> None:
        """SIGTERM, and wait. What it used so far still counts."""
        process, self._process = self._process, None
        if process is None:
            return
        self._earlier_peak = max(self._earlier_peak, processes.peak_bytes(process.pid))
        process.send_signal(signal.SIGTERM)
        give_up_at = time.perf_counter() + STOPS_WITHIN_S
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.perf_counter() > give_up_at:
                process.kill()
            time.sleep(0.005)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._earlier_cpu_s += usage.ru_utime + usage.ru_stime

    def restart(self, *, cold: bool = False) -> int:
        """Stop and start. Cold: between, its files leave the page cache; returns how many bytes stayed there."""
        self.stop()
        stayed = processes.drop_cache(self.data_dir) if cold else 0
        self.start()
        return stayed

    def settle(self, cap_s: float, *, at_once: bool = False) -> float:
        """Wait until background work is done: CPU and files stop growing. Returns how long that took.

        Folding looks for work every 20 s, so "done" is nothing but idling for longer than that. `at_once`: the server
        is restarted instead, which makes it look immediately, and two seconds of idling will do.
        """
        if at_once:
            self.restart()
        quiet_for_s = 2.0 if at_once else FOLD_INTERVAL_S + 5
        began = time.perf_counter()
        quiet_since, before = began, self._activity()
        while (now := time.perf_counter()) - quiet_since < quiet_for_s:
            if now - began > cap_s:
                print(f"  (background work was not done after {cap_s:.0f} s)", flush=True)
                break
            time.sleep(POLL_S)
            activity = self._activity()
            # Idling costs some hundredths of a second: of the window, 2 % of a core still counts as idle.
            if activity[1:] != before[1:] or activity[0] - before[0] > 0.02 * quiet_for_s + 0.02:
                quiet_since, before = time.perf_counter(), activity
        return time.perf_counter() - began

    def cpu_s(self) -> float:
        """Return the CPU seconds used so far, over all starts."""
        now = processes.cpu_s(self._process.pid) if self._process else 0.0
        return self._earlier_cpu_s + now

    def peak_bytes(self) -> int:
        """Return the most memory it held, over all starts."""
        now = processes.peak_bytes(self._process.pid) if self._process else 0
        return max(self._earlier_peak, now)

    def resident_bytes(self) -> int:
        """Return the memory it holds."""
        return processes.resident_bytes(self.pid)

    def parquet_files(self) -> list[Path]:
        """Return the files of folded history. Folders may go meanwhile."""
        walk = os.walk(self.data_dir / "blobs")
        return sorted(Path(folder, name) for folder, _, names in walk for name in names if name.endswith(".parquet"))

    def database(self) -> Database:
        """Its metadata database, to be written to while it is stopped."""
        return self._services.database()

    def free_database_bytes(self) -> int:
        """Return how much of the database file is free for what comes next. Only when stopped."""
        if self._services.are_used:
            return 0
        file = self.data_dir / "ballast.db"
        database = sqlite3.connect(f"file:{urllib.parse.quote(str(file))}?mode=ro", uri=True)
        try:
            (free_pages,) = database.execute("PRAGMA freelist_count").fetchone()
            (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
        finally:
            database.close()
        return int(free_pages) * int(page_bytes)

    def connect(self) -> Connection:
        """Return a connection that is kept open."""
        return Connection(self.port, self.headers)

    def run(self, connection: Connection, project: str, name: str, config: str | None = None) -> Run:
        """Make a run of the admin's own entity; the config is a JSON text."""
        variables = {"name": name, "project": project} | ({"config": config} if config else {})
        bucket = connection.graphql(UPSERT, variables)["upsertBucket"]["bucket"]
        return Run(bucket["project"]["entity"]["name"], project, name)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _activity(self) -> tuple[float, int, int]:
        files = self.parquet_files()
        return processes.cpu_s(self.pid), len(files), sum(file.stat().st_size for file in files if file.exists())


class Run:
    """A run's addresses."""

    def __init__(self, entity: str, project: str, name: str) -> None:
        parts = [urllib.parse.quote(part, safe="") for part in (entity, project, name)]
        self.entity, self.project, self.name = entity, project, name
        self.stream_path = f"/files/{'/'.join(parts)}/file_stream"
        self.native_path = f"/api/v1/runs/{'/'.join(parts)}"
        project_path = f"/api/v1/projects/{'/'.join(parts[:2])}"
        self.series_path = f"{project_path}/series"
        self.keys_path = f"{project_path}/keys"
        self.download_path = f"{project_path}/download"


class Connection:
    """A kept-alive connection."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_TIMEOUT_S)
        self._headers = {**headers, "Content-Type": "application/json"}
        self.n_retries = 0

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """Return the answer to a request. One that was refused for the moment is sent again after a while."""
        for _ in range(100):
            self._connection.request(method, path, body, {**self._headers, **headers})
            response = self._connection.getresponse()
            answer = response.read()
            if response.status in (http.HTTPStatus.OK, http.HTTPStatus.NO_CONTENT):
                return answer
            if response.status not in (http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE):
                break
            self.n_retries += 1
            time.sleep(min(float(response.headers.get("Retry-After") or 0.1), 1.0))
        message = f"{method} {path}: {response.status} {answer[:300]!r}"
        raise Refused(message)

    def open(self, method: str, path: str) -> http.client.HTTPResponse:
        """Return an answer whose body is still to be read."""
        self._connection.request(method, path, None, self._headers)
        return self._connection.getresponse()

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON answer to a JSON request."""
        return json.loads(self.request(method, path, None if body is None else json.dumps(body).encode()))

    def graphql(self, query: str, variables: dict[str, Any]) -> Any:
        """Return the data that a GraphQL document asks for."""
        answer = self.json("POST", "/graphql", {"query": query, "variables": variables})
        if answer.get("errors"):
            message = str(answer["errors"])[:400]
            raise Refused(message)
        return answer["data"]

    def close(self) -> None:
        """Close it."""
        self._connection.close()
