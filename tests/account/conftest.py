import time

import pytest
from identity import Account

SERVICE = "account.amazonaws.com"


class Company:
    """An organization whose member accounts can be managed from the management account."""

    def __init__(self, management):
        self.management = management
        self.api = management.client("organizations")
        self.id = self.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        self.api.enable_aws_service_access(ServicePrincipal=SERVICE)

    def account(self, name, **more):
        wish = {"AccountName": name, "Email": f"{name}@{self.id}.example", **more}
        status = self.api.create_account(**wish)["CreateAccountStatus"]
        deadline = time.monotonic() + 20
        while status["State"] == "IN_PROGRESS":
            assert time.monotonic() < deadline, status
            time.sleep(0.02)
            request = status["Id"]
            status = self.api.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        return Account(self.management.welkin, status["AccountId"])


@pytest.fixture
def account(welkin):
    return Account(welkin)


@pytest.fixture
def company(account):
    return Company(account)


@pytest.fixture
def spoke(company):
    return company.account("spoke")
