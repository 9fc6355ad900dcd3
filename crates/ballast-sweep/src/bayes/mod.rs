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

/// A point that was tried, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// One coordinate for each dimension.
    pub point: Vec<f64>,
    /// Lower is better. NaN stands for a trial that failed.
    pub value: f64,
}

/// What [`suggest`] goes by.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The dimensions of the cube.
    pub dims: &'a [Dimension],
    /// The points that were tried, oldest first.
    pub observations: &'a [Observation],
    /// Points that are being tried now.
    pub pending: &'a [Vec<f64>],
    /// The seed of the whole search.
    pub seed: u64,
}

/// Proposes the next point to try: for now a draw.
pub fn suggest(problem: &Problem<'_>) -> Option<Vec<f64>> {
    let number = (problem.observations.len() + problem.pending.len()) as u64;
    let point = problem.dims.iter().enumerate().map(|(index, dimension)| {
        let share = crate::random::share(problem.seed, number, &index.to_string());
        match dimension {
            Dimension::Continuous => share,
            Dimension::Ordered(coordinates) => {
                coordinates[(share * coordinates.len() as f64) as usize]
            }
            Dimension::Categorical { n_values } => (share * *n_values as f64).floor(),
        }
    });
    Some(point.collect())
}
