//! What `ballast sweep` shows.

use std::fs;

use insta::assert_snapshot;

use crate::harness::Place;

/// Asks for the next parameters.
fn next(input: &str) -> String {
    Place::new().run_with_input(&["sweep", "next"], input)
}

/// A grid is gone through in its order, whatever way the runs so far are written.
#[test]
fn next_of_a_grid() {
    let parameters = r#""parameters": {"b": {"values": ["x", "y"]}, "a": {"min": 1, "max": 2}}"#;
    let ask = |runs: &str| {
        next(&format!(
            r#"{{"config": {{"method": "grid", {parameters}}}, "runs": [{runs}], "seed": 1}}"#
        ))
    };
    assert_snapshot!(ask(""), @r#""#);
    let used = r#"{"config": {"a": {"value": 1.0}, "b": "x"}, "value": 1},
        {"config": {"a": 1, "b": {"value": "y", "desc": null}}, "state": "running"},
        {"config": {"a": 2, "b": "y", "more": [1]}, "state": "crashed"}"#;
    assert_snapshot!(ask(used), @r#""#);
    let all = format!(r#"{used}, {{"config": {{"a": 2, "b": "x"}}, "value": NaN}}"#);
    assert_snapshot!(ask(&all), @r#""#);
}

/// The same question has the same answer, and the config may be the text of a file.
#[test]
fn next_is_a_function_of_its_input() {
    let ask = |seed: u32| {
        let config = "method: random\nparameters:\n  lr: {distribution: log_uniform_values, min: 1e-5, max: 1}\n";
        next(&format!("{{\"config\": {config:?}, \"seed\": {seed}}}"))
    };
    assert_eq!(ask(1), ask(1));
    assert_ne!(ask(1), ask(2));
}

/// A Bayesian search takes values that are missing, trials that run and several objectives.
#[test]
fn next_of_a_bayesian_search() {
    let runs: Vec<String> = (0..12)
        .map(|n| {
            let x = f64::from(n) / 12.0;
            match n % 4 {
                0 => format!(r#"{{"config": {{"x": {x}}}, "value": NaN}}"#),
                1 => format!(r#"{{"config": {{"x": {x}}}, "state": "running"}}"#),
                2 => format!(r#"{{"config": {{"x": {x}}}, "values": [{x}, null]}}"#),
                _ => format!(r#"{{"config": {{"x": {x}}}, "values": {{"a": {x}, "b": 1}}}}"#),
            }
        })
        .collect();
    let config = r#"{"method": "bayes", "metrics": [{"name": "a"}, {"name": "b", "goal": "maximize"}],
        "parameters": {"x": {"min": 0.0, "max": 1.0}}}"#;
    let answer = next(&format!(
        r#"{{"config": {config}, "runs": [{}], "seed": 3}}"#,
        runs.join(",")
    ));
    assert!(
        answer.starts_with("exit code: 0\n----- stdout\n{\"x\":0."),
        "{answer}"
    );
}

/// What cannot be used is named.
#[test]
fn next_of_what_cannot_be_used() {
    assert_snapshot!(next("[1"), @r#""#);
    assert_snapshot!(next("[]"), @r#""#);
    assert_snapshot!(next("{}"), @r#""#);
    assert_snapshot!(next(r#"{"config": {"method": "grid", "parameters": {"a": {"min": NaN, "max": 1}, "b": {"distribution": "unifrm"}}}}"#), @r#""#);
    let with = |more: &str| {
        next(&format!(
            r#"{{"config": {{"method": "random", "parameters": {{"a": {{"value": 1}}}}}}, {more}}}"#
        ))
    };
    assert_snapshot!(with(r#""seed": "x""#), @r#""#);
    assert_snapshot!(with(r#""runs": [{"config": {}}, {"value": 1}]"#), @r#""#);
    assert_snapshot!(with(r#""runs": [{"config": {}, "value": "low"}]"#), @r#""#);
    assert_snapshot!(with(r#""runs": [{"config": {}, "state": "done"}]"#), @r#""#);
}

/// A good file is described.
#[test]
fn check_a_good_file() {
    let place = Place::new();
    let text = "\
method: grid
run_cap: 10
parametrs: 1
parameters:
  a: {min: 1, max: 1000000}
  b: {min: 1, max: 1000000}
";
    fs::write(place.path("sweep.yaml"), text).expect("a file");
    assert_snapshot!(place.run(&["sweep", "check", "sweep.yaml"]), @r#""#);
    let json = r#"{"method": "bayes", "metric": {"name": "loss"}, "parameters": {"a": {"min": 0.1, "max": 1}}}"#;
    assert_snapshot!(place.run_with_input(&["sweep", "check", "-"], json), @r#""#);
}

/// Everything that is wrong with a file comes at once, with lines.
#[test]
fn check_a_bad_file() {
    let place = Place::new();
    let text = "\
method: bayes
parameters:
  lr: {distribution: log_uniform_values, min: 0, max: 1}
  act: {values: []}
  lr: {min: 2, max: 1}
";
    fs::write(place.path("sweep.yaml"), text).expect("a file");
    assert_snapshot!(place.run(&["sweep", "check", "sweep.yaml"]), @r#""#);
    fs::write(place.path("broken.yaml"), "a: [1\nb: 2\n").expect("a file");
    assert_snapshot!(place.run(&["sweep", "check", "broken.yaml"]), @r#""#);
    assert_snapshot!(place.run(&["sweep", "check", "missing.yaml"]), @r#""#);
}
