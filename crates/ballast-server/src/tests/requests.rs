//! What all operations share: shapes, limits, ids, errors.

use axum::body::Body;
use axum::http::Request;
use insta::assert_json_snapshot;
use serde_json::json;

use super::server::{ADA_KEY, TestServer};

fn json_request(method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(body.into())
        .expect("a valid request")
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_json() {
    let server = TestServer::new().await;
    let response = server
        .ada()
        .get_with("/api/v1/nothing", &[("accept", "text/html")])
        .await;
    assert_eq!(response.refusal(), (404, "route_not_found".to_owned()));
    let response = server.ada().get("/api/v2/runs").await;
    assert_eq!(response.refusal(), (404, "route_not_found".to_owned()));
    let response = server.ada().put("/api/v1/projects", json!({})).await;
    assert_eq!(response.refusal(), (405, "method_not_allowed".to_owned()));
    assert_eq!(response.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn broken_json_is_refused_with_its_place() {
    let server = TestServer::new().await;
    let request = json_request("POST", "/api/v1/api-keys", "{\"name\": \"x\",\n \"oops");
    let response = server.ada().send(request).await;
    assert_eq!(response.status, 400);
    assert_json_snapshot!(response.json(), @r#"
    {
      "code": "invalid_json",
      "message": "the request body is not valid: EOF while parsing a string at line 2 column 6",
      "hint": null,
      "request_id": "[id]"
    }
    "#);
}

#[tokio::test]
async fn bodies_of_another_shape_are_refused() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let missing = server.ada().post("/api/v1/api-keys", json!({})).await;
    assert_eq!(missing.status, 422);
    assert_json_snapshot!(missing.json(), @r#"
    {
      "code": "invalid_body",
      "message": "the request body is not valid: missing field `name` at line 1 column 2",
      "hint": null,
      "request_id": "[id]"
    }
    "#);
    let unknown = server
        .ada()
        .patch("/api/v1/runs/ada/vision/one", json!({"nmae": "x"}))
        .await;
    assert_eq!(unknown.refusal(), (422, "invalid_body".to_owned()));
    let mistyped = server
        .ada()
        .patch("/api/v1/runs/ada/vision/one", json!({"tags": "x"}))
        .await;
    assert_eq!(mistyped.refusal(), (422, "invalid_body".to_owned()));
}

#[tokio::test]
async fn bodies_are_declared_and_limited() {
    let server = TestServer::new().await;
    let undeclared = Request::post("/api/v1/api-keys").body(Body::from("{\"name\":\"x\"}"));
    let response = server.ada().send(undeclared.expect("valid")).await;
    assert_eq!(
        response.refusal(),
        (415, "unsupported_media_type".to_owned())
    );
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    let response = server
        .ada()
        .send(json_request("POST", "/api/v1/api-keys", large))
        .await;
    assert_eq!(response.refusal(), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn impossible_names_are_refused_with_what_is_expected() {
    let server = TestServer::new().await;
    let too_long = "x".repeat(300);
    for run in [
        "a%2Fb",
        "..%2F..",
        "%2E%2E",
        "a%0Ab",
        too_long.as_str(),
        "%20",
    ] {
        let response = server
            .ada()
            .get(&format!("/api/v1/runs/ada/vision/{run}"))
            .await;
        assert_eq!(
            response.refusal(),
            (422, "invalid_name".to_owned()),
            "{run}"
        );
    }
    let response = server.ada().get("/api/v1/runs/ada/vision/%FF").await;
    assert_eq!(response.refusal(), (422, "invalid_name".to_owned()));
    let response = server
        .ada()
        .get("/api/v1/runs/ada/vision/%F0%9F%9A%80")
        .await;
    assert_eq!(response.status, 404);
    assert_json_snapshot!(response.json(), @r#"
    {
      "code": "run_not_found",
      "message": "run `🚀` does not exist in `ada/vision`",
      "hint": null,
      "request_id": "[id]"
    }
    "#);
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    for query in [
        "limit=many",
        "cursor=x",
        "colour=red",
        "state=dreaming",
        "deleted=perhaps",
    ] {
        let response = server
            .ada()
            .get(&format!("/api/v1/projects/ada/vision/runs?{query}"))
            .await;
        assert_eq!(
            response.refusal(),
            (400, "invalid_query".to_owned()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn keys_come_as_bearer_or_basic() {
    use base64::Engine as _;
    let server = TestServer::new().await;
    let basic = base64::prelude::BASE64_STANDARD.encode(format!("api:{ADA_KEY}"));
    let client = server.anonymous();
    let response = client
        .get_with(
            "/api/v1/me",
            &[("authorization", &format!("Basic {basic}"))],
        )
        .await;
    assert_eq!(response.status, 200);
    let response = client
        .get_with("/api/v1/me", &[("authorization", "Bearer wrong")])
        .await;
    assert_eq!(response.status, 401);
    assert_json_snapshot!(response.json(), @r#"
    {
      "code": "invalid_api_key",
      "message": "the API key is not known or was revoked",
      "hint": "get a key at /authorize",
      "request_id": "[id]"
    }
    "#);
    let response = client.get("/api/v1/me").await;
    assert_eq!(
        response.header("www-authenticate"),
        "Bearer realm=\"ballast\""
    );
    assert_json_snapshot!(response.json(), @r#"
    {
      "code": "authentication_required",
      "message": "sign in or send an API key",
      "hint": "sign in at /sign-in, or get a key at /authorize and send `Authorization: Bearer KEY`",
      "request_id": "[id]"
    }
    "#);
}

#[tokio::test]
async fn request_ids_of_proxies_are_kept_if_plain() {
    let server = TestServer::new().await;
    let client = server.anonymous();
    let kept = client
        .get_with("/api/v1/server", &[("x-request-id", "proxy-1.a_b")])
        .await;
    assert_eq!(kept.header("x-request-id"), "proxy-1.a_b");
    let long = "x".repeat(65);
    for odd in ["a b", "<script>", long.as_str()] {
        let replaced = client
            .get_with("/api/v1/server", &[("x-request-id", odd)])
            .await;
        assert_eq!(replaced.header("x-request-id").len(), 16, "{odd}");
    }
}

#[tokio::test]
async fn answers_are_neither_cached_nor_sniffed() {
    let server = TestServer::new().await;
    let response = server.ada().get("/api/v1/me").await;
    assert_eq!(response.header("cache-control"), "no-store");
    assert_eq!(response.header("x-content-type-options"), "nosniff");
    assert_eq!(
        response.header("cross-origin-resource-policy"),
        "same-origin"
    );
    assert!(
        response
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
}

#[tokio::test]
async fn large_json_is_compressed() {
    let server = TestServer::new().await;
    for number in 0..5 {
        server.add_run(&format!("run{number}")).await;
    }
    let path = "/api/v1/projects/ada/vision/runs";
    let response = server
        .ada()
        .get_with(path, &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(response.header("content-encoding"), "gzip");
    assert_eq!(server.ada().get(path).await.header("content-encoding"), "");
}
