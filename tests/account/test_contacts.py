"""Contacts, name and address of accounts: one's own, and those of an organization."""

import re

import pytest
from identity import Account, allow, refused

SECURITY = {
    "AlternateContactType": "SECURITY",
    "Name": "Ada",
    "Title": "CISO",
    "EmailAddress": "ada@example.com",
    "PhoneNumber": "+44 20 1",
}
PERSON = {
    "FullName": "Ada Lovelace",
    "AddressLine1": "1 Square",
    "City": "London",
    "PostalCode": "N1",
    "CountryCode": "GB",
    "PhoneNumber": "+44 20 12",
}


def code_for(welkin, to):
    """The code of the last message to somebody."""
    texts = [message["text"] for message in welkin.admin("GET", "outbox") if message["to"] == to]
    return re.search(r"\d{6}", texts[-1])[0]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_alternate_contacts_are_set_shown_and_removed(account):
    api = account.client("account")
    with refused("ResourceNotFoundException", 404):
        api.get_alternate_contact(AlternateContactType="SECURITY")
    api.put_alternate_contact(**SECURITY)
    assert api.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"] == SECURITY
    api.put_alternate_contact(**{**SECURITY, "Title": "CTO"})
    assert api.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Title"] == "CTO"
    with refused("ResourceNotFoundException"):
        api.get_alternate_contact(AlternateContactType="BILLING")
    api.delete_alternate_contact(AlternateContactType="SECURITY")
    with refused("ResourceNotFoundException", 404):
        api.delete_alternate_contact(AlternateContactType="SECURITY")
    with refused("ValidationException", 400):
        api.get_alternate_contact(AlternateContactType="LEGAL")


def test_the_type_of_contact_is_a_condition(account):
    condition = {"ForAllValues:StringEquals": {"account:AlternateContactTypes": ["SECURITY"]}}
    own = f"arn:aws:account::{account.id}:account"
    ada = account.user("ada", allow("account:*AlternateContact", own, Condition=condition)).client("account")
    ada.put_alternate_contact(**SECURITY)
    ada.delete_alternate_contact(AlternateContactType="SECURITY")
    with refused("AccessDeniedException", 403, f"account:PutAlternateContact on resource: {own}"):
        ada.put_alternate_contact(**{**SECURITY, "AlternateContactType": "BILLING"})


def test_the_primary_contact_and_its_telephone(account, welkin):
    api = account.client("account")
    with refused("ResourceNotFoundException", 404):
        api.get_contact_information()
    with refused("ValidationException"):
        api.put_contact_information(ContactInformation={**PERSON, "CountryCode": "gb"})
    number = f"+{account.id}"
    api.put_contact_information(ContactInformation={**PERSON, "PhoneNumber": number})
    shown = api.get_contact_information()
    assert shown["ContactInformation"] == {**PERSON, "PhoneNumber": number}
    assert shown["VerificationStatus"] == "UNVERIFIED"
    with refused("ConflictException", 409):
        api.verify_phone_number(Otp="000000")
    assert api.send_phone_number_verification()["Status"] == "PENDING"
    code = code_for(welkin, number)
    assert api.verify_phone_number(Otp=wrong(code))["Status"] == "PENDING"
    assert api.verify_phone_number(Otp=code)["Status"] == "VERIFIED"
    assert api.get_contact_information()["VerificationStatus"] == "VERIFIED"
    with refused("ConflictException", 409):
        api.send_phone_number_verification()
    api.put_contact_information(ContactInformation=PERSON)
    assert api.get_contact_information()["VerificationStatus"] == "UNVERIFIED"


def test_a_code_is_good_for_a_few_tries_and_a_day(account, welkin):
    api, number = account.client("account"), f"+{account.id}"
    api.put_contact_information(ContactInformation={**PERSON, "PhoneNumber": number})
    api.send_phone_number_verification()
    code = code_for(welkin, number)
    for _ in range(5):
        assert api.verify_phone_number(Otp=wrong(code))["Status"] == "PENDING"
    assert api.verify_phone_number(Otp=code)["Status"] == "PENDING", "nobody guesses for long"
    api.send_phone_number_verification()
    welkin.advance("25h")
    assert api.verify_phone_number(Otp=code_for(welkin, number))["Status"] == "PENDING"


def test_name_and_state_of_an_account(company, spoke):
    api = spoke.client("account")
    shown = api.get_account_information()
    assert (shown["AccountId"], shown["AccountName"], shown["AccountState"]) == (spoke.id, "spoke", "ACTIVE")
    assert shown["AccountCreatedDate"]
    api.put_account_name(AccountName="wheel")
    assert api.get_account_information()["AccountName"] == "wheel"
    manager = company.management.client("account")
    manager.put_account_name(AccountId=spoke.id, AccountName="hub")
    assert manager.get_account_information(AccountId=spoke.id)["AccountName"] == "hub"
    assert company.api.describe_account(AccountId=spoke.id)["Account"]["Name"] == "hub"


def test_the_address_of_a_member_is_changed_by_a_code(company, spoke, welkin):
    api, new = company.management.client("account"), f"new@{company.id}.example"
    assert api.get_primary_email(AccountId=spoke.id)["PrimaryEmail"] == f"spoke@{company.id}.example"
    with refused("ResourceNotFoundException", 404):
        api.get_primary_email_update_status(AccountId=spoke.id)
    with refused("ConflictException", 409):
        api.start_primary_email_update(AccountId=spoke.id, PrimaryEmail=f"SPOKE@{company.id}.example")
    with refused("ValidationException", 400):
        api.start_primary_email_update(AccountId=spoke.id, PrimaryEmail="nobody")
    assert api.start_primary_email_update(AccountId=spoke.id, PrimaryEmail=new)["Status"] == "PENDING"
    wish = {"AccountId": spoke.id, "PrimaryEmail": new}
    code = code_for(welkin, new)
    assert api.accept_primary_email_update(**wish, Otp=wrong(code))["Status"] == "PENDING"
    assert api.get_primary_email(AccountId=spoke.id)["PrimaryEmail"] == f"spoke@{company.id}.example"
    with refused("ResourceNotFoundException"):
        api.accept_primary_email_update(AccountId=spoke.id, PrimaryEmail="other@example.com", Otp=code)
    assert api.accept_primary_email_update(**wish, Otp=code)["Status"] == "ACCEPTED"
    assert api.get_primary_email_update_status(AccountId=spoke.id)["Status"] == "COMPLETED"
    assert api.get_primary_email(AccountId=spoke.id)["PrimaryEmail"] == new
    assert company.api.describe_account(AccountId=spoke.id)["Account"]["Email"] == new
    again = company.account("again", Email=f"spoke@{company.id}.example")
    assert again.id != spoke.id, "the old address is free"


def test_the_domain_of_an_address_is_a_condition(company, spoke):
    condition = {"StringEquals": {"account:EmailTargetDomain": "good.example"}}
    ada = company.management.user("ada", allow("account:StartPrimaryEmailUpdate", Condition=condition))
    api = ada.client("account")
    api.start_primary_email_update(AccountId=spoke.id, PrimaryEmail=f"{spoke.id}@good.example")
    with refused("AccessDeniedException", 403):
        api.start_primary_email_update(AccountId=spoke.id, PrimaryEmail=f"{spoke.id}@bad.example")


def test_who_may_name_an_account(company, spoke, welkin):
    other, stranger = company.account("other"), Account(welkin)
    manager = company.management.client("account")
    manager.put_alternate_contact(AccountId=spoke.id, **SECURITY)
    assert spoke.client("account").get_alternate_contact(AlternateContactType="SECURITY")
    wish = {"AlternateContactType": "SECURITY"}
    for api, account in (
        (manager, company.management),
        (manager, stranger),
        (other.client("account"), spoke),
        (spoke.client("account"), spoke),
        (stranger.client("account"), spoke),
    ):
        with refused("AccessDeniedException", 403):
            api.get_alternate_contact(AccountId=account.id, **wish)
    company.api.register_delegated_administrator(AccountId=other.id, ServicePrincipal="account.amazonaws.com")
    arn = f"arn:aws:account::{company.management.id}:account/{company.id}/{spoke.id}"
    delegate = other.user("ada", allow("account:*", arn)).client("account")
    assert delegate.get_alternate_contact(AccountId=spoke.id, **wish)["AlternateContact"] == SECURITY
    nobody = other.user("bob", allow("account:ListRegions")).client("account")
    with refused("AccessDeniedException", 403, arn):
        nobody.get_alternate_contact(AccountId=spoke.id, **wish)
    company.api.deregister_delegated_administrator(AccountId=other.id, ServicePrincipal="account.amazonaws.com")
    with refused("AccessDeniedException", 403):
        delegate.get_alternate_contact(AccountId=spoke.id, **wish)
    company.api.disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    with refused("AccessDeniedException", 403):
        manager.get_alternate_contact(AccountId=spoke.id, **wish)


@pytest.mark.parametrize("key", ["account:AccountResourceOrgTags/team", "account:AccountResourceOrgPaths"])
def test_the_place_of_an_account_is_a_condition(company, key):
    tagged = company.account("tagged", Tags=[{"Key": "team", "Value": "a"}])
    other = company.account("other")
    unit = company.api.create_organizational_unit(ParentId=company.root, Name="u")["OrganizationalUnit"]["Id"]
    company.api.move_account(AccountId=tagged.id, SourceParentId=company.root, DestinationParentId=unit)
    if key.endswith("team"):
        condition = {"StringEquals": {key: "a"}}
    else:
        condition = {"ForAnyValue:StringLike": {key: f"{company.id}/{company.root}/{unit}/*"}}
    ada = company.management.user("ada", allow("account:GetAccountInformation", Condition=condition))
    api = ada.client("account")
    assert api.get_account_information(AccountId=tagged.id)["AccountName"] == "tagged"
    with refused("AccessDeniedException", 403):
        api.get_account_information(AccountId=other.id)
    company.api.untag_resource(ResourceId=tagged.id, TagKeys=["team"])
    if key.endswith("team"):
        with refused("AccessDeniedException", 403):
            api.get_account_information(AccountId=tagged.id)
