"""Registries: what an organization shows to its members, made, filled, searched and read with the real client."""

from __future__ import annotations

import secrets
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
import wandb
from harness.downloads import download

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.client import Workplace
    from harness.server import Server, User


@pytest.fixture(autouse=True)
def _same_server(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point all of the client in this process at the server."""
    monkeypatch.setenv("WANDB_BASE_URL", workplace.server.url)
    monkeypatch.setenv("WANDB_API_KEY", workplace.user.api_key)


@pytest.fixture
def org(server: Server, user: User) -> str:
    """Return an organization of which the user is the admin."""
    name = f"acme-{secrets.token_hex(4)}"
    server.native(user).post("/organizations", {"name": name, "members": []})
    return name


@pytest.fixture
def mate(server: Server, user: User, org: str) -> User:
    """Return another user, a viewer of the organization."""
    mate = server.add_user()
    path = f"/organizations/{org}/members/{mate.name}"
    assert server.native(user).request("PUT", path, {"role": "viewer"}).ok
    return mate


LOG = """
    import sys
    from pathlib import Path
    import wandb

    org = sys.argv[1]
    run = wandb.init(project="nets", id="maker")

    def log(name, content, **options):
        Path("weights").write_text(content)
        artifact = wandb.Artifact(name, "model", **options)
        artifact.add_file("weights")
        return run.log_artifact(artifact).wait()
"""


def script(place: Workplace, org: str, body: str) -> str:
    """Run `body` in a run, after `LOG`."""
    return place.run(f"{dedent(LOG)}\n{dedent(body)}\nrun.finish()\n", org)


def test_a_registry_is_made_saved_renamed_and_deleted(workplace: Workplace, org: str) -> None:
    api = workplace.api()
    registry = api.create_registry("models", visibility="organization", organization=org)
    assert (registry.name, registry.organization, registry.description) == ("models", org, None)
    assert registry.allow_all_artifact_types
    assert list(registry.artifact_types) == []
    with pytest.raises(ValueError, match="please use a different name"):
        api.create_registry("models", visibility="organization", organization=org)

    registry.description = "what ships"
    registry.allow_all_artifact_types = False
    registry.artifact_types.append("model")
    registry.visibility = "restricted"
    registry.save()
    again = api.registry("models", organization=org)
    assert (again.description, again.visibility, list(again.artifact_types)) == (
        "what ships",
        "restricted",
        ["model"],
    )
    again.artifact_types.append("dataset")
    again.save()
    assert set(again.artifact_types) == {"model", "dataset"}

    again.name = "nets"
    again.save()
    with pytest.raises(ValueError, match="Failed to load registry"):
        api.registry("models", organization=org)
    # The only organization of the user needs not be named.
    registry = api.registry("nets")
    assert registry.organization == org
    registry.delete()
    with pytest.raises(ValueError, match="Failed to delete registry"):
        registry.delete()


def test_a_version_is_linked_found_and_unlinked(workplace: Workplace, org: str, tmp_path: Path) -> None:
    workplace.api().create_registry("models", visibility="organization", organization=org)
    script(
        workplace,
        org,
        """
        first = log("net", "one")
        linked = run.link_artifact(first, f"{org}/wandb-registry-models/resnet", aliases=["prod"])
        assert linked.qualified_name == f"{org}/wandb-registry-models/resnet:v0", linked.qualified_name
        assert set(linked.aliases) == {"latest", "prod"}, linked.aliases
        # The only organization needs not be named, and a link leads to the version itself.
        again = linked.link("wandb-registry-models/other")
        assert again.source_name == "net:v0", again.source_name
        log("net", "two").link(f"{org}/wandb-registry-models/resnet")
        """,
    )
    api = workplace.api()
    newest = api.artifact(f"{org}/wandb-registry-models/resnet:latest")
    assert (newest.version, newest.source_name, newest.is_link) == ("v1", "net:v1", True)
    assert f"/orgs/{org}/registry/models?" in newest.url
    assert newest.source_artifact.qualified_name == f"{workplace.user.name}/nets/net:v1"
    prod = api.artifact(f"{org}/wandb-registry-models/resnet:prod")
    assert download(prod, tmp_path / "down") == {"weights": b"one"}
    assert {linked.name for linked in prod.source_artifact.linked_artifacts} == {"resnet:v0", "other:v0"}

    prod.aliases = ["staging"]
    prod.tags = ["checked"]
    prod.save()
    staging = api.artifact(f"{org}/wandb-registry-models/resnet:staging")
    assert (staging.aliases, staging.tags) == (["staging"], ["checked"])
    staging.unlink()
    with pytest.raises(wandb.errors.CommError, match="not found"):
        api.artifact(f"{org}/wandb-registry-models/resnet:staging")
    assert api.artifact(f"{workplace.user.name}/nets/net:v0").name == "net:v0"

    collection = api.artifact_collection("model", f"{org}/wandb-registry-models/resnet")
    collection.description = "the net"
    collection.tags = ["vision"]
    collection.save()
    collection = api.artifact_collection("model", f"{org}/wandb-registry-models/resnet")
    assert (collection.description, collection.tags, collection.aliases) == ("the net", ["vision"], ["latest"])
    collection.delete()
    left = api.registry("models", organization=org).collections()
    assert [found.name for found in left] == ["other"]


def test_a_type_that_a_registry_does_not_take_is_refused(workplace: Workplace, org: str) -> None:
    api = workplace.api()
    api.create_registry("data", visibility="organization", organization=org, artifact_types=["dataset"])
    output = script(
        workplace,
        org,
        """
        for target in ["data", "nowhere"]:
            try:
                log("net", "one").link(f"{org}/wandb-registry-{target}/resnet")
            except Exception as error:
                print("refused:", error)
        """,
    )
    assert "registry `data` does not take artifacts of type `model`: expected `dataset`" in output
    assert f"registry `nowhere` does not exist in `{org}`" in output


def test_registries_collections_and_versions_are_searched(workplace: Workplace, org: str) -> None:
    api = workplace.api()
    for name in ["models", "more-models", "data"]:
        api.create_registry(name, visibility="organization", organization=org)
    script(
        workplace,
        org,
        """
        for number in range(3):
            version = log(f"net-{number}", f"content {number}" * (number + 1), metadata={"score": {"f1": number}})
            for registry in ["models", "more-models"]:
                version.link(f"{org}/wandb-registry-{registry}/shelf-{number}", aliases=[f"best-{number}"])
        version.link(f"{org}/wandb-registry-models/shelf-0")
        """,
    )
    assert [found.name for found in api.registries(org, order="-name")] == ["more-models", "models", "data"]
    models = api.registries(org, filter={"name": {"$regex": "-models$"}})
    assert {found.name for found in models} == {"models", "more-models"}
    first = api.registries(org, per_page=1)
    assert next(first).name == "data"
    assert [found.name for found in api.registries(org, per_page=1, start=first.cursor)] == ["models", "more-models"]

    registry = api.registry("models", organization=org)
    found = registry.collections(order="-name", per_page=2)
    assert [collection.name for collection in found] == ["shelf-2", "shelf-1", "shelf-0"]
    assert len(found) == 3
    named = registry.collections(filter={"name": {"$in": ["shelf-0", "shelf-2"]}}, order="name")
    assert [collection.name for collection in named] == ["shelf-0", "shelf-2"]

    versions = [version.qualified_name for version in registry.versions(per_page=1)]
    path = f"{org}/wandb-registry-models"
    assert versions == [f"{path}/shelf-0:v1", f"{path}/shelf-2:v0", f"{path}/shelf-1:v0", f"{path}/shelf-0:v0"]
    for condition, names in [
        ({"alias": "best-1"}, {"shelf-1:v0"}),
        ({"metadata.score.f1": {"$gte": 2}}, {"shelf-0:v1", "shelf-2:v0"}),
        ({"$or": [{"version": "v1"}, {"alias": "best-1"}]}, {"shelf-0:v1", "shelf-1:v0"}),
    ]:
        assert {version.name for version in registry.versions(filter=condition)} == names
    by_size = [version.name for version in registry.versions(order="artifact_size")]
    assert by_size[:2] == ["shelf-0:v0", "shelf-1:v0"]
    chained = api.registries(org, filter={"name": "models"}).collections({"name": "shelf-1"}).versions()
    assert [version.name for version in chained] == ["shelf-1:v0"]
    with pytest.raises(ValueError, match="Invalid filter fields"):
        registry.versions(filter={"colour": 1})


def test_a_member_reads_what_is_linked_from_a_project_of_others(
    workplace: Workplace, make_workplace: Callable[..., Workplace], org: str, mate: User, tmp_path: Path
) -> None:
    workplace.api().create_registry("models", visibility="organization", organization=org)
    script(workplace, org, 'log("net", "one").link(f"{org}/wandb-registry-models/resnet", aliases=["prod"])')
    place = make_workplace(workplace.server, mate)
    with pytest.raises(Exception, match="not found"):
        place.api().artifact(f"{workplace.user.name}/nets/net:v0")
    output = place.run(
        """
        import sys
        import wandb

        org = sys.argv[1]
        with wandb.init(project="mine", id="user") as run:
            used = run.use_artifact(f"{org}/wandb-registry-models/resnet:prod")
            print("read:", open(used.download() + "/weights").read())
            used.aliases.append("mine")
            try:
                used.save()
            except Exception as error:
                print("refused:", error)
        """,
        org,
    )
    assert "read: one" in output
    assert "your role in" in output
    assert "this takes the role `member`" in output
    api = place.api()
    linked = api.artifact(f"{org}/wandb-registry-models/resnet:prod")
    assert not linked.source_project
    assert [run.id for run in linked.used_by()] == ["user"]
    assert [version.name for version in api.registries(org).versions()] == ["resnet:v0"]
    node = place.server.native(mate).get(f"/runs/{mate.name}/mine/user/artifacts")
    assert node["used"][0]["project"] == "wandb-registry-models"
    stranger = make_workplace(workplace.server, workplace.server.add_user())
    with pytest.raises(ValueError, match="not found"):
        list(stranger.api().registries(org))


def test_roles_in_a_restricted_registry(
    workplace: Workplace, make_workplace: Callable[..., Workplace], org: str, mate: User, tmp_path: Path
) -> None:
    api = workplace.api()
    registry = api.create_registry("secret", visibility="restricted", organization=org)
    script(workplace, org, 'log("net", "one").link(f"{org}/wandb-registry-secret/resnet")')
    place = make_workplace(workplace.server, mate)
    assert list(place.api().registries(org)) == []

    team = f"lab-{secrets.token_hex(4)}"
    workplace.server.native(workplace.user).post("/teams", {"name": team, "organization": org, "members": []})
    native = workplace.server.native(workplace.user)
    found = {user.user.username: user for user in registry.add_members(api.team(team)).user_members()}
    assert set(found) == {workplace.user.name}
    assert [(member.team.name, member.role) for member in registry.team_members()] == [(team, "viewer")]
    registry.update_member(api.team(team), role="member")
    assert registry.team_members()[0].role == "member"
    registry.remove_members(api.team(team))
    assert registry.team_members() == []

    path = f"/organizations/{org}/registries/secret/members/{mate.name}"
    assert native.request("PUT", path, {"role": "restricted_viewer"}).ok
    member = next(found for found in registry.user_members() if found.user.username == mate.name)
    assert member.role == "restricted_viewer"
    seen = place.api().artifact(f"{org}/wandb-registry-secret/resnet:latest")
    with pytest.raises(Exception, match="role"):
        download(seen, tmp_path / "refused")
    registry.update_member(member, role="viewer")
    assert download(place.api().artifact(f"{org}/wandb-registry-secret/resnet:latest"), tmp_path / "down")
    registry.remove_members(member)
    registry.remove_members(member)
    with pytest.raises(Exception, match="not found"):
        place.api().artifact(f"{org}/wandb-registry-secret/resnet:latest")


def test_protected_aliases_are_for_admins(
    workplace: Workplace, make_workplace: Callable[..., Workplace], org: str, mate: User
) -> None:
    workplace.api().create_registry("models", visibility="organization", organization=org)
    native, path = workplace.server.native(workplace.user), f"/organizations/{org}/registries/models"
    native.patch(path, {"protected_aliases": ["prod"]})
    assert native.request("PUT", f"{path}/members/{mate.name}", {"role": "member"}).ok
    script(workplace, org, 'log("net", "one").link(f"{org}/wandb-registry-models/resnet", aliases=["prod"])')
    output = make_workplace(workplace.server, mate).run(
        f"""{dedent(LOG)}
version = log("net", "two")
for alias in ["prod", "candidate"]:
    try:
        version.link(f"{{org}}/wandb-registry-models/resnet", aliases=[alias])
    except Exception as error:
        print("refused:", error)
run.finish()
linked = wandb.Api().artifact(f"{{org}}/wandb-registry-models/resnet:prod")
linked.aliases.remove("prod")
try:
    linked.save()
except Exception as error:
    print("refused:", error)
""",
        org,
    )
    assert output.count("alias `prod` is protected in registry `models`") == 2, output
    aliases = {
        version.name: set(version.aliases)
        for version in workplace.api().registry("models", organization=org).versions()
    }
    assert aliases == {"resnet:v0": {"prod"}, "resnet:v1": {"candidate", "latest"}}


def test_models_are_linked_into_the_old_model_registry(workplace: Workplace, org: str) -> None:
    workplace.run(
        """
        from pathlib import Path
        import wandb

        with wandb.init(project="nets", id="maker") as run:
            Path("weights").write_text("one")
            linked = run.link_model("weights", "resnet", name="net", aliases=["prod"])
            print(linked.qualified_name)
        """
    )
    linked = workplace.api().artifact(f"{workplace.user.name}/model-registry/resnet:prod")
    assert (linked.source_name, linked.is_link) == ("net:v0", True)


def test_collections_of_a_project_are_filtered_and_sorted(workplace: Workplace, org: str) -> None:
    script(workplace, org, 'for name in ["b", "a", "c"]: log(name, name)')
    project = workplace.api().project("nets", workplace.user.name)
    models = next(kind for kind in project.artifacts_types() if kind.name == "model")
    assert [found.name for found in models.collections()] == ["c", "a", "b"]
    assert [found.name for found in models.collections(order="name")] == ["a", "b", "c"]
    found = models.collections(filters={"name": {"$ne": "a"}}, order="-name")
    assert [collection.name for collection in found] == ["c", "b"]
    assert len(found) == 2
