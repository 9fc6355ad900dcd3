"""The client's wire protocol, spoken by hand: for load, and for what no client would send."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

Json = dict[str, Any]

UPSERT_BUCKET = """
mutation UpsertBucket(
  $id: String, $name: String, $project: String, $entity: String, $config: JSONString, $tags: [String!]
) {
  upsertBucket(input: {id: $id, name: $name, modelName: $project, entityName: $entity, config: $config, tags: $tags}) {
    bucket { id name displayName config project { name entity { name } } historyLineCount }
    inserted
  }
}
"""

CREATE_RUN_FILES = """
mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) {
    runID
    uploadHeaders
    files { name uploadUrl }
  }
}
"""

CREATE_ARTIFACT = """
mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id } } }
"""

CREATE_ARTIFACT_MANIFEST = """
mutation CreateArtifactManifest(
  $artifactID: ID!, $name: String!, $digest: String!, $entityName: String!, $projectName: String!
) {
  createArtifactManifest(
    input: {
      artifactID: $artifactID, name: $name, digest: $digest, entityName: $entityName, projectName: $projectName,
      runName: "", type: FULL
    }
  ) { artifactManifest { file { uploadUrl uploadHeaders } } }
}
"""

COMMIT_ARTIFACT = """
mutation CommitArtifact($artifactID: ID!) { commitArtifact(input: {artifactID: $artifactID}) { artifact { id } } }
"""

EMPTY_MANIFEST = b'{"version":1,"contents":{}}'

HISTORY = "wandb-history.jsonl"
EVENTS = "wandb-events.jsonl"
SUMMARY = "wandb-summary.json"
CONSOLE = "output.log"


def basic(api_key: str) -> dict[str, str]:
    """Return the header that carries a key."""
    token = base64.b64encode(f"api:{api_key}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


@dataclass
class Wire:
    """Requests as one user's client would send them. Answers come back as they are, whatever the status."""

    base_url: str
    api_key: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def graphql(self, query: str, variables: Json | None = None) -> requests.Response:
        """POST a GraphQL document."""
        return self.session.post(
            f"{self.base_url}/graphql",
            json={"query": query, "variables": variables, "operationName": ""},
            headers=basic(self.api_key),
            timeout=60,
        )

    def create_run(self, project: str, name: str, **fields: Any) -> requests.Response:
        """Make or update a run of the caller's own entity."""
        return self.graphql(UPSERT_BUCKET, {"project": project, "name": name, **fields})

    def run(self, project: str, name: str, **fields: Any) -> WireRun:
        """Make a run that must come into being."""
        bucket = data_of(self.create_run(project, name, **fields))["upsertBucket"]["bucket"]
        return WireRun(self, bucket["project"]["entity"]["name"], project, name)

    def log_version(self, entity: str, project: str, collection: str) -> None:
        """Make a version of a model without any files."""
        place = {"entityName": entity, "projectName": project}
        new = {
            **place,
            "artifactTypeName": "model",
            "artifactCollectionName": collection,
            "digest": hashlib.md5(b"wandb-artifact-manifest-v1\n").hexdigest(),  # noqa: S324 - as the client does
            "digestAlgorithm": "MANIFEST_MD5",
        }
        made = data_of(self.graphql(CREATE_ARTIFACT, {"input": new}))["createArtifact"]
        artifact = {"artifactID": made["artifact"]["id"]}
        digest = base64.b64encode(hashlib.md5(EMPTY_MANIFEST).digest()).decode()  # noqa: S324 - as the client does
        manifest = {**artifact, **place, "name": "wandb_manifest.json", "digest": digest}
        made = data_of(self.graphql(CREATE_ARTIFACT_MANIFEST, manifest))["createArtifactManifest"]
        file = made["artifactManifest"]["file"]
        headers = _headers(file["uploadHeaders"])
        response = self.session.put(file["uploadUrl"], data=EMPTY_MANIFEST, headers=headers, timeout=60)
        assert response.ok, response.text
        data_of(self.graphql(COMMIT_ARTIFACT, artifact))


@dataclass
class WireRun:
    """A run that is written by hand."""

    wire: Wire
    entity: str
    project: str
    name: str

    @property
    def stream_url(self) -> str:
        """Where its file stream is posted."""
        path = "/".join(quote(part, safe="") for part in (self.entity, self.project, self.name))
        return f"{self.wire.base_url}/files/{path}/file_stream"

    def post_raw(self, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
        """POST bytes to its file stream."""
        return self.wire.session.post(
            self.stream_url,
            data=body,
            headers={
                "Content-Type": "application/json",
                **basic(self.wire.api_key),
                **(headers or {}),
            },
            timeout=180,
        )

    def post(self, body: Json, headers: dict[str, str] | None = None) -> requests.Response:
        """POST to its file stream."""
        return self.post_raw(json.dumps(body).encode(), headers)

    def log(self, offset: int, lines: list[str]) -> requests.Response:
        """Put history lines at an offset."""
        return self.post({"files": {HISTORY: {"offset": offset, "content": lines}}})

    def log_rows(self, offset: int, rows: list[Json]) -> requests.Response:
        """Put history rows at an offset."""
        return self.log(offset, [json.dumps(row) for row in rows])

    def finish(self, exit_code: int = 0) -> requests.Response:
        """Report the end."""
        return self.post({"complete": True, "exitcode": exit_code})

    def announce(self, *names: str) -> requests.Response:
        """Ask where files go."""
        return self.wire.graphql(
            CREATE_RUN_FILES,
            {"entity": self.entity, "project": self.project, "run": self.name, "files": names},
        )

    def upload_addresses(self, *names: str) -> list[Upload]:
        """Ask where files go, which must succeed: an address and headers for each name."""
        response = self.announce(*names)
        assert response.status_code == 200, response.text
        addresses = uploads(response)
        assert len(addresses) == len(names)
        return addresses


Upload = tuple[str, dict[str, str]]


def data_of(response: requests.Response) -> Json:
    """Return what a document asked for, of which nothing may have failed."""
    assert response.status_code == 200, response.text
    answer = response.json()
    assert not answer.get("errors"), answer
    data: Json = answer["data"]
    return data


def _headers(texts: list[str] | None) -> dict[str, str]:
    return dict(text.split(":", 1) for text in texts or [])


def uploads(response: requests.Response) -> list[Upload]:
    """Read addresses and headers out of the answer to an announcement of files."""
    created = data_of(response)["createRunFiles"]
    headers = _headers(created["uploadHeaders"])
    return [(file["uploadUrl"], headers) for file in created["files"]]


def rows(first_step: int, n_rows: int) -> list[Json]:
    """Return plausible rows, each telling its step."""
    return [
        {
            "_step": step,
            "_runtime": step / 10,
            "_timestamp": 1.7e9 + step / 10,
            "step_again": step,
            "loss": 1 / (1 + step),
        }
        for step in range(first_step, first_step + n_rows)
    ]
