//! A server of its own for each test, and a client that sends what the wandb client sends.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use ballast_blobs::{BlobOptions, BlobUrl, Blobs};
use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_testing::{SeededEntropy, TestClock};
use ballast_tracking::people::NewUser;
use ballast_tracking::{Limits, Settings, Tracking};
use ballast_wandb::WandbSettings;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The key of the admin `ada`.
pub(crate) const ADA: &str = "ada00000000000000000000000000000000000ad";
/// The key of the user `grace`.
pub(crate) const GRACE: &str = "grace0000000000000000000000000000000grace";

/// Largest request body of a test server, in bytes.
pub(crate) const MAX_REQUEST_BYTES: u64 = 4 << 20;

/// A server.
pub(crate) struct TestDoor {
    app: Router,
    pub(crate) tracking: Tracking,
    _folder: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// The data of a GraphQL answer without errors.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        let mut json = self.json();
        assert_eq!(json.get("errors"), None, "{json}");
        assert_eq!(self.status, StatusCode::OK, "{json}");
        json["data"].take()
    }

    /// The message of the first error.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        let json = self.json();
        let message = json["errors"][0]["message"].as_str();
        message
            .unwrap_or_else(|| panic!("no error: {json}"))
            .to_owned()
    }
}

impl TestDoor {
    /// A fresh server with the admin `ada` and the user `grace`.
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (meta, blobs) = stores(folder.path()).await;
        let now = "2026-01-02T03:04:05Z".parse().expect("a time");
        let limits = Limits {
            request_bytes: MAX_REQUEST_BYTES,
            ..Limits::default()
        };
        let tracking = Tracking::open(
            meta,
            blobs,
            Settings {
                limits,
                ..Settings::default()
            },
            ballast_wandb::route_roots()
                .iter()
                .map(|&root| root.to_owned()),
            Arc::new(TestClock::at(now)),
            Arc::new(SeededEntropy::new(1)),
        )
        .await
        .expect("the stores open");
        tracking
            .bootstrap("ada", Some(ADA))
            .await
            .expect("the admin is made");
        let ada = tracking
            .authenticate_key(ADA)
            .await
            .expect("the database answers")
            .expect("the key is known");
        let grace = NewUser {
            username: "grace".to_owned(),
            email: "grace@example.org".to_owned(),
            api_key: Some(GRACE.to_owned()),
            ..NewUser::default()
        };
        tracking
            .create_user(&ada, grace)
            .await
            .expect("the user is made");
        let settings = WandbSettings {
            max_request_bytes: MAX_REQUEST_BYTES,
            ..WandbSettings::default()
        };
        let app = ballast_wandb::router(tracking.clone(), settings);
        Self {
            app,
            tracking,
            _folder: folder,
        }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .app
            .clone()
            .oneshot(request)
            .await
            .expect("the router never fails");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Sends a request with a key and a body.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "box:8080");
        if let Some(key) = key {
            let credentials = BASE64_STANDARD.encode(format!("api:{key}"));
            request = request.header(header::AUTHORIZATION, format!("Basic {credentials}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a valid request"))
            .await
    }

    /// Executes a GraphQL document for `ada`.
    pub(crate) async fn graphql(&self, document: &str, variables: Value) -> Answer {
        self.graphql_as(ADA, document, variables).await
    }

    /// Executes a GraphQL document.
    pub(crate) async fn graphql_as(&self, key: &str, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables, "operationName": "" });
        self.request(Method::POST, "/graphql", Some(key), &[], body.to_string())
            .await
    }

    /// Makes the run `ada/vision/{run}`, or tells something about it; returns the answer's `bucket`.
    pub(crate) async fn upsert(&self, run: &str, more: Value) -> Value {
        let answer = self.try_upsert(run, more).await;
        answer.data()["upsertBucket"].take()
    }

    /// Makes the run `ada/vision/{run}`, or tells something about it.
    pub(crate) async fn try_upsert(&self, run: &str, more: Value) -> Answer {
        let mut input = json!({ "name": run, "modelName": "vision", "entityName": null });
        let members = input.as_object_mut().expect("made as an object");
        members.extend(more.as_object().cloned().unwrap_or_default());
        self.graphql(UPSERT, json!({ "input": input })).await
    }

    /// Sends a file stream request of the run `ada/vision/{run}`.
    pub(crate) async fn stream(&self, run: &str, body: Value) -> Answer {
        let path = format!("/files/ada/vision/{run}/file_stream");
        self.request(Method::POST, &path, Some(ADA), &[], body.to_string())
            .await
    }

    /// Logs rows of the run `ada/vision/{run}` from line `offset` on.
    pub(crate) async fn log(&self, run: &str, offset: u64, rows: &[&str]) {
        let body =
            json!({ "files": { "wandb-history.jsonl": { "offset": offset, "content": rows } } });
        let answer = self.stream(run, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    }

    /// Reads fields of the run `ada/vision/{run}`.
    pub(crate) async fn run(&self, run: &str, fields: &str) -> Value {
        let document = format!(
            "query A($run: String!) {{ project(name: \"vision\", entityName: \"ada\") {{ run(name: $run) {{ {fields} }} }} }}"
        );
        let answer = self.graphql(&document, json!({ "run": run })).await;
        answer.data()["project"]["run"].take()
    }

    /// Uploads a file of the run `ada/vision/{run}` and reports it.
    pub(crate) async fn upload(&self, run: &str, path: &str, content: &[u8]) {
        let url = self.upload_url(run, path).await;
        let answer = self
            .request(Method::PUT, local(&url), None, &[], content.to_vec())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let answer = self.stream(run, json!({ "uploaded": [path] })).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    }

    /// Asks where to upload a file of the run `ada/vision/{run}`.
    pub(crate) async fn upload_url(&self, run: &str, path: &str) -> String {
        let input = json!({ "entityName": "ada", "projectName": "vision", "runName": run, "files": [path] });
        let document = "mutation A($input: CreateRunFilesInput!) { createRunFiles(input: $input) { runID uploadHeaders files { name uploadUrl } } }";
        let data = self
            .graphql(document, json!({ "input": input }))
            .await
            .data();
        let url = data["createRunFiles"]["files"][0]["uploadUrl"].as_str();
        url.expect("every file has an address").to_owned()
    }
}

/// The document behind [`TestDoor::upsert`].
pub(crate) const UPSERT: &str = "mutation A($input: UpsertBucketInput!) { upsertBucket(input: $input) { inserted bucket { id name displayName config sweepName historyLineCount project { id name entity { id name } } } } }";

/// The path of an address of a test server.
pub(crate) fn local(url: &str) -> &str {
    url.strip_prefix("http://box:8080")
        .unwrap_or_else(|| panic!("not ours: {url}"))
}

async fn stores(folder: &Path) -> (Meta, Blobs) {
    let database = DatabaseUrl::Sqlite(folder.join("meta.db"));
    let meta = Meta::open(&database, &OpenOptions::default())
        .await
        .expect("a new database opens");
    let blobs = Blobs::open(
        &BlobUrl::Folder(folder.join("blobs")),
        &BlobOptions::default(),
    );
    (meta, blobs.expect("a new folder opens"))
}
