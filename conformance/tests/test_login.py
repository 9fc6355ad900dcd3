"""Signing in with the client."""

from __future__ import annotations

import pytest
import requests

from harness.client import VERSION, Workplace
from harness.server import Server, User, new_api_key
from harness.wire import Wire


@pytest.mark.any_client
def test_login_verifies_the_key_and_remembers_it(workplace: Workplace) -> None:
    host, key = workplace.server.url, workplace.user.api_key
    output = workplace.wandb("login", "--verify", "--host", host, key, WANDB_API_KEY="")
    assert "ERROR" not in output
    netrc = (workplace.folder / "home" / ".netrc").read_text()
    assert key in netrc


@pytest.mark.any_client
def test_a_script_uses_the_remembered_key(workplace: Workplace) -> None:
    host, key = workplace.server.url, workplace.user.api_key
    workplace.wandb("login", "--host", host, key, WANDB_API_KEY="")
    environment = workplace.environment()
    assert environment.pop("WANDB_API_KEY") == key
    output = workplace.run(
        """
        import os
        del os.environ["WANDB_API_KEY"]
        import wandb
        with wandb.init(project="login", id="remembered") as run:
            run.log({"x": 1})
        """
    )
    assert workplace.user.name in output
    native = workplace.server.native(workplace.user)
    assert native.run(workplace.user.name, "login", "remembered").state == "finished"


@pytest.mark.skipif(VERSION < (0, 31), reason="older clients ignore the answer")
def test_login_with_a_wrong_key_fails_and_says_so(workplace: Workplace) -> None:
    output = workplace.wandb(
        "login",
        "--verify",
        "--host",
        workplace.server.url,
        new_api_key(),
        exit_code=1,
        WANDB_API_KEY="",
    )
    assert "key" in output.lower()


@pytest.mark.any_client
def test_init_with_a_wrong_key_fails_at_once(workplace: Workplace) -> None:
    output = workplace.run("import wandb; wandb.init(project='login')", exit_code=1, WANDB_API_KEY=new_api_key())
    assert "401" in output or "api key" in output.lower()


def test_wrong_key_is_401_with_the_page_to_get_one(server: Server) -> None:
    response = Wire(server.url, new_api_key()).create_run("login", "x")
    assert response.status_code == 401
    (error,) = response.json()["errors"]
    assert f"{server.url}/authorize" in error["message"]


def test_missing_key_is_401_everywhere(server: Server) -> None:
    for method, path in (
        ("POST", "/graphql"),
        ("POST", "/files/a/b/c/file_stream"),
        ("GET", "/api/v1/projects"),
    ):
        response = requests.request(method, f"{server.url}{path}", json={}, timeout=10)
        assert response.status_code == 401, path


def test_the_viewer_is_the_keys_owner(workplace: Workplace) -> None:
    api = workplace.api()
    assert api.viewer.username == workplace.user.name
    assert api.default_entity == workplace.user.name


def test_a_revoked_key_stops_working(server: Server, user: User) -> None:
    native = server.native(user)
    key = native.post("/api-keys", {"name": "second"})
    assert Wire(server.url, key["key"]).create_run("login", "x").status_code == 200
    native.delete(f"/api-keys/{key['id']}")
    assert Wire(server.url, key["key"]).create_run("login", "x").status_code == 401
    assert native.get("/me")["username"] == user.name


def test_a_new_key_suits_every_client(server: Server, user: User) -> None:
    key: str = server.native(user).post("/api-keys", {"name": "new"})["key"]
    assert len(key.partition("-")[2] or key) == 40


def test_names_that_collide_with_routes_are_refused(server: Server) -> None:
    for name in ("api", "graphql", "files", "settings", "sign-in", "healthz"):
        response = server.native().request("POST", "/users", {"username": name, "email": f"{name}@example.org"})
        assert response.status_code in {409, 422}, name


def test_deleting_a_user_ends_their_access(server: Server) -> None:
    gone = server.add_user()
    server.native().delete(f"/users/{gone.name}")
    assert Wire(server.url, gone.api_key).create_run("login", "x").status_code == 401


def test_only_admins_manage_users(server: Server, user: User) -> None:
    body = {"username": "eve", "email": "eve@example.org"}
    assert server.native(user).request("POST", "/users", body).status_code == 403
