//! The writer of SQLite: one task, one connection, group commit.
//!
//! Jobs wait in a bounded queue. The task takes those that wait, runs each in a savepoint of one transaction, commits
//! once, and then answers all. So the cost of making a commit durable is shared by everyone who waits at that time,
//! and a job that fails or panics takes only its own changes back.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DatabaseTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::connect::{self, SqliteUse};
use crate::db::TxState;
use crate::{MetaError, OpenOptions, Tx};

/// How many jobs may wait; who comes later waits for a place.
const QUEUE_LENGTH: usize = 256;

/// How many jobs share a commit at most. Chunks have up to 1 MiB, so this also bounds the transaction's size.
const GROUP_SIZE: usize = 64;

/// The sending end of the queue. Cheap to clone; when the last one is dropped, the task ends.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    sender: mpsc::Sender<Message>,
}

enum Message {
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

impl Queue {
    /// Starts the task on an open connection. It opens a new one at `path` when that one breaks.
    pub(crate) fn start(
        connection: DatabaseConnection,
        path: PathBuf,
        options: OpenOptions,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let writer = Writer {
            receiver,
            connection: Some(connection),
            path,
            options,
        };
        tokio::spawn(writer.run());
        Self { sender }
    }

    /// Runs `work` in its turn and returns its result once it is durable.
    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<MetaError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Waiting {
            work: Some(work),
            outcome: None,
            reply,
        };
        if self.sender.send(Message::Job(Box::new(job))).await.is_err() {
            return Err(closed().into());
        }
        match answer.await {
            Ok(Outcome::Returned(result)) => result,
            Ok(Outcome::Panicked(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Err(closed().into()),
        }
    }

    /// Finishes the jobs that wait, closes the connection and ends the task. Later writes fail.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.sender.send(Message::Close(reply)).await.is_ok() {
            // An error means that the task is gone, which is what was asked for.
            let _ = closed.await;
        }
    }
}

fn closed() -> MetaError {
    MetaError::unavailable("the database is closed")
}

/// What came of a job.
enum Outcome<T, E> {
    Returned(Result<T, E>),
    Panicked(Box<dyn Any + Send>),
}

/// A job without the types of its result.
trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Runs the job once and keeps its outcome. Returns whether its changes are to be kept.
    fn run<'a>(&'a mut self, tx: &'a Tx<'a>, state: &'a TxState) -> BoxFuture<'a, bool>;

    /// Sends the outcome, or why the commit failed.
    fn answer(self: Box<Self>, committed: Result<(), MetaError>);
}

struct Waiting<T, E, F> {
    work: Option<F>,
    outcome: Option<Outcome<T, E>>,
    reply: oneshot::Sender<Outcome<T, E>>,
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    F: for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, E>> + Send,
    T: Send,
    E: From<MetaError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run<'a>(&'a mut self, tx: &'a Tx<'a>, state: &'a TxState) -> BoxFuture<'a, bool> {
        let work = self.work.take().expect("a job runs once");
        Box::pin(async move {
            // Nothing of the job outlives a panic but what it captured, which is dropped with it.
            let caught = AssertUnwindSafe(async { work(tx).await })
                .catch_unwind()
                .await;
            let outcome = match (caught, state.failure()) {
                (Ok(Ok(_)), Some(failure)) => Outcome::Returned(Err(failure.into())),
                (Ok(result), _) => Outcome::Returned(result),
                (Err(panic), _) => Outcome::Panicked(panic),
            };
            let keep = matches!(outcome, Outcome::Returned(Ok(_)));
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), MetaError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Outcome::Panicked(panic)), _) => Outcome::Panicked(panic),
            (_, Err(error)) => Outcome::Returned(Err(error.into())),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => return,
        };
        // An error means that the caller went away.
        let _ = self.reply.send(outcome);
    }
}

struct Writer {
    receiver: mpsc::Receiver<Message>,
    connection: Option<DatabaseConnection>,
    path: PathBuf,
    options: OpenOptions,
}

impl Writer {
    async fn run(mut self) {
        let mut closing = None;
        while closing.is_none() {
            let Some(mut message) = self.receiver.recv().await else {
                break;
            };
            let mut group = Vec::new();
            loop {
                match message {
                    Message::Job(job) => group.push(job),
                    Message::Close(reply) => {
                        closing = Some(reply);
                        break;
                    }
                }
                if group.len() == GROUP_SIZE {
                    break;
                }
                match self.receiver.try_recv() {
                    Ok(next) => message = next,
                    Err(_) => break,
                }
            }
            self.write(group).await;
        }
        self.receiver.close();
        if let Some(connection) = self.connection.take() {
            // The file is closed either way.
            let _ = connection.close().await;
        }
        if let Some(reply) = closing {
            let _ = reply.send(());
        }
    }

    async fn write(&mut self, mut group: Vec<Box<dyn Job>>) {
        let committed = match self.commit(&mut group).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(error = %chain(&error), jobs = group.len(), "a group of writes was not committed");
                // The connection may be in a state that the driver does not know of: the next group opens another.
                self.connection = None;
                Err(match error {
                    MetaError::Unavailable(_) => error,
                    other => MetaError::unavailable(&chain(&other)),
                })
            }
        };
        for job in group {
            job.answer(committed.clone());
        }
    }

    async fn commit(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), MetaError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                none.insert(connect::sqlite(&self.path, &self.options, SqliteUse::Writing).await?)
            }
        };
        let transaction = connect::begin(connection).await?;
        for job in group.iter_mut().filter(|job| !job.is_abandoned()) {
            run_in_savepoint(&transaction, job.as_mut()).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Runs one job. An error here is trouble with the whole transaction, not with the job.
async fn run_in_savepoint(
    transaction: &DatabaseTransaction,
    job: &mut dyn Job,
) -> Result<(), MetaError> {
    transaction.execute_unprepared("SAVEPOINT job").await?;
    let state = TxState::default();
    let tx = Tx::new(transaction, &state);
    if !job.run(&tx, &state).await {
        // Fails if SQLite rolled the transaction back by itself, as it does when the disk is full.
        transaction.execute_unprepared("ROLLBACK TO job").await?;
    }
    transaction.execute_unprepared("RELEASE job").await?;
    Ok(())
}

/// An error and its sources in one line.
fn chain(error: &MetaError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Db;

    #[tokio::test]
    async fn a_full_disk_is_unavailable_and_passes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ballast.db");
        let options = OpenOptions::default();
        let connection = connect::sqlite(&path, &options, SqliteUse::Writing)
            .await
            .expect("the database opens");
        connect::migrate(&connection)
            .await
            .expect("the schema is made");
        // As good as a disk with room for a few more pages. It binds this connection only.
        connection
            .execute_unprepared("PRAGMA max_page_count = 120")
            .await
            .expect("a limit");
        let queue = Queue::start(connection, path.clone(), options.clone());
        let put = |name: &'static str, n_bytes: usize| {
            let queue = queue.clone();
            async move {
                let value = Bytes::from(vec![1; n_bytes]);
                queue
                    .write(move |tx| {
                        Box::pin(async move { tx.put_setting_if_absent(name, value).await })
                    })
                    .await
            }
        };
        put("small", 1).await.expect("there is room");
        let error: MetaError = put("large", 1 << 20).await.expect_err("there is no room");
        assert!(error.is_unavailable(), "{error:?}");

        // The writer opened another connection if it had to; on either the small ones still fit.
        put("small too", 1).await.expect("there is still room");
        let readers = connect::sqlite(&path, &options, SqliteUse::Reading)
            .await
            .expect("the database opens");
        let db = Db::pool(&readers);
        for (name, there) in [("small", true), ("large", false), ("small too", true)] {
            assert_eq!(
                db.setting(name).await.expect("a read").is_some(),
                there,
                "{name}"
            );
        }
    }
}
