use insta::assert_json_snapshot;
use serde_json::json;

use super::server::TestServer;

const PATH: &str = "/api/v1/projects/ada/vision";

#[tokio::test]
async fn a_project_tells_about_its_runs() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let response = server.ada().get(PATH).await;
    assert_eq!(response.status, 200);
    assert_json_snapshot!(response.json(), @r#"
    {
      "entity": "ada",
      "name": "vision",
      "description": "",
      "role": "admin",
      "n_runs": 1,
      "n_live_runs": 1,
      "created_at": "2026-01-01T00:00:00Z",
      "last_activity_at": "2026-01-01T00:00:00Z",
      "activity": [
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1
      ]
    }
    "#);
    let list = server.ada().get("/api/v1/projects").await;
    assert_eq!(list.json(), json!({"items": [response.json()]}));
}

#[tokio::test]
async fn a_description_is_changed_and_kept() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let changed = server
        .ada()
        .patch(PATH, json!({"description": "cats and dogs"}))
        .await;
    assert_eq!(changed.json()["description"], "cats and dogs");
    let unchanged = server.ada().patch(PATH, json!({})).await;
    assert_eq!(unchanged.json()["description"], "cats and dogs");
    let missing = server
        .ada()
        .patch("/api/v1/projects/ada/other", json!({"description": "x"}))
        .await;
    assert_eq!(missing.refusal(), (404, "project_not_found".to_owned()));
    assert_eq!(
        server.ada().get("/api/v1/projects/ada/other").await.status,
        404
    );
}

#[tokio::test]
async fn a_deleted_project_is_gone() {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    server.add_file(&run, "notes.txt", "hello").await;
    assert_eq!(server.ada().delete(PATH).await.status, 204);
    assert_eq!(
        server.ada().delete(PATH).await.refusal(),
        (404, "project_not_found".to_owned())
    );
    let run = server.ada().get("/api/v1/runs/ada/vision/one").await;
    assert_eq!(run.refusal(), (404, "run_not_found".to_owned()));
}
