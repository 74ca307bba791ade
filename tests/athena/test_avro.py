"""Tables over Avro, written by fastavro; and Grok and LZ4, which are text."""

import datetime
import decimal
import io
import json
import struct

import fastavro
import pytest

SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.avro.AvroSerDe'"

EVENT = {
    "type": "record",
    "name": "event",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "int"},
        {"name": "Name", "type": ["null", "string"]},
        {"name": "big", "type": "long"},
        {"name": "ratio", "type": "float"},
        {"name": "exact", "type": "double"},
        {"name": "ok", "type": "boolean"},
        {"name": "raw", "type": "bytes"},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
        {"name": "tags", "type": {"type": "array", "items": ["null", "string"]}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {
            "name": "place",
            "type": ["null", {"type": "record", "name": "place", "fields": [{"name": "City", "type": "string"}]}],
        },
        {"name": "other", "type": ["null", "place"]},
    ],
}

COLUMNS = """id bigint, name string, big bigint, ratio double, exact double, ok boolean, raw binary, day date, at timestamp,
    price decimal(12,3), kind string, tags array<string>, counts map<string,bigint>, place struct<city:string,zip:string>,
    missing string"""


def event(n):
    return {
        "id": n,
        "Name": None if n % 2 else f"name {n}",
        "big": 10**12 * n,
        "ratio": 0.5,
        "exact": 0.1,
        "ok": True,
        "raw": b"\x01",
        "day": datetime.date(2024, 2, 29),
        "at": datetime.datetime(2024, 2, 29, 1, 2, 3, 4000, tzinfo=datetime.timezone.utc),
        "price": decimal.Decimal("-1.25"),
        "kind": "B",
        "tags": ["a", None],
        "counts": {"k": 5},
        "place": {"City": "Rome"},
        "other": None,
    }


@pytest.fixture
def avro(sql, s3, bucket):
    sql.run("CREATE DATABASE IF NOT EXISTS a")

    def make(columns, schema, records, properties="", codec="null"):
        content = io.BytesIO()
        fastavro.writer(content, fastavro.parse_schema(schema), records, codec=codec)
        s3.put_object(Bucket=bucket, Key="avro/part.avro", Body=content.getvalue())
        sql.run("DROP TABLE IF EXISTS a.t")
        sql.run(
            f"""CREATE EXTERNAL TABLE a.t ({columns}) {SERDE} {properties} STORED AS
            INPUTFORMAT 'org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat'
            OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat' LOCATION 's3://{bucket}/avro/'"""
        )
        return content.getvalue()

    return make


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "snappy", "zstandard"])
def test_every_type_and_codec(avro, sql, codec):
    avro(COLUMNS, EVENT, [event(n) for n in range(1000)], codec=codec)
    assert sql.rows("SELECT count(*), sum(id), count(name), sum(big) FROM a.t") == [
        ("1000", "499500", "500", "499500000000000000")
    ]
    [row] = sql.rows("SELECT * FROM a.t WHERE id = 2")
    assert row == (
        ("2", "name 2", "2000000000000", "0.5", "0.1", "true", "01", "2024-02-29", "2024-02-29 01:02:03.004", "-1.250")
        + ("B", "[a, null]", "{k=5}", "{city=Rome, zip=null}", None)
    )


def test_a_schema_of_the_table_has_defaults_and_aliases(avro, sql, s3, bucket):
    written = {"type": "record", "name": "r", "fields": [{"name": "old", "type": "int"}]}
    own = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "new", "type": "int", "aliases": ["old"]},
            {"name": "added", "type": "string", "default": "none yet"},
        ],
    }
    literal = f"WITH SERDEPROPERTIES ('avro.schema.literal' = '{json.dumps(own)}')"
    avro("new int, added string", written, [{"old": 5}], literal)
    assert sql.rows("SELECT new, added FROM a.t") == [("5", "none yet")]
    s3.put_object(Bucket=bucket, Key="schemas/r.avsc", Body=json.dumps(own).encode())
    url = f"WITH SERDEPROPERTIES ('avro.schema.url' = 's3://{bucket}/schemas/r.avsc')"
    avro("new int, added string", written, [{"old": 6}], url)
    assert sql.rows("SELECT new, added FROM a.t") == [("6", "none yet")]
    s3.delete_object(Bucket=bucket, Key="schemas/r.avsc")
    assert sql.fails("SELECT new FROM a.t").startswith("HIVE_INVALID_METADATA: ")


def test_files_that_are_no_avro_fail_the_query(avro, sql, s3, bucket):
    whole = avro(COLUMNS, EVENT, [event(n) for n in range(100)], codec="deflate")
    for content in [whole[:-1], whole[: len(whole) // 2], b"Obj\x01", b"no Avro", whole[:-20] + b"x" * 20]:
        s3.put_object(Bucket=bucket, Key="avro/part.avro", Body=content)
        assert sql.fails("SELECT id FROM a.t").startswith("HIVE_BAD_DATA: Malformed Avro file: "), content[-20:]
    avro("id string, name string", EVENT, [event(1)])
    assert "Field id: Int is no varchar" in sql.fails("SELECT id FROM a.t")
    assert sql.rows("SELECT count(*) FROM a.t") == [("1",)]


GROK = "ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' WITH SERDEPROPERTIES"


def test_grok(sql, s3, bucket):
    """The two examples of the reference, with lines of ours."""
    sql.run("CREATE DATABASE g")
    lines = [
        "Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]: B88C4120838: connect from unknown[192.168.55.4]",
        "Feb  9 07:15:01 m4eastmail postfix/smtpd[20444]: B58C4330038: client=unknown[192.168.55.4]",
        "nothing that it knows",
    ]
    s3.put_object(Bucket=bucket, Key="mail/log", Body="\n".join(lines).encode())
    sql.run(
        f"""CREATE EXTERNAL TABLE g.mail (syslogbase string, queue_id string, syslog_message string, pid int) {GROK} (
        'input.grokCustomPatterns' = 'POSTFIX_QUEUEID [0-9A-F]{{7,12}}',
        'input.format' = '%{{SYSLOGBASE}} %{{POSTFIX_QUEUEID:queue_id}}: %{{GREEDYDATA:syslog_message}}')
        STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
        OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' LOCATION 's3://{bucket}/mail/'"""
    )
    assert sql.rows("SELECT * FROM g.mail ORDER BY pid") == [
        ("Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]:", "B88C4120838", "connect from unknown[192.168.55.4]", "19305"),
        ("Feb  9 07:15:01 m4eastmail postfix/smtpd[20444]:", "B58C4330038", "client=unknown[192.168.55.4]", "20444"),
        (None, None, None, None),
    ]
    line = '10.1.2.3 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 "http://x.y/z" "Moz (X)"\n'
    s3.put_object(Bucket=bucket, Key="web/log", Body=line.encode())
    sql.run(
        f"""CREATE EXTERNAL TABLE g.web (clientip string, auth string, verb string, request string, response int,
        bytes bigint, referrer string, agent string, timestamp string)
        {GROK} ('input.format' = '%{{COMBINEDAPACHELOG}}') LOCATION 's3://{bucket}/web/'"""
        .replace("timestamp string", "`timestamp` string")
    )
    assert sql.rows("SELECT * FROM g.web") == [
        ("10.1.2.3", "frank", "GET", "/a?b=c", "200", "2326", '"http://x.y/z"', '"Moz (X)"', "10/Oct/2000:13:55:36 -0700")
    ]
    sql.run(
        f"""CREATE EXTERNAL TABLE g.bad (a string) {GROK} ('input.format' = '%{{NOPATTERN:a}}')
        LOCATION 's3://{bucket}/web/'"""
    )
    assert "No definition for key 'NOPATTERN'" in sql.fails("SELECT * FROM g.bad")
    sql.run(
        f"""CREATE EXTERNAL TABLE g.loop (a string) {GROK} ('input.grokCustomPatterns' = 'X %{{X}}',
        'input.format' = '%{{X:a}}') LOCATION 's3://{bucket}/web/'"""
    )
    assert "within itself" in sql.fails("SELECT * FROM g.loop")


def test_lz4_of_hadoop(sql, s3, bucket):
    """A block of two chunks, each of literals alone: what LZ4 makes of what does not repeat."""
    chunks = [b"1,one\n2,tw", b"o\n"]
    block = struct.pack(">I", sum(map(len, chunks)))
    for chunk in chunks:
        compressed = bytes([len(chunk) << 4]) + chunk
        block += struct.pack(">I", len(compressed)) + compressed
    s3.put_object(Bucket=bucket, Key="l/a.lz4", Body=block)
    sql.run("CREATE DATABASE l")
    sql.run(
        f"""CREATE EXTERNAL TABLE l.t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
        LOCATION 's3://{bucket}/l/'"""
    )
    assert sql.rows("SELECT n, s FROM l.t ORDER BY n") == [("1", "one"), ("2", "two")]
    s3.put_object(Bucket=bucket, Key="l/a.lz4", Body=block[:-4])
    assert sql.fails("SELECT * FROM l.t").startswith("HIVE_CURSOR_ERROR: Failed to read file")
