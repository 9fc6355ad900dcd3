use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Float64Type, Int64Type};
use arrow::ipc::reader::FileReader;
use ballast_model::MetricName;
use insta::assert_snapshot;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::testing::{batch, keys_of};
use crate::{ScannedRows, ValueKind};

const A: [&str; 4] = [
    r#"{"_step":0,"_timestamp":1.5,"loss":1,"note":"a, \"b\"","val":{"acc":0.5}}"#,
    r#"{"_step":1,"loss":0.1,"id":9007199254740993,"run":7}"#,
    r#"{"_step":2,"loss":NaN,"hist":{"_type":"histogram","values":[1]},"ok":true}"#,
    r#"{"_step":3,"loss":-Infinity,"id":0.5,"note":3}"#,
];

const B: [&str; 2] = [
    r#"{"_step":0,"loss":1e308,"a.b":1,"a":{"b":2}}"#,
    r#"{"_step":9,"loss":5e-324,"x#y":"z"}"#,
];

fn rows(lines: &[&str]) -> ScannedRows {
    ScannedRows {
        lines: (0..lines.len() as u64).collect(),
        batch: batch(lines),
    }
}

fn table(format: TableFormat, runs: &[(&str, &[&str])]) -> Vec<u8> {
    let keys: Vec<_> = runs.iter().flat_map(|(_, lines)| keys_of(lines)).collect();
    let mut writer = TableWriter::new(format, TableColumns::of_keys(&keys), 0).expect("columns");
    let mut bytes = writer.take().to_vec();
    for (run, lines) in runs {
        let rows = rows(lines);
        let mut start = 0;
        while start < rows.lines.len() {
            start = writer.write_from(run, &rows, start).expect("rows");
        }
        bytes.extend(writer.take());
    }
    bytes.extend(writer.finish().expect("an end"));
    bytes
}

#[test]
fn csv_has_every_value_exactly() {
    let bytes = table(TableFormat::Csv, &[("first", &A), ("second", &B)]);
    assert_snapshot!(String::from_utf8(bytes).expect("text"), @r#"
    run,_step,_timestamp,a.b,a\.b,hist,id#int,id,loss#int,loss,note,note#string,ok,run#int,val.acc,x#y#string
    first,0,1.5,,,,,,1,1.0,,"a, ""b""",,,0.5,
    first,1,,,,,9007199254740993,9007199254740992.0,,0.1,,,,7,,
    first,2,,,,"{""_type"":""histogram"",""values"":[1]}",,,,NaN,,,true,,,
    first,3,,,,,,0.5,,-inf,3,,,,,
    second,0,,2,1,,,,,1e308,,,,,,
    second,9,,,,,,,,5e-324,,,,,,z
    "#);
}

#[test]
fn a_table_without_rows_has_its_header() {
    let bytes = table(TableFormat::Csv, &[]);
    assert_eq!(bytes, b"run\n");
}

#[test]
fn integers_get_a_column_of_their_own_only_if_a_float_cannot_hold_them() {
    let labels = |lines: &[&str]| -> Vec<String> {
        let columns = TableColumns::of_keys(&keys_of(lines)).columns;
        columns.into_iter().map(|column| column.label).collect()
    };
    assert_eq!(labels(&[r#"{"a":1}"#, r#"{"a":0.5}"#]), ["a"]);
    let wide = [r#"{"a":9007199254740993}"#, r#"{"a":0.5}"#];
    assert_eq!(labels(&wide), ["a#int", "a"]);
    assert_eq!(labels(&wide[..1]), ["a"]);
    assert_eq!(labels(&[r#"{"a":null}"#]), ["a"]);
    assert_eq!(
        labels(&[r#"{"a":"x"}"#, r#"{"a":true}"#]),
        ["a#bool", "a#string"]
    );
}

#[test]
fn parquet_and_arrow_hold_the_same_table() {
    let runs: [(&str, &[&str]); 2] = [("first", &A), ("second", &B)];
    let arrow = std::io::Cursor::new(table(TableFormat::Arrow, &runs));
    let arrow: Vec<_> = FileReader::try_new(arrow, None)
        .expect("a file")
        .map(|batch| batch.expect("a batch"))
        .collect();
    let arrow = arrow::compute::concat_batches(&arrow[0].schema(), &arrow).expect("one schema");
    let parquet = bytes::Bytes::from(table(TableFormat::Parquet, &runs));
    let parquet: Vec<_> = ParquetRecordBatchReaderBuilder::try_new(parquet)
        .expect("a file")
        .build()
        .expect("a reader")
        .map(|batch| batch.expect("a batch"))
        .collect();
    let parquet =
        arrow::compute::concat_batches(&parquet[0].schema(), &parquet).expect("one schema");
    assert_eq!(arrow.columns().len(), parquet.columns().len());
    assert_eq!(arrow.num_rows(), A.len() + B.len());
    for (a, b) in arrow.columns().iter().zip(parquet.columns()) {
        assert_eq!(a.to_data(), b.to_data());
    }
    let column = |name: &str| arrow.column_by_name(name).expect("a column");
    let runs: Vec<_> = column("run").as_string::<i32>().iter().flatten().collect();
    assert_eq!(
        runs,
        ["first", "first", "first", "first", "second", "second"]
    );
    let losses = column("loss").as_primitive::<Float64Type>();
    assert_eq!(losses.null_count(), 0);
    assert_eq!(losses.value(4).to_bits(), 1e308_f64.to_bits());
    assert_eq!(losses.value(5).to_bits(), 1);
    assert_eq!(
        column("id#int").as_primitive::<Int64Type>().value(1),
        9_007_199_254_740_993
    );
}

#[test]
fn a_wide_table_is_written_in_parts() {
    let lines: Vec<String> = (0..40)
        .map(|step| {
            let cells: Vec<String> = (0..30_000)
                .map(|key| format!(r#""k{key}":{}"#, step * key))
                .collect();
            format!("{{\"_step\":{step},{}}}", cells.join(","))
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let bytes = table(TableFormat::Arrow, &[("wide", &lines)]);
    let reader = FileReader::try_new(std::io::Cursor::new(bytes), None).expect("a file");
    assert!(reader.num_batches() > 1);
    let n_rows: usize = reader.map(|batch| batch.expect("a batch").num_rows()).sum();
    assert_eq!(n_rows, 40);
}

#[test]
fn names_are_kept() {
    let columns = TableColumns::of_keys(&keys_of(&B));
    assert!(columns.names().contains(&MetricName::from_stored("a\\.b")));
    let kinds: Vec<ValueKind> = columns.columns.iter().map(|column| column.kind).collect();
    assert_eq!(columns.len(), kinds.len() + 1);
}

#[test]
fn a_key_that_no_row_of_a_batch_has_is_empty_in_it() {
    let lines = ["{\"a\":1.5,\"t\":\"x\"}", "{\"b\":2.5,\"c\":true}"];
    let keys = keys_of(&lines);
    let batches = [rows(&lines[..1]), rows(&lines[1..])];
    for format in [TableFormat::Csv, TableFormat::Arrow, TableFormat::Parquet] {
        let written = |runs: &[&ScannedRows]| {
            let columns = TableColumns::of_keys(&keys);
            let mut writer = TableWriter::new(format, columns, 4).expect("columns");
            for rows in runs {
                let n_rows = writer.write_from("r", rows, 0).expect("rows");
                assert_eq!(n_rows, rows.lines.len());
            }
            writer.finish().expect("an end")
        };
        let apart = written(&[&batches[0], &batches[1]]);
        match format {
            TableFormat::Csv => {
                let text = std::str::from_utf8(&apart).expect("text");
                assert_eq!(text, "run,a,b,c,t\nr,1.5,,,x\nr,,2.5,true,\n");
            }
            TableFormat::Arrow => {
                let batches =
                    FileReader::try_new(std::io::Cursor::new(apart), None).expect("Arrow");
                let n_empty: Vec<Vec<usize>> = batches
                    .map(|batch| batch.expect("a batch"))
                    .map(|batch| {
                        batch
                            .columns()
                            .iter()
                            .map(arrow::array::Array::null_count)
                            .collect()
                    })
                    .collect();
                assert_eq!(n_empty, [[0, 0, 1, 1, 0], [0, 1, 0, 0, 1]]);
            }
            // Parquet joins the batches; nothing tells how the rows came.
            TableFormat::Parquet => assert_eq!(apart, written(&[&rows(&lines)])),
        }
    }
}

#[test]
fn row_groups_of_a_wide_table_are_so_large_that_the_end_of_the_file_is_as_small_as_was_said() {
    let line = |step: usize| {
        let members =
            (0..600).map(|key| format!("\"key_{key}\":{}", (step * 600 + key) as f64 + 0.1));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let lines: Vec<String> = (0..100).map(line).collect();
    let rows = ScannedRows {
        lines: (0..100).collect(),
        batch: batch(&lines),
    };
    let columns = || TableColumns::of_keys(&keys_of(&lines));
    let n_repeats = 40;
    let n_values = n_repeats * 100 * 600;
    let expected = TableFormat::Parquet.expected_footer_bytes(&columns(), n_values);
    let mut writer = TableWriter::new(TableFormat::Parquet, columns(), n_values).expect("columns");
    for _ in 0..n_repeats {
        let mut start = 0;
        while start < rows.lines.len() {
            start = writer.write_from("run", &rows, start).expect("rows");
            assert!(writer.footer_bytes() <= expected);
        }
    }
    assert!(writer.footer_bytes() > 0, "row groups closed on the way");
    let csv = TableFormat::Csv.expected_footer_bytes(&columns(), n_values);
    assert_eq!(csv, 0);
}
