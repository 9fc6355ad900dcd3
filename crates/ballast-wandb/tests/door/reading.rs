//! What the public API of the client reads.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::client::TestDoor;

async fn three_runs(door: &TestDoor) {
    for (run, rate, tags) in [
        ("a", "0.1", json!(["x"])),
        ("b", "1", json!(["x", "y"])),
        ("c", "10", json!([])),
    ] {
        let config = format!(r#"{{"lr":{{"value":{rate}}}}}"#);
        let summary = if run == "c" {
            "{}".to_owned()
        } else {
            format!(r#"{{"loss":{rate}}}"#)
        };
        door.upsert(
            run,
            json!({ "config": config, "tags": tags, "summaryMetrics": summary }),
        )
        .await;
    }
}

async fn names(door: &TestDoor, filters: &str, order: &str) -> Vec<String> {
    let document = "query Runs($filters: JSONString, $order: String) { project(name: \"vision\", entityName: \"ada\") { runCount(filters: $filters) runs(filters: $filters, order: $order) { edges { node { name projectId } cursor } } } }";
    let data = door
        .graphql(document, json!({ "filters": filters, "order": order }))
        .await
        .data();
    let edges = data["project"]["runs"]["edges"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(data["project"]["runCount"], edges.len());
    edges
        .iter()
        .map(|edge| edge["node"]["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn runs_are_filtered_and_sorted() {
    let door = TestDoor::start().await;
    three_runs(&door).await;
    for (filters, order, expected) in [
        ("{}", "+created_at", vec!["a", "b", "c"]),
        ("", "-config.lr.value", vec!["c", "b", "a"]),
        ("{}", "-summary_metrics.loss", vec!["b", "a", "c"]),
        ("{}", "+summary_metrics.loss", vec!["a", "b", "c"]),
        (r#"{"config.lr":{"$gte":1}}"#, "", vec!["b", "c"]),
        (r#"{"tags":"y"}"#, "", vec!["b"]),
        (r#"{"tags":{"$in":["x","z"]}}"#, "", vec!["a", "b"]),
        (
            r#"{"$or":[{"name":"a"},{"config.lr.value":10.0}]}"#,
            "",
            vec!["a", "c"],
        ),
        (
            r#"{"$and":[{"state":"running"},{"name":{"$ne":"b"}}]}"#,
            "",
            vec!["a", "c"],
        ),
        (r#"{"summary_metrics.loss":null}"#, "", vec!["c"]),
        (r#"{"display_name":{"$regex":"-3$"}}"#, "", vec!["c"]),
        (r#"{"colour":"red"}"#, "", vec![]),
    ] {
        assert_eq!(
            names(&door, filters, order).await,
            expected,
            "{filters} {order}"
        );
    }
    let document = "{ project(name: \"vision\") { runCount(filters: \"{\\\"$where\\\": 1}\") } }";
    assert_eq!(
        door.graphql(document, json!({})).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn runs_come_in_pages() {
    let door = TestDoor::start().await;
    three_runs(&door).await;
    let document = "query Runs($cursor: String) { project(name: \"vision\") { runs(first: 2, after: $cursor) { edges { node { name } cursor } pageInfo { endCursor hasNextPage } } } }";
    let first = door.graphql(document, json!({})).await.data()["project"]["runs"].take();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    assert_eq!(first["edges"][1]["cursor"], first["pageInfo"]["endCursor"]);
    let second = door
        .graphql(
            document,
            json!({ "cursor": first["pageInfo"]["endCursor"] }),
        )
        .await
        .data()["project"]["runs"]
        .take();
    assert_eq!(second["edges"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn samples_have_all_keys_and_no_others() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    door.log(
        "r1",
        0,
        &[
            r#"{"_step":0,"x":1,"d":{"y":5},"l.z":7}"#,
            r#"{"_step":1,"x":NaN}"#,
            r#"{"_step":2,"x":3,"d":{"y":6},"l.z":8}"#,
            r#"{"_step":3,"x":4,"d":{"y":7},"l.z":9}"#,
        ],
    )
    .await;
    let sampled = async |specs: Value| {
        let document = "query S($specs: [JSONString!]!) { project(name: \"vision\") { run(name: \"r1\") { sampledHistory(specs: $specs) } } }";
        door.graphql(document, json!({ "specs": specs }))
            .await
            .data()["project"]["run"]["sampledHistory"]
            .take()
    };
    let spec = |spec: Value| json!([spec.to_string()]);
    assert_eq!(
        sampled(spec(
            json!({ "keys": ["_step", "x"], "samples": 500, "minStep": 1, "maxStep": 2 })
        ))
        .await,
        json!([[{ "_step": 1, "x": "NaN" }, { "_step": 2, "x": 3 }]])
    );
    assert_eq!(
        sampled(spec(
            json!({ "keys": ["d.y", "l.z", "d.y"], "samples": 500 })
        ))
        .await,
        json!([[{ "d.y": 5, "l.z": 7 }, { "d.y": 6, "l.z": 8 }, { "d.y": 7, "l.z": 9 }]])
    );
    assert_eq!(
        sampled(spec(json!({ "keys": ["d"], "minStep": 2 }))).await,
        json!([[{ "d": { "y": 6 } }, { "d": { "y": 7 } }]])
    );
    assert_eq!(
        sampled(spec(json!({ "keys": ["x", "nothing"] }))).await,
        json!([[]])
    );
    // One spec where a list is declared, as the client sends it.
    assert_eq!(sampled(json!("{}")).await, json!([[]]));
}

#[tokio::test]
async fn a_scan_reads_every_row_of_its_window() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let rows: Vec<String> = (0..50)
        .map(|step| format!(r#"{{"_step":{step},"x":{step}}}"#))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    door.log("r1", 0, &rows).await;
    let run = door.run("r1", "history(minStep: 10, maxStep: 30, samples: 5) parquetHistory(liveKeys: [\"_step\"]) { parquetUrls liveData } historyKeys").await;
    assert_eq!(run["history"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        run["parquetHistory"],
        json!({ "parquetUrls": [], "liveData": [] })
    );
    assert_eq!(run["historyKeys"]["lastStep"], 49);
    let sample = door.run("r1", "history(samples: 5)").await;
    assert_eq!(sample["history"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn console_lines_come_in_pages() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let lines: Vec<String> = (0..7)
        .map(|n| format!("2026-01-02T03:04:05.000000 line {n}"))
        .collect();
    door.stream(
        "r1",
        json!({ "files": { "output.log": { "offset": 0, "content": lines } } }),
    )
    .await;
    let page = |arguments: &str| {
        format!(
            "logLineCount logLines({arguments}) {{ edges {{ node {{ number line }} }} pageInfo {{ endCursor hasNextPage }} }}"
        )
    };
    let last = door.run("r1", &page("last: 2")).await;
    assert_eq!(
        last["logLines"]["edges"][0]["node"],
        json!({ "number": 5, "line": "line 5" })
    );
    let first = door
        .run("r1", &page("first: 4, useImprovedPagination: true"))
        .await;
    assert_eq!(
        (&first["logLineCount"], &first["logLines"]["pageInfo"]),
        (&json!(7), &json!({ "endCursor": "4", "hasNextPage": true }))
    );
    let next = door.run("r1", &page("first: 4, after: \"4\"")).await;
    assert_eq!(next["logLines"]["edges"].as_array().map(Vec::len), Some(3));
    assert_eq!(next["logLines"]["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn entities_and_their_owner_are_told() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let document = "{ entity(name: \"ada\") { id name isTeam entityType members { name accountType } organization { name } user { organizations { name } } projects { edges { node { name triggers { id } } } } } organization(name: \"x\") { featureFlags(rampIDType: OrgName) { rampKey isEnabled } } serverInfo { cliVersionInfo latestLocalVersionInfo { outOfDate } features { name isEnabled } } }";
    let data = door.graphql(document, json!({})).await.data();
    assert_eq!(data["entity"]["members"][0]["name"], "ada");
    assert_eq!(
        data["entity"]["projects"]["edges"][0]["node"]["name"],
        "vision"
    );
    assert_eq!(
        (&data["entity"]["organization"], &data["organization"]),
        (&json!(null), &json!(null))
    );
    assert!(data["serverInfo"]["cliVersionInfo"]["max_cli_version"].is_string());
    assert!(
        data["serverInfo"]["features"]
            .as_array()
            .is_some_and(|features| !features.is_empty())
    );
}
