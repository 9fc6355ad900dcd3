"""Asking for curves."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence

from harness.server import Connection, Run

COLUMNS = 1500
# The answer begins with its schema, whose metadata has the number of points of each curve as a JSON text.
SCHEMA_BYTES = 64 << 10


class Chart:
    """One key of some runs of a project, against the step."""

    def __init__(
        self,
        runs: Sequence[Run],
        key: str,
        *,
        columns: int = COLUMNS,
        within: tuple[int, int] | None = None,
        smoothing: dict[str, object] | None = None,
    ) -> None:
        self._path = runs[0].series_path
        request = {
            "runs": [run.name for run in runs],
            "keys": [key],
            "axis": {"kind": "step"},
            "columns": columns,
            "min": within[0] if within else None,
            "max": within[1] if within else None,
            "smoothing": smoothing,
        }
        self._body = json.dumps(request).encode()
        self.n_points = 0
        self.n_bytes = 0
        self.is_smoothed = False

    def draw(self, connection: Connection) -> float:
        """Ask once; returns the seconds until the last byte. `n_points` is how many points the answer stands for,
        `n_bytes` how long it is, `is_smoothed` whether its one curve is.
        """
        began = time.perf_counter()
        answer = connection.request("POST", self._path, self._body)
        took_s = time.perf_counter() - began
        found = re.search(rb"\[\[[\d,\[\]]*\]\]", answer[:SCHEMA_BYTES])
        self.n_points = sum(sum(points) for points in json.loads(found[0])) if found else 0
        self.n_bytes = len(answer)
        self.is_smoothed = b"[[true]]" in answer[:SCHEMA_BYTES]
        return took_s

    def repeat(self, connection: Connection, n_times: int) -> list[float]:
        """Ask often."""
        return [self.draw(connection) for _ in range(n_times)]
