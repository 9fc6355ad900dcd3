//! The feed of changes misses nothing, whatever the order of commits.

use std::collections::HashMap;

use ballast_meta::{Meta, MetaError, Revision, RunPatch};
use ballast_model::RunKey;
use futures::future::join_all;
use tokio::sync::oneshot;

use crate::backend::{
    Database, at, new_run, on_each_backend, on_postgres, project, run, settled, write,
};

on_each_backend!(
    followers_end_up_with_what_is_stored,
    limits_never_tear_a_transaction_apart
);

/// A copy of the history lines of runs, kept up to date from the feed.
struct Follower {
    at: Revision,
    lines: HashMap<RunKey, u64>,
}

impl Follower {
    async fn catch_up(&mut self, meta: &Meta, limit: u64) {
        loop {
            let changes = meta
                .read()
                .runs_changed_since(self.at, limit)
                .await
                .expect("the feed");
            assert!(changes.next >= self.at);
            for head in changes.heads {
                self.lines.insert(head.key, head.history_lines);
            }
            for purged in changes.purged {
                self.lines.remove(&purged.run);
            }
            self.at = changes.next;
            if !changes.more {
                return;
            }
        }
    }
}

async fn add_line(meta: &Meta, key: RunKey) {
    write(meta, move |tx| {
        Box::pin(async move {
            let head = tx.lock_run(key).await?.expect("the run is there");
            let lines = Some(head.history_lines + 1);
            tx.update_run(
                key,
                RunPatch {
                    history_lines: lines,
                    ..RunPatch::default()
                },
                at(0),
            )
            .await
        })
    })
    .await;
}

async fn followers_end_up_with_what_is_stored(database: Database) {
    let meta = database.meta.clone();
    let project = project(&meta).await.key;
    let mut keys = Vec::new();
    for n in 0..8 {
        keys.push(run(&meta, project, &format!("r{n}")).await.head.key);
    }
    let doomed = keys[7];
    let mut follower = Follower {
        at: Revision::default(),
        lines: HashMap::new(),
    };
    let writers = keys[..7].iter().map(|&key| {
        let meta = meta.clone();
        tokio::spawn(async move {
            for _ in 0..40 {
                add_line(&meta, key).await;
            }
        })
    });
    let mut writers = Box::pin(join_all(writers));
    let mut purged = false;
    // Follow as fast as possible until the writers are done, then once more.
    while futures::poll!(&mut writers).is_pending() {
        follower.catch_up(&meta, 3).await;
        if !purged && follower.at > Revision::default() {
            purged = write(&meta, move |tx| {
                Box::pin(async move { tx.delete_run_rows(doomed).await })
            })
            .await;
        }
    }
    let stored = meta.read().all_runs(project).await.expect("a read");
    let last = stored
        .iter()
        .map(|run| run.head.revision)
        .max()
        .expect("runs are there");
    settled(&meta, last).await;
    follower.catch_up(&meta, 3).await;
    let expected: HashMap<RunKey, u64> = stored
        .iter()
        .map(|run| (run.head.key, run.head.history_lines))
        .collect();
    assert!(purged && expected.len() == 7 && expected.values().all(|lines| *lines == 40));
    assert_eq!(follower.lines, expected);
}

async fn limits_never_tear_a_transaction_apart(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let since = meta.read().current_revision().await.expect("a revision");
    write(meta, move |tx| {
        Box::pin(async move {
            for n in 0..5 {
                tx.insert_run(new_run(project, &format!("r{n}"))).await?;
            }
            Ok(())
        })
    })
    .await;
    let last = run(meta, project, "last").await;
    settled(meta, last.head.revision).await;
    let first = meta
        .read()
        .runs_changed_since(since, 2)
        .await
        .expect("the feed");
    assert_eq!((first.heads.len(), first.more), (5, true));
    let second = meta
        .read()
        .runs_changed_since(first.next, 2)
        .await
        .expect("the feed");
    assert_eq!((second.heads.len(), second.more), (1, false));
    let third = meta
        .read()
        .runs_changed_since(second.next, 2)
        .await
        .expect("the feed");
    assert!(third.heads.is_empty() && third.next >= second.next);
}

/// A transaction that began to write first and commits last is seen by a follower that read in between.
#[tokio::test(flavor = "multi_thread")]
async fn late_commits_are_seen() {
    on_postgres(|database| Box::pin(late_commit(database))).await;
}

async fn late_commit(database: Database) {
    let meta = database.meta.clone();
    let project = project(&meta).await.key;
    let (early, late) = (
        run(&meta, project, "early").await.head.key,
        run(&meta, project, "late").await.head.key,
    );
    let mut follower = Follower {
        at: Revision::default(),
        lines: HashMap::new(),
    };
    let made = meta
        .read()
        .run_head(late)
        .await
        .expect("a read")
        .expect("a run");
    settled(&meta, made.revision).await;
    let (has_written, written) = oneshot::channel();
    let (may_commit, commit) = oneshot::channel::<()>();
    let slow = {
        let meta = meta.clone();
        tokio::spawn(async move {
            meta.write(move |tx| {
                Box::pin(async move {
                    let patch = RunPatch {
                        history_lines: Some(1),
                        ..RunPatch::default()
                    };
                    tx.update_run(late, patch, at(0)).await?;
                    has_written.send(()).expect("the test waits");
                    commit.await.expect("the test answers");
                    Ok::<_, MetaError>(())
                })
            })
            .await
        })
    };
    written.await.expect("the slow transaction has written");
    add_line(&meta, early).await;
    follower.catch_up(&meta, 100).await;
    assert_eq!(follower.lines.get(&late), Some(&0), "not committed yet");
    may_commit.send(()).expect("the slow transaction waits");
    slow.await.expect("no panic").expect("the commit succeeds");
    let after = meta
        .read()
        .run_head(early)
        .await
        .expect("a read")
        .expect("a run");
    settled(&meta, after.revision).await;
    follower.catch_up(&meta, 100).await;
    assert_eq!(follower.lines, HashMap::from([(early, 1), (late, 1)]));
}
