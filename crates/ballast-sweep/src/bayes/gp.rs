//! A Gaussian process, conditioned on observations and on points whose value is pending.
//!
//! # Source
//! Rasmussen & Williams (2006), Gaussian processes for machine learning, algorithm 2.1.

use super::Dimension;
use super::kernel::{Kernel, squared_difference};
use super::linalg::{cholesky, dot, invert_lower, multiply_lower, multiply_lower_transposed};

/// Noise that is added to what is too nearly singular, as a part of the variance of the function.
const JITTER: [f64; 5] = [0.0, 1e-10, 1e-8, 1e-6, 1e-4];

/// The distribution of the function given what was observed.
pub(super) struct Posterior<'a> {
    dims: &'a [Dimension],
    kernel: Kernel,
    /// By dimension, the coordinates of all points: the observed, then the pending.
    columns: Vec<Vec<f64>>,
    n: usize,
    n_observed: usize,
    noise: f64,
    targets: Vec<f64>,
    /// The inverse of the Cholesky factor of the covariance of all points.
    inverse: Vec<f64>,
    /// The targets of the observed points times `inverse`: independent and standard normal under the model.
    whitened: Vec<f64>,
}

/// What the process says about one point.
pub(super) struct Prediction {
    /// Covariances with all points, and their derivatives by the scaled squared distance.
    pub(super) covariances: Vec<f64>,
    pub(super) slopes: Vec<f64>,
    /// The covariances times the inverse factor.
    pub(super) projected: Vec<f64>,
    /// The mean, with every pending point at its own mean.
    pub(super) mean: f64,
    /// The variance of the function (without noise).
    pub(super) variance: f64,
}

impl<'a> Posterior<'a> {
    /// Conditions on `targets` at the first points; the points after them are pending.
    ///
    /// `None` only if a number is not finite.
    pub(super) fn new(
        dims: &'a [Dimension],
        kernel: Kernel,
        noise: f64,
        points: &[&[f64]],
        targets: &[f64],
    ) -> Option<Self> {
        let n = points.len();
        let mut covariance = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..i {
                covariance[i * n + j] = kernel.covariance(dims, points[i], points[j]).0;
            }
        }
        let factor = JITTER.iter().find_map(|jitter| {
            let mut factor = covariance.clone();
            for i in 0..n {
                factor[i * n + i] = kernel.at_zero() + noise + jitter * kernel.variance;
            }
            cholesky(&mut factor, n).then_some(factor)
        })?;
        let inverse = invert_lower(&factor, n);
        let mut padded = targets.to_vec();
        padded.resize(n, 0.0);
        let mut whitened = multiply_lower(&inverse, n, &padded);
        whitened.truncate(targets.len());
        let columns = (0..dims.len())
            .map(|k| points.iter().map(|point| point[k]).collect())
            .collect();
        Some(Self {
            dims,
            kernel,
            columns,
            n,
            n_observed: targets.len(),
            noise,
            targets: targets.to_vec(),
            inverse,
            whitened,
        })
    }

    pub(super) fn n_observed(&self) -> usize {
        self.n_observed
    }

    /// The means at the observed points: the targets without what looks like noise.
    pub(super) fn observed_means(&self) -> Vec<f64> {
        let weights = self.weights(&vec![0.0; self.n - self.n_observed]);
        let targets = self.targets.iter().zip(weights);
        targets
            .map(|(target, weight)| target - self.noise * weight)
            .collect()
    }

    /// The weights of the covariances in the mean, if the pending values deviate from what was expected of each, given
    /// those before, by so many deviations.
    pub(super) fn weights(&self, deviations: &[f64]) -> Vec<f64> {
        let mut whitened = self.whitened.clone();
        whitened.extend_from_slice(deviations);
        multiply_lower_transposed(&self.inverse, self.n, &whitened)
    }

    pub(super) fn predict(&self, point: &[f64]) -> Prediction {
        let mut covariances = vec![0.0; self.n];
        for (k, dim) in self.dims.iter().enumerate() {
            let (relevance, x) = (self.kernel.relevance[k], point[k]);
            match dim {
                Dimension::Categorical { .. } => {
                    for (sum, other) in covariances.iter_mut().zip(&self.columns[k]) {
                        *sum += relevance * squared_difference(dim, x, *other);
                    }
                }
                Dimension::Continuous | Dimension::Ordered(_) => {
                    for (sum, other) in covariances.iter_mut().zip(&self.columns[k]) {
                        *sum += relevance * (x - other) * (x - other);
                    }
                }
            }
        }
        let mut slopes = vec![0.0; self.n];
        for (covariance, slope) in covariances.iter_mut().zip(&mut slopes) {
            let (value, derivative) = self.kernel.smoothness.correlation(*covariance);
            *covariance = self.kernel.variance * value + self.kernel.constant;
            *slope = self.kernel.variance * derivative;
        }
        let projected = multiply_lower(&self.inverse, self.n, &covariances);
        let mean = dot(&projected, &self.whitened);
        let variance = self.kernel.at_zero() - dot(&projected, &projected);
        Prediction {
            covariances,
            slopes,
            projected,
            mean,
            // What cancels to less is not known any better than this.
            variance: variance.max(1e-12 * self.kernel.variance),
        }
    }

    /// The weights of the covariances in the reduction of the variance at a point.
    pub(super) fn reduction_weights(&self, prediction: &Prediction) -> Vec<f64> {
        multiply_lower_transposed(&self.inverse, self.n, &prediction.projected)
    }

    /// The derivative by the point's coordinates of Σ `weights` · covariances; 0 for categories.
    pub(super) fn slope(
        &self,
        point: &[f64],
        prediction: &Prediction,
        weights: &[f64],
    ) -> Vec<f64> {
        let weighted: Vec<f64> = prediction
            .slopes
            .iter()
            .zip(weights)
            .map(|(slope, weight)| slope * weight)
            .collect();
        let total: f64 = weighted.iter().sum();
        self.dims
            .iter()
            .enumerate()
            .map(|(k, dim)| match dim {
                Dimension::Categorical { .. } => 0.0,
                Dimension::Continuous | Dimension::Ordered(_) => {
                    let moment = dot(&weighted, &self.columns[k]);
                    2.0 * self.kernel.relevance[k] * (point[k] * total - moment)
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bayes::kernel::Smoothness;
    use crate::bayes::rng::Rng;

    const NOISE: f64 = 0.5;

    fn kernel(relevance: Vec<f64>) -> Kernel {
        Kernel {
            smoothness: Smoothness::Analytic,
            relevance,
            variance: 2.0,
            constant: 1.0,
        }
    }

    /// One observation: mean k y / (k(0) + noise), variance k(0) - k² / (k(0) + noise), with k = 1 + 2 exp(-d² w / 2).
    #[test]
    fn one_observation_gives_the_posterior_computed_by_hand() {
        let dims = [Dimension::Continuous];
        let posterior = Posterior::new(&dims, kernel(vec![4.0]), NOISE, &[&[0.25]], &[3.0]);
        let posterior = posterior.expect("finite numbers");
        let found = posterior.predict(&[0.75]);
        let k = 1.0 + 2.0 * (-0.5_f64).exp();
        assert!((found.mean - k * 3.0 / 3.5).abs() < 1e-12);
        assert!((found.variance - (3.0 - k * k / 3.5)).abs() < 1e-12);
        assert!((posterior.observed_means()[0] - 3.0 * 3.0 / 3.5).abs() < 1e-12);
    }

    /// Two observations, the 2 x 2 system solved by Cramer's rule.
    #[test]
    fn two_observations_give_the_posterior_computed_by_hand() {
        let dims = [Dimension::Categorical { n_values: 3 }];
        let posterior = Posterior::new(
            &dims,
            kernel(vec![1.0]),
            NOISE,
            &[&[0.0], &[1.0]],
            &[1.0, -2.0],
        );
        let found = posterior.expect("finite numbers").predict(&[0.0]);
        let (a, b) = (3.5, 1.0 + 2.0 * (-0.5_f64).exp());
        let determinant = a * a - b * b;
        let (first, second) = ((a + 2.0 * b) / determinant, (-2.0 * a - b) / determinant);
        assert!((found.mean - (3.0 * first + b * second)).abs() < 1e-12);
        let reduction = (3.0 * (a * 3.0 - b * b) + b * (a * b - 3.0 * b)) / determinant;
        assert!((found.variance - (3.0 - reduction)).abs() < 1e-12);
    }

    /// Conditioning on a draw of the pending values is the same as having observed them.
    #[test]
    fn a_pending_value_counts_as_if_it_had_been_observed() {
        let dims = [Dimension::Continuous];
        let points: [&[f64]; 3] = [&[0.1], &[0.9], &[0.4]];
        let kernel = kernel(vec![9.0]);
        let before = Posterior::new(&dims, kernel.clone(), NOISE, &points[..2], &[1.0, -1.0]);
        let before = before.expect("finite numbers").predict(points[2]);
        let drawn = before.mean + 1.3 * (before.variance + NOISE).sqrt();
        let after = Posterior::new(&dims, kernel.clone(), NOISE, &points, &[1.0, -1.0, drawn]);
        let after = after.expect("finite numbers").predict(&[0.5]);
        let pending = Posterior::new(&dims, kernel, NOISE, &points, &[1.0, -1.0]);
        let pending = pending.expect("finite numbers");
        let found = pending.predict(&[0.5]);
        let mean = dot(&found.covariances, &pending.weights(&[1.3]));
        assert!((mean - after.mean).abs() < 1e-12);
        assert!((found.variance - after.variance).abs() < 1e-12);
        assert!((found.mean - dot(&found.covariances, &pending.weights(&[0.0]))).abs() < 1e-12);
    }

    #[test]
    fn equal_points_without_noise_are_no_trouble() {
        let dims = [Dimension::Continuous];
        let points: [&[f64]; 3] = [&[0.5], &[0.5], &[0.5]];
        let posterior = Posterior::new(&dims, kernel(vec![1.0]), 0.0, &points, &[1.0, 1.0, 1.0]);
        let found = posterior.expect("jitter helps").predict(&[0.5]);
        assert!((found.mean - 1.0).abs() < 1e-3 && found.variance > 0.0);
    }

    #[test]
    fn the_slope_is_the_derivative_of_the_mean() {
        let mut rng = Rng::new(3);
        let dims = [
            Dimension::Continuous,
            Dimension::Categorical { n_values: 2 },
            Dimension::Continuous,
        ];
        let points: Vec<[f64; 3]> = (0..12)
            .map(|_| [rng.uniform(), rng.below(2) as f64, rng.uniform()])
            .collect();
        let targets: Vec<f64> = points.iter().map(|_| rng.normal()).collect();
        let points: Vec<&[f64]> = points.iter().map(|x| &x[..]).collect();
        let posterior =
            Posterior::new(&dims, kernel(vec![9.0, 1.0, 2.0]), NOISE, &points, &targets)
                .expect("finite numbers");
        let point = [0.3, 1.0, 0.8];
        let weights = posterior.weights(&[]);
        let slope = posterior.slope(&point, &posterior.predict(&point), &weights);
        for k in [0, 2] {
            let at = |offset: f64| {
                let mut moved = point;
                moved[k] += offset;
                posterior.predict(&moved).mean
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!((slope[k] - expected).abs() < 1e-6 * (1.0 + expected.abs()));
        }
        assert!(slope[1].abs() < 1e-15);
    }
}
