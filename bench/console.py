#!/usr/bin/env python3
"""A console of a million lines: paged, searched and downloaded, in bounded memory.

    cargo xtask bench console [--small] [--lines 1000000]

One run prints 1,000,000 lines, a quarter of them in colours, 200 a request, and under them two progress bars, which are
rewritten by the beginning of each request and by two requests of their own. Then pages of 1,000 lines (the first, the
last, in the middle), searches (a text of one line, a text of every other line, a text of none), and the whole console as
text. Each answer is compared with what was printed. Everything right after logging, and again once the server has idled.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness import environment, load, processes
from harness.report import Report, quantile
from harness.server import Ballast, Connection, Run

BUDGET_PAGE_S = 0.1
BUDGET_SEARCH_S = 1.0
BUDGET_MEMORY_BYTES = 512_000_000

BATCH_LINES = 200
BARS = 2
REWRITES = 2
PAGE_LINES = 1000
SETTLE_CAP_S = 300.0
RARE = "cuda out of memory"
FREQUENT = "Loss "
MISSING = "no such text"


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--times", type=int, help="repetitions of each read")
    given = parser.parse_args()
    n_lines = given.lines or (50_000 if given.small else 1_000_000)
    n_times = given.times or (3 if given.small else 7)
    report = Report("console", f"one run of {n_lines:,} lines, two progress bars at their end", small=given.small)
    printed = Printed(n_lines)
    bodies = list(printed.bodies())
    n_printed_bytes = sum(len(printed.text(number)) + 1 for number in range(n_lines))
    report.note(f"{len(bodies):,} requests, {n_printed_bytes / n_lines:.0f} bytes a line as text")
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        run = server.run(server.connect(), "console", "long")
        report.section("log")
        before_s = server.cpu_s()
        sent = load.send(server, [load.Job(run, bodies)], 1)
        report.figure("lines a second, one connection", n_lines / sent.wall_s, "/s")
        report.figure("request, 99 of 100 within", quantile(sent.latencies_s, 0.99) * 1e3, "ms")
        report.figure("server CPU a million lines", (server.cpu_s() - before_s) / n_lines * 1e6, "s")
        report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")

        report.section("right after")
        read(report, server.connect(), run, printed, n_times)
        report.figure("server memory, peak so far", server.peak_bytes() / 1e6, "MB")

        settled_s = server.settle(SETTLE_CAP_S, at_once=True)
        report.section(f"background work done in {settled_s:.0f} s")
        read(report, server.connect(), run, printed, n_times)

        report.section("all in all")
        report.figure("server memory, peak", server.peak_bytes() / 1e6, "MB", at_most=BUDGET_MEMORY_BYTES / 1e6)
        server.stop()
        free_bytes = server.free_database_bytes()
        used_bytes = processes.disk_bytes(server.data_dir) - free_bytes
        report.figure("bytes on disk a line", used_bytes / n_lines, "B")
        report.figure("beside them in free pages of the database", free_bytes / n_lines, "B")
    return report.close()


class Printed:
    """What the run prints, and what remains of it."""

    def __init__(self, n_lines: int) -> None:
        self.n_lines = n_lines
        self.rare = n_lines * 2 // 3
        self.n_frequent = sum(FREQUENT in self.text(number) for number in range(n_lines))

    def text(self, number: int) -> str:
        """Return a line as the terminal shows it in the end."""
        if number >= self.n_lines - BARS:
            return self.bar(number, self.n_lines)
        if number == self.rare:
            return f"RuntimeError: {RARE.upper()}. Tried to allocate 2.00 GiB"
        noise = number * 2_654_435_761 % 1_000_003
        if number % 2 == 0:
            text = f"epoch {number // 10_000} step {number} | {FREQUENT}{noise / 250_000:.5f} | {noise % 5000} tokens/s"
        else:
            text = f"checkpoint shard {noise % 97:02} of 97 written to /data/run/{noise:07x}.safetensors"
        return f"\x1b[1;3{number % 8}m{text}\x1b[0m" if number % 4 == 1 else text

    def bar(self, number: int, done: int) -> str:
        """Return a progress bar after so many lines."""
        part = done / self.n_lines
        return f"bar {number % BARS}: {part:4.0%}|{'#' * int(part * 40):<40}| {done}/{self.n_lines} [{done}it]"

    def bodies(self) -> Iterator[bytes]:
        """Yield the requests."""
        for first in range(0, self.n_lines, BATCH_LINES):
            end = min(first + BATCH_LINES, self.n_lines)
            # The lines under which the bars stood take their place.
            offset = max(0, first - BARS)
            lines = [self.text(number) for number in range(offset, end - BARS)]
            yield self._body(offset, lines + self._bars(end, end - BATCH_LINES // 2))
            for _ in range(REWRITES):
                yield self._body(end - BARS, self._bars(end, end))

    def _bars(self, end: int, done: int) -> list[str]:
        return [self.bar(number, done) for number in range(end - BARS, end)]

    def _body(self, offset: int, lines: list[str]) -> bytes:
        def stamped(place: int, text: str) -> str:
            at_us = (offset + place) * 1013
            seconds = at_us // 1_000_000
            time_text = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{at_us % 1_000_000:06}"
            return json.dumps({"level": "", "ts": f"2026-01-02T{time_text}", "label": "", "content": text})

        content = [stamped(place, text) for place, text in enumerate(lines)]
        return json.dumps({"files": {"output.log": {"offset": offset, "content": content}}}).encode()


def read(report: Report, connection: Connection, run: Run, printed: Printed, n_times: int) -> None:
    """Read in every way, a few times each."""
    n_lines = printed.n_lines
    middle = n_lines // 2 - PAGE_LINES // 3

    def page(first: int, **query: int | str) -> Callable[[], None]:
        def check(answer: Any) -> None:
            found = [(line["number"], line["text"]) for line in answer["items"]]
            expected = [(number, printed.text(number)) for number in range(first, first + PAGE_LINES)]
            if found != expected or answer["total"] != n_lines:
                report.problem(f"the page at line {first:,} is not what was printed")

        return reading(query, check)

    def search(text: str, first: int | None, n_matches: int) -> Callable[[], None]:
        def check(answer: Any) -> None:
            numbers = [line["number"] for line in answer["items"]]
            # A search that found enough may stop, and says where.
            is_counted = answer["n_matches"] == n_matches or answer.get("next_from")
            if numbers[:1] != ([] if first is None else [first]) or not is_counted:
                report.problem(f"{answer['n_matches']:,} lines were found with {text!r}, printed were {n_matches:,}")

        return reading({"search": text, "limit": PAGE_LINES}, check)

    def reading(query: dict[str, int | str], check: Callable[[Any], None]) -> Callable[[], None]:
        path = f"{run.native_path}/console?{urllib.parse.urlencode(query)}"
        check(connection.json("GET", path))
        return lambda: connection.request("GET", path) and None

    def download() -> None:
        text = connection.request("GET", f"{run.native_path}/console.txt")
        n_found = text.count(b"\n")
        if n_found != n_lines:
            report.problem(f"the download has {n_found:,} lines")

    reads: list[tuple[str, Callable[[], None], float | None]] = [
        ("first page", page(0, **{"from": 0, "limit": PAGE_LINES}), BUDGET_PAGE_S),
        ("last page", page(n_lines - PAGE_LINES, tail=PAGE_LINES), BUDGET_PAGE_S),
        ("page in the middle", page(middle, **{"from": middle, "limit": PAGE_LINES}), BUDGET_PAGE_S),
        ("search, one line has it", search(RARE, printed.rare, 1), BUDGET_SEARCH_S),
        ("search, every other line has it", search(FREQUENT, 0, printed.n_frequent), BUDGET_SEARCH_S),
        ("search, no line has it", search(MISSING, None, 0), BUDGET_SEARCH_S),
        ("everything as text", download, None),
    ]
    for what, act, budget_s in reads:
        times = []
        for _ in range(n_times):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
        report.times(what, times, at_most_s=budget_s)


if __name__ == "__main__":
    sys.exit(main())
