"""Rows that are legal and strange: they read back as sent, from chunks and from Parquet, and can be drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.waiting import eventually
from harness.wire import Wire, WireRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.native import NativeRun
    from harness.server import Server, User

PROJECT = "odd-rows"

I64_MAX = 2**63 - 1

# A value that changes its type at every step, as JSON, and as the API returns it.
KINDS = [
    ("1", 1),
    ("1.5", 1.5),
    ('"text"', "text"),
    ("true", True),
    ("null", None),
    ("[1, 2.5]", [1, 2.5]),
    ("NaN", "NaN"),
    ("-Infinity", "-Infinity"),
    # Beyond 64 bits; most readers of JSON would round it.
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("2", 2),
    ('{"_type": "image-file", "path": "a.png"}', {"_type": "image-file", "path": "a.png"}),
    ("0.5", 0.5),
]

NUMBERS = [1e308, -1e308, 5e-324, 2.2250738585072014e-308, -0.0, 0.1, 9007199254740993.0, 1.7976931348623157e308]

KEYS = [
    "k" * 10_240,
    "a.b.c",
    "a/b/c",
    'quote "d"',
    "it's",
    "new\nline",
    "tab\t",
    "\U0001f680 emoji",
    "größe",
    "back\\slash",
    "Loss",
    "loss",
    "LOSS",
    " ",
    "#",
    "loss#int",
    "run",
    "_line",
    "${x}",
    "%s",
    "../../etc",
    "\u0000nul",
]

STEPS = [I64_MAX, 0, I64_MAX - 1, -5, 3, 3, I64_MAX]

TIMES = [0, 1e18, -1.0, 1.7e9, 1.6e9, 253402300800.0, 1e-300]


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Return a server that folds whatever there is."""
    return make_server(BALLAST_FOLD_CHUNKS="1")


@pytest.fixture
def run(server: Server, user: User) -> WireRun:
    """Return a run to log to."""
    return Wire(server.url, user.api_key).run(PROJECT, "run")


@pytest.fixture
def native(server: Server, user: User) -> NativeRun:
    """Return the same run through the native API."""
    return server.native(user).run(user.name, PROJECT, "run")


def in_chunks_and_in_parquet(server: Server, run: WireRun, check: Callable[[], None]) -> None:
    """Check now, and once the run is folded."""
    check()
    assert run.finish().status_code == 200

    def folded() -> bool:
        query = "SELECT (SELECT COUNT(*) FROM chunks), (SELECT COUNT(*) FROM segments)"
        ((n_chunks, n_segments),) = server.storage.query(server.data_dir, query)
        return bool(n_chunks == 0 and n_segments > 0)

    # A server that starts looks for what to fold at once.
    server.stop()
    server.start()
    eventually(folded, what="the run is Parquet", timeout_s=90)
    check()


def curve(native: NativeRun, key: str, axis: str = "step") -> None:
    """Draw a key, which must work whatever its values are."""
    body = {"runs": ["run"], "keys": [key], "axis": {"kind": axis}, "columns": 100}
    response = native.native.request("POST", f"{native.project_path}/series", body)
    assert response.status_code == 200, response.text


def test_a_value_that_changes_its_type(server: Server, run: WireRun, native: NativeRun) -> None:
    lines = [f'{{"_step": {step}, "x": {text}}}' for step, (text, _) in enumerate(KINDS)]
    assert run.log(0, lines).status_code == 200

    def check() -> None:
        assert native.values("x") == [value for _, value in KINDS]
        kinds = native.keys()["x"]["kinds"]
        assert set(kinds) >= {"number", "string", "bool", "image-file"}
        curve(native, "x")

    in_chunks_and_in_parquet(server, run, check)


def test_numbers_at_the_ends_of_their_range(server: Server, run: WireRun, native: NativeRun) -> None:
    rows: list[dict[str, Any]] = [{"_step": step, "x": number} for step, number in enumerate(NUMBERS)]
    rows += [{"_step": len(rows) + at, "n": number} for at, number in enumerate((I64_MAX, -(2**63), 2**53 + 1))]
    assert run.log_rows(0, rows).status_code == 200

    def check() -> None:
        found = native.values("x")
        assert [float(number).hex() for number in found] == [number.hex() for number in NUMBERS]
        assert native.values("n") == [I64_MAX, -(2**63), 2**53 + 1]
        x = native.keys()["x"]
        assert (x["min"], x["max"]) == (-1e308, 1.7976931348623157e308)
        curve(native, "x")
        curve(native, "n")

    in_chunks_and_in_parquet(server, run, check)


def test_keys_of_every_kind(server: Server, run: WireRun, native: NativeRun) -> None:
    rows = [{"_step": step, **{key: step * 100 + at for at, key in enumerate(KEYS)}} for step in range(3)]
    assert run.log_rows(0, rows).status_code == 200

    def check() -> None:
        names = {item["label"]: name for name, item in native.keys().items()}
        for at, key in enumerate(KEYS):
            assert key in names, key[:40]
            assert native.values(names[key]) == [at, 100 + at, 200 + at], key[:40]
            curve(native, names[key])
        table = native.native.request("GET", f"{native.project_path}/download", format="parquet")
        assert table.content.startswith(b"PAR1")
        assert table.content.endswith(b"PAR1")

    in_chunks_and_in_parquet(server, run, check)


def test_steps_at_the_end_and_back(server: Server, run: WireRun, native: NativeRun) -> None:
    rows = [{"_step": step, "x": at} for at, step in enumerate(STEPS)]
    assert run.log_rows(0, rows).status_code == 200

    def check() -> None:
        assert [(row["step"], row["values"]["x"]) for row in native.rows("x")] == [
            (step, at) for at, step in enumerate(STEPS)
        ]
        window = native.native.get(f"{native.path}/rows", min_step=I64_MAX, max_step=I64_MAX)
        assert [row["values"]["x"] for row in window["items"]] == [0, 6]
        curve(native, "x")

    in_chunks_and_in_parquet(server, run, check)


def test_times_that_make_no_sense(server: Server, run: WireRun, native: NativeRun) -> None:
    rows = [
        {"_step": at, "_timestamp": time, "_runtime": time, "x": at} for at, time in enumerate([*TIMES, *TIMES[::-1]])
    ]
    assert run.log_rows(0, rows).status_code == 200

    def check() -> None:
        found = [(row["time"], row["runtime"]) for row in native.rows("x")]
        assert found == [(row["_timestamp"], row["_runtime"]) for row in rows]
        for axis in ("time", "runtime"):
            curve(native, "x", axis)

    in_chunks_and_in_parquet(server, run, check)
    assert json.dumps(native.detail())
