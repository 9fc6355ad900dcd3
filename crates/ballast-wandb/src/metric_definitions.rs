//! What `define_metric` writes into the config: a list of objects whose keys are numbers.

use ballast_model::json::Value;
use ballast_model::{Goal, MetricDefinition, SummaryKind};

const NAME: &str = "1";
const GLOB: &str = "2";
const STEP_METRIC: &str = "4";
/// The step metric as its place in the list, counted from 1.
const STEP_METRIC_INDEX: &str = "5";
const OPTIONS: &str = "6";
const SUMMARY: &str = "7";
const GOAL: &str = "8";

/// The number in [`OPTIONS`] of a metric that automatic panels leave out.
const HIDDEN: i64 = 2;

/// Reads the list `_wandb.value.m`. Entries without a name are left out.
pub(crate) fn from_wire(list: &Value) -> Vec<MetricDefinition> {
    let entries = list.as_list().unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| definition(entry, entries))
        .collect()
}

fn definition(entry: &Value, entries: &[Value]) -> Option<MetricDefinition> {
    let (name, is_glob) = match text(entry, NAME) {
        Some(name) => (name, false),
        None => (text(entry, GLOB)?, true),
    };
    let by_index = || {
        let index = usize::try_from(entry.get(STEP_METRIC_INDEX)?.as_i64()?).ok()?;
        text(entries.get(index.checked_sub(1)?)?, NAME)
    };
    let numbers = |key: &str| {
        let list = entry.get(key).and_then(Value::as_list).unwrap_or_default();
        list.iter().filter_map(Value::as_i64)
    };
    Some(MetricDefinition {
        name,
        is_glob,
        step_metric: by_index().or_else(|| text(entry, STEP_METRIC)),
        hidden: numbers(OPTIONS).any(|option| option == HIDDEN),
        summary: numbers(SUMMARY).filter_map(summary_kind).collect(),
        goal: match entry.get(GOAL).and_then(Value::as_i64) {
            Some(1) => Some(Goal::Minimize),
            Some(2) => Some(Goal::Maximize),
            _ => None,
        },
    })
}

fn text(entry: &Value, key: &str) -> Option<String> {
    let text = entry.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn summary_kind(number: i64) -> Option<SummaryKind> {
    Some(match number {
        1 => SummaryKind::Min,
        2 => SummaryKind::Max,
        3 => SummaryKind::Mean,
        4 => SummaryKind::Best,
        5 => SummaryKind::Last,
        6 => SummaryKind::None,
        7 => SummaryKind::Copy,
        8 => SummaryKind::First,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions(text: &str) -> Vec<MetricDefinition> {
        from_wire(&Value::parse(text.as_bytes()).expect("test lists are valid"))
    }

    fn plain(name: &str) -> MetricDefinition {
        MetricDefinition {
            name: name.to_owned(),
            is_glob: false,
            step_metric: None,
            hidden: false,
            summary: Vec::new(),
            goal: None,
        }
    }

    #[test]
    fn numbers_have_meanings() {
        let list = definitions(
            r#"[{"1":"loss","6":[3],"7":[1,2],"8":1},{"7":[],"1":"hid","6":[3,2]},{"1":"acc","4":"epoch","7":[8,99]},
                {"1":"epoch","6":[3],"7":[]},{"6":[1],"7":[],"2":"val/*","5":4}]"#,
        );
        assert_eq!(
            list,
            [
                MetricDefinition {
                    summary: vec![SummaryKind::Min, SummaryKind::Max],
                    goal: Some(Goal::Minimize),
                    ..plain("loss")
                },
                MetricDefinition {
                    hidden: true,
                    ..plain("hid")
                },
                MetricDefinition {
                    step_metric: Some("epoch".to_owned()),
                    summary: vec![SummaryKind::First],
                    ..plain("acc")
                },
                plain("epoch"),
                MetricDefinition {
                    is_glob: true,
                    step_metric: Some("epoch".to_owned()),
                    ..plain("val/*")
                },
            ]
        );
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(definitions("{}"), []);
        assert_eq!(definitions("null"), []);
        assert_eq!(definitions(r#"[1,{},{"1":7},{"1":""}]"#), []);
        assert_eq!(
            definitions(r#"[{"1":"a","5":9},{"1":"b","5":0},{"1":"c","5":-1}]"#).len(),
            3
        );
    }
}
