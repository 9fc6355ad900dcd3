"""Workers that go on while the server is killed and started again."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from harness.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.server import Server, User

    Attempt = Callable[[], requests.Response]

TRY_AGAIN = {408, 429, 502, 503, 504}
"""What the client takes as no answer."""


@dataclass(kw_only=True, eq=False)
class Worker(threading.Thread):
    """Works until told to stop; requests that are not answered are repeated, as the client does."""

    server: Server
    user: User
    seed: int
    n_retries: int = 0
    n_cut_off: int = 0
    """Requests that had reached the server when it died."""
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.random = random.Random(self.seed)  # noqa: S311
        self.wire = Wire(self.server.url, self.user.api_key)
        self.native = self.server.native(self.user)
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """Ask it to end when what it is at is done."""
        self._stop_asked.set()

    @property
    def goes_on(self) -> bool:
        """Whether nobody asked it to stop."""
        return not self._stop_asked.is_set()

    def run(self) -> None:
        """Work."""
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 - told to whoever joins
            self.failure = error

    def work(self) -> None:
        """Do what is to be done until `goes_on` says no."""
        raise NotImplementedError

    def answer(self, attempt: Attempt) -> requests.Response | None:
        """Try once; `None` if there is no answer, or one that says to try again."""
        try:
            response = attempt()
        except (requests.ConnectionError, requests.Timeout) as error:
            self.n_cut_off += not _is_refused(error)
        else:
            if response.status_code not in TRY_AGAIN:
                return response
        self.n_retries += 1
        time.sleep(0.02)
        return None

    def until_answered(self, attempt: Attempt) -> requests.Response:
        """Try until there is an answer, whatever it says."""
        while True:
            response = self.answer(attempt)
            if response is not None:
                return response

    def until_acknowledged(self, attempt: Attempt) -> requests.Response:
        """Try until there is an answer, which must say that it is done."""
        response = self.until_answered(attempt)
        if not response.ok:
            message = f"the client would give up: {response.status_code} {response.text[:300]}"
            raise AssertionError(message)
        return response


def _is_refused(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


@dataclass(kw_only=True, eq=False)
class Changer(Worker):
    """Makes changes each of which is there as a whole or not at all, and looks after every attempt."""

    n_acknowledged: int = 0
    n_made_unheard: int = 0
    """Changes that were there although nobody said so."""

    def n_wrong(self) -> int:
        """Count what is not as it was left."""
        raise NotImplementedError

    def change(self, attempt: Attempt, look: Callable[[], Any], before: Any, after: Any) -> None:
        """Make a change that leads from one state to another.

        Raises:
            AssertionError: if it was acknowledged and is not there, or if there is only a part of it.

        """
        while True:
            response = self.answer(attempt)
            seen = look()
            if response is not None and response.ok:
                assert seen == after, f"acknowledged: {response.url}\nexpected {after}\nfound    {seen}"
                self.n_acknowledged += 1
                return
            if seen == after:
                self.n_made_unheard += 1
                return
            told = response and f"{response.status_code} {response.text[:300]}"
            assert seen == before, f"not acknowledged: {told}\nexpected {before}\nor       {after}\nfound    {seen}"
            assert response is None, f"refused: {told}"
