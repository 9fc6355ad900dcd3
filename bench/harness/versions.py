"""Logging and fetching artifact versions by the requests that the client sends, without the client."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.server import Ballast, Connection, Run
from harness.transfers import Get, Put, transfer

FILES_AT_ONCE = 1000
PAGE = 5000

CREATE = """
mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }
"""
FILES = """
mutation CreateArtifactFiles($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) { files { edges { node {
    storagePath uploadUrl uploadHeaders
    uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } }
    artifact { id }
  } } } }
}
"""
COMPLETE = """
mutation Complete($parts: [UploadPartsInput!]!, $artifact: ID!, $path: String!, $upload: String!) {
  completeMultipartUploadArtifact(input: {
    completeMultipartAction: Complete, completedParts: $parts, artifactID: $artifact, storagePath: $path, uploadID: $upload
  }) { digest }
}
"""
MANIFEST = """
mutation M($artifact: ID!, $digest: String!, $entity: String!, $project: String!, $run: String!) {
  createArtifactManifest(input: {
    artifactID: $artifact, name: "wandb_manifest.json", digest: $digest, entityName: $entity, projectName: $project,
    runName: $run, type: FULL
  }) { artifactManifest { file { uploadUrl uploadHeaders } } }
}
"""
COMMIT = "mutation C($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { id state } } }"
DIRECT = """
query F($id: ID!, $after: String) {
  artifact(id: $id) { files(first: 5000, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { sizeBytes directUrl } }
  } }
}
"""


def base64_md5(*parts: bytes) -> str:
    """Return the digest under which a file of these parts is known."""
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()).decode()


class File(NamedTuple):
    """A file's digest, the parts in which it is sent, and theirs; one of one part is sent whole."""

    digest: str
    parts: tuple[bytes, ...]
    part_digests: tuple[str, ...]

    @classmethod
    def of(cls, *parts: bytes) -> File:
        """Hash it."""
        known = {id(part): base64_md5(part) for part in parts}
        return cls(base64_md5(*parts), parts, tuple(known[id(part)] for part in parts))

    @property
    def n_bytes(self) -> int:
        """Its size."""
        return sum(len(part) for part in self.parts)


@dataclass
class Announced:
    """A version that the server knows of, and what of it is still to be sent."""

    id: str
    puts: list[Put] = field(default_factory=list)
    parts: list[tuple[str, str, int, int]] = field(default_factory=list)
    """Of files in parts: path in the store, id of the upload, and the places of their requests in `puts`."""
    births: dict[str, str] = field(default_factory=dict)


class Versions:
    """Versions of one artifact that a run logs."""

    def __init__(self, server: Ballast, run: Run, name: str) -> None:
        self._connection: Connection = server.connect()
        self._run, self._name = run, name

    def announce(self, files: Mapping[str, File]) -> Announced:
        """Tell the server of a version; it says what it does not have yet."""
        lines = "".join(f"{path}:{files[path].digest}\n" for path in sorted(files))
        digest = hashlib.md5(f"wandb-artifact-manifest-v1\n{lines}".encode(), usedforsecurity=False).hexdigest()
        where = {"entityName": self._run.entity, "projectName": self._run.project, "runName": self._run.name}
        artifact = self._ask(CREATE, input={
            **where, "artifactTypeName": "dataset", "artifactCollectionName": self._name, "digest": digest,
            "digestAlgorithm": "MANIFEST_MD5", "enableDigestDeduplication": True,
            "aliases": [{"alias": "latest", "artifactCollectionName": self._name}],
        })["createArtifact"]["artifact"]  # fmt: skip
        announced = Announced(artifact["id"])
        items = list(files.items())
        for begin in range(0, len(items), FILES_AT_ONCE):
            self._announce_files(announced, items[begin : begin + FILES_AT_ONCE])
        return announced

    def _announce_files(self, announced: Announced, files: Sequence[tuple[str, File]]) -> None:
        specs = [
            {"artifactID": announced.id, "name": path, "md5": file.digest, "uploadPartsInput": _parts_input(file)}
            for path, file in files
        ]
        answer = self._ask(FILES, input={"artifactFiles": specs, "storageLayout": "V2"})
        edges = answer["createArtifactFiles"]["files"]["edges"]
        for (path, file), edge in zip(files, edges, strict=True):
            node = edge["node"]
            announced.births[path] = node["artifact"]["id"]
            if node["uploadUrl"] is None and node["uploadMultipartUrls"] is None:
                continue
            first = len(announced.puts)
            if multipart := node["uploadMultipartUrls"]:
                for target, part, digest in zip(multipart["uploadUrlParts"], file.parts, file.part_digests, strict=True):
                    announced.puts.append(Put(target["uploadUrl"], part, {"Content-MD5": digest}))
                announced.parts.append((node["storagePath"], multipart["uploadID"], first, len(announced.puts)))
            else:
                body = file.parts[0] if len(file.parts) == 1 else b"".join(file.parts)
                announced.puts.append(Put(node["uploadUrl"], body, _headers(node["uploadHeaders"])))

    def commit(self, announced: Announced, files: Mapping[str, File], etags: Sequence[str]) -> None:
        """Join what was sent in parts, send the manifest, and make the version visible."""
        for path, upload, first, end in announced.parts:
            completed = [{"partNumber": number, "hexMD5": etag} for number, etag in enumerate(etags[first:end], start=1)]
            self._ask(COMPLETE, parts=completed, artifact=announced.id, path=path, upload=upload)
        contents = {
            path: {"digest": file.digest, "birthArtifactID": announced.births[path], "size": file.n_bytes}
            for path, file in files.items()
        }
        policy = {"storagePolicy": "wandb-storage-policy-v1", "storagePolicyConfig": {"storageLayout": "V2"}}
        manifest = json.dumps({"version": 1, **policy, "contents": contents}).encode()
        answer = self._ask(
            MANIFEST,
            artifact=announced.id,
            digest=base64_md5(manifest),
            entity=self._run.entity,
            project=self._run.project,
            run=self._run.name,
        )
        target = answer["createArtifactManifest"]["artifactManifest"]["file"]
        transfer([Put(target["uploadUrl"], manifest, _headers(target["uploadHeaders"]))], 1)
        self._ask(COMMIT, id=announced.id)

    def addresses(self, announced: Announced) -> list[Get]:
        """Return from where each file is fetched."""
        found: list[Get] = []
        after = None
        while True:
            page = self._ask(DIRECT, id=announced.id, after=after)["artifact"]["files"]
            nodes = [edge["node"] for edge in page["edges"]]
            found.extend(Get(node["directUrl"], int(node["sizeBytes"])) for node in nodes)
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    def _ask(self, document: str, **variables: Any) -> Any:
        return self._connection.graphql(document, variables)


def _parts_input(file: File) -> list[dict[str, Any]] | None:
    if len(file.parts) == 1:
        return None
    digests = (base64.b64decode(digest).hex() for digest in file.part_digests)
    return [{"partNumber": number, "hexMD5": digest} for number, digest in enumerate(digests, start=1)]


def _headers(lines: Sequence[str] | None) -> dict[str, str]:
    """Headers come as `Name:value`."""
    return dict(line.split(":", 1) for line in lines or ())
