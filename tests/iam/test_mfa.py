"""Virtual MFA devices: real one-time passwords, each accepted once."""

import base64
import hashlib
import hmac
import struct
import time
import zlib

import pytest
from identity import allow, refused

NOT_VALID = "Authentication code for device is not valid."


def code(seed, ahead=0, now=None):
    """The code that an authenticator app shows `ahead` steps from now: RFC 6238."""
    key = base64.b32decode(seed)
    step = int((now or time.time()) // 30) + ahead
    digest = hmac.new(key, struct.pack(">q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


class Device:
    """A device that was made, with its seed."""

    def __init__(self, account, name="phone", **more):
        made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **more)["VirtualMFADevice"]
        self.iam, self.serial, self.seed = account.iam, made["SerialNumber"], made["Base32StringSeed"].decode()
        self.png = made["QRCodePNG"]

    def enable(self, user="ada", ahead=-1):
        self.iam.enable_mfa_device(
            UserName=user, SerialNumber=self.serial, AuthenticationCode1=code(self.seed, ahead),
            AuthenticationCode2=code(self.seed, ahead + 1),
        )
        return self

    def show(self, ahead=1):
        """What GetSessionToken and AssumeRole take."""
        return {"SerialNumber": self.serial, "TokenCode": code(self.seed, ahead)}


@pytest.fixture
def ada(account):
    return account.user("ada", allow("*"))


def test_a_device_is_made_with_a_seed_and_its_qr_code(account):
    device = Device(account, "phone", Path="/team/")
    assert device.serial == account.arn("mfa/team/phone")
    assert len(device.seed) == 64 and len(base64.b32decode(device.seed)) == 40
    width, height, depth, kind = struct.unpack(">IIBB", device.png[16:26])
    assert device.png.startswith(b"\x89PNG\r\n\x1a\n") and width == height and (depth, kind) == (1, 0)
    length = struct.unpack(">I", device.png[33:37])[0]
    rows = zlib.decompress(device.png[41 : 41 + length])
    assert len(rows) == height * (1 + (width + 7) // 8)
    bits = [[not rows[y * (1 + (width + 7) // 8) + 1 + x // 8] >> (7 - x % 8) & 1 for x in range(width)] for y in range(height)]
    corner = [[bits[16 + 4 * y][16 + 4 * x] for x in range(7)] for y in range(7)]
    assert corner[0] == [True] * 7 and corner[1] == [True] + [False] * 5 + [True] and corner[3][2:5] == [True] * 3
    with refused("EntityAlreadyExists", 409, "MFADevice entity at the same path and name already exists."):
        account.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/team/")
    assert Device(account, "phone").serial == account.arn("mfa/phone"), "another path is another device"


def test_two_codes_that_follow_on_each_other_enable_it(account, ada):
    iam, device = account.iam, Device(account)
    for first, second in (("000000", "000000"), (code(device.seed, 0), code(device.seed, -1)), (code(device.seed),) * 2):
        with refused("InvalidAuthenticationCode", 403, NOT_VALID):
            iam.enable_mfa_device(
                UserName="ada", SerialNumber=device.serial, AuthenticationCode1=first, AuthenticationCode2=second
            )
    assert iam.list_mfa_devices(UserName="ada")["MFADevices"] == []
    device.enable()
    (listed,) = ada.client("iam").list_mfa_devices()["MFADevices"]
    assert (listed["UserName"], listed["SerialNumber"]) == ("ada", device.serial)
    got = iam.get_mfa_device(SerialNumber=device.serial, UserName="ada")
    assert (got["UserName"], got["EnableDate"]) == ("ada", listed["EnableDate"])
    with refused("EntityAlreadyExists", 409):
        device.enable()
    assert account.iam.get_account_summary()["SummaryMap"]["MFADevicesInUse"] == 1


def test_devices_are_listed_by_whether_they_are_assigned(account, ada):
    assigned, free = Device(account, "a").enable(), Device(account, "b", Tags=[{"Key": "k", "Value": "v"}])
    listed = lambda **more: account.iam.list_virtual_mfa_devices(**more)["VirtualMFADevices"]  # noqa: E731
    assert [d["SerialNumber"] for d in listed()] == [assigned.serial, free.serial]
    (one,) = listed(AssignmentStatus="Assigned")
    assert one["User"]["UserName"] == "ada" and one["EnableDate"]
    (one,) = listed(AssignmentStatus="Unassigned")
    assert one["SerialNumber"] == free.serial and "User" not in one and "Base32StringSeed" not in one
    page = account.iam.list_virtual_mfa_devices(MaxItems=1)
    assert page["IsTruncated"]
    rest = account.iam.list_virtual_mfa_devices(Marker=page["Marker"])["VirtualMFADevices"]
    assert [d["SerialNumber"] for d in rest] == [free.serial]


def test_a_device_in_use_is_not_removed(account, ada):
    iam, device = account.iam, Device(account).enable()
    with refused("DeleteConflict", 409, "MFA VirtualDevice in use. Must deactivate first."):
        iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    iam.delete_access_key(UserName="ada", AccessKeyId=ada.key)
    with refused("DeleteConflict", 409):
        iam.delete_user(UserName="ada")
    iam.deactivate_mfa_device(UserName="ada", SerialNumber=device.serial)
    assert iam.list_mfa_devices(UserName="ada")["MFADevices"] == []
    iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    with refused("NoSuchEntity", 404, f"VirtualMFADevice with serial number {device.serial} doesn't exist."):
        iam.delete_virtual_mfa_device(SerialNumber=device.serial)


def test_a_user_has_eight_devices_at_most(account, ada):
    for n in range(8):
        Device(account, f"d{n}").enable()
    with refused("LimitExceeded", 409):
        Device(account, "d8").enable()


def test_a_user_manages_its_own_device_only(account):
    own = [account.arn("user/${aws:username}"), account.arn("mfa/${aws:username}")]
    ada = account.user("ada", allow(["iam:*MFADevice*"], own)).client("iam")
    account.iam.create_user(UserName="bob")
    made = ada.create_virtual_mfa_device(VirtualMFADeviceName="ada")["VirtualMFADevice"]
    with refused("AccessDenied", 403):
        ada.create_virtual_mfa_device(VirtualMFADeviceName="bob")
    seed = made["Base32StringSeed"].decode()
    codes = {"AuthenticationCode1": code(seed, -1), "AuthenticationCode2": code(seed)}
    with refused("AccessDenied", 403):
        ada.enable_mfa_device(UserName="bob", SerialNumber=made["SerialNumber"], **codes)
    ada.enable_mfa_device(UserName="ada", SerialNumber=made["SerialNumber"], **codes)
    ada.deactivate_mfa_device(SerialNumber=made["SerialNumber"])
    ada.delete_virtual_mfa_device(SerialNumber=made["SerialNumber"])
    assert account.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_seed_is_not_in_the_trail(account):
    device = Device(account)
    account.user("ada", allow("*"))
    device.enable()
    trail = account.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    made = [event["CloudTrailEvent"] for event in trail if event["EventName"] == "CreateVirtualMFADevice"]
    assert made and device.serial in made[0] and not any(device.seed in event["CloudTrailEvent"] for event in trail)
