"""Sessions by those who showed a second factor."""

import pytest
from identity import Caller, allow, document, refused, trust
from second_factor import Device

WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
INVALID = "MultiFactorAuthentication failed with invalid MFA one time pass code."
UNKNOWN = "MultiFactorAuthentication failed, unable to validate MFA code."


@pytest.fixture
def ada(account):
    return account.user("ada", allow("*", Condition=WITH_MFA), allow("sts:AssumeRole"))


@pytest.fixture
def device(account, ada):
    return Device(account)


def session(ada, **factor):
    return Caller.of(ada.welkin, ada.client("sts").get_session_token(**factor)["Credentials"])


def test_a_session_with_a_second_factor_may_call_iam(account, ada, device):
    with refused("AccessDenied", 403):
        ada.client("iam").list_users()
    with refused("InvalidClientTokenId", 403):
        session(ada).client("iam").list_users()
    assert session(ada, **device.show()).client("iam").list_users()["Users"]


def test_a_code_is_the_one_of_now_and_of_use_once(account, ada, device):
    shown = device.show()
    assert session(ada, **shown)
    with refused("AccessDenied", 403, INVALID):
        session(ada, **shown)
    for wrong in ("000000", "999999"):
        if wrong != device.code():
            with refused("AccessDenied", 403, INVALID):
                session(ada, SerialNumber=device.serial, TokenCode=wrong)
    stale = device.show()
    account.welkin.advance("10m")
    with refused("AccessDenied", 403, INVALID):
        session(ada, **stale)
    with refused("ValidationError", 400):
        session(ada, SerialNumber=device.serial, TokenCode="12345")
    with refused("AccessDenied", 403, "must provide both MFA serial number and one time pass code"):
        session(ada, SerialNumber=device.serial)


def test_a_device_is_of_use_to_its_user_only(account, other, ada, device):
    bob, strange = account.user("bob"), other.user("ada")
    for caller in (bob, strange):
        with refused("AccessDenied", 403, UNKNOWN):
            session(caller, **device.show())
    with refused("AccessDenied", 403, UNKNOWN):
        session(ada, SerialNumber=account.arn("mfa/missing"), TokenCode="123456")
    account.iam.deactivate_mfa_device(UserName="ada", SerialNumber=device.serial)
    with refused("AccessDenied", 403, UNKNOWN):
        session(ada, **device.show())


def test_a_role_can_demand_a_second_factor(account, other, ada, device):
    role = other.role("r", trust({"AWS": account.id}, Condition=WITH_MFA), allow("iam:ListRoles"))
    with refused("AccessDenied", 403):
        ada.assume(role)
    with refused("AccessDenied", 403):
        session(ada).assume(role)
    assert ada.assume(role, **device.show()).client("iam").list_roles()["Roles"]
    assert session(ada, **device.show()).assume(role).client("iam").list_roles()["Roles"]
    with refused("AccessDenied", 403, INVALID):
        ada.assume(role, SerialNumber=device.serial, TokenCode="000000")


def test_a_role_can_demand_that_it_was_shown_lately(account, other, ada, device):
    lately = {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
    role = other.role("r", trust({"AWS": account.id}, Condition=lately))
    made = session(ada, **device.show())
    assert made.assume(role)
    account.welkin.advance("4m")
    assert made.assume(role)
    account.welkin.advance("2m")
    with refused("AccessDenied", 403):
        made.assume(role)
    assert ada.assume(role, **device.show()), "the code of the call itself is of now"


def test_sessions_of_roles_do_not_keep_the_factor(account, ada, device):
    role = account.role(
        "r", trust({"AWS": account.id}), allow("iam:ListRoles", Condition=WITH_MFA), allow("iam:ListUsers")
    )
    made = ada.assume(role, **device.show()).client("iam")
    assert made.list_users()["Users"]
    with refused("AccessDenied", 403):
        made.list_roles()


def test_a_code_of_a_call_that_was_denied_is_still_of_use(account, ada, device):
    role = account.role("r", trust({"AWS": account.arn("user/bob")}) if account.user("bob") else None)
    shown = device.show()
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        account.iam.put_user_policy(
            UserName="ada", PolicyName="own", PolicyDocument=document({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"})
        )
        ada.assume(role, **shown)
    assert session(ada, **shown)
