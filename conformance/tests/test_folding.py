"""Folding history into Parquet when the disk does not let it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from crash_test import fsck
from harness.disk import resize, small_disk
from harness.waiting import eventually
from harness.wire import Wire, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.server import Server

PROJECT = "folding"
N_BATCHES = 20
BATCH_ROWS = 20
FAILURE = "background job `fold history` failed"


def test_a_full_disk_stops_folding_until_there_is_room(
    make_server: Callable[..., Server], tmp_path: Path, storage: Any
) -> None:
    if storage.name != "sqlite":
        pytest.skip("with services, the disk that fills up is not the server's")
    with small_disk(tmp_path / "disk", size="1m") as disk:
        # The database has room. Each start of the server is an attempt to fold, and the next would come much later.
        server = make_server(BALLAST_BLOB_URL=str(disk / "blobs"), BALLAST_FOLD_CHUNKS="1")
        user = server.add_user()
        run = Wire(server.url, user.api_key).run(PROJECT, "run")
        noise = random.Random(0)  # noqa: S311
        for number in range(N_BATCHES):
            batch = rows(number * BATCH_ROWS, BATCH_ROWS)
            for row in batch:
                row["noise"] = noise.randbytes(4000).hex()
            assert run.log_rows(number * BATCH_ROWS, batch).status_code == 200
        native = server.native(user).run(user.name, PROJECT, "run")
        written = native.rows("step_again", "noise")
        assert len(written) == N_BATCHES * BATCH_ROWS

        for n_attempts in (1, 2):
            server.stop()
            server.start()
            eventually(lambda n=n_attempts: _failures(server) >= n, what="folding fails")  # type: ignore[misc]
            assert native.rows("step_again", "noise") == written
            assert _failures(server) == n_attempts, server.log_tail()
            assert "No space left on device" in server.log_tail(1), server.log_tail()
            assert _files(disk) == [], "parts of a segment are left"
            for table in ("pending_objects", "doomed_objects", "leases"):
                assert server.storage.query(server.data_dir, f"SELECT * FROM {table}") == []  # noqa: S608

        resize(disk, "64m")
        server.stop()
        server.start()
        eventually(lambda: not server.storage.query(server.data_dir, "SELECT 1 FROM chunks"), what="the run is folded")
        assert native.rows("step_again", "noise") == written
        server.stop()
        assert fsck(server) == "clean"


def _failures(server: Server) -> int:
    return server.log.read_text(errors="replace").count(FAILURE)


def _files(disk: Path) -> list[Path]:
    return [path for path in (disk / "blobs").rglob("*") if path.is_file() and path.name != "lock"]
