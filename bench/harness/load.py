"""Sending prepared requests over a few connections, as fast as they are acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from harness.server import Ballast, Run


class Job(NamedTuple):
    """A run and the bodies of its file stream, which are sent one after the other."""

    run: Run
    bodies: Iterable[bytes]


@dataclass
class Sent:
    """How sending went."""

    wall_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    n_retries: int = 0


def send(server: Ballast, jobs: Sequence[Job], n_connections: int, *, compressed: bool = False) -> Sent:
    """Send all jobs, each over one of the connections, and wait until everything is acknowledged."""
    waiting: SimpleQueue[Job] = SimpleQueue()
    for job in jobs:
        waiting.put(job)
    sent, failures = Sent(), list[BaseException]()
    headers = {"Content-Encoding": "gzip"} if compressed else {}

    def work() -> None:
        connection = server.connect()
        latencies = []
        try:
            while not failures:
                run, bodies = waiting.get_nowait()
                for body in bodies:
                    began = time.perf_counter()
                    connection.request("POST", run.stream_path, body, **headers)
                    latencies.append(time.perf_counter() - began)
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001, told by the caller's thread
            failures.append(error)
        finally:
            sent.latencies_s.extend(latencies)
            sent.n_retries += connection.n_retries
            connection.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(n_connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.wall_s = time.perf_counter() - began
    if failures:
        raise SystemExit(str(failures[0]))
    return sent


def finish(server: Ballast, runs: Iterable[Run]) -> None:
    """Report the end of runs."""
    connection = server.connect()
    for run in runs:
        connection.request("POST", run.stream_path, b'{"complete": true, "exitcode": 0}')
    connection.close()


def check_stored(server: Ballast, runs: Iterable[Run], key: str, n_values: int) -> None:
    """Make sure that every run has as many values of a key as were acknowledged."""
    connection = server.connect()
    for run in runs:
        keys = connection.json("GET", f"{run.native_path}/keys")["items"]
        stored = sum(found["count"] for found in keys if found["name"] == key)
        if stored != n_values:
            message = f"run `{run.name}` has {stored} values of `{key}`, but {n_values} were acknowledged"
            raise SystemExit(message)
    connection.close()
