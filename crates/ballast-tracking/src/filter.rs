//! Conditions on things, and orders of things, as plain data.
//!
//! The doors translate their own notations into a [`Predicate`] over the fields of a kind of thing; what a condition
//! means is decided here.

use std::cmp::Ordering;

use ballast_model::Timestamp;
use ballast_model::json::Value;
use regex::Regex;

/// Something about a `T` that can be tested and sorted by.
pub trait FieldOf<T> {
    /// Its value; `null` if the thing has none.
    fn value(&self, of: &T) -> Value;
}

/// A condition on a thing that has the fields `F`.
#[derive(Debug, Clone)]
pub enum Predicate<F> {
    /// Every one of these; an empty list fits everything.
    All(Vec<Self>),
    /// At least one of these; an empty list fits nothing.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A test of one field.
    Test {
        /// The field.
        field: F,
        /// The test.
        test: Test,
    },
}

impl<F> Predicate<F> {
    /// The condition that everything fits.
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Whether this is that condition.
    pub const fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Whether a thing fits.
    pub fn fits<T>(&self, thing: &T) -> bool
    where
        F: FieldOf<T>,
    {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(thing)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(thing)),
            Self::Not(part) => !part.fits(thing),
            Self::Test { field, test } => test.fits(&field.value(thing)),
        }
    }
}

/// A test of a field's value. A missing value is `null`; it equals `null` and fits no comparison.
#[derive(Debug, Clone)]
pub enum Test {
    /// Equal; numbers by value, so that 3 equals 3.0.
    Equals(Value),
    /// Less than.
    Less(Value),
    /// Less than or equal.
    AtMost(Value),
    /// Greater than.
    Greater(Value),
    /// Greater than or equal.
    AtLeast(Value),
    /// Equal to any of these.
    In(Vec<Value>),
    /// Present and not null, or absent.
    Exists(bool),
    /// Text in which the expression matches somewhere.
    Matches(Regex),
    /// Text that contains this.
    Contains(String),
    /// A list of this length.
    Size(i64),
    /// A list that has all of these.
    HasAll(Vec<Value>),
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey<F> {
    /// What to sort by.
    pub field: F,
    /// Largest first. Missing values and NaN are last either way.
    pub descending: bool,
}

impl Test {
    fn fits(&self, value: &Value) -> bool {
        if let (Value::List(items), false) = (
            value,
            matches!(self, Self::Size(_) | Self::HasAll(_) | Self::Exists(_)),
        ) {
            return self.fits_one(value) || items.iter().any(|item| self.fits_one(item));
        }
        self.fits_one(value)
    }

    fn fits_one(&self, value: &Value) -> bool {
        let ordered =
            |other: &Value, fits: fn(Ordering) -> bool| order(value, other).is_some_and(fits);
        match self {
            Self::Equals(other) => equal(value, other),
            Self::Less(other) => ordered(other, Ordering::is_lt),
            Self::AtMost(other) => ordered(other, Ordering::is_le),
            Self::Greater(other) => ordered(other, Ordering::is_gt),
            Self::AtLeast(other) => ordered(other, Ordering::is_ge),
            Self::In(others) => others.iter().any(|other| equal(value, other)),
            Self::Exists(wanted) => (*value != Value::Null) == *wanted,
            Self::Matches(regex) => value.as_str().is_some_and(|text| regex.is_match(text)),
            Self::Contains(part) => value
                .as_str()
                .is_some_and(|text| text.contains(part.as_str())),
            Self::Size(size) => value
                .as_list()
                .is_some_and(|items| items.len() as i64 == *size),
            Self::HasAll(others) => value.as_list().is_some_and(|items| {
                others
                    .iter()
                    .all(|other| items.iter().any(|item| equal(item, other)))
            }),
        }
    }
}

#[expect(clippy::float_cmp, reason = "a filter asks for the exact value")]
fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
        _ => a == b || matches!(times(a, b), Some((a, b)) if a == b),
    }
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
        return a.partial_cmp(&b);
    }
    if let Some((a, b)) = times(a, b) {
        return Some(a.cmp(&b));
    }
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Two texts that are both times, so that `2026-01-02T03:04:05Z` and `2026-01-02T03:04:05.000Z` are equal.
fn times(a: &Value, b: &Value) -> Option<(Timestamp, Timestamp)> {
    let parse = |value: &Value| {
        let text = value.as_str()?;
        // Clients also write times without a zone, meaning UTC.
        text.parse()
            .ok()
            .or_else(|| format!("{text}Z").parse().ok())
    };
    Some((parse(a)?, parse(b)?))
}

/// Compares two things by an order.
pub fn compare<F: FieldOf<T>, T>(keys: &[OrderKey<F>], a: &T, b: &T) -> Ordering {
    keys.iter()
        .map(|key| {
            let (a, b) = (key.field.value(a), key.field.value(b));
            let sortable = |value: &Value| {
                !matches!(value, Value::Null) && !value.as_f64().is_some_and(f64::is_nan)
            };
            match (sortable(&a), sortable(&b)) {
                (true, true) => {
                    let ordering = order(&a, &b).unwrap_or_else(|| rank(&a).cmp(&rank(&b)));
                    if key.descending {
                        ordering.reverse()
                    } else {
                        ordering
                    }
                }
                (a, b) => b.cmp(&a),
            }
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Values of different kinds sort by kind.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Big(_) | Value::Float(_) => 2,
        Value::String(_) => 3,
        Value::List(_) => 4,
        Value::Map(_) => 5,
    }
}
