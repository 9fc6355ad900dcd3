//! Every combination of values, as numbers from 0.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::space::{Continuous, Distribution, Quantum, Space, fits};

/// All points of a space of discrete parameters, without listing them.
///
/// The order: parameters by path, the last one fastest, each through its values in ascending order or in the order of the
/// list. A parameter with a condition goes through its values within each value of the other one that it exists for. A value
/// that is listed twice counts once.
///
/// The memory is that of the lists of values, whatever the number of points. An index is below 2^63, so points of a larger
/// grid beyond that are out of reach.
#[derive(Clone, Debug)]
pub struct Grid {
    space: Space,
    axes: Vec<Axis>,
    /// The values of each parameter that others depend on, and those others; ascending by value.
    branches: Vec<Vec<Branch>>,
    /// How many combinations each parameter makes with all that depend on it, saturating.
    counts: Vec<u128>,
    /// The parameters without a condition.
    roots: Vec<usize>,
}

/// A value that lets other parameters exist.
#[derive(Clone, Debug)]
struct Branch {
    value: u64,
    children: Vec<usize>,
    count: u128,
}

/// The values of one parameter.
#[derive(Clone, Debug)]
enum Axis {
    List {
        values: Vec<Value>,
        /// Values under a text that is the same for the same values.
        index: HashMap<String, u64>,
        /// Whether a value may match in another way than being the same: objects match those with more keys.
        has_objects: bool,
    },
    Integers {
        min: i64,
        n_values: u64,
    },
    /// `start`, `start + q` and so on.
    Steps {
        start: f64,
        quantum: Quantum,
        n_values: u64,
    },
}

/// Indices are below this: signed integers of databases hold them.
const END: u128 = i64::MAX as u128;
/// More steps than this are not told apart by floats.
const MAX_STEPS: f64 = 1e15;

impl Grid {
    /// The grid of a space; `None` if a parameter is not one for a grid, see [`Self::obstacle`].
    ///
    /// A quantised range goes from its start in steps and leaves its end out, as in W&B.
    pub fn new(space: &Space) -> Option<Self> {
        Self::over(space, Axis::of_grid)
    }

    /// All points that draws from the space can have; `None` if they are not countable.
    pub(crate) fn of_draws(space: &Space) -> Option<Self> {
        Self::over(space, Axis::of_draws)
    }

    /// Why a parameter with this distribution cannot be part of a grid, for a message.
    pub(crate) fn obstacle(distribution: &Distribution) -> Option<String> {
        const EXPECTED: &str =
            "expected `value`, `values`, integers `min` and `max`, or `distribution: q_uniform`";
        match distribution {
            Distribution::Categorical {
                probabilities: Some(_),
                ..
            } => Some("a grid has no use for `probabilities`".to_owned()),
            Distribution::Continuous(_) => Some(format!(
                "a grid cannot go through continuous values, {EXPECTED}"
            )),
            Distribution::Quantized(base, _) if !matches!(base, Continuous::Uniform { .. }) => {
                Some(format!(
                    "a grid cannot go through this distribution, {EXPECTED}"
                ))
            }
            _ if Axis::of_grid(distribution).is_none() => {
                Some("the steps of `q` are too many to count".to_owned())
            }
            _ => None,
        }
    }

    fn over(space: &Space, axis: fn(&Distribution) -> Option<Axis>) -> Option<Self> {
        let parameters = space.parameters();
        let axes: Vec<Axis> = parameters
            .iter()
            .map(|parameter| axis(&parameter.distribution))
            .collect::<Option<_>>()?;
        let mut by_value: Vec<HashMap<u64, Vec<usize>>> = vec![HashMap::new(); axes.len()];
        let mut roots = Vec::new();
        for (child, parameter) in parameters.iter().enumerate() {
            let Some(condition) = &parameter.condition else {
                roots.push(child);
                continue;
            };
            let parent = condition.parameter;
            for value in &condition.values {
                if let Some(value) = axes[parent].index_of(value) {
                    let children = by_value[parent].entry(value).or_default();
                    if children.last() != Some(&child) {
                        children.push(child);
                    }
                }
            }
        }
        let mut grid = Self {
            space: space.clone(),
            branches: vec![Vec::new(); axes.len()],
            counts: vec![1; axes.len()],
            axes,
            roots,
        };
        // Children first: their counts are part of the counts of what they depend on.
        for &parameter in space.evaluation_order().iter().rev() {
            let mut branches: Vec<Branch> = by_value[parameter]
                .drain()
                .map(|(value, children)| Branch {
                    value,
                    count: grid.count(&children),
                    children,
                })
                .collect();
            branches.sort_by_key(|branch| branch.value);
            let n_plain = u128::from(grid.axes[parameter].n_values()) - branches.len() as u128;
            grid.counts[parameter] = branches
                .iter()
                .fold(n_plain, |sum, branch| sum.saturating_add(branch.count));
            grid.branches[parameter] = branches;
        }
        Some(grid)
    }

    fn count(&self, parameters: &[usize]) -> u128 {
        parameters.iter().fold(1, |product: u128, &parameter| {
            product.saturating_mul(self.counts[parameter])
        })
    }

    /// How many points there are; the greatest number if there are more.
    pub fn n_points(&self) -> u128 {
        self.count(&self.roots)
    }

    /// The point with an index, nested as runs have it; `None` at and beyond [`Self::n_points`].
    pub fn point(&self, index: u64) -> Option<Map<String, Value>> {
        let index = u128::from(index);
        if index >= self.n_points().min(END) {
            return None;
        }
        let mut chosen = vec![None; self.axes.len()];
        self.choose(&self.roots, index, &mut chosen);
        let values = chosen
            .into_iter()
            .zip(&self.axes)
            .map(|(index, axis)| index.map(|index| axis.value(index)))
            .collect();
        Some(self.space.assemble(values))
    }

    /// Chooses the values of some parameters and of all that depend on them.
    fn choose(&self, parameters: &[usize], mut index: u128, chosen: &mut [Option<u64>]) {
        for &parameter in parameters.iter().rev() {
            let count = self.counts[parameter];
            let mut offset = index % count;
            index /= count;
            let mut next = 0;
            let mut found = None;
            for branch in &self.branches[parameter] {
                let n_plain = u128::from(branch.value - next);
                if offset < n_plain {
                    break;
                }
                offset -= n_plain;
                if offset < branch.count {
                    found = Some(branch);
                    break;
                }
                offset -= branch.count;
                next = branch.value + 1;
            }
            match found {
                Some(branch) => {
                    chosen[parameter] = Some(branch.value);
                    self.choose(&branch.children, offset, chosen);
                }
                None => chosen[parameter] = Some(next + offset as u64),
            }
        }
    }

    /// The index of the point that a configuration is, whatever else it has.
    ///
    /// Numbers are compared by amount, so that `3.0` is `3`, and objects may have more keys than the listed ones. `None` if
    /// a parameter is missing or has a value that is not on the grid.
    pub fn index_of(&self, config: &Map<String, Value>) -> Option<u64> {
        let values = self.space.values_in(config);
        let index = self.rank(&self.roots, &values)?;
        (index < END).then_some(index as u64)
    }

    fn rank(&self, parameters: &[usize], values: &[Option<&Value>]) -> Option<u128> {
        let mut index: u128 = 0;
        for &parameter in parameters {
            let value = self.axes[parameter].index_of(values[parameter]?)?;
            let mut before = u128::from(value);
            for branch in &self.branches[parameter] {
                if branch.value < value {
                    // The value itself is counted already.
                    before = before.checked_add(branch.count)? - 1;
                } else {
                    if branch.value == value {
                        before = before.checked_add(self.rank(&branch.children, values)?)?;
                    }
                    break;
                }
            }
            index = index
                .checked_mul(self.counts[parameter])?
                .checked_add(before)?;
        }
        Some(index)
    }

    /// The first index from `cursor` on that is not used; `None` if there is none left.
    ///
    /// A caller that keeps the answer as the next cursor pays for each used point once.
    pub fn next_unused(&self, cursor: u64, mut is_used: impl FnMut(u64) -> bool) -> Option<u64> {
        let end = self.n_points().min(END) as u64;
        (cursor..end).find(|&index| !is_used(index))
    }
}

impl Axis {
    fn of_grid(distribution: &Distribution) -> Option<Self> {
        match distribution {
            Distribution::Quantized(Continuous::Uniform { min, max }, quantum) => {
                let n_steps = (max / 2.0 - min / 2.0) / quantum.q * 2.0;
                // 0.3 / 0.1 is a little more than 3, and the end would slip in.
                let n_values = (n_steps - 1e-9 * n_steps.max(1.0)).ceil().max(1.0);
                let is_integer = quantum.is_integer && min.fract() == 0.0;
                (n_values <= MAX_STEPS).then_some(Self::Steps {
                    start: *min,
                    quantum: Quantum {
                        is_integer,
                        ..*quantum
                    },
                    n_values: n_values as u64,
                })
            }
            Distribution::Quantized(..)
            | Distribution::Categorical {
                probabilities: Some(_),
                ..
            } => None,
            _ => Self::of_draws(distribution),
        }
    }

    fn of_draws(distribution: &Distribution) -> Option<Self> {
        match distribution {
            Distribution::Constant(value) => Some(Self::list(std::slice::from_ref(value))),
            Distribution::Categorical {
                values,
                probabilities: None,
            } => Some(Self::list(values)),
            Distribution::Categorical {
                values,
                probabilities: Some(probabilities),
            } => {
                let possible = values.iter().zip(probabilities);
                let possible: Vec<Value> = possible
                    .filter(|(_, probability)| **probability > 0.0)
                    .map(|(value, _)| value.clone())
                    .collect();
                Some(Self::list(&possible))
            }
            Distribution::IntUniform { min, .. } => Some(Self::Integers {
                min: *min,
                n_values: distribution.n_values()?,
            }),
            Distribution::Continuous(_) => None,
            Distribution::Quantized(_, quantum) => {
                let n_values = distribution.n_values()?;
                Some(Self::Steps {
                    start: distribution.value_at(0).as_f64()?,
                    quantum: *quantum,
                    n_values,
                })
            }
        }
    }

    fn list(listed: &[Value]) -> Self {
        let mut values = Vec::with_capacity(listed.len());
        let mut index = HashMap::with_capacity(listed.len());
        for value in listed {
            index.entry(key(value)).or_insert_with(|| {
                values.push(value.clone());
                values.len() as u64 - 1
            });
        }
        Self::List {
            has_objects: values.iter().any(has_object),
            values,
            index,
        }
    }

    fn n_values(&self) -> u64 {
        match self {
            Self::List { values, .. } => values.len() as u64,
            Self::Integers { n_values, .. } | Self::Steps { n_values, .. } => *n_values,
        }
    }

    fn value(&self, index: u64) -> Value {
        match self {
            Self::List { values, .. } => values[index as usize].clone(),
            Self::Integers { min, .. } => {
                Value::from(min.checked_add_unsigned(index).unwrap_or(i64::MAX))
            }
            Self::Steps { start, quantum, .. } => quantum.step_from(*start, index as f64),
        }
    }

    fn index_of(&self, value: &Value) -> Option<u64> {
        match self {
            Self::List {
                values,
                index,
                has_objects,
            } => index.get(&key(value)).copied().or_else(|| {
                let wanted = values
                    .iter()
                    .position(|wanted| *has_objects && fits(wanted, value))?;
                Some(wanted as u64)
            }),
            Self::Integers { min, n_values } => {
                let value = match value.as_i64() {
                    Some(value) => value,
                    None => value
                        .as_f64()
                        .filter(|value| value.fract() == 0.0 && value.abs() < 9e15)?
                        as i64,
                };
                let offset = (value >= *min).then(|| value.abs_diff(*min))?;
                (offset < *n_values).then_some(offset)
            }
            Self::Steps {
                start,
                quantum,
                n_values,
            } => {
                let value = value.as_f64()?;
                let k = ((value - start) / quantum.q).round();
                let distance = (quantum.q.mul_add(k, *start) - value).abs();
                let is_step = distance <= 1e-9 * quantum.q.max(value.abs());
                (is_step && k >= 0.0 && k < *n_values as f64).then_some(k as u64)
            }
        }
    }
}

fn has_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(values) => values.iter().any(has_object),
        _ => false,
    }
}

/// A text that two values share exactly if they are the same: numbers by amount, objects whatever their order.
pub(crate) fn key(value: &Value) -> String {
    let mut text = String::new();
    add_key(value, &mut text);
    text
}

fn add_key(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
            match whole {
                Some(value) => text.push_str(&(value as i64).to_string()),
                None => text.push_str(&number.to_string()),
            }
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                add_key(value, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(object) => {
            let mut names: Vec<&String> = object.keys().collect();
            names.sort();
            text.push('{');
            for name in names {
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                add_key(&object[name], text);
                text.push(',');
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}
