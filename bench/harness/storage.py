"""Where the server under measurement keeps its data: its folder, or PostgreSQL and S3.

With `BALLAST_BENCH_POSTGRES_URL` (an account that may create databases) and `BALLAST_BENCH_S3` (the binary `s3-server` of
this repository, in release) every benchmark runs on those instead of SQLite and a folder. The bucket is a folder of the
S3 server's below the data folder, so that files are counted and dropped from the page cache as usual.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

BUCKET = "ballast"
ACCESS_KEY = "bench"
SECRET_KEY = "bench-secret"  # noqa: S105 - of a server that lives as long as the benchmark


Row = Mapping[str, Any]
"""A row to insert, by column; all rows of a table have the same columns."""


class Database(Protocol):
    """A metadata database whose server is stopped."""

    def only_row(self, table: str) -> dict[str, Any]:
        """Return the row of a table that has one."""

    def insert(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """Insert rows, table by table."""


class Sqlite:
    """The file in a data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def only_row(self, table: str) -> dict[str, Any]:
        """Return the row of a table that has one."""
        with closing(sqlite3.connect(self._path)) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute(f"SELECT * FROM {table}").fetchone())  # noqa: S608

    def insert(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """Insert rows, table by table, in one transaction."""
        with closing(sqlite3.connect(self._path)) as database, database:
            for table, rows in tables.items():
                columns = list(rows[0])
                marks = ", ".join(f":{column}" for column in columns)
                database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608


class Postgres:
    """A database of a PostgreSQL server, reached by `psql`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def only_row(self, table: str) -> dict[str, Any]:
        """Return the row of a table that has one. What JSON does not know is text, as PostgreSQL reads it."""
        row: dict[str, Any] = json.loads(self._psql("--command", f"SELECT row_to_json({table}) FROM {table}"))
        return row

    def insert(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """Insert rows, table by table, and have the planner know of them as it would if they had come one by one."""
        for table, rows in tables.items():
            lines = "".join("\t".join(map(_copied, row.values())) + "\n" for row in rows)
            self._psql("--command", f"COPY {table} ({', '.join(rows[0])}) FROM STDIN", given=lines)
        self._psql("--command", "ANALYZE")

    def _psql(self, *arguments: str, given: str = "") -> str:
        command = ["psql", "--quiet", "--tuples-only", "--no-align", self._url, *arguments]
        return subprocess.run(command, check=True, text=True, input=given, stdout=subprocess.PIPE).stdout


def _copied(value: Any) -> str:
    """Return a value as `COPY` reads it."""
    if value is None:
        return "\\N"
    text = json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


class Services:
    """A database of its own and a bucket, or neither."""

    def __init__(self, data_dir: Path) -> None:
        """Make them if the environment names them."""
        self._data_dir = data_dir
        self._admin_url = os.environ.get("BALLAST_BENCH_POSTGRES_URL", "")
        self._database = f"bench_{secrets.token_hex(8)}" if self._admin_url else ""
        self._bucket: subprocess.Popen[str] | None = None
        self.settings: dict[str, str] = {}
        if self._database:
            self._ask_postgres(f'CREATE DATABASE "{self._database}"')
            self.settings["BALLAST_DATABASE_URL"] = urlunsplit(urlsplit(self._admin_url)._replace(path=self._database))
        if s3_server := os.environ.get("BALLAST_BENCH_S3"):
            root = data_dir / "blobs"
            root.mkdir(parents=True)
            keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
            self._bucket = subprocess.Popen(
                [s3_server, "--root", root, "--bucket", BUCKET, *keys], stdout=subprocess.PIPE, text=True
            )
            assert self._bucket.stdout is not None
            endpoint = self._bucket.stdout.readline().strip()
            self.settings |= {
                "BALLAST_BLOB_URL": f"s3://{BUCKET}/data?endpoint={endpoint}",
                "BALLAST_BLOB_ACCESS_KEY_ID": ACCESS_KEY,
                "BALLAST_BLOB_SECRET_ACCESS_KEY": SECRET_KEY,
            }

    @property
    def are_used(self) -> bool:
        """Whether data is elsewhere than in the folder."""
        return bool(self.settings)

    def database(self) -> Database:
        """Return the metadata database, wherever it is."""
        if self._database:
            return Postgres(self.settings["BALLAST_DATABASE_URL"])
        return Sqlite(self._data_dir / "ballast.db")

    def close(self) -> None:
        """Drop them."""
        if self._bucket:
            self._bucket.kill()
            self._bucket.wait()
            self._bucket = None
        if self._database:
            self._ask_postgres(f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)')
            self._database = ""

    def _ask_postgres(self, statement: str) -> None:
        subprocess.run(["psql", "--quiet", self._admin_url, "--command", statement], check=True)  # noqa: S607
