"""Sending and fetching many bodies over a few kept connections, to and from whatever server their addresses name."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.server import Refused

TIMEOUT_S = 600.0
PIECE_BYTES = 1 << 20


class Put(NamedTuple):
    """A body and where to send it."""

    url: str
    body: bytes
    headers: Mapping[str, str] = {}


class Get(NamedTuple):
    """What to fetch, and how many bytes that must be. With a range, from the first to the last byte of it."""

    url: str
    n_bytes: int
    headers: Mapping[str, str] = {}


@dataclass
class Transferred:
    """How long it took, and the `ETag` of each answer in the order of the requests."""

    wall_s: float = 0.0
    etags: list[str] = field(default_factory=list)


def transfer(requests: Sequence[Put | Get], n_connections: int) -> Transferred:
    """Do all requests and wait for the last answer."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for place in range(len(requests)):
        waiting.put(place)
    etags, failures = [""] * len(requests), list[BaseException]()

    def work() -> None:
        connections: dict[str, http.client.HTTPConnection] = {}
        buffer = memoryview(bytearray(PIECE_BYTES))
        try:
            while not failures:
                place = waiting.get_nowait()
                etags[place] = _one(connections, requests[place], buffer)
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001, told by the caller's thread
            failures.append(error)
        finally:
            for connection in connections.values():
                connection.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(n_connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall_s = time.perf_counter() - began
    if failures:
        raise SystemExit(str(failures[0]))
    return Transferred(wall_s, etags)


def _one(connections: dict[str, http.client.HTTPConnection], request: Put | Get, buffer: memoryview) -> str:
    url = urlsplit(request.url)
    if url.netloc not in connections:
        connections[url.netloc] = http.client.HTTPConnection(url.netloc, timeout=TIMEOUT_S)
    target = f"{url.path}?{url.query}" if url.query else url.path
    method, body = ("PUT", request.body) if isinstance(request, Put) else ("GET", None)
    connections[url.netloc].request(method, target, body, dict(request.headers))
    response = connections[url.netloc].getresponse()
    n_bytes, first = 0, b""
    while n := response.readinto(buffer):
        first = first or bytes(buffer[: min(n, 300)])
        n_bytes += n
    if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.PARTIAL_CONTENT):
        message = f"{method} {target[:100]}: {response.status} {first!r}"
        raise Refused(message)
    if isinstance(request, Get) and n_bytes != request.n_bytes:
        message = f"{target[:100]}: {n_bytes} bytes came, not {request.n_bytes}"
        raise Refused(message)
    return response.headers.get("ETag", "")
