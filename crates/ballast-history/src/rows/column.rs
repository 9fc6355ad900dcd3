//! One kind of value of one key.

use std::fmt;
use std::ops::Range;

use ballast_model::MetricName;
use ballast_model::json::Value;

/// What a column holds. The order is that of columns of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueKind {
    /// Integers within `i64`.
    Int,
    /// Floats, bit by bit; NaN and infinities too.
    Float,
    /// `true` and `false`.
    Bool,
    /// Text.
    String,
    /// JSON text as sent: null, integers beyond `i64`, arrays, and objects that are kept whole.
    Json,
}

impl ValueKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [Self::Int, Self::Float, Self::Bool, Self::String, Self::Json];

    /// `int`, `float`, `bool`, `string` or `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Json => "json",
        }
    }

    /// Whether a curve can be drawn of it.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }

    /// The kind's number in the stored formats.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The kind of a stored number.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Texts, one after the other in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    /// How many texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Text `index`.
    ///
    /// # Panics
    /// If there are not that many.
    pub fn get(&self, index: usize) -> &str {
        &self.text[self.span(index..index + 1)]
    }

    /// The texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Bytes of all texts.
    pub(crate) fn n_bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Takes texts that lie one after the other in `text`; `ends` are their ends, ascending, on character borders.
    pub(crate) fn from_parts(text: String, ends: Vec<usize>) -> Option<Self> {
        let mut start = 0;
        for &end in &ends {
            if end < start || !text.is_char_boundary(end) {
                return None;
            }
            start = end;
        }
        (start == text.len()).then_some(Self { text, ends })
    }

    /// All texts as one.
    pub(crate) fn joined(&self) -> &str {
        &self.text
    }

    fn span(&self, range: Range<usize>) -> Range<usize> {
        let at = |index: usize| index.checked_sub(1).map_or(0, |before| self.ends[before]);
        at(range.start)..at(range.end)
    }

    fn extend(&mut self, other: &Self, range: Range<usize>) {
        let span = other.span(range.clone());
        let shift = self.text.len();
        let start = span.start;
        self.text.push_str(&other.text[span]);
        let ends = &other.ends[range];
        self.ends.extend(ends.iter().map(|end| end - start + shift));
    }

    fn pop(&mut self) {
        self.ends.pop();
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }
}

/// The values of a column in row order, without the rows that lack one.
///
/// Two are equal if they hold the same bits: NaN equals NaN, and 0.0 is not -0.0.
#[derive(Debug, Clone)]
pub enum Values {
    /// Of [`ValueKind::Int`].
    Int(Vec<i64>),
    /// Of [`ValueKind::Float`].
    Float(Vec<f64>),
    /// Of [`ValueKind::Bool`].
    Bool(Vec<bool>),
    /// Of [`ValueKind::String`].
    String(Strings),
    /// Of [`ValueKind::Json`].
    Json(Strings),
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => {
                let bits = |floats: &[f64]| floats.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
                bits(a) == bits(b)
            }
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::String(a), Self::String(b)) | (Self::Json(a), Self::Json(b)) => a == b,
            _ => false,
        }
    }
}

impl Values {
    pub(crate) fn new(kind: ValueKind) -> Self {
        match kind {
            ValueKind::Int => Self::Int(Vec::new()),
            ValueKind::Float => Self::Float(Vec::new()),
            ValueKind::Bool => Self::Bool(Vec::new()),
            ValueKind::String => Self::String(Strings::default()),
            ValueKind::Json => Self::Json(Strings::default()),
        }
    }

    /// What they are.
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Int(_) => ValueKind::Int,
            Self::Float(_) => ValueKind::Float,
            Self::Bool(_) => ValueKind::Bool,
            Self::String(_) => ValueKind::String,
            Self::Json(_) => ValueKind::Json,
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            Self::Int(ints) => ints.len(),
            Self::Float(floats) => floats.len(),
            Self::Bool(bools) => bools.len(),
            Self::String(strings) | Self::Json(strings) => strings.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value `index`.
    ///
    /// # Panics
    /// If there are not that many.
    pub(crate) fn get(&self, index: usize) -> ValueRef<'_> {
        match self {
            Self::Int(ints) => ValueRef::Int(ints[index]),
            Self::Float(floats) => ValueRef::Float(floats[index]),
            Self::Bool(bools) => ValueRef::Bool(bools[index]),
            Self::String(strings) => ValueRef::String(strings.get(index)),
            Self::Json(texts) => ValueRef::Json(texts.get(index)),
        }
    }

    /// Appends a value.
    ///
    /// # Panics
    /// If it is of another kind.
    pub(crate) fn push(&mut self, value: ValueRef<'_>) {
        match (self, value) {
            (Self::Int(ints), ValueRef::Int(int)) => ints.push(int),
            (Self::Float(floats), ValueRef::Float(float)) => floats.push(float),
            (Self::Bool(bools), ValueRef::Bool(bool)) => bools.push(bool),
            (Self::String(texts), ValueRef::String(text))
            | (Self::Json(texts), ValueRef::Json(text)) => texts.push(text),
            (values, value) => unreachable!("{:?} pushed to a {} column", value, values.kind()),
        }
    }

    pub(crate) fn pop(&mut self) {
        match self {
            Self::Int(ints) => drop(ints.pop()),
            Self::Float(floats) => drop(floats.pop()),
            Self::Bool(bools) => drop(bools.pop()),
            Self::String(strings) | Self::Json(strings) => strings.pop(),
        }
    }

    /// Appends the values `range` of `other`.
    ///
    /// # Panics
    /// If it is of another kind or has not that many.
    pub(crate) fn extend(&mut self, other: &Self, range: Range<usize>) {
        match (self, other) {
            (Self::Int(to), Self::Int(from)) => to.extend_from_slice(&from[range]),
            (Self::Float(to), Self::Float(from)) => to.extend_from_slice(&from[range]),
            (Self::Bool(to), Self::Bool(from)) => to.extend_from_slice(&from[range]),
            (Self::String(to), Self::String(from)) | (Self::Json(to), Self::Json(from)) => {
                to.extend(from, range);
            }
            (to, from) => unreachable!("{} appended to a {} column", from.kind(), to.kind()),
        }
    }

    /// The values `range`.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let mut values = Self::new(self.kind());
        values.extend(self, range);
        values
    }

    /// About how many bytes they take when stored plainly.
    pub(crate) fn n_bytes(&self) -> usize {
        match self {
            Self::Int(_) | Self::Float(_) => self.len() * 8,
            Self::Bool(_) => self.len() / 8 + 1,
            Self::String(texts) | Self::Json(texts) => texts.n_bytes() + texts.len() * 2,
        }
    }
}

/// One value of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueRef<'a> {
    Int(i64),
    Float(f64),
    Bool(bool),
    String(&'a str),
    Json(&'a str),
}

impl ValueRef<'_> {
    pub(crate) fn kind(self) -> ValueKind {
        match self {
            Self::Int(_) => ValueKind::Int,
            Self::Float(_) => ValueKind::Float,
            Self::Bool(_) => ValueKind::Bool,
            Self::String(_) => ValueKind::String,
            Self::Json(_) => ValueKind::Json,
        }
    }

    /// Whether both are the same to the bit.
    pub(crate) fn is_same(self, other: ValueRef<'_>) -> bool {
        match (self, other) {
            (Self::Int(a), ValueRef::Int(b)) => a == b,
            (Self::Float(a), ValueRef::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Bool(a), ValueRef::Bool(b)) => a == b,
            (Self::String(a), ValueRef::String(b)) | (Self::Json(a), ValueRef::Json(b)) => a == b,
            _ => false,
        }
    }

    /// The value as logged. Stored JSON is what the parser accepted; should it not be, its text is given.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Int(int) => Value::Int(int),
            Self::Float(float) => Value::Float(float),
            Self::Bool(bool) => Value::Bool(bool),
            Self::String(text) => Value::String(text.to_owned()),
            Self::Json(text) => {
                Value::parse(text.as_bytes()).unwrap_or_else(|_| Value::String(text.to_owned()))
            }
        }
    }
}

/// Which rows of a batch have a value in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Every row.
    All,
    /// These rows, ascending; never all rows of the batch.
    Rows(Vec<u32>),
}

impl Presence {
    /// The rows `rows` of `n_rows`, in the one form each set of rows has.
    pub(crate) fn new(rows: Vec<u32>, n_rows: usize) -> Self {
        if rows.len() == n_rows {
            Self::All
        } else {
            Self::Rows(rows)
        }
    }

    /// Index among the values of the value of `row`.
    pub(crate) fn position(&self, row: usize) -> Option<usize> {
        match self {
            Self::All => Some(row),
            Self::Rows(rows) => rows.binary_search(&(row as u32)).ok(),
        }
    }

    /// Row of the value `position`.
    pub(crate) fn row(&self, position: usize) -> usize {
        match self {
            Self::All => position,
            Self::Rows(rows) => rows[position] as usize,
        }
    }

    /// Indexes among the values of those in the rows `range`.
    pub(crate) fn positions(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::All => range,
            Self::Rows(rows) => {
                let at = |row: usize| rows.partition_point(|&present| (present as usize) < row);
                at(range.start)..at(range.end)
            }
        }
    }
}

/// One kind of value of one key in a [`RowBatch`](crate::RowBatch). Has at least one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub(crate) name: MetricName,
    pub(crate) presence: Presence,
    pub(crate) values: Values,
}

impl Column {
    /// The key.
    pub fn name(&self) -> &MetricName {
        &self.name
    }

    /// What the column holds.
    pub fn kind(&self) -> ValueKind {
        self.values.kind()
    }

    /// Which rows have a value.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The values, as many as rows have one.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The value of `row`, if it has one.
    pub fn value(&self, row: usize) -> Option<Value> {
        self.value_ref(row).map(ValueRef::to_value)
    }

    /// The text of `row`; `None` if it has none or the column holds something else.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self.value_ref(row)? {
            ValueRef::String(text) => Some(text),
            _ => None,
        }
    }

    /// How many rows have a value.
    pub fn n_values(&self) -> usize {
        self.values.len()
    }

    /// About how much memory it takes.
    pub(crate) fn n_bytes(&self) -> usize {
        let rows = match &self.presence {
            Presence::All => 0,
            Presence::Rows(rows) => rows.len() * size_of::<u32>(),
        };
        let values = match &self.values {
            Values::Int(_) | Values::Float(_) => self.n_values() * 8,
            Values::Bool(bools) => bools.len(),
            Values::String(texts) | Values::Json(texts) => texts.n_bytes() + texts.len() * 8,
        };
        size_of::<Self>() + self.name.as_str().len() + rows + values
    }

    /// The column of the rows `range` of a batch, as of a batch of these; `None` if none of them has a value.
    pub(crate) fn slice(&self, range: Range<usize>) -> Option<Self> {
        let positions = self.presence.positions(range.clone());
        if positions.is_empty() {
            return None;
        }
        let presence = match &self.presence {
            Presence::All => Presence::All,
            Presence::Rows(rows) => {
                let shift = range.start as u32;
                let rows = rows[positions.clone()].iter().map(|row| row - shift);
                Presence::new(rows.collect(), range.len())
            }
        };
        Some(Self {
            name: self.name.clone(),
            presence,
            values: self.values.slice(positions),
        })
    }

    /// Row of each value.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        (0..self.n_values()).map(|position| self.presence.row(position))
    }

    pub(crate) fn value_ref(&self, row: usize) -> Option<ValueRef<'_>> {
        let position = self.presence.position(row)?;
        (position < self.n_values()).then(|| self.values.get(position))
    }

    pub(crate) fn sort_key(&self) -> (&MetricName, ValueKind) {
        (&self.name, self.kind())
    }
}
