"""Rows to log, as bodies of file stream requests.

Each row has noisy floats of full precision (decaying curves plus noise: hardly anything compresses but the exponent),
a step, and a wall time and a run time with microseconds, as the client sends them. The same seed gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import math
import multiprocessing
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

START_TIME_S = 1.75e9
STEP_S = 0.1
HISTORY = "wandb-history.jsonl"


@dataclass(frozen=True)
class Batch:
    """Which rows a request carries."""

    seed: int
    first_step: int
    n_rows: int
    n_metrics: int
    compressed: bool = False

    def lines(self) -> list[str]:
        """Return the rows as lines of JSON."""
        chance = random.Random(self.seed * 1_000_003 + self.first_step).random
        names = [metric_name(place) for place in range(self.n_metrics)]
        members = ", ".join(f'"{name}": %r' for name in names)
        template = f'{{{members}, "_step": %d, "_timestamp": %.6f, "_runtime": %.6f}}'
        scales = [(place + 1) / 3 for place in range(self.n_metrics)]
        lines = []
        for step in range(self.first_step, self.first_step + self.n_rows):
            trend = math.exp(-step / 3000)
            runtime_s = (step + 0.2 * chance()) * STEP_S
            values = [(trend + 0.1 * chance()) * scale for scale in scales]
            lines.append(template % (*values, step, START_TIME_S + runtime_s, runtime_s))
        return lines

    def body(self) -> bytes:
        """Return the body of the request."""
        body = stream_body(self.first_step, self.lines())
        return gzip.compress(body, 1) if self.compressed else body


def metric_name(place: int) -> str:
    """Return the name of a metric."""
    return f"train/m{place}"


def stream_body(offset: int, lines: list[str]) -> bytes:
    """Return the body of a file stream request that puts lines at an offset."""
    return json.dumps({"files": {HISTORY: {"offset": offset, "content": lines}}}, separators=(",", ":")).encode()


def batches(seed: int, n_rows: int, batch_rows: int, n_metrics: int, *, compressed: bool = False) -> list[Batch]:
    """Return a run's rows in batches."""
    return [
        Batch(seed, first, min(batch_rows, n_rows - first), n_metrics, compressed)
        for first in range(0, n_rows, batch_rows)
    ]


def build(wanted: list[Batch]) -> Iterator[bytes]:
    """Yield the bodies of batches, in order, made by several processes."""
    with multiprocessing.Pool(os.cpu_count()) as pool:
        yield from pool.imap(Batch.body, wanted, chunksize=4)
