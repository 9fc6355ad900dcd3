//! Conditions on runs, and orders of runs, as plain data.
//!
//! The doors translate their own notations into a [`Predicate`]; what a condition means is decided here.

use std::cmp::Ordering;

use ballast_model::Timestamp;
use ballast_model::json::Value;
use regex::Regex;

use super::Run;

/// A condition on a run.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Every one of these; an empty list fits every run.
    All(Vec<Predicate>),
    /// At least one of these; an empty list fits no run.
    Any(Vec<Predicate>),
    /// Not this.
    Not(Box<Predicate>),
    /// A test of one field.
    Test {
        /// The field.
        field: Field,
        /// The test.
        test: Test,
    },
}

impl Predicate {
    /// The condition that every run fits.
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }
}

/// Something about a run that can be tested and sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The short id.
    Id,
    /// The title.
    DisplayName,
    /// The state, by name.
    State,
    /// The tags; a test fits if it fits any of them, or the list.
    Tags,
    /// The group.
    Group,
    /// The job type.
    JobType,
    /// The host name.
    Host,
    /// The sweep.
    Sweep,
    /// The username of whoever started it.
    User,
    /// The git commit.
    Commit,
    /// The notes.
    Notes,
    /// When it was made, as RFC 3339 text.
    CreatedAt,
    /// When it last reported, as RFC 3339 text.
    HeartbeatAt,
    /// Seconds from start to end or last report.
    Duration,
    /// A config value: the keys from the top, outermost first.
    Config(Vec<String>),
    /// A summary value: the keys from the top, outermost first.
    Summary(Vec<String>),
    /// Whether a key was ever logged, by its summary.
    LoggedKey(String),
    /// A field that no run has.
    Unknown,
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
pub struct OrderKey {
    /// What to sort by.
    pub field: Field,
    /// Largest first. Missing values and NaN are last either way.
    pub descending: bool,
}

impl Predicate {
    /// Whether the run fits.
    pub fn fits(&self, run: &Run) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(run)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(run)),
            Self::Not(part) => !part.fits(run),
            Self::Test { field, test } => test.fits(&field.value(run)),
        }
    }
}

impl Field {
    fn value(&self, run: &Run) -> Value {
        let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
        match self {
            Self::Id => Value::from(run.id.as_str()),
            Self::DisplayName => Value::from(run.display_name.as_str()),
            Self::State => Value::from(run.state.as_str()),
            Self::Tags => Value::List(
                run.tags
                    .iter()
                    .map(|tag| Value::from(tag.as_str()))
                    .collect(),
            ),
            Self::Group => optional(&run.group),
            Self::JobType => optional(&run.job_type),
            Self::Host => optional(&run.host),
            Self::Sweep => optional(&run.sweep),
            Self::User => Value::from(run.user.as_str()),
            Self::Commit => optional(&run.git_commit),
            Self::Notes => optional(&run.notes),
            Self::CreatedAt => Value::String(run.created_at.to_string()),
            Self::HeartbeatAt => Value::String(run.heartbeat_at.to_string()),
            Self::Duration => Value::Float(run.duration_s()),
            Self::Config(path) => find(run.config.get(&path[0]), &path[1..]),
            Self::Summary(path) => find_dotted(&run.summary, path),
            Self::LoggedKey(key) => {
                let path: Vec<String> = key.split('.').map(str::to_owned).collect();
                find_dotted(&run.summary, &path)
            }
            Self::Unknown => Value::Null,
        }
    }
}

fn find(value: Option<&Value>, path: &[String]) -> Value {
    let mut value = value;
    for key in path {
        value = value.and_then(|value| value.get(key));
    }
    value.cloned().unwrap_or(Value::Null)
}

/// Finds a summary value by a path whose keys may themselves have been cut at dots: `a.b` is looked up as the nested
/// member and as the literal key.
fn find_dotted(map: &ballast_model::json::Map, path: &[String]) -> Value {
    (1..=path.len())
        .rev()
        .find_map(|n| {
            let value = map.get(&path[..n].join("."))?;
            Some(if n == path.len() {
                value.clone()
            } else {
                find_dotted(value.as_map()?, &path[n..])
            })
        })
        .unwrap_or(Value::Null)
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

/// Compares two runs by an order.
pub fn compare(keys: &[OrderKey], a: &Run, b: &Run) -> Ordering {
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
