//! Teams, organizations, members, and what they grant.

use ballast_meta::{Grants, MetaError, NewEntity, NewUser, UserRecord};
use ballast_model::{EntityKey, EntityKind, Role};

use crate::backend::{Database, at, on_each_backend, write};

on_each_backend!(
    entities_share_one_space_of_names,
    members_have_one_role,
    grants_are_the_greatest_roles,
    deleted_entities_leave_nothing,
    figures_count_what_is_there,
    addresses_find_one_user,
);

async fn user(database: &Database, name: &'static str) -> UserRecord {
    write(&database.meta, move |tx| {
        Box::pin(async move {
            let mut new = NewUser::new(name.parse().expect("a name"), at(0));
            new.email = format!("{name}@Example.org");
            tx.insert_user(new).await
        })
    })
    .await
}

fn new_entity(name: &str, kind: EntityKind, organization: Option<EntityKey>) -> NewEntity {
    NewEntity {
        name: name.parse().expect("a name"),
        kind,
        organization,
        created_at: at(5),
    }
}

async fn entity(
    database: &Database,
    name: &str,
    kind: EntityKind,
    organization: Option<EntityKey>,
) -> EntityKey {
    let new = new_entity(name, kind, organization);
    let made = write(&database.meta, move |tx| {
        Box::pin(async move { tx.insert_entity(new).await })
    });
    made.await.key
}

async fn put(database: &Database, entity: EntityKey, user: &UserRecord, role: Role) {
    let user = user.key;
    write(&database.meta, move |tx| {
        Box::pin(async move { tx.put_member(entity, user, role, at(7)).await })
    })
    .await;
}

async fn grants(database: &Database, user: &UserRecord) -> Grants {
    let read = database.meta.read().grants_of(user.key).await;
    read.expect("a read")
}

/// Names and roles.
fn named(grants: &Grants) -> Vec<(&str, Role)> {
    let entities = grants.entities.iter();
    entities
        .map(|(entity, role)| (entity.name.as_str(), *role))
        .collect()
}

async fn entities_share_one_space_of_names(database: Database) {
    let ada = user(&database, "ada").await;
    let team = entity(&database, "Vision", EntityKind::Team, None).await;
    for name in ["ADA", "vision"] {
        let new = new_entity(name, EntityKind::Organization, None);
        let made = database
            .meta
            .write(move |tx| Box::pin(async move { tx.insert_entity(new).await }))
            .await;
        assert!(
            matches!(made, Err(MetaError::Conflict { what: "entity" })),
            "{made:?}"
        );
    }
    let db = database.meta.read();
    let found = db.lookup_entity(&"VISION".parse().expect("a name")).await;
    let found = found.expect("a read").expect("a team");
    assert_eq!(
        (found.key, found.kind, found.organization, found.created_at),
        (team, EntityKind::Team, None, at(5))
    );
    let own = db.entity(ada.entity).await.expect("a read").expect("ada's");
    assert_eq!((own.kind, own.created_at), (EntityKind::User, at(0)));
    let teams = db.list_entities(EntityKind::Team).await.expect("a read");
    assert_eq!(teams, [found]);
}

async fn members_have_one_role(database: Database) {
    let (ada, bob) = (user(&database, "ada").await, user(&database, "bob").await);
    let team = entity(&database, "vision", EntityKind::Team, None).await;
    put(&database, team, &bob, Role::Viewer).await;
    put(&database, team, &ada, Role::Admin).await;
    put(&database, team, &bob, Role::Member).await;
    let db = database.meta.read();
    let members = db.list_members(team).await.expect("a read");
    let listed: Vec<_> = members
        .iter()
        .map(|member| (member.username.as_str(), member.email.as_str(), member.role))
        .collect();
    assert_eq!(
        listed,
        [
            ("ada", "ada@Example.org", Role::Admin),
            ("bob", "bob@Example.org", Role::Member)
        ]
    );
    let role = db.member_role(team, bob.key).await.expect("a read");
    assert_eq!(role, Some(Role::Member));
    for (user, n_others) in [(&ada, 0), (&bob, 1)] {
        let others = db.n_other_admins(team, user.key).await.expect("a read");
        assert_eq!(others, n_others);
    }
    for was_there in [true, false] {
        let user = bob.key;
        let gone = write(&database.meta, move |tx| {
            Box::pin(async move { tx.delete_member(team, user).await })
        });
        assert_eq!(gone.await, was_there);
    }
    assert_eq!(db.member_role(team, bob.key).await.expect("a read"), None);
}

async fn grants_are_the_greatest_roles(database: Database) {
    let (ada, bob) = (user(&database, "ada").await, user(&database, "bob").await);
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let vision = entity(&database, "vision", EntityKind::Team, Some(acme)).await;
    entity(&database, "audio", EntityKind::Team, None).await;
    assert_eq!(
        named(&grants(&database, &ada).await),
        [("ada", Role::Admin)]
    );
    put(&database, acme, &ada, Role::Admin).await;
    put(&database, acme, &bob, Role::Viewer).await;
    put(&database, vision, &ada, Role::Viewer).await;
    put(&database, vision, &bob, Role::Member).await;
    assert_eq!(
        named(&grants(&database, &ada).await),
        [
            ("ada", Role::Admin),
            ("acme", Role::Admin),
            ("vision", Role::Admin)
        ]
    );
    assert_eq!(
        named(&grants(&database, &bob).await),
        [
            ("bob", Role::Admin),
            ("acme", Role::Viewer),
            ("vision", Role::Member)
        ]
    );
    let nobody = UserRecord {
        key: ballast_model::UserKey(bob.key.0 + 100),
        ..bob
    };
    assert_eq!(grants(&database, &nobody).await, Grants::default());
}

async fn deleted_entities_leave_nothing(database: Database) {
    let ada = user(&database, "ada").await;
    let team = entity(&database, "vision", EntityKind::Team, None).await;
    put(&database, team, &ada, Role::Admin).await;
    let key = ada.key;
    write(&database.meta, move |tx| {
        Box::pin(async move {
            tx.insert_project_if_absent(team, &"cats".parse().expect("a name"), at(8))
                .await?;
            tx.set_default_entity(key, Some(team)).await
        })
    })
    .await;
    for was_there in [true, false] {
        let deleted = write(&database.meta, move |tx| {
            Box::pin(async move { tx.delete_entity(team).await })
        });
        assert_eq!(deleted.await, was_there);
    }
    let db = database.meta.read();
    assert!(
        db.list_projects(team, at(9))
            .await
            .expect("a read")
            .is_empty()
    );
    assert_eq!(
        named(&grants(&database, &ada).await),
        [("ada", Role::Admin)]
    );
    let ada = db.user(key).await.expect("a read").expect("a user");
    assert_eq!(ada.default_entity, None);
}

async fn figures_count_what_is_there(database: Database) {
    let (ada, bob) = (user(&database, "ada").await, user(&database, "bob").await);
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let vision = entity(&database, "vision", EntityKind::Team, Some(acme)).await;
    put(&database, acme, &ada, Role::Admin).await;
    put(&database, acme, &bob, Role::Member).await;
    put(&database, vision, &bob, Role::Admin).await;
    write(&database.meta, move |tx| {
        Box::pin(async move {
            for name in ["wandb-registry-model", "cats"] {
                tx.insert_project_if_absent(acme, &name.parse().expect("a name"), at(8))
                    .await?;
            }
            Ok(())
        })
    })
    .await;
    let figures = database.meta.read().entity_figures(&[acme, vision]).await;
    let figures = figures.expect("a read");
    let of = |key| {
        let found: &ballast_meta::EntityFigures = &figures[&key];
        (
            found.n_members,
            found.n_teams,
            found.n_projects,
            found.n_registries,
        )
    };
    assert_eq!((of(acme), of(vision)), ((2, 1, 2, 1), (1, 0, 0, 0)));
}

async fn addresses_find_one_user(database: Database) {
    let ada = user(&database, "ada").await;
    let db = database.meta.read();
    let found = db.lookup_user_by_email("ADA@example.ORG").await;
    assert_eq!(found.expect("a read"), Some(ada.clone()));
    write(&database.meta, |tx| {
        Box::pin(async move {
            let mut twin = NewUser::new("twin".parse().expect("a name"), at(0));
            "ada@example.org".clone_into(&mut twin.email);
            tx.insert_user(twin).await
        })
    })
    .await;
    let found = db.lookup_user_by_email("ada@example.org").await;
    assert_eq!(found.expect("a read"), None);
}
