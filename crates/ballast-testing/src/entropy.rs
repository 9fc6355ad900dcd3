//! Chance that repeats itself.

use std::sync::atomic::{AtomicU64, Ordering};

use ballast_model::Entropy;

/// Randomness that is the same for the same seed, on every machine and in every version (SplitMix64).
///
/// Threads that share it get different bytes, in an order that depends on who asks first.
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    /// Randomness that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self
            .state
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Default for SeededEntropy {
    /// Seed 0.
    fn default() -> Self {
        Self::new(0)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_published_sequence() {
        // The first outputs of SplitMix64 for seed 1234567, from the reference implementation.
        let entropy = SeededEntropy::new(1_234_567);
        assert_eq!(entropy.next(), 6_457_827_717_110_365_317);
        assert_eq!(entropy.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn bytes_of_any_length_are_filled() {
        let mut bytes = [0; 13];
        SeededEntropy::new(1).fill(&mut bytes);
        assert_ne!(bytes[8..], [0; 5]);
        let mut others = [0; 13];
        SeededEntropy::new(2).fill(&mut others);
        assert_ne!(bytes, others);
    }
}
