//! A server in memory, and clients of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use ballast_blobs::{BlobOptions, Blobs};
use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_model::{Entropy, FilePath, RunId, RunPath};
use ballast_testing::{SeededEntropy, TestClock};
use ballast_tracking::artifacts::{ArtifactRecord, Content, ManifestKind, NewVersion};
use ballast_tracking::files::UploadTarget;
use ballast_tracking::history::{Append, Lines};
use ballast_tracking::people::NewUser;
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::{Caller, Settings, Tracking};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt as _;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::middleware::identify_requests;
use crate::router::assemble;
use crate::settings::ServerSettings;
use crate::state::ServerState;
use crate::ui::Site;

pub(super) const ADA_KEY: &str = "ada0ada0ada0ada0ada0ada0ada0ada0ada0ada0";
pub(super) const BOB_KEY: &str = "bob0bob0bob0bob0bob0bob0bob0bob0bob0bob0";
pub(super) const BOB_PASSWORD: &str = "correct horse battery";

/// The files of a tiny web app.
const APP: &[(&str, &str)] = &[
    ("index.html", "<!doctype html><title>Ballast</title>"),
    (
        "assets/app-1a2b.js",
        "console.log('the app the app the app the app the app the app the app');",
    ),
];

/// A server with an admin `ada`, who has an API key, and a user `bob`, who has a key and a password.
pub(super) struct TestServer {
    router: Router,
    pub(super) tracking: Tracking,
    pub(super) clock: TestClock,
    pub(super) shutdown: CancellationToken,
    pub(super) ada: Caller,
    folder: TempDir,
}

impl TestServer {
    pub(super) async fn new() -> Self {
        Self::with(ServerSettings::new("1.2.3"), Site::of(APP)).await
    }

    pub(super) async fn with(settings: ServerSettings, site: Site) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = DatabaseUrl::Sqlite(folder.path().join("meta.db"));
        let meta = Meta::open(&database, &OpenOptions::default())
            .await
            .expect("a database opens");
        let url = folder
            .path()
            .join("blobs")
            .to_str()
            .expect("a plain path")
            .parse();
        let blobs =
            Blobs::open(&url.expect("a folder"), &BlobOptions::new()).expect("a folder opens");
        let clock = TestClock::default();
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(7));
        let reserved = crate::route_roots().iter().map(|&root| root.to_owned());
        let tracking = Tracking::open(
            meta,
            blobs,
            Settings::default(),
            reserved,
            Arc::new(clock.clone()),
            Arc::clone(&entropy),
        )
        .await
        .expect("the stores are fresh");
        tracking
            .bootstrap("ada", Some(ADA_KEY))
            .await
            .expect("a first admin");
        let ada = tracking
            .authenticate_key(ADA_KEY)
            .await
            .expect("stores work")
            .expect("own key");
        let bob = NewUser {
            username: "bob".to_owned(),
            email: "bob@example.com".to_owned(),
            password: Some(BOB_PASSWORD.to_owned()),
            is_admin: false,
            api_key: Some(BOB_KEY.to_owned()),
        };
        tracking
            .create_user(&ada, bob)
            .await
            .expect("a second user");
        let shutdown = settings.shutdown.clone();
        let router = assemble(ServerState::new(tracking.clone(), settings), site);
        let router = identify_requests(router, entropy);
        Self {
            router,
            tracking,
            clock,
            shutdown,
            ada,
            folder,
        }
    }

    pub(super) fn anonymous(&self) -> Client<'_> {
        Client {
            server: self,
            authorization: None,
        }
    }

    pub(super) fn ada(&self) -> Client<'_> {
        self.with_key(ADA_KEY)
    }

    pub(super) fn bob(&self) -> Client<'_> {
        self.with_key(BOB_KEY)
    }

    pub(super) fn with_key(&self, key: &str) -> Client<'_> {
        Client {
            server: self,
            authorization: Some(format!("Bearer {key}")),
        }
    }

    /// Makes Ada's run `id` in the project `vision`.
    pub(super) async fn add_run(&self, id: &str) -> RunPath {
        self.add_run_with(id, &json!({})).await
    }

    /// Makes Ada's run `id` with a config.
    pub(super) async fn add_run_with(&self, id: &str, config: &Value) -> RunPath {
        let config = ballast_model::json::Value::parse(config.to_string().as_bytes());
        let config = config.expect("is JSON").as_map().cloned();
        let path = RunPath::new("ada", "vision", id).expect("valid");
        let upsert = UpsertRun {
            display_name: Some(format!("title of {id}")),
            reports: true,
            config,
            ..UpsertRun::new(RunTarget::Name {
                entity: Some(path.entity.clone()),
                project: Some(path.project.clone()),
                run: RunId::new(id).expect("valid"),
            })
        };
        self.tracking
            .upsert_run(&self.ada, upsert)
            .await
            .expect("a run is made");
        path
    }

    /// Logs rows from line `offset` on.
    pub(super) async fn log(&self, run: &RunPath, offset: u64, rows: &[&str]) {
        let lines = rows
            .iter()
            .map(|row| Bytes::copy_from_slice(row.as_bytes()))
            .collect();
        let history = Some(Lines { offset, lines });
        let append = Append {
            history,
            ..Append::default()
        };
        self.tracking
            .append(&self.ada, run, append)
            .await
            .expect("rows are stored");
    }

    /// Stores a file of a run.
    /// Deletes the objects of a run's folded rows, behind the server's back. Returns how many there were.
    pub(super) fn remove_segments(&self, run: &RunPath) -> usize {
        let history = self.folder.path().join("blobs/history");
        let folder = format!(
            "entity={}/project={}/run={}",
            run.entity, run.project, run.run
        );
        let segments = std::fs::read_dir(history.join(folder)).expect("folded rows");
        let segments = segments.map(|segment| segment.expect("a segment").path());
        let objects = segments.flat_map(|segment| std::fs::read_dir(segment).expect("objects"));
        objects
            .map(|object| std::fs::remove_file(object.expect("an object").path()))
            .map(|removed| removed.expect("it was there"))
            .count()
    }

    /// Logs a version of an artifact in Ada's project `vision`, as its client does.
    pub(super) async fn log_artifact(
        &self,
        run: Option<&RunPath>,
        collection: &str,
        artifact_type: &str,
        files: &[(&str, &'static str)],
    ) -> ArtifactRecord {
        let md5 = |text: &str| -> [u8; 16] { Md5::digest(text.as_bytes()).into() };
        let base64 = |text: &str| BASE64_STANDARD.encode(md5(text));
        let (mut lines, mut entries) = ("wandb-artifact-manifest-v1\n".to_owned(), Vec::new());
        for (path, text) in files {
            lines.extend([*path, ":", &base64(text), "\n"]);
            entries.push(format!(r#""{path}":{{"digest":"{}"}}"#, base64(text)));
        }
        let manifest = format!(r#"{{"version":1,"contents":{{{}}}}}"#, entries.join(","));
        let version = NewVersion {
            entity: None,
            project: "vision".parse().expect("valid"),
            run: run.map(|run| run.run.clone()),
            collection: collection.parse().expect("valid"),
            artifact_type: artifact_type.parse().expect("valid"),
            digest: format!("{:032x}", u128::from_be_bytes(md5(&lines))),
            description: None,
            metadata: Some(r#"{"rows":3}"#.to_owned()),
            ttl_s: None,
            history_step: None,
            aliases: Vec::new(),
            tags: Vec::new(),
            client_id: None,
            collection_client_id: None,
            distributed_id: None,
            deduplicate: true,
        };
        let (tracking, ada) = (&self.tracking, &self.ada);
        let announced = tracking.announce_version(ada, version).await;
        let key = announced.expect("announced").artifact.key;
        let contents: Vec<Content> = files
            .iter()
            .map(|(_, text)| Content {
                md5: md5(text),
                parts: Vec::new(),
            })
            .collect();
        let steps = tracking.begin_contents(ada, key, &contents).await;
        for (step, (_, text)) in steps.expect("addresses").into_iter().zip(files) {
            if let Some(target) = step.upload {
                self.send_content(target, Bytes::from_static(text.as_bytes()))
                    .await;
            }
        }
        let (_, target) = tracking
            .begin_manifest(ada, key, ManifestKind::Full, None, Some(md5(&manifest)))
            .await
            .expect("an address");
        self.send_content(target.expect("an address"), manifest.into())
            .await;
        let committed = tracking.commit_version(ada, key).await;
        committed.expect("committed")
    }

    async fn send_content(&self, target: UploadTarget, bytes: Bytes) {
        let UploadTarget::Through { ticket } = target else {
            panic!("a folder has no addresses")
        };
        let body = stream::iter([Ok::<_, std::io::Error>(bytes)]);
        self.tracking
            .receive_content(&ticket, None, None, body)
            .await
            .expect("is stored");
    }

    pub(super) async fn add_file(&self, run: &RunPath, path: &str, content: &'static str) {
        let path = FilePath::new(path).expect("valid");
        let uploads = self
            .tracking
            .begin_uploads(&self.ada, run, vec![path])
            .await
            .expect("begins");
        let UploadTarget::Through { ticket } = &uploads[0].target else {
            panic!("a folder has no addresses")
        };
        let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(
            content.as_bytes(),
        ))]);
        self.tracking
            .receive_upload(ticket, None, None, body)
            .await
            .expect("is stored");
    }
}

/// Someone who sends requests.
pub(super) struct Client<'a> {
    server: &'a TestServer,
    authorization: Option<String>,
}

impl Client<'_> {
    pub(super) async fn get(&self, path: &str) -> Response {
        self.call("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Response {
        self.call("POST", path, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Response {
        self.call("PATCH", path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Response {
        self.call("PUT", path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Response {
        self.call("DELETE", path, None).await
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let request = Request::builder().method(method).uri(path);
        self.send(
            match body {
                Some(body) => request
                    .header(CONTENT_TYPE, "application/json")
                    .body(Body::from(body.to_string())),
                None => request.body(Body::empty()),
            }
            .expect("a valid request"),
        )
        .await
    }

    /// Sends a GET request with further headers.
    pub(super) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let request = headers
            .iter()
            .fold(Request::get(path), |request, (name, value)| {
                request.header(*name, *value)
            });
        self.send(request.body(Body::empty()).expect("a valid request"))
            .await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response {
        let (parts, body) = self.open(request).await.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Response {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Sends a request whose answer need not end.
    pub(super) async fn open(&self, mut request: Request<Body>) -> axum::response::Response {
        if let Some(authorization) = &self.authorization {
            let value = authorization.parse().expect("a valid header value");
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        self.server
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router always answers")
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Response {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The JSON body; the request's id, which follows from chance, is checked and hidden.
    pub(super) fn json(&self) -> Value {
        let mut body: Value = serde_json::from_slice(&self.body).expect("a JSON body");
        if let Some(id) = body.get_mut("request_id") {
            assert_eq!(*id, json!(self.header("x-request-id")));
            *id = json!("[id]");
        }
        body
    }

    /// The status, and the error code if there is one.
    pub(super) fn refusal(&self) -> (u16, String) {
        let code = self.json()["code"]
            .as_str()
            .expect("an error body")
            .to_owned();
        (self.status.as_u16(), code)
    }
}
