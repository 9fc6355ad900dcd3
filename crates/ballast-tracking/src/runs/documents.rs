//! The documents of a run between their stored text and their types.

use ballast_meta::{RunDocuments, RunHead};
use ballast_model::json::{Map, Value};
use ballast_model::{CustomChart, Environment, MetricDefinition, RunKey};
use indexmap::IndexMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Result, TrackingError};

/// The documents of a run, parsed.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) config: Map,
    pub(super) summary: Map,
    pub(super) sdk_state: Value,
    pub(super) metric_definitions: Vec<MetricDefinition>,
    pub(super) custom_charts: IndexMap<String, CustomChart>,
    pub(super) environment: Environment,
}

impl Documents {
    /// Parses what is stored. A text that we did not write is a fault that names run and column.
    pub(super) fn parse(head: &RunHead, texts: &RunDocuments) -> Result<Self> {
        let corrupt = |column: &str, reason: String| corrupt(head.key, column, &reason);
        let value = |column: &str, text: &str| {
            if text.is_empty() {
                return Ok(Value::Null);
            }
            Value::parse(text.as_bytes()).map_err(|error| corrupt(column, error.to_string()))
        };
        let map = |column: &str, text: &str| match value(column, text)? {
            Value::Map(map) => Ok(map),
            Value::Null => Ok(Map::new()),
            _ => Err(corrupt(column, "not an object".to_owned())),
        };
        Ok(Self {
            config: map("config", &texts.config)?,
            summary: map("summary", &texts.summary)?,
            sdk_state: value("sdk_state", &texts.sdk_state)?,
            metric_definitions: parse_metric_definitions(head.key, &texts.metric_definitions)?,
            custom_charts: parse_or_default(&texts.custom_charts)
                .map_err(|error| corrupt("custom_charts", error.to_string()))?,
            environment: parse_or_default(&texts.environment)
                .map_err(|error| corrupt("environment", error.to_string()))?,
        })
    }
}

fn corrupt(run: RunKey, column: &str, reason: &str) -> TrackingError {
    TrackingError::internal(format!(
        "column `{column}` of run {run} is unreadable: {reason}"
    ))
}

/// Parses what is stored of a run's metric definitions.
pub(crate) fn parse_metric_definitions(run: RunKey, text: &str) -> Result<Vec<MetricDefinition>> {
    parse_or_default(text).map_err(|error| corrupt(run, "metric_definitions", &error.to_string()))
}

fn parse_or_default<T: DeserializeOwned + Default>(text: &str) -> serde_json::Result<T> {
    if text.is_empty() {
        Ok(T::default())
    } else {
        serde_json::from_str(text)
    }
}

/// The stored text of a document that is no lenient JSON.
pub(super) fn to_text(document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document).map_err(TrackingError::internal)
}

/// The stored text of a lenient document, checked against the limit.
pub(crate) fn map_text(what: &'static str, map: &Map, limit: u64) -> Result<String> {
    let mut text = String::new();
    write_map(map, &mut text);
    let found = text.len() as u64;
    if found > limit {
        Err(TrackingError::TooLarge { what, found, limit })
    } else {
        Ok(text)
    }
}

fn write_map(map: &Map, text: &mut String) {
    // A map is written as the value it is; cloning a large config only to wrap it would double its memory.
    text.push('{');
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        Value::from(key.as_str()).write_text(text);
        text.push(':');
        value.write_text(text);
    }
    text.push('}');
}
