"""What others may see: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.wire import Wire, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.client import Workplace
    from harness.server import Server, User


@pytest.fixture
def secret(server: Server, user: User) -> str:
    """Return the path of a run of `user`, whose names and values all contain `secret`."""
    run = Wire(server.url, user.api_key).run(
        "secret-project", "secret-run", config='{"secret": {"value": 1}}', tags=["secret-tag"]
    )
    assert run.log_rows(0, rows(0, 3)).status_code == 200
    return f"{user.name}/secret-project/secret-run"


def test_native_api_answers_404_as_for_what_does_not_exist(server: Server, secret: str) -> None:
    entity, project, run = secret.split("/")
    stranger = server.native(server.add_user())
    for hidden, missing in (
        (f"/projects/{entity}/{project}", f"/projects/{entity}/missing"),
        (f"/projects/{entity}/{project}/runs", f"/projects/{entity}/missing/runs"),
        (f"/projects/{entity}/{project}/keys", f"/projects/{entity}/missing/keys"),
        (f"/runs/{entity}/{project}/{run}", f"/runs/{entity}/missing/{run}"),
        (f"/runs/{entity}/{project}/{run}/rows", f"/runs/{entity}/missing/{run}/rows"),
        (f"/runs/{entity}/{project}/{run}/console", f"/runs/{entity}/missing/{run}/console"),
        (f"/runs/{entity}/{project}/{run}/files", f"/runs/{entity}/missing/{run}/files"),
    ):
        first, second = stranger.request("GET", hidden), stranger.request("GET", missing)
        assert first.status_code == second.status_code == 404, hidden
        assert first.json()["code"] == second.json()["code"]
        assert "secret-tag" not in first.text
    assert stranger.get("/projects")["items"] == []
    for method in ("PATCH", "DELETE"):
        assert stranger.request(method, f"/runs/{secret}", {"notes": "x"}).status_code == 404
    assert stranger.request("POST", f"/runs/{secret}/stop").status_code == 404


def test_the_client_of_another_user_finds_nothing(
    server: Server, secret: str, make_workplace: Callable[[Server, User], Workplace]
) -> None:
    entity, project, _ = secret.split("/")
    api = make_workplace(server, server.add_user()).api()
    with pytest.raises(Exception, match=r"(?i)could not find|not found|does not exist"):
        api.run(secret)
    for name in (project, "missing"):
        with pytest.raises(ValueError, match="Could not find project"):
            list(api.runs(f"{entity}/{name}"))


def test_another_user_can_write_nothing(server: Server, secret: str) -> None:
    entity, project, run = secret.split("/")
    stranger = server.add_user()
    wire = Wire(server.url, stranger.api_key)
    response = wire.create_run(project, run, entity=entity)
    assert response.status_code in {403, 404}
    assert response.json()["errors"]
    url = f"{server.url}/files/{secret}/file_stream"
    body = {"complete": True, "exitcode": 1}
    response = wire.session.post(url, json=body, auth=("api", stranger.api_key), timeout=10)
    assert response.status_code in {403, 404}


def test_the_file_of_another_user_is_404(server: Server, user: User, secret: str) -> None:
    run = Wire(server.url, user.api_key).run("secret-project", "secret-run")
    ((url, headers),) = run.upload_addresses("secret.txt")
    assert run.wire.session.put(url, data=b"secret", headers=headers, timeout=10).ok
    own = server.native(user).request("GET", f"/runs/{secret}/files/secret.txt")
    assert own.content == b"secret"
    stranger = server.native(server.add_user())
    assert stranger.request("GET", f"/runs/{secret}/files/secret.txt").status_code == 404


def test_an_upload_address_is_good_for_its_file_only(server: Server, user: User) -> None:
    run = Wire(server.url, user.api_key).run("uploads", "run")
    ((url, headers),) = run.upload_addresses("a.txt")
    changed = url[:-4] + "AAAA"
    response = run.wire.session.put(changed, data=b"x", headers=headers, timeout=10)
    assert response.status_code in {400, 401, 403, 404}
    assert server.native(user).run(user.name, "uploads", "run").files() == {}


def test_a_run_of_the_same_name_belongs_to_each_user(server: Server) -> None:
    ada, eve = server.add_user(), server.add_user()
    for who, count in ((ada, 2), (eve, 5)):
        run = Wire(server.url, who.api_key).run("same", "same")
        assert run.log_rows(0, rows(0, count)).status_code == 200
    for who, count in ((ada, 2), (eve, 5)):
        native = server.native(who).run(who.name, "same", "same")
        assert native.values("step_again") == list(range(count))
