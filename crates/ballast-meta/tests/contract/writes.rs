//! Transactions: all or nothing, each on its own, many at once.

use std::sync::Arc;

use ballast_meta::{DatabaseUrl, Meta, MetaError, OpenOptions, RunFilter, RunPatch};
use futures::future::join_all;
use tokio::sync::Barrier;

use crate::backend::{Database, at, new_run, on_each_backend, project, run, write};

on_each_backend!(
    failed_writes_store_nothing,
    a_failed_statement_ends_the_transaction,
    bad_writes_among_many_harm_no_other,
    counters_lose_no_update,
    dropping_without_closing_loses_nothing,
    writes_after_closing_are_refused,
);

#[derive(Debug, PartialEq)]
enum TestError {
    Refused,
    Meta(String),
}

impl From<MetaError> for TestError {
    fn from(error: MetaError) -> Self {
        Self::Meta(error.to_string())
    }
}

async fn failed_writes_store_nothing(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let result: Result<(), TestError> = meta
        .write(move |tx| {
            Box::pin(async move {
                let made = tx.insert_run(new_run(project, "r1")).await?;
                assert!(
                    tx.run(made.head.key).await?.is_some(),
                    "a transaction sees its own writes"
                );
                Err(TestError::Refused)
            })
        })
        .await;
    assert_eq!(result, Err(TestError::Refused));
    assert_eq!(
        meta.read()
            .count_runs(&RunFilter::all(project))
            .await
            .expect("a count"),
        0
    );
}

async fn a_failed_statement_ends_the_transaction(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    run(meta, project, "taken").await;
    let result: Result<(), MetaError> = meta
        .write(move |tx| {
            Box::pin(async move {
                tx.insert_run(new_run(project, "before")).await?;
                let refused = tx.insert_run(new_run(project, "taken")).await;
                assert!(refused.is_err_and(|error| error.is_conflict()));
                let after = tx.insert_run(new_run(project, "after")).await;
                assert!(
                    after.is_err_and(|error| error.is_conflict()),
                    "nothing works after a failure"
                );
                Ok(())
            })
        })
        .await;
    assert!(
        result.is_err_and(|error| error.is_conflict()),
        "the failure is not swallowed"
    );
    assert_eq!(
        meta.read()
            .count_runs(&RunFilter::all(project))
            .await
            .expect("a count"),
        1
    );
}

async fn bad_writes_among_many_harm_no_other(database: Database) {
    let meta = database.meta.clone();
    let project = project(&meta).await.key;
    let start = Arc::new(Barrier::new(120));
    let tasks = (0..120).map(|n| {
        let (meta, start) = (meta.clone(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            meta.write(move |tx| {
                Box::pin(async move {
                    // 40 writes ask for an id that one of them gets, 1 panics, 1 fails; the others go through.
                    let id = if n % 3 == 0 {
                        "same".to_owned()
                    } else {
                        format!("r{n}")
                    };
                    tx.insert_run(new_run(project, &id)).await?;
                    assert!(n != 50, "this write panics");
                    if n == 70 {
                        Err(TestError::Refused)
                    } else {
                        Ok(n)
                    }
                })
            })
            .await
        })
    });
    let mut stored = 0;
    for (n, outcome) in join_all(tasks).await.into_iter().enumerate() {
        match outcome {
            Ok(Ok(_)) => stored += 1,
            Ok(Err(error)) => assert!(n % 3 == 0 || n == 70, "{n}: {error:?}"),
            Err(error) => assert!(n == 50 && error.is_panic(), "{n}: {error:?}"),
        }
    }
    assert_eq!(stored, 1 + 80 - 2);
    let runs = meta.read().all_runs(project).await.expect("a read");
    assert_eq!(runs.len(), stored);
    let numbers: Vec<u64> = runs.iter().map(|run| run.head.number).collect();
    assert_eq!(
        numbers,
        (1..=stored as u64).collect::<Vec<_>>(),
        "numbers have no gaps"
    );
}

async fn counters_lose_no_update(database: Database) {
    let meta = database.meta.clone();
    let key = run(&meta, project(&meta).await.key, "r1").await.head.key;
    let tasks = (0..100).map(|n| {
        let meta = meta.clone();
        tokio::spawn(async move {
            write(&meta, move |tx| {
                Box::pin(async move {
                    let head = tx.lock_run(key).await?.expect("the run is there");
                    let lines = Some(head.history_lines + 1);
                    tx.update_run(
                        key,
                        RunPatch {
                            history_lines: lines,
                            ..RunPatch::default()
                        },
                        at(n),
                    )
                    .await
                })
            })
            .await
        })
    });
    for outcome in join_all(tasks).await {
        assert!(outcome.expect("no write panics"));
    }
    assert_eq!(
        meta.read()
            .run_head(key)
            .await
            .expect("a read")
            .expect("a run")
            .history_lines,
        100
    );
}

async fn dropping_without_closing_loses_nothing(database: Database) {
    let project = project(&database.meta).await.key;
    let Database { meta, url } = database;
    for n in 0..5 {
        run(&meta, project, &format!("r{n}")).await;
    }
    drop(meta);
    let meta = Meta::open(&url, &OpenOptions::default())
        .await
        .expect("the database opens");
    assert_eq!(
        meta.read().all_runs(project).await.expect("a read").len(),
        5
    );
}

async fn writes_after_closing_are_refused(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    meta.close().await;
    let result: Result<_, MetaError> = meta
        .write(move |tx| Box::pin(async move { tx.insert_run(new_run(project, "r1")).await }))
        .await;
    assert!(result.is_err_and(|error| error.is_unavailable()));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_unavailable() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let url = DatabaseUrl::sqlite(folder.path().join("file/data/ballast.db"));
    let error = Meta::open(&url, &OpenOptions::default())
        .await
        .expect_err("a file is no folder");
    assert!(error.is_unavailable(), "{error:?}");
}
