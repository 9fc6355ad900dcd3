//! Folding moves rows and changes nothing else.

use ballast_history::Axis;
use ballast_tracking::Stream;
use ballast_tracking::history::ProjectSeriesRequest;

use crate::support::{World, name, path, steps, strs};

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
        keys: vec![name("x"), name("nothing")],
        axis: Axis::Step,
        min: None,
        max: None,
        max_columns: 50,
    };
    let (entity, project) = (&run.entity, &run.project);
    let found = world
        .tracking
        .series(&world.ada, entity, project, &request)
        .await
        .expect("read");
    assert_eq!(found.len(), 1);
    let (x, nothing) = (&found[0].series[0], &found[0].series[1]);
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
