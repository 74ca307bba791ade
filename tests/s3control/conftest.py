"""What the tests of S3 Control share.

Clients of S3 Control put the account, and clients of access points the access point, in front of the end point's host
name. The names of `localhost` resolve everywhere; those below it do not, so the clients take Welkin for their proxy.
"""

import itertools
import json
import random
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from identity import allow

_names = itertools.count(random.randrange(1 << 40))


def fresh(prefix="welkin-control"):
    """A name that no other test has."""
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


@pytest.fixture
def client(welkin):
    """Makes clients whose host names resolve: `client("s3control", account)`, `client("s3", **user)`."""
    port = urllib.parse.urlsplit(welkin.endpoint).port
    named = type(welkin)(f"http://localhost:{port}")
    return lambda service, account=None, **options: named.client(
        service, account, proxies={"http": welkin.endpoint}, **options
    )


@pytest.fixture
def control(client, account):
    """S3 Control as the root user of a fresh account, which is given with every call."""
    return Bound(client("s3control", account), account)


@pytest.fixture
def s3(client, account):
    """S3 as the root user of that account."""
    return client("s3", account)


@pytest.fixture
def bucket(s3):
    """A bucket of that account, in us-east-1."""
    name = fresh()
    s3.create_bucket(Bucket=name)
    return name


class Bound:
    """A client of S3 Control for one account."""

    def __init__(self, client, account):
        self._client, self._account = client, account

    def __getattr__(self, name):
        call = getattr(self._client, name)
        return lambda **given: call(**{"AccountId": self._account, **given})


@pytest.fixture
def as_user(welkin, client, account):
    """A client of a user of that account whom these actions are allowed: `as_user("s3control", "s3:…")`."""

    def make(service, *actions, resource="*", condition=None, statements=()):
        more = {"Condition": condition} if condition else {}
        own = [allow(list(actions), resource, **more)] if actions else []
        user = client(service, **welkin.user(account, policy(*own, *statements) if own or statements else None))
        return Bound(user, account) if service == "s3control" else user

    return make


def put_bucket_policy(s3, bucket, *statements):
    """Sets the policy of a bucket."""
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(*statements)))
