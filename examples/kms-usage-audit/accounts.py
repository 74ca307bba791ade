"""Four accounts of one organization, and the principals of the spokes."""

import json
import os
import uuid

import boto3
from botocore.config import Config

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://localhost:4566")
REGION = "us-east-1"
CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    max_pool_connections=32,
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def client(service, key, secret="any", token=None):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=CONFIG,
    )


class Account:
    """An account of the organization; its root user makes what the story needs."""

    def __init__(self, account_id):
        self.id = account_id

    def root(self, service):
        # An account's id as access key is its root user: see "Bootstrap identity" in the README.
        return client(service, self.id)

    def user(self, name, *statements):
        """An IAM user with an inline policy."""
        iam = self.root("iam")
        made = iam.create_user(UserName=name)["User"]
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_user_policy(UserName=name, PolicyName="lake", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Principal(made["UserId"], key["AccessKeyId"], key["SecretAccessKey"])


class Principal:
    """An IAM principal with its credentials. `id` is what the trail calls it."""

    def __init__(self, id, key, secret):
        self.id, self.key, self.secret = id, key, secret

    def client(self, service):
        return client(service, self.key, self.secret)


def organization():
    """The hub, which is the management account, and three member accounts."""
    hub = Account(str(uuid.uuid4().int % 900_000_000_000 + 100_000_000_000))
    organizations = hub.root("organizations")
    organizations.create_organization(FeatureSet="ALL")
    spokes = []
    for name in ("B", "C", "D"):
        request = organizations.create_account(
            AccountName=name, Email=f"{name.lower()}-{hub.id}@example.com"
        )["CreateAccountStatus"]
        while request["State"] == "IN_PROGRESS":
            request = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])[
                "CreateAccountStatus"
            ]
        assert request["State"] == "SUCCEEDED", request
        spokes.append(Account(request["AccountId"]))
    members = {account["Id"] for account in organizations.list_accounts()["Accounts"]}
    assert members == {hub.id, *(spoke.id for spoke in spokes)}
    return hub, spokes
