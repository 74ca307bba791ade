"""Accounts, callers, and what is asserted of their calls."""

import contextlib
import json
import os
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://localhost:4566")
REGION = "us-east-1"
CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, s3={"addressing_style": "path"})


class Caller:
    """Somebody with credentials; `address` is where its requests come from."""

    def __init__(self, key, secret="any", token=None, address=None):
        self.key, self.secret, self.token, self.address = key, secret, token, address

    @classmethod
    def of(cls, credentials):
        return cls(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken"))

    def at(self, address):
        """The same caller at another address. All of 127.0.0.0/8 is this machine."""
        return Caller(self.key, self.secret, self.token, address)

    def client(self, service, region=REGION):
        made = boto3.client(
            service,
            endpoint_url=ENDPOINT,
            region_name=region,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            config=CONFIG,
        )
        if self.address:
            made._endpoint.http_session._manager.connection_pool_kw["source_address"] = (self.address, 0)
        return made

    def assume(self, role, **more):
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName="switched", **more)
        return Caller.of(answer["Credentials"])


class Account:
    """An account by its root user: the account's id as access key, see "Bootstrap identity" in the README."""

    def __init__(self, number=None):
        self.id = number or str(uuid.uuid4().int % 900_000_000_000 + 100_000_000_000)
        self.root = Caller(self.id)
        self.iam = self.root.client("iam")

    def arn(self, resource):
        return f"arn:aws:iam::{self.id}:{resource}"

    def user(self, name, *statements):
        """An IAM user with an inline policy."""
        self.iam.create_user(UserName=name)
        if statements:
            self.permit(name, *statements)
        return Caller.of(self.iam.create_access_key(UserName=name)["AccessKey"])

    def permit(self, name, *statements):
        """Gives a user these rights, in place of those that it had."""
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))

    def role(self, name, trusted, *statements, **condition):
        """A role that trusts accounts, users or roles."""
        trust = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole", **condition}
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return role


def organization(*names):
    """An organization: its management account, and member accounts of these names."""
    management = Account()
    api = management.root.client("organizations")
    api.create_organization(FeatureSet="ALL")
    members = []
    for name in names:
        status = api.create_account(AccountName=name, Email=f"{name}@{management.id}.example")["CreateAccountStatus"]
        while status["State"] == "IN_PROGRESS":
            status = api.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        members.append(Account(status["AccountId"]))
    return management, members


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@contextlib.contextmanager
def refused(*codes, saying=""):
    """The call inside must be answered with one of these errors."""
    try:
        yield
    except ClientError as error:
        assert error.response["Error"]["Code"] in codes, error
        assert saying in error.response["Error"]["Message"], error
        print(f"     refused: {error.response['Error']['Message'] or codes[0]}")
        return
    raise AssertionError(f"expected {codes}, and the call was served")
