"""What crawlers recognise, and that Athena then reads it."""

import bz2
import datetime
import decimal
import gzip
import io
import zipfile

import cramjam
import fastavro
import pyarrow
import pyarrow.orc
import pyarrow.parquet
import pytest

from crawling import columns

ROWS = [
    {"id": 1, "name": "apple", "price": 2.5, "ok": True, "tags": ["a", "b"], "at": {"x": 1, "y": "z"}},
    {"id": 2, "name": "pear", "price": 3.0, "ok": False, "tags": [], "at": {"x": 2, "y": None}},
]
SCHEMA = pyarrow.schema(
    [
        ("id", pyarrow.int32()),
        ("name", pyarrow.string()),
        ("price", pyarrow.float64()),
        ("ok", pyarrow.bool_()),
        ("tags", pyarrow.list_(pyarrow.string())),
        ("at", pyarrow.struct([("x", pyarrow.int64()), ("y", pyarrow.string())])),
    ]
)
COLUMNS = "id int, name string, price double, ok boolean, tags array<string>, at struct<x:bigint,y:string>"
EVERY = "SELECT id, name, price, ok, cardinality(tags), at.y FROM db.data ORDER BY id"
EXPECTED = [("1", "apple", "2.5", "true", "2", "z"), ("2", "pear", "3.0", "false", "0", None)]


def parquet(rows=ROWS, schema=SCHEMA):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), file)
    return file.getvalue()


def orc():
    file = io.BytesIO()
    pyarrow.orc.write_table(pyarrow.Table.from_pylist(ROWS, schema=SCHEMA), file)
    return file.getvalue()


def avro():
    record = lambda name, fields: {"type": "record", "name": name, "fields": fields}
    field = lambda name, kind: {"name": name, "type": kind}
    at = record("at", [field("x", "long"), field("y", ["null", "string"])])
    fields = [field("id", "int"), field("name", "string"), field("price", "double"), field("ok", "boolean")]
    fields += [field("tags", {"type": "array", "items": "string"}), field("at", at)]
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(record("row", fields)), ROWS, codec="deflate")
    return file.getvalue()


@pytest.mark.parametrize("classification, make", [("parquet", parquet), ("orc", orc), ("avro", avro)])
def test_files_that_tell_their_columns(lake, classification, make):
    body = make()
    table = lake.crawl({"data/file": body})["data"]
    assert columns(table) == COLUMNS
    parameters = table["Parameters"]
    expected = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "c",
        "classification": classification,
        "compressionType": "none",
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": str(len(body)),
        "typeOfData": "file",
    }
    if classification != "avro":
        expected["averageRecordSize"] = str(len(body) // 2)
    assert parameters.items() >= expected.items()
    assert ("avro.schema.literal" in parameters) == (classification == "avro")
    assert table["StorageDescriptor"]["Parameters"] == parameters
    assert table["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/data/"
    assert (table["TableType"], table["Owner"], table["PartitionKeys"]) == ("EXTERNAL_TABLE", "owner", [])
    assert table["CreatedBy"].endswith("assumed-role/crawler/AWS-Crawler")
    assert lake.select(EVERY) == EXPECTED


def test_every_type_of_parquet_has_one_in_the_catalog(lake):
    types = {
        "i8": (pyarrow.int8(), -1, "tinyint", "-1"),
        "i16": (pyarrow.int16(), 300, "smallint", "300"),
        "i64": (pyarrow.int64(), 5_000_000_000, "bigint", "5000000000"),
        "f": (pyarrow.float32(), 0.5, "float", "0.5"),
        "d": (pyarrow.decimal128(10, 2), decimal.Decimal("12.34"), "decimal(10,2)", "12.34"),
        "day": (pyarrow.date32(), datetime.date(2024, 2, 29), "date", "2024-02-29"),
        "ts": (pyarrow.timestamp("ms"), datetime.datetime(2024, 2, 29, 1, 2, 3), "timestamp", "2024-02-29 01:02:03.000"),
        "b": (pyarrow.binary(), b"x", "binary", "78"),
    }
    schema = pyarrow.schema([(name, kind) for name, (kind, *_) in types.items()])
    row = {name: value for name, (_, value, *_) in types.items()}
    table = lake.crawl({"data/file.parquet": parquet([row], schema)})["data"]
    assert columns(table) == ", ".join(f"{name} {kind}" for name, (_, _, kind, _) in types.items())
    assert lake.select("SELECT * FROM db.data") == [tuple(text for *_, text in types.values())]


JSON = '{"Id": 1, "name": "apple", "big": 3000000000, "at": {"x": 1.5}, "tags": ["a"]}\n{"Id": 2, "none": null}\n'


def test_json_lines(lake):
    table = lake.crawl({"data/a.json": JSON})["data"]
    assert columns(table) == "id int, name string, big bigint, at struct<x:double>, tags array<string>, none string"
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.openx.data.jsonserde.JsonSerDe"
    assert serde["Parameters"] == {"paths": "Id,at,big,name,none,tags"}
    assert table["Parameters"]["recordCount"] == "2"
    rows = lake.select("SELECT id, name, big, at.x, tags[1] FROM db.data WHERE name IS NOT NULL")
    assert rows == [("1", "apple", "3000000000", "1.5", "a")]


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\x01"])
def test_separated_values_with_a_header(lake, delimiter):
    lines = [["Id", "name", "price", "day"], ["1", "apple", "2.5", "2024-01-01"], ["2", "", "3", "2024-01-02"]]
    table = lake.crawl({"data/a.csv": "".join(delimiter.join(line) + "\n" for line in lines)})["data"]
    assert columns(table) == "id bigint, name string, price double, day string"
    expected = {
        "classification": "csv",
        "delimiter": delimiter,
        "skip.header.line.count": "1",
        "areColumnsQuoted": "false",
        "columnsOrdered": "true",
        "recordCount": "2",
    }
    # The header is among the bytes.
    assert table["Parameters"].items() >= {**expected, "recordCount": table["Parameters"]["recordCount"]}.items()
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    assert serde["Parameters"] == {"field.delim": delimiter}
    assert lake.select("SELECT id, price, day FROM db.data ORDER BY id") == [
        ("1", "2.5", "2024-01-01"),
        ("2", "3.0", "2024-01-02"),
    ]


def test_separated_values_without_a_header(lake):
    table = lake.crawl({"data/a.csv": "1,apple\n2,pear\n"})["data"]
    assert columns(table) == "col0 bigint, col1 string"
    assert "skip.header.line.count" not in table["Parameters"]
    assert lake.select("SELECT col1 FROM db.data WHERE col0 = 2") == [("pear",)]


APACHE = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'


@pytest.mark.parametrize(
    "classification, line, query, row",
    [
        ("apache", APACHE, "SELECT clientip, verb, response, bytes", ("127.0.0.1", "GET", "200", "2326")),
        ("combined_apache", f'{APACHE} "http://x/" "Mozilla"', "SELECT auth, agent", ("frank", '"Mozilla"')),
        (
            "linux_kernel",
            "Oct 11 22:14:15 host sshd[42]: Accepted key",
            "SELECT logsource, program, pid, message",
            ("host", "sshd", "42", "Accepted key"),
        ),
        (
            "redislog",
            "[4018] 14 Nov 07:01:22.119 * Background saving terminated with success",
            "SELECT pid, message",
            ("4018", "Background saving terminated with success"),
        ),
    ],
)
def test_logs_that_are_known(lake, classification, line, query, row):
    table = lake.crawl({"data/a.log": f"{line}\n{line}\n"})["data"]
    assert table["Parameters"]["classification"] == classification
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == "com.amazonaws.glue.serde.GrokSerDe"
    assert lake.select(f"{query} FROM db.data") == [row, row]


def zipped(body):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", body)
    return file.getvalue()


def hadoop_snappy(body):
    """A block of one chunk, each with its length before it."""
    chunk = bytes(cramjam.snappy.compress_raw(body))
    return len(body).to_bytes(4, "big") + len(chunk).to_bytes(4, "big") + chunk


@pytest.mark.parametrize(
    "name, compress, compression, queried",
    [
        ("gz", gzip.compress, "gzip", True),
        ("bz2", bz2.compress, "bzip2", True),
        ("snappy", hadoop_snappy, "snappy", True),
        ("sz", lambda body: bytes(cramjam.snappy.compress(body)), "snappy", False),
        ("zip", zipped, "zip", False),
    ],
)
def test_text_that_is_compressed(lake, name, compress, compression, queried):
    table = lake.crawl({f"data/a.json.{name}": compress(JSON.encode())})["data"]
    assert columns(table).startswith("id int, name string, big bigint")
    assert table["Parameters"]["compressionType"] == compression
    assert table["StorageDescriptor"]["Compressed"] is True
    if queried:
        assert lake.select("SELECT name FROM db.data WHERE id = 1") == [("apple",)]


def test_what_nobody_knows_is_unknown(lake):
    tables = lake.crawl({"data/a/a.bin": bytes(range(256)) * 10, "data/b/b.txt": "just a line\nand another, one\n"})
    assert tables.keys() == {"a", "b"} or tables.keys() == {"data"}
    for table in tables.values():
        assert table["Parameters"]["classification"] == "UNKNOWN"
        assert table["StorageDescriptor"]["Columns"] == []


def test_files_of_one_folder_are_merged(lake):
    files = {
        "data/a.json": '{"a": 1, "b": {"x": 1}, "c": "x"}',
        "data/b.json": '{"a": 2.5, "b": {"y": "z"}, "c": "y"}',
        "data/c.json": '{"a": 3000000000, "b": null, "c": 1, "d": true}',
    }
    table = lake.crawl(files, configuration={"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}})["data"]
    assert columns(table) == "a double, b struct<x:int,y:string>, c string, d boolean"
    assert table["Parameters"]["objectCount"] == "3"
    assert lake.select("SELECT a, b.x, b.y, c FROM db.data ORDER BY a") == [
        ("1.0", "1", None, "x"),
        ("2.5", None, "z", "y"),
        ("3.0E9", None, None, "1"),
    ]
