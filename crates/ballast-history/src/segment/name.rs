//! Names of Parquet columns.

use arrow::datatypes::DataType;
use ballast_model::MetricName;

use crate::ValueKind;

/// The Parquet column of line numbers.
pub(super) const LINE: &str = "_line";

/// The Parquet column of a key's values of one kind.
///
/// It is the key itself, unless the key has other kinds too in this segment (`is_mixed`), or the kind could not be
/// told from the column's type, or the name alone would be ambiguous: then `#` and the kind follow. The floats of a
/// mixed key have the plain name, since their column has the key's integers, too.
pub(super) fn of_column(name: &MetricName, kind: ValueKind, is_mixed: bool) -> String {
    let text = name.as_str();
    let is_ambiguous = text.is_empty() || text == LINE || text.contains('#');
    let is_mixed = is_mixed && kind != ValueKind::Float;
    if is_mixed || is_ambiguous || kind == ValueKind::Json {
        format!("{text}#{kind}")
    } else {
        text.to_owned()
    }
}

/// The key and kind of a Parquet column, the inverse of [`of_column`]; `None` for the line numbers and for columns
/// that this crate does not write.
pub(super) fn to_column(name: &str, data_type: &DataType) -> Option<(MetricName, ValueKind)> {
    if name == LINE {
        return None;
    }
    let stored = match data_type {
        DataType::Int64 => ValueKind::Int,
        DataType::Float64 => ValueKind::Float,
        DataType::Boolean => ValueKind::Bool,
        DataType::Utf8 => ValueKind::String,
        _ => return None,
    };
    let Some((key, suffix)) = name.rsplit_once('#') else {
        return Some((MetricName::from_stored(name), stored));
    };
    let kind = ValueKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == suffix)?;
    let fits = kind == stored || (kind == ValueKind::Json && stored == ValueKind::String);
    fits.then(|| (MetricName::from_stored(key), kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rows::data_type;

    proptest! {
        #[test]
        fn columns_are_told_from_their_name_and_type(
            name in prop_oneof!["[a#._é]{0,4}", Just("_line".to_owned()), Just("a#int".to_owned())],
            kind in prop::sample::select(&ValueKind::ALL[..]),
            is_mixed: bool,
        ) {
            let name = MetricName::from_stored(name);
            let column = of_column(&name, kind, is_mixed);
            prop_assert_ne!(&column, LINE);
            prop_assert_eq!(to_column(&column, &data_type(kind)), Some((name, kind)));
        }
    }

    #[test]
    fn plain_keys_keep_their_name() {
        let name = MetricName::from_key("loss");
        assert_eq!(of_column(&name, ValueKind::Float, false), "loss");
        assert_eq!(of_column(&name, ValueKind::Float, true), "loss");
        assert_eq!(of_column(&name, ValueKind::Int, true), "loss#int");
        assert_eq!(of_column(&name, ValueKind::Json, false), "loss#json");
        assert_eq!(to_column("_line", &DataType::Int64), None);
        assert_eq!(to_column("x#what", &DataType::Int64), None);
    }
}
