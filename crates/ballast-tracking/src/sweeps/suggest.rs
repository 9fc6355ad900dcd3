//! Parameters that the configs of earlier runs suggest.

use ballast_model::json::{Map, Value};
use ballast_model::{EntityName, ProjectName, RunId};
use indexmap::IndexMap;
use serde_json::json;

use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Most parameters that are suggested.
const MAX_PARAMETERS: usize = 500;
/// Most runs that a suggestion is made from.
const MAX_RUNS: usize = 1000;
/// Most values that a suggested choice has.
const MAX_CHOICES: usize = 20;
/// Numbers of so few values are a choice among these.
const FEW_NUMBERS: usize = 5;
/// Ratio of the largest to the smallest value from which on a range goes by logarithms.
const LOG_RATIO: f64 = 20.0;
/// How deep configs are looked into.
const MAX_DEPTH: usize = 8;

/// What the configs of runs suggest to search over.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// How many runs there were to learn from.
    pub n_runs: usize,
    /// A parameter for each value in their configs, in the order in which they were found; at most 500.
    pub parameters: Vec<SuggestedParameter>,
}

/// A value that configs have, and the parameter that it could be.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestedParameter {
    /// The keys that lead to it, joined by dots.
    pub name: String,
    /// How many configs have it.
    pub n_runs: usize,
    /// How many different values there are.
    pub n_distinct: usize,
    /// The parameter as sweep configs write it: `{"value": …}` for what never varied, else a choice or a range that has
    /// all values seen.
    pub parameter: serde_json::Value,
}

/// What is known of one key.
#[derive(Default)]
struct Seen {
    n_runs: usize,
    /// By their JSON text, with how often each was seen.
    values: IndexMap<String, (serde_json::Value, usize)>,
}

impl Tracking {
    /// Suggests parameters of a sweep from the configs of runs; runs that do not exist are passed over.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's; [`TrackingError::TooLarge`] for
    /// more than 1,000 runs.
    pub async fn suggest_parameters(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        runs: &[RunId],
    ) -> Result<Suggestion> {
        let project = self.get_project(caller, entity, project).await?;
        project.check(Access::Read)?;
        if runs.len() > MAX_RUNS {
            return Err(TrackingError::TooLarge {
                what: "list of runs",
                found: runs.len() as u64,
                limit: MAX_RUNS as u64,
            });
        }
        let mut records = self
            .inner
            .meta
            .read()
            .runs_by_ids(project.key, runs)
            .await?;
        records.retain(|record| record.head.deleted_at.is_none());
        let runs = self.runs_of(&project, records).await?;
        tokio::task::spawn_blocking(move || suggest(runs.iter().map(|run| &run.config)))
            .await
            .map_err(TrackingError::internal)
    }
}

fn suggest<'a>(configs: impl Iterator<Item = &'a Map>) -> Suggestion {
    let mut seen = IndexMap::new();
    let mut n_runs = 0;
    for config in configs {
        n_runs += 1;
        look(config, "", 0, &mut seen);
    }
    let parameters = seen.into_iter().map(|(name, seen)| SuggestedParameter {
        name,
        n_runs: seen.n_runs,
        n_distinct: seen.values.len(),
        parameter: parameter_of(seen),
    });
    Suggestion {
        n_runs,
        parameters: parameters.collect(),
    }
}

fn look(config: &Map, prefix: &str, depth: usize, seen: &mut IndexMap<String, Seen>) {
    for (key, value) in config {
        let name = format!("{prefix}{key}");
        if let Value::Map(inner) = value
            && depth < MAX_DEPTH
        {
            look(inner, &format!("{name}."), depth + 1, seen);
            continue;
        }
        // What JSON cannot write, as NaN, is nothing to try again.
        let Ok(plain) = serde_json::from_str::<serde_json::Value>(&value.to_text()) else {
            continue;
        };
        if seen.len() >= MAX_PARAMETERS && !seen.contains_key(&name) {
            continue;
        }
        let seen = seen.entry(name).or_default();
        seen.n_runs += 1;
        let found = seen.values.entry(plain.to_string()).or_insert((plain, 0));
        found.1 += 1;
    }
}

fn parameter_of(seen: Seen) -> serde_json::Value {
    let mut values: Vec<_> = seen.values.into_values().collect();
    if let [(value, _)] = values.as_slice() {
        return json!({"value": value});
    }
    let numbers: Option<Vec<f64>> = values.iter().map(|(value, _)| value.as_f64()).collect();
    let Some(numbers) = numbers else {
        // The most frequent first.
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        values.truncate(MAX_CHOICES);
        let values: Vec<_> = values.into_iter().map(|(value, _)| value).collect();
        return json!({"values": values});
    };
    if values.len() <= FEW_NUMBERS {
        let mut choices: Vec<_> = values
            .into_iter()
            .map(|(value, _)| value)
            .zip(numbers)
            .collect();
        choices.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let choices: Vec<_> = choices.into_iter().map(|(value, _)| value).collect();
        return json!({"values": choices});
    }
    let integers: Option<Vec<i64>> = values.iter().map(|(value, _)| value.as_i64()).collect();
    if let Some(integers) = integers {
        let (min, max) = (integers.iter().min(), integers.iter().max());
        return json!({"distribution": "int_uniform", "min": min, "max": max});
    }
    let min = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let max = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let distribution = if min > 0.0 && max / min > LOG_RATIO {
        "log_uniform_values"
    } else {
        "uniform"
    };
    json!({"distribution": distribution, "min": min, "max": max})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggested(configs: &[&str]) -> Vec<(String, usize, usize, serde_json::Value)> {
        let configs: Vec<Value> = configs
            .iter()
            .map(|text| Value::parse(text.as_bytes()).expect("is JSON"))
            .collect();
        let maps = configs.iter().map(|config| config.as_map().expect("a map"));
        suggest(maps)
            .parameters
            .into_iter()
            .map(|found| (found.name, found.n_runs, found.n_distinct, found.parameter))
            .collect()
    }

    #[test]
    fn ranges_hold_all_that_was_seen() {
        let configs: Vec<String> = (1..=8)
            .map(|n| {
                let lr = 10f64.powi(-n);
                format!(r#"{{"lr":{lr},"dropout":0.{n},"layers":{n},"epochs":40}}"#)
            })
            .collect();
        let configs: Vec<&str> = configs.iter().map(String::as_str).collect();
        assert_eq!(
            suggested(&configs),
            [
                (
                    "lr".to_owned(),
                    8,
                    8,
                    json!({"distribution": "log_uniform_values", "min": 1e-8, "max": 0.1})
                ),
                (
                    "dropout".to_owned(),
                    8,
                    8,
                    json!({"distribution": "uniform", "min": 0.1, "max": 0.8})
                ),
                (
                    "layers".to_owned(),
                    8,
                    8,
                    json!({"distribution": "int_uniform", "min": 1, "max": 8})
                ),
                ("epochs".to_owned(), 8, 1, json!({"value": 40})),
            ]
        );
    }

    #[test]
    fn few_numbers_and_all_else_are_choices() {
        let configs = [
            r#"{"batch":64,"model":{"act":"relu","norm":true}}"#,
            r#"{"batch":32,"model":{"act":"gelu","norm":false}}"#,
            r#"{"batch":64,"model":{"act":"gelu","norm":false},"bad":NaN}"#,
        ];
        assert_eq!(
            suggested(&configs),
            [
                ("batch".to_owned(), 3, 2, json!({"values": [32, 64]})),
                (
                    "model.act".to_owned(),
                    3,
                    2,
                    json!({"values": ["gelu", "relu"]})
                ),
                (
                    "model.norm".to_owned(),
                    3,
                    2,
                    json!({"values": [false, true]})
                ),
            ]
        );
    }

    #[test]
    fn suggested_parameters_are_those_of_a_valid_config() {
        let configs: Vec<String> = (0..9)
            .map(|n| format!(r#"{{"a":{n}.5,"b":{n},"c":"k{n}","d":[1,{n}],"e":null}}"#))
            .collect();
        let configs: Vec<&str> = configs.iter().map(String::as_str).collect();
        let parameters: serde_json::Map<String, serde_json::Value> = suggested(&configs)
            .into_iter()
            .map(|(name, _, _, parameter)| (name, parameter))
            .collect();
        assert_eq!(parameters.len(), 5);
        let config = json!({"method": "random", "parameters": parameters});
        let parsed = ballast_sweep::SweepConfig::parse_json(&config);
        assert!(parsed.is_ok(), "{parsed:?}");
    }

    #[test]
    fn long_lists_of_names_are_cut() {
        let configs: Vec<String> = (0..50)
            .map(|n| format!(r#"{{"path":"run-{n}"}}"#))
            .collect();
        let configs: Vec<&str> = configs.iter().map(String::as_str).collect();
        let found = suggested(&configs);
        assert_eq!(found[0].2, 50);
        assert_eq!(
            found[0].3["values"].as_array().map(Vec::len),
            Some(MAX_CHOICES)
        );
    }
}
