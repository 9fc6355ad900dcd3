//! What a config says, without a sweep that is made of it.

use ballast_model::{EntityName, ProjectName, RunId, SweepPath};
use ballast_sweep::{Continuous, Distribution, Grid, Method, Parsed, SweepConfig};

use super::plan::n_expected;
use crate::runs::Run;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Largest config that is looked at, in bytes.
const MAX_CONFIG_BYTES: usize = 1 << 20;

/// A parameter of a config, as far as a chart of it needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterOutline {
    /// The names that lead to it, joined by dots.
    pub name: String,
    /// What its values are drawn from, by the name that configs give it.
    pub distribution: &'static str,
    /// Whether values are drawn by their logarithm.
    pub is_log: bool,
}

/// One thing that is wrong with a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The keys that lead to it, joined by dots; empty if it is about the whole.
    pub path: String,
    /// What was found, and what was expected.
    pub message: String,
}

/// What a config would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigCheck {
    /// What is wrong, in the order of the config; the first of it. No sweep can be made of a config with problems.
    pub problems: Vec<ConfigProblem>,
    /// How many problems there are besides.
    pub n_more_problems: usize,
    /// What is odd, for people.
    pub warnings: Vec<String>,
    /// How many trials there would be; `None` if it would go on until someone stops it, or if there are problems.
    pub n_expected: Option<u64>,
}

/// The parameters of a config, YAML or JSON, in the order of their names; none if it cannot be read.
pub fn outline(config: &str) -> Vec<ParameterOutline> {
    let Ok(Parsed { config, .. }) = SweepConfig::parse_yaml(config) else {
        return Vec::new();
    };
    let parameters = config.space.parameters().iter();
    parameters
        .map(|parameter| {
            let (distribution, is_log) = described(&parameter.distribution);
            ParameterOutline {
                name: parameter.name(),
                distribution,
                is_log,
            }
        })
        .collect()
}

/// The name of a distribution in configs, and whether it goes by logarithms.
fn described(distribution: &Distribution) -> (&'static str, bool) {
    let (base, is_quantized) = match distribution {
        Distribution::Constant(_) => return ("constant", false),
        Distribution::Categorical { .. } => return ("categorical", false),
        Distribution::IntUniform { .. } => return ("int_uniform", false),
        Distribution::Continuous(base) => (base, false),
        Distribution::Quantized(base, _) => (base, true),
    };
    match (base, is_quantized) {
        (Continuous::Uniform { .. }, false) => ("uniform", false),
        (Continuous::Uniform { .. }, true) => ("q_uniform", false),
        (Continuous::LogUniform { .. }, false) => ("log_uniform_values", true),
        (Continuous::LogUniform { .. }, true) => ("q_log_uniform_values", true),
        (Continuous::Normal { .. }, false) => ("normal", false),
        (Continuous::Normal { .. }, true) => ("q_normal", false),
        (Continuous::LogNormal { .. }, false) => ("log_normal", true),
        (Continuous::LogNormal { .. }, true) => ("q_log_normal", true),
        (Continuous::Beta { .. }, false) => ("beta", false),
        (Continuous::Beta { .. }, true) => ("q_beta", false),
    }
}

/// Reads a config and tells what it would do.
fn check(text: &str) -> ConfigCheck {
    let Parsed { config, warnings } = match SweepConfig::parse_yaml(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let problems = error.problems().iter();
            return ConfigCheck {
                problems: problems
                    .map(|problem| ConfigProblem {
                        path: problem.path.clone(),
                        message: problem.message.clone(),
                    })
                    .collect(),
                n_more_problems: error.n_more(),
                ..ConfigCheck::default()
            };
        }
    };
    let grid = (config.method == Method::Grid)
        .then(|| Grid::new(&config.space))
        .flatten();
    ConfigCheck {
        warnings,
        n_expected: n_expected(&config, grid.as_ref()),
        ..ConfigCheck::default()
    }
}

impl Tracking {
    /// Tells what a config, YAML or JSON, would do as a sweep of a project, and stores nothing. What is wrong with it is
    /// no error but the answer.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's; [`TrackingError::Forbidden`] if
    /// the caller could not make a sweep there; [`TrackingError::TooLarge`].
    pub async fn dry_run_sweep(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        config: String,
    ) -> Result<ConfigCheck> {
        let project = self.get_project(caller, entity, project).await?;
        project.check(Access::Write)?;
        if config.len() > MAX_CONFIG_BYTES {
            return Err(TrackingError::TooLarge {
                what: "sweep config",
                found: config.len() as u64,
                limit: MAX_CONFIG_BYTES as u64,
            });
        }
        tokio::task::spawn_blocking(move || check(&config))
            .await
            .map_err(TrackingError::internal)
    }

    /// The runs of these ids in the project of a sweep, without those that are in the bin, in no order.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`].
    pub async fn runs_of_sweep(
        &self,
        caller: &Caller,
        path: &SweepPath,
        ids: &[RunId],
    ) -> Result<Vec<Run>> {
        let project = self
            .get_project(caller, &path.entity, &path.project)
            .await?;
        project.check(Access::Read)?;
        let mut records = self.inner.meta.read().runs_by_ids(project.key, ids).await?;
        records.retain(|record| record.head.deleted_at.is_none());
        self.runs_of(&project, records).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_told_by_name_and_distribution() {
        let config = "method: bayes\nmetric: {name: loss}\nparameters:\n  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n  model:\n    parameters:\n      depth: {min: 1, max: 9}\n      kind: {values: [a, b]}\n  seed: {value: 7}\n";
        let told: Vec<_> = outline(config)
            .into_iter()
            .map(|parameter| (parameter.name, parameter.distribution, parameter.is_log))
            .collect();
        assert_eq!(
            told,
            [
                ("lr".to_owned(), "log_uniform_values", true),
                ("model.depth".to_owned(), "int_uniform", false),
                ("model.kind".to_owned(), "categorical", false),
                ("seed".to_owned(), "constant", false),
            ]
        );
        assert_eq!(outline("method: [").len(), 0);
    }

    #[test]
    fn a_grid_is_counted_up_to_its_cap() {
        let grid = "method: grid\nparameters:\n  a: {values: [1, 2, 3]}\n  b: {values: [x, y]}\n";
        assert_eq!(check(grid).n_expected, Some(6));
        assert_eq!(check(&format!("{grid}run_cap: 4\n")).n_expected, Some(4));
        let endless = "method: random\nparameters:\n  a: {min: 0.0, max: 1.0}\n";
        assert_eq!(
            check(endless),
            ConfigCheck {
                warnings: check(endless).warnings,
                ..ConfigCheck::default()
            }
        );
    }

    #[test]
    fn problems_name_their_parameter() {
        let check = check("method: random\nparameters:\n  lr: {min: 5.0, max: 1.0}\n");
        assert_eq!(check.problems.len(), 1);
        assert!(
            check.problems[0].path.starts_with("parameters.lr"),
            "{check:?}"
        );
        assert_eq!(check.n_expected, None);
    }
}
