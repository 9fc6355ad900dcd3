//! Several connections at once.

use ballast_tracking::history::Append;
use futures::future::join_all;

use crate::support::{World, lines_at, path, steps, strs, upsert};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batches_from_two_connections_are_stored_once() {
    let world = World::new().await;
    let run = world.start("a").await;
    let batches: Vec<Vec<String>> = (0..20)
        .map(|batch| steps(batch * 10..batch * 10 + 10, 0))
        .collect();
    let sends = (0..2)
        .flat_map(|_| batches.iter().enumerate())
        .map(|(index, batch)| {
            let append = Append {
                history: Some(lines_at(index as u64 * 10, &strs(batch))),
                ..Append::default()
            };
            world.tracking.append(&world.ada, &run, append)
        });
    for sent in join_all(sends).await {
        sent.expect("stored");
    }
    assert_eq!(world.xs(&run).await, (0..200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_of_one_run_lose_nothing() {
    let world = World::new().await;
    let run = world.start("a").await;
    let sends = (0..8).map(|writer| {
        let (world, run) = (&world, &run);
        async move {
            for offset in 0..10 {
                let line = format!(r#"{{"x":{}}}"#, writer * 10 + offset);
                let append = Append {
                    writer: Some(format!("w{writer}")),
                    history: Some(lines_at(offset, &[&line])),
                    ..Append::default()
                };
                world
                    .tracking
                    .append(&world.ada, run, append)
                    .await
                    .expect("stored");
            }
        }
    });
    join_all(sends).await;
    let mut xs = world.xs(&run).await;
    xs.sort_unstable();
    assert_eq!(xs, (0..80).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_is_made_by_many_first_calls() {
    let world = World::new().await;
    let made = join_all((0..8).map(|_| world.tracking.upsert_run(&world.ada, upsert("a")))).await;
    let inserted = made
        .into_iter()
        .filter(|made| made.as_ref().expect("upserted").inserted)
        .count();
    assert_eq!(inserted, 1);
    assert_eq!(
        world
            .tracking
            .get_run(&world.ada, &path("a"))
            .await
            .expect("there")
            .number,
        1
    );
}
