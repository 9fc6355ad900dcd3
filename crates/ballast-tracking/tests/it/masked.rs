//! Rows that no run shows any more are freed a day later, and no others are.

use std::ops::Range;
use std::time::Duration;

use ballast_model::{RunPath, Timestamp};
use ballast_tracking::history::DownloadRequest;
use ballast_tracking::{Stream, TableFormat, Tracking, TrackingError};
use futures::TryStreamExt as _;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::interrupt::held_up;
use crate::support::{World, fork_of, path, steps, strs};

const DAY: u64 = 24 * 3600;

async fn forget(tracking: &Tracking) -> u64 {
    tracking.forget().await.expect("forgotten").n_masked_parts
}

/// Notes what is masked, and frees it as soon as that may be. Returns how many chunks and segments were deleted.
async fn free(world: &World) -> u64 {
    assert_eq!(forget(&world.tracking).await, 0, "not noted yet");
    world.advance(DAY);
    assert_eq!(forget(&world.tracking).await, 0, "not a day ago");
    world.advance(1);
    forget(&world.tracking).await
}

/// Logs `range` as one chunk, with the step for `x` shifted by `shift`.
async fn log(world: &World, run: &RunPath, range: Range<i64>, shift: i64) {
    let first = range.start as u64;
    world.log(run, first, &strs(&steps(range, shift))).await;
}

async fn fold(world: &World) {
    world.tracking.fold_all().await.expect("folded");
}

async fn purge(world: &World, run: &RunPath) {
    let (tracking, ada) = (&world.tracking, &world.ada);
    tracking.delete_run(ada, run).await.expect("into the bin");
    tracking.purge_run(ada, run).await.expect("purged");
}

/// The lines of chunks, and those of segments.
async fn stored(world: &World) -> (Vec<Range<u64>>, Vec<Range<u64>>) {
    let db = world.meta.read();
    let chunks = db.all_chunks(None, 1000).await.expect("chunks");
    let segments = db.all_segments(None, 1000).await.expect("segments");
    (
        chunks.into_iter().map(|chunk| chunk.lines).collect(),
        segments.into_iter().map(|segment| segment.lines).collect(),
    )
}

/// Checks that what is stored is sound, and that every object belongs to a segment.
async fn assert_sound(world: &World) {
    world.tracking.clean_up().await.expect("cleaned");
    let report = world.tracking.verify().await.expect("verified");
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(world.stored_objects().await, world.segment_objects().await);
}

fn numbers(ranges: &[(Range<i64>, i64)]) -> Vec<i64> {
    let numbers = ranges.iter().cloned();
    numbers
        .flat_map(|(range, shift)| range.map(move |number| number + shift))
        .collect()
}

async fn restart(world: World) {
    let run = world.start("a").await;
    log(&world, &run, 0..200, 0).await;
    fold(&world).await;
    log(&world, &run, 200..210, 0).await;
    log(&world, &run, 0..20, 1000).await;
    assert_eq!(free(&world).await, 2, "a segment and a chunk");
    assert_eq!(world.xs(&run).await, numbers(&[(0..20, 1000)]));
    let (chunks, segments) = stored(&world).await;
    assert_eq!(
        (chunks, segments),
        (vec![Range { start: 0, end: 20 }], vec![])
    );
    assert_sound(&world).await;
    assert_eq!(free(&world).await, 0);
}

#[tokio::test]
async fn a_restart_frees_all_rows_before_it() {
    restart(World::new().await).await;
}

#[tokio::test]
async fn a_restart_frees_all_rows_before_it_on_postgres() {
    World::on_postgres(restart).await;
}

async fn forked(world: World) {
    let parent = world.start("parent").await;
    for first in (0..80).step_by(40) {
        log(&world, &parent, first..first + 40, 0).await;
        fold(&world).await;
    }
    log(&world, &parent, 80..100, 0).await;
    let forked = world
        .tracking
        .upsert_run(&world.ada, fork_of("parent", 49, "child"))
        .await;
    forked.expect("forked");
    let child = path("child");
    log(&world, &child, 50..55, 2000).await;
    log(&world, &parent, 0..10, 1000).await;
    assert_eq!(free(&world).await, 1, "the last chunk");
    let all = (vec![50..55, 0..10], vec![0..40, 40..80]);
    assert_eq!(stored(&world).await, all);

    // The second segment is cut to what the child shows.
    fold(&world).await;
    let (chunks, mut segments) = stored(&world).await;
    segments.sort_by_key(|lines| (lines.start, lines.end));
    assert_eq!(chunks, []);
    assert_eq!(segments, [0..10, 0..40, 40..50, 50..55]);
    assert_eq!(free(&world).await, 0, "nothing more is masked");
    assert_eq!(world.xs(&parent).await, numbers(&[(0..10, 1000)]));
    let inherited = numbers(&[(0..50, 0), (50..55, 2000)]);
    assert_eq!(world.xs(&child).await, inherited);
    assert_sound(&world).await;

    // What only the child showed goes after it.
    purge(&world, &child).await;
    assert_eq!(free(&world).await, 2);
    assert_eq!(world.xs(&parent).await, numbers(&[(0..10, 1000)]));
    let (_, segments) = stored(&world).await;
    assert_eq!(segments, [Range { start: 0, end: 10 }]);
    assert_sound(&world).await;
}

#[tokio::test]
async fn what_a_fork_shows_stays() {
    forked(World::new().await).await;
}

#[tokio::test]
async fn what_a_fork_shows_stays_on_postgres() {
    World::on_postgres(forked).await;
}

#[tokio::test]
async fn a_fold_leaves_out_what_a_rewind_cut_off_a_day_ago() {
    let world = World::new().await;
    let run = world.start("a").await;
    log(&world, &run, 0..10, 0).await;
    let rewound = world.tracking.rewind_run(&world.ada, &run, 3).await;
    rewound.expect("rewound");
    log(&world, &run, 4..6, 100).await;
    assert_eq!(free(&world).await, 0, "some of the chunk is shown");
    fold(&world).await;
    let (chunks, segments) = stored(&world).await;
    assert_eq!((chunks, segments), (vec![], vec![0..4, 4..6]));
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3, 104, 105]);
    assert_sound(&world).await;
}

async fn download(world: &World) -> ballast_tracking::history::Download {
    let request = DownloadRequest {
        runs: None,
        stream: Stream::History,
        keys: None,
        min_step: None,
        end_step: None,
        format: TableFormat::Csv,
    };
    let entity = "ada".parse().expect("a name");
    let project = "vision".parse().expect("a name");
    let begun = world
        .tracking
        .download_rows(&world.ada, &entity, &project, request)
        .await;
    begun.expect("begun")
}

#[tokio::test]
async fn a_download_that_outlasts_its_rows_says_so() {
    let world = World::new().await;
    // So long that its client has to take some of it before the next run is read.
    let before = world.start("a").await;
    for first in (0..100_000).step_by(20_000) {
        log(&world, &before, first..first + 20_000, 0).await;
    }
    let run = world.start("b").await;
    log(&world, &run, 0..500, 0).await;
    fold(&world).await;
    let sound = download(&world).await;
    let whole: Vec<_> = sound.try_collect().await.expect("the whole file");
    let slow = download(&world).await;
    let grown = download(&world).await;
    log(&world, &run, 500..510, 0).await;
    world.advance(DAY);
    let file: Vec<_> = grown.try_collect().await.expect("nothing was masked");
    assert_eq!(file.concat(), whole.concat());

    log(&world, &run, 0..5, 100).await;
    assert!(free(&world).await > 0);
    world.tracking.clean_up().await.expect("cleaned");
    let failed = slow.try_collect::<Vec<_>>().await;
    let error = failed.expect_err("its rows are gone");
    assert!(
        matches!(&error, TrackingError::Conflict(reason) if reason.contains("run `b`")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_fold_that_is_held_up_while_its_rows_are_freed_leaves_nothing() {
    let world = World::new().await;
    let other = world.another_server().await;
    for nth in 1.. {
        let case = format!("held up at {nth}");
        let run = world.start("a").await;
        log(&world, &run, 0..150, 0).await;
        fold(&world).await;
        log(&world, &run, 150..160, 0).await;
        let rewound = world.tracking.rewind_run(&world.ada, &run, 99).await;
        rewound.expect("rewound");
        log(&world, &run, 100..110, 1000).await;
        // Noted; the fold begins when nothing may be freed yet, and goes on when all is.
        assert_eq!(forget(&world.tracking).await, 0);
        let (folded, was_held_up) = held_up(world.tracking.fold_all(), nth, async {
            world.clock.advance(Duration::from_hours(25));
            forget(&other).await;
        })
        .await;
        folded.expect("a fold that lost is no failure");
        world.clock.advance(Duration::from_hours(25));
        other.fold_all().await.expect("folded");
        forget(&other).await;
        world.clock.advance(Duration::from_hours(49));
        let expected = numbers(&[(0..100, 0), (100..110, 1000)]);
        assert_eq!(world.xs(&run).await, expected, "{case}");
        assert_eq!(stored(&world).await.1.len(), 2, "{case}");
        assert_sound(&world).await;
        purge(&world, &run).await;
        world.tracking.clean_up().await.expect("cleaned");
        assert!(world.stored_objects().await.is_empty(), "{case}");
        if !was_held_up {
            assert!(nth > 10, "held up {} times only", nth - 1);
            break;
        }
    }
}

/// Something that happens to one of the runs.
#[derive(Debug, Clone)]
enum Event {
    Log(i64),
    /// The same lines again from here on, with other values.
    Restart(Index),
    Rewind(Index),
    Fork(Index),
    Fold,
    Forget,
    Purge,
}

fn event() -> impl Strategy<Value = (Index, Event)> {
    let event = prop_oneof![
        4 => (1..12_i64).prop_map(Event::Log),
        2 => any::<Index>().prop_map(Event::Restart),
        2 => any::<Index>().prop_map(Event::Rewind),
        2 => any::<Index>().prop_map(Event::Fork),
        3 => Just(Event::Fold),
        4 => Just(Event::Forget),
        1 => Just(Event::Purge),
    ];
    (any::<Index>(), event)
}

/// Plays events and compares every run with what it must show.
async fn play(world: &World, events: Vec<(Index, Event)>) {
    let mut runs: Vec<(RunPath, Vec<i64>)> = vec![(world.start("r0").await, Vec::new())];
    for (number, (of, event)) in (1..).zip(events) {
        let n_runs = runs.len();
        let (run, rows) = &mut runs[of.index(n_runs)];
        let n_rows = rows.len() as i64;
        let shift = number * 10_000;
        let mut made = None;
        match event {
            Event::Log(n) => {
                log(world, run, n_rows..n_rows + n, shift).await;
                rows.extend(numbers(&[(n_rows..n_rows + n, shift)]));
            }
            Event::Restart(at) if n_rows > 0 => {
                let line = at.index(rows.len()) as i64;
                log(world, run, line..line + 3, shift).await;
                rows.truncate(line as usize);
                rows.extend(numbers(&[(line..line + 3, shift)]));
            }
            Event::Rewind(at) if n_rows > 0 => {
                let step = at.index(rows.len());
                let rewound = world.tracking.rewind_run(&world.ada, run, step as i64);
                rewound.await.expect("rewound");
                rows.truncate(step + 1);
            }
            Event::Fork(at) if n_rows > 0 && n_runs < 6 => {
                let step = at.index(rows.len());
                let id = format!("r{number}");
                let fork = fork_of(run.run.as_str(), step as i64, &id);
                let forked = world.tracking.upsert_run(&world.ada, fork).await;
                forked.expect("forked");
                made = Some((path(&id), rows[..=step].to_vec()));
            }
            Event::Fold => fold(world).await,
            Event::Forget => {
                forget(&world.tracking).await;
                world.advance(DAY / 2 + 1);
                world.tracking.clean_up().await.expect("cleaned");
            }
            Event::Purge if n_runs > 1 => {
                purge(world, run).await;
                runs.remove(of.index(n_runs));
            }
            Event::Restart(_) | Event::Rewind(_) | Event::Fork(_) | Event::Purge => {}
        }
        runs.extend(made);
        for (run, rows) in &runs {
            assert_eq!(&world.xs(run).await, rows, "{run} after {number}");
        }
    }
    // In the end nothing is left but what is shown.
    for _ in 0..3 {
        forget(&world.tracking).await;
        world.advance(2 * DAY);
        forget(&world.tracking).await;
        fold(world).await;
    }
    world.advance(2 * DAY);
    forget(&world.tracking).await;
    let db = world.meta.read();
    let unnoted = db.unnoted_masked_lines(None, 10).await;
    assert_eq!(unnoted.expect("a read"), []);
    let noted = db.masked_lines(Timestamp::MAX, None, 10).await;
    assert_eq!(noted.expect("a read"), []);
    for (run, rows) in &runs {
        assert_eq!(&world.xs(run).await, rows, "{run} in the end");
    }
    assert_sound(world).await;
}

#[test]
fn whatever_happens_runs_show_their_rows_and_nothing_else_is_stored() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let events = prop::collection::vec(event(), 1..40);
    runner
        .run(&events, |events| {
            runtime.block_on(async { play(&World::new().await, events).await });
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
