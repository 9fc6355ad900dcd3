//! Downloads hold every row that was there when they began, and no other.

use ballast_tracking::history::{Download, DownloadRequest};
use ballast_tracking::{Stream, TableFormat, TrackingError};
use futures::TryStreamExt as _;

use crate::support::{World, path, steps, strs};

fn csv(runs: Option<&[&str]>) -> DownloadRequest {
    DownloadRequest {
        runs: runs.map(|runs| runs.iter().map(|id| path(id).run).collect()),
        stream: Stream::History,
        keys: None,
        min_step: None,
        end_step: None,
        format: TableFormat::Csv,
    }
}

async fn begin(world: &World, request: DownloadRequest) -> Download {
    let run = path("any");
    world
        .tracking
        .download_rows(&world.ada, &run.entity, &run.project, request)
        .await
        .expect("it begins")
}

async fn text(download: Download) -> String {
    let parts: Vec<_> = download.try_collect().await.expect("it ends");
    String::from_utf8(parts.concat()).expect("text")
}

/// The table of runs that logged `steps(0..n, shift)`.
fn table(runs: &[(&str, i64, i64)]) -> String {
    let rows = runs.iter().flat_map(|(id, n, shift)| {
        let row = move |step| format!("{id},{step},{}\n", step + shift);
        (0..*n).map(row)
    });
    let header = "run,_step,x\n".to_owned();
    std::iter::once(header).chain(rows).collect()
}

#[tokio::test]
async fn runs_come_in_the_order_asked_and_by_number_else() {
    let world = World::new().await;
    for (id, shift) in [("b", 0), ("a", 7)] {
        let run = world.start(id).await;
        world.log(&run, 0, &strs(&steps(0..3, shift))).await;
    }
    world.start("empty").await;
    let all = text(begin(&world, csv(None)).await).await;
    assert_eq!(all, table(&[("b", 3, 0), ("a", 3, 7)]));
    let asked = text(begin(&world, csv(Some(&["a", "empty", "b", "a"]))).await).await;
    assert_eq!(asked, table(&[("a", 3, 7), ("b", 3, 0)]));
}

#[tokio::test]
async fn rows_that_move_or_come_while_it_is_written_change_nothing() {
    let world = World::new().await;
    let run = world.start("a").await;
    // More than is read ahead: the rest is still in chunks when they are folded.
    let n: i64 = 200_000;
    for first in (0..n).step_by(2000) {
        let rows = steps(first..first + 2000, 0);
        world.log(&run, first as u64, &strs(&rows)).await;
    }
    let mut download = begin(&world, csv(None)).await;
    let first = download
        .try_next()
        .await
        .expect("it goes on")
        .expect("a part");
    assert!(world.tracking.fold_all().await.expect("folded") > 0);
    let later = format!(r#"{{"_step":{n},"x":1,"new":true}}"#);
    world.log(&run, n as u64, &[&later]).await;
    let rest = text(download).await;
    let whole = String::from_utf8(first.to_vec()).expect("text") + &rest;
    assert!(whole == table(&[("a", n, 0)]), "{} bytes", whole.len());
}

#[tokio::test]
async fn a_restart_in_the_middle_leaves_the_rows_that_were_there() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..500, 0))).await;
    let download = begin(&world, csv(None)).await;
    world.log(&run, 0, &strs(&steps(0..5, 100))).await;
    assert_eq!(text(download).await, table(&[("a", 500, 0)]));
    let again = text(begin(&world, csv(None)).await).await;
    assert_eq!(again, table(&[("a", 5, 100)]));
}

#[tokio::test]
async fn a_run_that_is_purged_meanwhile_is_not_left_out_silently() {
    let world = World::new().await;
    // So long that its client has to take some of it before the next run is read.
    let before = world.start("a").await;
    for first in (0..100_000).step_by(20_000) {
        let rows = steps(first..first + 20_000, 0);
        world.log(&before, first as u64, &strs(&rows)).await;
    }
    let run = world.start("b").await;
    world.log(&run, 0, &strs(&steps(0..500, 0))).await;
    let download = begin(&world, csv(None)).await;
    let (tracking, ada) = (&world.tracking, &world.ada);
    tracking.delete_run(ada, &run).await.expect("into the bin");
    tracking.purge_run(ada, &run).await.expect("purged");
    let failed = download.try_collect::<Vec<_>>().await;
    let error = failed.expect_err("a run is gone");
    assert!(
        matches!(&error, TrackingError::Conflict(reason) if reason.contains("run `b` was deleted")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_table_that_nothing_could_open_is_refused() {
    let world = World::new().await;
    let run = world.start("a").await;
    let keys: Vec<String> = (0..33_000)
        .map(|key| format!(r#""k{key}":{key}"#))
        .collect();
    world
        .log(&run, 0, &[&format!("{{{}}}", keys.join(","))])
        .await;
    let refused = world
        .tracking
        .download_rows(&world.ada, &run.entity, &run.project, csv(None))
        .await;
    let error = refused.err().expect("too many columns");
    assert!(matches!(error, TrackingError::Invalid(_)), "{error:?}");
    assert!(error.to_string().contains("33001 columns"), "{error}");
}

#[tokio::test]
async fn clients_that_are_slow_hold_up_no_other_and_get_the_same_file() {
    let world = World::new().await;
    let run = world.start("a").await;
    let n: i64 = 300_000;
    for first in (0..n).step_by(2000) {
        let rows = steps(first..first + 2000, 0);
        world.log(&run, first as u64, &strs(&rows)).await;
        if first == n / 2 {
            world.tracking.fold_all().await.expect("folded");
        }
    }
    // More than are worked on at the same time.
    let mut slow = Vec::new();
    for _ in 0..6 {
        slow.push((begin(&world, csv(None)).await, Vec::new()));
    }
    let whole = table(&[("a", n, 0)]);
    let quick = text(begin(&world, csv(None)).await).await;
    assert!(quick == whole, "{} bytes", quick.len());
    for (download, taken) in &mut slow {
        let part = download.try_next().await.expect("it goes on");
        taken.extend_from_slice(&part.expect("a part"));
    }
    for (download, mut taken) in slow {
        let rest: Vec<_> = download.try_collect().await.expect("it ends");
        taken.extend_from_slice(&rest.concat());
        assert!(taken == whole.as_bytes(), "{} bytes", taken.len());
    }
}
