//! The documentation's own examples.

use super::*;
use crate::explain::{ExplainType, PlanFormat};

fn ok(text: &str) -> Statement {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn table(text: &str) -> CreateTable {
    match ok(text) {
        Statement::CreateTable(table) => *table,
        other => panic!("{other:?}"),
    }
}

fn refused(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

fn reference(database: Option<&str>, table: &str) -> TableReference {
    TableReference { catalog: None, database: database.map(Into::into), table: table.into() }
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn databases_are_made_changed_and_dropped() {
    // <https://docs.aws.amazon.com/athena/latest/ug/create-database.html#create-database-examples>
    let made = ok("CREATE DATABASE IF NOT EXISTS clickstreams COMMENT 'Site Foo clickstream data aggregates' \
                   LOCATION 's3://amzn-s3-demo-bucket/clickstreams/' WITH DBPROPERTIES ('creator'='Jane D.', \
                   'Dept.'='Marketing analytics');");
    assert_eq!(
        made,
        Statement::CreateDatabase {
            name: "clickstreams".into(),
            if_not_exists: true,
            comment: Some("Site Foo clickstream data aggregates".into()),
            location: Some("s3://amzn-s3-demo-bucket/clickstreams/".into()),
            properties: pairs(&[("creator", "Jane D."), ("Dept.", "Marketing analytics")]),
        }
    );
    assert_eq!(
        ok("DROP SCHEMA clickstreams CASCADE;"),
        Statement::DropDatabase { name: "clickstreams".into(), if_exists: false, cascade: true }
    );
    assert_eq!(
        ok("ALTER DATABASE jd_datasets SET DBPROPERTIES ('creator'='John Doe', 'department'='applied mathematics')"),
        Statement::AlterDatabase {
            name: "jd_datasets".into(),
            properties: pairs(&[("creator", "John Doe"), ("department", "applied mathematics")]),
        }
    );
}

#[test]
fn a_delimited_table_has_every_clause() {
    let made = table(
        "CREATE EXTERNAL TABLE IF NOT EXISTS Db.`impressions` (requestBeginTime string COMMENT 'when', `Timestamp` \
         timestamp, n INT, m map<string, array<struct<A:int, b: decimal(9, 2) COMMENT 'x'>>>, v varchar(10)) COMMENT \
         'all' PARTITIONED BY (dt string, `hour` int COMMENT 'h') CLUSTERED BY (n) SORTED BY (n DESC) INTO 16 BUCKETS \
         ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '\\002' MAP \
         KEYS TERMINATED BY ':' LINES TERMINATED BY '\\n' NULL DEFINED AS 'NULL' STORED AS TEXTFILE LOCATION \
         's3://amzn-s3-demo-bucket/a folder/' TBLPROPERTIES ('skip.header.line.count'='1', \
         'has_encrypted_data'='false')",
    );
    assert_eq!(made.name, reference(Some("db"), "impressions"));
    let types: Vec<_> = made.columns.iter().map(|column| (column.name.as_str(), column.ty.as_str())).collect();
    let nested = "map<string,array<struct<a:int,b:decimal(9,2)>>>";
    let expected =
        [("requestbegintime", "string"), ("timestamp", "timestamp"), ("n", "int"), ("m", nested), ("v", "varchar(10)")];
    assert_eq!(types, expected);
    assert_eq!(made.columns[0].comment.as_deref(), Some("when"));
    assert_eq!(made.partitioned[1].comment.as_deref(), Some("h"));
    let bucketing = Bucketing { columns: vec!["n".into()], sorted: vec![("n".into(), false)], count: 16 };
    assert_eq!(made.bucketing, Some(bucketing));
    assert_eq!(
        made.formats().properties,
        pairs(&[
            ("serialization.format", "\t"),
            ("field.delim", "\t"),
            ("escape.delim", "\\"),
            ("colelction.delim", "\u{2}"),
            ("mapkey.delim", ":"),
            ("line.delim", "\n"),
            ("serialization.null.format", "NULL"),
        ])
    );
    assert_eq!(made.location.as_deref(), Some("s3://amzn-s3-demo-bucket/a folder/"));
    assert_eq!(made.properties[0], ("skip.header.line.count".into(), "1".into()));
}

#[test]
fn a_table_over_trails_has_its_serde_and_formats() {
    // <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html>
    let made = table(
        "CREATE EXTERNAL TABLE cloudtrail_logs(
            eventVersion STRING,
            userIdentity STRUCT<
                type: STRING,
                sessionContext: STRUCT<attributes: STRUCT<mfaAuthenticated: STRING, creationDate: STRING>>>,
            resources ARRAY<STRUCT<ARN:STRING,accountId: STRING,type:STRING>>)
         PARTITIONED BY (`timestamp` string)
         ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde'
         STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
         OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
         LOCATION 's3://bucket/AWSLogs/account-id/CloudTrail/aws-region'
         TBLPROPERTIES ('projection.enabled'='true', 'projection.timestamp.range'='2020/01/01,NOW',
           'storage.location.template'='s3://bucket/${timestamp}')",
    );
    let formats = made.formats();
    assert_eq!(formats.serde, "com.amazon.emr.hive.serde.CloudTrailSerde");
    assert_eq!(formats.input, "com.amazon.emr.cloudtrail.CloudTrailInputFormat");
    let of_session = "sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>>";
    assert_eq!(made.columns[1].ty, format!("struct<type:string,{of_session}>"));
    assert_eq!(made.partitioned[0].name, "timestamp");
}

#[test]
fn serde_properties_may_have_double_quotes_and_escapes() {
    let made = table(
        "CREATE EXTERNAL TABLE logs (a string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH \
         SERDEPROPERTIES (\"input.regex\" = \"^(?!#)([^ ]+)\\\\s+\\\"([^ ]+)\\\"$\") LOCATION 's3://b/'",
    );
    assert!(made.formats().properties.contains(&("input.regex".into(), "^(?!#)([^ ]+)\\s+\"([^ ]+)\"$".into())));
}

#[test]
fn formats_have_their_classes() {
    let parquet = table("CREATE EXTERNAL TABLE t (a int) STORED AS parquet LOCATION 's3://b/'").formats();
    assert_eq!(parquet.serde, "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe");
    assert_eq!(parquet.name(), Some("PARQUET"));
    let text = table("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/'").formats();
    assert_eq!(text.serde, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
    assert_eq!(text.properties, pairs(&[("serialization.format", "1")]));
    let iceberg = table(
        "CREATE TABLE iceberg_table (id bigint, data string, category string) PARTITIONED BY (category, bucket(16, id)) \
         LOCATION 's3://amzn-s3-demo-bucket/iceberg-folder' TBLPROPERTIES ('table_type'='ICEBERG')",
    );
    assert!(iceberg.is_iceberg());
    let names: Vec<_> = iceberg.partitioned.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["category", "bucket(16, id)"]);
}

#[test]
fn tables_are_altered() {
    let change = |text: &str| match ok(text) {
        Statement::AlterTable { change, .. } => change,
        other => panic!("{other:?}"),
    };
    // <https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-partition.html>
    let spec = |all: &[(&str, &str)]| PartitionSpec(pairs(all));
    assert_eq!(
        change(
            "ALTER TABLE orders ADD IF NOT EXISTS PARTITION (dt = '2016-05-31', n = 1) LOCATION 's3://b/x/' PARTITION \
             (dt = '2016-06-01', n = 2)"
        ),
        Alteration::AddPartitions {
            if_not_exists: true,
            partitions: vec![
                (spec(&[("dt", "2016-05-31"), ("n", "1")]), Some("s3://b/x/".into())),
                (spec(&[("dt", "2016-06-01"), ("n", "2")]), None),
            ],
        }
    );
    let Alteration::DropPartitions { if_exists: true, partitions } =
        change("ALTER TABLE orders DROP IF EXISTS PARTITION (dt > '2014-05-14', n = 1), PARTITION (dt = 'it''s')")
    else {
        panic!("not dropped")
    };
    assert_eq!(partitions[0].expression(|name| name == "dt"), "dt > '2014-05-14' AND n = 1");
    assert_eq!(partitions[1].expression(|_| true), "dt = 'it''s'");
    assert_eq!(
        change("ALTER TABLE orders PARTITION (dt = '2014-05-14') RENAME TO PARTITION (dt = '2014-05-15')"),
        Alteration::RenamePartition { from: spec(&[("dt", "2014-05-14")]), to: spec(&[("dt", "2014-05-15")]) }
    );
    let Alteration::AddColumns(columns) = change("ALTER TABLE events ADD COLUMNS (eventowner string, n int)") else {
        panic!("not added")
    };
    assert_eq!(columns.len(), 2);
    assert!(matches!(change("ALTER TABLE n REPLACE COLUMNS (a int)"), Alteration::ReplaceColumns(_)));
    assert_eq!(
        change("ALTER TABLE customers PARTITION (zip='98040') SET LOCATION 's3://b/c/'"),
        Alteration::SetLocation { partition: Some(spec(&[("zip", "98040")])), location: "s3://b/c/".into() }
    );
    assert_eq!(
        change("ALTER TABLE orders SET TBLPROPERTIES ('notes'=\"Please don't drop this table.\")"),
        Alteration::SetProperties(pairs(&[("notes", "Please don't drop this table.")]))
    );
}

#[test]
fn what_is_shown() {
    let show = |text: &str| match ok(text) {
        Statement::Show(show) => show,
        other => panic!("{other:?}"),
    };
    assert_eq!(show("SHOW SCHEMAS LIKE '*a|b*'"), Show::Databases { like: Some("*a|b*".into()) });
    let tables = Show::Tables { database: Some("marketing".into()), like: Some("*flight*".into()) };
    assert_eq!(show("SHOW TABLES IN marketing '*flight*'"), tables);
    assert_eq!(show("SHOW VIEWS"), Show::Views { database: None, like: None });
    let named = reference(Some("db"), "t");
    assert_eq!(show("SHOW PARTITIONS `db`.`t`"), Show::Partitions(named.clone()));
    assert_eq!(show("SHOW COLUMNS IN t IN db"), Show::Columns(named.clone()));
    assert_eq!(show("SHOW CREATE TABLE db.t;"), Show::CreateTable(named.clone()));
    assert_eq!(show("SHOW CREATE VIEW \"db\".\"t\";"), Show::CreateView(named.clone()));
    assert_eq!(show("SHOW CREATE VIEW db.t"), Show::CreateView(named.clone()));
    let properties = Show::Properties { name: named.clone(), key: Some("comment".into()) };
    assert_eq!(show("SHOW TBLPROPERTIES db.t('comment')"), properties);
    assert_eq!(
        show("DESCRIBE FORMATTED db.t a.b"),
        Show::Describe { name: named, detail: Detail::Formatted, partition: None, column: Some("a.b".into()) }
    );
    assert!(matches!(show("desc formatted"), Show::Describe { detail: Detail::Columns, .. }));
    assert!(matches!(show("DESC EXTENDED t"), Show::Describe { detail: Detail::Extended, .. }));
}

#[test]
fn queries_within_statements_stay_in_their_places() {
    let Statement::CreateTableAs { name, properties, query, with_data, .. } = ok(
        "CREATE TABLE x.new_table WITH (format = 'Parquet', bucket_count = 5,\n partitioned_by = ARRAY['a', 'b']) AS \
            SELECT '\\' FROM t WITH NO DATA;",
    ) else {
        panic!("no CTAS")
    };
    assert_eq!((name, with_data), (reference(Some("x"), "new_table"), false));
    assert_eq!(properties[1], ("bucket_count".into(), Property::Number(5)));
    assert_eq!(properties[2].1, Property::Texts(vec!["a".into(), "b".into()]));
    assert_eq!((query.trim(), query.lines().count()), ("SELECT '\\' FROM t", 2));
    let Statement::CreateView { or_replace: true, query, .. } = ok("CREATE OR REPLACE VIEW \"My v\" AS SELECT 1")
    else {
        panic!("no view")
    };
    assert_eq!(query.trim(), "SELECT 1");
    let Statement::Insert { columns, query, .. } = ok("INSERT INTO a.t (x, Y) VALUES (1, 2)") else { panic!("none") };
    assert_eq!((columns, query.trim()), (vec!["x".to_owned(), "y".to_owned()], "VALUES (1, 2)"));
    let Statement::Unload { query, location, properties } =
        ok("UNLOAD (SELECT (1) FROM t) TO 's3://b/u/' WITH (format = 'PARQUET')")
    else {
        panic!("no UNLOAD")
    };
    assert_eq!((query.trim(), location.as_str(), properties.len()), ("SELECT (1) FROM t", "s3://b/u/", 1));
}

#[test]
fn statements_are_prepared_and_executed() {
    let Statement::Prepare { name, statement } = ok("PREPARE My_select FROM SELECT * FROM t WHERE a = ?") else {
        panic!("not prepared")
    };
    assert_eq!((name.as_str(), statement.trim()), ("My_select", "SELECT * FROM t WHERE a = ?"));
    let parameters = vec!["'a,b'".to_owned(), "concat('x', 'y')".to_owned(), "3".to_owned()];
    assert_eq!(
        ok("EXECUTE my_select USING 'a,b', concat('x', 'y'), 3"),
        Statement::Execute { name: "my_select".into(), parameters }
    );
    assert_eq!(ok("DEALLOCATE PREPARE p"), Statement::Deallocate { name: "p".into() });
    let explain = |text: &str| match ok(text) {
        Statement::Explain { analyze, of, format, statement } => (analyze, of, format, statement.trim().to_owned()),
        other => panic!("{other:?}"),
    };
    let select = "SELECT 1".to_owned();
    let json = Some(PlanFormat::Json);
    assert_eq!(explain("EXPLAIN (FORMAT json, TYPE IO) SELECT 1"), (false, ExplainType::Io, json, select.clone()));
    assert_eq!(explain("EXPLAIN ANALYZE (FORMAT JSON) SELECT 1"), (true, ExplainType::Logical, json, select.clone()));
    assert_eq!(explain("explain SELECT 1"), (false, ExplainType::Logical, None, select));
    assert_eq!(explain("EXPLAIN (SELECT 1)").3, "(SELECT 1)");
    for text in [
        "EXPLAIN (FORMAT XML) SELECT 1",
        "EXPLAIN (FORMAT TEXT, KIND IO) SELECT 1",
        "EXPLAIN ANALYZE (TYPE LOGICAL) SELECT 1",
        "EXPLAIN ANALYZE (FORMAT GRAPHVIZ) SELECT 1",
        "EXPLAIN (TYPE IO, FORMAT TEXT) SELECT 1",
    ] {
        assert!(super::parse(text).is_err(), "{text}");
    }
}

#[test]
fn queries_are_left_to_trino() {
    for text in ["SELECT '\\'", "with a as (select 1) table a", "(SELECT 1)", "values 1", "-- x\nSELECT 1"] {
        assert_eq!(ok(text), Statement::Query, "{text}");
    }
    assert_eq!(ok("MERGE INTO a USING b ON c WHEN MATCHED THEN DELETE").name(), "MERGE");
}

#[test]
fn what_is_wrong_is_told_as_hive_or_trino_tells_it() {
    let parse_error = "FAILED: ParseException line 1:";
    assert_eq!(refused("DROP TABLE a-b"), format!("{parse_error}12 missing EOF at '-' near 'a'"));
    assert_eq!(
        refused("CREATE EXTERNAL TABLE t (a unknown)"),
        format!("{parse_error}27 cannot recognize input near 'unknown' ')' '<EOF>' in column type")
    );
    assert_eq!(
        refused("CREATE EXTERNAL TABLE t (a int b int)"),
        format!("{parse_error}31 mismatched input 'b' expecting ) near 'int' in create table statement")
    );
    assert_eq!(
        refused("DROP thing x"),
        format!("{parse_error}5 cannot recognize input near 'thing' 'x' '<EOF>' in ddl statement")
    );
    assert!(refused("CREATE EXTERNAL TABLE t (a int) STORED AS CARBON").contains("Unrecognized file format"));
    assert!(refused("nothing").starts_with("line 1:1: mismatched input 'nothing'. Expecting: 'ALTER', 'ANALYZE'"));
    assert!(refused("").starts_with("line 1:1: mismatched input '<EOF>'. Expecting: 'ALTER'"));
    assert_eq!(refused("INSERT t"), "line 1:8: mismatched input 't'. Expecting: 'INTO'");
    assert_eq!(refused("CREATE VIEW v-x AS SELECT 1"), "line 1:14: mismatched input '-'. Expecting: 'AS'");
    assert_eq!(refused("GRANT x TO y"), "FAILED: SemanticException Queries of this type are not supported");
    let deep = format!("CREATE EXTERNAL TABLE t (a {}int{})", "array<".repeat(10_000), ">".repeat(10_000));
    assert!(refused(&deep).contains("nested too deeply"));
}

#[test]
fn texts_that_are_cut_or_changed_anywhere_are_refused_or_parsed() {
    let texts = [
        "CREATE EXTERNAL TABLE IF NOT EXISTS `d`.t (a map<string,array<struct<b:decimal(9,2)>>> COMMENT 'x\\t\\001') \
         PARTITIONED BY (p int) CLUSTERED BY (a) SORTED BY (a DESC) INTO 4 BUCKETS ROW FORMAT SERDE 'x' WITH \
         SERDEPROPERTIES (\"a\" = 'b') STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION 's3://b/' TBLPROPERTIES \
         ('a'='b');",
        "ALTER TABLE d.t ADD IF NOT EXISTS PARTITION (a = 1, b = 'é') LOCATION 's3://b/' PARTITION (a = -2, b = date '1')",
        "CREATE TABLE t WITH (format = 'X', a = ARRAY['b'], c = 5, d = true) AS SELECT '\\' WITH NO DATA",
        "UNLOAD (SELECT (1), ')') TO 's3://b/' WITH (format = 'JSON')",
        "EXECUTE p USING 'a', concat('b', ?), 3",
    ];
    for text in texts {
        ok(text);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for at in places {
            // Whatever it says; it says something.
            let _ = parse(&text[..at]);
            for with in ["'", "\"", "`", "(", ")", "\\", "é", ";", "--", "/*", "\u{0}"] {
                let _ = parse(&format!("{}{with}{}", &text[..at], &text[at..]));
            }
        }
    }
}
