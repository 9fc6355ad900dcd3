"""Artifacts: versions of files, logged, used, read back, changed and deleted."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
import wandb
from harness.downloads import download
from wandb.apis.public import Artifacts

if TYPE_CHECKING:
    from pathlib import Path

    from harness.client import Workplace

PROJECT = "art"

START = """
    import random
    from pathlib import Path
    import wandb

    def log(artifact, **options):
        run.log_artifact(artifact, **options).wait()
        return artifact

    def files(**contents):
        folder = Path("data")
        for name, content in contents.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    def dataset(**options):
        artifact = wandb.Artifact("data", "dataset", **options)
        artifact.add_dir("data")
        return artifact

    run = wandb.init(project="art", id=RUN)
"""


@pytest.fixture(autouse=True)
def _same_server(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point all of the client in this process at the server: 0.18 asks the one of the environment about artifacts."""
    monkeypatch.setenv("WANDB_BASE_URL", workplace.server.url)
    monkeypatch.setenv("WANDB_API_KEY", workplace.user.api_key)


def script(place: Workplace, body: str, run: str = "run") -> str:
    """Run `body` in a run, after `START`."""
    return place.run(f"RUN = {run!r}\n{dedent(START)}\n{dedent(body)}\nrun.finish()\n")


def fetch(place: Workplace, name: str) -> Any:
    """Read a version with the client's own API, afresh."""
    return place.api().artifact(f"{place.user.name}/{PROJECT}/{name}")


def move_back_and_forth(place: Workplace, names: tuple[str, str], alias: str, n_moves: int) -> None:
    """Give `alias` to the one version and the other in turn."""
    for number in range(n_moves):
        version = fetch(place, names[number % 2])
        version.aliases.append(alias)
        version.save()


TWO_FILES = """
    files(**{"a.txt": "hello", "deep__b.bin": random.Random(0).randbytes(100_000)})
    log(dataset(description="first", metadata={"n": 2, "nested": {"x": [1, 2.5, None]}}), aliases=["best"], tags=["raw"])
"""


@pytest.mark.any_client
def test_a_logged_folder_comes_back_byte_for_byte(workplace: Workplace, tmp_path: Path) -> None:
    script(workplace, TWO_FILES.replace(', tags=["raw"]', ""))
    artifact = fetch(workplace, "data:latest")
    assert download(artifact, tmp_path / "down") == {
        "a.txt": b"hello",
        "deep/b.bin": random.Random(0).randbytes(100_000),
    }
    assert artifact.verify(str(tmp_path / "down")) is None
    assert (artifact.state, artifact.version, artifact.type) == ("COMMITTED", "v0", "dataset")
    assert artifact.size == 100_005
    assert set(artifact.aliases) == {"latest", "best"}
    assert artifact.description == "first"
    assert artifact.metadata == {"n": 2, "nested": {"x": [1, 2.5, None]}}
    assert artifact.logged_by().id == "run"
    assert artifact.manifest.entries["a.txt"].size == 5


def test_the_same_content_again_makes_no_new_version(workplace: Workplace) -> None:
    script(workplace, TWO_FILES)
    script(workplace, TWO_FILES.replace('"best"', '"again"').replace('"raw"', '"twice"'), run="second")
    artifact = fetch(workplace, "data:again")
    assert artifact.version == "v0"
    assert set(artifact.aliases) == {"latest", "best", "again"}
    assert set(artifact.tags) == {"raw", "twice"}
    assert [a.name for a in workplace.api_run(PROJECT, "second").logged_artifacts()] == ["data:v0"]
    assert fetch(workplace, "data").logged_by().id == "run"


def test_a_changed_file_alone_is_uploaded(workplace: Workplace, tmp_path: Path) -> None:
    script(workplace, TWO_FILES)
    stored = "SELECT count(*), CAST(sum(size_bytes) AS bigint) FROM blobs b JOIN entities e ON e.entity_key = b.entity_key"
    count = f"{stored} WHERE e.name = '{workplace.user.name}'"
    query = workplace.server.storage.query
    assert query(workplace.server.data_dir, count) == [(2, 100_005)]
    script(workplace, 'files(**{"a.txt": "changed"})\nlog(dataset())', run="second")
    assert query(workplace.server.data_dir, count) == [(3, 100_012)]
    assert download(fetch(workplace, "data:v0"), tmp_path / "0")["a.txt"] == b"hello"
    down = download(fetch(workplace, "data:v1"), tmp_path / "1")
    assert down["a.txt"] == b"changed"
    assert down["deep/b.bin"] == random.Random(0).randbytes(100_000)
    assert fetch(workplace, "data:latest").version == "v1"


@pytest.mark.any_client
def test_a_run_uses_a_version(workplace: Workplace) -> None:
    script(workplace, TWO_FILES.replace(', tags=["raw"]', ""))
    output = script(
        workplace,
        """
        artifact = run.use_artifact("data:best")
        print("content is", (Path(artifact.download(root="down")) / "a.txt").read_text())
        print("entry is", Path(artifact.get_path("a.txt").download(root="one")).read_text())
        (Path("down") / "extra.txt").write_text("x")
        artifact.checkout("down")
        print("files are", sorted(path.name for path in Path("down").rglob("*.*")))
        """,
        run="reader",
    )
    assert "content is hello" in output
    assert "entry is hello" in output
    assert "files are ['a.txt', 'b.bin']" in output
    artifact = fetch(workplace, "data:v0")
    assert [run.id for run in artifact.used_by()] == ["reader"]
    assert [a.name for a in workplace.api_run(PROJECT, "reader").used_artifacts()] == ["data:v0"]


def test_references_are_kept_and_not_uploaded(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace.folder)
    script(
        workplace,
        """
        from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry
        Path("big.bin").write_bytes(b"x" * 1000)
        artifact = wandb.Artifact("refs", "dataset")
        artifact.add_reference("file://" + str(Path("big.bin").resolve()), name="local.bin")
        # What the client makes of buckets where the packages of their clouds are installed.
        for cloud in ("s3", "gs"):
            entry = ArtifactManifestEntry(path=f"{cloud}.bin", ref=f"{cloud}://bucket/key.bin", digest="etag", size=10)
            artifact.manifest.add_entry(entry)
        artifact.add_reference("https://example.org/x.bin", name="web.bin", checksum=False)
        log(artifact)
        other = wandb.Artifact("more", "dataset")
        other.add(wandb.Table(columns=["a"], data=[[1], [2]]), "table")
        log(other)
        mixed = wandb.Artifact("mixed", "dataset")
        mixed.add_reference(run.use_artifact("more:latest").get_entry("table.table.json"), name="link.table.json")
        log(mixed)
        """,
    )
    entries = fetch(workplace, "refs:latest").manifest.entries
    assert entries["s3.bin"].ref == "s3://bucket/key.bin"
    assert entries["gs.bin"].ref == "gs://bucket/key.bin"
    assert entries["web.bin"].ref == "https://example.org/x.bin"
    assert entries["local.bin"].size == 1000
    assert fetch(workplace, "mixed:latest").get("link").data == [[1], [2]]


def test_tables_and_media_come_back(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace.folder)
    script(
        workplace,
        """
        import numpy as np
        pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        table = wandb.Table(columns=["n", "picture"], data=[[n, wandb.Image(pixels)] for n in range(3)])
        artifact = wandb.Artifact("tables", "result")
        artifact.add(table, "table")
        log(artifact)
        run.log({"logged": wandb.Table(columns=["x"], data=[[1.5]])})
        """,
    )
    table = fetch(workplace, "tables:latest").get("table")
    assert [row[0] for row in table.data] == [0, 1, 2]
    assert all(row[1].image.size == (8, 8) for row in table.data)
    (logged,) = [a for a in workplace.api_run(PROJECT, "run").logged_artifacts() if a.type == "run_table"]
    assert logged.get("logged.table.json").data == [[1.5]]


def test_parquet_files_are_shown_as_tables(workplace: Workplace) -> None:
    script(
        workplace,
        """
        from datetime import datetime, timezone
        import pyarrow as pa
        from pyarrow import parquet

        n_rows = 5000
        numbers = range(n_rows)
        table = pa.table({
            "int": pa.array(numbers, pa.int32()),
            "float": [number / 4 for number in numbers],
            "text": [None if number % 3 == 0 else f"row {number}" for number in numbers],
            "bool": [number % 2 == 0 for number in numbers],
            "time": [datetime.fromtimestamp(number, timezone.utc) for number in numbers],
            "list": [list(range(number % 4)) for number in numbers],
            "struct": [{"a": number, "b": [{"c": "x"}]} for number in numbers],
            "null": pa.nulls(n_rows),
            "category": pa.array([["low", "high"][number % 2] for number in numbers]).dictionary_encode(),
        })
        Path("data").mkdir()
        for compression in ["snappy", "zstd", "none", "gzip"]:
            parquet.write_table(table, f"data/{compression}.parquet", compression=compression, row_group_size=2000)
        Path("data/text.parquet").write_text("a,b\\n1,2\\n")
        log(dataset())
        """,
    )
    native = workplace.server.native(workplace.user)
    rows = f"/artifacts/{workplace.user.name}/{PROJECT}/data/v0/rows"
    for compression in ["snappy", "zstd", "none"]:
        page = native.get(f"{rows}/{compression}.parquet", **{"from": 1999, "limit": 2})
        assert {column["name"]: column["type"] for column in page["columns"]} == {
            "int": "number",
            "float": "number",
            "text": "text",
            "bool": "boolean",
            "time": "text",
            "list": "json",
            "struct": "json",
            "null": "empty",
            "category": "text",
        }
        assert page["items"] == [
            [1999, 499.75, "row 1999", False, "1970-01-01T00:33:19Z", [0, 1, 2], {"a": 1999, "b": [{"c": "x"}]}, None, "high"],
            [2000, 500.0, "row 2000", True, "1970-01-01T00:33:20Z", [], {"a": 2000, "b": [{"c": "x"}]}, None, "low"],
        ]
        assert (page["from"], page["total"], page["has_more"], page["n_columns"]) == (1999, 5000, True, 9)
    for name, why in [("gzip", "is compressed with GZIP"), ("text", "it is no Parquet file")]:
        refusal = native.request("GET", f"{rows}/{name}.parquet")
        assert refusal.status_code == 422
        assert why in refusal.json()["message"]


def test_a_draft_adds_to_a_version(workplace: Workplace, tmp_path: Path) -> None:
    script(workplace, TWO_FILES)
    script(
        workplace,
        """
        draft = run.use_artifact("data:latest").new_draft()
        draft.remove("a.txt")
        with draft.new_file("c.txt") as file:
            file.write("new")
        log(draft)
        grown = wandb.Artifact("data", "dataset", incremental=True)
        with grown.new_file("d.txt") as file:
            file.write("grown")
        log(grown)
        """,
        run="second",
    )
    assert sorted(download(fetch(workplace, "data:v1"), tmp_path / "1")) == ["c.txt", "deep/b.bin"]
    assert sorted(download(fetch(workplace, "data:v2"), tmp_path / "2")) == ["c.txt", "d.txt", "deep/b.bin"]


def test_several_writers_make_one_version(workplace: Workplace, tmp_path: Path) -> None:
    for writer in range(3):
        last = writer == 2
        workplace.run(
            f"""
            import wandb
            with wandb.init(project="art", id="writer{writer}", group="together") as run:
                artifact = wandb.Artifact("parts", "dataset")
                with artifact.new_file("part{writer}.txt") as file:
                    file.write("{writer}")
                run.{"finish_artifact" if last else "upsert_artifact"}(artifact).wait()
            """
        )
    artifact = fetch(workplace, "parts:latest")
    assert artifact.version == "v0"
    assert download(artifact, tmp_path / "down") == {f"part{n}.txt": str(n).encode() for n in range(3)}


def test_the_command_line_puts_lists_and_gets(workplace: Workplace) -> None:
    (workplace.folder / "model.bin").write_bytes(b"weights")
    name = f"{workplace.user.name}/{PROJECT}/cli"
    workplace.wandb("artifact", "put", "--name", name, "--type", "model", "--alias", "cli", "model.bin")
    output = workplace.wandb("artifact", "ls", f"{workplace.user.name}/{PROJECT}")
    assert "cli:v0" in output
    workplace.wandb("artifact", "cache", "cleanup", "0GB")
    workplace.wandb("artifact", "get", f"{name}:cli", "--root", "got")
    assert (workplace.folder / "got/model.bin").read_bytes() == b"weights"


def test_types_collections_versions_and_files_are_listed(workplace: Workplace) -> None:
    script(
        workplace,
        """
        for number in range(3):
            files(**{"a.txt": f"{number}"})
            log(dataset())
        model = wandb.Artifact("model", "model")
        model.add_file("data/a.txt")
        log(model)
        """,
    )
    api, project = workplace.api(), f"{workplace.user.name}/{PROJECT}"
    assert {kind.name for kind in api.artifact_types(project)} >= {"dataset", "model"}
    assert [c.name for c in api.artifact_collections(project, "dataset")] == ["data"]
    collection = api.artifact_collection("dataset", f"{project}/data")
    assert [a.version for a in collection.artifacts()] == ["v2", "v1", "v0"]
    assert len(collection.artifacts()) == 3
    assert collection.aliases == ["latest"]
    assert [a.version for a in api.artifacts("dataset", f"{project}/data", per_page=2)] == ["v2", "v1", "v0"]
    assert api.artifact_exists(f"{project}/data:v1")
    assert not api.artifact_exists(f"{project}/data:v9")
    assert not api.artifact_exists(f"{project}/nothing:latest")
    assert api.artifact_collection_exists(f"{project}/data", "dataset")
    listed = list(api.artifact(f"{project}/data:v1").files())
    assert [(file.name, file.size) for file in listed] == [("a.txt", 1)]


def test_versions_of_a_collection_are_filtered_and_sorted(workplace: Workplace) -> None:
    script(
        workplace,
        """
        for number in range(3):
            files(**{"a.txt": f"{number}"})
            log(dataset(metadata={"score": number}), aliases=[f"take-{number}"])
        """,
    )
    api = workplace.api()

    def versions(filters: dict[str, Any] | None = None, order: str | None = None) -> list[str]:
        place = (workplace.user.name, PROJECT, "data", "dataset")
        found = Artifacts(api._service_api, *place, filters=filters, order=order, per_page=2)  # noqa: SLF001
        names = [version.version for version in found]
        assert len(found) == len(names)
        return names

    assert versions() == ["v2", "v1", "v0"]
    assert versions(order="createdAt") == ["v0", "v1", "v2"]
    assert versions({"state": "COMMITTED", "metadata.score": {"$gte": 1}}, "-versionIndex") == ["v2", "v1"]
    assert versions({"$or": [{"alias": "take-0"}, {"version": "v2"}]}) == ["v2", "v0"]
    assert versions({"state": "PENDING"}) == []
    with pytest.raises(Exception, match="cannot be filtered by `colour`"):
        versions({"colour": "red"})


def test_a_version_can_be_described_tagged_and_named(workplace: Workplace) -> None:
    script(workplace, TWO_FILES)
    artifact = fetch(workplace, "data:v0")
    artifact.description = "better"
    artifact.metadata["more"] = True
    artifact.aliases.append("gold")
    artifact.aliases.remove("best")
    artifact.tags = ["cooked"]
    artifact.ttl = timedelta(days=3)
    artifact.save()
    again = fetch(workplace, "data:gold")
    assert again.description == "better"
    assert again.metadata["more"] is True
    assert set(again.aliases) == {"latest", "gold"}
    assert again.tags == ["cooked"]
    assert again.ttl == timedelta(days=3)
    with pytest.raises(Exception, match=r"(?i)not found|could not|unable"):
        fetch(workplace, "data:best")
    again.ttl = None
    again.save()
    assert fetch(workplace, "data:v0").ttl is None


def test_an_alias_moves_to_the_version_that_has_it_last(workplace: Workplace) -> None:
    script(
        workplace,
        """
        for number in range(2):
            files(**{"a.txt": f"{number}"})
            log(dataset(), aliases=["best"])
        """,
    )
    assert fetch(workplace, "data:best").version == "v1"
    assert fetch(workplace, "data:v0").aliases == []


def test_an_alias_that_moves_while_others_read_names_a_whole_version(workplace: Workplace, tmp_path: Path) -> None:
    script(
        workplace,
        """
        for number in range(2):
            files(**{f"{name}.txt": f"{number}" for name in "abc"})
            log(dataset())
        """,
    )
    names = ("data:v0", "data:v1")
    move_back_and_forth(workplace, names, "best", 1)
    n_reads = 0
    with ThreadPoolExecutor(1) as others:
        moving = others.submit(move_back_and_forth, workplace, names, "best", 10)
        while not moving.done() or n_reads == 0:
            found = fetch(workplace, "data:best")
            contents = set(download(found, tmp_path / f"read-{n_reads}").values())
            assert contents == {found.version.removeprefix("v").encode()}
            n_reads += 1
        moving.result()
    assert fetch(workplace, "data:best").version == "v1"


def test_a_version_with_aliases_is_deleted_only_when_asked(workplace: Workplace) -> None:
    script(
        workplace,
        """
        for number in range(3):
            files(**{"a.txt": f"{number}"})
            log(dataset())
        """,
    )
    with pytest.raises(Exception, match="has aliases"):
        fetch(workplace, "data:v2").delete()
    fetch(workplace, "data:v0").delete()
    fetch(workplace, "data:v2").delete(delete_aliases=True)
    api, name = workplace.api(), f"{workplace.user.name}/{PROJECT}/data"
    assert [a.version for a in api.artifacts("dataset", name)] == ["v1"]
    assert fetch(workplace, "data:latest").version == "v1"
    script(workplace, 'files(**{"a.txt": "2"})\nlog(dataset())', run="second")
    assert fetch(workplace, "data:latest").version == "v3"


def test_versions_are_deleted_with_the_run_that_logged_them(workplace: Workplace) -> None:
    script(workplace, 'files(**{"a.txt": "0"})\nlog(dataset(), aliases=["best"])', run="first")
    script(
        workplace,
        """
        run.use_artifact("data:latest")
        for number in range(1, 3):
            files(**{"a.txt": f"{number}"})
            log(dataset(), aliases=["best"])
        log(wandb.Artifact("empty", "dataset"))
        """,
        run="second",
    )
    script(
        workplace,
        """
        run.use_artifact("data:v2")
        log(wandb.Artifact("empty", "dataset"))
        """,
        run="third",
    )
    workplace.api_run(PROJECT, "second").delete(delete_artifacts=True)
    api, project = workplace.api(), f"{workplace.user.name}/{PROJECT}"
    assert [a.version for a in api.artifacts("dataset", f"{project}/data")] == ["v0"]
    assert fetch(workplace, "data:latest").version == "v0"
    assert not api.artifact_exists(f"{project}/data:best")
    # What another run logged, too, is that one's.
    assert fetch(workplace, "empty:latest").version == "v0"
    with pytest.raises(Exception, match=r"(?i)not found|could not"):
        workplace.api_run(PROJECT, "second")
    workplace.api_run(PROJECT, "third").delete()
    assert fetch(workplace, "empty:latest").version == "v0"


def test_a_collection_is_renamed_described_moved_and_deleted(workplace: Workplace) -> None:
    script(workplace, TWO_FILES)
    api, project = workplace.api(), f"{workplace.user.name}/{PROJECT}"
    collection = api.artifact_collection("dataset", f"{project}/data")
    collection.name = "renamed"
    collection.description = "all of it"
    collection.tags = ["important"]
    collection.save()
    assert fetch(workplace, "renamed:latest").version == "v0"
    collection = api.artifact_collection("dataset", f"{project}/renamed")
    assert (collection.description, collection.tags) == ("all of it", ["important"])
    collection.change_type("corpus")
    collection = workplace.api().artifact_collection("corpus", f"{project}/renamed")
    collection.delete()
    assert not workplace.api().artifact_collection_exists(f"{project}/renamed", "corpus")
    script(workplace, 'artifact = wandb.Artifact("renamed", "dataset")\nartifact.add_dir("data")\nlog(artifact)', run="second")
    assert fetch(workplace, "renamed:latest").version == "v0"


def test_a_version_is_linked_into_another_collection(workplace: Workplace, tmp_path: Path) -> None:
    script(
        workplace,
        TWO_FILES
        + """
    run.link_artifact(run.use_artifact("data:latest"), f"{run.entity}/shelf/picked", aliases=["prod"])
    """,
    )
    linked = workplace.api().artifact(f"{workplace.user.name}/shelf/picked:prod")
    assert linked.version == "v0"
    assert linked.is_link
    assert linked.source_name == "data:v0"
    assert set(linked.aliases) == {"latest", "prod"}
    assert download(linked, tmp_path / "down")["a.txt"] == b"hello"
    linked.unlink()
    assert not workplace.api().artifact_exists(f"{workplace.user.name}/shelf/picked:prod")
    assert fetch(workplace, "data:v0").state == "COMMITTED"


@pytest.mark.any_client
def test_models_are_logged_and_used(workplace: Workplace) -> None:
    output = script(
        workplace,
        """
        Path("model.pt").write_bytes(b"weights")
        run.log_model("model.pt", name="net")
        run.finish()
        run = wandb.init(project="art", id="user")
        print("weights are", Path(run.use_model("net:latest")).read_bytes())
        """,
    )
    assert "weights are b'weights'" in output


@pytest.mark.any_client
def test_an_offline_run_brings_its_artifacts_later(workplace: Workplace, tmp_path: Path) -> None:
    workplace.run(
        """
        from pathlib import Path
        import wandb
        Path("a.txt").write_text("late")
        with wandb.init(project="art", id="offline", mode="offline") as run:
            artifact = wandb.Artifact("later", "dataset")
            artifact.add_file("a.txt")
            run.log_artifact(artifact)
        """
    )
    (folder,) = (workplace.folder / "wandb").glob("offline-run-*")
    workplace.wandb("sync", str(folder))
    artifact = fetch(workplace, "later:latest")
    assert download(artifact, tmp_path / "down") == {"a.txt": b"late"}
    assert artifact.logged_by().id == "offline"


def test_code_is_an_artifact(workplace: Workplace) -> None:
    script(workplace, 'run.log_code(".")')
    (code,) = [a for a in workplace.api_run(PROJECT, "run").logged_artifacts() if a.type == "code"]
    assert any(name.endswith(".py") for name in code.manifest.entries)


def test_a_job_is_an_artifact(workplace: Workplace) -> None:
    (workplace.folder / "job").mkdir()
    (workplace.folder / "job/main.py").write_text("print(1)")
    (workplace.folder / "job/requirements.txt").write_text("wandb")
    place = ("--project", PROJECT, "--entity", workplace.user.name)
    how = ("--name", "train", "--entry-point", "python main.py", "--runtime", "3.11")
    workplace.wandb("job", "create", *place, *how, "code", "job")
    job = fetch(workplace, "train:latest")
    assert (job.type, job.version) == ("job", "v0")
    assert "wandb-job.json" in job.manifest.entries
    assert "train" in workplace.wandb("job", "list", *place)


def test_a_thousand_small_files_go_up_and_down(workplace: Workplace, tmp_path: Path) -> None:
    script(
        workplace,
        """
        files(**{f"{n % 10}__{n}.txt": f"number {n}" for n in range(1000)})
        log(dataset())
        """,
    )
    down = download(fetch(workplace, "data:latest"), tmp_path / "down")
    assert down == {f"{n % 10}/{n}.txt": f"number {n}".encode() for n in range(1000)}


def test_an_empty_artifact_is_a_version(workplace: Workplace, tmp_path: Path) -> None:
    script(workplace, 'log(wandb.Artifact("empty", "dataset"))')
    artifact = fetch(workplace, "empty:latest")
    assert artifact.size == 0
    assert download(artifact, tmp_path / "down") == {}


def test_another_user_finds_no_artifact(workplace: Workplace) -> None:
    script(workplace, TWO_FILES)
    stranger = workplace.server.add_user()
    api = wandb.Api(overrides={"base_url": workplace.server.url}, api_key=stranger.api_key)
    assert not api.artifact_exists(f"{workplace.user.name}/{PROJECT}/data:latest")
    with pytest.raises(Exception, match=r"(?i)not found|could not|unable"):
        list(api.artifacts("dataset", f"{workplace.user.name}/{PROJECT}/data"))
