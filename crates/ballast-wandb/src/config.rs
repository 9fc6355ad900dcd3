//! A run's config on the wire: `{"lr": {"value": 0.1}, "_wandb": {"value": {…}}}`.
//!
//! The entry `_wandb` is what the client keeps with the run for itself. It comes back to the client as it was sent;
//! what it tells about the run (metrics, charts, environment, branch point) is also read into types of our own.

use ballast_model::json::{Map, Value};
use ballast_model::{CustomChart, Environment, MetricDefinition, RunId};
use ballast_tracking::runs::Branch;
use indexmap::IndexMap;

use crate::refusal::Refusal;
use crate::{charts, environment, metric_definitions};

const SDK_KEY: &str = "_wandb";

/// What a config text says.
#[derive(Debug, Default)]
pub(crate) struct WireConfig {
    /// The inputs of the run, without the wire's wrapping.
    pub(crate) config: Map,
    /// What the client keeps with the run.
    pub(crate) sdk_state: Option<Map>,
}

impl WireConfig {
    /// Reads a config text.
    ///
    /// # Errors
    /// [`Refusal`] (400) if the text is no JSON object.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let entries = match Value::parse(text.as_bytes()) {
            Ok(Value::Map(entries)) => entries,
            Ok(Value::Null) => Map::new(),
            Ok(_) => return Err(Refusal::invalid("the config is no JSON object")),
            Err(error) => {
                return Err(Refusal::invalid(format!(
                    "the config is not valid: {error}"
                )));
            }
        };
        let mut wire = Self::default();
        for (key, entry) in entries {
            let value = unwrap_entry(entry);
            if key == SDK_KEY {
                if let Value::Map(state) = value {
                    wire.sdk_state = Some(state);
                }
            } else {
                wire.config.insert(key, value);
            }
        }
        Ok(wire)
    }

    /// What the script declared about its metrics, if the client said anything about that.
    pub(crate) fn metric_definitions(&self) -> Option<Vec<MetricDefinition>> {
        self.sdk_member("m").map(metric_definitions::from_wire)
    }

    /// The charts that the script described, if the client said anything about that.
    pub(crate) fn custom_charts(&self) -> Option<IndexMap<String, CustomChart>> {
        let state = self.sdk_state.as_ref()?;
        let charts = charts::from_wire(state.get("visualize"), state.get("viz"));
        (!charts.is_empty()).then_some(charts)
    }

    /// The environment of the process that wrote the config, if it is told.
    pub(crate) fn environment(&self) -> Option<Environment> {
        environment::from_sdk_state(self.sdk_state.as_ref()?)
    }

    /// Where the run branches off another run, or was rewound to.
    pub(crate) fn branch(&self) -> Option<Branch> {
        let point = self.sdk_member("branch_point")?;
        let parent = RunId::new(point.get("run_id")?.as_str()?).ok()?;
        let step = point.get("step")?;
        let step = step
            .as_i64()
            .or_else(|| step.as_f64().map(|step| step as i64))?;
        Some(Branch { parent, step })
    }

    fn sdk_member(&self, key: &str) -> Option<&Value> {
        self.sdk_state.as_ref()?.get(key)
    }
}

fn unwrap_entry(entry: Value) -> Value {
    match entry {
        Value::Map(mut members) => match members.swap_remove("value") {
            Some(value) => value,
            None => Value::Map(members),
        },
        bare => bare,
    }
}

/// The config text of a run, as the client wants it back.
pub(crate) fn to_wire(config: &Map, sdk_state: &Value) -> String {
    let wrap = |value: &Value| Value::Map(Map::from_iter([("value".to_owned(), value.clone())]));
    let mut entries: Map = config
        .iter()
        .map(|(key, value)| (key.clone(), wrap(value)))
        .collect();
    if *sdk_state != Value::Null {
        entries.insert(SDK_KEY.to_owned(), wrap(sdk_state));
    }
    Value::Map(entries).to_text()
}

/// The members `keys` of what the client keeps with a run, as text.
pub(crate) fn sdk_members(sdk_state: &Value, keys: &[String]) -> String {
    let member = |key: &String| Some((key.clone(), sdk_state.get(key)?.clone()));
    Value::Map(keys.iter().filter_map(member).collect()).to_text()
}

/// What the client keeps with a run of several writers: the parts of all of them.
pub(crate) fn merge_sdk_states(stored: &Value, told: Map) -> Map {
    let mut merged = stored.as_map().cloned().unwrap_or_default();
    for (key, value) in told {
        match (merged.get_mut(&key), value) {
            (Some(Value::Map(there)), Value::Map(here)) => there.extend(here),
            (_, value) => drop(merged.insert(key, value)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"lr":{"value":0.1},"inf":{"value":Infinity},"n":{"value":null},"net":{"desc":null,"value":{"value":1}},"raw":7,"_wandb":{"value":{"t":{"1":[5]},"branch_point":{"run_id":"parent","step":3}}}}"#;

    #[test]
    fn entries_are_unwrapped_once() {
        let wire = WireConfig::parse(TEXT).expect("valid");
        let plain = Value::Map(wire.config.clone()).to_text();
        assert_eq!(
            plain,
            r#"{"lr":0.1,"inf":Infinity,"n":null,"net":{"value":1},"raw":7}"#
        );
        assert_eq!(
            wire.branch(),
            Some(Branch {
                parent: RunId::new("parent").expect("valid"),
                step: 3
            })
        );
    }

    #[test]
    fn a_config_comes_back_wrapped() {
        let wire = WireConfig::parse(TEXT).expect("valid");
        let text = to_wire(&wire.config, &Value::Map(wire.sdk_state.expect("is there")));
        let again = WireConfig::parse(&text).expect("own text");
        assert_eq!(again.config, wire.config);
        assert!(text.ends_with(
            r#""_wandb":{"value":{"t":{"1":[5]},"branch_point":{"run_id":"parent","step":3}}}}"#
        ));
        assert_eq!(to_wire(&Map::new(), &Value::Null), "{}");
    }

    #[test]
    fn only_the_asked_members_are_told() {
        let state = Value::parse(br#"{"t":{"1":[5]},"m":[]}"#).expect("valid");
        let keys = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            sdk_members(&state, &keys(&["t", "x"])),
            r#"{"t":{"1":[5]}}"#
        );
        assert_eq!(sdk_members(&Value::Null, &keys(&["t"])), "{}");
    }

    #[test]
    fn writers_do_not_erase_each_other() {
        let stored = Value::parse(br#"{"e":{"a":{}},"t":{"1":[1]},"v":1}"#).expect("valid");
        let Ok(Value::Map(told)) = Value::parse(br#"{"e":{"b":{}},"v":2}"#) else {
            panic!("an object")
        };
        let merged = Value::Map(merge_sdk_states(&stored, told)).to_text();
        assert_eq!(merged, r#"{"e":{"a":{},"b":{}},"t":{"1":[1]},"v":2}"#);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "{", "7", "{\"a\": }"] {
            let refusal = WireConfig::parse(text).expect_err(text);
            assert_eq!(refusal.status, axum::http::StatusCode::BAD_REQUEST);
        }
        assert!(
            WireConfig::parse("null")
                .expect("nothing")
                .config
                .is_empty()
        );
    }
}
