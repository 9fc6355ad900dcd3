//! What the tests share: rows of every shape, and stores in memory.

use ballast_model::json::{Map, Value};
use proptest::prelude::*;

use crate::{ParseLimits, RowBatch, parse_rows};

/// Parses lines that are all sound.
pub(crate) fn batch(lines: &[impl AsRef<[u8]>]) -> RowBatch {
    let parsed = parse_rows(lines.iter().map(AsRef::as_ref), &ParseLimits::default());
    assert_eq!(parsed.rejected, [], "test lines are sound");
    parsed.batch
}

/// The value's text with the keys of every object sorted: equal for equal values, NaN and -0.0 included.
pub(crate) fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::List(items) => items.iter().map(sorted).collect::<Vec<_>>().into(),
            Value::Map(map) => {
                let mut members: Vec<_> = map
                    .iter()
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                members.into_iter().collect::<Map>().into()
            }
            leaf => leaf.clone(),
        }
    }
    sorted(value).to_text()
}

/// What a line says, keys sorted.
pub(crate) fn canonical_line(line: &[u8]) -> String {
    canonical(&Value::parse(line).expect("a sound line"))
}

/// Keys that meet again and again, some of them awkward.
pub(crate) fn keys() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "loss",
        "a",
        "a.b",
        "b",
        "train/acc",
        "é",
        "😀",
        "",
        ".",
        "\\",
        "_step",
        "_type",
        "a\\.b",
        "quote\"d",
        "_line",
    ])
    .prop_map(str::to_owned)
}

/// Values that have no members.
pub(crate) fn leaves() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<f64>().prop_map(Value::Float),
        2 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324,
        ]).prop_map(Value::Float),
        2 => any::<i64>().prop_map(Value::Int),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1]).prop_map(Value::Int),
        1 => "-?[1-9][0-9]{19,30}".prop_map(|digits| Value::Big(digits.into())),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => ".{0,8}".prop_map(Value::String),
        1 => Just(Value::Map(Map::new())),
        1 => Just(Value::List(Vec::new())),
    ]
}

/// Values of every kind, some of them objects of objects.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    leaves().prop_recursive(4, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            members(inner, 0..5).prop_map(Value::Map),
        ]
    })
}

/// Objects.
pub(crate) fn members(
    values: impl Strategy<Value = Value>,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Map> {
    prop::collection::vec((keys(), values), size).prop_map(|members| members.into_iter().collect())
}

/// Lines of rows that have some keys in common, in shuffled order.
pub(crate) fn lines(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let row = members(values(), 0..8).prop_map(|map| Value::Map(map).to_text().into_bytes());
    prop::collection::vec(row, size)
}
