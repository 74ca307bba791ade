"""Files and catalogs that are not what they should be: the query fails with its reason, within bounded memory, and the
next one is none the worse for it."""

import bz2
import contextlib
import gzip
import io
import json
import pathlib
import random

import fastavro
import pyarrow
import pyarrow.orc
import pyarrow.parquet
import pytest

# What a bad file may add to the memory of the process, in MB: the longest line is 100 MB, and is held twice as it grows.
MOST = 400


@contextlib.contextmanager
def within(most, process):
    """Holds that a process takes at most so much more memory while this runs, in MB."""

    def peak():
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

    # The kernel begins anew with what there is now.
    pathlib.Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    before = peak()
    yield
    assert peak() - before < most


@pytest.fixture
def bad(sql, s3, bucket, welkin):
    """The reason why a query of one bad file fails, which harms nothing else: `bad(key, content, table)`."""
    sql.run("CREATE DATABASE bad")

    def fails(key, content, table):
        s3.put_object(Bucket=bucket, Key=f"bad/{key}", Body=content)
        sql.run(f"CREATE EXTERNAL TABLE bad.t {table} LOCATION 's3://{bucket}/bad/'")
        with within(MOST, welkin.process):
            reason = sql.fails("SELECT max(a) FROM bad.t")
        assert sql.rows("SELECT 1") == [("1",)]
        sql.run("DROP TABLE bad.t")
        s3.delete_object(Bucket=bucket, Key=f"bad/{key}")
        return reason

    return fails


def columns():
    chance = random.Random(1)
    return pyarrow.table({"a": [f"{chance.random()}" for _ in range(20_000)]})


def parquet():
    content = io.BytesIO()
    pyarrow.parquet.write_table(columns(), content)
    return content.getvalue()


def orc():
    content = io.BytesIO()
    pyarrow.orc.write_table(columns(), content)
    return content.getvalue()


def avro():
    content = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "string"}]}
    fastavro.writer(content, schema, columns().to_pylist(), codec="deflate")
    return content.getvalue()


WRITERS = {
    "parquet": (parquet, "(a string) STORED AS PARQUET", "t.parquet"),
    "orc": (orc, "(a string) STORED AS ORC", "t.orc"),
    "avro": (avro, "(a string) STORED AS AVRO", "t.avro"),
    "bzip2": (lambda: bz2.compress("\n".join(columns()["a"].to_pylist()).encode()), "(a string)", "t.csv.bz2"),
    "gzip": (lambda: gzip.compress("\n".join(columns()["a"].to_pylist()).encode()), "(a string)", "t.csv.gz"),
}


@pytest.mark.parametrize("format", WRITERS)
def test_files_that_end_too_early(bad, format):
    write, table, key = WRITERS[format]
    whole = write()
    for length in (len(whole) // 2, len(whole) - 7, 3):
        reason = bad(key, whole[:length], table)
        assert reason.startswith(("HIVE_CANNOT_OPEN_SPLIT: ", "HIVE_CURSOR_ERROR: ", "HIVE_BAD_DATA: ")), reason


@pytest.mark.parametrize("format", ["parquet", "orc", "avro"])
def test_files_of_another_format(bad, format):
    _, table, key = WRITERS[format]
    reason = bad(key, b"no such file\n" * 100, table)
    assert reason.startswith(("HIVE_CANNOT_OPEN_SPLIT: ", "HIVE_CURSOR_ERROR: ", "HIVE_BAD_DATA: ")), reason


@pytest.mark.parametrize("format", ["parquet", "orc"])
def test_columns_of_another_type(bad, format):
    write, table, key = WRITERS[format]
    reason = bad(key, write(), table.replace("a string", "a date"))
    assert reason.startswith("HIVE_BAD_DATA: "), reason


SERDES = {
    "LazySimple": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "OpenX": "org.openx.data.jsonserde.JsonSerDe",
    "Hive": "org.apache.hive.hcatalog.data.JsonSerDe",
}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("serde", SERDES)
def test_a_line_of_a_hundred_megabytes(bad, serde, compress):
    line = json.dumps({"a": ""})[:-2].encode() + b"x" * (101 << 20) + b'"}\n'
    suffix = {gzip.compress: "gz", bz2.compress: "bz2"}[compress]
    reason = bad(f"t.json.{suffix}", compress(line), f"(a string) ROW FORMAT SERDE '{SERDES[serde]}'")
    assert reason.startswith("HIVE_BAD_DATA: Line too long in text file: "), reason


def test_partitions_without_files_have_no_rows(sql, bucket):
    sql.run("CREATE DATABASE bad")
    sql.run(f"CREATE EXTERNAL TABLE bad.t (a int) PARTITIONED BY (p string) LOCATION 's3://{bucket}/none/'")
    sql.run("ALTER TABLE bad.t ADD PARTITION (p = 'x') PARTITION (p = 'y')")
    assert sql.rows("SELECT count(*) FROM bad.t") == [("0",)]


def test_a_bucket_that_there_is_not(sql, bucket):
    sql.run("CREATE DATABASE bad")
    sql.run(f"CREATE EXTERNAL TABLE bad.t (a int) LOCATION 's3://{bucket}-none/t/'")
    assert "bucket does not exist" in sql.fails("SELECT * FROM bad.t")


def test_views_of_one_another(sql, welkin):
    sql.run("CREATE DATABASE bad")
    sql.run("CREATE VIEW bad.a AS SELECT 1 AS n")
    sql.run("CREATE VIEW bad.b AS SELECT n FROM bad.a")
    sql.run("CREATE OR REPLACE VIEW bad.a AS SELECT n FROM bad.b")
    with within(MOST, welkin.process):
        reason = sql.fails("SELECT * FROM bad.a")
    assert "INVALID_VIEW" in reason and "is recursive" in reason, reason
    assert sql.rows("SELECT 1") == [("1",)]


def test_serdes_that_there_are_not_are_refused_by_name(bad):
    for serde, error in {
        "com.example.NoSerDe": "HIVE_SERDE_NOT_FOUND: ",
        "com.amazon.ionhiveserde.IonHiveSerDe": "HIVE_UNSUPPORTED_FORMAT: ",
    }.items():
        reason = bad("t", b"x\n", f"(a string) ROW FORMAT SERDE '{serde}'")
        assert reason.startswith(error) and serde in reason, reason
