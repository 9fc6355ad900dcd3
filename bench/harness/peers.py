"""Other trackers, driven with the same rows: each is started on a folder of its own, written to, and read.

Each is told what it can take at once, and asked for a chart as its own web page would ask.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from harness import environment, processes
from harness.charts import COLUMNS, Chart
from harness.report import median
from harness.rows import Batch, batches, metric_name
from harness.server import UPSERT, Ballast, Connection, Run, authorization, free_port

OPENWANDB = "openwandb==0.5.25"
MLFLOW = "mlflow==3.17.2"
TRACKIO = "trackio==0.43.0"

N_CONNECTIONS = 4
N_CHARTS = 5
STARTS_WITHIN_S = 120.0
SETTLE_CAP_S = 120.0
TRACKIO_DRIVER = Path(__file__).with_name("trackio_driver.py")


@dataclass(frozen=True)
class Workload:
    """What is logged."""

    n_runs: int
    n_rows: int
    batch_rows: int
    n_metrics: int

    @property
    def n_values(self) -> int:
        """How many values that is."""
        return self.n_runs * self.n_rows * self.n_metrics

    def batches(self, run: int) -> list[Batch]:
        """Return the rows of a run."""
        return batches(run, self.n_rows, self.batch_rows, self.n_metrics)

    @property
    def key(self) -> str:
        """The metric that is drawn."""
        return metric_name(self.n_metrics // 2)


@dataclass(frozen=True)
class Figures:
    """What was measured of a tracker."""

    values_per_s: float
    cpu_s_per_million: float
    bytes_per_value: float
    chart_s: float
    chart_points: int
    peak_bytes: int


class Peer(ABC):
    """A server that is spoken to over HTTP."""

    headers: dict[str, str]
    pid: int
    port: int
    folder: Path

    @abstractmethod
    def create(self, connection: Connection, run: int) -> Any:
        """Make a run; returns what names it."""

    @abstractmethod
    def prepare(self, run: Any, batch: Batch) -> list[tuple[str, bytes]]:
        """Return the requests (path and body) that log some rows."""

    @abstractmethod
    def chart(self, connection: Connection, runs: Sequence[Any], key: str) -> int:
        """Ask for one metric of all runs; returns how many points came."""

    @abstractmethod
    def stop(self) -> None:
        """End it."""

    def connect(self) -> Connection:
        """Return a new connection."""
        return Connection(self.port, self.headers)

    def cpu_s(self) -> float:
        """Return the CPU seconds so far."""
        return processes.cpu_s(self.pid)

    def settle(self) -> None:
        """Wait for work in the background. None of the peers announces any."""


class OurServer(Peer):
    """Ballast."""

    def __init__(self, folder: Path, *, small: bool) -> None:
        self._server = Ballast(environment.binary(), folder)
        self._small = small
        self.headers, self.port, self.folder = self._server.headers, self._server.port, self._server.data_dir

    @property
    def pid(self) -> int:  # type: ignore[override]
        """The process, which is another after a restart."""
        return self._server.pid

    def create(self, connection: Connection, run: int) -> Run:
        """Make a run."""
        return self._server.run(connection, "peers", f"run-{run}")

    def prepare(self, run: Run, batch: Batch) -> list[tuple[str, bytes]]:
        """One request of the file stream."""
        return [(run.stream_path, batch.body())]

    def chart(self, connection: Connection, runs: Sequence[Run], key: str) -> int:
        """One request for all runs."""
        chart = Chart(runs, key, columns=COLUMNS)
        chart.draw(connection)
        return chart.n_points

    def cpu_s(self) -> float:
        """Return the CPU seconds so far, over a restart."""
        return self._server.cpu_s()

    def settle(self) -> None:
        """Wait for folding."""
        self._server.settle(SETTLE_CAP_S, at_once=self._small)
        self.port = self._server.port

    def stop(self) -> None:
        """End it."""
        self._server.stop()


class Process(Peer):
    """A server started by a command."""

    def __init__(self, command: list[str], folder: Path, ready_path: str, **extra: str) -> None:
        self.folder = folder
        with (folder.parent / f"{folder.name}.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment.isolated(**extra),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid
        give_up_at = time.perf_counter() + STARTS_WITHIN_S
        while not self._answers(ready_path):
            if time.perf_counter() > give_up_at or self._process.poll() is not None:
                self.stop()
                message = f"it did not start: {Path(log.name).read_text()[-300:]}"
                raise PeerError(message)
            time.sleep(0.1)

    def stop(self) -> None:
        """End it with all its workers."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, ending)
                self._process.wait(timeout=15)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class PeerError(RuntimeError):
    """A peer that cannot be measured."""


class OpenWandb(Process):
    """openwandb: the same wire protocol; FastAPI on SQLite."""

    # What it ships with.
    _DEFAULT_KEY = "local" + "0" * 40

    def __init__(self, python: Path, folder: Path) -> None:
        self.port = free_port()
        self.headers = authorization(self._DEFAULT_KEY)
        command = [str(python.with_name("openwandb")), "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        super().__init__([*command, "--data-dir", str(folder), "--log-level", "error"], folder, "/healthz")

    def create(self, connection: Connection, run: int) -> Run:
        """Make a run as the client does."""
        variables = {"name": f"run-{run}", "project": "peers", "entity": "default"}
        bucket = connection.graphql(UPSERT, variables)["upsertBucket"]["bucket"]
        return Run("default", "peers", bucket["name"])

    def prepare(self, run: Run, batch: Batch) -> list[tuple[str, bytes]]:
        """One request of the file stream."""
        return [(run.stream_path, batch.body())]

    def chart(self, connection: Connection, runs: Sequence[Run], key: str) -> int:
        """One request a run, which gives every point as JSON."""
        n_points = 0
        for run in runs:
            path = f"/api/v2/runs/{run.name}/metrics?key={urllib.parse.quote(key, safe='')}"
            n_points += len(json.loads(connection.request("GET", path))["metrics"])
        return n_points


class Mlflow(Process):
    """MLflow's tracking server: two workers on SQLite."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.port = free_port()
        self.headers = {}
        command = [str(python.with_name("mlflow")), "server", "--host", "127.0.0.1", "--port", str(self.port)]
        storage = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/files"]
        path = f"{python.parent}:{os.environ['PATH']}"
        super().__init__(
            [*command, "--workers", "2", *storage], folder, "/health", PATH=path, MLFLOW_DISABLE_TELEMETRY="true"
        )
        answer = self.connect().json("POST", "/api/2.0/mlflow/experiments/create", {"name": "peers"})
        self._experiment = answer["experiment_id"]

    def create(self, connection: Connection, _run: int) -> str:
        """Make a run."""
        body = {"experiment_id": self._experiment, "start_time": 1}
        run: str = connection.json("POST", "/api/2.0/mlflow/runs/create", body)["run"]["info"]["run_id"]
        return run

    def prepare(self, run: str, batch: Batch) -> list[tuple[str, bytes]]:
        """It takes at most 1,000 values a request."""
        values = [
            {"key": key, "value": value, "timestamp": int(row["_timestamp"] * 1000), "step": row["_step"]}
            for row in map(json.loads, batch.lines())
            for key, value in row.items()
            if not key.startswith("_")
        ]
        parts = (values[first : first + 1000] for first in range(0, len(values), 1000))
        path = "/api/2.0/mlflow/runs/log-batch"
        return [(path, json.dumps({"run_id": run, "metrics": part}).encode()) for part in parts]

    def chart(self, connection: Connection, runs: Sequence[str], key: str) -> int:
        """One request for all runs, which samples."""
        query = urllib.parse.urlencode(
            [*(("run_ids", run) for run in runs), ("metric_key", key), ("max_results", str(COLUMNS))]
        )
        path = f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?{query}"
        return len(json.loads(connection.request("GET", path))["metrics"])


def measure(peer: Peer, workload: Workload) -> Figures:
    """Log everything over a few connections, then draw. The server is stopped in the end."""
    try:
        connection = peer.connect()
        runs = [peer.create(connection, run) for run in range(workload.n_runs)]
        waiting: SimpleQueue[list[tuple[str, bytes]]] = SimpleQueue()
        for place, run in enumerate(runs):
            waiting.put([request for batch in workload.batches(place) for request in peer.prepare(run, batch)])
        failures: list[BaseException] = []

        def work() -> None:
            mine = peer.connect()
            try:
                while not failures:
                    for path, body in waiting.get_nowait():
                        mine.request("POST", path, body)
            except Empty:
                pass
            except BaseException as error:  # noqa: BLE001, told by the caller's thread
                failures.append(error)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(N_CONNECTIONS)]
        before_s, began = peer.cpu_s(), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall_s = time.perf_counter() - began
        if failures:
            raise PeerError(str(failures[0]))
        peer.settle()
        cpu_s = peer.cpu_s() - before_s
        connection = peer.connect()
        n_points = peer.chart(connection, runs, workload.key)
        times = []
        for _ in range(N_CHARTS):
            began = time.perf_counter()
            peer.chart(connection, runs, workload.key)
            times.append(time.perf_counter() - began)
        peak_bytes = processes.peak_bytes(peer.pid)
    finally:
        peer.stop()
    return Figures(
        values_per_s=workload.n_values / wall_s,
        cpu_s_per_million=cpu_s / workload.n_values * 1e6,
        bytes_per_value=processes.disk_bytes(peer.folder) / workload.n_values,
        chart_s=median(times),
        chart_points=n_points,
        peak_bytes=peak_bytes,
    )


def measure_trackio(python: Path, folder: Path, workload: Workload) -> Figures:
    """Trackio has no server to measure: its storage is called in a process of its own, without HTTP."""
    sizes = [workload.n_runs, workload.n_rows, workload.batch_rows, workload.n_metrics, N_CHARTS]
    done = subprocess.run(
        [python, TRACKIO_DRIVER, *map(str, sizes)],
        env=environment.isolated(TRACKIO_DIR=str(folder), HF_HUB_OFFLINE="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PeerError((done.stderr.strip() or "it said nothing").splitlines()[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    return Figures(
        values_per_s=workload.n_values / found["wall_s"],
        cpu_s_per_million=found["cpu_s"] / workload.n_values * 1e6,
        bytes_per_value=processes.disk_bytes(folder) / workload.n_values,
        chart_s=median(found["charts_s"]),
        chart_points=found["n_points"],
        peak_bytes=found["peak_bytes"],
    )
