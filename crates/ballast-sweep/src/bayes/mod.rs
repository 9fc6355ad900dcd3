//! Bayesian optimisation on the unit cube.

/// One coordinate of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Dimension {
    /// Any number in [0, 1].
    Continuous,
    /// One of these coordinates, ascending and in [0, 1]: integers and quantised numbers.
    Ordered(Vec<f64>),
    /// One of so many values without order; the coordinate is the index of the value.
    Categorical {
        /// How many values there are, at least one.
        n_values: usize,
    },
}
