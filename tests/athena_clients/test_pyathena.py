"""PyAthena: its cursors, parameters, types and errors."""

import datetime
import functools
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pandas
import pyarrow
import pyarrow.fs
import pytest
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.error import DatabaseError, OperationalError
from pyathena.pandas.cursor import PandasCursor
from pyathena.pandas.util import to_sql
from pyathena.polars.cursor import PolarsCursor
from pyathena.s3fs.cursor import S3FSCursor

from .conftest import KINDS

VALUES = {
    "a_boolean": True,
    "a_tinyint": -128,
    "a_smallint": 32767,
    "an_int": -2147483648,
    "a_bigint": 9223372036854775807,
    "a_float": 0.5,
    "a_double": 1e300,
    "a_decimal": Decimal("1234567890123456.7891"),
    "a_string": 'say "hi",\n\\ and ü',
    "a_varchar": "ten",
    "a_char": "abc",
    "a_date": datetime.date(2024, 2, 29),
    "a_timestamp": datetime.datetime(2024, 2, 29, 12, 34, 56, 789000),
    "a_binary": b"\x00\x01\xff",
    "an_array": [1, 2, 3],
    # PyAthena reads what is within maps and rows as text, unless it is told their types.
    "a_map": {"a": "1", "b": "2"},
    "a_struct": {"x": "7", "y": "seven"},
}
HINTS = {"a_map": "map(varchar, integer)", "a_struct": "row(x integer, y varchar)"}
COLUMNS = ", ".join(VALUES)


def test_values_of_every_kind(kinds, connect):
    cursor = connect().cursor()
    cursor.execute(f"SELECT {COLUMNS}, dt FROM kinds ORDER BY an_int")
    assert dict(zip((column[0] for column in cursor.description), cursor.fetchone())) == VALUES | {"dt": "2024-01-01"}
    assert cursor.fetchone() == (None,) * len(VALUES) + ("2024-01-01",)
    assert cursor.fetchone() is None
    types = {column[0]: column[1] for column in cursor.description}
    assert types["a_decimal"] == "decimal" and types["an_int"] == "integer" and types["a_struct"] == "row"
    assert cursor.description[list(VALUES).index("a_decimal")][4:6] == (20, 4)
    cursor.execute("SELECT a_map, a_struct FROM kinds WHERE a_boolean", result_set_type_hints=HINTS)
    assert cursor.fetchall() == [({"a": 1, "b": 2}, {"x": 7, "y": "seven"})]


def test_rows_as_dictionaries_and_in_pages(connect, database):
    cursor = connect().cursor(DictCursor)
    cursor.execute("SELECT n, n * n AS square FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")
    assert cursor.fetchone() == {"n": 1, "square": 1}
    assert cursor.fetchmany(2) == [{"n": 2, "square": 4}, {"n": 3, "square": 9}]
    rest = cursor.fetchall()
    assert len(rest) == 2497 and rest[-1] == {"n": 2500, "square": 6_250_000}


def test_what_is_known_of_a_query(orders, connect, staging):
    cursor = connect().cursor()
    cursor.execute("SELECT count(*) FROM orders WHERE dt = '2024-01-02'")
    assert cursor.fetchall() == [(2,)]
    assert (cursor.state, cursor.statement_type, cursor.substatement_type) == ("SUCCEEDED", "DML", "SELECT")
    assert cursor.data_scanned_in_bytes == len("3,apple,1.25\n4,,0.75\n")
    assert cursor.output_location == f"{staging}{cursor.query_id}.csv"
    assert cursor.total_execution_time_in_millis >= cursor.engine_execution_time_in_millis >= 0
    assert (cursor.database, cursor.work_group) == ("db", "primary")
    assert cursor.completion_date_time >= cursor.submission_date_time


def test_parameters(orders, connect):
    cursor = connect().cursor()
    cursor.execute("SELECT id FROM orders WHERE fruit = %(fruit)s AND price > %(price)d", {"fruit": "apple", "price": 2})
    assert cursor.fetchall() == [(1,)]
    cursor.execute("SELECT %(text)s, %(nothing)s, %(day)s", {"text": "it's", "nothing": None, "day": datetime.date(2024, 2, 29)})
    assert cursor.fetchall() == [("it's", None, datetime.date(2024, 2, 29))]
    cursor.execute("SELECT id FROM orders WHERE id IN %(ids)s ORDER BY id", {"ids": [1, 3]})
    assert cursor.fetchall() == [(1,), (3,)]
    # Parameters of the API.
    cursor.execute("SELECT id FROM orders WHERE fruit = ? AND id > ?", ["'apple'", "1"], paramstyle="qmark")
    assert cursor.fetchall() == [(3,)]


def test_errors_are_athenas(orders, connect):
    cursor = connect().cursor()
    with pytest.raises(OperationalError, match="COLUMN_NOT_FOUND: line 1:8: Column 'none' cannot be resolved"):
        cursor.execute("SELECT none FROM orders")
    with pytest.raises(OperationalError, match="TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.none' does not exist"):
        cursor.execute("SELECT * FROM none")
    with pytest.raises(OperationalError, match="DIVISION_BY_ZERO"):
        cursor.execute("SELECT 1 / (id - 1) FROM orders")
    with pytest.raises(DatabaseError, match="line 1:1: mismatched input 'SELEKT'"):
        cursor.execute("SELEKT 1")
    with pytest.raises(OperationalError, match="FAILED: SemanticException"):
        cursor.execute("DROP TABLE none")
    with pytest.raises(DatabaseError, match="WorkGroup none is not found"):
        cursor.execute("SELECT 1", work_group="none")


def test_a_query_is_cancelled(connect, database):
    cursor = connect(cursor_class=AsyncCursor).cursor()
    query, future = cursor.execute(
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b(y) "
        "CROSS JOIN UNNEST(sequence(1, 10000)) AS c(z) WHERE (x * y + z) % 7 = 3"
    )
    cursor.cancel(query).result()
    assert future.result(60).state == "CANCELLED"
    many = [cursor.execute(f"SELECT {n}")[1] for n in range(8)]
    assert [one.result(60).fetchone() for one in many] == [(n,) for n in range(8)]


def test_statements_of_definitions(orders, connect):
    cursor = connect().cursor()
    assert cursor.execute("SHOW TABLES").fetchall() == [("orders",)]
    assert cursor.execute("SHOW PARTITIONS orders").fetchall() == [("dt=2024-01-01",), ("dt=2024-01-02",)]
    described = cursor.execute("DESCRIBE orders").fetchall()
    assert [part.strip() for part in described[0][0].split("\t")] == ["id", "int", "the number"]
    cursor.execute("INSERT INTO orders VALUES (5, 'fig', DECIMAL '9.75', '2024-01-03')")
    assert cursor.rowcount == 1
    cursor.executemany("INSERT INTO orders VALUES (%(id)d, %(fruit)s, NULL, 'x')", [{"id": 6, "fruit": "a"}, {"id": 7, "fruit": "b"}])
    assert cursor.execute("SELECT count(*), sum(id) FROM orders").fetchone() == (7, 28)


def test_information_schema(orders, kinds, connect):
    cursor = connect().cursor()
    cursor.execute("CREATE VIEW cheap AS SELECT id, fruit FROM orders WHERE price < 2")
    cursor.execute("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'db' ORDER BY 1")
    assert cursor.fetchall() == [("cheap", "VIEW"), ("kinds", "BASE TABLE"), ("orders", "BASE TABLE")]
    cursor.execute(
        "SELECT column_name, ordinal_position, data_type, comment, extra_info FROM information_schema.columns "
        "WHERE table_schema = 'db' AND table_name = 'orders' ORDER BY ordinal_position"
    )
    assert cursor.fetchall() == [
        ("id", 1, "integer", "the number", None),
        ("fruit", 2, "varchar", None, None),
        ("price", 3, "decimal(9,2)", None, None),
        ("dt", 4, "varchar", None, "partition key"),
    ]
    cursor.execute("SELECT view_definition FROM information_schema.views WHERE table_name = 'cheap'")
    assert cursor.fetchall() == [("SELECT id, fruit FROM orders WHERE price < 2",)]
    cursor.execute("SELECT schema_name FROM information_schema.schemata ORDER BY 1")
    assert cursor.fetchall() == [("db",), ("information_schema",)]
    types = dict(
        cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'kinds'").fetchall()
    )
    assert types["a_struct"] == "row(x integer, y varchar)" and len(types) == len(KINDS) + 1
    with pytest.raises(OperationalError, match="TABLE_NOT_FOUND"):
        cursor.execute("SELECT * FROM information_schema.none")


def test_pandas(kinds, connect):
    frame = connect(cursor_class=PandasCursor).cursor().execute(f"SELECT {COLUMNS} FROM kinds ORDER BY an_int").as_pandas()
    assert list(frame.columns) == list(VALUES) and len(frame) == 2
    row = frame.iloc[0]
    for name in ("a_boolean", "a_tinyint", "an_int", "a_bigint", "a_double", "a_decimal", "a_string", "a_char", "a_binary"):
        assert row[name] == VALUES[name], name
    assert row["a_timestamp"] == pandas.Timestamp("2024-02-29 12:34:56.789")
    assert frame.iloc[1].isna().all()
    chunks = connect(cursor_class=PandasCursor).cursor()
    chunks.execute("SELECT n FROM UNNEST(sequence(1, 1000)) AS t(n) ORDER BY n", chunksize=300)
    assert [len(chunk) for chunk in chunks.iter_chunks()] == [300, 300, 300, 100]


@pytest.fixture
def arrow_finds_s3(welkin, monkeypatch):
    """pyarrow's S3 reads no endpoint from the environment, and PyAthena passes none on."""
    files = functools.partial(pyarrow.fs.S3FileSystem, endpoint_override=welkin.endpoint)
    monkeypatch.setattr(pyarrow.fs, "S3FileSystem", files)


def test_arrow_and_polars(kinds, connect, arrow_finds_s3):
    cursor = connect(cursor_class=ArrowCursor).cursor()
    table = cursor.execute(f"SELECT {COLUMNS} FROM kinds ORDER BY an_int").as_arrow()
    assert table.num_rows == 2
    assert table.column("a_bigint").to_pylist() == [VALUES["a_bigint"], None]
    assert table.column("a_string").to_pylist()[0] == VALUES["a_string"]
    assert table.schema.field("a_double").type == pyarrow.float64()
    assert cursor.fetchall()[0][list(VALUES).index("a_decimal")] == VALUES["a_decimal"]
    frame = connect(cursor_class=PolarsCursor).cursor().execute("SELECT an_int, a_string FROM kinds ORDER BY 1").as_polars()
    assert frame.rows() == [(VALUES["an_int"], VALUES["a_string"]), (None, None)]
    files = connect(cursor_class=S3FSCursor).cursor().execute(f"SELECT {COLUMNS} FROM kinds ORDER BY an_int")
    assert dict(zip(VALUES, files.fetchone())) == VALUES


def test_a_frame_becomes_a_table(database, connect, bucket, keys):
    frame = pandas.DataFrame({"n": [1, 2, 3], "name": ["a", "b", "ü"], "x": [0.5, 1.5, None], "dt": ["x", "x", "y"]})
    connection = connect()
    location = f"s3://{bucket}/frame/"
    to_sql(frame, "frame", connection, location, schema="db", partitions=["dt"], executor_class=ThreadPoolExecutor, max_workers=1)
    cursor = connection.cursor()
    assert cursor.execute("SELECT n, name, x, dt FROM frame ORDER BY n").fetchall() == [
        (1, "a", 0.5, "x"),
        (2, "b", 1.5, "x"),
        (3, "ü", None, "y"),
    ]
    with pytest.raises(OperationalError, match="already exists"):
        to_sql(frame, "frame", connection, location, schema="db", executor_class=ThreadPoolExecutor)
    to_sql(frame, "frame", connection, location, schema="db", if_exists="replace", executor_class=ThreadPoolExecutor, max_workers=1)
    assert cursor.execute("SELECT count(*) FROM frame").fetchone() == (3,)
    assert len(keys("frame/")) == 1


def test_results_are_used_again(database, connect):
    cursor = connect(result_reuse_enable=True, result_reuse_minutes=5).cursor()
    first = cursor.execute("SELECT random()").fetchone()
    assert cursor.reused_previous_result is False
    assert cursor.execute("SELECT random()").fetchone() == first
    assert cursor.reused_previous_result is True
