"""Definitions by SQL, as Glue has them afterwards."""

import base64
import json


def test_databases(sql, glue, account):
    sql.run("CREATE DATABASE IF NOT EXISTS db COMMENT 'ours' LOCATION 's3://b/db/' WITH DBPROPERTIES ('a'='1')")
    sql.run("CREATE SCHEMA IF NOT EXISTS db")
    assert "Database db already exists" in sql.fails("CREATE DATABASE db")
    sql.run("ALTER DATABASE db SET DBPROPERTIES ('b'='2')")
    found = glue.get_database(Name="db")["Database"]
    assert (found["Description"], found["LocationUri"], found["CatalogId"]) == ("ours", "s3://b/db/", account)
    assert found["Parameters"] == {"a": "1", "b": "2"}
    sql.run("CREATE DATABASE other")
    assert sql.rows("SHOW DATABASES") == [("db",), ("other",)]
    assert sql.rows("SHOW SCHEMAS LIKE 'o*'") == [("other",)]
    sql.run("CREATE EXTERNAL TABLE db.t (a int) LOCATION 's3://b/t/'")
    assert "Database db is not empty" in sql.fails("DROP DATABASE db")
    sql.run("DROP DATABASE db CASCADE")
    assert sql.fails("DROP DATABASE db") == "FAILED: SemanticException [Error 10072]: Database does not exist: db"
    sql.run("DROP DATABASE IF EXISTS db")
    assert sql.rows("SHOW DATABASES") == [("other",)]


def test_a_table_is_in_glue_as_athena_puts_it_there(sql, glue):
    sql.run("CREATE DATABASE db")
    sql.run(
        """CREATE EXTERNAL TABLE IF NOT EXISTS db.Events (
          Id bigint COMMENT 'the id', detail struct<name:string, tags:array<string>>)
        COMMENT 'all of them' PARTITIONED BY (day string)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'
        LOCATION 's3://b/my events/' TBLPROPERTIES ('skip.header.line.count'='1')"""
    )
    table = glue.get_table(DatabaseName="db", Name="events")["Table"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    parameters = table["Parameters"]
    assert (parameters["EXTERNAL"], parameters["skip.header.line.count"], parameters["comment"]) == (
        "TRUE",
        "1",
        "all of them",
    )
    storage = table["StorageDescriptor"]
    assert storage["Columns"] == [
        {"Name": "id", "Type": "bigint", "Comment": "the id"},
        {"Name": "detail", "Type": "struct<name:string,tags:array<string>>"},
    ]
    assert storage["Location"] == "s3://b/my events/"
    assert storage["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": "\t", "serialization.format": "\t"},
    }
    assert "AlreadyExistsException" in sql.fails("CREATE EXTERNAL TABLE db.events (a int) LOCATION 's3://b/'")
    sql.run("CREATE EXTERNAL TABLE IF NOT EXISTS db.events (a int) LOCATION 's3://b/'")
    sql.run("DROP TABLE db.events")
    assert "Table not found db.events" in sql.fails("DROP TABLE db.events")
    sql.run("DROP TABLE IF EXISTS db.events")


def test_what_is_no_table_fails_in_hives_words(sql):
    sql.run("CREATE DATABASE db")
    context = {"QueryExecutionContext": {"Database": "db"}}
    reason = sql.fails("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/' SOMETHING else", **context)
    assert reason == "FAILED: ParseException line 1:51 missing EOF at 'SOMETHING' near ''s3://b/''"
    assert "ParseException line 1:27 cannot recognize input near 'text'" in sql.fails("CREATE EXTERNAL TABLE t (a text) LOCATION 's3://b/'")
    assert "Column repeated in partitioning columns" in sql.fails(
        "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (a int) LOCATION 's3://b/'", **context
    )
    assert "location is not specified" in sql.fails("CREATE EXTERNAL TABLE t (a int)", **context)
    assert "Database does not exist: none" in sql.fails("CREATE EXTERNAL TABLE none.t (a int) LOCATION 's3://b/'")
    failed = sql.wait(sql.start("DROP TABLE t-x"))["Status"]
    assert failed["AthenaError"]["ErrorCategory"] == 2
    assert failed["AthenaError"]["ErrorMessage"] == failed["StateChangeReason"]


def test_what_is_no_statement_is_not_accepted(sql, refused):
    with refused("InvalidRequestException", message="line 1:1: mismatched input 'SELEC'. Expecting: 'ALTER'") as it:
        sql.start("SELEC 1")
    assert it.answer["AthenaErrorCode"] == "MALFORMED_QUERY"
    with refused("InvalidRequestException", message="line 1:"):
        sql.start("SELECT * FROM")
    with refused("InvalidRequestException", message="Queries of this type are not supported"):
        sql.start("GRANT SELECT ON t TO me")


def test_tables_are_altered(sql, glue):
    sql.run("CREATE DATABASE db")
    sql.run("CREATE EXTERNAL TABLE db.t (a int) PARTITIONED BY (p int, q string) LOCATION 's3://b/t'")
    sql.run("ALTER TABLE db.t ADD COLUMNS (b string)")
    assert "Duplicate column name" in sql.fails("ALTER TABLE db.t ADD COLUMNS (b int)")
    sql.run("ALTER TABLE db.t SET TBLPROPERTIES ('notes'=\"don't\")")
    sql.run("ALTER TABLE db.t SET LOCATION 's3://b/u'")
    table = glue.get_table(DatabaseName="db", Name="t")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["a", "b"]
    assert (table["Parameters"]["notes"], table["StorageDescriptor"]["Location"]) == ("don't", "s3://b/u")
    sql.run("ALTER TABLE db.t REPLACE COLUMNS (c bigint)")
    sql.run("ALTER TABLE db.t ADD PARTITION (p = 1, q = 'x') LOCATION 's3://b/x/' PARTITION (p = 2, q = 'y')")
    assert "Partition already exists" in sql.fails("ALTER TABLE db.t ADD PARTITION (p = 2, q = 'y')")
    sql.run("ALTER TABLE db.t ADD IF NOT EXISTS PARTITION (p = 2, q = 'y') PARTITION (p = 3, q = 'z')")
    assert sql.rows("SHOW PARTITIONS db.t") == [("p=1/q=x",), ("p=2/q=y",), ("p=3/q=z",)]
    second = glue.get_partition(DatabaseName="db", TableName="t", PartitionValues=["2", "y"])["Partition"]
    assert second["StorageDescriptor"]["Location"] == "s3://b/u/p=2/q=y"
    sql.run("ALTER TABLE db.t PARTITION (p = 1, q = 'x') RENAME TO PARTITION (p = 9, q = 'x')")
    sql.run("ALTER TABLE db.t PARTITION (p = 9, q = 'x') SET LOCATION 's3://b/nine/'")
    ninth = glue.get_partition(DatabaseName="db", TableName="t", PartitionValues=["9", "x"])["Partition"]
    assert ninth["StorageDescriptor"]["Location"] == "s3://b/nine/"
    sql.run("ALTER TABLE db.t DROP PARTITION (p < 3), PARTITION (q = 'z')")
    assert sql.rows("SHOW PARTITIONS db.t") == [("p=9/q=x",)]
    assert "Partition not found" in sql.fails("ALTER TABLE db.t DROP PARTITION (p = 77)")
    sql.run("ALTER TABLE db.t DROP IF EXISTS PARTITION (p = 77)")


def test_msck_finds_the_folders_that_are_partitions(orders, sql, s3, bucket):
    assert sql.rows("SHOW PARTITIONS shop.orders") == [("dt=2024-01-01",), ("dt=2024-01-02",)]
    s3.put_object(Bucket=bucket, Key="orders/dt=2024-01-03/c.csv", Body=b"5,fig,1.00\n")
    s3.put_object(Bucket=bucket, Key="orders/other/d.csv", Body=b"6,fig,1.00\n")
    assert sql.rows("MSCK REPAIR TABLE shop.orders") == [
        ("Partitions not in metastore:\torders:dt=2024-01-03",),
        ("Repair: Added partition to metastore orders:dt=2024-01-03",),
    ]
    assert sql.rows("MSCK REPAIR TABLE shop.orders") == []


def test_what_is_shown(orders, sql, bucket):
    context = {"QueryExecutionContext": {"Database": "shop"}}
    sql.run("CREATE VIEW cheap AS SELECT id FROM orders WHERE price < 1", **context)
    assert sql.rows("SHOW TABLES", **context) == [("cheap",), ("orders",)]
    assert sql.rows("SHOW TABLES IN shop '*ers'") == [("orders",)]
    assert sql.rows("SHOW VIEWS IN shop") == [("cheap",)]
    assert sql.rows("SHOW COLUMNS IN shop.orders") == [("id",), ("fruit",), ("price",), ("dt",)]
    assert sql.rows("SHOW TBLPROPERTIES shop.orders('EXTERNAL')") == [("TRUE",)]
    described = [row[0].split("\t") for row in sql.rows("DESCRIBE shop.orders")]
    assert [part.strip() for part in described[0]] == ["id", "int", ""]
    assert described[5] == ["# Partition Information", " ", " "]
    text = "\n".join(row[0] for row in sql.rows("SHOW CREATE TABLE shop.orders"))
    assert text.startswith("CREATE EXTERNAL TABLE `orders`(\n  `id` int, \n  `fruit` string, \n  `price` decimal(9,2))")
    assert f"LOCATION\n  's3://{bucket}/orders/'" in text
    sql.run("DROP TABLE shop.orders")
    sql.run(text, **context)
    assert sql.rows("SHOW CREATE TABLE shop.orders")[0] == ("CREATE EXTERNAL TABLE `orders`(",)
    assert sql.rows("SHOW CREATE VIEW shop.cheap")[0] == ("CREATE VIEW shop.cheap AS ",)


def test_what_is_described_in_full(orders, sql, bucket):
    sql.run(
        f"""CREATE EXTERNAL TABLE shop.deep (a struct<b:array<map<string,int>>,c:string> COMMENT 'deep', n int)
        LOCATION 's3://{bucket}/deep/'"""
    )
    assert sql.rows("DESCRIBE shop.deep a.b.'$elem$'.'$value$'") == [("$value$             \tint                 \t" + " " * 20,)]
    [(line,)] = sql.rows("DESCRIBE shop.deep a")
    assert [part.strip() for part in line.split("\t")] == ["a", "struct<b:array<map<string,int>>,c:string>", "deep"]
    assert "cannot find field a.x" in sql.fails("DESCRIBE shop.deep a.x")

    def things(statement):
        rows = [row[0].split("\t") for row in sql.rows(statement)]
        return {(row[0].strip() or row[1].strip()): row[-2 if row[0].strip() else -1].strip() for row in rows if len(row) > 2}

    table = things("DESCRIBE FORMATTED shop.orders")
    assert (table["Database:"], table["Table Type:"], table["Compressed:"]) == ("shop", "EXTERNAL_TABLE", "No")
    assert (table["Location:"], table["EXTERNAL"], table["field.delim"]) == (f"s3://{bucket}/orders/", "TRUE", ",")
    assert table["SerDe Library:"] == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" and "dt" in table
    one = things("DESCRIBE FORMATTED shop.orders PARTITION (dt = '2024-01-02')")
    assert (one["Partition Value:"], one["Table:"]) == ("[2024-01-02]", "orders")
    assert one["Location:"] == f"s3://{bucket}/orders/dt=2024-01-02"
    assert "Partition not found" in sql.fails("DESCRIBE FORMATTED shop.orders PARTITION (dt = 'none')")
    record = sql.rows("DESCRIBE EXTENDED shop.orders")[-1][0]
    assert record.startswith("Detailed Table Information\tTable(tableName:orders, dbName:shop, owner:hadoop, createTime:")
    assert "partitionKeys:[FieldSchema(name:dt, type:string, comment:null)]" in record


def test_a_view_is_kept_as_trino_keeps_it(orders, sql, glue):
    context = {"QueryExecutionContext": {"Database": "shop"}}
    sql.run("CREATE VIEW totals AS SELECT fruit, sum(price) AS total FROM orders GROUP BY fruit", **context)
    table = glue.get_table(DatabaseName="shop", Name="totals")["Table"]
    assert (table["TableType"], table["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    text = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    view = json.loads(base64.b64decode(text))
    assert view["columns"] == [{"name": "fruit", "type": "varchar"}, {"name": "total", "type": "decimal(38,2)"}]
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["string", "decimal(38,2)"]
    assert "View already exists" in sql.fails("CREATE VIEW totals AS SELECT 1 AS x", **context)
    sql.run("CREATE OR REPLACE VIEW totals AS SELECT 1 AS x", **context)
    assert sql.rows("SELECT x FROM totals", **context) == [("1",)]
    assert "COLUMN_NOT_FOUND" in sql.fails("CREATE VIEW broken AS SELECT none FROM orders", **context)
    sql.run("DROP VIEW shop.totals")
    assert "View totals does not exist" in sql.fails("DROP VIEW shop.totals")
    sql.run("DROP VIEW IF EXISTS shop.totals")


def test_what_is_not_done_fails_by_its_name(orders, sql):
    for text, name in [
        ("MERGE INTO shop.orders USING x ON true WHEN MATCHED THEN DELETE", "Modifying Hive table rows"),
        ("EXPLAIN INSERT INTO shop.orders SELECT * FROM shop.orders", "EXPLAIN of INSERT"),
        (
            "CREATE TABLE shop.ice (a int) LOCATION 's3://b/' TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')",
            "ORC",
        ),
    ]:
        reason = sql.fails(text)
        assert reason.startswith("NOT_SUPPORTED: ") and name in reason, reason


def test_metadata_of_the_api_is_glues(orders, athena, refused):
    assert athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="shop")["Database"]["Name"] == "shop"
    found = athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", TableName="orders")
    table = found["TableMetadata"]
    assert [column["Name"] for column in table["Columns"]] == ["id", "fruit", "price"]
    assert table["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert table["Parameters"]["serde.param.field.delim"] == ","
    listed = athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop")["TableMetadataList"]
    assert [it["Name"] for it in listed] == ["orders"]
    with refused("MetadataException"):
        athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", TableName="none")
