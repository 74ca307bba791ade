"""Tables that queries write: CTAS, INSERT INTO, UNLOAD."""

import gzip
import json

import pytest

SHOP = {"QueryExecutionContext": {"Database": "shop"}}


def files(s3, bucket, prefix):
    return [it["Key"] for it in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


def test_a_table_is_made_of_a_query(orders, sql, s3, glue, bucket):
    location = f"s3://{bucket}/made/"
    execution = sql.run(
        f"""CREATE TABLE made WITH (format = 'TEXTFILE', field_delimiter = ',', external_location = '{location}',
        partitioned_by = ARRAY['dt']) AS SELECT id, fruit, price, dt FROM orders WHERE id < 4""",
        **SHOP,
    )
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "CREATE_TABLE_AS_SELECT")
    assert sql.rows("SELECT * FROM made ORDER BY id", **SHOP) == [
        ("1", "apple", "2.50", "2024-01-01"),
        ("2", "pear", "3.00", "2024-01-01"),
        ("3", "apple", "1.25", "2024-01-02"),
    ]
    query = execution["QueryExecutionId"]
    assert files(s3, bucket, "made/") == [f"made/dt=2024-01-0{n}/{query}.gz" for n in (1, 2)]
    body = s3.get_object(Bucket=bucket, Key=f"made/dt=2024-01-02/{query}.gz")["Body"].read()
    assert gzip.decompress(body) == b"3,apple,1.25\n"
    manifest = execution["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{bucket}/")
    lines = s3.get_object(Bucket=bucket, Key=manifest)["Body"].read().decode().splitlines()
    assert lines == [f"{location}dt=2024-01-0{n}/{query}.gz" for n in (1, 2)]
    table = glue.get_table(DatabaseName="shop", Name="made")["Table"]
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["int", "string", "decimal(9,2)"]
    assert "TABLE_ALREADY_EXISTS" in sql.fails("CREATE TABLE made WITH (format = 'JSON') AS SELECT 1 AS a", **SHOP)
    sql.run("DROP TABLE shop.made")
    assert sql.fails(
        f"CREATE TABLE made WITH (format = 'JSON', external_location = '{location}') AS SELECT 1 AS a", **SHOP
    ).startswith("HIVE_PATH_ALREADY_EXISTS")


def test_a_table_of_json_beside_the_results(orders, sql, athena):
    execution = sql.run("CREATE TABLE j WITH (format = 'JSON') AS SELECT id, ARRAY[fruit, 'x'] AS names FROM orders", **SHOP)
    assert athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 4
    assert sql.rows("SELECT id, names[1] FROM j WHERE id = 2", **SHOP) == [("2", "pear")]
    sql.run("CREATE TABLE empty WITH (format = 'JSON') AS SELECT * FROM j WITH NO DATA", **SHOP)
    assert sql.rows("SELECT count(*) FROM empty", **SHOP) == [("0",)]


def test_rows_are_inserted(orders, sql, athena):
    execution = sql.run("INSERT INTO orders (id, fruit, dt) VALUES (5, 'fig', '2024-01-01'), (6, NULL, '2024-01-09')", **SHOP)
    assert athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 2
    assert sql.rows("SELECT id, fruit, price, dt FROM orders WHERE id > 4 ORDER BY 1", **SHOP) == [
        ("5", "fig", None, "2024-01-01"),
        ("6", None, None, "2024-01-09"),
    ]
    assert sql.rows("SHOW PARTITIONS shop.orders")[-1] == ("dt=2024-01-09",)
    sql.run("INSERT INTO shop.orders SELECT id + 100, fruit, price, dt FROM orders WHERE id = 1", **SHOP)
    assert sql.rows("SELECT id, price FROM shop.orders WHERE id > 100") == [("101", "2.50")]
    assert sql.fails("INSERT INTO orders VALUES ('x', 'y', 1, 'z')", **SHOP).startswith("TYPE_MISMATCH: Insert query")
    assert "COLUMN_NOT_FOUND" in sql.fails("INSERT INTO orders (none) VALUES (1)", **SHOP)


def test_rows_are_unloaded(orders, sql, s3, bucket):
    execution = sql.run(
        f"UNLOAD (SELECT id, fruit FROM orders WHERE id < 3) TO 's3://{bucket}/out' WITH (format = 'JSON', compression = 'none')",
        **SHOP,
    )
    [key] = files(s3, bucket, "out/")
    assert key == f"out/{execution['QueryExecutionId']}"
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    assert sorted(json.loads(line)["fruit"] for line in lines) == ["apple", "pear"]


def test_formats_that_are_not_written_are_refused_by_name(orders, sql):
    for properties, name in [("format = 'ION'", "ION"), ("write_compression = 'LZ4'", "LZ4")]:
        reason = sql.fails(f"CREATE TABLE t WITH ({properties}) AS SELECT 1 AS a", **SHOP)
        assert reason.startswith("NOT_SUPPORTED: ") and name in reason


@pytest.mark.parametrize("compression", ["NONE", "GZIP", "ZSTD", "BZIP2", "DEFLATE", "SNAPPY"])
def test_text_of_every_compression_is_read_again(orders, sql, compression):
    properties = f"format = 'TEXTFILE', write_compression = '{compression}'"
    sql.run(f"CREATE TABLE t WITH ({properties}) AS SELECT id, fruit FROM orders", **SHOP)
    sql.run("INSERT INTO t VALUES (9, 'nine')", **SHOP)
    assert sql.rows("SELECT count(*), sum(id), max(fruit) FROM t", **SHOP) == [("5", "19", "pear")]


def test_columns_of_a_new_table_have_names_of_their_own(orders, sql):
    assert sql.fails("CREATE TABLE x WITH (format = 'JSON') AS SELECT id, 1 FROM orders", **SHOP).startswith(
        "MISSING_COLUMN_NAME: Column name not specified at position 2"
    )
    assert sql.fails("CREATE TABLE x WITH (format = 'JSON') AS SELECT id, price AS ID FROM orders", **SHOP).startswith(
        "DUPLICATE_COLUMN_NAME: Column name 'id' specified more than once"
    )
