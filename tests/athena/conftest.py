"""Fixtures of the Athena tests."""

import time

import pytest


class Queries:
    """Runs queries and waits for their end."""

    def __init__(self, athena, output, **defaults):
        self.athena, self.output, self.defaults = athena, output, defaults

    def start(self, sql, **options):
        options = {"ResultConfiguration": {"OutputLocation": self.output}, **self.defaults, **options}
        return self.athena.start_query_execution(QueryString=sql, **options)["QueryExecutionId"]

    def wait(self, query):
        until = time.monotonic() + 60
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            assert time.monotonic() < until, execution
            time.sleep(0.02)

    def run(self, sql, **options):
        """The execution of a query that succeeds."""
        execution = self.wait(self.start(sql, **options))
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def fails(self, sql, **options):
        """The reason why a query fails."""
        execution = self.wait(self.start(sql, **options))
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return execution["Status"]["StateChangeReason"]

    def rows(self, sql, **options):
        """The rows of a query, without those of headers."""
        execution = self.run(sql, **options)
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution["QueryExecutionId"])
        rows = [
            tuple(datum.get("VarCharValue") for datum in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return rows[1:] if execution["SubstatementType"] == "SELECT" else rows


@pytest.fixture
def athena(welkin, account):
    """Athena as the root user of a fresh account."""
    return welkin.client("athena", account)


@pytest.fixture
def s3(welkin, account):
    return welkin.client("s3", account)


@pytest.fixture
def glue(welkin, account):
    return welkin.client("glue", account)


@pytest.fixture
def bucket(s3, account):
    """A bucket for data and results."""
    name = f"lake-{account}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def sql(athena, bucket):
    """Runs queries; results go to the bucket."""
    return Queries(athena, f"s3://{bucket}/results/")


@pytest.fixture
def queries():
    """To run queries as somebody else: `queries(athena, output)`."""
    return Queries


@pytest.fixture
def orders(sql, s3, bucket):
    """A table of orders in CSV, by day, in the database shop; its files."""
    files = {
        "orders/dt=2024-01-01/a.csv": "1,apple,2.50\n2,pear,3.00\n",
        "orders/dt=2024-01-02/b.csv": '3,apple,1.25\n4,,0.75\n',
    }
    for key, text in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    sql.run("CREATE DATABASE shop")
    sql.run(
        f"""CREATE EXTERNAL TABLE shop.orders (id int, fruit string, price decimal(9,2))
        PARTITIONED BY (dt string)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
        LOCATION 's3://{bucket}/orders/'"""
    )
    sql.run("MSCK REPAIR TABLE shop.orders")
    return files


@pytest.fixture
def iceberg(welkin, account):
    """The account's Glue Data Catalog through PyIceberg: an independent reader and writer of Iceberg tables."""
    from pyiceberg.catalog import load_catalog

    keys = {"access-key-id": account, "secret-access-key": "any", "region": "us-east-1", "endpoint": welkin.endpoint}
    properties = {f"{service}.{key}": value for service in ("glue", "s3") for key, value in keys.items()}
    return load_catalog("welkin", type="glue", **properties)


@pytest.fixture
def lake(sql):
    """A database for Iceberg tables: the options of queries in it."""
    sql.run("CREATE DATABASE lake")
    return {"QueryExecutionContext": {"Database": "lake"}}
