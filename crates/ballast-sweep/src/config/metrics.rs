//! `metric` and `metrics`.

use super::node::{Kind, Node};
use super::read::{Notes, Section};
use super::{Goal, Impute, Method, Metric};

const KEYS: [&str; 5] = ["name", "goal", "target", "impute", "impute_while_running"];

/// The most objectives of a sweep.
const MAX_OBJECTIVES: usize = 16;

/// Reads the objectives, one of `metric` or several of `metrics`.
pub(super) fn read(
    top: &mut Section<'_>,
    method: Option<Method>,
    notes: &mut Notes,
) -> Vec<Metric> {
    let single = top.take("metric").filter(|node| node.kind != Kind::Null);
    let several = top.take("metrics").filter(|node| node.kind != Kind::Null);
    let metrics: Vec<Metric> = match (single, several) {
        (Some(node), None) => metric("metric", node, notes).into_iter().collect(),
        (None, Some(node)) => list(node, notes),
        (Some(_), Some(node)) => {
            let message = "found both `metric` and `metrics`, expected one of them";
            notes.problem("metrics", node.line, message);
            return Vec::new();
        }
        (None, None) => {
            if method == Some(Method::Bayes) {
                notes.problem(
                    "metric",
                    None,
                    "is missing; method `bayes` needs to know what to optimise, such as `metric: {name: loss, goal: minimize}`",
                );
            }
            return Vec::new();
        }
    };
    for (index, metric) in metrics.iter().enumerate() {
        if metrics[..index]
            .iter()
            .any(|other| other.name == metric.name)
        {
            let message = format!("`{}` is listed twice", metric.name);
            notes.problem("metrics", several.and_then(|node| node.line), message);
        }
    }
    metrics
}

fn list(node: &Node, notes: &mut Notes) -> Vec<Metric> {
    match &node.kind {
        Kind::List(nodes) if (1..=MAX_OBJECTIVES).contains(&nodes.len()) => nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| metric(&format!("metrics.{index}"), node, notes))
            .collect(),
        _ => {
            let expected = format!("a list of 2 to {MAX_OBJECTIVES} metrics");
            notes.mismatch("metrics", node, expected);
            Vec::new()
        }
    }
}

fn metric(path: &str, node: &Node, notes: &mut Notes) -> Option<Metric> {
    let expected = "a mapping with `name` and `goal`";
    let mut section = Section::open(path, node, expected, notes)?;
    let n_problems = notes.problems.len();
    let name = section.text("name", notes).filter(|name| !name.is_empty());
    if name.is_none() && notes.problems.len() == n_problems {
        let message = "is missing, expected the key of a logged metric";
        notes.problem(&section.path_of("name"), node.line, message);
    }
    let goals = [("minimize", Goal::Minimize), ("maximize", Goal::Maximize)];
    let goal = section.choice("goal", &goals, notes);
    let target = section
        .number("target", notes)
        .and_then(serde_json::Number::as_f64);
    let imputes = [
        ("latest", Some(Impute::Latest)),
        ("best", Some(Impute::Best)),
        ("worst", Some(Impute::Worst)),
        ("false", None),
    ];
    let impute = section.choice("impute", &imputes[..3], notes);
    let impute_while_running = section.choice("impute_while_running", &imputes, notes);
    section.warn_of_rest(&KEYS, notes);
    Some(Metric {
        name: name?,
        goal: goal.unwrap_or_default(),
        target,
        impute: impute.flatten().unwrap_or_default(),
        impute_while_running: impute_while_running.flatten(),
    })
}
