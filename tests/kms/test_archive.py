"""Keys of every kind go with an export, and what they encrypted and signed stays right after the import."""

import os
import subprocess

from .importer import HOUR, Importer
from .refusal import refused

ACCOUNT = "111122223333"


class Held:
    """Keys of an account, and what was made by them."""

    def __init__(self, welkin):
        kms, west = (welkin.client("kms", ACCOUNT, region=region) for region in ("us-east-1", "us-west-2"))
        self.symmetric = kms.create_key(Description="mine")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/mine", TargetKeyId=self.symmetric)
        self.before = kms.encrypt(KeyId=self.symmetric, Plaintext=b"before")["CiphertextBlob"]
        kms.rotate_key_on_demand(KeyId=self.symmetric)
        kms.enable_key_rotation(KeyId=self.symmetric, RotationPeriodInDays=90)
        self.after = kms.encrypt(KeyId=self.symmetric, Plaintext=b"after", EncryptionContext={"a": "1"})["CiphertextBlob"]
        self.signing = kms.create_key(KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        self.signed = {"KeyId": self.signing, "Message": b"message", "SigningAlgorithm": "ML_DSA_SHAKE_256"}
        self.signature = kms.sign(**self.signed)["Signature"]
        self.multi = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        kms.replicate_key(KeyId=self.multi, ReplicaRegion="us-west-2")
        welkin.advance("3s")
        self.from_west = west.encrypt(KeyId=self.multi, Plaintext=b"west")["CiphertextBlob"]
        importer, self.material = Importer(welkin, kms), os.urandom(32)
        self.external = importer.make()
        importer(self.external, self.material, ValidTo=importer.now() + 48 * HOUR)
        self.imported = kms.encrypt(KeyId=self.external["KeyId"], Plaintext=b"imported")["CiphertextBlob"]
        self.grant = kms.create_grant(KeyId=self.symmetric, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/r", Operations=["Decrypt"])["GrantId"]

    def check(self, welkin):
        kms = welkin.client("kms", ACCOUNT)
        assert kms.decrypt(CiphertextBlob=self.before)["Plaintext"] == b"before"
        assert kms.decrypt(CiphertextBlob=self.after, EncryptionContext={"a": "1"})["Plaintext"] == b"after"
        assert kms.verify(**self.signed, Signature=self.signature)["SignatureValid"]
        assert kms.decrypt(CiphertextBlob=self.from_west)["Plaintext"] == b"west"
        assert kms.decrypt(CiphertextBlob=self.imported)["Plaintext"] == b"imported"
        assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"] == self.symmetric
        assert [grant["GrantId"] for grant in kms.list_grants(KeyId=self.symmetric)["Grants"]] == [self.grant]


def test_keys_go_with_an_export(start, program, tmp_path):
    archive = tmp_path / "archive.welkin"
    with start("--data", tmp_path / "one") as welkin:
        held = Held(welkin)
        held.check(welkin)
        subprocess.run([program, "export", archive, "--endpoint", welkin.endpoint], check=True, capture_output=True)
    with start("--data", tmp_path / "other") as welkin:
        stranger = welkin.client("kms", ACCOUNT).create_key()["KeyMetadata"]["KeyId"]
        subprocess.run([program, "import", archive, "--endpoint", welkin.endpoint], check=True, capture_output=True)
        held.check(welkin)
        kms = welkin.client("kms", ACCOUNT)
        refused("NotFoundException", kms.describe_key, KeyId=stranger)
        # What was to happen by the clock still does.
        welkin.advance("49h")
        assert kms.describe_key(KeyId=held.external["KeyId"])["KeyMetadata"]["KeyState"] == "PendingImport"
        Importer(welkin, kms)(held.external, held.material)
        welkin.advance("2161h")
        assert [one["RotationType"] for one in kms.list_key_rotations(KeyId=held.symmetric)["Rotations"]] == ["ON_DEMAND", "AUTOMATIC"]
        held.check(welkin)
        kms.schedule_key_deletion(KeyId=held.symmetric, PendingWindowInDays=7)
        welkin.advance("169h")
        refused("AccessDeniedException", kms.decrypt, CiphertextBlob=held.before)
