use ballast_tracking::artifacts::VersionChanges;
use insta::assert_json_snapshot;
use serde_json::json;

use super::server::TestServer;

const DATA: &str = "/api/v1/collections/ada/vision/data";
const V0: &str = "/api/v1/artifacts/ada/vision/data/v0";

/// A run `one` that made two versions of `data`, and `net`, which it made of the second.
async fn server_with_artifacts() -> TestServer {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let old = [("a.txt", "0123456789"), ("page.html", "<script>1</script>")];
    server
        .log_artifact(Some(&run), "data", "dataset", &old)
        .await;
    let new = [("a.txt", "0123"), ("b/c.js", "alert(1)")];
    let data = server
        .log_artifact(Some(&run), "data", "dataset", &new)
        .await;
    server
        .tracking
        .use_version(&server.ada, &run, data.key, Some("training".to_owned()))
        .await
        .expect("used");
    server
        .log_artifact(Some(&run), "net", "model", &[("weights", "w")])
        .await;
    server
}

#[tokio::test]
async fn collections_are_listed_with_their_figures() {
    let server = server_with_artifacts().await;
    let ada = server.ada();
    let types = ada.get("/api/v1/projects/ada/vision/artifact-types").await;
    assert_json_snapshot!(types.json(), @r#"
    {
      "items": [
        {
          "name": "dataset",
          "description": "",
          "n_collections": 1
        },
        {
          "name": "model",
          "description": "",
          "n_collections": 1
        }
      ]
    }
    "#);
    let list = "/api/v1/projects/ada/vision/collections";
    let first = ada.get(&format!("{list}?limit=1")).await.json();
    assert_eq!(first["items"][0]["name"], "net");
    assert_eq!(first["total"], 2);
    let cursor = first["next_cursor"].as_str().expect("a next page");
    let second = ada.get(&format!("{list}?limit=1&cursor={cursor}")).await;
    assert_json_snapshot!(second.json(), @r#"
    {
      "items": [
        {
          "entity": "ada",
          "project": "vision",
          "name": "data",
          "type": "dataset",
          "kind": "versions",
          "description": null,
          "tags": [],
          "n_versions": 2,
          "latest": {
            "entity": "ada",
            "project": "vision",
            "collection": "data",
            "type": "dataset",
            "version": "v1",
            "aliases": [
              "latest"
            ],
            "digest": "be29adcce97626d546283d75817f7ccf",
            "n_files": 2,
            "size_bytes": 12,
            "created_at": "2026-01-01T00:00:00Z"
          },
          "size_bytes": 40,
          "created_at": "2026-01-01T00:00:00Z",
          "updated_at": "2026-01-01T00:00:00Z"
        }
      ],
      "next_cursor": null,
      "total": 2
    }
    "#);
    for (query, n) in [("type=model", 1), ("type=other", 0), ("search=DAT", 1)] {
        let found = ada.get(&format!("{list}?{query}")).await.json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(n), "{query}");
    }
    let wrong = ada.get(&format!("{list}?cursor=x")).await;
    assert_eq!(wrong.refusal(), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn versions_are_shown_with_who_made_them() {
    let server = server_with_artifacts().await;
    let ada = server.ada();
    let versions = ada.get(&format!("{DATA}/versions?limit=1")).await.json();
    assert_eq!(versions["items"][0]["version"], "v1");
    assert_eq!(versions["next_cursor"], "1");
    let older = ada.get(&format!("{DATA}/versions?cursor=1")).await.json();
    assert_eq!(older["items"][0]["version"], "v0");
    assert_eq!(older["next_cursor"], json!(null));
    let latest = ada.get("/api/v1/artifacts/ada/vision/data/latest").await;
    assert_json_snapshot!(latest.json(), @r#"
    {
      "entity": "ada",
      "project": "vision",
      "collection": "data",
      "type": "dataset",
      "version": "v1",
      "aliases": [
        "latest"
      ],
      "tags": [],
      "digest": "be29adcce97626d546283d75817f7ccf",
      "description": null,
      "metadata": {
        "rows": 3
      },
      "n_files": 2,
      "size_bytes": 12,
      "ttl_s": null,
      "created_at": "2026-01-01T00:00:00Z",
      "updated_at": "2026-01-01T00:00:00Z",
      "logged_by": {
        "entity": "ada",
        "project": "vision",
        "run": "one",
        "name": "title of one",
        "state": "running",
        "job_type": null,
        "group": null,
        "created_at": "2026-01-01T00:00:00Z"
      },
      "n_used_by": 1,
      "used_as": null,
      "source": null
    }
    "#);
    let of_run = ada
        .get("/api/v1/runs/ada/vision/one/artifacts")
        .await
        .json();
    assert_eq!(of_run["used"][0]["used_as"], "training");
    assert_eq!(of_run["logged"].as_array().map(Vec::len), Some(3));
    let missing = ada.get("/api/v1/artifacts/ada/vision/data/v9").await;
    assert_eq!(missing.refusal(), (404, "version_not_found".to_owned()));
    let missing = ada.get("/api/v1/artifacts/ada/vision/other/v0").await;
    assert_eq!(missing.refusal(), (404, "collection_not_found".to_owned()));
}

#[tokio::test]
async fn files_of_a_version_come_whole_or_in_part() {
    let server = server_with_artifacts().await;
    let ada = server.ada();
    let files = ada.get(&format!("{V0}/files?limit=1")).await;
    assert_json_snapshot!(files.json(), @r#"
    {
      "items": [
        {
          "path": "a.txt",
          "size_bytes": 10,
          "mime_type": "text/plain",
          "md5": "eB5eJF1ptWaXm4bijSPyxw==",
          "reference": null
        }
      ],
      "next_cursor": "a.txt"
    }
    "#);
    let path = format!("{V0}/files/a.txt");
    let whole = ada.get(&path).await;
    assert_eq!((whole.status.as_u16(), whole.text()), (200, "0123456789"));
    let etag = whole.header("etag").to_owned();
    let part = ada.get_with(&path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status.as_u16(), part.text()), (206, "234"));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    let known = ada.get_with(&path, &[("if-none-match", &etag)]).await;
    assert_eq!(known.status, 304);
    let outside = ada.get_with(&path, &[("range", "bytes=10-")]).await;
    assert_eq!(outside.refusal(), (416, "range_not_satisfiable".to_owned()));
    let page = ada
        .get(&format!("{V0}/files/page.html?download=true"))
        .await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("sandbox allow-scripts;"), "{policy}");
    assert!(page.header("content-disposition").starts_with("attachment"));
    let missing = ada.get(&format!("{V0}/files/none")).await;
    assert_eq!(missing.refusal(), (404, "file_not_found".to_owned()));
}

#[tokio::test]
async fn a_table_is_read_by_the_page() {
    let server = TestServer::new().await;
    let files = [
        ("t.csv", "a,b\n1,x\n2,\n3,z\n"),
        ("t.parquet", "a,b\n1,x\n"),
        ("t.txt", "a,b\n"),
    ];
    server.log_artifact(None, "data", "dataset", &files).await;
    let rows = "/api/v1/artifacts/ada/vision/data/v0/rows";
    let ada = server.ada();
    let page = ada
        .get(&format!("{rows}/t.csv?from=1&limit=1"))
        .await
        .json();
    assert_eq!(
        page,
        json!({
            "columns": [{"name": "a", "type": "number"}, {"name": "b", "type": "empty"}],
            "n_columns": 2,
            "items": [["2", null]],
            "from": 1, "total": null, "has_more": true,
        })
    );
    let refused = ada.get(&format!("{rows}/t.txt")).await;
    assert_eq!(refused.refusal(), (422, "not_a_table".to_owned()));
    let other = ada.get(&format!("{rows}/t.parquet")).await;
    assert_eq!(
        other.json()["message"],
        "file `t.parquet` cannot be read as a table: it is no Parquet file"
    );
    assert_eq!(other.refusal(), (422, "invalid_value".to_owned()));
    for name in ["t.csv", "t.parquet"] {
        let hidden = server.bob().get(&format!("{rows}/{name}")).await;
        assert_eq!(hidden.status, 404);
    }
}

#[tokio::test]
async fn what_is_said_of_a_version_changes_and_is_remembered() {
    let server = server_with_artifacts().await;
    let ada = server.ada();
    let patch = json!({
        "description": "the first", "metadata": {"rows": 4}, "ttl_s": 60,
        "tags": ["small"], "add_aliases": ["best"], "remove_aliases": ["never there"],
    });
    let changed = ada.patch(V0, patch).await.json();
    assert_eq!(changed["aliases"], json!(["best"]));
    assert_eq!(changed["metadata"], json!({"rows": 4}));
    assert_eq!(
        (&changed["ttl_s"], &changed["tags"][0]),
        (&json!(60), &json!("small"))
    );
    let kept = ada.patch(V0, json!({"ttl_s": null})).await.json();
    assert_eq!(kept["ttl_s"], json!(null));
    assert_eq!(kept["description"], "the first");
    let history = ada.get(&format!("{V0}/history")).await.json();
    let kinds: Vec<&str> = history["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "created",
            "committed",
            "alias_added",
            "alias_removed",
            "description_changed",
            "metadata_changed",
            "ttl_changed",
            "tag_added",
            "alias_added",
            "ttl_changed"
        ]
    );
    assert_eq!(history["items"][0]["detail"], "one");
    assert_eq!(history["items"][1]["by"], "ada");
    for (patch, code) in [
        (json!({"add_aliases": ["a:b"]}), "invalid_name"),
        (json!({"ttl_s": 0}), "invalid_value"),
        (json!({"metadata": [1]}), "invalid_body"),
        (
            json!({"add_aliases": ["x"], "remove_aliases": ["x"]}),
            "conflict",
        ),
        (json!({"digest": "x"}), "invalid_body"),
    ] {
        let refused = ada.patch(V0, patch).await;
        assert_eq!(refused.refusal().1, code);
    }
}

#[tokio::test]
async fn metadata_that_is_read_and_sent_back_keeps_its_numbers() {
    let server = TestServer::new().await;
    let ada = server.ada();
    let files = [("a.txt", "0123")];
    let logged = server.log_artifact(None, "data", "dataset", &files).await;
    let stored = async || {
        let version = server.tracking.get_version(&server.ada, logged.key).await;
        version.expect("there").metadata.expect("some")
    };
    let changes = VersionChanges {
        metadata: Some(r#"{"loss":NaN,"best":[-Infinity,1.0],"seed":98765432109876543210}"#.into()),
        ..VersionChanges::default()
    };
    let changed = server
        .tracking
        .update_version(&server.ada, logged.key, changes)
        .await;
    changed.expect("changed");
    let mut metadata = ada.get(V0).await.json()["metadata"].take();
    assert_eq!(metadata["loss"], "NaN");
    metadata["epoch"] = json!(3);
    ada.patch(V0, json!({ "metadata": metadata })).await.json();
    let kept = r#"{"loss":NaN,"best":[-Infinity,1.0],"seed":98765432109876543210,"epoch":3}"#;
    assert_eq!(stored().await, kept);
    let refused = server.bob().patch(V0, json!({"metadata": {}})).await;
    assert_eq!(refused.status, 404);
    assert_eq!(stored().await, kept);
}

#[tokio::test]
async fn what_has_names_is_deleted_only_if_asked() {
    let server = server_with_artifacts().await;
    let ada = server.ada();
    let latest = "/api/v1/artifacts/ada/vision/data/latest";
    assert_eq!(
        ada.delete(latest).await.refusal(),
        (409, "conflict".to_owned())
    );
    assert_eq!(
        ada.delete(&format!("{latest}?aliases=true")).await.status,
        204
    );
    assert_eq!(ada.get(latest).await.json()["version"], "v0");
    let renamed = ada
        .patch(
            DATA,
            json!({"name": "renamed", "tags": ["x"], "description": "d"}),
        )
        .await
        .json();
    assert_eq!(
        (&renamed["name"], &renamed["tags"]),
        (&json!("renamed"), &json!(["x"]))
    );
    let renamed = "/api/v1/collections/ada/vision/renamed";
    let taken = ada.patch(renamed, json!({"name": "net"})).await;
    assert_eq!(taken.refusal(), (409, "conflict".to_owned()));
    let v0 = "/api/v1/artifacts/ada/vision/renamed/v0";
    ada.patch(v0, json!({"add_aliases": ["best"]})).await;
    assert_eq!(
        ada.delete(renamed).await.refusal(),
        (409, "conflict".to_owned())
    );
    assert_eq!(
        ada.delete(&format!("{renamed}?aliases=true")).await.status,
        204
    );
    assert_eq!(
        ada.get(v0).await.refusal(),
        (404, "collection_not_found".to_owned())
    );
}

#[tokio::test]
async fn artifacts_of_others_do_not_exist() {
    let server = server_with_artifacts().await;
    let bob = server.bob();
    for path in [
        "/projects/ada/vision/artifact-types",
        "/projects/ada/vision/collections",
        "/collections/ada/vision/data",
        "/collections/ada/vision/data/versions",
        "/artifacts/ada/vision/data/v0",
        "/artifacts/ada/vision/data/v0/files",
        "/artifacts/ada/vision/data/v0/files/a.txt",
        "/artifacts/ada/vision/data/v0/history",
        "/runs/ada/vision/one/artifacts",
        "/lineage?of=run:ada/vision/one",
        "/lineage?of=artifact:ada/vision/data:v0",
        "/diff?left=run:ada/vision/one&right=run:ada/vision/one",
    ] {
        let refused = bob.get(&format!("/api/v1{path}")).await;
        assert_eq!(refused.status, 404, "{path}");
        let refused = server.anonymous().get(&format!("/api/v1{path}")).await;
        assert_eq!(refused.status, 401, "{path}");
    }
    for path in [DATA, V0] {
        assert_eq!(bob.patch(path, json!({})).await.status, 404, "{path}");
        let refused = bob.delete(&format!("{path}?aliases=true")).await;
        assert_eq!(refused.status, 404, "{path}");
    }
}
