import time

import pytest
from identity import Account


class Organization:
    """An organization with all features, by its management account."""

    def __init__(self, account, features="ALL"):
        self.management = account
        self.api = account.client("organizations")
        self.id = self.api.create_organization(FeatureSet=features)["Organization"]["Id"]
        self.root = self.api.list_roots()["Roots"][0]["Id"]

    def request(self, name, email, **more):
        """Asks for an account and waits for what becomes of it."""
        status = self.api.create_account(AccountName=name, Email=email, **more)["CreateAccountStatus"]
        deadline = time.monotonic() + 20
        while status["State"] == "IN_PROGRESS":
            assert time.monotonic() < deadline, status
            time.sleep(0.02)
            status = self.api.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        return status

    def account(self, name, **more):
        """A new member account."""
        status = self.request(name, f"{name}@{self.id}.example", **more)
        assert status["State"] == "SUCCEEDED", status
        return Account(self.management.welkin, status["AccountId"])

    def unit(self, name, parent=None):
        made = self.api.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def policy(self, content, kind="SERVICE_CONTROL_POLICY", name="p"):
        made = self.api.create_policy(Content=content, Name=name, Description="", Type=kind)
        return made["Policy"]["PolicySummary"]["Id"]

    def join(self, account, **more):
        """Invites an account, which accepts."""
        target = {"Id": account.id, "Type": "ACCOUNT"}
        invitation = self.api.invite_account_to_organization(Target=target, **more)["Handshake"]
        account.client("organizations").accept_handshake(HandshakeId=invitation["Id"])
        return account

    def members(self):
        pages = self.api.get_paginator("list_accounts").paginate()
        return {member["Id"]: member for page in pages for member in page["Accounts"]}

    def enable(self, kind="SERVICE_CONTROL_POLICY"):
        return self.api.enable_policy_type(RootId=self.root, PolicyType=kind)


@pytest.fixture
def account(welkin):
    return Account(welkin)


@pytest.fixture
def organization(account):
    return Organization(account)


@pytest.fixture
def billing(account):
    """An organization for consolidated billing."""
    return Organization(account, "CONSOLIDATED_BILLING")


@pytest.fixture
def stranger(welkin):
    """An account of no organization."""
    return Account(welkin)


@pytest.fixture
def another(welkin):
    """Makes another organization."""
    return lambda features="ALL": Organization(Account(welkin), features)
