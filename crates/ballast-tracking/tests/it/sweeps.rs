//! Sweeps step by step.

use std::collections::BTreeSet;

use ballast_model::{AgentKey, RunId, RunPath, SweepPath, SweepState};
use ballast_tracking::history::Append;
use ballast_tracking::runs::filter::{Field, Predicate, Test};
use ballast_tracking::sweeps::{
    AgentState, Command, NewSweep, ScheduledTrial, SweepChanges, SweepListing, SweepPredicate,
    TrialOutcome,
};
use ballast_tracking::{Result, TrackingError};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::support::{World, lines_at, upsert, value};

const GRID: &str =
    "{method: grid, program: train.py, parameters: {a: {values: [1, 2]}, b: {values: [x, y]}}}";
const RANDOM: &str = "{method: random, parameters: {x: {min: 0.0, max: 1.0}}}";
const BAYES: &str =
    "{method: bayes, metric: {name: loss, goal: minimize}, parameters: {x: {min: 0.0, max: 1.0}}}";

async fn sweep(world: &World, config: &str) -> SweepPath {
    let new = NewSweep {
        config: config.to_owned(),
        ..NewSweep::default()
    };
    let project = "vision".parse().expect("a name");
    let made = world
        .tracking
        .create_sweep(&world.ada, None, &project, new)
        .await;
    made.expect("a sweep").sweep.path()
}

async fn agent(world: &World, sweep: &SweepPath) -> AgentKey {
    let agent = world
        .tracking
        .register_agent(&world.ada, sweep, "box")
        .await;
    agent.expect("an agent").key
}

async fn beat(world: &World, agent: AgentKey, alive: &[&RunId]) -> Vec<Command> {
    let alive: BTreeSet<RunId> = alive.iter().map(|run| (*run).clone()).collect();
    let heartbeat = world
        .tracking
        .agent_heartbeat(&world.ada, agent, &alive)
        .await;
    heartbeat.expect("an answer").commands
}

/// The run and the config that an idle agent is given.
async fn given(world: &World, agent: AgentKey) -> (RunId, Map<String, Value>) {
    let commands = beat(world, agent, &[]).await;
    match commands.as_slice() {
        [Command::Run { run, config, .. }] => (run.clone(), config.clone()),
        other => panic!("no run: {other:?}"),
    }
}

async fn start(world: &World, run: &RunId) {
    let upserted = world
        .tracking
        .upsert_run(&world.ada, upsert(run.as_str()))
        .await
        .expect("upserted");
    assert!(!upserted.inserted);
}

fn path(run: &RunId) -> RunPath {
    RunPath::new("ada", "vision", run.as_str()).expect("valid names")
}

async fn end(world: &World, run: &RunId, summary: &str, exit_code: i32) {
    let append = Append {
        summary: Some(Bytes::copy_from_slice(summary.as_bytes())),
        exit_code: Some(exit_code),
        ..Append::default()
    };
    let appended = world.tracking.append(&world.ada, &path(run), append).await;
    appended.expect("stored");
}

/// Does the next trial from beginning to end.
async fn complete(
    world: &World,
    agent: AgentKey,
    summary: &str,
    exit_code: i32,
) -> Map<String, Value> {
    let (run, config) = given(world, agent).await;
    start(world, &run).await;
    assert_eq!(beat(world, agent, &[&run]).await, []);
    end(world, &run, summary, exit_code).await;
    config
}

async fn set_state(world: &World, sweep: &SweepPath, state: SweepState) -> Result<()> {
    let changes = SweepChanges {
        state: Some(state),
        ..SweepChanges::default()
    };
    world
        .tracking
        .update_sweep(&world.ada, sweep, changes)
        .await
        .map(drop)
}

async fn outcomes(world: &World, sweep: &SweepPath) -> Vec<TrialOutcome> {
    let page = world
        .tracking
        .list_trials(&world.ada, sweep, None, 1_000)
        .await
        .expect("trials");
    page.items.into_iter().map(|trial| trial.outcome).collect()
}

#[tokio::test]
async fn a_grid_is_gone_through_in_order_and_then_the_sweep_is_finished() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let t = &world.tracking;
    let made = t.get_sweep(&world.ada, &sweep).await.expect("there");
    assert_eq!(
        (made.state, made.n_expected),
        (SweepState::Pending, Some(4))
    );
    let agent = agent(&world, &sweep).await;
    for (a, b) in [(1, "x"), (1, "y"), (2, "x"), (2, "y")] {
        let config = complete(&world, agent, "{}", 0).await;
        assert_eq!(Value::Object(config), json!({ "a": a, "b": b }));
    }
    assert_eq!(beat(&world, agent, &[]).await, [Command::Exit]);
    let done = t.get_sweep(&world.ada, &sweep).await.expect("there");
    assert_eq!(done.state, SweepState::Finished);
    assert_eq!(done.counts.finished, 4);
    assert!(done.state_reason.expect("a reason").contains("every point"));
    let agents = t.list_agents(&world.ada, &sweep).await.expect("agents");
    assert_eq!(
        (agents[0].state, agents[0].n_trials),
        (AgentState::Finished, 4)
    );
    let missing = t
        .missing_trials(&world.ada, &sweep, 10)
        .await
        .expect("missing");
    assert_eq!((missing.n_points, missing.trials.len()), (Some(0), 0));
}

#[tokio::test]
async fn a_lost_reply_is_sent_again_and_a_silent_agents_trial_goes_to_another() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let (first, second) = (agent(&world, &sweep).await, agent(&world, &sweep).await);
    let (run, config) = given(&world, first).await;
    assert_eq!(given(&world, first).await, (run.clone(), config.clone()));
    // The other agent is given something else while the first may still come.
    assert_ne!(given(&world, second).await.0, run);
    world.advance(301);
    let third = agent(&world, &sweep).await;
    assert_eq!(given(&world, third).await, (run.clone(), config));
    // The first comes back and says that it works on it: it is somebody else's.
    let stop = Command::Stop { run: run.clone() };
    assert_eq!(beat(&world, first, &[&run]).await, [stop]);
    assert_eq!(beat(&world, third, &[&run]).await, []);
}

#[tokio::test]
async fn a_script_that_never_starts_its_run_fails_the_trial() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let agent = agent(&world, &sweep).await;
    // It said that it works on it, and then no more.
    let (run, _) = given(&world, agent).await;
    assert_eq!(beat(&world, agent, &[&run]).await, []);
    let (second, _) = given(&world, agent).await;
    assert_ne!(second, run);
    // It never said so.
    for _ in 0..2 {
        assert_eq!(given(&world, agent).await.0, second);
    }
    assert_ne!(given(&world, agent).await.0, second);
    let found = outcomes(&world, &sweep).await;
    assert_eq!(
        found,
        [
            TrialOutcome::Failed,
            TrialOutcome::Failed,
            TrialOutcome::Pending
        ]
    );
    let missing = world
        .tracking
        .missing_trials(&world.ada, &sweep, 1)
        .await
        .expect("missing");
    assert_eq!((missing.n_points, missing.points[0].0), (Some(1), 3));
    assert!(
        missing.trials[0]
            .reason
            .as_deref()
            .expect("a reason")
            .contains("script")
    );
}

#[tokio::test]
async fn failures_are_retried_and_too_many_stop_the_sweep() {
    let world = World::new().await;
    let retried = sweep(
        &world,
        "{method: grid, on_failure: {max_retries: 1}, parameters: {a: {values: [1, 2]}}}",
    )
    .await;
    let worker = agent(&world, &retried).await;
    let mut tried = Vec::new();
    for exit_code in [1, 0, 0] {
        tried.push(complete(&world, worker, "{}", exit_code).await["a"].clone());
    }
    assert_eq!(tried, [json!(1), json!(1), json!(2)]);
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);

    let broken = sweep(
        &world,
        "{method: random, on_failure: {stop_after_failures: 2}, parameters: {a: {min: 0.0, max: 1.0}}}",
    )
    .await;
    let worker = agent(&world, &broken).await;
    for exit_code in [1, 0, 1, 1] {
        complete(&world, worker, "{}", exit_code).await;
    }
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
    let t = &world.tracking;
    let stopped = t.get_sweep(&world.ada, &broken).await.expect("there");
    assert_eq!(stopped.state, SweepState::Finished);
    assert!(
        stopped
            .state_reason
            .expect("a reason")
            .contains("2 runs in a row")
    );
    // Resuming forgets them.
    set_state(&world, &broken, SweepState::Running)
        .await
        .expect("resumed");
    complete(&world, worker, "{}", 1).await;
    given(&world, worker).await;
}

#[tokio::test]
async fn a_lost_run_is_noted_and_a_preempted_one_goes_on() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let worker = agent(&world, &sweep).await;
    let (lost, _) = given(&world, worker).await;
    start(&world, &lost).await;
    world.advance(400);
    world.tracking.sweep_silent_runs().await.expect("swept");
    let (preempted, _) = given(&world, worker).await;
    start(&world, &preempted).await;
    assert_eq!(beat(&world, worker, &[&preempted]).await, []);
    for (preempting, exit_code) in [(true, None), (false, Some(1))] {
        let append = Append {
            preempting,
            exit_code,
            ..Append::default()
        };
        let told = world
            .tracking
            .append(&world.ada, &path(&preempted), append)
            .await;
        told.expect("stored");
    }
    let other = agent(&world, &sweep).await;
    let commands = beat(&world, other, &[]).await;
    let [
        Command::Run {
            run, resume: true, ..
        },
    ] = commands.as_slice()
    else {
        panic!("{commands:?}")
    };
    assert_eq!(*run, preempted);
    // Not given to a second one while the first may start it.
    assert_ne!(given(&world, worker).await.0, preempted);
    assert_eq!(outcomes(&world, &sweep).await[0], TrialOutcome::Lost);
}

#[tokio::test]
async fn states_go_their_ways() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let worker = agent(&world, &sweep).await;
    let (run, _) = given(&world, worker).await;
    start(&world, &run).await;
    set_state(&world, &sweep, SweepState::Paused)
        .await
        .expect("paused");
    assert_eq!(beat(&world, worker, &[]).await, []);
    set_state(&world, &sweep, SweepState::Running)
        .await
        .expect("resumed");
    set_state(&world, &sweep, SweepState::Finished)
        .await
        .expect("stopped");
    // What runs goes on; there is no more.
    assert_eq!(beat(&world, worker, &[&run]).await, []);
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
    let refused = world
        .tracking
        .register_agent(&world.ada, &sweep, "box")
        .await;
    let Err(TrackingError::Conflict(reason)) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        reason.contains("is finished") && reason.contains("resume"),
        "{reason}"
    );
    assert!(matches!(
        set_state(&world, &sweep, SweepState::Paused).await,
        Err(TrackingError::Conflict(_))
    ));
    set_state(&world, &sweep, SweepState::Canceled)
        .await
        .expect("canceled");
    let stop = Command::Stop { run: run.clone() };
    for _ in 0..2 {
        assert_eq!(beat(&world, worker, &[&run]).await, [stop.clone()]);
    }
    let told = world
        .tracking
        .append(&world.ada, &path(&run), Append::default())
        .await
        .expect("stored");
    assert!(told.stop_requested);
}

#[tokio::test]
async fn a_cap_and_a_target_end_a_sweep() {
    let world = World::new().await;
    let capped = sweep(
        &world,
        "{method: random, run_cap: 2, parameters: {x: {min: 0.0, max: 1.0}}}",
    )
    .await;
    let worker = agent(&world, &capped).await;
    let drawn = [
        complete(&world, worker, "{}", 0).await,
        complete(&world, worker, "{}", 0).await,
    ];
    assert_ne!(drawn[0], drawn[1]);
    // Also when no agent asks any more.
    world.tracking.settle_sweeps().await.expect("settled");
    let done = world
        .tracking
        .get_sweep(&world.ada, &capped)
        .await
        .expect("there");
    assert_eq!(
        (done.state, done.n_expected),
        (SweepState::Finished, Some(2))
    );

    let aimed = sweep(
        &world,
        "{method: random, metric: {name: acc, goal: maximize, target: 0.9}, parameters: {x: {min: 0.0, max: 1.0}}}",
    )
    .await;
    let worker = agent(&world, &aimed).await;
    complete(&world, worker, r#"{"acc": 0.5}"#, 0).await;
    complete(&world, worker, r#"{"acc": 0.95}"#, 0).await;
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
    let done = world
        .tracking
        .get_sweep(&world.ada, &aimed)
        .await
        .expect("there");
    assert!(done.state_reason.expect("a reason").contains("target"));
    assert_eq!(done.best.expect("a best trial").value, 0.95);
}

#[tokio::test(flavor = "multi_thread")]
async fn bayesian_agents_that_ask_at_once_are_told_different_things() {
    let world = World::new().await;
    let sweep = sweep(&world, BAYES).await;
    let mut agents = Vec::new();
    for _ in 0..8 {
        agents.push(agent(&world, &sweep).await);
    }
    let other = world.another_server().await;
    for _ in 0..3 {
        let nothing = BTreeSet::new();
        let told = futures::future::join_all(agents.iter().enumerate().map(|(index, agent)| {
            let server = if index % 2 == 0 {
                &world.tracking
            } else {
                &other
            };
            server.agent_heartbeat(&world.ada, *agent, &nothing)
        }))
        .await;
        let mut xs = BTreeSet::new();
        for heartbeat in told {
            let commands = heartbeat.expect("an answer").commands;
            let [Command::Run { run, config, .. }] = commands.as_slice() else {
                panic!("{commands:?}")
            };
            let x = config["x"].as_f64().expect("a number");
            assert!(xs.insert(x.to_bits()), "{x} was proposed twice");
            start(&world, run).await;
            end(
                &world,
                run,
                &format!(r#"{{"loss": {}}}"#, (x - 0.3).powi(2)),
                0,
            )
            .await;
        }
    }
    let found = world
        .tracking
        .get_sweep(&world.ada, &sweep)
        .await
        .expect("there");
    assert_eq!(found.counts.total, 24);
    assert!(found.best.expect("a best trial").value < 0.01);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_fall_behind_are_stopped_early_and_it_is_said_why() {
    let world = World::new().await;
    let sweep = sweep(
        &world,
        "{method: random, metric: {name: loss, goal: minimize}, early_terminate: {type: hyperband, min_iter: 2, eta: 2}, parameters: {x: {min: 0.0, max: 1.0}}}",
    )
    .await;
    let mut runs = Vec::new();
    for loss in [1.0, 2.0, 3.0, 9.0] {
        let worker = agent(&world, &sweep).await;
        let (run, _) = given(&world, worker).await;
        start(&world, &run).await;
        let rows = [
            format!(r#"{{"loss":{loss}}}"#),
            r#"{"other":1}"#.to_owned(),
            format!(r#"{{"loss":{loss}}}"#),
        ];
        let append = Append {
            history: Some(lines_at(0, &rows.each_ref().map(String::as_str))),
            ..Append::default()
        };
        world
            .tracking
            .append(&world.ada, &path(&run), append)
            .await
            .expect("stored");
        runs.push((worker, run));
    }
    let (worker, worst) = runs.last().expect("a run");
    let stop = Command::Stop { run: worst.clone() };
    for _ in 0..2 {
        assert_eq!(beat(&world, *worker, &[worst]).await, [stop.clone()]);
    }
    let told = world
        .tracking
        .append(&world.ada, &path(worst), Append::default())
        .await
        .expect("stored");
    assert!(told.stop_requested);
    let (good_worker, good) = &runs[0];
    assert_eq!(beat(&world, *good_worker, &[good]).await, []);
    end(&world, worst, r#"{"loss": 9}"#, 255).await;
    given(&world, *worker).await;
    let trials = world
        .tracking
        .list_trials(&world.ada, &sweep, None, 10)
        .await
        .expect("trials")
        .items;
    assert_eq!(trials[3].outcome, TrialOutcome::Stopped);
    let reason = trials[3].reason.as_deref().expect("a reason");
    assert!(
        reason.contains("hyperband") && reason.contains("loss"),
        "{reason}"
    );
    assert_eq!(trials[3].values, [Some(9.0)]);
}

#[tokio::test]
async fn prior_runs_and_edited_configs_keep_their_points() {
    let world = World::new().await;
    let done = RunId::new("old").expect("an id");
    let mut old = upsert("old");
    let config = [("a", "1"), ("b", "\"y\""), ("seed", "7")];
    old.config = Some(
        config
            .map(|(key, text)| (key.to_owned(), value(text)))
            .into_iter()
            .collect(),
    );
    world
        .tracking
        .upsert_run(&world.ada, old)
        .await
        .expect("a run");
    end(&world, &done, "{}", 0).await;
    let new = NewSweep {
        config: GRID.to_owned(),
        prior_runs: Some(Predicate::Test {
            field: Field::Id,
            test: Test::Equals("old".into()),
        }),
        ..NewSweep::default()
    };
    let project = "vision".parse().expect("a name");
    let made = world
        .tracking
        .create_sweep(&world.ada, None, &project, new)
        .await;
    let sweep = made.expect("a sweep").sweep.path();
    let worker = agent(&world, &sweep).await;
    let first = complete(&world, worker, "{}", 0).await;
    assert_eq!(Value::Object(first), json!({ "a": 1, "b": "x" }));
    let changes = SweepChanges {
        config: Some(GRID.replace("[x, y]", "[y, x, z]")),
        ..SweepChanges::default()
    };
    world
        .tracking
        .update_sweep(&world.ada, &sweep, changes)
        .await
        .expect("edited");
    let mut rest = Vec::new();
    for _ in 0..4 {
        let config = complete(&world, worker, "{}", 0).await;
        rest.push(format!(
            "{}{}",
            config["a"],
            config["b"].as_str().expect("text")
        ));
    }
    assert_eq!(rest, ["1z", "2y", "2x", "2z"]);
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
    let counts = world
        .tracking
        .get_sweep(&world.ada, &sweep)
        .await
        .expect("there")
        .counts;
    assert_eq!((counts.total, counts.prior), (6, 1));
}

#[tokio::test]
async fn a_deleted_run_is_done_again_when_the_sweep_is_resumed() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let worker = agent(&world, &sweep).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        let (run, config) = given(&world, worker).await;
        start(&world, &run).await;
        end(&world, &run, "{}", 0).await;
        runs.push((run, config));
    }
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
    let (run, config) = &runs[2];
    world
        .tracking
        .delete_run(&world.ada, &path(run))
        .await
        .expect("deleted");
    set_state(&world, &sweep, SweepState::Running)
        .await
        .expect("resumed");
    assert_eq!(complete(&world, worker, "{}", 0).await, *config);
    assert_eq!(beat(&world, worker, &[]).await, [Command::Exit]);
}

#[tokio::test]
async fn chosen_and_scheduled_trials_come_next_and_once() {
    let world = World::new().await;
    let controlled = sweep(
        &world,
        "{method: random, controller: {type: local}, parameters: {x: {min: 0.0, max: 1.0}}}",
    )
    .await;
    let worker = agent(&world, &controlled).await;
    assert_eq!(beat(&world, worker, &[]).await, []);
    let wanted = |id: &str, x: f64| ScheduledTrial {
        id: id.to_owned(),
        config: json!({ "x": x }).as_object().expect("an object").clone(),
    };
    for _ in 0..2 {
        let changes = SweepChanges {
            schedule: vec![wanted("1", 0.25), wanted("2", 0.5)],
            ..SweepChanges::default()
        };
        let changed = world
            .tracking
            .update_sweep(&world.ada, &controlled, changes)
            .await;
        changed.expect("scheduled");
    }
    assert_eq!(complete(&world, worker, "{}", 0).await["x"], json!(0.25));
    assert_eq!(complete(&world, worker, "{}", 0).await["x"], json!(0.5));
    assert_eq!(beat(&world, worker, &[]).await, []);

    let searched = sweep(&world, RANDOM).await;
    let worker = agent(&world, &searched).await;
    let mine = json!({ "x": 0.75 }).as_object().expect("an object").clone();
    let run = world
        .tracking
        .enqueue_trial(&world.ada, &searched, mine.clone(), Some("mine".to_owned()))
        .await
        .expect("enqueued");
    assert_eq!(given(&world, worker).await, (run.clone(), mine));
    let found = world
        .tracking
        .get_run(&world.ada, &path(&run))
        .await
        .expect("a run");
    assert_eq!(found.display_name, "mine");
}

#[tokio::test]
async fn a_deleted_sweep_sends_its_agents_away_and_leaves_its_runs() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let worker = agent(&world, &sweep).await;
    let (run, _) = given(&world, worker).await;
    world
        .tracking
        .delete_sweep(&world.ada, &sweep, false)
        .await
        .expect("deleted");
    let told = world
        .tracking
        .agent_heartbeat(&world.ada, worker, &BTreeSet::new())
        .await;
    assert!(
        matches!(told, Err(TrackingError::NotFound { .. })),
        "{told:?}"
    );
    let left = world
        .tracking
        .get_run(&world.ada, &path(&run))
        .await
        .expect("there");
    assert_eq!(left.sweep, None);
}

#[tokio::test]
async fn bad_configs_make_nothing() {
    let world = World::new().await;
    let project = "empty".parse().expect("a name");
    for (config, told) in [
        (
            "{method: grid, parameters: {lr: {min: 0.1, max: 1.0}}}",
            "parameters.lr",
        ),
        (
            "{method: random, parameters: {lr: {min: 2.0, max: 1.0}}}",
            "parameters.lr",
        ),
        ("method: [", "sweep config"),
    ] {
        let new = NewSweep {
            config: config.to_owned(),
            ..NewSweep::default()
        };
        let refused = world
            .tracking
            .create_sweep(&world.ada, None, &project, new)
            .await;
        let Err(TrackingError::Invalid(reason)) = refused else {
            panic!("{config}: {refused:?}")
        };
        assert!(reason.contains(told), "{reason}");
    }
    let entity = world.ada.entity();
    let found = world
        .tracking
        .lookup_project(&world.ada, entity, &project)
        .await;
    assert!(found.expect("looked").is_none());
}

#[tokio::test]
async fn another_users_sweep_does_not_exist() {
    let world = World::new().await;
    let sweep = sweep(&world, GRID).await;
    let worker = agent(&world, &sweep).await;
    let (t, bob) = (&world.tracking, &world.bob);
    let key = t.get_sweep(&world.ada, &sweep).await.expect("ada's").key;
    assert!(t.lookup_sweep(bob, &sweep).await.expect("looked").is_none());
    assert!(t.sweep_path(bob, key).await.expect("looked").is_none());
    let listing = SweepListing {
        filter: SweepPredicate::everything(),
        offset: 0,
        limit: 10,
    };
    let new = NewSweep {
        config: GRID.to_owned(),
        ..NewSweep::default()
    };
    let results: Vec<Result<()>> = vec![
        t.get_sweep(bob, &sweep).await.map(drop),
        t.list_sweeps(bob, &sweep.entity, &sweep.project, &listing)
            .await
            .map(drop),
        t.count_sweeps(bob, &sweep.entity, &sweep.project)
            .await
            .map(drop),
        t.list_agents(bob, &sweep).await.map(drop),
        t.runs_of_agent(bob, &sweep, "x").await.map(drop),
        t.list_trials(bob, &sweep, None, 10).await.map(drop),
        t.missing_trials(bob, &sweep, 10).await.map(drop),
        t.create_sweep(bob, Some(&sweep.entity), &sweep.project, new)
            .await
            .map(drop),
        t.update_sweep(bob, &sweep, SweepChanges::default())
            .await
            .map(drop),
        t.delete_sweep(bob, &sweep, true).await,
        t.enqueue_trial(bob, &sweep, Map::new(), None)
            .await
            .map(drop),
        t.register_agent(bob, &sweep, "box").await.map(drop),
        t.agent_heartbeat(bob, worker, &BTreeSet::new())
            .await
            .map(drop),
    ];
    for (index, result) in results.into_iter().enumerate() {
        assert!(
            matches!(result, Err(TrackingError::NotFound { .. })),
            "{index}: {result:?}"
        );
    }
}
