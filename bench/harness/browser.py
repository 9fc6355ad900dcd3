"""What a person waits for: pages in a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from harness.environment import BENCH, isolated

if TYPE_CHECKING:
    from harness.server import Ballast

UI = BENCH.parent / "ui"
TIMEOUT_S = 600


def first_paints(server: Ballast, selector: str, pages: dict[str, str], n_times: int) -> dict[str, list[float]]:
    """Return the seconds from opening each page, by name, until what `selector` names is painted.

    Nothing, and a line that says why, where there is no browser to do it.
    """
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or shutil.which("node") is None or not (UI / "node_modules").exists():
        print("  (skipped: it takes Chromium, Node.js, and `npm ci` in `ui/`)", flush=True)
        return {}
    addresses = [f"http://127.0.0.1:{server.port}/{path}" for path in pages.values()]
    done = subprocess.run(
        ["node", "scripts/first-paint.mjs", selector, str(n_times), *addresses],
        cwd=UI,
        env=isolated(BALLAST_API_KEY=server.api_key, CHROMIUM=chromium),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        message = f"the browser failed:\n{done.stderr[-2000:]}"
        raise SystemExit(message)
    return {
        name: [milliseconds / 1e3 for milliseconds in json.loads(line)]
        for name, line in zip(pages, done.stdout.splitlines(), strict=True)
    }
