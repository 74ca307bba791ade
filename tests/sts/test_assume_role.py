"""Assuming roles: who may, for how long, and as whom."""

import datetime

from identity import Caller, allow, deny, document, refused, trust


def test_a_session_has_the_rights_of_the_role_and_no_others(account):
    ada = account.user("ada", allow("iam:CreateGroup"), allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("iam:ListUsers"))
    answer = ada.client("sts").assume_role(RoleArn=role, RoleSessionName="work")
    user = answer["AssumedRoleUser"]
    role_id = account.iam.get_role(RoleName="r")["Role"]["RoleId"]
    assert user["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/r/work" and user["AssumedRoleId"] == f"{role_id}:work"
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA") and "PackedPolicySize" not in answer
    session = Caller.of(account.welkin, answer["Credentials"])
    assert session.client("iam").list_users()["Users"]
    with refused("AccessDenied", 403, f"User: {user['Arn']} is not authorized to perform: iam:CreateGroup"):
        session.client("iam").create_group(GroupName="g")


def test_within_an_account_the_trust_policy_alone_grants_to_whom_it_names(account):
    ada, bob = account.user("ada"), account.user("bob")
    named = account.role("named", trust({"AWS": account.arn("user/ada")}))
    whole = account.role("whole", trust({"AWS": account.id}))
    assert ada.assume(named)
    with refused("AccessDenied", 403, f"is not authorized to perform: sts:AssumeRole on resource: {named}"):
        bob.assume(named)
    with refused("AccessDenied", 403):
        ada.assume(whole)
    account.iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole", whole)))
    assert ada.assume(whole)


def test_across_accounts_both_sides_must_allow(account, other):
    ada = account.user("ada")
    role = other.role("r", trust({"AWS": account.arn("user/ada")}), allow("iam:ListRoles"))
    with refused("AccessDenied", 403, f"User: {account.arn('user/ada')} is not authorized to perform: sts:AssumeRole on resource: {role}"):
        ada.assume(role)
    account.iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole", role)))
    session = ada.assume(role)
    assert [r["RoleName"] for r in session.client("iam").list_roles()["Roles"]] == ["r"], "it acts in the other account"
    untrusting = other.role("untrusting", trust({"AWS": other.id}))
    account.iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole")))
    with refused("AccessDenied", 403):
        ada.assume(untrusting)


def test_a_role_that_does_not_exist_is_not_told_from_one_that_does_not_trust(account, other):
    ada = account.user("ada", allow("sts:AssumeRole"))
    hidden = other.role("hidden", trust({"AWS": other.id}), Path="/p/")
    messages = []
    for role in (hidden, other.arn("role/p/missing"), other.arn("role/hidden")):
        with refused("AccessDenied", 403) as raised:
            ada.assume(role)
        messages.append(raised.value.response["Error"]["Message"].replace(role, "ROLE"))
    assert len(set(messages)) == 1


def test_the_external_id_must_be_the_agreed_one(account, other):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = other.role("r", trust({"AWS": account.id}, Condition={"StringEquals": {"sts:ExternalId": "secret-1"}}))
    assert ada.assume(role, ExternalId="secret-1")
    for wrong in ({}, {"ExternalId": "secret-2"}):
        with refused("AccessDenied", 403):
            ada.assume(role, **wrong)


def test_the_session_name_can_be_bound_to_the_user(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    condition = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
    role = account.role("r", trust({"AWS": account.id}, Condition=condition))
    assert ada.assume(role, "ada")
    with refused("AccessDenied", 403):
        ada.assume(role, "bob")


def test_a_session_ends_when_it_says(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("iam:*"), MaxSessionDuration=7200)
    answer = ada.client("sts").assume_role(RoleArn=role, RoleSessionName="s1", DurationSeconds=900)
    session = Caller.of(account.welkin, answer["Credentials"])
    assert session.client("iam").list_users()
    left = answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    account.welkin.advance("14m")
    assert session.arn()
    account.welkin.advance("2m")
    with refused("ExpiredToken", 403, "The security token included in the request is expired"):
        session.arn()
    with refused("ExpiredToken", 403):
        session.client("iam").list_users()
    assert ada.arn(), "keys of users do not end"
    assert left > datetime.timedelta(minutes=14)


def test_how_long_a_session_may_be(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), MaxSessionDuration=7200)
    assert ada.assume(role, DurationSeconds=7200)
    with refused("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        ada.assume(role, DurationSeconds=7201)
    for seconds in (899, 43201):
        with refused("ValidationError", 400):
            ada.assume(role, DurationSeconds=seconds)


def test_a_chain_of_roles_lasts_an_hour_at_most(account, other):
    ada = account.user("ada", allow("sts:AssumeRole"))
    first = account.role("first", trust({"AWS": account.id}), allow("sts:AssumeRole"), MaxSessionDuration=7200)
    second = other.role("second", trust({"AWS": first}), allow("iam:ListUsers"), MaxSessionDuration=7200)
    one = ada.assume(first, DurationSeconds=7200)
    two = one.assume(second, DurationSeconds=3600)
    assert two.arn() == f"arn:aws:sts::{other.id}:assumed-role/second/session"
    assert two.client("iam").list_users()["Users"] == []
    with refused("ValidationError", 400, "exceeds the 1 hour session limit for roles assumed by role chaining"):
        one.assume(second, DurationSeconds=3601)


def test_the_root_user_assumes_no_role(account):
    role = account.role("r", trust({"AWS": account.id}))
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        account.client("sts").assume_role(RoleArn=role, RoleSessionName="s1")


def test_what_is_no_role_is_invalid(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    for arn in ("arn:aws:iam::111122223333:user/ada", "not-an-arn-at-all-of-iam"):
        with refused("ValidationError", 400, f"{arn} is invalid"):
            ada.assume(arn)
    with refused("ValidationError", 400):
        ada.assume(account.arn("role/r"), "a name with spaces")


def test_a_role_that_was_made_again_gives_old_sessions_nothing(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    policy = trust({"AWS": account.id})
    session = ada.assume(account.role("r", policy, allow("iam:ListUsers"))).client("iam")
    assert session.list_users()
    account.iam.delete_role_policy(RoleName="r", PolicyName="own")
    with refused("AccessDenied", 403):
        session.list_users()
    account.iam.delete_role(RoleName="r")
    role = account.role("r", policy, allow("iam:ListUsers"))
    with refused("AccessDenied", 403):
        session.list_users()
    assert ada.assume(role).client("iam").list_users()


def test_a_denial_on_either_side_wins(account):
    ada = account.user("ada", allow("sts:AssumeRole"), deny("sts:AssumeRole", account.arn("role/r")))
    role = account.role("r", trust({"AWS": account.arn("user/ada")}))
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        ada.assume(role)


def test_no_code_is_that_of_a_device_that_is_not_registered(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}))
    with refused("AccessDenied", 403, "MultiFactorAuthentication failed"):
        ada.assume(role, SerialNumber=account.arn("mfa/ada"), TokenCode="123456")


def test_roles_that_ask_for_a_second_factor_refuse_those_without(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    with refused("AccessDenied", 403):
        ada.assume(role)
    with refused("AccessDenied", 403):
        Caller.of(account.welkin, ada.client("sts").get_session_token()["Credentials"]).assume(role)
