use std::collections::BTreeSet;

use ballast_model::SweepPath;
use serde_json::{Value, json};

use super::server::{BOB_KEY, TestServer};

const LIST: &str = "/api/v1/projects/ada/vision/sweeps";
const CONFIG: &str = "name: wide\nmethod: grid\nmetric: {name: loss, goal: minimize}\nparameters:\n  lr: {values: [0.1, 0.01]}\n  model:\n    parameters:\n      depth: {values: [1, 2, 3]}\n";

/// A server whose project has a run, and a sweep over a grid of six points. Gives the path of the sweep.
async fn server_with_sweep() -> (TestServer, String) {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let made = server.ada().post(LIST, json!({"config": CONFIG})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["sweep"]["id"].clone();
    let path = format!("/api/v1/sweeps/ada/vision/{}", id.as_str().expect("text"));
    (server, path)
}

fn messages(check: &Value) -> Vec<(&str, &str)> {
    let problems = check["problems"].as_array().expect("problems");
    problems
        .iter()
        .map(|problem| {
            let text = |name: &str| problem[name].as_str().expect("text");
            (text("path"), text("message"))
        })
        .collect()
}

#[tokio::test]
async fn a_sweep_tells_everything() {
    let (server, path) = server_with_sweep().await;
    let sweep = server.ada().get(&path).await;
    assert_eq!(sweep.status, 200);
    let mut body = sweep.json();
    assert_eq!(body["config"], CONFIG);
    assert_eq!(
        body["parameters"],
        json!([
            {"name": "lr", "distribution": "categorical", "is_log": false},
            {"name": "model.depth", "distribution": "categorical", "is_log": false},
        ])
    );
    let told = body.as_object_mut().expect("an object");
    let told: Value = [
        "display_name",
        "state",
        "method",
        "objectives",
        "n_expected",
        "best",
        "agents",
        "user",
        "n_live_agents",
    ]
    .iter()
    .map(|name| ((*name).to_owned(), told[*name].clone()))
    .collect::<serde_json::Map<_, _>>()
    .into();
    assert_eq!(
        told,
        json!({
            "display_name": "wide",
            "state": "pending",
            "method": "grid",
            "objectives": [{"metric": "loss", "goal": "minimize", "target": null}],
            "n_expected": 6,
            "best": null,
            "agents": [],
            "user": "ada",
            "n_live_agents": 0,
        })
    );
    let list = server.ada().get(LIST).await.json();
    assert_eq!(list["total"], 1);
    assert_eq!(list["items"][0]["id"], body["id"]);
}

#[tokio::test]
async fn pages_of_sweeps_and_trials_follow_each_other() {
    let (server, _) = server_with_sweep().await;
    for _ in 0..2 {
        server.ada().post(LIST, json!({"config": CONFIG})).await;
    }
    let first = server.ada().get(&format!("{LIST}?limit=2")).await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = server
        .ada()
        .get(&format!("{LIST}?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["next_cursor"], Value::Null);
    let refused = server.ada().get(&format!("{LIST}?cursor=x")).await;
    assert_eq!(refused.refusal(), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn trials_come_with_their_runs() {
    let (server, path) = server_with_sweep().await;
    let id = path.rsplit('/').next().expect("an id");
    let sweep = SweepPath::new("ada", "vision", id).expect("a path");
    let tracking = &server.tracking;
    let agent = tracking
        .register_agent(&server.ada, &sweep, "gpu-1")
        .await
        .expect("comes");
    let told = tracking
        .agent_heartbeat(&server.ada, agent.key, &BTreeSet::new())
        .await
        .expect("is told");
    assert_eq!(told.commands.len(), 1);
    let trials = server.ada().get(&format!("{path}/trials")).await.json();
    assert_eq!(trials["total"], 1);
    let trial = &trials["items"][0];
    assert_eq!(trial["number"], 1);
    assert_eq!(trial["config"], json!({"lr": 0.1, "model": {"depth": 1}}));
    assert_eq!(trial["outcome"], "pending");
    assert_eq!(trial["run"]["state"], "pending");
    assert_eq!(trial["values"], json!([]));
    let body = server.ada().get(&path).await.json();
    assert_eq!(body["n_live_agents"], 1);
    assert_eq!(body["agents"][0]["host"], "gpu-1");
    assert_eq!(body["agents"][0]["state"], "running");
    let run = format!(
        "/api/v1/runs/ada/vision/{}",
        trial["run"]["id"].as_str().expect("text")
    );
    assert_eq!(server.ada().get(&run).await.json()["sweep"], *id);
}

#[tokio::test]
async fn importance_is_of_an_objective() {
    let (server, path) = server_with_sweep().await;
    let found = server
        .ada()
        .get(&format!("{path}/importance?metric=loss"))
        .await;
    assert_eq!(found.json(), json!({"n_runs": 0, "items": []}));
    let refused = server
        .ada()
        .get(&format!("{path}/importance?metric=acc"))
        .await;
    assert_eq!(refused.refusal(), (422, "invalid_value".to_owned()));
}

#[tokio::test]
async fn a_sweep_is_changed_and_deleted() {
    let (server, path) = server_with_sweep().await;
    let ada = server.ada();
    for state in ["paused", "running", "finished"] {
        let changed = ada.patch(&path, json!({"state": state})).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(changed.json()["sweep"]["state"], state);
    }
    let refused = ada.patch(&path, json!({"state": "paused"})).await;
    assert_eq!(refused.refusal(), (409, "conflict".to_owned()));
    let named = ada
        .patch(
            &path,
            json!({"display_name": "narrow", "description": "few"}),
        )
        .await;
    assert_eq!(named.json()["sweep"]["display_name"], "narrow");
    let refused = ada
        .patch(
            &path,
            json!({"config": "method: grid\nparameters: {lr: {min: 2.0, max: 1.0}}\n"}),
        )
        .await;
    assert_eq!(refused.refusal(), (422, "invalid_value".to_owned()));
    assert!(refused.text().contains("lr"), "{}", refused.text());
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(
        ada.get(&path).await.refusal(),
        (404, "sweep_not_found".to_owned())
    );
    assert_eq!(
        ada.delete(&path).await.refusal(),
        (404, "sweep_not_found".to_owned())
    );
}

#[tokio::test]
async fn a_config_is_checked_and_nothing_is_made() {
    let server = TestServer::new().await;
    server.add_run("one").await;
    let check = |config: &str| {
        let body = json!({ "config": config });
        let ada = server.ada();
        async move { ada.post(&format!("{LIST}/check"), body).await.json() }
    };
    assert_eq!(check(CONFIG).await["n_expected"], 6);
    let wrong =
        check("method: random\nparameters:\n  lr: {min: 3.0, max: 1.0}\n  depth: {values: []}\n")
            .await;
    let paths: Vec<&str> = messages(&wrong).iter().map(|(path, _)| *path).collect();
    assert_eq!(paths.len(), 2, "{wrong}");
    assert!(
        paths.iter().any(|path| path.starts_with("parameters.lr")),
        "{wrong}"
    );
    assert!(
        paths
            .iter()
            .any(|path| path.starts_with("parameters.depth")),
        "{wrong}"
    );
    assert_eq!(wrong["n_expected"], Value::Null);
    assert_eq!(server.ada().get(LIST).await.json()["total"], 0);
}

#[tokio::test]
async fn past_runs_suggest_parameters() {
    let server = TestServer::new().await;
    for (id, lr) in [("one", 0.1), ("two", 0.01)] {
        server
            .add_run_with(id, &json!({"lr": lr, "epochs": 3}))
            .await;
    }
    let body = json!({"runs": ["one", "two", "imagined"]});
    let suggested = server.ada().post(&format!("{LIST}/suggest"), body).await;
    assert_eq!(
        suggested.json(),
        json!({"n_runs": 2, "items": [
            {"name": "lr", "n_runs": 2, "n_distinct": 2, "parameter": {"values": [0.01, 0.1]}},
            {"name": "epochs", "n_runs": 2, "n_distinct": 1, "parameter": {"value": 3}},
        ]})
    );
}

#[tokio::test]
async fn a_stranger_learns_nothing() {
    let (server, path) = server_with_sweep().await;
    let bob = server.with_key(BOB_KEY);
    let trials = format!("{path}/trials");
    let patch = json!({"state": "canceled"});
    for (method, path, body) in [
        ("GET", &path, None),
        ("GET", &trials, None),
        ("PATCH", &path, Some(patch)),
        ("DELETE", &path, None),
    ] {
        let told = bob.call(method, path, body).await;
        assert_eq!(
            told.refusal(),
            (404, "sweep_not_found".to_owned()),
            "{method}"
        );
    }
    assert_eq!(server.ada().get(&path).await.json()["state"], "pending");
}
