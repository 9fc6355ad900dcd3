//! The values of one parameter, and how likely they are.

use serde_json::Value;
use statrs::function::beta::beta_reg;
use statrs::function::erf::{erfc, erfc_inv};

use super::number::{decimals, float, with_decimals};
use super::values::{fits, same};

/// The values of one parameter, and how likely they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// One value.
    Constant(Value),
    /// Some values without order.
    Categorical {
        /// The values, at least one. One that is listed twice is drawn twice as often.
        values: Vec<Value>,
        /// As many probabilities, whose sum is 1. All values are equally likely if `None`.
        probabilities: Option<Vec<f64>>,
    },
    /// The integers of a range, all equally likely.
    IntUniform {
        /// The smallest.
        min: i64,
        /// The largest, greater than `min`.
        max: i64,
    },
    /// Real numbers.
    Continuous(Continuous),
    /// The multiples of a step that are nearest to real numbers.
    Quantized(Continuous, Quantum),
}

/// A distribution of real numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Continuous {
    /// All numbers of a range are equally likely.
    Uniform {
        /// The smallest.
        min: f64,
        /// The largest, greater than `min`.
        max: f64,
    },
    /// The logarithms are uniform.
    LogUniform {
        /// The smallest value, greater than 0.
        min: f64,
        /// The largest value, greater than `min`.
        max: f64,
    },
    /// The normal distribution.
    Normal {
        /// The mean.
        mu: f64,
        /// The standard deviation, greater than 0.
        sigma: f64,
    },
    /// The logarithms are normal.
    LogNormal {
        /// The mean of the logarithms.
        mu: f64,
        /// The standard deviation of the logarithms, greater than 0.
        sigma: f64,
    },
    /// The beta distribution, between 0 and 1.
    Beta {
        /// The first shape, greater than 0.
        a: f64,
        /// The second shape, greater than 0.
        b: f64,
    },
}

/// The step of a quantised distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantum {
    /// The step, greater than 0.
    pub q: f64,
    /// Whether the step was written as an integer. The values are integers then.
    pub is_integer: bool,
}

impl Distribution {
    /// How many values there are; `None` if they are not countable or too many to count.
    pub fn n_values(&self) -> Option<u64> {
        match self {
            Self::Constant(_) => Some(1),
            Self::Categorical { values, .. } => Some(values.len() as u64),
            Self::IntUniform { min, max } => max.abs_diff(*min).checked_add(1),
            Self::Continuous(_) => None,
            Self::Quantized(base, quantum) => {
                let (first, last) = multiples(*base, *quantum)?;
                let n_values = last - first + 1.0;
                (n_values < 1e15).then_some(n_values as u64)
            }
        }
    }

    /// The value of an index below [`Self::n_values`], numbers in ascending order and others in the order of the list.
    pub(crate) fn value_at(&self, index: u64) -> Value {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Categorical { values, .. } => {
                values[(index as usize).min(values.len() - 1)].clone()
            }
            Self::IntUniform { min, max } => {
                Value::from(min.checked_add_unsigned(index).unwrap_or(*max))
            }
            Self::Continuous(base) => float(base.range().0),
            Self::Quantized(base, quantum) => {
                let first = multiples(*base, *quantum).map_or(0.0, |(first, _)| first);
                quantum.multiple(first + index as f64)
            }
        }
    }

    /// The value below which lies the share `u` of the probability, with `u` between 0 and 1.
    ///
    /// Where the distribution has no end, `u` is kept a little inside, so that the value is finite.
    pub fn quantile(&self, u: f64) -> Value {
        let u = if u.is_nan() { 0.5 } else { u.clamp(0.0, 1.0) };
        match self {
            Self::Constant(value) => value.clone(),
            Self::Categorical {
                values,
                probabilities: None,
            } => self.value_at((u * values.len() as f64) as u64),
            Self::Categorical {
                values,
                probabilities: Some(probabilities),
            } => {
                let mut sum = 0.0;
                let found = probabilities.iter().position(|probability| {
                    sum += probability;
                    u < sum
                });
                // The sum may miss 1 by a rounding; the last value that can be drawn at all takes the rest.
                let last = probabilities.iter().rposition(|&p| p > 0.0);
                values[found.or(last).unwrap_or(0)].clone()
            }
            Self::IntUniform { min, max } => {
                let width = max.abs_diff(*min) as f64 + 1.0;
                let offset = ((u * width) as u64).min(max.abs_diff(*min));
                Value::from(min.checked_add_unsigned(offset).unwrap_or(*max))
            }
            Self::Continuous(base) => float(base.quantile(u)),
            Self::Quantized(base, quantum) => {
                quantum.multiple(nearest_multiple(*base, *quantum, base.quantile(u)))
            }
        }
    }

    /// The share of the probability below a value, so that [`Self::quantile`] of it gives the value back.
    ///
    /// The probability of a value of a discrete distribution counts by half. A number outside of the range has the share of
    /// the nearest end. `None` for a value that can have none: text where a number is wanted, or one that is not listed.
    pub fn cdf(&self, value: &Value) -> Option<f64> {
        match self {
            Self::Constant(constant) => fits(constant, value).then_some(0.5),
            Self::Categorical {
                values,
                probabilities,
            } => {
                let index = self.index_in_list(value)?;
                let Some(probabilities) = probabilities else {
                    return Some((index as f64 + 0.5) / values.len() as f64);
                };
                let below: f64 = probabilities[..index].iter().sum();
                Some(below + probabilities[index] / 2.0)
            }
            Self::IntUniform { min, max } => {
                let width = max.abs_diff(*min) as f64 + 1.0;
                let below = match value.as_i64() {
                    Some(value) => (*min).max(value).min(*max).abs_diff(*min) as f64,
                    None => {
                        (value.as_f64()?.round_ties_even() - *min as f64).clamp(0.0, width - 1.0)
                    }
                };
                Some((below + 0.5) / width)
            }
            Self::Continuous(base) => Some(base.cdf(value.as_f64()?)),
            Self::Quantized(base, quantum) => {
                let k = nearest_multiple(*base, *quantum, value.as_f64()?);
                let (first, last) =
                    multiples(*base, *quantum).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
                // What lies beyond the outermost multiples is rounded to them.
                let below = if k <= first {
                    0.0
                } else {
                    base.cdf((k - 0.5) * quantum.q)
                };
                let above = if k >= last {
                    1.0
                } else {
                    base.cdf((k + 0.5) * quantum.q)
                };
                Some(f64::midpoint(below, above))
            }
        }
    }

    /// Whether the value can be drawn.
    pub fn contains(&self, value: &Value) -> bool {
        match self {
            Self::Constant(constant) => same(constant, value),
            Self::Categorical { values, .. } => values.iter().any(|listed| same(listed, value)),
            Self::IntUniform { min, max } => match (value.as_i64(), value.as_f64()) {
                (Some(value), _) => (*min..=*max).contains(&value),
                (None, Some(value)) => {
                    value.fract() == 0.0 && (*min as f64..=*max as f64).contains(&value)
                }
                _ => false,
            },
            Self::Continuous(base) => value.as_f64().is_some_and(|value| {
                let (min, max) = base.range();
                value.is_finite() && (min..=max).contains(&value)
            }),
            Self::Quantized(base, quantum) => value.as_f64().is_some_and(|value| {
                let nearest = nearest_multiple(*base, *quantum, value) * quantum.q;
                (nearest - value).abs() <= 1e-9 * quantum.q.max(value.abs())
            }),
        }
    }

    /// The index of a value in the list of a categorical distribution.
    pub(crate) fn index_in_list(&self, value: &Value) -> Option<usize> {
        let Self::Categorical { values, .. } = self else {
            return None;
        };
        values
            .iter()
            .position(|listed| same(listed, value))
            .or_else(|| values.iter().position(|listed| fits(listed, value)))
    }
}

impl Continuous {
    /// The least and the greatest value; infinite where there is none.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Uniform { min, max } | Self::LogUniform { min, max } => (min, max),
            Self::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::LogNormal { .. } => (0.0, f64::INFINITY),
            Self::Beta { .. } => (0.0, 1.0),
        }
    }

    /// The value below which lies the share `u` of the probability.
    pub fn quantile(self, u: f64) -> f64 {
        let (min, max) = self.range();
        match self {
            Self::Uniform { .. } => min.mul_add(1.0 - u, max * u).clamp(min, max),
            Self::LogUniform { .. } => (min.ln() * (1.0 - u) + max.ln() * u).exp().clamp(min, max),
            Self::Normal { mu, sigma } => mu + sigma * standard_normal_quantile(u),
            Self::LogNormal { mu, sigma } => (mu + sigma * standard_normal_quantile(u)).exp(),
            Self::Beta { a, b } => beta_quantile(a, b, u),
        }
    }

    /// The share of the probability below a value.
    pub fn cdf(self, value: f64) -> f64 {
        let (min, max) = self.range();
        if value.is_nan() {
            return 0.5;
        }
        if value <= min {
            return 0.0;
        }
        if value >= max {
            return 1.0;
        }
        let share = match self {
            // Halves keep the difference of the ends of the widest range finite.
            Self::Uniform { .. } => (value / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0),
            Self::LogUniform { .. } => (value.ln() - min.ln()) / (max.ln() - min.ln()),
            Self::Normal { mu, sigma } => standard_normal_cdf((value - mu) / sigma),
            Self::LogNormal { mu, sigma } => standard_normal_cdf((value.ln() - mu) / sigma),
            Self::Beta { a, b } => beta_reg(a, b, value),
        };
        share.clamp(0.0, 1.0)
    }
}

impl Quantum {
    /// So many steps.
    fn multiple(self, k: f64) -> Value {
        self.step_from(0.0, k)
    }

    /// So many steps from a start, which is a whole number if the values are to be integers.
    pub(crate) fn step_from(self, start: f64, k: f64) -> Value {
        // Without `+ 0.0` a -0.3 that was rounded would show as `-0`.
        let value = self.q.mul_add(k, start) + 0.0;
        if self.is_integer && value.abs() < i64::MAX as f64 {
            return Value::from(value as i64);
        }
        let n_decimals = decimals(self.q).zip(decimals(start));
        float(with_decimals(
            value,
            n_decimals.map(|(step, start)| step.max(start)),
        ))
    }
}

/// The first and the last multiple of a bounded range, in steps; `None` if the range has no end.
///
/// W&B's `round(x / q) * q` may leave the range; here only multiples inside are drawn, unless there is none.
fn multiples(base: Continuous, quantum: Quantum) -> Option<(f64, f64)> {
    let (min, max) = base.range();
    if !min.is_finite() || !max.is_finite() {
        return None;
    }
    let (low, high) = (min / quantum.q, max / quantum.q);
    // A bound that is a multiple but for the noise of the division counts as one.
    let noise = 1e-9 * low.abs().max(high.abs()).clamp(1.0, 1e6);
    let (first, last) = ((low - noise).ceil(), (high + noise).floor());
    if first <= last {
        Some((first + 0.0, last + 0.0))
    } else {
        Some((low.round_ties_even(), high.round_ties_even()))
    }
}

fn nearest_multiple(base: Continuous, quantum: Quantum, value: f64) -> f64 {
    let k = (value / quantum.q).round_ties_even();
    match multiples(base, quantum) {
        Some((first, last)) => k.clamp(first, last),
        // The logarithmic normal distribution has a lower end alone.
        None => k.max((base.range().0 / quantum.q).ceil()),
    }
}

/// The least share that is told from 0 where a distribution has no end: half of what 53 random bits can tell.
const LEAST_SHARE: f64 = 1.0 / (1_u64 << 54) as f64;

fn standard_normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

fn standard_normal_quantile(u: f64) -> f64 {
    let u = u.clamp(LEAST_SHARE, 1.0 - f64::EPSILON / 2.0);
    // The side near 0 of the complementary error function keeps its digits.
    if u <= 0.5 {
        -std::f64::consts::SQRT_2 * erfc_inv(2.0 * u)
    } else {
        std::f64::consts::SQRT_2 * erfc_inv(2.0 * (1.0 - u))
    }
}

/// Halves the interval of the value until no float is left between its ends: slower than Newton's method, and sure to end for
/// every shape. The order of floats that are not negative is the order of their bits.
fn beta_quantile(a: f64, b: f64, u: f64) -> f64 {
    if u <= 0.0 || u >= 1.0 {
        return u;
    }
    let (mut low, mut high) = (0.0_f64.to_bits(), 1.0_f64.to_bits());
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if beta_reg(a, b, f64::from_bits(middle)) < u {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::from_bits(high)
}
