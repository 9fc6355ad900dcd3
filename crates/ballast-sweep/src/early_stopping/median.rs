//! The median stopping rule.
//!
//! # Source
//! Golovin et al. (2017), Google Vizier: A Service for Black-Box Optimization, section 3.2.1.

use super::{Judgement, MAX_BANDS, MAX_ITERATION, Median, Progress};

impl Median {
    /// The checks, ascending: every `interval`, and farther apart as iterations grow, so that there is a bound to them.
    pub(super) fn bands(self) -> Vec<u64> {
        /// Each check is at most so many times as far as the one before. 1.02 reaches the last iteration in 1,000 checks.
        const GROWTH: f64 = 1.03;
        let mut bands = Vec::new();
        let mut band = self.min_iter;
        while band <= MAX_ITERATION && bands.len() < MAX_BANDS {
            bands.push(band);
            let farther = (band as f64 * GROWTH) as u64;
            band = farther.max(band.saturating_add(self.interval));
        }
        bands
    }

    /// Judges a run by the last check that it reached: its best value so far must reach the median of what the others had
    /// as the mean of their values up to that check.
    pub(super) fn judge(
        self,
        progress: &Progress,
        band: usize,
        compared: &[f64],
    ) -> Option<Judgement> {
        let own_mean = progress.mark(band)?.mean;
        let mut means = compared.to_vec();
        let own_place = means.partition_point(|mean| mean.total_cmp(&own_mean).is_lt());
        means.remove(own_place);
        if means.len() < self.min_runs as usize {
            return None;
        }
        let middle = means.len() / 2;
        let threshold = if means.len() % 2 == 1 {
            means[middle]
        } else {
            f64::midpoint(means[middle - 1], means[middle])
        };
        Some(Judgement {
            loss: progress.best(),
            threshold,
            n_compared: means.len(),
        })
    }
}
