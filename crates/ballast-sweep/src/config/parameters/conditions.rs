//! Conditions of parameters: each parameter depends on one other at most, so that the space is a tree.

use std::collections::HashMap;

use serde_json::Value;

use super::super::node::{Kind, Node, shorten};
use super::super::read::{Notes, Section, did_you_mean};
use super::Leaf;
use crate::space::{Condition, Distribution, Parameter, same};

/// How many values a condition may list.
const MAX_VALUES: usize = 1_000;

/// A condition as it was written.
#[derive(Clone)]
pub(super) struct WrittenCondition {
    place: String,
    line: Option<usize>,
    /// The name of the other parameter.
    parameter: String,
    /// The groups around the one that has the condition: the name is looked for in the innermost first.
    scope: Vec<String>,
    values: Vec<Value>,
}

/// Reads `{parameter: name, equals: value}` or `{parameter: name, in: [values]}`.
pub(super) fn read(
    place: String,
    node: &Node,
    scope: &[String],
    notes: &mut Notes,
) -> Option<WrittenCondition> {
    let expected = "a mapping such as `{parameter: optimizer, equals: sgd}`";
    let mut section = Section::open(place.clone(), node, expected, notes)?;
    let n_problems = notes.problems.len();
    let parameter = section.text("parameter", notes).unwrap_or_default();
    if parameter.is_empty() && notes.problems.len() == n_problems {
        let message = "is missing, expected the name of another parameter";
        notes.problem(&section.path_of("parameter"), node.line, message);
    }
    let values = match (section.take("equals"), section.take("in")) {
        (Some(value), None) => vec![value],
        (None, Some(list)) => match &list.kind {
            Kind::List(nodes) if (1..=MAX_VALUES).contains(&nodes.len()) => nodes.iter().collect(),
            _ => {
                let expected = format!("a list of 1 to {MAX_VALUES} values");
                notes.mismatch(&section.path_of("in"), list, expected);
                return None;
            }
        },
        _ => {
            notes.problem(&place, node.line, "expected either `equals` or `in`");
            return None;
        }
    };
    for (key, node) in section.rest() {
        let message = format!(
            "unknown key{}",
            did_you_mean(key, &["parameter", "equals", "in"])
        );
        notes.problem(&section.path_of(key), node.line, message);
    }
    let values: Option<Vec<Value>> = values.into_iter().map(Node::to_json).collect();
    if values.is_none() {
        notes.problem(
            &place,
            node.line,
            "found NaN or an infinity, expected a value of the parameter",
        );
    }
    Some(WrittenCondition {
        place,
        line: node.line,
        parameter,
        scope: scope.to_vec(),
        values: values?,
    })
    .filter(|_| notes.problems.len() == n_problems)
}

/// Finds the parameters that conditions name, and leaves each parameter with one condition.
pub(super) fn resolve(leaves: Vec<Leaf>, notes: &mut Notes) -> Vec<Parameter> {
    let index: HashMap<String, usize> = leaves
        .iter()
        .enumerate()
        .map(|(index, leaf)| (leaf.path.join("."), index))
        .collect();
    let n_problems = notes.problems.len();
    let all: Vec<Vec<Condition>> = leaves
        .iter()
        .map(|leaf| find(leaf, &leaves, &index, notes))
        .collect();
    let mut resolver = Resolver {
        all,
        resolved: vec![Progress::Open; leaves.len()],
    };
    if notes.problems.len() == n_problems {
        for (index, leaf) in leaves.iter().enumerate() {
            if let Err(fault) = resolver.resolve(index) {
                notes.problem(&leaf.place, leaf.line, fault.in_words(&leaves));
                break;
            }
        }
    }
    leaves
        .into_iter()
        .zip(resolver.resolved)
        .map(|(leaf, progress)| Parameter {
            path: leaf.path,
            distribution: leaf.distribution,
            condition: match progress {
                Progress::Done(condition) => condition,
                _ => None,
            },
        })
        .collect()
}

/// The conditions of one parameter, with the conditions on the same other one made into one.
fn find(
    leaf: &Leaf,
    leaves: &[Leaf],
    index: &HashMap<String, usize>,
    notes: &mut Notes,
) -> Vec<Condition> {
    let mut found: Vec<Condition> = Vec::new();
    for written in &leaf.conditions {
        let mut candidates = (0..=written.scope.len()).rev().map(|n| {
            let mut path = written.scope[..n].to_vec();
            path.push(written.parameter.clone());
            path.join(".")
        });
        let Some(parameter) = candidates.find_map(|name| index.get(&name).copied()) else {
            let names: Vec<&str> = index.keys().map(String::as_str).collect();
            let message = format!(
                "there is no parameter `{}`{}",
                shorten(&written.parameter),
                did_you_mean(&written.parameter, &names)
            );
            notes.problem(&written.place, written.line, message);
            continue;
        };
        let other = &leaves[parameter];
        if let Distribution::Continuous(_) = other.distribution {
            let message = format!(
                "`{}` has a continuous distribution, expected a parameter with single values",
                written.parameter
            );
            notes.problem(&written.place, written.line, message);
            continue;
        }
        if let Some(value) = written
            .values
            .iter()
            .find(|value| !other.distribution.contains(value))
        {
            let value = shorten(&value.to_string());
            let message = format!("`{}` never is `{value}`", written.parameter);
            notes.problem(&written.place, written.line, message);
            continue;
        }
        let mut values: Vec<Value> = Vec::new();
        for value in &written.values {
            if !values.iter().any(|known| same(known, value)) {
                values.push(value.clone());
            }
        }
        match found
            .iter_mut()
            .find(|condition| condition.parameter == parameter)
        {
            Some(condition) => {
                condition
                    .values
                    .retain(|value| values.iter().any(|other| same(value, other)));
                if condition.values.is_empty() {
                    let message =
                        "can never be met, together with the condition of a group around it";
                    notes.problem(&written.place, written.line, message);
                }
            }
            None => found.push(Condition { parameter, values }),
        }
    }
    found
}

#[derive(Clone)]
enum Progress {
    Open,
    UnderWay,
    Done(Option<Condition>),
}

struct Resolver {
    all: Vec<Vec<Condition>>,
    resolved: Vec<Progress>,
}

/// Why conditions do not make a tree.
enum Fault {
    /// The parameter depends on itself, through others or not.
    Circle(usize),
    /// The parameter depends on two that do not depend on each other.
    Two(usize, usize),
}

impl Resolver {
    fn resolve(&mut self, index: usize) -> Result<Option<Condition>, Fault> {
        match &self.resolved[index] {
            Progress::Done(condition) => return Ok(condition.clone()),
            Progress::UnderWay => return Err(Fault::Circle(index)),
            Progress::Open => {}
        }
        self.resolved[index] = Progress::UnderWay;
        let conditions = self.all[index].clone();
        for condition in &conditions {
            self.resolve(condition.parameter)?;
        }
        let deepest = conditions.iter().find(|candidate| {
            conditions.iter().all(|other| {
                other.parameter == candidate.parameter || self.implies(candidate.parameter, other)
            })
        });
        let condition = match (deepest, conditions.as_slice()) {
            (Some(deepest), _) => Some(deepest.clone()),
            (None, [first, second, ..]) => {
                return Err(Fault::Two(first.parameter, second.parameter));
            }
            _ => None,
        };
        self.resolved[index] = Progress::Done(condition.clone());
        Ok(condition)
    }

    /// Whether a condition holds wherever the parameter exists.
    fn implies(&self, mut index: usize, wanted: &Condition) -> bool {
        while let Progress::Done(Some(condition)) = &self.resolved[index] {
            if condition.parameter == wanted.parameter {
                return condition
                    .values
                    .iter()
                    .all(|value| wanted.values.iter().any(|other| same(value, other)));
            }
            index = condition.parameter;
        }
        false
    }
}

impl Fault {
    fn in_words(&self, leaves: &[Leaf]) -> String {
        let name = |index: usize| leaves[index].path.join(".");
        match self {
            Self::Circle(index) => {
                format!(
                    "its condition depends on itself, by way of `{}`",
                    name(*index)
                )
            }
            Self::Two(first, second) => format!(
                "depends on `{}` and on `{}`, expected that one of them depends on the other",
                name(*first),
                name(*second)
            ),
        }
    }
}
