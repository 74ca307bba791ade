"""A virtual MFA device of a user, as an authenticator app holds it."""

import base64
import hashlib
import hmac
import struct

from oidc import now


class Device:
    """A device that is enabled for a user; it follows Welkin's clock."""

    def __init__(self, account, user="ada"):
        self.welkin = account.welkin
        made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        self.serial, self.seed = made["SerialNumber"], base64.b32decode(made["Base32StringSeed"])
        first = self.code()
        account.iam.enable_mfa_device(
            UserName=user, SerialNumber=self.serial, AuthenticationCode1=first, AuthenticationCode2=self.code(1)
        )
        self.welkin.advance("60s")

    def code(self, ahead=0):
        """The code of now: RFC 6238."""
        step = now(self.welkin) // 30 + ahead
        digest = hmac.new(self.seed, struct.pack(">q", step), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"

    def show(self):
        """What STS takes; each code is of use once, so it shows the next one."""
        self.welkin.advance("30s")
        return {"SerialNumber": self.serial, "TokenCode": self.code()}
