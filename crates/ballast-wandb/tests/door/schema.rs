//! The reference of the schema is fresh, and old clients find what they probe for.

use std::path::Path;

use serde_json::json;

use crate::client::TestDoor;

#[test]
fn the_reference_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/wandb.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == ballast_wandb::sdl(),
        "docs/reference/wandb.graphql is stale; run `cargo xtask generate`"
    );
}

#[tokio::test]
async fn old_clients_find_the_types_they_probe() {
    let door = TestDoor::start().await;
    let probe = |name: &str| {
        let document = "query P($name: String!) { type: __type(name: $name) { name fields { name args { name } } inputFields { name } } }";
        door.graphql(document, json!({ "name": name }))
    };
    for (name, members) in [
        ("Query", vec!["serverInfo", "viewer"]),
        ("Mutation", vec!["createRunFiles", "upsertBucket"]),
        (
            "ServerInfo",
            vec!["cliVersionInfo", "latestLocalVersionInfo"],
        ),
        ("ServerSettings", vec!["serverMessages"]),
        (
            "Artifact",
            vec![
                "filesByManifestEntries",
                "tags",
                "ttlDurationSeconds",
                "ttlIsInherited",
            ],
        ),
        ("Organization", vec!["orgEntity"]),
        ("Project", vec!["internalId", "artifact"]),
        ("Run", vec!["projectId"]),
        ("LaunchAgent", vec!["stopPolling"]),
    ] {
        let data = probe(name).await.data();
        let fields = data["type"]["fields"].to_string();
        for member in members {
            assert!(fields.contains(&format!("\"{member}\"")), "{name}.{member}");
        }
    }
    for (name, members) in [
        (
            "CreateArtifactInput",
            vec![
                "historyStep",
                "clientID",
                "sequenceClientID",
                "enableDigestDeduplication",
                "ttlDurationSeconds",
                "tags",
            ],
        ),
        ("CreateArtifactFileSpecInput", vec!["uploadPartsInput"]),
        ("UseArtifactInput", vec!["usedAs"]),
        ("AddAliasesInput", vec!["aliases"]),
        ("DeleteFilesInput", vec!["projectId"]),
    ] {
        let data = probe(name).await.data();
        let fields = data["type"]["inputFields"].to_string();
        for member in members {
            assert!(fields.contains(&format!("\"{member}\"")), "{name}.{member}");
        }
    }
    assert_eq!(probe("NoSuchType").await.data()["type"], json!(null));
}

#[tokio::test]
async fn refusals_of_the_schema_have_the_usual_wording() {
    let door = TestDoor::start().await;
    for (document, message) in [
        (
            "{ serverInfo { colour } }",
            r#"Cannot query field "colour" on type "ServerInfo"."#,
        ),
        (
            "{ project(colour: 1) { id } }",
            r#"Unknown argument "colour" on field "project" of type "Query"."#,
        ),
        (
            "{ viewer { ... on Colour { id } } }",
            r#"Unknown type "Colour"."#,
        ),
    ] {
        let answer = door.graphql(document, json!({})).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert_eq!(answer.message(), message);
        assert_eq!(answer.json()["data"], json!(null));
    }
}
