"""Invitations, their answers and their end; the way to all features."""

import pytest
from identity import Account, allow, refused


def invite(organization, account, **more):
    target = {"Id": account.id, "Type": "ACCOUNT"}
    return organization.api.invite_account_to_organization(Target=target, **more)["Handshake"]


def state(api, handshake):
    return api.describe_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"]


def test_an_invitation_is_accepted(organization, stranger, welkin):
    made = invite(organization, stranger, Notes="come", Tags=[{"Key": "team", "Value": "a"}])
    assert (made["State"], made["Action"]) == ("REQUESTED", "INVITE")
    assert made["Arn"].startswith(f"arn:aws:organizations::{organization.management.id}:handshake/{organization.id}/invite/h-")
    assert made["Parties"] == [{"Id": organization.id, "Type": "ORGANIZATION"}, {"Id": stranger.id, "Type": "ACCOUNT"}]
    resources = {resource["Type"]: resource for resource in made["Resources"]}
    assert resources["NOTES"]["Value"] == "come" and resources["ACCOUNT"]["Value"] == stranger.id
    inside = {resource["Type"]: resource["Value"] for resource in resources["ORGANIZATION"]["Resources"]}
    assert inside["ORGANIZATION_FEATURE_SET"] == "ALL" and set(inside) >= {"MASTER_EMAIL", "MASTER_NAME"}
    lasts = made["ExpirationTimestamp"] - made["RequestedTimestamp"]
    assert lasts.days == 15

    [mail] = [one for one in welkin.admin("GET", "outbox") if one["to"] == f"root@{stranger.id}.invalid"]
    assert made["Id"] in mail["text"] and "come" in mail["text"]

    theirs = stranger.client("organizations")
    assert [one["Id"] for one in theirs.list_handshakes_for_account()["Handshakes"]] == [made["Id"]]
    assert [one["Id"] for one in organization.api.list_handshakes_for_organization()["Handshakes"]] == [made["Id"]]
    assert theirs.accept_handshake(HandshakeId=made["Id"])["Handshake"]["State"] == "ACCEPTED"
    member = organization.members()[stranger.id]
    assert (member["JoinedMethod"], member["Status"], member["State"]) == ("INVITED", "ACTIVE", "ACTIVE")
    assert organization.api.list_tags_for_resource(ResourceId=stranger.id)["Tags"] == [{"Key": "team", "Value": "a"}]
    assert theirs.describe_organization()["Organization"]["Id"] == organization.id
    with refused("HandshakeAlreadyInStateException"):
        theirs.accept_handshake(HandshakeId=made["Id"])
    with refused("InvalidHandshakeTransitionException"):
        organization.api.cancel_handshake(HandshakeId=made["Id"])
    with refused("HandshakeConstraintViolationException") as raised:
        invite(organization, stranger)
    assert raised.value.response["Reason"] == "ALREADY_IN_AN_ORGANIZATION"


def test_an_invitation_is_declined_canceled_and_not_twice(organization, stranger):
    theirs = stranger.client("organizations")
    first = invite(organization, stranger)
    with refused("DuplicateHandshakeException"):
        invite(organization, stranger)
    with refused("AccessDeniedException"):
        theirs.cancel_handshake(HandshakeId=first["Id"])
    assert theirs.decline_handshake(HandshakeId=first["Id"])["Handshake"]["State"] == "DECLINED"
    second = invite(organization, stranger)
    assert organization.api.cancel_handshake(HandshakeId=second["Id"])["Handshake"]["State"] == "CANCELED"
    with refused("InvalidHandshakeTransitionException"):
        theirs.accept_handshake(HandshakeId=second["Id"])
    assert stranger.id not in organization.members()
    with refused("AccessDeniedException"):
        organization.api.accept_handshake(HandshakeId=invite(organization, stranger)["Id"])


def test_an_account_is_found_by_its_address(organization, stranger, welkin):
    address = f"root@{stranger.id}.invalid"
    made = organization.api.invite_account_to_organization(Target={"Id": address, "Type": "EMAIL"})["Handshake"]
    assert made["Parties"][1] == {"Id": address, "Type": "EMAIL"}
    theirs = stranger.client("organizations")
    assert [one["Id"] for one in theirs.list_handshakes_for_account()["Handshakes"]] == [made["Id"]]
    other = Account(welkin).client("organizations")
    with refused("HandshakeNotFoundException"):
        other.describe_handshake(HandshakeId=made["Id"])
    with refused("HandshakeNotFoundException"):
        other.accept_handshake(HandshakeId=made["Id"])
    theirs.accept_handshake(HandshakeId=made["Id"])
    assert stranger.id in organization.members()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Id": "12", "Type": "ACCOUNT"}, "INVALID_PATTERN_TARGET_ID"),
        ({"Id": "nobody", "Type": "EMAIL"}, "INVALID_EMAIL_ADDRESS_TARGET"),
        ({"Id": "o-0123456789", "Type": "ORGANIZATION"}, "INVALID_PARTY_TYPE_TARGET"),
    ],
)
def test_whom_nobody_can_invite(organization, target, reason):
    with refused("InvalidInputException") as raised:
        organization.api.invite_account_to_organization(Target=target)
    assert raised.value.response["Reason"] == reason


def test_an_invitation_expires_and_is_forgotten(organization, stranger, welkin):
    made, theirs = invite(organization, stranger), stranger.client("organizations")
    welkin.advance("14d")
    assert state(theirs, made) == "REQUESTED"
    welkin.advance("25h")
    assert state(theirs, made) == "EXPIRED" == state(organization.api, made)
    with refused("InvalidHandshakeTransitionException"):
        theirs.accept_handshake(HandshakeId=made["Id"])
    welkin.advance("31d")
    with refused("HandshakeNotFoundException"):
        theirs.describe_handshake(HandshakeId=made["Id"])


def test_a_member_moves_from_one_organization_to_another(organization, stranger, another):
    organization.join(stranger)
    other = another()
    other.join(stranger)
    assert stranger.id in other.members() and stranger.id not in organization.members()
    third = another()
    made = invite(third, other.management)
    with refused("MasterCannotLeaveOrganizationException"):
        other.management.client("organizations").accept_handshake(HandshakeId=made["Id"])


def test_who_answers_needs_permission(organization, stranger):
    made = invite(organization, stranger)
    ada = stranger.user("ada", allow("organizations:Describe*")).client("organizations")
    assert state(ada, made) == "REQUESTED"
    with refused("AccessDeniedException", 400, "is not authorized to perform: organizations:AcceptHandshake"):
        ada.accept_handshake(HandshakeId=made["Id"])
    eve = stranger.user("eve", allow("organizations:AcceptHandshake")).client("organizations")
    with refused("AccessDeniedForDependencyException", 400) as raised:
        eve.accept_handshake(HandshakeId=made["Id"])
    assert raised.value.response["Reason"] == "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE"
    assert stranger.id not in organization.members()
    bob = stranger.user("bob", allow(["organizations:AcceptHandshake", "iam:CreateServiceLinkedRole"], "*"))
    bob.client("organizations").accept_handshake(HandshakeId=made["Id"])
    assert stranger.id in organization.members()


def test_handshakes_come_in_pages_and_by_type(organization, welkin):
    made = [invite(organization, Account(welkin))["Id"] for _ in range(5)]
    pages = organization.api.get_paginator("list_handshakes_for_organization").paginate(
        Filter={"ActionType": "INVITE"}, PaginationConfig={"PageSize": 2}
    )
    assert [one["Id"] for page in pages for one in page["Handshakes"]] == made
    filtered = organization.api.list_handshakes_for_organization(Filter={"ActionType": "ENABLE_ALL_FEATURES"})
    assert filtered["Handshakes"] == []


def test_all_features_are_enabled_when_every_invited_account_agrees(billing, welkin):
    api, invited = billing.api, [billing.join(Account(welkin)) for _ in range(2)]
    made = billing.account("made")
    with refused("NoSuchEntity"):
        made.iam.get_role(RoleName="AWSServiceRoleForOrganizations")
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        billing.enable()
    parent = api.enable_all_features()["Handshake"]
    assert (parent["Action"], parent["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    with refused("HandshakeConstraintViolationException") as raised:
        api.enable_all_features()
    assert raised.value.response["Reason"] == "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
    with refused("HandshakeConstraintViolationException") as raised:
        invite(billing, Account(welkin))
    assert raised.value.response["Reason"] == "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"
    with refused("InvalidHandshakeTransitionException"):
        api.accept_handshake(HandshakeId=parent["Id"])
    wanted = {"ActionType": "ENABLE_ALL_FEATURES", "ParentHandshakeId": parent["Id"]}
    children = api.list_handshakes_for_organization(Filter=wanted)["Handshakes"]
    assert {child["Parties"][1]["Id"] for child in children} == {account.id for account in invited}
    for account in invited:
        assert state(api, parent) == "REQUESTED"
        theirs = account.client("organizations")
        [child] = theirs.list_handshakes_for_account(Filter={"ActionType": "APPROVE_ALL_FEATURES"})["Handshakes"]
        theirs.accept_handshake(HandshakeId=child["Id"])
    assert state(api, parent) == "OPEN"
    assert api.accept_handshake(HandshakeId=parent["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert api.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    for account in (billing.management, made, *invited):
        assert account.iam.get_role(RoleName="AWSServiceRoleForOrganizations")["Role"]
    billing.enable()
    with refused("HandshakeConstraintViolationException") as raised:
        api.enable_all_features()
    assert raised.value.response["Reason"] == "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
