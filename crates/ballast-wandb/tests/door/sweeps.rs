//! Sweeps and agents, as the wandb client's documents ask for them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::client::{GRACE, TestDoor};

const GRID: &str = "method: grid\nprogram: train.py\nmetric:\n  name: loss\nparameters:\n  lr:\n    values: [0.1, 0.2]\n";

const UPSERT_SWEEP: &str = "mutation UpsertSweep($id: ID, $config: String, $description: String, $entityName: String, $projectName: String, $controller: JSONString, $launchScheduler: JSONString, $templateVariableValues: JSONString, $scheduler: JSONString, $state: String, $priorRunsFilters: JSONString, $displayName: String) { upsertSweep(input: {id: $id, config: $config, description: $description, entityName: $entityName, projectName: $projectName, controller: $controller, launchScheduler: $launchScheduler, templateVariableValues: $templateVariableValues, scheduler: $scheduler, state: $state, priorRunsFilters: $priorRunsFilters, displayName: $displayName}) { sweep { id name state project { id name entity { id name } } } configValidationWarnings } }";
const CREATE_AGENT: &str = "mutation CreateAgent($host: String!, $projectName: String, $entityName: String, $sweep: String!) { createAgent(input: {host: $host, projectName: $projectName, entityName: $entityName, sweep: $sweep}) { agent { id } } }";
const HEARTBEAT: &str = "mutation Heartbeat($id: ID!, $metrics: JSONString, $runState: JSONString) { agentHeartbeat(input: {id: $id, metrics: $metrics, runState: $runState}) { agent { id } commands } }";
const SWEEP_WITH_RUNS: &str = "query SweepWithRuns($entity: String, $project: String, $sweep: String!, $specs: [JSONString!]!) { project(name: $project, entityName: $entity) { sweep(sweepName: $sweep) { id name method state description config createdAt heartbeatAt updatedAt earlyStopJobRunning bestLoss controller scheduler runs { edges { node { name state config exitcode heartbeatAt shouldStop failed stopped running summaryMetrics sampledHistory(specs: $specs) } } } } } }";

/// Makes a sweep of `ada/vision`; returns its wire id and its name.
async fn create(door: &TestDoor, config: &str) -> (String, String) {
    let variables = json!({
        "config": config, "projectName": "vision", "entityName": null,
        "launchScheduler": null, "templateVariableValues": "null",
    });
    let data = door.graphql(UPSERT_SWEEP, variables).await.data();
    let payload = &data["upsertSweep"];
    assert_eq!(payload["configValidationWarnings"], json!([]));
    let sweep = &payload["sweep"];
    assert_eq!(sweep["project"]["entity"]["name"], "ada");
    let text = |key: &str| sweep[key].as_str().expect("text").to_owned();
    (text("id"), text("name"))
}

async fn agent(door: &TestDoor, sweep: &str) -> String {
    let variables = json!({ "host": "box", "projectName": "vision", "sweep": sweep });
    let data = door.graphql(CREATE_AGENT, variables).await.data();
    let id = &data["createAgent"]["agent"]["id"];
    id.as_str().expect("an id").to_owned()
}

async fn beat(door: &TestDoor, agent: &str, run_state: &str) -> Value {
    let variables = json!({ "id": agent, "metrics": "{}", "runState": run_state });
    let data = door.graphql(HEARTBEAT, variables).await.data();
    let commands = data["agentHeartbeat"]["commands"].as_str().expect("text");
    serde_json::from_str(commands).expect("JSON")
}

async fn read(door: &TestDoor, sweep: &str) -> Value {
    let variables =
        json!({ "project": "vision", "entity": "ada", "sweep": sweep, "specs": ["{}"] });
    let mut data = door.graphql(SWEEP_WITH_RUNS, variables).await.data();
    data["project"]["sweep"].take()
}

async fn finish(door: &TestDoor, run: &str) {
    door.upsert(run, json!({})).await;
    let body = json!({ "complete": true, "exitcode": 0, "files": { "wandb-summary.json": { "offset": 0, "content": ["{\"loss\": 2}"] } } });
    assert_eq!(door.stream(run, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_agent_is_given_one_run_at_a_time_and_then_sent_home() {
    let door = TestDoor::start().await;
    let (_, sweep) = create(&door, GRID).await;
    assert_eq!(sweep.len(), 8);
    assert_eq!(read(&door, &sweep).await["state"], "PENDING");
    let agent = agent(&door, &sweep).await;
    for lr in [0.1, 0.2] {
        let commands = beat(&door, &agent, "{}").await;
        let run = commands[0]["run_id"].as_str().expect("a run").to_owned();
        let expected = json!([{
            "type": "run", "run_id": run, "program": "train.py", "args": { "lr": { "value": lr } },
        }]);
        assert_eq!(commands, expected);
        // It is there before its process, and the process is its first: nothing of the client's own is in its config.
        let pending = door.run(&run, "state config sweepName").await;
        assert_eq!(pending["state"], "pending");
        assert_eq!(pending["sweepName"], sweep);
        assert_eq!(pending["config"], format!(r#"{{"lr":{{"value":{lr}}}}}"#));
        let alive = json!({ run.as_str(): true }).to_string();
        assert_eq!(beat(&door, &agent, &alive).await, json!([]));
        finish(&door, &run).await;
    }
    assert_eq!(beat(&door, &agent, "{}").await, json!([{ "type": "exit" }]));
    let done = read(&door, &sweep).await;
    assert_eq!(
        (&done["state"], &done["bestLoss"]),
        (&json!("FINISHED"), &json!(2.0))
    );
    assert_eq!(done["runs"]["edges"].as_array().expect("runs").len(), 2);
    assert_eq!(done["config"], GRID);
}

#[tokio::test]
async fn refusals_have_a_status_that_is_not_retried_and_say_why() {
    let door = TestDoor::start().await;
    let variables = json!({ "config": "method: grid\nparameters: {lr: {min: 0.1, max: 0.2}}", "projectName": "vision" });
    let answer = door.graphql(UPSERT_SWEEP, variables).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer.message().contains("parameters.lr"),
        "{}",
        answer.message()
    );

    let (id, sweep) = create(&door, GRID).await;
    let agent = agent(&door, &sweep).await;
    let stop =
        json!({ "id": id, "state": "FINISHED", "entityName": "ada", "projectName": "vision" });
    let data = door.graphql(UPSERT_SWEEP, stop).await.data();
    assert_eq!(data["upsertSweep"]["sweep"]["state"], "FINISHED");
    let again = json!({ "host": "box", "projectName": "vision", "sweep": sweep });
    let answer = door.graphql(CREATE_AGENT, again.clone()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.message().contains("is finished"),
        "{}",
        answer.message()
    );

    // Nobody else learns that it is there.
    let answer = door
        .graphql_as(
            GRACE,
            CREATE_AGENT,
            json!({ "host": "h", "entityName": "ada", "projectName": "vision", "sweep": sweep }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = door
        .graphql_as(GRACE, HEARTBEAT, json!({ "id": agent, "runState": "{}" }))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = door
        .graphql_as(
            GRACE,
            UPSERT_SWEEP,
            json!({ "id": id, "state": "CANCELED" }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // What no agent or sweep can be called, neither.
    for (document, variables) in [
        (HEARTBEAT, json!({ "id": "nonsense", "runState": "{}" })),
        (
            CREATE_AGENT,
            json!({ "host": "h", "projectName": "vision", "sweep": "missing1" }),
        ),
    ] {
        assert_eq!(
            door.graphql(document, variables).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let answer = door
        .graphql(HEARTBEAT, json!({ "id": agent, "runState": "[]" }))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(read(&door, "missing1").await, Value::Null);
}

#[tokio::test]
async fn a_local_controller_is_told_which_runs_its_wishes_became() {
    let door = TestDoor::start().await;
    let (id, sweep) = create(
        &door,
        "method: random\ncontroller: {type: local}\nparameters:\n  lr: {min: 0.0, max: 1.0}\n",
    )
    .await;
    let agent = agent(&door, &sweep).await;
    assert_eq!(beat(&door, &agent, "{}").await, json!([]));
    let wishes =
        json!({ "schedule": [{ "id": "7", "data": { "args": { "lr": { "value": 0.5 } } } }] });
    let variables = json!({ "id": id, "controller": wishes.to_string() });
    for _ in 0..2 {
        door.graphql(UPSERT_SWEEP, variables.clone()).await.data();
    }
    let commands = beat(&door, &agent, "{}").await;
    assert_eq!(commands[0]["args"], json!({ "lr": { "value": 0.5 } }));
    let run = commands[0]["run_id"].as_str().expect("a run").to_owned();
    let found = read(&door, &sweep).await;
    let scheduler = found["scheduler"].as_str().expect("text");
    let scheduler: Value = serde_json::from_str(scheduler).expect("JSON");
    assert_eq!(
        scheduler,
        json!({ "scheduled": [{ "id": "7", "runid": run }] })
    );
    assert_eq!(found["controller"], wishes.to_string());

    door.upsert(&run, json!({})).await;
    let stop = json!({ "id": id, "controller": json!({ "earlystop": [run] }).to_string() });
    door.graphql(UPSERT_SWEEP, stop).await.data();
    let alive = json!({ run.as_str(): true }).to_string();
    let expected = json!([{ "type": "stop", "run_id": run }]);
    assert_eq!(beat(&door, &agent, &alive).await, expected);
}

#[tokio::test]
async fn sweeps_are_listed_and_filtered() {
    let door = TestDoor::start().await;
    let (_, first) = create(&door, GRID).await;
    let (_, second) = create(&door, &format!("{GRID}name: larger\n")).await;
    agent(&door, &first).await;
    let document = "query GetSweeps($project: String!, $entity: String!, $filters: JSONString!) { project(name: $project, entityName: $entity) { totalSweeps sweeps(first: 50, filters: $filters) { pageInfo { endCursor hasNextPage } edges { node { __typename id name displayName runCount runCountExpected } } } } }";
    for (filters, expected) in [
        (json!({}), vec![&second, &first]),
        (json!({ "display_name": "larger" }), vec![&second]),
        (json!({ "state": "RUNNING" }), vec![&first]),
        (json!({ "$not": { "state": "running" } }), vec![&second]),
    ] {
        let variables =
            json!({ "project": "vision", "entity": "ada", "filters": filters.to_string() });
        let data = door.graphql(document, variables).await.data();
        let edges = data["project"]["sweeps"]["edges"]
            .as_array()
            .expect("edges");
        let names: Vec<_> = edges
            .iter()
            .map(|edge| edge["node"]["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, expected, "{filters}");
        assert_eq!(data["project"]["totalSweeps"], 2);
        assert_eq!(edges[0]["node"]["runCountExpected"], 2);
    }
    let filters = json!({ "project": "vision", "entity": "ada", "filters": "{\"$wild\": 1}" });
    let answer = door.graphql(document, filters).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_chosen_run_is_enqueued_under_its_name() {
    let door = TestDoor::start().await;
    let (id, sweep) = create(&door, GRID).await;
    let agent = agent(&door, &sweep).await;
    let document = "mutation EnqueueSweepRun($id: ID!, $config: JSONString!, $displayName: String) { enqueueSweepRun(input: {id: $id, config: $config, displayName: $displayName}) { id runQueueItemId } }";
    let variables =
        json!({ "id": id, "config": "{\"lr\": {\"value\": 9}}", "displayName": "mine" });
    let data = door.graphql(document, variables.clone()).await.data();
    let run = data["enqueueSweepRun"]["id"]
        .as_str()
        .expect("a run")
        .to_owned();
    assert_eq!(door.run(&run, "displayName").await["displayName"], "mine");
    let commands = beat(&door, &agent, "{}").await;
    assert_eq!(commands[0]["run_id"], run.as_str());
    let answer = door.graphql_as(GRACE, document, variables).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
