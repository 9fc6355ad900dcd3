//! The names that a configuration may use.

/// The keys of the whole.
pub(super) const TOP: [&str; 20] = [
    "method",
    "metric",
    "metrics",
    "parameters",
    "early_terminate",
    "run_cap",
    "command",
    "program",
    "job",
    "image_uri",
    "name",
    "description",
    "entity",
    "project",
    "controller",
    "scheduler",
    "apiVersion",
    "kind",
    "on_failure",
    "warm_start",
];

/// The keys of a parameter.
pub(super) const PARAMETER: [&str; 13] = [
    "distribution",
    "value",
    "values",
    "probabilities",
    "min",
    "max",
    "q",
    "mu",
    "sigma",
    "a",
    "b",
    "parameters",
    "condition",
];

/// The distributions.
pub(super) const DISTRIBUTIONS: [&str; 18] = [
    "constant",
    "categorical",
    "categorical_w_probabilities",
    "int_uniform",
    "uniform",
    "q_uniform",
    "log_uniform",
    "log_uniform_values",
    "q_log_uniform",
    "q_log_uniform_values",
    "inv_log_uniform",
    "inv_log_uniform_values",
    "normal",
    "q_normal",
    "log_normal",
    "q_log_normal",
    "beta",
    "q_beta",
];

/// The name that is most like the one that was found, if one is.
pub(super) fn nearest<'n>(found: &str, names: &[&'n str]) -> Option<&'n str> {
    const LEAST_LIKENESS: f64 = 0.8;
    // Comparing costs the product of the lengths.
    const LONGEST: usize = 64;
    if found.len() > LONGEST {
        return None;
    }
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name), *name))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}
