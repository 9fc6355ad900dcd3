"""The storages a server can be started on."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import psycopg
import requests

from harness.ports import CuttableProxy, free_port
from harness.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


class Storage(Protocol):
    """Where one server keeps its metadata and blobs."""

    name: str
    database: CuttableProxy | None

    def environment(self) -> dict[str, str]:
        """Return the configuration that points a server at this storage."""

    def query(self, data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
        """Ask the metadata database of the server with this data folder."""


class Embedded:
    """SQLite and a folder, both in the data folder: what a server uses when told nothing."""

    name = "sqlite"
    database: CuttableProxy | None = None

    def environment(self) -> dict[str, str]:
        """Nothing to configure."""
        return {}

    def query(self, data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
        """Read the file."""
        with contextlib.closing(sqlite3.connect(data_dir / "ballast.db")) as database:
            return database.execute(sql).fetchall()


class Services:
    """A database of its own on a PostgreSQL server, behind a proxy that can be cut, and an S3 bucket."""

    name = "postgres"

    def __init__(self, database_url: str, database: CuttableProxy, blob_url: str) -> None:
        self.database: CuttableProxy | None = database
        self._database_url = database_url
        self._blob_url = blob_url

    def environment(self) -> dict[str, str]:
        """Point the server at the proxy and the bucket."""
        return {
            "BALLAST_DATABASE_URL": self._database_url,
            "BALLAST_BLOB_URL": self._blob_url,
            "BALLAST_BLOB_ACCESS_KEY_ID": ACCESS_KEY,
            "BALLAST_BLOB_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def query(self, data_dir: Path, sql: str) -> list[tuple[Any, ...]]:  # noqa: ARG002 - the database is elsewhere
        """Ask the server."""
        with psycopg.connect(self._database_url) as database:
            return database.execute(sql.encode()).fetchall()


BUCKET = "ballast"
ACCESS_KEY = "conformance"
SECRET_KEY = "conformance-secret"  # noqa: S105 - of a server that lives as long as the tests


def chosen() -> str:
    """Return the name of the storage to test: `BALLAST_TEST_BACKEND`, else `sqlite`."""
    return os.environ.get("BALLAST_TEST_BACKEND", Embedded.name)


@contextlib.contextmanager
def open_storage(folder: Path) -> Iterator[Storage]:
    """Make an empty storage of the chosen kind; what it keeps on disk goes below `folder`."""
    match chosen():
        case Embedded.name:
            yield Embedded()
        case Services.name:
            with _database() as (url, proxy), _bucket(folder) as blob_url:
                yield Services(url, proxy, blob_url)
        case other:
            message = f"`BALLAST_TEST_BACKEND` is `{other}`; expected `sqlite` or `postgres`"
            raise ValueError(message)


@contextlib.contextmanager
def _database() -> Iterator[tuple[str, CuttableProxy]]:
    server = os.environ["BALLAST_TEST_POSTGRES_URL"]
    name = f"conformance_{secrets.token_hex(8)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    parts = urlsplit(server)
    assert parts.hostname is not None
    proxy = CuttableProxy(parts.hostname, parts.port or 5432)
    credentials = parts.netloc.rpartition("@")[0]
    location = f"{credentials}@127.0.0.1" if credentials else "127.0.0.1"
    try:
        yield f"{parts.scheme}://{location}:{proxy.port}/{name}", proxy
    finally:
        proxy.cut()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextlib.contextmanager
def _bucket(folder: Path) -> Iterator[str]:
    root = folder / "s3"
    root.mkdir(parents=True)
    port = free_port()
    with (folder / "s3-server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(s3_server(), "--port", str(port), "--root", root, "--bucket", BUCKET),
                *("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY),
            ],
            stdout=log,
            stderr=log,
        )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(process, endpoint), what="the S3 server answers")
        yield f"s3://{BUCKET}/runs?endpoint={endpoint}"
    finally:
        process.kill()
        process.wait()


def _answers(process: subprocess.Popen[bytes], endpoint: str) -> bool:
    assert process.poll() is None, "the S3 server ended"
    requests.get(endpoint, timeout=2)
    return True


def s3_server() -> Path:
    """Return the S3 server's binary: `BALLAST_TEST_S3`, else the one beside `BALLAST_BIN`."""
    named = os.environ.get("BALLAST_TEST_S3")
    return Path(named) if named else Path(os.environ["BALLAST_BIN"]).with_name("s3-server")
