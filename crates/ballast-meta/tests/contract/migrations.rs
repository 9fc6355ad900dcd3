//! Opening a database that is there, or that several servers open at once.

use ballast_meta::{Meta, OpenOptions};
use futures::future::join_all;

use crate::backend::{Database, on_each_backend, project, run, with_postgres_url};

on_each_backend!(opening_again_changes_nothing);

async fn opening_again_changes_nothing(database: Database) {
    let project = project(&database.meta).await;
    let made = run(&database.meta, project.key, "r1").await;
    let beside = database.another().await;
    assert_eq!(
        beside.read().run(made.head.key).await.expect("a read"),
        Some(made.clone())
    );
    database.meta.close().await;
    let error = database
        .meta
        .ping()
        .await
        .expect_err("the database is closed");
    assert!(error.is_unavailable(), "{error:?}");
    let later = database.another().await;
    assert_eq!(
        later.read().all_runs(project.key).await.expect("a read"),
        [made]
    );
    later.ping().await.expect("the database answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_take_turns() {
    with_postgres_url(|url| async move {
        let options = OpenOptions {
            max_connections: 1,
            ..OpenOptions::default()
        };
        let opened = join_all((0..4).map(|_| Meta::open(&url, &options))).await;
        for meta in opened {
            let meta = meta.expect("each server opens the database");
            assert_eq!(meta.read().count_users().await.expect("a read"), 0);
        }
    })
    .await;
}
