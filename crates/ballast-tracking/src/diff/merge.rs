//! The comparison that all others are made of: two sorted lists, entry by entry, in one pass.

use std::cmp::Ordering;

use ballast_model::json::{Map, Value};

/// How an entry differs between two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change<K, V> {
    /// Both have it, and it is the same.
    Same,
    /// Only the right list has it.
    Added(K, V),
    /// Only the left list has it.
    Removed(K, V),
    /// Both have it with different values.
    Changed(K, V, V),
}

/// Compares two lists that are sorted by key and have no key twice. Gives a change for each key of either, by key.
pub(super) fn merge<K: Ord, V>(
    left: impl IntoIterator<Item = (K, V)>,
    right: impl IntoIterator<Item = (K, V)>,
    is_same: impl Fn(&V, &V) -> bool,
) -> impl Iterator<Item = Change<K, V>> {
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        Some(match order {
            Ordering::Less => {
                let (key, value) = left.next()?;
                Change::Removed(key, value)
            }
            Ordering::Greater => {
                let (key, value) = right.next()?;
                Change::Added(key, value)
            }
            Ordering::Equal => {
                let ((key, old), (_, new)) = (left.next()?, right.next()?);
                if is_same(&old, &new) {
                    Change::Same
                } else {
                    Change::Changed(key, old, new)
                }
            }
        })
    })
}

/// Whether two values are the same: numbers exactly, NaN with itself.
pub(super) fn is_same_value(left: &Value, right: &Value) -> bool {
    left == right || left.to_text() == right.to_text()
}

/// The leaves of nested objects, by their paths joined with dots, sorted by path. Lists and empty objects are leaves.
pub(super) fn leaves(map: &Map) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    add_leaves(map, "", &mut leaves);
    sorted(leaves)
}

fn add_leaves(map: &Map, prefix: &str, leaves: &mut Vec<(String, Value)>) {
    for (key, value) in map {
        let path = format!("{prefix}{key}");
        match value {
            Value::Map(inner) if !inner.is_empty() => {
                add_leaves(inner, &format!("{path}."), leaves);
            }
            value => leaves.push((path, value.clone())),
        }
    }
}

/// The entries by key. Of entries with the same key, which a literal dot can bring about, the last stays.
pub(super) fn sorted<V>(mut entries: Vec<(String, V)>) -> Vec<(String, V)> {
    entries.reverse();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.dedup_by(|(later, _), (earlier, _)| later == earlier);
    entries
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn map(text: &str) -> Map {
        match Value::parse(text.as_bytes()) {
            Ok(Value::Map(map)) => map,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nested_members_are_leaves_by_path() {
        let found = leaves(&map(
            r#"{"b":{"y":[1],"x":NaN,"e":{}},"a":1,"b.x":2,"c":null}"#,
        ));
        let texts: Vec<String> = found
            .iter()
            .map(|(path, value)| format!("{path}={}", value.to_text()))
            .collect();
        assert_eq!(texts, ["a=1", "b.e={}", "b.x=2", "b.y=[1]", "c=null"]);
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let value = |text: &str| Value::parse(text.as_bytes()).expect("valid");
        assert!(is_same_value(&value("NaN"), &value("NaN")));
        assert!(is_same_value(&value("[1,NaN]"), &value("[1,NaN]")));
        assert!(!is_same_value(&value("1"), &value("1.0")));
        assert!(!is_same_value(&value("0.1"), &value("0.10000000000000002")));
    }

    proptest! {
        #[test]
        fn changes_lead_from_left_to_right(
            left: BTreeMap<u8, u8>,
            right: BTreeMap<u8, u8>,
        ) {
            let mut made = left.clone();
            let (mut n_same, mut last) = (0, None);
            for change in merge(left.clone(), right.clone(), u8::eq) {
                let key = match change {
                    Change::Same => {
                        n_same += 1;
                        continue;
                    }
                    Change::Added(key, value) => {
                        prop_assert_eq!(made.insert(key, value), None);
                        key
                    }
                    Change::Removed(key, value) => {
                        prop_assert_eq!(made.remove(&key), Some(value));
                        key
                    }
                    Change::Changed(key, old, new) => {
                        prop_assert_ne!(old, new);
                        prop_assert_eq!(made.insert(key, new), Some(old));
                        key
                    }
                };
                prop_assert!(last < Some(key));
                last = Some(key);
            }
            prop_assert_eq!(&made, &right);
            let shared = left.iter().filter(|(key, value)| right.get(*key) == Some(*value));
            prop_assert_eq!(n_same, shared.count());
        }
    }
}
