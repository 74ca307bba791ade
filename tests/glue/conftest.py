"""Fixtures of the Glue tests."""

import pytest

from crawling import Lake
from policies import allow


@pytest.fixture
def glue(welkin, account):
    """Glue as the root user of a fresh account."""
    return welkin.client("glue", account)


@pytest.fixture
def database(glue):
    """A database named db."""
    glue.create_database(DatabaseInput={"Name": "db"})
    return "db"


@pytest.fixture
def new_table(glue, database):
    """Makes tables in db: columns and partition keys as "name type"."""

    def make(name, columns=("id int",), keys=(), **more):
        def column(text):
            name, kind = text.split(" ", 1)
            return {"Name": name, "Type": kind}

        definition = {
            "Name": name,
            "StorageDescriptor": {"Columns": [column(text) for text in columns], "Location": f"s3://bucket/{name}/"},
            "PartitionKeys": [column(text) for text in keys],
            "TableType": "EXTERNAL_TABLE",
            **more,
        }
        glue.create_table(DatabaseName=database, TableInput=definition)
        return definition

    return make


@pytest.fixture
def table(new_table):
    """A table named t without partitions."""
    new_table("t")
    return "t"


@pytest.fixture
def partitioned(new_table):
    """A table named p, partitioned by country and year."""
    new_table("p", keys=("country string", "year int"))
    return {"DatabaseName": "db", "TableName": "p"}


@pytest.fixture
def user(welkin, account):
    """Glue as a new user of the account with a policy that allows these actions."""
    return lambda *actions, **more: welkin.client("glue", **welkin.user(account, allow(*actions, **more)))


@pytest.fixture
def arn(account):
    """ARNs of the account's catalog and of what is in it."""
    return lambda resource: f"arn:aws:glue:us-east-1:{account}:{resource}"


@pytest.fixture
def lake(welkin, account):
    """A lake to crawl."""
    return Lake(welkin, account)
