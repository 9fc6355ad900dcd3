"""Teams: two members log to one, a viewer only reads, and the client manages them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import wandb

from harness.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.client import Workplace
    from harness.server import Server, User

    MakeWorkplace = Callable[[Server, User], Workplace]

LOG = """
    import sys, wandb
    entity, run_id, value = sys.argv[1:]
    with wandb.init(entity=entity or None, project="vision", id=run_id) as run:
        for step in range(10):
            run.log({"x": step * int(value)})
        print("logged to", run.entity, flush=True)
"""

LOG_ARTIFACT = """
    import sys, wandb
    with wandb.init(entity=sys.argv[1], project="vision", id="maker") as run:
        artifact = wandb.Artifact("data", "dataset")
        with artifact.new_file("a.txt") as file:
            file.write("of the team")
        run.log_artifact(artifact, aliases=["best"]).wait()
"""

USE_ARTIFACT = """
    import sys, pathlib, wandb
    with wandb.init(entity=sys.argv[1], project="vision", id="reader") as run:
        folder = run.use_artifact("data:best").download()
        print(pathlib.Path(folder, "a.txt").read_text(), flush=True)
"""


@pytest.fixture
def team(server: Server, user: User) -> str:
    """Return the name of a team that `user` administers."""
    name = f"{user.name}-team"
    server.native(user).post("/teams", {"name": name})
    return name


def put_member(server: Server, admin: User, team: str, user: User, role: str) -> None:
    """Give `user` a role in the team."""
    path = f"/teams/{team}/members/{user.name}"
    assert server.native(admin).request("PUT", path, {"role": role}).status_code == 200


def test_two_members_log_to_their_team(
    server: Server, user: User, team: str, make_workplace: MakeWorkplace
) -> None:
    other = server.add_user()
    put_member(server, user, team, other, "member")
    for who, run_id, value in ((user, "first", "1"), (other, "second", "2")):
        output = make_workplace(server, who).run(LOG, team, run_id, value)
        assert f"logged to {team}" in output
    api = make_workplace(server, other).api()
    runs = {run.id: run for run in api.runs(f"{team}/vision")}
    assert set(runs) == {"first", "second"}
    assert [row["x"] for row in runs["first"].scan_history(keys=["x"])] == list(range(10))
    assert runs["second"].summary["x"] == 18
    assert [project.name for project in api.projects(team)] == ["vision"]
    runs["first"].tags.append("seen")
    runs["first"].update()
    assert api.run(f"{team}/vision/first").tags == ["seen"]


def test_a_viewer_reads_and_is_told_why_it_may_not_log(
    server: Server, user: User, team: str, make_workplace: MakeWorkplace
) -> None:
    make_workplace(server, user).run(LOG, team, "first", "1")
    viewer = server.add_user()
    put_member(server, user, team, viewer, "viewer")
    place = make_workplace(server, viewer)
    output = place.run(LOG, team, "mine", "1", exit_code=1)
    assert "viewer" in output
    assert "member" in output
    run = place.api().run(f"{team}/vision/first")
    assert [row["x"] for row in run.scan_history(keys=["x"])] == list(range(10))
    run.notes = "changed"
    with pytest.raises(Exception, match="viewer"):
        run.update()
    assert {run.id for run in place.api().runs(f"{team}/vision")} == {"first"}
    wire = Wire(server.url, viewer.api_key)
    url = f"{server.url}/files/{team}/vision/first/file_stream"
    body = {"complete": True, "exitcode": 1}
    assert wire.session.post(url, json=body, auth=("api", viewer.api_key), timeout=10).status_code == 403


def test_who_left_the_team_finds_nothing(
    server: Server, user: User, team: str, make_workplace: MakeWorkplace
) -> None:
    make_workplace(server, user).run(LOG, team, "first", "1")
    other = server.add_user()
    put_member(server, user, team, other, "member")
    place = make_workplace(server, other)
    assert place.api().run(f"{team}/vision/first").id == "first"
    server.native(user).delete(f"/teams/{team}/members/{other.name}")
    with pytest.raises(Exception, match=r"(?i)could not find|not found|does not exist"):
        place.api().run(f"{team}/vision/first")


def test_the_client_makes_a_team_and_invites(
    server: Server, user: User, make_workplace: MakeWorkplace
) -> None:
    first, second = server.add_user(), server.add_user()
    api = make_workplace(server, user).api()
    name = f"{user.name}-made"
    team = api.create_team(name)
    assert isinstance(team, wandb.apis.public.Team)
    assert [member.username for member in team.members] == [user.name]
    assert team.invite(first.name)
    assert team.invite(second.name, admin=True)
    assert not team.invite(first.name)
    assert not team.invite("nobody-at-all")
    members = {member.username: member for member in api.team(name).members}
    assert {who: member.admin for who, member in members.items()} == {
        user.name: True,
        first.name: False,
        second.name: True,
    }
    assert members[first.name].delete()
    assert first.name not in {member.username for member in api.team(name).members}
    assert name in api.viewer.teams
    assert user.name in api.viewer.teams
    assert api.default_entity == user.name


def test_artifacts_of_a_team(
    server: Server, user: User, team: str, make_workplace: MakeWorkplace
) -> None:
    other, viewer = server.add_user(), server.add_user()
    put_member(server, user, team, other, "member")
    put_member(server, user, team, viewer, "viewer")
    make_workplace(server, user).run(LOG_ARTIFACT, team)
    assert "of the team" in make_workplace(server, other).run(USE_ARTIFACT, team)
    api = make_workplace(server, viewer).api()
    artifact = api.artifact(f"{team}/vision/data:best")
    assert artifact.version == "v0"
    assert artifact.logged_by().id == "maker"
    assert [run.id for run in artifact.used_by()] == ["reader"]
    artifact.aliases.append("mine")
    with pytest.raises(Exception, match="viewer"):
        artifact.save()
    assert "mine" not in api.artifact(f"{team}/vision/data:best").aliases
