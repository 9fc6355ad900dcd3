use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;

use super::server::TestServer;

/// Far longer than an event takes; it only ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(30);

fn watch(query: &str) -> Request<Body> {
    Request::get(format!("/api/v1/live{query}"))
        .body(Body::empty())
        .expect("valid")
}

/// The next event; `None` at the end of the stream.
async fn next_event(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(PATIENCE, body.frame())
        .await
        .expect("an event in time")?;
    let data = frame
        .expect("streams do not fail")
        .into_data()
        .expect("events are data");
    Some(String::from_utf8(data.to_vec()).expect("UTF-8"))
}

#[tokio::test]
async fn watchers_hear_of_new_rows_until_the_server_stops() {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let response = server.ada().open(watch("?project=ada/vision")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    assert_eq!(
        next_event(&mut body).await.as_deref(),
        Some("event: hello\ndata: {}\n\n")
    );

    // The follower starts beside the watcher, so what is logged first may be before its time.
    let mut event = None;
    for line in 0.. {
        server.log(&run, line, &["{\"loss\":1}"]).await;
        if let Ok(heard) =
            tokio::time::timeout(Duration::from_millis(300), next_event(&mut body)).await
        {
            event = heard;
            break;
        }
    }
    let event = event.expect("the stream goes on");
    let data = event
        .strip_prefix("event: run\ndata: ")
        .expect("a run event");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["entity"], "ada");
    assert_eq!(data["project"], "vision");
    assert_eq!(data["id"], "one");
    assert_eq!(data["state"], "running");
    assert_eq!(data["display_name"], "title of one");
    assert_eq!(data["deleted"], false);
    assert!(data["n_history_rows"].as_u64() >= Some(1));

    server.shutdown.cancel();
    while next_event(&mut body).await.is_some() {}
}

#[tokio::test]
async fn watchers_name_their_own_projects() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let refused = server.bob().get("/api/v1/live?project=ada/vision").await;
    assert_eq!(refused.refusal(), (404, "project_not_found".to_owned()));
    for query in ["", "?project=vision"] {
        let refused = server.ada().get(&format!("/api/v1/live{query}")).await;
        assert_eq!(
            refused.refusal(),
            (400, "invalid_query".to_owned()),
            "{query}"
        );
    }
}
