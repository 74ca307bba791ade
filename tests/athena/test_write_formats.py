"""Tables that are written as ORC and Avro: what Athena leaves is held against pyarrow and fastavro."""

import datetime
import decimal
import io

import fastavro
import pyarrow.orc
import pytest

VALUES = """SELECT CAST(n AS tinyint) AS t, CAST(n AS smallint) AS s, CAST(n AS integer) AS i, n * 10000000000 AS b,
    CAST(n AS real) / 4 AS r, CAST(n AS double) / 3 AS d, CAST(n AS decimal(20, 3)) / 8 AS x, n % 2 = 0 AS ok,
    IF(n % 3 = 0, NULL, 'text ' || CAST(n AS varchar)) AS v, CAST('ab' AS char(4)) AS c, CAST('v' AS varchar(3)) AS l,
    to_utf8(CAST(n AS varchar)) AS raw, date_add('day', n, DATE '1969-12-31') AS day,
    date_add('millisecond', (n - 20) * 86400500, TIMESTAMP '1970-01-01 00:00:00.000') AS at,
    ARRAY[n, NULL, n + 1] AS a, MAP(ARRAY['k', 'l'], ARRAY[n, NULL]) AS m,
    CAST(ROW(n, 'in') AS ROW(one bigint, two varchar)) AS w, CAST(NULL AS bigint) AS nothing
    FROM UNNEST(sequence(1, 40)) q (n)"""

EPOCH = datetime.datetime(1970, 1, 1)


def expected(n):
    """A row as Python has it."""
    return {
        "t": n,
        "s": n,
        "i": n,
        "b": n * 10**10,
        "r": n / 4,
        "d": n / 3,
        "x": (decimal.Decimal(n) / 8).quantize(decimal.Decimal("0.001"), decimal.ROUND_HALF_UP),
        "ok": n % 2 == 0,
        "v": None if n % 3 == 0 else f"text {n}",
        "c": "ab",
        "l": "v",
        "raw": str(n).encode(),
        "day": datetime.date(1969, 12, 31) + datetime.timedelta(days=n),
        "at": EPOCH + datetime.timedelta(milliseconds=(n - 20) * 86400500),
        "a": [n, None, n + 1],
        "m": {"k": n, "l": None},
        "w": {"one": n, "two": "in"},
        "nothing": None,
    }


@pytest.fixture
def written(sql, s3, bucket):
    """Makes the table as files of a format, and reads their bytes."""
    sql.run("CREATE DATABASE IF NOT EXISTS lake")

    def make(name, properties, query=VALUES):
        properties = f"external_location = 's3://{bucket}/{name}/', {properties}"
        sql.run(f"CREATE TABLE lake.{name} WITH ({properties}) AS {query}")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=f"{name}/")["Contents"]]
        return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]

    return make


def orc_rows(bodies):
    rows = []
    for body in bodies:
        rows += pyarrow.orc.ORCFile(io.BytesIO(body)).read().to_pylist()
    for row in rows:
        row["m"] = dict(row["m"])
        row["at"] = row["at"].replace(tzinfo=None)
        row["c"] = row["c"].rstrip()
    return sorted(rows, key=lambda row: row["i"])


def avro_rows(bodies):
    rows = [row for body in bodies for row in fastavro.reader(io.BytesIO(body))]
    for row in rows:
        row["at"] = row["at"].replace(tzinfo=None)
    return sorted(rows, key=lambda row: row["i"])


@pytest.mark.parametrize("codec", ["ZLIB", "SNAPPY", "ZSTD", "NONE"])
def test_orc_is_what_pyarrow_reads(sql, written, codec):
    bodies = written("orc", f"format = 'ORC', write_compression = '{codec}'")
    assert orc_rows(bodies) == [expected(n) for n in range(1, 41)]
    kinds = {"NONE": "UNCOMPRESSED"}
    assert pyarrow.orc.ORCFile(io.BytesIO(bodies[0])).compression == kinds.get(codec, codec)
    assert_same_as_query(sql, "lake.orc")


@pytest.mark.parametrize("codec", ["DEFLATE", "SNAPPY", "ZSTD", "BZIP2", "NONE"])
def test_avro_is_what_fastavro_reads(sql, written, codec):
    bodies = written("avro", f"format = 'AVRO', write_compression = '{codec}'")
    assert avro_rows(bodies) == [expected(n) for n in range(1, 41)]
    assert_same_as_query(sql, "lake.avro")


def assert_same_as_query(sql, table):
    columns = "t, s, i, b, r, d, x, ok, v, l, raw, day, at, a, m['k'], w.one, w.two, nothing"
    assert sql.rows(f"SELECT {columns} FROM {table} ORDER BY i") == sql.rows(f"SELECT {columns} FROM ({VALUES}) ORDER BY i")


@pytest.mark.parametrize("format", ["ORC", "AVRO"])
def test_rows_are_inserted_and_unloaded(sql, s3, bucket, written, format):
    written("more", f"format = '{format}', partitioned_by = ARRAY['p']", "SELECT 1 AS i, 'a' AS p")
    sql.run("INSERT INTO lake.more VALUES (2, 'a'), (3, 'b')")
    assert sql.rows("SELECT i, p FROM lake.more ORDER BY i") == [("1", "a"), ("2", "a"), ("3", "b")]
    sql.run(f"UNLOAD (SELECT i, p FROM lake.more) TO 's3://{bucket}/out/' WITH (format = '{format}')")
    bodies = [
        s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        for one in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    ]
    if format == "ORC":
        rows = [row for body in bodies for row in pyarrow.orc.ORCFile(io.BytesIO(body)).read().to_pylist()]
    else:
        rows = [row for body in bodies for row in fastavro.reader(io.BytesIO(body))]
    assert sorted(row["i"] for row in rows) == [1, 2, 3]


def test_many_rows_are_several_blocks(sql, s3, bucket, written):
    rows = "SELECT a * 1000 + b AS n, CAST(a AS varchar) AS t FROM UNNEST(sequence(0, 59)) s (a) CROSS JOIN UNNEST(sequence(0, 999)) u (b)"
    bodies = written("orc_many", "format = 'ORC'", rows)
    assert sum(pyarrow.orc.ORCFile(io.BytesIO(body)).nrows for body in bodies) == 60_000
    bodies = written("avro_many", "format = 'AVRO'", rows)
    assert sorted(row["n"] for body in bodies for row in fastavro.reader(io.BytesIO(body))) == list(range(60_000))
    for table in ("orc_many", "avro_many"):
        assert sql.rows(f"SELECT count(*), sum(n), count(DISTINCT t) FROM lake.{table}") == [("60000", "1799970000", "60")]


@pytest.mark.parametrize(
    "properties, query, reason",
    [
        ("format = 'ORC', write_compression = 'GZIP'", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY"),
        ("format = 'AVRO', write_compression = 'GZIP'", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY"),
        ("format = 'AVRO'", 'SELECT 1 AS "a b"', "NOT_SUPPORTED"),
        ("format = 'AVRO'", "SELECT MAP(ARRAY[1], ARRAY[2]) AS m", "NOT_SUPPORTED"),
        ("format = 'ION'", "SELECT 1 AS a", "NOT_SUPPORTED"),
    ],
)
def test_what_is_not_written_is_refused(sql, properties, query, reason):
    sql.run("CREATE DATABASE IF NOT EXISTS lake")
    assert sql.fails(f"CREATE TABLE lake.x WITH ({properties}) AS {query}").startswith(reason)
