//! What each role in a team may do: every operation, on both databases.

use std::time::Duration;

use ballast_history::Axis;
use ballast_model::{
    ArtifactAlias, ArtifactKey, CollectionKey, EntityName, FilePath, MembershipKey, ProjectName,
    RunKey, RunPath, RunState,
};
use ballast_tracking::alerts::{NewAlert, Severity};
use ballast_tracking::artifacts::{
    AliasTarget, ArtifactRole, CollectionChanges, CollectionListing, CollectionPath,
    ContentListing, EntryListing, LinkTarget, ManifestKind, NewVersion, VersionChanges,
    VersionEdit, VersionListing, VersionPath,
};
use ballast_tracking::charts::ChartDefinition;
use ballast_tracking::console::ConsoleRequest;
use ballast_tracking::files::{FileListing, UploadTarget};
use ballast_tracking::history::{
    Append, DownloadRequest, KeyFilter, ProjectGroupsRequest, ProjectSeriesRequest, RowsRequest,
    SampledRows,
};
use ballast_tracking::lineage::{Extent, Subject};
use ballast_tracking::live::LiveEvent;
use ballast_tracking::runs::filter::Predicate;
use ballast_tracking::runs::{RunChanges, RunListing, RunQuery, RunTarget, UpsertRun};
use ballast_tracking::teams::{NewMember, NewTeam};
use ballast_tracking::{
    Access, Caller, EntityKind, Result, Role, SeriesRequest, Stream, TableFormat, Tracking,
    TrackingError,
};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;

use crate::artifacts::{digest, files, new_version, prepare_version};
use crate::support::{World, lines_at, name};

/// A team with a run, a file and artifacts, and what operations on them need.
struct Stage {
    t: Tracking,
    team: EntityName,
    project: ProjectName,
    run: RunPath,
    run_key: RunKey,
    file: FilePath,
    file_key: i64,
    artifact: ArtifactKey,
    collection: CollectionKey,
    links: CollectionKey,
    membership: MembershipKey,
    pending: ArtifactKey,
    manifest: i64,
    content_md5: String,
}

impl Stage {
    fn collection_path(&self) -> CollectionPath {
        CollectionPath {
            entity: self.team.clone(),
            project: self.project.clone(),
            collection: "data".parse().expect("valid"),
        }
    }

    fn version_path(&self) -> VersionPath {
        VersionPath {
            collection: self.collection_path(),
            version: "v0".to_owned(),
        }
    }

    fn alias(&self) -> AliasTarget {
        AliasTarget {
            entity: self.team.clone(),
            project: self.project.clone(),
            collection: "data".parse().expect("valid"),
            alias: ArtifactAlias::new("best").expect("valid"),
        }
    }

    fn shelf(&self) -> LinkTarget {
        LinkTarget {
            entity: self.team.clone(),
            project: self.project.clone(),
            collection: "shelf".parse().expect("valid"),
            aliases: Vec::new(),
        }
    }

    fn curves() -> SeriesRequest {
        SeriesRequest {
            quantities: vec![name("x").into()],
            axis: Axis::Step,
            smoothing: None,
            min: None,
            max: None,
            max_columns: 10,
        }
    }
}

struct Operation {
    name: &'static str,
    needs: Access,
    call: for<'a> fn(&'a Stage, &'a Caller) -> LocalBoxFuture<'a, Result<()>>,
}

/// The thing that a lookup found.
async fn found<T>(looked: impl Future<Output = Result<Option<T>>>) -> Result<()> {
    match looked.await? {
        Some(_) => Ok(()),
        None => Err(TrackingError::NotFound {
            what: "thing",
            name: String::new(),
            place: None,
        }),
    }
}

macro_rules! operations {
    ($s:ident, $c:ident; $($needs:ident $name:literal => $call:expr;)*) => {
        [$(Operation {
            name: $name,
            needs: Access::$needs,
            call: |$s, $c| Box::pin(async move { $call.await.map(drop) }),
        },)*]
    };
}

/// Every operation on what an entity has; those that take something away come last.
#[expect(clippy::too_many_lines, reason = "it is a list")]
fn operations() -> Vec<Operation> {
    Vec::from(operations! { s, c;
        Read "lookup_project" => found(s.t.lookup_project(c, &s.team, &s.project));
        Read "get_project" => s.t.get_project(c, &s.team, &s.project);
        Read "list_projects" => s.t.list_projects(c, &s.team);
        Read "project_overview" => s.t.project_overview(c, &s.team, &s.project);
        Read "lookup_run" => found(s.t.lookup_run(c, &s.run));
        Read "get_run" => s.t.get_run(c, &s.run);
        Read "lookup_run_by_key" => found(s.t.lookup_run_by_key(c, s.run_key));
        Read "list_runs" => s.t.list_runs(c, &s.team, &s.project, &RunListing::default());
        Read "query_runs" => async {
            let query = RunQuery { filter: Predicate::everything(), order: Vec::new(), offset: 0, limit: 1 };
            s.t.query_runs(c, &s.team, &s.project, &query).await
        };
        Read "list_problems" => s.t.list_problems(c, &s.run);
        Read "rows" => s.t.rows(c, &s.run, Stream::History, &RowsRequest::default());
        Read "sampled_rows" => s.t.sampled_rows(c, &s.run, Stream::History, &SampledRows::default());
        Read "last_rows" => s.t.last_rows(c, &s.run, Stream::History, 1);
        Read "history_keys" => s.t.history_keys(c, &s.run, Stream::History);
        Read "find_history_keys" => s.t.find_history_keys(c, &s.run, Stream::History, &KeyFilter::default());
        Read "project_keys" => s.t.project_keys(c, &s.team, &s.project, &KeyFilter::default());
        Read "download_rows" => async {
            let request = DownloadRequest {
                runs: None, stream: Stream::History, keys: None, min_step: None, end_step: None, format: TableFormat::Csv,
            };
            s.t.download_rows(c, &s.team, &s.project, request).await.map(drop)
        };
        Read "series" => async {
            let request = ProjectSeriesRequest { runs: vec![s.run.run.clone()], stream: Stream::History, curves: Stage::curves() };
            s.t.series(c, &s.team, &s.project, &request).await
        };
        Read "group_series" => async {
            let request = ProjectGroupsRequest { groups: vec![vec![s.run.run.clone()]], stream: Stream::History, curves: Stage::curves() };
            s.t.group_series(c, &s.team, &s.project, &request).await
        };
        Read "console_lines" => s.t.console_lines(c, &s.run, &ConsoleRequest::default());
        Read "console_text" => s.t.console_text(c, &s.run);
        Read "list_files" => s.t.list_files(c, &s.run, &FileListing::default());
        Read "count_files" => s.t.count_files(c, &s.run);
        Read "lookup_file" => found(s.t.lookup_file(c, &s.run, &s.file));
        Read "open_file" => s.t.open_file(c, &s.run, &s.file, None);
        Read "download_target" => s.t.download_target(c, &s.run, &s.file);
        Read "run_of_file" => found(s.t.run_of_file(c, s.file_key));
        Read "list_alerts" => s.t.list_alerts(c, &s.run);
        Read "lookup_chart_definition" => found(s.t.lookup_chart_definition(c, &s.team, "chart"));
        Read "watch" => async { s.t.watch(c, &[(s.team.clone(), s.project.clone())]).await.map(drop) };
        Read "lookup_version" => found(s.t.lookup_version(c, s.artifact));
        Read "get_version" => s.t.get_version(c, s.artifact);
        Read "version_by_client_id" => found(s.t.version_by_client_id(c, "client"));
        Read "manifest_target" => s.t.manifest_target(c, s.artifact);
        Read "content_by_md5" => s.t.content_by_md5(c, &s.team, &s.content_md5);
        Read "list_contents" => s.t.list_contents(c, s.artifact, &ContentListing::default());
        Read "list_entries" => s.t.list_entries(c, s.artifact, &EntryListing::default());
        Read "get_version_file" => s.t.get_version_file(c, s.artifact, "a");
        Read "count_contents" => s.t.count_contents(c, s.artifact);
        Read "lookup_membership" => found(s.t.lookup_membership(c, &s.team, &s.project, "data:v0"));
        Read "lookup_membership_by_key" => found(s.t.lookup_membership_by_key(c, s.membership));
        Read "lookup_collection_by_key" => found(s.t.lookup_collection_by_key(c, s.collection));
        Read "lookup_collection" => found(async {
            s.t.lookup_collection(c, &s.team, &s.project, &s.collection_path().collection).await
        });
        Read "lookup_artifact_type" => found(async {
            s.t.lookup_artifact_type(c, &s.team, &s.project, &"dataset".parse().expect("valid")).await
        });
        Read "list_artifact_types" => s.t.list_artifact_types(c, &s.team, &s.project);
        Read "list_collections" => s.t.list_collections(c, &s.team, &s.project, &CollectionListing::default());
        Read "list_versions" => s.t.list_versions(c, s.collection, &VersionListing::default());
        Read "latest_version" => s.t.latest_version(c, s.collection);
        Read "version_aliases" => s.t.version_aliases(c, s.artifact);
        Read "collection_aliases" => s.t.collection_aliases(c, s.collection);
        Read "version_tags" => s.t.version_tags(c, s.artifact);
        Read "collection_tags" => s.t.collection_tags(c, s.collection);
        Read "version_memberships" => s.t.version_memberships(c, s.artifact);
        Read "version_runs" => s.t.version_runs(c, s.artifact, ArtifactRole::Logged);
        Read "run_versions" => s.t.run_versions(c, &s.run, ArtifactRole::Used, 0, 10);
        Read "versions_of_run" => s.t.versions_of_run(c, &s.run);
        Read "type_overviews" => s.t.type_overviews(c, &s.team, &s.project);
        Read "collection_overviews" => s.t.collection_overviews(c, &s.team, &s.project, &CollectionListing::default());
        Read "collection_overview" => async { s.t.collection_overview(c, &s.collection_path()).await };
        Read "collection_at" => async { s.t.collection_at(c, &s.collection_path()).await };
        Read "version_overviews" => s.t.version_overviews(c, s.collection, &VersionListing::default());
        Read "get_version_at" => async { s.t.get_version_at(c, &s.version_path()).await };
        Read "membership_at" => async { s.t.membership_at(c, &s.version_path()).await };
        Read "version_history" => async { s.t.version_history(c, &s.version_path()).await };
        Read "verify_version" => async { s.t.verify_version(c, &s.version_path()).await };
        Read "lineage" => async {
            s.t.lineage(c, &Subject::Run(s.run.clone()), Extent { up: 1, down: 1, limit: 10 }).await
        };
        Read "diff" => async {
            s.t.diff(c, &Subject::Version(s.version_path()), &Subject::Version(s.version_path())).await
        };

        Write "upsert_project" => s.t.upsert_project(c, Some(&s.team), &s.project, None);
        Write "upsert_project anew" => async {
            s.t.upsert_project(c, Some(&s.team), &"new".parse().expect("valid"), None).await
        };
        Write "upsert_run by key" => s.t.upsert_run(c, UpsertRun::new(RunTarget::Key(s.run_key)));
        Write "upsert_run by name" => s.t.upsert_run(c, UpsertRun::new(RunTarget::Name {
            entity: Some(s.team.clone()), project: Some(s.project.clone()), run: s.run.run.clone(),
        }));
        Write "append" => async {
            let history = Some(lines_at(1, &[r#"{"_step":1,"x":2}"#]));
            s.t.append(c, &s.run, Append { history, ..Append::default() }).await
        };
        Write "update_run" => s.t.update_run(c, &s.run, RunChanges::default());
        Write "request_stop" => s.t.request_stop(c, &s.run);
        Write "set_run_state" => s.t.set_run_state(c, &s.run, RunState::Failed);
        Write "begin_uploads" => s.t.begin_uploads(c, &s.run, vec![s.file.clone()]);
        Write "mark_uploaded" => s.t.mark_uploaded(c, &s.run, std::slice::from_ref(&s.file));
        Write "add_alert" => s.t.add_alert(c, &s.run, NewAlert {
            title: "t".to_owned(), text: String::new(), severity: Severity::Info, wait: Duration::ZERO,
        });
        Write "put_chart_definition" => s.t.put_chart_definition(c, &s.team, chart());
        Write "announce_version" => s.t.announce_version(c, NewVersion {
            entity: Some(s.team.clone()), ..new_version("more", digest(&files(&[("c", "c")])))
        });
        Write "create_artifact_type" => async {
            s.t.create_artifact_type(c, Some(&s.team), &s.project, &"model".parse().expect("valid"), None).await
        };
        Write "begin_contents" => s.t.begin_contents(c, s.pending, &[]);
        Write "begin_manifest" => s.t.begin_manifest(c, s.pending, ManifestKind::Full, None, None);
        Write "renew_manifest" => s.t.renew_manifest(c, s.manifest, None, None);
        Write "commit_version" => s.t.commit_version(c, s.pending);
        Write "commit_version again" => s.t.commit_version(c, s.artifact);
        Write "use_version" => s.t.use_version(c, &s.run, s.artifact, None);
        Write "update_version" => s.t.update_version(c, s.artifact, VersionChanges::default());
        Write "edit_version" => async { s.t.edit_version(c, &s.version_path(), VersionEdit::default()).await };
        Write "add_aliases" => s.t.add_aliases(c, s.artifact, vec![s.alias()]);
        Write "delete_aliases" => s.t.delete_aliases(c, s.artifact, vec![s.alias()]);
        Write "link_version" => s.t.link_version(c, s.artifact, s.shelf());
        Write "unlink_version" => s.t.unlink_version(c, s.artifact, s.links);
        Write "update_collection" => s.t.update_collection(c, s.collection, CollectionChanges::default());
        Write "delete_files" => s.t.delete_files(c, &s.run, &[s.file_key]);
        Write "rewind_run" => s.t.rewind_run(c, &s.run, 0);
        Write "delete_run" => s.t.delete_run(c, &s.run);
        Write "delete_run_with_versions" => s.t.delete_run_with_versions(c, &s.run);
        Write "restore_run" => s.t.restore_run(c, &s.run);
        Write "purge_run" => s.t.purge_run(c, &s.run);
        Write "delete_version_at" => async { s.t.delete_version_at(c, &s.version_path(), true).await };
        Write "delete_version" => s.t.delete_version(c, s.artifact, true);
        Write "delete_collection" => s.t.delete_collection(c, s.collection, true);

        Manage "delete_project" => s.t.delete_project(c, &s.team, &s.project);
    })
}

fn chart() -> ChartDefinition {
    ChartDefinition {
        name: "chart".to_owned(),
        display_name: String::new(),
        kind: "vega2".to_owned(),
        access: String::new(),
        spec: "{}".to_owned(),
    }
}

/// Ada makes a team with bob in it, who logs.
async fn set_stage(world: &World) -> (Stage, Caller) {
    let t = &world.tracking;
    let bob = NewMember {
        username: "bob".to_owned(),
        role: Role::Member,
    };
    let new = NewTeam {
        name: "lab".to_owned(),
        organization: None,
        members: vec![bob],
    };
    t.create_team(&world.ada, new).await.expect("a team");
    let bob = world.sign_in("bob").await;
    let team: EntityName = "lab".parse().expect("valid");
    let run = RunPath::new("lab", "vision", "r").expect("valid");
    let target = RunTarget::Name {
        entity: Some(team.clone()),
        project: Some(run.project.clone()),
        run: run.run.clone(),
    };
    let upsert = UpsertRun {
        reports: true,
        ..UpsertRun::new(target)
    };
    let run_key = t.upsert_run(&bob, upsert).await.expect("a run").run.key;
    let history = Some(lines_at(0, &[r#"{"_step":0,"x":1}"#]));
    let append = Append {
        history,
        ..Append::default()
    };
    t.append(&bob, &run, append).await.expect("stored");

    let file = FilePath::new("x.txt").expect("valid");
    let uploads = t.begin_uploads(&bob, &run, vec![file.clone()]).await;
    let UploadTarget::Through { ticket } = &uploads.expect("prepared")[0].target else {
        panic!("a folder transfers through us")
    };
    let body = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from("x"))]);
    let stored = t.receive_upload(ticket, None, None, body).await;
    let file_key = stored.expect("stored").key;
    t.put_chart_definition(&bob, &team, chart())
        .await
        .expect("a chart");

    let given = files(&[("a", "secret")]);
    let in_team = |collection, given| NewVersion {
        entity: Some(team.clone()),
        ..new_version(collection, digest(given))
    };
    let version = NewVersion {
        client_id: Some("client".to_owned()),
        ..in_team("data", &given)
    };
    let prepared = prepare_version(t, &bob, version, &given).await;
    let (artifact, _) = prepared.expect("prepared");
    let committed = t.commit_version(&bob, artifact).await.expect("committed");
    let more = files(&[("b", "more")]);
    let prepared = prepare_version(t, &bob, in_team("data", &more), &more).await;
    let (pending, _) = prepared.expect("prepared");
    let begun = t
        .begin_manifest(&bob, pending, ManifestKind::Patch, None, None)
        .await;
    let membership = t
        .lookup_membership(&bob, &team, &run.project, "data:v0")
        .await;
    let mut stage = Stage {
        t: t.clone(),
        project: run.project.clone(),
        team,
        run,
        run_key,
        file,
        file_key,
        artifact,
        collection: committed.collection.key,
        links: committed.collection.key,
        membership: membership.expect("looked").expect("a version").key,
        pending,
        manifest: begun.expect("begun").0,
        content_md5: "5ebe2294ecd0e0f08eab7690d2a6ee69".to_owned(),
    };
    let linked = t.link_version(&bob, artifact, stage.shelf()).await;
    stage.links = linked.expect("linked").collection.key;
    (stage, bob)
}

async fn give(world: &World, username: &str, role: Role) -> Caller {
    let member = NewMember {
        username: username.to_owned(),
        role,
    };
    let team = "lab".parse().expect("valid");
    world
        .tracking
        .put_member(&world.ada, EntityKind::Team, &team, member)
        .await
        .expect("a member");
    world.sign_in(username).await
}

#[track_caller]
fn assert_refused(operation: &Operation, role: Role, result: Result<()>) {
    let needed = operation.needs.needs();
    match result {
        Err(TrackingError::Forbidden(told)) => {
            for word in [
                format!("`{role}`"),
                format!("`{needed}`"),
                "`lab".to_owned(),
            ] {
                assert!(told.contains(&word), "{}: {told}", operation.name);
            }
        }
        other => panic!("{} as {role}: {other:?}", operation.name),
    }
}

async fn every_operation_asks_for_its_role(world: World) {
    let (stage, member) = set_stage(&world).await;
    world.add_user("eve").await;
    let stranger = world.sign_in("eve").await;
    world.add_user("vera").await;
    let viewer = give(&world, "vera", Role::Viewer).await;
    let admin = world.sign_in("ada").await;

    for operation in &operations() {
        let result = (operation.call)(&stage, &stranger).await;
        let hidden = matches!(result, Err(TrackingError::NotFound { .. }));
        assert!(hidden, "{} as a stranger: {result:?}", operation.name);
    }
    for operation in &operations() {
        let result = (operation.call)(&stage, &viewer).await;
        if operation.needs <= Access::Read {
            assert!(result.is_ok(), "{} as viewer: {result:?}", operation.name);
        } else {
            assert_refused(operation, Role::Viewer, result);
        }
    }
    for operation in &operations() {
        let result = (operation.call)(&stage, &member).await;
        if operation.needs > Access::Write {
            assert_refused(operation, Role::Member, result);
        } else if operation.needs == Access::Write {
            // What an operation before it did may stand in its way, but no role.
            let refused = matches!(result, Err(TrackingError::Forbidden(_)));
            assert!(!refused, "{} as member: {result:?}", operation.name);
        }
    }
    stage
        .t
        .delete_project(&admin, &stage.team, &stage.project)
        .await
        .expect("an admin deletes projects");
}

#[tokio::test]
async fn every_operation_asks_for_its_role_on_sqlite() {
    every_operation_asks_for_its_role(World::new().await).await;
}

#[tokio::test]
async fn every_operation_asks_for_its_role_on_postgres() {
    World::on_postgres(every_operation_asks_for_its_role).await;
}

#[tokio::test]
async fn a_role_is_gone_with_the_next_request() {
    let world = World::new().await;
    let (stage, _) = set_stage(&world).await;
    let demoted = give(&world, "bob", Role::Viewer).await;
    let result = stage
        .t
        .append(&demoted, &stage.run, Append::default())
        .await;
    assert!(
        matches!(result, Err(TrackingError::Forbidden(_))),
        "{result:?}"
    );
    stage
        .t
        .delete_member(&world.ada, EntityKind::Team, &stage.team, "bob")
        .await
        .expect("removed");
    let gone = world.sign_in("bob").await;
    let result = stage.t.get_run(&gone, &stage.run).await;
    assert!(
        matches!(result, Err(TrackingError::NotFound { .. })),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_live_stream_ends_when_its_watcher_leaves() {
    let world = World::new().await;
    let (stage, bob) = set_stage(&world).await;
    world.add_user("vera").await;
    let viewer = give(&world, "vera", Role::Viewer).await;
    let projects = [(stage.team.clone(), stage.project.clone())];
    let watch = stage.t.watch(&viewer, &projects).await.expect("watched");
    let mut watch = std::pin::pin!(watch);
    let touch = async |notes: &str| {
        let changes = RunChanges {
            notes: Some(notes.to_owned()),
            ..RunChanges::default()
        };
        let changed = stage.t.update_run(&bob, &stage.run, changes).await;
        changed.expect("changed");
    };
    touch("before").await;
    let event = watch.next().await;
    assert!(matches!(event, Some(LiveEvent::Run { .. })), "{event:?}");

    stage
        .t
        .delete_member(&world.ada, EntityKind::Team, &stage.team, "vera")
        .await
        .expect("removed");
    // Within a second of the last look at the roles an event may still be told, and no later one.
    let mut n_told = 0;
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            touch(&format!("after {n_told}")).await;
            if watch.next().await.is_none() {
                return;
            }
            n_told += 1;
        }
    });
    ended.await.expect("the stream ends");
    assert!(n_told < 20, "{n_told} events after the watcher had left");
}
