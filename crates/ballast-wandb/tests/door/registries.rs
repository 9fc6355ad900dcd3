//! Registries as the client asks for them, and what each role meets.

use ballast_model::{EntityName, Role};
use ballast_tracking::registries::RegistryChanges;
use ballast_tracking::teams::{NewMember, NewOrganization};
use serde_json::{Value, json};

use crate::artifacts::log;
use crate::client::{ADA, GRACE, TestDoor};

const REGISTRY: &str = "fragment R on Project { __typename id internalId name entity { name } description createdAt updatedAt access allowAllArtifactTypes: allowAllArtifactTypesInRegistry artifactTypes(includeAll: true) { edges { node { name } } } }";
const FILES: &str = "query F($name: String!) { project(name: \"wandb-registry-models\", entityName: \"acme\") { artifactCollection(name: $name) { __typename artifactMembership(aliasName: \"latest\") { files(first: 10) { edges { node { name directUrl } } } } } } }";
const BY_NAME: &str = "query M($name: String!) { project(name: \"wandb-registry-models\", entityName: \"acme\") { artifactCollectionMembership(name: $name) { __typename id versionIndex aliases { alias } artifactCollection { __typename id name project { name entity { name } } } artifact { id artifactSequence { __typename name project { name } } versionIndex artifactType { name } tags { name } currentManifest { file { directUrl } } } } } }";
const ARTIFACT: &str = "query A($id: ID!) { artifact(id: $id) { id artifactType { name } } }";

/// A server where ada has an organization `acme` with a registry `models`, in which `data` is linked into `shelf`.
/// Returns the ids of the version and of the registry.
async fn door_with_registry() -> (TestDoor, String, String) {
    let door = TestDoor::start().await;
    let ada = door.tracking.authenticate_key(ADA).await;
    let ada = ada.expect("an answer").expect("a known key");
    let acme = NewOrganization {
        name: "acme".to_owned(),
        members: vec![NewMember {
            username: "ada".to_owned(),
            role: Role::Admin,
        }],
    };
    door.tracking
        .create_organization(&ada, acme)
        .await
        .expect("an organization");
    let version = log(&door).await;
    let data = upsert(
        &door,
        ADA,
        json!({"access": "RESTRICTED", "description": "what ships"}),
    )
    .await
    .data();
    assert_eq!(data["upsertModel"]["inserted"], true);
    let registry = data["upsertModel"]["project"]["id"].as_str();
    let registry = registry.expect("an id").to_owned();
    let linked = link(&door, ADA, &version, "shelf", "wandb-registry-models").await;
    assert_eq!(linked.data()["linkArtifact"]["versionIndex"], 0);
    (door, version, registry)
}

async fn upsert(door: &TestDoor, key: &str, more: Value) -> crate::client::Answer {
    let mut input = json!({"entityName": "acme", "name": "wandb-registry-models"});
    let members = input.as_object_mut().expect("made as an object");
    members.extend(more.as_object().cloned().unwrap_or_default());
    let document = format!(
        "mutation U($input: UpsertModelInput!) {{ upsertModel(input: $input) {{ inserted project {{ ...R }} }} }} {REGISTRY}"
    );
    door.graphql_as(key, &document, json!({ "input": input }))
        .await
}

async fn link(
    door: &TestDoor,
    key: &str,
    version: &str,
    collection: &str,
    project: &str,
) -> crate::client::Answer {
    let document = "mutation L($input: LinkArtifactInput!) { linkArtifact(input: $input) { versionIndex artifactMembership { id artifactCollection { __typename id name } } } }";
    let input = json!({
        "artifactID": version, "artifactPortfolioName": collection,
        "entityName": "acme", "projectName": project, "aliases": [],
    });
    door.graphql_as(key, document, json!({ "input": input }))
        .await
}

/// Makes grace a member of `acme`, and gives her a role in the registry.
async fn let_grace_in(door: &TestDoor, role: Option<Role>) {
    let ada = door.tracking.authenticate_key(ADA).await;
    let ada = ada.expect("an answer").expect("a known key");
    let (acme, grace): (EntityName, EntityName) = (
        "acme".parse().expect("a name"),
        "grace".parse().expect("a name"),
    );
    let member = NewMember {
        username: "grace".to_owned(),
        role: Role::Member,
    };
    let kind = ballast_tracking::EntityKind::Organization;
    door.tracking
        .put_member(&ada, kind, &acme, member)
        .await
        .expect("a member");
    if let Some(role) = role {
        let project = "wandb-registry-models".parse().expect("a name");
        door.tracking
            .put_registry_member(&ada, &acme, &project, &grace, role)
            .await
            .expect("a role");
    }
}

#[tokio::test]
async fn a_registry_is_what_the_client_saves() {
    let (door, _, registry) = door_with_registry().await;
    let saved = upsert(
        &door,
        ADA,
        json!({
            "access": "PRIVATE", "allowAllArtifactTypesInRegistry": false,
            "artifactTypes": [{"name": "model"}],
        }),
    )
    .await
    .data();
    let saved = &saved["upsertModel"];
    assert_eq!(saved["inserted"], false);
    let project = &saved["project"];
    assert_eq!(project["id"], *registry);
    assert_eq!(project["access"], "PRIVATE");
    assert_eq!(project["description"], "what ships");
    assert_eq!(project["allowAllArtifactTypes"], false);
    // What was in it when it was narrowed stays allowed.
    let names: Vec<&str> = project["artifactTypes"]["edges"]
        .as_array()
        .expect("edges")
        .iter()
        .map(|edge| edge["node"]["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["dataset", "model"]);

    let rename = "mutation R($input: RenameProjectInput!) { renameProject(input: $input) { inserted project { name } } }";
    let names = json!({"input": {
        "entityName": "acme", "oldProjectName": "wandb-registry-models",
        "newProjectName": "wandb-registry-nets",
    }});
    let renamed = door.graphql(rename, names).await.data();
    assert_eq!(
        renamed["renameProject"],
        json!({"inserted": false, "project": {"name": "wandb-registry-nets"}})
    );
    let delete = "mutation D($id: String!) { deleteModel(input: {id: $id}) { success } }";
    let id = json!({ "id": registry });
    let deleted = door.graphql(delete, id.clone()).await.data();
    assert_eq!(deleted["deleteModel"]["success"], true);
    let again = door.graphql(delete, id).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn each_role_meets_what_it_may() {
    let (door, version, registry) = door_with_registry().await;
    // What is asked for, and its status for a stranger, a restricted viewer, a viewer, a member and an admin.
    let roles = [
        None,
        Some(Role::RestrictedViewer),
        Some(Role::Viewer),
        Some(Role::Member),
        Some(Role::Admin),
    ];
    let aliases = "mutation A($input: AddAliasesInput!) { addAliases(input: $input) { success } }";
    let named = json!({"input": {"artifactID": version, "aliases": [{
        "alias": "best", "artifactCollectionName": "shelf",
        "entityName": "acme", "projectName": "wandb-registry-models",
    }]}});
    let members = "mutation M($input: CreateProjectMembersInput!) { createProjectMembers(input: $input) { success } }";
    let nobody = json!({"input": {"projectId": registry, "userIds": [], "teamIds": []}});
    let describe = "mutation U($input: UpdateArtifactInput!) { updateArtifact(input: $input) { artifact { id } } }";
    let words = json!({"input": {"artifactID": version, "description": "x"}});
    for (index, role) in roles.into_iter().enumerate() {
        let_grace_in(&door, role).await;
        let at_least = |least: usize, status: u16| match index {
            0 => 404,
            _ if index >= least => status,
            _ => 403,
        };
        let seen = door
            .graphql_as(GRACE, BY_NAME, json!({"name": "shelf:latest"}))
            .await;
        let found = door
            .graphql_as(GRACE, ARTIFACT, json!({ "id": version }))
            .await;
        if index == 0 {
            assert_eq!(seen.data()["project"], Value::Null);
            assert_eq!(found.data()["artifact"], Value::Null);
        } else {
            assert_eq!(found.data()["artifact"]["artifactType"]["name"], "dataset");
            // The manifest is an address to download from.
            assert_eq!(seen.status.as_u16(), at_least(2, 200), "{role:?}");
        }
        if index >= 2 {
            let data = seen.data();
            let place = &data["project"]["artifactCollectionMembership"];
            assert_eq!(
                place["artifactCollection"]["__typename"],
                "ArtifactPortfolio"
            );
            // Where it is from is not grace's to know.
            let sequence = json!({"__typename": "ArtifactSequence", "name": "", "project": null});
            assert_eq!(place["artifact"]["artifactSequence"], sequence);
        }
        if index > 0 {
            let files = door
                .graphql_as(GRACE, FILES, json!({"name": "shelf"}))
                .await;
            assert_eq!(files.status.as_u16(), at_least(2, 200), "{role:?}");
        }
        let linked = link(&door, GRACE, &version, "shelf", "wandb-registry-models").await;
        assert_eq!(linked.status.as_u16(), at_least(3, 200), "{role:?}");
        let tried = door.graphql_as(GRACE, aliases, named.clone()).await;
        assert_eq!(tried.status.as_u16(), at_least(3, 200), "{role:?}");
        let tried = door.graphql_as(GRACE, describe, words.clone()).await;
        assert_eq!(tried.status.as_u16(), at_least(9, 200), "{role:?}");
        let tried = door.graphql_as(GRACE, members, nobody.clone()).await;
        assert_eq!(tried.status.as_u16(), at_least(4, 200), "{role:?}");
        let tried = upsert(&door, GRACE, json!({"description": "y"})).await;
        // A stranger to the registry is told that the name is taken, as for any other name.
        let status = if index == 0 { 409 } else { at_least(4, 200) };
        assert_eq!(tried.status.as_u16(), status, "{role:?}");
    }
}

#[tokio::test]
async fn a_link_to_no_registry_is_refused() {
    let (door, version, _) = door_with_registry().await;
    let refused = link(&door, ADA, &version, "shelf", "wandb-registry-nowhere").await;
    assert_eq!(refused.status, 404);
    assert_eq!(
        refused.message(),
        "registry `nowhere` does not exist in `acme`"
    );
}

#[tokio::test]
async fn a_protected_alias_is_refused_to_a_member() {
    let (door, version, _) = door_with_registry().await;
    let ada = door.tracking.authenticate_key(ADA).await;
    let ada = ada.expect("an answer").expect("a known key");
    let changes = RegistryChanges {
        protected_aliases: Some(vec!["prod".parse().expect("an alias")]),
        ..RegistryChanges::default()
    };
    let acme: EntityName = "acme".parse().expect("a name");
    let project = "wandb-registry-models".parse().expect("a name");
    let changed = door
        .tracking
        .update_registry(&ada, &acme, &project, changes)
        .await;
    changed.expect("protected");
    let_grace_in(&door, Some(Role::Member)).await;

    let place = json!({
        "alias": "prod", "artifactCollectionName": "shelf",
        "entityName": "acme", "projectName": "wandb-registry-models",
    });
    let aliases = json!({"input": {"artifactID": version, "aliases": [place]}});
    let add = "mutation A($input: AddAliasesInput!) { addAliases(input: $input) { success } }";
    let delete =
        "mutation D($input: DeleteAliasesInput!) { deleteAliases(input: $input) { success } }";
    let link =
        "mutation L($input: LinkArtifactInput!) { linkArtifact(input: $input) { versionIndex } }";
    let linked = json!({"input": {
        "artifactID": version, "artifactPortfolioName": "shelf", "entityName": "acme",
        "projectName": "wandb-registry-models", "aliases": [{"artifactCollectionName": "shelf", "alias": "prod"}],
    }});
    let unlink =
        "mutation U($input: UnlinkArtifactInput!) { unlinkArtifact(input: $input) { success } }";
    let shelf = door
        .graphql_as(GRACE, BY_NAME, json!({"name": "shelf:latest"}))
        .await
        .data();
    let shelf = &shelf["project"]["artifactCollectionMembership"]["artifactCollection"]["id"];
    let unlinked = json!({"input": {"artifactID": version, "artifactPortfolioID": shelf}});

    for (document, variables) in [(add, &aliases), (link, &linked)] {
        let refused = door.graphql_as(GRACE, document, variables.clone()).await;
        assert_eq!(refused.status, 403, "{}", refused.message());
        let told = refused.message();
        assert!(told.contains("alias `prod` is protected"), "{told}");
    }
    let given = door.graphql_as(ADA, add, aliases.clone()).await;
    assert_eq!(given.data()["addAliases"]["success"], true);
    for (document, variables) in [(delete, &aliases), (unlink, &unlinked)] {
        let refused = door.graphql_as(GRACE, document, variables.clone()).await;
        assert_eq!(refused.status, 403, "{}", refused.message());
    }
    let taken = door.graphql_as(ADA, delete, aliases).await;
    assert_eq!(taken.data()["deleteAliases"]["success"], true);
    let free = door.graphql_as(GRACE, unlink, unlinked).await;
    assert_eq!(free.data()["unlinkArtifact"]["success"], true);
}
