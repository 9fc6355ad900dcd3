//! A database that goes away is `Unavailable`, and everything works again when it is back.

use std::time::Duration;

use ballast_meta::{DatabaseUrl, Meta, MetaError, OpenOptions};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use crate::backend::{Database, new_run, on_postgres, on_sqlite, project, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_file_is_unavailable() {
    on_sqlite(|database| Box::pin(locked_file(database))).await;
}

async fn locked_file(database: Database) {
    let project = project(&database.meta).await.key;
    let impatient = OpenOptions {
        acquire_timeout: Duration::from_millis(50),
        ..OpenOptions::default()
    };
    let meta = Meta::open(&database.url, &impatient)
        .await
        .expect("the database opens");
    let other = sea_orm::Database::connect(database.url.to_string())
        .await
        .expect("a second connection");
    let lock = other.begin().await.expect("a transaction");
    lock.execute_unprepared("UPDATE revisions SET revision = revision")
        .await
        .expect("the write lock");

    let result: Result<_, MetaError> = meta
        .write(move |tx| Box::pin(async move { tx.insert_run(new_run(project, "r1")).await }))
        .await;
    assert!(result.is_err_and(|error| error.is_unavailable()));
    assert!(
        meta.read()
            .all_runs(project)
            .await
            .expect("reads go on")
            .is_empty()
    );

    lock.rollback().await.expect("the lock goes");
    run(&meta, project, "r1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_unavailable() {
    on_postgres(|database| Box::pin(lost_connection(database))).await;
}

async fn lost_connection(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let DatabaseUrl::Postgres(url) = &database.url else {
        panic!("a PostgreSQL database")
    };
    let admin = sea_orm::Database::connect(url)
        .await
        .expect("another connection");
    let result: Result<_, MetaError> = meta
        .write(move |tx| {
            Box::pin(async move {
                tx.insert_run(new_run(project, "lost")).await?;
                admin
                    .execute_unprepared(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()",
                    )
                    .await?;
                tx.insert_run(new_run(project, "lost too")).await
            })
        })
        .await;
    assert!(
        result.as_ref().is_err_and(MetaError::is_unavailable),
        "{result:?}"
    );
    // Connections that were idle may be found dead once each; then the pool has new ones.
    let mut attempts = 0;
    while meta.ping().await.is_err() {
        attempts += 1;
        assert!(attempts < 10, "the pool does not recover");
    }
    run(meta, project, "r1").await;
    assert_eq!(
        meta.read().all_runs(project).await.expect("a read").len(),
        1
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    if ballast_testing::postgres::server().is_none() {
        return;
    }
    // Port 9 is for discarding; nothing that speaks PostgreSQL listens there.
    let url = DatabaseUrl::Postgres("postgres://u@127.0.0.1:9/d".to_owned());
    let options = OpenOptions {
        acquire_timeout: Duration::from_millis(200),
        ..OpenOptions::default()
    };
    let error = Meta::open(&url, &options)
        .await
        .expect_err("nobody answers");
    assert!(error.is_unavailable(), "{error:?}");
}
