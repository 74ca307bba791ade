"""The organization of the Tavern, its accounts, and the role that the tool takes on."""

import json
import os
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://localhost:4566")
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=32)
SINGLE_SIGN_ON = "AWSReservedSSO_TavernAdmins_5d1c3f2a9b8e7064"
ROLE = "TavernAutomationRole"


def client(service, key, secret="any", token=None, region="us-east-1"):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=CONFIG,
    )


def advance(by):
    """Moves Welkin's clock; every job that is due by then has run when it returns."""
    body = json.dumps({"advance": by}).encode()
    request = urllib.request.Request(
        f"{ENDPOINT}/_welkin/clock", body, {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        json.load(answer)


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Session:
    """Temporary credentials."""

    def __init__(self, credentials):
        self.credentials = credentials

    def client(self, service, region="us-east-1"):
        keys = (self.credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        return client(service, *keys, region=region)

    def assume(self, role, name="tavern"):
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName=name)
        return Session(answer["Credentials"])


class Tavern:
    def __init__(self):
        self.id = str(uuid.uuid4().int % 900_000_000_000 + 100_000_000_000)
        self.organizations = self.root("organizations")
        self.organizations.create_organization(FeatureSet="ALL")
        self.organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
        self.top = self.organizations.list_roots()["Roots"][0]["Id"]
        self.workloads = self.unit("Workloads", self.top)
        self.production = self.unit("Production", self.workloads)
        self.suspended = self.unit("Suspended", self.top)
        self._single_sign_on()
        self.kitchen = self.account("kitchen", self.production)
        self.cellar = self.account("cellar", self.production)
        self.stable = self.account("stable", self.workloads)
        self.ruin = self.account("ruin", self.suspended)

    def root(self, service, region="us-east-1"):
        # An account's id as access key is its root user: see "Bootstrap identity" in the README.
        return client(service, self.id, region=region)

    def unit(self, name, parent):
        made = self.organizations.create_organizational_unit(ParentId=parent, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def account(self, name, unit):
        """A new member account, in its unit."""
        request = self.organizations.create_account(AccountName=name, Email=f"{name}-{self.id}@tavern.example")
        request = request["CreateAccountStatus"]
        while request["State"] == "IN_PROGRESS":
            request = self.organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])[
                "CreateAccountStatus"
            ]
        assert request["State"] == "SUCCEEDED", request
        account = request["AccountId"]
        self.organizations.move_account(AccountId=account, SourceParentId=self.top, DestinationParentId=unit)
        return account

    def _single_sign_on(self):
        """The role of single sign-on's users, and who signs them in."""
        iam = self.root("iam")
        portal = iam.create_user(UserName="portal")["User"]["Arn"]
        self.portal = iam.create_access_key(UserName="portal")["AccessKey"]
        trust = document({"Effect": "Allow", "Principal": {"AWS": portal}, "Action": "sts:AssumeRole"})
        self.sso = iam.create_role(RoleName=SINGLE_SIGN_ON, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        permissions = document(
            {"Effect": "Allow", "Action": ["organizations:List*", "account:ListRegions"], "Resource": "*"},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{ROLE}"},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/OrganizationAccountAccessRole"},
        )
        iam.put_role_policy(RoleName=SINGLE_SIGN_ON, PolicyName="tavern", PolicyDocument=permissions)

    def sign_in(self, user):
        """The session of a user, as the portal of single sign-on hands it out."""
        sts = client("sts", self.portal["AccessKeyId"], self.portal["SecretAccessKey"])
        return Session(sts.assume_role(RoleArn=self.sso, RoleSessionName=user)["Credentials"])

    def deploy(self, admin, user):
        """Makes the tool's role in every member, trusting one session of one user."""
        trusted = f"arn:aws:sts::{self.id}:assumed-role/{SINGLE_SIGN_ON}/{user}"
        trust = document({"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"})
        permissions = document({"Effect": "Allow", "Action": ["sqs:ListQueues", "kms:ListAliases"], "Resource": "*"})

        def into(account):
            iam = admin.assume(f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole").client("iam")
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
            iam.put_role_policy(RoleName=ROLE, PolicyName="look", PolicyDocument=permissions)
            assert iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"] == json.loads(trust)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(into, (self.kitchen, self.cellar, self.stable, self.ruin)))

    def furnish(self):
        """Puts things into the accounts, here and there; what the tool must find."""
        found = set()
        for account, region, queue in (
            (self.kitchen, "us-east-1", "orders"),
            (self.kitchen, "eu-north-1", "deliveries"),
            (self.cellar, "us-west-2", "barrels"),
            (self.cellar, "eu-north-1", "bottles"),
            (self.ruin, "us-east-1", "ghosts"),
        ):
            url = client("sqs", account, region=region).create_queue(QueueName=queue)["QueueUrl"]
            found.add((account, region, url.rsplit("/", 1)[1]))
        for account, region in ((self.kitchen, "eu-west-1"), (self.cellar, "eu-south-2"), (self.stable, "us-east-1")):
            kms = client("kms", account, region=region)
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName="alias/door", TargetKeyId=key)
            found.add((account, region, "alias/door"))
        return found
