"""What the machine could do at best: the same bytes parsed, appended, and read by programs that do nothing else.

Runs in a Python that has orjson and pyarrow (`environment.python_with`): the driver itself needs neither.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import environment, processes
from harness.rows import batches


def measure(what: str, *arguments: str) -> Any:
    """Run one of the programs below; returns its figures, `None` if what it needs cannot be installed."""
    python = environment.python_with("limits", *environment.LIMIT_PACKAGES)
    if python is None:
        if what != "ingest":
            return None
        python = Path(sys.executable)
    done = subprocess.run([python, __file__, what, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"  (the limit could not be measured: {(done.stderr.strip() or '?').splitlines()[-1]})", flush=True)
        return None
    return json.loads(done.stdout)


def ingest(folder: str, n_rows: str, batch_rows: str, n_metrics: str) -> dict[str, Any]:
    """Parse every line in one thread, and append the lines to a file with an fsync after each batch."""
    parser, parse = fast_parser()
    all_lines = [batch.lines() for batch in batches(0, int(n_rows), int(batch_rows), int(n_metrics))]
    encoded = [[line.encode() for line in lines] for lines in all_lines]
    began = time.perf_counter()
    for lines in encoded:
        for line in lines:
            parse(line)
    parse_s = time.perf_counter() - began
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        for lines in encoded:
            file.write(b"\n".join(lines) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        append_s = time.perf_counter() - began
    n_bytes = sum(len(line) + 1 for lines in encoded for line in lines)
    n_values = int(n_rows) * int(n_metrics)
    return {
        "parser": parser,
        "parse_values_per_s": n_values / parse_s,
        "append_values_per_s": n_values / append_s,
        "both_values_per_s": n_values / (parse_s + append_s),
        "parse_cpu_s_per_million": parse_s / n_values * 1e6,
        "json_bytes_per_value": n_bytes / n_values,
    }


def fast_parser() -> tuple[str, Callable[[bytes], Any]]:
    """Return the fastest parser of JSON there is, and its name."""
    try:
        import orjson  # noqa: PLC0415
    except ImportError:
        return "Python's own json", json.loads
    return "orjson", orjson.loads


def parquet(folder: str, n_times: str, *columns: str) -> dict[str, Any]:
    """Read columns of every Parquet file in a folder: the first time from disk, then from memory. None: all columns."""
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: PLC0415

    files = sorted(Path(folder).rglob("*.parquet"))

    def read() -> int:
        n_rows = 0
        for file in files:
            with pyarrow.parquet.ParquetFile(file) as opened:
                present = set(opened.schema_arrow.names)
                wanted = [column for column in columns if column in present] if columns else None
                if not columns or columns[-1] in present:
                    n_rows += opened.read(columns=wanted, use_threads=True).num_rows
        return n_rows

    read()
    processes.drop_cache(Path(folder))
    times = []
    n_rows = 0
    for _ in range(int(n_times) + 1):
        began = time.perf_counter()
        n_rows = read()
        times.append(time.perf_counter() - began)
    return {"n_files": len(files), "n_rows": n_rows, "cold_s": times[0], "warm_s": sorted(times[1:])[int(n_times) // 2]}


if __name__ == "__main__":
    programs: dict[str, Callable[..., Any]] = {"ingest": ingest, "parquet": parquet}
    print(json.dumps(programs[sys.argv[1]](*sys.argv[2:])))
