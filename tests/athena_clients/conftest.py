"""Fixtures of the tests with Athena's clients: libraries that people use, unchanged, each against an account of its own."""

import gzip
import json

import pyathena
import pytest

REGION = "us-east-1"

# A row of each type that a column can have.
KINDS = {
    "a_boolean": ("boolean", True),
    "a_tinyint": ("tinyint", -128),
    "a_smallint": ("smallint", 32767),
    "an_int": ("int", -2147483648),
    "a_bigint": ("bigint", 9223372036854775807),
    "a_float": ("float", 0.5),
    "a_double": ("double", 1e300),
    "a_decimal": ("decimal(20,4)", "1234567890123456.7891"),
    "a_string": ("string", 'say "hi",\n\\ and ü'),
    "a_varchar": ("varchar(10)", "ten"),
    "a_char": ("char(3)", "abc"),
    "a_date": ("date", "2024-02-29"),
    "a_timestamp": ("timestamp", "2024-02-29 12:34:56.789"),
    "a_binary": ("binary", "AAH/"),
    "an_array": ("array<int>", [1, 2, 3]),
    "a_map": ("map<string,int>", {"a": 1, "b": 2}),
    "a_struct": ("struct<x:int,y:string>", {"x": 7, "y": "seven"}),
}


@pytest.fixture
def environment(welkin, account, monkeypatch, tmp_path):
    """The environment in which the libraries find Welkin and the account, as they would find AWS."""
    for name, value in {
        "AWS_ENDPOINT_URL": welkin.endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def s3(welkin, account):
    """S3 by boto3, to see what the clients did."""
    return welkin.client("s3", account)


@pytest.fixture
def glue(welkin, account):
    return welkin.client("glue", account)


@pytest.fixture
def bucket(s3, account):
    name = f"lake-{account}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def keys(s3, bucket):
    """The keys below a prefix."""

    def keys(prefix):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    return keys


@pytest.fixture
def staging(bucket):
    """Where results go."""
    return f"s3://{bucket}/results/"


@pytest.fixture
def connect(environment, staging):
    """Connects by PyAthena to a database: `connect(cursor_class=…)`."""
    made = []

    def connect(**options):
        options = {"s3_staging_dir": staging, "region_name": REGION, "schema_name": "db", "poll_interval": 0.02} | options
        made.append(pyathena.connect(**options))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


@pytest.fixture
def database(connect):
    """The database db; runs statements in it."""
    cursor = connect(schema_name="default").cursor()
    cursor.execute("CREATE DATABASE db")
    return cursor


@pytest.fixture
def kinds(database, s3, bucket):
    """A table of two rows: one of each kind of value, one of nothing."""
    lines = [{name: value for name, (_, value) in KINDS.items()}, {}]
    body = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    s3.put_object(Bucket=bucket, Key="kinds/part.json.gz", Body=body)
    columns = ", ".join(f"{name} {ty}" for name, (ty, _) in KINDS.items())
    database.execute(
        f"CREATE EXTERNAL TABLE db.kinds ({columns}) PARTITIONED BY (dt string) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        f"LOCATION 's3://{bucket}/none/'"
    )
    database.execute(f"ALTER TABLE db.kinds ADD PARTITION (dt = '2024-01-01') LOCATION 's3://{bucket}/kinds/'")
    return "kinds"


@pytest.fixture
def orders(database, s3, bucket):
    """A table of orders, by day."""
    files = {
        "orders/dt=2024-01-01/a.csv": "1,apple,2.50\n2,pear,3.00\n",
        "orders/dt=2024-01-02/b.csv": "3,apple,1.25\n4,,0.75\n",
    }
    for key, text in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    database.execute(
        f"""CREATE EXTERNAL TABLE db.orders (id int COMMENT 'the number', fruit string, price decimal(9,2))
        PARTITIONED BY (dt string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
        LOCATION 's3://{bucket}/orders/'"""
    )
    database.execute("MSCK REPAIR TABLE db.orders")
    return "orders"
