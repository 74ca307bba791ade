"""Fixtures of the tests of Parameter Store."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def ssm(welkin, account):
    """Systems Manager as the root user of a fresh account."""
    return welkin.client("ssm", account)


class Refused:
    """Asserts that a call is refused with a code: `with refused("ParameterNotFound"): …`."""

    def __init__(self, code, status=400, message=None):
        self.code, self.status, self.message = code, status, message

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert isinstance(error, ClientError), f"expected {self.code}, got {error!r}"
        answer = error.response
        assert answer["Error"]["Code"] == self.code, answer["Error"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == self.status, answer
        if self.message:
            assert self.message in answer["Error"]["Message"], answer["Error"]["Message"]
        return True


@pytest.fixture
def refused():
    return Refused


@pytest.fixture
def user(welkin, account):
    """Systems Manager as a new user of the account with a policy that allows these actions."""

    def user(*actions, resource="*", **more):
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return welkin.client("ssm", **welkin.user(account, policy))

    return user


@pytest.fixture
def put(ssm):
    """Puts a parameter, a string unless it is said otherwise."""
    return lambda name, value="v", **more: ssm.put_parameter(**({"Name": name, "Value": value, "Type": "String"} | more))


@pytest.fixture
def value(ssm):
    """The value of a parameter."""
    return lambda name, **more: ssm.get_parameter(Name=name, **more)["Parameter"]["Value"]
