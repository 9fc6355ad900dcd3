//! Nobody sees or changes what is another user's, on any route.

use serde_json::{Value, json};

use super::server::TestServer;

/// Operations that anyone may call, and those about the caller alone.
const OF_ANYONE: &[&str] = &[
    "get_server",
    "create_session",
    "create_session_from_link",
    "delete_session",
];
const OF_THE_CALLER: &[&str] = &[
    "get_me",
    "set_my_password",
    "list_api_keys",
    "add_api_key",
    "delete_api_key",
    "list_projects",
    "list_entities",
    "list_organizations",
    "add_organization",
    "list_teams",
    "add_team",
];
/// A config that a sweep can be made of.
const SWEEP: &str = "{method: random, parameters: {lr: {min: 0.0, max: 1.0}}}";
const OF_ADMINS: &[&str] = &["list_users", "add_user", "delete_user"];

struct Operation {
    id: String,
    method: String,
    path: String,
    body: Option<Value>,
}

/// Every operation of the description, aimed at Ada's things.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(crate::openapi()).expect("is JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"]
                .as_str()
                .expect("has an id")
                .to_owned();
            let query = match id.as_str() {
                "watch" => "?project=ada/vision",
                "get_sweep_importance" => "?metric=loss",
                "get_lineage" => "?of=run:ada/vision/classified",
                "get_diff" => {
                    "?left=run:ada/vision/classified&right=artifact:ada/vision/classified:v0"
                }
                _ => "",
            };
            operations.push(Operation {
                method: method.to_uppercase(),
                path: format!("{}{query}", filled(path)),
                body: operation.get("requestBody").map(|_| body_of(&id)),
                id,
            });
        }
    }
    operations
}

fn filled(path: &str) -> String {
    path.replace("{entity}", "ada")
        .replace("{project}", "vision")
        .replace("{run}", "classified")
        .replace("{sweep}", "classified")
        .replace("{collection}", "classified")
        .replace("{version}", "v0")
        .replace("{path}", "classified.txt")
        .replace("{name}", "classified")
        .replace("{username}", "ada")
        .replace("{organization}", "classified")
        .replace("{team}", "classified-team")
        .replace("{registry}", "classified")
        .replace("{id}", "1")
}

fn body_of(id: &str) -> Value {
    match id {
        "get_series" => {
            json!({"runs": ["classified"], "keys": ["loss"], "axis": {"kind": "step"}, "columns": 10})
        }
        "update_run" | "update_project" | "update_collection" | "update_version"
        | "update_registry" | "update_sweep" => json!({}),
        "add_sweep" | "check_sweep_config" => json!({"config": SWEEP}),
        "suggest_sweep_parameters" => json!({"runs": ["classified"]}),
        "add_organization" | "add_team" | "add_registry" => json!({"name": "eves"}),
        "put_organization_member"
        | "put_team_member"
        | "put_registry_member"
        | "put_registry_team" => json!({"role": "admin"}),
        "link_version" => json!({"artifact": "ada/vision/classified:v0"}),
        "add_user" => json!({"username": "eve", "email": ""}),
        "add_api_key" => json!({"name": "x"}),
        "set_my_password" => json!({"new_password": "a new long password"}),
        "create_session" => json!({"username": "ada", "password": "guess"}),
        "create_session_from_link" => json!({"token": "guess"}),
        other => panic!("no body for {other}"),
    }
}

async fn server_with_secrets() -> TestServer {
    let server = TestServer::new().await;
    let run = server.add_run("classified").await;
    server.log(&run, 0, &[r#"{"loss":1,"_step":0}"#]).await;
    server
        .add_file(&run, "classified.txt", "classified content")
        .await;
    let files = [("classified.txt", "classified content")];
    server
        .log_artifact(Some(&run), "classified", "classified", &files)
        .await;
    let acme = json!({"name": "classified"});
    let made = server.ada().post("/api/v1/organizations", acme).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let team = json!({"name": "classified-team", "organization": "classified"});
    let made = server.ada().post("/api/v1/teams", team).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let registries = "/api/v1/organizations/classified/registries";
    let registry = json!({"name": "classified", "allow_all_artifact_types": true});
    let made = server.ada().post(registries, registry).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let versions = format!("{registries}/classified/collections/classified/versions");
    let link = json!({"artifact": "ada/vision/classified:v0"});
    let linked = server.ada().post(&versions, link).await;
    assert_eq!(linked.status, 201, "{}", linked.text());
    server
}

#[tokio::test]
async fn without_a_key_nothing_answers() {
    let server = server_with_secrets().await;
    for operation in operations()
        .iter()
        .filter(|operation| !OF_ANYONE.contains(&operation.id.as_str()))
    {
        let Operation {
            id,
            method,
            path,
            body,
        } = operation;
        let response = server.anonymous().call(method, path, body.clone()).await;
        assert_eq!(
            response.refusal(),
            (401, "authentication_required".to_owned()),
            "{id}"
        );
        let response = server
            .with_key("wrong")
            .call(method, path, body.clone())
            .await;
        assert_eq!(
            response.refusal(),
            (401, "invalid_api_key".to_owned()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn another_users_things_do_not_exist() {
    let server = server_with_secrets().await;
    let mut n_hidden = 0;
    for operation in operations() {
        let Operation {
            id,
            method,
            path,
            body,
        } = operation;
        if [OF_ANYONE, OF_THE_CALLER].concat().contains(&id.as_str()) {
            continue;
        }
        let response = server.bob().call(&method, &path, body.clone()).await;
        let expected = if OF_ADMINS.contains(&id.as_str()) {
            403
        } else {
            404
        };
        assert_eq!(response.status, expected, "{id}: {}", response.text());
        // What does not exist at all is refused in the same words.
        let imagined =
            ["vision/", "organizations/", "teams/"]
                .iter()
                .fold(path.clone(), |path, before| {
                    let known = format!("{before}classified");
                    path.replace(&known, &format!("{before}imagined"))
                });
        let other = server.bob().call(&method, &imagined, body).await;
        let told = response
            .json()
            .to_string()
            .replace("classified", "imagined");
        let expected = other.json().to_string().replace("classified", "imagined");
        assert_eq!(told, expected, "{id}");
        n_hidden += 1;
    }
    assert_eq!(
        n_hidden,
        operations().len() - OF_ANYONE.len() - OF_THE_CALLER.len()
    );
    let run = server.ada().get("/api/v1/runs/ada/vision/classified").await;
    assert_eq!(run.status, 200);
    assert_eq!(run.json()["state"], "running");
    assert_eq!(run.json()["stop_requested"], false);
}

#[tokio::test]
async fn lists_hold_only_the_callers_things() {
    let server = server_with_secrets().await;
    assert_eq!(
        server.bob().get("/api/v1/projects").await.json(),
        json!({"items": []})
    );
    let keys = server.bob().get("/api/v1/api-keys").await.json();
    assert_eq!(keys["items"].as_array().map(Vec::len), Some(1));
    let ada_key = server.ada().get("/api/v1/api-keys").await.json()["items"][0]["id"].clone();
    let path = format!("/api/v1/api-keys/{}", ada_key.as_str().expect("text"));
    assert_eq!(
        server.bob().delete(&path).await.refusal(),
        (404, "api_key_not_found".to_owned())
    );
}
