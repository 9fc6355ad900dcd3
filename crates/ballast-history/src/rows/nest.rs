//! Rows back from columns.

use ballast_model::MetricPath;
use ballast_model::json::{Map, Value};

/// Puts `value` at `path`, making the objects on the way.
///
/// No two paths of one row go through each other's value, since the parser resolves repeated keys; should a batch
/// hold such a row all the same, the later path wins.
pub(super) fn insert(row: &mut Map, path: &MetricPath, value: Value) {
    let (last, parents) = path.keys().split_last().expect("a path has a key");
    let mut map = row;
    for key in parents {
        let member = map.entry(key.clone()).or_default();
        if !matches!(member, Value::Map(_)) {
            *member = Value::Map(Map::new());
        }
        let Value::Map(inner) = member else {
            unreachable!("made an object above")
        };
        map = inner;
    }
    map.insert(last.clone(), value);
}
