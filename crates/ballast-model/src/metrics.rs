//! Names of logged values, and what a script declares about them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a value sits in a logged row: the keys from the row down, outermost first.
///
/// A nested object's members are values of their own: `{"d": {"x": 1}}` logs the path `["d", "x"]`. A dot inside a
/// key is not a border: `{"d.x": 1}` logs the path `["d.x"]`, and both may be in one run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricPath(Vec<String>);

impl MetricPath {
    /// A path of at least one key.
    ///
    /// # Panics
    /// If `keys` is empty.
    pub fn new(keys: Vec<String>) -> Self {
        assert!(!keys.is_empty(), "a logged value has at least one key");
        Self(keys)
    }

    /// The keys, outermost first.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// The name under which the path is stored and shown.
    pub fn name(&self) -> MetricName {
        let mut name = String::new();
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                name.push('.');
            }
            push_escaped(key, &mut name);
        }
        MetricName(name)
    }
}

/// The text form of a [`MetricPath`]: keys joined by `.`; a literal `.` or `\` inside a key is escaped by `\`.
///
/// Distinct paths have distinct names, and [`MetricName::path`] gives the path back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetricName(String);

impl MetricName {
    /// Takes a stored name as it is.
    pub fn from_stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name of a single top-level key, in which a dot is not a border.
    pub fn from_key(key: &str) -> Self {
        let mut name = String::with_capacity(key.len());
        push_escaped(key, &mut name);
        Self(name)
    }

    /// The stored text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys that the name stands for.
    pub fn path(&self) -> MetricPath {
        let mut keys = vec![String::new()];
        let mut characters = self.0.chars();
        while let Some(character) = characters.next() {
            match character {
                '.' => keys.push(String::new()),
                '\\' => keys
                    .last_mut()
                    .expect("starts with one key")
                    .extend(characters.next()),
                other => keys.last_mut().expect("starts with one key").push(other),
            }
        }
        MetricPath(keys)
    }

    /// The name as the wandb client and people write it: dots unescaped, so that a nested and a literal dot look
    /// the same.
    pub fn dotted(&self) -> String {
        self.path().0.join(".")
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_escaped(key: &str, name: &mut String) {
    for character in key.chars() {
        if matches!(character, '.' | '\\') {
            name.push('\\');
        }
        name.push(character);
    }
}

/// What a script declared about a metric, or about every metric whose name matches a glob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricDefinition {
    /// The metric's name as the script wrote it, or a glob with `*` if [`MetricDefinition::is_glob`].
    pub name: String,
    /// Whether `name` is a glob.
    #[serde(default)]
    pub is_glob: bool,
    /// The metric to plot against, instead of the step.
    #[serde(default)]
    pub step_metric: Option<String>,
    /// Whether automatic panels leave the metric out.
    #[serde(default)]
    pub hidden: bool,
    /// Which aggregates the summary keeps; empty means the last value.
    #[serde(default)]
    pub summary: Vec<SummaryKind>,
    /// Which direction is better.
    #[serde(default)]
    pub goal: Option<Goal>,
}

/// An aggregate that a summary may keep of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SummaryKind {
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Mean of all values.
    Mean,
    /// Best value by the goal.
    Best,
    /// Last value.
    Last,
    /// Nothing: the metric stays out of the summary.
    None,
    /// The value as logged.
    Copy,
    /// First value.
    First,
}

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Smaller is better.
    Minimize,
    /// Larger is better.
    Maximize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nested_and_literal_dots_differ() {
        let nested = MetricPath::new(vec!["d".to_owned(), "x".to_owned()]).name();
        let literal = MetricName::from_key("d.x");
        assert_eq!(nested.as_str(), "d.x");
        assert_eq!(literal.as_str(), "d\\.x");
        assert_eq!(nested.dotted(), literal.dotted());
    }

    proptest! {
        #[test]
        fn names_give_their_path_back(keys in prop::collection::vec("[a.\\\\/é]{0,5}", 1..5)) {
            let path = MetricPath::new(keys);
            prop_assert_eq!(path.name().path(), path);
        }
    }
}
