"""Fixtures of the security tests: two accounts that know nothing of each other, and an organization."""

import time

import pytest
from identity import Account, account, other  # noqa: F401


class Organization:
    """An organization with one unit, and a member account in it."""

    def __init__(self, management):
        self.api = management.client("organizations")
        self.id = self.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        self.unit = self.api.create_organizational_unit(ParentId=self.root, Name="unit")["OrganizationalUnit"]["Id"]
        self.path = f"{self.id}/{self.root}/{self.unit}/"
        self.member = Account(management.welkin, self._member())
        self.api.move_account(AccountId=self.member.id, SourceParentId=self.root, DestinationParentId=self.unit)

    def _member(self):
        status = self.api.create_account(AccountName="member", Email=f"member@{self.id}.example")["CreateAccountStatus"]
        deadline = time.monotonic() + 20
        while status["State"] == "IN_PROGRESS":
            assert time.monotonic() < deadline, status
            time.sleep(0.02)
            status = self.api.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        return status["AccountId"]


@pytest.fixture
def organization(welkin):
    return Organization(Account(welkin))
