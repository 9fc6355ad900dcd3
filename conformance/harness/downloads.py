"""Artifacts read back by the client in our own process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wandb.sdk.artifacts.artifact_file_cache import get_artifact_file_cache

if TYPE_CHECKING:
    from pathlib import Path


def download(artifact: Any, folder: Path) -> dict[str, bytes]:
    """Download a version without the client's cache; return its files."""
    try:
        artifact.download(root=str(folder), skip_cache=True)
    finally:
        # The client goes on to write every file that this process downloads to the place of the last one.
        get_artifact_file_cache()._override_cache_path = None
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
