//! Hive's DDL, and the statements around queries.

use welkin_sql::ddl;

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Statements;

const STATEMENTS: &[&str] = &[
    "CREATE EXTERNAL TABLE IF NOT EXISTS d.t (a int COMMENT 'x', b struct<c:array<map<string,decimal(10,2)>>>) PARTITIONED BY (p string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' STORED AS TEXTFILE LOCATION 's3://b/f o/' TBLPROPERTIES ('skip.header.line.count'='1')",
    "CREATE EXTERNAL TABLE t (`a b` string) CLUSTERED BY (`a b`) INTO 4 BUCKETS ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('paths'='a,b') STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION 's3://b/'",
    "ALTER TABLE d.t ADD IF NOT EXISTS PARTITION (p='1', q=2) LOCATION 's3://b/1/' PARTITION (p='2', q=3)",
    "ALTER TABLE t PARTITION (p='1') RENAME TO PARTITION (p='2')",
    "ALTER TABLE t SET TBLPROPERTIES ('a'='b')",
    "CREATE TABLE t WITH (format = 'PARQUET', partitioned_by = ARRAY['p'], external_location = 's3://b/x/') AS SELECT 1 a, 'x' p",
    "INSERT INTO t (a, b) SELECT 1, 'x'",
    "UNLOAD (SELECT * FROM t) TO 's3://b/u/' WITH (format = 'JSON')",
    "CREATE OR REPLACE VIEW v AS SELECT a FROM t",
    "PREPARE p FROM SELECT ? + 1",
    "EXECUTE p USING 1, 'x'",
    "EXPLAIN SELECT 1",
    "MSCK REPAIR TABLE t",
    "SHOW PARTITIONS d.t",
    "DESCRIBE FORMATTED d.t",
    "DROP TABLE IF EXISTS `d`.`t`",
];

impl Target for Statements {
    fn seed(&self, chance: &mut Chance) -> Seed {
        chance.pick(STATEMENTS).as_bytes().to_vec().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let statement = ddl::parse(&text).map_err(|fault| fault.to_string())?;
        assert!(!statement.name().is_empty(), "a statement has a name");
        assert_eq!(Ok(&statement), ddl::parse(&text).as_ref(), "the same text is the same statement");
        let _ = ddl::substitute(&text, &["1".to_owned(), "'x'".to_owned()]);
        Ok(())
    }
}
