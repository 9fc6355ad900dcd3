//! Registries: who may do what in them, and what they hold.

use ballast_meta::NewEntity;
use ballast_model::json::{Map, Value};
use ballast_model::{
    ArtifactAlias, ArtifactKey, Clock as _, EntityKey, EntityKind, EntityName, ProjectName, Role,
    RunPath,
};
use ballast_tracking::artifacts::{
    AliasTarget, ArtifactRecord, CollectionChanges, CollectionField, CollectionPath,
    CollectionSearch, ContentListing, EntryListing, LinkTarget, NewVersion, SearchPage,
    VersionEdit, VersionField, VersionListing, VersionPath, VersionSearch,
};
use ballast_tracking::filter::{Predicate, Test};
use ballast_tracking::lineage::{Extent, Subject};
use ballast_tracking::registries::{
    Card, CardListing, NAMED_PER_CARD, NewRegistry, Registry, RegistryAccess, RegistryChanges,
    RegistrySearch, Via, registry_project,
};
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::{Caller, Result, Tracking, TrackingError};

use crate::artifacts::{digest, files, log, new_version, prepare_version};
use crate::support::{World, upsert};

/// An organization `acme` in a world: ada is its admin, bob is in none.
struct Acme {
    world: World,
    key: EntityKey,
    name: EntityName,
}

fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

fn registry(name: &str) -> ProjectName {
    registry_project(name).expect("a name")
}

fn new_registry(name: &str, access: RegistryAccess) -> NewRegistry {
    NewRegistry {
        project: registry(name),
        description: String::new(),
        access,
        allow_all_artifact_types: true,
        artifact_types: Vec::new(),
    }
}

impl Acme {
    async fn new() -> Self {
        Self::found(World::new().await).await
    }

    async fn found(world: World) -> Self {
        let now = world.clock.now();
        let ada = world.ada.user_key();
        let made = world.meta.write(move |tx| {
            Box::pin(async move {
                let new = NewEntity {
                    name: named("acme"),
                    kind: EntityKind::Organization,
                    organization: None,
                    created_at: now,
                };
                let made = tx.insert_entity(new).await?;
                tx.put_member(made.key, ada, Role::Admin, now).await?;
                Ok::<_, ballast_meta::MetaError>(made.key)
            })
        });
        let key = made.await.expect("an organization");
        let mut acme = Self {
            world,
            key,
            name: named("acme"),
        };
        acme.world.ada = acme.again(&acme.world.ada).await;
        acme
    }

    fn t(&self) -> &Tracking {
        &self.world.tracking
    }

    fn ada(&self) -> &Caller {
        &self.world.ada
    }

    /// A caller as a next request would be.
    async fn again(&self, caller: &Caller) -> Caller {
        self.world.sign_in(caller.username()).await
    }

    /// A new user with a role in the organization.
    async fn member(&self, name: &str, role: Role) -> Caller {
        self.world.add_user(name).await;
        let caller = self.world.sign_in(name).await;
        let (organization, user, now) = (self.key, caller.user_key(), self.world.clock.now());
        let put = self.world.meta.write(move |tx| {
            Box::pin(async move { tx.put_member(organization, user, role, now).await })
        });
        put.await.expect("a member");
        self.again(&caller).await
    }

    /// A new team of the organization with these members.
    async fn team(&self, name: &str, members: &[&Caller]) -> EntityKey {
        let (organization, now) = (self.key, self.world.clock.now());
        let users: Vec<_> = members.iter().map(|member| member.user_key()).collect();
        let name: EntityName = named(name);
        let made = self.world.meta.write(move |tx| {
            Box::pin(async move {
                let new = NewEntity {
                    name,
                    kind: EntityKind::Team,
                    organization: Some(organization),
                    created_at: now,
                };
                let team = tx.insert_entity(new).await?.key;
                for user in users {
                    tx.put_member(team, user, Role::Viewer, now).await?;
                }
                Ok::<_, ballast_meta::MetaError>(team)
            })
        });
        made.await.expect("a team")
    }

    async fn registry(&self, name: &str, access: RegistryAccess) -> Registry {
        let made = self
            .t()
            .create_registry(self.ada(), &self.name, new_registry(name, access))
            .await;
        made.expect("a registry is made")
    }

    /// A version of type `dataset` in ada's own project.
    async fn version(&self, collection: &str, content: &str) -> ArtifactRecord {
        self.version_as(new_version(collection, String::new()), content)
            .await
    }

    async fn version_as(&self, new: NewVersion, content: &str) -> ArtifactRecord {
        let given = files(&[("a.txt", content)]);
        let new = NewVersion {
            digest: digest(&given),
            ..new
        };
        let (key, _) = prepare_version(self.t(), self.ada(), new, &given)
            .await
            .expect("prepared");
        let committed = self.t().commit_version(self.ada(), key).await;
        committed.expect("committed")
    }

    async fn link(
        &self,
        caller: &Caller,
        version: ArtifactKey,
        project: &str,
        collection: &str,
    ) -> Result<u64> {
        let target = LinkTarget {
            entity: self.name.clone(),
            project: registry(project),
            collection: named(collection),
            aliases: Vec::new(),
        };
        let linked = self.t().link_version(caller, version, target).await?;
        Ok(linked.version)
    }

    fn collection(&self, project: &str, collection: &str) -> CollectionPath {
        CollectionPath {
            entity: self.name.clone(),
            project: registry(project),
            collection: named(collection),
        }
    }

    fn at(&self, project: &str, collection: &str, version: &str) -> VersionPath {
        VersionPath {
            collection: self.collection(project, collection),
            version: version.to_owned(),
        }
    }
}

fn outcome<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(TrackingError::NotFound { .. }) => "hidden",
        Err(TrackingError::Forbidden(_)) => "forbidden",
        Err(other) => panic!("{other:?}"),
    }
}

/// The page with everything.
const ALL: SearchPage = SearchPage {
    start: 0,
    limit: 1000,
    count: true,
};

/// What a stranger, a restricted viewer, a viewer, a member and an admin of a restricted registry meet, in this order.
/// The member deletes the collection before the admin could.
const OUTCOMES: &str = "\
get_registry: hidden done done done done
registry_cards: hidden done done done done
registry_members: hidden done done done done
list_artifact_types: hidden done done done done
get_version_at: hidden done done done done
list_versions: hidden done done done done
collection_tags: hidden done done done done
collection_aliases: hidden done done done done
get_version: hidden done done done done
version_tags: hidden done done done done
version_history: hidden done done done done
lineage: hidden done done done done
list_contents: hidden forbidden done done done
list_entries: hidden forbidden done done done
count_contents: hidden forbidden done done done
get_version_file: hidden forbidden done done done
manifest_target: hidden forbidden done done done
verify_version: hidden forbidden done done done
diff: hidden forbidden done done done
use_version: hidden forbidden done done done
link elsewhere: hidden forbidden done done done
link: hidden forbidden forbidden done done
link_into_registry: hidden forbidden forbidden done done
add_aliases: hidden forbidden forbidden done done
delete_aliases: hidden forbidden forbidden done done
tag: hidden forbidden forbidden done done
update_collection: hidden forbidden forbidden done done
metadata of the version: hidden forbidden forbidden forbidden forbidden
describe the version: hidden forbidden forbidden forbidden forbidden
delete the version: hidden forbidden forbidden forbidden forbidden
update_registry: hidden forbidden forbidden forbidden done
put_registry_member: hidden forbidden forbidden forbidden done
unlink_version: hidden forbidden forbidden done done
delete_collection: hidden forbidden forbidden done hidden
delete_registry: hidden forbidden forbidden forbidden done
";

#[tokio::test]
async fn a_role_in_a_restricted_registry_decides() {
    let acme = Acme::new().await;
    acme.registry("secret", RegistryAccess::Restricted).await;
    let version = acme.version("data", "hello").await;
    let ada = acme.ada();
    acme.link(ada, version.key, "secret", "shelf")
        .await
        .expect("linked");
    let (t, org, project) = (acme.t(), &acme.name, &registry("secret"));

    // Everybody may write in the organization itself; the registry is closed to that.
    let mut callers = Vec::new();
    for (name, role) in [
        ("stranger", None),
        ("rex", Some(Role::RestrictedViewer)),
        ("val", Some(Role::Viewer)),
        ("mel", Some(Role::Member)),
        ("adm", Some(Role::Admin)),
    ] {
        let caller = acme.member(name, Role::Member).await;
        if let Some(role) = role {
            t.put_registry_member(ada, org, project, &named(name), role)
                .await
                .expect("a role is given");
        }
        callers.push(acme.again(&caller).await);
    }
    let target = |alias: &str| AliasTarget {
        entity: org.clone(),
        project: project.clone(),
        collection: named("shelf"),
        alias: ArtifactAlias::new(alias).expect("valid"),
    };
    let shelf = t
        .collection_at(ada, &acme.collection("secret", "shelf"))
        .await
        .expect("the collection");
    let (at, key) = (acme.at("secret", "shelf", "latest"), version.key);
    let mut table = Vec::new();
    let mut row = |name: &str, outcomes: Vec<&str>| {
        table.push(format!("{name}: {}\n", outcomes.join(" ")));
    };
    macro_rules! tried {
        ($name:literal, $caller:ident => $operation:expr) => {{
            let mut outcomes = Vec::new();
            for $caller in &callers {
                outcomes.push(outcome($operation.await));
            }
            row($name, outcomes);
        }};
    }

    tried!("get_registry", c => t.get_registry(c, org, project));
    tried!("registry_cards", c => t.registry_cards(c, org, project, &CardListing { limit: 9, ..CardListing::default() }));
    tried!("registry_members", c => t.registry_members(c, org, project));
    tried!("list_artifact_types", c => t.list_artifact_types(c, org, project));
    tried!("get_version_at", c => t.get_version_at(c, &at));
    tried!("list_versions", c => t.list_versions(c, shelf.key, &VersionListing::default()));
    tried!("collection_tags", c => t.collection_tags(c, shelf.key));
    tried!("collection_aliases", c => t.collection_aliases(c, shelf.key));
    tried!("get_version", c => t.get_version(c, key));
    tried!("version_tags", c => t.version_tags(c, key));
    tried!("version_history", c => t.version_history(c, &at));
    tried!("lineage", c => t.lineage(c, &Subject::Version(at.clone()), Extent { up: 2, down: 2, limit: 9 }));
    tried!("list_contents", c => t.list_contents(c, key, &ContentListing { limit: 9, ..ContentListing::default() }));
    tried!("list_entries", c => t.list_entries(c, key, &EntryListing { limit: 9, ..EntryListing::default() }));
    tried!("count_contents", c => t.count_contents(c, key));
    tried!("get_version_file", c => t.get_version_file(c, key, "a.txt"));
    tried!("manifest_target", c => t.manifest_target(c, key));
    tried!("verify_version", c => t.verify_version(c, &at));
    tried!("diff", c => t.diff(c, &Subject::Version(at.clone()), &Subject::Version(at.clone())));
    tried!("use_version", c => async {
        let run = RunPath::new(c.username(), "p", "r").expect("valid");
        let new = UpsertRun::new(RunTarget::Name {
            entity: None,
            project: Some(run.project.clone()),
            run: run.run.clone(),
        });
        t.upsert_run(c, new).await?;
        t.use_version(c, &run, key, None).await
    });
    tried!("link elsewhere", c => t.link_version(c, key, LinkTarget {
        entity: c.entity().clone(),
        project: named("mine"),
        collection: named("picked"),
        aliases: Vec::new(),
    }));
    tried!("link", c => acme.link(c, key, "secret", "second"));
    tried!("link_into_registry", c => t.link_into_registry(c, org, project, named("third"), &at, Vec::new()));
    tried!("add_aliases", c => t.add_aliases(c, key, vec![target("best")]));
    tried!("delete_aliases", c => t.delete_aliases(c, key, vec![target("best")]));
    tried!("tag", c => t.edit_version(c, &at, VersionEdit { tags: Some(vec![named("good")]), ..VersionEdit::default() }));
    tried!("update_collection", c => t.update_collection(c, shelf.key, CollectionChanges { description: Some("x".to_owned()), ..CollectionChanges::default() }));
    tried!("metadata of the version", c => t.edit_version(c, &at, VersionEdit { metadata: Some(Map::new()), ..VersionEdit::default() }));
    tried!("describe the version", c => t.edit_version(c, &at, VersionEdit { description: Some("x".to_owned()), ..VersionEdit::default() }));
    tried!("delete the version", c => t.delete_version(c, key, true));
    tried!("update_registry", c => t.update_registry(c, org, project, RegistryChanges { description: Some("x".to_owned()), ..RegistryChanges::default() }));
    tried!("put_registry_member", c => t.put_registry_member(c, org, project, &named("mel"), Role::Member));
    tried!("unlink_version", c => t.unlink_version(c, key, shelf.key));
    tried!("delete_collection", c => t.delete_collection(c, shelf.key, true));
    tried!("delete_registry", c => t.delete_registry(c, org, project));
    assert_eq!(table.concat(), OUTCOMES);
    t.get_version(ada, key).await.expect("the version stays");
}

#[tokio::test]
async fn an_open_registry_takes_the_role_in_the_organization() {
    let acme = Acme::new().await;
    acme.registry("models", RegistryAccess::Private).await;
    let version = acme.version("data", "hello").await;
    let t = acme.t();
    acme.link(acme.ada(), version.key, "models", "shelf")
        .await
        .expect("linked");
    let listing = ContentListing {
        limit: 9,
        ..ContentListing::default()
    };
    for (name, role, writes) in [
        ("val", Role::Viewer, "forbidden"),
        ("mel", Role::Member, "done"),
    ] {
        let caller = acme.member(name, role).await;
        let seen = t
            .get_registry(&caller, &acme.name, &registry("models"))
            .await
            .expect("seen");
        assert_eq!(seen.project.role, role);
        assert_eq!(
            outcome(t.list_contents(&caller, version.key, &listing).await),
            "done"
        );
        let linked = acme.link(&caller, version.key, "models", "shelf").await;
        assert_eq!(outcome(linked), writes);
    }
    let bob = &acme.world.bob;
    for hidden in [
        outcome(t.list_registries(bob, &acme.name).await),
        outcome(t.get_registry(bob, &acme.name, &registry("models")).await),
        outcome(t.list_contents(bob, version.key, &listing).await),
        outcome(
            t.create_registry(
                bob,
                &acme.name,
                new_registry("own", RegistryAccess::Private),
            )
            .await,
        ),
    ] {
        assert_eq!(hidden, "hidden");
    }
}

#[tokio::test]
async fn a_team_opens_a_registry_to_its_members() {
    let acme = Acme::new().await;
    acme.registry("secret", RegistryAccess::Restricted).await;
    let val = acme.member("val", Role::Viewer).await;
    let team = acme.team("vision", &[&val]).await;
    let (t, ada, project) = (acme.t(), acme.ada(), registry("secret"));
    assert_eq!(
        outcome(t.get_registry(&val, &acme.name, &project).await),
        "hidden"
    );
    let put = t
        .put_registry_team(ada, &acme.name, &project, &named("vision"), Role::Member)
        .await
        .expect("a role is given");
    assert_eq!((put.team, put.role, put.n_members), (team, Role::Member, 1));
    let val = acme.again(&val).await;
    let seen = t.get_registry(&val, &acme.name, &project).await;
    assert_eq!(seen.expect("seen").project.role, Role::Member);

    let members = t.registry_members(ada, &acme.name, &project).await;
    let members = members.expect("members");
    let users: Vec<_> = members
        .users
        .iter()
        .map(|user| (user.username.as_str(), user.role, user.via))
        .collect();
    assert_eq!(users, [("ada", Role::Admin, Via::Own)]);
    assert_eq!(members.teams.len(), 1);
    let figures = t.get_registry(ada, &acme.name, &project).await;
    assert_eq!(figures.expect("seen").figures.n_members, 2);

    t.delete_registry_team(ada, &acme.name, &project, &named("vision"))
        .await
        .expect("the role is taken away");
    let val = acme.again(&val).await;
    assert_eq!(
        outcome(t.get_registry(&val, &acme.name, &project).await),
        "hidden"
    );
    // A team that is not the organization's, and a user who is not in it.
    let refused = t
        .put_registry_member(ada, &acme.name, &project, &named("bob"), Role::Viewer)
        .await;
    assert!(matches!(refused, Err(TrackingError::Conflict(text)) if text.contains("`bob`")));
    let refused = t
        .put_registry_team(ada, &acme.name, &project, &named("acme"), Role::Viewer)
        .await;
    assert_eq!(outcome(refused), "hidden");
}

#[tokio::test]
async fn a_registry_takes_the_types_that_it_names() {
    let acme = Acme::new().await;
    let (t, ada) = (acme.t(), acme.ada());
    let new = NewRegistry {
        allow_all_artifact_types: false,
        artifact_types: vec![named("model")],
        ..new_registry("models", RegistryAccess::Private)
    };
    t.create_registry(ada, &acme.name, new)
        .await
        .expect("a registry is made");
    let version = acme.version("data", "hello").await;
    let refused = acme.link(ada, version.key, "models", "shelf").await;
    let Err(TrackingError::Conflict(text)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        text,
        "registry `models` does not take artifacts of type `dataset`: expected `model`"
    );
    let changes = RegistryChanges {
        add_artifact_types: vec![named("dataset")],
        ..RegistryChanges::default()
    };
    let changed = t
        .update_registry(ada, &acme.name, &registry("models"), changes)
        .await
        .expect("changed");
    let types: Vec<_> = changed
        .artifact_types
        .iter()
        .map(ballast_model::ArtifactTypeName::as_str)
        .collect();
    assert_eq!(types, ["dataset", "model"]);
    acme.link(ada, version.key, "models", "shelf")
        .await
        .expect("linked");

    // What is in an open registry stays allowed when it is narrowed.
    acme.registry("open", RegistryAccess::Private).await;
    acme.link(ada, version.key, "open", "shelf")
        .await
        .expect("linked");
    let changes = RegistryChanges {
        allow_all_artifact_types: Some(false),
        ..RegistryChanges::default()
    };
    let narrowed = t
        .update_registry(ada, &acme.name, &registry("open"), changes)
        .await
        .expect("changed");
    assert_eq!(narrowed.artifact_types, [named("dataset")]);
}

async fn protected_aliases_are_for_admins(world: World) {
    let acme = Acme::found(world).await;
    acme.registry("models", RegistryAccess::Private).await;
    let (t, ada, org, project) = (acme.t(), acme.ada(), &acme.name, &registry("models"));
    let mel = &acme.member("mel", Role::Member).await;
    let mut versions = Vec::new();
    for content in ["one", "two"] {
        let logged = log(t, mel, "data", &files(&[("a.txt", content)])).await;
        let version = logged.expect("logged").key;
        acme.link(mel, version, "models", "shelf")
            .await
            .expect("linked");
        versions.push(version);
    }
    let [first, second] = versions[..] else {
        panic!("two versions");
    };
    let protect = async |caller: &Caller, aliases: Vec<ArtifactAlias>| {
        let changes = RegistryChanges {
            protected_aliases: Some(aliases),
            ..RegistryChanges::default()
        };
        t.update_registry(caller, org, project, changes).await
    };
    let protected = || ["prod", "best"].map(named).to_vec();
    assert_eq!(outcome(protect(mel, protected()).await), "forbidden");
    let changed = protect(ada, protected()).await.expect("protected");
    let expected: Vec<ArtifactAlias> = ["best", "prod"].map(named).to_vec();
    assert_eq!(changed.protected_aliases, expected);
    let many = (0..101).map(|number| named(&format!("a{number}")));
    for refused in [vec![named("latest")], many.collect()] {
        let refused = protect(ada, refused).await;
        assert!(
            matches!(refused, Err(TrackingError::Invalid(_))),
            "{refused:?}"
        );
    }

    let link = async |caller: &Caller, version, alias: &str| {
        let target = LinkTarget {
            entity: org.clone(),
            project: project.clone(),
            collection: named("shelf"),
            aliases: vec![named(alias)],
        };
        t.link_version(caller, version, target).await
    };
    let target = |alias: &str| {
        vec![AliasTarget {
            entity: org.clone(),
            project: project.clone(),
            collection: named("shelf"),
            alias: named(alias),
        }]
    };
    let edit = async |caller: &Caller, version: &str, add: &[&str], delete: &[&str]| {
        let edit = VersionEdit {
            add_aliases: add.iter().copied().map(named).collect(),
            delete_aliases: delete.iter().copied().map(named).collect(),
            ..VersionEdit::default()
        };
        t.edit_version(caller, &acme.at("models", "shelf", version), edit)
            .await
    };
    assert_eq!(outcome(link(ada, first, "prod").await), "done");
    let shelf = acme.collection("models", "shelf");
    let shelf = t.collection_at(ada, &shelf).await;
    let shelf = shelf.expect("the collection").key;
    let data = CollectionPath {
        entity: mel.entity().clone(),
        project: named("vision"),
        collection: named("data"),
    };
    let data = t.collection_at(mel, &data).await.expect("mel's own").key;

    let told = link(mel, second, "prod").await.expect_err("refused");
    assert_eq!(
        told.to_string(),
        "alias `prod` is protected in registry `models`: your role there is `member`, and to give or take it takes the \
         role `admin`"
    );
    for (tried, expected) in [
        // What it has already, and what it does not have, changes nothing.
        (outcome(link(mel, first, "prod").await), "done"),
        (
            outcome(t.add_aliases(mel, first, target("prod")).await),
            "done",
        ),
        (
            outcome(t.delete_aliases(mel, second, target("prod")).await),
            "done",
        ),
        (outcome(edit(mel, "v0", &["prod"], &[]).await), "done"),
        (outcome(edit(mel, "v1", &[], &["prod"]).await), "done"),
        // Others are free.
        (outcome(edit(mel, "v1", &["other"], &[]).await), "done"),
        (outcome(link(mel, second, "best").await), "forbidden"),
        (
            outcome(t.add_aliases(mel, second, target("prod")).await),
            "forbidden",
        ),
        (
            outcome(t.delete_aliases(mel, first, target("prod")).await),
            "forbidden",
        ),
        (outcome(edit(mel, "v1", &["prod"], &[]).await), "forbidden"),
        (outcome(edit(mel, "v0", &[], &["prod"]).await), "forbidden"),
        (
            outcome(t.unlink_version(mel, first, shelf).await),
            "forbidden",
        ),
        (
            outcome(t.delete_collection(mel, shelf, true).await),
            "forbidden",
        ),
        // Nor by a way around the registry.
        (
            outcome(t.delete_version(mel, first, true).await),
            "forbidden",
        ),
        (
            outcome(t.delete_collection(mel, data, true).await),
            "forbidden",
        ),
        (outcome(t.unlink_version(mel, second, shelf).await), "done"),
    ] {
        assert_eq!(tried, expected);
    }
    let prod = acme.at("models", "shelf", "prod");
    let prod = t.get_version_at(mel, &prod).await;
    let prod = prod.expect("it has kept its alias");
    assert_eq!(prod.membership.artifact.key, first);

    // Who sees nothing of the registry is told of the alias only.
    let kind = EntityKind::Organization;
    t.delete_member(ada, kind, org, "mel").await.expect("left");
    let outsider = &acme.again(mel).await;
    let told = t.delete_version(outsider, first, true).await;
    let told = told.expect_err("refused").to_string();
    assert!(
        told.contains("`prod`") && !told.contains("models"),
        "{told}"
    );

    assert_eq!(outcome(edit(ada, "v0", &["best"], &["prod"]).await), "done");
    protect(ada, Vec::new()).await.expect("protected no more");
    let deleted = t.delete_version(outsider, first, true).await;
    assert_eq!(outcome(deleted), "done");
}

#[tokio::test]
async fn protected_aliases_are_for_admins_on_sqlite() {
    protected_aliases_are_for_admins(World::new().await).await;
}

#[tokio::test]
async fn protected_aliases_are_for_admins_on_postgres() {
    World::on_postgres(protected_aliases_are_for_admins).await;
}

#[tokio::test]
async fn registries_are_made_on_purpose_and_hold_links_only() {
    let acme = Acme::new().await;
    let (t, ada) = (acme.t(), acme.ada());
    let version = acme.version("data", "hello").await;
    assert_eq!(
        outcome(acme.link(ada, version.key, "nowhere", "shelf").await),
        "hidden"
    );
    acme.registry("models", RegistryAccess::Private).await;
    let again = t
        .create_registry(
            ada,
            &acme.name,
            new_registry("models", RegistryAccess::Private),
        )
        .await;
    assert!(
        matches!(again, Err(TrackingError::Conflict(_))),
        "{again:?}"
    );
    let logged = NewVersion {
        entity: Some(acme.name.clone()),
        project: registry("models"),
        ..new_version("data", "0".repeat(32))
    };
    let logged = t.announce_version(ada, logged).await;
    assert!(
        matches!(logged, Err(TrackingError::Conflict(_))),
        "{logged:?}"
    );
    let run = RunTarget::Name {
        entity: Some(acme.name.clone()),
        project: Some(registry("models")),
        run: named("r"),
    };
    let run = t
        .upsert_run(
            ada,
            UpsertRun {
                target: run,
                ..upsert("r")
            },
        )
        .await;
    assert!(matches!(run, Err(TrackingError::Conflict(_))));

    let changes = RegistryChanges {
        project: Some(registry("nets")),
        ..RegistryChanges::default()
    };
    let renamed = t
        .update_registry(ada, &acme.name, &registry("models"), changes)
        .await
        .expect("renamed");
    assert_eq!(renamed.name(), "nets");
    acme.registry("models", RegistryAccess::Private).await;
    let changes = RegistryChanges {
        project: Some(registry("nets")),
        ..RegistryChanges::default()
    };
    let taken = t
        .update_registry(ada, &acme.name, &registry("models"), changes)
        .await;
    assert!(matches!(taken, Err(TrackingError::Conflict(text)) if text.contains("`nets`")));
}

#[tokio::test]
async fn cards_tell_the_source_to_those_who_may_know() {
    let acme = Acme::new().await;
    acme.registry("models", RegistryAccess::Private).await;
    let (t, ada) = (acme.t(), acme.ada());
    for content in ["one", "two"] {
        let version = acme.version("data", content).await;
        acme.link(ada, version.key, "models", "shelf")
            .await
            .expect("linked");
    }
    let val = acme.member("val", Role::Viewer).await;
    let listing = CardListing {
        limit: 10,
        ..CardListing::default()
    };
    for (caller, knows) in [(ada, true), (&val, false)] {
        let page = t
            .registry_cards(caller, &acme.name, &registry("models"), &listing)
            .await
            .expect("cards");
        assert_eq!((page.items.len(), page.total), (1, 1));
        let card = &page.items[0];
        assert_eq!(
            (card.collection.name.as_str(), card.n_versions),
            ("shelf", 2)
        );
        let latest = card.latest.as_ref().expect("a latest version");
        assert_eq!(
            (latest.version, latest.linked_by.as_deref()),
            (1, Some("ada"))
        );
        assert_eq!(latest.aliases, ["latest"]);
        assert_eq!(latest.source.is_some(), knows);
        let version = t
            .get_version_at(caller, &acme.at("models", "shelf", "v0"))
            .await
            .expect("a version");
        assert_eq!(version.source.is_some(), knows);
        let history = t
            .version_history(caller, &acme.at("models", "shelf", "v1"))
            .await
            .expect("a history");
        let details: Vec<&str> = history
            .iter()
            .filter_map(|entry| entry.detail.as_deref())
            .collect();
        let place = "acme/wandb-registry-models/shelf";
        let alias = format!("latest @ {place}");
        if knows {
            assert_eq!(details, ["latest", place, &alias]);
        } else {
            assert_eq!(details, [place, &alias]);
        }
    }
}

async fn cards_tell_which_version_has_which_alias(world: World) {
    let acme = Acme::found(world).await;
    acme.registry("models", RegistryAccess::Private).await;
    let (t, ada) = (acme.t(), acme.ada());
    let mut versions = Vec::new();
    for content in ["one", "two", "three"] {
        let version = acme.version("data", content).await;
        for shelf in ["shelf", "crowd", "plain"] {
            acme.link(ada, version.key, "models", shelf)
                .await
                .expect("linked");
        }
        versions.push(version.key);
    }
    let crowd = (0..NAMED_PER_CARD + 5).map(|number| (0, "crowd", format!("alias-{number:02}")));
    let shelf = [(0, "production"), (1, "staging"), (1, "candidate")]
        .map(|(version, alias)| (version, "shelf", alias.to_owned()));
    for (version, collection, alias) in crowd.chain(shelf) {
        let target = AliasTarget {
            entity: acme.name.clone(),
            project: registry("models"),
            collection: named(collection),
            alias: ArtifactAlias::new(&alias).expect("valid"),
        };
        t.add_aliases(ada, versions[version], vec![target])
            .await
            .expect("named");
    }
    let listing = CardListing {
        limit: 10,
        ..CardListing::default()
    };
    let page = t
        .registry_cards(ada, &acme.name, &registry("models"), &listing)
        .await
        .expect("cards");
    let named_in = |collection: &str| -> Vec<(&str, u64)> {
        let is_it = |card: &&Card| card.collection.name.as_str() == collection;
        let card = page.items.iter().find(is_it).expect("a card");
        let names = card.named.iter();
        names.map(|it| (it.alias.as_str(), it.version)).collect()
    };
    // The newest version has no name but `latest`.
    assert_eq!(
        named_in("shelf"),
        [("candidate", 1), ("staging", 1), ("production", 0)]
    );
    assert_eq!(named_in("plain"), []);
    assert_eq!(named_in("crowd").len(), NAMED_PER_CARD);
    assert_eq!(named_in("crowd")[19], ("alias-19", 0));
}

#[tokio::test]
async fn cards_tell_which_version_has_which_alias_on_sqlite() {
    cards_tell_which_version_has_which_alias(World::new().await).await;
}

#[tokio::test]
async fn cards_tell_which_version_has_which_alias_on_postgres() {
    World::on_postgres(cards_tell_which_version_has_which_alias).await;
}

#[tokio::test]
async fn a_version_that_is_used_from_a_registry_shows_in_the_lineage() {
    let acme = Acme::new().await;
    acme.registry("models", RegistryAccess::Private).await;
    let version = acme.version("data", "hello").await;
    let t = acme.t();
    acme.link(acme.ada(), version.key, "models", "shelf")
        .await
        .expect("linked");
    let val = acme.member("val", Role::Viewer).await;
    t.upsert_run(&val, upsert("used")).await.expect("a run");
    let run = RunPath::new("val", "vision", "used").expect("valid");
    t.use_version(&val, &run, version.key, None)
        .await
        .expect("used");
    let extent = Extent {
        up: 3,
        down: 3,
        limit: 10,
    };
    let lineage = t
        .lineage(&val, &Subject::Run(run.clone()), extent)
        .await
        .expect("a lineage");
    let places: Vec<String> = lineage
        .nodes
        .iter()
        .map(|node| format!("{:?}", node.body))
        .filter(|body| body.contains("wandb-registry-models") && body.contains("shelf"))
        .collect();
    assert_eq!(places.len(), 1, "{lineage:?}");
    let used = t.versions_of_run(&val, &run).await.expect("versions").used;
    let place = &used[0].membership.collection;
    assert_eq!(place.project_name, registry("models"));
    assert_eq!(used[0].source, None);
}

fn is<F>(field: F, value: &str) -> Predicate<F> {
    Predicate::Test {
        field,
        test: Test::Equals(Value::from(value)),
    }
}

async fn searches(world: World) {
    let acme = Acme::found(world).await;
    let (t, ada) = (acme.t(), acme.ada());
    acme.registry("models", RegistryAccess::Private).await;
    acme.registry("secret", RegistryAccess::Restricted).await;
    // More than one part is read of either.
    for number in 0..3 {
        let new = NewVersion {
            metadata: Some(format!(r#"{{"score":{{"f1":{number}}}}}"#)),
            ..new_version("data", String::new())
        };
        let version = acme.version_as(new, &format!("content {number}")).await;
        acme.world.advance(1);
        for (project, collection) in [("models", "one"), ("secret", "two")] {
            acme.link(ada, version.key, project, collection)
                .await
                .expect("linked");
        }
    }
    let everything = || VersionSearch {
        collections: Predicate::everything(),
        filter: Predicate::everything(),
        order: ballast_tracking::artifacts::MembershipOrder::default(),
        page: ALL,
    };
    let all = || Predicate::everything();
    let show = |found: &ballast_tracking::artifacts::Found<
        ballast_tracking::artifacts::MembershipRecord,
    >| {
        let items = found.items.iter();
        items
            .map(|(item, _)| format!("{}:v{}", item.collection.name, item.version))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let found = t
        .search_registry_versions(ada, &acme.name, &all(), &everything())
        .await
        .expect("found");
    assert_eq!(show(&found), "two:v2 one:v2 two:v1 one:v1 two:v0 one:v0");
    assert_eq!(found.total, Some(6));
    let val = acme.member("val", Role::Viewer).await;
    let found = t
        .search_registry_versions(&val, &acme.name, &all(), &everything())
        .await
        .expect("found");
    assert_eq!(show(&found), "one:v2 one:v1 one:v0");

    let search = VersionSearch {
        filter: Predicate::Test {
            field: VersionField::Metadata(vec!["score".to_owned(), "f1".to_owned()]),
            test: Test::AtLeast(Value::Int(1)),
        },
        collections: is(CollectionField::Name, "two"),
        page: SearchPage {
            start: 0,
            limit: 1,
            count: false,
        },
        ..everything()
    };
    let mut pages = Vec::new();
    let mut page = search.page;
    loop {
        let search = VersionSearch {
            page,
            ..search.clone()
        };
        let found = t
            .search_registry_versions(ada, &acme.name, &all(), &search)
            .await
            .expect("found");
        pages.push(show(&found));
        assert_eq!(found.total, None);
        page.start = found.items.last().map_or(0, |(_, end)| *end);
        if !found.has_more {
            break;
        }
    }
    assert_eq!(pages, ["two:v2", "two:v1"]);

    let collections = CollectionSearch {
        filter: Predicate::Not(Box::new(is(CollectionField::Name, "one"))),
        order: None,
        page: ALL,
    };
    let found = t
        .search_registry_collections(ada, &acme.name, &all(), &collections)
        .await
        .expect("found");
    assert_eq!((found.items.len(), found.total), (1, Some(1)));
    let registries = RegistrySearch {
        filter: Predicate::everything(),
        order: None,
        page: ALL,
    };
    let found = t
        .search_registries(&val, &acme.name, &registries)
        .await
        .expect("found");
    let names: Vec<&str> = found.items.iter().map(|(found, _)| found.name()).collect();
    assert_eq!(names, ["models"]);
}

#[tokio::test]
async fn searches_see_what_the_caller_may_on_sqlite() {
    searches(World::new().await).await;
}

#[tokio::test]
async fn searches_see_what_the_caller_may_on_postgres() {
    World::on_postgres(searches).await;
}
