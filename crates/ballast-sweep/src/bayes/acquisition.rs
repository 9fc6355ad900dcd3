//! The logarithm of the expected improvement.
//!
//! # Source
//! Ament, Daulton, Eriksson, Balandat & Bakshy (2023), Unexpected improvements to expected improvement for Bayesian
//! optimization: the improvement underflows to zero far from the incumbent, its logarithm has a slope everywhere.

use std::f64::consts::TAU;

use super::gp::{Posterior, Prediction};
use super::linalg::{add_scaled, dot};
use super::rng::Rng;

/// What the pending trials may turn out to be, in how many ways.
const N_FANTASIES: usize = 16;

/// How good a point looks, given the posterior.
///
/// Pending points are integrated out: the improvement is averaged over draws of their values.
pub(super) struct Acquisition<'a> {
    posterior: &'a Posterior<'a>,
    fantasies: Vec<Fantasy>,
}

struct Fantasy {
    /// Of the values at the pending points, as in [`Posterior::weights`].
    deviations: Vec<f64>,
    weights: Vec<f64>,
    incumbent: f64,
}

impl<'a> Acquisition<'a> {
    /// `pending` are the pending points of the posterior, in its order.
    ///
    /// The incumbent is the lowest *mean* at a tried point, so that a lucky draw of the noise is no incumbent.
    pub(super) fn new(posterior: &'a Posterior<'a>, pending: &[&[f64]], rng: &mut Rng) -> Self {
        let best = posterior
            .observed_means()
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        let at_pending: Vec<Prediction> = pending
            .iter()
            .map(|point| posterior.predict(point))
            .collect();
        let n_fantasies = if pending.is_empty() { 1 } else { N_FANTASIES };
        let fantasies = (0..n_fantasies)
            .map(|_| {
                let deviations: Vec<f64> = pending.iter().map(|_| rng.normal()).collect();
                let incumbent = at_pending
                    .iter()
                    .map(|prediction| mean(posterior, prediction, &deviations))
                    .fold(best, f64::min);
                Fantasy {
                    weights: posterior.weights(&deviations),
                    deviations,
                    incumbent,
                }
            })
            .collect();
        Self {
            posterior,
            fantasies,
        }
    }

    pub(super) fn value(&self, point: &[f64]) -> f64 {
        self.evaluate(&self.posterior.predict(point)).0
    }

    pub(super) fn value_with_gradient(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let prediction = self.posterior.predict(point);
        let (value, improvements) = self.evaluate(&prediction);
        let deviation = prediction.variance.sqrt();
        let mut weights = self.posterior.reduction_weights(&prediction);
        let density: f64 = improvements.iter().map(|part| part.density).sum();
        let factor = -density / prediction.variance;
        weights.iter_mut().for_each(|weight| *weight *= factor);
        for (part, fantasy) in improvements.iter().zip(&self.fantasies) {
            add_scaled(
                &mut weights,
                -part.distribution / deviation,
                &fantasy.weights,
            );
        }
        gradient.copy_from_slice(&self.posterior.slope(point, &prediction, &weights));
        value
    }

    /// The value, and the parts of every fantasy in it, weighted.
    fn evaluate(&self, prediction: &Prediction) -> (f64, Vec<LogImprovement>) {
        let deviation = prediction.variance.sqrt();
        let mut parts: Vec<LogImprovement> = self
            .fantasies
            .iter()
            .map(|fantasy| {
                let mean = mean(self.posterior, prediction, &fantasy.deviations);
                log_improvement((fantasy.incumbent - mean) / deviation)
            })
            .collect();
        let highest = parts
            .iter()
            .map(|part| part.log)
            .fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = parts.iter().map(|part| (part.log - highest).exp()).sum();
        for part in &mut parts {
            let weight = (part.log - highest).exp() / total;
            part.density *= weight;
            part.distribution *= weight;
        }
        let mean = highest + (total / parts.len() as f64).ln();
        (mean + deviation.ln(), parts)
    }
}

/// The mean at a point if the pending values deviate so.
fn mean(posterior: &Posterior<'_>, prediction: &Prediction, deviations: &[f64]) -> f64 {
    let pending = &prediction.projected[posterior.n_observed()..];
    prediction.mean + dot(pending, deviations)
}

/// log(φ(z) + z Φ(z)), with φ(z) and Φ(z) each divided by φ(z) + z Φ(z).
///
/// φ is the density and Φ the distribution function of the standard normal distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogImprovement {
    pub(super) log: f64,
    pub(super) density: f64,
    pub(super) distribution: f64,
}

/// Evaluates for the standardised improvement `z` = (incumbent - mean) / deviation.
pub(super) fn log_improvement(z: f64) -> LogImprovement {
    let log_density = -0.5 * z * z - 0.5 * TAU.ln();
    if z < -2.5 {
        // Φ(z) / φ(z) is Mills' ratio 1 / (t + q), q a continued fraction, so that nothing cancels in 1 - t / (t + q).
        let t = -z;
        let q = mills_tail(t);
        return LogImprovement {
            log: log_density + (q / (t + q)).ln(),
            density: (t + q) / q,
            distribution: 1.0 / q,
        };
    }
    let density = log_density.exp();
    let distribution = if z > 3.0 {
        1.0 - density / (z + mills_tail(z))
    } else {
        0.5 + density * odd_series(z)
    };
    let value = density + z * distribution;
    LogImprovement {
        log: value.ln(),
        density: density / value,
        distribution: distribution / value,
    }
}

/// q of Mills' ratio 1 / (t + q) for t >= 2.5: q = 1 / (t + 2 / (t + 3 / (t + …))).
fn mills_tail(t: f64) -> f64 {
    let n_terms = if t < 6.0 { 50 } else { 15 };
    // What the rest of the fraction would be if its numerators grew no more.
    let mut tail = 0.5 * ((t * t + 4.0 * f64::from(n_terms)).sqrt() - t);
    for k in (1..=n_terms).rev() {
        tail = f64::from(k) / (t + tail);
    }
    tail
}

/// (Φ(z) - 1/2) / φ(z) = z + z³/3 + z⁵/15 + …
fn odd_series(z: f64) -> f64 {
    let (mut term, mut sum, mut k) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() && k < 200.0 {
        k += 2.0;
        term *= z * z / k;
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bayes::Dimension;
    use crate::bayes::kernel::{Kernel, Smoothness};

    /// Values of a reference with 50 digits.
    const REFERENCE: [(f64, f64); 14] = [
        (-1000.0, -500014.73445209116),
        (-50.0, -1258.7441828684609),
        (-10.0, -55.553122036122356),
        (-6.0, -22.578879392169797),
        (-5.5, -19.543071452824105),
        (-2.0, -4.7687835239171142),
        (-1.5, -3.5299359208057099),
        (-1.0, -2.4851210257126413),
        (-0.5, -1.6205162643873199),
        (0.0, -0.91893853320467274),
        (1.0, 0.08002621884930694),
        (3.0, 1.0987396653277078),
        (3.5, 1.2527796771896117),
        (8.0, 2.0794415416798359),
    ];

    #[test]
    fn the_logarithm_agrees_with_a_reference() {
        for (z, log) in REFERENCE {
            let found = log_improvement(z).log;
            assert!(
                (found - log).abs() < 1e-10 * log.abs().max(1.0),
                "{z}: {found}"
            );
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_value() {
        let dims = vec![Dimension::Continuous; 2];
        let kernel = Kernel {
            smoothness: Smoothness::Matern52,
            relevance: vec![5.0, 20.0],
            variance: 1.5,
            constant: 1.0,
        };
        let points: [&[f64]; 5] = [
            &[0.1, 0.2],
            &[0.8, 0.3],
            &[0.5, 0.9],
            &[0.4, 0.4],
            &[0.9, 0.9],
        ];
        for n_observed in [3, 5] {
            let targets = &[0.3, -1.0, 0.8, -0.2, 1.0][..n_observed];
            let posterior = Posterior::new(&dims, kernel.clone(), 1e-3, &points, targets);
            let posterior = posterior.expect("finite numbers");
            let pending = &points[n_observed..];
            let acquisition = Acquisition::new(&posterior, pending, &mut Rng::new(1));
            for point in [[0.3, 0.3], [0.79, 0.31], [0.0, 1.0]] {
                let mut gradient = [0.0; 2];
                let value = acquisition.value_with_gradient(&point, &mut gradient);
                assert!((value - acquisition.value(&point)).abs() < 1e-12);
                for k in 0..2 {
                    let at = |offset: f64| {
                        let mut moved = point;
                        moved[k] += offset;
                        acquisition.value(&moved)
                    };
                    let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                    let found = gradient[k];
                    assert!(
                        (found - slope).abs() < 1e-4 * (1.0 + slope.abs()),
                        "{found} {slope}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_pending_point_is_not_worth_a_second_trial() {
        let dims = [Dimension::Continuous];
        let kernel = Kernel {
            smoothness: Smoothness::Matern52,
            relevance: vec![10.0],
            variance: 1.0,
            constant: 1.0,
        };
        let points: [&[f64]; 3] = [&[0.2], &[0.8], &[0.5]];
        let alone = Posterior::new(&dims, kernel.clone(), 1e-6, &points[..2], &[0.0, 0.1]);
        let alone = alone.expect("finite numbers");
        let alone = Acquisition::new(&alone, &[], &mut Rng::new(1));
        let beside = Posterior::new(&dims, kernel, 1e-6, &points, &[0.0, 0.1]);
        let beside = beside.expect("finite numbers");
        let beside = Acquisition::new(&beside, &points[2..], &mut Rng::new(1));
        assert!(alone.value(&[0.5]) > alone.value(&[0.35]));
        assert!(beside.value(&[0.5]) < beside.value(&[0.35]));
    }

    #[test]
    fn the_parts_are_the_derivative() {
        for z in [-40.0, -7.0, -2.0, -1.0, 0.0, 1.0, 2.9, 3.1, 9.0] {
            let step = 1e-5;
            let slope =
                (log_improvement(z + step).log - log_improvement(z - step).log) / (2.0 * step);
            let found = log_improvement(z).distribution;
            assert!(
                (found - slope).abs() < 1e-6 * slope.abs(),
                "{z}: {found} {slope}"
            );
        }
    }
}
