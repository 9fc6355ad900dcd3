//! What one parameter says of its values.

use std::fmt::Display;

use serde_json::{Number, Value};

use super::super::keys::{DISTRIBUTIONS, PARAMETER, nearest};
use super::super::node::{Kind, shorten};
use super::super::read::{Notes, Section, as_integer, did_you_mean, one_of};
use crate::space::{Continuous, Distribution, Quantum};

/// The largest shape of a beta distribution whose distribution function is computed exactly.
const MAX_BETA_SHAPE: f64 = 1e4;
/// The largest logarithm of a number.
const MAX_LOG: f64 = 709.0;
/// How far normal draws go from the mean, in standard deviations.
const MAX_DEVIATIONS: f64 = 8.5;
/// How far the sum of probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-5;

/// What the values are drawn from before they are rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Uniform,
    /// `min` and `max` are natural logarithms.
    LogUniform,
    /// `min` and `max` are natural logarithms of the inverse.
    InvLogUniform,
    LogUniformValues,
    Normal,
    LogNormal,
    Beta,
}

/// Reads the distribution of a parameter.
pub(super) fn read(section: &mut Section<'_>, notes: &mut Notes) -> Option<Distribution> {
    let n_problems = notes.problems.len();
    let name = distribution_name(section, notes)?;
    let distribution = match name {
        "constant" => section.value("value", notes).map(Distribution::Constant),
        "categorical" | "categorical_w_probabilities" => categorical(section, name, notes),
        "int_uniform" => int_uniform(section, notes),
        _ => numbers(section, name, notes),
    };
    for (key, node) in section.rest() {
        let message = if PARAMETER.contains(key) {
            format!("`{key}` does not belong to `{name}`")
        } else {
            format!("unknown key{}", did_you_mean(key, &PARAMETER))
        };
        notes.problem(&section.path_of(key), node.line, message);
    }
    if distribution.is_none() && notes.problems.len() == n_problems {
        notes.problem(
            &section.path,
            section.line,
            format!("`{name}` needs {}", needs(name)),
        );
    }
    distribution
}

/// The name of the distribution, by what it needs if it is not there.
fn distribution_name(section: &mut Section<'_>, notes: &mut Notes) -> Option<&'static str> {
    if let Some(node) = section
        .take("distribution")
        .filter(|node| node.kind != Kind::Null)
    {
        let Kind::Text(found) = &node.kind else {
            notes.mismatch(
                &section.path_of("distribution"),
                node,
                "the name of a distribution",
            );
            return None;
        };
        if let Some(name) = DISTRIBUTIONS.iter().find(|name| *name == found) {
            return Some(name);
        }
        let expected = match nearest(found, &DISTRIBUTIONS) {
            Some(name) => format!("did you mean `{name}`"),
            None => format!("expected {}", one_of(&DISTRIBUTIONS)),
        };
        let message = format!("unknown distribution `{}`; {expected}", shorten(found));
        notes.problem(&section.path_of("distribution"), node.line, message);
        return None;
    }
    if section.has("value") {
        return Some("constant");
    }
    if section.has("values") {
        return Some("categorical");
    }
    if section.has("min") && section.has("max") && !section.has("q") {
        let is_integer = |key: &str| {
            section.rest().iter().any(|(found, node)| {
                *found == key
                    && matches!(&node.kind, Kind::Number(number) if number.is_i64() || number.is_u64())
            })
        };
        return Some(if is_integer("min") && is_integer("max") {
            "int_uniform"
        } else {
            "uniform"
        });
    }
    let found: Vec<&str> = section.rest().iter().map(|(key, _)| *key).collect();
    let message = if found.is_empty() {
        "found nothing, expected `value`, `values`, or `min` and `max`".to_owned()
    } else if section.has("min") != section.has("max") && !section.has("mu") {
        let (there, missing) = if section.has("min") {
            ("min", "max")
        } else {
            ("max", "min")
        };
        format!("found `{there}` without `{missing}`")
    } else if let Some(implied) = [
        ("q", "q_uniform"),
        ("mu", "normal"),
        ("sigma", "normal"),
        ("a", "beta"),
        ("b", "beta"),
    ]
    .iter()
    .find(|(key, _)| section.has(key))
    {
        format!(
            "found `{}` without `distribution`, expected one such as `distribution: {}`",
            implied.0, implied.1
        )
    } else {
        let unknown = found.iter().find(|key| !PARAMETER.contains(key));
        let hint = unknown.map_or_else(String::new, |key| did_you_mean(key, &PARAMETER));
        format!(
            "found {}, expected `value`, `values`, or `min` and `max`{hint}",
            one_of(&found[..found.len().min(5)]).replace(" or ", " and ")
        )
    };
    notes.problem(&section.path, section.line, message);
    None
}

/// What a distribution cannot do without.
fn needs(name: &str) -> &'static str {
    match name {
        "constant" => "`value`",
        "categorical" => "`values`",
        "categorical_w_probabilities" => "`values` and `probabilities`",
        _ => "`min` and `max`",
    }
}

fn categorical(section: &mut Section<'_>, name: &str, notes: &mut Notes) -> Option<Distribution> {
    let node = section.take("values")?;
    let Kind::List(nodes) = &node.kind else {
        notes.mismatch(&section.path_of("values"), node, "a list of values");
        return None;
    };
    if nodes.is_empty() {
        notes.mismatch(&section.path_of("values"), node, "at least one value");
        return None;
    }
    let mut values = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let Some(value) = node.to_json() else {
            let path = format!("{}.{index}", section.path_of("values"));
            notes.mismatch(&path, node, "a value without NaN and infinities");
            return None;
        };
        values.push(value);
    }
    warn_of_repeated(section, &values, notes);
    if !section.has("probabilities") {
        return (name == "categorical").then_some(Distribution::Categorical {
            values,
            probabilities: None,
        });
    }
    let probabilities = probabilities(section, values.len(), notes)?;
    Some(Distribution::Categorical {
        values,
        probabilities: Some(probabilities),
    })
}

fn warn_of_repeated(section: &Section<'_>, values: &[Value], notes: &mut Notes) {
    // A longer list is made by a program, and comparing all pairs of it takes long.
    const MOST_COMPARED: usize = 200;
    let compared = &values[..values.len().min(MOST_COMPARED)];
    let repeated = compared.iter().enumerate().find(|(index, value)| {
        compared[..*index]
            .iter()
            .any(|other| crate::space::same(other, value))
    });
    if let Some((_, value)) = repeated {
        notes.warn(format!(
            "`{}` lists `{}` twice",
            section.path_of("values"),
            shorten(&value.to_string())
        ));
    }
}

fn probabilities(
    section: &mut Section<'_>,
    n_values: usize,
    notes: &mut Notes,
) -> Option<Vec<f64>> {
    let path = section.path_of("probabilities");
    let node = section.take("probabilities")?;
    let found = match &node.kind {
        Kind::List(nodes) => nodes
            .iter()
            .map(|node| match &node.kind {
                Kind::Number(number) => number.as_f64().filter(|p| *p >= 0.0),
                _ => None,
            })
            .collect::<Option<Vec<f64>>>(),
        _ => None,
    };
    let Some(mut found) = found else {
        notes.mismatch(&path, node, "a list of numbers that are not negative");
        return None;
    };
    if found.len() != n_values {
        let message = format!(
            "found {} probabilities, expected one for each of the {n_values} values",
            found.len()
        );
        notes.problem(&path, node.line, message);
        return None;
    }
    let sum: f64 = found.iter().sum();
    if !sum.is_finite() || (sum - 1.0).abs() > SUM_TOLERANCE {
        notes.problem(&path, node.line, format!("the sum is {sum}, expected 1"));
        return None;
    }
    for probability in &mut found {
        *probability /= sum;
    }
    Some(found)
}

fn int_uniform(section: &mut Section<'_>, notes: &mut Notes) -> Option<Distribution> {
    let min = section.integer("min", i64::MIN..=i64::MAX, notes);
    let max = section.integer("max", i64::MIN..=i64::MAX, notes);
    let (min, max) = (min?, max?);
    if min >= max {
        not_ascending(section, &min, &max, notes);
        return None;
    }
    Some(Distribution::IntUniform { min, max })
}

fn not_ascending(section: &Section<'_>, min: &dyn Display, max: &dyn Display, notes: &mut Notes) {
    let message = format!("found `min` {min} and `max` {max}, expected `min` below `max`");
    notes.problem(&section.path, section.line, message);
}

fn numbers(section: &mut Section<'_>, name: &str, notes: &mut Notes) -> Option<Distribution> {
    let (unquantized, is_quantized) = match name.strip_prefix("q_") {
        Some(unquantized) => (unquantized, true),
        None => (name, false),
    };
    let base = match unquantized {
        "uniform" => Base::Uniform,
        "log_uniform" => Base::LogUniform,
        "inv_log_uniform" => Base::InvLogUniform,
        "log_uniform_values" | "inv_log_uniform_values" => Base::LogUniformValues,
        "normal" => Base::Normal,
        "log_normal" => Base::LogNormal,
        _ => Base::Beta,
    };
    let continuous = match base {
        Base::Normal | Base::LogNormal => normal(section, base, notes),
        Base::Beta => beta(section, notes),
        _ => uniform(section, base, name, notes),
    };
    if !is_quantized {
        return continuous.map(Distribution::Continuous);
    }
    let quantum = quantum(section, notes);
    let (continuous, quantum) = (continuous?, quantum?);
    let largest = continuous
        .quantile(0.0)
        .abs()
        .max(continuous.quantile(1.0).abs());
    if !(largest / quantum.q).is_finite() {
        let message = format!("found `{}`, too small a step for these values", quantum.q);
        notes.problem(&section.path_of("q"), section.line, message);
        return None;
    }
    Some(Distribution::Quantized(continuous, quantum))
}

fn uniform(
    section: &mut Section<'_>,
    base: Base,
    name: &str,
    notes: &mut Notes,
) -> Option<Continuous> {
    let min = section.number("min", notes).and_then(Number::as_f64);
    let max = section.number("max", notes).and_then(Number::as_f64);
    let (min, max) = (min?, max?);
    if min >= max {
        not_ascending(section, &min, &max, notes);
        return None;
    }
    if base == Base::LogUniformValues && min <= 0.0 {
        let message = format!("found `{min}`, expected a number above 0: `{name}` is logarithmic");
        notes.problem(&section.path_of("min"), section.line, message);
        return None;
    }
    let (min, max) = match base {
        Base::Uniform => return Some(Continuous::Uniform { min, max }),
        Base::LogUniformValues => return Some(Continuous::LogUniform { min, max }),
        Base::InvLogUniform => (-max, -min),
        _ => (min, max),
    };
    if min < -MAX_LOG || max > MAX_LOG {
        let message = format!(
            "found `min` and `max` beyond the logarithms of numbers, expected natural logarithms from -{MAX_LOG} to {MAX_LOG}; `{name}_values` takes the values themselves"
        );
        notes.problem(&section.path, section.line, message);
        return None;
    }
    let (low, high) = (min.exp(), max.exp());
    if low >= high {
        not_ascending(section, &low, &high, notes);
        return None;
    }
    notes.warn(format!(
        "`{}`: `{name}` takes natural logarithms, so its values lie between {} and {}; `{name}_values` takes the values themselves",
        section.path,
        rounded(low),
        rounded(high)
    ));
    Some(Continuous::LogUniform {
        min: low,
        max: high,
    })
}

/// A number in few digits.
fn rounded(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.parse::<f64>() {
        Ok(value) if (1e-4..1e6).contains(&value) => value.to_string(),
        Ok(value) => format!("{value:e}"),
        Err(_) => text,
    }
}

fn normal(section: &mut Section<'_>, base: Base, notes: &mut Notes) -> Option<Continuous> {
    let n_problems = notes.problems.len();
    let mu = section
        .number("mu", notes)
        .and_then(Number::as_f64)
        .unwrap_or(0.0);
    let sigma = section
        .number("sigma", notes)
        .and_then(Number::as_f64)
        .unwrap_or(1.0);
    if sigma <= 0.0 {
        let message = format!("found `{sigma}`, expected a number above 0");
        notes.problem(&section.path_of("sigma"), section.line, message);
    }
    let farthest = mu.abs() + MAX_DEVIATIONS * sigma;
    let (most, kind) = match base {
        Base::LogNormal => (MAX_LOG, "the logarithm of a number"),
        _ => (f64::MAX, "a number"),
    };
    if farthest > most {
        let message = format!("found `mu` {mu} and `sigma` {sigma}, whose draws go beyond {kind}");
        notes.problem(&section.path, section.line, message);
    }
    if notes.problems.len() > n_problems {
        return None;
    }
    Some(match base {
        Base::LogNormal => Continuous::LogNormal { mu, sigma },
        _ => Continuous::Normal { mu, sigma },
    })
}

fn beta(section: &mut Section<'_>, notes: &mut Notes) -> Option<Continuous> {
    let mut shape = |key: &str| {
        let line = section.line;
        let found = section
            .number(key, notes)
            .and_then(Number::as_f64)
            .unwrap_or(1.0);
        if found > 0.0 && found <= MAX_BETA_SHAPE {
            return Some(found);
        }
        let message =
            format!("found `{found}`, expected a number above 0, at most {MAX_BETA_SHAPE}");
        notes.problem(&section.path_of(key), line, message);
        None
    };
    let (a, b) = (shape("a"), shape("b"));
    Some(Continuous::Beta { a: a?, b: b? })
}

/// The step of a quantised distribution, 1 unless it is given.
fn quantum(section: &mut Section<'_>, notes: &mut Notes) -> Option<Quantum> {
    let n_problems = notes.problems.len();
    let Some(number) = section.number("q", notes) else {
        return (notes.problems.len() == n_problems).then_some(Quantum {
            q: 1.0,
            is_integer: true,
        });
    };
    let q = number.as_f64().unwrap_or(0.0);
    if q <= 0.0 {
        let message = format!("found `{number}`, expected a number above 0");
        notes.problem(&section.path_of("q"), section.line, message);
        return None;
    }
    Some(Quantum {
        q,
        is_integer: !number.is_f64() && as_integer(number).is_some(),
    })
}
