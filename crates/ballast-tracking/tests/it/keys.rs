//! Lists of keys are those of the rows, whatever became of these meanwhile.

use ballast_model::json::Value;
use ballast_tracking::history::KeyFilter;
use ballast_tracking::{KeyInfo, Stream};

use crate::support::{World, path, steps, strs};

async fn keys(world: &World, id: &str) -> Vec<KeyInfo> {
    let found = world
        .tracking
        .history_keys(&world.ada, &path(id), Stream::History)
        .await;
    found.expect("keys are read")
}

/// Count, last value and last step of the key `x`.
async fn x(world: &World, id: &str) -> (u64, Option<i64>, Option<i64>) {
    let keys = keys(world, id).await;
    let x = keys.iter().find(|key| key.name.as_str() == "x").expect("x");
    let count = x.kinds.iter().map(|(_, count)| count).sum();
    (count, x.last.as_ref().and_then(Value::as_i64), x.last_step)
}

#[tokio::test]
async fn they_follow_appends_folds_and_restarts() {
    let world = World::new().await;
    let run = world.start("a").await;
    assert_eq!(keys(&world, "a").await, []);
    world.log(&run, 0, &strs(&steps(0..5, 0))).await;
    assert_eq!(x(&world, "a").await, (5, Some(4), Some(4)));
    world.log(&run, 5, &strs(&steps(5..9, 0))).await;
    assert_eq!(x(&world, "a").await, (9, Some(8), Some(8)));

    // What was known ends within the segment.
    world.log(&run, 9, &strs(&steps(9..12, 0))).await;
    assert_eq!(world.tracking.fold_all().await.expect("folded"), 1);
    assert_eq!(x(&world, "a").await, (12, Some(11), Some(11)));
    world.log(&run, 12, &[r#"{"_step":12,"y":"new"}"#]).await;
    assert_eq!(x(&world, "a").await, (12, Some(11), Some(11)));
    assert_eq!(keys(&world, "a").await.len(), 3);

    // The script starts over: only its own rows count.
    world.log(&run, 0, &strs(&steps(0..2, 100))).await;
    assert_eq!(x(&world, "a").await, (2, Some(101), Some(1)));
    assert_eq!(keys(&world, "a").await.len(), 2);
}

#[tokio::test]
async fn those_of_a_project_follow_its_runs() {
    let world = World::new().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let found = async || {
        let filter = KeyFilter::default();
        let found = world
            .tracking
            .project_keys(&world.ada, &a.entity, &a.project, &filter)
            .await
            .expect("keys are read");
        let keys = found.page.items.iter();
        keys.map(|key| (key.name.to_string(), key.n_runs, key.count))
            .collect::<Vec<_>>()
    };
    let key = |name: &str, n_runs, count| (name.to_owned(), n_runs, count);
    assert_eq!(found().await, []);
    world.log(&a, 0, &strs(&steps(0..3, 0))).await;
    assert_eq!(found().await, [key("_step", 1, 3), key("x", 1, 3)]);
    world.log(&b, 0, &[r#"{"_step":0,"y":1}"#]).await;
    let both = [key("_step", 2, 4), key("x", 1, 3), key("y", 1, 1)];
    assert_eq!(found().await, both);
    world.tracking.fold_all().await.expect("folded");
    assert_eq!(found().await, both);

    world
        .tracking
        .delete_run(&world.ada, &a)
        .await
        .expect("binned");
    assert_eq!(found().await, [key("_step", 1, 1), key("y", 1, 1)]);
    world
        .tracking
        .restore_run(&world.ada, &a)
        .await
        .expect("restored");
    assert_eq!(found().await, both);
}
