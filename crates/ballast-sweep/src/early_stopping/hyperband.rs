//! Bands of Hyperband, as W&B has them.

use super::{Bands, Hyperband, Judgement, Progress, geometric};

impl Hyperband {
    /// The iterations at which runs are judged, ascending.
    pub(super) fn bands(self) -> Vec<u64> {
        match self.bands {
            Bands::From { min_iter } => geometric(min_iter, self.eta),
            Bands::UpTo { max_iter, s } => {
                let mut bands: Vec<u64> = (1..=s.min(super::MAX_BANDS as u32))
                    .map(|k| max_iter as f64 / self.eta.powi(k as i32))
                    .take_while(|band| *band >= 1.0)
                    .map(|band| band as u64)
                    .collect();
                bands.reverse();
                bands.dedup();
                bands
            }
        }
    }

    /// Judges a run by the last band that it reached.
    ///
    /// The threshold is the value at position `n / eta`, from 0, among the values that the `n` runs had there.
    pub(super) fn judge(
        self,
        progress: &Progress,
        band: usize,
        compared: &[f64],
    ) -> Option<Judgement> {
        let threshold = *compared.get((compared.len() as f64 / self.eta) as usize)?;
        let loss = if self.strict {
            progress.mark(band)?.value
        } else {
            progress.best()
        };
        Some(Judgement {
            loss,
            threshold,
            n_compared: compared.len(),
        })
    }
}
