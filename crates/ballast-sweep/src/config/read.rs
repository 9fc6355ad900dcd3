//! Takes values out of mappings, and notes what is wrong with them.

use std::fmt::Display;

use serde_json::{Number, Value};

use super::error::Problem;
use super::keys::nearest;
use super::node::{Kind, Node};

/// What was noted while a configuration was read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl Notes {
    /// Notes a problem with the value at a path.
    pub(super) fn problem(&mut self, path: &str, line: Option<usize>, message: impl Into<String>) {
        self.problems.push(Problem {
            path: path.to_owned(),
            line,
            message: message.into(),
        });
    }

    /// Notes a value of the wrong kind.
    pub(super) fn mismatch(&mut self, path: &str, found: &Node, expected: impl Display) {
        let message = format!("found {}, expected {expected}", found.describe());
        self.problem(path, found.line, message);
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        /// Nobody reads more.
        const MOST_WARNINGS: usize = 50;
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(warning.into());
        }
    }
}

/// A mapping whose keys are taken one by one.
pub(super) struct Section<'n> {
    /// The keys that lead to it; empty for the whole configuration.
    pub(super) path: String,
    pub(super) line: Option<usize>,
    entries: Vec<(&'n str, &'n Node)>,
}

impl<'n> Section<'n> {
    /// A mapping; anything else is a problem.
    pub(super) fn open(
        path: impl Into<String>,
        node: &'n Node,
        expected: &str,
        notes: &mut Notes,
    ) -> Option<Self> {
        let path = path.into();
        let Kind::Map(entries) = &node.kind else {
            notes.mismatch(&path, node, expected);
            return None;
        };
        Some(Self {
            path,
            line: node.line,
            entries: entries
                .iter()
                .map(|(key, node)| (key.as_str(), node))
                .collect(),
        })
    }

    /// The path of one of its keys.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Whether the key is there and was not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(found, _)| *found == key)
    }

    /// Takes the value of a key.
    pub(super) fn take(&mut self, key: &str) -> Option<&'n Node> {
        let index = self.entries.iter().position(|(found, _)| *found == key)?;
        Some(self.entries.remove(index).1)
    }

    /// Takes a value; nothing behind the key counts as no key.
    fn take_some(&mut self, key: &str) -> Option<&'n Node> {
        self.take(key).filter(|node| node.kind != Kind::Null)
    }

    /// What was not taken.
    pub(super) fn rest(&self) -> &[(&'n str, &'n Node)] {
        &self.entries
    }

    /// Warns of what was not taken.
    pub(super) fn warn_of_rest(&self, known: &[&str], notes: &mut Notes) {
        for (key, _) in &self.entries {
            notes.warn(format!(
                "unknown key `{}` is ignored{}",
                self.path_of(key),
                did_you_mean(key, known)
            ));
        }
    }

    pub(super) fn text(&mut self, key: &str, notes: &mut Notes) -> Option<String> {
        let node = self.take_some(key)?;
        match &node.kind {
            Kind::Text(text) => Some(text.clone()),
            // A name such as `2024` is written without quotes.
            Kind::Number(number) => Some(number.to_string()),
            Kind::Bool(value) => Some(value.to_string()),
            _ => {
                notes.mismatch(&self.path_of(key), node, "text");
                None
            }
        }
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        notes: &mut Notes,
    ) -> Option<T> {
        let node = self.take_some(key)?;
        let word = match &node.kind {
            Kind::Text(word) => word.as_str(),
            // `impute_while_running: false` is the same as the text.
            Kind::Bool(false) => "false",
            _ => "",
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let expected = format!("{}{}", one_of(&names), did_you_mean(word, &names));
        notes.mismatch(&self.path_of(key), node, expected);
        None
    }

    pub(super) fn boolean(&mut self, key: &str, notes: &mut Notes) -> Option<bool> {
        let node = self.take_some(key)?;
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        notes.mismatch(&self.path_of(key), node, "`true` or `false`");
        None
    }

    /// A finite number, as it was written.
    pub(super) fn number(&mut self, key: &str, notes: &mut Notes) -> Option<&'n Number> {
        let node = self.take_some(key)?;
        if let Kind::Number(number) = &node.kind {
            return Some(number);
        }
        notes.mismatch(&self.path_of(key), node, "a number");
        None
    }

    /// An integer of a range, which may be written as a float.
    pub(super) fn integer(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        notes: &mut Notes,
    ) -> Option<i64> {
        let node = self.take_some(key)?;
        let value = match &node.kind {
            Kind::Number(number) => as_integer(number),
            _ => None,
        };
        if let Some(value) = value.filter(|value| range.contains(value)) {
            return Some(value);
        }
        let expected = match (*range.start(), *range.end()) {
            (i64::MIN, i64::MAX) => "an integer".to_owned(),
            (least, i64::MAX) => format!("an integer of at least {least}"),
            (least, most) => format!("an integer from {least} to {most}"),
        };
        notes.mismatch(&self.path_of(key), node, expected);
        None
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &str, notes: &mut Notes) -> Option<Vec<String>> {
        let node = self.take_some(key)?;
        let texts = match &node.kind {
            Kind::List(nodes) => nodes.iter().map(word).collect::<Option<Vec<String>>>(),
            _ => None,
        };
        if texts.is_none() {
            notes.mismatch(&self.path_of(key), node, "a list of texts");
        }
        texts
    }

    /// Any value that JSON has.
    pub(super) fn value(&mut self, key: &str, notes: &mut Notes) -> Option<Value> {
        let node = self.take(key)?;
        let value = node.to_json();
        if value.is_none() {
            notes.mismatch(
                &self.path_of(key),
                node,
                "a value without NaN and infinities",
            );
        }
        value
    }
}

pub(super) fn word(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The integer that a number is, be it written as a float.
pub(super) fn as_integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let value = number.as_f64()?;
        let is_integer = value.fract() == 0.0 && value.abs() < 9e15;
        is_integer.then_some(value as i64)
    })
}

/// `a`, `b` or `c`.
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [names @ .., last] => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", names.join(", "))
        }
    }
}

/// `; did you mean …`, if one of the names is near.
pub(super) fn did_you_mean(found: &str, names: &[&str]) -> String {
    nearest(found, names).map_or_else(String::new, |name| format!("; did you mean `{name}`"))
}
