//! Parquet: columns by name, what is read of a file, and files that are none.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array,
    Int32Builder, Int64Array, ListArray, MapBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
    TimestampNanosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type};

use crate::lake::{Lake, PARQUET, by, table, with};

fn file(columns: Vec<(&str, ArrayRef)>, compression: Compression, group: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("a batch");
    let properties =
        WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("a file")
}

fn plain(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    file(columns, Compression::SNAPPY, 1000)
}

#[tokio::test]
async fn columns_are_found_by_name() {
    let content = plain(vec![
        ("Name", Arc::new(StringArray::from(vec![Some("one"), None, Some("three")]))),
        ("ID", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("unused", Arc::new(Int64Array::from(vec![7, 8, 9]))),
    ]);
    let of = table(PARQUET, &[("id", "bigint"), ("missing", "string"), ("name", "varchar(2)")]);
    let lake = Lake::one(of, content);
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY id").await, ["1|NULL|on", "2|NULL|NULL", "3|NULL|th"]);
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["3"]);
    assert_eq!(lake.rows("SELECT missing, id FROM t WHERE id > 2").await, ["NULL|3"]);
    assert_eq!(lake.rows("SELECT missing FROM t LIMIT 1").await, ["NULL"]);
}

#[tokio::test]
async fn every_type_is_read() {
    let nanos = 1_582_934_400_123_600_000;
    let decimal = Decimal128Array::from(vec![12345]).with_precision_and_scale(10, 3).expect("a decimal");
    let content = plain(vec![
        ("b", Arc::new(BooleanArray::from(vec![true]))),
        ("t", Arc::new(Int32Array::from(vec![127]))),
        ("f", Arc::new(Float32Array::from(vec![0.1]))),
        ("d", Arc::new(Float32Array::from(vec![1.5]))),
        ("x", Arc::new(decimal)),
        ("y", Arc::new(StringArray::from(vec!["hi"]))),
        ("day", Arc::new(Date32Array::from(vec![18321]))),
        ("at", Arc::new(TimestampNanosecondArray::from(vec![nanos]))),
        ("utc", Arc::new(TimestampNanosecondArray::from(vec![nanos]).with_timezone("UTC"))),
    ]);
    let of = table(
        PARQUET,
        &[
            ("b", "boolean"),
            ("t", "tinyint"),
            ("f", "float"),
            ("d", "double"),
            ("x", "decimal(12,4)"),
            ("y", "binary"),
            ("day", "date"),
            ("at", "timestamp"),
            ("utc", "timestamp"),
        ],
    );
    assert_eq!(
        Lake::one(of, content).rows("SELECT b, t, f, d, x, from_utf8(y), day, at, utc FROM t").await,
        ["true|127|0.1|1.5|12.3450|hi|2020-02-29|2020-02-29 00:00:00.124|2020-02-29 00:00:00.124"]
    );
}

#[tokio::test]
async fn nested_columns_are_read_by_the_names_of_fields() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), None]), None]);
    let fields = |name: &str, ty: DataType| Arc::new(Field::new(name, ty, true));
    let row = StructArray::from(vec![
        (fields("Other", DataType::Int32), Arc::new(Int32Array::from(vec![5, 6])) as ArrayRef),
        (fields("Zip", DataType::Utf8), Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef),
    ]);
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("k");
    map.values().append_value(9);
    map.append(true).expect("an entry");
    map.append(false).expect("an entry");
    let content = plain(vec![("l", Arc::new(list)), ("s", Arc::new(row)), ("m", Arc::new(map.finish()))]);
    let of = table(PARQUET, &[("l", "array<bigint>"), ("s", "struct<zip:string,none:int>"), ("m", "map<string,int>")]);
    let lake = Lake::one(of, content);
    assert_eq!(
        lake.rows("SELECT cardinality(l), l[1], s.zip, s.none, m['k'] FROM t WHERE l IS NOT NULL").await,
        ["2|1|a|NULL|9"]
    );
    assert_eq!(lake.rows("SELECT l, s.zip, m FROM t WHERE l IS NULL").await, ["NULL|b|NULL"]);
}

#[tokio::test]
async fn another_type_than_the_tables_fails_the_query() {
    let content = plain(vec![
        ("id", Arc::new(Int64Array::from(vec![1]))),
        ("big", Arc::new(Int32Array::from(vec![300]))),
        ("x", Arc::new(Float64Array::from(vec![1.0]))),
    ]);
    let of = table(PARQUET, &[("id", "string"), ("big", "tinyint"), ("x", "float")]);
    let lake = Lake::one(of, content);
    assert_eq!(
        lake.error("SELECT id FROM t").await,
        "HIVE_BAD_DATA: Field id's type INT64 in parquet file s3://lake/t/file is incompatible with type varchar defined \
         in table schema"
    );
    assert!(lake.error("SELECT x FROM t").await.contains("Field x's type DOUBLE"));
    assert!(lake.error("SELECT big FROM t").await.starts_with("HIVE_BAD_DATA: Field big in parquet file"));
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["1"]);
}

#[tokio::test]
async fn only_what_is_wanted_is_read() {
    let ids: Vec<i64> = (0..100_000).collect();
    let texts: Vec<String> = ids.iter().map(|id| format!("{:x}", id * 7_919_777 % 1_000_003)).collect();
    let content = file(
        vec![("id", Arc::new(Int64Array::from(ids))), ("text", Arc::new(StringArray::from(texts)))],
        Compression::ZSTD(ZstdLevel::default()),
        10_000,
    );
    let size = content.len() as u64;
    let lake = Lake::one(table(PARQUET, &[("id", "bigint"), ("text", "string")]), content);
    let scanned = async |sql: &str| {
        let (rows, scanned) = lake.query(sql).await.expect("rows");
        (rows, scanned.bytes())
    };
    let footer = scanned("SELECT count(*) FROM t").await.1;
    assert!(footer <= 64 << 10, "{footer}");
    let (rows, all) = scanned("SELECT count(text), count(id) FROM t").await;
    assert_eq!(rows, ["100000|100000"]);
    assert!(all > size / 2, "{all} of {size}");
    let (rows, one) = scanned("SELECT id, text FROM t WHERE id = 55555").await;
    assert_eq!(rows, [format!("55555|{:x}", 55555 * 7_919_777_i64 % 1_000_003)]);
    assert!(one - footer < (all - footer) / 5, "{one} of {all}");
    let (rows, none) = scanned("SELECT id FROM t WHERE id BETWEEN 200000 AND 300000").await;
    assert_eq!((rows.len(), none), (0, footer));
    let (rows, _) = scanned("SELECT count(*) FROM t WHERE id IN (1, 99999) OR id IS NULL").await;
    assert_eq!(rows, ["2"]);
}

#[tokio::test]
async fn compressions_and_partitions() {
    let ids = || -> ArrayRef { Arc::new(Int32Array::from(vec![1, 2])) };
    let of = with(
        by(table(PARQUET, &[("id", "int")]), &[("codec", "string")]),
        &[
            ("projection.enabled", "true"),
            ("projection.codec.type", "enum"),
            ("projection.codec.values", "none,gzip,lz4,zstd"),
        ],
    );
    let lake = Lake::default()
        .table("t", of)
        .file("t/codec=none/f", file(vec![("id", ids())], Compression::UNCOMPRESSED, 10))
        .file("t/codec=gzip/f", file(vec![("id", ids())], Compression::GZIP(Default::default()), 10))
        .file("t/codec=lz4/f", file(vec![("id", ids())], Compression::LZ4_RAW, 10))
        .file("t/codec=zstd/f", file(vec![("id", ids())], Compression::ZSTD(ZstdLevel::default()), 10));
    assert_eq!(
        lake.rows("SELECT codec, sum(id), count(*) FROM t GROUP BY codec ORDER BY codec").await,
        ["gzip|3|2", "lz4|3|2", "none|3|2", "zstd|3|2"]
    );
}

#[tokio::test]
async fn a_file_that_is_cut_or_damaged_fails_the_query() {
    let ids: Vec<i32> = (0..5000).collect();
    let whole = plain(vec![("id", Arc::new(Int32Array::from(ids)))]);
    let of = || table(PARQUET, &[("id", "int")]);
    for content in [&whole[..whole.len() / 2], &whole[..3], b"id\n1\n2\nsome text that is not Parquet"] {
        let error = Lake::one(of(), content).error("SELECT * FROM t").await;
        assert!(error.starts_with("HIVE_BAD_DATA: Malformed Parquet file: s3://lake/t/file"), "{error}");
    }
    // Whatever byte is another one: an error or rows, and the process goes on.
    for at in (0..whole.len()).step_by(whole.len() / 150) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let lake = Lake::one(of(), damaged);
        if let Err(error) = lake.query("SELECT sum(id) FROM t").await {
            assert!(error.to_string().starts_with("HIVE_BAD_DATA: "), "{error}");
        }
    }
}

#[tokio::test]
async fn lists_of_structs_are_arrays_of_rows() {
    let inner = StructArray::from(vec![(
        Arc::new(Field::new("arn", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec!["a", "b", "c"])) as ArrayRef,
    )]);
    let item = Arc::new(Field::new("item", inner.data_type().clone(), true));
    let offsets = datafusion::arrow::buffer::OffsetBuffer::from_lengths([2, 1]);
    let list = ListArray::new(item, offsets, Arc::new(inner), None);
    assert_eq!(list.value(0).as_struct().len(), 2);
    let lake = Lake::one(
        table(PARQUET, &[("resources", "array<struct<arn:string>>")]),
        plain(vec![("resources", Arc::new(list))]),
    );
    assert_eq!(
        lake.rows("SELECT resources[1].arn, count(resources) FROM t GROUP BY 1 ORDER BY 1").await,
        ["a|1", "c|1"]
    );
}

#[tokio::test]
async fn decimals_beyond_64_bits_are_computed_beside_others() {
    let wide = 10_i128.pow(30);
    let decimals = Decimal128Array::from(vec![Some(wide), None, Some(-3)]).with_precision_and_scale(38, 2);
    let content = plain(vec![
        ("d", Arc::new(decimals.expect("decimals"))),
        ("n", Arc::new(Int64Array::from(vec![2, 2, i64::MAX]))),
    ]);
    let lake = Lake::one(table(PARQUET, &[("d", "decimal(38,2)"), ("n", "bigint")]), content);
    let sums = ["9999999999999999999999999999.50", "NULL", "-0.53"];
    assert_eq!(lake.rows("SELECT d - DECIMAL '0.50' FROM t").await, sums);
    let products = ["20000000000000000000000000000.00", "NULL", "-276701161105643274.21"];
    assert_eq!(lake.rows("SELECT d * n FROM t").await, products);
    let narrower = lake.query("SELECT CAST(d AS decimal(29,0)) FROM t").await.expect("rows").0;
    assert_eq!(narrower, ["10000000000000000000000000000", "NULL", "0"]);
    let failed = lake.query("SELECT d * d FROM t").await.expect_err("an overflow");
    assert_eq!(failed.to_string(), "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow");
    let failed = lake.query("SELECT CAST(d AS decimal(28,0)) FROM t").await.expect_err("an overflow");
    assert!(failed.to_string().starts_with("INVALID_CAST_ARGUMENT: Cannot cast DECIMAL(38, 2)"), "{failed}");
}
