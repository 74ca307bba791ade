"""Fixtures of the DynamoDB tests."""

import random

import pytest


@pytest.fixture
def dynamodb(welkin, account):
    """DynamoDB as the root user of a fresh account."""
    return welkin.client("dynamodb", account)


@pytest.fixture
def new_table(welkin, dynamodb):
    """Makes active tables; returns their names."""

    def make(sort=None, partition="S", **options):
        name = f"t{random.randrange(1 << 48):012x}"
        keys = [("pk", partition, "HASH")] + ([("sk", sort, "RANGE")] if sort else [])
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind, _ in keys],
            KeySchema=[{"AttributeName": key, "KeyType": role} for key, _, role in keys],
            BillingMode="PAY_PER_REQUEST",
            **options,
        )
        welkin.advance("1s")
        return name

    return make
