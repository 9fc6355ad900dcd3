"""Files of a run, up and down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.client import VERSION

if TYPE_CHECKING:
    from harness.client import Workplace
    from harness.native import NativeRun

PROJECT = "files"

SAVE = """
    import random
    from pathlib import Path
    import wandb

    run = wandb.init(project="files", id="run")
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/weights.bin").write_bytes(random.Random(0).randbytes(3_000_000))
    Path("empty.txt").write_bytes(b"")
    Path("name with spaces & ünïcode #1.txt").write_text("hello")
    for name in ("deep/er/*.bin", "empty.txt", "name with*"):
        run.save(name, base_path=".")
    run.finish()
"""


def native_run(place: Workplace) -> NativeRun:
    return place.server.native(place.user).run(place.user.name, PROJECT, "run")


@pytest.mark.any_client
def test_saved_files_come_back_byte_for_byte(workplace: Workplace) -> None:
    workplace.run(SAVE)
    workplace.run(
        f"""
        import wandb
        for file in wandb.Api().run("{workplace.user.name}/files/run").files():
            file.download(root="down", replace=True)
        """
    )
    run = native_run(workplace)
    listed = run.files()
    for name in ("deep/er/weights.bin", "name with spaces & ünïcode #1.txt"):
        content = (workplace.folder / name).read_bytes()
        assert run.file(name) == content
        assert listed[name]["size_bytes"] == len(content)
        assert (workplace.folder / "down" / name).read_bytes() == content


@pytest.mark.any_client
def test_restore_fetches_a_file_of_another_run(workplace: Workplace) -> None:
    workplace.run(SAVE)
    path = f"{workplace.user.name}/{PROJECT}/run"
    output = workplace.run(
        f"""
        import wandb
        file = wandb.restore("name with spaces & ünïcode #1.txt", run_path={path!r}, root="restored")
        print("content is", file.read())
        """
    )
    assert "content is hello" in output


def test_part_of_a_file_can_be_fetched(workplace: Workplace) -> None:
    workplace.run(SAVE)
    run = native_run(workplace)
    content = (workplace.folder / "deep/er/weights.bin").read_bytes()
    response = run.native._session.get(  # noqa: SLF001 - a header no other test needs
        f"{workplace.server.url}/api/v1{run.path}/files/deep/er/weights.bin",
        headers={"Range": "bytes=1000-1999"},
        timeout=30,
    )
    assert response.status_code == 206
    assert response.content == content[1000:2000]


def test_a_file_saved_again_has_its_new_content(workplace: Workplace) -> None:
    workplace.run(
        """
        from pathlib import Path
        import wandb
        for text in ("old", "newer"):
            with wandb.init(project="files", id="run", resume="allow") as run:
                Path("notes.txt").write_text(text)
                run.save("notes.txt", policy="now")
        """
    )
    run = native_run(workplace)
    assert run.file("notes.txt") == b"newer"
    assert run.files()["notes.txt"]["size_bytes"] == 5


def test_an_ended_run_takes_more_files_and_stays_ended(workplace: Workplace) -> None:
    workplace.run(SAVE)
    workplace.run(
        f"""
        from pathlib import Path
        import wandb
        Path("later.txt").write_text("late")
        wandb.Api().run("{workplace.user.name}/files/run").upload_file("later.txt")
        """
    )
    run = native_run(workplace)
    assert run.file("later.txt") == b"late"
    assert run.state == "finished"


@pytest.mark.skipif(VERSION < (0, 31), reason="listing by pattern came later")
def test_files_are_listed_by_name_and_pattern_and_can_be_deleted(workplace: Workplace) -> None:
    workplace.run(SAVE)
    run = workplace.api_run(PROJECT, "run")
    assert [file.name for file in run.files(names=["empty.txt"])] == ["empty.txt"]
    assert [file.name for file in run.files(pattern="%.bin")] == ["deep/er/weights.bin"]
    assert [(file.name, file.size) for file in run.files(names=["missing.txt"])] == [("missing.txt", 0)]
    run.file("empty.txt").delete()
    assert "empty.txt" not in native_run(workplace).files()


def test_many_pictures_arrive_all(workplace: Workplace) -> None:
    workplace.run(
        """
        import numpy as np
        import wandb
        with wandb.init(project="files", id="run") as run:
            random = np.random.default_rng(0)
            for step in range(150):
                picture = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
                run.log({"picture": wandb.Image(picture, caption=f"number {step}")})
        """
    )
    run = native_run(workplace)
    pictures = run.values("picture")
    assert [picture["caption"] for picture in pictures] == [f"number {i}" for i in range(150)]
    listed = run.files()
    assert all(listed[picture["path"]]["size_bytes"] == picture["size"] for picture in pictures)
