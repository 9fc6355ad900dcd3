//! Segments read back as the chunks they were folded from.

use std::sync::Arc;

use ballast_model::MetricName;
use ballast_model::json::Value;
use futures::stream::TryStreamExt;
use proptest::prelude::*;

use super::*;
use crate::testing::{Store, batch, block_on, canonical, canonical_line, lines, segment_part};
use crate::{
    Engine, FormatError, KeyInfo, Part, Projection, ReadError, RowFilter, Scan, ScannedRows, View,
};

fn scan(engine: &Engine, view: &[Part], scan: Scan) -> Vec<ScannedRows> {
    block_on(engine.scan(view, scan).try_collect()).expect("reads")
}

/// Line and row of everything that a scan returns.
fn rows(engine: &Engine, view: &[Part], what: Scan) -> Vec<(u64, String)> {
    let mut rows = Vec::new();
    for part in scan(engine, view, what) {
        let maps = part
            .batch
            .rows()
            .into_iter()
            .map(|row| canonical(&Value::Map(row)));
        rows.extend(part.lines.into_iter().zip(maps));
    }
    rows
}

fn all() -> Scan {
    Scan::new(Projection::All)
}

fn fold(engine: &Engine, view: &[Part], key: &str) -> Option<Part> {
    let segment = block_on(engine.fold(view, key)).expect("folds")?;
    let checked = engine.verify_segment(key, &segment.index, &segment.checksum);
    block_on(checked).expect("as written");
    Some(segment_part(&segment))
}

/// Lines in chunks, some lines masked, some parts with a gap before them.
fn views() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<usize>, u64, u64)> {
    lines(0..24).prop_flat_map(|lines| {
        let n = lines.len();
        let borders = prop::collection::vec(0..=n, 0..4);
        (Just(lines), borders, 0..=n as u64, 0..3_u64)
    })
}

/// Parts of the lines, the first `n_visible` of them visible, each part `gap` lines after the one before.
fn view_of(store: &Store, lines: &[Vec<u8>], borders: &[usize], n_visible: u64, gap: u64) -> View {
    let mut view = store.add_lines(lines, borders);
    for (index, part) in view.iter_mut().enumerate() {
        let shift = gap * index as u64;
        part.visible =
            part.first_line + shift..part.end_line.min(n_visible).max(part.first_line) + shift;
        part.first_line += shift;
        part.end_line += shift;
    }
    view
}

/// What is known of keys, as text, so that NaN equals NaN.
fn keys_text(engine: &Engine, view: &[Part]) -> Vec<String> {
    let keys: Vec<KeyInfo> = block_on(engine.keys(view)).expect("reads");
    keys.iter().map(|key| format!("{key:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_segment_reads_as_its_chunks((lines, borders, n_visible, gap) in views()) {
        let store = Arc::new(Store::default());
        let engine = store.engine();
        let view = view_of(&store, &lines, &borders, n_visible, gap);
        let expected = rows(&engine, &view, all());
        let texts: Vec<&String> = expected.iter().map(|row| &row.1).collect();
        let visible = lines.iter().take(n_visible as usize).map(|line| canonical_line(line));
        let sent: Vec<String> = visible.filter(|line| line != "{}").collect();
        prop_assert_eq!(texts, sent.iter().collect::<Vec<_>>());

        let Some(part) = fold(&engine, &view, "a") else {
            prop_assert!(expected.is_empty());
            return Ok(());
        };
        let folded = vec![part];
        prop_assert_eq!(&rows(&engine, &folded, all()), &expected);
        prop_assert_eq!(keys_text(&engine, &folded), keys_text(&engine, &view));
        // A segment of a segment and what follows.
        let again = vec![fold(&engine, &folded, "b").expect("has rows")];
        prop_assert_eq!(&rows(&engine, &again, all()), &expected);
        for (a, b) in [(&view, &folded), (&folded, &again)] {
            for n in [0, 1, 3, 100] {
                let last = |view: &View| {
                    block_on(engine.last_rows(view, n, &Projection::All)).expect("reads")
                };
                prop_assert_eq!(last(a), last(b));
                prop_assert_eq!(last(a).lines.len(), n.min(expected.len()));
            }
        }
    }

    #[test]
    fn scans_of_some_rows_and_keys_agree(
        (lines, borders, n_visible, gap) in views(),
        names in prop::collection::vec("[ab]|loss|_step", 0..3),
        required in prop::collection::vec("[ab]|loss", 0..3),
        filter in 0..3,
        steps in (prop::option::of(any::<i64>()), prop::option::of(any::<i64>())),
    ) {
        let store = Arc::new(Store::default());
        let engine = store.engine();
        let view = view_of(&store, &lines, &borders, n_visible, gap);
        let name = |name: &String| MetricName::from_key(name);
        let required: Vec<MetricName> = required.iter().map(name).collect();
        let what = Scan {
            keys: Projection::only(names.iter().map(name)),
            rows: match filter {
                0 => RowFilter::Any,
                1 => RowFilter::AnyOf(required.clone()),
                _ => RowFilter::AllOf(required.clone()),
            },
            min_step: steps.0,
            end_step: steps.1,
            is_once: false,
        };
        let expected: Vec<(u64, String)> = scan(&engine, &view, all())
            .into_iter()
            .flat_map(|rows| (0..rows.lines.len()).map(|row| (rows.lines[row], rows.batch.slice(row..row + 1))).collect::<Vec<_>>())
            .filter_map(|(line, mut row)| {
                let has = |name: &MetricName| !row.columns_of(name).is_empty();
                let keep = match filter {
                    0 => true,
                    1 => required.iter().any(has),
                    _ => required.iter().all(has),
                };
                let step = row.step_range().map(|range| range.0);
                let in_steps = (steps.0.is_none() && steps.1.is_none())
                    || step.is_some_and(|step| {
                        steps.0.is_none_or(|min| min <= step) && steps.1.is_none_or(|end| step < end)
                    });
                row.retain_columns(|column| what.keys.contains(column.name()));
                let text = canonical(&Value::Map(row.row(0)));
                (keep && in_steps && !row.columns().is_empty()).then_some((line, text))
            })
            .collect();
        prop_assert_eq!(&rows(&engine, &view, what.clone()), &expected);
        if let Some(part) = fold(&engine, &view, "s") {
            let part = [part];
            let once = Scan { is_once: true, ..what.clone() };
            prop_assert_eq!(&rows(&engine, &part, once), &expected);
            prop_assert_eq!(&rows(&engine, &part, what.clone()), &expected);
            // Now some columns are in the cache and some are not, then all.
            let whole = rows(&engine, &view, all());
            prop_assert_eq!(&rows(&engine, &part, all()), &whole);
            prop_assert_eq!(&rows(&engine, &part, all()), &whole);
            prop_assert_eq!(&rows(&engine, &part, what), &expected);
        }
    }

    #[test]
    fn a_damaged_object_is_refused(lines in lines(2..8), at: prop::sample::Index, bit in 0..8_u32) {
        let store = Arc::new(Store::default());
        let engine = store.engine();
        let view = store.add_lines(&lines, &[]);
        let Some(segment) = block_on(engine.fold(&view, "s")).expect("folds") else {
            return Ok(());
        };
        let expected = rows(&engine, &view, all());
        for (key, bytes) in store.objects() {
            let mut damaged = bytes.to_vec();
            let at = at.index(damaged.len());
            damaged[at] ^= 1 << bit;
            store.put_object(&key, damaged.into());
            let error = block_on(engine.verify_segment("s", &segment.index, &segment.checksum));
            prop_assert!(error.unwrap_err().to_string().contains(&key));
            // A read either meets the damage and says so, or does not need the damaged bytes.
            let fresh = store.engine();
            let scan = fresh.scan(&[segment_part(&segment)], all()).try_collect::<Vec<_>>();
            if let Ok(read) = block_on(scan) {
                let read = ScannedRows::concat(&read);
                prop_assert_eq!(read.lines.len(), expected.len());
                for (row, (_, text)) in expected.iter().enumerate() {
                    prop_assert_eq!(&canonical(&Value::Map(read.batch.row(row))), text);
                }
            }
            store.put_object(&key, bytes);
        }
        let mut index = segment.index.to_vec();
        let at = at.index(index.len());
        index[at] ^= 1 << bit;
        prop_assert!(segment_object_keys("s", &index).is_err());
    }

    #[test]
    fn a_malformed_directory_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut sealed = b"BLSG\x01".to_vec();
        sealed.extend_from_slice(&bytes);
        let crc = crc32fast::hash(&sealed);
        sealed.extend_from_slice(&crc.to_le_bytes());
        let _ = Directory::decode(&sealed);
    }
}

/// Rows that log 1,500 keys: two thirds of them sparsely, some of two kinds.
fn wide_lines() -> Vec<String> {
    (0..60)
        .map(|step| {
            let keys = (0..1500).filter(|key| key % 3 == 0 || key % 60 == step);
            let members: Vec<String> = keys
                .map(|key| match (key + step) % 7 {
                    0 => format!("\"k{key}\":{step}"),
                    _ => format!("\"k{key}\":{step}.25"),
                })
                .collect();
            match step {
                10 => "{}".to_owned(),
                20 => r#"{"_step":20}"#.to_owned(),
                _ => format!(
                    "{{\"_step\":{step},\"_runtime\":{step}.5,{}}}",
                    members.join(",")
                ),
            }
        })
        .collect()
}

#[test]
fn a_wide_segment_has_several_objects_and_reads_the_same() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let lines = wide_lines();
    let view = store.add_lines(&lines, &[7, 30]);
    let segment = block_on(engine.fold(&view, "w"))
        .expect("folds")
        .expect("has rows");
    let keys = segment_object_keys("w", &segment.index).expect("sound");
    assert!(keys.len() > 4, "{keys:?}");
    assert_eq!(keys, store.objects().into_keys().collect::<Vec<_>>());
    assert_eq!(segment.steps, Some((0, 59)));
    assert_eq!((segment.first_line, segment.end_line), (0, 60));
    let n_bytes: usize = store.objects().values().map(bytes::Bytes::len).sum();
    assert_eq!(segment.n_bytes, n_bytes as u64);

    let folded = vec![segment_part(&segment)];
    assert_eq!(rows(&engine, &folded, all()), rows(&engine, &view, all()));
    assert_eq!(keys_text(&engine, &folded), keys_text(&engine, &view));
    let name = MetricName::from_key;
    for names in [
        vec!["k7"],
        vec!["k7", "_step"],
        vec!["_step"],
        vec!["k1", "k999", "_step", "_runtime"],
        vec!["none"],
        vec![],
    ] {
        for filter in [
            RowFilter::Any,
            RowFilter::AnyOf(vec![name("k7"), name("k999")]),
        ] {
            let what = Scan {
                rows: filter,
                min_step: Some(5),
                ..Scan::new(Projection::only(names.iter().copied().map(name)))
            };
            assert_eq!(
                rows(&engine, &folded, what.clone()),
                rows(&engine, &view, what.clone()),
                "{what:?}"
            );
        }
    }
    let again = fold(&engine, &folded, "again").expect("has rows");
    assert_eq!(rows(&engine, &[again], all()), rows(&engine, &view, all()));
}

#[test]
fn row_groups_close_at_their_limits() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let lines: Vec<String> = (0..300_000)
        .map(|step| format!("{{\"_step\":{step}}}"))
        .collect();
    let view = store.add_lines(&lines, &[100_000, 200_000]);
    let segment = block_on(engine.fold(&view, "s"))
        .expect("folds")
        .expect("has rows");
    let directory = Directory::decode(&segment.index).expect("sound");
    let groups = &directory.objects[0].row_groups;
    let sizes: Vec<u64> = groups.iter().map(|group| group.n_rows).collect();
    assert_eq!(sizes, [65_536, 65_536, 65_536, 65_536, 37_856]);
    assert_eq!(groups[4].steps, Some((262_144, 299_999)));
    let tail = Scan {
        min_step: Some(299_998),
        ..all()
    };
    let tail = rows(&engine, &[segment_part(&segment)], tail);
    assert_eq!(
        tail,
        [
            (299_998, r#"{"_step":299998}"#.to_owned()),
            (299_999, r#"{"_step":299999}"#.to_owned())
        ]
    );
    let folded = [segment_part(&segment)];
    let last = engine.last_rows(&folded, 2, &Projection::All);
    assert_eq!(block_on(last).expect("reads").lines, [299_998, 299_999]);
}

#[test]
fn nothing_is_written_for_rows_without_values() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let view = store.add_lines(&["{}", "{}"], &[1]);
    assert_eq!(block_on(engine.fold(&view, "s")).expect("folds"), None);
    assert_eq!(block_on(engine.fold(&[], "s")).expect("folds"), None);
    assert!(store.objects().is_empty());
    assert_eq!(rows(&engine, &view, all()), []);
}

#[test]
fn keys_tell_kinds_steps_last_value_and_types() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let view = store.add_lines(
        &[
            r#"{"_step":0,"loss":3,"img":{"_type":"image-file","path":"a"}}"#,
            r#"{"_step":1,"loss":NaN,"d":{"x":true}}"#,
            r#"{"_step":5,"loss":0.5,"img":{"_type":"images/separated","count":2}}"#,
            r#"{"_step":6,"text":"hello"}"#,
        ],
        &[1, 2],
    );
    let keys = block_on(engine.keys(&view)).expect("reads");
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["_step", "d.x", "img", "loss", "text"]);
    let loss = &keys[3];
    assert_eq!(
        loss.kinds,
        [(crate::ValueKind::Int, 1), (crate::ValueKind::Float, 2)]
    );
    assert_eq!((loss.first_step, loss.last_step), (Some(0), Some(5)));
    assert_eq!((loss.min, loss.max), (Some(0.5), Some(3.0)));
    assert_eq!(loss.last, Some(Value::Float(0.5)));
    assert_eq!(keys[2].types, ["image-file", "images/separated"]);
    assert_eq!(keys[4].last, Some(Value::from("hello")));
    // Masked lines do not count.
    let mut masked = view;
    masked[2].visible.end = 3;
    let keys = block_on(engine.keys(&masked)).expect("reads");
    assert_eq!(keys.len(), 4);
}

#[test]
fn damage_and_loss_are_told_apart() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let view = store.add_lines(&[r#"{"a":1}"#], &[]);
    let segment = block_on(engine.fold(&view, "s"))
        .expect("folds")
        .expect("has rows");
    store.damage_chunk(0);
    let scan = |view: &[Part]| {
        block_on(engine.scan(view, all()).try_collect::<Vec<_>>()).expect_err("is damaged")
    };
    assert!(matches!(
        scan(&view),
        ReadError::Chunk {
            key: 0,
            source: FormatError::Checksum { .. }
        }
    ));
    let mut elsewhere = segment_part(&segment);
    elsewhere.source = crate::PartSource::Segment {
        object_key: "gone".to_owned(),
        index: segment.index.clone(),
    };
    let error = scan(&[elsewhere]);
    let ReadError::Source(source) = error else {
        panic!("{error:?}")
    };
    assert_eq!(source.to_string(), "`gone/0.parquet` is not stored");
    let error = block_on(engine.verify_segment("s", &segment.index, &[0; 32])).unwrap_err();
    assert_eq!(error.to_string(), "segment object `s` is damaged");
}

/// Parquet columns have the names that the format page promises.
#[test]
fn parquet_columns_are_named_as_documented() {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let store = Arc::new(Store::default());
    let engine = store.engine();
    let lines = [
        r#"{"_step":0,"loss":0.5,"a":1,"d":{"x":true},"h":{"_type":"histogram"}}"#,
        r#"{"a":1.5,"s":"t"}"#,
    ];
    let view = store.add_lines(&lines, &[]);
    fold(&engine, &view, "s");
    let object = store.objects()["s/0.parquet"].clone();
    let reader = ParquetRecordBatchReaderBuilder::try_new(object).expect("Parquet");
    let fields = reader.schema().fields().iter();
    let columns: Vec<String> = fields
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    assert_eq!(
        columns,
        [
            "_line Int64",
            "_step Int64",
            "a#int Int64",
            "a Float64",
            "d.x Boolean",
            "h#json Utf8",
            "loss Float64",
            "s Utf8"
        ]
    );
    assert_eq!(batch(&lines).n_rows(), 2);
}
