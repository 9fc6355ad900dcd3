//! Who gets in, and that nobody sees what is another's.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::artifacts;
use crate::client::{ADA, GRACE, TestDoor, local};

#[tokio::test]
async fn a_key_is_needed_and_the_refusal_says_where_to_get_one() {
    let door = TestDoor::start().await;
    let wrong = "wrong000000000000000000000000000000wrong";
    for key in [None, Some(wrong)] {
        for (method, path) in [
            (Method::POST, "/graphql"),
            (Method::POST, "/files/ada/vision/r1/file_stream"),
            (Method::GET, "/files/ada/vision/r1/config.yaml"),
        ] {
            let answer = door.request(method, path, key, &[], "{}").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(
                answer.message().contains("http://box:8080/authorize"),
                "{}",
                answer.message()
            );
        }
    }
}

#[tokio::test]
async fn a_key_may_come_as_bearer() {
    let door = TestDoor::start().await;
    let request = Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("bearer {ADA}"))
        .body(Body::from(
            r#"{"query":"{ viewer { username admin email } }"}"#,
        ))
        .expect("a valid request");
    let data = door.send(request).await.data();
    assert_eq!(
        data["viewer"],
        json!({ "username": "ada", "admin": true, "email": "" })
    );
}

/// A run of `ada` with a file; returns the ids of both.
async fn private_run(door: &TestDoor) -> (Value, Value) {
    let made = door
        .upsert("secret", json!({ "config": r#"{"lr":{"value":1}}"# }))
        .await;
    door.log("secret", 0, &[r#"{"_step":0,"x":1}"#]).await;
    door.upload("secret", "a.txt", b"private").await;
    let run = door.run("secret", "files { edges { node { id } } }").await;
    (
        made["bucket"]["id"].clone(),
        run["files"]["edges"][0]["node"]["id"].clone(),
    )
}

#[tokio::test]
async fn lookups_of_another_user_s_things_are_null() {
    let door = TestDoor::start().await;
    private_run(&door).await;
    for (document, nothing) in [
        (
            "{ project(name: \"vision\", entityName: \"ada\") { id } }",
            json!({ "project": null }),
        ),
        (
            "{ model(name: \"vision\", entityName: \"ada\") { bucket(name: \"secret\") { id } } }",
            json!({ "model": null }),
        ),
        (
            "{ entity(name: \"ada\") { id members { email } } }",
            json!({ "entity": null }),
        ),
        (
            "{ models(entityName: \"ada\") { edges { node { id } } } }",
            json!({ "models": { "edges": [] } }),
        ),
        (
            "{ users(query: \"ada\") { edges { node { username } } } }",
            json!({ "users": { "edges": [] } }),
        ),
    ] {
        assert_eq!(
            door.graphql_as(GRACE, document, json!({})).await.data(),
            nothing,
            "{document}"
        );
        assert_ne!(
            door.graphql(document, json!({})).await.data(),
            nothing,
            "{document}"
        );
    }
}

#[tokio::test]
async fn changes_of_another_user_s_things_find_nothing() {
    let door = TestDoor::start().await;
    let (run, file) = private_run(&door).await;
    let team = "mutation { createTeam(input: { teamName: \"lab\" }) { entity { name } } }";
    assert_eq!(
        door.graphql(team, json!({})).await.data()["createTeam"]["entity"]["name"],
        "lab"
    );
    let sweep = "mutation { upsertSweep(input: { projectName: \"vision\", config: \"{method: random, parameters: {x: {value: 1}}}\" }) { sweep { id name } } }";
    let sweep = door.graphql(sweep, json!({})).await.data()["upsertSweep"]["sweep"].take();
    let (sweep_id, sweep) = (&sweep["id"], &sweep["name"]);
    let agent = format!(
        "mutation {{ createAgent(input: {{ host: \"box\", projectName: \"vision\", sweep: {sweep} }}) {{ agent {{ id }} }} }}"
    );
    let agent = door.graphql(&agent, json!({})).await.data()["createAgent"]["agent"]["id"].take();
    let names = "entityName: \"ada\", projectName: \"vision\", runName: \"secret\"";
    let changes = [
        "upsertSweep(input: { entityName: \"ada\", projectName: \"vision\", config: \"{method: random, parameters: {x: {value: 1}}}\" }) { sweep { id } }".to_owned(),
        format!("upsertSweep(input: {{ id: {sweep_id}, state: \"CANCELED\" }}) {{ sweep {{ id }} }}"),
        format!("enqueueSweepRun(input: {{ id: {sweep_id}, config: \"{{}}\" }}) {{ id }}"),
        format!("createAgent(input: {{ host: \"box\", entityName: \"ada\", projectName: \"vision\", sweep: {sweep} }}) {{ agent {{ id }} }}"),
        format!("agentHeartbeat(input: {{ id: {agent}, runState: \"{{}}\" }}) {{ commands }}"),
        "upsertBucket(input: { entityName: \"ada\", modelName: \"vision\", name: \"secret\" }) { inserted }".to_owned(),
        "upsertBucket(input: { entityName: \"ada\", modelName: \"vision\", name: \"new\" }) { inserted }".to_owned(),
        "createInvite(input: { entityName: \"lab\", username: \"grace\" }) { invite { id } }".to_owned(),
        "deleteInvite(input: { entityName: \"lab\", id: \"VXNlcjox\" }) { success }".to_owned(),
        "updateUser(input: { defaultEntity: \"lab\" }) { user { id } }".to_owned(),
        format!("upsertBucket(input: {{ id: {run}, notes: \"x\" }}) {{ inserted }}"),
        format!("upsertBucket(input: {{ id: {run}, summaryMetrics: \"{{}}\" }}) {{ inserted }}"),
        format!("deleteRun(input: {{ id: {run} }}) {{ clientMutationId }}"),
        format!("stopRun(input: {{ id: {run} }}) {{ success }}"),
        format!("updateRunState(input: {{ id: {run}, state: \"failed\" }}) {{ success }}"),
        format!("rewindRun(input: {{ {names}, metricName: \"_step\", metricValue: 0 }}) {{ rewoundRun {{ id }} }}"),
        format!("createRunFiles(input: {{ {names}, files: [\"a.txt\"] }}) {{ runID }}"),
        format!("markRunFilesUploaded(input: {{ {names}, files: [\"a.txt\"] }}) {{ success }}"),
        format!("deleteFiles(input: {{ files: [{file}] }}) {{ success }}"),
        format!("notifyScriptableRunAlert(input: {{ {names}, title: \"T\", text: \"x\" }}) {{ success }}"),
        "upsertModel(input: { entityName: \"ada\", name: \"vision\" }) { inserted }".to_owned(),
        "createCustomChart(input: { entity: \"ada\", name: \"c\", displayName: \"c\", type: \"vega2\", access: \"PRIVATE\", spec: \"{}\" }) { chart { id } }".to_owned(),
        "deleteApiKey(input: { id: \"QXBpS2V5OjE=\" }) { success }".to_owned(),
    ];
    for change in changes {
        let document = format!("mutation {{ {change} }}");
        let answer = door.graphql_as(GRACE, &document, json!({})).await;
        assert_eq!(
            answer.status,
            StatusCode::NOT_FOUND,
            "{change}: {}",
            answer.json()
        );
        assert!(!answer.json().to_string().contains("private"));
    }
    let left = door
        .run(
            "secret",
            "state notes summaryMetrics historyLineCount fileCount",
        )
        .await;
    assert_eq!(
        left,
        json!({ "state": "running", "notes": null, "summaryMetrics": "{}", "historyLineCount": 1, "fileCount": 1 })
    );
    assert_eq!(
        door.graphql("{ viewer { id } }", json!({})).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn changes_of_another_user_s_artifacts_find_nothing() {
    let door = TestDoor::start().await;
    door.upsert("secret", json!({})).await;
    let id = artifacts::log(&door).await;
    let pending = artifacts::announce(&door, json!({ "digest": "private" })).await;
    let document = "query A($id: ID!) { artifact(id: $id) { artifactSequence { id } } }";
    let data = door.graphql(document, json!({ "id": id })).await.data();
    let collection = data["artifact"]["artifactSequence"]["id"].clone();
    let of = "entityName: \"ada\", projectName: \"vision\"";
    let tags = "artifactCollectionName: \"data\", tags: [{ tagName: \"t\" }]";
    let alias = format!("{{ alias: \"a\", artifactCollectionName: \"data\", {of} }}");
    let manifest = format!("artifactID: \"{pending}\", name: \"m\", digest: \"\", {of}");
    let digest = "XUFAKrxLKna5cZ2REBfFkg==";
    let file = format!("{{ artifactID: \"{pending}\", name: \"a\", md5: \"{digest}\" }}");
    let upload = "completeMultipartAction: Complete, completedParts: [], storagePath: \"p\", uploadID: \"u\"";
    let changes = [
        format!("createArtifactType(input: {{ {of}, name: \"t\" }}) {{ artifactType {{ id }} }}"),
        format!("createArtifact(input: {{ {of}, artifactTypeName: \"dataset\", artifactCollectionName: \"data\", digest: \"1\", digestAlgorithm: MANIFEST_MD5 }}) {{ artifact {{ id }} }}"),
        format!("createArtifactManifest(input: {{ {manifest}, runName: \"\" }}) {{ artifactManifest {{ id }} }}"),
        "updateArtifactManifest(input: { artifactManifestID: \"QXJ0aWZhY3RNYW5pZmVzdDox\" }) { artifactManifest { id } }".to_owned(),
        format!("createArtifactFiles(input: {{ artifactFiles: [{file}] }}) {{ files {{ edges {{ node {{ id }} }} }} }}"),
        format!("completeMultipartUploadArtifact(input: {{ artifactID: \"{pending}\", {upload} }}) {{ digest }}"),
        format!("commitArtifact(input: {{ artifactID: \"{pending}\" }}) {{ artifact {{ id }} }}"),
        format!("useArtifact(input: {{ {of}, runName: \"secret\", artifactID: \"{id}\" }}) {{ artifact {{ id }} }}"),
        format!("updateArtifact(input: {{ artifactID: \"{id}\", description: \"x\" }}) {{ artifact {{ id }} }}"),
        format!("deleteArtifact(input: {{ artifactID: \"{id}\", deleteAliases: true }}) {{ artifact {{ id }} }}"),
        format!("addAliases(input: {{ artifactID: \"{id}\", aliases: [{alias}] }}) {{ success }}"),
        format!("deleteAliases(input: {{ artifactID: \"{id}\", aliases: [{alias}] }}) {{ success }}"),
        format!("linkArtifact(input: {{ artifactID: \"{id}\", artifactPortfolioName: \"p\", entityName: \"grace\", projectName: \"p\" }}) {{ versionIndex }}"),
        format!("unlinkArtifact(input: {{ artifactID: \"{id}\", artifactPortfolioID: {collection} }}) {{ success }}"),
        format!("deleteArtifactSequence(input: {{ artifactSequenceID: {collection} }}) {{ artifactCollection {{ id }} }}"),
        format!("deleteArtifactPortfolio(input: {{ artifactPortfolioID: {collection} }}) {{ artifactCollection {{ id }} }}"),
        format!("updateArtifactSequence(input: {{ artifactSequenceID: {collection}, name: \"x\" }}) {{ artifactCollection {{ id }} }}"),
        format!("updateArtifactPortfolio(input: {{ artifactPortfolioID: {collection}, name: \"x\" }}) {{ artifactCollection {{ id }} }}"),
        format!("moveArtifactSequence(input: {{ artifactSequenceID: {collection}, destinationArtifactTypeName: \"x\" }}) {{ artifactCollection {{ id }} }}"),
        format!("createArtifactCollectionTagAssignments(input: {{ {of}, {tags} }}) {{ success }}"),
        format!("deleteArtifactCollectionTagAssignments(input: {{ {of}, {tags} }}) {{ success }}"),
        "renameProject(input: { entityName: \"ada\", oldProjectName: \"wandb-registry-a\", newProjectName: \"wandb-registry-b\" }) { inserted }".to_owned(),
        "deleteModel(input: { id: \"UHJvamVjdDox\" }) { success }".to_owned(),
        "createProjectMembers(input: { projectId: \"UHJvamVjdDox\" }) { success }".to_owned(),
        "deleteProjectMembers(input: { projectId: \"UHJvamVjdDox\" }) { success }".to_owned(),
        "updateProjectMember(input: { projectId: \"UHJvamVjdDox\", userId: \"VXNlcjox\", userProjectRole: \"admin\" }) { success }".to_owned(),
        "updateProjectTeamMember(input: { projectId: \"UHJvamVjdDox\", teamId: \"RW50aXR5OjE=\", teamProjectRole: \"admin\" }) { success }".to_owned(),
    ];
    for change in changes {
        let document = format!("mutation {{ {change} }}");
        let answer = door.graphql_as(GRACE, &document, json!({})).await;
        assert_eq!(
            answer.status,
            StatusCode::NOT_FOUND,
            "{change}: {}",
            answer.json()
        );
    }
    let document = "query A($id: ID!, $collection: ID!, $pending: ID!) { artifact(id: $id) { state description aliases { alias } artifactSequence { name } } pending: artifact(id: $pending) { state } artifactCollection(id: $collection) { name } }";
    let variables = json!({ "id": id, "collection": collection, "pending": pending });
    let hidden = door
        .graphql_as(GRACE, document, variables.clone())
        .await
        .data();
    assert_eq!(
        hidden,
        json!({ "artifact": null, "artifactCollection": null, "pending": null })
    );
    let left = door.graphql(document, variables).await.data();
    assert_eq!(
        left["artifact"],
        json!({ "state": "COMMITTED", "description": null, "aliases": [{ "alias": "latest" }], "artifactSequence": { "name": "data" } })
    );
    assert_eq!(left["pending"]["state"], "PENDING");
}

#[tokio::test]
async fn every_change_is_among_those_tried_above_or_refused_for_all() {
    let door = TestDoor::start().await;
    let data = door
        .graphql(
            "{ __schema { mutationType { fields { name } } } }",
            json!({}),
        )
        .await
        .data();
    let fields = data["__schema"]["mutationType"]["fields"]
        .as_array()
        .expect("a list")
        .clone();
    let tried = include_str!("access.rs");
    let refused_for_all = include_str!("../../src/graphql/unsupported.rs")
        .replace('_', "")
        .to_lowercase();
    for field in fields {
        let name = field["name"].as_str().expect("fields have names");
        let refused = refused_for_all.contains(&format!("fn {}(", name.to_lowercase()));
        // These concern nobody but the caller, or are refused for everyone.
        let own = ["generateApiKey", "createTeam", "createServiceAccount"].contains(&name);
        assert!(
            refused || own || tried.contains(&format!("{name}(input")),
            "`{name}` is not tried as another user"
        );
    }
}

#[tokio::test]
async fn bytes_of_another_user_s_run_are_out_of_reach() {
    let door = TestDoor::start().await;
    private_run(&door).await;
    let stream = door
        .request(
            Method::POST,
            "/files/ada/vision/secret/file_stream",
            Some(GRACE),
            &[],
            "{}",
        )
        .await;
    assert_eq!(stream.status, StatusCode::NOT_FOUND);
    let file = door
        .request(
            Method::GET,
            "/files/ada/vision/secret/a.txt",
            Some(GRACE),
            &[],
            "",
        )
        .await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
    assert!(!String::from_utf8_lossy(&file.body).contains("private"));

    let url = door.upload_url("secret", "b.txt").await;
    let path = local(&url);
    let forged = path.replacen("/storage/files/", "/storage/files/x", 1);
    for (method, path) in [
        (Method::PUT, forged.as_str()),
        (Method::GET, forged.as_str()),
        (Method::GET, path),
    ] {
        let answer = door.request(method.clone(), path, None, &[], "x").await;
        assert!(
            matches!(
                answer.status,
                StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
            ),
            "{method} {path}: {}",
            answer.status
        );
    }
}
