"""Waiting for something to become true, with a deadline instead of a blind sleep."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def eventually(check: Callable[[], T], *, what: str, timeout_s: float = 30.0, interval_s: float = 0.05) -> T:
    """Return the first truthy answer of `check`; an exception counts as "not yet".

    Raises:
        TimeoutError: when there is none within `timeout_s`; it names the last answer or exception.

    """
    deadline = time.monotonic() + timeout_s
    while True:
        last: object
        try:
            answer = check()
            if answer:
                return answer
            last = answer
        except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
            last = error
        if time.monotonic() > deadline:
            message = f"after {timeout_s:.0f} s still not: {what} (last seen: {last!r})"
            raise TimeoutError(message)
        time.sleep(interval_s)
