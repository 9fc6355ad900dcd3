use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float32Array, Float64Array, Int8Array, Int64Array, ListArray, MapBuilder,
    NullArray, RecordBatch, StringArray, StringBuilder, StructArray, TimestampMicrosecondArray,
    UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, UInt8Type};
use insta::assert_snapshot;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};

use super::*;
use crate::testing::{Store, block_on};

const KEY: &str = "file.parquet";

fn written(batch: &RecordBatch, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let mut file = Vec::new();
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), properties).expect("a schema");
    writer.write(batch).expect("rows");
    writer.close().expect("a footer");
    file
}

fn read(file: &[u8], from: u64, limit: usize) -> Result<ParquetRows, ParquetFileError> {
    let store = Arc::new(Store::default());
    store.put_object(KEY, Bytes::copy_from_slice(file));
    let engine = store.engine();
    block_on(engine.read_parquet_file(KEY, file.len() as u64, from, limit))
}

/// Rows as `names | rows | total`, a row in a line.
fn shown(rows: &ParquetRows) -> String {
    let lines = rows
        .rows
        .iter()
        .map(|row| Value::List(row.clone()).to_text());
    let lines: Vec<String> = lines.collect();
    format!(
        "{}\n{}\n{} rows",
        rows.columns.join(" "),
        lines.join("\n"),
        rows.total
    )
}

/// A table of one column `n` of the numbers `0..n_rows`.
fn numbers(n_rows: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..n_rows));
    RecordBatch::try_from_iter([("n", numbers)]).expect("a table")
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY)
}

fn every_type() -> RecordBatch {
    let lists = [Some(vec![Some(1), None]), None, Some(vec![])];
    let inner: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists));
    let members = [
        (
            Arc::new(Field::new("list", inner.data_type().clone(), true)),
            Arc::clone(&inner),
        ),
        (
            Arc::new(Field::new("text", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("x"), Some("ü"), None])) as ArrayRef,
        ),
    ];
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("k");
    map.values().append_value("v");
    map.append(true).expect("a map");
    map.append(false).expect("no map");
    map.append(true).expect("an empty map");
    let dictionary: DictionaryArray<UInt8Type> = ["low", "high", "low"].into_iter().collect();
    let decimals = Decimal128Array::from(vec![Some(1250), Some(-5), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "bool",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        ("int8", Arc::new(Int8Array::from(vec![-128, 0, 127]))),
        (
            "int64",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)])),
        ),
        ("uint64", Arc::new(UInt64Array::from(vec![0, 1, u64::MAX]))),
        (
            "float",
            Arc::new(Float32Array::from(vec![0.1, f32::NAN, 3e38])),
        ),
        (
            "double",
            Arc::new(Float64Array::from(vec![0.1, f64::NEG_INFINITY, -0.0])),
        ),
        (
            "text",
            Arc::new(StringArray::from(vec![Some("a, \"b\""), None, Some("")])),
        ),
        (
            "bytes",
            Arc::new(BinaryArray::from(vec![&b"text"[..], &[0, 255], &[1; 40]])),
        ),
        (
            "fixed",
            Arc::new(FixedSizeBinaryArray::try_from_iter([[0xca, 0xfe]; 3].iter()).expect("bytes")),
        ),
        ("category", Arc::new(dictionary)),
        ("null", Arc::new(NullArray::new(3))),
        ("date", Arc::new(Date32Array::from(vec![0, 20000, -1]))),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(1_500_000),
                None,
                Some(-1),
            ])),
        ),
        (
            "time_utc",
            Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2]).with_timezone("UTC")),
        ),
        (
            "decimal",
            Arc::new(decimals.with_precision_and_scale(9, 2).expect("a decimal")),
        ),
        ("struct", Arc::new(StructArray::from(members.to_vec()))),
        ("map", Arc::new(map.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .expect("a table")
}

#[test]
fn every_type_becomes_json() {
    let file = written(&every_type(), properties());
    assert_snapshot!(shown(&read(&file, 0, 10).expect("read")), @r#"
    bool int8 int64 uint64 float double text bytes fixed category null date time time_utc decimal struct map
    [true,-128,-9223372036854775808,0,0.1,0.1,"a, \"b\"","text","0xcafe","low",null,"1970-01-01","1970-01-01T00:00:01.500","1970-01-01T00:00:00Z","12.50",{"list":[1,null],"text":"x"},{"k":"v"}]
    [null,0,null,1,NaN,-Infinity,null,"0x00ff","0xcafe","high",null,"2024-10-04",null,"1970-01-01T00:00:00.000001Z","-0.05",{"list":null,"text":"ü"},null]
    [false,127,9223372036854775807,18446744073709551615,3e38,-0.0,"","0x0101010101010101010101010101010101010101010101010101010101010101… (40 bytes)","0xcafe","low",null,"1969-12-31","1969-12-31T23:59:59.999999","1970-01-01T00:00:00.000002Z",null,{"list":[],"text":null},{}]
    3 rows
    "#);
}

#[test]
fn versions_and_compressions_read_alike() {
    let batch = every_type();
    let expected = shown(&read(&written(&batch, properties()), 0, 10).expect("read"));
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for compression in [
            Compression::UNCOMPRESSED,
            Compression::ZSTD(ZstdLevel::default()),
        ] {
            let properties = properties()
                .set_writer_version(version)
                .set_compression(compression)
                .set_dictionary_enabled(version == WriterVersion::PARQUET_2_0);
            let file = written(&batch, properties);
            assert_eq!(shown(&read(&file, 0, 10).expect("read")), expected);
        }
    }
}

#[test]
fn pages_go_through_all_row_groups() {
    let properties = properties()
        .set_max_row_group_row_count(Some(1000))
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50);
    let file = written(&numbers(2500), properties);
    for (from, limit, expected) in [
        (0, 3, 0..3),
        (999, 2, 999..1001),
        (730, 900, 730..1630),
        (2499, 10, 2499..2500),
        (2500, 10, 2500..2500),
        (u64::MAX, 10, 0..0),
    ] {
        let page = read(&file, from, limit).expect("read");
        let found: Vec<Value> = page.rows.into_iter().flatten().collect();
        let expected: Vec<Value> = expected.map(Value::Int).collect();
        assert_eq!((found, page.total), (expected, 2500), "from {from}");
    }
}

#[test]
fn a_dictionary_that_was_passed_over_is_read_when_a_page_needs_it() {
    let texts = (0..1000).map(|row| format!("text {}", row % 7));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
    let batch = RecordBatch::try_from_iter([("text", texts)]).expect("a table");
    let properties = properties()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50);
    let page = read(&written(&batch, properties), 555, 1).expect("read");
    assert_eq!(page.rows, [[Value::String("text 2".to_owned())]]);
}

#[test]
fn empty_pages_are_passed_over() {
    // The dictionary of a column without values has no byte, unless it is compressed.
    let nulls: ArrayRef = Arc::new(StringArray::new_null(1000));
    let batch = RecordBatch::try_from_iter_with_nullable([("nulls", nulls, true)]);
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50);
    let file = written(&batch.expect("a table"), properties);
    for from in [0, 555] {
        let page = read(&file, from, 2).expect("read");
        assert_eq!(page.rows, vec![vec![Value::Null]; 2], "from {from}");
    }
}

#[test]
fn lists_are_found_behind_others() {
    let lists = (0..1000).map(|row| Some((0..row % 5).map(Some).collect::<Vec<_>>()));
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists));
    let batch = RecordBatch::try_from_iter([("list", lists)]).expect("a table");
    let properties = properties()
        .set_data_page_row_count_limit(64)
        .set_write_batch_size(32);
    let page = read(&written(&batch, properties), 503, 2).expect("read");
    assert_eq!(shown(&page), "list\n[[0,1,2]]\n[[0,1,2,3]]\n1000 rows");
}

#[test]
fn wide_tables_and_wide_cells_are_cut() {
    let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
    let columns = (0..300).map(|index| (format!("c{index}"), Arc::clone(&column)));
    let batch = RecordBatch::try_from_iter(columns).expect("a table");
    let page = read(&written(&batch, properties()), 0, 1000).expect("read");
    assert_eq!((page.columns.len(), page.n_columns), (256, 300));
    assert_eq!(page.rows.len(), MAX_CELLS / 256);
    assert!(page.rows.iter().all(|row| row.len() == 256));
    assert_eq!(page.rows[7], vec![Value::Int(7); 256]);

    let long: ArrayRef = Arc::new(StringArray::from(vec!["ü".repeat(1 << 20); 3]));
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some((0..5000).map(Some))]);
    let list = arrow::compute::concat(&[&list, &list, &list]).expect("lists");
    let batch = RecordBatch::try_from_iter([("text", long), ("list", list)]).expect("a table");
    let page = read(&written(&batch, properties()), 0, 3).expect("read");
    let [Value::String(text), Value::List(list)] = &page.rows[0][..] else {
        panic!("{:?}", page.rows[0]);
    };
    assert!(
        text.len() < MAX_CELL && text.ends_with("ü…"),
        "{}",
        text.len()
    );
    let n_shown = list.len() - 1;
    assert_eq!(
        list[n_shown],
        Value::String(format!("… {} more", 5000 - n_shown))
    );
}

const MAX_CELL: usize = (16 << 10) + 4;

#[test]
fn what_is_repeated_takes_memory_once() {
    // 300 times a text of a mebibyte, of which the file has one.
    let values = StringArray::from(vec!["x".repeat(1 << 20)]);
    let keys = arrow::array::Int32Array::from(vec![0; 300]);
    let column: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(values)));
    let batch = RecordBatch::try_from_iter([("text", column)]).expect("a table");
    let properties = properties().set_dictionary_page_size_limit(2 << 20);
    let file = written(&batch, properties);
    assert!(file.len() < 2 << 20, "{}", file.len());
    let page = read(&file, 290, 1000).expect("read");
    assert_eq!(page.rows.len(), 10);
}

#[test]
fn pages_that_need_too_much_memory_are_refused() {
    // Zeros: some kilobytes in the file, and a page of 128 MiB.
    let zeros: ArrayRef = Arc::new(Int64Array::from(vec![0; 16 << 20]));
    let batch = RecordBatch::try_from_iter([("zeros", zeros)]).expect("a table");
    let properties = properties()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(usize::MAX)
        .set_data_page_row_count_limit(usize::MAX)
        .set_write_batch_size(16 << 20)
        .set_max_row_group_row_count(None);
    let file = written(&batch, properties);
    assert!(file.len() < 1 << 20, "{}", file.len());
    let error = read(&file, 0, 1).expect_err("too large");
    assert_snapshot!(error, @"reading column `zeros` would take more than 64 MiB of memory");
}

#[test]
fn lists_that_need_too_much_memory_are_refused() {
    // One list of 8 Mi nulls, which are a few bytes of levels.
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![None; 8 << 20])]);
    let list: ArrayRef = Arc::new(list);
    let batch = RecordBatch::try_from_iter([("list", list)]).expect("a table");
    let file = written(&batch, properties());
    assert!(file.len() < 1 << 20, "{}", file.len());
    let error = read(&file, 0, 1).expect_err("too large");
    assert_snapshot!(error, @"reading column `list.list.item` would take more than 64 MiB of memory");
}

#[test]
fn footers_that_need_too_much_memory_are_refused() {
    let properties = properties().set_max_row_group_row_count(Some(1));
    let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..600));
    let columns = (0..100).map(|index| (format!("c{index}"), Arc::clone(&column)));
    let batch = RecordBatch::try_from_iter(columns).expect("a table");
    let error = read(&written(&batch, properties), 0, 1).expect_err("too large");
    assert_snapshot!(error, @"reading its footer would take more than 32 MiB of memory");
}

#[test]
fn what_is_not_read_is_named() {
    let batch = numbers(10);
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "ab"]));
    let texts = RecordBatch::try_from_iter([("text", texts)]).expect("a table");
    let encoded = |encoding| {
        let properties = properties()
            .set_dictionary_enabled(false)
            .set_encoding(encoding);
        read(&written(&texts, properties), 0, 1)
            .expect_err("an encoding")
            .to_string()
    };
    assert_snapshot!(encoded(Encoding::DELTA_BYTE_ARRAY), @"column `text` is encoded as DELTA_BYTE_ARRAY, which is not read here");
    assert_snapshot!(encoded(Encoding::DELTA_LENGTH_BYTE_ARRAY), @"column `text` is encoded as DELTA_LENGTH_BYTE_ARRAY, which is not read here");

    let plain = WriterProperties::builder();
    let mut file = written(&batch, plain);
    // The compression of a column is the fourth field of its metadata, after the path: list of one text, then a number.
    let path = [0x19, 0x18, 1, b'n', 0x15, 0];
    let at = file
        .windows(path.len())
        .rposition(|bytes| bytes == path)
        .expect("the field");
    file[at + 5] = 2 * 2;
    assert_snapshot!(read(&file, 0, 1).expect_err("GZIP"), @"column `n` is compressed with GZIP; read are files without compression and with SNAPPY or ZSTD");

    let text = b"a,b\n1,2\n3,4\n";
    assert_snapshot!(read(text, 0, 1).expect_err("text"), @"it is no Parquet file");
    assert_snapshot!(read(b"PAR1", 0, 1).expect_err("short"), @"it is no Parquet file");
    let end = file.len() - 4;
    file[end..].copy_from_slice(b"PARE");
    assert_snapshot!(read(&file, 0, 1).expect_err("encrypted"), @"it is encrypted");
    file.truncate(end);
    file.extend(b"PAR1");
    let at = file.len() - 8;
    file[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_snapshot!(read(&file, 0, 1).expect_err("a long footer"), @"it is damaged: its footer is longer than the file");
}

#[test]
fn damaged_files_give_an_answer_or_an_error() {
    let properties = properties()
        .set_data_page_row_count_limit(2)
        .set_write_batch_size(1);
    let file = written(&every_type(), properties);
    let store = Arc::new(Store::default());
    let engine = store.engine();
    block_on(async {
        for at in 0..file.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= flip;
                store.put_object(KEY, damaged.into());
                // Some read as other values; whatever comes is an answer or one of our errors.
                let read = engine
                    .read_parquet_file(KEY, file.len() as u64, 0, 10)
                    .await;
                if let Err(error) = read {
                    assert!(
                        !matches!(error, ParquetFileError::Source(_)),
                        "byte {at}: {error}"
                    );
                }
            }
        }
        for end in 0..file.len() {
            store.put_object(KEY, Bytes::copy_from_slice(&file[..end]));
            let read = engine.read_parquet_file(KEY, end as u64, 0, 10).await;
            assert!(read.is_err(), "the first {end} bytes");
        }
    });
}
