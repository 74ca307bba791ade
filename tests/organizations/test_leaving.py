"""Accounts that leave, are removed, are closed."""

import json

from identity import Account, allow, refused, trust


def reason(raised):
    return raised.value.response["Reason"]


def test_an_invited_account_leaves(organization, stranger):
    organization.join(stranger, Tags=[{"Key": "k", "Value": "v"}])
    theirs = stranger.client("organizations")
    theirs.leave_organization()
    assert stranger.id not in organization.members()
    with refused("AWSOrganizationsNotInUseException"):
        theirs.describe_organization()
    with refused("TargetNotFoundException"):
        organization.api.list_tags_for_resource(ResourceId=stranger.id)
    with refused("AWSOrganizationsNotInUseException"):
        theirs.leave_organization()
    organization.join(stranger)
    assert organization.api.list_tags_for_resource(ResourceId=stranger.id)["Tags"] == []


def test_who_cannot_leave(organization):
    api = organization.api
    with refused("MasterCannotLeaveOrganizationException"):
        api.leave_organization()
    with refused("MasterCannotLeaveOrganizationException"):
        api.remove_account_from_organization(AccountId=organization.management.id)
    with refused("AccountNotFoundException"):
        api.remove_account_from_organization(AccountId="999999999999")
    spoke = organization.account("spoke")
    with refused("ConstraintViolationException") as raised:
        api.remove_account_from_organization(AccountId=spoke.id)
    assert reason(raised) == "WAIT_PERIOD_ACTIVE"
    with refused("ConstraintViolationException") as raised:
        spoke.client("organizations").leave_organization()
    assert reason(raised) == "WAIT_PERIOD_ACTIVE"


def test_a_made_account_is_removed_after_four_days(organization, welkin):
    spoke = organization.account("spoke")
    organization.enable()
    organization.api.attach_policy(PolicyId=organization.policy(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})), TargetId=spoke.id)
    with refused("AccessDenied"):
        spoke.iam.list_users()
    welkin.advance("97h")
    organization.api.remove_account_from_organization(AccountId=spoke.id)
    assert spoke.iam.list_users()["Users"] == [], "what bound it was its organization's"
    assert spoke.id not in organization.members()
    organization.api.delete_organization()


def test_a_closed_account_can_do_nothing(organization, welkin):
    spoke = organization.account("spoke")
    ada = spoke.user("ada", allow("*"))
    role = spoke.role("r", trust({"AWS": organization.management.id}), allow("*"))
    admin = organization.management.user("admin", allow("sts:AssumeRole"))
    session = admin.assume(role)
    bucket = f"b-{spoke.id}"
    spoke.client("s3").create_bucket(Bucket=bucket)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{organization.management.id}:root"}, "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}"}]}
    spoke.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert organization.management.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0

    organization.api.close_account(AccountId=spoke.id)
    member = organization.members()[spoke.id]
    assert (member["Status"], member["State"]) == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    with refused("ConflictException"):
        organization.api.close_account(AccountId=spoke.id)
    welkin.advance("10m")
    member = organization.members()[spoke.id]
    assert (member["Status"], member["State"]) == ("SUSPENDED", "CLOSED")
    with refused("AccountAlreadyClosedException"):
        organization.api.close_account(AccountId=spoke.id)

    for caller in (ada, spoke, session):
        with refused("InvalidClientTokenId", 403):
            caller.client("iam").list_users()
        with refused("InvalidClientTokenId", 403):
            caller.client("sts").get_caller_identity()
        with refused("UnrecognizedClientException", 400):
            caller.client("kms").list_keys()
    with refused("InvalidAccessKeyId", 403):
        ada.client("s3").list_buckets()
    with refused("AccessDenied", 403):
        admin.assume(role)
    with refused("AccessDenied", 403):
        organization.management.client("s3").list_objects_v2(Bucket=bucket)
    with refused("ConstraintViolationException"):
        organization.api.remove_account_from_organization(AccountId=spoke.id)

    welkin.advance("91d")
    assert spoke.id not in organization.members()
    with refused("InvalidClientTokenId", 403):
        ada.client("iam").list_users()
    organization.api.delete_organization()
    with refused("InvalidClientTokenId", 403):
        ada.client("iam").list_users()


def test_what_cannot_be_closed(organization, another):
    with refused("ConstraintViolationException") as raised:
        organization.api.close_account(AccountId=organization.management.id)
    assert reason(raised) == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    with refused("AccountNotFoundException"):
        organization.api.close_account(AccountId="999999999999")
    spokes = [organization.account(f"s{n}") for n in range(4)]
    for spoke in spokes[:3]:
        organization.api.close_account(AccountId=spoke.id)
    with refused("ConstraintViolationException") as raised:
        organization.api.close_account(AccountId=spokes[3].id)
    assert reason(raised) == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
    with refused("AccessDeniedException"):
        spokes[3].client("organizations").close_account(AccountId=spokes[3].id)
    billing = another("CONSOLIDATED_BILLING")
    with refused("ConstraintViolationException") as raised:
        billing.api.close_account(AccountId=billing.account("made").id)
    assert reason(raised) == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_closing_needs_permission_on_that_account(organization):
    spoke, other = organization.account("spoke"), organization.account("other")
    arn = f"arn:aws:organizations::{organization.management.id}:account/{organization.id}/{spoke.id}"
    ada = organization.management.user("ada", allow("organizations:CloseAccount", arn)).client("organizations")
    ada.close_account(AccountId=spoke.id)
    with refused("AccessDeniedException", 400, f":account/{organization.id}/{other.id}"):
        ada.close_account(AccountId=other.id)


def test_tags_of_accounts_are_conditions(organization):
    tag = {"Key": "disposable", "Value": "yes"}
    spoke, other = organization.account("spoke", Tags=[tag]), organization.account("other")
    condition = {"StringEquals": {"aws:ResourceTag/disposable": "yes"}}
    ada = organization.management.user("ada", allow("organizations:CloseAccount", Condition=condition))
    with refused("AccessDeniedException"):
        ada.client("organizations").close_account(AccountId=other.id)
    ada.client("organizations").close_account(AccountId=spoke.id)
    assert organization.members()[spoke.id]["Status"] == "PENDING_CLOSURE"
