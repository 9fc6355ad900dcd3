//! Expressions over the metrics of a row, such as `log(loss)`, `${train/loss} - ${val/loss}` or `a - lag(a)`.

mod error;
mod eval;
mod parse;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are exact to the bit")]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use ballast_model::MetricName;

pub use error::ExpressionError;
pub(crate) use eval::Evaluation;

/// An expression over the metrics of a row.
///
/// Cheap to clone. Two are equal if their texts are.
///
/// ```
/// use ballast_history::Expression;
///
/// let gap: Expression = "(${train/loss} - val.loss) * 100".parse()?;
/// let names: Vec<&str> = gap.metrics().iter().map(|name| name.as_str()).collect();
/// assert_eq!(names, ["train/loss", "val.loss"]);
///
/// let error = Expression::parse("loss * * 2").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected a number, a metric, a function, `-` or `(` at character 8, found `*`",
/// );
/// # Ok::<(), ballast_history::ExpressionError>(())
/// ```
///
/// # Grammar
/// ```text
/// sum      = product { ("+" | "-") product }
/// product  = signed { ("*" | "/" | "%") signed }
/// signed   = "-" signed | power
/// power    = primary [ ("**" | "^") signed ]
/// primary  = number | metric | function "(" sum { "," sum } ")" | "(" sum ")"
/// metric   = name | "${" any characters "}"
/// name     = letter or "_", then letters, digits, "_" and "."
/// ```
/// So `-a ** 2` is `-(a ** 2)`, and `a ** b ** c` is `a ** (b ** c)`. Spaces are allowed between any two of these.
///
/// A bare name holds no `/`: `train/loss` divides `train` by `loss`, and the metric of that name is `${train/loss}`, as in
/// W&B's templates. Both forms take names as [`MetricName::as_str`] gives them: a dot is a border between nested keys, `\.`
/// a dot of a key. Within `${}`, `\}` is a brace. A name before `(` is a function, so a metric may be called `log`.
///
/// # Functions
/// | function | value |
/// |---|---|
/// | `log(x)`, `log2(x)`, `log10(x)`, `exp(x)`, `sqrt(x)` | as named; `log` is natural |
/// | `abs(x)`, `floor(x)`, `ceil(x)`, `round(x)` | as named; `round` takes halves away from zero |
/// | `sin(x)`, `cos(x)`, `tanh(x)` | of radians |
/// | `min(x, y, ...)`, `max(x, y, ...)` | of two or more; NaN if one is |
/// | `lag(x)`, `lag(x, n)` | x at its point before, n points before |
/// | `diff(x)` | `x - lag(x)` |
/// | `cumsum(x)`, `cummax(x)`, `cummin(x)` | over the points of x up to here; NaN at a point is passed on and not counted after |
///
/// # Points
/// An expression, and each part of it, has a point in a row in which every metric that it names is a number, be it NaN or
/// infinite. `lag`, `diff` and the cumulative functions look back over the points of their own argument, in line order;
/// where there are not enough points yet, the expression has none.
///
/// Arithmetic is that of IEEE 754: `1 / 0` is infinite, `log(-1)` is NaN, and a point of such a y counts as not finite.
/// `%` has the sign of its left side, as in JavaScript.
#[derive(Clone)]
pub struct Expression(Arc<Parsed>);

/// What an expression says.
struct Parsed {
    text: String,
    /// Each once, in the order of their first places.
    metrics: Vec<MetricName>,
    /// Steps of a stack machine that leaves one value.
    program: Vec<Op>,
}

impl Expression {
    /// An expression has at most this many bytes.
    pub const MAX_BYTES: usize = 4096;
    /// Parentheses, calls, signs and exponents are nested at most this deep.
    pub const MAX_DEPTH: usize = 64;
    /// Numbers, metrics, operators and functions of an expression, together at most.
    pub const MAX_NODES: usize = 512;
    /// The lags of an expression together reach back at most this many points, which bounds its memory.
    pub const MAX_LAG: usize = 10_000;

    /// Reads a text.
    ///
    /// # Errors
    /// [`ExpressionError`] if it is not of the grammar, exceeds a limit, or names no metric.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text).map(|parsed| Self(Arc::new(parsed)))
    }

    /// The text that was read.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The metrics that it names, each once, in the order of their first places; at least one.
    pub fn metrics(&self) -> &[MetricName] {
        &self.0.metrics
    }

    /// Whether its value in a row depends on rows before.
    pub(crate) fn looks_back(&self) -> bool {
        let mut ops = self.0.program.iter();
        ops.any(|op| matches!(op, Op::Lag(_) | Op::Cumulate(_)))
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.0.text).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Expression {}

/// A step of the stack machine.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    Number(f64),
    /// The metric of this place.
    Metric(usize),
    /// Takes one value, gives one.
    Map(Map),
    /// Takes two values, gives one.
    Combine(Combine),
    /// Takes the value, gives that of so many points before.
    Lag(usize),
    /// Takes the value, gives that of all points so far.
    Cumulate(Cumulate),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Map {
    Negate,
    Log,
    Log2,
    Log10,
    Exp,
    Sqrt,
    Abs,
    Floor,
    Ceil,
    Round,
    Sin,
    Cos,
    Tanh,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combine {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Min,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cumulate {
    /// The difference to the point before.
    Diff,
    Sum,
    Max,
    Min,
}
