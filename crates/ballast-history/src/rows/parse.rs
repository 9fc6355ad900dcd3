//! From JSON lines to columns.

use std::borrow::Cow;

use ballast_model::json::{JsonError, Kind, Number, Reader, Value};

use super::RowBatch;
use super::column::{Column, Presence, ValueKind, ValueRef, Values};
use super::tree::{KeyTree, NodeId, ROOT};

/// How much structure one batch may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLimits {
    /// Nested objects give columns of their own down to this many keys; what lies deeper is kept as JSON.
    pub max_levels: usize,
    /// A row with more values than this keeps every nested object as JSON.
    pub max_leaves: usize,
    /// A row that would bring the batch above this many columns is rejected.
    pub max_columns: usize,
}

impl Default for ParseLimits {
    /// 10 levels, 10,000 leaves, 500,000 columns.
    fn default() -> Self {
        Self {
            max_levels: 10,
            max_leaves: 10_000,
            max_columns: 500_000,
        }
    }
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Which of the lines, from 0. Its row in the batch is empty.
    pub index: usize,
    /// Why, for people.
    pub reason: String,
}

/// What [`parse_rows`] made of some lines.
#[derive(Debug, Clone, Default)]
pub struct ParsedRows {
    /// One row for each line.
    pub batch: RowBatch,
    /// The lines that could not be read, in order.
    pub rejected: Vec<RejectedRow>,
}

/// Parses lines of one JSON object each into columns.
///
/// Members of nested objects become columns of their own, named by their path; arrays, objects with a text member
/// `_type` (media, histograms, tables), empty objects, and objects beyond the limits are kept whole as JSON text,
/// and so are `null` and integers beyond `i64`. The last of repeated keys counts. A line that is no JSON object or is
/// not UTF-8 is rejected and keeps its row, empty.
///
/// ```
/// use ballast_history::{ParseLimits, parse_rows};
///
/// let lines = [r#"{"_step": 0, "loss": NaN, "val": {"acc": 0.5}}"#, "{\"_step\": 1,"];
/// let parsed = parse_rows(lines.iter().map(|line| line.as_bytes()), &ParseLimits::default());
/// assert_eq!(parsed.batch.n_rows(), 2);
/// let names: Vec<_> = parsed.batch.columns().iter().map(|c| c.name().as_str()).collect();
/// assert_eq!(names, ["_step", "loss", "val.acc"]);
/// assert_eq!(parsed.rejected[0].index, 1);
/// assert_eq!(parsed.rejected[0].reason, "unexpected end of JSON at byte 12");
/// ```
pub fn parse_rows<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
    limits: &ParseLimits,
) -> ParsedRows {
    let mut parser = Parser {
        limits: *limits,
        tree: KeyTree::new(),
        columns: Vec::new(),
        row: 0,
        attempt: 0,
        touched: Vec::new(),
    };
    let mut rejected = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        parser.row = u32::try_from(index).expect("fewer than 2^32 lines");
        if let Err(refusal) = parser.parse_line(line) {
            rejected.push(RejectedRow {
                index,
                reason: refusal.reason(limits),
            });
        }
        parser.row += 1;
    }
    let batch = parser.finish();
    ParsedRows { batch, rejected }
}

/// A column being filled.
struct OpenColumn {
    node: NodeId,
    values: Values,
    /// The rows of the values; unused while they are 0, 1, 2, ...
    rows: Vec<u32>,
    is_dense: bool,
}

impl OpenColumn {
    fn push(&mut self, row: u32, value: ValueRef<'_>) {
        let n_values = self.values.len();
        if self.is_dense && n_values != row as usize {
            self.is_dense = false;
            self.rows.extend(0..n_values as u32);
        }
        if !self.is_dense {
            self.rows.push(row);
        }
        self.values.push(value);
    }

    fn pop(&mut self) {
        self.values.pop();
        self.rows.pop();
    }
}

/// Why a row could not be taken as it is.
enum Refusal {
    Json(JsonError),
    NotAnObject,
    NotUtf8,
    /// More than [`ParseLimits::max_columns`].
    TooManyColumns,
    /// A key repeats within its object: the row is read as a tree first.
    RepeatedKey,
    /// More than [`ParseLimits::max_leaves`]: the row is read again, nested objects kept whole.
    TooManyLeaves,
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl Refusal {
    fn reason(&self, limits: &ParseLimits) -> String {
        match self {
            Self::Json(error) => error.to_string(),
            Self::NotAnObject => "the line is not a JSON object".to_owned(),
            Self::NotUtf8 => "invalid UTF-8 in a nested value".to_owned(),
            Self::TooManyColumns => {
                format!("the batch has more than {} columns", limits.max_columns)
            }
            Self::RepeatedKey | Self::TooManyLeaves => {
                unreachable!("the row is read again in another way")
            }
        }
    }
}

struct Parser {
    limits: ParseLimits,
    tree: KeyTree,
    columns: Vec<OpenColumn>,
    row: u32,
    /// Counts the rows tried, so that the tree can tell a repeated key; a row may be tried three times.
    attempt: u32,
    /// Columns that the present attempt has put a value into.
    touched: Vec<u32>,
}

/// One attempt's progress through its row.
struct Attempt {
    max_levels: usize,
    max_leaves: usize,
    n_leaves: usize,
}

impl Parser {
    fn parse_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let mut line = Cow::Borrowed(line);
        let mut max_levels = self.limits.max_levels;
        let mut max_leaves = self.limits.max_leaves;
        loop {
            let n_columns = self.columns.len();
            let attempt = Attempt {
                max_levels,
                max_leaves,
                n_leaves: 0,
            };
            let Err(refusal) = self.try_line(&line, attempt) else {
                return Ok(());
            };
            self.roll_back(n_columns);
            match refusal {
                Refusal::RepeatedKey => {
                    // The text of a tree has no repeated key, so this happens once.
                    line = Cow::Owned(Value::parse(&line)?.to_text().into_bytes());
                }
                Refusal::TooManyLeaves => {
                    max_levels = 1;
                    max_leaves = usize::MAX;
                }
                refusal => return Err(refusal),
            }
        }
    }

    fn try_line(&mut self, line: &[u8], mut attempt: Attempt) -> Result<(), Refusal> {
        self.attempt += 1;
        self.touched.clear();
        self.tree.begin_row();
        let mut reader = Reader::new(line);
        if reader.peek()? != Kind::Object {
            return Err(Refusal::NotAnObject);
        }
        reader.begin_object()?;
        let mut first = true;
        while let Some(key) = reader.next_key(first)? {
            first = false;
            self.member(&mut reader, &mut attempt, ROOT, &key, 1, true)?;
        }
        Ok(reader.end()?)
    }

    /// Reads the value of `key`, the `level`-th key of its path. `may_be_typed` says whether a nested object can have a
    /// member `_type`, as far as is known.
    fn member(
        &mut self,
        reader: &mut Reader<'_>,
        attempt: &mut Attempt,
        parent: NodeId,
        key: &str,
        level: usize,
        may_be_typed: bool,
    ) -> Result<(), Refusal> {
        let (node, repeated) = self.tree.visit(parent, key, self.attempt);
        if repeated {
            return Err(Refusal::RepeatedKey);
        }
        let kind = reader.peek()?;
        if kind == Kind::Object && level < attempt.max_levels {
            return self.object(reader, attempt, node, level, may_be_typed);
        }
        attempt.n_leaves += 1;
        if attempt.n_leaves > attempt.max_leaves {
            return Err(Refusal::TooManyLeaves);
        }
        match kind {
            Kind::Number => match reader.number()? {
                Number::Float(float) => self.push(node, ValueRef::Float(float)),
                Number::Int(int) => self.push(node, ValueRef::Int(int)),
                Number::Big(digits) => self.push(node, ValueRef::Json(digits)),
            },
            Kind::String => {
                let text = reader.string()?;
                self.push(node, ValueRef::String(&text))
            }
            Kind::Bool => {
                let bool = reader.bool()?;
                self.push(node, ValueRef::Bool(bool))
            }
            Kind::Null => {
                reader.null()?;
                self.push(node, ValueRef::Json("null"))
            }
            Kind::Array | Kind::Object => {
                let text = reader.skip()?;
                self.push_json(node, text)
            }
        }
    }

    /// Reads an object that may be flattened.
    fn object(
        &mut self,
        reader: &mut Reader<'_>,
        attempt: &mut Attempt,
        node: NodeId,
        level: usize,
        may_be_typed: bool,
    ) -> Result<(), Refusal> {
        let mut may_be_typed = may_be_typed;
        if may_be_typed {
            let mut ahead = reader.clone();
            let text = ahead.skip()?;
            may_be_typed = may_hold_type(text);
            if may_be_typed && is_typed(text)? {
                *reader = ahead;
                attempt.n_leaves += 1;
                return self.push_json(node, text);
            }
        }
        reader.begin_object()?;
        let mut first = true;
        while let Some(key) = reader.next_key(first)? {
            first = false;
            self.member(reader, attempt, node, &key, level + 1, may_be_typed)?;
        }
        if first {
            attempt.n_leaves += 1;
            return self.push(node, ValueRef::Json("{}"));
        }
        Ok(())
    }

    fn push_json(&mut self, node: NodeId, text: &[u8]) -> Result<(), Refusal> {
        let text = std::str::from_utf8(text).map_err(|_| Refusal::NotUtf8)?;
        self.push(node, ValueRef::Json(text))
    }

    fn push(&mut self, node: NodeId, value: ValueRef<'_>) -> Result<(), Refusal> {
        let kind = value.kind();
        let column = match self.tree.column(node, kind) {
            Some(column) => column,
            None => self.open_column(node, kind)?,
        };
        self.columns[column as usize].push(self.row, value);
        self.touched.push(column);
        Ok(())
    }

    #[cold]
    fn open_column(&mut self, node: NodeId, kind: ValueKind) -> Result<u32, Refusal> {
        if self.columns.len() >= self.limits.max_columns {
            return Err(Refusal::TooManyColumns);
        }
        let column = self.columns.len() as u32;
        self.columns.push(OpenColumn {
            node,
            values: Values::new(kind),
            rows: Vec::new(),
            is_dense: true,
        });
        self.tree.set_column(node, kind, Some(column));
        Ok(column)
    }

    /// Takes back what the present attempt has stored; before it there were `n_columns`.
    fn roll_back(&mut self, n_columns: usize) {
        for &column in &self.touched {
            self.columns[column as usize].pop();
        }
        for column in self.columns.drain(n_columns..) {
            self.tree
                .set_column(column.node, column.values.kind(), None);
        }
    }

    fn finish(self) -> RowBatch {
        let n_rows = self.row as usize;
        let tree = &self.tree;
        let columns = self.columns.into_iter().map(|column| {
            let n_values = column.values.len();
            let presence = if !column.is_dense {
                Presence::Rows(column.rows)
            } else if n_values == n_rows {
                Presence::All
            } else {
                Presence::Rows((0..n_values as u32).collect())
            };
            Column {
                name: tree.name(column.node),
                presence,
                values: column.values,
            }
        });
        RowBatch::new(n_rows, columns.collect())
    }
}

/// Whether the text of an object can hold a key `_type` anywhere. Says yes to any escape, which could spell one.
fn may_hold_type(text: &[u8]) -> bool {
    text.windows(5).any(|bytes| bytes == b"_type") || text.windows(2).any(|bytes| bytes == b"\\u")
}

/// Whether the object has a text member `_type`.
fn is_typed(text: &[u8]) -> Result<bool, JsonError> {
    let mut reader = Reader::new(text);
    reader.begin_object()?;
    let mut is_typed = false;
    let mut first = true;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        let kind = reader.peek()?;
        if key == "_type" {
            is_typed = kind == Kind::String;
        }
        reader.skip()?;
    }
    Ok(is_typed)
}

#[cfg(test)]
mod tests {
    use ballast_model::json::Map;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{batch, canonical, canonical_line, keys, lines, values};

    fn names(batch: &RowBatch) -> Vec<String> {
        let columns = batch.columns().iter();
        columns
            .map(|column| format!("{}:{}", column.name(), column.kind()))
            .collect()
    }

    fn row_text(batch: &RowBatch, row: usize) -> String {
        Value::Map(batch.row(row)).to_text()
    }

    proptest! {
        #[test]
        fn rows_read_back_as_sent(lines in lines(0..12)) {
            let batch = batch(&lines);
            prop_assert_eq!(batch.n_rows(), lines.len());
            for (index, (row, line)) in batch.rows().into_iter().zip(&lines).enumerate() {
                let text = canonical(&Value::Map(row));
                prop_assert_eq!(&text, &canonical_line(line));
                prop_assert_eq!(canonical(&Value::Map(batch.row(index))), text);
            }
        }

        #[test]
        fn the_last_of_repeated_keys_counts(
            members in prop::collection::vec((keys(), values()), 0..8),
            nested in prop::collection::vec((keys(), values()), 0..8),
        ) {
            let object = |members: &[(String, Value)], more: &str| {
                let mut texts: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()).to_text(), value.to_text()))
                    .collect();
                texts.extend((!more.is_empty()).then(|| more.to_owned()));
                format!("{{{}}}", texts.join(","))
            };
            let line = object(&members, &format!("\"nested\":{}", object(&nested, "")));
            let row = batch(&[&line]).row(0);
            prop_assert_eq!(canonical(&Value::Map(row)), canonical_line(line.as_bytes()));
        }

        #[test]
        fn any_bytes_give_a_row_or_a_reason(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4),
        ) {
            let parsed = parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default());
            prop_assert_eq!(parsed.batch.n_rows(), lines.len());
        }

        #[test]
        fn a_line_that_breaks_off_leaves_nothing(lines in lines(3..6), cut: prop::sample::Index) {
            let broken = &lines[1][..cut.index(lines[1].len())];
            let all: [&[u8]; 3] = [&lines[0], broken, &lines[2]];
            let parsed = parse_rows(all, &ParseLimits::default());
            prop_assert_eq!(parsed.rejected.len(), 1);
            let sound = RowBatch::concat(&[
                batch(&lines[..1]),
                batch(&["{}"]),
                batch(&lines[2..3]),
            ]);
            prop_assert_eq!(parsed.batch, sound);
        }
    }

    #[test]
    fn every_kind_has_its_column() {
        let line = r#"{"i":-9223372036854775808,"f":-0.0,"t":true,"s":"é","n":null,"l":[1],"o":{},
            "big":9223372036854775808,"h":{"bins":[0],"_type":"histogram"},"d":{"x":1,"y.z":{"w":2}}}"#;
        let batch = batch(&[line]);
        assert_eq!(
            names(&batch),
            [
                "big:json",
                "d.x:int",
                "d.y\\.z.w:int",
                "f:float",
                "h:json",
                "i:int",
                "l:json",
                "n:json",
                "o:json",
                "s:string",
                "t:bool",
            ]
        );
        assert_eq!(
            row_text(&batch, 0),
            r#"{"big":9223372036854775808,"d":{"x":1,"y.z":{"w":2}},"f":-0.0,"h":{"bins":[0],"_type":"histogram"},"i":-9223372036854775808,"l":[1],"n":null,"o":{},"s":"é","t":true}"#
        );
    }

    #[test]
    fn a_key_of_several_kinds_has_a_column_of_each() {
        let batch = batch(&[
            r#"{"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":"1"}"#,
            r#"{"a":{"b":1}}"#,
        ]);
        assert_eq!(names(&batch), ["a:int", "a:float", "a:string", "a.b:int"]);
        assert_eq!(row_text(&batch, 1), r#"{"a":1.0}"#);
        assert_eq!(row_text(&batch, 3), r#"{"a":{"b":1}}"#);
    }

    #[test]
    fn an_object_is_kept_whole_if_its_type_is_a_text() {
        let typed = |line: &str| names(&batch(&[line]));
        assert_eq!(typed(r#"{"a":{"x":1,"_type":"t"}}"#), ["a:json"]);
        assert_eq!(typed(r#"{"a":{"\u005ftype":"t"}}"#), ["a:json"]);
        assert_eq!(typed(r#"{"a":{"_type":1}}"#), ["a._type:int"]);
        assert_eq!(typed(r#"{"a":{"_type":"t","_type":1}}"#), ["a._type:int"]);
        assert_eq!(
            typed(r#"{"a":{"b":{"_type":"t"},"c":1}}"#),
            ["a.b:json", "a.c:int"]
        );
        assert_eq!(typed(r#"{"_type":"t"}"#), ["_type:string"]);
    }

    #[test]
    fn deep_objects_are_kept_whole() {
        let line = format!("{}1{}", r#"{"k":"#.repeat(12), "}".repeat(12));
        let batch = batch(&[&line]);
        assert_eq!(names(&batch), ["k.k.k.k.k.k.k.k.k.k:json"]);
        assert_eq!(row_text(&batch, 0), line);
    }

    #[test]
    fn a_row_of_many_leaves_keeps_nested_objects_whole() {
        let limits = ParseLimits {
            max_leaves: 4,
            ..ParseLimits::default()
        };
        let lines: [&[u8]; 2] = [
            br#"{"a":1,"n":{"x":1,"y":2},"b":1}"#,
            br#"{"a":1,"n":{"x":1,"y":{"z":1,"w":2}},"b":1,"c":1,"d":1,"e":1}"#,
        ];
        let parsed = parse_rows(lines, &limits);
        assert_eq!(
            names(&parsed.batch.slice(0..1)),
            ["a:int", "b:int", "n.x:int", "n.y:int"]
        );
        assert_eq!(
            names(&parsed.batch.slice(1..2)),
            ["a:int", "b:int", "c:int", "d:int", "e:int", "n:json"]
        );
        assert_eq!(
            canonical(&Value::Map(parsed.batch.row(1))),
            canonical_line(lines[1])
        );
    }

    #[test]
    fn too_many_columns_reject_the_row_and_nothing_else() {
        let limits = ParseLimits {
            max_columns: 3,
            ..ParseLimits::default()
        };
        let lines: [&[u8]; 4] = [
            br#"{"a":1}"#,
            br#"{"b":1,"c":1,"d":1}"#,
            br#"{"a":2,"e":1}"#,
            br#"{"f":1}"#,
        ];
        let parsed = parse_rows(lines, &limits);
        assert_eq!(names(&parsed.batch), ["a:int", "e:int", "f:int"]);
        assert_eq!(parsed.rejected.len(), 1);
        assert_eq!(parsed.rejected[0].index, 1);
        assert_eq!(
            parsed.rejected[0].reason,
            "the batch has more than 3 columns"
        );
    }

    #[test]
    fn refusals_say_why() {
        let reason = |line: &[u8]| {
            parse_rows([line], &ParseLimits::default()).rejected[0]
                .reason
                .clone()
        };
        assert_eq!(reason(b"[1]"), "the line is not a JSON object");
        assert_eq!(reason(b""), "unexpected end of JSON at byte 0");
        assert_eq!(
            reason(b"{\"a\":\"\xff\"}"),
            "invalid UTF-8 in JSON string at byte 5"
        );
        assert_eq!(
            reason(b"{\"a\":[\"\xff\"]}"),
            "invalid UTF-8 in a nested value"
        );
        assert_eq!(
            reason(b"{\"a\":1} x"),
            "trailing characters after JSON at byte 8"
        );
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert!(reason(deep.as_bytes()).starts_with("JSON nested deeper than 64 levels"));
    }

    #[test]
    fn kept_objects_keep_the_order_of_their_keys() {
        let line = r#"{"h":{"z":1,"_type":"t","a":{"c":1,"b":2}}}"#;
        assert_eq!(row_text(&batch(&[line]), 0), line);
    }

    #[test]
    fn repeated_keys_replace_objects_and_values_of_other_kinds() {
        let read = |line: &str| Value::Map(batch(&[line]).row(0)).to_text();
        assert_eq!(read(r#"{"d":1,"d":{"x":2}}"#), r#"{"d":{"x":2}}"#);
        assert_eq!(read(r#"{"d":{"x":1},"d":{"y":2}}"#), r#"{"d":{"y":2}}"#);
        assert_eq!(read(r#"{"d":{"x":1},"d":"s"}"#), r#"{"d":"s"}"#);
        assert_eq!(Map::new(), batch(&["{}"]).row(0));
    }
}
