"""What the tests of S3 share."""

import itertools
import json
import random

import pytest
from botocore.exceptions import ClientError

_names = itertools.count(random.randrange(1 << 40))


def fresh(prefix="welkin-test"):
    """A bucket name that no other test has."""
    return f"{prefix}-{next(_names)}"


def error_of(call, *args, **kwargs):
    """The error that a call answers: its code, status, message and the rest."""
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    return {**response["Error"], "Status": response["ResponseMetadata"]["HTTPStatusCode"]}


def code_of(call, *args, **kwargs):
    """Code and status of the error that a call answers."""
    error = error_of(call, *args, **kwargs)
    return error["Code"], error["Status"]


def policy(*statements):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, resources, **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


@pytest.fixture
def s3(welkin, account):
    """S3 as the root user of a fresh account."""
    return welkin.client("s3", account)


@pytest.fixture
def bucket(s3):
    """A bucket of that account, in us-east-1."""
    name = fresh()
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def put_policy(s3, bucket):
    """Sets the policy of the bucket."""
    return lambda *statements: s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(*statements)))
