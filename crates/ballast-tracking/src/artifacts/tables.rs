//! Tables in files of scripts: comma- and tab-separated text, lines of JSON, and the client's own tables. Parquet files are
//! read by `ballast-history`.
//!
//! Files may be of any size and anything may be in them, so they are read as a stream, in memory that does not depend on
//! them: a record has a largest size, and so has the part of a file that is looked at.

use std::cell::Cell;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use ballast_history::ParquetRows;
use ballast_model::json::{Map, Value};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use super::RowsRequest;

/// Largest record, in bytes.
const MAX_RECORD_BYTES: u64 = 4 << 20;
/// How much of a file is looked at, in bytes.
const MAX_SCANNED_BYTES: u64 = 512 << 20;
/// About so many bytes of cells make a page, however few rows they are.
const MAX_PAGE_BYTES: usize = 2 << 20;

/// What kind of table a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Text, which is read from its beginning.
    Text(TextTable),
    /// Parquet, which is read where the rows are.
    Parquet,
}

/// A table in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTable {
    /// Text with a line of names, its cells separated by this character.
    Separated(u8),
    /// A JSON object in each line.
    JsonLines,
    /// The client's table: a JSON document with `columns` and `data`.
    Table,
}

impl TableKind {
    /// The kind of table that a file of this name is; `None` if it is none.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let has = |extension: &str| name.ends_with(extension);
        Some(if has(".parquet") {
            Self::Parquet
        } else if has(".table.json") {
            Self::Text(TextTable::Table)
        } else if has(".jsonl") || has(".ndjson") {
            Self::Text(TextTable::JsonLines)
        } else if has(".csv") {
            Self::Text(TextTable::Separated(b','))
        } else if has(".tsv") {
            Self::Text(TextTable::Separated(b'\t'))
        } else {
            return None;
        })
    }
}

/// What the cells of a column are, as far as the page at hand shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// No cell has a value.
    Empty,
    /// Numbers, or text that reads as such.
    Number,
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// Objects, lists, or several kinds.
    Json,
}

/// A column of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub kind: ColumnKind,
}

/// A page of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePage {
    /// The columns. Those of lines of JSON are the members of the rows at hand.
    pub columns: Vec<TableColumn>,
    /// How many columns the table has. Of a Parquet file with very many, only the first are read.
    pub n_columns: usize,
    /// The rows, each with a cell for each column. Cells of separated text are text, or null if they are empty.
    pub rows: Vec<Vec<Value>>,
    /// How many rows are before the first one.
    pub from: u64,
    /// How many rows the table has, if its end was seen.
    pub total: Option<u64>,
    /// Whether more rows follow.
    pub has_more: bool,
}

/// Why a file cannot be shown as a table.
#[derive(Debug, Error)]
pub(super) enum TableError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Separated(#[from] csv::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
    #[error("it has no list `{0}`")]
    Missing(&'static str),
}

/// Reads a page of a table in text.
pub(super) fn read(
    reader: impl Read,
    kind: TextTable,
    request: RowsRequest,
) -> Result<TablePage, TableError> {
    let budget = Budget::default();
    let reader = Guarded {
        reader,
        budget: budget.clone(),
    };
    match kind {
        TextTable::Separated(separator) => read_separated(reader, &budget, separator, request),
        TextTable::JsonLines => read_lines(reader, &budget, request),
        TextTable::Table => read_table(reader, &budget, request),
    }
}

/// How much may be read yet, of the record at hand and of all.
#[derive(Clone)]
struct Budget {
    record: Rc<Cell<u64>>,
    all: Rc<Cell<u64>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            record: Rc::new(Cell::new(MAX_RECORD_BYTES)),
            all: Rc::new(Cell::new(MAX_SCANNED_BYTES)),
        }
    }
}

impl Budget {
    fn begin_record(&self) {
        self.record.set(MAX_RECORD_BYTES);
    }

    fn spend(&self, n_bytes: u64) -> io::Result<()> {
        for (left, what, limit) in [
            (&self.record, "a record", MAX_RECORD_BYTES),
            (&self.all, "what is before its rows", MAX_SCANNED_BYTES),
        ] {
            let rest = left.get().checked_sub(n_bytes).ok_or_else(|| {
                io::Error::other(format!("{what} has more than {} MiB", limit >> 20))
            })?;
            left.set(rest);
        }
        Ok(())
    }
}

/// Stops reading where a budget is spent.
struct Guarded<R> {
    reader: R,
    budget: Budget,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.reader.read(buffer)?;
        self.budget.spend(n_read as u64)?;
        Ok(n_read)
    }
}

/// The rows of a page as they come.
struct Gathered<T> {
    request: RowsRequest,
    n_seen: u64,
    n_bytes: usize,
    rows: Vec<T>,
    has_more: bool,
}

impl<T> Gathered<T> {
    fn new(request: RowsRequest) -> Self {
        Self {
            request,
            n_seen: 0,
            n_bytes: 0,
            rows: Vec::new(),
            has_more: false,
        }
    }

    /// Whether the next row is passed over.
    fn is_before(&self) -> bool {
        self.n_seen < self.request.from
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.request.limit || self.n_bytes >= MAX_PAGE_BYTES
    }

    fn push(&mut self, row: T, n_bytes: usize) {
        self.n_seen += 1;
        self.n_bytes += n_bytes;
        self.rows.push(row);
    }

    fn into_page(self, columns: Vec<String>, cells: impl Fn(T) -> Vec<Value>) -> TablePage {
        let rows: Vec<Vec<Value>> = self.rows.into_iter().map(cells).collect();
        TablePage {
            n_columns: columns.len(),
            columns: with_kinds(columns, &rows),
            from: self.request.from,
            total: (!self.has_more).then_some(self.n_seen),
            has_more: self.has_more,
            rows,
        }
    }
}

/// The page of a Parquet file that begins at row `from`.
pub(super) fn page_of(read: ParquetRows, from: u64) -> TablePage {
    let end = from.saturating_add(read.rows.len() as u64);
    TablePage {
        n_columns: read.n_columns,
        columns: with_kinds(read.columns, &read.rows),
        from,
        total: Some(read.total),
        has_more: !read.rows.is_empty() && end < read.total,
        rows: read.rows,
    }
}

fn with_kinds(names: Vec<String>, rows: &[Vec<Value>]) -> Vec<TableColumn> {
    let columns = names.into_iter().enumerate().map(|(index, name)| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        TableColumn {
            name,
            kind: kind_of(cells),
        }
    });
    columns.collect()
}

fn kind_of<'a>(cells: impl Iterator<Item = &'a Value>) -> ColumnKind {
    let mut kind = ColumnKind::Empty;
    let mut all_read_as_numbers = true;
    for cell in cells {
        let found = match cell {
            Value::Null => continue,
            Value::Bool(_) => ColumnKind::Boolean,
            Value::Int(_) | Value::Big(_) | Value::Float(_) => ColumnKind::Number,
            Value::String(_) => ColumnKind::Text,
            Value::List(_) | Value::Map(_) => ColumnKind::Json,
        };
        let reads_as_number = match cell {
            Value::String(text) => text.trim().parse::<f64>().is_ok(),
            _ => found == ColumnKind::Number,
        };
        all_read_as_numbers &= reads_as_number;
        kind = match kind {
            ColumnKind::Empty => found,
            kind if kind == found => kind,
            _ => ColumnKind::Json,
        };
    }
    match kind {
        ColumnKind::Text | ColumnKind::Json if all_read_as_numbers => ColumnKind::Number,
        kind => kind,
    }
}

fn read_separated<R: Read>(
    reader: Guarded<R>,
    budget: &Budget,
    separator: u8,
    request: RowsRequest,
) -> Result<TablePage, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(reader);
    let names: Vec<String> = reader
        .byte_headers()?
        .iter()
        .map(|name| {
            String::from_utf8_lossy(name)
                .trim_start_matches('\u{feff}')
                .to_owned()
        })
        .collect();
    let mut rows: Gathered<Vec<Value>> = Gathered::new(request);
    let mut record = csv::ByteRecord::new();
    loop {
        budget.begin_record();
        if !reader.read_byte_record(&mut record)? {
            break;
        }
        if rows.is_before() {
            rows.n_seen += 1;
            continue;
        }
        if rows.is_full() {
            rows.has_more = true;
            break;
        }
        let cells = record.iter().map(|cell| {
            if cell.is_empty() {
                Value::Null
            } else {
                Value::String(String::from_utf8_lossy(cell).into_owned())
            }
        });
        rows.push(cells.collect(), record.as_slice().len());
    }
    // A row may have more cells than there are names, or fewer.
    let width = rows.rows.iter().map(Vec::len).max().unwrap_or_default();
    let extra = (names.len()..width).map(|index| format!("column {}", index + 1));
    let columns: Vec<String> = names.iter().cloned().chain(extra).collect();
    let width = columns.len();
    Ok(rows.into_page(columns, |mut cells| {
        cells.resize(width, Value::Null);
        cells
    }))
}

fn read_lines<R: Read>(
    reader: Guarded<R>,
    budget: &Budget,
    request: RowsRequest,
) -> Result<TablePage, TableError> {
    let mut reader = BufReader::new(reader);
    let mut rows: Gathered<Map> = Gathered::new(request);
    let (mut line, mut n_lines) = (Vec::new(), 0);
    loop {
        budget.begin_record();
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        n_lines += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if rows.is_before() {
            rows.n_seen += 1;
            continue;
        }
        if rows.is_full() {
            rows.has_more = true;
            break;
        }
        let row = match Value::parse(&line) {
            Ok(Value::Map(row)) => row,
            Ok(_) => {
                let reason = "expected an object".to_owned();
                return Err(TableError::Line {
                    line: n_lines,
                    reason,
                });
            }
            Err(error) => {
                let reason = error.to_string();
                return Err(TableError::Line {
                    line: n_lines,
                    reason,
                });
            }
        };
        rows.push(row, line.len());
    }
    let mut columns: indexmap::IndexSet<String> = indexmap::IndexSet::new();
    for row in &rows.rows {
        columns.extend(row.keys().cloned());
    }
    let names: Vec<String> = columns.into_iter().collect();
    Ok(rows.into_page(names.clone(), |mut row| {
        let cells = names.iter().map(|name| row.swap_remove(name));
        cells.map(Option::unwrap_or_default).collect()
    }))
}

fn read_table<R: Read>(
    reader: Guarded<R>,
    budget: &Budget,
    request: RowsRequest,
) -> Result<TablePage, TableError> {
    let reader = BufReader::new(QuotedNumbers::new(BufReader::new(reader)));
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let (columns, rows) = deserializer.deserialize_map(TableVisitor { budget, request })?;
    let columns = columns.ok_or(TableError::Missing("columns"))?;
    let rows = rows.ok_or(TableError::Missing("data"))?;
    let names: Vec<String> = columns
        .into_iter()
        .map(|name| match name {
            Value::String(name) => name,
            other => other.to_text(),
        })
        .collect();
    let width = names.len();
    Ok(rows.into_page(names, |mut cells| {
        cells.resize(width, Value::Null);
        cells
    }))
}

struct TableVisitor<'a> {
    budget: &'a Budget,
    request: RowsRequest,
}

type TableParts = (Option<Vec<Value>>, Option<Gathered<Vec<Value>>>);

impl<'de> Visitor<'de> for TableVisitor<'_> {
    type Value = TableParts;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object with `columns` and `data`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TableParts, A::Error> {
        let (mut columns, mut rows) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            self.budget.begin_record();
            match key.as_str() {
                "columns" => columns = Some(map.next_value()?),
                "data" => {
                    rows = Some(map.next_value_seed(DataSeed {
                        budget: self.budget,
                        rows: Gathered::new(self.request),
                    })?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((columns, rows))
    }
}

struct DataSeed<'a> {
    budget: &'a Budget,
    rows: Gathered<Vec<Value>>,
}

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = Gathered<Vec<Value>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_> {
    type Value = Gathered<Vec<Value>>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<Self::Value, A::Error> {
        // The document is read to its end, since the names of the columns may follow the rows.
        let mut n_behind = 0;
        loop {
            self.budget.begin_record();
            if self.rows.is_before() || self.rows.is_full() {
                if rows.next_element::<IgnoredAny>()?.is_none() {
                    break;
                }
                if self.rows.is_before() {
                    self.rows.n_seen += 1;
                } else {
                    n_behind += 1;
                }
            } else {
                let Some(cells) = rows.next_element::<Vec<Value>>()? else {
                    break;
                };
                let n_bytes = MAX_RECORD_BYTES - self.budget.record.get();
                self.rows.push(cells, n_bytes as usize);
            }
        }
        self.rows.has_more = n_behind > 0;
        Ok(self.rows)
    }
}

/// Puts the bare words `NaN`, `Infinity` and `-Infinity`, which Python writes, into quotes, so that they are JSON.
struct QuotedNumbers<R> {
    reader: R,
    /// Bytes that are to be given out before the next one is read.
    waiting: std::collections::VecDeque<u8>,
    in_text: bool,
    is_escaped: bool,
}

impl<R: io::BufRead> QuotedNumbers<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            waiting: std::collections::VecDeque::new(),
            in_text: false,
            is_escaped: false,
        }
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.reader.fill_buf()?.first().copied();
        if byte.is_some() {
            self.reader.consume(1);
        }
        Ok(byte)
    }

    /// Reads the next byte, or the rest of a word whose first byte it is, into `waiting`.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(byte) = self.next_byte()? else {
            return Ok(false);
        };
        if self.in_text {
            self.in_text = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            self.waiting.push_back(byte);
            return Ok(true);
        }
        let is_negative = byte == b'-' && self.reader.fill_buf()?.first() == Some(&b'I');
        match byte {
            b'N' | b'I' => self.quote(byte)?,
            b'-' if is_negative => self.quote(byte)?,
            _ => {
                self.in_text = byte == b'"';
                self.waiting.push_back(byte);
            }
        }
        Ok(true)
    }

    /// Puts the word that begins with `first` into quotes.
    fn quote(&mut self, first: u8) -> io::Result<()> {
        self.waiting.extend([b'"', first]);
        // No such word is longer.
        for _ in 0.."-Infinity".len() {
            match self.reader.fill_buf()?.first() {
                Some(byte) if byte.is_ascii_alphabetic() => {
                    self.waiting.push_back(*byte);
                    self.reader.consume(1);
                }
                _ => break,
            }
        }
        self.waiting.push_back(b'"');
        Ok(())
    }
}

impl<R: io::BufRead> Read for QuotedNumbers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut n_read = 0;
        while n_read < buffer.len() {
            match self.waiting.pop_front() {
                Some(byte) => {
                    buffer[n_read] = byte;
                    n_read += 1;
                }
                // What is there is given out before more is asked for.
                None if n_read > 0 && self.reader.fill_buf()?.is_empty() => break,
                None if !self.advance()? => break,
                None => {}
            }
        }
        Ok(n_read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str, from: u64, limit: usize) -> Result<TablePage, String> {
        let kind = TableKind::of(path).expect("a table");
        let TableKind::Text(text_kind) = kind else {
            panic!("`{path}` is no text");
        };
        let request = RowsRequest { kind, from, limit };
        read(text.as_bytes(), text_kind, request).map_err(|error| error.to_string())
    }

    /// A page as `names | rows | total`.
    fn shown(page: &TablePage) -> String {
        let names: Vec<String> = page
            .columns
            .iter()
            .map(|column| format!("{}:{:?}", column.name, column.kind))
            .collect();
        let rows: Vec<String> = page
            .rows
            .iter()
            .map(|row| Value::List(row.clone()).to_text())
            .collect();
        let total = match page.total {
            Some(total) => total.to_string(),
            None => "more".to_owned(),
        };
        format!("{} | {} | {total}", names.join(" "), rows.join(" "))
    }

    #[test]
    fn names_tell_what_is_a_table() {
        let text = |path| match TableKind::of(path) {
            Some(TableKind::Text(kind)) => Some(kind),
            _ => None,
        };
        assert_eq!(text("a/b.CSV"), Some(TextTable::Separated(b',')));
        assert_eq!(text("t.tsv"), Some(TextTable::Separated(b'\t')));
        assert_eq!(text("x.jsonl"), Some(TextTable::JsonLines));
        assert_eq!(text("x.table.json"), Some(TextTable::Table));
        assert_eq!(TableKind::of("a/part-0.Parquet"), Some(TableKind::Parquet));
        assert_eq!(TableKind::of("x.json"), None);
        assert_eq!(TableKind::of("csv"), None);
    }

    #[test]
    fn separated_text_keeps_its_cells() {
        let text = "id,text,n\n007,\"a,\"\"b\nc\",1.5\n8,,x,9\n";
        assert_eq!(
            shown(&page("t.csv", text, 0, 10).expect("read")),
            r#"id:Number text:Text n:Text column 4:Number | ["007","a,\"b\nc","1.5",null] ["8",null,"x","9"] | 2"#
        );
        assert_eq!(
            shown(&page("t.csv", text, 0, 1).expect("read")),
            r#"id:Number text:Text n:Number | ["007","a,\"b\nc","1.5"] | more"#
        );
        let behind = page("t.tsv", "a\tb\n1\t2\n", 5, 10).expect("read");
        assert_eq!(shown(&behind), "a:Empty b:Empty |  | 1");
        assert_eq!(shown(&page("t.csv", "", 0, 10).expect("read")), " |  | 0");
    }

    #[test]
    fn lines_of_json_have_the_columns_of_their_rows() {
        let text = "{\"a\":1,\"b\":true}\n\n{\"a\":NaN,\"c\":[1]}\n{\"d\":0}";
        assert_eq!(
            shown(&page("t.jsonl", text, 0, 2).expect("read")),
            "a:Number b:Boolean c:Json | [1,true,null] [NaN,null,[1]] | more"
        );
        assert_eq!(
            shown(&page("t.jsonl", text, 2, 2).expect("read")),
            "d:Number | [0] | 3"
        );
        let error = page("t.jsonl", "{}\n[1]\n", 0, 9).expect_err("no object");
        assert_eq!(error, "line 2: expected an object");
    }

    #[test]
    fn tables_of_the_client_may_hold_bare_words() {
        let text = r#"{"column_types":{"NaN":[]},"data":[["a\"N",NaN],["b",-Infinity],["I",-1.5]],"columns":["t",2],"nrows":3}"#;
        assert_eq!(
            shown(&page("t.table.json", text, 0, 2).expect("read")),
            r#"t:Text 2:Number | ["a\"N","NaN"] ["b","-Infinity"] | more"#
        );
        assert_eq!(
            shown(&page("t.table.json", text, 2, 2).expect("read")),
            r#"t:Text 2:Number | ["I",-1.5] | 3"#
        );
        let error = page("t.table.json", r#"{"data":[]}"#, 0, 9).expect_err("no columns");
        assert_eq!(error, "it has no list `columns`");
        assert!(page("t.table.json", r#"{"data":[[Nonsense]]}"#, 0, 9).is_err());
    }

    #[test]
    fn a_record_without_an_end_is_refused() {
        let endless = std::io::repeat(b'x');
        let request = |kind| RowsRequest {
            kind: TableKind::Text(kind),
            from: 0,
            limit: 10,
        };
        for kind in [TextTable::Separated(b','), TextTable::JsonLines] {
            let error = read(std::io::repeat(b'x'), kind, request(kind)).expect_err("too large");
            assert_eq!(error.to_string(), "a record has more than 4 MiB");
        }
        let text = Read::chain(r#"{"columns":[],"data":[[""#.as_bytes(), endless);
        let kind = TextTable::Table;
        let error = read(text, kind, request(kind)).expect_err("too large");
        assert!(error.to_string().contains("more than 4 MiB"), "{error}");
    }

    #[test]
    fn wide_rows_come_in_smaller_pages() {
        let line = format!("{}\n", "x".repeat(1 << 20));
        let text = format!("name\n{}", line.repeat(5));
        let page = page("t.csv", &text, 0, 100).expect("read");
        assert_eq!((page.rows.len(), page.has_more), (2, true));
    }
}
