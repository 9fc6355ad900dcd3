//! Nothing crosses a tenant: every operation on ada's run refuses bob, and says only that there is nothing.

use std::time::Duration;

use ballast_history::Axis;
use ballast_model::{FilePath, RunState};
use ballast_tracking::alerts::{NewAlert, Severity};
use ballast_tracking::charts::ChartDefinition;
use ballast_tracking::console::ConsoleRequest;
use ballast_tracking::files::{DownloadTarget, FileListing, UploadTarget};
use ballast_tracking::history::{
    Append, DownloadRequest, KeyFilter, ProjectGroupsRequest, ProjectSeriesRequest, RowsRequest,
    SampledRows,
};
use ballast_tracking::runs::filter::Predicate;
use ballast_tracking::runs::{RunChanges, RunListing, RunQuery, RunTarget, UpsertRun};
use ballast_tracking::{Result, SeriesRequest, Stream, TableFormat, TrackingError};
use bytes::Bytes;

use crate::support::{World, name, upsert};

#[track_caller]
fn hidden<T>(operation: &str, result: Result<T>) {
    match result {
        Err(TrackingError::NotFound { .. }) => {}
        Err(other) => panic!("{operation}: {other:?}"),
        Ok(_) => panic!("{operation} was allowed"),
    }
}

#[tokio::test]
async fn another_users_run_does_not_exist() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &[r#"{"_step":0,"x":1}"#]).await;
    let (t, bob) = (&world.tracking, &world.bob);
    let (entity, project) = (&run.entity, &run.project);
    let file = FilePath::new("x.txt").expect("valid");
    let key = t.get_run(&world.ada, &run).await.expect("ada's").key;

    assert!(t.lookup_run(bob, &run).await.expect("looked").is_none());
    assert!(
        t.lookup_run_by_key(bob, key)
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.lookup_project(bob, entity, project)
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.lookup_chart_definition(bob, entity, "c")
            .await
            .expect("looked")
            .is_none()
    );
    assert!(bob.entity_named(entity).is_none());

    hidden("get_run", t.get_run(bob, &run).await);
    hidden("list_projects", t.list_projects(bob, entity).await);
    hidden(
        "project_overview",
        t.project_overview(bob, entity, project).await,
    );
    hidden(
        "upsert_project",
        t.upsert_project(bob, Some(entity), project, None).await,
    );
    hidden(
        "delete_project",
        t.delete_project(bob, entity, project).await,
    );
    let by_key = UpsertRun::new(RunTarget::Key(key));
    hidden("upsert_run by key", t.upsert_run(bob, by_key).await);
    let target = RunTarget::Name {
        entity: Some(entity.clone()),
        project: Some(project.clone()),
        run: run.run.clone(),
    };
    hidden(
        "upsert_run by name",
        t.upsert_run(
            bob,
            UpsertRun {
                target,
                ..upsert("a")
            },
        )
        .await,
    );
    hidden(
        "list_runs",
        t.list_runs(bob, entity, project, &RunListing::default())
            .await,
    );
    let query = RunQuery {
        filter: Predicate::everything(),
        order: Vec::new(),
        offset: 0,
        limit: 1,
    };
    hidden(
        "query_runs",
        t.query_runs(bob, entity, project, &query).await,
    );
    hidden(
        "update_run",
        t.update_run(bob, &run, RunChanges::default()).await,
    );
    hidden("request_stop", t.request_stop(bob, &run).await);
    hidden(
        "set_run_state",
        t.set_run_state(bob, &run, RunState::Failed).await,
    );
    hidden("delete_run", t.delete_run(bob, &run).await);
    hidden(
        "delete_run_with_versions",
        t.delete_run_with_versions(bob, &run).await,
    );
    hidden("restore_run", t.restore_run(bob, &run).await);
    hidden("purge_run", t.purge_run(bob, &run).await);
    hidden("rewind_run", t.rewind_run(bob, &run, 0).await);
    hidden("append", t.append(bob, &run, Append::default()).await);
    hidden("list_problems", t.list_problems(bob, &run).await);
    hidden(
        "rows",
        t.rows(bob, &run, Stream::History, &RowsRequest::default())
            .await,
    );
    hidden(
        "sampled_rows",
        t.sampled_rows(bob, &run, Stream::History, &SampledRows::default())
            .await,
    );
    hidden(
        "last_rows",
        t.last_rows(bob, &run, Stream::History, 1).await,
    );
    hidden(
        "history_keys",
        t.history_keys(bob, &run, Stream::History).await,
    );
    let keys = KeyFilter::default();
    hidden(
        "project_keys",
        t.project_keys(bob, entity, project, &keys).await,
    );
    hidden(
        "find_history_keys",
        t.find_history_keys(bob, &run, Stream::History, &keys).await,
    );
    let download = |runs| DownloadRequest {
        runs,
        stream: Stream::History,
        keys: None,
        min_step: None,
        end_step: None,
        format: TableFormat::Csv,
    };
    for runs in [None, Some(vec![run.run.clone()])] {
        let found = t.download_rows(bob, entity, project, download(runs)).await;
        hidden("download_rows", found.map(|_| ()));
    }
    let curves = SeriesRequest {
        quantities: vec![name("x").into()],
        axis: Axis::Step,
        smoothing: None,
        min: None,
        max: None,
        max_columns: 10,
    };
    let series = ProjectSeriesRequest {
        runs: vec![run.run.clone()],
        stream: Stream::History,
        curves: curves.clone(),
    };
    hidden("series", t.series(bob, entity, project, &series).await);
    let groups = ProjectGroupsRequest {
        groups: vec![vec![run.run.clone()]],
        stream: Stream::History,
        curves,
    };
    hidden(
        "group_series",
        t.group_series(bob, entity, project, &groups).await,
    );
    hidden(
        "console_lines",
        t.console_lines(bob, &run, &ConsoleRequest::default()).await,
    );
    hidden("console_text", t.console_text(bob, &run).await);
    hidden(
        "begin_uploads",
        t.begin_uploads(bob, &run, vec![file.clone()]).await,
    );
    hidden(
        "mark_uploaded",
        t.mark_uploaded(bob, &run, std::slice::from_ref(&file))
            .await,
    );
    hidden(
        "list_files",
        t.list_files(bob, &run, &FileListing::default()).await,
    );
    hidden("count_files", t.count_files(bob, &run).await);
    hidden("lookup_file", t.lookup_file(bob, &run, &file).await);
    hidden("open_file", t.open_file(bob, &run, &file, None).await);
    hidden("download_target", t.download_target(bob, &run, &file).await);
    hidden("delete_files", t.delete_files(bob, &run, &[1]).await);
    let wait = Duration::ZERO;
    let alert = NewAlert {
        title: "t".to_owned(),
        text: String::new(),
        severity: Severity::Info,
        wait,
    };
    hidden("add_alert", t.add_alert(bob, &run, alert).await);
    hidden("list_alerts", t.list_alerts(bob, &run).await);
    let chart = ChartDefinition {
        name: "c".to_owned(),
        display_name: String::new(),
        kind: "vega2".to_owned(),
        access: String::new(),
        spec: "{}".to_owned(),
    };
    hidden(
        "put_chart_definition",
        t.put_chart_definition(bob, entity, chart).await,
    );
    hidden(
        "watch",
        t.watch(bob, &[(entity.clone(), project.clone())]).await,
    );

    assert_eq!(world.xs(&run).await, [1], "nothing of ada's changed");
}

#[tokio::test]
async fn a_ticket_opens_one_file_one_way_for_a_while() {
    let world = World::new().await;
    let run = world.start("a").await;
    let t = &world.tracking;
    let file = FilePath::new("notes/x.txt").expect("valid");
    let body =
        |text: &'static str| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(text))]);
    let uploads = t
        .begin_uploads(&world.ada, &run, vec![file.clone()])
        .await
        .expect("prepared");
    let UploadTarget::Through { ticket } = &uploads[0].target else {
        panic!("a folder transfers through us")
    };

    let broken = t.receive_upload(ticket, Some(10), None, body("cut")).await;
    assert!(
        matches!(broken, Err(TrackingError::Invalid(_))),
        "{broken:?}"
    );
    assert!(
        t.lookup_file(&world.ada, &run, &file)
            .await
            .expect("looked")
            .is_none()
    );
    let wrong = t
        .receive_upload(ticket, None, Some([0; 16]), body("hello"))
        .await;
    assert!(matches!(wrong, Err(TrackingError::Invalid(_))), "{wrong:?}");

    let stored = t
        .receive_upload(ticket, Some(5), None, body("hello"))
        .await
        .expect("stored");
    assert_eq!(
        (stored.size_bytes, stored.md5.as_deref()),
        (5, Some("XUFAKrxLKna5cZ2REBfFkg=="))
    );
    assert!(
        t.open_ticket(ticket, None).await.is_err(),
        "an upload ticket does not download"
    );
    let DownloadTarget::Ticket(download) = t
        .download_target(&world.ada, &run, &file)
        .await
        .expect("signed")
    else {
        panic!("a folder transfers through us")
    };
    assert!(
        t.receive_upload(&download, None, None, body("x"))
            .await
            .is_err(),
        "a download ticket does not upload"
    );
    assert!(t.open_ticket(&download, None).await.is_ok());
    world.advance(25 * 60 * 60);
    let expired = t.open_ticket(&download, None).await.err();
    assert!(
        matches!(expired, Some(TrackingError::Forbidden(_))),
        "{expired:?}"
    );
}
