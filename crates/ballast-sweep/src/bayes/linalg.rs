//! Dense linear algebra on matrices of some hundred rows, stored by row without gaps.
//!
//! Only lower triangles are read and written; what is above the diagonal has no meaning. Every inner loop runs along a
//! row, so that the compiler makes vector instructions of it without changing the order of a sum between machines.

/// The scalar product, summed in eight lanes.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut lanes = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h)) + tail
}

/// Adds `factor` times `x` to `y`.
pub(super) fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// Replaces a positive definite matrix by its Cholesky factor; false, and no meaning in the matrix, if it is not one.
pub(super) fn cholesky(matrix: &mut [f64], n: usize) -> bool {
    for i in 0..n {
        let (above, rest) = matrix.split_at_mut(i * n);
        let row = &mut rest[..=i];
        for j in 0..i {
            let other = &above[j * n..=j * n + j];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        let pivot = row[i] - dot(&row[..i], &row[..i]);
        // Also false for NaN.
        if !(pivot > 0.0 && pivot.is_finite()) {
            return false;
        }
        row[i] = pivot.sqrt();
    }
    true
}

/// The inverse of a lower triangle.
pub(super) fn invert_lower(lower: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for i in 0..n {
        let (above, rest) = inverse.split_at_mut(i * n);
        let row = &mut rest[..n];
        let factor = 1.0 / lower[i * n + i];
        for k in 0..i {
            add_scaled(
                &mut row[..=k],
                -factor * lower[i * n + k],
                &above[k * n..=k * n + k],
            );
        }
        row[i] = factor;
    }
    inverse
}

/// The lower triangle of `inverse`ᵀ · `inverse`, which for an inverted Cholesky factor is the inverse of the matrix.
pub(super) fn gram(inverse: &[f64], n: usize) -> Vec<f64> {
    let mut product = vec![0.0; n * n];
    for k in 0..n {
        let row = &inverse[k * n..=k * n + k];
        for i in 0..=k {
            add_scaled(&mut product[i * n..=i * n + i], row[i], &row[..=i]);
        }
    }
    product
}

/// `lower` · `x`.
pub(super) fn multiply_lower(lower: &[f64], n: usize, x: &[f64]) -> Vec<f64> {
    (0..n)
        .map(|i| dot(&lower[i * n..=i * n + i], &x[..=i]))
        .collect()
}

/// `lower`ᵀ · `x`.
pub(super) fn multiply_lower_transposed(lower: &[f64], n: usize, x: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; n];
    for i in 0..n {
        add_scaled(&mut product[..=i], x[i], &lower[i * n..=i * n + i]);
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bayes::rng::Rng;

    #[test]
    fn the_factor_and_its_inverse_give_the_matrix_and_its_inverse() {
        for n in [1, 2, 7, 8, 9, 40] {
            let mut rng = Rng::new(n as u64);
            let root: Vec<f64> = (0..n * n).map(|_| rng.normal()).collect();
            let mut matrix = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    matrix[i * n + j] = dot(&root[i * n..][..n], &root[j * n..][..n]);
                }
                matrix[i * n + i] += 1.0;
            }
            let mut factor = matrix.clone();
            assert!(cholesky(&mut factor, n));
            let inverse = gram(&invert_lower(&factor, n), n);
            for i in 0..n {
                for j in 0..n {
                    let product: f64 = (0..n)
                        .map(|k| matrix[i * n + k] * inverse[k.max(j) * n + k.min(j)])
                        .sum();
                    let expected = f64::from(u8::from(i == j));
                    assert!((product - expected).abs() < 1e-9, "{i} {j}: {product}");
                }
            }
            let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            let product = multiply_lower(&factor, n, &multiply_lower_transposed(&factor, n, &x));
            for i in 0..n {
                let expected = dot(&matrix[i * n..][..n], &x);
                assert!((product[i] - expected).abs() < 1e-9 * (1.0 + expected.abs()));
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        assert!(!cholesky(&mut [1.0, 0.0, 2.0, 1.0], 2));
        assert!(!cholesky(&mut [f64::NAN], 1));
        assert!(!cholesky(&mut [0.0], 1));
    }
}
