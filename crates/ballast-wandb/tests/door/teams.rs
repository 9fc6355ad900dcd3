//! Teams and organizations, and what their members may log.

use ballast_model::{EntityKind, Role};
use ballast_tracking::teams::{NewMember, NewOrganization};
use serde_json::{Value, json};

use crate::client::{ADA, GRACE, TestDoor};

const TEAM: &str = "query GetTeamEntity($name: String!) { entity(name: $name) { id name available photoUrl readOnly readOnlyAdmin isTeam entityType privateOnly storageBytes codeSavingEnabled defaultAccess isPaid members { id admin role pending email username name photoUrl accountType apiKey } organization { name orgEntity { name entityType } } user { username } } }";

const CREATE: &str = "mutation CreateTeam($teamName: String!, $teamAdminUserName: String) { result: createTeam(input: {teamName: $teamName, teamAdminUserName: $teamAdminUserName}) { entity { id name available photoUrl limits } } }";

const INVITE: &str = "mutation CreateInvite($entity: String!, $email: String, $username: String, $admin: Boolean) { result: createInvite(input: {entityName: $entity, email: $email, username: $username, admin: $admin}) { invite { id name email createdAt toUser { name } } } }";

const UPSERT: &str = "mutation Upsert($entity: String) { upsertBucket(input: { entityName: $entity, modelName: \"vision\", name: \"r\" }) { inserted bucket { project { entityName } } } }";

async fn team(door: &TestDoor, key: &str, name: &str) -> Value {
    let answer = door.graphql_as(key, TEAM, json!({ "name": name })).await;
    answer.data()["entity"].take()
}

fn roles(team: &Value) -> Vec<(&str, &str)> {
    let members = team["members"].as_array().expect("members");
    for member in members {
        assert_eq!(member["admin"], member["role"] == "admin");
    }
    members
        .iter()
        .map(|member| {
            (
                member["username"].as_str().expect("a name"),
                member["role"].as_str().expect("a role"),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_team_is_made_and_grows() {
    let door = TestDoor::start().await;
    let made = door
        .graphql(
            CREATE,
            json!({ "teamName": "lab", "teamAdminUserName": null }),
        )
        .await;
    let made = made.data()["result"]["entity"].take();
    let found = team(&door, ADA, "LAB").await;
    assert_eq!(
        (
            &found["id"],
            &found["name"],
            &found["isTeam"],
            &found["entityType"]
        ),
        (&made["id"], &json!("lab"), &json!(true), &json!("team"))
    );
    assert_eq!(
        (&found["organization"], &found["user"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(roles(&found), [("ada", "admin")]);
    assert_eq!(team(&door, GRACE, "lab").await, Value::Null);

    let unknown = json!({ "entity": "lab", "email": "nobody@example.org" });
    let refused = door.graphql(INVITE, unknown).await;
    assert_eq!(
        refused.message(),
        "user `nobody@example.org` does not exist"
    );
    let invite = json!({ "entity": "lab", "email": "GRACE@example.org", "admin": false });
    let invited = door.graphql(INVITE, invite.clone()).await.data();
    assert_eq!(invited["result"]["invite"]["toUser"]["name"], "grace");
    let again = door.graphql(INVITE, invite).await;
    assert_eq!(again.message(), "user `grace` is in team `lab` already");
    let found = team(&door, GRACE, "lab").await;
    assert_eq!(roles(&found), [("ada", "admin"), ("grace", "member")]);

    let by_member = json!({ "entity": "lab", "username": "ada" });
    let refused = door.graphql_as(GRACE, INVITE, by_member).await;
    assert_eq!(
        refused.message(),
        "your role in `lab` is `member`, and this takes the role `admin`"
    );
    let delete = "mutation DeleteInvite($id: String, $entity: String) { result: deleteInvite(input: {id: $id, entityName: $entity}) { success } }";
    let id = &found["members"][1]["id"];
    let gone = door
        .graphql(delete, json!({ "entity": "lab", "id": id }))
        .await
        .data();
    assert_eq!(gone["result"]["success"], true);
    assert_eq!(team(&door, GRACE, "lab").await, Value::Null);
}

#[tokio::test]
async fn what_a_user_belongs_to_is_told() {
    let door = TestDoor::start().await;
    let caller = door.tracking.authenticate_key(ADA).await;
    let ada = caller.expect("the database answers").expect("a key");
    let grace = NewMember {
        username: "grace".to_owned(),
        role: Role::Viewer,
    };
    let acme = NewOrganization {
        name: "acme".to_owned(),
        members: vec![grace],
    };
    door.tracking
        .create_organization(&ada, acme)
        .await
        .expect("made");
    // The only organization of its admin gets the team.
    door.graphql(
        CREATE,
        json!({ "teamName": "lab", "teamAdminUserName": "grace" }),
    )
    .await
    .data();
    let found = team(&door, GRACE, "lab").await;
    assert_eq!(
        found["organization"],
        json!({ "name": "acme", "orgEntity": { "name": "acme", "entityType": "organization" } })
    );
    let document = "{ viewer { entity teams { edges { node { name } } } organizations { name orgEntity { name } } } organization(name: \"ACME\") { id name featureFlags(rampIDType: OrgName) { rampKey isEnabled } coreWeaveOrganizationId advancedRegistryFeatures { advancedSearch } orgEntity { __typename id name entityType isTeam members { username role } } } }";
    let told = door.graphql_as(GRACE, document, json!({})).await.data();
    assert_eq!(
        told["viewer"],
        json!({
            "entity": "grace",
            "teams": { "edges": [{ "node": { "name": "grace" } }, { "node": { "name": "lab" } }] },
            "organizations": [{ "name": "acme", "orgEntity": { "name": "acme" } }],
        })
    );
    let organization = &told["organization"];
    assert_eq!(organization["name"], "acme");
    assert_eq!(
        organization["orgEntity"]["members"],
        json!([{ "username": "ada", "role": "admin" }, { "username": "grace", "role": "viewer" }])
    );
    let unknown = "{ organization(name: \"nowhere\") { id } }";
    let told = door.graphql(unknown, json!({})).await.data();
    assert_eq!(told["organization"], Value::Null);
}

#[tokio::test]
async fn runs_go_to_the_team_that_their_user_chose_or_named() {
    let door = TestDoor::start().await;
    door.graphql(CREATE, json!({ "teamName": "lab" }))
        .await
        .data();
    let invite = json!({ "entity": "lab", "username": "grace" });
    door.graphql(INVITE, invite).await.data();
    let made = door
        .graphql_as(GRACE, UPSERT, json!({ "entity": "lab" }))
        .await
        .data();
    assert_eq!(made["upsertBucket"]["inserted"], true);

    let choose = "mutation SetDefaultEntity($name: String) { updateUser(input: { defaultEntity: $name }) { user { entity } } }";
    let chosen = door
        .graphql_as(GRACE, choose, json!({ "name": "lab" }))
        .await;
    assert_eq!(chosen.data()["updateUser"]["user"]["entity"], "lab");
    let viewer = door
        .graphql_as(GRACE, "{ viewer { entity } }", json!({}))
        .await;
    assert_eq!(viewer.data()["viewer"]["entity"], "lab");
    let made = door.graphql_as(GRACE, UPSERT, json!({})).await.data();
    assert_eq!(
        made["upsertBucket"],
        json!({ "inserted": false, "bucket": { "project": { "entityName": "lab" } } })
    );

    // A viewer is told why it is refused, and reads.
    let caller = door.tracking.authenticate_key(ADA).await;
    let ada = caller.expect("the database answers").expect("a key");
    let viewer = NewMember {
        username: "grace".to_owned(),
        role: Role::Viewer,
    };
    let lab = "lab".parse().expect("valid");
    door.tracking
        .put_member(&ada, EntityKind::Team, &lab, viewer)
        .await
        .expect("changed");
    let refused = door.graphql_as(GRACE, UPSERT, json!({})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.message()),
        (
            403,
            "your role in `lab/vision` is `viewer`, and this takes the role `member`".to_owned()
        )
    );
    let read = "{ project(name: \"vision\", entityName: \"lab\") { entity { readOnly } run(name: \"r\") { name } } }";
    let read = door.graphql_as(GRACE, read, json!({})).await.data();
    assert_eq!(
        read["project"],
        json!({ "entity": { "readOnly": true }, "run": { "name": "r" } })
    );
}
