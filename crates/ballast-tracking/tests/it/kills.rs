//! A change to a registry, team or organization that is killed, wherever it waits, leaves nothing or everything.

use std::fmt::Debug;
use std::sync::Arc;

use ballast_meta::{MetaError, OpenOptions};
use ballast_model::{ArtifactAlias, ArtifactKey, EntityName, ProjectName, Role};
use ballast_tracking::artifacts::{
    AliasTarget, CollectionPath, LinkTarget, VersionEdit, VersionListing, VersionPath,
};
use ballast_tracking::registries::{
    Holders, NewRegistry, RegistryAccess, RegistryChanges, registry_project,
};
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::teams::{Member, NewMember, NewOrganization, NewTeam};
use ballast_tracking::{Caller, EntityKind, Result, Tracking};
use futures::future::join_all;
use tokio::sync::Barrier;

use crate::artifacts::{files, log};
use crate::interrupt::{Death, killed};
use crate::support::World;

/// How many waits of a change are tried: more than its statements.
const MAX_WAITS: usize = 60;

/// Kills a change where it waits for the first time, the second time and so on, and then makes it to its end. Each try
/// is about things of its own, which have a number; `look` tells what there is of them, without it.
async fn kill_everywhere<S: Debug + PartialEq>(
    world: &World,
    prepare: impl AsyncFn(usize),
    change: impl AsyncFn(usize) -> Result<()>,
    look: impl AsyncFn(usize) -> S,
) {
    let (mut n, mut n_killed) = (0, 0);
    let mut whole = None;
    for death in [Death::Waiting, Death::Answered] {
        for nth in 1..=MAX_WAITS {
            n += 1;
            prepare(n).await;
            let before = look(n).await;
            let ended = killed(change(n), nth, death).await;
            settle(world).await;
            let seen = look(n).await;
            let is_acknowledged = ended.is_some();
            let mut outcome = ended.unwrap_or(Ok(()));
            if !is_acknowledged && seen == before {
                outcome = change(n).await;
            }
            let after = look(n).await;
            let whole = whole.get_or_insert(after);
            assert!(
                seen == *whole || (!is_acknowledged && seen == before),
                "killed at wait {nth}, {death:?}: {seen:#?}\nneither {before:#?}\nnor {whole:#?}"
            );
            assert_eq!(look(n).await, *whole, "{outcome:?}");
            assert_ne!(before, *whole, "{outcome:?}");
            if is_acknowledged {
                break;
            }
            n_killed += 1;
        }
    }
    // How often a change waits depends on what else goes on. On SQLite the transaction is not its caller's: what is killed
    // there is what comes before and after; PostgreSQL answers at least the beginning, a statement and the commit.
    let enough = if world.is_sqlite() { 1 } else { 4 };
    assert!(n_killed >= enough, "only {n_killed} kills");
}

/// Waits for what was under way when its caller died, which may come or not. SQLite has one writer; PostgreSQL's
/// connections are at hand again when their last statement has been answered, so this takes them all at once.
async fn settle(world: &World) {
    let n_writers = if world.is_sqlite() {
        1
    } else {
        OpenOptions::default().max_connections as usize
    };
    let all = Arc::new(Barrier::new(n_writers));
    let writes = (0..n_writers).map(|_| {
        let all = Arc::clone(&all);
        world.meta.write(move |_| {
            Box::pin(async move {
                all.wait().await;
                Ok::<_, MetaError>(())
            })
        })
    });
    for written in join_all(writes).await {
        written.expect("written");
    }
}

/// Makes tests named `$name` out of `async fn $name(world: World)`, one per database.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(crate::support::World::new().await).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    crate::support::World::on_postgres(super::$name).await;
                }
            )*
        }
    };
}

on_each_database!(
    a_link_comes_with_its_number_aliases_and_note,
    a_second_link_takes_the_next_number_and_the_aliases,
    an_unlinked_version_is_gone_with_its_aliases,
    aliases_of_a_link_move_together,
    a_collection_of_links_goes_with_all_of_them,
    an_organization_comes_with_its_members,
    a_team_comes_with_its_members_who_join_the_organization,
    a_new_member_of_a_team_joins_the_organization,
    who_leaves_an_organization_leaves_its_teams_and_registries,
    a_team_goes_with_its_projects,
    an_organization_goes_with_its_members,
    roles_in_a_registry_come_together,
    a_registry_comes_with_its_settings,
    the_settings_of_a_registry_change_together,
    a_registry_goes_with_its_collections_and_roles,
);

fn named<T: std::str::FromStr<Err: Debug>>(text: impl AsRef<str>) -> T {
    text.as_ref().parse().expect("a name")
}

/// A registry `models` of `acme`, and two versions that are not in it. Bob may do everything.
struct Shop<'a> {
    t: &'a Tracking,
    bob: Caller,
    registry: ProjectName,
    first: ArtifactKey,
    second: ArtifactKey,
}

impl<'a> Shop<'a> {
    async fn open(world: &'a World) -> Self {
        let t = &world.tracking;
        let new = NewOrganization {
            name: "acme".to_owned(),
            members: Vec::new(),
        };
        t.create_organization(&world.bob, new).await.expect("made");
        let bob = world.sign_in("bob").await;
        make_registry(t, &bob, "acme", "models").await;
        let bob = world.sign_in("bob").await;
        let first = log(t, &bob, "first", &files(&[("a", "one")])).await;
        let second = log(t, &bob, "second", &files(&[("a", "two")])).await;
        Self {
            t,
            bob,
            registry: registry_project("models").expect("a name"),
            first: first.expect("logged").key,
            second: second.expect("logged").key,
        }
    }

    async fn link(&self, version: ArtifactKey, n: usize, aliases: &[&str]) -> Result<()> {
        let target = LinkTarget {
            entity: named("acme"),
            project: self.registry.clone(),
            collection: named(shelf(n)),
            aliases: aliases.iter().map(named).collect(),
        };
        let linked = self.t.link_version(&self.bob, version, target).await;
        linked.map(|_| ())
    }

    async fn link_both(&self, n: usize) {
        let links = [
            (self.first, &["best", "prod"][..]),
            (self.second, &["next"]),
        ];
        for (version, aliases) in links {
            self.link(version, n, aliases).await.expect("linked");
        }
    }

    fn collection(&self, n: usize) -> CollectionPath {
        CollectionPath {
            entity: named("acme"),
            project: self.registry.clone(),
            collection: named(shelf(n)),
        }
    }

    fn alias(&self, n: usize, alias: &str) -> AliasTarget {
        let CollectionPath {
            entity,
            project,
            collection,
        } = self.collection(n);
        AliasTarget {
            entity,
            project,
            collection,
            alias: named(alias),
        }
    }

    /// Number and aliases of each version in the collection, and what the history of both versions says of it.
    async fn look(&self, n: usize) -> (Option<Vec<(u64, Vec<String>)>>, Vec<Vec<String>>) {
        let (t, bob) = (self.t, &self.bob);
        let mut history = Vec::new();
        for source in ["first", "second"] {
            let path = VersionPath {
                collection: CollectionPath {
                    entity: bob.entity().clone(),
                    project: named("vision"),
                    collection: named(source),
                },
                version: "v0".to_owned(),
            };
            let place = format!("acme/{}/{}", self.registry, shelf(n));
            let events = t.version_history(bob, &path).await.expect("a history");
            let told = events.into_iter().filter_map(|event| {
                let detail = event.detail?;
                let what = detail.strip_suffix(&place)?;
                Some(format!("{:?} {what}", event.kind?))
            });
            history.push(told.collect());
        }
        let Ok(collection) = t.collection_at(bob, &self.collection(n)).await else {
            return (None, history);
        };
        let listing = VersionListing {
            limit: 100,
            ..VersionListing::default()
        };
        let versions = t.version_overviews(bob, collection.key, &listing).await;
        let versions = versions.expect("versions").items.into_iter();
        let versions = versions.map(|found| (found.membership.version, found.aliases));
        (Some(versions.collect()), history)
    }
}

fn shelf(n: usize) -> String {
    format!("shelf-{n:03}")
}

async fn a_link_comes_with_its_number_aliases_and_note(world: World) {
    let shop = Shop::open(&world).await;
    kill_everywhere(
        &world,
        async |_| {},
        async |n| shop.link(shop.first, n, &["best", "prod"]).await,
        async |n| shop.look(n).await,
    )
    .await;
    let (versions, history) = shop.look(1).await;
    let aliases = ["best", "latest", "prod"].map(str::to_owned).to_vec();
    assert_eq!(versions, Some(vec![(0, aliases)]));
    assert_eq!(history[0].len(), 4, "{history:?}");
}

async fn a_second_link_takes_the_next_number_and_the_aliases(world: World) {
    let shop = Shop::open(&world).await;
    kill_everywhere(
        &world,
        async |n| {
            let linked = shop.link(shop.first, n, &["best", "prod"]).await;
            linked.expect("linked");
        },
        async |n| shop.link(shop.second, n, &["prod"]).await,
        async |n| shop.look(n).await,
    )
    .await;
    let (versions, _) = shop.look(1).await;
    let (second, first) = (["latest", "prod"].map(str::to_owned), ["best".to_owned()]);
    let expected = vec![(1, second.to_vec()), (0, first.to_vec())];
    assert_eq!(versions, Some(expected));
}

async fn an_unlinked_version_is_gone_with_its_aliases(world: World) {
    let shop = Shop::open(&world).await;
    kill_everywhere(
        &world,
        async |n| shop.link_both(n).await,
        async |n| {
            let found = shop.t.collection_at(&shop.bob, &shop.collection(n)).await?;
            shop.t
                .unlink_version(&shop.bob, shop.first, found.key)
                .await
        },
        async |n| shop.look(n).await,
    )
    .await;
    // Its number stays taken.
    shop.link(shop.first, 1, &[]).await.expect("linked again");
    let numbers = shop.look(1).await.0.expect("the collection");
    assert_eq!((numbers[0].0, numbers[1].0), (2, 1));
}

async fn aliases_of_a_link_move_together(world: World) {
    let shop = Shop::open(&world).await;
    let (t, bob) = (shop.t, &shop.bob);
    let prepare = async |n| shop.link_both(n).await;
    let look = async |n| shop.look(n).await;
    let edit = async |n| {
        let path = VersionPath {
            collection: shop.collection(n),
            version: "v1".to_owned(),
        };
        let edit = VersionEdit {
            add_aliases: ["best", "prod"].map(named).to_vec(),
            delete_aliases: vec![named("next")],
            ..VersionEdit::default()
        };
        t.edit_version(bob, &path, edit).await.map(|_| ())
    };
    kill_everywhere(&world, prepare, edit, look).await;
    // From here on each try is a thousand further.
    let prepare = async |n| shop.link_both(1_000 + n).await;
    let look = async |n| shop.look(1_000 + n).await;
    let add = async |n| {
        let aliases = ["best", "prod"].map(|alias| shop.alias(1_000 + n, alias));
        t.add_aliases(bob, shop.second, aliases.to_vec()).await
    };
    kill_everywhere(&world, prepare, add, look).await;
    let prepare = async |n| shop.link_both(2_000 + n).await;
    let look = async |n| shop.look(2_000 + n).await;
    let delete = async |n| {
        let aliases = ["best", "prod"].map(|alias| shop.alias(2_000 + n, alias));
        t.delete_aliases(bob, shop.first, aliases.to_vec()).await
    };
    kill_everywhere(&world, prepare, delete, look).await;
}

async fn a_collection_of_links_goes_with_all_of_them(world: World) {
    let shop = Shop::open(&world).await;
    kill_everywhere(
        &world,
        async |n| shop.link_both(n).await,
        async |n| {
            let found = shop.t.collection_at(&shop.bob, &shop.collection(n)).await?;
            let deleted = shop.t.delete_collection(&shop.bob, found.key, true).await;
            deleted.map(|_| ())
        },
        async |n| shop.look(n).await,
    )
    .await;
    assert_eq!(shop.look(1).await.0, None);
}

/// An organization with a team and a registry, of which bob is the admin; cleo and eve may be in it.
struct Firm<'a> {
    world: &'a World,
    t: &'a Tracking,
}

/// What there is of a [`Firm`].
#[derive(Debug, PartialEq)]
struct Found {
    /// Its members.
    organization: Option<Vec<(String, Role)>>,
    /// Whether the team is in the organization, and its members.
    team: Option<(bool, Vec<(String, Role)>)>,
    /// Whether the team has the project `vision`.
    has_project: bool,
    registry: Option<FoundRegistry>,
}

#[derive(Debug, PartialEq)]
struct FoundRegistry {
    description: String,
    access: RegistryAccess,
    takes: Option<Vec<String>>,
    protects: Vec<ArtifactAlias>,
    n_collections: u64,
    users: Vec<(String, Role)>,
    teams: Vec<Role>,
}

fn members(of: &[(&str, Role)]) -> Vec<NewMember> {
    let member = |(username, role): &(&str, Role)| NewMember {
        username: (*username).to_owned(),
        role: *role,
    };
    of.iter().map(member).collect()
}

async fn make_registry(t: &Tracking, caller: &Caller, organization: &str, name: &str) {
    let new = NewRegistry {
        project: registry_project(name).expect("a name"),
        description: String::new(),
        access: RegistryAccess::Private,
        allow_all_artifact_types: true,
        artifact_types: Vec::new(),
    };
    let made = t.create_registry(caller, &named(organization), new).await;
    made.expect("a registry");
}

impl<'a> Firm<'a> {
    async fn open(world: &'a World) -> Self {
        world.add_user("cleo").await;
        world.add_user("eve").await;
        Self {
            world,
            t: &world.tracking,
        }
    }

    fn organization(n: usize) -> EntityName {
        named(format!("firm-{n}"))
    }

    fn team(n: usize) -> EntityName {
        named(format!("lab-{n}"))
    }

    fn registry(_: usize) -> ProjectName {
        registry_project("models").expect("a name")
    }

    async fn bob(&self) -> Caller {
        self.world.sign_in("bob").await
    }

    async fn make_organization(&self, n: usize, of: &[(&str, Role)]) -> Result<()> {
        let new = NewOrganization {
            name: Self::organization(n).to_string(),
            members: members(of),
        };
        let made = self.t.create_organization(&self.bob().await, new).await;
        made.map(|_| ())
    }

    async fn make_team(&self, n: usize, of: &[(&str, Role)]) -> Result<()> {
        let new = NewTeam {
            name: Self::team(n).to_string(),
            organization: Some(Self::organization(n)),
            members: members(of),
        };
        self.t.create_team(&self.bob().await, new).await.map(|_| ())
    }

    /// Bob, cleo and eve in an organization, cleo and eve in a team of it, and a registry.
    async fn make_all(&self, n: usize) {
        let made = self.make_organization(n, &[("cleo", Role::Member), ("eve", Role::Viewer)]);
        made.await.expect("an organization");
        let made = self.make_team(n, &[("cleo", Role::Member), ("eve", Role::Viewer)]);
        made.await.expect("a team");
        make_registry(
            self.t,
            &self.bob().await,
            Self::organization(n).as_str(),
            "models",
        )
        .await;
    }

    /// Gives cleo, eve and the team a role in the registry.
    async fn give_roles(&self, n: usize) -> Result<()> {
        let mut users = Vec::new();
        for username in ["cleo", "eve"] {
            users.push(self.world.sign_in(username).await.user_key());
        }
        let bob = self.bob().await;
        let team = self.t.get_team(&bob, &Self::team(n)).await?.key;
        let holders = Holders {
            users,
            teams: vec![team],
        };
        let (organization, registry) = (Self::organization(n), Self::registry(n));
        self.t
            .put_registry_roles(&bob, &organization, &registry, holders, Role::Member, false)
            .await
    }

    async fn look(&self, n: usize) -> Found {
        let (t, bob) = (self.t, self.bob().await);
        let of = |members: Vec<Member>| {
            let member = |member: Member| (member.username.to_string(), member.role);
            members.into_iter().map(member).collect::<Vec<_>>()
        };
        let name = Self::organization(n);
        let organization = t.get_organization(&self.world.ada, &name).await.ok();
        let team = t.get_team(&self.world.ada, &Self::team(n)).await.ok();
        if let Some(organization) = &organization {
            assert_eq!(organization.teams.len(), usize::from(team.is_some()));
        }
        let project = t
            .lookup_project(&bob, &Self::team(n), &named("vision"))
            .await;
        Found {
            organization: organization.map(|found| of(found.members)),
            team: team.map(|found| {
                (
                    found.organization.as_ref() == Some(&name),
                    of(found.members),
                )
            }),
            has_project: matches!(project, Ok(Some(_))),
            registry: self.look_at_registry(&bob, n).await,
        }
    }

    async fn look_at_registry(&self, bob: &Caller, n: usize) -> Option<FoundRegistry> {
        let (organization, project) = (Self::organization(n), Self::registry(n));
        let found = self.t.get_registry(bob, &organization, &project).await;
        let found = found.ok()?;
        let members = self
            .t
            .own_registry_members(bob, &organization, &project)
            .await;
        let members = members.expect("members");
        let types = found.artifact_types.iter().map(ToString::to_string);
        Some(FoundRegistry {
            takes: (!found.project.allow_all_artifact_types).then(|| types.collect()),
            protects: found.protected_aliases,
            description: found.project.description,
            access: found.project.access,
            n_collections: found.figures.n_collections,
            users: members
                .users
                .into_iter()
                .map(|user| (user.username.to_string(), user.role))
                .collect(),
            teams: members.teams.into_iter().map(|team| team.role).collect(),
        })
    }
}

async fn an_organization_comes_with_its_members(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |_| {},
        async |n| {
            firm.make_organization(n, &[("cleo", Role::Member), ("eve", Role::Viewer)])
                .await
        },
        async |n| firm.look(n).await,
    )
    .await;
    let made = firm.look(1).await.organization.expect("it is there");
    assert_eq!(made.len(), 3);
}

async fn a_team_comes_with_its_members_who_join_the_organization(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| firm.make_organization(n, &[]).await.expect("made"),
        async |n| {
            firm.make_team(n, &[("cleo", Role::Admin), ("eve", Role::Viewer)])
                .await
        },
        async |n| firm.look(n).await,
    )
    .await;
    let found = firm.look(1).await;
    let members = found.organization.expect("it is there");
    assert_eq!(members.len(), 3);
    let (is_in_it, members) = found.team.expect("it is there");
    assert!(is_in_it);
    assert_eq!(members.len(), 3);
}

async fn a_new_member_of_a_team_joins_the_organization(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| {
            firm.make_organization(n, &[]).await.expect("made");
            firm.make_team(n, &[]).await.expect("made");
        },
        async |n| {
            let new = members(&[("eve", Role::Admin)]).remove(0);
            let (kind, team) = (EntityKind::Team, Firm::team(n));
            let put = firm.t.put_member(&firm.bob().await, kind, &team, new).await;
            put.map(|_| ())
        },
        async |n| firm.look(n).await,
    )
    .await;
    let found = firm.look(1).await.organization.expect("it is there");
    assert_eq!(found[1], ("eve".to_owned(), Role::Member));
}

async fn who_leaves_an_organization_leaves_its_teams_and_registries(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| {
            firm.make_all(n).await;
            firm.give_roles(n).await.expect("roles");
        },
        async |n| {
            let (kind, organization) = (EntityKind::Organization, Firm::organization(n));
            let bob = firm.bob().await;
            firm.t
                .delete_member(&bob, kind, &organization, "cleo")
                .await
        },
        async |n| firm.look(n).await,
    )
    .await;
    let found = firm.look(1).await;
    let left = format!("{found:?}");
    assert!(!left.contains("cleo") && left.contains("eve"), "{left}");
}

async fn a_team_goes_with_its_projects(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| {
            firm.make_all(n).await;
            firm.give_roles(n).await.expect("roles");
            let target = RunTarget::Name {
                entity: Some(Firm::team(n)),
                project: Some(named("vision")),
                run: named("run"),
            };
            let bob = firm.bob().await;
            let logged = firm.t.upsert_run(&bob, UpsertRun::new(target)).await;
            logged.expect("a run");
        },
        async |n| {
            let bob = firm.bob().await;
            firm.t.delete_team(&bob, &Firm::team(n), true).await
        },
        async |n| firm.look(n).await,
    )
    .await;
    let found = firm.look(1).await;
    assert_eq!((found.team, found.has_project), (None, false));
}

async fn an_organization_goes_with_its_members(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| {
            let made = firm.make_organization(n, &[("cleo", Role::Admin), ("eve", Role::Viewer)]);
            made.await.expect("an organization");
        },
        async |n| {
            let bob = firm.bob().await;
            firm.t
                .delete_organization(&bob, &Firm::organization(n))
                .await
        },
        async |n| firm.look(n).await,
    )
    .await;
    assert_eq!(firm.look(1).await.organization, None);
    let cleo = world.sign_in("cleo").await;
    assert_eq!(cleo.entity_named(&Firm::organization(1)), None);
}

async fn roles_in_a_registry_come_together(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| firm.make_all(n).await,
        async |n| firm.give_roles(n).await,
        async |n| firm.look(n).await,
    )
    .await;
    let registry = firm.look(1).await.registry.expect("it is there");
    assert_eq!((registry.users.len(), registry.teams.len()), (3, 1));
}

async fn a_registry_comes_with_its_settings(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| firm.make_organization(n, &[]).await.expect("made"),
        async |n| {
            let new = NewRegistry {
                project: Firm::registry(n),
                description: "what ships".to_owned(),
                access: RegistryAccess::Restricted,
                allow_all_artifact_types: false,
                artifact_types: ["dataset", "model"].map(named).to_vec(),
            };
            let (bob, organization) = (firm.bob().await, Firm::organization(n));
            let made = firm.t.create_registry(&bob, &organization, new).await;
            made.map(|_| ())
        },
        async |n| firm.look(n).await,
    )
    .await;
    let registry = firm.look(1).await.registry.expect("it is there");
    assert_eq!(registry.takes.map(|types| types.len()), Some(2));
    assert_eq!(registry.users, [("bob".to_owned(), Role::Admin)]);
}

async fn the_settings_of_a_registry_change_together(world: World) {
    let firm = Firm::open(&world).await;
    kill_everywhere(
        &world,
        async |n| firm.make_all(n).await,
        async |n| {
            let changes = RegistryChanges {
                project: None,
                description: Some("what ships".to_owned()),
                access: Some(RegistryAccess::Restricted),
                allow_all_artifact_types: Some(false),
                add_artifact_types: ["dataset", "model"].map(named).to_vec(),
                protected_aliases: Some(["best", "prod"].map(named).to_vec()),
            };
            let (bob, organization) = (firm.bob().await, Firm::organization(n));
            let changed = firm
                .t
                .update_registry(&bob, &organization, &Firm::registry(n), changes)
                .await;
            changed.map(|_| ())
        },
        async |n| firm.look(n).await,
    )
    .await;
    let registry = firm.look(1).await.registry.expect("it is there");
    assert_eq!(registry.takes.map(|types| types.len()), Some(2));
    assert_eq!(registry.protects, ["best", "prod"].map(named));
}

async fn a_registry_goes_with_its_collections_and_roles(world: World) {
    let firm = Firm::open(&world).await;
    let bob = firm.bob().await;
    let version = log(firm.t, &bob, "data", &files(&[("a", "one")])).await;
    let version = version.expect("logged").key;
    kill_everywhere(
        &world,
        async |n| {
            firm.make_all(n).await;
            firm.give_roles(n).await.expect("roles");
            let target = LinkTarget {
                entity: Firm::organization(n),
                project: Firm::registry(n),
                collection: named("shelf"),
                aliases: Vec::new(),
            };
            let bob = firm.bob().await;
            let linked = firm.t.link_version(&bob, version, target).await;
            linked.expect("linked");
        },
        async |n| {
            let (bob, organization) = (firm.bob().await, Firm::organization(n));
            firm.t
                .delete_registry(&bob, &organization, &Firm::registry(n))
                .await
        },
        async |n| firm.look(n).await,
    )
    .await;
    assert_eq!(firm.look(1).await.registry, None);
}
