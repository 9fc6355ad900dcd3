use ballast_tracking::history::Append;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::server::TestServer;

const PATH: &str = "/api/v1/runs/ada/vision/one";

fn ids(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|run| run["id"].as_str().expect("text"))
        .collect()
}

#[tokio::test]
async fn a_run_tells_everything() {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    server
        .log(&run, 0, &[r#"{"loss":NaN,"_step":0}"#, "{broken"])
        .await;
    let append = Append {
        summary: Some(r#"{"loss":NaN,"best":{"acc":0.5}}"#.into()),
        exit_code: Some(3),
        ..Append::default()
    };
    server
        .tracking
        .append(&server.ada, &run, append)
        .await
        .expect("is stored");
    let response = server.ada().get(PATH).await;
    assert_eq!(response.status, 200);
    assert_json_snapshot!(response.json(), @r#"
    {
      "id": "one",
      "display_name": "title of one",
      "number": 1,
      "state": "failed",
      "exit_code": 3,
      "created_at": "2026-01-01T00:00:00Z",
      "heartbeat_at": "2026-01-01T00:00:00Z",
      "ended_at": "2026-01-01T00:00:00Z",
      "duration_s": 0.0,
      "user": "ada",
      "group": null,
      "job_type": null,
      "tags": [],
      "notes": null,
      "color": null,
      "stop_requested": false,
      "deleted_at": null,
      "n_history_rows": 2,
      "n_system_rows": 0,
      "n_console_lines": 0,
      "n_problems": 1,
      "parent": null,
      "sweep": null,
      "summary": {
        "loss": "NaN",
        "best": {
          "acc": 0.5
        }
      },
      "config": {},
      "environment": {
        "os": null,
        "python": null,
        "host": null,
        "program": null,
        "executable": null,
        "args": [],
        "command": null,
        "client": null,
        "git_remote": null,
        "git_commit": null,
        "started_at": null,
        "memory_bytes": null,
        "packages": []
      },
      "metric_definitions": [],
      "custom_charts": {}
    }
    "#);
    let problems = server.ada().get(&format!("{PATH}/problems")).await.json();
    assert_eq!(problems["items"][0]["stream"], "history");
    assert_eq!(problems["items"][0]["line"], 1);
    let alerts = server.ada().get(&format!("{PATH}/alerts")).await;
    assert_eq!(alerts.json(), json!({"items": []}));
}

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let server = TestServer::new().await;
    for id in ["a", "b", "c"] {
        server.add_run(id).await;
    }
    let list = "/api/v1/projects/ada/vision/runs";
    let first = server.ada().get(&format!("{list}?limit=2")).await.json();
    assert_eq!(ids(&first), ["c", "b"]);
    assert_eq!(first["total"], 3);
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = server
        .ada()
        .get(&format!("{list}?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(ids(&second), ["a"]);
    assert_eq!(second["next_cursor"], Value::Null);
    let missing = server.ada().get("/api/v1/projects/ada/other/runs").await;
    assert_eq!(missing.refusal(), (404, "project_not_found".to_owned()));
}

#[tokio::test]
async fn runs_are_found_by_text_state_and_tags() {
    let server = TestServer::new().await;
    for id in ["a", "b", "c"] {
        server.add_run(id).await;
    }
    server
        .ada()
        .patch("/api/v1/runs/ada/vision/a", json!({"tags": ["x", "y"]}))
        .await;
    server
        .ada()
        .patch("/api/v1/runs/ada/vision/b", json!({"tags": ["x"]}))
        .await;
    for (query, expected) in [
        ("tag=x", vec!["b", "a"]),
        ("tag=x&tag=y", vec!["a"]),
        ("search=TITLE+of+C", vec!["c"]),
        ("state=running&state=crashed", vec!["c", "b", "a"]),
        ("state=finished", vec![]),
        ("deleted=true", vec![]),
    ] {
        let list = server
            .ada()
            .get(&format!("/api/v1/projects/ada/vision/runs?{query}"))
            .await
            .json();
        assert_eq!(ids(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn edits_change_only_what_they_name() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let edit = json!({"display_name": "new", "notes": "n", "tags": ["t"], "group": "g", "color": "#1F77B4"});
    let edited = server.ada().patch(PATH, edit).await;
    assert_eq!(edited.status, 200);
    let fields = |run: &Value| {
        ["display_name", "notes", "tags", "group", "color"].map(|field| run[field].clone())
    };
    let expected = [
        json!("new"),
        json!("n"),
        json!(["t"]),
        json!("g"),
        json!("#1f77b4"),
    ];
    assert_eq!(fields(&edited.json()), expected);
    let unchanged = server.ada().patch(PATH, json!({})).await;
    assert_eq!(fields(&unchanged.json()), expected);
    let removed = server
        .ada()
        .patch(PATH, json!({"notes": "", "group": null, "color": null}))
        .await;
    assert_eq!(
        fields(&removed.json()),
        [
            json!("new"),
            Value::Null,
            json!(["t"]),
            Value::Null,
            Value::Null
        ]
    );
    let odd = server.ada().patch(PATH, json!({"color": "red"})).await;
    assert_eq!(odd.refusal(), (422, "invalid_value".to_owned()));
    let missing = server
        .ada()
        .patch("/api/v1/runs/ada/vision/none", json!({}))
        .await;
    assert_eq!(missing.refusal(), (404, "run_not_found".to_owned()));
}

#[tokio::test]
async fn deleting_goes_through_the_bin() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let purge = format!("{PATH}?purge=true");
    assert_eq!(
        server.ada().delete(&purge).await.refusal(),
        (409, "conflict".to_owned())
    );
    assert_eq!(server.ada().delete(PATH).await.status, 204);
    assert_eq!(server.ada().get(PATH).await.status, 404);
    let bin = server
        .ada()
        .get("/api/v1/projects/ada/vision/runs?deleted=true")
        .await
        .json();
    assert_eq!(ids(&bin), ["one"]);
    let restored = server
        .ada()
        .post(&format!("{PATH}/restore"), json!({}))
        .await;
    assert_eq!(restored.json()["deleted_at"], Value::Null);
    assert_eq!(server.ada().get(PATH).await.status, 200);
    server.ada().delete(PATH).await;
    assert_eq!(server.ada().delete(&purge).await.status, 204);
    assert_eq!(
        server.ada().delete(&purge).await.refusal(),
        (404, "run_not_found".to_owned())
    );
}

#[tokio::test]
async fn a_live_run_can_be_asked_to_stop() {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let stop = format!("{PATH}/stop");
    let asked = server.ada().post(&stop, json!({})).await;
    assert_eq!(asked.status, 202);
    assert_eq!(asked.json()["stop_requested"], true);
    assert_eq!(server.ada().post(&stop, json!({})).await.status, 202);
    let append = Append {
        exit_code: Some(0),
        ..Append::default()
    };
    server
        .tracking
        .append(&server.ada, &run, append)
        .await
        .expect("is stored");
    assert_eq!(
        server.ada().post(&stop, json!({})).await.refusal(),
        (409, "conflict".to_owned())
    );
}
