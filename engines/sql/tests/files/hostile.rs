//! Statements and files that are made to do harm: a documented error, within bounded memory, and the process goes on.

use std::io::Write;

use crate::lake::{CSV, HIVE_JSON, LAZY, Lake, OPENX, REGEX, TRAIL, by, table, with};

/// Whether the process never held more memory than this, in MB; files of a gigabyte are read by these tests.
fn within_megabytes(most: u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    let kb: u64 = line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0);
    assert!(kb / 1024 < most, "{} MB were resident", kb / 1024);
}

/// Some bytes over and over, compressed.
fn bomb(extension: &str, megabytes: usize) -> Vec<u8> {
    let block = vec![b'x'; 1 << 20];
    let mut out = Vec::new();
    let write = |to: &mut dyn Write| (0..megabytes).for_each(|_| to.write_all(&block).expect("compressed"));
    match extension {
        "gz" => write(&mut flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast())),
        "deflate" => write(&mut flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::fast())),
        "bz2" => write(&mut bzip2::write::BzEncoder::new(&mut out, bzip2::Compression::fast())),
        _ => {
            let mut encoder = zstd::stream::write::Encoder::new(&mut out, 1).expect("an encoder");
            write(&mut encoder);
            encoder.finish().expect("compressed");
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_of_every_compression_are_given_up_at_the_longest_line() {
    for extension in ["gz", "deflate", "bz2", "zst"] {
        let content = bomb(extension, 512);
        assert!(content.len() < 4 << 20, "{extension}: {} bytes", content.len());
        let file = format!("t/f.{extension}");
        let lake = Lake::default().table("t", table(LAZY, &[("a", "string")])).file(&file, &content);
        let error = lake.error("SELECT * FROM t").await;
        assert!(error.starts_with("HIVE_BAD_DATA: Line too long in text file: "), "{extension}: {error}");
        assert_eq!(lake.rows("SELECT 1").await, ["1"]);
    }
    within_megabytes(1500);
}

#[tokio::test]
async fn a_line_of_100_megabytes_is_too_long_for_every_serde() {
    let mut line = b"{\"a\":\"".to_vec();
    line.resize(100 << 20, b'x');
    line.extend_from_slice(b"\"}\n");
    let regex = with(table(REGEX, &[("a", "string")]), &[("input.regex", "(.*)")]);
    for of in [LAZY, CSV, OPENX, HIVE_JSON].map(|serde| table(serde, &[("a", "string")])).into_iter().chain([regex]) {
        let name = of.serialization_library.clone();
        let lake = Lake::one(of, &line);
        let error = lake.error("SELECT * FROM t").await;
        assert_eq!(error, "HIVE_BAD_DATA: Line too long in text file: s3://lake/t/file, the limit is 32 MB", "{name}");
    }
    within_megabytes(1500);
}

#[tokio::test]
async fn json_nested_without_end_is_told_or_null() {
    let deep = |open: &str, close: &str| format!("{{\"a\":{}1{}}}\n", open.repeat(50_000), close.repeat(50_000));
    for text in [deep("[", "]"), deep("{\"a\":", "}")] {
        for serde in [OPENX, HIVE_JSON] {
            let lake = Lake::one(table(serde, &[("a", "string")]), &text);
            assert_eq!(lake.rows("SELECT length(a) > 100000 FROM t").await, ["true"], "{serde}");
            // The functions of JSON go no deeper than 128 levels: what is deeper is no JSON to them.
            assert_eq!(lake.rows("SELECT json_extract(a, '$.a') FROM t").await, ["NULL"], "{serde}");
            assert!(lake.error("SELECT json_parse(a) FROM t").await.starts_with("INVALID_FUNCTION_ARGUMENT: "));
            let lake = Lake::one(table(serde, &[("a", "array<array<int>>")]), &text);
            let error = lake.error("SELECT a FROM t").await;
            assert!(error.starts_with("HIVE_BAD_DATA: Error parsing field value"), "{serde}: {error}");
        }
    }
    let trail = format!("{{\"Records\":[{}]}}", deep("[", "]"));
    let lake = Lake::one(table(TRAIL, &[("a", "string")]), trail);
    assert_eq!(lake.rows("SELECT length(a) > 100000 FROM t").await, ["true"]);
}

#[tokio::test]
async fn values_that_are_none_of_their_type_are_null_or_told() {
    let types = [("a", "int"), ("b", "double"), ("c", "boolean"), ("d", "date"), ("e", "decimal(3,1)")];
    let lake = Lake::one(
        with(table(LAZY, &types), &[("field.delim", ",")]),
        "x,y,z,w,v\n99999999999,1e999,2,2020-13-01,1234.5\n",
    );
    assert_eq!(
        lake.rows("SELECT a, b, c, d, e FROM t").await,
        ["NULL|NULL|NULL|NULL|NULL", "NULL|Infinity|NULL|NULL|NULL"]
    );
    let lake = Lake::one(table(OPENX, &[("a", "int")]), "{\"a\":\"x\"}\n");
    let error = lake.error("SELECT a FROM t").await;
    assert_eq!(error, "HIVE_BAD_DATA: Error parsing field value '\"x\"' for field 0: For input string: \"\"x\"\"");
    let lake = Lake::one(table(CSV, &[("a", "int")]), "x\n");
    assert!(
        lake.error("SELECT a FROM t").await.starts_with("HIVE_BAD_DATA: Error parsing field value 'x' for field 0")
    );
}

#[tokio::test]
async fn partitions_without_files_have_no_rows_and_values_of_another_type_are_told() {
    let of = || by(table(LAZY, &[("a", "string")]), &[("p", "int")]);
    let lake =
        Lake::default().table("t", of()).file("t/p=1/f", "x\n").partition(&["1"], "t/p=1").partition(&["2"], "gone");
    assert_eq!(lake.rows("SELECT p, a FROM t").await, ["1|x"]);
    assert_eq!(lake.rows("SELECT count(*) FROM t WHERE p = 2").await, ["0"]);
    assert_eq!(lake.rows("SELECT count(*) FROM t WHERE p = 3").await, ["0"]);
    let lake = Lake::default().table("t", of()).file("t/p=x/f", "x\n").partition(&["x"], "t/p=x");
    let error = lake.error("SELECT * FROM t").await;
    assert!(error.starts_with("HIVE_INVALID_PARTITION_VALUE: "), "{error}");
}

/// A statement's error by its name alone, or `rows`.
async fn outcome(sql: &str) -> String {
    match Lake::default().query(sql).await {
        Ok(_) => "rows".to_owned(),
        Err(error) => error.code.name().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_nested_too_deeply_are_refused() {
    let around =
        |open: &str, inner: &str, close: &str| format!("SELECT {}{inner}{}", open.repeat(20_000), close.repeat(20_000));
    for sql in [
        around("(", "1", ")"),
        around("ARRAY[", "1", "]"),
        around("NOT ", "true", ""),
        around("- ", "1", ""),
        around("abs(", "1", ")"),
        around("CASE WHEN true THEN ", "1", " END"),
        around("(SELECT ", "1", ")"),
        around("CAST(", "1", " AS bigint)"),
        format!("SELECT CAST(NULL AS {}integer{})", "array(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT * FROM {}(VALUES 1){}", "(SELECT * FROM ".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT transform(ARRAY[1], {}x)", "x -> ".repeat(20_000)),
    ] {
        let found = outcome(&sql).await;
        assert!(["SYNTAX_ERROR", "NOT_SUPPORTED"].contains(&found.as_str()), "{}: {found}", &sql[..30]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_statements_are_answered_or_refused() {
    let joined = |part: &str, with: &str, count: usize| vec![part; count].join(with);
    for (sql, count) in [
        (format!("SELECT {}", joined("1", " + ", 150)), "150"),
        (format!("SELECT length({})", joined("'a'", " || ", 150)), "150"),
        (format!("SELECT count(*) WHERE {}", joined("1 = 1", " AND ", 2000)), "1"),
        (format!("SELECT 1 IN ({})", joined("1", ", ", 10_000)), "true"),
        (format!("SELECT count(*) FROM (VALUES {}) t (x)", joined("1", ", ", 10_000)), "10000"),
    ] {
        let rows = Lake::default().rows(&sql).await;
        assert!(count.is_empty() || rows == [count], "{}: {rows:?}", &sql[..30]);
    }
    for sql in [
        format!("SELECT {}", joined("1", " + ", 200_000)),
        format!("SELECT {}", joined("'a'", " || ", 200_000)),
        format!("SELECT 1 WHERE {}", joined("1 = 1", " OR ", 120_000)),
        joined("SELECT 1", " UNION ALL ", 20_000),
        format!("SELECT * FROM (VALUES 1) a{}", ", (VALUES 1) b".repeat(20_000)),
        format!("SELECT ARRAY[1]{}", "[1]".repeat(200_000)),
        format!("SELECT 1{}", " AT TIME ZONE 'UTC'".repeat(200_000)),
    ] {
        let found = outcome(&sql).await;
        let refused = ["SYNTAX_ERROR", "NOT_SUPPORTED", "QUERY_TEXT_TOO_LARGE"];
        assert!(refused.contains(&found.as_str()), "{}: {found}", &sql[..30]);
    }
}
