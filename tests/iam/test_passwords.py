"""Passwords for the console and what the account demands of them."""

import pytest
from identity import allow, deny, document, refused

VIOLATION = "Password does not conform to the account password policy."
FIRST, SECOND, THIRD = "First-pass-1", "Second-pass-2", "Third-pass-3"


@pytest.fixture
def ada(account):
    return account.user("ada", allow("iam:ChangePassword", account.arn("user/${aws:username}")))


def test_a_login_profile_is_made_changed_and_removed(account, ada):
    iam = account.iam
    with refused("NoSuchEntity", 404, "Login Profile for User ada cannot be found."):
        iam.get_login_profile(UserName="ada")
    made = iam.create_login_profile(UserName="ada", Password=FIRST, PasswordResetRequired=True)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == ("ada", True)
    assert iam.get_login_profile(UserName="ada")["LoginProfile"] == made
    with refused("EntityAlreadyExists", 409, "Login Profile for user ada already exists."):
        iam.create_login_profile(UserName="ada", Password=SECOND)
    ada.client("iam").change_password(OldPassword=FIRST, NewPassword=SECOND)
    assert iam.get_login_profile(UserName="ada")["LoginProfile"]["PasswordResetRequired"] is False
    iam.update_login_profile(UserName="ada", Password=THIRD, PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="ada")["LoginProfile"]["PasswordResetRequired"] is True
    with refused("AccessDenied", 403, "old password"):
        ada.client("iam").change_password(OldPassword=SECOND, NewPassword=FIRST)
    iam.delete_access_key(UserName="ada", AccessKeyId=ada.key)
    iam.delete_user_policy(UserName="ada", PolicyName="own")
    with refused("DeleteConflict", 409, "must delete login profile first"):
        iam.delete_user(UserName="ada")
    iam.delete_login_profile(UserName="ada")
    with refused("NoSuchEntity", 404):
        iam.delete_login_profile(UserName="ada")
    with refused("NoSuchEntity", 404):
        iam.update_login_profile(UserName="ada", Password=FIRST)
    iam.delete_user(UserName="ada")


@pytest.mark.parametrize("password", ["Short-1", "onlylowercase", "lower-and-symbols", "12345678901"])
def test_awss_own_policy_holds_where_the_account_has_none(account, ada, password):
    with refused("PasswordPolicyViolation", 400, VIOLATION):
        account.iam.create_login_profile(UserName="ada", Password=password)
    with refused("NoSuchEntity", 404):
        account.iam.get_login_profile(UserName="ada")


def test_a_policy_is_set_shown_and_removed(account):
    iam = account.iam
    missing = f"The Password Policy with domain name {account.id} cannot be found."
    for call in (iam.get_account_password_policy, iam.delete_account_password_policy):
        with refused("NoSuchEntity", 404, missing):
            call()
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True, MaxPasswordAge=90, HardExpiry=True)
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 14, "RequireSymbols": True, "RequireNumbers": False,
        "RequireUppercaseCharacters": False, "RequireLowercaseCharacters": False, "ExpirePasswords": True,
        "AllowUsersToChangePassword": False, "MaxPasswordAge": 90, "HardExpiry": True,
    }
    iam.update_account_password_policy(RequireNumbers=True)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["RequireNumbers"]) == (6, False, True)
    assert policy["ExpirePasswords"] is False and "MaxPasswordAge" not in policy
    for more in ({"MinimumPasswordLength": 5}, {"MaxPasswordAge": 1096}, {"PasswordReusePrevention": 25}):
        with refused("ValidationError", 400):
            iam.update_account_password_policy(**more)
    iam.delete_account_password_policy()
    with refused("NoSuchEntity", 404):
        iam.get_account_password_policy()


def test_a_policy_demands_what_it_says(account, ada):
    iam = account.iam
    iam.update_account_password_policy(
        MinimumPasswordLength=10, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
    )
    for password in ("Short-1xx", "No-numbers-", "noupper-11", "NOLOWER-11", "NoSymbol111"):
        with refused("PasswordPolicyViolation", 400, VIOLATION):
            iam.create_login_profile(UserName="ada", Password=password)
    iam.create_login_profile(UserName="ada", Password="All-four-1")
    iam.update_account_password_policy()
    iam.update_login_profile(UserName="ada", Password="aaaaaa")


def test_former_passwords_are_not_used_again(account, ada):
    account.iam.update_account_password_policy(PasswordReusePrevention=2)
    account.iam.create_login_profile(UserName="ada", Password=FIRST)
    change = ada.client("iam").change_password
    with refused("PasswordPolicyViolation", 400, VIOLATION):
        change(OldPassword=FIRST, NewPassword=FIRST)
    change(OldPassword=FIRST, NewPassword=SECOND)
    with refused("PasswordPolicyViolation", 400):
        change(OldPassword=SECOND, NewPassword=FIRST)
    change(OldPassword=SECOND, NewPassword=THIRD)
    change(OldPassword=THIRD, NewPassword=FIRST)


def test_users_change_their_own_password_if_the_account_lets_them(account):
    bob = account.user("bob").client("iam")
    account.iam.create_login_profile(UserName="bob", Password=FIRST)
    with refused("AccessDenied", 403, "iam:ChangePassword"):
        bob.change_password(OldPassword=FIRST, NewPassword=SECOND)
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    bob.change_password(OldPassword=FIRST, NewPassword=SECOND)
    account.iam.put_user_policy(
        UserName="bob", PolicyName="own", PolicyDocument=document(deny("iam:ChangePassword"))
    )
    with refused("AccessDenied", 403, "explicit deny"):
        bob.change_password(OldPassword=SECOND, NewPassword=THIRD)


def test_only_users_have_a_password_of_their_own(account):
    with refused("InvalidUserType", 400):
        account.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)


def test_passwords_are_not_in_the_trail(account, ada):
    account.iam.create_login_profile(UserName="ada", Password=FIRST)
    ada.client("iam").change_password(OldPassword=FIRST, NewPassword=SECOND)
    account.iam.update_login_profile(UserName="ada", Password=THIRD)
    events = account.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    assert {"CreateLoginProfile", "ChangePassword", "UpdateLoginProfile"} <= {event["EventName"] for event in events}
    for event in events:
        assert not any(password in event["CloudTrailEvent"] for password in (FIRST, SECOND, THIRD))
