"""Kills the server again and again while runs are written, then compares what it acknowledged with what it has.

    BALLAST_BIN=target/release/ballast python crash_test.py --kills 50

Writers speak the client's protocol and retry as the client does: the same lines at the same offset, until they are
acknowledged. Now and then a writer repeats an old request, as a proxy may, and renames its run, as a person may. At the
end, every acknowledged row, console line and file must be there, once, and the last acknowledged name. The server folds
after every few reports (`SETTINGS`), so kills also hit folding and merging.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from harness.server import Server
from harness.storage import chosen, open_storage
from harness.wire import CONSOLE, HISTORY, SUMMARY, Json, Wire, WireRun, rows, uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.native import NativeRun
    from harness.server import User

    Attempt = Callable[[], requests.Response]

PROJECT = "crash"
SETTINGS = {"BALLAST_FOLD_CHUNKS": "2", "BALLAST_FOLD_ENDED_AFTER": "1s"}
"""With these, each start of the server folds what there is of every run."""


@dataclass
class Report:
    """What came of it."""

    n_kills: int = 0
    n_rows_acknowledged: int = 0
    n_rows_read_back: int = 0
    n_rows_missing: int = 0
    n_rows_doubled: int = 0
    n_rows_wrong: int = 0
    n_lines_wrong: int = 0
    n_files_acknowledged: int = 0
    n_files_wrong: int = 0
    n_edits_acknowledged: int = 0
    n_edits_lost: int = 0
    n_lost_after_restart: int = 0
    n_retries: int = 0
    n_segments: int = 0
    n_folds_killed: int = 0
    slowest_restart_s: float = 0.0
    fsck: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or changed."""
        wrong = (
            self.n_rows_missing,
            self.n_rows_doubled,
            self.n_rows_wrong,
            self.n_lines_wrong,
            self.n_files_wrong,
            self.n_edits_lost,
            self.n_lost_after_restart,
        )
        return not any(wrong) and self.n_rows_acknowledged > 0 and self.fsck == "clean"

    def __str__(self) -> str:
        return "\n".join(f"{name.removeprefix('n_')}: {value}" for name, value in vars(self).items())


@dataclass
class Writer(threading.Thread):
    """Writes one run until told to stop."""

    server: Server
    user: User
    run_id: str
    seed: int
    n_rows: int = 0
    lines: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    n_edits: int = 0
    n_retries: int = 0
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(self.seed)  # noqa: S311
        self._stop_asked = threading.Event()
        self._wire = Wire(self.server.url, self.user.api_key)
        self._native = self.server.native(self.user)

    def __hash__(self) -> int:
        return id(self)

    def stop(self) -> None:
        """Ask it to end the run after the next acknowledgement."""
        self._stop_asked.set()

    def run(self) -> None:
        """Write."""
        try:
            self._write()
        except BaseException as error:  # noqa: BLE001 - told to whoever joins
            self.failure = error

    def _write(self) -> None:
        self._until_acknowledged(lambda: self._wire.create_run(PROJECT, self.run_id))
        old: Json | None = None
        while not self._stop_asked.is_set():
            body, n_rows, lines = self._next_body()
            self._post(body)
            self.n_rows += n_rows
            self.lines += lines
            dice = self._random.random()
            if old is not None and dice < 0.05:
                self._post(old)
            if dice > 0.9:
                old = {"files": {HISTORY: body["files"][HISTORY]}}
            if 0.5 < dice < 0.55:
                self._upload()
            if 0.6 < dice < 0.7:
                self._rename()
        self._post({"complete": True, "exitcode": 0})

    def _next_body(self) -> tuple[Json, int, list[str]]:
        batch = rows(self.n_rows, self._random.choice([1, 3, 20, 200]))
        files: Json = {
            HISTORY: {"offset": self.n_rows, "content": [json.dumps(row) for row in batch]},
            SUMMARY: {"offset": 0, "content": [json.dumps(batch[-1])]},
        }
        lines = [f"step {row['_step']}" for row in batch[-3:]]
        files[CONSOLE] = {
            "offset": len(self.lines),
            "content": [json.dumps({"ts": "2026-01-02T03:04:05.123456", "content": line}) for line in lines],
        }
        return {"files": files}, len(batch), lines

    def _post(self, body: Json) -> None:
        url = f"{self.server.url}/files/{self.user.name}/{PROJECT}/{self.run_id}/file_stream"
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._random.random() < 0.3:
            data = gzip.compress(data, 1)
            headers["Content-Encoding"] = "gzip"
        auth = ("api", self.user.api_key)
        self._until_acknowledged(
            lambda: self._wire.session.post(url, data=data, headers=headers, auth=auth, timeout=60)
        )

    def _upload(self) -> None:
        name = f"media/{len(self.files)}.bin"
        content = self._random.randbytes(self._random.choice([10, 10_000, 300_000]))

        run = WireRun(self._wire, self.user.name, PROJECT, self.run_id)
        answer = self._until_acknowledged(lambda: run.announce(name))
        ((url, headers),) = uploads(answer)
        # As the client does, it asks once where to put the file, and repeats only the upload.
        self._until_acknowledged(lambda: self._wire.session.put(url, data=content, headers=headers, timeout=60))
        self.files[name] = content

    def _rename(self) -> None:
        path = f"/runs/{self.user.name}/{PROJECT}/{self.run_id}"
        name = {"display_name": f"name {self.n_edits + 1}"}
        self._until_acknowledged(lambda: self._native.request("PATCH", path, name))
        self.n_edits += 1

    def _until_acknowledged(self, attempt: Attempt) -> requests.Response:
        while True:
            try:
                response = attempt()
            except (requests.ConnectionError, requests.Timeout):
                self.n_retries += 1
                time.sleep(0.02)
                continue
            if response.ok:
                return response
            if response.status_code not in {408, 429, 502, 503, 504}:
                message = f"the client would give up: {response.status_code} {response.text[:300]}"
                raise AssertionError(message)
            self.n_retries += 1
            time.sleep(0.02)


def crash(server: Server, *, n_kills: int, n_writers: int = 4, seed: int = 0) -> Report:
    """Run the test on a started server, and leave it stopped."""
    report = Report()
    dice = random.Random(seed)  # noqa: S311
    user = server.add_user()
    writers: list[Writer] = []

    def add_writer() -> None:
        number = len(writers)
        writers.append(Writer(server, user, f"run-{number}", seed + number))
        writers[-1].start()

    for _ in range(n_writers):
        add_writer()
    for _ in range(n_kills):
        time.sleep(dice.uniform(0.02, 1.0))
        _raise_failures(writers)
        acknowledged = {writer.run_id: writer.n_rows for writer in writers}
        server.kill()
        report.n_kills += 1
        report.slowest_restart_s = max(report.slowest_restart_s, server.start())
        for run_id, n_rows in acknowledged.items():
            if n_rows:
                key = _native_run(server, user, run_id).keys().get("step_again", {"count": 0})
                report.n_lost_after_restart += max(0, n_rows - key["count"])
        # A run whose fold was killed is left alone for minutes, so there must be others.
        writers[-n_writers].stop()
        add_writer()
    for writer in writers:
        writer.stop()
    for writer in writers:
        writer.join(timeout=120)
    _raise_failures(writers)
    for writer in writers:
        _compare(report, writer, _native_run(server, user, writer.run_id))
    server.stop()
    report.n_segments = _count(server, "segments")
    # A fold gives its lease back, however it ends.
    report.n_folds_killed = _count(server, "leases WHERE name LIKE 'fold/%'")
    report.fsck = fsck(server)
    return report


def _count(server: Server, what: str) -> int:
    ((n,),) = server.storage.query(server.data_dir, f"SELECT count(*) FROM {what}")  # noqa: S608 - our own words
    return int(n)


def _native_run(server: Server, user: User, run_id: str) -> NativeRun:
    return server.native(user).run(user.name, PROJECT, run_id)


def _raise_failures(writers: list[Writer]) -> None:
    for writer in writers:
        if writer.failure is not None:
            raise writer.failure


def _compare(report: Report, writer: Writer, run: NativeRun) -> None:
    read = run.rows("step_again", "loss")
    steps = [row["values"]["step_again"] for row in read]
    report.n_retries += writer.n_retries
    report.n_rows_acknowledged += writer.n_rows
    report.n_rows_read_back += len(steps)
    report.n_rows_missing += len(set(range(writer.n_rows)) - set(steps))
    report.n_rows_doubled += len(steps) - len(set(steps))
    report.n_rows_wrong += sum(
        row["values"]["loss"] != 1 / (1 + step) or row["step"] != step for row, step in zip(read, steps, strict=True)
    )
    report.n_rows_wrong += len(set(steps) - set(range(writer.n_rows))) + (steps != sorted(steps))
    lines = [line["text"] for line in _console(run)]
    report.n_lines_wrong += sum(a != b for a, b in zip(lines, writer.lines, strict=False))
    report.n_lines_wrong += abs(len(lines) - len(writer.lines))
    report.n_files_acknowledged += len(writer.files)
    report.n_files_wrong += sum(run.file(name) != text for name, text in writer.files.items())
    report.n_edits_acknowledged += writer.n_edits
    if writer.n_edits and run.detail()["display_name"] != f"name {writer.n_edits}":
        report.n_edits_lost += 1
    if run.state != "finished":
        report.n_rows_wrong += 1


def _console(run: NativeRun) -> list[Json]:
    lines: list[Json] = []
    while True:
        page = run.console(**{"from": len(lines), "limit": 5000})
        lines += page
        if not page:
            return lines


def fsck(server: Server) -> str:
    """Verify what a stopped server stored; returns `clean`, or what is wrong."""
    result = subprocess.run(
        [os.environ["BALLAST_BIN"], "fsck", "--data-dir", server.data_dir],
        env=server.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return "clean" if result.returncode == 0 else result.stdout + result.stderr


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with open_storage(folder) as storage:
            server = Server(folder, storage, SETTINGS)
            server.start()
            try:
                report = crash(
                    server,
                    n_kills=arguments.kills,
                    n_writers=arguments.writers,
                    seed=arguments.seed,
                )
            finally:
                if server.is_running:
                    server.kill()
    print(f"storage: {chosen()}\n{report}\n{'clean' if report.is_clean else 'NOT CLEAN'}")
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
