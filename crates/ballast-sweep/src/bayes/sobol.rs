//! Low-discrepancy points: a Sobol sequence with Owen's scrambling, computed by hashing.
//!
//! # Sources
//! Joe & Kuo (2008), Constructing Sobol sequences with better two-dimensional projections (the direction numbers);
//! Burley (2020), Practical hash-based Owen scrambling (the scrambling, and more dimensions than direction numbers).

use super::Dimension;
use super::rng::mix;

/// Polynomial degree, polynomial coefficients and initial direction numbers of the dimensions after the first.
const DIRECTIONS: [(u32, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// Dimensions with direction numbers of their own; more take the same ones with another order of the points.
const N_OWN: usize = DIRECTIONS.len() + 1;

/// A scrambled Sobol sequence.
pub(super) struct Sobol {
    /// By own dimension, the 32 direction numbers.
    directions: Vec<[u32; 32]>,
    n_dims: usize,
    seed: u64,
}

impl Sobol {
    pub(super) fn new(n_dims: usize, seed: u64) -> Self {
        let directions = (0..n_dims.min(N_OWN)).map(direction_numbers).collect();
        Self {
            directions,
            n_dims,
            seed,
        }
    }

    /// The point of this number in a space of as many dimensions.
    pub(super) fn point(&self, index: u32, dims: &[Dimension]) -> Vec<f64> {
        let coordinates = self.coordinates(index).into_iter().zip(dims);
        coordinates
            .map(|(uniform, dim)| dim.draw(uniform))
            .collect()
    }

    /// The coordinates of the point of this number, each in (0, 1).
    fn coordinates(&self, index: u32) -> Vec<f64> {
        (0..self.n_dims)
            .map(|dim| {
                let (group, own) = (dim / N_OWN, dim % N_OWN);
                let index = if group == 0 {
                    index
                } else {
                    scramble(index, mix(self.seed ^ mix(group as u64)) as u32)
                };
                let mut bits = 0;
                for (bit, direction) in self.directions[own].iter().enumerate() {
                    if index >> bit & 1 == 1 {
                        bits ^= direction;
                    }
                }
                let seed = mix(self.seed.wrapping_add(mix(dim as u64 + 1 << 32))) as u32;
                (f64::from(scramble(bits, seed)) + 0.5) / 4_294_967_296.0
            })
            .collect()
    }
}

fn direction_numbers(dim: usize) -> [u32; 32] {
    let mut numbers = [0_u32; 32];
    if dim == 0 {
        for (bit, number) in numbers.iter_mut().enumerate() {
            *number = 1 << (31 - bit);
        }
        return numbers;
    }
    let (degree, coefficients, initial) = DIRECTIONS[dim - 1];
    let degree = degree as usize;
    for bit in 0..32 {
        numbers[bit] = if bit < degree {
            initial[bit] << (31 - bit)
        } else {
            let mut number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree);
            for k in 1..degree {
                if coefficients >> (degree - 1 - k) & 1 == 1 {
                    number ^= numbers[bit - k];
                }
            }
            number
        };
    }
    numbers
}

/// Owen's nested uniform scrambling: each bit is flipped by a hash of the bits above it.
fn scramble(bits: u32, seed: u32) -> u32 {
    let mut x = bits.reverse_bits();
    x ^= x.wrapping_mul(0x3d20_adea);
    x = x.wrapping_add(seed);
    x = x.wrapping_mul((seed >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6c56);
    x ^= x.wrapping_mul(0x53a2_2864);
    x.reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first 2^k points have one point in each of 2^k equal slices, in every dimension and under every seed.
    #[test]
    fn each_slice_of_each_dimension_has_one_point() {
        for seed in 0..5 {
            let sobol = Sobol::new(45, seed);
            for n in [2_u32, 8, 64] {
                let points: Vec<_> = (0..n).map(|index| sobol.coordinates(index)).collect();
                for dim in 0..45 {
                    let mut slices: Vec<_> = points
                        .iter()
                        .map(|point| (point[dim] * f64::from(n)) as u32)
                        .collect();
                    slices.sort_unstable();
                    assert!(slices.into_iter().eq(0..n), "dimension {dim}, {n} points");
                }
            }
        }
    }

    /// The first two dimensions are a (0, 2)-sequence: 16 points lie one each in 4 x 4 cells.
    #[test]
    fn the_first_two_dimensions_fill_a_checkerboard() {
        let sobol = Sobol::new(2, 3);
        let mut cells: Vec<_> = (0..16)
            .map(|index| sobol.coordinates(index))
            .map(|point| (point[0] * 4.0) as u32 * 4 + (point[1] * 4.0) as u32)
            .collect();
        cells.sort_unstable();
        assert!(cells.into_iter().eq(0..16));
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(
            Sobol::new(3, 1).coordinates(0),
            Sobol::new(3, 2).coordinates(0)
        );
    }
}
