"""Iceberg tables: made, filled and read by Athena, and held against PyIceberg, which reads and writes them as well."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

LAKE = {"QueryExecutionContext": {"Database": "lake"}}


@pytest.fixture
def events(sql, lake, bucket):
    sql.run(
        f"""CREATE TABLE events (id bigint COMMENT 'who', ts timestamp, kind string, price decimal(9,2),
        tags array<string>, place struct<x:double,y:map<string,int>>)
        PARTITIONED BY (day(ts), bucket(4, id)) LOCATION 's3://{bucket}/events/'
        TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='snappy')""",
        **LAKE,
    )
    sql.run(
        """INSERT INTO events VALUES
        (1, TIMESTAMP '2024-01-01 10:00:00.123456', 'a', 1.50, ARRAY['x', NULL], ROW(1.5, MAP(ARRAY['k'], ARRAY[2]))),
        (2, TIMESTAMP '2024-01-01 11:00:00', 'b', NULL, NULL, NULL),
        (3, TIMESTAMP '2024-01-02 00:00:00', NULL, 2.25, ARRAY[], ROW(NULL, NULL))""",
        **LAKE,
    )


def rows(iceberg, name, **scan):
    table = iceberg.load_table(f"lake.{name}").scan(**scan).to_arrow()
    return sorted(table.to_pylist(), key=lambda row: (row.get("id") is None, row.get("id")))


def test_a_table_is_in_glue_as_icebergs_catalog_has_it(events, glue, iceberg, bucket):
    table = glue.get_table(DatabaseName="lake", Name="events")["Table"]
    parameters = table["Parameters"]
    assert (table["TableType"], parameters["table_type"]) == ("EXTERNAL_TABLE", "ICEBERG")
    assert parameters["metadata_location"].startswith(f"s3://{bucket}/events/metadata/00001-")
    assert parameters["previous_metadata_location"].startswith(f"s3://{bucket}/events/metadata/00000-")
    columns = table["StorageDescriptor"]["Columns"]
    assert [column["Type"] for column in columns] == [
        "bigint", "timestamp", "string", "decimal(9,2)", "array<string>", "struct<x:double,y:map<string,int>>",
    ]
    assert columns[0]["Comment"] == "who" and columns[0]["Parameters"]["iceberg.field.id"] == "1"
    loaded = iceberg.load_table("lake.events")
    assert loaded.metadata.format_version == 2
    assert [str(field.transform) for field in loaded.spec().fields] == ["day", "bucket[4]"]
    assert loaded.current_snapshot().summary.additional_properties["total-records"] == "3"


def test_what_athena_writes_is_read_by_both(events, sql, iceberg):
    assert sql.rows("SELECT id, ts, kind, price, tags, place.x, place.y['k'] FROM events WHERE id = 1", **LAKE) == [
        ("1", "2024-01-01 10:00:00.123456", "a", "1.50", "[x, null]", "1.5", "2"),
    ]
    assert sql.rows("SELECT id FROM events WHERE kind IS NULL", **LAKE) == [("3",)]
    assert rows(iceberg, "events")[0] == {
        "id": 1,
        "ts": datetime.datetime(2024, 1, 1, 10, 0, 0, 123456),
        "kind": "a",
        "price": Decimal("1.50"),
        "tags": ["x", None],
        "place": {"x": 1.5, "y": [("k", 2)]},
    }
    assert [row["id"] for row in rows(iceberg, "events", row_filter="ts >= '2024-01-01T11:00:00'")] == [2, 3]
    assert [row["id"] for row in rows(iceberg, "events", row_filter="price is null")] == [2]


def test_files_are_pruned_by_partitions_and_bounds(events, sql, iceberg):
    def scanned(where):
        execution = sql.run(f"SELECT count(*), max(kind) FROM events WHERE {where}", **LAKE)
        return execution["Statistics"]["DataScannedInBytes"]

    sizes = {file["record_count"]: file for file in iceberg.load_table("lake.events").inspect.files().to_pylist()}
    assert sizes
    everything = scanned("id > 0")
    assert 0 < scanned("ts < TIMESTAMP '2024-01-02 00:00:00'") < everything
    assert 0 < scanned("id = 3") < everything
    assert scanned("id = 77") < everything
    assert scanned("price > 100") == 0 or scanned("price > 100") < everything
    assert sql.rows("SELECT count(*) FROM events WHERE id = 77", **LAKE) == [("0",)]
    assert sql.rows("SELECT count(*) FROM events WHERE ts BETWEEN TIMESTAMP '2024-01-01 10:30:00' AND now()", **LAKE) == [
        ("2",)
    ]
    [(path,)] = sql.rows('SELECT "$path" FROM events WHERE id = 3', **LAKE)
    assert "/events/data/ts_day=2024-01-02/id_bucket=" in path and path.endswith(".parquet")


def test_what_pyiceberg_writes_is_read_by_athena(events, sql, iceberg):
    table = iceberg.load_table("lake.events")
    arrow = table.schema().as_arrow()
    new = {"id": [10], "ts": [datetime.datetime(2024, 5, 1)], "kind": ["py"], "price": [Decimal("9.99")], "tags": [["q"]],
           "place": [{"x": 2.0, "y": [("z", 1)]}]}
    table.append(pa.table(new, schema=arrow))
    assert sql.rows("SELECT id, kind, price, place.y FROM events WHERE id >= 10", **LAKE) == [("10", "py", "9.99", "{z=1}")]
    with table.update_schema() as update:
        update.rename_column("kind", "sort")
        update.add_column("extra", pyiceberg_int())
        update.delete_column("tags")
    assert sql.rows("SELECT id, sort, extra FROM events ORDER BY id", **LAKE) == [
        ("1", "a", None), ("2", "b", None), ("3", None, None), ("10", "py", None),
    ]
    sql.run("INSERT INTO events (id, extra, sort) VALUES (11, 7, 'new')", **LAKE)
    assert rows(iceberg, "events")[-1]["extra"] == 7
    assert "COLUMN_NOT_FOUND" in sql.fails("SELECT tags FROM events", **LAKE)


def pyiceberg_int():
    from pyiceberg.types import IntegerType

    return IntegerType()


def test_a_table_is_made_of_a_query(events, sql, iceberg, bucket):
    execution = sql.run(
        f"""CREATE TABLE made WITH (table_type = 'ICEBERG', is_external = false, location = 's3://{bucket}/made/',
        format = 'PARQUET', partitioning = ARRAY['month(ts)', 'kind'])
        AS SELECT id, ts, kind, CAST(id AS double) AS d FROM events""",
        **LAKE,
    )
    assert execution["SubstatementType"] == "CREATE_TABLE_AS_SELECT"
    assert sql.rows("SELECT count(*), sum(d) FROM made", **LAKE) == [("3", "6.0")]
    assert [row["d"] for row in rows(iceberg, "made", row_filter="kind == 'b'")] == [2.0]
    assert "TABLE_ALREADY_EXISTS" in sql.fails(
        f"CREATE TABLE made WITH (table_type='ICEBERG', is_external=false, location='s3://{bucket}/m/') AS SELECT 1 a", **LAKE
    )
    sql.run(
        f"""CREATE TABLE none WITH (table_type = 'ICEBERG', is_external = false, location = 's3://{bucket}/none/')
        AS SELECT * FROM made WITH NO DATA""",
        **LAKE,
    )
    assert sql.rows("SELECT count(*) FROM none", **LAKE) == [("0",)]
    assert rows(iceberg, "none") == []


def test_rows_fit_or_are_refused(events, sql):
    assert sql.fails("INSERT INTO events (id) VALUES ('x')", **LAKE).startswith("TYPE_MISMATCH: Insert query")
    assert "COLUMN_NOT_FOUND" in sql.fails("INSERT INTO events (none) VALUES (1)", **LAKE)
    sql.run("INSERT INTO events (price, id) SELECT 3.00, 4", **LAKE)
    assert sql.rows("SELECT price, ts FROM events WHERE id = 4", **LAKE) == [("3.00", None)]
    reason = sql.fails("INSERT INTO events (id, ts) SELECT n, date_add('day', n, TIMESTAMP '2020-01-01 00:00:00') "
                       "FROM UNNEST(sequence(1, 101)) AS t(n)", **LAKE)
    assert reason.startswith("ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions")


def test_tables_that_cannot_be_are_refused(lake, sql, bucket):
    iceberg = "TBLPROPERTIES ('table_type'='ICEBERG')"
    for statement, reason in [
        (f"CREATE EXTERNAL TABLE t (a int) LOCATION 's3://{bucket}/t/' {iceberg}", "External keyword not supported"),
        (f"CREATE TABLE t (a int) {iceberg}", "location"),
        (f"CREATE TABLE t (a int) PARTITIONED BY (b) LOCATION 's3://{bucket}/t/' {iceberg}", "'b' does not exist"),
        (f"CREATE TABLE t (a int) PARTITIONED BY (day(a)) LOCATION 's3://{bucket}/t/' {iceberg}", "Invalid source type"),
        (f"CREATE TABLE t (a tinyint) LOCATION 's3://{bucket}/t/' {iceberg}", "NOT_SUPPORTED"),
        (
            f"CREATE TABLE t (a int) LOCATION 's3://{bucket}/t/' TBLPROPERTIES ('table_type'='ICEBERG', 'other'='1')",
            "Unsupported table property key: other",
        ),
    ]:
        assert reason in sql.fails(statement, **LAKE)


def test_inserts_at_the_same_time_all_count(events, sql, iceberg):
    queries = [sql.start(f"INSERT INTO events (id) VALUES ({n})", **LAKE) for n in range(100, 104)]
    states = [sql.wait(query)["Status"]["State"] for query in queries]
    succeeded = states.count("SUCCEEDED")
    assert succeeded >= 1
    assert sql.rows("SELECT count(*) FROM events WHERE id >= 100", **LAKE) == [(str(succeeded),)]
    assert len(rows(iceberg, "events", row_filter="id >= 100")) == succeeded
