//! A configuration before it is understood: what YAML and JSON have in common.

use serde_json::{Map, Number, Value};

use super::error::ConfigError;

/// How deep values may be nested.
pub(super) const MAX_DEPTH: usize = 32;
/// How many values a configuration may have, aliases resolved.
pub(super) const MAX_NODES: usize = 200_000;

/// A value and where it stood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The line of the text, from 1.
    pub(super) line: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    /// NaN or an infinity, which JSON has not.
    NotFinite(f64),
    Text(String),
    List(Vec<Node>),
    /// Keys are unique; the reader reports repeated ones.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Takes a JSON value over.
    pub(super) fn from_json(value: &Value) -> Result<Self, ConfigError> {
        from_json(value, 0, &mut 0)
    }

    /// The value as JSON; `None` if a part of it is NaN or infinite.
    pub(super) fn to_json(&self) -> Option<Value> {
        Some(match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::NotFinite(_) => return None,
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(nodes) => {
                Value::Array(nodes.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| Some((key.clone(), node.to_json()?)))
                    .collect::<Option<Map<_, _>>>()?,
            ),
        })
    }

    /// What was found, for a message.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("`{number}`"),
            Kind::NotFinite(value) if value.is_nan() => "NaN".to_owned(),
            Kind::NotFinite(_) => "an infinite number".to_owned(),
            Kind::Text(text) => format!("the text `{}`", shorten(text)),
            Kind::List(nodes) => format!("a list of {}", nodes.len()),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// The start of a text that a message can bear.
pub(super) fn shorten(text: &str) -> String {
    const MOST_CHARACTERS: usize = 60;
    let mut short: String = text.chars().take(MOST_CHARACTERS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn too_deep(line: Option<usize>) -> ConfigError {
    ConfigError::single(
        line,
        format!("values are nested deeper than {MAX_DEPTH} levels"),
    )
}

pub(super) fn too_many(line: Option<usize>) -> ConfigError {
    ConfigError::single(line, format!("there are more than {MAX_NODES} values"))
}

fn from_json(value: &Value, depth: usize, n_nodes: &mut usize) -> Result<Node, ConfigError> {
    if depth > MAX_DEPTH {
        return Err(too_deep(None));
    }
    *n_nodes += 1;
    if *n_nodes > MAX_NODES {
        return Err(too_many(None));
    }
    let kind = match value {
        Value::Null => Kind::Null,
        Value::Bool(value) => Kind::Bool(*value),
        Value::Number(number) => Kind::Number(number.clone()),
        Value::String(text) => Kind::Text(text.clone()),
        Value::Array(values) => Kind::List(
            values
                .iter()
                .map(|value| from_json(value, depth + 1, n_nodes))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(object) => Kind::Map(
            object
                .iter()
                .map(|(key, value)| Ok((key.clone(), from_json(value, depth + 1, n_nodes)?)))
                .collect::<Result<_, _>>()?,
        ),
    };
    Ok(Node { kind, line: None })
}
