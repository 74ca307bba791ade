"""Each operation of Account Management needs its action on the account."""

import pytest
from botocore.exceptions import ClientError
from identity import allow, deny, refused
from test_contacts import PERSON, SECURITY

OPERATIONS = [
    ("PutAlternateContact", lambda api, **more: api.put_alternate_contact(**SECURITY, **more)),
    ("GetAlternateContact", lambda api, **more: api.get_alternate_contact(AlternateContactType="SECURITY", **more)),
    ("DeleteAlternateContact", lambda api, **more: api.delete_alternate_contact(AlternateContactType="SECURITY", **more)),
    ("PutContactInformation", lambda api, **more: api.put_contact_information(ContactInformation=PERSON, **more)),
    ("GetContactInformation", lambda api, **more: api.get_contact_information(**more)),
    ("SendPhoneNumberVerification", lambda api, **more: api.send_phone_number_verification(**more)),
    ("VerifyPhoneNumber", lambda api, **more: api.verify_phone_number(Otp="000000", **more)),
    ("GetAccountInformation", lambda api, **more: api.get_account_information(**more)),
    ("PutAccountName", lambda api, **more: api.put_account_name(AccountName="x", **more)),
    ("ListRegions", lambda api, **more: api.list_regions(**more)),
    ("GetRegionOptStatus", lambda api, **more: api.get_region_opt_status(RegionName="us-east-1", **more)),
    ("EnableRegion", lambda api, **more: api.enable_region(RegionName="me-south-1", **more)),
    ("DisableRegion", lambda api, **more: api.disable_region(RegionName="me-central-1", **more)),
]
# These are for member accounts only.
OF_MEMBERS = [
    ("GetPrimaryEmail", lambda api, **more: api.get_primary_email(**more)),
    ("StartPrimaryEmailUpdate", lambda api, **more: api.start_primary_email_update(PrimaryEmail="a@b.example", **more)),
    ("AcceptPrimaryEmailUpdate", lambda api, **more: api.accept_primary_email_update(PrimaryEmail="a@b.example", Otp="000000", **more)),
    ("GetPrimaryEmailUpdateStatus", lambda api, **more: api.get_primary_email_update_status(**more)),
]


def check(account, name, call, arn, **more):
    action = f"account:{name}"
    denied = f"is not authorized to perform: {action} on resource: {arn}"
    with refused("AccessDeniedException", 403, f"{denied} because no identity-based policy"):
        call(account.user("nobody").client("account"), **more)
    with refused("AccessDeniedException", 403, "with an explicit deny"):
        call(account.user("denied", allow("*"), deny(action)).client("account"), **more)
    with refused("AccessDeniedException", 403, denied):
        call(account.user("elsewhere", allow(action, arn[:-1] + "x")).client("account"), **more)
    try:
        call(account.user("right", allow(action, arn)).client("account"), **more)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("ResourceNotFoundException", "ConflictException"), error


@pytest.mark.parametrize(("name", "call"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_an_operation_on_the_own_account(account, name, call):
    check(account, name, call, f"arn:aws:account::{account.id}:account")


@pytest.mark.parametrize(("name", "call"), OPERATIONS[::4] + OF_MEMBERS, ids=[n for n, _ in OPERATIONS[::4] + OF_MEMBERS])
def test_an_operation_on_a_member(company, spoke, name, call):
    arn = f"arn:aws:account::{company.management.id}:account/{company.id}/{spoke.id}"
    check(company.management, name, call, arn, AccountId=spoke.id)
