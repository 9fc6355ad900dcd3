//! An S3 server for tests, that checks signatures and digests.

mod strict;

use std::io;
use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder as ConnectionBuilder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use self::strict::StrictS3;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// Where its buckets are, as folders; made when missing. `None` for a folder that goes with the server.
    pub root: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// A bucket to have from the start.
    pub bucket: String,
    /// The account's key.
    pub access_key: String,
    /// The account's secret.
    pub secret_key: String,
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            root: None,
            port: 0,
            bucket: "ballast".to_owned(),
            access_key: "test-access-key".to_owned(),
            secret_key: "test-secret-key".to_owned(),
        }
    }
}

/// A running S3 server with one account, in this process. Stopped when dropped, open connections included.
///
/// It keeps objects in a folder, takes path-style requests of any region, and refuses requests that are not signed, are
/// signed by another key, or have expired. Unlike the crate it stands on it stores nothing of an upload whose body
/// breaks off or has another MD5 than its `Content-MD5`, and puts `response-content-*` parameters into its answers, as
/// S3 does. It holds each uploaded object (or part) in memory once.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    bucket: String,
    access_key: String,
    secret_key: String,
    accepting: JoinHandle<()>,
    /// Kept until the server is dropped.
    _root: Option<TempDir>,
}

impl S3Server {
    /// Starts a server with an empty bucket on a free port.
    pub async fn start() -> Self {
        Self::start_with(S3Config::default())
            .await
            .expect("a free port and a temporary folder")
    }

    /// Starts a server. The bucket is made if it does not exist.
    ///
    /// # Errors
    /// If the folder cannot be made or the port cannot be bound.
    pub async fn start_with(config: S3Config) -> io::Result<Self> {
        let (root, temporary) = if let Some(root) = config.root {
            (root, None)
        } else {
            let temporary = tempfile::tempdir()?;
            (temporary.path().to_path_buf(), Some(temporary))
        };
        std::fs::create_dir_all(root.join(&config.bucket))?;
        let service = service(&root, &config.access_key, &config.secret_key)?;
        let listener = TcpListener::bind(("127.0.0.1", config.port)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        Ok(Self {
            endpoint,
            bucket: config.bucket,
            access_key: config.access_key,
            secret_key: config.secret_key,
            accepting: tokio::spawn(accept(listener, service)),
            _root: temporary,
        })
    }

    /// The address, such as `http://127.0.0.1:43210`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The bucket that was there from the start.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The account's key.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The account's secret.
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Runs until the process ends.
    pub async fn run(mut self) {
        // Only dropping the server stops the task.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn service(root: &Path, access_key: &str, secret_key: &str) -> io::Result<S3Service> {
    let files = FileSystem::new(root)
        .map_err(|error| io::Error::other(format!("cannot serve the folder: {error:?}")))?;
    let mut builder = S3ServiceBuilder::new(StrictS3::new(root, files));
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    Ok(builder.build())
}

async fn accept(listener: TcpListener, service: S3Service) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        // Those that are done, so that the set does not grow.
        while connections.try_join_next().is_some() {}
        // Else the body of an answer waits until its headers are acknowledged, which takes the client 40 ms.
        let _ = socket.set_nodelay(true);
        let service = service.clone();
        connections.spawn(async move {
            // A client that goes away is its own business.
            let _ = ConnectionBuilder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
