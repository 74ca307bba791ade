//! Text: LazySimple, OpenCSV, Regex, and how files are compressed.

use std::io::Write;

use crate::lake::{CSV, LAZY, Lake, REGEX, by, gzip, table, with};

#[tokio::test]
async fn fields_have_delimiters_between_them() {
    let of = table(LAZY, &[("id", "int"), ("name", "string"), ("price", "decimal(10,2)"), ("day", "date")]);
    let of = with(of, &[("field.delim", ","), ("serialization.format", ",")]);
    let lake = Lake::one(of, "1,one,10.505,2020-02-29\r\n2,\\N,x,2020-02-30\n,,\nbad,four,-1,2021-01-01 10:00:00\n7\n");
    assert_eq!(
        lake.rows("SELECT * FROM t").await,
        [
            "1|one|10.51|2020-02-29",
            "2|NULL|NULL|NULL",
            "NULL||NULL|NULL",
            "NULL|four|-1.00|2021-01-01",
            "7|NULL|NULL|NULL"
        ]
    );
    assert_eq!(lake.rows("SELECT count(*), count(id), sum(price) FROM t").await, ["5|3|9.51"]);
    assert_eq!(lake.rows("SELECT name FROM t WHERE id = 1").await, ["one"]);
}

#[tokio::test]
async fn the_delimiters_of_hive_are_the_default() {
    let of = table(LAZY, &[("a", "array<int>"), ("m", "map<string,int>"), ("s", "struct<x:int,y:array<string>>")]);
    let lake = Lake::one(
        of,
        "1\u{2}2\u{1}k\u{3}1\u{2}l\u{3}2\u{2}k\u{3}9\u{1}5\u{2}p\u{3}q\n\\N\u{1}\\N\u{1}\\N\n\u{1}\u{1}\n",
    );
    assert_eq!(
        lake.rows(
            "SELECT a[1], cardinality(a), m['l'], m['k'], s.x, s.y[2] FROM t WHERE a IS NOT NULL AND cardinality(a) > 0"
        )
        .await,
        ["1|2|2|1|5|q"]
    );
    assert_eq!(lake.rows("SELECT count(*) FROM t WHERE a IS NULL AND m IS NULL AND s IS NULL").await, ["1"]);
    assert_eq!(
        lake.rows("SELECT cardinality(a), cardinality(m), s.x FROM t WHERE cardinality(a) = 0").await,
        ["0|0|NULL"]
    );
}

#[tokio::test]
async fn delimiters_and_nulls_can_be_named() {
    let of = table(LAZY, &[("a", "string"), ("b", "array<string>"), ("c", "map<string,string>")]);
    let of = with(
        of,
        &[
            ("field.delim", "|"),
            ("collection.delim", ";"),
            ("mapkey.delim", ":"),
            ("escape.delim", "\\"),
            ("serialization.null.format", "-"),
        ],
    );
    let lake = Lake::one(of, "x\\|y|p;q\\;r|k:v;l:-\n-|-|-\n");
    assert_eq!(lake.rows("SELECT a, b[2], c['k'], c['l'] FROM t").await, ["x|y|q;r|v|NULL", "NULL|NULL|NULL|NULL"]);
}

#[tokio::test]
async fn header_lines_are_left_out_of_every_file() {
    let of =
        with(table(LAZY, &[("a", "string"), ("b", "int")]), &[("field.delim", "\t"), ("skip.header.line.count", "1")]);
    let lake = Lake::default()
        .table("t", of)
        .file("t/1", "a\tb\nx\t1\n")
        .file("t/2.gz", gzip("a\tb\ny\t2\n"))
        .file("t/3", "a\tb");
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY a").await, ["x|1", "y|2"]);
    let wrong = with(table(LAZY, &[("a", "string")]), &[("skip.header.line.count", "one")]);
    let lake = Lake::one(wrong, "a\n");
    assert!(lake.error("SELECT * FROM t").await.starts_with("HIVE_INVALID_METADATA: "));
}

#[tokio::test]
async fn types_are_read_as_they_are_declared() {
    let columns = [
        ("b", "boolean"),
        ("t", "tinyint"),
        ("s", "smallint"),
        ("l", "bigint"),
        ("f", "float"),
        ("d", "double"),
        ("v", "varchar(3)"),
        ("c", "char(3)"),
        ("y", "binary"),
        ("ts", "timestamp"),
    ];
    let of = with(table(LAZY, &columns), &[("field.delim", ",")]);
    let lake = Lake::one(
        of,
        "TRUE,127,-32768,9223372036854775807,0.1,1e3,abcdef,a,aGk=,2020-02-29 12:00:00.123456\n\
         yes,128,32768,9223372036854775808,x,,,,,2020-02-29T12:00:00Z\n",
    );
    assert_eq!(
        lake.rows("SELECT b, t, s, l, f, d, v, c, from_utf8(y), ts FROM t").await,
        [
            "true|127|-32768|9223372036854775807|0.1|1000.0|abc|a  |hi|2020-02-29 12:00:00.123",
            "NULL|NULL|NULL|NULL|NULL|NULL||   ||2020-02-29 12:00:00.000"
        ]
    );
    assert_eq!(
        lake.rows("SELECT typeof(f), typeof(v), typeof(ts) FROM t LIMIT 1").await,
        ["real|varchar(3)|timestamp(3)"]
    );
}

#[tokio::test]
async fn times_have_the_formats_that_the_table_names() {
    let of = table(LAZY, &[("ts", "timestamp")]);
    let of = with(of, &[("timestamp.formats", "yyyy-MM-dd'T'HH:mm:ss, dd/MM/yyyy HH:mm,millis")]);
    let lake = Lake::one(of, "2020-02-29T01:02:03\n31/12/2020 23:59\n1582934400000\n");
    assert_eq!(
        lake.rows("SELECT ts FROM t").await,
        ["2020-02-29 01:02:03.000", "2020-12-31 23:59:00.000", "2020-02-29 00:00:00.000"]
    );
}

#[tokio::test]
async fn quotes_are_opencsvs() {
    let of = table(CSV, &[("a", "string"), ("b", "string"), ("c", "string")]);
    let lake = Lake::one(of, "\"x, y\",\"say \"\"hi\"\"\",\"a\\\"b\"\n1,,\nonly\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["x, y|say \"hi\"|a\"b", "1||", "only|NULL|NULL"]);
    let of = with(
        table(CSV, &[("a", "string"), ("b", "string")]),
        &[("separatorChar", ";"), ("quoteChar", "'"), ("escapeChar", "\\")],
    );
    assert_eq!(Lake::one(of, "'a;b';'it\\'s'\n").rows("SELECT * FROM t").await, ["a;b|it's"]);
}

/// <https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html>
#[tokio::test]
async fn dates_of_csv_are_days_and_times_milliseconds() {
    let columns = [("d", "date"), ("ts", "timestamp"), ("n", "bigint"), ("x", "double"), ("ok", "boolean")];
    let lake = Lake::one(table(CSV, &columns), "\"18276\",\"1579059880000\",\"12\",\"1.5\",\"true\"\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["2020-01-15|2020-01-15 03:44:40.000|12|1.5|true"]);
}

#[tokio::test]
async fn numbers_of_csv_that_are_none_fail_the_query() {
    let columns = [("name", "string"), ("n", "int")];
    let lake = Lake::one(table(CSV, &columns), "a,12312845691\n");
    assert_eq!(
        lake.error("SELECT * FROM t").await,
        "HIVE_BAD_DATA: Error parsing field value '12312845691' for field 1: For input string: \"12312845691\""
    );
    // The column is not looked at when it is not wanted.
    assert_eq!(lake.rows("SELECT name FROM t").await, ["a"]);
    let lake = Lake::one(table(CSV, &columns), "a,\n");
    assert!(lake.error("SELECT n FROM t").await.starts_with("HIVE_BAD_DATA: Error parsing field value '' for field 1"));
    let lenient = with(table(CSV, &columns), &[("use.null.for.invalid.data", "TRUE")]);
    assert_eq!(Lake::one(lenient, "a,x\n").rows("SELECT * FROM t").await, ["a|NULL"]);
}

/// <https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html>
#[tokio::test]
async fn groups_of_a_pattern_are_columns() {
    let of = table(REGEX, &[("ip", "string"), ("status", "int"), ("size", "bigint")]);
    let of = with(of, &[("input.regex", r#"([^ ]*) "GET [^"]*" (\d*) (\d+|-)"#)]);
    let lake = Lake::one(of, "10.0.0.1 \"GET /a\" 200 12\n10.0.0.2 \"GET /b\" 404 -\nnot a log line\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["10.0.0.1|200|12", "10.0.0.2|404|NULL", "NULL|NULL|NULL"]);
    let few = with(table(REGEX, &[("a", "string"), ("b", "string")]), &[("input.regex", "(.*)")]);
    assert_eq!(
        Lake::one(few, "x\n").error("SELECT * FROM t").await,
        "HIVE_CURSOR_ERROR: Number of matching groups doesn't match the number of columns"
    );
    let none = table(REGEX, &[("a", "string")]);
    assert!(
        Lake::one(none, "x\n").error("SELECT * FROM t").await.contains("does not have serde property \"input.regex\"")
    );
}

fn snappy(content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32).to_be_bytes().to_vec();
    for chunk in content.chunks(10) {
        let compressed = snap::raw::Encoder::new().compress_vec(chunk).expect("compressed");
        out.extend((compressed.len() as u32).to_be_bytes());
        out.extend(compressed);
    }
    out
}

#[tokio::test]
async fn names_tell_how_files_are_compressed() {
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(b"bzip2\n").expect("compressed");
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(b"deflate\n").expect("compressed");
    // Several members are one file.
    let two = [gzip("gzip\n"), gzip("gzip again\n")].concat();
    let lake = Lake::default()
        .table("t", table(LAZY, &[("a", "string")]))
        .file("t/a.gz", two)
        .file("t/b.bz2", bzip2.finish().expect("compressed"))
        .file("t/c.deflate", deflate.finish().expect("compressed"))
        .file("t/d.zst", zstd::encode_all(&b"zstd\n"[..], 1).expect("compressed"))
        .file("t/e.snappy", snappy(b"snappy\nin several chunks\n"))
        .file("t/f.txt", "plain\n");
    assert_eq!(
        lake.rows("SELECT a FROM t ORDER BY a").await,
        ["bzip2", "deflate", "gzip", "gzip again", "in several chunks", "plain", "snappy", "zstd"]
    );
    let lake = Lake::default().table("t", table(LAZY, &[("a", "string")])).file("t/a.lzo", "x");
    assert!(lake.error("SELECT * FROM t").await.starts_with("HIVE_UNSUPPORTED_FORMAT: "));
}

#[tokio::test]
async fn files_are_those_in_the_folder_that_are_not_hidden() {
    let lake = Lake::default()
        .table("t", table(LAZY, &[("a", "string")]))
        .file("t/1", "one\n")
        .file("t/sub/2", "two\n")
        .file("t/_SUCCESS", "hidden\n")
        .file("t/.tmp", "hidden\n")
        .file("t/_temporary/3", "hidden\n")
        .file("t/empty", "")
        .file("t/folder/", "")
        .file("t2/4", "another table\n");
    assert_eq!(lake.rows("SELECT a FROM t ORDER BY a").await, ["one", "two"]);
    assert_eq!(lake.listed(), ["t/"]);
}

#[tokio::test]
async fn hidden_columns_tell_the_file() {
    let lake =
        Lake::default().table("t", table(LAZY, &[("a", "string")])).file("t/1", "one\n").file("t/2", "two\ntwo\n");
    assert_eq!(
        lake.rows("SELECT DISTINCT \"$path\", \"$file_size\", \"$file_modified_time\" FROM t ORDER BY 1").await,
        ["s3://lake/t/1|4|2021-06-15 12:34:56.000 UTC", "s3://lake/t/2|8|2021-06-15 12:34:56.000 UTC"]
    );
    assert_eq!(lake.rows("SELECT * FROM t WHERE \"$path\" = 's3://lake/t/1'").await, ["one"]);
    // Only the file that is meant was read, in the first query both.
    let read = lake.storage.read.lock().expect("a lock").clone();
    assert_eq!(read.iter().filter(|location| location.ends_with('2')).count(), 1);
}

#[tokio::test]
async fn what_was_scanned_is_what_is_stored() {
    let content = gzip("some text\n".repeat(1000));
    let size = content.len() as u64;
    let lake = Lake::default().table("t", table(LAZY, &[("a", "string")])).file("t/a.gz", content);
    let (rows, scanned) = lake.query("SELECT count(*) FROM t").await.expect("rows");
    assert_eq!((rows, scanned.bytes()), (vec!["1000".to_owned()], size));
    let (_, scanned) = lake.query("SELECT 1").await.expect("rows");
    assert_eq!(scanned.bytes(), 0);
}

/// The tables and the join of the carbon footprint of a company's gas.
#[tokio::test]
async fn a_carbon_footprint_is_estimated() {
    let bills = [
        ("fuel_id", "int"),
        ("month", "string"),
        ("year", "int"),
        ("usage_therms", "float"),
        ("usage_scf", "float"),
        ("g-nr1_schedule_charge", "float"),
        ("accountfee", "float"),
        ("gas_ppps", "float"),
        ("netcharge", "float"),
        ("taxpercentage", "float"),
        ("totalcharge", "float"),
    ];
    let csv = |columns: &[(&str, &str)], location: &str| {
        let mut of = with(table(LAZY, columns), &[("field.delim", ","), ("skip.header.line.count", "1")]);
        of.location = format!("s3://lake/{location}");
        of
    };
    let lake = Lake::default()
        .table("gasutilization", csv(&bills, "Scope 1 Sample Data/gasutilization"))
        .table(
            "gas_emission_factor",
            csv(
                &[("fuel_id", "int"), ("gas_name", "string"), ("emission_factor", "float")],
                "Scope 1 Sample Data/gas_emission_factor",
            ),
        )
        .file(
            "Scope 1 Sample Data/gasutilization/bills.csv",
            "Fuel_id,Month,Year,usage_therms,usage_scf,g-nr1_schedule_charge,accountfee,gas_ppps,netcharge,taxpercentage,totalcharge\n\
             1,January,2020,1.0,100,10.5,1,0.1,12,0.05,12.6\n\
             2,February,2020,n/a,200,,,,,,1\n\
             1,March,2021,1,1000,1,1,1,1,1,3.5\n",
        )
        .file("Scope 1 Sample Data/gasutilization2/bills.csv", "header\n1,January,2020,1,1,1,1,1,1,1,1\n")
        .file(
            "Scope 1 Sample Data/gas_emission_factor/factors.csv",
            "fuel_id,gas_name,emission_factor\n1,Natural Gas,0.05449555\n",
        );
    assert_eq!(
        lake.rows("SELECT * FROM \"gasutilization\" where year = 2020 ORDER BY fuel_id;").await,
        [
            "1|January|2020|1.0|100.0|10.5|1.0|0.1|12.0|0.05|12.6",
            "2|February|2020|NULL|200.0|NULL|NULL|NULL|NULL|NULL|1.0"
        ]
    );
    let join = "SELECT \"gasutilization\".\"usage_scf\" * \"gas_emission_factor\".\"emission_factor\" AS \
                \"estimated_CO2e_impact\", \"gasutilization\".\"month\", \"gasutilization\".\"year\", \
                \"gasutilization\".\"totalcharge\", \"gasutilization\".\"usage_therms\", \"gasutilization\".\"usage_scf\" \
                FROM \"gasutilization\" JOIN \"gas_emission_factor\" on \
                \"gasutilization\".\"fuel_id\"=\"gas_emission_factor\".\"fuel_id\"";
    let mut rows = lake.rows(join).await;
    rows.sort();
    assert_eq!(rows, ["5.449555|January|2020|12.6|1.0|100.0", "54.495552|March|2021|3.5|1.0|1000.0"]);
}

#[tokio::test]
async fn partitions_are_asked_for_what_the_query_wants() {
    let of = by(table(LAZY, &[("a", "string")]), &[("year", "int"), ("region", "string")]);
    let lake = Lake::default()
        .table("t", of)
        .partition(&["2020", "us"], "p/y20us")
        .partition(&["2021", "eu"], "p/y21eu/")
        .partition(&["2021", "__HIVE_DEFAULT_PARTITION__"], "elsewhere")
        .file("p/y20us/f", "one\n")
        .file("p/y21eu/f", "two\n")
        .file("elsewhere/f", "three\n")
        .file("t/year=2022/region=us/f", "not registered\n");
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY a").await, ["one|2020|us", "three|2021|NULL", "two|2021|eu"]);
    lake.listed();
    let sql = "SELECT a FROM t WHERE year >= 2021 AND region IN ('eu', 'it''s') AND length(region) = 2";
    assert_eq!(lake.rows(sql).await, ["two"]);
    assert_eq!(lake.listed(), ["p/y21eu/"]);
    let asked = lake.registered.asked.lock().expect("a lock").last().cloned().expect("a question");
    let mut parts: Vec<&str> = asked.split(" AND ").collect();
    parts.sort_unstable();
    assert_eq!(parts, ["region IN ('eu', 'it''s')", "year >= 2021"]);
    assert_eq!(lake.rows("SELECT a FROM t WHERE region IS NULL").await, ["three"]);
    assert_eq!(lake.listed(), ["elsewhere/"]);
    assert_eq!(lake.rows("SELECT year, count(*) FROM t GROUP BY year ORDER BY 1").await, ["2020|1", "2021|2"]);
}

#[tokio::test]
async fn partitions_without_files_have_no_rows() {
    let of = by(table(LAZY, &[("a", "string")]), &[("year", "int")]);
    let lake = Lake::default().table("t", of).partition(&["2020"], "nowhere");
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["0"]);
    let lake = lake.partition(&["next year"], "x");
    assert_eq!(
        lake.error("SELECT count(*) FROM t").await,
        "HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'next year' for integer partition key: year"
    );
}
