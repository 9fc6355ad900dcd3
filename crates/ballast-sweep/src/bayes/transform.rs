//! From objective values to the targets of the process.
//!
//! A search cares about the low values. Where objectives span orders of magnitude, the high ones would dictate lengths
//! and variance, so they are compressed by a logarithm that begins at the best value. How strongly is a question of
//! evidence, which [`super::model`] asks.
//!
//! # Sources
//! Snelson, Rasmussen & Ghahramani (2003), Warped Gaussian processes (the likelihood of a transformation); Cowen-Rivers
//! et al. (2022), HEBO: pushing the limits of sample-efficient hyperparameter optimisation (why to transform).

/// A value this many interquartile ranges above the upper quartile is as bad as any above it.
const CAP: f64 = 5.0;

/// Objective values, scaled so that nothing overflows; failed trials are `None`.
pub(super) struct Values {
    scaled: Vec<Option<f64>>,
    lowest: f64,
    /// From the lowest to the median, or another positive measure of how far values lie apart.
    spread: f64,
}

/// What a transformation makes of the values: mean 0 and variance 1 over the trials that did not fail.
#[derive(Clone)]
pub(super) struct Targets {
    pub(super) targets: Vec<f64>,
    /// By value, the negative logarithm of the transformation's derivative. Added to the negative log density of the
    /// targets it makes transformations comparable.
    pub(super) costs: Vec<f64>,
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
    ///
    /// A failed trial has the target of the worst that did not fail.
    pub(super) fn targets(&self, width: f64) -> Targets {
        let width = width * self.spread;
        let (mut targets, mut costs) = (Vec::new(), Vec::new());
        for value in self.scaled.iter().flatten() {
            let excess = value - self.lowest;
            let log = (excess / width).ln_1p();
            targets.push(if width.is_finite() {
                width * log
            } else {
                excess
            });
            costs.push(log);
        }
        cap_outliers(&mut targets);
        let n = targets.len() as f64;
        let mean = targets.iter().sum::<f64>() / n;
        let variance = targets.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        for (target, cost) in targets.iter_mut().zip(&mut costs) {
            *target = (*target - mean) / deviation;
            *cost += deviation.ln();
        }
        let worst = targets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let most = costs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut finite, mut finite_costs) = (targets.into_iter(), costs.into_iter());
        let fill = |values: &mut std::vec::IntoIter<f64>, failed: f64| -> Vec<f64> {
            self.scaled
                .iter()
                .map(|value| value.and_then(|_| values.next()).unwrap_or(failed))
                .collect()
        };
        Targets {
            targets: fill(&mut finite, worst),
            costs: fill(&mut finite_costs, most),
        }
    }
}

/// Lowers what is far above the bulk, so that one diverged trial does not flatten all others.
fn cap_outliers(values: &mut [f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| sorted[((sorted.len() - 1) as f64 * q).round() as usize];
    let (low, high) = (quantile(0.25), quantile(0.75));
    if high > low {
        let cap = high + CAP * (high - low);
        for value in values {
            *value = value.min(cap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_standardised_and_keep_the_order() {
        let values = Values::new(&[3.0, 1.0, 100.0, 2.0, 7.0]).expect("finite values");
        for width in [f64::INFINITY, 1.0, 0.01] {
            let targets = values.targets(width).targets;
            let mean = targets.iter().sum::<f64>() / 5.0;
            let variance = targets.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 5.0;
            assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12);
            let order = [1, 3, 0, 4, 2];
            assert!(
                order
                    .windows(2)
                    .all(|pair| targets[pair[0]] < targets[pair[1]])
            );
        }
    }

    #[test]
    fn a_failed_trial_is_as_bad_as_the_worst() {
        let values = Values::new(&[3.0, f64::NAN, 5.0, f64::INFINITY, f64::NEG_INFINITY]);
        let targets = values.expect("finite values").targets(1.0).targets;
        for failed in [1, 3, 4] {
            assert!((targets[failed] - targets[2]).abs() < 1e-15);
        }
        assert!(Values::new(&[f64::NAN, f64::INFINITY]).is_none());
    }

    /// The cost is that of the change of variables: for a density of the targets, that of the values sums to one.
    #[test]
    fn the_cost_is_the_logarithm_of_the_derivative() {
        let at = |x: f64| {
            let values = Values::new(&[0.0, 1.0, 2.0, 3.0, 4.0, x, 10.0]).expect("finite values");
            let targets = values.targets(0.3);
            (targets.targets[5], targets.costs[5])
        };
        // Targets are of values by their largest, and what is standardised moves a little with the value.
        let step = 1e-7;
        let slope = (at(2.5 + step).0 - at(2.5 - step).0) / (2.0 * step) * 10.0;
        assert!(
            (slope.ln() + at(2.5).1).abs() < 0.3,
            "{} {}",
            slope.ln(),
            at(2.5).1
        );
    }

    #[test]
    fn values_of_any_size_give_finite_targets() {
        for values in [
            vec![f64::MAX, -f64::MAX, 0.0],
            vec![5e-324, 0.0],
            vec![1.0],
            vec![2.0; 7],
            vec![1e9, 1e9 + 1e-6, 1e300],
        ] {
            for width in [f64::INFINITY, 1.0, 0.01] {
                let targets = Values::new(&values).expect("finite values").targets(width);
                assert!(targets.targets.iter().all(|x| x.is_finite()), "{values:?}");
                assert!(targets.costs.iter().all(|x| x.is_finite()), "{values:?}");
            }
        }
    }
}
