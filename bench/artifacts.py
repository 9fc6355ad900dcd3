#!/usr/bin/env python3
"""Files of artifacts up and down, beside a minimal server; and what many versions of a large folder take.

    cargo xtask bench artifacts [--small] [--files 10000] [--large 5000] [--versions 50]

10,000 files of 10 KB and one of 5 GB are logged as versions and fetched again by the requests that the client sends, over a
few connections. The same bodies go to and come from a server that only writes a file, syncs it and its name to disk, and
answers (`put-server` of this repository), and to the same server when it also compares each body with its MD5, as S3 does and
we do: that one is the budget on the way up. Bodies and their digests are made beforehand. *Whole* is all
that a version takes: announced, asked for what is missing, sent, manifest, commit.

Then a folder of 1 GB, 1,000 files, is logged 50 times with ten files changed each time, and the blobs are measured.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from harness import environment, processes
from harness.report import Report, median
from harness.server import Ballast
from harness.transfers import Get, Put, transfer
from harness.versions import File, Versions

BUDGET_RATIO = 0.8
"""Of the throughput of the minimal server."""
BUDGET_STORED_RATIO = 1.02
"""Of the bytes that differ."""

N_CONNECTIONS = 8
N_LARGE_CONNECTIONS = 4
SMALL_BYTES = 10_000
PART_BYTES = 100 << 20
N_FOLDER_FILES = 1000
CHANGED = 100
"""One file of so many is changed."""
ROUNDS = 5
LARGE_ROUNDS = 3
STAYING_BYTES = 4_000_000_000


class PutServer:
    """The minimal server on an empty folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        binary = Path(environment.binary()).with_name("put-server")
        if not binary.exists():
            message = f"there is no `{binary}`: cargo build --release --locked -p ballast-testing --bin put-server"
            raise SystemExit(message)
        self._process = subprocess.Popen([binary, "--root", folder, *options], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.endpoint = self._process.stdout.readline().strip()

    def __enter__(self) -> PutServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--files", type=int)
    parser.add_argument("--large", type=int, help="megabytes of the large file")
    parser.add_argument("--versions", type=int)
    given = parser.parse_args()
    n_files = given.files or (500 if given.small else 10_000)
    large_mb = given.large or (300 if given.small else 5000)
    n_versions = given.versions or (5 if given.small else 50)
    folder_file_bytes = 50_000 if given.small else 1_000_000
    sizes = f"{n_files:,} files of {SMALL_BYTES:,} bytes, one of {large_mb:,} MB, {n_versions} versions of a folder"
    report = Report("artifacts", sizes, small=given.small)
    chance = random.Random(11)
    small = {f"part/{number:05}.bin": File.of(chance.randbytes(SMALL_BYTES)) for number in range(n_files)}
    with environment.temporary(given.dir) as temporary:
        folder = Path(temporary)
        many(report, folder, "small files", small, N_CONNECTIONS, ROUNDS)
        pieces = [os.urandom(PART_BYTES) for _ in range(4)]
        n_parts, rest = divmod(large_mb * 1_000_000, PART_BYTES)
        parts = [pieces[place % len(pieces)] for place in range(n_parts)]
        large = File.of(*parts, *([pieces[0][:rest]] if rest else []))
        many(report, folder, "one large file", {"large.bin": large}, N_LARGE_CONNECTIONS, LARGE_ROUNDS)
        versions(report, folder, n_versions, folder_file_bytes)
    return report.close()


def many(
    report: Report, folder: Path, what: str, files: Mapping[str, File], n_connections: int, n_rounds: int
) -> None:
    """Send and fetch files, to us and to the minimal server, in turns."""
    n_bytes = sum(file.n_bytes for file in files.values())
    ups, wholes, downs, limit_ups, limit_downs, checked_ups = ([] for _ in range(6))
    # Where they fit beside each other all files stay until the end: ext4 passes over the inodes of files that were deleted
    # in the last minutes, so that what one round deletes slows the next.
    stay = 3 * n_rounds * n_bytes < STAYING_BYTES
    for number in range(n_rounds):
        ours = folder / f"ours-{what}-{number}"
        ours.mkdir()
        with Ballast(environment.binary(), ours) as server:
            run = server.run(server.connect(), "artifacts", "run")
            versions = Versions(server, run, "files")
            began = time.perf_counter()
            announced = versions.announce(files)
            sent = transfer(announced.puts, n_connections)
            versions.commit(announced, files, sent.etags)
            wholes.append(time.perf_counter() - began)
            ups.append(sent.wall_s)
            began = time.perf_counter()
            gets = versions.addresses(announced)
            asked_s = time.perf_counter() - began
            if sum(get.n_bytes for get in gets) != n_bytes:
                report.problem(f"{what}: the version has other files than were logged")
            downs.append(transfer(ranges(gets), n_connections).wall_s)
            peak = server.peak_bytes()
        if not stay:
            remove(ours)
        minimal = folder / f"minimal-{what}-{number}"
        with PutServer(minimal) as server:
            puts = bodies(server, files)
            limit_ups.append(transfer(puts, n_connections).wall_s)
            gets = [Get(put.url, len(put.body)) for put in puts]
            limit_downs.append(transfer(gets, n_connections).wall_s)
        if not stay:
            remove(minimal)
        comparing = folder / f"comparing-{what}-{number}"
        with PutServer(comparing, "--md5") as server:
            checked_ups.append(transfer(bodies(server, files), n_connections).wall_s)
        if not stay:
            remove(comparing)
    report.section(f"{what}: {len(files):,} of together {n_bytes / 1e6:,.0f} MB, {n_connections} connections")
    report.times("up, the files alone", ups)
    report.times("up, the minimal server", limit_ups)
    report.ratio("up, of the minimal server's rate", median(limit_ups), median(ups))
    report.times("up, the minimal server that compares MD5s", checked_ups)
    report.figure("up, of that server's rate", median(checked_ups) / median(ups), "x", at_least=BUDGET_RATIO)
    report.times("up, whole", wholes)
    report.ratio("up, whole, of the minimal server's rate", median(limit_ups), median(wholes))
    report.times("down, the files alone", downs)
    report.times("down, the minimal server", limit_downs)
    report.figure("down, of the minimal server's rate", median(limit_downs) / median(downs), "x", at_least=BUDGET_RATIO)
    report.figure("asking for the addresses, last", asked_s * 1e3, "ms")
    report.figure("up, MB a second", n_bytes / median(ups) / 1e6, "MB/s")
    report.figure("down, MB a second", n_bytes / median(downs) / 1e6, "MB/s")
    report.figure("server memory, peak", peak / 1e6, "MB")


def bodies(server: PutServer, files: Mapping[str, File]) -> list[Put]:
    """Return the requests for the minimal server."""
    parts = [part for file in files.values() for part in zip(file.parts, file.part_digests, strict=True)]
    return [
        Put(f"{server.endpoint}/{place}", part, {"Content-MD5": digest}) for place, (part, digest) in enumerate(parts)
    ]


def ranges(gets: list[Get]) -> list[Get]:
    """Return the same with large files in ranges, as the client fetches them."""
    parts: list[Get] = []
    for get in gets:
        if get.n_bytes <= PART_BYTES:
            parts.append(get)
            continue
        for begin in range(0, get.n_bytes, PART_BYTES):
            end = min(begin + PART_BYTES, get.n_bytes)
            parts.append(Get(get.url, end - begin, {"Range": f"bytes={begin}-{end - 1}"}))
    return parts


def versions(report: Report, folder: Path, n_versions: int, file_bytes: int) -> None:
    """Log a folder again and again with some files changed."""
    chance = random.Random(13)
    files = {f"shard-{place:04}.bin": File.of(chance.randbytes(file_bytes)) for place in range(N_FOLDER_FILES)}
    n_changed = N_FOLDER_FILES // CHANGED
    report.section(f"{n_versions} versions of {N_FOLDER_FILES:,} files of {file_bytes:,} bytes, {n_changed} changed each time")
    ours = folder / "versions"
    ours.mkdir()
    with Ballast(environment.binary(), ours) as server:
        run = server.run(server.connect(), "artifacts", "run")
        logged = Versions(server, run, "folder")
        times = []
        for number in range(n_versions):
            if number:
                for path in chance.sample(sorted(files), n_changed):
                    files[path] = File.of(chance.randbytes(file_bytes))
            began = time.perf_counter()
            announced = logged.announce(files)
            if len(announced.puts) != (n_changed if number else N_FOLDER_FILES):
                report.problem(f"version {number} sends {len(announced.puts)} files")
            sent = transfer(announced.puts, N_CONNECTIONS)
            logged.commit(announced, files, sent.etags)
            times.append(time.perf_counter() - began)
        server.stop()
        stored = processes.disk_bytes(server.data_dir / "blobs")
        database = processes.disk_bytes(server.data_dir) - stored
    differing = (N_FOLDER_FILES + (n_versions - 1) * n_changed) * file_bytes
    report.figure("the first version", times[0] * 1e3, "ms")
    report.times("a version after it", times[1:])
    report.figure("bytes that differ", differing / 1e6, "MB")
    report.figure("blobs on disk", stored / 1e6, "MB", at_most=differing * BUDGET_STORED_RATIO / 1e6)
    report.figure("database", database / 1e6, "MB")
    report.figure("all versions apart would be", n_versions * N_FOLDER_FILES * file_bytes / 1e6, "MB")


def remove(folder: Path) -> None:
    """Delete a folder."""
    subprocess.run(["rm", "-rf", folder], check=True)  # noqa: S607


if __name__ == "__main__":
    sys.exit(main())
