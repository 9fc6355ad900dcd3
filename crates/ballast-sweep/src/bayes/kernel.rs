//! How alike the values at two points are.
//!
//! # Sources
//! Rasmussen & Williams (2006), Gaussian processes for machine learning, chapter 4 (Matérn kernels, automatic relevance
//! determination). Categorical dimensions enter the squared distance as 0 or 1, each with its own relevance.

use super::Dimension;

/// How smooth the function is taken to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Smoothness {
    /// Twice differentiable (Matérn, ν = 5/2).
    Matern52,
    /// Infinitely often differentiable (squared exponential).
    Analytic,
}

impl Smoothness {
    /// The correlation at a scaled squared distance, and its derivative by that.
    pub(super) fn correlation(self, squared: f64) -> (f64, f64) {
        match self {
            Self::Matern52 => {
                let r = (5.0 * squared).sqrt();
                let decay = (-r).exp();
                (
                    (1.0 + r + 5.0 / 3.0 * squared) * decay,
                    -5.0 / 6.0 * (1.0 + r) * decay,
                )
            }
            Self::Analytic => {
                let value = (-0.5 * squared).exp();
                (value, -0.5 * value)
            }
        }
    }
}

/// A stationary kernel with one length per dimension.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    pub(super) smoothness: Smoothness,
    /// 1 / length², by dimension.
    pub(super) relevance: Vec<f64>,
    /// The variance of the function.
    pub(super) variance: f64,
    /// The variance of the constant that the function varies around.
    pub(super) constant: f64,
}

impl Kernel {
    /// The variance at one point.
    pub(super) fn at_zero(&self) -> f64 {
        self.variance + self.constant
    }

    /// The covariance of two points, and its derivative by the scaled squared distance.
    pub(super) fn covariance(&self, dims: &[Dimension], a: &[f64], b: &[f64]) -> (f64, f64) {
        let mut squared = 0.0;
        for (k, dim) in dims.iter().enumerate() {
            squared += self.relevance[k] * squared_difference(dim, a[k], b[k]);
        }
        let (value, slope) = self.smoothness.correlation(squared);
        (self.variance * value + self.constant, self.variance * slope)
    }
}

/// The square of the difference of two coordinates; 1 for different categories.
pub(super) fn squared_difference(dim: &Dimension, a: f64, b: f64) -> f64 {
    match dim {
        Dimension::Categorical { .. } => f64::from(u8::from((a - b).abs() > 0.5)),
        Dimension::Continuous | Dimension::Ordered(_) => (a - b) * (a - b),
    }
}

/// The sum of the squared differences of all coordinates.
pub(super) fn squared_distance(dims: &[Dimension], a: &[f64], b: &[f64]) -> f64 {
    dims.iter()
        .zip(a.iter().zip(b))
        .map(|(dim, (a, b))| squared_difference(dim, *a, *b))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivative_is_that_of_the_correlation() {
        for smoothness in [Smoothness::Matern52, Smoothness::Analytic] {
            assert!((smoothness.correlation(0.0).0 - 1.0).abs() < 1e-15);
            for squared in [0.01, 0.3, 1.0, 7.0] {
                let step = 1e-6;
                let above = smoothness.correlation(squared + step).0;
                let below = smoothness.correlation(squared - step).0;
                let (_, slope) = smoothness.correlation(squared);
                assert!((slope - (above - below) / (2.0 * step)).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn a_category_differs_or_does_not() {
        let dim = Dimension::Categorical { n_values: 5 };
        assert!((squared_difference(&dim, 0.0, 4.0) - 1.0).abs() < 1e-15);
        assert!(squared_difference(&dim, 3.0, 3.0).abs() < 1e-15);
    }
}
