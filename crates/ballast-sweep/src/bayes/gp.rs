//! A Gaussian process, conditioned on observations and on points whose value is pending.
//!
//! # Source
//! Rasmussen & Williams (2006), Gaussian processes for machine learning, algorithm 2.1.

use super::Dimension;
use super::kernel::{Kernel, squared_difference};
use super::linalg::{cholesky, dot, invert_lower, multiply_lower, multiply_lower_transposed};

/// Noise that is added to what is too nearly singular, as a part of the variance of the function, in steps of 100.
const JITTER: [f64; 5] = [0.0, 1e-10, 1e-8, 1e-6, 1e-4];

/// The distribution of the function given what was observed.
pub(super) struct Posterior<'a> {
    dims: &'a [Dimension],
    kernel: Kernel,
    /// By dimension, the coordinates of all points: the observed, then the pending.
    columns: Vec<Vec<f64>>,
    n: usize,
    n_observed: usize,
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
            inverse,
            whitened,
        })
    }

    pub(super) fn n_observed(&self) -> usize {
        self.n_observed
    }

    #[allow(dead_code)]
    pub(super) fn n_pending(&self) -> usize {
        self.n - self.n_observed
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
