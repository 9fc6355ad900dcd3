//! Projects and their figures.

use ballast_meta::{ACTIVITY_DAYS, RunPatch};
use ballast_model::RunState;

use crate::backend::{Database, at, new_run, on_each_backend, project, purged_since, run, write};

on_each_backend!(
    projects_are_made_once,
    figures_leave_out_the_bin,
    deleted_projects_purge_their_runs
);

const DAY: i64 = 86_400;

async fn projects_are_made_once(database: Database) {
    let meta = &database.meta;
    let made = project(meta).await;
    let (entity, key) = (made.entity, made.key);
    let (again, inserted) = write(meta, move |tx| {
        Box::pin(async move {
            tx.insert_project_if_absent(entity, &"vision".parse().expect("a name"), at(9))
                .await
        })
    })
    .await;
    assert_eq!((again, inserted), (made.clone(), false));
    let name = "Vision".parse().expect("a name");
    assert_eq!(
        meta.read()
            .lookup_project(entity, &name)
            .await
            .expect("a read"),
        None,
        "case counts"
    );
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.update_project(key, "about \0 cats").await
        }))
        .await
    );
    let stored = meta
        .read()
        .project(key)
        .await
        .expect("a read")
        .expect("a project");
    assert_eq!(stored.description, "about \u{fffd} cats");
}

async fn figures_leave_out_the_bin(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    for (id, day, state) in [
        ("a", 0, RunState::Running),
        ("b", 0, RunState::Finished),
        ("c", -1, RunState::Finished),
        ("d", -29, RunState::Preempting),
        ("e", -30, RunState::Finished),
        ("binned", 0, RunState::Running),
    ] {
        let mut new = new_run(project.key, id);
        new.created_at = at(day * DAY);
        new.state = state;
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_run(new).await })
        })
        .await;
    }
    let binned = meta
        .read()
        .lookup_run(project.key, &"binned".parse().expect("an id"))
        .await
        .expect("a read");
    let binned = binned.expect("a run").head.key;
    let patch = RunPatch {
        deleted_at: Some(Some(at(1))),
        ..RunPatch::default()
    };
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.update_run(binned, patch, at(1)).await
        }))
        .await
    );

    let overviews = meta
        .read()
        .list_projects(project.entity, at(0))
        .await
        .expect("a read");
    let [overview] = &overviews[..] else {
        panic!("one project: {overviews:?}")
    };
    assert_eq!(
        (
            overview.n_runs,
            overview.n_live_runs,
            overview.last_activity_at
        ),
        (5, 2, Some(at(0)))
    );
    let mut activity = [0; ACTIVITY_DAYS];
    activity[29] = 2;
    activity[28] = 1;
    activity[0] = 1;
    assert_eq!(overview.activity, activity);
    assert_eq!(overview.project.next_run_number, 7);
    let one = meta
        .read()
        .project_overview(project.key, at(0))
        .await
        .expect("a read");
    assert_eq!(one.as_ref(), Some(overview));
}

async fn deleted_projects_purge_their_runs(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let keys = [
        run(meta, project.key, "a").await.head.key,
        run(meta, project.key, "b").await.head.key,
    ];
    let since = meta.read().current_revision().await.expect("a revision");
    let key = project.key;
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_project(key).await
        }))
        .await
    );
    assert!(
        !write(meta, move |tx| Box::pin(async move {
            tx.delete_project(key).await
        }))
        .await
    );
    assert_eq!(meta.read().project(key).await.expect("a read"), None);
    assert_eq!(purged_since(meta, since, 2).await, keys);
}
