//! Sweeps, agents and ledgers.

use ballast_meta::{
    Meta, MetaError, NewAgent, NewSweep, NewTrial, RunPatch, SweepPatch, SweepRecord, TrialEnd,
    TrialPatch, UserRecord,
};
use ballast_model::{AgentKey, RunKey, RunState, SweepKey, SweepState};

use crate::backend::{Database, at, new_run, on_each_backend, project, run, write};

on_each_backend!(
    sweeps_are_kept_and_changed,
    ledgers_refuse_repetition,
    trials_know_their_runs,
    agents_come_and_report,
    runs_outside_the_ledger_are_found,
    deleting_a_sweep_leaves_its_runs
);

async fn ada(meta: &Meta) -> UserRecord {
    let name = "ada".parse().expect("a name");
    let found = meta.read().lookup_user(&name).await.expect("a read");
    found.expect("ada")
}

async fn sweep(meta: &Meta, id: &str) -> SweepRecord {
    let project = match meta.read().count_users().await.expect("a read") {
        0 => project(meta).await.key,
        _ => {
            let entity = ada(meta).await.entity;
            let name = "vision".parse().expect("a name");
            let found = meta.read().lookup_project(entity, &name).await;
            found.expect("a read").expect("the project").key
        }
    };
    let new = NewSweep {
        project,
        sweep_id: id.parse().expect("an id"),
        user: ada(meta).await.key,
        display_name: None,
        description: Some("a\0b".to_owned()),
        config: "method: grid".to_owned(),
        controller: None,
        seed: -7,
        created_at: at(1),
    };
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_sweep(new).await })
    })
    .await
}

async fn agent(meta: &Meta, sweep: SweepKey, name: &str) -> AgentKey {
    let new = NewAgent {
        sweep,
        user: ada(meta).await.key,
        name: name.to_owned(),
        host: "box".to_owned(),
        created_at: at(2),
    };
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_agent(new).await })
    })
    .await
}

fn trial(sweep: SweepKey, number: u64, run: RunKey) -> NewTrial {
    NewTrial {
        sweep,
        number,
        run,
        config: "{}".to_owned(),
        grid_index: None,
        attempt: 1,
        prior: false,
        agent: None,
        outcome: None,
        schedule_id: None,
        issued_at: at(3),
    }
}

async fn try_insert(meta: &Meta, trial: NewTrial) -> Result<(), MetaError> {
    meta.write(move |tx| Box::pin(async move { tx.insert_trial(trial).await }))
        .await
}

async fn sweeps_are_kept_and_changed(database: Database) {
    let meta = &database.meta;
    let first = sweep(meta, "s1").await;
    assert_eq!(
        (first.state, first.seed, first.next_number),
        (SweepState::Pending, -7, 1)
    );
    assert_eq!(first.description.as_deref(), Some("a\u{fffd}b"));
    let second = sweep(meta, "s2").await;
    let db = meta.read();
    let listed = db.list_sweeps(first.project).await.expect("a read");
    assert_eq!(listed, [second.clone(), first.clone()]);
    assert_eq!(db.count_sweeps(first.project).await.expect("a read"), 2);
    let again = NewSweep {
        project: first.project,
        sweep_id: first.sweep_id.clone(),
        user: ada(meta).await.key,
        display_name: None,
        description: None,
        config: String::new(),
        controller: None,
        seed: 0,
        created_at: at(1),
    };
    let refused: Result<_, MetaError> = meta
        .write(move |tx| Box::pin(async move { tx.insert_sweep(again).await }))
        .await;
    assert!(refused.expect_err("there is one").is_conflict());

    let patch = SweepPatch {
        state: Some((SweepState::Finished, Some("enough".to_owned()))),
        description: Some(None),
        config: Some(("method: random".to_owned(), 1)),
        grid_cursor: Some(9),
        n_issued: Some(3),
        ..SweepPatch::default()
    };
    let key = first.key;
    let locked = write(meta, move |tx| {
        Box::pin(async move {
            tx.lock_sweep(key).await?;
            assert!(tx.update_sweep(key, patch, at(9)).await?);
            tx.lock_sweep(key).await
        })
    })
    .await;
    let expected = SweepRecord {
        state: SweepState::Finished,
        state_reason: Some("enough".to_owned()),
        description: None,
        config: "method: random".to_owned(),
        config_version: 1,
        grid_cursor: 9,
        n_issued: 3,
        updated_at: at(9),
        ..first
    };
    assert_eq!(locked, Some(expected));
}

async fn ledgers_refuse_repetition(database: Database) {
    let meta = &database.meta;
    let sweep = sweep(meta, "s1").await;
    let mut runs = Vec::new();
    for id in ["r1", "r2", "r3"] {
        runs.push(run(meta, sweep.project, id).await.head.key);
    }
    let first = NewTrial {
        grid_index: Some(5),
        schedule_id: Some("a".to_owned()),
        ..trial(sweep.key, 1, runs[0])
    };
    try_insert(meta, first.clone()).await.expect("stored");
    let repeated = [
        trial(sweep.key, 1, runs[1]),
        trial(sweep.key, 2, runs[0]),
        NewTrial {
            grid_index: Some(5),
            ..trial(sweep.key, 2, runs[1])
        },
        NewTrial {
            schedule_id: Some("a".to_owned()),
            ..trial(sweep.key, 2, runs[1])
        },
    ];
    for trial in repeated {
        let error = try_insert(meta, trial.clone()).await.expect_err("repeated");
        assert!(error.is_conflict(), "{trial:?}: {error:?}");
    }
    let retry = NewTrial {
        grid_index: Some(5),
        attempt: 2,
        ..trial(sweep.key, 2, runs[1])
    };
    try_insert(meta, retry).await.expect("another attempt");
    let next = NewTrial {
        grid_index: Some(6),
        ..trial(sweep.key, 3, runs[2])
    };
    try_insert(meta, next).await.expect("another point");
    let db = meta.read();
    let points = db.grid_points_from(sweep.key, 0, 10).await;
    assert_eq!(points.expect("a read"), [5, 6]);
    let points = db.grid_points_from(sweep.key, 6, 10).await;
    assert_eq!(points.expect("a read"), [6]);
    assert_eq!(db.count_grid_points(sweep.key).await.expect("a read"), 2);
    assert!(db.has_schedule(sweep.key, "a").await.expect("a read"));
    assert!(!db.has_schedule(sweep.key, "b").await.expect("a read"));
}

async fn trials_know_their_runs(database: Database) {
    let meta = &database.meta;
    let sweep = sweep(meta, "s1").await;
    let agent = agent(meta, sweep.key, "a1").await;
    let (first, second) = (
        run(meta, sweep.project, "r1").await.head.key,
        run(meta, sweep.project, "r2").await.head.key,
    );
    let given = NewTrial {
        agent: Some(agent),
        grid_index: Some(0),
        ..trial(sweep.key, 1, first)
    };
    try_insert(meta, given).await.expect("stored");
    try_insert(meta, trial(sweep.key, 2, second))
        .await
        .expect("stored");
    let db = meta.read();
    let open = db.open_trials(sweep.key).await.expect("a read");
    let numbers: Vec<_> = open
        .iter()
        .map(|trial| (trial.number, trial.n_sent))
        .collect();
    assert_eq!(numbers, [(1, 1), (2, 0)]);
    let key = sweep.key;
    write(meta, move |tx| {
        Box::pin(async move {
            let end = TrialPatch {
                outcome: Some(Some((TrialEnd::Stopped, at(8)))),
                reason: Some(Some("too slow".to_owned())),
                seen: Some(true),
                ..TrialPatch::default()
            };
            assert!(tx.update_trial(key, 1, end).await?);
            assert!(!tx.update_trial(key, 3, TrialPatch::default()).await?);
            tx.request_stops(&[second], at(8)).await?;
            let state = RunPatch {
                state: Some(RunState::Failed),
                ..RunPatch::default()
            };
            tx.update_run(first, state, at(8)).await
        })
    })
    .await;
    let trials = db.list_trials(sweep.key, 0, 10).await.expect("a read");
    let ended = &trials[0];
    assert_eq!(
        (ended.outcome, ended.ended_at),
        (Some(TrialEnd::Stopped), Some(at(8)))
    );
    assert_eq!(ended.run.as_ref().expect("a run").state, RunState::Failed);
    assert!(trials[1].run.as_ref().expect("a run").stop_requested);
    assert_eq!(db.open_trials(sweep.key).await.expect("a read").len(), 1);
    let of_agent = db.trials_of_agent(sweep.key, agent).await.expect("a read");
    assert_eq!(of_agent.len(), 1);
    let ids = ["r2".parse().expect("an id"), "r9".parse().expect("an id")];
    let by_run = db.trials_by_runs(sweep.key, &ids).await.expect("a read");
    assert_eq!(by_run[0].number, 2);
    let mut counts: Vec<_> = db
        .count_trials(&[sweep.key])
        .await
        .expect("a read")
        .into_iter()
        .map(|count| (count.outcome.is_some(), count.state, count.n))
        .collect();
    counts.sort_unstable();
    let expected = [
        (false, Some(RunState::Running), 1),
        (true, Some(RunState::Failed), 1),
    ];
    assert_eq!(counts, expected);
    let open = db.sweeps_with_open_trials(&[SweepState::Pending]).await;
    assert_eq!(open.expect("a read"), [sweep.key]);

    // A deleted run gives its point back, a purged one leaves its trial.
    let freed = write(meta, move |tx| {
        Box::pin(async move {
            tx.delete_run_rows(first).await?;
            tx.free_deleted_trials(key, at(9)).await
        })
    })
    .await;
    assert_eq!(freed, 1);
    let trials = db.list_trials(sweep.key, 0, 10).await.expect("a read");
    assert_eq!((&trials[0].run, trials[0].grid_index), (&None, None));
    assert_eq!(trials[0].outcome, Some(TrialEnd::Deleted));
}

async fn agents_come_and_report(database: Database) {
    let meta = &database.meta;
    let sweep = sweep(meta, "s1").await;
    let db = meta.read();
    assert_eq!(
        db.last_agent_heartbeat(sweep.key).await.expect("a read"),
        None
    );
    let (first, second) = (
        agent(meta, sweep.key, "a1").await,
        agent(meta, sweep.key, "a2").await,
    );
    write(meta, move |tx| {
        Box::pin(async move { tx.touch_agent(second, true, at(7)).await })
    })
    .await;
    assert_eq!(
        db.last_agent_heartbeat(sweep.key).await.expect("a read"),
        Some(at(7))
    );
    let listed = db.list_agents(sweep.key).await.expect("a read");
    let listed: Vec<_> = listed
        .iter()
        .map(|agent| (agent.name.as_str(), agent.exited))
        .collect();
    assert_eq!(listed, [("a1", false), ("a2", true)]);
    let found = db.agents_by_keys(&[first]).await.expect("a read");
    assert_eq!(found[0].heartbeat_at, at(2));
}

async fn runs_outside_the_ledger_are_found(database: Database) {
    let meta = &database.meta;
    let sweep = sweep(meta, "s1").await;
    let mut keys = Vec::new();
    for id in ["r1", "r2"] {
        let mut new = new_run(sweep.project, id);
        new.sweep = Some("s1".to_owned());
        let made = write(meta, move |tx| {
            Box::pin(async move { tx.insert_run(new).await })
        })
        .await;
        keys.push(made.head.key);
    }
    run(meta, sweep.project, "r3").await;
    try_insert(meta, trial(sweep.key, 1, keys[0]))
        .await
        .expect("stored");
    let db = meta.read();
    let strays = db
        .runs_outside_ledger(sweep.project, &sweep.sweep_id, 10)
        .await;
    assert_eq!(strays.expect("a read"), [keys[1]]);
    let known = db.runs_in_ledger(sweep.key, &keys).await.expect("a read");
    assert_eq!(known, [keys[0]]);
}

async fn deleting_a_sweep_leaves_its_runs(database: Database) {
    let meta = &database.meta;
    let sweep = sweep(meta, "s1").await;
    let mut new = new_run(sweep.project, "r1");
    new.sweep = Some("s1".to_owned());
    let made = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await;
    try_insert(meta, trial(sweep.key, 1, made.head.key))
        .await
        .expect("stored");
    let (key, project, id) = (sweep.key, sweep.project, sweep.sweep_id.clone());
    let deleted = write(meta, move |tx| {
        Box::pin(async move {
            tx.release_runs_of_sweep(project, &id, true, at(5)).await?;
            tx.delete_sweep(key).await
        })
    })
    .await;
    assert!(deleted);
    let db = meta.read();
    assert_eq!(db.sweep(sweep.key).await.expect("a read"), None);
    assert_eq!(db.list_trials(sweep.key, 0, 10).await.expect("a read"), []);
    let left = db
        .run_head(made.head.key)
        .await
        .expect("a read")
        .expect("there");
    assert_eq!((left.sweep, left.deleted_at), (None, Some(at(5))));
}
