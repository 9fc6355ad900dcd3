//! From rows to values.

use std::collections::VecDeque;

use super::{Combine, Cumulate, Expression, Map, Op};
use crate::RowBatch;
use crate::rows::{Lookup, Numbers};

/// An expression on its way through the rows of a run, in line order.
///
/// It remembers what its functions look back on: at most [`Expression::MAX_LAG`] values.
pub(crate) struct Evaluation {
    expression: Expression,
    /// For each step of the program, what it remembers.
    memories: Vec<Memory>,
    stack: Vec<Option<f64>>,
}

/// What a step of the program remembers of the points before.
enum Memory {
    Nothing,
    /// The latest values, the oldest first.
    Latest(VecDeque<f64>),
    /// What the points so far make; `None` before the first that counts.
    Total(Option<Total>),
}

#[derive(Clone, Copy)]
struct Total {
    value: f64,
    /// What rounding dropped of a sum.
    dropped: f64,
}

impl Evaluation {
    pub(crate) fn new(expression: &Expression) -> Self {
        let memories = expression.0.program.iter().map(|op| match op {
            Op::Lag(_) => Memory::Latest(VecDeque::new()),
            Op::Cumulate(_) => Memory::Total(None),
            _ => Memory::Nothing,
        });
        Self {
            memories: memories.collect(),
            expression: expression.clone(),
            stack: Vec::new(),
        }
    }

    /// The values in the rows of the next batch.
    pub(crate) fn numbers(&mut self, batch: &RowBatch) -> Numbers<'static> {
        let metrics = self.expression.metrics().iter();
        let mut metrics: Vec<Lookup<'_>> = metrics
            .map(|name| Lookup::new(Numbers::of(batch, name)))
            .collect();
        let mut rows = Vec::new();
        let mut values = Vec::with_capacity(batch.n_rows());
        for row in 0..batch.n_rows() as u32 {
            if let Some(value) = self.next_row(|metric| metrics[metric].get(row)) {
                rows.push(row);
                values.push(value);
            }
        }
        Numbers::new(rows, values, batch.n_rows())
    }

    /// The value in the next row, of whose metrics `metric` gives those that are numbers; `None` if it has none.
    pub(crate) fn next_row(&mut self, mut metric: impl FnMut(usize) -> Option<f64>) -> Option<f64> {
        const KNOWN: &str = "a program takes no more than it was given";
        self.stack.clear();
        for (op, memory) in self.expression.0.program.iter().zip(&mut self.memories) {
            let value = match op {
                Op::Number(number) => Some(*number),
                Op::Metric(place) => metric(*place),
                Op::Map(map) => self.stack.pop().expect(KNOWN).map(|x| map.of(x)),
                Op::Combine(combine) => {
                    let right = self.stack.pop().expect(KNOWN);
                    let left = self.stack.pop().expect(KNOWN);
                    left.zip(right).map(|(left, right)| combine.of(left, right))
                }
                Op::Lag(distance) => {
                    let value = self.stack.pop().expect(KNOWN);
                    value.and_then(|value| memory.lag(value, *distance))
                }
                Op::Cumulate(cumulate) => {
                    let value = self.stack.pop().expect(KNOWN);
                    value.and_then(|value| memory.cumulate(value, *cumulate))
                }
            };
            self.stack.push(value);
        }
        self.stack.pop().expect(KNOWN)
    }
}

impl Memory {
    /// Remembers a value, and gives that of `distance` values before.
    fn lag(&mut self, value: f64, distance: usize) -> Option<f64> {
        let Self::Latest(latest) = self else {
            unreachable!("a lag has these")
        };
        let lagged = if latest.len() == distance {
            latest.pop_front()
        } else {
            None
        };
        latest.push_back(value);
        lagged
    }

    /// Takes in a value, and gives what all so far make.
    fn cumulate(&mut self, value: f64, cumulate: Cumulate) -> Option<f64> {
        let Self::Total(total) = self else {
            unreachable!("a cumulative function has one")
        };
        let before = *total;
        let of = |value| Total {
            value,
            dropped: 0.0,
        };
        if cumulate == Cumulate::Diff {
            *total = Some(of(value));
            return before.map(|before| value - before.value);
        }
        if value.is_nan() {
            return Some(value);
        }
        let now = match (cumulate, before) {
            (_, None) => of(value),
            (Cumulate::Sum, Some(before)) => before.plus(value),
            (Cumulate::Max, Some(before)) => of(Combine::Max.of(before.value, value)),
            (Cumulate::Min, Some(before)) => of(Combine::Min.of(before.value, value)),
            (Cumulate::Diff, Some(_)) => unreachable!("handled before"),
        };
        *total = Some(now);
        Some(if cumulate == Cumulate::Sum && now.value.is_finite() {
            now.value + now.dropped
        } else {
            now.value
        })
    }
}

impl Total {
    /// Adds, and keeps what rounding drops (Neumaier 1974).
    fn plus(self, value: f64) -> Self {
        let sum = self.value + value;
        let dropped = if self.value.abs() >= value.abs() {
            (self.value - sum) + value
        } else {
            (value - sum) + self.value
        };
        Self {
            value: sum,
            dropped: self.dropped + dropped,
        }
    }
}

impl Map {
    fn of(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Log => x.ln(),
            Self::Log2 => x.log2(),
            Self::Log10 => x.log10(),
            Self::Exp => x.exp(),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Tanh => x.tanh(),
        }
    }
}

impl Combine {
    fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
            Self::Power => left.powf(right),
            _ if left.is_nan() || right.is_nan() => f64::NAN,
            // -0.0 is below 0.0.
            Self::Min if right.total_cmp(&left).is_lt() => right,
            Self::Max if right.total_cmp(&left).is_gt() => right,
            Self::Min | Self::Max => left,
        }
    }
}
