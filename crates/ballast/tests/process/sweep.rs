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
    assert_snapshot!(ask(""), @r#"
    exit code: 0
    ----- stdout
    {"a":1,"b":"x"}
    ----- stderr
    "#);
    let used = r#"{"config": {"a": {"value": 1.0}, "b": "x"}, "value": 1},
        {"config": {"a": 1, "b": {"value": "y", "desc": null}}, "state": "running"},
        {"config": {"a": 2, "b": "y", "more": [1]}, "state": "crashed"}"#;
    assert_snapshot!(ask(used), @r#"
    exit code: 0
    ----- stdout
    {"a":2,"b":"x"}
    ----- stderr
    "#);
    let all = format!(r#"{used}, {{"config": {{"a": 2, "b": "x"}}, "value": NaN}}"#);
    assert_snapshot!(ask(&all), @r#"
    exit code: 0
    ----- stdout
    {"done": true}
    ----- stderr
    done: every point of the space was tried
    "#);
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
    assert_snapshot!(next("[1"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: stdin holds no JSON object
      caused by: unexpected end of JSON at byte 2
    ");
    assert_snapshot!(next("[]"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: stdin holds no JSON object, expected one with `config`, `runs` and `seed`
    ");
    assert_snapshot!(next("{}"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `config` is missing, expected the config of a sweep
    ");
    assert_snapshot!(next(r#"{"config": {"method": "grid", "parameters": {"a": {"min": NaN, "max": 1}, "b": {"distribution": "unifrm"}}}}"#), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: invalid sweep config, 2 problems:
    - `parameters.a.min`: found the text `NaN`, expected a number
    - `parameters.b.distribution`: unknown distribution `unifrm`; did you mean `uniform`
    ");
    let with = |more: &str| {
        next(&format!(
            r#"{{"config": {{"method": "random", "parameters": {{"a": {{"value": 1}}}}}}, {more}}}"#
        ))
    };
    assert_snapshot!(with(r#""seed": "x""#), @r#"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `seed` is `"x"`, expected a 64-bit integer
    "#);
    assert_snapshot!(with(r#""runs": [{"config": {}}, {"value": 1}]"#), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `runs[1]` is not usable
      caused by: `config` is missing, expected an object of parameters
    ");
    assert_snapshot!(with(r#""runs": [{"config": {}, "value": "low"}]"#), @r#"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `runs[0]` is not usable
      caused by: a value is `"low"`, expected a number
    "#);
    assert_snapshot!(with(r#""runs": [{"config": {}, "state": "done"}]"#), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `runs[0]` is not usable
      caused by: `state` is `done`, expected `pending`, `running`, `finished`, `stopped`, `failed`, `crashed` or `killed`
    ");
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
    assert_snapshot!(place.run(&["sweep", "check", "sweep.yaml"]), @r"
    exit code: 0
    ----- stdout
    sweep.yaml: warning: unknown key `parametrs` is ignored; did you mean `parameters`
    ----- stderr
    `sweep.yaml` is valid: a grid of 1000000000000 points over 2 parameters, at most 10 runs
    ");
    let json = r#"{"method": "bayes", "metric": {"name": "loss"}, "parameters": {"a": {"min": 0.1, "max": 1}}}"#;
    assert_snapshot!(place.run_with_input(&["sweep", "check", "-"], json), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    `-` is valid: a Bayesian search over 1 parameter
    ");
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
    assert_snapshot!(place.run(&["sweep", "check", "sweep.yaml"]), @r"
    exit code: 1
    ----- stdout
    sweep.yaml:5: `parameters.lr`: the key is there twice, on lines 3 and 5
    sweep.yaml: `metric`: is missing; method `bayes` needs to know what to optimise, such as `metric: {name: loss, goal: minimize}`
    sweep.yaml:3: `parameters.lr.min`: found `0`, expected a number above 0: `log_uniform_values` is logarithmic
    sweep.yaml:4: `parameters.act.values`: found a list of 0, expected at least one value
    ----- stderr
    error: `sweep.yaml` has 4 problems
    ");
    fs::write(place.path("broken.yaml"), "a: [1\nb: 2\n").expect("a file");
    assert_snapshot!(place.run(&["sweep", "check", "broken.yaml"]), @r"
    exit code: 1
    ----- stdout
    broken.yaml:2: no YAML at line 2, column 2: illegal placement of ':' indicator
    ----- stderr
    error: `broken.yaml` has 1 problem
    ");
    assert_snapshot!(place.run(&["sweep", "check", "missing.yaml"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: could not read `missing.yaml`
      caused by: No such file or directory (os error 2)
    ");
}
