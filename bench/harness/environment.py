"""Where the benchmarks keep things: data folders, and Python environments for what is not in the standard library."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
TARGET = BENCH.parent / "target"

LIMIT_PACKAGES = ("orjson==3.13.0", "pyarrow==26.0.1")
INSTALL_TIMEOUT_S = 900


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of arguments that every benchmark has."""
    parser = argparse.ArgumentParser(
        description=(description or "").strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="sizes of a few seconds, to try it out")
    parser.add_argument("--dir", type=Path, default=TARGET / "bench-data", help="where data folders are made")
    return parser


def binary() -> str:
    """Return the server to measure."""
    try:
        return os.environ["BALLAST_BIN"]
    except KeyError:
        message = "BALLAST_BIN is not set: run `cargo xtask bench NAME`, or set it to a release binary"
        raise SystemExit(message) from None


def temporary(parent: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away. Not in `/tmp`, which may be memory, where fsync costs nothing."""
    parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="run-", dir=parent)


def python_with(name: str, *packages: str) -> Path | None:
    """Return a Python that has these packages, installed under `target/bench-env/` at the first use.

    `None`, and a line that says why, if they cannot be installed.
    """
    folder = TARGET / "bench-env" / name
    python = folder / "bin" / "python"
    stamp = folder / "packages"
    if stamp.exists() and stamp.read_text() == "\n".join(packages):
        return python
    print(f"  (installing {' '.join(packages)} into {folder.relative_to(TARGET.parent)})", flush=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            print(f"  ({name}: skipped, it did not install within {INSTALL_TIMEOUT_S} s)", flush=True)
            return None
        if done.returncode != 0:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            print(f"  ({name}: skipped, it cannot be installed: {reason})", flush=True)
            return None
    stamp.write_text("\n".join(packages))
    return python


def isolated(**extra: str) -> dict[str, str]:
    """Return an environment without the caller's settings."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **extra}


def allow_open_files(n_wanted: int) -> None:
    """Let this process, and those that it starts, have so many files and connections open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < n_wanted:
        message = f"{n_wanted} open files are needed, and {hard} allowed: raise `ulimit -n`, or use fewer runs"
        raise SystemExit(message)
    if soft != resource.RLIM_INFINITY and soft < n_wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (n_wanted, hard))
