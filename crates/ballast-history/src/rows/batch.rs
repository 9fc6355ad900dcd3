//! The batch.

use std::ops::Range;
use std::sync::Arc;

use ballast_model::json::Map;
use ballast_model::{MetricName, MetricPath};

use super::column::{Column, Presence, Strings, ValueKind, Values};
use super::{STEP, nest};

/// Rows as columns sorted by name and kind; a key of several kinds has a column for each.
///
/// Columns are shared, not copied, by clones and by whatever has the same rows.
///
/// A row may have no value at all: it stands for a line that could not be read and keeps its place. Equality is bit
/// by bit: NaN equals NaN, and 0.0 is not -0.0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowBatch {
    n_rows: usize,
    columns: Vec<Arc<Column>>,
}

impl RowBatch {
    /// A batch of columns in any order, which are not empty, each of another name or kind.
    pub(crate) fn new(n_rows: usize, columns: Vec<Column>) -> Self {
        Self::of_shared(n_rows, columns.into_iter().map(Arc::new).collect())
    }

    /// The same of columns that others may have, too.
    pub(crate) fn of_shared(n_rows: usize, mut columns: Vec<Arc<Column>>) -> Self {
        columns.sort_unstable_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Self { n_rows, columns }
    }

    /// Rows of texts, without a detour over JSON: for each key, what each of the `n_rows` has of it.
    ///
    /// # Panics
    /// If a key comes twice, or has more or fewer texts than there are rows.
    ///
    /// ```
    /// use ballast_history::{RowBatch, ValueKind};
    ///
    /// let batch = RowBatch::of_texts(2, [("label", vec![None, Some("b")]), ("text", vec![Some(""), Some("x")])]);
    /// assert_eq!(batch.n_values(), 3);
    /// assert_eq!(batch.column("label", ValueKind::String).and_then(|label| label.text(1)), Some("b"));
    /// ```
    pub fn of_texts<'a>(
        n_rows: usize,
        keys: impl IntoIterator<Item = (&'a str, Vec<Option<&'a str>>)>,
    ) -> Self {
        let columns = keys.into_iter().filter_map(|(key, texts)| {
            assert_eq!(texts.len(), n_rows, "one text for each row");
            let mut strings = Strings::default();
            let mut rows = Vec::new();
            for (row, text) in (0..).zip(texts) {
                if let Some(text) = text {
                    strings.push(text);
                    rows.push(row);
                }
            }
            (!rows.is_empty()).then(|| Column {
                name: MetricName::from_key(key),
                presence: Presence::new(rows, n_rows),
                values: Values::String(strings),
            })
        });
        let batch = Self::new(n_rows, columns.collect());
        let is_sorted = batch
            .columns
            .is_sorted_by(|a, b| a.sort_key() < b.sort_key());
        assert!(is_sorted, "each key comes once");
        batch
    }

    /// How many rows there are, empty ones included.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns, sorted by name and kind.
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    pub(crate) fn into_columns(self) -> impl Iterator<Item = Arc<Column>> {
        self.columns.into_iter()
    }

    /// How many values there are over all rows.
    pub fn n_values(&self) -> usize {
        self.columns.iter().map(|column| column.n_values()).sum()
    }

    /// The columns of a key, in kind order.
    pub fn columns_of(&self, name: &MetricName) -> &[Arc<Column>] {
        let start = self.columns.partition_point(|column| column.name < *name);
        let n = self.columns[start..].partition_point(|column| column.name == *name);
        &self.columns[start..start + n]
    }

    /// The column of a key and kind.
    pub fn column(&self, name: &str, kind: ValueKind) -> Option<&Column> {
        self.columns
            .binary_search_by(|column| (column.name.as_str(), column.kind()).cmp(&(name, kind)))
            .ok()
            .map(|index| self.columns[index].as_ref())
    }

    /// The rows `range`, as a batch of their own.
    ///
    /// # Panics
    /// If the range is out of bounds.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.n_rows,
            "rows {range:?} of {}",
            self.n_rows
        );
        if range.len() == self.n_rows {
            return self.clone();
        }
        let columns = self.columns.iter();
        Self {
            n_rows: range.len(),
            columns: columns
                .filter_map(|column| column.slice(range.clone()).map(Arc::new))
                .collect(),
        }
    }

    /// `batches` one after the other.
    pub fn concat(batches: &[Self]) -> Self {
        let mut n_rows = 0;
        let mut parts = Vec::new();
        for batch in batches {
            parts.extend(
                batch
                    .columns
                    .iter()
                    .map(|column| (n_rows, batch.n_rows, column)),
            );
            n_rows += batch.n_rows;
        }
        // Stable: parts of one column stay in batch order.
        parts.sort_by(|a, b| a.2.sort_key().cmp(&b.2.sort_key()));
        let columns = parts
            .chunk_by(|a, b| a.2.sort_key() == b.2.sort_key())
            .map(|parts| {
                if let [(_, part_rows, part)] = parts
                    && *part_rows == n_rows
                {
                    return Arc::clone(part);
                }
                let n_values = parts.iter().map(|part| part.2.n_values()).sum();
                let mut values = Values::new(parts[0].2.kind());
                for (_, _, part) in parts {
                    values.extend(&part.values, 0..part.n_values());
                }
                let presence = if n_values == n_rows {
                    Presence::All
                } else {
                    let mut rows = Vec::with_capacity(n_values);
                    for (shift, _, part) in parts {
                        rows.extend(part.rows().map(|row| (row + shift) as u32));
                    }
                    Presence::Rows(rows)
                };
                Arc::new(Column {
                    name: parts[0].2.name.clone(),
                    presence,
                    values,
                })
            });
        Self {
            columns: columns.collect(),
            n_rows,
        }
    }

    /// Only the columns of which `keep` says yes; every row stays.
    pub(crate) fn retain_columns(&mut self, keep: impl Fn(&Column) -> bool) {
        self.columns.retain(|column| keep(column));
    }

    /// Only the rows with `keep`.
    pub(crate) fn select_rows(&self, keep: &[bool]) -> Self {
        debug_assert_eq!(keep.len(), self.n_rows);
        if keep.iter().all(|&keep| keep) {
            return self.clone();
        }
        let mut n_rows = 0;
        let new_row: Vec<u32> = keep
            .iter()
            .map(|&keep| {
                let row = n_rows;
                n_rows += u32::from(keep);
                row
            })
            .collect();
        let columns = self.columns.iter().filter_map(|column| {
            let mut rows = Vec::new();
            let mut values = Values::new(column.kind());
            for (position, row) in column.rows().enumerate().filter(|&(_, row)| keep[row]) {
                rows.push(new_row[row]);
                values.push(column.values.get(position));
            }
            (!rows.is_empty()).then(|| {
                Arc::new(Column {
                    name: column.name.clone(),
                    presence: Presence::new(rows, n_rows as usize),
                    values,
                })
            })
        });
        Self {
            columns: columns.collect(),
            n_rows: n_rows as usize,
        }
    }

    /// For each row, whether it has a value in a column of which `counts` says yes.
    pub(crate) fn filled_rows(&self, counts: impl Fn(&Column) -> bool) -> Vec<bool> {
        let mut filled = vec![false; self.n_rows];
        for column in self.columns.iter().filter(|column| counts(column)) {
            match &column.presence {
                Presence::All => {
                    filled.fill(true);
                    break;
                }
                Presence::Rows(rows) => {
                    for &row in rows {
                        filled[row as usize] = true;
                    }
                }
            }
        }
        filled
    }

    /// Row `index` as it was logged, nested again, keys in name order; empty for a row without values.
    ///
    /// Costs a search in every column; [`RowBatch::rows`] is cheaper for many rows.
    ///
    /// # Panics
    /// If there are not that many rows.
    pub fn row(&self, index: usize) -> Map {
        assert!(index < self.n_rows, "row {index} of {}", self.n_rows);
        let mut row = Map::new();
        for column in &self.columns {
            if let Some(value) = column.value(index) {
                nest::insert(&mut row, &column.name.path(), value);
            }
        }
        row
    }

    /// Every row in order, as of [`RowBatch::row`], at a cost that follows the values, not rows times columns.
    pub fn rows(&self) -> Vec<Map> {
        let paths: Vec<MetricPath> = self
            .columns
            .iter()
            .map(|column| column.name.path())
            .collect();
        let mut rows = vec![Map::new(); self.n_rows];
        for (column, path) in self.columns.iter().zip(&paths) {
            for (position, row) in column.rows().enumerate() {
                let value = column.values.get(position).to_value();
                nest::insert(&mut rows[row], path, value);
            }
        }
        rows
    }

    /// Whether row `index` has no value.
    pub fn is_empty_row(&self, index: usize) -> bool {
        self.columns
            .iter()
            .all(|column| column.value_ref(index).is_none())
    }

    /// Whether row `index` holds the same values as row `other_index` of `other`: floats bit by bit, JSON that is
    /// kept whole text by text.
    pub fn same_row(&self, index: usize, other: &Self, other_index: usize) -> bool {
        let mut mine = self.row_values(index);
        let mut others = other.row_values(other_index);
        loop {
            match (mine.next(), others.next()) {
                (None, None) => return true,
                (Some((name, value)), Some((other_name, other_value)))
                    if name == other_name && value.is_same(other_value) => {}
                _ => return false,
            }
        }
    }

    fn row_values(&self, index: usize) -> impl Iterator<Item = (&MetricName, super::ValueRef<'_>)> {
        self.columns
            .iter()
            .filter_map(move |column| Some((&column.name, column.value_ref(index)?)))
    }

    /// Least and greatest integer `_step`, both inclusive.
    pub fn step_range(&self) -> Option<(i64, i64)> {
        let Values::Int(steps) = &self.column(STEP, ValueKind::Int)?.values else {
            return None;
        };
        Some((*steps.iter().min()?, *steps.iter().max()?))
    }

    /// Numbers the rows that have values but no `_step`: `from`, `from + 1`, ... in row order.
    ///
    /// A step that a row brought along lifts the next number above itself. Returns the next free step.
    pub fn assign_steps(&mut self, from: i64) -> i64 {
        let filled = self.filled_rows(|_| true);
        let stepped = self.filled_rows(|column| {
            let rest = column.name.as_str().strip_prefix(STEP);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        let given = self.column(STEP, ValueKind::Int);
        let mut next = from;
        let mut rows = Vec::new();
        let mut steps = Vec::new();
        for row in 0..self.n_rows {
            let step = match given.and_then(|column| column.value_ref(row)) {
                Some(super::ValueRef::Int(step)) => step,
                _ if stepped[row] || !filled[row] => continue,
                _ => next,
            };
            next = next.max(step.saturating_add(1));
            rows.push(row as u32);
            steps.push(step);
        }
        self.columns.retain(|column| {
            column.sort_key().0.as_str() != STEP || column.kind() != ValueKind::Int
        });
        if !rows.is_empty() {
            let column = Column {
                name: MetricName::from_key(STEP),
                presence: Presence::new(rows, self.n_rows),
                values: Values::Int(steps),
            };
            let at = self
                .columns
                .partition_point(|other| other.sort_key() < column.sort_key());
            self.columns.insert(at, Arc::new(column));
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{batch, canonical, canonical_line, lines};

    proptest! {
        #[test]
        fn slices_read_as_their_rows_and_join_again(
            lines in lines(0..20),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let whole = batch(&lines);
            let mut borders: Vec<_> = cuts.iter().map(|cut| cut.index(lines.len() + 1)).collect();
            borders.extend([0, lines.len()]);
            borders.sort_unstable();
            let slices: Vec<_> =
                borders.windows(2).map(|pair| whole.slice(pair[0]..pair[1])).collect();
            for (slice, pair) in slices.iter().zip(borders.windows(2)) {
                prop_assert_eq!(slice, &batch(&lines[pair[0]..pair[1]]));
                for row in 0..slice.n_rows() {
                    prop_assert!(slice.same_row(row, &whole, pair[0] + row));
                }
            }
            prop_assert_eq!(RowBatch::concat(&slices), whole);
        }

        #[test]
        fn selected_rows_are_those_rows(
            lines_and_keep in lines(1..12)
                .prop_flat_map(|lines| (prop::collection::vec(any::<bool>(), lines.len()), Just(lines))),
        ) {
            let (keep, lines) = lines_and_keep;
            let kept: Vec<_> =
                lines.iter().zip(&keep).filter(|pair| *pair.1).map(|pair| pair.0).collect();
            prop_assert_eq!(batch(&lines).select_rows(&keep), batch(&kept));
        }

        #[test]
        fn rows_are_the_same_only_if_their_values_are(lines in lines(2..6)) {
            let batch = batch(&lines);
            for (a, line_a) in lines.iter().enumerate() {
                prop_assert_eq!(batch.is_empty_row(a), line_a == b"{}");
                for (b, line_b) in lines.iter().enumerate() {
                    let same = canonical_line(line_a) == canonical_line(line_b);
                    prop_assert!(!batch.same_row(a, &batch, b) || same);
                    prop_assert!(batch.same_row(a, &batch, b) || line_a != line_b);
                }
            }
        }
    }

    fn steps(batch: &RowBatch) -> Vec<String> {
        batch
            .rows()
            .into_iter()
            .map(|row| canonical(&row.into()))
            .collect()
    }

    #[test]
    fn steps_are_given_to_rows_that_have_values_and_no_step() {
        let lines: [&[u8]; 6] = [
            br#"{"a":1}"#,
            b"broken",
            br#"{"_step":10,"a":2}"#,
            br#"{"a":3}"#,
            br#"{"_step":{"x":1}}"#,
            br#"{"_step":2.5}"#,
        ];
        let mut batch = crate::parse_rows(lines, &crate::ParseLimits::default()).batch;
        assert_eq!(batch.assign_steps(7), 12);
        assert_eq!(
            steps(&batch),
            [
                r#"{"_step":7,"a":1}"#,
                "{}",
                r#"{"_step":10,"a":2}"#,
                r#"{"_step":11,"a":3}"#,
                r#"{"_step":{"x":1}}"#,
                r#"{"_step":2.5}"#,
            ]
        );
        assert_eq!(batch.step_range(), Some((7, 11)));
        assert!(batch.is_empty_row(1));
    }

    #[test]
    fn a_batch_without_integer_steps_has_no_range() {
        assert_eq!(RowBatch::default().step_range(), None);
        assert_eq!(batch(&[r#"{"_step":1.0}"#]).step_range(), None);
        assert_eq!(RowBatch::default().assign_steps(3), 3);
    }

    #[test]
    fn columns_are_found_by_key_and_kind() {
        let batch = batch(&[r#"{"b":1,"a":1.5}"#, r#"{"b":"x","c":true}"#]);
        let kinds = |name: &str| -> Vec<ValueKind> {
            let name = MetricName::from_key(name);
            batch
                .columns_of(&name)
                .iter()
                .map(|column| column.kind())
                .collect()
        };
        assert_eq!(kinds("b"), [ValueKind::Int, ValueKind::String]);
        assert_eq!(kinds("bb"), []);
        assert!(batch.column("c", ValueKind::Bool).is_some());
        assert!(batch.column("c", ValueKind::Int).is_none());
        assert_eq!(batch.n_values(), 4);
    }
}
