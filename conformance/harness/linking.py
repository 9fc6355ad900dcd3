"""Versions that come into collections of a registry and leave them, while the server is killed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.load import Changer

if TYPE_CHECKING:
    import requests

    from harness.server import Server, User
    from harness.wire import Json

PROJECT = "nets"
REGISTRY = "models"
REGISTRY_PROJECT = f"wandb-registry-{REGISTRY}"
SHARED = "shared"
"""The collection that all linkers link into."""

N_SOURCES = 3
NAMES = ["best", "prod", "staging"]

Aliases = frozenset[str]


def open_registry(server: Server, user: User) -> str:
    """Make an organization with a registry; returns its name."""
    organization = f"acme-of-{user.name}"
    native = server.native(user)
    native.post("/organizations", {"name": organization, "members": []})
    native.post(f"/organizations/{organization}/registries", {"name": REGISTRY})
    return organization


@dataclass(kw_only=True, eq=False)
class Linker(Changer):
    """Links versions of its own into a collection of its own, of which it knows all, and into one that others use."""

    number: int
    organization: str
    taken: list[int] = field(default_factory=list)
    """The numbers that its versions got in the shared collection."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sources = [f"net-{self.number}-{n}" for n in range(N_SOURCES)]
        for source in self.sources:
            self.wire.log_version(self.user.name, PROJECT, source)
        self._shelf = f"shelf-{self.number}"
        self._on_shelf: dict[int, tuple[str, Aliases]] = {}
        self._n_taken = 0
        self._shared: dict[str, Aliases] = {}
        self._shared_numbers: dict[str, int] = {}
        self._n_links: Counter[tuple[str, str]] = Counter()
        self._n_unlinks: Counter[tuple[str, str]] = Counter()

    def work(self) -> None:
        """Link, name and unlink."""
        while self.goes_on:
            if self.random.random() < 0.5:
                self._change_shelf()
            else:
                self._change_shared()

    def _change_shelf(self) -> None:
        before, dice = self._on_shelf, self.random.random()
        names = self._some_names()
        if before and dice < 0.3:
            number = self.random.choice(list(before))
            source = before[number][0]
            after = {key: held for key, held in before.items() if key != number}
            self.change(lambda: self._unlink(self._shelf, number), self._look_at_shelf, before, after)
            self._n_unlinks[self._shelf, source] += 1
        elif before and dice < 0.5:
            number = self.random.choice(list(before))
            source, had = before[number]
            gone = frozenset(self.random.sample(NAMES, 1)) - names
            after = {key: (held[0], held[1] - names) for key, held in before.items()}
            after[number] = (source, (had | names) - gone)
            self.change(lambda: self._rename(self._shelf, number, names, gone), self._look_at_shelf, before, after)
        else:
            source = self.random.choice(self.sources)
            known = [key for key, held in before.items() if held[0] == source]
            number = known[0] if known else self._n_taken
            had = before[number][1] if known else frozenset()
            gets = names | {"latest"}
            after = {key: (held[0], held[1] - gets) for key, held in before.items()}
            after[number] = (source, had | gets)
            self.change(lambda: self._link(self._shelf, source, names), self._look_at_shelf, before, after)
            self._n_taken = max(self._n_taken, number + 1)
            self._n_links[self._shelf, source] += not known
        self._on_shelf = after

    def _change_shared(self) -> None:
        before = self._shared
        names = frozenset(f"{name}-{self.number}" for name in self._some_names())
        source = self.random.choice(self.sources)
        if source in before and self.random.random() < 0.5:
            number = self._shared_numbers[source]
            after = {key: held for key, held in before.items() if key != source}
            self.change(lambda: self._unlink(SHARED, number), self._look_at_shared, before, after)
            self._n_unlinks[SHARED, source] += 1
        else:
            after = {key: held - names for key, held in before.items()}
            after[source] = before.get(source, frozenset()) | names
            known = self._shared_numbers.get(source)
            self.change(lambda: self._link(SHARED, source, names), self._look_at_shared, before, after)
            number = self._shared_numbers[source]
            if known is None:
                self.taken.append(number)
                self._n_links[SHARED, source] += 1
            else:
                assert number == known, f"`{source}` was v{known} and is v{number}"
        self._shared = after

    def _some_names(self) -> Aliases:
        return frozenset(self.random.sample(NAMES, self.random.randrange(len(NAMES) + 1)))

    def _versions(self, collection: str) -> list[Json]:
        path = f"/collections/{self.organization}/{REGISTRY_PROJECT}/{collection}/versions"
        response = self.until_answered(lambda: self.native.request("GET", path, limit=200))
        if response.status_code == 404:
            return []
        assert response.ok, response.text
        versions: list[Json] = response.json()["items"]
        return versions

    def _look_at_shelf(self) -> dict[int, tuple[str, Aliases]]:
        return {
            _number(version): (version["source"]["collection"], frozenset(version["aliases"]))
            for version in self._versions(self._shelf)
        }

    def _look_at_shared(self) -> dict[str, Aliases]:
        versions = self._versions(SHARED)
        n_latest = sum("latest" in version["aliases"] for version in versions)
        assert n_latest <= 1, f"{n_latest} versions are the latest"
        own = {version["source"]["collection"]: version for version in versions}
        own = {source: version for source, version in own.items() if source in self.sources}
        self._shared_numbers = {source: _number(version) for source, version in own.items()}
        # Which one is the latest, others decide, too.
        return {source: frozenset(version["aliases"]) - {"latest"} for source, version in own.items()}

    def _link(self, collection: str, source: str, names: Aliases) -> requests.Response:
        path = f"/organizations/{self.organization}/registries/{REGISTRY}/collections/{collection}/versions"
        body = {"artifact": f"{self.user.name}/{PROJECT}/{source}:v0", "aliases": sorted(names)}
        return self.native.request("POST", path, body)

    def _unlink(self, collection: str, number: int) -> requests.Response:
        path = f"/organizations/{self.organization}/registries/{REGISTRY}/collections/{collection}/versions/v{number}"
        return self.native.request("DELETE", path)

    def _rename(self, collection: str, number: int, add: Aliases, remove: Aliases) -> requests.Response:
        path = f"/artifacts/{self.organization}/{REGISTRY_PROJECT}/{collection}/v{number}"
        return self.native.request("PATCH", path, {"add_aliases": sorted(add), "remove_aliases": sorted(remove)})

    def n_wrong(self) -> int:
        """Count what is not as it was left, and links that the histories of the versions do not tell as they were."""
        n_wrong = int(self._look_at_shelf() != self._on_shelf) + int(self._look_at_shared() != self._shared)
        on_shelf = dict(self._on_shelf.values())
        for source in self.sources:
            path = f"/artifacts/{self.user.name}/{PROJECT}/{source}/v0/history"
            history = self.native.get(path)["items"]
            for collection, held in ((self._shelf, on_shelf), (SHARED, self._shared)):
                n_links, n_unlinks, aliases = self._told(history, collection)
                if collection == SHARED:
                    aliases -= {"latest"}
                counted = (self._n_links[collection, source], self._n_unlinks[collection, source])
                n_wrong += (n_links, n_unlinks) != counted
                n_wrong += aliases != held.get(source, frozenset())
        return n_wrong

    def _told(self, history: list[Json], collection: str) -> tuple[int, int, Aliases]:
        place = f"{self.organization}/{REGISTRY_PROJECT}/{collection}"
        n_links, n_unlinks, aliases = 0, 0, set[str]()
        for event in history:
            alias, _, where = (event["detail"] or "").rpartition(" @ ")
            if where != place:
                continue
            match event["kind"]:
                case "linked":
                    n_links += 1
                case "unlinked":
                    n_unlinks += 1
                    aliases.clear()
                case "alias_added":
                    aliases.add(alias)
                case "alias_removed":
                    aliases.discard(alias)
        return n_links, n_unlinks, frozenset(aliases)


def _number(version: Json) -> int:
    return int(version["version"].removeprefix("v"))
