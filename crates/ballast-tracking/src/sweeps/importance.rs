//! Which parameters of a sweep a metric depends on.

use ballast_model::SweepPath;
use ballast_sweep::importance;
use serde_json::{Map, Value};

use super::{ParameterOutline, Trial, TrialOutcome, outline};
use crate::{Caller, Result, Tracking, TrackingError};

/// Most trials that are looked at, the first ones of the ledger.
const MAX_TRIALS: usize = 5000;
/// Trials that are read at once.
const PAGE: usize = 1000;
/// The forest is the same for the same trials.
const SEED: u64 = 1;

/// What a metric of a sweep depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepImportance {
    /// How many trials it was learned from.
    pub n_trials: usize,
    /// The parameters that vary, the most important first.
    pub parameters: Vec<ParameterImportance>,
}

/// What one parameter has to do with a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterImportance {
    /// The names that lead to it, joined by dots.
    pub name: String,
    /// Its share of what a random forest can tell of the metric, from 0 to 1; the shares add up to 1, or are all 0.
    pub importance: f64,
    /// Spearman's correlation with the metric, from -1 to 1; `None` for what has no order.
    pub correlation: Option<f64>,
}

impl Tracking {
    /// Which parameters one of a sweep's objectives depends on, by the trials that have ended with a value of it; the first
    /// 5,000 trials are looked at. Fewer than three tell nothing.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`]; [`TrackingError::Invalid`] if the sweep has no such objective.
    pub async fn sweep_importance(
        &self,
        caller: &Caller,
        path: &SweepPath,
        metric: &str,
    ) -> Result<SweepImportance> {
        let sweep = self.get_sweep(caller, path).await?;
        let objective = sweep
            .objectives
            .iter()
            .position(|objective| objective.metric == metric)
            .ok_or_else(|| {
                let id = &sweep.id;
                TrackingError::Invalid(format!("`{metric}` is no metric of sweep `{id}`"))
            })?;
        let mut trials: Vec<(Map<String, Value>, f64)> = Vec::new();
        let (mut after, mut n_seen) = (None, 0);
        while n_seen < MAX_TRIALS {
            let page = self.list_trials(caller, path, after, PAGE).await?;
            n_seen += page.items.len();
            let measured = page.items.into_iter().filter(has_ended);
            trials.extend(measured.filter_map(|trial| {
                let value = trial.values.get(objective).copied().flatten()?;
                Some((trial.config, value))
            }));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        tokio::task::spawn_blocking(move || estimate(&outline(&sweep.config), &trials))
            .await
            .map_err(TrackingError::internal)
    }
}

fn has_ended(trial: &Trial) -> bool {
    !matches!(
        trial.outcome,
        TrialOutcome::Pending | TrialOutcome::Running | TrialOutcome::Deleted
    )
}

fn estimate(
    parameters: &[ParameterOutline],
    trials: &[(Map<String, Value>, f64)],
) -> SweepImportance {
    let columns: Vec<Vec<Option<Value>>> = parameters
        .iter()
        .map(|parameter| {
            let configs = trials.iter().map(|(config, _)| config);
            configs
                .map(|config| find(config, &parameter.name))
                .collect()
        })
        .collect();
    let values: Vec<f64> = trials.iter().map(|(_, value)| *value).collect();
    let found = importance(&columns, &values, SEED);
    SweepImportance {
        n_trials: found.n_rows,
        parameters: found
            .parameters
            .into_iter()
            .map(|parameter| ParameterImportance {
                name: parameters[parameter.index].name.clone(),
                importance: parameter.importance,
                correlation: parameter.spearman,
            })
            .collect(),
    }
}

/// The value at names joined by dots, which names may have themselves.
fn find(config: &Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = config.get(name) {
        return Some(value.clone());
    }
    name.match_indices('.').find_map(|(dot, _)| {
        let inner = config.get(&name[..dot])?.as_object()?;
        find(inner, &name[dot + 1..])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parameter_that_matters_is_first_and_its_sign_is_told() {
        let named = |name: &str| ParameterOutline {
            name: name.to_owned(),
            distribution: "uniform",
            is_log: false,
        };
        let parameters = [named("noise"), named("model.depth"), named("epochs")];
        let trials: Vec<_> = (0..60_u32)
            .map(|n| {
                let config = json!({
                    "noise": f64::from(n * 37 % 60),
                    "model": {"depth": n},
                    "epochs": 3,
                });
                let config = config.as_object().cloned().expect("an object");
                (config, -f64::from(n))
            })
            .collect();
        let found = estimate(&parameters, &trials);
        assert_eq!(found.n_trials, 60);
        assert_eq!(found.parameters.len(), 2, "{found:?}");
        assert_eq!(found.parameters[0].name, "model.depth");
        assert!(found.parameters[0].importance > 0.8, "{found:?}");
        assert!(found.parameters[0].correlation.expect("has an order") < -0.99);
    }

    #[test]
    fn values_are_found_under_names_with_dots() {
        let config = json!({"a": {"b": 1}, "x.y": {"z": 2}, "p.q": 3});
        let config = config.as_object().expect("an object");
        let found: Vec<_> = ["a.b", "x.y.z", "p.q", "a.c"]
            .iter()
            .map(|name| find(config, name))
            .collect();
        assert_eq!(
            found,
            [Some(json!(1)), Some(json!(2)), Some(json!(3)), None]
        );
    }
}
