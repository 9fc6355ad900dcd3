//! Starting, changing, finding and deleting runs.

use std::collections::BTreeSet;

use ballast_model::json::Map;
use ballast_model::{Environment, RunState};
use ballast_tracking::TrackingError;
use ballast_tracking::runs::filter::{Field, OrderKey, Predicate, Test};
use ballast_tracking::runs::{RunChanges, RunListing, RunQuery, UpsertRun};

use crate::support::{World, path, upsert, value};

fn config(text: &str) -> Option<Map> {
    value(text).as_map().cloned()
}

#[tokio::test]
async fn a_new_run_gets_a_number_and_a_name() {
    let world = World::new().await;
    let first = world
        .tracking
        .upsert_run(&world.ada, upsert("a"))
        .await
        .expect("made");
    let second = world
        .tracking
        .upsert_run(&world.ada, upsert("b"))
        .await
        .expect("made");
    assert!(first.inserted && second.inserted);
    assert_eq!((first.run.number, second.run.number), (1, 2));
    assert!(first.run.display_name.ends_with("-1") && second.run.display_name.ends_with("-2"));
    assert_eq!(
        (first.run.state, first.run.user.as_str()),
        (RunState::Running, "ada")
    );
    let again = world
        .tracking
        .upsert_run(&world.ada, upsert("a"))
        .await
        .expect("told again");
    assert!(!again.inserted);
    assert_eq!(again.run.display_name, first.run.display_name);
}

#[tokio::test]
async fn what_is_not_told_stays() {
    let world = World::new().await;
    let told = UpsertRun {
        config: config(r#"{"lr":0.1,"nan":Infinity,"n":3}"#),
        tags: Some(vec!["a".to_owned(), "b".to_owned()]),
        environment: Some(Environment {
            python: Some("3.11".to_owned()),
            ..Environment::default()
        }),
        ..upsert("a")
    };
    world
        .tracking
        .upsert_run(&world.ada, told)
        .await
        .expect("made");
    let environment = Environment {
        packages: vec!["numpy==2.0".to_owned()],
        ..Environment::default()
    };
    let told = UpsertRun {
        environment: Some(environment),
        ..upsert("a")
    };
    let run = world
        .tracking
        .upsert_run(&world.ada, told)
        .await
        .expect("told")
        .run;
    assert_eq!(
        Some(run.config),
        config(r#"{"lr":0.1,"nan":Infinity,"n":3}"#)
    );
    assert_eq!(run.tags, ["a", "b"]);
    assert_eq!(run.environment.python.as_deref(), Some("3.11"));
    assert_eq!(run.environment.packages, ["numpy==2.0"]);
    let told = UpsertRun {
        config: config(r#"{"lr":0.2}"#),
        tags: Some(Vec::new()),
        ..upsert("a")
    };
    let run = world
        .tracking
        .upsert_run(&world.ada, told)
        .await
        .expect("told")
        .run;
    assert_eq!(Some(run.config), config(r#"{"lr":0.2}"#));
    assert!(run.tags.is_empty());
}

#[tokio::test]
async fn writers_of_a_shared_run_add_to_its_config() {
    let world = World::new().await;
    for text in [r#"{"a":1,"b":1}"#, r#"{"b":2,"c":3}"#] {
        let told = UpsertRun {
            config: config(text),
            merge_config: true,
            ..upsert("a")
        };
        world
            .tracking
            .upsert_run(&world.ada, told)
            .await
            .expect("told");
    }
    let run = world
        .tracking
        .get_run(&world.ada, &path("a"))
        .await
        .expect("there");
    assert_eq!(Some(run.config), config(r#"{"a":1,"b":2,"c":3}"#));
}

#[tokio::test]
async fn an_oversized_config_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let huge = format!(r#"{{"x":"{}"}}"#, "x".repeat(17 << 20));
    let told = UpsertRun {
        config: config(&huge),
        ..upsert("a")
    };
    let refused = world.tracking.upsert_run(&world.ada, told).await;
    assert!(
        matches!(refused, Err(TrackingError::TooLarge { what: "config", .. })),
        "{refused:?}"
    );
    assert!(
        world
            .tracking
            .lookup_run(&world.ada, &path("a"))
            .await
            .expect("looked")
            .is_none()
    );
}

#[tokio::test]
async fn the_bin_keeps_a_run_until_it_is_purged() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &[r#"{"_step":0,"x":1}"#]).await;
    let tracking = &world.tracking;
    assert!(matches!(
        tracking.purge_run(&world.ada, &run).await,
        Err(TrackingError::Conflict(_))
    ));
    tracking
        .delete_run(&world.ada, &run)
        .await
        .expect("deleted");
    assert!(
        tracking
            .lookup_run(&world.ada, &run)
            .await
            .expect("looked")
            .is_none()
    );
    let refused = tracking.upsert_run(&world.ada, upsert("a")).await;
    assert!(
        matches!(refused, Err(TrackingError::Deleted { .. })),
        "{refused:?}"
    );
    let bin = RunListing {
        deleted: true,
        limit: 10,
        ..RunListing::default()
    };
    let listed = tracking
        .list_runs(&world.ada, &run.entity, &run.project, &bin)
        .await
        .expect("listed");
    assert_eq!(listed.total, 1);

    tracking
        .restore_run(&world.ada, &run)
        .await
        .expect("restored");
    assert_eq!(world.xs(&run).await, [1]);
    tracking
        .delete_run(&world.ada, &run)
        .await
        .expect("deleted");
    tracking.purge_run(&world.ada, &run).await.expect("purged");
    let made = tracking
        .upsert_run(&world.ada, upsert("a"))
        .await
        .expect("the id is free");
    assert!(made.inserted);
    assert!(world.xs(&run).await.is_empty());
}

#[tokio::test]
async fn pages_list_every_run_once() {
    let world = World::new().await;
    for index in 0..25 {
        world.start(&format!("run{index}")).await;
    }
    let run = path("run0");
    let mut listing = RunListing {
        limit: 10,
        ..RunListing::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = world
            .tracking
            .list_runs(&world.ada, &run.entity, &run.project, &listing)
            .await
            .expect("listed");
        assert_eq!(page.total, 25);
        seen.extend(page.items.iter().map(|run| run.number));
        listing.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn changes_are_checked() {
    let world = World::new().await;
    let run = world.start("a").await;
    let changes = RunChanges {
        display_name: Some("best so far 🎉".to_owned()),
        notes: Some("look at the spike".to_owned()),
        tags: Some(vec!["keep".to_owned(), "keep".to_owned()]),
        color: Some("#AA00ff".to_owned()),
        ..RunChanges::default()
    };
    let changed = world
        .tracking
        .update_run(&world.ada, &run, changes)
        .await
        .expect("changed");
    assert_eq!(changed.display_name, "best so far 🎉");
    assert_eq!(changed.tags, ["keep"]);
    assert_eq!(changed.color.as_deref(), Some("#aa00ff"));
    for bad in [
        RunChanges {
            display_name: Some("  ".to_owned()),
            ..RunChanges::default()
        },
        RunChanges {
            color: Some("red".to_owned()),
            ..RunChanges::default()
        },
        RunChanges {
            tags: Some(vec![String::new()]),
            ..RunChanges::default()
        },
        RunChanges {
            notes: Some("\0".to_owned()),
            ..RunChanges::default()
        },
        RunChanges {
            display_name: Some("x".repeat(513)),
            ..RunChanges::default()
        },
    ] {
        let refused = world.tracking.update_run(&world.ada, &run, bad).await;
        assert!(
            matches!(refused, Err(TrackingError::Invalid(_))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn queries_filter_and_order_by_anything() {
    let world = World::new().await;
    for (id, lr, loss) in [
        ("a", "0.1", "0.5"),
        ("b", "0.2", "NaN"),
        ("c", "1", "0.1"),
        ("d", "0.2", "0.3"),
    ] {
        let told = UpsertRun {
            config: config(&format!(r#"{{"lr":{lr},"net":{{"depth":3}}}}"#)),
            summary: config(&format!(r#"{{"loss":{loss},"val/acc":1}}"#)),
            tags: Some(vec![format!("t{id}")]),
            ..upsert(id)
        };
        world
            .tracking
            .upsert_run(&world.ada, told)
            .await
            .expect("made");
    }
    let field = |key: &str| Field::Config(key.split('.').map(str::to_owned).collect());
    let test = |field: Field, test: Test| Predicate::Test { field, test };
    let summary = |key: &str| Field::Summary(vec![key.to_owned()]);
    let ids = |filter: Predicate, order: Vec<OrderKey>| {
        let world = &world;
        async move {
            let run = path("a");
            let query = RunQuery {
                filter,
                order,
                offset: 0,
                limit: 10,
            };
            let found = world
                .tracking
                .query_runs(&world.ada, &run.entity, &run.project, &query)
                .await;
            found
                .expect("found")
                .items
                .iter()
                .map(|run| run.id.to_string())
                .collect::<Vec<_>>()
                .concat()
        }
    };
    let by = |field: Field, descending| vec![OrderKey { field, descending }];
    assert_eq!(
        ids(Predicate::everything(), by(summary("loss"), false)).await,
        "cdab"
    );
    assert_eq!(
        ids(Predicate::everything(), by(summary("loss"), true)).await,
        "adcb"
    );
    assert_eq!(
        ids(test(field("lr"), Test::Less(value("1.0"))), vec![]).await,
        "abd"
    );
    assert_eq!(
        ids(test(field("lr"), Test::Equals(value("1.0"))), vec![]).await,
        "c"
    );
    assert_eq!(
        ids(test(field("net.depth"), Test::AtLeast(value("3"))), vec![]).await,
        "abcd"
    );
    assert_eq!(
        ids(test(field("none"), Test::Exists(false)), vec![]).await,
        "abcd"
    );
    assert_eq!(
        ids(
            test(
                Field::Tags,
                Test::In(vec![value("\"tb\""), value("\"tc\"")])
            ),
            vec![]
        )
        .await,
        "bc"
    );
    let either = Predicate::Any(vec![
        test(Field::Id, Test::Equals(value("\"a\""))),
        Predicate::Not(Box::new(test(field("lr"), Test::Equals(value("0.2"))))),
    ]);
    assert_eq!(ids(either, vec![]).await, "ac");
}

#[tokio::test]
async fn generated_ids_differ() {
    let world = World::new().await;
    let ids: BTreeSet<_> = (0..100).map(|_| world.tracking.generate_run_id()).collect();
    assert_eq!(ids.len(), 100);
}
