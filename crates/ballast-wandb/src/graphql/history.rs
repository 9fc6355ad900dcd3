//! Rows of a run, as the client asks for them.

use std::collections::HashMap;

use async_graphql::{Result, SimpleObject};
use ballast_model::json::{Map, Value};
use ballast_model::{MetricName, RunPath};
use ballast_tracking::history::{Row, RowsRequest, SampledRows};
use ballast_tracking::{KeyInfo, Stream, ValueKind};

use super::access::Access;
use super::scalars::{Json, JsonString};
use crate::refusal::Refusal;

/// Rows of a sample where the request names no number.
const DEFAULT_SAMPLES: usize = 500;
/// Most rows of one answer.
const MAX_ROWS: usize = 50_000;
/// Most samples of one request.
const MAX_SPECS: usize = 100;
/// The column that numbers the rows.
const STEP: &str = "_step";

/// Exported history: never offered, so that the client pages.
#[derive(Debug, Clone, Default, SimpleObject)]
#[graphql(name = "ParquetHistory")]
pub(crate) struct ParquetHistory {
    /// Addresses of exported files.
    parquet_urls: Vec<String>,
    /// Rows that are in no file.
    live_data: Vec<Json>,
}

/// A bounded number of rows.
fn row_count(samples: Option<i64>, default: usize) -> usize {
    samples
        .map_or(default, |samples| usize::try_from(samples).unwrap_or(0))
        .min(MAX_ROWS)
}

fn row_text(row: Row) -> JsonString {
    JsonString(Value::Map(row.values).to_text())
}

/// Rows as JSON texts: every row of a window of steps, or an even sample of all.
pub(crate) async fn rows(
    access: &Access,
    run: &RunPath,
    stream: Stream,
    min_step: Option<i64>,
    end_step: Option<i64>,
    samples: Option<i64>,
) -> Result<Vec<JsonString>> {
    let (tracking, caller) = (&access.tracking, &access.caller);
    if min_step.is_some() || end_step.is_some() {
        let request = RowsRequest {
            min_step,
            end_step,
            limit: MAX_ROWS,
            ..RowsRequest::default()
        };
        let texts = tracking.row_texts(caller, run, stream, &request).await?;
        return Ok(texts.into_iter().map(JsonString).collect());
    }
    let request = SampledRows {
        samples: row_count(samples, DEFAULT_SAMPLES),
        ..SampledRows::default()
    };
    let rows = tracking.sampled_rows(caller, run, stream, &request).await?;
    Ok(rows.into_iter().map(row_text).collect())
}

/// The last rows of a stream as a JSON text of JSON texts, for a client that resumes the run.
///
/// It looks for a step in the last of them, so rows behind the last row with a step are left out.
pub(crate) async fn tail(access: &Access, run: &RunPath, stream: Stream) -> Result<JsonString> {
    const LOOK_BACK: usize = 32;
    let rows = access
        .tracking
        .last_rows(&access.caller, run, stream, LOOK_BACK)
        .await?;
    let has_position = |row: &&Row| match stream {
        Stream::History => row.values.contains_key(STEP),
        _ => !row.values.is_empty(),
    };
    let lines = rows
        .iter()
        .rev()
        .find(has_position)
        .map(|row| Value::Map(row.values.clone()).to_text());
    let list = Value::List(lines.into_iter().map(Value::String).collect());
    Ok(JsonString(list.to_text()))
}

/// What a spec of `sampledHistory` asks for.
#[derive(Debug, PartialEq, Eq)]
struct Spec {
    keys: Vec<String>,
    samples: usize,
    min_step: Option<i64>,
    end_step: Option<i64>,
}

impl Spec {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let spec = Value::parse(text.as_bytes()).map_err(|error| {
            Refusal::invalid(format!("a spec of `sampledHistory` is not valid: {error}"))
        })?;
        let int = |key: &str| {
            let value = spec.get(key)?;
            value
                .as_i64()
                .or_else(|| value.as_f64().map(|float| float as i64))
        };
        let mut keys = Vec::new();
        for key in spec
            .get("keys")
            .and_then(Value::as_list)
            .unwrap_or_default()
        {
            if let Some(key) = key.as_str()
                && !keys.iter().any(|known| known == key)
            {
                keys.push(key.to_owned());
            }
        }
        Ok(Self {
            keys,
            samples: row_count(int("samples"), DEFAULT_SAMPLES),
            min_step: int("minStep"),
            end_step: int("maxStep").map(|step| step.saturating_add(1)),
        })
    }
}

/// For each spec, rows that have all of its keys, with nothing but these keys, named as the spec names them.
pub(crate) async fn sampled(access: &Access, run: &RunPath, specs: &[JsonString]) -> Result<Json> {
    if specs.len() > MAX_SPECS {
        return Err(Refusal::invalid(format!("more than {MAX_SPECS} specs in one request")).into());
    }
    let specs = specs
        .iter()
        .map(|spec| Spec::parse(&spec.0))
        .collect::<Result<Vec<_>, _>>()?;
    let mut known = None;
    let mut samples = Vec::with_capacity(specs.len());
    for spec in specs {
        if spec.keys.is_empty() {
            // An agent's controller asks with an empty spec and looks at nothing.
            samples.push(Value::List(Vec::new()));
            continue;
        }
        if known.is_none() {
            known = Some(KeyIndex::read(access, run).await?);
        }
        let index = known.as_ref().expect("read just before");
        samples.push(Value::List(sample(access, run, &spec, index).await?));
    }
    Ok(Json(Value::List(samples)))
}

async fn sample(
    access: &Access,
    run: &RunPath,
    spec: &Spec,
    index: &KeyIndex,
) -> Result<Vec<Value>> {
    let mut columns = Vec::with_capacity(spec.keys.len());
    for key in &spec.keys {
        match index.columns(key) {
            Some(found) => columns.push((key, found)),
            // No row can have all keys.
            None => return Ok(Vec::new()),
        }
    }
    let request = SampledRows {
        keys: Some(
            columns
                .iter()
                .flat_map(|(_, column)| column.names.clone())
                .collect(),
        ),
        min_step: spec.min_step,
        end_step: spec.end_step,
        samples: spec.samples,
    };
    let rows = access
        .tracking
        .sampled_rows(&access.caller, run, Stream::History, &request)
        .await?;
    let pick = |row: Row| {
        let values = columns.iter().map(|(key, column)| {
            let value = value_at(&row.values, &column.path).cloned();
            ((*key).clone(), value.unwrap_or_default())
        });
        Value::Map(values.collect())
    };
    Ok(rows.into_iter().map(pick).collect())
}

fn value_at<'a>(row: &'a Map, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(row.get(first)?, |value, key| value.get(key))
}

/// The columns that a key of the wire stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    /// Where the value is in a row.
    path: Vec<String>,
    /// The stored columns that make it up: several if it is an object.
    names: Vec<MetricName>,
}

/// Finds columns by the names of the wire, in which a dot is a border or part of a key.
struct KeyIndex {
    by_dotted: HashMap<String, MetricName>,
    names: Vec<MetricName>,
}

impl KeyIndex {
    async fn read(access: &Access, run: &RunPath) -> Result<Self> {
        let keys = access
            .tracking
            .history_keys(&access.caller, run, Stream::History)
            .await?;
        Ok(Self::new(keys.into_iter().map(|key| key.name).collect()))
    }

    fn new(names: Vec<MetricName>) -> Self {
        let by_dotted = names
            .iter()
            .map(|name| (name.dotted(), name.clone()))
            .collect();
        Self { by_dotted, names }
    }

    fn columns(&self, key: &str) -> Option<Column> {
        if let Some(name) = self.by_dotted.get(key) {
            return Some(Column {
                path: name.path().keys().to_vec(),
                names: vec![name.clone()],
            });
        }
        // An object that was logged whole is stored by its leaves.
        let mut column: Option<Column> = None;
        for name in &self.names {
            let path = name.path();
            let keys = path.keys();
            let Some(depth) = (1..keys.len()).find(|&depth| keys[..depth].join(".") == key) else {
                continue;
            };
            let column = column.get_or_insert_with(|| Column {
                path: keys[..depth].to_vec(),
                names: Vec::new(),
            });
            if column.path == keys[..depth] {
                column.names.push(name.clone());
            }
        }
        column
    }
}

/// `historyKeys`: the last step, and every logged key with its last value.
pub(crate) async fn keys(access: &Access, run: &RunPath) -> Result<Json> {
    let keys = access
        .tracking
        .history_keys(&access.caller, run, Stream::History)
        .await?;
    Ok(Json(keys_to_wire(&keys)))
}

fn keys_to_wire(infos: &[KeyInfo]) -> Value {
    let object = |members: Vec<(&str, Value)>| {
        Value::Map(
            members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    };
    let last_step = infos
        .iter()
        .filter_map(|info| info.last_step)
        .max()
        .unwrap_or(-1);
    let mut keys = Map::with_capacity(infos.len());
    for info in infos {
        let mut counts: Vec<(&str, u64)> = Vec::new();
        for &(kind, count) in &info.kinds {
            let name = kind_name(kind);
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, n)) => *n += count,
                None => counts.push((name, count)),
            }
        }
        let type_counts = counts.into_iter().map(|(name, count)| {
            object(vec![
                ("type", Value::from(name)),
                ("count", Value::Int(count as i64)),
            ])
        });
        let entry = object(vec![
            ("typeCounts", Value::List(type_counts.collect())),
            ("previousValue", info.last.clone().unwrap_or_default()),
        ]);
        keys.insert(info.name.dotted(), entry);
    }
    object(vec![
        ("lastStep", Value::Int(last_step)),
        ("keys", Value::Map(keys)),
        ("sets", Value::List(Vec::new())),
    ])
}

fn kind_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Int | ValueKind::Float => "number",
        ValueKind::Bool => "boolean",
        ValueKind::String => "string",
        ValueKind::Json => "object",
    }
}

/// The last value of every system metric.
pub(crate) async fn system_metrics(access: &Access, run: &RunPath) -> Result<JsonString> {
    let keys = access
        .tracking
        .history_keys(&access.caller, run, Stream::System)
        .await?;
    let metrics = keys.into_iter().filter_map(|key| {
        let name = key.name.dotted();
        Some((name, key.last?)).filter(|(name, _)| !name.starts_with('_'))
    });
    Ok(JsonString(Value::Map(metrics.collect()).to_text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &[&str]) -> MetricName {
        ballast_model::MetricPath::new(path.iter().map(|&key| key.to_owned()).collect()).name()
    }

    #[test]
    fn specs_are_read_leniently() {
        let spec =
            Spec::parse(r#"{"keys":["_step","a","a",7],"samples":10,"minStep":2,"maxStep":4}"#)
                .expect("valid");
        let keys = vec!["_step".to_owned(), "a".to_owned()];
        assert_eq!(
            spec,
            Spec {
                keys,
                samples: 10,
                min_step: Some(2),
                end_step: Some(5)
            }
        );
        let spec = Spec::parse("{}").expect("valid");
        assert_eq!((spec.keys.len(), spec.samples), (0, DEFAULT_SAMPLES));
        assert!(Spec::parse("{").is_err());
        assert_eq!(Spec::parse(r#"{"samples":-1}"#).expect("valid").samples, 0);
        assert_eq!(
            Spec::parse(r#"{"samples":99999999}"#)
                .expect("valid")
                .samples,
            MAX_ROWS
        );
    }

    #[test]
    fn keys_name_leaves_literal_dots_and_whole_objects() {
        let index = KeyIndex::new(vec![
            name(&["loss"]),
            name(&["d", "x"]),
            name(&["d", "y.z"]),
            name(&["a.b"]),
        ]);
        let column = |key: &str| index.columns(key).expect("is known");
        assert_eq!(column("loss").path, ["loss"]);
        assert_eq!(column("d.x").path, ["d", "x"]);
        assert_eq!(column("d.y.z").path, ["d", "y.z"]);
        assert_eq!(column("a.b").path, ["a.b"]);
        assert_eq!(
            column("d"),
            Column {
                path: vec!["d".to_owned()],
                names: vec![name(&["d", "x"]), name(&["d", "y.z"])]
            }
        );
        assert_eq!(index.columns("a"), None);
        assert_eq!(index.columns("e"), None);
    }

    #[test]
    fn values_are_found_by_path() {
        let Ok(Value::Map(row)) = Value::parse(br#"{"d":{"x":1}}"#) else {
            panic!("an object")
        };
        let path = ["d".to_owned(), "x".to_owned()];
        assert_eq!(value_at(&row, &path), Some(&Value::Int(1)));
        assert_eq!(value_at(&row, &["e".to_owned()]), None);
    }

    #[test]
    fn keys_tell_their_last_value_and_kinds() {
        let info = |name: MetricName, kinds, last_step, last| KeyInfo {
            name,
            kinds,
            first_step: Some(0),
            last_step,
            last,
            min: None,
            max: None,
            types: Vec::new(),
        };
        let infos = [
            info(
                name(&["loss"]),
                vec![(ValueKind::Int, 1), (ValueKind::Float, 2)],
                Some(2),
                Some(Value::Float(0.5)),
            ),
            info(
                name(&["d", "x"]),
                vec![(ValueKind::String, 1)],
                Some(7),
                Some(Value::from("s")),
            ),
        ];
        insta::assert_snapshot!(
            keys_to_wire(&infos).to_text(),
            @r#"{"lastStep":7,"keys":{"loss":{"typeCounts":[{"type":"number","count":3}],"previousValue":0.5},"d.x":{"typeCounts":[{"type":"string","count":1}],"previousValue":"s"}},"sets":[]}"#
        );
        assert_eq!(
            keys_to_wire(&[]).to_text(),
            r#"{"lastStep":-1,"keys":{},"sets":[]}"#
        );
    }
}
