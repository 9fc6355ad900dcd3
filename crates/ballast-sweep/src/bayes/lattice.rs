//! The discrete side of the cube: which coordinates exist, which points are taken, and whether any is left.

use std::collections::BTreeSet;

use super::Dimension;
use super::rng::Rng;

impl Dimension {
    /// How many values there are; `None` for a continuum.
    pub(super) fn n_values(&self) -> Option<usize> {
        match self {
            Self::Continuous => None,
            Self::Ordered(values) => Some(values.len().max(1)),
            Self::Categorical { n_values } => Some((*n_values).max(1)),
        }
    }

    /// The coordinate that a number in [0, 1) of a uniform distribution stands for.
    pub(super) fn draw(&self, uniform: f64) -> f64 {
        match self {
            Self::Categorical { n_values } => self.snap((uniform * *n_values as f64).floor()),
            Self::Continuous | Self::Ordered(_) => self.snap(uniform),
        }
    }

    /// The coordinate that exists and is nearest to this one; what is no number counts as the middle.
    pub(super) fn snap(&self, coordinate: f64) -> f64 {
        match self {
            Self::Continuous if coordinate.is_nan() => 0.5,
            Self::Continuous => coordinate.clamp(0.0, 1.0),
            Self::Ordered(_) | Self::Categorical { .. } => self.coordinate(self.index(coordinate)),
        }
    }

    /// The index of the nearest value; 0 for a continuum.
    pub(super) fn index(&self, coordinate: f64) -> usize {
        match self {
            Self::Continuous => 0,
            Self::Categorical { n_values } => {
                // The cast takes NaN and what is negative to 0.
                (coordinate.round() as usize).min(n_values.saturating_sub(1))
            }
            Self::Ordered(values) => {
                let coordinate = if coordinate.is_nan() { 0.5 } else { coordinate };
                let above = values.partition_point(|value| *value < coordinate);
                if above == 0 {
                    0
                } else if above == values.len()
                    || coordinate - values[above - 1] <= values[above] - coordinate
                {
                    above - 1
                } else {
                    above
                }
            }
        }
    }

    /// The coordinate of a value.
    pub(super) fn coordinate(&self, index: usize) -> f64 {
        match self {
            Self::Continuous => 0.5,
            Self::Ordered(values) => values.get(index).copied().unwrap_or(0.5),
            Self::Categorical { .. } => index as f64,
        }
    }
}

/// Moves every coordinate to the nearest that exists.
pub(super) fn snap(dims: &[Dimension], point: &[f64]) -> Vec<f64> {
    dims.iter()
        .zip(point)
        .map(|(dim, coordinate)| dim.snap(*coordinate))
        .collect()
}

/// The points that were given out before.
///
/// In a space with a continuum points are alike if every coordinate agrees to about ten digits.
pub(super) struct Taken<'a> {
    dims: &'a [Dimension],
    keys: BTreeSet<Vec<u64>>,
}

/// Steps of a continuum within which two coordinates count as one.
const STEPS: f64 = 1e10;

impl<'a> Taken<'a> {
    pub(super) fn new(dims: &'a [Dimension]) -> Self {
        Self {
            dims,
            keys: BTreeSet::new(),
        }
    }

    fn key(&self, point: &[f64]) -> Vec<u64> {
        self.dims
            .iter()
            .zip(point)
            .map(|(dim, coordinate)| match dim {
                Dimension::Continuous => (dim.snap(*coordinate) * STEPS).round() as u64,
                Dimension::Ordered(_) | Dimension::Categorical { .. } => {
                    dim.index(*coordinate) as u64
                }
            })
            .collect()
    }

    pub(super) fn add(&mut self, point: &[f64]) {
        let key = self.key(point);
        self.keys.insert(key);
    }

    pub(super) fn contains(&self, point: &[f64]) -> bool {
        self.keys.contains(&self.key(point))
    }

    /// How many points there are in all, or `None` if there is a continuum (or more than 2^64 points).
    pub(super) fn n_points(&self) -> Option<u64> {
        self.dims.iter().try_fold(1_u64, |product, dim| {
            product.checked_mul(dim.n_values()? as u64)
        })
    }

    /// Whether no point is left.
    pub(super) fn is_exhausted(&self) -> bool {
        self.n_points()
            .is_some_and(|n_points| self.keys.len() as u64 >= n_points)
    }

    /// Every point that is left, if there are at most `limit` points in all.
    pub(super) fn all_free(&self, limit: u64) -> Option<Vec<Vec<f64>>> {
        let n_points = self.n_points().filter(|n_points| *n_points <= limit)?;
        Some(
            (0..n_points)
                .map(|number| self.point_of(number))
                .filter(|point| !self.contains(point))
                .collect(),
        )
    }

    /// A point that is left, at random; `None` if there is none.
    pub(super) fn any_free(&self, rng: &mut Rng) -> Option<Vec<f64>> {
        if self.is_exhausted() {
            return None;
        }
        for _ in 0..64 {
            let point: Vec<f64> = self
                .dims
                .iter()
                .map(|dim| dim.draw(rng.uniform()))
                .collect();
            if !self.contains(&point) {
                return Some(point);
            }
        }
        // Nearly all are taken, so the space is finite and one of the next `keys.len() + 1` is free.
        let n_points = self.n_points()?;
        let start = (rng.uniform() * n_points as f64) as u64 % n_points;
        (0..n_points)
            .map(|step| self.point_of((start + step) % n_points))
            .find(|point| !self.contains(point))
    }

    /// The point of this number in a finite space, the last dimension changing fastest.
    fn point_of(&self, mut number: u64) -> Vec<f64> {
        let mut point: Vec<f64> = self
            .dims
            .iter()
            .rev()
            .map(|dim| {
                let n_values = dim.n_values().unwrap_or(1) as u64;
                let index = (number % n_values) as usize;
                number /= n_values;
                dim.coordinate(index)
            })
            .collect();
        point.reverse();
        point
    }
}
