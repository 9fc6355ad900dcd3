use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::server::TestServer;

/// `data:v0 → one → net:v0` and `data:v1 → two → net:v1`.
async fn server_with_models() -> TestServer {
    let server = TestServer::new().await;
    for (id, data, weights) in [("one", "old", "x"), ("two", "new", "y")] {
        let run = server.add_run(id).await;
        let files = [("rows.csv", data), ("same", "same")];
        let data = server.log_artifact(None, "data", "dataset", &files).await;
        server
            .tracking
            .use_version(&server.ada, &run, data.key, None)
            .await
            .expect("used");
        let files = [("weights", weights)];
        server
            .log_artifact(Some(&run), "net", "model", &files)
            .await;
    }
    server
}

#[tokio::test]
async fn lineage_has_nodes_and_edges_in_the_direction_of_data() {
    let server = server_with_models().await;
    let of = "/api/v1/lineage?of=artifact:ada/vision/net:v0";
    let lineage = server.ada().get(of).await.json();
    assert_json_snapshot!(lineage, @r#"
    {
      "focus": "a2",
      "nodes": [
        {
          "id": "a2",
          "kind": "artifact",
          "depth": 0,
          "run": null,
          "artifact": {
            "entity": "ada",
            "project": "vision",
            "collection": "net",
            "type": "model",
            "version": "v0",
            "aliases": [],
            "digest": "a60ef61afc05f7635940eeb09bbd6ed9",
            "n_files": 1,
            "size_bytes": 1,
            "created_at": "2026-01-01T00:00:00Z"
          },
          "n_hidden_up": 0,
          "n_hidden_down": 0
        },
        {
          "id": "r1",
          "kind": "run",
          "depth": -1,
          "run": {
            "entity": "ada",
            "project": "vision",
            "run": "one",
            "name": "title of one",
            "state": "running",
            "job_type": null,
            "group": null,
            "created_at": "2026-01-01T00:00:00Z"
          },
          "artifact": null,
          "n_hidden_up": 0,
          "n_hidden_down": 0
        },
        {
          "id": "a1",
          "kind": "artifact",
          "depth": -2,
          "run": null,
          "artifact": {
            "entity": "ada",
            "project": "vision",
            "collection": "data",
            "type": "dataset",
            "version": "v0",
            "aliases": [],
            "digest": "1725cebd3788ed9db43f5133f7839c87",
            "n_files": 2,
            "size_bytes": 7,
            "created_at": "2026-01-01T00:00:00Z"
          },
          "n_hidden_up": 0,
          "n_hidden_down": 0
        }
      ],
      "edges": [
        {
          "from": "a1",
          "to": "r1",
          "used_as": null
        },
        {
          "from": "r1",
          "to": "a2",
          "used_as": null
        }
      ],
      "truncated": false,
      "n_nodes_total": 3,
      "n_hidden": 0
    }
    "#);
    let near = server.ada().get(&format!("{of}&up=1&limit=1")).await.json();
    assert_eq!(
        (&near["truncated"], &near["n_nodes_total"]),
        (&json!(true), &json!(null))
    );
    let wrong = server.ada().get("/api/v1/lineage?of=net:v0").await;
    assert_eq!(wrong.refusal(), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn a_diff_names_the_first_difference_upstream() {
    let server = server_with_models().await;
    let path = "/api/v1/diff?left=artifact:ada/vision/net:v0&right=artifact:ada/vision/net:v1";
    let diff = server.ada().get(path).await.json();
    let mut first = diff["first_differences"][0].clone();
    for side in ["left_node", "right_node"] {
        assert_eq!(first[side]["kind"], "artifact");
        first[side].take();
    }
    assert_json_snapshot!(first, @r#"
    {
      "depth": 2,
      "is_root": true,
      "section": "files",
      "key": "data",
      "change": "changed",
      "left": "data:v0",
      "right": "data:v1",
      "left_node": null,
      "right_node": null,
      "message": "dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`rows.csv`)",
      "files": [
        {
          "key": "rows.csv",
          "change": "changed",
          "left": "FJYD5sA1FjYqjaI/Yk25RQ==",
          "right": "Iq9kXRhZy1ym2gxITx836g==",
          "left_text_url": "/api/v1/artifacts/ada/vision/data/v0/files/rows.csv",
          "right_text_url": "/api/v1/artifacts/ada/vision/data/v1/files/rows.csv",
          "left_size_bytes": 3,
          "right_size_bytes": 3
        }
      ]
    }
    "#);
    let section = |name: &str| -> Value {
        let mut sections = diff["sections"].as_array().expect("a list").iter();
        let found = sections.find(|section| section["name"] == name);
        found.expect("the section").clone()
    };
    assert_json_snapshot!(section("inputs"), @r#"
    {
      "name": "inputs",
      "n_same": 0,
      "n_different": 2,
      "entries": [
        {
          "key": "data",
          "change": "changed",
          "left": "ada/vision/data:v0",
          "right": "ada/vision/data:v1",
          "left_text_url": null,
          "right_text_url": null,
          "left_size_bytes": 7,
          "right_size_bytes": 7
        },
        {
          "key": "data/rows.csv",
          "change": "changed",
          "left": "FJYD5sA1FjYqjaI/Yk25RQ==",
          "right": "Iq9kXRhZy1ym2gxITx836g==",
          "left_text_url": "/api/v1/artifacts/ada/vision/data/v0/files/rows.csv",
          "right_text_url": "/api/v1/artifacts/ada/vision/data/v1/files/rows.csv",
          "left_size_bytes": 3,
          "right_size_bytes": 3
        }
      ],
      "truncated": false
    }
    "#);
    let url = section("files")["entries"][0]["left_text_url"].clone();
    let text = server.ada().get(url.as_str().expect("an address")).await;
    assert_eq!(text.text(), "x");
    let states: Vec<&str> = diff["lineage"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|part| part["state"].as_str())
        .collect();
    assert_eq!(states, ["changed", "changed", "changed"]);
    let mixed = "/api/v1/diff?left=artifact:ada/vision/net:v0&right=run:ada/vision/one";
    let refused = server.ada().get(mixed).await;
    assert_eq!(refused.refusal(), (422, "invalid_value".to_owned()));
}
