use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use insta::assert_json_snapshot;
use serde_json::json;
use url::Url;

use super::server::{BOB_PASSWORD, Response, TestServer};
use crate::settings::ServerSettings;
use crate::ui::Site;

async fn sign_in(server: &TestServer, password: &str) -> Response {
    let body = json!({"username": "bob", "password": password});
    server.anonymous().post("/api/v1/session", body).await
}

/// The cookie as a browser sends it back.
fn cookie(response: &Response) -> String {
    let set = response.header("set-cookie");
    set.split(';').next().expect("has a first part").to_owned()
}

async fn add_key_in_browser(
    server: &TestServer,
    cookie: &str,
    headers: &[(&str, &str)],
) -> Response {
    let request = headers
        .iter()
        .fold(
            Request::post("/api/v1/api-keys"),
            |request, (name, value)| request.header(*name, *value),
        )
        .header("cookie", cookie)
        .header("content-type", "application/json")
        .body(Body::from("{\"name\":\"browser\"}"));
    server.anonymous().send(request.expect("valid")).await
}

#[tokio::test]
async fn signing_in_sets_a_cookie_that_works() {
    let server = TestServer::new().await;
    let response = sign_in(&server, BOB_PASSWORD).await;
    assert_eq!(response.status, 200);
    assert_json_snapshot!(response.json(), @r#"
    {
      "username": "bob",
      "entity": "bob",
      "default_entity": "bob",
      "email": "bob@example.com",
      "admin": false,
      "has_password": true
    }
    "#);
    let set = response.header("set-cookie");
    assert!(
        set.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let me = server
        .anonymous()
        .get_with("/api/v1/me", &[("cookie", &cookie(&response))])
        .await;
    assert_eq!(me.json()["username"], "bob");
}

#[tokio::test]
async fn cookies_need_tls_where_the_server_has_it() {
    let public_url = Url::parse("https://ballast.example/").expect("valid");
    let settings = ServerSettings {
        public_url: Some(public_url),
        ..ServerSettings::new("1")
    };
    let server = TestServer::with(settings, Site::default()).await;
    assert!(
        sign_in(&server, BOB_PASSWORD)
            .await
            .header("set-cookie")
            .ends_with("; Secure")
    );
    let response = server.anonymous().get("/api/v1/me").await;
    let hint = response.json()["hint"].as_str().expect("a hint").to_owned();
    assert!(hint.contains("https://ballast.example/sign-in"), "{hint}");
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_then_slowed() {
    let server = TestServer::new().await;
    for _ in 0..10 {
        let response = sign_in(&server, "wrong").await;
        assert_eq!(response.refusal(), (401, "invalid_credentials".to_owned()));
        assert_eq!(response.header("set-cookie"), "");
    }
    let slowed = sign_in(&server, BOB_PASSWORD).await;
    assert_eq!(slowed.refusal(), (429, "too_many_sign_ins".to_owned()));
    assert_eq!(slowed.header("retry-after"), "6");
    server.clock.advance(Duration::from_secs(6));
    assert_eq!(sign_in(&server, BOB_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_session_changes_things_only_from_our_own_pages() {
    let server = TestServer::new().await;
    let cookie = cookie(&sign_in(&server, BOB_PASSWORD).await);
    let host = ("host", "ballast.lan:8080");
    let foreign: [&[(&str, &str)]; 5] = [
        &[host],
        &[host, ("origin", "http://evil.example")],
        &[host, ("origin", "null")],
        &[host, ("sec-fetch-site", "cross-site")],
        &[
            host,
            ("sec-fetch-site", "same-site"),
            ("origin", "http://ballast.lan:8080"),
        ],
    ];
    for headers in foreign {
        let response = add_key_in_browser(&server, &cookie, headers).await;
        assert_eq!(
            response.refusal(),
            (403, "cross_origin_refused".to_owned()),
            "{headers:?}"
        );
    }
    let own: [&[(&str, &str)]; 2] = [
        &[host, ("origin", "http://ballast.lan:8080")],
        &[host, ("sec-fetch-site", "same-origin")],
    ];
    for headers in own {
        assert_eq!(
            add_key_in_browser(&server, &cookie, headers).await.status,
            201,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn another_site_cannot_sign_a_browser_in() {
    let server = TestServer::new().await;
    let request = Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(
            json!({"username": "bob", "password": BOB_PASSWORD}).to_string(),
        ));
    let response = server.anonymous().send(request.expect("valid")).await;
    assert_eq!(response.refusal(), (403, "cross_origin_refused".to_owned()));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let server = TestServer::new().await;
    let cookie = cookie(&sign_in(&server, BOB_PASSWORD).await);
    let sign_out = |site: &'static str| {
        let request = Request::delete("/api/v1/session")
            .header("cookie", &cookie)
            .header("sec-fetch-site", site)
            .body(Body::empty());
        request.expect("valid")
    };
    let refused = server.anonymous().send(sign_out("cross-site")).await;
    assert_eq!(refused.status, 403);
    let done = server.anonymous().send(sign_out("same-origin")).await;
    assert_eq!(done.status, 204);
    assert!(
        done.header("set-cookie")
            .starts_with("ballast_session=; Path=/; Max-Age=0")
    );
    let me = server
        .anonymous()
        .get_with("/api/v1/me", &[("cookie", &cookie)])
        .await;
    assert_eq!(me.refusal(), (401, "authentication_required".to_owned()));
    assert_eq!(
        server.anonymous().delete("/api/v1/session").await.status,
        204
    );
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let server = TestServer::new().await;
    let cookie = cookie(&sign_in(&server, BOB_PASSWORD).await);
    server.clock.advance(Duration::from_hours(31 * 24));
    let me = server
        .anonymous()
        .get_with("/api/v1/me", &[("cookie", &cookie)])
        .await;
    assert_eq!(me.status, 401);
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let server = TestServer::new().await;
    let token = server
        .tracking
        .create_sign_in_link("ada")
        .await
        .expect("a link");
    let body = json!({"token": token});
    let response = server
        .anonymous()
        .post("/api/v1/session/link", body.clone())
        .await;
    assert_eq!(response.json()["username"], "ada");
    assert!(
        response
            .header("set-cookie")
            .starts_with("ballast_session=")
    );
    let again = server.anonymous().post("/api/v1/session/link", body).await;
    assert_eq!(again.refusal(), (401, "sign_in_link_invalid".to_owned()));
}
