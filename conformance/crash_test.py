"""Kills the server again and again while it is written to, then compares what it acknowledged with what it has.

    BALLAST_BIN=target/release/ballast python crash_test.py --kills 50

Writers speak the client's protocol and retry as the client does: the same lines at the same offset, until they are
acknowledged. Now and then a writer repeats an old request, as a proxy may, and renames its run, as a person may. At the
end, every acknowledged row, console line and file must be there, once, and the last acknowledged name. The server folds
after every few reports (`SETTINGS`), so kills also hit folding and merging.

Linkers (`harness/linking.py`) link versions into a registry, name and unlink them, and founders (`harness/founding.py`)
make and delete organizations and teams and change who is in them. After each attempt they look: a change that was
acknowledged is there, and one that was not is there as a whole or not at all.
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
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.founding import Founder
from harness.linking import Linker, open_registry
from harness.load import Worker
from harness.server import Server
from harness.storage import chosen, open_storage
from harness.wire import CONSOLE, HISTORY, SUMMARY, Json, WireRun, rows, uploads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.load import Changer
    from harness.native import NativeRun
    from harness.server import User

PROJECT = "crash"
SETTINGS = {"BALLAST_FOLD_CHUNKS": "2", "BALLAST_FOLD_ENDED_AFTER": "1s"}
"""With these, each start of the server folds what there is of every run."""

N_LINKERS = 2
N_FOUNDERS = 2

HALF_DELETED = [
    "entities WHERE kind <> 0 AND entity_key NOT IN (SELECT entity_key FROM members)",
    "entities WHERE kind = 1 AND organization_key IS NULL",
    "members WHERE entity_key NOT IN (SELECT entity_key FROM entities)",
]
"""What is left if an organization or a team goes only by halves: no founder makes a team without organization."""


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
    n_changes_acknowledged: int = 0
    n_changes_cut_off: int = 0
    n_changes_made_unheard: int = 0
    n_changes_wrong: int = 0
    n_link_numbers_wrong: int = 0
    n_half_deleted: int = 0
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
            self.n_changes_wrong,
            self.n_link_numbers_wrong,
            self.n_half_deleted,
        )
        did_something = self.n_rows_acknowledged > 0 and self.n_changes_acknowledged > 0
        return not any(wrong) and did_something and self.fsck == "clean"

    def __str__(self) -> str:
        return "\n".join(f"{name.removeprefix('n_')}: {value}" for name, value in vars(self).items())


@dataclass(kw_only=True, eq=False)
class Writer(Worker):
    """Writes one run."""

    run_id: str
    n_rows: int = 0
    lines: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    n_edits: int = 0

    def work(self) -> None:
        """Write rows, console lines, files and names, then the end."""
        self.until_acknowledged(lambda: self.wire.create_run(PROJECT, self.run_id))
        old: Json | None = None
        while self.goes_on:
            body, n_rows, lines = self._next_body()
            self._post(body)
            self.n_rows += n_rows
            self.lines += lines
            dice = self.random.random()
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
        batch = rows(self.n_rows, self.random.choice([1, 3, 20, 200]))
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
        if self.random.random() < 0.3:
            data = gzip.compress(data, 1)
            headers["Content-Encoding"] = "gzip"
        auth = ("api", self.user.api_key)
        self.until_acknowledged(lambda: self.wire.session.post(url, data=data, headers=headers, auth=auth, timeout=60))

    def _upload(self) -> None:
        name = f"media/{len(self.files)}.bin"
        content = self.random.randbytes(self.random.choice([10, 10_000, 300_000]))

        run = WireRun(self.wire, self.user.name, PROJECT, self.run_id)
        answer = self.until_acknowledged(lambda: run.announce(name))
        ((url, headers),) = uploads(answer)
        # As the client does, it asks once where to put the file, and repeats only the upload.
        self.until_acknowledged(lambda: self.wire.session.put(url, data=content, headers=headers, timeout=60))
        self.files[name] = content

    def _rename(self) -> None:
        path = f"/runs/{self.user.name}/{PROJECT}/{self.run_id}"
        name = {"display_name": f"name {self.n_edits + 1}"}
        self.until_acknowledged(lambda: self.native.request("PATCH", path, name))
        self.n_edits += 1


def crash(server: Server, *, n_kills: int, n_writers: int = 4, seed: int = 0) -> Report:
    """Run the test on a started server, and leave it stopped."""
    report = Report()
    dice = random.Random(seed)  # noqa: S311
    user = server.add_user()
    others = [server.add_user() for _ in range(3)]
    organization = open_registry(server, user)
    writers: list[Writer] = []
    linkers = [
        Linker(server=server, user=user, seed=seed + number, number=number, organization=organization)
        for number in range(N_LINKERS)
    ]
    founders = [Founder(server=server, user=user, seed=seed + number, others=others) for number in range(N_FOUNDERS)]
    changers: list[Changer] = [*linkers, *founders]

    def add_writer() -> None:
        number = len(writers)
        writers.append(Writer(server=server, user=user, seed=seed + number, run_id=f"run-{number}"))
        writers[-1].start()

    for _ in range(n_writers):
        add_writer()
    for changer in changers:
        changer.start()
    for _ in range(n_kills):
        time.sleep(dice.uniform(0.02, 1.0))
        _raise_failures([*writers, *changers])
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
    workers: list[Worker] = [*writers, *changers]
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.join(timeout=120)
    _raise_failures(workers)
    for writer in writers:
        _compare(report, writer, _native_run(server, user, writer.run_id))
    _compare_changes(report, linkers, founders)
    server.stop()
    report.n_half_deleted = sum(_count(server, what) for what in HALF_DELETED)
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


def _raise_failures(workers: Sequence[Worker]) -> None:
    for worker in workers:
        if worker.failure is not None:
            raise worker.failure


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


def _compare_changes(report: Report, linkers: list[Linker], founders: list[Founder]) -> None:
    for changer in (*linkers, *founders):
        report.n_changes_acknowledged += changer.n_acknowledged
        report.n_changes_cut_off += changer.n_cut_off
        report.n_changes_made_unheard += changer.n_made_unheard
        report.n_retries += changer.n_retries
        report.n_changes_wrong += changer.n_wrong()
    taken = [number for linker in linkers for number in linker.taken]
    report.n_link_numbers_wrong = len(taken) - len(set(taken)) + len(set(taken) ^ set(range(len(taken))))


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
