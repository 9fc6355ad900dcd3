"""A whole training, everything the client can log, read back exactly."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.client import VERSION, Workplace

if TYPE_CHECKING:
    from harness.native import NativeRun

pytestmark = pytest.mark.any_client

PROJECT, RUN = "digits", "softmax-1"


class Training:
    """What a finished training left behind."""

    def __init__(self, workplace: Workplace, output: str) -> None:
        self.workplace = workplace
        self.output = output
        self.logged: list[dict[str, Any]] = workplace.written("logged.json")["rows"]
        self.config: dict[str, Any] = workplace.written("logged.json")["config"]
        self.native: NativeRun = workplace.server.native(workplace.user).run(workplace.user.name, PROJECT, RUN)
        self.api = workplace.api_run(PROJECT, RUN)


@pytest.fixture(scope="module")
def training(shared_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Training:
    """Run the training once for all tests here."""
    place = Workplace(tmp_path_factory.mktemp("training") / "work", shared_server, shared_server.add_user())
    return Training(place, place.run(Path("train_digits.py")))


def same(left: Any, right: Any) -> bool:
    """Compare bit for bit, except that a whole float may come back as an integer, as the client sends it."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return bool(left == right) and (isinstance(left, str) == isinstance(right, str))


def plain(summary: Any) -> dict[str, Any]:
    """Return the client's summary object as plain dictionaries."""
    return {key: plain(value) if hasattr(value, "keys") else value for key, value in summary.items()}


def from_native(value: Any) -> Any:
    """Turn the strings that stand for non-finite numbers back into numbers."""
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    if isinstance(value, dict):
        return {key: from_native(item) for key, item in value.items()}
    return words.get(value, value) if isinstance(value, str) else value


def test_client_sees_no_error(training: Training) -> None:
    assert "ERROR" not in training.output
    assert "Traceback" not in training.output
    assert f"{training.workplace.server.url}/{training.workplace.user.name}" in training.output


def test_run_is_finished(training: Training) -> None:
    assert training.api.state == "finished"
    detail = training.native.detail()
    assert detail["state"] == "finished"
    assert detail["exit_code"] == 0
    assert detail["ended_at"] is not None


def test_every_row_reads_back_exactly_through_the_client(training: Training) -> None:
    rows = training.workplace.scan(PROJECT, RUN)
    assert [row["_step"] for row in rows] == list(range(len(training.logged) + 5))
    for row, logged in zip(rows, training.logged, strict=False):
        for key, value in logged.items():
            assert same(value, row[key]), (key, value, row[key])
        assert {key for key in row if not key.startswith("_")} == set(logged)


def test_every_value_reads_back_exactly_through_the_native_api(training: Training) -> None:
    rows = training.native.rows("loss")
    assert [row["step"] for row in rows] == list(range(len(training.logged)))
    assert [row["values"]["loss"] for row in rows] == [row["loss"] for row in training.logged]
    assert training.native.values("kinds.big") == [2**62 + step for step in range(60)]
    assert training.native.values("kinds.negative") == [-(2**63) + step for step in range(60)]
    assert training.native.values("kinds.tiny") == [5e-324] * 60
    assert training.native.values("kinds.nan") == ["NaN"] * 60
    assert training.native.values("kinds.up") == ["Infinity"] * 60
    assert training.native.values("kinds.down") == ["-Infinity"] * 60
    assert training.native.values("kinds.nothing") == [None] * 60
    assert training.native.values("kinds.list")[1] == [1, None, "x"]
    assert training.native.values("kinds.deep.a.b.c") == [step / 3 for step in range(60)]
    assert training.native.values("mixed")[:3] == ["0", 1, "2"]


def test_sparse_keys_come_back_only_where_they_were_logged(training: Training) -> None:
    assert [row["step"] for row in training.native.rows("sometimes")] == list(range(0, 60, 7))
    keys = training.native.keys()
    assert keys["sometimes"]["count"] == 9
    assert keys["sometimes"]["first_step"] == 0
    assert keys["sometimes"]["last_step"] == 56
    assert keys["otherwise"]["count"] == 51


def test_selected_keys_read_back_through_the_client(training: Training) -> None:
    rows = training.workplace.scan(PROJECT, RUN, "loss", "kinds.deep.a.b.c")
    assert [row["loss"] for row in rows] == [row["loss"] for row in training.logged]
    history = training.api.history(keys=["loss"], pandas=False)
    assert [row["loss"] for row in history] == [row["loss"] for row in training.logged]


def test_config_reads_back_exactly(training: Training) -> None:
    expected = training.config | {"n_weights": 640}
    assert same(expected, {k: v for k, v in training.api.config.items() if k != "_wandb"})
    assert same(expected, training.native.detail()["config"])


def test_summary_has_last_and_aggregated_values(training: Training) -> None:
    losses = [row["loss"] for row in training.logged]
    last = training.logged[-1]
    for summary in (
        plain(training.api.summary),
        from_native(training.native.detail()["summary"]),
    ):
        assert summary["loss"] == {"min": min(losses), "max": max(losses)}
        assert summary["final"]["loss"] == losses[-1]
        assert summary["epoch"] == last["epoch"]
        assert summary["kinds"]["big"] == last["kinds"]["big"]
        assert math.isnan(summary["kinds"]["nan"])
        assert summary["kinds"]["down"] == -math.inf
        assert summary["mistakes_table"]["_type"] == "table-file"


def test_names_tags_and_notes_are_the_last_given(training: Training) -> None:
    detail = training.native.detail()
    assert detail["display_name"] == "softmax, whole" == training.api.name
    assert sorted(detail["tags"]) == ["baseline", "digits", "done"] == sorted(training.api.tags)
    assert detail["notes"] == "it works" == training.api.notes
    assert detail["group"] == "softmax" == training.api.group
    assert detail["job_type"] == "train" == training.api.job_type
    assert detail["user"] == training.workplace.user.name == training.api.user.username


def test_defined_metrics_are_known(training: Training) -> None:
    definitions = training.native.detail()["metric_definitions"]
    assert any("validation/" in json.dumps(definition) for definition in definitions)
    project = training.native.native.get(f"{training.native.project_path}/keys")
    keys = {key["name"]: key for key in project["items"]}
    assert keys["validation/accuracy"]["step_metric"] == "epoch"


def test_environment_tells_host_and_packages(training: Training) -> None:
    environment = training.native.detail()["environment"]
    assert environment["python"]
    assert environment["host"]
    assert "train_digits.py" in environment["program"]
    assert any(package.startswith("wandb==") for package in environment["packages"])


def test_pictures_come_back_as_drawn(training: Training) -> None:
    (row,) = training.native.rows("example")
    picture = row["values"]["example"]
    assert picture["_type"] == "image-file"
    assert (picture["width"], picture["height"]) == (8, 8)
    content = training.native.file(picture["path"])
    assert content.startswith(b"\x89PNG")
    assert len(content) == picture["size"]
    (row,) = training.native.rows("mistakes")
    assert row["values"]["mistakes"]["_type"] == "images/separated"
    assert row["values"]["mistakes"]["count"] == 4
    for name in row["values"]["mistakes"]["filenames"]:
        assert training.native.file(name).startswith(b"\x89PNG")


def test_histogram_reads_back_whole(training: Training) -> None:
    (histogram,) = training.native.values("weights")
    assert histogram["_type"] == "histogram"
    assert len(histogram["bins"]) == 65
    assert sum(histogram["values"]) == 640


def test_table_reads_back_row_by_row(training: Training) -> None:
    (table,) = training.native.values("mistakes_table")
    assert (table["nrows"], table["ncols"]) == (4, 3)
    content = json.loads(training.native.file(table["path"]))
    assert content["columns"] == ["label", "guess", "share"]
    assert len(content["data"]) == 4


def test_custom_chart_is_known_with_its_table(training: Training) -> None:
    chart = training.native.detail()["custom_charts"]["confusion"]
    assert chart["definition"] == "wandb/confusion_matrix/v1"
    assert chart["fields"]["Actual"] == "Actual"
    key = chart["table_key"]
    (table,) = training.native.values(key)
    assert len(json.loads(training.native.file(table["path"]))["data"]) == 100


def test_saved_file_and_standard_files_are_there(training: Training) -> None:
    files = training.native.files()
    written = (training.workplace.folder / "weights.txt").read_bytes()
    assert training.native.file("weights.txt") == written
    assert files["weights.txt"]["size_bytes"] == len(written)
    assert {"config.yaml", "wandb-summary.json", "requirements.txt", "output.log"} <= files.keys()
    assert {file.name for file in training.api.files()} == set(files)


def test_alert_is_stored(training: Training) -> None:
    (alert,) = training.native.alerts()
    assert alert["title"] == "Trained"
    assert alert["text"] == "the model is trained"
    assert alert["severity"].upper() == "WARN"


def test_console_keeps_colours_and_only_the_last_state_of_the_progress_bar(
    training: Training,
) -> None:
    lines = training.native.console()
    texts = [line["text"] for line in lines]
    assert [text for text in texts if "step 60/60" in text]
    assert not [text for text in texts if "step 30/60" in text]
    assert "\x1b[32mtrained\x1b[0m" in texts
    (warning,) = [line for line in lines if line["text"] == "a warning"]
    assert warning["level"] == "error"
    assert [line["number"] for line in lines] == list(range(len(lines)))


@pytest.mark.skipif(VERSION < (0, 31), reason="older clients cannot read console lines")
def test_console_reads_back_through_the_client(training: Training) -> None:
    contents = [line.content for line in training.api.console_logs()]
    assert "\x1b[32mtrained\x1b[0m" in contents
    assert [line.content for line in training.api.console_logs(last=1)] == contents[-1:]


def test_nothing_is_reported_as_a_problem(training: Training) -> None:
    assert training.native.problems() == []
