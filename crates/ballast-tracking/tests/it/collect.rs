//! Commits, deletions and collections of two servers at once, any of which may die halfway.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use ballast_model::ArtifactKey;
use ballast_tracking::artifacts::ArtifactState;
use ballast_tracking::{Result, TrackingError};
use bytes::Bytes;
use futures::future::join_all;

use crate::artifacts::{Files, download, prepare};
use crate::interrupt::{Death, killed};
use crate::support::World;

/// What is done at once in a round.
const COMMITS: usize = 3;
/// A future that dies does so while it waits for one of its first so many times: a commit with all its uploads waits less
/// often.
const WAITS: u64 = 60;

/// Numbers that a seed decides.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// Where a future dies; every third does.
    fn death(&mut self) -> Option<(usize, Death)> {
        let death = [Death::Waiting, Death::Answered][self.below(2) as usize];
        let nth = self.below(WAITS) as usize + 1;
        (self.below(3) == 0).then_some((nth, death))
    }

    /// Some files, of few contents, so that versions share them.
    fn files(&mut self) -> Files {
        (0..=self.below(3))
            .map(|file| {
                let content = format!("content {}", self.below(12));
                (format!("f{file}"), Bytes::from(content))
            })
            .collect()
    }
}

/// The output of a future, unless it dies before.
async fn mortal<F: Future>(future: F, death: Option<(usize, Death)>) -> Option<F::Output> {
    match death {
        Some((nth, death)) => killed(future, nth, death).await,
        None => Some(future.await),
    }
}

/// Whatever happens at once and whoever dies: a committed version has all its files. Returns how many futures died.
async fn nothing_reachable_is_freed(world: &World, seed: u64, n_rounds: u64) -> usize {
    let other = world.another_server().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let mut numbers = Numbers(seed);
    let known: Mutex<BTreeMap<ArtifactKey, Files>> = Mutex::default();
    let mut n_died = 0;
    for round in 0..n_rounds {
        let mut doomed: Vec<ArtifactKey> = known.lock().expect("whole").keys().copied().collect();
        doomed.retain(|_| numbers.below(4) == 0);
        let doomed: Vec<_> = doomed
            .into_iter()
            .map(|key| (key, numbers.death()))
            .collect();
        let wanted = (0..COMMITS).map(|n| (n, numbers.files(), numbers.death()));
        let wanted: Vec<_> = wanted.collect();
        let collecting = [(t, numbers.death()), (&other, numbers.death())];

        let commits = join_all(wanted.iter().map(|(n, files, death)| {
            let server = if *n == 1 { &other } else { t };
            let known = &known;
            let commit = async move {
                let (key, _) = prepare(server, ada, &format!("data{n}"), files).await?;
                known.lock().expect("whole").insert(key, files.clone());
                // Some wait until what they were told is stored may be gone.
                if round % 4 == 0 {
                    world.clock.advance(Duration::from_hours(73));
                }
                server.commit_version(ada, key).await
            };
            mortal(commit, *death)
        }));
        let deletions = join_all(
            doomed
                .iter()
                .map(|(key, death)| mortal(t.delete_version(ada, *key, true), *death)),
        );
        let collections = join_all(collecting.map(|(server, death)| {
            let collect = async {
                // On PostgreSQL a commit may win the race for a content; then it is tried again later.
                let _ = server.collect_artifacts().await;
                server.clean_up().await
            };
            mortal(collect, death)
        }));
        let (commits, deletions, collections) = tokio::join!(commits, deletions, collections);

        n_died += commits.iter().filter(|commit| commit.is_none()).count();
        n_died += deletions.iter().filter(|done| done.is_none()).count();
        n_died += collections.iter().filter(|done| done.is_none()).count();
        for commit in commits.into_iter().flatten() {
            assert_is_told(commit.map(drop));
        }
        for deletion in deletions.into_iter().flatten() {
            assert_is_told(deletion.map(drop));
        }
        t.clean_up().await.expect("cleaned");
        let all = known.lock().expect("whole").clone();
        for (key, files) in all {
            match t.get_version(ada, key).await.expect("found").state {
                ArtifactState::Committed => {
                    let found = download(t, ada, key).await.expect("files");
                    assert_eq!(found, files, "seed {seed}, round {round}");
                }
                ArtifactState::Pending => {}
                ArtifactState::Deleted => drop(known.lock().expect("whole").remove(&key)),
            }
        }
    }
    assert!(!known.lock().expect("whole").is_empty());
    assert_eq!(t.verify().await.expect("verified").faults, [""; 0]);
    n_died
}

/// What was given up, waited too long, or met something that was deleted meanwhile says so; nothing else may fail.
fn assert_is_told(done: Result<()>) {
    match done {
        Ok(())
        | Err(
            TrackingError::Invalid(_)
            | TrackingError::Conflict(_)
            | TrackingError::NotFound { .. }
            | TrackingError::Forbidden(_),
        ) => {}
        Err(error) => panic!("{error:?}"),
    }
}

const CASES: u64 = 16;
const ROUNDS: u64 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reachable_is_ever_freed_on_sqlite() {
    let mut n_died = 0;
    for seed in 1..=CASES {
        n_died += nothing_reachable_is_freed(&World::new().await, seed, ROUNDS).await;
    }
    assert!(n_died > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reachable_is_ever_freed_on_postgres() {
    World::on_postgres(async |world| {
        assert!(nothing_reachable_is_freed(&world, 1, CASES * ROUNDS / 4).await > 0);
    })
    .await;
}
