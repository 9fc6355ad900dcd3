//! A minimal PUT and GET server: the least that storing files durably costs, for benchmarks to compare with.
//!
//! `PUT /NAME` streams the body into a file and answers once the file and its name are on disk; `GET /NAME` streams it
//! back. With `--md5` it compares the body with `Content-MD5`, as S3 does. It knows no users and no ranges. Prints its
//! endpoint as the first line, then runs until it is killed.

use std::io;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Parser;
use futures::StreamExt as _;
use md5::{Digest as _, Md5};
use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::net::TcpListener;
use tokio_util::io::ReaderStream;

/// How much is written and read at a time.
const PIECE_BYTES: usize = 1 << 20;

#[derive(Parser)]
#[command(about = "A minimal PUT and GET server; prints its endpoint and runs until it is killed")]
struct Arguments {
    /// Folder of the files.
    #[arg(long)]
    root: PathBuf,
    /// Compare bodies with their `Content-MD5`.
    #[arg(long)]
    md5: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arc::new(Arguments::parse());
    fs::create_dir_all(&arguments.root).await?;
    let router = Router::new()
        .route("/{name}", get(read).put(store))
        .with_state(arguments);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(
        listener,
        router.layer(axum::extract::DefaultBodyLimit::disable()),
    )
    .await
}

async fn store(
    State(arguments): State<Arc<Arguments>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, StatusCode> {
    let root = &arguments.root;
    let mut md5 = arguments.md5.then(Md5::new);
    let store = async {
        let unfinished = root.join(format!("{name}.part"));
        let mut file = BufWriter::with_capacity(PIECE_BYTES, File::create(&unfinished).await?);
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(io::Error::other)?;
            if let Some(md5) = &mut md5 {
                md5.update(&piece);
            }
            file.write_all(&piece).await?;
        }
        let digest = md5.map(|md5| BASE64_STANDARD.encode(md5.finalize()));
        if digest.is_some_and(|digest| headers.get("content-md5").is_none_or(|md5| *md5 != *digest))
        {
            return Err(io::Error::other("the body has another MD5"));
        }
        file.flush().await?;
        file.get_ref().sync_all().await?;
        fs::rename(&unfinished, root.join(&name)).await?;
        File::open(root).await?.sync_all().await
    };
    store
        .await
        .map(|()| StatusCode::OK)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn read(
    State(arguments): State<Arc<Arguments>>,
    Path(name): Path<String>,
) -> Result<Body, StatusCode> {
    let file = File::open(arguments.root.join(name)).await;
    let file = file.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(Body::from_stream(ReaderStream::with_capacity(
        file,
        PIECE_BYTES,
    )))
}
