//! Folding that is killed, held up, raced or refused loses nothing and leaves nothing behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use ballast_model::{RunPath, Timestamp};
use ballast_tracking::Tracking;
use ballast_tracking::history::Row;

use crate::interrupt::{Death, held_up, killed};
use crate::support::{World, strs};

/// Longer than a fold that stands still holds its lease.
const LEASE_IS_OUT: Duration = Duration::from_mins(3);

/// Longer than an announced object is waited for.
const OBJECT_IS_ABANDONED: Duration = Duration::from_hours(49);

/// Rows of one chunk: enough for a pyramid.
const CHUNK_ROWS: u64 = 150;

/// Logs one chunk of rows, the first at line `n_before * CHUNK_ROWS`.
async fn log_chunk(world: &World, run: &RunPath, n_before: u64) {
    let lines = n_before * CHUNK_ROWS..(n_before + 1) * CHUNK_ROWS;
    let rows: Vec<String> = lines
        .clone()
        .map(|line| {
            format!(
                r#"{{"_step":{line},"x":{line},"loss":{}.5,"note":"{line}"}}"#,
                line % 7
            )
        })
        .collect();
    world.log(run, lines.start, &strs(&rows)).await;
}

/// A run with three segments and a chunk: the next fold makes a fourth segment, and one out of the four.
async fn run_to_fold_and_merge(world: &World, id: &str) -> RunPath {
    let run = world.start(id).await;
    for n_before in 0..3 {
        log_chunk(world, &run, n_before).await;
        assert_eq!(world.tracking.fold_all().await.expect("folded"), 1);
    }
    log_chunk(world, &run, 3).await;
    run
}

/// Checks that the rows are as they were, that they are sound, and that every object belongs to a segment.
async fn assert_intact(world: &World, run: &RunPath, rows: &[Row], case: &str) {
    assert_eq!(world.rows(run).await, rows, "{case}");
    let report = world.tracking.verify().await.expect("verified");
    assert_eq!(report.faults, Vec::<String>::new(), "{case}");
    assert_eq!(
        world.stored_objects().await,
        world.segment_objects().await,
        "{case}"
    );
}

/// Purges the run and checks that all its bytes go.
async fn assert_purged(world: &World, run: &RunPath, case: &str) {
    let (tracking, ada) = (&world.tracking, &world.ada);
    tracking.delete_run(ada, run).await.expect("into the bin");
    tracking.purge_run(ada, run).await.expect("purged");
    tracking.clean_up().await.expect("cleaned");
    assert_eq!(world.stored_objects().await, BTreeSet::new(), "{case}");
}

/// How far a fold came: segments, announced objects, and stored objects that no segment has.
async fn progress(world: &World) -> (usize, usize, usize) {
    let db = world.meta.read();
    let segments = db.all_segments(None, 100).await.expect("segments");
    let pending = db.pending_objects_before(Timestamp::MAX, 100).await;
    let named = world.segment_objects().await;
    let stored = world.stored_objects().await;
    let n_unnamed = stored.difference(&named).count();
    (segments.len(), pending.expect("objects").len(), n_unnamed)
}

/// Where a fold and a merge must have died: before, between and after their steps. Segments, announced objects, and
/// how many objects that no segment has, at least and at most.
const STEPS: [(usize, usize, usize, usize); 7] = [
    (3, 0, 0, 0),
    (3, 1, 0, 0),
    (3, 1, 1, 3),
    (4, 0, 0, 0),
    (4, 1, 0, 0),
    (4, 1, 1, 3),
    // The objects of four merged segments wait for the janitor.
    (1, 0, 8, 8),
];

/// Kills the fold and the merge of a run wherever they wait. On SQLite a server that starts goes on at once; on PostgreSQL
/// the same one goes on later.
async fn kill_everywhere(world: World, death: Death) {
    let mut missing = BTreeSet::from(STEPS);
    let mut n_deaths = 0;
    // How often a fold waits differs a little from one to the next: so the first that comes to its end is not the last
    // that may be killed, and a sweep may jump over a step.
    for _ in 0..8 {
        let mut n_survivors = 0;
        for nth in 1.. {
            if kill(&world, death, nth, &mut missing).await {
                n_deaths += 1;
            } else {
                n_survivors += 1;
            }
            if n_survivors == 3 {
                break;
            }
        }
        if missing.is_empty() {
            break;
        }
    }
    assert_eq!(missing, BTreeSet::new(), "nothing died there");
    assert!(n_deaths > 25, "only {n_deaths} deaths");
}

/// Kills the fold of a new run when it waits for the `nth` time; returns false if it does not wait that often.
async fn kill(
    world: &World,
    death: Death,
    nth: usize,
    missing: &mut BTreeSet<(usize, usize, usize, usize)>,
) -> bool {
    let case = format!("{death:?} {nth}");
    let run = run_to_fold_and_merge(world, "a").await;
    let rows = world.rows(&run).await;
    let folded = killed(world.tracking.fold_all(), nth, death).await;
    let died = folded.is_none();
    if let Some(folded) = folded {
        assert_eq!(folded.expect("folded"), 2);
    } else {
        let (n_segments, n_pending, n_unnamed) = progress(world).await;
        missing.retain(|step| {
            (step.0, step.1) != (n_segments, n_pending) || !(step.2..=step.3).contains(&n_unnamed)
        });
        assert_eq!(world.rows(&run).await, rows, "{case}");
        if world.is_sqlite() {
            world.tracking.free_leases().await.expect("freed");
        } else {
            world.clock.advance(LEASE_IS_OUT);
        }
        world.tracking.fold_all().await.expect("folded");
        assert_eq!(progress(world).await.0, 1, "{case}");
        world.clock.advance(OBJECT_IS_ABANDONED);
    }
    world.tracking.clean_up().await.expect("cleaned");
    assert_eq!(progress(world).await, (1, 0, 0), "{case}");
    assert_intact(world, &run, &rows, &case).await;
    assert_purged(world, &run, &case).await;
    died
}

#[tokio::test]
async fn a_fold_that_dies_while_it_waits_loses_nothing() {
    kill_everywhere(World::new().await, Death::Waiting).await;
}

#[tokio::test]
async fn a_fold_that_dies_before_it_learns_loses_nothing() {
    kill_everywhere(World::new().await, Death::Answered).await;
}

#[tokio::test]
async fn a_fold_that_dies_while_it_waits_loses_nothing_on_postgres() {
    World::on_postgres(|world| kill_everywhere(world, Death::Waiting)).await;
}

#[tokio::test]
async fn a_fold_that_dies_before_it_learns_loses_nothing_on_postgres() {
    World::on_postgres(|world| kill_everywhere(world, Death::Answered)).await;
}

/// Holds the fold of a run up wherever it waits, for `pause`, while another server does something.
async fn hold_up_everywhere(pause: Duration, meanwhile: impl AsyncFn(&Tracking)) {
    let world = World::new().await;
    let other = world.another_server().await;
    for nth in 1.. {
        let case = format!("held up at {nth}");
        let run = world.start(&format!("run-{nth}")).await;
        log_chunk(&world, &run, 0).await;
        log_chunk(&world, &run, 1).await;
        let rows = world.rows(&run).await;
        let (folded, was_held_up) = held_up(world.tracking.fold_all(), nth, async {
            world.clock.advance(pause);
            meanwhile(&other).await;
        })
        .await;
        folded.expect("a fold that lost is no failure");
        assert_eq!(world.rows(&run).await, rows, "{case}");
        other.fold_all().await.expect("folded");
        world.clock.advance(OBJECT_IS_ABANDONED);
        other.clean_up().await.expect("cleaned");
        assert_eq!(progress(&world).await, (1, 0, 0), "{case}");
        assert_intact(&world, &run, &rows, &case).await;
        assert_purged(&world, &run, &case).await;
        if !was_held_up {
            assert!(nth > 10, "held up {} times only", nth - 1);
            break;
        }
    }
}

#[tokio::test]
async fn a_fold_that_outlives_its_lease_loses_to_another_server() {
    hold_up_everywhere(LEASE_IS_OUT, async |other| {
        other.fold_all().await.expect("folded");
    })
    .await;
}

#[tokio::test]
async fn a_fold_whose_objects_were_given_up_is_done_again() {
    hold_up_everywhere(OBJECT_IS_ABANDONED, async |other| {
        other.clean_up().await.expect("cleaned");
    })
    .await;
}

#[tokio::test]
async fn a_fold_whose_run_is_purged_leaves_nothing() {
    let world = World::new().await;
    for nth in 1.. {
        let run = world.start("a").await;
        log_chunk(&world, &run, 0).await;
        let (folded, was_held_up) = held_up(world.tracking.fold_all(), nth, async {
            let (tracking, ada) = (&world.tracking, &world.ada);
            tracking.delete_run(ada, &run).await.expect("into the bin");
            tracking.purge_run(ada, &run).await.expect("purged");
        })
        .await;
        folded.expect("nothing to fold is no failure");
        if !was_held_up {
            assert!(nth > 10, "held up {} times only", nth - 1);
            break;
        }
        world.tracking.clean_up().await.expect("cleaned");
        assert_eq!(progress(&world).await, (0, 0, 0), "held up at {nth}");
    }
}

/// Two servers fold the same run as its rows come in.
async fn race(world: World) {
    const ROUNDS: u64 = 40;
    let other = world.another_server().await;
    let run = world.start("a").await;
    let mut n_by_both = [0, 0];
    for round in 0..ROUNDS {
        log_chunk(&world, &run, round).await;
        let (one, two) = tokio::join!(world.tracking.fold_all(), other.fold_all());
        n_by_both[0] += one.expect("folded or lost");
        n_by_both[1] += two.expect("folded or lost");
        let xs = world.xs(&run).await;
        assert!(xs.into_iter().eq(0..(round as i64 + 1) * CHUNK_ROWS as i64));
    }
    let rows = world.rows(&run).await;
    let n_segments = n_by_both[0] + n_by_both[1];
    assert!(n_segments as u64 >= ROUNDS, "only {n_by_both:?} folds");
    world.clock.advance(OBJECT_IS_ABANDONED);
    other.clean_up().await.expect("cleaned");
    assert_intact(&world, &run, &rows, "race").await;
    assert_purged(&world, &run, "race").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_fold_one_run_keep_each_row_once() {
    race(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_fold_one_run_keep_each_row_once_on_postgres() {
    World::on_postgres(race).await;
}

/// Damages or deletes the object of the first segment of a run whose next fold merges, and returns its key.
async fn break_object(world: &World, what: impl FnOnce(&Path)) -> String {
    let objects = world.segment_objects().await;
    let object = objects.first().expect("a segment").clone();
    what(&world.object_file(&object));
    object
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    if let Some(source) = error.source() {
        text.push_str(": ");
        text.push_str(&causes(source));
    }
    text
}

#[tokio::test]
async fn a_damaged_segment_keeps_no_other_run_from_being_folded() {
    for is_deleted in [false, true] {
        let world = World::new().await;
        run_to_fold_and_merge(&world, "broken").await;
        let object = break_object(&world, |file| {
            let broken = if is_deleted {
                fs::remove_file(file)
            } else {
                fs::write(file, b"not Parquet")
            };
            broken.expect("the object is there");
        })
        .await;
        let sound = world.start("sound").await;
        log_chunk(&world, &sound, 0).await;
        let error = world.tracking.fold_all().await.expect_err("a failure");
        let text = causes(&error);
        assert!(text.contains("run `ada/vision/broken`"), "{text}");
        assert!(text.contains(&object), "{text}");
        // The last chunks of both runs are folded; only the merge is not.
        assert_eq!(progress(&world).await, (5, 0, 0));
    }
}
