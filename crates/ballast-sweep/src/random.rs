//! Independent draws.
//!
//! A draw is a function of the seed, the number of the trial and the name of the parameter: no state is kept, trials may be
//! drawn in any order, and a parameter that is added leaves the draws of the others as they were.

use serde_json::{Map, Value};

use crate::space::Space;

/// The point of a trial.
pub(crate) fn point(space: &Space, seed: u64, number: u64) -> Map<String, Value> {
    space.build(|index| {
        let parameter = &space.parameters()[index];
        parameter
            .distribution
            .quantile(share(seed, number, &parameter.name()))
    })
}

/// A number between 0 and 1, both excluded, that is uniform over the seeds, numbers and names.
pub(crate) fn share(seed: u64, number: u64, name: &str) -> f64 {
    let n_steps = (1_u64 << 53) as f64;
    ((bits(seed, number, name) >> 11) as f64 + 0.5) / n_steps
}

/// 64 bits that are uniform over the seeds, numbers and names.
pub(crate) fn bits(seed: u64, number: u64, name: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(name.as_bytes());
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}
