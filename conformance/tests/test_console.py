"""What a script prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.client import Workplace
    from harness.native import NativeRun

PROJECT = "console"


def run_script(place: Workplace, body: str) -> NativeRun:
    """Run `body` in a run."""
    place.run(
        f"""
import sys
import time
import wandb
run = wandb.init(project="console", id="run")
{body}
run.finish()
"""
    )
    return place.server.native(place.user).run(place.user.name, PROJECT, "run")


def texts(run: NativeRun) -> list[str]:
    return [line["text"] for line in run.console()]


@pytest.mark.any_client
def test_lines_come_in_order_with_times_and_levels(workplace: Workplace) -> None:
    run = run_script(
        workplace,
        'print("one")\nprint("two", file=sys.stderr)\nprint("Grüße \U0001f30d")\nprint("three")',
    )
    lines = run.console()
    assert [line["number"] for line in lines] == list(range(len(lines)))
    levels = {line["text"]: line["level"] for line in lines}
    assert levels["two"] == "error"
    assert levels["one"] != "error"
    assert "Grüße \U0001f30d" in levels
    assert all(line["time"].startswith("20") for line in lines)


@pytest.mark.any_client
def test_a_progress_bar_leaves_one_line(workplace: Workplace) -> None:
    run = run_script(
        workplace,
        'for i in range(101):\n    print(f"\\r{i:3}% " + "#" * (i // 5), end="", flush=True)\n'
        '    time.sleep(0.03)\nprint()\nprint("after")',
    )
    assert [text for text in texts(run) if "%" in text] == ["100% " + "#" * 20]
    assert "after" in texts(run)


# What tqdm writes for a bar of the given position, with its way back up.
BARS = r"""
def bar(position, text):
    sys.stderr.write("\n" * position + "\r" + text + "\x1b[A" * position)
    sys.stderr.flush()
"""


def shown(run: NativeRun) -> list[str]:
    """Return the texts that are left to see: without escape sequences, and without the blanks that wipe longer text."""
    return [re.sub(r"\x1b\[[0-9;]*[@-~]", "", text).rstrip() for text in texts(run)]


def test_nested_progress_bars_end_as_the_terminal_shows_them(workplace: Workplace) -> None:
    run = run_script(
        workplace,
        f"""
{BARS}
print("before")
for epoch in range(3):
    for step in range(11):
        bar(0, f"epochs: {{epoch}}/3")
        bar(1, f"  steps: {{step * 10:3}}%|{{'\u2588' * step}}")
        time.sleep(0.1)
bar(0, "epochs: 3/3")
sys.stderr.write("\\n\\n")
print("after")
""",
    )
    assert shown(run) == ["before", "epochs: 3/3", "  steps: 100%|" + "\u2588" * 10, "after"]


def test_cursor_movements_rewrite_the_lines_above(workplace: Workplace) -> None:
    # A block of lines is wiped from its end to its beginning and printed anew, in colours.
    run = run_script(
        workplace,
        r"""
print("before")
for percent in range(0, 101, 10):
    if percent:
        sys.stdout.write("\x1b[A\x1b[K" * 3 + "\r")
    for name in ("train", "Grüße 🌍", "数据"):
        print(f"\x1b[32m{name}\x1b[0m {percent}%")
    sys.stdout.flush()
    time.sleep(0.15)
print("after")
""",
    )
    assert shown(run) == ["before", "train 100%", "Grüße \U0001f30d 100%", "数据 100%", "after"]


def test_shorter_text_over_longer_leaves_its_end(workplace: Workplace) -> None:
    run = run_script(workplace, r'print("loading 12345\rdone   "); print("abc\rX"); print("wiped\r\x1b[Knew")')
    assert shown(run) == ["done    12345", "Xbc", "new"]


@pytest.mark.any_client
def test_colours_are_kept(workplace: Workplace) -> None:
    run = run_script(workplace, 'print("\\x1b[31mred\\x1b[0m and \\x1b[1mbold\\x1b[0m")')
    (line,) = [text for text in texts(run) if "red" in text]
    assert "\x1b[31m" in line


def test_many_lines_can_be_paged_searched_and_downloaded(workplace: Workplace) -> None:
    run = run_script(workplace, 'for i in range(5000):\n    print("line", i)')
    assert [line["text"] for line in run.console(tail=2)] == ["line 4998", "line 4999"]
    for query in ({"search": "LINE 4321"}, {"pattern": "^line 4321$"}):
        found = run.native.get(f"{run.path}/console", **query)
        assert [line["text"] for line in found["items"]] == ["line 4321"]
    whole = run.native.request("GET", f"{run.path}/console.txt").text
    assert whole.splitlines()[-1].endswith("line 4999")
    contents = [line.content for line in workplace.api_run(PROJECT, "run").console_logs()]
    assert contents == [f"line {i}" for i in range(5000)]


@pytest.mark.any_client
def test_resuming_appends_lines(workplace: Workplace) -> None:
    run = run_script(workplace, 'print("first")')
    workplace.run(
        """
        import wandb
        with wandb.init(project="console", id="run", resume="must") as run:
            print("second")
        """
    )
    assert [text for text in texts(run) if text in {"first", "second"}] == ["first", "second"]
