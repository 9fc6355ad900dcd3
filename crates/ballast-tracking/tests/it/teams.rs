//! Who is in teams and organizations, and who decides about it.

use ballast_model::{EntityName, ProjectName};
use ballast_tracking::teams::{NewMember, NewOrganization, NewTeam};
use ballast_tracking::{Caller, EntityKind, Result, Role, TrackingError};

use crate::support::World;

fn entity(name: &str) -> EntityName {
    name.parse().expect("valid")
}

fn member(username: &str, role: Role) -> NewMember {
    NewMember {
        username: username.to_owned(),
        role,
    }
}

fn organization(name: &str, members: &[(&str, Role)]) -> NewOrganization {
    NewOrganization {
        name: name.to_owned(),
        members: members
            .iter()
            .map(|(username, role)| member(username, *role))
            .collect(),
    }
}

fn team(name: &str, organization: Option<&str>, members: &[(&str, Role)]) -> NewTeam {
    NewTeam {
        name: name.to_owned(),
        organization: organization.map(entity),
        members: self::organization(name, members).members,
    }
}

#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the answer is of no other use"
)]
fn hidden<T: std::fmt::Debug>(result: Result<T>) {
    let hidden = matches!(result, Err(TrackingError::NotFound { .. }));
    assert!(hidden, "{result:?}");
}

#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the answer is of no other use"
)]
fn forbidden<T: std::fmt::Debug>(result: Result<T>) {
    let forbidden = matches!(result, Err(TrackingError::Forbidden(_)));
    assert!(forbidden, "{result:?}");
}

/// The words of a conflict.
#[track_caller]
fn conflict<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(TrackingError::Conflict(told)) => told,
        other => panic!("no conflict: {other:?}"),
    }
}

#[track_caller]
fn invalid<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(TrackingError::Invalid(told)) => told,
        other => panic!("not invalid: {other:?}"),
    }
}

/// Ada, who manages the server, and bob, cleo and eve, who do not.
async fn people(world: &World) -> (Caller, Caller, Caller, Caller) {
    world.add_user("cleo").await;
    world.add_user("eve").await;
    (
        world.ada.clone(),
        world.bob.clone(),
        world.sign_in("cleo").await,
        world.sign_in("eve").await,
    )
}

async fn organizations_and_their_teams(world: World) {
    let (ada, bob, _, eve) = people(&world).await;
    let t = &world.tracking;
    let (acme, lab) = (entity("acme"), entity("lab"));
    let made = t
        .create_organization(&bob, organization("acme", &[("cleo", Role::Member)]))
        .await
        .expect("anyone makes an organization");
    let listed: Vec<_> = made
        .members
        .iter()
        .map(|member| (member.username.as_str(), member.role))
        .collect();
    assert_eq!(listed, [("bob", Role::Admin), ("cleo", Role::Member)]);
    assert_eq!(made.role, Some(Role::Admin));

    let (bob, cleo) = (world.sign_in("bob").await, world.sign_in("cleo").await);
    let in_acme = || team("lab", Some("acme"), &[("eve", Role::Admin)]);
    hidden(t.create_team(&eve, in_acme()).await);
    forbidden(t.create_team(&cleo, in_acme()).await);
    let made = t.create_team(&bob, in_acme()).await.expect("a team");
    assert_eq!(made.organization, Some(acme.clone()));
    let listed: Vec<_> = made
        .members
        .iter()
        .map(|member| (member.username.as_str(), member.role))
        .collect();
    assert_eq!(listed, [("bob", Role::Admin), ("eve", Role::Admin)]);

    // Whoever is in a team of an organization is in the organization; whoever is not, does not see it.
    let eve = world.sign_in("eve").await;
    assert_eq!(
        eve.entity_named(&acme).map(|entity| entity.role),
        Some(Role::Member)
    );
    hidden(t.get_team(&cleo, &lab).await);
    let seen = t.get_organization(&cleo, &acme).await.expect("a member");
    let teams: Vec<_> = seen
        .teams
        .iter()
        .map(|team| (team.name.as_str(), team.role, team.figures.n_members))
        .collect();
    assert_eq!(teams, [("lab", None, 2)]);
    let summaries = t.list_organizations(&cleo).await.expect("a list");
    let counted: Vec<_> = summaries
        .iter()
        .map(|found| {
            (
                found.name.as_str(),
                found.role,
                found.figures.n_members,
                found.figures.n_teams,
            )
        })
        .collect();
    assert_eq!(counted, [("acme", Some(Role::Member), 3, 1)]);

    // An admin of the server manages both and reads neither.
    let seen = t.get_team(&ada, &lab).await.expect("managed");
    assert_eq!(seen.role, None);
    assert_eq!(t.list_teams(&ada).await.expect("a list").len(), 1);
    hidden(t.list_projects(&ada, &lab).await);
    assert!(t.list_teams(&cleo).await.expect("a list").is_empty());

    let bob = world.sign_in("bob").await;
    // Names are one space.
    let taken = conflict(t.create_team(&bob, team("ACME", None, &[])).await);
    assert!(taken.contains("organization `ACME`"), "{taken}");
    let taken = conflict(t.create_organization(&bob, organization("Eve", &[])).await);
    assert!(taken.contains("user `Eve`"), "{taken}");
    let reserved = invalid(t.create_team(&bob, team("api", None, &[])).await);
    assert!(reserved.contains("reserved"), "{reserved}");

    let told = conflict(t.delete_organization(&bob, &acme).await);
    assert!(told.contains("`lab`"), "{told}");
    // Each is found under its own kind only.
    hidden(t.delete_team(&bob, &acme, false).await);
    hidden(t.get_organization(&bob, &lab).await);
    t.delete_team(&bob, &lab, false).await.expect("deleted");
    forbidden(t.delete_organization(&cleo, &acme).await);
    t.delete_organization(&bob, &acme).await.expect("deleted");
    hidden(t.get_organization(&world.sign_in("bob").await, &acme).await);
}

async fn members_come_and_go(world: World) {
    let (ada, bob, _, eve) = people(&world).await;
    let t = &world.tracking;
    let (acme, lab) = (entity("acme"), entity("lab"));
    let (in_acme, in_lab) = (EntityKind::Organization, EntityKind::Team);
    t.create_organization(&bob, organization("acme", &[("cleo", Role::Viewer)]))
        .await
        .expect("made");
    let bob = world.sign_in("bob").await;
    t.create_team(&bob, team("lab", Some("acme"), &[("cleo", Role::Member)]))
        .await
        .expect("made");
    let (bob, cleo) = (world.sign_in("bob").await, world.sign_in("cleo").await);

    for kind_and_name in [(in_acme, &acme), (in_lab, &lab)] {
        let (kind, name) = kind_and_name;
        hidden(
            t.put_member(&eve, kind, name, member("eve", Role::Admin))
                .await,
        );
        forbidden(
            t.put_member(&cleo, kind, name, member("cleo", Role::Admin))
                .await,
        );
        forbidden(t.delete_member(&cleo, kind, name, "bob").await);
        hidden(t.delete_member(&eve, kind, name, "bob").await);
        hidden(
            t.put_member(&bob, kind, name, member("nobody", Role::Member))
                .await,
        );
        hidden(t.delete_member(&bob, kind, name, "eve").await);
        let told = invalid(
            t.put_member(&bob, kind, name, member("eve", Role::RestrictedViewer))
                .await,
        );
        assert!(told.contains("restricted_viewer"), "{told}");
        // The last admin stays one.
        let told = conflict(
            t.put_member(&bob, kind, name, member("bob", Role::Member))
                .await,
        );
        assert!(
            told.contains("`bob`") && told.contains(name.as_str()),
            "{told}"
        );
        conflict(t.delete_member(&bob, kind, name, "bob").await);
    }
    let told = conflict(t.delete_user(&ada, "bob").await);
    assert!(told.contains("only admin"), "{told}");

    // An admin of the server may do it, too.
    t.put_member(&ada, in_lab, &lab, member("cleo", Role::Admin))
        .await
        .expect("changed");
    t.delete_member(&bob, in_lab, &lab, "bob")
        .await
        .expect("left");
    let bob = world.sign_in("bob").await;
    assert_eq!(
        bob.entity_named(&lab).map(|entity| entity.role),
        Some(Role::Admin),
        "an admin of the organization is one of its teams"
    );
    // Who leaves the organization leaves its teams, unless one would be left alone.
    let told = conflict(t.delete_member(&cleo, in_acme, &acme, "cleo").await);
    assert!(told.contains("`lab`"), "{told}");
    t.put_member(&bob, in_lab, &lab, member("bob", Role::Admin))
        .await
        .expect("joined");
    t.delete_member(&cleo, in_acme, &acme, "CLEO")
        .await
        .expect("left");
    let cleo = world.sign_in("cleo").await;
    let names: Vec<_> = cleo
        .entities()
        .iter()
        .map(|entity| entity.name.as_str())
        .collect();
    assert_eq!(names, ["cleo"]);
}

async fn runs_go_where_their_user_says(world: World) {
    let (_, bob, _, eve) = people(&world).await;
    let t = &world.tracking;
    let lab = entity("lab");
    t.create_team(&bob, team("lab", None, &[]))
        .await
        .expect("made");
    let bob = world.sign_in("bob").await;
    assert_eq!(bob.default_entity(), bob.entity());
    hidden(t.set_default_entity(&eve, &lab).await);
    t.set_default_entity(&bob, &lab).await.expect("set");
    let bob = world.sign_in("bob").await;
    assert_eq!(bob.default_entity(), &lab);
    let project: ProjectName = "vision".parse().expect("valid");
    let (made, _) = t
        .upsert_project(&bob, None, &project, None)
        .await
        .expect("made");
    assert_eq!(made.entity, lab);
    let all = t.list_all_projects(&bob).await.expect("a list");
    assert_eq!(all.len(), 1);

    let told = conflict(t.delete_team(&bob, &lab, false).await);
    assert!(told.contains("1 project"), "{told}");
    t.delete_team(&bob, &lab, true).await.expect("deleted");
    let bob = world.sign_in("bob").await;
    assert_eq!(bob.default_entity(), bob.entity());
}

#[tokio::test]
async fn organizations_and_their_teams_on_sqlite() {
    organizations_and_their_teams(World::new().await).await;
}

#[tokio::test]
async fn organizations_and_their_teams_on_postgres() {
    World::on_postgres(organizations_and_their_teams).await;
}

#[tokio::test]
async fn members_come_and_go_on_sqlite() {
    members_come_and_go(World::new().await).await;
}

#[tokio::test]
async fn members_come_and_go_on_postgres() {
    World::on_postgres(members_come_and_go).await;
}

#[tokio::test]
async fn runs_go_where_their_user_says_on_sqlite() {
    runs_go_where_their_user_says(World::new().await).await;
}

#[tokio::test]
async fn runs_go_where_their_user_says_on_postgres() {
    World::on_postgres(runs_go_where_their_user_says).await;
}
