//! From objective values to the targets of the process.
//!
//! A search cares about the low values. Where objectives span orders of magnitude, the high ones would dictate lengths
//! and variance, so they are compressed by a logarithm that begins at the best value. How strongly is a question of
//! evidence: see [`super::model`].
//!
//! # Sources
//! Snelson, Rasmussen & Ghahramani (2003), Warped Gaussian processes (the likelihood of a transformation); Cowen-Rivers
//! et al. (2022), HEBO: pushing the limits of sample-efficient hyperparameter optimisation (why to transform).

/// Objective values, scaled so that nothing overflows; failed trials are `None`.
pub(super) struct Values {
    scaled: Vec<Option<f64>>,
    lowest: f64,
    /// From the lowest to the median, or another positive measure of how far values lie apart.
    spread: f64,
}

/// Targets with mean 0 and variance 1 over the trials that did not fail.
pub(super) struct Targets {
    pub(super) targets: Vec<f64>,
    /// The negative logarithm of the transformation's derivative, summed over the values: what to add to the negative
    /// log density of the targets in order to compare transformations.
    pub(super) cost: f64,
}

impl Values {
    /// NaN and infinite values are failed trials; `None` if there is no other.
    pub(super) fn new(values: &[f64]) -> Option<Self> {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let largest = finite().map(f64::abs).reduce(f64::max)?;
        let unit = if largest > 0.0 { largest } else { 1.0 };
        let scaled: Vec<Option<f64>> = values
            .iter()
            .map(|value| value.is_finite().then_some(value / unit))
            .collect();
        let mut sorted: Vec<f64> = scaled.iter().copied().flatten().collect();
        sorted.sort_by(f64::total_cmp);
        let lowest = sorted[0];
        let mean = sorted.iter().map(|value| value - lowest).sum::<f64>() / sorted.len() as f64;
        let median = sorted[sorted.len() / 2] - lowest;
        let spread = [median, mean].into_iter().find(|spread| *spread > 0.0);
        Some(Self {
            scaled,
            lowest,
            spread: spread.unwrap_or(1.0),
        })
    }

    /// Compresses what lies more than `width` spreads above the lowest value; an infinite width leaves all as it is.
    pub(super) fn targets(&self, width: f64) -> Targets {
        let width = width * self.spread;
        let mut cost = 0.0;
        let mut warped: Vec<Option<f64>> = self
            .scaled
            .iter()
            .map(|value| {
                value.map(|value| {
                    let excess = value - self.lowest;
                    if width.is_finite() {
                        let log = (excess / width).ln_1p();
                        cost += log;
                        width * log
                    } else {
                        excess
                    }
                })
            })
            .collect();
        cap_outliers(&mut warped);
        let finite = || warped.iter().copied().flatten();
        let n = finite().count() as f64;
        let mean = finite().sum::<f64>() / n;
        let variance = finite().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        cost += n * deviation.ln();
        let worst = finite().fold(f64::NEG_INFINITY, f64::max);
        let targets = warped
            .iter()
            .map(|value| (value.unwrap_or(worst) - mean) / deviation)
            .collect();
        Targets { targets, cost }
    }
}

/// Lowers what is far above the bulk, so that one diverged trial does not flatten all others.
fn cap_outliers(values: &mut [Option<f64>]) {
    let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| sorted[((sorted.len() - 1) as f64 * q).round() as usize];
    let (low, high) = (quantile(0.25), quantile(0.75));
    let cap = high + knob("CAP", 5.0) * (high - low);
    if high > low {
        for value in values.iter_mut().flatten() {
            *value = value.min(cap);
        }
    }
}
use super::knob;
