"""Accounts, users and roles for tests that need callers with certain rights."""

import contextlib
import json
import random

import pytest
from botocore.exceptions import ClientError

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal, action="sts:AssumeRole", **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


@contextlib.contextmanager
def refused(code, status=None, message=None):
    """The call inside must be answered with this error."""
    with pytest.raises(ClientError) as raised:
        yield raised
    answer = raised.value.response
    assert answer["Error"]["Code"] == code, answer
    if status:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, answer
    if message:
        assert message in answer["Error"]["Message"], answer


class Caller:
    """Somebody with credentials."""

    def __init__(self, welkin, key, secret, token=None):
        self.welkin, self.key, self.secret, self.token = welkin, key, secret, token

    @classmethod
    def of(cls, welkin, credentials):
        return cls(
            welkin, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken")
        )

    def client(self, service, **more):
        return self.welkin.client(service, key=self.key, secret=self.secret, token=self.token, **more)

    def arn(self):
        return self.client("sts").get_caller_identity()["Arn"]

    def assume(self, role, session="session", **more):
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName=session, **more)
        return Caller.of(self.welkin, answer["Credentials"])


class Account:
    """An account that nobody else uses, by its root user."""

    def __init__(self, welkin, number=None):
        self.welkin = welkin
        self.id = number or str(random.randrange(10**11, 10**12))
        self.iam = self.client("iam")

    def client(self, service, **more):
        return self.welkin.client(service, account=self.id, **more)

    def arn(self, resource):
        return f"arn:aws:iam::{self.id}:{resource}"

    def user(self, name="ada", *statements):
        """A user with these rights, as a caller."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
        return Caller.of(self.welkin, self.iam.create_access_key(UserName=name)["AccessKey"])

    def role(self, name, trusted, *statements, **more):
        """A role that trusts and may do this; its ARN."""
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **more)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return role["Arn"]


@pytest.fixture
def account(welkin):
    return Account(welkin)


@pytest.fixture
def other(welkin):
    return Account(welkin)
