//! A run from init to finish, and what it may do on the way.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{ADA, TestDoor};

fn config(entries: &str) -> Value {
    json!({ "config": format!(r#"{{{entries}"_wandb":{{"value":{{"t":{{"1":[5]}},"cli_version":"0.31.0"}}}}}}"#) })
}

#[tokio::test]
async fn a_run_from_init_to_finish() {
    let door = TestDoor::start().await;
    let viewer = door.graphql("query Viewer { viewer { id entity username flags teams { edges { node { name } } } } }", json!(null)).await.data();
    assert_eq!(viewer["viewer"]["entity"], "ada");
    assert_eq!(viewer["viewer"]["teams"]["edges"][0]["node"]["name"], "ada");

    let made = door
        .upsert(
            "r1",
            config(r#""lr":{"value":0.1},"inf":{"value":Infinity},"#),
        )
        .await;
    assert_eq!(made["inserted"], true);
    assert_eq!(made["bucket"]["name"], "r1");
    assert_eq!(made["bucket"]["historyLineCount"], 0);
    assert_eq!(made["bucket"]["project"]["name"], "vision");
    assert_eq!(made["bucket"]["project"]["entity"]["name"], "ada");
    assert!(
        made["bucket"]["displayName"]
            .as_str()
            .is_some_and(|name| name.ends_with("-1"))
    );

    door.log(
        "r1",
        0,
        &[
            r#"{"_step":0,"loss":NaN,"d":{"x":1}}"#,
            r#"{"_step":1,"loss":0.5,"big":4611686018427387904}"#,
        ],
    )
    .await;
    let answer = door
        .stream(
            "r1",
            json!({ "files": {
                "wandb-history.jsonl": { "offset": 2, "content": [r#"{"_step":2,"loss":Infinity}"#] },
                "wandb-events.jsonl": { "offset": 0, "content": [r#"{"_wandb":true,"_runtime":1.5,"system.cpu":3}"#] },
                "wandb-summary.json": { "offset": 0, "content": [r#"{"loss":Infinity,"_step":2}"#] },
                "output.log": { "offset": 0, "content": [r#"{"ts":"2026-01-02T03:04:05.000000","content":"hello"}"#] },
            }, "complete": true, "exitcode": 0 }),
        )
        .await;
    assert_eq!(answer.json(), json!({ "exitcode": null, "limits": {} }));

    let run = door
        .run("r1", "state config summaryMetrics systemMetrics historyLineCount eventsLineCount logLineCount history(samples: 10) historyKeys exitcode user { name username } logLines(last: 5) { edges { node { number timestamp level line } } }")
        .await;
    assert_eq!(run["state"], "finished");
    assert_eq!(run["exitcode"], 0);
    assert_eq!(run["user"]["username"], "ada");
    assert_eq!(run["summaryMetrics"], r#"{"loss":Infinity,"_step":2}"#);
    assert_eq!(run["systemMetrics"], r#"{"system.cpu":3}"#);
    assert_eq!(
        run["config"],
        r#"{"lr":{"value":0.1},"inf":{"value":Infinity},"_wandb":{"value":{"t":{"1":[5]},"cli_version":"0.31.0"}}}"#
    );
    assert_eq!(
        (
            &run["historyLineCount"],
            &run["eventsLineCount"],
            &run["logLineCount"]
        ),
        (&json!(3), &json!(1), &json!(1))
    );
    let rows: Vec<&str> = run["history"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows[0].contains(r#""loss":NaN"#) && rows[0].contains(r#""d":{"x":1}"#),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].contains(r#""big":4611686018427387904"#),
        "{}",
        rows[1]
    );
    assert_eq!(run["historyKeys"]["lastStep"], 2);
    assert_eq!(
        run["historyKeys"]["keys"]["loss"]["previousValue"],
        "Infinity"
    );
    assert_eq!(run["logLines"]["edges"][0]["node"]["line"], "hello");
}

#[tokio::test]
async fn a_request_that_comes_twice_stores_everything_once() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    for _ in 0..2 {
        door.log("r1", 0, &[r#"{"_step":0,"x":1}"#, r#"{"_step":1,"x":2}"#])
            .await;
    }
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        2
    );
}

#[tokio::test]
async fn resuming_continues_behind_the_last_line() {
    let door = TestDoor::start().await;
    let made = door.upsert("r1", config("")).await;
    door.log(
        "r1",
        0,
        &[
            r#"{"_step":0,"_runtime":1.5,"x":1}"#,
            r#"{"_step":7,"_runtime":2.5,"x":2}"#,
        ],
    )
    .await;
    let document = r#"query R($name: String!) { model(name: "vision", entityName: "ada") { bucket(name: $name, missingOk: true) { id historyLineCount eventsLineCount logLineCount historyTail eventsTail wandbConfig(keys: ["t"]) } } }"#;
    let status = door.graphql(document, json!({ "name": "r1" })).await.data();
    let bucket = &status["model"]["bucket"];
    assert_eq!(bucket["historyLineCount"], 2);
    assert_eq!(bucket["eventsTail"], "[]");
    assert_eq!(bucket["wandbConfig"], r#"{"t":{"1":[5]}}"#);
    let tail: Vec<String> = serde_json::from_str(bucket["historyTail"].as_str().expect("a text"))
        .expect("a list of texts");
    let row: Value = serde_json::from_str(&tail[0]).expect("a row");
    assert_eq!((&row["_step"], &row["_runtime"]), (&json!(7), &json!(2.5)));
    assert_eq!(
        door.graphql(document, json!({ "name": "r2" })).await.data()["model"]["bucket"],
        json!(null)
    );

    let resumed = door
        .upsert("r1", json!({ "id": made["bucket"]["id"] }))
        .await;
    assert_eq!(
        (&resumed["inserted"], &resumed["bucket"]["historyLineCount"]),
        (&json!(false), &json!(2))
    );
    // Without the id the script starts afresh, and its rows replace the old ones.
    assert_eq!(
        door.upsert("r1", json!({})).await["bucket"]["historyLineCount"],
        0
    );
}

#[tokio::test]
async fn a_fork_inherits_rows_and_says_where_it_goes_on() {
    let door = TestDoor::start().await;
    door.upsert("parent", json!({})).await;
    door.log(
        "parent",
        0,
        &[
            r#"{"_step":0,"x":1}"#,
            r#"{"_step":1,"x":2}"#,
            r#"{"_step":2,"x":3}"#,
        ],
    )
    .await;
    let branch = json!({ "config": r#"{"_wandb":{"value":{"branch_point":{"run_id":"parent","step":1}}}}"# });
    assert_eq!(
        door.upsert("child", branch.clone()).await["bucket"]["historyLineCount"],
        2
    );
    // The first answer may have been lost.
    assert_eq!(
        door.upsert("child", branch).await["bucket"]["historyLineCount"],
        2
    );
    door.log("child", 2, &[r#"{"_step":2,"x":30}"#]).await;
    let rows = door.run("child", "history(minStep: 0, maxStep: 100)").await;
    assert_eq!(rows["history"].as_array().map(Vec::len), Some(3));
    assert!(
        rows["history"][2]
            .as_str()
            .is_some_and(|row| row.contains("30"))
    );

    let lost = json!({ "config": r#"{"_wandb":{"value":{"branch_point":{"run_id":"nobody","step":1}}}}"# });
    let answer = door.try_upsert("orphan", lost).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rewinding_cuts_the_history() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    door.log(
        "r1",
        0,
        &[
            r#"{"_step":0,"x":1}"#,
            r#"{"_step":1,"x":2}"#,
            r#"{"_step":2,"x":3}"#,
        ],
    )
    .await;
    let document = "mutation R($name: String!, $value: Float!, $metric: String!) { rewindRun(input: { runName: $name, entityName: \"ada\", projectName: \"vision\", metricName: $metric, metricValue: $value }) { rewoundRun { name historyLineCount } } }";
    let data = door
        .graphql(
            document,
            json!({ "name": "r1", "value": 1, "metric": "_step" }),
        )
        .await
        .data();
    assert_eq!(data["rewindRun"]["rewoundRun"]["historyLineCount"], 2);
    let answer = door
        .graphql(
            document,
            json!({ "name": "r1", "value": 1, "metric": "loss" }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = door
        .graphql(
            document,
            json!({ "name": "r2", "value": 1, "metric": "_step" }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stop_request_reaches_the_process() {
    let door = TestDoor::start().await;
    let made = door.upsert("r1", json!({})).await;
    let id = &made["bucket"]["id"];
    let stop = "mutation S($id: ID!) { stopRun(input: { id: $id }) { clientMutationId success } }";
    assert_eq!(
        door.graphql(stop, json!({ "id": id })).await.data()["stopRun"]["success"],
        true
    );
    assert_eq!(door.stream("r1", json!({})).await.json()["stopped"], true);
    assert_eq!(door.run("r1", "stopped").await["stopped"], true);
    let answer = door
        .stream("r1", json!({ "complete": true, "exitcode": 255 }))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(door.run("r1", "state").await["state"], "killed");
}

#[tokio::test]
async fn states_are_set_by_hand_only_where_they_may() {
    let door = TestDoor::start().await;
    let made = door.upsert("r1", json!({ "state": "pending" })).await;
    let id = &made["bucket"]["id"];
    assert_eq!(door.run("r1", "state").await["state"], "pending");
    let set =
        "mutation U($input: UpdateRunStateInput!) { updateRunState(input: $input) { success } }";
    let answer = door
        .graphql(set, json!({ "input": { "id": id, "state": "finished" } }))
        .await;
    assert!(
        answer.message().contains("invalid state transition"),
        "{}",
        answer.message()
    );
    assert!(answer.status.is_client_error());
    door.graphql(set, json!({ "input": { "id": id, "state": "failed" } }))
        .await
        .data();
    assert_eq!(door.run("r1", "state").await["state"], "failed");
}

#[tokio::test]
async fn several_writers_share_a_run() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    for writer in ["w1", "w2"] {
        for _ in 0..2 {
            let body = json!({ "files": { "wandb-history.jsonl": { "offset": 0, "content": [r#"{"x":1}"#, r#"{"x":2}"#] } } });
            let headers = [
                ("X-WANDB-USE-ASYNC-FILESTREAM", "true"),
                ("X-WANDB-ASYNC-CLIENT-ID", writer),
            ];
            let answer = door
                .request(
                    Method::POST,
                    "/files/ada/vision/r1/file_stream",
                    Some(ADA),
                    &headers,
                    body.to_string(),
                )
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        }
    }
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        4
    );
}

#[tokio::test]
async fn the_client_keeps_its_notes_of_every_writer() {
    let door = TestDoor::start().await;
    for writer in ["a", "b"] {
        let config =
            format!(r#"{{"_wandb":{{"value":{{"e":{{"{writer}":{{"host":"{writer}"}}}}}}}}}}"#);
        let input = json!({ "name": "r1", "modelName": "vision", "config": config });
        let body = json!({ "query": crate::client::UPSERT, "variables": { "input": input } });
        let headers = [("X-WANDB-USE-ASYNC-FILESTREAM", "true")];
        door.request(
            Method::POST,
            "/graphql",
            Some(ADA),
            &headers,
            body.to_string(),
        )
        .await
        .data();
    }
    let run = door.run("r1", "wandbConfig(keys: [\"e\"])").await;
    assert_eq!(
        run["wandbConfig"],
        r#"{"e":{"a":{"host":"a"},"b":{"host":"b"}}}"#
    );
}

#[tokio::test]
async fn alerts_charts_and_projects_are_made() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let alert = "mutation N($severity: AlertSeverity = INFO, $waitDuration: Duration) { notifyScriptableRunAlert(input: { entityName: \"ada\", projectName: \"vision\", runName: \"r1\", title: \"T\", text: \"x\", severity: $severity, waitDuration: $waitDuration }) { success } }";
    for variables in [
        json!({}),
        json!({ "severity": "ERROR", "waitDuration": 60000 }),
    ] {
        assert_eq!(
            door.graphql(alert, variables).await.data()["notifyScriptableRunAlert"]["success"],
            true
        );
    }
    let chart = "mutation C($spec: JSONString!) { createCustomChart(input: { entity: \"ada\", name: \"mine\", displayName: \"Mine\", type: \"vega2\", access: \"PRIVATE\", spec: $spec }) { chart { id } } }";
    door.graphql(chart, json!({ "spec": "{}" })).await.data();
    let project = "mutation P($input: UpsertModelInput!) { result: upsertModel(input: $input) { project { name entityName } model { name } inserted } }";
    let input = json!({ "input": { "name": "new", "entityName": "ada", "description": "d" } });
    assert_eq!(
        door.graphql(project, input.clone()).await.data()["result"]["inserted"],
        true
    );
    assert_eq!(
        door.graphql(project, input).await.data()["result"]["inserted"],
        false
    );
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked() {
    let door = TestDoor::start().await;
    let made = door.graphql("mutation { result: generateApiKey(input: { description: \"ci\" }) { apiKey { id name description } } }", json!({})).await.data();
    let key = made["result"]["apiKey"]["name"]
        .as_str()
        .expect("the secret is told")
        .to_owned();
    assert!(
        door.graphql_as(&key, "{ viewer { id } }", json!({}))
            .await
            .data()["viewer"]["id"]
            .is_string()
    );
    let listed = door
        .graphql(
            "{ viewer { apiKeys { edges { node { id name description } } } } }",
            json!({}),
        )
        .await
        .data();
    assert!(!listed.to_string().contains(&key));
    assert!(listed.to_string().contains("ci"));
    let delete =
        "mutation D($id: String!) { result: deleteApiKey(input: { id: $id }) { success } }";
    door.graphql(delete, json!({ "id": made["result"]["apiKey"]["id"] }))
        .await
        .data();
    assert_eq!(
        door.graphql_as(&key, "{ viewer { id } }", json!({}))
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_deleted_run_is_gone_for_good_to_its_client() {
    let door = TestDoor::start().await;
    let made = door.upsert("r1", json!({})).await;
    let delete = "mutation D($id: ID!) { deleteRun(input: { id: $id }) { clientMutationId } }";
    door.graphql(delete, json!({ "id": made["bucket"]["id"] }))
        .await
        .data();
    assert_eq!(door.run("r1", "id").await, json!(null));
    assert_eq!(
        door.try_upsert("r1", json!({})).await.status,
        StatusCode::GONE
    );
    assert_eq!(
        door.stream("r1", json!({})).await.status,
        StatusCode::NOT_FOUND
    );
}
