"""Signing in with a second factor: each code once, of one's own device only."""

import pytest
from identity import allow, refused
from test_mfa import Device, ada, code  # noqa: F401


def test_a_code_signs_in_once(account, ada):
    device = Device(account).enable()
    sts = ada.client("sts")
    session = sts.get_session_token(**device.show())["Credentials"]
    assert session["SessionToken"]
    with refused("AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code."):
        sts.get_session_token(**device.show())
    with refused("AccessDenied", 403):
        sts.get_session_token(**device.show(0)), "the codes that enabled it were used"
    with refused("AccessDenied", 403):
        sts.get_session_token(**device.show(7)), "a code of the future"
    account.welkin.advance("5m")
    assert sts.get_session_token(**device.show(10)), "by the clock that was advanced"


def test_only_the_users_own_device_signs_it_in(account, ada):
    account.user("bob")
    of_bob, of_nobody = Device(account, "bob").enable("bob"), Device(account, "free")
    for device in (of_bob, of_nobody):
        with refused("AccessDenied", 403):
            ada.client("sts").get_session_token(**device.show())
    with refused("NoSuchEntity", 404, "MFA Device invalid for user."):
        account.iam.deactivate_mfa_device(UserName="ada", SerialNumber=of_bob.serial)


def test_a_device_whose_clock_is_off_is_brought_into_step(account, ada):
    device = Device(account).enable()
    sts, off = ada.client("sts"), 600
    with refused("AccessDenied", 403):
        sts.get_session_token(**device.show(off + 1))
    account.iam.resync_mfa_device(
        UserName="ada", SerialNumber=device.serial, AuthenticationCode1=code(device.seed, off - 1),
        AuthenticationCode2=code(device.seed, off),
    )
    assert sts.get_session_token(**device.show(off + 1))
    with refused("InvalidAuthenticationCode", 403):
        account.iam.resync_mfa_device(
            UserName="ada", SerialNumber=device.serial, AuthenticationCode1="000000", AuthenticationCode2="000000"
        )


def test_the_root_user_may_have_a_device(account):
    device = Device(account, "root-account-mfa-device").enable(account.id)
    (listed,) = account.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert listed["User"]["Arn"] == account.arn("root")
    assert account.iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    assert account.client("sts").get_session_token(**device.show())
