//! Forks and rewinds show old rows and leave them as they are.

use ballast_tracking::TrackingError;

use crate::support::{World, fork_of, path, steps, strs};

#[tokio::test]
async fn a_fork_inherits_up_to_its_step() {
    let world = World::new().await;
    let parent = world.start("parent").await;
    world.log(&parent, 0, &strs(&steps(0..10, 0))).await;
    let forked = world
        .tracking
        .upsert_run(&world.ada, fork_of("parent", 4, "child"))
        .await
        .expect("forked");
    assert_eq!(forked.first_line, Some(5));
    let child = path("child");
    world.log(&child, 5, &strs(&steps(5..7, 100))).await;
    world.log(&parent, 10, &strs(&steps(10..12, 0))).await;
    assert_eq!(world.xs(&child).await, [0, 1, 2, 3, 4, 105, 106]);
    assert_eq!(world.xs(&parent).await, (0..12).collect::<Vec<_>>());
    let run = world
        .tracking
        .get_run(&world.ada, &child)
        .await
        .expect("there");
    assert_eq!(
        run.parent.map(|parent| (parent.run, parent.step)),
        Some((Some(parent.run.clone()), 4))
    );

    let again = world
        .tracking
        .upsert_run(&world.ada, fork_of("parent", 4, "child"))
        .await
        .expect("told again");
    assert_eq!(again.first_line, None);
}

#[tokio::test]
async fn a_fork_outlives_its_parent() {
    let world = World::new().await;
    let parent = world.start("parent").await;
    world.log(&parent, 0, &strs(&steps(0..10, 0))).await;
    world
        .tracking
        .upsert_run(&world.ada, fork_of("parent", 2, "child"))
        .await
        .expect("forked");
    world
        .tracking
        .delete_run(&world.ada, &parent)
        .await
        .expect("deleted");
    world
        .tracking
        .purge_run(&world.ada, &parent)
        .await
        .expect("purged");
    assert_eq!(world.xs(&path("child")).await, [0, 1, 2]);
}

#[tokio::test]
async fn a_fork_beyond_the_end_or_of_nothing_is_refused() {
    let world = World::new().await;
    let parent = world.start("parent").await;
    world.log(&parent, 0, &strs(&steps(0..3, 0))).await;
    let beyond = world
        .tracking
        .upsert_run(&world.ada, fork_of("parent", 3, "child"))
        .await;
    assert!(
        matches!(beyond, Err(TrackingError::Invalid(_))),
        "{beyond:?}"
    );
    let nothing = world
        .tracking
        .upsert_run(&world.ada, fork_of("ghost", 0, "child"))
        .await;
    assert!(
        matches!(nothing, Err(TrackingError::NotFound { .. })),
        "{nothing:?}"
    );
    assert!(
        world
            .tracking
            .lookup_run(&world.ada, &path("child"))
            .await
            .expect("looked")
            .is_none()
    );
}

#[tokio::test]
async fn a_rewound_run_goes_on_from_its_step() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..10, 0))).await;
    let rewound = world
        .tracking
        .rewind_run(&world.ada, &run, 3)
        .await
        .expect("rewound");
    assert_eq!(rewound.n_history_rows, 4);
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3]);
    world.log(&run, 4, &strs(&steps(4..6, 100))).await;
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3, 104, 105]);
    world
        .tracking
        .rewind_run(&world.ada, &run, 4)
        .await
        .expect("rewound again");
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3, 104]);
}

#[tokio::test]
async fn a_late_retry_does_not_undo_a_rewind() {
    let world = World::new().await;
    let run = world.start("a").await;
    let old = steps(0..10, 0);
    world.log(&run, 0, &strs(&old)).await;
    world
        .tracking
        .rewind_run(&world.ada, &run, 3)
        .await
        .expect("rewound");
    world.log(&run, 4, &strs(&steps(4..12, 100))).await;
    world.log(&run, 0, &strs(&old)).await;
    let expected: Vec<i64> = (0..4).chain(104..112).collect();
    assert_eq!(world.xs(&run).await, expected);
}
