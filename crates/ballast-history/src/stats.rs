//! What is known of each column of a chunk or segment without reading its rows.

use std::collections::BTreeSet;

use ballast_model::MetricName;
use ballast_model::json::{self, Kind, Value};
use bytes::Bytes;

use crate::rows::{STEP, ValueKind, ValueRef, Values};
use crate::wire::{
    Compressor, Envelope, Reader, decompress, put_name, put_signed, put_text, put_varint,
};
use crate::{Column, FormatError, RowBatch};

/// A value whose text is longer is left out of the statistics.
const MAX_LAST_BYTES: usize = 1024;

/// No more `_type`s of one column are listed.
const MAX_TYPES: usize = 16;

const INDEX: Envelope = Envelope {
    magic: *b"BLIX",
    version: 1,
    what: "key index",
};

/// Statistics of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnStats {
    pub(crate) name: MetricName,
    pub(crate) kind: ValueKind,
    /// How many rows have a value; at least 1.
    pub(crate) count: u64,
    /// The first of them: stored as a row of the chunk, or as a line less the first line of the segment.
    pub(crate) first_row: u64,
    /// The last of them.
    pub(crate) last_row: u64,
    /// The integer `_step` of the first of them.
    pub(crate) first_step: Option<i64>,
    /// The integer `_step` of the last of them.
    pub(crate) last_step: Option<i64>,
    /// Least and greatest finite number.
    pub(crate) range: Option<(f64, f64)>,
    /// The last value, unless it is long.
    pub(crate) last: Option<LastValue>,
    /// The `_type`s of objects.
    pub(crate) types: BTreeSet<String>,
}

/// A last value, comparable bit by bit.
#[derive(Debug, Clone)]
pub(crate) struct LastValue(pub(crate) Value);

impl PartialEq for LastValue {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a.to_text() == b.to_text(),
        }
    }
}

impl ColumnStats {
    fn sort_key(&self) -> (&MetricName, ValueKind) {
        (&self.name, self.kind)
    }

    /// Bytes of the texts in it, but that of its name.
    pub(crate) fn n_text_bytes(&self) -> usize {
        let last = match &self.last {
            Some(LastValue(Value::String(text))) => text.len(),
            // Other texts are as long as their JSON at most.
            Some(LastValue(value @ (Value::List(_) | Value::Map(_)))) => value.to_text().len(),
            _ => 0,
        };
        last + self.types.iter().map(String::len).sum::<usize>()
    }

    /// Takes in statistics of the same column in rows that come later.
    fn append(&mut self, later: Self) {
        self.count += later.count;
        self.last_row = later.last_row;
        self.last_step = later.last_step;
        self.last = later.last;
        self.range = match (self.range, later.range) {
            (Some(mine), Some(other)) => Some((mine.0.min(other.0), mine.1.max(other.1))),
            (mine, other) => mine.or(other),
        };
        self.types.extend(later.types);
        while self.types.len() > MAX_TYPES {
            self.types.pop_last();
        }
    }
}

/// Statistics of rows and of rows that come later, both sorted.
pub(crate) fn append(mut all: Vec<ColumnStats>, later: Vec<ColumnStats>) -> Vec<ColumnStats> {
    let n_known = all.len();
    let mut at = 0;
    for column in later {
        while at < n_known && all[at].sort_key() < column.sort_key() {
            at += 1;
        }
        if at < n_known && all[at].sort_key() == column.sort_key() {
            all[at].append(column);
        } else {
            all.push(column);
        }
    }
    if all.len() > n_known {
        // Two sorted stretches: cheap for a stable sort.
        all.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }
    all
}

/// Statistics whose rows are counted from `first` on.
pub(crate) fn shift(mut stats: Vec<ColumnStats>, first: u64) -> Vec<ColumnStats> {
    for column in &mut stats {
        column.first_row = column.first_row.saturating_add(first);
        column.last_row = column.last_row.saturating_add(first);
    }
    stats
}

/// Statistics of a batch whose rows are these lines.
pub(crate) fn to_lines(mut stats: Vec<ColumnStats>, lines: &[u64]) -> Vec<ColumnStats> {
    for column in &mut stats {
        column.first_row = lines[column.first_row as usize];
        column.last_row = lines[column.last_row as usize];
    }
    stats
}

/// The statistics of each column of a batch, in column order.
pub(crate) fn of_batch(batch: &RowBatch) -> Vec<ColumnStats> {
    let steps = batch.column(STEP, ValueKind::Int);
    let columns = batch.columns().iter();
    columns.map(|column| of_column(column, steps)).collect()
}

fn of_column(column: &Column, steps: Option<&Column>) -> ColumnStats {
    let last = column.n_values() - 1;
    let step = |position: usize| match steps?.value_ref(column.presence().row(position)) {
        Some(ValueRef::Int(step)) => Some(step),
        _ => None,
    };
    ColumnStats {
        name: column.name().clone(),
        kind: column.kind(),
        count: column.n_values() as u64,
        first_row: column.presence().row(0) as u64,
        last_row: column.presence().row(last) as u64,
        first_step: step(0),
        last_step: step(last),
        range: range(column.values()),
        last: short_value(column.values().get(last)),
        types: types(column.values()),
    }
}

fn range(values: &Values) -> Option<(f64, f64)> {
    match values {
        Values::Int(ints) => {
            let range = (*ints.iter().min()?, *ints.iter().max()?);
            Some((range.0 as f64, range.1 as f64))
        }
        Values::Float(floats) => {
            let mut range = (f64::INFINITY, f64::NEG_INFINITY);
            for &float in floats.iter().filter(|float| float.is_finite()) {
                range = (range.0.min(float), range.1.max(float));
            }
            (range.0 <= range.1).then_some(range)
        }
        _ => None,
    }
}

fn short_value(value: ValueRef<'_>) -> Option<LastValue> {
    let n_bytes = match value {
        ValueRef::String(text) | ValueRef::Json(text) => text.len(),
        _ => 0,
    };
    (n_bytes <= MAX_LAST_BYTES).then(|| LastValue(value.to_value()))
}

fn types(values: &Values) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    if let Values::Json(texts) = values {
        for text in texts.iter().filter(|text| text.starts_with('{')) {
            match object_type(text) {
                Some(name) if !types.contains(&name) => types.insert(name),
                _ => continue,
            };
            if types.len() == MAX_TYPES {
                break;
            }
        }
    }
    types
}

/// The text member `_type` of an object.
fn object_type(text: &str) -> Option<String> {
    let mut reader = json::Reader::new(text.as_bytes());
    reader.begin_object().ok()?;
    let mut found = None;
    let mut first = true;
    while let Some(key) = reader.next_key(first).ok()? {
        first = false;
        if key == "_type" && reader.peek().ok()? == Kind::String {
            found = Some(reader.string().ok()?.into_owned());
        } else {
            reader.skip().ok()?;
        }
    }
    found
}

const HAS_FIRST_STEP: u8 = 1;
const HAS_LAST_STEP: u8 = 2;
const HAS_RANGE: u8 = 4;
const HAS_LAST: u8 = 8;
const HAS_TYPES: u8 = 16;

/// Statistics as bytes; `stats` are sorted by name and kind.
pub(crate) fn encode(stats: &[ColumnStats], compressor: &mut Compressor) -> Bytes {
    let mut raw = Vec::new();
    let mut before = "";
    let mut last_step = 0;
    for column in stats {
        put_name(&mut raw, before, column.name.as_str());
        before = column.name.as_str();
        raw.push(column.kind.code());
        let parts = [
            (column.first_step.is_some(), HAS_FIRST_STEP),
            (column.last_step.is_some(), HAS_LAST_STEP),
            (column.range.is_some(), HAS_RANGE),
            (column.last.is_some(), HAS_LAST),
            (!column.types.is_empty(), HAS_TYPES),
        ];
        raw.push(parts.iter().filter(|part| part.0).map(|part| part.1).sum());
        put_varint(&mut raw, column.count);
        put_varint(&mut raw, column.first_row);
        put_varint(&mut raw, column.last_row - column.first_row);
        for step in column.first_step.into_iter().chain(column.last_step) {
            put_signed(&mut raw, step.wrapping_sub(last_step));
            last_step = step;
        }
        if let Some((min, max)) = column.range {
            raw.extend_from_slice(&min.to_le_bytes());
            raw.extend_from_slice(&max.to_le_bytes());
        }
        if let Some(LastValue(last)) = &column.last {
            put_value(&mut raw, last, column.kind);
        }
        if !column.types.is_empty() {
            put_varint(&mut raw, column.types.len() as u64);
            for name in &column.types {
                put_text(&mut raw, name);
            }
        }
    }
    let packed = compressor.compress(&raw);
    let mut bytes = INDEX.begin();
    put_varint(&mut bytes, stats.len() as u64);
    put_varint(&mut bytes, raw.len() as u64);
    bytes.extend_from_slice(&packed);
    INDEX.seal(bytes)
}

/// Reads statistics.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<ColumnStats>, FormatError> {
    let mut bytes = INDEX.open(bytes)?;
    let n_columns = bytes.varint()?;
    let n_raw = bytes.varint()?;
    let raw = decompress(bytes.take(bytes.n_left() as u64)?, n_raw, INDEX.what)?;
    let mut raw = Reader::new(&raw, INDEX.what);
    let mut stats: Vec<ColumnStats> = Vec::new();
    let mut last_step = 0;
    for _ in 0..n_columns {
        let before = stats.last().map_or("", |column| column.name.as_str());
        let column = read_column(&mut raw, before, &mut last_step)?;
        stats.push(column);
    }
    raw.end()?;
    Ok(stats)
}

fn read_column(
    raw: &mut Reader<'_>,
    before: &str,
    last_step: &mut i64,
) -> Result<ColumnStats, FormatError> {
    let name = MetricName::from_stored(raw.name(before)?);
    let code = raw.byte()?;
    let kind = ValueKind::from_code(code)
        .ok_or_else(|| raw.malformed(format!("column `{name}` is of kind {code}")))?;
    let flags = raw.byte()?;
    let count = raw.varint()?;
    let first_row = raw.varint()?;
    let last_row = first_row
        .checked_add(raw.varint()?)
        .ok_or_else(|| raw.malformed("a row does not fit 64 bits"))?;
    let mut step = |raw: &mut Reader<'_>, flag: u8| {
        if flags & flag == 0 {
            return Ok(None);
        }
        *last_step = last_step.wrapping_add(raw.signed()?);
        Ok(Some(*last_step))
    };
    let first_step = step(raw, HAS_FIRST_STEP)?;
    let last_step = step(raw, HAS_LAST_STEP)?;
    let range = if flags & HAS_RANGE == 0 {
        None
    } else {
        Some((raw.float()?, raw.float()?))
    };
    let last = if flags & HAS_LAST == 0 {
        None
    } else {
        Some(LastValue(read_value(raw, kind)?))
    };
    let mut types = BTreeSet::new();
    if flags & HAS_TYPES != 0 {
        for _ in 0..raw.count()? {
            types.insert(raw.text()?.to_owned());
        }
    }
    Ok(ColumnStats {
        name,
        kind,
        count,
        first_row,
        last_row,
        first_step,
        last_step,
        range,
        last,
        types,
    })
}

fn put_value(bytes: &mut Vec<u8>, value: &Value, kind: ValueKind) {
    match (kind, value) {
        (ValueKind::Float, Value::Float(float)) => {
            bytes.extend_from_slice(&float.to_le_bytes());
        }
        (ValueKind::Int, Value::Int(int)) => put_signed(bytes, *int),
        (ValueKind::Bool, Value::Bool(bool)) => bytes.push(u8::from(*bool)),
        (ValueKind::String, Value::String(text)) => put_text(bytes, text),
        (_, value) => put_text(bytes, &value.to_text()),
    }
}

fn read_value(raw: &mut Reader<'_>, kind: ValueKind) -> Result<Value, FormatError> {
    Ok(match kind {
        ValueKind::Float => Value::Float(raw.float()?),
        ValueKind::Int => Value::Int(raw.signed()?),
        ValueKind::Bool => Value::Bool(raw.byte()? != 0),
        ValueKind::String => Value::String(raw.text()?.to_owned()),
        ValueKind::Json => Value::parse(raw.text()?.as_bytes())
            .map_err(|error| raw.malformed(format!("a last value is not JSON: {error}")))?,
    })
}
