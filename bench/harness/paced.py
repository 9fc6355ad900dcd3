"""Many clients that each send a batch at a fixed rate, whether or not the server keeps up.

Each client has a connection of its own and one request on its way at a time, like the real one. An acknowledgement is
timed from when its batch was *due*: a batch that waits for the one before counts from when it should have been sent.
Requests are raw bytes built beforehand, and clients are spread over a few processes, so that the driver adds little;
how late it was itself by is told with the figures.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.server import Ballast, Run

# From the start of the processes to the first batch, so that all begin together.
LEAD_S = 2.0
# How long the last acknowledgements are waited for.
PATIENCE_S = 30.0


@dataclass
class Outcome:
    """What one client saw."""

    latencies_s: list[float] = field(default_factory=list)
    # When it was sent, minus when it was due and the one before was acknowledged.
    driver_lags_s: list[float] = field(default_factory=list)
    n_refused: int = 0
    n_lost: int = 0


@dataclass(frozen=True)
class Pace:
    """Who sends what, how often."""

    port: int
    headers: dict[str, str]
    runs: list[Run]
    # The same for every run, in order.
    bodies: list[bytes]
    interval_s: float


class Client(asyncio.Protocol):
    """One client."""

    def __init__(self, pace: Pace, run: Run, first_due_s: float) -> None:
        headers = "".join(f"{name}: {value}\r\n" for name, value in pace.headers.items())
        head = f"POST {run.stream_path} HTTP/1.1\r\nHost: 127.0.0.1:{pace.port}\r\n{headers}"
        self._head = f"{head}Content-Type: application/json\r\nContent-Length: "
        self._pace = pace
        self._first_due_s = first_due_s
        self._place = 0
        self._idle_since_s = 0.0
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self.outcome = Outcome()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first batch to be due."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._schedule()

    def data_received(self, data: bytes) -> None:
        """Take an acknowledgement, and go on when the next batch is due."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return
        now_s = time.perf_counter()
        self._received = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.outcome.latencies_s.append(now_s - self._due_s())
        else:
            self.outcome.n_refused += 1
        self._idle_since_s = now_s
        self._place += 1
        self._schedule()

    def connection_lost(self, _exc: Exception | None) -> None:
        """What was not acknowledged by now is lost."""
        self.outcome.n_lost = len(self._pace.bodies) - self._place
        if not self.done.done():
            self.done.set_result(None)

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.abort()

    def _due_s(self) -> float:
        return self._first_due_s + self._place * self._pace.interval_s

    def _schedule(self) -> None:
        if self._place == len(self._pace.bodies):
            self.close()
            return
        asyncio.get_running_loop().call_later(max(0.0, self._due_s() - time.perf_counter()), self._send)

    def _send(self) -> None:
        assert self._transport
        body = self._pace.bodies[self._place]
        self.outcome.driver_lags_s.append(time.perf_counter() - max(self._due_s(), self._idle_since_s))
        self._transport.write(f"{self._head}{len(body)}\r\n\r\n".encode() + body)


class Sending:
    """Clients at work in processes of their own, which begin at `begin_s` and send a body to each run each interval."""

    def __init__(self, server: Ballast, runs: Sequence[Run], bodies: list[bytes], interval_s: float) -> None:
        n_processes = min(4, len(runs))
        self.begin_s = time.perf_counter() + LEAD_S
        self.end_s = self.begin_s + len(bodies) * interval_s
        # The runs are spread evenly over the interval.
        paces = [
            (
                Pace(server.port, server.headers, list(runs[first::n_processes]), bodies, interval_s),
                self.begin_s + interval_s * first / len(runs),
            )
            for first in range(n_processes)
        ]
        self._pool = multiprocessing.get_context("fork").Pool(n_processes)
        self._found = self._pool.starmap_async(_drive, paces, chunksize=1)

    def wait(self) -> list[Outcome]:
        """Return an outcome for each run."""
        with self._pool:
            return [outcome for share in self._found.get() for outcome in share]


def _drive(pace: Pace, begin_s: float) -> list[Outcome]:
    return asyncio.run(_drive_all(pace, begin_s))


async def _drive_all(pace: Pace, begin_s: float) -> list[Outcome]:
    loop = asyncio.get_running_loop()
    clients = []
    for place, run in enumerate(pace.runs):
        first_due_s = begin_s + pace.interval_s * place / len(pace.runs)
        client = Client(pace, run, first_due_s)
        await loop.create_connection(lambda client=client: client, "127.0.0.1", pace.port)  # type: ignore[misc]
        clients.append(client)
    lasts_s = begin_s - time.perf_counter() + (len(pace.bodies) + 1) * pace.interval_s
    await asyncio.wait([client.done for client in clients], timeout=lasts_s + PATIENCE_S)
    for client in clients:
        client.close()
    await asyncio.wait([client.done for client in clients], timeout=1)
    return [client.outcome for client in clients]


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
