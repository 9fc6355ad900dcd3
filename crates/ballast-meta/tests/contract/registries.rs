//! Registries, the roles in them, and lists of what is in them.

use ballast_meta::artifacts::{
    AliasScope, CollectionKind, CollectionOrder, CollectionQuery, CollectionSort, MembershipOrder,
    MembershipQuery, MembershipSort, NewArtifact, NewCollection,
};
use ballast_meta::{MetaError, NewEntity, NewUser, ProjectAccess, ProjectRecord, RegistryPatch};
use ballast_model::{ArtifactAlias, ArtifactKey, EntityKey, EntityKind, ProjectKey, Role, UserKey};

use crate::backend::{Database, at, on_each_backend, write};

on_each_backend!(
    registries_are_listed_and_changed,
    protected_aliases_are_found_where_they_are_given,
    roles_in_a_registry_are_kept_or_replaced,
    figures_count_who_sees_a_registry,
    places_in_collections_are_listed_in_order,
);

async fn user(database: &Database, name: &'static str) -> UserKey {
    let made = write(&database.meta, move |tx| {
        Box::pin(async move {
            let new = NewUser::new(name.parse().expect("a name"), at(0));
            tx.insert_user(new).await
        })
    });
    made.await.key
}

async fn entity(
    database: &Database,
    name: &'static str,
    kind: EntityKind,
    organization: Option<EntityKey>,
) -> EntityKey {
    let made = write(&database.meta, move |tx| {
        Box::pin(async move {
            let new = NewEntity {
                name: name.parse().expect("a name"),
                kind,
                organization,
                created_at: at(0),
            };
            tx.insert_entity(new).await
        })
    });
    made.await.key
}

async fn put_member(database: &Database, entity: EntityKey, user: UserKey, role: Role) {
    write(&database.meta, move |tx| {
        Box::pin(async move { tx.put_member(entity, user, role, at(0)).await })
    })
    .await;
}

async fn project(database: &Database, owner: EntityKey, name: &'static str) -> ProjectRecord {
    let made = write(&database.meta, move |tx| {
        Box::pin(async move {
            let name = name.parse().expect("a name");
            tx.insert_project_if_absent(owner, &name, at(1)).await
        })
    });
    made.await.0
}

async fn change(database: &Database, key: ProjectKey, patch: RegistryPatch) -> bool {
    write(&database.meta, move |tx| {
        Box::pin(async move { tx.update_registry(key, patch, at(9)).await })
    })
    .await
}

async fn registries_are_listed_and_changed(database: Database) {
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let models = project(&database, acme, "wandb-registry-models").await;
    project(&database, acme, "wandb-registry-data").await;
    // A name that only a pattern would take for one.
    project(&database, acme, "wandbXregistry-models").await;
    let other = entity(&database, "other", EntityKind::Organization, None).await;
    project(&database, other, "wandb-registry-models").await;
    assert_eq!((models.updated_at, models.created_at), (at(1), at(1)));
    let db = database.meta.read();
    let names = async || {
        let found = db.list_registries(acme).await.expect("a read");
        let names = found.iter().map(|found| found.name.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        names().await,
        ["wandb-registry-data", "wandb-registry-models"]
    );

    let patch = RegistryPatch {
        name: Some("wandb-registry-nets".parse().expect("a name")),
        description: Some("about \0 cats".to_owned()),
        access: Some(ProjectAccess::Restricted),
        allow_all_artifact_types: Some(false),
    };
    assert!(change(&database, models.key, patch).await);
    let changed = db.project(models.key).await.expect("a read");
    let changed = changed.expect("a project");
    assert_eq!(changed.name.as_str(), "wandb-registry-nets");
    assert_eq!(changed.description, "about \u{fffd} cats");
    assert_eq!(changed.access, ProjectAccess::Restricted);
    assert!(!changed.allow_all_artifact_types);
    assert_eq!((changed.updated_at, changed.created_at), (at(9), at(1)));
    assert!(!change(&database, ProjectKey(-1), RegistryPatch::default()).await);
    let taken = database.meta.write(move |tx| {
        Box::pin(async move {
            let patch = RegistryPatch {
                name: Some("wandb-registry-data".parse().expect("a name")),
                ..RegistryPatch::default()
            };
            tx.update_registry(models.key, patch, at(9)).await
        })
    });
    let taken: Result<bool, MetaError> = taken.await;
    assert!(taken.expect_err("taken").is_conflict());

    for _ in 0..2 {
        write(&database.meta, move |tx| {
            Box::pin(async move {
                let types = ["model", "dataset"].map(|name| name.parse().expect("a name"));
                tx.add_registry_artifact_types(models.key, &types).await
            })
        })
        .await;
    }
    let types = db.registry_artifact_types(&[models.key]).await;
    let types: Vec<String> = types.expect("a read")[&models.key]
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(types, ["dataset", "model"]);
}

async fn protected_aliases_are_found_where_they_are_given(database: Database) {
    let ada = user(&database, "ada").await;
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let models = project(&database, acme, "wandb-registry-models").await.key;
    let open = project(&database, acme, "wandb-registry-open").await.key;
    let own = project(&database, acme, "vision").await.key;
    let set = async |names: &[&str]| {
        let aliases: Vec<ArtifactAlias> = names
            .iter()
            .map(|name| name.parse().expect("an alias"))
            .collect();
        write(&database.meta, move |tx| {
            Box::pin(async move { tx.set_protected_aliases(models, &aliases).await })
        })
        .await;
    };
    set(&["prod", "best", "prod"]).await;
    let db = database.meta.read();
    let protected = db.protected_aliases(&[models, open]).await.expect("a read");
    let names: Vec<_> = protected[&models]
        .iter()
        .map(ArtifactAlias::as_str)
        .collect();
    assert_eq!((names, protected.len()), (vec!["best", "prod"], 1));
    set(&["prod"]).await;

    // One version, in its own collection and in two of links, with the same aliases in all.
    let (artifact, places) = write(&database.meta, move |tx| {
        Box::pin(async move {
            let mut places = Vec::new();
            let mut artifact = None;
            for (project, kind) in [
                (own, CollectionKind::Versions),
                (models, CollectionKind::Links),
                (open, CollectionKind::Links),
            ] {
                let kind_of = "model".parse().expect("a name");
                let artifact_type = tx
                    .insert_artifact_type_if_absent(project, &kind_of, None, at(2))
                    .await?;
                let collection = tx
                    .insert_collection_if_absent(NewCollection {
                        project,
                        artifact_type: artifact_type.key,
                        kind,
                        name: "net".parse().expect("a name"),
                        created_at: at(2),
                    })
                    .await?
                    .key;
                let version = if let Some(version) = artifact {
                    version
                } else {
                    let new = NewArtifact {
                        collection,
                        digest: String::new(),
                        description: None,
                        metadata: None,
                        ttl_s: None,
                        history_step: None,
                        run: None,
                        user: None,
                        distributed_id: None,
                        commit_hash: String::new(),
                        wanted: String::new(),
                        created_at: at(3),
                    };
                    *artifact.insert(tx.insert_artifact(new).await?)
                };
                let membership = tx
                    .insert_membership(collection, version, 0, Some(ada), at(4))
                    .await?;
                for alias in ["best", "prod"] {
                    let alias = alias.parse().expect("an alias");
                    tx.put_alias(collection, membership, &alias).await?;
                }
                places.push((collection, membership));
            }
            Ok((artifact.expect("made"), places))
        })
    })
    .await;
    let found = async |scope| {
        let found = db.aliases_that_are_protected(scope).await.expect("a read");
        let found = found.into_iter();
        found
            .map(|found| (found.alias.to_string(), found.membership))
            .collect::<Vec<_>>()
    };
    let [(own, _), (shelf, link), (other, elsewhere)] = places[..] else {
        panic!("three places");
    };
    for scope in [
        AliasScope::Membership(link),
        AliasScope::Version(artifact),
        AliasScope::Collection(shelf),
        AliasScope::VersionsOf(own),
    ] {
        assert_eq!(found(scope).await, [("prod".to_owned(), link)], "{scope:?}");
    }
    for scope in [
        AliasScope::Membership(elsewhere),
        AliasScope::Collection(other),
        AliasScope::Collection(own),
        AliasScope::VersionsOf(shelf),
    ] {
        assert_eq!(found(scope).await, [], "{scope:?}");
    }
    set(&[]).await;
    assert_eq!(found(AliasScope::Version(artifact)).await, []);
}

async fn roles_in_a_registry_are_kept_or_replaced(database: Database) {
    let ada = user(&database, "ada").await;
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let lab = entity(&database, "lab", EntityKind::Team, Some(acme)).await;
    put_member(&database, lab, ada, Role::Viewer).await;
    let key = project(&database, acme, "wandb-registry-models").await.key;
    let put = async |role, keep| {
        write(&database.meta, move |tx| {
            Box::pin(async move {
                tx.put_project_member(key, ada, role, keep, at(3)).await?;
                tx.put_project_team(key, lab, role, keep, at(3)).await
            })
        })
        .await;
    };
    let roles = async || {
        let db = database.meta.read();
        let users = db.list_project_members(key).await.expect("a read");
        let teams = db.list_project_teams(key).await.expect("a read");
        (
            users.first().map(|user| (user.user, user.role)),
            teams
                .first()
                .map(|team| (team.team, team.role, team.n_members)),
        )
    };
    put(Role::Viewer, true).await;
    put(Role::Admin, true).await;
    let viewers = (Some((ada, Role::Viewer)), Some((lab, Role::Viewer, 1)));
    assert_eq!(roles().await, viewers);
    put(Role::RestrictedViewer, false).await;
    let role = Role::RestrictedViewer;
    assert_eq!(roles().await, (Some((ada, role)), Some((lab, role, 1))));
    let grants = database.meta.read().grants_of(ada).await.expect("a read");
    assert_eq!(grants.projects.get(&key), Some(&role));
    for deleted in [true, false] {
        let gone = write(&database.meta, move |tx| {
            Box::pin(async move {
                Ok((
                    tx.delete_project_member(key, ada).await?,
                    tx.delete_project_team(key, lab).await?,
                ))
            })
        });
        assert_eq!(gone.await, (deleted, deleted));
    }
    assert_eq!(roles().await, (None, None));
}

async fn figures_count_who_sees_a_registry(database: Database) {
    let (ada, bob, eve) = (
        user(&database, "ada").await,
        user(&database, "bob").await,
        user(&database, "eve").await,
    );
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    put_member(&database, acme, ada, Role::Admin).await;
    put_member(&database, acme, bob, Role::Viewer).await;
    put_member(&database, acme, eve, Role::Viewer).await;
    let lab = entity(&database, "lab", EntityKind::Team, Some(acme)).await;
    put_member(&database, lab, bob, Role::Viewer).await;
    let open = project(&database, acme, "wandb-registry-open").await.key;
    let closed = project(&database, acme, "wandb-registry-closed").await.key;
    let patch = RegistryPatch {
        access: Some(ProjectAccess::Restricted),
        ..RegistryPatch::default()
    };
    change(&database, closed, patch).await;
    let n_members = async || {
        let db = database.meta.read();
        let figures = db.registry_figures(&[open, closed]).await.expect("a read");
        (figures[&open].n_members, figures[&closed].n_members)
    };
    assert_eq!(n_members().await, (3, 1));
    write(&database.meta, move |tx| {
        Box::pin(async move {
            for registry in [open, closed] {
                tx.put_project_team(registry, lab, Role::Viewer, false, at(3))
                    .await?;
                tx.put_project_member(registry, bob, Role::Viewer, false, at(3))
                    .await?;
            }
            Ok(())
        })
    })
    .await;
    assert_eq!(n_members().await, (3, 2));
}

async fn places_in_collections_are_listed_in_order(database: Database) {
    let ada = user(&database, "ada").await;
    let acme = entity(&database, "acme", EntityKind::Organization, None).await;
    let key = project(&database, acme, "wandb-registry-models").await.key;
    // Made in this order; the first version is linked last.
    let (artifacts, shelf) = write(&database.meta, move |tx| {
        Box::pin(async move {
            let kind = tx
                .insert_artifact_type_if_absent(key, &"model".parse().expect("a name"), None, at(1))
                .await?;
            let mut collections = Vec::new();
            for (name, kind_of, made) in [
                ("own", CollectionKind::Versions, 1),
                ("b", CollectionKind::Links, 2),
                ("a", CollectionKind::Links, 3),
            ] {
                let new = NewCollection {
                    project: key,
                    artifact_type: kind.key,
                    kind: kind_of,
                    name: name.parse().expect("a name"),
                    created_at: at(made),
                };
                collections.push(tx.insert_collection_if_absent(new).await?.key);
            }
            let mut artifacts = Vec::new();
            for number in 0..2 {
                let new = NewArtifact {
                    collection: collections[0],
                    digest: String::new(),
                    description: None,
                    metadata: None,
                    ttl_s: None,
                    history_step: None,
                    run: None,
                    user: None,
                    distributed_id: None,
                    commit_hash: String::new(),
                    wanted: String::new(),
                    created_at: at(10 + number),
                };
                artifacts.push(tx.insert_artifact(new).await?);
            }
            let links = [(1, 0, at(30)), (2, 0, at(31)), (1, 1, at(20))];
            for (collection, number, linked) in links {
                let artifact = artifacts[number];
                let by = Some(ada);
                tx.insert_membership(collections[collection], artifact, number as u64, by, linked)
                    .await?;
            }
            tx.insert_membership(collections[0], artifacts[0], 0, None, at(10))
                .await?;
            Ok((artifacts, collections[1]))
        })
    })
    .await;
    let db = database.meta.read();
    let list_in = async |collection, by, descending, offset, limit| {
        let query = MembershipQuery {
            projects: vec![key],
            collection,
            kind: Some(CollectionKind::Links),
            order: MembershipOrder { by, descending },
            offset,
            limit,
        };
        let found = db.list_memberships(&query).await.expect("a read");
        assert!(found.iter().all(|found| found.linked_by == Some(ada)));
        let places = found.into_iter();
        places
            .map(|found| (found.collection.name.to_string(), found.artifact.key))
            .collect::<Vec<(String, ArtifactKey)>>()
    };
    let list =
        async |by, descending, offset, limit| list_in(None, by, descending, offset, limit).await;
    let place = |name: &str, number: usize| (name.to_owned(), artifacts[number]);
    let by = MembershipSort::Version;
    let shelf = Some(shelf);
    assert_eq!(
        list_in(shelf, by, true, 0, 9).await,
        [place("b", 1), place("b", 0)]
    );
    assert_eq!(list_in(shelf, by, false, 0, 1).await, [place("b", 0)]);
    let by = MembershipSort::CreatedAt;
    let newest = [place("a", 0), place("b", 0), place("b", 1)];
    assert_eq!(list(by, true, 0, 9).await, newest);
    assert_eq!(list(by, true, 1, 1).await, newest[1..2]);
    let by = MembershipSort::ArtifactCreatedAt;
    assert_eq!(
        list(by, false, 0, 9).await,
        [place("a", 0), place("b", 0), place("b", 1)]
    );
    assert_eq!(list(by, true, 0, 1).await, [place("b", 1)]);
    assert_eq!(
        list(MembershipSort::ArtifactSize, true, 0, 9).await.len(),
        3
    );

    let collections = async |order: Option<(CollectionSort, bool)>| {
        let query = CollectionQuery {
            projects: vec![key],
            kind: Some(CollectionKind::Links),
            order: order.map(|(by, descending)| CollectionOrder { by, descending }),
            limit: 9,
            ..CollectionQuery::default()
        };
        assert_eq!(db.count_collections(&query).await.expect("a read"), 2);
        let found = db.list_collections(&query).await.expect("a read");
        let names = found.into_iter().map(|found| found.name.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(collections(None).await, ["a", "b"]);
    let by = CollectionSort::CreatedAt;
    assert_eq!(collections(Some((by, false))).await, ["b", "a"]);
    let by = CollectionSort::Name;
    assert_eq!(collections(Some((by, true))).await, ["b", "a"]);
}
