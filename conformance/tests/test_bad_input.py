"""What no client should send, and what the world does to good requests.

After each, the server still answers and the data next to it is intact: every test logs into a run of its own beside a
neighbour run, and the `neighbour` fixture reads that one back when the test is over.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import json
import os
import random
import socket
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from harness.disk import small_disk
from harness.waiting import eventually
from harness.wire import CONSOLE, CREATE_RUN_FILES, HISTORY, SUMMARY, Wire, WireRun, basic, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import requests

    from harness.native import NativeRun
    from harness.server import Server, User

PROJECT = "bad-input"

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _neighbour(server: Server, user: User, wire: Wire) -> Iterator[None]:
    """Check that a run beside stays whole, and that the server did not restart or panic."""
    run = wire.run(PROJECT, "neighbour")
    assert run.log_rows(0, rows(0, 10)).status_code == 200
    pid = server.pid
    yield
    assert server.is_ready()
    assert server.pid == pid
    native = server.native(user).run(user.name, PROJECT, "neighbour")
    assert native.values("step_again") == list(range(10))
    assert run.log_rows(10, rows(10, 1)).status_code == 200
    assert native.values("step_again") == list(range(11))
    assert "panicked" not in server.log.read_text(errors="replace")


@pytest.fixture
def run(wire: Wire) -> WireRun:
    """Return a run to mistreat."""
    return wire.run(PROJECT, "run")


@pytest.fixture
def native(server: Server, user: User) -> NativeRun:
    """Return the same run through the native API."""
    return server.native(user).run(user.name, PROJECT, "run")


def stored_steps(native: NativeRun) -> list[int]:
    steps: list[int] = native.values("step_again")
    return steps


def message(response: requests.Response) -> str:
    """Return the text that the client shows for a refusal, in the shape it understands."""
    body = response.json()
    if "errors" in body:
        return "; ".join(error["message"] for error in body["errors"])
    error = body["error"]
    return str(error["message"] if isinstance(error, dict) else error)


# Names


@pytest.mark.parametrize("name", ["a/b", "..", ".", "x" * 300, "a\\b", "a%2fb", "a\nb", "a:b", ""])
def test_impossible_run_id_is_refused_with_a_reason(wire: Wire, name: str) -> None:
    response = wire.create_run(PROJECT, name)
    if name == "":
        # Without a name the server may choose one.
        assert response.status_code in {200, 400, 422}
        return
    assert response.status_code in {400, 422}
    assert "run id" in message(response)
    assert len(message(response)) < 500


@pytest.mark.parametrize("name", ["\U0001f680", "größe 1", "a..b", "x" * 128, "'; DROP TABLE runs"])
def test_unusual_run_id_works_everywhere(wire: Wire, server: Server, user: User, name: str) -> None:
    run = wire.run(PROJECT, name)
    assert run.log_rows(0, rows(0, 3)).status_code == 200
    native = server.native(user).run(user.name, PROJECT, name)
    assert stored_steps(native) == [0, 1, 2]
    ((url, headers),) = run.upload_addresses("a b.txt")
    assert wire.session.put(url, data=b"x", headers=headers, timeout=10).ok
    assert native.file("a b.txt") == b"x"


@pytest.mark.parametrize("path", ["..%2f..%2fetc", "%2e%2e", "a%2fb", "x" * 300, "%ff"])
def test_file_stream_of_an_impossible_run_is_refused(server: Server, user: User, path: str) -> None:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.netloc), timeout=10)
    connection.request("POST", f"/files/{user.name}/{PROJECT}/{path}/file_stream", b"{}", basic(user.api_key))
    response = connection.getresponse()
    assert response.status in {400, 404, 422}
    connection.close()


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a/../../b", "a\\..\\b", "a\x00b", ""])
def test_impossible_file_names_are_refused(run: WireRun, native: NativeRun, name: str) -> None:
    response = run.wire.graphql(
        CREATE_RUN_FILES,
        {"entity": run.entity, "project": run.project, "run": run.name, "files": [name]},
    )
    # An address for every name, or the client sends none of the batch: the upload is what is refused.
    (upload,) = response.json()["data"]["createRunFiles"]["files"]
    refused = run.wire.session.put(upload["uploadUrl"], data=b"x", timeout=10)
    assert refused.status_code in {400, 422}
    assert message(refused)
    assert native.files() == {}


def test_file_stream_of_an_unknown_run_is_404(wire: Wire, user: User) -> None:
    response = WireRun(wire, user.name, PROJECT, "nobody").log_rows(0, rows(0, 1))
    assert response.status_code == 404
    assert "nobody" in message(response)


# Bodies


def test_a_body_cut_off_in_the_middle_stores_nothing(server: Server, run: WireRun, native: NativeRun) -> None:
    body = json.dumps({"files": {HISTORY: {"offset": 0, "content": [json.dumps(row) for row in rows(0, 50)]}}}).encode()
    address = urlsplit(server.url)
    head = "".join(
        f"{line}\r\n"
        for line in (
            f"POST {urlsplit(run.stream_url).path} HTTP/1.1",
            f"Host: {address.netloc}",
            f"Authorization: {basic(run.wire.api_key)['Authorization']}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "",
        )
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as connection:
        connection.sendall(head.encode() + body[: len(body) // 2])
    assert run.log_rows(0, rows(0, 1)).status_code == 200
    assert stored_steps(native) == [0]


@pytest.mark.parametrize(
    "body",
    [b'{"files": {"wandb-hist', b"", b"[]", b"null", b"not json", b'{"files": 3}', b"\x00" * 100],
)
def test_a_body_that_is_not_a_request_is_400(run: WireRun, native: NativeRun, body: bytes) -> None:
    response = run.post_raw(body)
    assert response.status_code in {400, 422}
    assert message(response)
    assert stored_steps(native) == []


def test_an_unreadable_line_keeps_its_place_and_is_reported(run: WireRun, native: NativeRun) -> None:
    lines = [json.dumps(row) for row in rows(0, 100)]
    lines[7] = '{"_step": 7, "loss": 0.1'
    assert run.log(0, lines).status_code == 200
    assert stored_steps(native) == [*range(7), *range(8, 100)]
    (problem,) = native.problems()
    assert (problem["stream"], problem["line"]) == ("history", 7)
    assert problem["reason"]
    assert lines[7].startswith(problem["excerpt"][:10])
    assert native.detail()["n_problems"] == 1
    # Offsets hold: what follows goes behind the hundredth line.
    assert run.log_rows(100, rows(100, 1)).status_code == 200
    assert stored_steps(native)[-1] == 100


@pytest.mark.parametrize("line", ["", "3", "[]", "null", '"text"', '{"a": 1} {"b": 2}', '{"a": NaN'])
def test_a_line_that_is_not_an_object_is_reported(run: WireRun, native: NativeRun, line: str) -> None:
    good = [json.dumps(row) for row in rows(0, 3)]
    assert run.log(0, [good[0], line, good[2]]).status_code == 200
    assert stored_steps(native) == [0, 2]
    (problem,) = native.problems()
    assert problem["line"] == 1


def test_invalid_utf8_in_a_line_is_reported(run: WireRun, native: NativeRun) -> None:
    good = [json.dumps(json.dumps(row)).encode() for row in rows(0, 3)]
    bad = rb'"{\"_step\": 1, \"text\": \"' + b"\xff\xfe" + rb'\"}"'
    content = b", ".join([good[0], bad, good[2]])
    body = b'{"files": {"wandb-history.jsonl": {"offset": 0, "content": [' + content + b"]}}}"
    assert run.post_raw(body).status_code == 200
    assert stored_steps(native) == [0, 2]
    (problem,) = native.problems()
    assert problem["line"] == 1


def test_an_unreadable_summary_keeps_the_last_good_one(run: WireRun, native: NativeRun) -> None:
    assert run.post({"files": {SUMMARY: {"offset": 0, "content": ['{"x": 1}']}}}).ok
    response = run.post({"files": {SUMMARY: {"offset": 0, "content": ['{"x": ']}}})
    assert response.status_code == 200
    assert native.detail()["summary"] == {"x": 1}
    assert native.problems()


def test_console_text_of_every_kind_is_kept(run: WireRun, native: NativeRun) -> None:
    texts = ["\x00 nul", "\U0001f680", "", "a" * 4096]
    lines = [json.dumps({"ts": "2026-01-02T03:04:05.123456", "content": text}) for text in texts]
    assert run.post({"files": {CONSOLE: {"offset": 0, "content": lines}}}).status_code == 200
    assert [line["text"] for line in native.console()] == texts


# Offsets


def test_a_repeated_batch_changes_nothing(run: WireRun, native: NativeRun) -> None:
    for _ in range(3):
        assert run.log_rows(0, rows(0, 10)).status_code == 200
    assert stored_steps(native) == list(range(10))


def test_a_late_copy_of_an_old_batch_cuts_nothing_off(run: WireRun, native: NativeRun) -> None:
    assert run.log_rows(0, rows(0, 10)).status_code == 200
    assert run.log_rows(10, rows(10, 10)).status_code == 200
    assert run.log_rows(0, rows(0, 10)).status_code == 200
    assert stored_steps(native) == list(range(20))


def test_overlapping_batches_store_each_line_once(run: WireRun, native: NativeRun) -> None:
    assert run.log_rows(0, rows(0, 10)).status_code == 200
    assert run.log_rows(5, rows(5, 10)).status_code == 200
    assert stored_steps(native) == list(range(15))


def test_different_lines_at_an_old_offset_replace_what_follows(run: WireRun, native: NativeRun) -> None:
    assert run.log_rows(0, rows(0, 10)).status_code == 200
    assert run.log_rows(4, rows(104, 2)).status_code == 200
    assert stored_steps(native) == [0, 1, 2, 3, 104, 105]


def test_a_gap_stays_a_gap_and_can_be_filled_behind(run: WireRun, native: NativeRun) -> None:
    assert run.log_rows(0, rows(0, 5)).status_code == 200
    assert run.log_rows(8, rows(8, 2)).status_code == 200
    assert stored_steps(native) == [0, 1, 2, 3, 4, 8, 9]
    assert run.log_rows(10, rows(10, 1)).status_code == 200
    assert stored_steps(native) == [0, 1, 2, 3, 4, 8, 9, 10]


@pytest.mark.parametrize("offset", [-1, 2**63, 1.5, "0", None])
def test_an_impossible_offset_is_refused_and_stores_nothing(run: WireRun, native: NativeRun, offset: Any) -> None:
    lines = [json.dumps(row) for row in rows(0, 1)]
    response = run.post({"files": {HISTORY: {"offset": offset, "content": lines}}})
    assert response.status_code in {400, 422}
    assert stored_steps(native) == []


# Sizes


def test_a_line_of_200_megabytes_is_413_with_the_limit(run: WireRun, native: NativeRun) -> None:
    line = b'{\\"_step\\": 0, \\"text\\": \\"' + b"x" * (200 * MIB) + b'\\"}'
    body = b'{"files": {"wandb-history.jsonl": {"offset": 0, "content": ["' + line + b'"]}}}'
    status, text = _post_big(run, body)
    assert status == 413
    assert any(character.isdigit() for character in text)
    assert stored_steps(native) == []


def _post_big(run: WireRun, body: bytes, **headers: str) -> tuple[int, str]:
    """POST a body that the server may refuse before it has read it."""
    address = urlsplit(run.stream_url)
    connection = http.client.HTTPConnection(str(address.netloc), timeout=60)
    try:
        # It may close its ear half-way; the answer was sent before.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", address.path, body, basic(run.wire.api_key) | headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_a_line_as_long_as_the_client_sends_is_stored(run: WireRun, native: NativeRun) -> None:
    text = "x" * (10 * MIB - 200 * 1024)
    row = {"_step": 0, "text": text, "step_again": 0}
    assert run.log_rows(0, [row]).status_code == 200
    assert native.values("text") == [text]


def test_a_gzip_bomb_is_413_and_costs_no_memory(server: Server, run: WireRun, native: NativeRun) -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b" " * MIB
    bomb = b"".join(compressor.compress(zeros) for _ in range(4096)) + compressor.flush()
    before = resident_bytes(server.pid)
    status, _ = _post_big(run, bomb, **{"Content-Encoding": "gzip"})
    assert status == 413
    assert resident_bytes(server.pid) - before < 256 * MIB
    assert stored_steps(native) == []


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_gzipped_request_is_understood(run: WireRun, native: NativeRun) -> None:
    lines = [json.dumps(row) for row in rows(0, 10)]
    body = gzip.compress(json.dumps({"files": {HISTORY: {"offset": 0, "content": lines}}}).encode())
    assert run.post_raw(body, {"Content-Encoding": "gzip"}).status_code == 200
    assert stored_steps(native) == list(range(10))


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"{}" * 100, mtime=0)[:20]])
def test_broken_gzip_is_400(run: WireRun, body: bytes) -> None:
    assert run.post_raw(body, {"Content-Encoding": "gzip"}).status_code == 400


def test_ten_levels_of_nesting_read_back(run: WireRun, native: NativeRun) -> None:
    value: Any = {"leaf": 1.5}
    for level in range(9):
        value = {f"level{level}": value}
    assert run.log_rows(0, [{"_step": 0, "deep": value, "step_again": 0}]).status_code == 200
    (detail,) = [key for key in native.keys().copy() if key.startswith("deep")]
    assert native.rows(detail)
    assert stored_steps(native) == [0]


def test_ten_thousand_keys_in_one_row_read_back(run: WireRun, native: NativeRun) -> None:
    row = {"_step": 0, "step_again": 0} | {f"key{i}": i for i in range(10_000)}
    assert run.log_rows(0, [row]).status_code == 200
    assert native.values("key9999") == [9999]
    assert len(native.keys()) >= 10_000


def test_eleven_levels_of_ten_thousand_keys_are_kept(run: WireRun, native: NativeRun) -> None:
    wide: Any = {f"key{i}": i for i in range(10_000)}
    for level in range(11):
        wide = {f"level{level}": wide}
    assert run.log_rows(0, [{"_step": 0, "wide": wide, "step_again": 0}]).status_code == 200
    assert stored_steps(native) == [0]
    (key,) = [key for key in native.keys().copy() if key.startswith("wide")]
    (kept,) = native.values(key)
    text = json.dumps(kept)
    assert '"key9999"' in text


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_a_hundred_thousand_levels_do_no_harm(run: WireRun, native: NativeRun, opening: str, closing: str) -> None:
    deep = opening * 100_000 + "1" + closing * 100_000
    good = [json.dumps(row) for row in rows(0, 2)]
    assert run.log(0, [good[0], '{"deep": ' + deep + "}", good[1]]).status_code == 200
    assert stored_steps(native) == [0, 1]
    (problem,) = native.problems()
    assert problem["line"] == 1


def test_a_hundred_thousand_levels_of_request_are_refused(run: WireRun) -> None:
    assert run.post_raw(b'{"files":' * 100_000).status_code in {400, 422}
    response = run.wire.session.post(
        f"{run.wire.base_url}/graphql",
        data=b'{"query": "{ viewer { id } }", "variables": ' + b'{"a":' * 100_000,
        headers=basic(run.wire.api_key),
        timeout=60,
    )
    assert response.status_code in {400, 422}
    deep = '{ project(name: "a") ' * 20_000
    assert run.wire.graphql(deep).status_code in {400, 422}


def test_a_config_of_15_megabytes_is_kept(wire: Wire, server: Server, user: User) -> None:
    text = "x" * (15 * MIB)
    response = wire.create_run(PROJECT, "run", config=json.dumps({"big": {"value": text}}))
    assert response.status_code == 200
    detail = server.native(user).run(user.name, PROJECT, "run").detail()
    assert detail["config"]["big"] == text


def test_a_config_of_40_megabytes_is_413_with_the_limit(wire: Wire) -> None:
    config = json.dumps({"big": {"value": "x" * (40 * MIB)}})
    response = wire.create_run(PROJECT, "run", config=config)
    assert response.status_code == 413
    assert message(response)


@pytest.mark.parametrize("config", ["{", "[]", "3", '"x"', '{"a": '])
def test_a_config_that_is_no_object_is_refused(wire: Wire, config: str) -> None:
    response = wire.create_run(PROJECT, "run", config=config)
    assert response.status_code in {400, 422}
    assert "config" in message(response)


# Documents


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("query { nothing }", 'Cannot query field "nothing" on type "Query".'),
        ("query { viewer { nothing } }", 'Cannot query field "nothing" on type "User".'),
        ("query { viewer {", ""),
        ("", ""),
        ("mutation { launchRocket(input: {}) { ok } }", 'Cannot query field "launchRocket"'),
    ],
)
def test_an_unknown_operation_gets_a_graphql_error(wire: Wire, document: str, text: str) -> None:
    response = wire.graphql(document)
    assert response.status_code < 500
    assert text in message(response)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"query": 3}', b'{"query": "{', b"\xff"])
def test_a_graphql_body_that_is_no_request_is_400(wire: Wire, body: bytes) -> None:
    response = wire.session.post(f"{wire.base_url}/graphql", data=body, headers=basic(wire.api_key), timeout=10)
    assert response.status_code in {400, 422}
    assert message(response)


def test_bare_nan_in_variables_is_understood(wire: Wire, server: Server, user: User) -> None:
    config = '{"nan": {"value": NaN}, "up": {"value": Infinity}, "down": {"value": -Infinity}}'
    assert wire.create_run(PROJECT, "run", config=config).status_code == 200
    detail = server.native(user).run(user.name, PROJECT, "run").detail()
    assert detail["config"] == {"nan": "NaN", "up": "Infinity", "down": "-Infinity"}


# Uploads


def test_an_upload_with_a_wrong_md5_is_refused_and_invisible(run: WireRun, native: NativeRun) -> None:
    ((url, headers),) = run.upload_addresses("weights.bin")
    wrong = b64encode(hashlib.md5(b"something else", usedforsecurity=False).digest()).decode()
    response = run.wire.session.put(url, data=b"content", headers=headers | {"Content-MD5": wrong}, timeout=30)
    assert 400 <= response.status_code < 500
    assert "weights.bin" not in native.files()
    assert run.wire.session.put(url, data=b"content", headers=headers, timeout=30).ok
    assert native.file("weights.bin") == b"content"


def test_an_upload_that_stops_half_way_is_invisible_and_can_be_repeated(run: WireRun, native: NativeRun) -> None:
    ((url, headers),) = run.upload_addresses("weights.bin")
    address = urlsplit(url)
    head = [
        f"PUT {address.path}?{address.query} HTTP/1.1",
        f"Host: {address.netloc}",
        "Content-Length: 1000000",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection((str(address.hostname), int(address.port or 80))) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + b"x" * 300_000)
    assert "weights.bin" not in native.files()
    content = random.Random(0).randbytes(1_000_000)  # noqa: S311
    assert run.wire.session.put(url, data=content, headers=headers, timeout=30).ok
    assert native.file("weights.bin") == content


def test_a_file_that_was_announced_and_never_sent_is_not_listed(run: WireRun, native: NativeRun) -> None:
    run.upload_addresses("weights.bin")
    assert run.post({"uploaded": ["weights.bin", "never-heard-of.bin"]}).status_code == 200
    assert native.files() == {}
    response = native.native.request("GET", f"{native.path}/files/{quote('weights.bin')}")
    assert response.status_code == 404


# The world around


def test_a_full_disk_is_503_and_passes(make_server: Callable[..., Server], tmp_path: Path, storage: Any) -> None:
    if storage.name != "sqlite":
        pytest.skip("with services, the disk that fills up is not the server's")
    with small_disk(tmp_path / "disk", size="32m") as disk:
        filler = disk / "filler"
        filler.write_bytes(b"x" * (8 * MIB))
        _fill_and_free(make_server(), disk, filler)


def _fill_and_free(server: Server, disk: Path, filler: Path) -> None:
    # The server was made on the normal disk; move it onto the small one.
    server.stop()
    server.data_dir = disk / "data"
    server.start()
    user = server.add_user()
    run = Wire(server.url, user.api_key).run(PROJECT, "run")
    noise = random.Random(0)  # noqa: S311
    n_acknowledged = 0
    while True:
        batch = rows(n_acknowledged, 50)
        for row in batch:
            row["noise"] = noise.randbytes(4000).hex()
        response = run.log_rows(n_acknowledged, batch)
        if response.status_code != 200:
            break
        n_acknowledged += len(batch)
        assert n_acknowledged < 100_000, "the disk does not get full"
    assert response.status_code == 503
    assert float(response.headers["Retry-After"]) >= 0
    native = server.native(user).run(user.name, PROJECT, "run")
    assert native.values("step_again") == list(range(n_acknowledged))

    filler.unlink()

    def accepted() -> bool:
        return run.log_rows(n_acknowledged, batch).status_code == 200

    eventually(accepted, what="rows are accepted again")
    assert native.values("step_again") == list(range(n_acknowledged + len(batch)))
    server.kill()
    server.start()
    assert native.values("step_again") == list(range(n_acknowledged + len(batch)))


def test_a_database_that_goes_away_is_503_and_comes_back(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    database = server.storage.database
    if database is None:
        pytest.skip("embedded storage cannot go away")
    user = server.add_user()
    run = Wire(server.url, user.api_key).run(PROJECT, "run")
    assert run.log_rows(0, rows(0, 10)).status_code == 200

    database.cut()
    response = run.log_rows(10, rows(10, 10))
    assert response.status_code == 503
    assert float(response.headers["Retry-After"]) >= 0
    assert run.wire.create_run(PROJECT, "other").status_code == 503
    assert not server.is_ready()
    alive = run.wire.session.get(f"{server.url}/healthz", timeout=10)
    assert alive.status_code == 200

    database.mend()
    eventually(server.is_ready, what="the server is ready again")
    assert run.log_rows(10, rows(10, 10)).status_code == 200
    native = server.native(user).run(user.name, PROJECT, "run")
    assert native.values("step_again") == list(range(20))
