//! `ballast sweep next`.

use anyhow::{Context as _, anyhow};
use ballast_model::json::{Map, Value};
use ballast_sweep::{Measurement, Outcome as TrialOutcome, Proposal, SweepConfig, Trial, propose};

use super::read_all;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::printer;

/// Reads stdin and prints the next parameters.
pub(super) fn run() -> Outcome {
    let bytes = read_all(std::io::stdin().lock())
        .context("could not read stdin")
        .map_err(Failure::expected)?;
    let request = Request::parse(&bytes).map_err(Failure::expected)?;
    let number = request
        .trials
        .iter()
        .filter(|trial| !trial.is_prior)
        .count() as u64;
    match propose(&request.config, &request.trials, request.seed, number) {
        Proposal::Next(next) => {
            let line = serde_json::to_string(&next.config).context("could not write the answer")?;
            printer::data(&line);
        }
        Proposal::Done(reason) => {
            printer::data(r#"{"done": true}"#);
            printer::note(&format!("done: {reason}"));
        }
    }
    Ok(())
}

/// What is asked.
struct Request {
    config: SweepConfig,
    trials: Vec<Trial>,
    seed: u64,
}

impl Request {
    fn parse(text: &[u8]) -> Result<Self, anyhow::Error> {
        let value = Value::parse(text).context("stdin holds no JSON object")?;
        let Value::Map(mut request) = value else {
            return Err(anyhow!(
                "stdin holds no JSON object, expected one with `config`, `runs` and `seed`"
            ));
        };
        let config = match request.swap_remove("config") {
            Some(Value::String(text)) => SweepConfig::parse_yaml(&text)?,
            Some(value) => SweepConfig::parse_json(&serde_json::to_value(&value)?)?,
            None => {
                return Err(anyhow!(
                    "`config` is missing, expected the config of a sweep"
                ));
            }
        };
        let seed = match request.swap_remove("seed") {
            None | Some(Value::Null) => 0,
            Some(Value::Int(seed)) => seed as u64,
            Some(found) => {
                let found = found.to_text();
                return Err(anyhow!("`seed` is `{found}`, expected a 64-bit integer"));
            }
        };
        let runs = match request.swap_remove("runs") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::List(runs)) => runs,
            Some(_) => return Err(anyhow!("`runs` is no list")),
        };
        let config = config.config;
        let trials = runs
            .into_iter()
            .enumerate()
            .map(|(index, run)| {
                trial(run, &config).with_context(|| format!("`runs[{index}]` is not usable"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            config,
            trials,
            seed,
        })
    }
}

fn trial(run: Value, config: &SweepConfig) -> Result<Trial, anyhow::Error> {
    let Value::Map(mut run) = run else {
        return Err(anyhow!(
            "expected an object with `config` and `value` or `state`"
        ));
    };
    let Some(Value::Map(parameters)) = run.swap_remove("config") else {
        return Err(anyhow!(
            "`config` is missing, expected an object of parameters"
        ));
    };
    let measurements = measurements(&mut run, config)?;
    let outcome = match run.swap_remove("state") {
        None | Some(Value::Null) => match measurements {
            Some(_) => TrialOutcome::Finished,
            None => TrialOutcome::Running,
        },
        Some(Value::String(state)) => outcome(&state)?,
        Some(found) => return Err(anyhow!("`state` is `{}`, expected text", found.to_text())),
    };
    Ok(Trial {
        config: parameters
            .into_iter()
            .map(|(name, value)| Ok((name, serde_json::to_value(&without_wrapper(value))?)))
            .collect::<Result<_, serde_json::Error>>()?,
        outcome,
        measurements: measurements.unwrap_or_default(),
        is_prior: run.get("prior").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// A config of the wandb client wraps each value into `{"value": …}`, at times beside a `desc`.
fn without_wrapper(value: Value) -> Value {
    match value {
        Value::Map(mut map)
            if map.contains_key("value")
                && map
                    .keys()
                    .all(|key| matches!(key.as_str(), "value" | "desc")) =>
        {
            map.swap_remove("value").unwrap_or_default()
        }
        value => value,
    }
}

/// `value` of one objective, or `values` of several, as a list or under their names. `None` if neither is there.
fn measurements(
    run: &mut Map,
    config: &SweepConfig,
) -> Result<Option<Vec<Measurement>>, anyhow::Error> {
    let values = match (run.swap_remove("value"), run.swap_remove("values")) {
        (None, None) => return Ok(None),
        (Some(value), None) => vec![value],
        (None, Some(Value::List(values))) => values,
        (None, Some(Value::Map(mut values))) => config
            .objectives
            .iter()
            .map(|metric| values.swap_remove(&metric.name).unwrap_or_default())
            .collect(),
        (None, Some(_)) => return Err(anyhow!("`values` is neither a list nor an object")),
        (Some(_), Some(_)) => {
            return Err(anyhow!(
                "found both `value` and `values`, expected one of them"
            ));
        }
    };
    let measurements = values.iter().map(|value| match value {
        Value::Null => Ok(Measurement::default()),
        value => match value.as_f64() {
            Some(number) => Ok(Measurement::single(number)),
            None => Err(anyhow!(
                "a value is `{}`, expected a number",
                value.to_text()
            )),
        },
    });
    measurements.collect::<Result<_, _>>().map(Some)
}

fn outcome(state: &str) -> Result<TrialOutcome, anyhow::Error> {
    Ok(match state.to_ascii_lowercase().as_str() {
        "pending" | "preempted" => TrialOutcome::Pending,
        "running" | "preempting" => TrialOutcome::Running,
        "finished" => TrialOutcome::Finished,
        "stopped" => TrialOutcome::Stopped,
        "failed" => TrialOutcome::Failed,
        "crashed" => TrialOutcome::Lost,
        "killed" => TrialOutcome::Killed,
        _ => {
            return Err(anyhow!(
                "`state` is `{state}`, expected `pending`, `running`, `finished`, `stopped`, `failed`, `crashed` or `killed`"
            ));
        }
    })
}
