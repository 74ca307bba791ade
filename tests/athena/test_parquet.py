"""Parquet that queries write: CTAS, INSERT INTO, UNLOAD. The files are read again by Athena and by Apache Arrow."""

import datetime
import decimal
import io

import pyarrow.parquet
import pytest

SHOP = {"QueryExecutionContext": {"Database": "shop"}}

EVERY_TYPE = """SELECT true AS a_boolean, tinyint '-1' AS a_tinyint, smallint '300' AS a_smallint, 70000 AS an_int,
    bigint '5000000000' AS a_bigint, real '0.5' AS a_float, 0.1e0 AS a_double, decimal '12.34' AS a_decimal,
    decimal '-1234567890123456789012345678.9' AS a_long_decimal, 'text' AS a_varchar, cast('ab' AS char(4)) AS a_char,
    X'00ff' AS a_binary, date '1969-12-31' AS a_date, timestamp '2024-02-29 12:34:56.789' AS a_timestamp,
    ARRAY[1, NULL, 3] AS an_array, MAP(ARRAY['k', 'l'], ARRAY[1, NULL]) AS a_map,
    CAST(ROW(1, ARRAY['x']) AS ROW(n integer, l array(varchar))) AS a_row, CAST(NULL AS integer) AS nothing"""


@pytest.fixture
def shop(sql):
    sql.run("CREATE DATABASE shop")


@pytest.fixture
def files(s3, bucket):
    """The files of a folder as Arrow reads them, by their keys."""

    def read(prefix):
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        bodies = {it["Key"]: s3.get_object(Bucket=bucket, Key=it["Key"])["Body"].read() for it in listed}
        return {key: pyarrow.parquet.ParquetFile(io.BytesIO(body)) for key, body in bodies.items()}

    return read


def codecs(file):
    return {file.metadata.row_group(0).column(n).compression for n in range(file.metadata.num_columns)}


def test_parquet_is_the_default_format_and_has_every_type(shop, sql, glue, bucket, files):
    sql.run(f"CREATE TABLE every WITH (external_location = 's3://{bucket}/every/') AS {EVERY_TYPE}", **SHOP)
    [file] = files("every/").values()
    assert codecs(file) == {"GZIP"}
    [row] = file.read().to_pylist()
    assert row == {
        "a_boolean": True,
        "a_tinyint": -1,
        "a_smallint": 300,
        "an_int": 70000,
        "a_bigint": 5000000000,
        "a_float": 0.5,
        "a_double": 0.1,
        "a_decimal": decimal.Decimal("12.34"),
        "a_long_decimal": decimal.Decimal("-1234567890123456789012345678.9"),
        "a_varchar": "text",
        "a_char": "ab",
        "a_binary": b"\x00\xff",
        "a_date": datetime.date(1969, 12, 31),
        "a_timestamp": datetime.datetime(2024, 2, 29, 12, 34, 56, 789000),
        "an_array": [1, None, 3],
        "a_map": [("k", 1), ("l", None)],
        "a_row": {"n": 1, "l": ["x"]},
        "nothing": None,
    }
    table = glue.get_table(DatabaseName="shop", Name="every")["Table"]
    storage = table["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert storage["InputFormat"].endswith("MapredParquetInputFormat")
    assert table["Parameters"]["parquet.compression"] == "GZIP"
    types = {column["Name"]: column["Type"] for column in storage["Columns"]}
    assert types["a_long_decimal"] == "decimal(29,1)" and types["a_row"] == "struct<n:int,l:array<string>>"
    assert sql.rows("SELECT * FROM every", **SHOP) == sql.rows(EVERY_TYPE)
    assert sql.rows("SELECT a_map['k'], a_row.l[1], cardinality(an_array) FROM every", **SHOP) == [("1", "x", "3")]


@pytest.mark.parametrize(
    ("property", "codec"),
    [
        ("write_compression = 'SNAPPY'", "SNAPPY"),
        ("parquet_compression = 'zstd'", "ZSTD"),
        ("write_compression = 'ZSTD', compression_level = 19", "ZSTD"),
        ("write_compression = 'NONE'", "UNCOMPRESSED"),
    ],
)
def test_compressions(shop, sql, files, bucket, property, codec):
    location = f"external_location = 's3://{bucket}/c/'"
    sql.run(f"CREATE TABLE c WITH (format = 'PARQUET', {property}, {location}) AS SELECT 1 AS a, 'x' AS b", **SHOP)
    sql.run("INSERT INTO c VALUES (2, 'y')", **SHOP)
    assert [codecs(file) for file in files("c/").values()] == [{codec}, {codec}]
    assert sql.rows("SELECT a, b FROM c ORDER BY a", **SHOP) == [("1", "x"), ("2", "y")]


def test_partitions_of_parquet(orders, sql, glue, bucket, files):
    location = f"s3://{bucket}/parts/"
    execution = sql.run(
        f"""CREATE TABLE parts WITH (external_location = '{location}', partitioned_by = ARRAY['dt', 'cheap'])
        AS SELECT id, fruit, price, dt, price < 2 AS cheap FROM orders""",
        **SHOP,
    )
    query = execution["QueryExecutionId"]
    found = files("parts/")
    assert sorted(found) == [
        f"parts/dt=2024-01-01/cheap=false/{query}",
        f"parts/dt=2024-01-02/cheap=true/{query}",
    ]
    assert found[f"parts/dt=2024-01-01/cheap=false/{query}"].schema_arrow.names == ["id", "fruit", "price"]
    execution = sql.run("INSERT INTO parts SELECT 9, 'fig', decimal '1', '2024-01-03', false", **SHOP)
    assert f"parts/dt=2024-01-03/cheap=false/{execution['QueryExecutionId']}" in files("parts/")
    partitions = glue.get_partitions(DatabaseName="shop", TableName="parts")["Partitions"]
    assert sorted(partition["Values"] for partition in partitions) == [
        ["2024-01-01", "false"],
        ["2024-01-02", "true"],
        ["2024-01-03", "false"],
    ]
    assert sql.rows("SELECT id, price FROM parts WHERE dt = '2024-01-03' AND NOT cheap", **SHOP) == [("9", "1.00")]
    assert sql.rows("SELECT count(*), sum(price) FROM parts", **SHOP) == [("5", "8.50")]


def test_buckets(orders, sql, glue, bucket, files):
    sql.run(
        f"""CREATE TABLE b WITH (external_location = 's3://{bucket}/b/', bucketed_by = ARRAY['id'], bucket_count = 2)
        AS SELECT id, fruit FROM orders""",
        **SHOP,
    )
    ids = {key[-6:]: [row["id"] for row in file.read().to_pylist()] for key, file in files("b/").items()}
    assert {key: sorted(all) for key, all in ids.items()} == {"-00000": [2, 4], "-00001": [1, 3]}
    storage = glue.get_table(DatabaseName="shop", Name="b")["Table"]["StorageDescriptor"]
    assert (storage["NumberOfBuckets"], storage["BucketColumns"]) == (2, ["id"])
    assert sql.rows("SELECT count(*) FROM b WHERE id > 1", **SHOP) == [("3",)]
    assert sql.fails("INSERT INTO b VALUES (5, 'x')", **SHOP).startswith("NOT_SUPPORTED: INSERT INTO")


def test_values_become_those_of_the_columns(shop, sql, bucket, files):
    sql.run(
        f"""CREATE EXTERNAL TABLE shop.wide (n bigint, x double, d decimal(12,4), at timestamp, s string, l array<bigint>)
        STORED AS PARQUET LOCATION 's3://{bucket}/wide/' TBLPROPERTIES ('parquet.compression' = 'SNAPPY')"""
    )
    sql.run("INSERT INTO wide SELECT 1, 2, decimal '1.5', date '2024-01-01', cast('v' AS varchar(1)), ARRAY[7]", **SHOP)
    sql.run("INSERT INTO wide (s) VALUES ('only')", **SHOP)
    found = sorted((row for file in files("wide/").values() for row in file.read().to_pylist()), key=lambda row: row["s"])
    assert found[0] == {"n": None, "x": None, "d": None, "at": None, "s": "only", "l": None}
    assert found[1]["d"] == decimal.Decimal("1.5000") and found[1]["at"] == datetime.datetime(2024, 1, 1)
    assert found[1]["l"] == [7]
    assert sql.rows("SELECT n, x, d, at, s, l FROM wide WHERE n = 1", **SHOP) == [
        ("1", "2.0", "1.5000", "2024-01-01 00:00:00.000", "v", "[7]")
    ]


def test_parquet_is_unloaded(orders, sql, bucket, files):
    execution = sql.run(
        f"""UNLOAD (SELECT id, price, dt FROM orders) TO 's3://{bucket}/out/'
        WITH (format = 'PARQUET', compression = 'SNAPPY', partitioned_by = ARRAY['dt'])""",
        **SHOP,
    )
    assert execution["SubstatementType"] == "UNLOAD"
    found = files("out/")
    assert [key.split("/")[1] for key in found] == ["dt=2024-01-01", "dt=2024-01-02"]
    assert {codec for file in found.values() for codec in codecs(file)} == {"SNAPPY"}
    assert sum(file.metadata.num_rows for file in found.values()) == 4
    reason = sql.fails(f"UNLOAD (SELECT 1 AS a) TO 's3://{bucket}/more/' WITH (nonsense = 'x')", **SHOP)
    assert "nonsense" in reason


def test_a_large_file_goes_up_in_parts(shop, sql, s3, bucket, files):
    """Random text does not compress: some 45 MB of it are more parts than one."""
    sql.run(
        f"""CREATE TABLE big WITH (external_location = 's3://{bucket}/big/', write_compression = 'NONE')
        AS SELECT a * 1000 + b AS n, to_hex(sha512(to_utf8(cast(a * 1000 + b AS varchar)))) AS s
        FROM UNNEST(sequence(0, 299)) AS x (a) CROSS JOIN UNNEST(sequence(0, 999)) AS y (b)""",
        **SHOP,
    )
    [(key, file)] = files("big/").items()
    assert s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"').partition("-")[2] >= "2"
    assert file.metadata.num_rows == 300_000 and file.metadata.num_row_groups > 1
    assert sql.rows("SELECT count(*), count(DISTINCT n), min(length(s)) FROM big", **SHOP) == [("300000", "300000", "128")]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_what_fails_leaves_no_upload(shop, sql, s3, bucket):
    reason = sql.fails(
        f"""CREATE TABLE big WITH (external_location = 's3://{bucket}/big/', format = 'TEXTFILE', write_compression = 'NONE')
        AS SELECT to_hex(sha512(to_utf8(cast(a * 1000 + b AS varchar)))) AS s, 1 / (299999 - (a * 1000 + b)) AS x
        FROM UNNEST(sequence(0, 299)) AS x (a) CROSS JOIN UNNEST(sequence(0, 999)) AS y (b)""",
        **SHOP,
    )
    assert reason.startswith("DIVISION_BY_ZERO")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="big/")


@pytest.mark.parametrize(
    ("properties", "query", "reason"),
    [
        ("bucketed_by = ARRAY['a']", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: bucketed_by and bucket_count"),
        ("bucketed_by = ARRAY['z'], bucket_count = 2", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Bucketing columns [z]"),
        ("partitioned_by = ARRAY['z']", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Partition columns [z]"),
        ("partitioned_by = ARRAY['a']", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Table contains only partition"),
        ("partitioned_by = ARRAY['a']", "SELECT 1 AS a, 2 AS b", "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be"),
        ("format = 'TABLE'", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: "),
        ("field_delimiter = ','", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Cannot specify field_delimiter"),
        ("write_compression = 'BZIP2'", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Compression BZIP2"),
        ("write_compression = 'GZIP', parquet_compression = 'GZIP'", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: Only one"),
        ("compression_level = 3", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY: compression_level"),
        ("format = 'PARQUET'", "SELECT now() AS a", "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone"),
        ("format = 'PARQUET'", "SELECT json '1' AS a", "NOT_SUPPORTED: Unsupported Hive type: json"),
        ("format = 'PARQUET'", "SELECT cast(date '2024-01-01' AS timestamp(6)) AS a", "NOT_SUPPORTED: Incorrect timestamp"),
    ],
)
def test_properties_that_make_no_sense(shop, sql, glue, properties, query, reason):
    assert sql.fails(f"CREATE TABLE t WITH ({properties}) AS {query}", **SHOP).startswith(reason)
    assert glue.get_tables(DatabaseName="shop")["TableList"] == []


def test_a_workgroup_that_enforces_its_location(shop, athena, sql, bucket):
    athena.create_work_group(
        Name="strict",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/strict/"},
        },
    )
    reason = sql.fails(
        f"CREATE TABLE t WITH (external_location = 's3://{bucket}/t/') AS SELECT 1 AS a", WorkGroup="strict", **SHOP
    )
    assert "Please remove the 'external_location' property" in reason
    sql.run("CREATE TABLE t AS SELECT 1 AS a", WorkGroup="strict", **SHOP)
    assert sql.rows("SELECT \"$path\" LIKE '%/strict/tables/%' FROM t", **SHOP) == [("true",)]
