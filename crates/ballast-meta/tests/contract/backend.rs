//! A fresh database per test.

use ballast_meta::{
    DatabaseUrl, Meta, MetaError, NewRun, NewUser, OpenOptions, ProjectRecord, Revision, RunRecord,
    Tx,
};
use ballast_model::{ProjectKey, RunKey, RunState, Timestamp};
use ballast_testing::postgres;
use futures::future::BoxFuture;

/// Makes tests named `$name` out of `async fn $name(database: Database)`, one per backend.
macro_rules! on_each_backend {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $crate::backend::on_sqlite(|database| Box::pin(super::$name(database))).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $crate::backend::on_postgres(|database| Box::pin(super::$name(database))).await;
                }
            )*
        }
    };
}
pub(crate) use on_each_backend;

/// An open database of one test.
pub(crate) struct Database {
    pub(crate) meta: Meta,
    pub(crate) url: DatabaseUrl,
}

impl Database {
    async fn open(url: DatabaseUrl) -> Self {
        let meta = Meta::open(&url, &OpenOptions::default())
            .await
            .expect("the database opens");
        Self { meta, url }
    }

    /// Opens the same database once more, as another server would.
    pub(crate) async fn another(&self) -> Meta {
        Meta::open(&self.url, &OpenOptions::default())
            .await
            .expect("the database opens again")
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.url, DatabaseUrl::Sqlite(_))
    }
}

pub(crate) async fn on_sqlite(test: impl FnOnce(Database) -> BoxFuture<'static, ()>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    test(Database::open(DatabaseUrl::sqlite(folder.path().join("data/ballast.db"))).await).await;
}

pub(crate) async fn on_postgres(test: impl FnOnce(Database) -> BoxFuture<'static, ()>) {
    with_postgres_url(|url| async { test(Database::open(url).await).await }).await;
}

/// Runs `test` on a database without tables, and drops it afterwards.
pub(crate) async fn with_postgres_url<F: Future<Output = ()>>(test: impl FnOnce(DatabaseUrl) -> F) {
    postgres::with_fresh_database(|url| test(DatabaseUrl::Postgres(url))).await;
}

/// An instant `seconds` after the beginning of the tests' time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).expect("a time in range")
}

/// Runs one write of the common error type.
pub(crate) async fn write<T: Send + 'static>(
    meta: &Meta,
    work: impl for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, MetaError>> + Send + 'static,
) -> T {
    meta.write(work).await.expect("the write succeeds")
}

/// A project `vision` of a user `ada`.
pub(crate) async fn project(meta: &Meta) -> ProjectRecord {
    write(meta, |tx| {
        Box::pin(async move {
            let user = tx
                .insert_user(NewUser::new("ada".parse().expect("a name"), at(0)))
                .await?;
            let (project, _) = tx
                .insert_project_if_absent(user.entity, &"vision".parse().expect("a name"), at(0))
                .await?;
            Ok(project)
        })
    })
    .await
}

/// A running run with nothing but an id.
pub(crate) fn new_run(project: ProjectKey, run_id: &str) -> NewRun {
    NewRun::new(
        project,
        run_id.parse().expect("a run id"),
        RunState::Running,
        at(0),
    )
}

/// Stores [`new_run`].
pub(crate) async fn run(meta: &Meta, project: ProjectKey, run_id: &str) -> RunRecord {
    let new = new_run(project, run_id);
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await
}

/// Waits until the feed of changes has come to `revision`. On PostgreSQL it waits for every transaction that writes
/// anywhere on the server, those of other tests too.
pub(crate) async fn settled(meta: &Meta, revision: Revision) {
    while meta.read().current_revision().await.expect("a revision") < revision {
        tokio::task::yield_now().await;
    }
}

/// Waits until the feed shows `n` runs purged after `since`, and returns them.
pub(crate) async fn purged_since(meta: &Meta, since: Revision, n: usize) -> Vec<RunKey> {
    loop {
        let changes = meta
            .read()
            .runs_changed_since(since, 1000)
            .await
            .expect("the feed");
        if changes.purged.len() >= n {
            return changes.purged.iter().map(|purged| purged.run).collect();
        }
        tokio::task::yield_now().await;
    }
}
