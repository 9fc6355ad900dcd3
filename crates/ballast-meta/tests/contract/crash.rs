//! What was acknowledged is there after SIGKILL.
//!
//! The test starts its own binary again with `BALLAST_TEST_CRASH_URL` set, in which `writes_until_killed` writes and
//! reports each write that was acknowledged; without the variable that test has nothing to do.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_model::ProjectKey;
use futures::future::join_all;

use crate::backend::{Database, new_run, on_each_backend, project, write};

on_each_backend!(acknowledged_writes_survive_sigkill);

const URL: &str = "BALLAST_TEST_CRASH_URL";
const PROJECT: &str = "BALLAST_TEST_CRASH_PROJECT";

/// How many acknowledged writes to wait for before the kill.
const ENOUGH: usize = 300;

async fn acknowledged_writes_survive_sigkill(database: Database) {
    let project = project(&database.meta).await.key;
    if database.is_sqlite() {
        database.meta.close().await;
    }
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let acknowledged = tokio::task::spawn_blocking(move || kill_a_writer(&url, project))
        .await
        .expect("the child is watched to its end");
    assert!(acknowledged.len() >= ENOUGH);
    let meta = database.another().await;
    let runs = meta.read().all_runs(project).await.expect("a read");
    let stored: HashSet<&str> = runs.iter().map(|run| run.head.run_id.as_str()).collect();
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|id| !stored.contains(id.as_str()))
        .collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(
        runs.iter()
            .all(|run| run.documents.config == run.head.run_id.as_str()),
        "no half-written run"
    );
}

/// Runs the writing child, kills it in the middle, and returns what it reported.
fn kill_a_writer(url: &str, project: ProjectKey) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("the test binary has a path"))
        .args(["--exact", "crash::writes_until_killed", "--nocapture"])
        .env(URL, url)
        .env(PROJECT, project.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test binary runs again");
    let stdout = child.stdout.take().expect("the output is piped");
    let mut acknowledged = Vec::new();
    for line in BufReader::new(stdout).lines() {
        // The last line may be cut off, and then lacks its mark.
        let line = line.expect("the output is text");
        if let Some(id) = line
            .strip_prefix("stored ")
            .and_then(|rest| rest.strip_suffix('.'))
        {
            acknowledged.push(id.to_owned());
        }
        if acknowledged.len() == ENOUGH {
            child.kill().expect("the child is there to be killed");
        }
    }
    let status = child.wait().expect("the child ends");
    assert!(!status.success(), "the child was killed");
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "the parent process passes its orders in the environment"
)]
async fn writes_until_killed() {
    let (Ok(url), Ok(project)) = (std::env::var(URL), std::env::var(PROJECT)) else {
        return;
    };
    let project = ProjectKey(project.parse().expect("a key"));
    let url = url.parse().expect("a database URL");
    let meta = Meta::open(&url, &OpenOptions::default())
        .await
        .expect("the database opens");
    join_all((0..8).map(|writer| write_forever(meta.clone(), project, writer))).await;
}

async fn write_forever(meta: Meta, project: ProjectKey, writer: usize) {
    for n in 0.. {
        let mut new = new_run(project, &format!("w{writer}-{n}"));
        new.documents.config = new.run_id.as_str().to_owned();
        let made = write(&meta, move |tx| {
            Box::pin(async move { tx.insert_run(new).await })
        })
        .await;
        let mut stdout = std::io::stdout().lock();
        let reported =
            writeln!(stdout, "stored {}.", made.head.run_id).and_then(|()| stdout.flush());
        reported.expect("the parent reads");
    }
}
