//! Files and tables that are not what they should be: the query fails with its reason, and nothing else does.

use crate::lake::{HIVE_JSON, LAZY, Lake, OPENX, TRAIL, gzip, table};

#[tokio::test]
async fn a_gzip_bomb_does_not_fill_the_memory() {
    // 64 MB of one line in some kilobytes.
    let bomb = gzip(vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    for serde in [LAZY, OPENX, HIVE_JSON] {
        let lake = Lake::default().table("t", table(serde, &[("a", "string")])).file("t/bomb.gz", &bomb);
        let error = lake.error("SELECT * FROM t").await;
        assert!(error.starts_with("HIVE_BAD_DATA: Line too long in text file: s3://lake/t/bomb.gz"), "{error}");
        // The next query is none the worse for it.
        assert_eq!(lake.rows("SELECT 1").await, ["1"]);
    }
}

#[tokio::test]
async fn a_record_of_100_megabytes_is_too_long() {
    let mut content = b"{\"Records\":[{\"eventName\":\"".to_vec();
    content.resize(100 << 20, b'x');
    let lake = Lake::default().table("t", table(TRAIL, &[("eventname", "string")])).file("t/f.json.gz", gzip(content));
    let error = lake.error("SELECT * FROM t").await;
    assert!(error.starts_with("HIVE_BAD_DATA: Line too long in text file: "), "{error}");
}

#[tokio::test]
async fn files_that_were_cut_or_are_no_gzip_are_told() {
    let whole = gzip("a line\n".repeat(1000));
    for content in [&whole[..whole.len() / 2], b"no gzip at all\n"] {
        let lake = Lake::default().table("t", table(LAZY, &[("a", "string")])).file("t/f.gz", content);
        let error = lake.error("SELECT count(*) FROM t").await;
        assert!(error.starts_with("HIVE_CURSOR_ERROR: Failed to read file at s3://lake/t/f.gz: "), "{error}");
    }
    let cut = gzip(r#"{"Records":[{"eventName":"a"},{"eventN"#);
    let lake = Lake::default().table("t", table(TRAIL, &[("eventname", "string")])).file("t/f.gz", cut);
    let error = lake.error("SELECT * FROM t").await;
    assert!(error.starts_with("HIVE_CURSOR_ERROR: JsonParseException: Unexpected end-of-input"), "{error}");
}

#[tokio::test]
async fn what_the_storage_refuses_the_query_is_refused() {
    let mut forbidden = table(LAZY, &[("a", "string")]);
    forbidden.location = "s3://lake/forbidden".into();
    let lake = Lake::default()
        .table("f", forbidden)
        .table("t", table(LAZY, &[("a", "string")]))
        .file("t/secret.gz", gzip("x\n"))
        .file("t/plain", "y\n");
    assert_eq!(lake.error("SELECT * FROM f").await, "PERMISSION_DENIED: Access Denied");
    assert_eq!(lake.error("SELECT count(a) FROM t").await, "PERMISSION_DENIED: Access Denied");
    assert_eq!(lake.rows("SELECT a FROM t WHERE \"$path\" LIKE '%plain'").await, ["y"]);
}

#[tokio::test]
async fn serdes_and_types_that_there_are_not_are_told() {
    let of = |serde: &str, ty: &str| Lake::one(table(serde, &[("a", ty)]), "x\n");
    assert_eq!(
        of("com.example.NoSerDe", "string").error("SELECT * FROM t").await,
        "HIVE_SERDE_NOT_FOUND: deserializer does not exist: com.example.NoSerDe"
    );
    let error = of("com.amazon.ionhiveserde.IonHiveSerDe", "string").error("SELECT * FROM t").await;
    assert!(error.starts_with("HIVE_UNSUPPORTED_FORMAT: "), "{error}");
    assert_eq!(
        of(LAZY, "strin").error("SELECT * FROM t").await,
        "HIVE_METASTORE_ERROR: Error: type expected at the position 0 of 'strin' but 'strin' is found."
    );
    let mut other = table(LAZY, &[("a", "string")]);
    other.input_format = "com.example.NoInputFormat".into();
    assert_eq!(
        Lake::one(other, "x\n").error("SELECT * FROM t").await,
        "HIVE_UNSUPPORTED_FORMAT: Unable to create input format com.example.NoInputFormat"
    );
}

#[tokio::test]
async fn bytes_that_are_no_text_are_read() {
    let lake = Lake::one(table(LAZY, &[("a", "string"), ("b", "int")]), b"\xff\xfe\x011\n\x00\x012\n");
    assert_eq!(lake.rows("SELECT b FROM t").await, ["1", "2"]);
    let lake = Lake::one(table(HIVE_JSON, &[("a", "string")]), b"{\"a\":\"\xff\"}\n");
    assert_eq!(lake.rows("SELECT length(a) FROM t").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_does_not_read_everything() {
    let big = "a line of text\n".repeat(2_000_000);
    let lake = Lake::one(table(LAZY, &[("a", "string")]), &big);
    let (rows, scanned) = lake.query("SELECT a FROM t LIMIT 3").await.expect("rows");
    assert_eq!(rows, ["a line of text"; 3]);
    assert!(scanned.bytes() < big.len() as u64 / 2, "{} bytes were read", scanned.bytes());
}
