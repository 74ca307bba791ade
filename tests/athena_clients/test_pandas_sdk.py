"""The AWS SDK for pandas (awswrangler): queries by all three of its ways, tables of frames, the catalog."""

import datetime
from decimal import Decimal

import awswrangler
import boto3
import pandas
import pytest
from awswrangler import exceptions

from .conftest import KINDS, REGION


@pytest.fixture
def wr(environment, account):
    """awswrangler's session: the account."""
    return {"boto3_session": boto3.Session(account, "any", region_name=REGION)}


@pytest.fixture
def ask(wr, staging, database):
    """`read_sql_query` in the database db."""

    def ask(sql, **options):
        options = {"database": "db", "s3_output": staging, "ctas_approach": False} | options
        return awswrangler.athena.read_sql_query(sql, **wr, **options)

    return ask


FRAME = pandas.DataFrame(
    {
        "id": pandas.array([1, 2, 3], dtype="Int64"),
        "name": pandas.array(["a", None, "ü"], dtype="string"),
        "price": [Decimal("1.50"), Decimal("2.25"), None],
        "weight": [0.5, 1.5, 2.5],
        "fresh": pandas.array([True, False, None], dtype="boolean"),
        "at": pandas.to_datetime(["2024-02-29 12:34:56.789", "2024-03-01 00:00:00.000", None]),
        "day": [datetime.date(2024, 2, 29), None, datetime.date(2024, 3, 1)],
        "tags": [["x", "y"], [], None],
        "kind": pandas.array(["one", "two", "one"], dtype="string"),
    }
)


@pytest.fixture
def written(wr, database, bucket):
    """The frame as a table of Parquet files, by kind."""
    return awswrangler.s3.to_parquet(
        FRAME,
        path=f"s3://{bucket}/frame/",
        dataset=True,
        database="db",
        table="frame",
        partition_cols=["kind"],
        dtype={"price": "decimal(9,2)"},
        glue_table_settings={"description": "a frame", "columns_comments": {"id": "the number"}},
        **wr,
    )


def test_a_frame_is_a_table_and_comes_back(written, ask, wr, bucket, keys, glue):
    assert sorted(written["partitions_values"].values()) == [["one"], ["two"]]
    assert len(keys("frame/kind=one/")) == 1 and len(keys("frame/")) == 2
    table = glue.get_table(DatabaseName="db", Name="frame")["Table"]
    types = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert types == {
        "id": "bigint",
        "name": "string",
        "price": "decimal(9,2)",
        "weight": "double",
        "fresh": "boolean",
        "at": "timestamp",
        "day": "date",
        "tags": "array<string>",
    }
    frame = ask("SELECT * FROM frame ORDER BY id")
    assert frame["id"].tolist() == [1, 2, 3] and frame["kind"].tolist() == ["one", "two", "one"]
    assert frame["name"].tolist()[::2] == ["a", "ü"] and pandas.isna(frame["name"][1])
    assert frame["price"].tolist() == [Decimal("1.50"), Decimal("2.25"), None]
    assert frame["at"][0] == pandas.Timestamp("2024-02-29 12:34:56.789") and pandas.isna(frame["at"][2])
    assert frame["day"].tolist() == FRAME["day"].tolist()
    assert frame["fresh"].tolist()[:2] == [True, False]
    back = awswrangler.s3.read_parquet(f"s3://{bucket}/frame/", dataset=True, **wr).sort_values("id")
    assert back["id"].tolist() == [1, 2, 3] and set(back["kind"]) == {"one", "two"}
    one = awswrangler.s3.read_parquet_table(
        database="db", table="frame", partition_filter=lambda it: it["kind"] == "two", **wr
    )
    assert one["id"].tolist() == [2]


def test_rows_are_appended_and_partitions_overwritten(written, ask, wr, bucket, keys):
    common = {"path": f"s3://{bucket}/frame/", "dataset": True, "database": "db", "table": "frame"}
    more = FRAME[FRAME["kind"] == "two"].assign(id=pandas.array([9], dtype="Int64"))
    write = lambda mode: awswrangler.s3.to_parquet(
        more, mode=mode, partition_cols=["kind"], dtype={"price": "decimal(9,2)"}, **common, **wr
    )
    write("append")
    assert ask("SELECT id FROM frame ORDER BY id")["id"].tolist() == [1, 2, 3, 9]
    write("overwrite_partitions")
    assert ask("SELECT id FROM frame ORDER BY id")["id"].tolist() == [1, 3, 9]
    assert len(keys("frame/kind=two/")) == 1
    wide = more.assign(color=pandas.array(["red"], dtype="string"))
    awswrangler.s3.to_parquet(
        wide, mode="append", partition_cols=["kind"], dtype={"price": "decimal(9,2)"}, **common, **wr
    )
    assert sorted(ask("SELECT color FROM frame")["color"].fillna("none")) == ["none", "none", "none", "red"]


def test_a_query_by_ctas(written, ask, glue, keys):
    frame = ask(
        "SELECT id, name, price, weight, fresh, at, day, tags, kind FROM frame ORDER BY id", ctas_approach=True
    ).sort_values("id", ignore_index=True)
    assert frame["id"].tolist() == [1, 2, 3]
    assert frame["price"].tolist() == [Decimal("1.50"), Decimal("2.25"), None]
    assert frame["at"][0] == pandas.Timestamp("2024-02-29 12:34:56.789")
    assert frame["day"].tolist()[::2] == FRAME["day"].tolist()[::2]
    assert [None if tags is None else list(tags) for tags in frame["tags"]] == [["x", "y"], [], None]
    # The table that it went through is gone.
    assert [table["Name"] for table in glue.get_tables(DatabaseName="db")["TableList"]] == ["frame"]
    assert ask("SELECT id FROM frame WHERE id > 10", ctas_approach=True).empty
    chunks = list(ask("SELECT id FROM frame", ctas_approach=True, chunksize=2))
    assert sum(len(chunk) for chunk in chunks) == 3 and max(len(chunk) for chunk in chunks) <= 2


def test_a_query_by_unload(written, ask, bucket, keys):
    frame = ask(
        "SELECT id, name, price FROM frame",
        unload_approach=True,
        s3_output=f"s3://{bucket}/unloaded/",
        keep_files=True,
    ).sort_values("id", ignore_index=True)
    assert frame["id"].tolist() == [1, 2, 3] and frame["price"].tolist()[:2] == [Decimal("1.50"), Decimal("2.25")]
    assert any(not key.endswith((".metadata", "-manifest.csv")) for key in keys("unloaded/"))


def test_rows_are_unloaded_by_partition(written, wr, bucket, keys):
    awswrangler.athena.unload(
        "SELECT id, name, kind FROM frame",
        path=f"s3://{bucket}/parts/",
        database="db",
        partitioned_by=["kind"],
        **wr,
    )
    back = awswrangler.s3.read_parquet(
        [f"s3://{bucket}/{key}" for key in keys("parts/") if "kind=" in key], **wr
    )
    assert sorted(back["id"]) == [1, 2, 3]
    assert {key.split("/")[1] for key in keys("parts/") if "kind=" in key} == {"kind=one", "kind=two"}


def test_a_table_is_made_of_a_query(written, ask, wr, bucket):
    made = awswrangler.athena.create_ctas_table(
        "SELECT id, kind FROM frame",
        database="db",
        ctas_table="made",
        s3_output=f"s3://{bucket}/made",
        partitioning_info=["kind"],
        write_compression="snappy",
        wait=True,
        **wr,
    )
    assert made["ctas_table"] == "made"
    assert ask("SELECT id FROM made WHERE kind = 'one' ORDER BY id")["id"].tolist() == [1, 3]
    empty = awswrangler.athena.create_ctas_table(
        "SELECT * FROM frame", database="db", ctas_table="empty", schema_only=True, s3_output=f"s3://{bucket}/empty", wait=True, **wr
    )
    assert ask(f"SELECT count(*) AS n FROM {empty['ctas_table']}")["n"].tolist() == [0]


def test_parameters_and_types(kinds, ask):
    named = ask("SELECT an_int FROM kinds WHERE a_string LIKE :text", params={"text": "say%"}, paramstyle="named")
    assert named["an_int"].tolist() == [KINDS["an_int"][1]]
    marked = ask("SELECT an_int FROM kinds WHERE an_int = ?", params=["-2147483648"], paramstyle="qmark")
    assert marked["an_int"].tolist() == [KINDS["an_int"][1]]
    frame = ask("SELECT * FROM kinds WHERE a_boolean")
    types = {name: str(ty) for name, ty in frame.dtypes.items()}
    assert (types["a_tinyint"], types["a_smallint"], types["an_int"], types["a_bigint"]) == ("Int8", "Int16", "Int32", "Int64")
    assert types["a_float"] == "float32" and types["a_double"] == "float64" and types["a_boolean"] == "boolean"
    assert frame["a_decimal"][0] == Decimal("1234567890123456.7891")
    assert frame["a_string"][0] == KINDS["a_string"][1]
    assert frame["a_date"][0] == datetime.date(2024, 2, 29)
    assert frame.query_metadata["Status"]["State"] == "SUCCEEDED"
    chunks = list(ask("SELECT n FROM UNNEST(sequence(1, 250)) AS t(n)", chunksize=100))
    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    with pytest.raises(exceptions.QueryFailed, match="COLUMN_NOT_FOUND"):
        ask("SELECT none FROM kinds")


def test_a_query_is_answered_from_the_cache(orders, ask):
    first = ask("SELECT count(*) AS n, random() AS r FROM orders", athena_cache_settings={"max_cache_seconds": 900})
    again = ask("SELECT count(*) AS n, random() AS r FROM orders", athena_cache_settings={"max_cache_seconds": 900})
    assert first["r"].tolist() == again["r"].tolist()
    assert first.query_metadata["QueryExecutionId"] == again.query_metadata["QueryExecutionId"]


def test_the_catalog(written, orders, wr, bucket, staging):
    catalog, athena = awswrangler.catalog, awswrangler.athena
    assert catalog.databases(**wr)["Database"].tolist() == ["db"]
    assert sorted(catalog.tables(database="db", **wr)["Table"]) == ["frame", "orders"]
    shown = catalog.table(database="db", table="frame", **wr)
    assert shown.loc[shown["Column Name"] == "id", "Comment"].tolist() == ["the number"]
    assert shown.loc[shown["Partition"], "Column Name"].tolist() == ["kind"]
    assert catalog.does_table_exist("db", "frame", **wr) and not catalog.does_table_exist("db", "none", **wr)
    assert catalog.get_table_types("db", "orders", **wr) == {
        "id": "int",
        "fruit": "string",
        "price": "decimal(9,2)",
        "dt": "string",
    }
    assert catalog.get_table_location("db", "frame", **wr) == f"s3://{bucket}/frame/"
    assert sorted(catalog.get_partitions("db", "frame", **wr).values()) == [["one"], ["two"]]
    assert catalog.get_table_description("db", "frame", **wr) == "a frame"
    assert catalog.get_table_parameters("db", "frame", **wr)["classification"] == "parquet"
    assert [table["Name"] for table in catalog.search_tables(text="frame", **wr)] == ["frame"]
    described = athena.describe_table("orders", database="db", s3_output=staging, **wr)
    assert described["Column Name"].tolist() == ["id", "fruit", "price", "dt"]
    assert described["Partition"].tolist() == [False, False, False, True]
    assert described["Comment"].tolist()[0] == "the number"
    text = athena.show_create_table("orders", database="db", s3_output=staging, **wr)
    assert text.startswith("CREATE EXTERNAL TABLE `orders`(") and f"s3://{bucket}/orders/" in text
    assert athena.generate_create_query("orders", database="db", **wr).startswith("CREATE EXTERNAL TABLE `orders`(")
    catalog.delete_partitions("orders", "db", [["2024-01-01"]], **wr)
    assert athena.repair_table("orders", database="db", s3_output=staging, **wr) == "SUCCEEDED"
    assert len(catalog.get_partitions("db", "orders", **wr)) == 2
    catalog.delete_table_if_exists("db", "frame", **wr)
    assert not catalog.does_table_exist("db", "frame", **wr)


def test_csv_and_json_are_tables_too(wr, ask, bucket):
    frame = pandas.DataFrame({"id": [1, 2], "name": ["a", 'say "b", c']})
    common = {"index": False, "dataset": True, "database": "db"}
    awswrangler.s3.to_csv(frame, f"s3://{bucket}/csv/", table="csv", sep="|", **common, **wr)
    awswrangler.s3.to_json(frame, f"s3://{bucket}/json/", table="json", **(common | {"index": None}), orient="records", lines=True, **wr)
    assert ask("SELECT * FROM csv ORDER BY id").values.tolist()[0] == [1, "a"]
    assert ask("SELECT * FROM json ORDER BY id").values.tolist() == [[1, "a"], [2, 'say "b", c']]


def test_a_frame_becomes_an_iceberg_table(wr, ask, bucket, staging, glue):
    frame = pandas.DataFrame({"id": [1, 2], "name": ["a", "ü"], "day": [datetime.date(2024, 2, 29), None]})
    write = lambda frame, **options: awswrangler.athena.to_iceberg(
        frame,
        database="db",
        table="ice",
        table_location=f"s3://{bucket}/ice/",
        temp_path=f"s3://{bucket}/temporary/",
        keep_files=False,
        s3_output=staging,
        **options,
        **wr,
    )
    write(frame)
    assert glue.get_table(DatabaseName="db", Name="ice")["Table"]["Parameters"]["table_type"].upper() == "ICEBERG"
    write(frame.assign(id=[3, 4]))
    back = ask("SELECT * FROM ice ORDER BY id")
    assert back["id"].tolist() == [1, 2, 3, 4] and back["name"].tolist() == ["a", "ü"] * 2
    assert back["day"].tolist()[0] == datetime.date(2024, 2, 29)
