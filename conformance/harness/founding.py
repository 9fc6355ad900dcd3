"""Organizations and teams that are made, change their members and go, while the server is killed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.load import Changer

if TYPE_CHECKING:
    import requests

    from harness.server import User

N_CHANGES = 12
"""Changes to an organization before it is deleted."""

TEAMS = ["red", "green", "blue"]
ROLES = ["admin", "member", "viewer"]

Members = dict[str, str]
"""Roles by username."""


class Acme(NamedTuple):
    """An organization with its teams."""

    members: Members
    teams: dict[str, Members]


@dataclass(kw_only=True, eq=False)
class Founder(Changer):
    """Makes an organization after the other, each with teams and members that come and go, and deletes it."""

    others: list[User]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._n_founded = 0
        self._acme: Acme | None = None

    @property
    def _organization(self) -> str:
        return f"org-{self.seed}-{self._n_founded}"

    def work(self) -> None:
        """Found, change and delete."""
        while self.goes_on:
            members = self._some_members()
            body = {"name": self._organization, "members": _listed(members)}
            self._become(Acme(members, {}), "POST", "/organizations", body)
            for _ in range(N_CHANGES):
                if not self.goes_on:
                    return
                self._change_something()
            for team in list(self._now.teams):
                self._delete_team(team)
            self._become(None, "DELETE", f"/organizations/{self._organization}")
            self._n_founded += 1

    def n_wrong(self) -> int:
        """Count what is not as it was left."""
        return int(self._look() != self._acme)

    @property
    def _now(self) -> Acme:
        assert self._acme is not None
        return self._acme

    def _change_something(self) -> None:
        dice = self.random.random()
        missing = [team for team in TEAMS if team not in self._now.teams]
        team = self.random.choice(list(self._now.teams) or [None])
        username, role = self.random.choice(self.others).name, self.random.choice(ROLES)
        if missing and dice < 0.3:
            self._make_team(missing[0])
        elif team is not None and dice < 0.4:
            self._delete_team(team)
        elif team is not None and dice < 0.6:
            self._put_into_team(team, username, role)
        elif team is not None and dice < 0.7 and username in self._now.teams[team]:
            teams = {**self._now.teams, team: _without(self._now.teams[team], username)}
            self._become(Acme(self._now.members, teams), "DELETE", f"{self._team(team)}/members/{username}")
        elif dice < 0.85 or username not in self._now.members:
            members = {**self._now.members, username: role}
            path = f"/organizations/{self._organization}/members/{username}"
            self._become(Acme(members, self._now.teams), "PUT", path, {"role": role})
        else:
            # Whoever leaves the organization leaves its teams, too.
            teams = {team: _without(members, username) for team, members in self._now.teams.items()}
            path = f"/organizations/{self._organization}/members/{username}"
            self._become(Acme(_without(self._now.members, username), teams), "DELETE", path)

    def _make_team(self, team: str) -> None:
        members = self._some_members()
        body = {"name": f"{self._organization}-{team}", "organization": self._organization, "members": _listed(members)}
        teams = {**self._now.teams, team: members}
        self._become(Acme(self._joined_by(members), teams), "POST", "/teams", body)

    def _put_into_team(self, team: str, username: str, role: str) -> None:
        members = {**self._now.teams[team], username: role}
        teams = {**self._now.teams, team: members}
        path = f"{self._team(team)}/members/{username}"
        self._become(Acme(self._joined_by(members), teams), "PUT", path, {"role": role})

    def _delete_team(self, team: str) -> None:
        teams = {name: members for name, members in self._now.teams.items() if name != team}
        self._become(Acme(self._now.members, teams), "DELETE", self._team(team))

    def _joined_by(self, members: Members) -> Members:
        """Return the members of the organization when these are in a team of it."""
        return {**dict.fromkeys(members, "member"), **self._now.members}

    def _team(self, team: str) -> str:
        return f"/teams/{self._organization}-{team}"

    def _some_members(self) -> Members:
        others = self.random.sample(self.others, self.random.randrange(1, len(self.others) + 1))
        return {self.user.name: "admin", **{other.name: self.random.choice(ROLES) for other in others}}

    def _become(self, after: Acme | None, method: str, path: str, body: Any = None) -> None:
        self.change(lambda: self.native.request(method, path, body), self._look, self._acme, after)
        self._acme = after

    def _look(self) -> Acme | None:
        teams = {team: self._seen(self._team(team)) for team in TEAMS}
        found = {team: _members(seen.json()) for team, seen in teams.items() if seen is not None}
        organization = self._seen(f"/organizations/{self._organization}")
        if organization is None:
            assert not found, f"`{self._organization}` is gone, but not its teams {list(found)}"
            return None
        named = {team["name"] for team in organization.json()["teams"]}
        assert named == {f"{self._organization}-{team}" for team in found}, f"the organization names the teams {named}"
        return Acme(_members(organization.json()), found)

    def _seen(self, path: str) -> requests.Response | None:
        response = self.until_answered(lambda: self.native.request("GET", path))
        if response.status_code == 404:
            return None
        assert response.ok, response.text
        return response


def _listed(members: Members) -> list[dict[str, str]]:
    return [{"username": username, "role": role} for username, role in members.items()]


def _members(body: Any) -> Members:
    return {member["username"]: member["role"] for member in body["members"]}


def _without(members: Members, username: str) -> Members:
    return {name: role for name, role in members.items() if name != username}
