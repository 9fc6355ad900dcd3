//! A line is stored once, whatever arrives how often.

use ballast_model::RunState;
use ballast_tracking::console::{ConsoleLine, ConsoleLines, ConsoleRequest, ConsoleSearch};
use ballast_tracking::history::Append;

use crate::support::{World, lines_at, steps, strs, value};

#[tokio::test]
async fn a_repeated_batch_changes_nothing() {
    let world = World::new().await;
    let run = world.start("a").await;
    let batch = steps(0..10, 0);
    world.log(&run, 0, &strs(&batch)).await;
    world.log(&run, 10, &strs(&steps(10..15, 0))).await;
    world.log(&run, 0, &strs(&batch)).await;
    assert_eq!(world.xs(&run).await, (0..15).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_overlap_with_equal_rows_adds_only_the_new_ones() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..10, 0))).await;
    world.log(&run, 5, &strs(&steps(5..20, 0))).await;
    world.log(&run, 3, &strs(&steps(3..8, 0))).await;
    assert_eq!(world.xs(&run).await, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn different_rows_at_an_old_line_start_over() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..10, 0))).await;
    world.log(&run, 0, &strs(&steps(0..3, 100))).await;
    assert_eq!(world.xs(&run).await, [100, 101, 102]);
    world.log(&run, 3, &strs(&steps(3..5, 100))).await;
    assert_eq!(world.xs(&run).await, [100, 101, 102, 103, 104]);
}

#[tokio::test]
async fn starting_over_in_the_middle_keeps_what_was_before() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..10, 0))).await;
    let mut lines = steps(2..5, 0);
    lines.extend(steps(5..7, 1000));
    world.log(&run, 2, &strs(&lines)).await;
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3, 4, 1005, 1006]);
}

#[tokio::test]
async fn a_gap_is_kept_and_can_be_filled() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.log(&run, 0, &strs(&steps(0..2, 0))).await;
    world.log(&run, 5, &strs(&steps(5..7, 0))).await;
    assert_eq!(world.xs(&run).await, [0, 1, 5, 6]);
    world.log(&run, 1, &strs(&steps(1..6, 0))).await;
    assert_eq!(world.xs(&run).await, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_bad_line_keeps_its_place_and_is_reported() {
    let world = World::new().await;
    let run = world.start("a").await;
    let append = Append {
        history: Some(lines_at(
            0,
            &[r#"{"_step":0,"x":0}"#, "{oops", r#"{"_step":2,"x":2}"#],
        )),
        ..Append::default()
    };
    let appended = world
        .tracking
        .append(&world.ada, &run, append.clone())
        .await
        .expect("stored");
    assert_eq!(appended.n_rejected, 1);
    world.log(&run, 3, &[r#"{"_step":3,"x":3}"#]).await;
    assert_eq!(world.xs(&run).await, [0, 2, 3]);
    let problems = world
        .tracking
        .list_problems(&world.ada, &run)
        .await
        .expect("listed");
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].line, problems[0].excerpt.as_str()),
        (1, "{oops")
    );

    world
        .tracking
        .append(&world.ada, &run, append)
        .await
        .expect("a retry");
    let run = world
        .tracking
        .get_run(&world.ada, &run)
        .await
        .expect("there");
    assert_eq!((run.n_problems, run.n_history_rows), (1, 4));
}

#[tokio::test]
async fn values_come_back_as_sent() {
    let world = World::new().await;
    let run = world.start("a").await;
    let line = r#"{"_step":0,"nan":NaN,"inf":-Infinity,"big":9223372036854775807,"huge":123456789012345678901234567890,"zero":-0.0,"s":"é\n","null":null,"list":[1,2.5,"x"],"d":{"e":{},"x":1,"y.z":2},"h":{"_type":"histogram","values":[1,2],"bins":[0,1,2]}}"#;
    world.log(&run, 0, &[line]).await;
    let rows = world.rows(&run).await;
    let expected = value(line);
    for (key, value) in expected.as_map().expect("an object") {
        assert_eq!(
            rows[0].values[key.as_str()].to_text(),
            value.to_text(),
            "{key}"
        );
    }
    assert_eq!(
        rows[0].values.len(),
        expected.as_map().expect("an object").len()
    );
}

#[tokio::test]
async fn writers_of_a_shared_run_get_consecutive_steps() {
    let world = World::new().await;
    let run = world.start("a").await;
    let report = |writer: &str, offset, lines: &[&str]| Append {
        writer: Some(writer.to_owned()),
        history: Some(lines_at(offset, lines)),
        ..Append::default()
    };
    let (one, two) = (
        report("one", 0, &[r#"{"x":1}"#, r#"{"x":2}"#]),
        report("two", 0, &[r#"{"x":3}"#]),
    );
    for append in [
        one.clone(),
        two.clone(),
        one,
        two,
        report("one", 1, &[r#"{"x":2}"#, r#"{"x":4}"#]),
    ] {
        world
            .tracking
            .append(&world.ada, &run, append)
            .await
            .expect("stored");
    }
    assert_eq!(world.xs(&run).await, [1, 2, 3, 4]);
    let steps: Vec<_> = world
        .rows(&run)
        .await
        .iter()
        .map(|row| row.values["_step"].as_i64())
        .collect();
    assert_eq!(steps, [Some(0), Some(1), Some(2), Some(3)]);
}

#[tokio::test]
async fn the_end_names_the_state() {
    let world = World::new().await;
    for (id, preempting, code, state) in [
        ("ok", false, 0, RunState::Finished),
        ("bad", false, 1, RunState::Failed),
        ("ctrl-c", false, 255, RunState::Killed),
        ("moved", true, 1, RunState::Preempted),
    ] {
        let run = world.start(id).await;
        let append = Append {
            preempting,
            exit_code: Some(code),
            ..Append::default()
        };
        world
            .tracking
            .append(&world.ada, &run, append)
            .await
            .expect("stored");
        let run = world
            .tracking
            .get_run(&world.ada, &run)
            .await
            .expect("there");
        assert_eq!((run.state, run.exit_code), (state, Some(code)), "{id}");
        assert!(run.ended_at.is_some());
    }
}

#[tokio::test]
async fn silence_crashes_and_a_report_revives() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.advance(299);
    assert_eq!(world.tracking.sweep_silent_runs().await.expect("swept"), 0);
    world.advance(2);
    assert_eq!(world.tracking.sweep_silent_runs().await.expect("swept"), 1);
    let state = world
        .tracking
        .get_run(&world.ada, &run)
        .await
        .expect("there")
        .state;
    assert_eq!(state, RunState::Crashed);
    world
        .tracking
        .append(&world.ada, &run, Append::default())
        .await
        .expect("a heartbeat");
    let revived = world
        .tracking
        .get_run(&world.ada, &run)
        .await
        .expect("there");
    assert_eq!((revived.state, revived.ended_at), (RunState::Running, None));
}

#[tokio::test]
async fn a_stop_request_is_told_until_the_end() {
    let world = World::new().await;
    let run = world.start("a").await;
    world
        .tracking
        .request_stop(&world.ada, &run)
        .await
        .expect("asked");
    for _ in 0..2 {
        let told = world
            .tracking
            .append(&world.ada, &run, Append::default())
            .await
            .expect("stored");
        assert!(told.stop_requested);
    }
    let end = Append {
        exit_code: Some(255),
        ..Append::default()
    };
    world
        .tracking
        .append(&world.ada, &run, end)
        .await
        .expect("stored");
    assert!(world.tracking.request_stop(&world.ada, &run).await.is_err());
}

#[tokio::test]
async fn a_progress_bar_ends_as_the_terminal_shows_it() {
    let world = World::new().await;
    let run = world.start("a").await;
    for (offset, texts) in [
        (0, vec!["start", " 10%"]),
        (1, vec![" 50%"]),
        (1, vec!["100%", "done"]),
    ] {
        let lines = texts
            .into_iter()
            .map(|text| ConsoleLine {
                text: text.to_owned(),
                ..ConsoleLine::default()
            })
            .collect();
        let append = Append {
            console: Some(ConsoleLines { offset, lines }),
            ..Append::default()
        };
        world
            .tracking
            .append(&world.ada, &run, append)
            .await
            .expect("stored");
    }
    let request = ConsoleRequest {
        limit: 100,
        ..ConsoleRequest::default()
    };
    let page = world
        .tracking
        .console_lines(&world.ada, &run, &request)
        .await
        .expect("read");
    let texts: Vec<_> = page
        .items
        .iter()
        .map(|line| line.line.text.as_str())
        .collect();
    assert_eq!(texts, ["start", "100%", "done"]);

    let search = ConsoleRequest {
        limit: 100,
        search: Some(ConsoleSearch::Text("DONE".to_owned())),
        ..ConsoleRequest::default()
    };
    let page = world
        .tracking
        .console_lines(&world.ada, &run, &search)
        .await
        .expect("read");
    assert_eq!((page.n_matches, page.items[0].number), (Some(1), 2));
}
