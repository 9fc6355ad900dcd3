#!/usr/bin/env python3
"""Start to first answer, idle memory, and binary size.

    cargo xtask bench startup [--starts 20]

Starts `BALLAST_BIN` on an empty data folder, then again and again on the same one, and polls `/readyz` until it answers.
Idle memory is the resident size five seconds after the last start, when nothing was asked of it. Needs only Python.
"""

from __future__ import annotations

import argparse
import http.client
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET_START_S = 0.150
BUDGET_IDLE_BYTES = 50_000_000
BUDGET_BINARY_BYTES = 60_000_000
IDLE_FOR_S = 5.0
GIVE_UP_AFTER_S = 30.0


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One start of the server."""

    def __init__(self, binary: str, data_dir: Path) -> None:
        self._port = free_port()
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [binary, "serve", "--data-dir", data_dir, "--listen", f"127.0.0.1:{self._port}"],
            env={"PATH": os.environ["PATH"], "BALLAST_ADMIN_USERNAME": "root", "BALLAST_ADMIN_API_KEY": API_KEY},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not self._answers():
            if time.perf_counter() - began > GIVE_UP_AFTER_S or self._process.poll() is not None:
                message = "the server did not start"
                raise SystemExit(message)
            time.sleep(0.0005)
        self.start_s = time.perf_counter() - began

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def resident_bytes(self) -> int:
        """Return how much memory it holds."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)


API_KEY = secrets.token_hex(20)


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--starts", type=int, default=20)
    n_starts = parser.parse_args().starts
    binary = os.environ["BALLAST_BIN"]
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(temporary) / "data"
        server = Server(binary, data_dir)
        first_s = server.start_s
        later_s = []
        for _ in range(n_starts):
            server.stop()
            server = Server(binary, data_dir)
            later_s.append(server.start_s)
        time.sleep(IDLE_FOR_S)
        idle_bytes = server.resident_bytes()
        server.stop()
    median_s = statistics.median(later_s)
    binary_bytes = Path(binary).stat().st_size
    within = [
        line("start on an empty data folder", first_s * 1e3, "ms", BUDGET_START_S * 1e3),
        line(
            f"start, median of {n_starts} (slowest {max(later_s) * 1e3:.0f} ms)",
            median_s * 1e3,
            "ms",
            BUDGET_START_S * 1e3,
        ),
        line("idle memory", idle_bytes / 1e6, "MB", BUDGET_IDLE_BYTES / 1e6),
        line("binary", binary_bytes / 1e6, "MB", BUDGET_BINARY_BYTES / 1e6),
    ]
    return 0 if all(within) else 1


def line(what: str, value: float, unit: str, budget: float) -> bool:
    """Print one figure against its budget; returns whether it is within."""
    within = value <= budget
    print(f"{what:<44} {value:8.1f} {unit}  budget {budget:.0f} {unit}  {'ok' if within else 'OVER'}")
    return within


if __name__ == "__main__":
    sys.exit(main())
