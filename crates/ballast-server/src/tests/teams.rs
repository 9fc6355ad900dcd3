use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::server::TestServer;

const EVE_KEY: &str = "eve0eve0eve0eve0eve0eve0eve0eve0eve0eve0";

/// A server with a third user, `eve`.
async fn server_with_eve() -> TestServer {
    let server = TestServer::new().await;
    let eve = json!({"username": "eve", "email": "eve@example.com", "api_key": EVE_KEY});
    let added = server.ada().post("/api/v1/users", eve).await;
    assert_eq!(added.status, 201);
    server
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name"))
        .collect()
}

#[tokio::test]
async fn an_organization_with_a_team() {
    let server = server_with_eve().await;
    let (bob, eve) = (server.bob(), server.with_key(EVE_KEY));
    let new = json!({"name": "acme", "members": [{"username": "eve", "role": "viewer"}]});
    let made = bob.post("/api/v1/organizations", new.clone()).await;
    assert_eq!(made.status, 201);
    assert_json_snapshot!(made.json(), @r#"
    {
      "name": "acme",
      "created_at": "2026-01-01T00:00:00Z",
      "role": "admin",
      "members": [
        {
          "username": "bob",
          "email": "bob@example.com",
          "role": "admin"
        },
        {
          "username": "eve",
          "email": "eve@example.com",
          "role": "viewer"
        }
      ],
      "teams": []
    }
    "#);
    let repeated = bob.post("/api/v1/organizations", new).await;
    assert_eq!(repeated.refusal(), (409, "conflict".to_owned()));

    let team = json!({"name": "lab", "organization": "acme"});
    let refused = eve.post("/api/v1/teams", team.clone()).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    assert_eq!(
        refused.json()["message"],
        "your role in `acme` is `viewer`, and this takes the role `admin`"
    );
    let made = bob.post("/api/v1/teams", team).await;
    assert_eq!(made.status, 201);
    assert_json_snapshot!(made.json(), @r#"
    {
      "name": "lab",
      "organization": "acme",
      "created_at": "2026-01-01T00:00:00Z",
      "role": "admin",
      "members": [
        {
          "username": "bob",
          "email": "bob@example.com",
          "role": "admin"
        }
      ]
    }
    "#);
    assert_json_snapshot!(bob.get("/api/v1/organizations").await.json(), @r#"
    {
      "items": [
        {
          "name": "acme",
          "created_at": "2026-01-01T00:00:00Z",
          "role": "admin",
          "n_members": 2,
          "n_teams": 1,
          "n_registries": 0
        }
      ]
    }
    "#);
    assert_json_snapshot!(eve.get("/api/v1/organizations/acme").await.json()["teams"], @r#"
    [
      {
        "name": "lab",
        "role": null,
        "n_members": 1
      }
    ]
    "#);
    assert_eq!(eve.get("/api/v1/teams/lab").await.status, 404);
    assert_eq!(eve.get("/api/v1/teams").await.json(), json!({"items": []}));
    assert_json_snapshot!(server.ada().get("/api/v1/teams").await.json(), @r#"
    {
      "items": [
        {
          "name": "lab",
          "organization": "acme",
          "role": null,
          "n_members": 1,
          "n_projects": 0,
          "created_at": "2026-01-01T00:00:00Z"
        }
      ]
    }
    "#);
    assert_json_snapshot!(bob.get("/api/v1/entities").await.json(), @r#"
    {
      "items": [
        {
          "name": "bob",
          "kind": "user",
          "role": "admin",
          "organization": null
        },
        {
          "name": "acme",
          "kind": "organization",
          "role": "admin",
          "organization": null
        },
        {
          "name": "lab",
          "kind": "team",
          "role": "admin",
          "organization": "acme"
        }
      ]
    }
    "#);
    let kept = bob.delete("/api/v1/organizations/acme").await;
    assert_eq!(kept.refusal(), (409, "conflict".to_owned()));
    assert_eq!(bob.delete("/api/v1/teams/lab").await.status, 204);
    assert_eq!(bob.delete("/api/v1/organizations/acme").await.status, 204);
    let missing = bob.get("/api/v1/organizations/acme").await;
    assert_eq!(missing.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn members_of_a_team() {
    let server = server_with_eve().await;
    let (bob, eve) = (server.bob(), server.with_key(EVE_KEY));
    let made = bob.post("/api/v1/teams", json!({"name": "lab"})).await;
    assert_eq!(made.status, 201);
    let members = "/api/v1/teams/lab/members";
    let role = |role: &str| Some(json!({"role": role}));
    let put = bob
        .call("PUT", &format!("{members}/eve"), role("viewer"))
        .await;
    assert_eq!(
        (put.status.as_u16(), put.json()),
        (
            200,
            json!({"username": "eve", "email": "eve@example.com", "role": "viewer"})
        )
    );
    for (client, path, body, refusal) in [
        (&eve, "eve", role("admin"), (403, "forbidden")),
        (&bob, "nobody", role("member"), (404, "user_not_found")),
        (
            &bob,
            "eve",
            role("restricted_viewer"),
            (422, "invalid_body"),
        ),
        (&bob, "bob", role("member"), (409, "conflict")),
    ] {
        let path = format!("{members}/{path}");
        let refused = client.call("PUT", &path, body).await;
        assert_eq!(refused.refusal(), (refusal.0, refusal.1.to_owned()));
    }
    assert_eq!(eve.delete(&format!("{members}/bob")).await.status, 403);
    assert_eq!(bob.delete(&format!("{members}/bob")).await.status, 409);
    assert_eq!(eve.delete(&format!("{members}/eve")).await.status, 204);
    assert_eq!(eve.get("/api/v1/teams/lab").await.status, 404);
    let many: Vec<Value> = (0..1_001)
        .map(|n| json!({"username": format!("user{n}"), "role": "member"}))
        .collect();
    let refused = bob
        .post("/api/v1/teams", json!({"name": "crowd", "members": many}))
        .await;
    assert_eq!(refused.refusal(), (422, "invalid_value".to_owned()));
}

#[tokio::test]
async fn projects_of_a_team_are_listed_and_go_when_asked() {
    let server = server_with_eve().await;
    let (bob, eve) = (server.bob(), server.with_key(EVE_KEY));
    let new = json!({"name": "lab", "members": [{"username": "eve", "role": "viewer"}]});
    assert_eq!(bob.post("/api/v1/teams", new).await.status, 201);
    let caller = server
        .tracking
        .authenticate_key(super::server::BOB_KEY)
        .await;
    let caller = caller.expect("stores work").expect("own key");
    let (team, project) = (
        "lab".parse().expect("valid"),
        "vision".parse().expect("valid"),
    );
    server
        .tracking
        .upsert_project(&caller, Some(&team), &project, None)
        .await
        .expect("a project");
    let path = "/api/v1/projects/lab/vision";
    assert_eq!(names(&eve.get("/api/v1/projects").await.json()), ["vision"]);
    assert_eq!(eve.get(path).await.json()["role"], "viewer");
    let changed = json!({"description": "x"});
    let refused = eve.call("PATCH", path, Some(changed)).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    assert_eq!(
        refused.json()["message"],
        "your role in `lab/vision` is `viewer`, and this takes the role `member`"
    );
    assert_eq!(eve.delete(path).await.status, 403);
    assert_eq!(server.ada().get(path).await.status, 404);

    let kept = bob.delete("/api/v1/teams/lab").await;
    assert_eq!(kept.refusal(), (409, "conflict".to_owned()));
    let gone = bob.delete("/api/v1/teams/lab?projects=delete").await;
    assert_eq!(gone.status, 204);
    assert!(names(&eve.get("/api/v1/projects").await.json()).is_empty());
}
