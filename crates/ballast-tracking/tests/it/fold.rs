//! Folding moves rows and changes nothing else.

use std::time::Duration;

use ballast_tracking::history::{ProjectGroupsRequest, ProjectSeriesRequest};
use ballast_tracking::{Axis, Expression, Quantity, Series, SeriesRequest, Smoothing, Stream};

use crate::support::{World, name, path, steps, strs};

fn over_steps(quantities: Vec<Quantity>, max_columns: usize) -> SeriesRequest {
    SeriesRequest {
        quantities,
        axis: Axis::Step,
        smoothing: None,
        min: None,
        max: None,
        max_columns,
    }
}

fn expression(text: &str) -> Quantity {
    Expression::parse(text).expect("an expression").into()
}

/// The curves of the run `id` in ada's project.
async fn curves(world: &World, id: &str, curves: SeriesRequest) -> Vec<Series> {
    let run = path(id);
    let request = ProjectSeriesRequest {
        runs: vec![run.run],
        stream: Stream::History,
        curves,
    };
    let mut found = world
        .tracking
        .series(&world.ada, &run.entity, &run.project, &request)
        .await
        .expect("read");
    found.runs.pop().expect("one run").series
}

/// A run of 600 rows, the first 400 in a segment, of which some lack `b`, and what the rows have of `a` and `b`.
async fn half_folded_run(world: &World, id: &str) -> Vec<(f64, Option<f64>)> {
    let run = world.start(id).await;
    let values: Vec<(f64, Option<f64>)> = (0..600_i32)
        .map(|i| {
            let a = f64::from(i * 7919 % 601) / 8.0;
            let b = (i % 3 > 0).then(|| f64::from(i * 31 % 17 - 8) / 4.0);
            (a, b)
        })
        .collect();
    let rows: Vec<String> = (0..).zip(&values).map(row_of).collect();
    world.log(&run, 0, &strs(&rows[..250])).await;
    world.log(&run, 250, &strs(&rows[250..400])).await;
    assert_eq!(world.tracking.fold_all().await.expect("folded"), 1);
    world.log(&run, 400, &strs(&rows[400..450])).await;
    world.log(&run, 450, &strs(&rows[450..])).await;
    values
}

fn row_of((step, (a, b)): (usize, &(f64, Option<f64>))) -> String {
    match b {
        Some(b) => format!(r#"{{"_step":{step},"a":{a},"b":{b}}}"#),
        None => format!(r#"{{"_step":{step},"a":{a}}}"#),
    }
}

#[tokio::test]
async fn folded_rows_read_the_same() {
    let world = World::new().await;
    let run = world.start("a").await;
    for offset in 0..20 {
        world
            .log(
                &run,
                offset * 5,
                &strs(&steps(offset as i64 * 5..offset as i64 * 5 + 5, 0)),
            )
            .await;
    }
    let before = world.rows(&run).await;
    assert_eq!(world.tracking.fold_all().await.expect("folded"), 1);
    assert_eq!(world.rows(&run).await, before);
    assert_eq!(world.tracking.fold_all().await.expect("nothing left"), 0);

    world.log(&run, 100, &strs(&steps(100..103, 0))).await;
    assert_eq!(world.xs(&run).await, (0..103).collect::<Vec<_>>());
    let report = world.tracking.verify().await.expect("verified");
    assert_eq!(
        (report.n_segments, report.n_chunks, report.faults),
        (1, 1, Vec::new())
    );
}

#[tokio::test]
async fn late_retries_find_folded_rows() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..5, 0))).await;
    world.log(&run, 5, &strs(&steps(5..10, 0))).await;
    world.tracking.fold_all().await.expect("folded");
    world.log(&run, 0, &strs(&steps(0..5, 0))).await;
    world.log(&run, 3, &strs(&steps(3..12, 0))).await;
    assert_eq!(world.xs(&run).await, (0..12).collect::<Vec<_>>());
}

#[tokio::test]
async fn curves_cover_chunks_and_segments() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..500, 0))).await;
    world
        .log(&run, 500, &[r#"{"_step":500,"x":1000000}"#])
        .await;
    world.tracking.fold_all().await.expect("folded");
    world.log(&run, 501, &strs(&steps(501..1000, 0))).await;
    let request = ProjectSeriesRequest {
        runs: vec![run.run.clone(), path("ghost").run],
        stream: Stream::History,
        curves: over_steps(vec![name("x").into(), name("nothing").into()], 50),
    };
    let (entity, project) = (&run.entity, &run.project);
    let found = world
        .tracking
        .series(&world.ada, entity, project, &request)
        .await
        .expect("read");
    assert_eq!((found.runs.len(), found.faults.len()), (1, 0));
    let (x, nothing) = (&found.runs[0].series[0], &found.runs[0].series[1]);
    assert!(
        x.x_min.len() <= 50 && x.x_min.len() >= 12,
        "{}",
        x.x_min.len()
    );
    assert_eq!(x.count.iter().sum::<u32>(), 1000);
    assert!(x.max.contains(&1_000_000.0), "the spike is kept");
    assert!(x.min.contains(&0.0));
    assert!(nothing.x_min.is_empty());
}

#[tokio::test]
async fn expressions_look_back_from_chunks_into_segments() {
    let world = World::new().await;
    let values = half_folded_run(&world, "a").await;
    let quantities = vec![
        expression("a * b - 2"),
        expression("cumsum(b)"),
        expression("a - lag(a)"),
    ];
    let found = curves(&world, "a", over_steps(quantities, 1000)).await;

    let steps = || (0..600).map(f64::from);
    let with_b: Vec<(f64, f64, f64)> = steps()
        .zip(&values)
        .filter_map(|(step, &(a, b))| Some((step, a, b?)))
        .collect();
    let products: Vec<f64> = with_b.iter().map(|(_, a, b)| a * b - 2.0).collect();
    let mut sum = 0.0;
    let sums: Vec<f64> = with_b
        .iter()
        .map(|(_, _, b)| {
            sum += b;
            sum
        })
        .collect();
    let steps_with_b: Vec<f64> = with_b.iter().map(|(step, _, _)| *step).collect();
    assert_eq!(
        (&found[0].x_min, &found[0].last),
        (&steps_with_b, &products)
    );
    assert_eq!((&found[1].x_min, &found[1].last), (&steps_with_b, &sums));
    let differences: Vec<f64> = values.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert_eq!(found[2].x_min, steps().skip(1).collect::<Vec<_>>());
    assert_eq!(found[2].last, differences);
}

#[tokio::test]
async fn smoothed_curves_do_not_change_under_zoom() {
    let world = World::new().await;
    half_folded_run(&world, "a").await;
    for smoothing in [
        Smoothing::TimeWeightedEma { weight: 0.9 },
        Smoothing::Ema { weight: 0.9 },
        Smoothing::Gaussian { std_dev: 10.0 },
        Smoothing::RunningMean { n_points: 25 },
    ] {
        let mut request = over_steps(vec![name("a").into(), expression("b ** 2")], 1000);
        request.smoothing = Some(smoothing);
        let whole = curves(&world, "a", request.clone()).await;
        (request.min, request.max) = (Some(390.0), Some(460.0));
        let part = curves(&world, "a", request).await;
        for (whole, part) in whole.iter().zip(part) {
            assert!(whole.smoothed && part.smoothed);
            let start = whole
                .x_min
                .iter()
                .position(|&x| x >= 390.0)
                .expect("points");
            let columns = start..start + part.x_min.len();
            assert_eq!(part.x_max.last(), Some(&460.0));
            assert_eq!(whole.x_min[columns.clone()], part.x_min, "{smoothing:?}");
            assert_eq!(whole.last[columns], part.last, "{smoothing:?}");
        }
    }
}

#[tokio::test]
async fn groups_gather_runs_wherever_their_rows_are() {
    let world = World::new().await;
    let values = half_folded_run(&world, "folded").await;
    let chunks = world.start("chunks").await;
    let rows: Vec<String> = (0..600)
        .map(|step| format!(r#"{{"_step":{step},"a":1}}"#))
        .collect();
    world.log(&chunks, 0, &strs(&rows)).await;
    let ids = |ids: &[&str]| ids.iter().map(|id| path(id).run).collect::<Vec<_>>();
    let request = ProjectGroupsRequest {
        groups: vec![
            ids(&["folded", "ghost", "chunks"]),
            ids(&["ghost"]),
            ids(&["chunks"]),
        ],
        stream: Stream::History,
        curves: over_steps(vec![name("a").into(), expression("a * 2")], 1000),
    };
    let (entity, project) = (&chunks.entity, &chunks.project);
    let found = world
        .tracking
        .group_series(&world.ada, entity, project, &request)
        .await
        .expect("read")
        .groups;
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
    let means: Vec<f64> = values.iter().map(|(a, _)| f64::midpoint(*a, 1.0)).collect();
    assert_eq!(found[0][0].mean, means);
    assert_eq!(found[0][0].n, [2; 600]);
    let doubled: Vec<f64> = values.iter().map(|(a, _)| (2.0 * a).max(2.0)).collect();
    assert_eq!(found[0][1].max, doubled);
    assert!(found[1][0].x_min.is_empty());
    assert_eq!(found[2][0].mean, [1.0; 600]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_read_during_a_fold_have_every_point() {
    let world = World::new().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let request = ProjectGroupsRequest {
        groups: vec![vec![a.run.clone(), b.run.clone()]],
        stream: Stream::History,
        curves: over_steps(vec![expression("x + 0")], 1000),
    };
    let write_and_fold = async {
        for offset in 0..100_u64 {
            let row = steps(offset as i64..offset as i64 + 1, 0);
            world.log(&a, offset, &strs(&row)).await;
            world.log(&b, offset, &strs(&row)).await;
            if offset % 20 == 19 {
                let folded = world.tracking.fold_all().await;
                assert!(folded.expect("folded") >= 1);
            }
        }
    };
    let read = async {
        loop {
            let found = world
                .tracking
                .group_series(&world.ada, &a.entity, &a.project, &request)
                .await
                .expect("read");
            let group = &found.groups[0][0];
            let xs = (0..group.x_min.len() as u32).map(f64::from);
            assert_eq!(group.x_min, xs.collect::<Vec<_>>());
            // Each run shows its first rows, be it more or less of them.
            assert!(group.count.iter().all(|&count| count == 1 || count == 2));
            assert!(group.count.is_sorted_by(|a, b| a >= b));
            if group.n_points == 200 {
                break;
            }
        }
    };
    tokio::join!(write_and_fold, read);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_during_a_fold_see_every_row() {
    let world = World::new().await;
    let run = world.start("a").await;
    let write_and_fold = async {
        for offset in 0..100_u64 {
            let row = steps(offset as i64..offset as i64 + 1, 0);
            world.log(&run, offset, &strs(&row)).await;
            if offset % 20 == 19 {
                let folded = world.tracking.fold_all().await;
                assert!(folded.expect("folded") >= 1);
            }
        }
    };
    let read = async {
        loop {
            let xs = world.xs(&run).await;
            assert_eq!(xs, (0..xs.len() as i64).collect::<Vec<_>>());
            let keys = world
                .tracking
                .history_keys(&world.ada, &run, Stream::History)
                .await;
            keys.expect("keys are read");
            if xs.len() == 100 {
                break;
            }
        }
    };
    tokio::join!(write_and_fold, read);
}

#[tokio::test]
async fn rows_without_values_leave_nothing_behind() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &["not JSON"]).await;
    for _ in 0..3 {
        let folded = world.tracking.fold_all().await;
        assert_eq!(folded.expect("looked at"), 0);
    }
    world.clock.advance(Duration::from_hours(49));
    let cleaned = world.tracking.clean_up().await;
    assert_eq!(cleaned.expect("cleaned"), 0, "no object was announced");
}
