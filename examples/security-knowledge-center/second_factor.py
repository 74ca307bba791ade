"""2. A user who must authenticate with MFA to call AWS from the command line: by a temporary session."""

import base64
import hashlib
import hmac
import struct
import time

from cloud import Account, Caller, allow, refused

WITHOUT = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def code(seed, ahead=0):
    """What an authenticator app shows: RFC 6238."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def mfa_session():
    account = Account()
    unless = {"Effect": "Deny", "NotAction": "sts:GetSessionToken", "Resource": "*", "Condition": WITHOUT}
    ada = account.user("ada", allow("*"), unless)
    device = account.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"]
    before, shown = code(seed, -1), code(seed)
    account.iam.enable_mfa_device(
        UserName="ada", SerialNumber=serial, AuthenticationCode1=before, AuthenticationCode2=shown
    )
    with refused("AccessDenied", saying="with an explicit deny"):
        ada.client("s3").list_buckets()
    sts = ada.client("sts")
    with refused("AccessDenied", saying="MultiFactorAuthentication failed"):
        sts.get_session_token(SerialNumber=serial, TokenCode="000000" if code(seed, 1) != "000000" else "000001")
    with refused("AccessDenied", saying="MultiFactorAuthentication failed"):
        sts.get_session_token(SerialNumber=serial, TokenCode=shown)  # was used
    with_mfa = Caller.of(sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, 1))["Credentials"])
    assert with_mfa.client("s3").list_buckets()["Buckets"] == []
    assert with_mfa.client("iam").list_users()["Users"]
    print("     with the session that the code opened: served")
    without = Caller.of(sts.get_session_token()["Credentials"])
    with refused("AccessDenied"):
        without.client("s3").list_buckets()
