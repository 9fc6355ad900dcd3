use insta::assert_json_snapshot;
use serde_json::json;

use super::server::TestServer;

const EVE_KEY: &str = "eve0eve0eve0eve0eve0eve0eve0eve0eve0eve0";
const REGISTRIES: &str = "/api/v1/organizations/acme/registries";
const MODELS: &str = "/api/v1/organizations/acme/registries/models";

/// A server where ada has an organization `acme`, of which bob is a viewer, with a registry `models`. Ada has logged two
/// versions of `net`. Eve is a stranger.
async fn server_with_registry() -> TestServer {
    let server = TestServer::new().await;
    let ada = server.ada();
    let eve = json!({"username": "eve", "email": "eve@example.com", "api_key": EVE_KEY});
    assert_eq!(ada.post("/api/v1/users", eve).await.status, 201);
    let acme = json!({"name": "acme", "members": [
        {"username": "ada", "role": "admin"}, {"username": "bob", "role": "viewer"},
    ]});
    assert_eq!(ada.post("/api/v1/organizations", acme).await.status, 201);
    let models =
        json!({"name": "models", "description": "what ships", "artifact_types": ["model"]});
    let made = ada.post(REGISTRIES, models).await;
    assert_eq!(made.status, 201, "{}", made.text());
    for content in ["old", "new"] {
        server
            .log_artifact(None, "net", "model", &[("weights", content)])
            .await;
    }
    server
}

#[tokio::test]
async fn a_registry_is_made_changed_and_deleted() {
    let server = server_with_registry().await;
    let (ada, bob) = (server.ada(), server.bob());
    assert_json_snapshot!(ada.get(MODELS).await.json(), @r#"
    {
      "organization": "acme",
      "name": "models",
      "project": "wandb-registry-models",
      "description": "what ships",
      "access": "private",
      "allow_all_artifact_types": false,
      "artifact_types": [
        "model"
      ],
      "protected_aliases": [],
      "role": "admin",
      "n_collections": 0,
      "n_versions": 0,
      "n_members": 2,
      "created_at": "2026-01-01T00:00:00Z",
      "updated_at": "2026-01-01T00:00:00Z"
    }
    "#);
    let repeated = ada.post(REGISTRIES, json!({"name": "models"})).await;
    assert_eq!(repeated.refusal(), (409, "conflict".to_owned()));
    let wrong = ada.post(REGISTRIES, json!({"name": "a/b"})).await;
    assert_eq!(wrong.refusal(), (422, "invalid_name".to_owned()));

    let seen = bob.get(REGISTRIES).await.json();
    assert_eq!(seen["items"][0]["role"], "viewer");
    let refused = bob.patch(MODELS, json!({"access": "restricted"})).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    let change = json!({"access": "restricted", "name": "nets", "add_artifact_types": ["dataset"]});
    let changed = ada.patch(MODELS, change).await.json();
    assert_eq!(changed["name"], "nets");
    assert_eq!(changed["artifact_types"], json!(["dataset", "model"]));
    assert_eq!(changed["n_members"], 1);
    assert_eq!(bob.get(REGISTRIES).await.json()["items"], json!([]));
    let nets = format!("{REGISTRIES}/nets");
    assert_eq!(bob.get(&nets).await.refusal().0, 404);
    assert_eq!(ada.get(MODELS).await.refusal().0, 404);
    assert_eq!(ada.delete(&nets).await.status, 204);
    assert_eq!(ada.get(&nets).await.refusal().0, 404);
}

#[tokio::test]
async fn versions_are_linked_read_and_unlinked() {
    let server = server_with_registry().await;
    let (ada, bob) = (server.ada(), server.bob());
    let versions = format!("{MODELS}/collections/net/versions");
    let linked = ada
        .post(
            &versions,
            json!({"artifact": "ada/vision/net:v1", "aliases": ["prod"]}),
        )
        .await;
    assert_eq!(linked.status, 201, "{}", linked.text());
    assert_json_snapshot!(linked.json()["source"], @r#"
    {
      "entity": "ada",
      "project": "vision",
      "collection": "net",
      "version": "v1"
    }
    "#);
    let link = json!({"artifact": "ada/vision/net:v0"});
    assert_eq!(ada.post(&versions, link.clone()).await.status, 201);
    let cards = bob.get(&format!("{MODELS}/collections?search=NE")).await;
    assert_json_snapshot!(cards.json(), @r#"
    {
      "items": [
        {
          "name": "net",
          "type": "model",
          "description": null,
          "tags": [],
          "n_versions": 2,
          "latest": {
            "version": "v1",
            "linked_at": "2026-01-01T00:00:00Z",
            "linked_by": "ada",
            "aliases": [
              "latest"
            ],
            "source": null
          },
          "aliases": [
            {
              "alias": "prod",
              "version": "v0"
            }
          ],
          "created_at": "2026-01-01T00:00:00Z",
          "updated_at": "2026-01-01T00:00:00Z"
        }
      ],
      "next_cursor": null,
      "total": 1
    }
    "#);

    // A viewer reads through the link, and only through it.
    let prod = "/api/v1/artifacts/acme/wandb-registry-models/net/prod";
    let version = bob.get(prod).await.json();
    assert_eq!(
        (&version["version"], &version["source"]),
        (&json!("v0"), &json!(null))
    );
    let file = bob.get(&format!("{prod}/files/weights")).await;
    assert_eq!((file.status.as_u16(), file.text()), (200, "new"));
    assert_eq!(
        bob.get("/api/v1/artifacts/ada/vision/net/v1")
            .await
            .refusal()
            .0,
        404
    );
    let put = json!({"role": "restricted_viewer"});
    let restricted = json!({"access": "restricted"});
    assert_eq!(ada.patch(MODELS, restricted).await.status, 200);
    assert_eq!(
        ada.put(&format!("{MODELS}/members/bob"), put).await.status,
        200
    );
    assert_eq!(bob.get(prod).await.status, 200);
    assert_eq!(
        bob.get(&format!("{prod}/files/weights")).await.refusal().0,
        403
    );
    assert_eq!(bob.get(&format!("{prod}/files")).await.refusal().0, 403);

    assert_eq!(bob.post(&versions, link.clone()).await.refusal().0, 403);
    let eve = server.with_key(EVE_KEY);
    assert_eq!(eve.post(&versions, link).await.refusal().0, 404);
    assert_eq!(eve.get(prod).await.refusal().0, 404);
    let wrong = ada.post(&versions, json!({"artifact": "net"})).await;
    assert_eq!(wrong.refusal(), (422, "invalid_name".to_owned()));
    let missing = ada
        .post(&versions, json!({"artifact": "ada/vision/net:v7"}))
        .await;
    assert_eq!(missing.refusal(), (404, "version_not_found".to_owned()));
    server
        .log_artifact(None, "data", "dataset", &[("a", "b")])
        .await;
    let refused = ada
        .post(&versions, json!({"artifact": "ada/vision/data:v0"}))
        .await;
    assert_eq!(
        refused.json()["message"],
        "registry `models` does not take artifacts of type `dataset`: expected `model`"
    );

    assert_eq!(
        bob.delete(&format!("{versions}/prod")).await.refusal().0,
        403
    );
    assert_eq!(ada.delete(&format!("{versions}/prod")).await.status, 204);
    assert_eq!(ada.get(prod).await.refusal().0, 404);
    assert_eq!(
        ada.get("/api/v1/artifacts/ada/vision/net/v1").await.status,
        200
    );
}

#[tokio::test]
async fn a_protected_alias_is_refused_to_a_member() {
    let server = server_with_registry().await;
    let (ada, bob) = (server.ada(), server.bob());
    let versions = format!("{MODELS}/collections/net/versions");
    let link = |aliases: &[&str]| json!({"artifact": "ada/vision/net:v1", "aliases": aliases});
    assert_eq!(ada.post(&versions, link(&["prod"])).await.status, 201);
    let member = json!({"role": "member"});
    let put = ada.put(&format!("{MODELS}/members/bob"), member).await;
    assert_eq!(put.status, 200);
    let protect = |aliases: &[&str]| json!({ "protected_aliases": aliases });
    let refused = bob.patch(MODELS, protect(&["prod"])).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    let changed = ada.patch(MODELS, protect(&["prod", "best"])).await.json();
    assert_eq!(changed["protected_aliases"], json!(["best", "prod"]));
    let refused = ada.patch(MODELS, protect(&["latest"])).await;
    assert_eq!(refused.refusal(), (422, "invalid_value".to_owned()));
    let seen = bob.get(MODELS).await.json();
    assert_eq!(seen["protected_aliases"], json!(["best", "prod"]));

    let version = "/api/v1/artifacts/acme/wandb-registry-models/net/v0";
    let refused = bob.patch(version, json!({"add_aliases": ["best"]})).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    let message = &refused.json()["message"];
    assert!(message.to_string().contains("alias `best` is protected"));
    let away = json!({"remove_aliases": ["prod"]});
    assert_eq!(bob.patch(version, away.clone()).await.refusal().0, 403);
    assert_eq!(bob.delete(version).await.refusal().0, 403);
    assert_eq!(bob.delete(&format!("{versions}/v0")).await.refusal().0, 403);
    let free = json!({"add_aliases": ["candidate"]});
    assert_eq!(bob.patch(version, free).await.status, 200);
    assert_eq!(ada.patch(version, away).await.status, 200);
    let unlinked = bob.delete(&format!("{versions}/v0")).await;
    assert_eq!(unlinked.status, 204, "{}", unlinked.text());
}

#[tokio::test]
async fn users_and_teams_have_roles() {
    let server = server_with_registry().await;
    let (ada, bob) = (server.ada(), server.bob());
    let team = json!({"name": "lab", "organization": "acme", "members": [{"username": "bob", "role": "viewer"}]});
    assert_eq!(ada.post("/api/v1/teams", team).await.status, 201);
    let role = |role: &str| json!({ "role": role });
    let lab = format!("{MODELS}/teams/lab");
    let put = ada.put(&lab, role("member")).await;
    assert_eq!(put.status, 200, "{}", put.text());
    assert_json_snapshot!(ada.get(&format!("{MODELS}/members")).await.json(), @r#"
    {
      "users": [
        {
          "username": "ada",
          "email": "",
          "role": "admin",
          "via": "own"
        },
        {
          "username": "bob",
          "email": "bob@example.com",
          "role": "viewer",
          "via": "organization"
        }
      ],
      "teams": [
        {
          "name": "lab",
          "role": "member",
          "n_members": 2
        }
      ]
    }
    "#);
    assert_eq!(bob.get(MODELS).await.json()["role"], "member");
    assert_eq!(ada.delete(&lab).await.status, 204);
    assert_eq!(ada.delete(&lab).await.refusal().0, 404);
    assert_eq!(bob.get(MODELS).await.json()["role"], "viewer");

    let own = format!("{MODELS}/members/bob");
    assert_eq!(bob.put(&own, role("admin")).await.refusal().0, 403);
    assert_eq!(ada.put(&own, role("admin")).await.json()["via"], "own");
    assert_eq!(bob.get(MODELS).await.json()["role"], "admin");
    let outsider = ada
        .put(&format!("{MODELS}/members/eve"), role("viewer"))
        .await;
    assert_eq!(outsider.refusal(), (409, "conflict".to_owned()));
    let wrong = ada.put(&own, role("owner")).await;
    assert_eq!(wrong.refusal(), (422, "invalid_body".to_owned()));
    assert_eq!(bob.delete(&own).await.status, 204, "one may go");
    assert_eq!(bob.get(MODELS).await.json()["role"], "viewer");
}
