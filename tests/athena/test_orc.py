"""Tables over ORC, written by Apache ORC itself (in pyarrow): every type and encoding, by position and by name."""

import datetime
import decimal
import io
import random

import pyarrow
import pyarrow.orc
import pytest


@pytest.fixture
def orc(sql, s3, bucket):
    """Makes a table `t` over one file: `orc(ddl, columns)`."""
    sql.run("CREATE DATABASE IF NOT EXISTS o")

    def make(columns, table, properties="", **options):
        content = io.BytesIO()
        pyarrow.orc.write_table(pyarrow.table(table), content, **options)
        s3.put_object(Bucket=bucket, Key="orc/part-0.orc", Body=content.getvalue())
        sql.run("DROP TABLE IF EXISTS o.t")
        sql.run(f"CREATE EXTERNAL TABLE o.t ({columns}) STORED AS ORC LOCATION 's3://{bucket}/orc/' {properties}")
        return content.getvalue()

    return make


def test_every_type(orc, sql):
    orc(
        """a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h string, i binary, j date, k timestamp,
        l decimal(9,2), m decimal(38,4), n array<int>, o map<string,int>, p struct<x:int,y:string>, q int""",
        {
            "a": [True, None],
            "b": pyarrow.array([-1, None], pyarrow.int8()),
            "c": pyarrow.array([300, None], pyarrow.int16()),
            "d": pyarrow.array([70000, None], pyarrow.int32()),
            "e": [5_000_000_000, None],
            "f": pyarrow.array([0.5, None], pyarrow.float32()),
            "g": [0.1, None],
            "h": ["text", None],
            "i": [b"\x00\xff", None],
            "j": [datetime.date(1969, 12, 31), None],
            "k": pyarrow.array([datetime.datetime(1969, 12, 31, 23, 59, 58, 500000), None], pyarrow.timestamp("us")),
            "l": pyarrow.array([decimal.Decimal("-12.34"), None], pyarrow.decimal128(9, 2)),
            "m": pyarrow.array([decimal.Decimal("12345678901234567890.1234"), None], pyarrow.decimal128(38, 4)),
            "n": pyarrow.array([[1, None, 3], None], pyarrow.list_(pyarrow.int32())),
            "o": pyarrow.array([[("k", 1), ("l", None)], None], pyarrow.map_(pyarrow.string(), pyarrow.int32())),
            "p": pyarrow.array([{"x": 1, "y": "z"}, None], pyarrow.struct([("x", pyarrow.int32()), ("y", pyarrow.string())])),
        },
    )
    first, second = sql.rows("SELECT * FROM o.t ORDER BY d")
    assert first == (
        ("true", "-1", "300", "70000", "5000000000", "0.5", "0.1", "text", "00 ff", "1969-12-31")
        + ("1969-12-31 23:59:58.500", "-12.34", "12345678901234567890.1234", "[1, null, 3]", "{k=1, l=null}")
        + ("{x=1, y=z}", None)
    )
    assert second == (None,) * 17
    assert sql.rows("SELECT n[3], o['k'], p.y FROM o.t WHERE d = 70000") == [("3", "1", "z")]
    assert sql.rows("SELECT count(*) FROM o.t") == [("2",)]


@pytest.mark.parametrize("compression", ["uncompressed", "zlib", "snappy", "lz4", "zstd"])
def test_runs_of_every_kind(orc, sql, compression):
    """What a writer makes of rows, runs, steps, outliers and noise is summed as Python sums it."""
    chance = random.Random(5)
    count = 20_000
    columns = {
        "steady": [7] * count,
        "steps": [n * 3 - 50 for n in range(count)],
        "falls": [2**40 - n * n for n in range(count)],
        "noise": [chance.randrange(-(2**63), 2**63) for _ in range(count)],
        "small": [chance.randrange(100) for _ in range(count)],
        "outliers": [chance.randrange(100) if n % 50 else chance.randrange(2**35) for n in range(count)],
        "nulls": [None if chance.random() < 0.3 else n for n in range(count)],
        "texts": [f"text {chance.randrange(10**9)}" for _ in range(count)],
        "words": [chance.choice(["one", "two", "three", None]) for _ in range(count)],
        "flags": [chance.random() < 0.1 for _ in range(count)],
        "lists": [list(range(n % 5)) if n % 7 else None for n in range(count)],
    }
    kinds = ["bigint"] * 7 + ["string", "string", "boolean", "array<bigint>"]
    orc(
        ", ".join(f"{name} {kind}" for name, kind in zip(columns, kinds)),
        columns,
        compression=compression,
        compression_block_size=65536,
        dictionary_key_size_threshold=0.9,
        stripe_size=256 * 1024,
    )
    numbers = list(columns)[:7]
    [row] = sql.rows("SELECT " + ", ".join(f"sum(cast({name} AS decimal(38)))" for name in numbers) + " FROM o.t")
    assert [int(it) for it in row] == [sum(n for n in columns[name] if n is not None) for name in numbers]
    [row] = sql.rows(
        """SELECT count(DISTINCT noise), min(texts), max(texts), sum(length(texts)), count_if(words = 'two'),
        count(words), count_if(flags), sum(cardinality(lists)), sum(reduce(lists, 0, (s, x) -> s + x, s -> s)) FROM o.t"""
    )
    assert row == tuple(
        str(it)
        for it in (
            len(set(columns["noise"])),
            min(columns["texts"]),
            max(columns["texts"]),
            sum(map(len, columns["texts"])),
            columns["words"].count("two"),
            count - columns["words"].count(None),
            sum(columns["flags"]),
            sum(len(it) for it in columns["lists"] if it),
            sum(sum(it) for it in columns["lists"] if it),
        )
    )


def test_columns_are_found_by_position_or_by_name(orc, sql):
    table = {"first": ["a"], "Second": ["b"], "third": [3]}
    orc("x string, second string, first string, w int", table)
    assert sql.rows("SELECT x, second FROM o.t") == [("a", "b")]
    assert "Can not read SQL type varchar from ORC stream .first of type LONG" in sql.fails("SELECT first FROM o.t")
    assert sql.rows("SELECT w FROM o.t") == [(None,)]
    by_name = "TBLPROPERTIES ('orc.column.index.access' = 'false')"
    orc("x string, second string, first string", table, by_name)
    assert sql.rows("SELECT x, second, first FROM o.t") == [(None, "b", "a")]


def test_files_that_are_no_orc_fail_the_query(orc, sql, s3, bucket):
    whole = orc("a string, b bigint", {"a": ["x" * 50] * 1000, "b": list(range(1000))}, compression="zlib")
    assert sql.rows("SELECT sum(b) FROM o.t") == [("499500",)]
    for content in [whole[:-1], whole[: len(whole) // 2], b"ORC", b"\x00", whole[100:], b"ORC" + b"\xff" * 200]:
        s3.put_object(Bucket=bucket, Key="orc/part-0.orc", Body=content)
        assert sql.fails("SELECT a, b FROM o.t").startswith("HIVE_BAD_DATA: Malformed ORC file."), content[:20]
    chance = random.Random(3)
    for _ in range(40):
        broken = bytearray(whole)
        broken[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        s3.put_object(Bucket=bucket, Key="orc/part-0.orc", Body=bytes(broken))
        state = sql.wait(sql.start("SELECT a, b FROM o.t"))["Status"]
        assert state["State"] == "SUCCEEDED" or state["StateChangeReason"].startswith("HIVE_BAD_DATA: "), state
    assert sql.rows("SELECT 1") == [("1",)]
