//! What only a cloud store does: signed URLs and refusals. A plain HTTP client stands for the wandb client.

mod common;

use std::error::Error as _;
use std::time::Duration;

use ballast_blobs::{BlobError, BlobOptions, Blobs, SignedDownload, SignedRequest, SignedUpload};
use ballast_testing::s3::S3Server;
use bytes::Bytes;
use common::{bytes, keys, open_s3, s3_url};
use futures::{StreamExt as _, stream};
use md5::{Digest as _, Md5};
use reqwest::{Method, StatusCode};
use url::Url;

const MINUTE: Duration = Duration::from_mins(1);

const PLAIN_UPLOAD: SignedUpload<'static> = SignedUpload {
    expires_in: MINUTE,
    content_md5: None,
    content_type: None,
};

const PLAIN_DOWNLOAD: SignedDownload<'static> = SignedDownload {
    expires_in: MINUTE,
    content_disposition: None,
    content_type: None,
};

async fn store() -> (S3Server, Blobs) {
    let server = S3Server::start().await;
    let blobs = open_s3(&server, "data");
    (server, blobs)
}

fn client() -> reqwest::Client {
    // TLS is set up by the first cloud store; every test opens one before.
    reqwest::Client::new()
}

async fn upload_url(blobs: &Blobs, key: &str, upload: SignedUpload<'_>) -> SignedRequest {
    blobs
        .upload_url(key, upload)
        .await
        .expect("a URL")
        .expect("a cloud store")
}

async fn download_url(blobs: &Blobs, key: &str, download: SignedDownload<'_>) -> Url {
    blobs
        .download_url(key, download)
        .await
        .expect("a URL")
        .expect("a cloud store")
}

async fn send(method: Method, request: &SignedRequest, content: Bytes) -> StatusCode {
    let mut builder = client().request(method, request.url.clone()).body(content);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    builder.send().await.expect("an answer").status()
}

#[tokio::test]
async fn clients_upload_by_signed_url() {
    let (_server, blobs) = store().await;
    assert!(blobs.transfers_directly());
    let content = bytes(1, 100_000);
    let request = upload_url(&blobs, "runs/1/x=y.bin", PLAIN_UPLOAD).await;
    assert!(request.headers.is_empty());
    assert_eq!(
        send(Method::PUT, &request, content.clone()).await,
        StatusCode::OK
    );
    assert_eq!(
        blobs.get("runs/1/x=y.bin").await.expect("the blob"),
        content
    );

    let replaced = bytes(2, 10);
    assert_eq!(
        send(Method::PUT, &request, replaced.clone()).await,
        StatusCode::OK
    );
    assert_eq!(
        blobs.get("runs/1/x=y.bin").await.expect("the blob"),
        replaced
    );
}

#[tokio::test]
async fn the_bucket_refuses_other_bytes_than_signed_for() {
    let (_server, blobs) = store().await;
    let content = bytes(1, 1000);
    let upload = SignedUpload {
        content_md5: Some(Md5::digest(&content).into()),
        content_type: Some("image/png"),
        ..PLAIN_UPLOAD
    };
    let request = upload_url(&blobs, "k", upload).await;
    let names: Vec<_> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["Content-MD5", "Content-Type"]);

    assert_eq!(
        send(Method::PUT, &request, bytes(2, 1000)).await,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(blobs.head("k").await.expect("an answer"), None);

    // The MD5 of the other bytes is not what was signed, and leaving it out is no way round.
    let mut forged = request.clone();
    forged.headers[0].1 = {
        use base64::Engine as _;
        base64::prelude::BASE64_STANDARD.encode(Md5::digest(bytes(2, 1000)))
    };
    assert_eq!(
        send(Method::PUT, &forged, bytes(2, 1000)).await,
        StatusCode::FORBIDDEN
    );
    forged.headers.remove(0);
    assert!(
        send(Method::PUT, &forged, bytes(2, 1000))
            .await
            .is_client_error()
    );
    assert_eq!(blobs.head("k").await.expect("an answer"), None);

    assert_eq!(
        send(Method::PUT, &request, content.clone()).await,
        StatusCode::OK
    );
    assert_eq!(blobs.get("k").await.expect("the blob"), content);
}

#[tokio::test]
async fn a_signed_url_is_good_for_one_thing_only() {
    let (_server, blobs) = store().await;
    blobs.put("k", bytes(1, 10)).await.expect("stored");
    blobs.put("other", bytes(2, 10)).await.expect("stored");
    let request = upload_url(&blobs, "k", PLAIN_UPLOAD).await;

    let mut other_key = request.clone();
    other_key
        .url
        .set_path(&request.url.path().replace("/k", "/other"));
    assert_eq!(
        send(Method::PUT, &other_key, bytes(3, 10)).await,
        StatusCode::FORBIDDEN
    );
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(
            send(method, &request, Bytes::new()).await,
            StatusCode::FORBIDDEN
        );
    }

    let tampered = |from: &str, to: &str| {
        let mut request = request.clone();
        let query = request.url.query().expect("a query").replace(from, to);
        request.url.set_query(Some(&query));
        request
    };
    for forged in [
        tampered("X-Amz-Expires=60", "X-Amz-Expires=600"),
        tampered("X-Amz-Signature=", "X-Amz-Signature=0"),
        tampered("test-access-key", "other-access-key"),
    ] {
        assert_ne!(forged.url, request.url);
        assert!(
            send(Method::PUT, &forged, bytes(3, 10))
                .await
                .is_client_error()
        );
    }
    let mut unsigned = request.clone();
    unsigned.url.set_query(None);
    assert_eq!(
        send(Method::PUT, &unsigned, bytes(3, 10)).await,
        StatusCode::FORBIDDEN
    );

    assert_eq!(blobs.get("k").await.expect("the blob"), bytes(1, 10));
    assert_eq!(blobs.get("other").await.expect("the blob"), bytes(2, 10));
}

#[tokio::test]
async fn a_signed_url_expires() {
    let (_server, blobs) = store().await;
    blobs.put("k", bytes(1, 10)).await.expect("stored");
    let expires_in = Duration::from_secs(1);
    let download = download_url(
        &blobs,
        "k",
        SignedDownload {
            expires_in,
            ..PLAIN_DOWNLOAD
        },
    )
    .await;
    let upload = upload_url(
        &blobs,
        "k",
        SignedUpload {
            expires_in,
            ..PLAIN_UPLOAD
        },
    )
    .await;
    // The server's clock is the machine's: ask until it has moved on.
    while client()
        .get(download.clone())
        .send()
        .await
        .expect("an answer")
        .status()
        .is_success()
    {}
    assert_eq!(
        client()
            .get(download)
            .send()
            .await
            .expect("an answer")
            .status(),
        StatusCode::FORBIDDEN
    );
    while send(Method::PUT, &upload, bytes(1, 10)).await.is_success() {}
    assert_eq!(
        send(Method::PUT, &upload, bytes(2, 10)).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(blobs.get("k").await.expect("the blob"), bytes(1, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_upload_in_parts() {
    let (_server, blobs) = store().await;
    let parts = [bytes(1, 5 * 1024 * 1024), bytes(2, 100)];
    let name = blobs.begin_parts("k").await.expect("begun");
    let name = name.expect("S3 has uploads in parts");
    let mut tags = Vec::new();
    for (number, part) in (1..).zip(&parts) {
        let upload = SignedUpload {
            content_md5: Some(Md5::digest(part).into()),
            ..PLAIN_UPLOAD
        };
        let request = blobs.part_url("k", &name, number, upload).await;
        let request = request.expect("a URL").expect("a cloud store");
        let wrong = send(Method::PUT, &request, bytes(3, part.len())).await;
        assert_eq!(wrong, StatusCode::BAD_REQUEST);
        let mut builder = client().put(request.url).body(part.clone());
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let answer = builder.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let tag = answer.headers()["etag"].to_str().expect("text");
        tags.push(tag.to_owned());
    }
    assert!(blobs.head("k").await.expect("an answer").is_none());
    blobs
        .complete_parts("k", &name, tags.clone())
        .await
        .expect("complete");
    let whole = blobs.get("k").await.expect("the blob");
    assert_eq!(whole, parts.concat());
    let again = blobs.complete_parts("k", &name, tags).await;
    assert!(again.is_err(), "an upload is complete only once");
    let folder = common::folder().blobs;
    assert_eq!(folder.begin_parts("k").await.expect("an answer"), None);
}

#[tokio::test]
async fn validity_has_limits() {
    let (_server, blobs) = store().await;
    for seconds in [0, 7 * 24 * 3600 + 1] {
        let expires_in = Duration::from_secs(seconds);
        let refused = blobs
            .upload_url(
                "k",
                SignedUpload {
                    expires_in,
                    ..PLAIN_UPLOAD
                },
            )
            .await;
        assert!(
            matches!(refused, Err(BlobError::InvalidExpiry { expires_in_s, .. }) if expires_in_s == seconds)
        );
    }
    let upload = SignedUpload {
        content_type: Some("a\r\nb: c"),
        ..PLAIN_UPLOAD
    };
    let refused = blobs.upload_url("k", upload).await;
    assert!(matches!(refused, Err(BlobError::InvalidHeader { .. })));
}

#[tokio::test]
async fn half_a_body_leaves_nothing() {
    let (_server, blobs) = store().await;
    let request = upload_url(&blobs, "k", PLAIN_UPLOAD).await;
    let half = stream::iter([Ok(bytes(1, 50_000))]).chain(stream::iter([Err(
        std::io::Error::from(std::io::ErrorKind::ConnectionReset),
    )]));
    client()
        .put(request.url)
        .header("content-length", 100_000)
        .body(reqwest::Body::wrap_stream(half))
        .send()
        .await
        .expect_err("a connection that breaks off");
    assert_eq!(keys(&blobs, "").await, [""; 0]);
}

#[tokio::test]
async fn clients_download_by_signed_url() {
    let (_server, blobs) = store().await;
    let content = bytes(1, 5000);
    blobs.put("k", content.clone()).await.expect("stored");
    let download = SignedDownload {
        content_disposition: Some("attachment; filename=\"a b.bin\""),
        content_type: Some("application/x-thing"),
        ..PLAIN_DOWNLOAD
    };
    let url = download_url(&blobs, "k", download).await;
    let answer = client().get(url.clone()).send().await.expect("an answer");
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"a b.bin\""
    );
    assert_eq!(answer.headers()["content-type"], "application/x-thing");
    assert_eq!(answer.bytes().await.expect("the bytes"), content);

    let part = client()
        .get(url.clone())
        .header("range", "bytes=10-19")
        .send()
        .await
        .expect("an answer");
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.bytes().await.expect("the bytes"),
        content.slice(10..20)
    );

    let mut page = url.clone();
    let query = url.query().expect("a query").replace("x-thing", "xhtml");
    page.set_query(Some(&query));
    let refused = client().get(page).send().await.expect("an answer").status();
    assert_eq!(refused, StatusCode::FORBIDDEN);
}

/// Clients may reach the server at another address than we do; the signature covers the address.
#[tokio::test]
async fn signed_urls_name_the_public_endpoint() {
    let server = S3Server::start().await;
    let url = format!(
        "{}&public_endpoint=https://s3.example.org",
        s3_url(&server, "data")
    )
    .parse()
    .expect("an address");
    let options = BlobOptions::new().with_s3_keys(server.access_key(), server.secret_key());
    let blobs = Blobs::open(&url, &options).expect("a store");
    blobs
        .put("k", bytes(1, 10))
        .await
        .expect("stored at the inner address");
    let signed = download_url(&blobs, "k", PLAIN_DOWNLOAD).await;
    assert_eq!(
        signed.origin().ascii_serialization(),
        "https://s3.example.org"
    );
    assert_eq!(signed.path(), "/ballast/data/k");
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let (server, blobs) = store().await;
    blobs.put("k", bytes(1, 10)).await.expect("stored");
    let options = BlobOptions::new().with_s3_keys(server.access_key(), "wrong");
    let stranger = Blobs::open(&s3_url(&server, "data"), &options).expect("a store, not asked yet");
    let error = stranger
        .put("k", bytes(2, 10))
        .await
        .expect_err("a refusal");
    assert!(
        matches!(&error, BlobError::Refused { key, .. } if key == "k"),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "the blob store refuses access to `k`");
    assert!(error.source().is_some());
    assert!(matches!(
        stranger.get("k").await,
        Err(BlobError::Refused { .. })
    ));
    assert!(matches!(
        stranger.delete("k").await,
        Err(BlobError::Refused { .. })
    ));
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_blob() {
    let (server, _blobs) = store().await;
    let url = format!("s3://nowhere?endpoint={}", server.endpoint())
        .parse()
        .expect("an address");
    let options = BlobOptions::new().with_s3_keys(server.access_key(), server.secret_key());
    let blobs = Blobs::open(&url, &options).expect("a store, not asked yet");
    let error = blobs.put("k", bytes(1, 10)).await.expect_err("no bucket");
    assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable() {
    let (server, blobs) = store().await;
    drop(server);
    let error = blobs
        .put("k", bytes(1, 10))
        .await
        .expect_err("nobody there");
    assert!(
        matches!(&error, BlobError::Unavailable { key, .. } if key == "k"),
        "{error:?}"
    );
}

#[tokio::test]
async fn options_must_fit_together() {
    let url = "s3://b".parse().expect("an address");
    let options = BlobOptions::new().with_setting("aws_access_key_id", "only-half");
    let error = Blobs::open(&url, &options).expect_err("half a key pair");
    assert_eq!(error.to_string(), "cannot open the blob store `s3://b`");
    assert!(!format!("{options:?}").contains("only-half"));
}
