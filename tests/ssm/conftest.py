"""Fixtures of the tests of Parameter Store."""

import pytest

from policies import allow


@pytest.fixture
def ssm(welkin, account):
    """Systems Manager as the root user of a fresh account."""
    return welkin.client("ssm", account)


@pytest.fixture
def user(welkin, account):
    """Systems Manager as a new user of the account with a policy that allows these actions."""
    return lambda *actions, **more: welkin.client("ssm", **welkin.user(account, allow(*actions, **more)))


@pytest.fixture
def put(ssm):
    """Puts a parameter, a string unless it is said otherwise."""
    return lambda name, value="v", **more: ssm.put_parameter(**({"Name": name, "Value": value, "Type": "String"} | more))


@pytest.fixture
def value(ssm):
    """The value of a parameter."""
    return lambda name, **more: ssm.get_parameter(Name=name, **more)["Parameter"]["Value"]
