use serde_json::{Value, json};

use crate::early_stopping::{Bands, EarlyTerminate, Hyperband};
use crate::{
    Continuous, Controller, Distribution, Goal, Impute, Method, Parsed, Quantum, SweepConfig,
};

fn parse(text: &str) -> Parsed {
    SweepConfig::parse_yaml(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with a text, a line for each problem.
fn problems(text: &str) -> Vec<String> {
    let error = SweepConfig::parse_yaml(text).expect_err("a refused configuration");
    error.problems().iter().map(ToString::to_string).collect()
}

/// The distribution of one parameter of a random search.
fn distribution(parameter: &str) -> Distribution {
    let parsed = parse(&format!(
        "{{method: random, parameters: {{p: {parameter}}}}}"
    ));
    parsed.config.space.parameters()[0].distribution.clone()
}

/// What is wrong with one parameter of a random search.
fn wrong(parameter: &str) -> String {
    problems(&format!(
        "{{method: random, parameters: {{p: {parameter}}}}}"
    ))
    .join("\n")
}

/// What the client sends: PyYAML's block style with sorted keys.
const AS_SENT: &str = "\
command:
- ${env}
- python
- ${program}
- ${args}
controller:
  type: local
description: A first one
early_terminate:
  eta: 2
  min_iter: 3
  type: hyperband
method: bayes
metric:
  goal: maximize
  impute: best
  impute_while_running: latest
  name: val/acc
  target: 0.99
name: first
parameters:
  act:
    distribution: categorical
    values:
    - relu
    - 'on'
    - null
    - true
  layers:
    distribution: int_uniform
    max: 12
    min: 1
  lr:
    distribution: log_uniform_values
    max: 0.1
    min: 1.0e-05
  net:
    parameters:
      opt:
        parameters:
          beta:
            value: 0.9
      width:
        distribution: q_uniform
        max: 256
        min: 32
        q: 32
program: train.py
project: vision
run_cap: 40
";

#[test]
fn a_config_as_the_client_sends_it() {
    let Parsed { config, warnings } = parse(AS_SENT);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.method, Method::Bayes);
    assert_eq!(config.run_cap, Some(40));
    assert_eq!(config.controller, Controller::Local);
    assert_eq!(config.name.as_deref(), Some("first"));
    assert_eq!(config.description.as_deref(), Some("A first one"));
    assert_eq!(config.project.as_deref(), Some("vision"));
    assert_eq!(config.program.as_deref(), Some("train.py"));
    let command = config.command.expect("a command");
    assert_eq!(command, ["${env}", "python", "${program}", "${args}"]);
    let metric = &config.objectives[0];
    assert_eq!(metric.name, "val/acc");
    assert_eq!(metric.goal, Goal::Maximize);
    assert_eq!(metric.target, Some(0.99));
    assert_eq!(metric.impute, Impute::Best);
    assert_eq!(metric.impute_while_running, Some(Impute::Latest));
    let hyperband = Hyperband {
        bands: Bands::From { min_iter: 3 },
        eta: 2.0,
        strict: true,
    };
    assert_eq!(
        config.early_terminate,
        Some(EarlyTerminate::Hyperband(hyperband))
    );
    let names: Vec<String> = config
        .space
        .parameters()
        .iter()
        .map(crate::Parameter::name)
        .collect();
    assert_eq!(names, ["act", "layers", "lr", "net.opt.beta", "net.width"]);
    let act = &config.space.parameters()[0].distribution;
    assert_eq!(
        *act,
        Distribution::Categorical {
            values: vec![json!("relu"), json!("on"), Value::Null, json!(true)],
            probabilities: None
        }
    );
    let lr = &config.space.parameters()[2].distribution;
    assert_eq!(
        *lr,
        Distribution::Continuous(Continuous::LogUniform {
            min: 1e-5,
            max: 0.1
        })
    );
    let width = &config.space.parameters()[4].distribution;
    assert_eq!(
        *width,
        Distribution::Quantized(
            Continuous::Uniform {
                min: 32.0,
                max: 256.0
            },
            Quantum {
                q: 32.0,
                is_integer: true
            }
        )
    );
}

#[test]
fn json_and_yaml_mean_the_same() {
    let value = json!({
        "method": "random",
        "parameters": {"lr": {"min": 0.1, "max": 1.0}, "n": {"values": [1, 2.5, "x"]}},
    });
    let from_value = SweepConfig::parse_json(&value).expect("a config");
    assert_eq!(parse(&value.to_string()), from_value);
}

#[test]
fn the_distribution_follows_from_the_keys() {
    assert_eq!(distribution("{value: 3}"), Distribution::Constant(json!(3)));
    assert_eq!(
        distribution("{value: null}"),
        Distribution::Constant(Value::Null)
    );
    assert_eq!(
        distribution("{min: 1, max: 3}"),
        Distribution::IntUniform { min: 1, max: 3 }
    );
    let uniform = Distribution::Continuous(Continuous::Uniform { min: 1.0, max: 3.0 });
    assert_eq!(distribution("{min: 1, max: 3.0}"), uniform);
    assert_eq!(
        distribution("{values: [a, b], probabilities: [0.25, 0.75]}"),
        Distribution::Categorical {
            values: vec![json!("a"), json!("b")],
            probabilities: Some(vec![0.25, 0.75])
        }
    );
}

#[test]
fn exponents_are_natural_logarithms() {
    let Distribution::Continuous(Continuous::LogUniform { min, max }) =
        distribution("{distribution: log_uniform, min: -2, max: 1}")
    else {
        panic!("no logarithmic range");
    };
    assert!((min - (-2.0_f64).exp()).abs() < 1e-15 && (max - 1.0_f64.exp()).abs() < 1e-15);
    let Distribution::Continuous(Continuous::LogUniform { min, max }) =
        distribution("{distribution: inv_log_uniform, min: -2, max: 1}")
    else {
        panic!("no logarithmic range");
    };
    assert!((min - (-1.0_f64).exp()).abs() < 1e-15 && (max - 2.0_f64.exp()).abs() < 1e-15);
    let warnings = parse(
        "{method: random, parameters: {lr: {distribution: log_uniform, min: 0.0001, max: 0.1}}}",
    )
    .warnings;
    assert_eq!(
        warnings,
        [
            "`parameters.lr`: `log_uniform` takes natural logarithms, so its values lie between 1 and 1.105; \
          `log_uniform_values` takes the values themselves"
        ]
    );
}

#[test]
fn numbers_are_read_as_their_author_meant_them() {
    let values = |text: &str| match distribution(&format!("{{values: [{text}]}}")) {
        Distribution::Categorical { values, .. } => json!(values).to_string(),
        other => panic!("{other:?}"),
    };
    // PyYAML takes the first two for text and writes them back as they are.
    assert_eq!(
        values("1e-5, 1E3, 1.0e-05, 1.5e+3"),
        "[0.00001,1000.0,0.00001,1500.0]"
    );
    assert_eq!(values("3, 3.0, -7, +7, .5"), "[3,3.0,-7,7,0.5]");
    assert_eq!(values("0x10, 0b11, 010, 1_000"), "[16,3,8,1000]");
    assert_eq!(
        values("'1e-5', \"3\", 1.2.3, 2020-01-01, 08, 1e"),
        r#"["1e-5","3","1.2.3","2020-01-01","08","1e"]"#
    );
    assert_eq!(values("yes, Off, 'yes', ~"), r#"[true,false,"yes",null]"#);
    assert_eq!(
        values("9223372036854775807, 18446744073709551615, 99999999999999999999"),
        "[9223372036854775807,18446744073709551615,1e+20]"
    );
}

#[test]
fn anchors_and_merges_are_followed() {
    let text = "\
method: random
parameters:
  a: &range {min: 1, max: 9}
  b: *range
  c: {<<: *range, max: 5}
";
    let config = parse(text).config;
    let found: Vec<&Distribution> = config
        .space
        .parameters()
        .iter()
        .map(|p| &p.distribution)
        .collect();
    assert_eq!(*found[1], Distribution::IntUniform { min: 1, max: 9 });
    assert_eq!(*found[2], Distribution::IntUniform { min: 1, max: 5 });
}

#[test]
fn python_tuples_are_lists() {
    let text = "method: grid\nparameters:\n  a:\n    values: !!python/tuple\n    - 1\n    - 2\n";
    assert_eq!(
        parse(text).config.space.parameters()[0]
            .distribution
            .n_values(),
        Some(2)
    );
}

#[test]
fn all_problems_come_at_once() {
    let text = "\
method: grid
run_cap: 0
parameters:
  lr: {min: 0.1, max: 0.01}
  opt: {values: []}
  wd: {distribution: log_unifrom, min: 0, max: 1}
  lr: {value: 1}
metric: {goal: min, name: loss}
";
    assert_eq!(
        problems(text),
        [
            "`parameters.lr`: the key is there twice, on lines 4 and 7",
            "`metric.goal`: found the text `min`, expected `minimize` or `maximize`; did you mean `minimize`",
            "`parameters.lr`: found `min` 0.1 and `max` 0.01, expected `min` below `max`",
            "`parameters.opt.values`: found a list of 0, expected at least one value",
            "`parameters.wd.distribution`: unknown distribution `log_unifrom`; did you mean `log_uniform`",
            "`run_cap`: found `0`, expected an integer of at least 1",
        ]
    );
    let error = SweepConfig::parse_yaml(text).expect_err("a refused configuration");
    assert!(
        error
            .to_string()
            .starts_with("invalid sweep config, 6 problems:\n- `parameters.lr`: ")
    );
    assert_eq!(error.problems()[2].line, Some(4));
}

#[test]
fn each_mistake_in_a_parameter_is_named() {
    let cases = [
        (
            "{}",
            "`parameters.p`: found nothing, expected `value`, `values`, or `min` and `max`",
        ),
        (
            "0.1",
            "`parameters.p`: found `0.1`, expected a mapping such as `value: 1` or `{min: 0.1, max: 1.0}`",
        ),
        (
            "[1, 2]",
            "`parameters.p`: found a list of 2, expected a mapping such as `values: [1, 2]`",
        ),
        ("{min: 1}", "`parameters.p`: found `min` without `max`"),
        (
            "{min: a, max: 2}",
            "`parameters.p.min`: found the text `a`, expected a number",
        ),
        (
            "{min: .nan, max: 2}",
            "`parameters.p.min`: found NaN, expected a number",
        ),
        (
            "{min: 1, max: .inf}",
            "`parameters.p.max`: found an infinite number, expected a number",
        ),
        (
            "{min: 1, max: 1}",
            "`parameters.p`: found `min` 1 and `max` 1, expected `min` below `max`",
        ),
        (
            "{min: 1, max: 2, q: 1}",
            "`parameters.p`: found `q` without `distribution`, expected one such as `distribution: q_uniform`",
        ),
        (
            "{mu: 1}",
            "`parameters.p`: found `mu` without `distribution`, expected one such as `distribution: normal`",
        ),
        (
            "{vales: [1]}",
            "`parameters.p`: found `vales`, expected `value`, `values`, or `min` and `max`; did you mean `values`",
        ),
        (
            "{values: 3}",
            "`parameters.p.values`: found `3`, expected a list of values",
        ),
        (
            "{values: [1, .nan]}",
            "`parameters.p.values.1`: found NaN, expected a value without NaN and infinities",
        ),
        (
            "{value: .nan}",
            "`parameters.p.value`: found NaN, expected a value without NaN and infinities",
        ),
        (
            "{values: [1, 2], probabilities: [0.5, 0.4]}",
            "`parameters.p.probabilities`: the sum is 0.9, expected 1",
        ),
        (
            "{values: [1, 2], probabilities: [1]}",
            "`parameters.p.probabilities`: found 1 probabilities, expected one for each of the 2 values",
        ),
        (
            "{values: [1, 2], probabilities: [2, -1]}",
            "`parameters.p.probabilities`: found a list of 2, expected a list of numbers that are not negative",
        ),
        (
            "{distribution: categorical_w_probabilities, values: [1]}",
            "`parameters.p`: `categorical_w_probabilities` needs `values` and `probabilities`",
        ),
        (
            "{distribution: constant}",
            "`parameters.p`: `constant` needs `value`",
        ),
        (
            "{distribution: uniform, min: 0}",
            "`parameters.p`: `uniform` needs `min` and `max`",
        ),
        (
            "{distribution: uniform, min: 0, max: 1, q: 2}",
            "`parameters.p.q`: `q` does not belong to `uniform`",
        ),
        (
            "{distribution: uniform, min: 0, max: 1, stpe: 2}",
            "`parameters.p.stpe`: unknown key",
        ),
        (
            "{distribution: int_uniform, min: 0.5, max: 3}",
            "`parameters.p.min`: found `0.5`, expected an integer",
        ),
        (
            "{distribution: log_uniform_values, min: 0, max: 1}",
            "`parameters.p.min`: found `0`, expected a number above 0: `log_uniform_values` is logarithmic",
        ),
        (
            "{distribution: inv_log_uniform_values, min: -1, max: 1}",
            "`parameters.p.min`: found `-1`, expected a number above 0: `inv_log_uniform_values` is logarithmic",
        ),
        (
            "{distribution: log_uniform, min: 1, max: 1000}",
            "`parameters.p`: found `min` and `max` beyond the logarithms of numbers, expected natural logarithms from -709 to 709; `log_uniform_values` takes the values themselves",
        ),
        (
            "{distribution: q_uniform, min: 0, max: 1, q: 0}",
            "`parameters.p.q`: found `0`, expected a number above 0",
        ),
        (
            "{distribution: q_uniform, min: 0, max: 1, q: x}",
            "`parameters.p.q`: found the text `x`, expected a number",
        ),
        (
            "{distribution: normal, sigma: 0}",
            "`parameters.p.sigma`: found `0`, expected a number above 0",
        ),
        (
            "{distribution: log_normal, mu: 600, sigma: 100}",
            "`parameters.p`: found `mu` 600 and `sigma` 100, whose draws go beyond the logarithm of a number",
        ),
        (
            "{distribution: beta, a: -1}",
            "`parameters.p.a`: found `-1`, expected a number above 0, at most 10000",
        ),
        (
            "{distribution: 3}",
            "`parameters.p.distribution`: found `3`, expected the name of a distribution",
        ),
        (
            "{parameters: {}, values: [1]}",
            "`parameters.p`: found `values` beside `parameters`, expected either a nested group or a distribution",
        ),
        (
            "{parameters: 3}",
            "`parameters.p.parameters`: found `3`, expected a mapping of names to parameters",
        ),
    ];
    for (parameter, expected) in cases {
        assert_eq!(wrong(parameter), expected, "{parameter}");
    }
    assert!(wrong("{distribution: gaussian}").ends_with("`beta` or `q_beta`"));
}

#[test]
fn each_mistake_beside_the_parameters_is_named() {
    let cases = [
        ("", "the text is empty"),
        (
            "[1, 2]",
            "found a list of 2, expected a mapping with `method` and `parameters`",
        ),
        (
            "{method: random}",
            "`parameters`: is missing, expected at least one parameter",
        ),
        (
            "{method: random, parameters: {}}",
            "`parameters`: found a mapping, expected at least one parameter",
        ),
        (
            "{parameters: {a: {value: 1}}}",
            "`method`: is missing, expected `grid`, `random` or `bayes`",
        ),
        (
            "{method: ~, parameters: {a: {value: 1}}}",
            "`method`: found nothing, expected `grid`, `random` or `bayes`",
        ),
        (
            "{method: gird, parameters: {a: {value: 1}}}",
            "`method`: found the text `gird`, expected `grid`, `random`, `bayes` or `custom`; did you mean `grid`",
        ),
        (
            "{method: bayes, parameters: {a: {value: 1}}}",
            "`metric`: is missing; method `bayes` needs to know what to optimise, such as `metric: {name: loss, goal: minimize}`",
        ),
        (
            "{method: random, metric: {goal: maximize}, parameters: {a: {value: 1}}}",
            "`metric.name`: is missing, expected the key of a logged metric",
        ),
        (
            "{method: random, metric: {name: a, target: .nan}, parameters: {a: {value: 1}}}",
            "`metric.target`: found NaN, expected a number",
        ),
        (
            "{method: random, metric: {name: a}, metrics: [{name: a}], parameters: {a: {value: 1}}}",
            "`metrics`: found both `metric` and `metrics`, expected one of them",
        ),
        (
            "{method: random, metrics: [{name: a}, {name: a}], parameters: {a: {value: 1}}}",
            "`metrics`: `a` is listed twice",
        ),
        (
            "{method: random, early_terminate: {type: hyperband, min_iter: 1}, parameters: {a: {value: 1}}}",
            "`metric`: is missing; `early_terminate` needs to know what to judge runs by",
        ),
        (
            "{method: random, metric: {name: a}, early_terminate: {type: hyperbnd}, parameters: {a: {value: 1}}}",
            "`early_terminate.type`: found the text `hyperbnd`, expected `hyperband`, `asha` or `median`; did you mean `hyperband`",
        ),
        (
            "{method: random, metric: {name: a}, early_terminate: {type: hyperband}, parameters: {a: {value: 1}}}",
            "`early_terminate`: found neither `min_iter` nor `max_iter`, expected `min_iter`, or `max_iter` with `s`",
        ),
        (
            "{method: random, metric: {name: a}, early_terminate: {type: hyperband, max_iter: 9}, parameters: {a: {value: 1}}}",
            "`early_terminate.s`: is missing; `max_iter` needs the number of bands",
        ),
        (
            "{method: random, metric: {name: a}, early_terminate: {type: asha, eta: 1}, parameters: {a: {value: 1}}}",
            "`early_terminate.eta`: found `1`, expected a number greater than 1",
        ),
        (
            "{method: random, on_failure: {max_retries: -1}, parameters: {a: {value: 1}}}",
            "`on_failure.max_retries`: found `-1`, expected an integer from 0 to 100",
        ),
        (
            "{method: random, command: [], parameters: {a: {value: 1}}}",
            "`command`: found a list of 0, expected a list of words, such as `[\"${env}\", python, \"${program}\", \"${args}\"]`",
        ),
        (
            "{method: random, kind: run, parameters: {a: {value: 1}}}",
            "`kind`: found `run`, expected `sweep`",
        ),
        (
            "method: random\n---\nmethod: grid\n",
            "the text has several documents, expected one",
        ),
        (
            "{method: random, parameters: {a.b: {value: 1}, a: {parameters: {b: {value: 2}}}}}",
            "`parameters.a.b`: the name `a.b` is there twice, nested and with a period in it",
        ),
        (
            "{method: random, parameters: {a: {value: !!python/object:x.Y {}}}}",
            "a value has the tag `!!python/object:x.Y`, expected plain YAML",
        ),
        ("a: &x {b: *x}", "an alias contains itself"),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(text).join("\n"), expected, "{text}");
    }
    let broken = problems("a: [1\nb: 2\n").join("");
    assert!(broken.starts_with("no YAML at line "), "{broken}");
}

#[test]
fn a_grid_takes_discrete_parameters_alone() {
    let text = "\
method: grid
parameters:
  a: {min: 0.1, max: 1.0}
  b: {distribution: normal}
  c: {values: [1, 2], probabilities: [0.5, 0.5]}
  d: {distribution: q_log_uniform_values, min: 1, max: 8}
  e: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
  f: {min: 1, max: 3}
  g: {value: 1}
  h: {values: [1, 2]}
";
    let found = problems(text);
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(
        found[0],
        "`parameters.a`: a grid cannot go through continuous values, expected `value`, `values`, integers `min` and `max`, or `distribution: q_uniform`"
    );
    assert_eq!(
        found[2],
        "`parameters.c`: a grid has no use for `probabilities`"
    );
}

#[test]
fn unknown_keys_are_warned_of() {
    let text = "{method: random, parametrs: 1, lunch: 2, metric: {name: a, gaol: 1}, parameters: {a: {values: [1, 1.0]}}}";
    assert_eq!(
        parse(text).warnings,
        [
            "unknown key `metric.gaol` is ignored; did you mean `goal`",
            "`parameters.a.values` lists `1.0` twice",
            "unknown key `parametrs` is ignored; did you mean `parameters`",
            "unknown key `lunch` is ignored",
        ]
    );
}

#[test]
fn conditions_find_the_nearest_parameter_of_the_name() {
    let text = "\
method: random
parameters:
  kind: {values: [a, b]}
  net:
    condition: {parameter: kind, in: [a]}
    parameters:
      kind: {values: [1, 2]}
      depth: {min: 1, max: 3, condition: {parameter: kind, equals: 2.0}}
      width: {min: 1, max: 3}
";
    let config = parse(text).config;
    let condition = |index: usize| {
        let condition = config.space.parameters()[index]
            .condition
            .as_ref()
            .expect("a condition");
        (condition.parameter, condition.values.clone())
    };
    // kind, net.depth, net.kind, net.width
    assert_eq!(config.space.parameters()[0].condition, None);
    assert_eq!(condition(1), (2, vec![json!(2.0)]));
    assert_eq!(condition(2), (0, vec![json!("a")]));
    assert_eq!(condition(3), (0, vec![json!("a")]));
}

#[test]
fn conditions_that_make_no_tree_are_refused() {
    let cases = [
        (
            "{a: {value: 1, condition: {parameter: b, equals: 1}}, b: {value: 1, condition: {parameter: a, equals: 1}}}",
            "`parameters.a`: its condition depends on itself, by way of `a`",
        ),
        (
            "{a: {values: [1, 2]}, b: {value: 1, condition: {parameter: c, equals: 1}}}",
            "`parameters.b.condition`: there is no parameter `c`",
        ),
        (
            "{a: {values: [1, 2]}, b: {value: 1, condition: {parameter: a, equals: 3}}}",
            "`parameters.b.condition`: `a` never is `3`",
        ),
        (
            "{a: {min: 0.0, max: 1.0}, b: {value: 1, condition: {parameter: a, equals: 0.5}}}",
            "`parameters.b.condition`: `a` has a continuous distribution, expected a parameter with single values",
        ),
        (
            "{a: {values: [1, 2]}, b: {value: 1, condition: {parameter: a}}}",
            "`parameters.b.condition`: expected either `equals` or `in`",
        ),
        (
            "{a: {values: [1, 2]}, b: {value: 1, condition: {equals: 1}}}",
            "`parameters.b.condition.parameter`: is missing, expected the name of another parameter",
        ),
        (
            "{a: {values: [1, 2]}, b: {value: 1, condition: {parameter: a, in: []}}}",
            "`parameters.b.condition.in`: found a list of 0, expected a list of 1 to 1000 values",
        ),
        (
            "{a: {values: [1, 2]}, b: {values: [1, 2]}, c: {condition: {parameter: a, equals: 1}, parameters: {d: {value: 1, condition: {parameter: b, equals: 1}}}}}",
            "`parameters.c.parameters.d`: depends on `a` and on `b`, expected that one of them depends on the other",
        ),
    ];
    for (parameters, expected) in cases {
        let text = format!("{{method: random, parameters: {parameters}}}");
        assert_eq!(problems(&text).join("\n"), expected, "{parameters}");
    }
}

#[test]
fn large_and_deep_texts_are_refused_in_time() {
    let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(
        problems(&nested(100)),
        ["values are nested deeper than 32 levels"]
    );
    assert_eq!(problems(&nested(100_000)).len(), 1);
    let indented: Vec<String> = (0..100).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert_eq!(
        problems(&indented.concat()),
        ["values are nested deeper than 32 levels"]
    );
    let mut value = json!(1);
    for _ in 0..100 {
        value = json!([value]);
    }
    assert!(SweepConfig::parse_json(&value).is_err());
    // Each line is ten times the one before.
    let mut laughs = vec!["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned()];
    for names in ["a", "b", "c", "d", "e", "f", "g", "h"].windows(2) {
        let list = vec![format!("*{}", names[0]); 10].join(", ");
        laughs.push(format!("{0}: &{0} [{list}]\n", names[1]));
    }
    assert_eq!(
        problems(&laughs.concat()),
        ["there are more than 200000 values"]
    );
    let long = format!("method: grid\nname: {}", "x".repeat(5 << 20));
    assert_eq!(
        problems(&long),
        [format!(
            "the text has {} bytes, expected at most 4194304",
            long.len()
        )]
    );
    let names: Vec<String> = (0..1_001)
        .map(|n| format!("  p{n}: {{value: 1}}\n"))
        .collect();
    assert_eq!(
        problems(&format!("method: grid\nparameters:\n{}", names.concat())),
        ["`parameters`: found 1001 parameters, expected at most 1000"]
    );
}

#[test]
fn additions_are_read() {
    let text = "\
method: random
metrics: [{name: loss}, {name: acc, goal: maximize}]
parameters: {a: {values: [1, 2]}}
early_terminate: {type: median, min_iter: 5, interval: 2}
on_failure: {max_retries: 2, stop_after_failures: 5}
warm_start: {runs: [abc, 12], sweeps: [xyz]}
apiVersion: 1
kind: sweep
";
    let Parsed { config, warnings } = parse(text);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.objectives.len(), 2);
    assert_eq!(config.on_failure.max_retries, 2);
    assert_eq!(config.on_failure.stop_after_failures, Some(5));
    assert_eq!(config.warm_start.runs, ["abc", "12"]);
    assert_eq!(config.warm_start.sweeps, ["xyz"]);
}
