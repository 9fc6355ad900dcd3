//! Properties of the whole: what is proposed, for any space and any trials.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::grid::key;
use crate::{
    Condition, DoneReason, Goal, Grid, Measurement, Method, Outcome, Parameter, Proposal, Space,
    Suggestion, SweepConfig, Trial, failures_in_a_row, next_retry, pareto_front, propose,
};

fn config(value: &Value) -> SweepConfig {
    SweepConfig::parse_json(value)
        .unwrap_or_else(|error| panic!("{error}"))
        .config
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn suggestion(proposal: Proposal) -> Suggestion {
    match proposal {
        Proposal::Next(suggestion) => suggestion,
        Proposal::Done(reason) => panic!("done: {reason}"),
    }
}

/// Runs a sweep to its end, with the objective as the value of each trial.
fn run(
    config: &SweepConfig,
    most: usize,
    objective: impl Fn(&Map<String, Value>) -> f64,
) -> (Vec<Trial>, Option<DoneReason>) {
    let mut trials = Vec::new();
    while trials.len() < most {
        match propose(config, &trials, 1, trials.len() as u64) {
            Proposal::Next(next) => {
                let value = objective(&next.config);
                trials.push(Trial::finished(next.config, &[value]));
            }
            Proposal::Done(reason) => return (trials, Some(reason)),
        }
    }
    (trials, None)
}

fn points(trials: &[Trial]) -> Vec<Value> {
    trials
        .iter()
        .map(|trial| Value::Object(trial.config.clone()))
        .collect()
}

#[test]
fn a_grid_goes_through_sorted_names_the_last_fastest() {
    let config = config(&json!({
        "method": "grid",
        "parameters": {
            "z": {"values": ["u", "t"]},
            "a": {"parameters": {
                "y": {"min": 1, "max": 2},
                "x": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.5},
            }},
            "c": {"value": 7},
        },
    }));
    let (trials, reason) = run(&config, 100, |_| 0.0);
    assert_eq!(reason, Some(DoneReason::Exhausted));
    assert_eq!(
        points(&trials),
        [
            json!({"a": {"x": 0.0, "y": 1}, "c": 7, "z": "u"}),
            json!({"a": {"x": 0.0, "y": 1}, "c": 7, "z": "t"}),
            json!({"a": {"x": 0.0, "y": 2}, "c": 7, "z": "u"}),
            json!({"a": {"x": 0.0, "y": 2}, "c": 7, "z": "t"}),
            json!({"a": {"x": 0.5, "y": 1}, "c": 7, "z": "u"}),
            json!({"a": {"x": 0.5, "y": 1}, "c": 7, "z": "t"}),
            json!({"a": {"x": 0.5, "y": 2}, "c": 7, "z": "u"}),
            json!({"a": {"x": 0.5, "y": 2}, "c": 7, "z": "t"}),
        ]
    );
}

#[test]
fn a_grid_skips_what_was_used_however_it_is_written() {
    let config = config(&json!({
        "method": "grid",
        "parameters": {"n": {"values": [3, 4]}, "d": {"values": [{"k": 1}, {"k": 2}]}},
    }));
    let used = [
        json!({"n": 3.0, "d": {"k": 1.0, "extra": true}, "other": 1}),
        json!({"n": 4, "d": {"k": 2}}),
        json!({"n": 5, "d": {"k": 2}}),
        json!({"n": 3}),
    ];
    let trials: Vec<Trial> = used
        .into_iter()
        .map(|used| Trial::unmeasured(object(used), Outcome::Failed))
        .collect();
    let next = suggestion(propose(&config, &trials, 0, 4));
    assert_eq!(Value::Object(next.config), json!({"d": {"k": 1}, "n": 4}));
    assert_eq!(next.grid_index, Some(1));
}

#[test]
fn a_grid_of_a_trillion_points_with_a_cap() {
    let parameters: Map<String, Value> = (0..6)
        .map(|n| (format!("p{n}"), json!({"min": 1, "max": 100})))
        .collect();
    let config = config(&json!({"method": "grid", "run_cap": 3, "parameters": parameters}));
    let grid = Grid::new(&config.space).expect("a grid");
    assert_eq!(grid.n_points(), 1_000_000_000_000);
    let (trials, reason) = run(&config, 100, |_| 0.0);
    assert_eq!((trials.len(), reason), (3, Some(DoneReason::RunCap)));
    assert_eq!(trials[2].config["p5"], json!(3));
    let last = grid.point(999_999_999_999).expect("a point");
    assert_eq!(last["p0"], json!(100));
    assert_eq!(grid.point(1_000_000_000_000), None);
}

#[test]
fn a_grid_beyond_all_numbers_still_starts() {
    let parameters: Map<String, Value> = (0..200)
        .map(|n| (format!("p{n:03}"), json!({"values": [0, 1]})))
        .collect();
    let config = config(&json!({"method": "grid", "parameters": parameters}));
    let grid = Grid::new(&config.space).expect("a grid");
    assert_eq!(grid.n_points(), u128::MAX);
    let point = grid.point(5).expect("a point");
    assert_eq!((&point["p197"], &point["p199"]), (&json!(1), &json!(1)));
    assert_eq!(grid.index_of(&point), Some(5));
    let mut far = point;
    far.insert("p000".to_owned(), json!(1));
    assert_eq!(grid.index_of(&far), None);
}

#[test]
fn a_conditional_grid_has_no_point_twice() {
    let config = config(&json!({
        "method": "grid",
        "parameters": {
            "opt": {"values": ["adam", "sgd", "lion"]},
            "momentum": {"values": [0.0, 0.9], "condition": {"parameter": "opt", "equals": "sgd"}},
            "nesterov": {"values": [true, false], "condition": {"parameter": "momentum", "equals": 0.9}},
            "beta": {"values": [1, 2], "condition": {"parameter": "opt", "in": ["adam", "lion"]}},
        },
    }));
    // adam and lion twice each; sgd without momentum, and twice with it.
    assert_eq!(Grid::new(&config.space).expect("a grid").n_points(), 7);
    let (trials, reason) = run(&config, 100, |_| 0.0);
    assert_eq!(reason, Some(DoneReason::Exhausted));
    assert_eq!(
        points(&trials),
        [
            json!({"beta": 1, "opt": "adam"}),
            json!({"beta": 2, "opt": "adam"}),
            json!({"momentum": 0.0, "opt": "sgd"}),
            json!({"momentum": 0.9, "nesterov": true, "opt": "sgd"}),
            json!({"momentum": 0.9, "nesterov": false, "opt": "sgd"}),
            json!({"beta": 1, "opt": "lion"}),
            json!({"beta": 2, "opt": "lion"}),
        ]
    );
}

#[test]
fn random_draws_are_frozen() {
    let config = config(&json!({
        "method": "random",
        "parameters": {
            "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1},
            "n": {"min": 1, "max": 100},
            "act": {"values": ["relu", "gelu", "tanh"]},
        },
    }));
    let drawn: Vec<Value> = (0..3)
        .map(|number| Value::Object(suggestion(propose(&config, &[], 42, number)).config))
        .collect();
    let rounded: Vec<String> = drawn
        .iter()
        .map(|point| {
            let lr = point["lr"].as_f64().expect("a number");
            format!("{} {} {lr:.6e}", point["act"], point["n"])
        })
        .collect();
    assert_eq!(rounded, FROZEN_DRAWS);
}

/// What other builds must draw as well: a sweep goes on after an update as it would have without.
const FROZEN_DRAWS: [&str; 3] = [
    "\"gelu\" 80 3.363506e-2",
    "\"tanh\" 37 6.566089e-1",
    "\"relu\" 30 1.336530e-1",
];

#[test]
fn a_parameter_more_leaves_the_other_draws_alone() {
    let with = |parameters: Value| {
        let config = config(&json!({"method": "random", "parameters": parameters}));
        suggestion(propose(&config, &[], 5, 9)).config["a"].clone()
    };
    let alone = with(json!({"a": {"min": 0.0, "max": 1.0}}));
    let together = with(json!({"a": {"min": 0.0, "max": 1.0}, "b": {"min": 0.0, "max": 1.0}}));
    assert_eq!(alone, together);
}

#[test]
fn a_sweep_ends_at_its_target() {
    let config = config(&json!({
        "method": "random",
        "metric": {"name": "acc", "goal": "maximize", "target": 0.9},
        "parameters": {"a": {"min": 0.0, "max": 1.0}},
    }));
    let trial = |value: f64| Trial::finished(object(json!({"a": 0.5})), &[value]);
    assert!(matches!(
        propose(&config, &[trial(0.89)], 0, 1),
        Proposal::Next(_)
    ));
    let reached = Proposal::Done(DoneReason::TargetReached);
    assert_eq!(propose(&config, &[trial(0.9)], 0, 1), reached);
    let mut running = Trial::unmeasured(object(json!({"a": 0.5})), Outcome::Running);
    running.measurements = vec![Measurement {
        latest: Some(0.1),
        best: Some(0.95),
    }];
    assert_eq!(propose(&config, &[running], 0, 1), reached);
    assert!(matches!(
        propose(&config, &[trial(0.9).prior()], 0, 0),
        Proposal::Next(_)
    ));
}

#[test]
fn failed_trials_are_tried_again_as_often_as_allowed() {
    let config = config(&json!({
        "method": "grid",
        "on_failure": {"max_retries": 2},
        "parameters": {"a": {"values": [1, 2]}},
    }));
    let trial = |a: i64, outcome| Trial::unmeasured(object(json!({"a": a})), outcome);
    let mut trials = vec![trial(1, Outcome::Failed)];
    let next = suggestion(propose(&config, &trials, 0, 1));
    assert_eq!(next.retry_of, Some(0));
    assert_eq!(next.grid_index, Some(0));
    assert_eq!(Value::Object(next.config), json!({"a": 1}));
    trials.push(trial(1, Outcome::Running));
    assert_eq!(next_retry(&config, &trials), None);
    trials[1].outcome = Outcome::Lost;
    assert_eq!(next_retry(&config, &trials), Some(0));
    trials.push(trial(1, Outcome::Failed));
    let next = suggestion(propose(&config, &trials, 0, 3));
    assert_eq!((next.retry_of, next.grid_index), (None, Some(1)));
    // What a user killed is not tried again.
    let killed = [trial(1, Outcome::Killed), trial(2, Outcome::Finished)];
    assert_eq!(
        propose(&config, &killed, 0, 2),
        Proposal::Done(DoneReason::Exhausted)
    );
}

#[test]
fn failures_in_a_row_break_a_sweep() {
    use Outcome::{Failed, Finished, Lost, Running};
    let config = config(&json!({
        "method": "random",
        "on_failure": {"stop_after_failures": 2},
        "parameters": {"a": {"min": 0.0, "max": 1.0}},
    }));
    let trials = |outcomes: &[Outcome]| -> Vec<Trial> {
        let trial = |outcome: &Outcome| Trial::unmeasured(object(json!({"a": 0.5})), *outcome);
        outcomes.iter().map(trial).collect()
    };
    let broken = trials(&[Finished, Failed, Running, Lost]);
    assert_eq!(failures_in_a_row(&broken), 2);
    let reason = DoneReason::TooManyFailures(2);
    assert_eq!(propose(&config, &broken, 0, 4), Proposal::Done(reason));
    assert_eq!(reason.to_string(), "2 runs in a row failed");
    let well = trials(&[Failed, Failed, Finished, Failed]);
    assert!(matches!(propose(&config, &well, 0, 4), Proposal::Next(_)));
}

#[test]
fn the_front_is_what_nothing_is_better_than() {
    let points = [
        [1.0, 1.0],
        [2.0, 3.0],
        [1.0, 3.0],
        [0.5, 0.5],
        [2.0, 3.0],
        [3.0, f64::NAN],
    ];
    let points: Vec<Vec<f64>> = points.iter().map(|point| point.to_vec()).collect();
    let goals = [Goal::Minimize, Goal::Maximize];
    assert_eq!(pareto_front(&points, &goals), [2, 3]);
    let both = [Goal::Minimize, Goal::Minimize];
    assert_eq!(pareto_front(&points, &both), [3]);
    assert_eq!(pareto_front(&points[1..2], &goals), [0]);
    assert_eq!(pareto_front(&[], &goals), Vec::<usize>::new());
    // Equal points do not exclude each other.
    assert_eq!(
        pareto_front(&[vec![1.0], vec![1.0]], &[Goal::Minimize]),
        [0, 1]
    );
}

#[test]
fn bayes_finds_the_best_of_a_discrete_space_and_repeats_nothing() {
    let config = config(&json!({
        "method": "bayes",
        "metric": {"name": "loss"},
        "parameters": {
            "a": {"values": ["x", "y", "z"]},
            "n": {"min": 1, "max": 4},
            "w": {"values": [8, 16, 32], "condition": {"parameter": "a", "equals": "x"}},
        },
    }));
    // Twelve points with x and three widths, and four with each of the others.
    let (trials, reason) = run(&config, 100, |point| point["n"].as_f64().expect("a number"));
    let distinct: HashSet<String> = points(&trials).iter().map(key).collect();
    assert_eq!((trials.len(), distinct.len()), (20, 20));
    assert_eq!(reason, Some(DoneReason::Exhausted));
    assert!(
        trials
            .iter()
            .all(|trial| config.space.contains(&trial.config))
    );
}

#[test]
fn bayes_is_better_than_chance() {
    let parameters = json!({
        "lr": {"distribution": "log_uniform_values", "min": 1e-6, "max": 1},
        "width": {"distribution": "q_uniform", "min": 16, "max": 512, "q": 16},
        "act": {"values": ["relu", "gelu", "tanh"]},
        "net": {"parameters": {"drop": {"min": 0.0, "max": 0.9}}},
        "seed": {"value": 1},
    });
    let objective = |point: &Map<String, Value>| {
        let lr = point["lr"].as_f64().expect("a number").log10();
        let width = point["width"].as_f64().expect("a number") / 512.0;
        let drop = point["net"]["drop"].as_f64().expect("a number");
        let act = if point["act"] == "gelu" { 0.0 } else { 0.5 };
        (lr + 3.0).powi(2) + (width - 0.7).powi(2) + (drop - 0.2).powi(2) + act
    };
    let best = |method: &str, goal: &str| {
        let sign = if goal == "maximize" { -1.0 } else { 1.0 };
        let metric = json!({"name": "loss", "goal": goal});
        let config = config(&json!({"method": method, "metric": metric, "parameters": parameters}));
        let (trials, _) = run(&config, 40, |point| sign * objective(point));
        let values = trials
            .iter()
            .map(|trial| sign * trial.value(0).expect("a value"));
        values.fold(f64::INFINITY, f64::min)
    };
    let chance = best("random", "minimize");
    for goal in ["minimize", "maximize"] {
        let found = best("bayes", goal);
        assert!(found < chance / 2.0, "{goal}: {found}, by chance {chance}");
    }
}

#[test]
fn bayes_bears_trials_that_failed_and_trials_that_run() {
    let config = config(&json!({
        "method": "bayes",
        "metric": {"name": "loss"},
        "parameters": {"a": {"min": 0.0, "max": 1.0}},
    }));
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..30 {
        let next = suggestion(propose(&config, &trials, 3, number));
        assert!(
            !trials.iter().any(|trial| trial.config == next.config),
            "{:?} again",
            next.config
        );
        let value = next.config["a"].as_f64().expect("a number");
        trials.push(match number % 5 {
            0 => Trial::unmeasured(next.config, Outcome::Failed),
            1 => Trial::finished(next.config, &[f64::NAN]),
            2 => Trial::unmeasured(next.config, Outcome::Running),
            3 => Trial::unmeasured(next.config, Outcome::Pending),
            _ => Trial::finished(next.config, &[(value - 0.3).powi(2)]),
        });
    }
    // Strange trials of earlier runs are passed over.
    trials.push(Trial::finished(object(json!({"a": "text"})), &[0.1]).prior());
    trials.push(Trial::finished(Map::new(), &[]).prior());
    trials.push(Trial::finished(object(json!({"a": 1e300})), &[1e300]).prior());
    let next = suggestion(propose(&config, &trials, 3, 33));
    assert!(config.space.contains(&next.config));
}

#[test]
fn several_objectives_spread_along_the_front() {
    let config = config(&json!({
        "method": "bayes",
        "metrics": [{"name": "loss"}, {"name": "speed", "goal": "maximize"}],
        "parameters": {"a": {"min": 0.0, "max": 1.0}, "b": {"min": 0.0, "max": 1.0}},
    }));
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..40 {
        let next = suggestion(propose(&config, &trials, 1, number)).config;
        let (a, b) = (
            next["a"].as_f64().expect("a"),
            next["b"].as_f64().expect("b"),
        );
        trials.push(Trial::finished(next, &[a + b, a - b]));
    }
    // The front is at b = 0: loss a, speed a.
    let on_front: Vec<f64> = trials[20..]
        .iter()
        .filter(|trial| trial.config["b"].as_f64().expect("b") < 0.05)
        .map(|trial| trial.config["a"].as_f64().expect("a"))
        .collect();
    let low = on_front.iter().copied().fold(f64::INFINITY, f64::min);
    let high = on_front.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(on_front.len() >= 8 && high - low > 0.3, "{on_front:?}");
}

/// A space of some parameters, each of which may depend on the one before.
fn any_space() -> impl Strategy<Value = Space> {
    let distribution = crate::space::tests::any_distribution();
    proptest::collection::vec((distribution, 0_usize..4, any::<bool>()), 1..5).prop_map(|parts| {
        let mut parameters: Vec<Parameter> = Vec::new();
        for (index, (distribution, choice, nested)) in parts.into_iter().enumerate() {
            let parent = index.checked_sub(1).map(|parent| &parameters[parent]);
            let condition = parent
                .filter(|_| choice == 0)
                .filter(|parent| parent.distribution.n_values().is_some())
                .map(|parent| Condition {
                    parameter: index - 1,
                    values: vec![parent.distribution.value_at(0)],
                });
            let mut path = vec![format!("p{index}")];
            if nested {
                path.push("inner".to_owned());
            }
            parameters.push(Parameter {
                path,
                distribution,
                condition,
            });
        }
        Space::new(parameters)
    })
}

fn any_trial(space: &Space) -> impl Strategy<Value = Trial> + use<> {
    let space = space.clone();
    let outcome = prop_oneof![
        Just(Outcome::Pending),
        Just(Outcome::Running),
        Just(Outcome::Finished),
        Just(Outcome::Stopped),
        Just(Outcome::Failed),
        Just(Outcome::Lost),
        Just(Outcome::Killed),
    ];
    let value = prop_oneof![
        Just(None),
        Just(Some(f64::NAN)),
        Just(Some(f64::NEG_INFINITY)),
        Just(Some(1e308)),
        (-10.0..10.0).prop_map(Some),
    ];
    (any::<u64>(), outcome, value, any::<bool>()).prop_map(
        move |(number, outcome, value, is_prior)| Trial {
            config: crate::random::point(&space, 0, number),
            outcome,
            measurements: vec![Measurement {
                latest: value,
                best: value,
            }],
            is_prior,
        },
    )
}

fn of_space(method: Method, space: Space) -> SweepConfig {
    let mut config = config(&json!({
        "method": "random",
        "metric": {"name": "loss"},
        "parameters": {"a": {"value": 1}},
    }));
    config.method = method;
    config.space = space;
    config
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proposal_is_inside_and_the_same_again(
        (space, trials) in any_space().prop_flat_map(|space| {
            let trials = proptest::collection::vec(any_trial(&space), 0..12);
            (Just(space), trials)
        }),
        seed in any::<u64>(),
    ) {
        for method in [Method::Random, Method::Bayes, Method::Grid] {
            let config = of_space(method, space.clone());
            let first = propose(&config, &trials, seed, trials.len() as u64);
            prop_assert_eq!(&first, &propose(&config, &trials, seed, trials.len() as u64));
            // A grid has points that draws do not have: the steps of `q_uniform` start at its end.
            if let (Proposal::Next(next), true) = (first, method != Method::Grid) {
                prop_assert!(config.space.contains(&next.config), "{:?} {:?}", method, next.config);
            }
        }
    }

    #[test]
    fn a_grid_has_every_point_once_and_finds_it_again(space in any_space(), far in any::<u64>()) {
        let Some(grid) = Grid::of_draws(&space) else { return Ok(()); };
        let n_points = grid.n_points();
        let some = n_points.min(400) as u64;
        let mut seen = HashSet::new();
        for index in (0..some).chain([(u128::from(far) % n_points) as u64]) {
            let point = grid.point(index).expect("a point");
            prop_assert_eq!(grid.index_of(&point), Some(index));
            prop_assert!(space.contains(&point), "{:?}", point);
            seen.insert(key(&Value::Object(point)));
        }
        prop_assert!(seen.len() as u64 >= some);
        if let Ok(end) = u64::try_from(n_points) {
            prop_assert_eq!(grid.point(end), None);
        }
    }
}

proptest! {
    #[test]
    fn configs_never_panic(text in "[a-z{}\\[\\]:,\\-&*!<'\" \n0-9.#|>?~%@]{0,80}") {
        let _ = SweepConfig::parse_yaml(&text);
    }

    #[test]
    fn garbled_configs_never_panic(cut in 0_usize..400, junk in "\\PC{0,6}", more in 0_usize..400) {
        let mut text: Vec<char> = SAMPLE.chars().collect();
        let cut = cut % text.len();
        let end = (cut + more % 8).min(text.len());
        text.splice(cut..end, junk.chars());
        let text: String = text.into_iter().collect();
        if let Ok(parsed) = SweepConfig::parse_yaml(&text) {
            check_proposal(&parsed.config)?;
        }
    }

    #[test]
    fn strange_configs_never_panic(
        method in prop_oneof![Just("grid"), Just("random"), Just("bayes")],
        parameter in any_parameter(),
        key in prop_oneof![Just("early_terminate"), Just("on_failure"), Just("run_cap"), Just("metrics"), Just("command")],
        more in any_json(),
    ) {
        let mut whole = object(json!({"method": method, "metric": {"name": "loss"}, "parameters": {"p": parameter}}));
        if let Ok(parsed) = SweepConfig::parse_json(&Value::Object(whole.clone())) {
            check_proposal(&parsed.config)?;
        }
        whole.insert(key.to_owned(), more);
        let _ = SweepConfig::parse_json(&Value::Object(whole));
    }
}

/// Whatever is accepted must be proposed from.
fn check_proposal(config: &SweepConfig) -> Result<(), TestCaseError> {
    match propose(config, &[], 1, 0) {
        // A grid has points that draws do not have.
        Proposal::Next(_) if config.method == Method::Grid => {}
        Proposal::Next(next) => {
            prop_assert!(config.space.contains(&next.config), "{:?}", next.config);
        }
        Proposal::Done(reason) => prop_assert_eq!(reason, DoneReason::Custom),
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any_number(),
        "[a-z_]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z_]{0,8}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn any_number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-20_i64..20).prop_map(Value::from),
        (-2.0..2.0).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ]
}

/// A parameter that may well be right: the keys of one distribution, with any numbers.
fn any_parameter() -> impl Strategy<Value = Value> {
    let numbers = proptest::collection::vec(any_number(), 8);
    let distributions = [
        "int_uniform",
        "uniform",
        "q_uniform",
        "log_uniform",
        "log_uniform_values",
        "q_log_uniform",
        "q_log_uniform_values",
        "inv_log_uniform",
        "inv_log_uniform_values",
        "normal",
        "q_normal",
        "log_normal",
        "q_log_normal",
        "beta",
        "q_beta",
    ];
    (
        proptest::sample::select(distributions.to_vec()),
        numbers,
        any::<u8>(),
    )
        .prop_map(|(distribution, numbers, dropped)| {
            let keys: &[&str] = match distribution.trim_start_matches("q_") {
                "normal" | "log_normal" => &["mu", "sigma"],
                "beta" => &["a", "b"],
                _ => &["min", "max"],
            };
            let mut parameter = Map::new();
            parameter.insert("distribution".to_owned(), json!(distribution));
            for (key, number) in keys.iter().zip(&numbers) {
                parameter.insert((*key).to_owned(), number.clone());
            }
            if distribution.starts_with("q_") && dropped % 4 > 0 {
                parameter.insert("q".to_owned(), numbers[2].clone());
            }
            Value::Object(parameter)
        })
}

/// A configuration to spoil.
const SAMPLE: &str = "\
method: random
metric: {name: loss, goal: minimize, target: 0.1}
early_terminate: {type: hyperband, min_iter: 3}
run_cap: 10
parameters:
  a: {min: 1, max: 9}
  b: {distribution: q_log_normal, mu: 1, sigma: 2.5, q: 0.5}
  c: {values: [x, 2, 3.5], probabilities: [0.2, 0.3, 0.5]}
  d: {parameters: {e: {distribution: log_uniform, min: -3, max: 2}}}
  f: {distribution: beta, a: 2, b: 5, condition: {parameter: c, in: [x, 2]}}
";
