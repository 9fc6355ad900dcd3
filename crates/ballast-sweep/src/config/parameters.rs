//! `parameters`: names, nesting and conditions. What one parameter says of its values is in [`values`].

mod conditions;
mod values;

use std::collections::HashSet;

use self::conditions::WrittenCondition;
use super::Method;
use super::node::{Kind, Node, shorten};
use super::read::{Notes, Section};
use crate::grid::Grid;
use crate::space::{Distribution, Space};

/// The most parameters of a sweep.
const MAX_PARAMETERS: usize = 1_000;

/// One parameter whose condition is not resolved yet.
struct Leaf {
    path: Vec<String>,
    /// Where it is in the configuration, for messages.
    place: String,
    line: Option<usize>,
    distribution: Distribution,
    /// The conditions of the groups around it, and its own.
    conditions: Vec<WrittenCondition>,
}

/// Reads the space.
pub(super) fn read(top: &mut Section<'_>, method: Option<Method>, notes: &mut Notes) -> Space {
    let Some(node) = top
        .take("parameters")
        .filter(|node| node.kind != Kind::Null)
    else {
        notes.problem(
            "parameters",
            top.line,
            "is missing, expected at least one parameter",
        );
        return Space::default();
    };
    let n_problems = notes.problems.len();
    let mut leaves = Vec::new();
    group("parameters", node, &[], &[], &mut leaves, notes);
    if leaves.is_empty() && notes.problems.len() == n_problems {
        notes.mismatch("parameters", node, "at least one parameter");
    }
    if leaves.len() > MAX_PARAMETERS {
        let message = format!(
            "found {} parameters, expected at most {MAX_PARAMETERS}",
            leaves.len()
        );
        notes.problem("parameters", node.line, message);
        return Space::default();
    }
    leaves.sort_by(|left, right| left.path.cmp(&right.path));
    check_names(&leaves, notes);
    if method == Some(Method::Grid) {
        check_grid(&leaves, notes);
    }
    let parameters = conditions::resolve(leaves, notes);
    if notes.problems.len() > n_problems {
        return Space::default();
    }
    Space::new(parameters)
}

fn group(
    place: &str,
    node: &Node,
    path: &[String],
    conditions: &[WrittenCondition],
    leaves: &mut Vec<Leaf>,
    notes: &mut Notes,
) {
    let expected = "a mapping of names to parameters";
    let Some(section) = Section::open(place, node, expected, notes) else {
        return;
    };
    for (name, node) in section.rest() {
        let mut path = path.to_vec();
        path.push((*name).to_owned());
        let place = section.path_of(name);
        if name.is_empty() {
            notes.problem(&place, node.line, "the name of a parameter is empty");
        }
        parameter(&place, node, path, conditions, leaves, notes);
    }
}

fn parameter(
    place: &str,
    node: &Node,
    path: Vec<String>,
    conditions: &[WrittenCondition],
    leaves: &mut Vec<Leaf>,
    notes: &mut Notes,
) {
    let expected = match &node.kind {
        Kind::List(_) => "a mapping such as `values: [1, 2]`".to_owned(),
        Kind::Map(_) => String::new(),
        _ => "a mapping such as `value: 1` or `{min: 0.1, max: 1.0}`".to_owned(),
    };
    let Some(mut section) = Section::open(place, node, &expected, notes) else {
        return;
    };
    let mut conditions = conditions.to_vec();
    if let Some(condition) = section.take("condition") {
        let scope = &path[..path.len() - 1];
        conditions.extend(conditions::read(
            section.path_of("condition"),
            condition,
            scope,
            notes,
        ));
    }
    if let Some(nested) = section.take("parameters") {
        for (key, node) in section.rest() {
            let message = format!(
                "found `{}` beside `parameters`, expected either a nested group or a distribution",
                shorten(key)
            );
            notes.problem(place, node.line, message);
        }
        let place = section.path_of("parameters");
        return group(&place, nested, &path, &conditions, leaves, notes);
    }
    if let Some(distribution) = values::read(&mut section, notes) {
        leaves.push(Leaf {
            path,
            place: place.to_owned(),
            line: node.line,
            distribution,
            conditions,
        });
    }
}

/// A name with a period and a nested one may be the same to everybody who reads them.
fn check_names(leaves: &[Leaf], notes: &mut Notes) {
    let mut names = HashSet::new();
    for leaf in leaves {
        let name = leaf.path.join(".");
        if names.contains(&name) {
            let message =
                format!("the name `{name}` is there twice, nested and with a period in it");
            notes.problem(&leaf.place, leaf.line, message);
        }
        names.insert(name);
    }
}

fn check_grid(leaves: &[Leaf], notes: &mut Notes) {
    for leaf in leaves {
        if let Some(reason) = Grid::obstacle(&leaf.distribution) {
            notes.problem(&leaf.place, leaf.line, reason);
        }
    }
}
