"""A few kills of the server under load; `crash_test.py --kills 50` is the long version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crash_test import SETTINGS, crash

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.server import Server


def test_what_was_acknowledged_survives_sigkill_once(make_server: Callable[..., Server]) -> None:
    report = crash(make_server(**SETTINGS), n_kills=6)
    assert report.is_clean, f"\n{report}"
    assert report.n_segments > 0, f"nothing was folded\n{report}"
    assert report.n_changes_cut_off > 0, f"no change of a registry, team or organization was hit\n{report}"
