"""The native API, read with plain HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from harness.waiting import eventually

Json = dict[str, Any]

LIVE_STATES = {"pending", "running", "preempting"}


class Native:
    """Calls `/api/v1` with one user's key. Every method raises on an error status."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.auth = ("api", api_key)
        self._session.trust_env = False

    def request(self, method: str, path: str, body: Json | None = None, **query: Any) -> requests.Response:
        """Send a request and return whatever answer there is."""
        return self._session.request(method, f"{self._base_url}/api/v1{path}", json=body, params=query, timeout=60)

    def get(self, path: str, **query: Any) -> Any:
        """GET, parsed."""
        return _checked(self.request("GET", path, **query)).json()

    def post(self, path: str, body: Json | None = None) -> Any:
        """POST, parsed."""
        response = _checked(self.request("POST", path, body))
        return response.json() if response.content else None

    def patch(self, path: str, body: Json) -> Any:
        """PATCH, parsed."""
        return _checked(self.request("PATCH", path, body)).json()

    def delete(self, path: str, **query: Any) -> None:
        """DELETE."""
        _checked(self.request("DELETE", path, **query))

    def run(self, entity: str, project: str, run: str) -> NativeRun:
        """Address a run; it need not exist yet."""
        return NativeRun(self, entity, project, run)


class NativeRun:
    """One run through the native API."""

    def __init__(self, native: Native, entity: str, project: str, run: str) -> None:
        self.native = native
        self.project_path = f"/projects/{quote(entity, safe='')}/{quote(project, safe='')}"
        self.path = f"/runs/{quote(entity, safe='')}/{quote(project, safe='')}/{quote(run, safe='')}"

    def detail(self) -> Json:
        """Everything but its rows."""
        detail: Json = self.native.get(self.path)
        return detail

    @property
    def state(self) -> str:
        """`running`, `finished`, ..."""
        state: str = self.detail()["state"]
        return state

    def wait_for_state(self, *states: str, timeout_s: float = 30.0) -> str:
        """Wait until it is in one of `states`."""
        what = f"`{self.path}` is {' or '.join(states)}"
        eventually(lambda: self.state in states, what=what, timeout_s=timeout_s)
        return self.state

    def wait_for_rows(self, n_rows: int, timeout_s: float = 60.0) -> None:
        """Wait until at least `n_rows` history rows are stored."""
        eventually(
            lambda: self.detail()["n_history_rows"] >= n_rows,
            what=f"`{self.path}` has {n_rows} rows",
            timeout_s=timeout_s,
        )

    def rows(self, *keys: str) -> list[Json]:
        """Every row that has any of `keys`, in order: `{step, runtime, time, values}`."""
        return self._all("/rows", key=list(keys), limit=1000)

    def values(self, key: str) -> list[Any]:
        """Return the values of one key, in order."""
        return [row["values"][key] for row in self.rows(key)]

    def keys(self, stream: str = "history") -> dict[str, Json]:
        """Return what is known of each key, by name."""
        return {item["name"]: item for item in self._all("/keys", stream=stream)}

    def console(self, **query: Any) -> list[Json]:
        """Return its console lines: `{number, time, level, label, text}`."""
        items: list[Json] = self.native.get(f"{self.path}/console", **query)["items"]
        return items

    def files(self) -> dict[str, Json]:
        """Return its files, by path."""
        return {item["path"]: item for item in self._all("/files")}

    def file(self, path: str) -> bytes:
        """Return the content of one of its files."""
        return _checked(self.native.request("GET", f"{self.path}/files/{quote(path)}")).content

    def problems(self) -> list[Json]:
        """Return what could not be stored: `{stream, line, reason, excerpt, at}`."""
        return self._all("/problems")

    def alerts(self) -> list[Json]:
        """Return its alerts."""
        return self._all("/alerts")

    def _all(self, below: str, **query: Any) -> list[Json]:
        items: list[Json] = []
        cursor = None
        while True:
            page = self.native.get(f"{self.path}{below}", cursor=cursor, **query)
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return items


def _checked(response: requests.Response) -> requests.Response:
    if not response.ok:
        request = response.request
        message = f"{request.method} {request.url}: {response.status_code} {response.text[:500]}"
        raise requests.HTTPError(message, response=response)
    return response
