//! Damaged objects: what reads them says so, what need not read them does not mind, and verification finds each.

use std::fs;
use std::path::Path;

use ballast_meta::{ConsolePart, MetaError, NewConsolePart};
use ballast_model::{RunKey, RunPath};
use ballast_tracking::console::{ConsoleLine, ConsoleLines};
use ballast_tracking::history::{
    Append, KeyFilter, ProjectGroupsRequest, ProjectSeriesRequest, Row, RowsRequest,
};
use ballast_tracking::{
    Axis, Expression, KeyInfo, Series, SeriesRequest, Stream, Tracking, TrackingError,
};
use bytes::Bytes;

use crate::support::{World, name, path, strs};

/// What can happen to the bytes of an object.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Deleted,
    Empty,
    /// Cut off after this share of its bytes, in thousandths.
    CutAt(usize),
    /// One byte changed at this share.
    FlippedAt(usize),
}

impl Damage {
    fn all() -> Vec<Self> {
        let mut all = vec![Self::Deleted, Self::Empty];
        all.extend([500, 999].map(Self::CutAt));
        all.extend((0..1000).step_by(37).map(Self::FlippedAt));
        all
    }

    fn apply(self, file: &Path, sound: &[u8]) {
        let at = |share: usize| sound.len() * share / 1000;
        match self {
            Self::Deleted => fs::remove_file(file),
            Self::Empty => fs::write(file, b""),
            Self::CutAt(share) => fs::write(file, &sound[..at(share)]),
            Self::FlippedAt(share) => {
                let mut bytes = sound.to_vec();
                bytes[at(share)] ^= 0x10;
                fs::write(file, bytes)
            }
        }
        .expect("the object's file");
    }
}

/// A run of one segment whose key `x` has a pyramid, and a sound one of chunks.
async fn folded_and_sound(world: &World) -> (RunPath, RunPath) {
    let rows: Vec<String> = (0..1500)
        .map(|step| format!(r#"{{"_step":{step},"_runtime":{step}.5,"x":{step},"text":"{step}"}}"#))
        .collect();
    let folded = world.start("folded").await;
    world.log(&folded, 0, &strs(&rows)).await;
    assert_eq!(world.tracking.fold_all().await.expect("folded"), 1);
    let sound = world.start("sound").await;
    world.log(&sound, 0, &strs(&rows)).await;
    (folded, sound)
}

/// Everything that is read of history.
#[derive(Debug, PartialEq)]
struct Readings {
    rows: Vec<Row>,
    keys: Vec<KeyInfo>,
    /// Of few columns, so that buckets will do.
    curve: Vec<Series>,
    /// Against the runtime, which takes rows.
    by_runtime: Vec<Series>,
}

/// As [`Readings`], each by itself.
struct Tried {
    rows: Result<Vec<Row>, TrackingError>,
    keys: Result<Vec<KeyInfo>, TrackingError>,
    curve: Result<Vec<Series>, TrackingError>,
    by_runtime: Result<Vec<Series>, TrackingError>,
}

fn request(axis: Axis, max_columns: usize) -> SeriesRequest {
    SeriesRequest {
        quantities: vec![name("x").into()],
        axis,
        smoothing: None,
        min: None,
        max: None,
        max_columns,
    }
}

/// The curves of the run beside those of the sound run, which must come in any case.
async fn series(
    world: &World,
    server: &Tracking,
    run: &RunPath,
    sound: &RunPath,
    curves: SeriesRequest,
) -> Result<Vec<Series>, TrackingError> {
    let request = ProjectSeriesRequest {
        runs: vec![run.run.clone(), sound.run.clone()],
        stream: Stream::History,
        curves: curves.clone(),
    };
    let found = server
        .series(&world.ada, &run.entity, &run.project, &request)
        .await
        .expect("an answer");
    let mut runs = found.runs;
    let of_sound = runs.pop().expect("the sound run");
    assert_eq!(of_sound.run_index, 1);
    assert_eq!(of_sound.series[0].n_points, 1500);

    let groups = ProjectGroupsRequest {
        groups: vec![request.runs.clone(), vec![sound.run.clone()]],
        stream: Stream::History,
        curves,
    };
    let groups = server
        .group_series(&world.ada, &run.entity, &run.project, &groups)
        .await
        .expect("an answer");
    let points: Vec<u64> = groups
        .groups
        .iter()
        .map(|group| group[0].n_points)
        .collect();
    let mut faults = found.faults;
    if let Some(fault) = faults.pop() {
        assert_eq!((faults.len(), runs.len(), groups.faults.len()), (0, 0, 1));
        assert_eq!((&fault.run, &groups.faults[0].run), (&run.run, &run.run));
        assert_eq!(points, [1500, 1500]);
        return Err(fault.error);
    }
    assert_eq!(groups.faults.len(), 0);
    assert_eq!(points, [3000, 1500]);
    Ok(runs.pop().expect("the run").series)
}

async fn read(world: &World, run: &RunPath, sound: &RunPath) -> Tried {
    // A server that has nothing in memory.
    let server = &world.another_server().await;
    let rows = RowsRequest {
        limit: 10_000,
        ..RowsRequest::default()
    };
    let keys = server.history_keys(&world.ada, run, Stream::History).await;
    let of_project = server
        .project_keys(&world.ada, &run.entity, &run.project, &KeyFilter::default())
        .await
        .expect("an answer");
    assert_eq!(of_project.faults.len(), usize::from(keys.is_err()));
    let n_runs = 2 - of_project.faults.len() as u64;
    assert!(of_project.page.items.iter().all(|key| key.n_runs == n_runs));
    Tried {
        rows: server
            .rows(&world.ada, run, Stream::History, &rows)
            .await
            .map(|page| page.rows),
        keys,
        curve: series(world, server, run, sound, request(Axis::Step, 20)).await,
        by_runtime: series(world, server, run, sound, request(Axis::Runtime, 20)).await,
    }
}

/// Whether it was read as it is; else the error must name the object.
fn is_sound<T: PartialEq + std::fmt::Debug>(
    read: Result<T, TrackingError>,
    sound: &T,
    object: &str,
    case: &str,
) -> bool {
    match read {
        Ok(read) => {
            assert_eq!(&read, sound, "{case}");
            true
        }
        Err(error @ TrackingError::Damaged { .. }) => {
            assert!(error.to_string().contains(object), "{case}: {error}");
            false
        }
        Err(error) => panic!("{case}: {error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damage_of_a_segment_is_found_and_named() {
    let world = World::new().await;
    let (run, sound_run) = folded_and_sound(&world).await;
    let tried = read(&world, &run, &sound_run).await;
    let sound = Readings {
        rows: tried.rows.expect("rows"),
        keys: tried.keys.expect("keys"),
        curve: tried.curve.expect("a curve"),
        by_runtime: tried.by_runtime.expect("a curve"),
    };
    let objects = world.segment_objects().await;
    assert_eq!(objects.len(), 3, "{objects:?}");
    for object in &objects {
        let file = world.object_file(object);
        let bytes = fs::read(&file).expect("the object");
        let mut n_sound = [0; 4];
        for damage in Damage::all() {
            let case = format!("`{object}` {damage:?}");
            damage.apply(&file, &bytes);
            let report = world.tracking.verify().await.expect("a report");
            let [fault] = &report.faults[..] else {
                panic!("{case}: {:?}", report.faults)
            };
            assert!(fault.contains(object), "{case}: {fault}");
            let tried = read(&world, &run, &sound_run).await;
            for (n_sound, is_sound) in n_sound.iter_mut().zip([
                is_sound(tried.rows, &sound.rows, object, &case),
                is_sound(tried.keys, &sound.keys, object, &case),
                is_sound(tried.curve, &sound.curve, object, &case),
                is_sound(tried.by_runtime, &sound.by_runtime, object, &case),
            ]) {
                *n_sound += usize::from(is_sound);
            }
            fs::write(&file, &bytes).expect("restored");
        }
        let n = Damage::all().len();
        let [rows, keys, curve, by_runtime] = n_sound;
        match object.rsplit('/').next() {
            // What lies between the columns, as the magic bytes, matters to nobody.
            Some("0.parquet") => {
                assert!(rows <= 2, "{n_sound:?}");
                assert_eq!((keys, curve), (n, n));
                assert!(0 < by_runtime && by_runtime < n, "{n_sound:?}");
            }
            Some("_keys") => {
                assert!(keys < n / 4, "{n_sound:?}");
                assert_eq!((rows, curve, by_runtime), (n, n, n));
            }
            // The rows say the same.
            Some("_pyramid") => assert_eq!(n_sound, [n; 4]),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        world.tracking.verify().await.expect("a report").faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn lines_that_need_not_be_compared_are_appended_to_a_damaged_run() {
    let world = World::new().await;
    let (run, _) = folded_and_sound(&world).await;
    for object in world.segment_objects().await {
        fs::remove_file(world.object_file(&object)).expect("the object");
    }
    world.log(&run, 1500, &[r#"{"_step":1500,"x":1500}"#]).await;
    let new_rows = RowsRequest {
        after_line: Some(1499),
        limit: 10,
        ..RowsRequest::default()
    };
    let rows = world
        .tracking
        .rows(&world.ada, &run, Stream::History, &new_rows)
        .await;
    assert_eq!(rows.expect("the new row").rows.len(), 1);
    let expression = Expression::parse("x + 0").expect("an expression");
    let curves = ProjectSeriesRequest {
        runs: vec![path("folded").run],
        stream: Stream::History,
        curves: SeriesRequest {
            quantities: vec![expression.into()],
            ..request(Axis::Step, 20)
        },
    };
    let found = world
        .tracking
        .series(&world.ada, &run.entity, &run.project, &curves)
        .await
        .expect("an answer");
    assert_eq!((found.runs.len(), found.faults.len()), (0, 1));
}

/// The same part of a console, damaged; `None` if the damage takes it away altogether.
fn damaged(part: &ConsolePart, damage: Damage) -> Option<ConsolePart> {
    let at = |share: usize| part.body.len() * share / 1000;
    let body = match damage {
        Damage::Deleted => return None,
        Damage::Empty => Bytes::new(),
        Damage::CutAt(share) => part.body.slice(..at(share)),
        Damage::FlippedAt(share) => {
            let mut body = part.body.to_vec();
            body[at(share)] ^= 0x10;
            body.into()
        }
    };
    let lines = part.lines.clone();
    Some(ConsolePart { lines, body })
}

/// Stores `parts` as the whole console of a run, as blocks or chunks.
async fn set_console(world: &World, run: RunKey, is_block: bool, parts: Vec<ConsolePart>) {
    let stored: Result<(), MetaError> = world
        .meta
        .write(move |tx| {
            Box::pin(async move {
                tx.clear_console(run).await?;
                for ConsolePart { lines, body } in parts {
                    let part = NewConsolePart {
                        run,
                        lines,
                        n_bytes: 1,
                        body,
                    };
                    if is_block {
                        tx.insert_console_block(part).await?;
                    } else {
                        tx.insert_console_chunk(part).await?;
                    }
                }
                Ok(())
            })
        })
        .await;
    stored.expect("stored");
}

async fn faults(world: &World) -> Vec<String> {
    world.tracking.verify().await.expect("a report").faults
}

async fn consoles(world: World) {
    let run = world.start("a").await;
    let line = |number| ConsoleLine {
        text: format!("line {number} of a console"),
        ..ConsoleLine::default()
    };
    let append = Append {
        console: Some(ConsoleLines {
            offset: 0,
            lines: (0..100).map(line).collect(),
        }),
        ..Append::default()
    };
    let appended = world.tracking.append(&world.ada, &run, append).await;
    appended.expect("stored");
    let key = world.tracking.get_run(&world.ada, &run).await;
    let key = key.expect("there").key;
    let parts = world.meta.read().console_parts(key, 0..u64::MAX).await;
    let parts = parts.expect("a read");
    let [part] = &parts[..] else {
        panic!("{parts:?}")
    };
    for (is_block, what) in [(false, "console chunk"), (true, "console block")] {
        set_console(&world, key, is_block, parts.clone()).await;
        let report = world.tracking.verify().await.expect("a report");
        assert_eq!((report.n_console_parts, report.faults.len()), (1, 0));
        for damage in Damage::all() {
            let Some(damaged) = damaged(part, damage) else {
                continue;
            };
            set_console(&world, key, is_block, vec![damaged]).await;
            let faults = faults(&world).await;
            let [fault] = &faults[..] else {
                panic!("{what} {damage:?}: {faults:?}")
            };
            assert!(
                fault.starts_with(what) && fault.contains("0..100"),
                "{fault}"
            );
        }
        for (lines, reason) in [(0..99, "holds 100 lines"), (1..101, "behind the console")] {
            let body = part.body.clone();
            set_console(&world, key, is_block, vec![ConsolePart { lines, body }]).await;
            let faults = faults(&world).await;
            assert!(
                faults.len() == 1 && faults[0].contains(reason),
                "{faults:?}"
            );
        }
    }
    let twice = vec![part.clone(), part.clone()];
    set_console(&world, key, false, twice.clone()).await;
    assert_eq!(
        faults(&world).await,
        [""; 0],
        "chunks may override each other"
    );
    set_console(&world, key, true, twice).await;
    let faults = faults(&world).await;
    assert!(
        faults.len() == 1 && faults[0].contains("same lines"),
        "{faults:?}"
    );
}

#[tokio::test]
async fn every_damage_of_a_console_is_found_and_named() {
    consoles(World::new().await).await;
}

#[tokio::test]
async fn every_damage_of_a_console_is_found_and_named_on_postgres() {
    World::on_postgres(consoles).await;
}
