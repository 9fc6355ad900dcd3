//! A small random forest of regression trees over coded columns.
//!
//! It exists to say what matters, not to predict: trees are grown, asked and thrown away one by one, so the memory is that of
//! one tree.

use super::column::{Column, MAX_CODES};
use crate::bayes::rng::Rng;

const N_TREES: usize = 64;
const MAX_DEPTH: usize = 12;
/// A leaf has at least so many rows.
const MIN_LEAF: usize = 2;
/// Fewer rows tell nothing.
const MIN_ROWS: usize = 3;

/// What trees are grown from.
pub(super) struct Forest<'c> {
    columns: &'c [Column],
    /// The metric, between 0 and 1.
    target: Vec<f64>,
}

/// A node of a tree; children are indices.
enum Node {
    Leaf(f64),
    Split {
        column: usize,
        /// The codes that go left, one bit each.
        left_codes: u64,
        left: usize,
        right: usize,
    },
}

struct Split {
    column: usize,
    left_codes: u64,
    /// How much the sum of squares falls.
    gain: f64,
}

impl<'c> Forest<'c> {
    pub(super) fn new(columns: &'c [Column], target: &[f64]) -> Self {
        let low = target.iter().copied().fold(f64::INFINITY, f64::min);
        let high = target.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Halves keep the difference finite.
        let width = high / 2.0 - low / 2.0;
        let target = target
            .iter()
            .map(|value| {
                if width > 0.0 {
                    (value / 2.0 - low / 2.0) / width
                } else {
                    0.0
                }
            })
            .collect();
        Self { columns, target }
    }

    /// How much the squared error of rows that a tree did not see grows when one column is shuffled among them, for each
    /// column; the mean over the trees, at least 0.
    pub(super) fn permutation_losses(&self, rng: &mut Rng) -> Vec<f64> {
        let mut losses = vec![0.0; self.columns.len()];
        let n_rows = self.target.len();
        if n_rows < MIN_ROWS || self.columns.is_empty() {
            return losses;
        }
        for _ in 0..N_TREES {
            let mut is_seen = vec![false; n_rows];
            let sample: Vec<usize> = (0..n_rows).map(|_| rng.below(n_rows)).collect();
            for &row in &sample {
                is_seen[row] = true;
            }
            let unseen: Vec<usize> = (0..n_rows).filter(|&row| !is_seen[row]).collect();
            if unseen.len() < 2 {
                continue;
            }
            let tree = self.grow(sample, rng);
            let error = self.error(&tree, &unseen, None);
            for (column, loss) in losses.iter_mut().enumerate() {
                let is_used = tree.iter().any(
                    |node| matches!(node, Node::Split { column: used, .. } if *used == column),
                );
                if is_used {
                    let shuffled = shuffled(&unseen, rng);
                    *loss += self.error(&tree, &unseen, Some((column, &shuffled))) - error;
                }
            }
        }
        losses
            .into_iter()
            .map(|loss| (loss / N_TREES as f64).max(0.0))
            .collect()
    }

    /// The mean squared error over some rows, in which one column may have the codes of other rows.
    fn error(&self, tree: &[Node], rows: &[usize], replaced: Option<(usize, &[usize])>) -> f64 {
        let sum: f64 = rows
            .iter()
            .enumerate()
            .map(|(place, &row)| {
                let code = |column: usize| match replaced {
                    Some((other, from)) if other == column => {
                        self.columns[column].codes[from[place]]
                    }
                    _ => self.columns[column].codes[row],
                };
                (predict(tree, code) - self.target[row]).powi(2)
            })
            .sum();
        sum / rows.len() as f64
    }

    fn grow(&self, rows: Vec<usize>, rng: &mut Rng) -> Vec<Node> {
        let mut tree = vec![Node::Leaf(self.mean(&rows))];
        let mut open = vec![(0, rows, 0)];
        while let Some((node, rows, depth)) = open.pop() {
            if depth == MAX_DEPTH || rows.len() < 2 * MIN_LEAF {
                continue;
            }
            let Some(split) = self.best_split(&rows, rng) else {
                continue;
            };
            let codes = &self.columns[split.column].codes;
            let (left, right): (Vec<usize>, Vec<usize>) = rows
                .into_iter()
                .partition(|&row| split.left_codes >> codes[row] & 1 == 1);
            let first_child = tree.len();
            tree.push(Node::Leaf(self.mean(&left)));
            tree.push(Node::Leaf(self.mean(&right)));
            tree[node] = Node::Split {
                column: split.column,
                left_codes: split.left_codes,
                left: first_child,
                right: first_child + 1,
            };
            open.push((first_child, left, depth + 1));
            open.push((first_child + 1, right, depth + 1));
        }
        tree
    }

    fn mean(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|&row| self.target[row]).sum::<f64>() / rows.len().max(1) as f64
    }

    /// The best split by one of a third of the columns, which are drawn anew for each node; all, if a third is less than two.
    fn best_split(&self, rows: &[usize], rng: &mut Rng) -> Option<Split> {
        let mut candidates: Vec<usize> = (0..self.columns.len()).collect();
        let n_drawn = match candidates.len() {
            n @ 0..=3 => n,
            n => n.div_ceil(3),
        };
        for place in 0..n_drawn {
            let other = place + rng.below(candidates.len() - place);
            candidates.swap(place, other);
        }
        candidates[..n_drawn]
            .iter()
            .filter_map(|&column| self.split_by(column, rows))
            .max_by(|left, right| left.gain.total_cmp(&right.gain))
    }

    /// The best split by one column. Categories are put in the order of their means, of which one cut is the best of all
    /// partitions.
    fn split_by(&self, column: usize, rows: &[usize]) -> Option<Split> {
        let Column {
            codes,
            n_codes,
            is_ordered,
            ..
        } = &self.columns[column];
        let mut counts = [0_usize; MAX_CODES];
        let mut sums = [0.0; MAX_CODES];
        for &row in rows {
            let code = usize::from(codes[row]);
            counts[code] += 1;
            sums[code] += self.target[row];
        }
        let mut order: Vec<usize> = (0..*n_codes).filter(|&code| counts[code] > 0).collect();
        if !is_ordered {
            let mean = |code: usize| sums[code] / counts[code] as f64;
            order.sort_by(|&left, &right| mean(left).total_cmp(&mean(right)));
        }
        let total: f64 = order.iter().map(|&code| sums[code]).sum();
        let (mut n_left, mut left_sum, mut left_codes) = (0, 0.0, 0_u64);
        let mut best: Option<Split> = None;
        for &code in &order {
            n_left += counts[code];
            left_sum += sums[code];
            // Rows that the tree has not seen have codes between these, which lie on the side of their neighbours.
            left_codes = if *is_ordered {
                u64::MAX >> (MAX_CODES - 1 - code)
            } else {
                left_codes | 1 << code
            };
            let n_right = rows.len() - n_left;
            if n_left < MIN_LEAF || n_right < MIN_LEAF {
                continue;
            }
            let right_sum = total - left_sum;
            let gain = left_sum * left_sum / n_left as f64 + right_sum * right_sum / n_right as f64
                - total * total / rows.len() as f64;
            // Less is the noise of the sums.
            if gain > best.as_ref().map_or(1e-12, |best| best.gain) {
                best = Some(Split {
                    column,
                    left_codes,
                    gain,
                });
            }
        }
        best
    }
}

fn predict(tree: &[Node], code: impl Fn(usize) -> u8) -> f64 {
    let mut index = 0;
    loop {
        match &tree[index] {
            Node::Leaf(value) => return *value,
            Node::Split {
                column,
                left_codes,
                left,
                right,
            } => {
                let goes_left = left_codes >> code(*column) & 1 == 1;
                index = if goes_left { *left } else { *right };
            }
        }
    }
}

fn shuffled(rows: &[usize], rng: &mut Rng) -> Vec<usize> {
    let mut shuffled = rows.to_vec();
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, rng.below(last + 1));
    }
    shuffled
}
