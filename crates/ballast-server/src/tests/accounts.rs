use insta::assert_json_snapshot;
use serde_json::json;

use super::server::{BOB_PASSWORD, TestServer};

#[tokio::test]
async fn anyone_learns_the_version() {
    let server = TestServer::new().await;
    let response = server.anonymous().get("/api/v1/server").await;
    assert_json_snapshot!(response.json(), @r#"
    {
      "version": "1.2.3",
      "has_users_with_password": true
    }
    "#);
}

#[tokio::test]
async fn admins_manage_users() {
    let server = TestServer::new().await;
    let new = json!({
        "username": "eve", "email": "eve@example.com", "api_key": "eve0eve0eve0eve0eve0eve0eve0eve0eve0eve0",
    });
    let added = server.ada().post("/api/v1/users", new.clone()).await;
    assert_eq!(added.status, 201);
    assert_json_snapshot!(added.json(), @r#"
    {
      "username": "eve",
      "email": "eve@example.com",
      "admin": false,
      "created_at": "2026-01-01T00:00:00Z"
    }
    "#);
    let repeated = server.ada().post("/api/v1/users", new).await;
    assert_eq!(repeated.refusal(), (409, "conflict".to_owned()));
    let users = server.ada().get("/api/v1/users").await.json();
    let names: Vec<_> = users["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|user| &user["username"])
        .collect();
    assert_eq!(names, ["ada", "bob", "eve"]);
    let eve = server.with_key("eve0eve0eve0eve0eve0eve0eve0eve0eve0eve0");
    assert_eq!(eve.get("/api/v1/me").await.json()["username"], "eve");
    assert_eq!(server.ada().delete("/api/v1/users/eve").await.status, 204);
    assert_eq!(eve.get("/api/v1/me").await.status, 401);
    let missing = server.ada().delete("/api/v1/users/eve").await;
    assert_eq!(missing.refusal(), (404, "user_not_found".to_owned()));
}

#[tokio::test]
async fn names_of_our_pages_are_no_usernames() {
    let server = TestServer::new().await;
    for name in ["settings", "API", "sign-in"] {
        let response = server
            .ada()
            .post("/api/v1/users", json!({"username": name, "email": ""}))
            .await;
        assert_eq!(response.status, 422, "{name}: {}", response.text());
    }
}

#[tokio::test]
async fn users_manage_their_keys() {
    let server = TestServer::new().await;
    let added = server
        .bob()
        .post("/api/v1/api-keys", json!({"name": "laptop"}))
        .await;
    assert_eq!(added.status, 201);
    let added = added.json();
    let key = added["key"].as_str().expect("the secret");
    assert_eq!(
        server.with_key(key).get("/api/v1/me").await.json()["username"],
        "bob"
    );
    let listed = server.bob().get("/api/v1/api-keys").await;
    assert!(!listed.text().contains(key));
    let item = &listed.json()["items"][1];
    assert_eq!(
        (&item["name"], &item["id"]),
        (&json!("laptop"), &added["id"])
    );
    assert!(key.ends_with(item["hint"].as_str().expect("text")));
    let path = format!("/api/v1/api-keys/{}", added["id"].as_str().expect("text"));
    assert_eq!(server.bob().delete(&path).await.status, 204);
    assert_eq!(server.with_key(key).get("/api/v1/me").await.status, 401);
    assert_eq!(
        server.bob().delete(&path).await.refusal(),
        (404, "api_key_not_found".to_owned())
    );
    let odd = server.bob().delete("/api/v1/api-keys/x").await;
    assert_eq!(odd.refusal(), (404, "api_key_not_found".to_owned()));
}

#[tokio::test]
async fn passwords_change_with_the_present_one() {
    let server = TestServer::new().await;
    let change = |current: &str| json!({"current_password": current, "new_password": "another long password"});
    let wrong = server
        .bob()
        .put("/api/v1/me/password", change("wrong"))
        .await;
    assert_eq!(wrong.refusal(), (403, "forbidden".to_owned()));
    assert_eq!(
        server
            .bob()
            .put("/api/v1/me/password", change(BOB_PASSWORD))
            .await
            .status,
        204
    );
    let sign_in = json!({"username": "bob", "password": "another long password"});
    assert_eq!(
        server
            .anonymous()
            .post("/api/v1/session", sign_in)
            .await
            .status,
        200
    );
    let short = server
        .ada()
        .put("/api/v1/me/password", json!({"new_password": "x"}))
        .await;
    assert_eq!(short.refusal(), (422, "invalid_value".to_owned()));
}
