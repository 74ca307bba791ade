"""Credentials outlive nothing that they came from: users, roles, keys, providers, hours."""

import datetime

import pytest
from identity import Caller, allow, deny, document, refused, trust
from oidc import now

ALL = allow("*")


def session(caller, **more):
    return Caller.of(caller.welkin, caller.client("sts").get_session_token(**more)["Credentials"])


def federated(caller, name="guest"):
    answer = caller.client("sts").get_federation_token(Name=name, Policy=document(ALL))
    return Caller.of(caller.welkin, answer["Credentials"])


def remove(account, name):
    for key in account.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        account.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for policy in account.iam.list_user_policies(UserName=name)["PolicyNames"]:
        account.iam.delete_user_policy(UserName=name, PolicyName=policy)
    account.iam.delete_user(UserName=name)


def queues(caller):
    return caller.client("sqs").list_queues()


def test_a_deactivated_key_opens_nothing_until_it_is_active_again(account):
    ada = account.user("ada", ALL)
    assert queues(ada) and ada.arn()
    account.iam.update_access_key(UserName="ada", AccessKeyId=ada.key, Status="Inactive")
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid"):
        ada.arn()
    with refused("InvalidClientTokenId", 403):
        queues(ada)
    with refused("InvalidAccessKeyId", 403):
        ada.client("s3").list_buckets()
    with refused("UnrecognizedClientException", 400):
        ada.client("kms").list_keys()
    account.iam.update_access_key(UserName="ada", AccessKeyId=ada.key, Status="Active")
    assert ada.arn()
    account.iam.delete_access_key(UserName="ada", AccessKeyId=ada.key)
    with refused("InvalidClientTokenId", 403):
        ada.arn()


def test_sessions_of_a_user_end_with_the_user(account):
    ada = account.user("ada", ALL)
    live = [session(ada), federated(ada)]
    for caller in live:
        assert queues(caller) and caller.arn()
    remove(account, "ada")
    account.user("ada", ALL)
    for caller in live:
        with refused("InvalidClientTokenId", 403):
            caller.arn()
        with refused("InvalidClientTokenId", 403):
            queues(caller)
        with refused("InvalidToken", 400):
            caller.client("s3").list_buckets()


def test_sessions_of_a_role_end_with_the_role(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    trusting = trust({"AWS": account.id})
    live = ada.assume(account.role("r", trusting, ALL))
    assert queues(live)
    account.iam.delete_role_policy(RoleName="r", PolicyName="own")
    account.iam.delete_role(RoleName="r")
    with refused("AccessDenied", 403):
        queues(live)
    account.role("r", trusting, ALL)
    with refused("AccessDenied", 403):
        queues(live)
    assert queues(ada.assume(account.arn("role/r")))


def test_sessions_that_were_issued_before_a_time_are_revoked(account):
    """What IAM's console does: "Revoke active sessions"."""
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), ALL)
    early = ada.assume(role)
    assert queues(early)
    account.welkin.advance("5s")
    moment = datetime.datetime.fromtimestamp(now(account.welkin), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = {"DateLessThan": {"aws:TokenIssueTime": moment}}
    account.iam.put_role_policy(
        RoleName="r", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(deny("*", Condition=before))
    )
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        queues(early)
    account.welkin.advance("5s")
    assert queues(ada.assume(role))


def test_trust_that_is_withdrawn_stops_new_sessions_only(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), ALL)
    live = ada.assume(role)
    account.iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    with refused("AccessDenied", 403):
        ada.assume(role)
    assert queues(live)


def test_rights_that_are_withdrawn_are_gone_at_once(account):
    ada = account.user("ada", ALL)
    live = [ada, session(ada), federated(ada)]
    account.iam.delete_user_policy(UserName="ada", PolicyName="own")
    for caller in live:
        with refused("AccessDenied", 403):
            queues(caller)


def test_a_chain_of_roles_does_not_outlast_its_hour(account):
    """Each link of a chain lasts an hour at most, and no link makes the one before it last longer."""
    ada = account.user("ada", allow("sts:AssumeRole"))
    twelve = {"MaxSessionDuration": 43200}
    trusting = trust({"AWS": account.id})
    first = account.role("first", trusting, ALL, **twelve)
    second = account.role("second", trusting, ALL, **twelve)
    one = ada.assume(first, DurationSeconds=43200)
    for seconds in (3601, 43200):
        with refused("ValidationError", 400, "1 hour session limit for roles assumed by role chaining"):
            one.assume(second, DurationSeconds=seconds)
    two = one.assume(second, DurationSeconds=3600)
    with refused("ValidationError", 400):
        two.assume(first, DurationSeconds=3601)
    account.welkin.advance("59m")
    assert queues(two)
    again = two.assume(first)
    account.welkin.advance("2m")
    with refused("ExpiredToken", 403, "The security token included in the request is expired"):
        queues(two)
    assert queues(again) and queues(one)
    account.welkin.advance("1h")
    with refused("ExpiredToken", 403):
        queues(again)
    assert queues(one), "its own twelve hours"


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token"])
def test_temporary_credentials_do_not_make_more_of_themselves(account, operation):
    ada = account.user("ada", ALL)
    role = account.role("r", trust({"AWS": account.id}), ALL)
    arguments = {"Name": "more"} if operation == "get_federation_token" else {}
    for caller in (session(ada), federated(ada), ada.assume(role)):
        with refused("AccessDenied", 403):
            getattr(caller.client("sts"), operation)(**arguments)


def test_federated_users_neither_assume_roles_nor_call_iam(account):
    guest = federated(account.user("ada", ALL))
    role = account.role("r", trust({"AWS": account.id}), ALL)
    with refused("AccessDenied", 403):
        guest.assume(role)
    with refused("InvalidClientTokenId", 403):
        guest.client("iam").list_users()
    assert queues(guest)


def test_a_federated_user_has_no_rights_but_those_that_are_passed_on(account):
    ada = account.user("ada", ALL)
    sts = ada.client("sts")
    bare = Caller.of(account.welkin, sts.get_federation_token(Name="bare")["Credentials"])
    with refused("AccessDenied", 403):
        queues(bare)
    account.iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(allow("sts:*")))
    more = federated(ada)
    with refused("AccessDenied", 403):
        queues(more)


def test_source_identities_and_transitive_tags_cannot_be_shed(account):
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    ada = account.user("ada", allow(actions))
    trusting = trust({"AWS": account.id}, actions)
    first, second = (account.role(name, trusting, ALL) for name in ("first", "second"))
    tags = [{"Key": "team", "Value": "a"}]
    one = ada.assume(first, SourceIdentity="ada", Tags=tags, TransitiveTagKeys=["team"])
    with refused("AccessDenied", 403):
        one.assume(second, SourceIdentity="eve")
    with refused("InvalidParameterValue", 400):
        one.assume(second, Tags=[{"Key": "Team", "Value": "b"}])
    two = one.assume(second)
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    kept = {"StringEquals": {"aws:SourceIdentity": "ada", "aws:PrincipalTag/team": "a"}}
    account.iam.put_role_policy(RoleName="second", PolicyName="own", PolicyDocument=document(allow("sqs:*", Condition=kept)))
    assert two.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
