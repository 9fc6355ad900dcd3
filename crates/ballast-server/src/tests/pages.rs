use axum::body::Body;
use axum::http::Request;

use super::server::TestServer;
use crate::settings::ServerSettings;
use crate::ui::Site;

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn every_page_opens_the_app() {
    let server = TestServer::new().await;
    let client = server.anonymous();
    for path in [
        "/",
        "/sign-in?token=x",
        "/ada/vision",
        "/ada/vision/runs/3k2j9x",
        "/no/such/page",
    ] {
        let page = client.get_with(path, &[HTML]).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains("<title>Ballast</title>"), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    }
    let etag = client
        .get_with("/", &[HTML])
        .await
        .header("etag")
        .to_owned();
    let known = client
        .get_with("/", &[HTML, ("if-none-match", &etag)])
        .await;
    assert_eq!(known.status, 304);
}

#[tokio::test]
async fn only_browsers_that_navigate_get_a_page() {
    let server = TestServer::new().await;
    let client = server.anonymous();
    let script = client
        .get_with("/assets/gone-9z.js", &[("accept", "*/*")])
        .await;
    assert_eq!(script.refusal(), (404, "route_not_found".to_owned()));
    let navigated = client.get_with("/assets/gone-9z.js", &[HTML]).await;
    assert_eq!(navigated.status, 404);
    let program = client
        .get_with("/ada/vision", &[("accept", "application/json")])
        .await;
    assert_eq!(program.refusal(), (404, "route_not_found".to_owned()));
    let posted = Request::post("/ada/vision")
        .header(HTML.0, HTML.1)
        .body(Body::empty());
    assert_eq!(client.send(posted.expect("valid")).await.status, 404);
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_and_compressed() {
    let server = TestServer::new().await;
    let path = "/assets/app-1a2b.js";
    let plain = server.anonymous().get(path).await;
    assert!(plain.text().starts_with("console.log"));
    assert_eq!(
        plain.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(plain.header("vary"), "accept-encoding");
    let gzip = server
        .anonymous()
        .get_with(path, &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_ne!(gzip.header("etag"), plain.header("etag"));
    assert_eq!(gzip.body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn a_binary_without_the_app_says_how_to_build_it() {
    let server = TestServer::with(ServerSettings::new("1"), Site::default()).await;
    let page = server.anonymous().get_with("/ada/vision", &[HTML]).await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("cargo xtask build"));
}

#[tokio::test]
async fn probes_tell_whether_to_send_requests() {
    let server = TestServer::new().await;
    let client = server.anonymous();
    for path in ["/healthz", "/readyz", "/ready"] {
        let response = client.get(path).await;
        assert_eq!(
            (response.status.as_u16(), response.text()),
            (200, "ok\n"),
            "{path}"
        );
    }
    server.shutdown.cancel();
    assert_eq!(client.get("/healthz").await.status, 200);
    for path in ["/readyz", "/ready"] {
        let response = client.get(path).await;
        assert_eq!(
            response.refusal(),
            (503, "unavailable".to_owned()),
            "{path}"
        );
        assert_eq!(response.header("retry-after"), "2");
    }
}
