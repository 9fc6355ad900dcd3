//! Artifacts as the client's core sends them, and what is refused.

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::client::{ADA, GRACE, TestDoor, local};

/// The MD5 of `hello` in base64, and in hexadecimal.
const HELLO: &str = "XUFAKrxLKna5cZ2REBfFkg==";
const HELLO_HEX: &str = "5d41402abc4b2a76b9719d911017c592";
/// A manifest with `hello` as `a.txt`.
const MANIFEST: &str =
    r#"{"version":1,"contents":{"a.txt":{"digest":"XUFAKrxLKna5cZ2REBfFkg==","size":5}}}"#;

const CREATE: &str = "mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state artifactSequence { latestArtifact { id } } } } }";
const FILES: &str = "mutation CreateArtifactFiles($input: CreateArtifactFilesInput!) { createArtifactFiles(input: $input) { files { edges { node { storagePath uploadUrl uploadHeaders uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } } artifact { id } } } } } }";
const COMMIT: &str = "mutation CommitArtifact($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { id digest } } }";

fn create(more: &Value) -> Value {
    let mut input = json!({
        "entityName": "ada", "projectName": "vision", "runName": null,
        "artifactTypeName": "dataset", "artifactCollectionName": "data",
        "digest": "2a1a6e6ed6c1ad6ca0cb5a2c15f1c0a0", "digestAlgorithm": "MANIFEST_MD5",
        "aliases": null, "enableDigestDeduplication": true,
    });
    let members = input.as_object_mut().expect("made as an object");
    members.extend(more.as_object().cloned().unwrap_or_default());
    json!({ "input": input })
}

fn file(artifact: &str, digest: &str) -> Value {
    json!({ "artifactFiles": [{ "artifactID": artifact, "name": "a.txt", "md5": digest, "digest": digest, "uploadPartsInput": null }], "storageLayout": "V2", "digestAlgorithm": "MANIFEST_MD5" })
}

/// Announces a version; returns its id.
pub(crate) async fn announce(door: &TestDoor, more: Value) -> String {
    let data = door.graphql(CREATE, create(&more)).await.data();
    let id = data["createArtifact"]["artifact"]["id"].as_str();
    id.expect("an id").to_owned()
}

/// Asks where to send a manifest; returns the address.
async fn manifest_address(door: &TestDoor, artifact: &str, md5: &str) -> String {
    let document = "mutation M($id: ID!, $digest: String!) { createArtifactManifest(input: {artifactID: $id, name: \"wandb_manifest.json\", digest: $digest, entityName: \"ada\", projectName: \"vision\", runName: \"\", type: FULL}) { artifactManifest { id file { id uploadUrl uploadHeaders } } } }";
    let variables = json!({ "id": artifact, "digest": md5 });
    let data = door.graphql(document, variables).await.data();
    let url = data["createArtifactManifest"]["artifactManifest"]["file"]["uploadUrl"].as_str();
    url.expect("an address").to_owned()
}

/// Logs `a.txt` as `data`; returns the version's id.
pub(crate) async fn log(door: &TestDoor) -> String {
    let id = announce(door, json!({ "digest": digest() })).await;
    let data = door
        .graphql(FILES, json!({ "input": file(&id, HELLO) }))
        .await
        .data();
    let node = &data["createArtifactFiles"]["files"]["edges"][0]["node"];
    assert_eq!(node["artifact"]["id"], id);
    let url = node["uploadUrl"].as_str().expect("an address");
    let headers = [("content-md5", HELLO)];
    let answer = door
        .request(Method::PUT, local(url), None, &headers, "hello")
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(answer.headers["etag"], format!("\"{HELLO}\""));
    let url = manifest_address(door, &id, &md5(MANIFEST)).await;
    let answer = door
        .request(Method::PUT, local(&url), None, &[], MANIFEST)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let data = door.graphql(COMMIT, json!({ "id": id })).await.data();
    assert_eq!(data["commitArtifact"]["artifact"]["id"], id);
    id
}

fn md5(text: &str) -> String {
    use md5::Digest as _;
    BASE64_STANDARD.encode(md5::Md5::digest(text.as_bytes()))
}

/// The digest of the version that [`log`] logs.
fn digest() -> String {
    use md5::Digest as _;
    let text = format!("wandb-artifact-manifest-v1\na.txt:{HELLO}\n");
    let digest: [u8; 16] = md5::Md5::digest(text.as_bytes()).into();
    format!("{:032x}", u128::from_be_bytes(digest))
}

#[tokio::test]
async fn a_version_is_read_by_its_addresses() {
    let door = TestDoor::start().await;
    let id = log(&door).await;
    let document = "query F($id: ID!) { artifact(id: $id) { state versionIndex size fileCount ttlDurationSeconds ttlIsInherited currentManifest { file { directUrl } } files(first: 10) { totalCount pageInfo { hasNextPage endCursor } edges { node { name displayName sizeBytes md5 digest directUrl artifact { id } } } } } }";
    let data = door.graphql(document, json!({ "id": id })).await.data();
    let artifact = &data["artifact"];
    assert_eq!(artifact["state"], "COMMITTED");
    assert_eq!(
        (&artifact["versionIndex"], &artifact["size"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(artifact["files"]["totalCount"], 1);
    let node = &artifact["files"]["edges"][0]["node"];
    assert_eq!(
        (&node["name"], &node["md5"]),
        (&json!("a.txt"), &json!(HELLO))
    );
    let url = node["directUrl"].as_str().expect("an address");
    assert!(url.contains("/wandb_artifacts/a.txt"), "{url}");
    let range = [("range", "bytes=1-3")];
    let part = door
        .request(Method::GET, local(url), None, &range, "")
        .await;
    assert_eq!(
        (part.status, &part.body[..]),
        (StatusCode::PARTIAL_CONTENT, &b"ell"[..])
    );
    let beyond = [("range", "bytes=9-")];
    let beyond = door
        .request(Method::GET, local(url), None, &beyond, "")
        .await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    let put = door
        .request(
            Method::PUT,
            local(url).trim_end_matches("/wandb_artifacts/a.txt"),
            None,
            &[],
            "x",
        )
        .await;
    assert_eq!(put.status, StatusCode::FORBIDDEN);
    let url = artifact["currentManifest"]["file"]["directUrl"]
        .as_str()
        .expect("an address");
    let manifest = door
        .request(Method::GET, local(url), None, &[], "")
        .await
        .json();
    assert_eq!(
        manifest["contents"]["a.txt"],
        json!({ "digest": HELLO, "size": 5 })
    );

    for path in [
        format!("/artifactsV2/default/ada/vision/data/{id}//{HELLO_HEX}/a.txt"),
        format!("/artifacts/ada/{HELLO_HEX}"),
    ] {
        let found = door.request(Method::GET, &path, Some(ADA), &[], "").await;
        assert_eq!(found.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
        let location = found.headers["location"].to_str().expect("text");
        let bytes = door
            .request(Method::GET, local(location), None, &[], "")
            .await;
        assert_eq!(&bytes.body[..], b"hello");
        let hidden = door.request(Method::GET, &path, Some(GRACE), &[], "").await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_content_that_is_here_is_not_asked_for() {
    let door = TestDoor::start().await;
    let first = log(&door).await;
    let second = announce(&door, json!({ "digest": "0".repeat(32) })).await;
    let data = door
        .graphql(FILES, json!({ "input": file(&second, HELLO) }))
        .await
        .data();
    let node = &data["createArtifactFiles"]["files"]["edges"][0]["node"];
    assert_eq!(node["uploadUrl"], Value::Null);
    assert_eq!(node["artifact"]["id"], first);
    let known = announce(&door, json!({ "digest": digest() })).await;
    assert_eq!(known, first);
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason() {
    let door = TestDoor::start().await;
    log(&door).await;
    for (more, reason) in [
        (
            json!({ "artifactCollectionName": "a/b" }),
            "artifact name `a/b` is not valid",
        ),
        (
            json!({ "artifactCollectionName": null }),
            "no artifact is named",
        ),
        (
            json!({ "artifactTypeName": "" }),
            "artifact type `` is not valid",
        ),
        (
            json!({ "artifactTypeName": "model" }),
            "has type `dataset`, not `model`",
        ),
        (json!({ "digest": "../x" }), "digest `../x`"),
        (json!({ "metadata": "[1]" }), "is no JSON object"),
        (json!({ "metadata": "{" }), "artifact metadata is not valid"),
        (
            json!({ "runName": "missing" }),
            "run `missing` does not exist",
        ),
        (
            json!({ "entityName": "grace" }),
            "entity `grace` does not exist",
        ),
        (
            json!({ "digestAlgorithm": "MANIFEST_XXH128" }),
            "named by MD5",
        ),
        (json!({ "clientID": "x".repeat(1000) }), "1 to 256 bytes"),
        (
            json!({ "aliases": [{ "alias": "a:b", "artifactCollectionName": "data" }] }),
            "artifact alias `a:b` is not valid",
        ),
        (
            json!({ "aliases": [{ "alias": "v7", "artifactCollectionName": "data" }] }),
            "which names a version",
        ),
        (
            json!({ "tags": [{ "tagName": "a/b" }] }),
            "artifact tag `a/b` is not valid",
        ),
    ] {
        let answer = door.graphql(CREATE, create(&more)).await;
        assert!(
            answer.status.is_client_error(),
            "{reason}: {}",
            answer.status
        );
        assert!(answer.message().contains(reason), "{}", answer.message());
    }
    let id = announce(&door, json!({ "digest": "1".repeat(32) })).await;
    for (input, reason) in [
        (file(&id, "XUFA"), "digest `XUFA` of file `a.txt`"),
        (
            file("UnVuOjE=", HELLO),
            "artifact version `UnVuOjE=` does not exist",
        ),
    ] {
        let answer = door.graphql(FILES, json!({ "input": input })).await;
        assert!(answer.message().contains(reason), "{}", answer.message());
    }
    let url = manifest_address(&door, &id, &md5(MANIFEST)).await;
    let wrong = door
        .request(Method::PUT, local(&url), None, &[], "{}")
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.message().contains("but the bytes have"),
        "{}",
        wrong.message()
    );
    let sent = door
        .request(Method::PUT, local(&url), None, &[], MANIFEST)
        .await;
    assert_eq!(sent.status, StatusCode::OK);
    let answer = door.graphql(COMMIT, json!({ "id": id })).await;
    assert!(
        answer.message().contains("was announced with digest"),
        "{}",
        answer.message()
    );
}

#[tokio::test]
async fn versions_of_a_collection_are_filtered_and_sorted() {
    let door = TestDoor::start().await;
    log(&door).await;
    let document = "query V($filters: JSONString, $order: String) { project(name: \"vision\", entityName: \"ada\") { artifactType(name: \"dataset\") { artifactCollection(name: \"data\") { artifacts(filters: $filters, order: $order) { totalCount edges { version } } } } } }";
    let door = &door;
    let ask = async |filters: Value, order: &str| {
        let variables = json!({ "filters": filters.to_string(), "order": order });
        door.graphql(document, variables).await
    };
    let cases = [
        (json!({}), "", true),
        (json!({ "state": "COMMITTED" }), "-createdAt", true),
        (
            json!({ "state": "COMMITTED", "size": { "$lte": 5 } }),
            "",
            true,
        ),
        (json!({ "size": { "$gt": 5 } }), "", false),
        (json!({ "version": "v0" }), "+versionIndex", true),
        (json!({ "alias": "nobody" }), "", false),
        (json!({ "state": "PENDING" }), "", false),
    ];
    for (filters, order, fits) in cases {
        let data = ask(filters.clone(), order).await.data();
        let found = &data["project"]["artifactType"]["artifactCollection"]["artifacts"];
        let expected = if fits {
            json!({ "totalCount": 1, "edges": [{ "version": "v0" }] })
        } else {
            json!({ "totalCount": 0, "edges": [] })
        };
        assert_eq!(*found, expected, "{filters}");
    }
    let answer = ask(json!({ "colour": 1 }), "").await;
    let told = answer.message();
    assert!(told.contains("cannot be filtered by `colour`"), "{told}");
    let answer = ask(json!({}), "-colour").await;
    let told = answer.message();
    assert!(told.contains("cannot be sorted by `colour`"), "{told}");
}
