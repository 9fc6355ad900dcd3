//! The columns of a table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use ballast_model::MetricName;

use crate::rows::{RUNTIME, STEP, TIMESTAMP, data_type};
use crate::{KeyInfo, ValueKind};

/// The column that names the run of each row.
pub(super) const RUN: &str = "run";

/// The columns that come first, in this order.
const POSITION: [&str; 3] = [STEP, TIMESTAMP, RUNTIME];

/// Beyond this, not every integer is a float.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The columns of a table of rows: `run`, the step, time and runtime, then the other keys by name.
///
/// A key has one column, named as the script wrote it: integers are INT64, numbers of which some are floats DOUBLE,
/// everything else text (JSON for what is no string) or booleans. Only where that would lose something there are more: text
/// beside numbers is in a column of its own whose name ends in `#` and the kind, and so are integers that a float
/// cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumns {
    pub(super) columns: Vec<TableColumn>,
}

/// A column but that of the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableColumn {
    pub(super) name: MetricName,
    pub(super) kind: ValueKind,
    pub(super) label: String,
}

/// What is known of a key over all runs.
#[derive(Default)]
struct Found {
    kinds: [bool; ValueKind::ALL.len()],
    /// Whether a float may not hold one of its integers.
    is_wide: bool,
}

impl TableColumns {
    /// The columns that hold these keys, which may name a key several times, once for each run that has it.
    pub fn of_keys<'a>(keys: impl IntoIterator<Item = &'a KeyInfo>) -> Self {
        let mut found: BTreeMap<&MetricName, Found> = BTreeMap::new();
        for key in keys {
            let found = found.entry(&key.name).or_default();
            for &(kind, _) in &key.kinds {
                found.kinds[usize::from(kind.code())] = true;
            }
            let bounds = key.min.into_iter().chain(key.max);
            found.is_wide |= bounds.into_iter().any(|bound| bound.abs() >= MAX_EXACT);
        }
        let mut n_named: HashMap<String, usize> = HashMap::new();
        for name in found.keys() {
            *n_named.entry(name.dotted()).or_default() += 1;
        }
        let label = |name: &MetricName| {
            let label = name.dotted();
            // `{"a": {"b": 1}}` and `{"a.b": 1}` look the same as a script writes them.
            if n_named[&label] > 1 {
                name.to_string()
            } else {
                label
            }
        };
        let (position, other): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|(name, _)| POSITION.contains(&name.as_str()));
        let mut columns = Vec::with_capacity(found.len());
        for key in POSITION {
            let found = position.iter().find(|(name, _)| name.as_str() == key);
            columns.extend(
                found
                    .into_iter()
                    .flat_map(|(name, found)| found.columns(name, &label(name))),
            );
        }
        for (name, found) in other {
            columns.extend(found.columns(name, &label(name)));
        }
        Self { columns }
    }

    /// How many there are, that of the runs counted.
    pub fn len(&self) -> usize {
        self.columns.len() + 1
    }

    /// Whether no key is in the table.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The keys.
    pub fn names(&self) -> HashSet<MetricName> {
        self.columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    }

    pub(super) fn schema(&self) -> Arc<Schema> {
        let run = Field::new(RUN, DataType::Utf8, false);
        let columns = self.columns.iter();
        let fields = columns.map(|column| Field::new(&column.label, data_type(column.kind), true));
        Arc::new(Schema::new(
            std::iter::once(run).chain(fields).collect::<Vec<_>>(),
        ))
    }
}

impl Found {
    fn has(&self, kind: ValueKind) -> bool {
        self.kinds[usize::from(kind.code())]
    }

    /// The columns of a key that scripts write as `label`.
    fn columns(&self, name: &MetricName, label: &str) -> Vec<TableColumn> {
        let has_numbers = self.has(ValueKind::Int) || self.has(ValueKind::Float);
        let is_beside_float = |kind| kind == ValueKind::Int && self.has(ValueKind::Float);
        let n_others = ValueKind::ALL.iter().filter(|kind| !kind.is_number());
        let n_others = n_others.filter(|&&kind| self.has(kind)).count();
        let is_ambiguous = label.is_empty() || label == RUN || label.contains('#');
        let kinds = ValueKind::ALL.into_iter().filter(|&kind| self.has(kind));
        kinds
            .filter(|&kind| !is_beside_float(kind) || self.is_wide)
            .map(|kind| {
                let is_plain = if kind.is_number() {
                    !is_beside_float(kind)
                } else {
                    !has_numbers && n_others == 1
                };
                TableColumn {
                    name: name.clone(),
                    kind,
                    label: if is_plain && !is_ambiguous {
                        label.to_owned()
                    } else {
                        format!("{label}#{kind}")
                    },
                }
            })
            .collect()
    }
}
