//! Asynchronous successive halving.
//!
//! # Source
//! Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning, in its variant that stops runs instead of
//! promoting them.

use super::{Asha, Judgement, Progress, geometric};

impl Asha {
    /// The rungs, ascending: `min_iter` and that times each power of `eta`, below `max_iter`.
    pub(super) fn bands(self) -> Vec<u64> {
        let mut bands = geometric(self.min_iter, self.eta);
        bands.retain(|band| self.max_iter.is_none_or(|max_iter| *band < max_iter));
        bands
    }

    /// Judges a run by the last rung that it reached: one in `eta` of the runs that reached it goes on, and at least one.
    pub(super) fn judge(
        self,
        progress: &Progress,
        band: usize,
        compared: &[f64],
    ) -> Option<Judgement> {
        if self
            .max_iter
            .is_some_and(|max_iter| progress.n_values() >= max_iter)
        {
            return None;
        }
        if compared.len() < self.min_runs as usize {
            return None;
        }
        let n_kept = ((compared.len() as f64 / self.eta) as usize).max(1);
        Some(Judgement {
            loss: progress.mark(band)?.value,
            threshold: *compared.get(n_kept - 1)?,
            n_compared: compared.len(),
        })
    }
}
