"""Where the server under measurement keeps its data: its folder, or PostgreSQL and S3.

With `BALLAST_BENCH_POSTGRES_URL` (an account that may create databases) and `BALLAST_BENCH_S3` (the binary `s3-server` of
this repository, in release) every benchmark runs on those instead of SQLite and a folder. The bucket is a folder of the
S3 server's below the data folder, so that files are counted and dropped from the page cache as usual.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

BUCKET = "ballast"
ACCESS_KEY = "bench"
SECRET_KEY = "bench-secret"  # noqa: S105 - of a server that lives as long as the benchmark


class Services:
    """A database of its own and a bucket, or neither."""

    def __init__(self, data_dir: Path) -> None:
        """Make them if the environment names them."""
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
