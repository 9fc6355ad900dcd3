//! Records are given up when they have served their purpose, and nobody misses them.

use ballast_tracking::Tracking;
use ballast_tracking::forget::Forgotten;
use ballast_tracking::history::Append;

use crate::support::{World, steps, strs, upsert};

const DAY: u64 = 24 * 3600;

async fn forget(tracking: &Tracking) -> Forgotten {
    tracking.forget().await.expect("forgotten")
}

/// What is forgotten if only digests are.
fn batches(n_batches: u64) -> Forgotten {
    Forgotten {
        n_batches,
        ..Forgotten::default()
    }
}

async fn end(world: &World, id: &str) {
    let append = Append {
        exit_code: Some(0),
        ..Append::default()
    };
    let run = crate::support::path(id);
    let ended = world.tracking.append(&world.ada, &run, append).await;
    ended.expect("the run ends");
}

async fn digests(world: World) {
    let run = world.start("ended").await;
    let other = world.start("live").await;
    for first in (0..30).step_by(10) {
        let rows = steps(first..first + 10, 0);
        world.log(&run, first as u64, &strs(&rows)).await;
        world.log(&other, first as u64, &strs(&rows)).await;
    }
    end(&world, "ended").await;
    world.advance(7 * DAY);
    assert_eq!(forget(&world.tracking).await, batches(0));
    world.advance(1);
    assert_eq!(forget(&world.tracking).await, batches(3));
    assert_eq!(forget(&world.tracking).await, batches(0));

    // The run goes on: what is sent again is compared row by row, what is new has a digest.
    let resumed = world.tracking.upsert_run(&world.ada, upsert("ended")).await;
    resumed.expect("resumed");
    world.log(&run, 30, &strs(&steps(30..40, 0))).await;
    world.log(&run, 10, &strs(&steps(10..20, 0))).await;
    world.log(&run, 20, &strs(&steps(20..40, 0))).await;
    assert_eq!(world.xs(&run).await, (0..40).collect::<Vec<_>>());
    world.advance(30 * DAY);
    assert_eq!(forget(&world.tracking).await, batches(0), "it goes on");
    let rewound = world.tracking.rewind_run(&world.ada, &run, 34).await;
    rewound.expect("rewound");
    world.log(&run, 35, &strs(&steps(35..45, 100))).await;
    world.log(&run, 30, &strs(&steps(30..40, 0))).await;
    let expected: Vec<i64> = (0..35).chain(135..145).collect();
    assert_eq!(world.xs(&run).await, expected, "a late retry");
    end(&world, "ended").await;
    world.advance(8 * DAY);
    assert_eq!(forget(&world.tracking).await, batches(2));
}

#[tokio::test]
async fn digests_go_a_week_after_the_end_and_the_run_may_go_on() {
    digests(World::new().await).await;
}

#[tokio::test]
async fn digests_go_a_week_after_the_end_and_the_run_may_go_on_on_postgres() {
    World::on_postgres(digests).await;
}

#[tokio::test]
async fn purged_runs_go_a_day_after_the_feed_showed_them() {
    let world = World::new().await;
    let db = world.meta.read();
    let since = db.current_revision().await.expect("a revision");
    let run = world.start("a").await;
    let (tracking, ada) = (&world.tracking, &world.ada);
    tracking.delete_run(ada, &run).await.expect("into the bin");
    tracking.purge_run(ada, &run).await.expect("purged");
    let n_purged = async || {
        let changes = db.runs_changed_since(since, 1000).await;
        changes.expect("the feed").purged.len()
    };
    // However long nobody looked.
    world.advance(30 * DAY);
    assert_eq!(forget(tracking).await.n_purged_runs, 0);
    world.advance(DAY);
    assert_eq!(forget(tracking).await.n_purged_runs, 0);
    assert_eq!(n_purged().await, 1);
    world.advance(1);
    assert_eq!(forget(tracking).await.n_purged_runs, 1);
    assert_eq!(n_purged().await, 0);
}
