"""Every operation is refused to who lacks its action, and let in by it alone: by identity policy, key policy, grant."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

from .importer import Importer
from .refusal import refused


def allow(*actions, resource="*"):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


class World:
    """Keys of every kind, made by the root user, and what the operations need of them."""

    def __init__(self, welkin, root):
        self.root = root

        def make(spec, usage):
            # CreateKey lets five a second through.
            welkin.advance("1s")
            return root.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]

        self.symmetric = root.create_key()["KeyMetadata"]["Arn"]
        self.signing = make("ECC_NIST_P256", "SIGN_VERIFY")
        self.agreeing = make("ECC_NIST_P256", "KEY_AGREEMENT")
        self.lattice = make("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
        self.mac = make("HMAC_256", "GENERATE_VERIFY_MAC")
        self.victim = make("HMAC_256", "GENERATE_VERIFY_MAC")
        self.alias = f"alias/{uuid.uuid4()}"
        root.create_alias(AliasName=self.alias, TargetKeyId=self.symmetric)
        self.waiting = root.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
        welkin.advance("1s")
        self.importer = Importer(welkin, root)
        self.blob = root.encrypt(KeyId=self.symmetric, Plaintext=b"x")["CiphertextBlob"]
        self.peer = root.get_public_key(KeyId=self.agreeing)["PublicKey"]
        self.signed = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
        self.signature = root.sign(KeyId=self.signing, **self.signed)["Signature"]
        self.macced = {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
        self.code = root.generate_mac(KeyId=self.mac, **self.macced)["Mac"]
        self.encapsulated = root.encapsulate(KeyId=self.lattice, EncapsulationAlgorithm="ML_KEM")["SharedSecretCiphertextBlob"]

    def grant(self, grantee):
        return self.root.create_grant(KeyId=self.symmetric, GranteePrincipal=grantee, Operations=["Decrypt"])


# The cryptographic operations, and those that another account and a grant can permit too.
SHARED = [
    ("kms:Encrypt", "symmetric", lambda kms, w: kms.encrypt(KeyId=w.symmetric, Plaintext=b"x")),
    ("kms:Decrypt", "symmetric", lambda kms, w: kms.decrypt(KeyId=w.symmetric, CiphertextBlob=w.blob)),
    ("kms:GenerateDataKey", "symmetric", lambda kms, w: kms.generate_data_key(KeyId=w.symmetric, KeySpec="AES_256")),
    ("kms:GenerateDataKeyWithoutPlaintext", "symmetric", lambda kms, w: kms.generate_data_key_without_plaintext(KeyId=w.symmetric, KeySpec="AES_256")),
    ("kms:GenerateDataKeyPair", "symmetric", lambda kms, w: kms.generate_data_key_pair(KeyId=w.symmetric, KeyPairSpec="ECC_NIST_P256")),
    ("kms:GenerateDataKeyPairWithoutPlaintext", "symmetric", lambda kms, w: kms.generate_data_key_pair_without_plaintext(KeyId=w.symmetric, KeyPairSpec="ECC_NIST_P256")),
    ("kms:Sign", "signing", lambda kms, w: kms.sign(KeyId=w.signing, **w.signed)),
    ("kms:Verify", "signing", lambda kms, w: kms.verify(KeyId=w.signing, **w.signed, Signature=w.signature)),
    ("kms:GetPublicKey", "signing", lambda kms, w: kms.get_public_key(KeyId=w.signing)),
    ("kms:DeriveSharedSecret", "agreeing", lambda kms, w: kms.derive_shared_secret(KeyId=w.agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=w.peer)),
    ("kms:Encapsulate", "lattice", lambda kms, w: kms.encapsulate(KeyId=w.lattice, EncapsulationAlgorithm="ML_KEM")),
    ("kms:Decapsulate", "lattice", lambda kms, w: kms.decapsulate(KeyId=w.lattice, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=w.encapsulated)),
    ("kms:GenerateMac", "mac", lambda kms, w: kms.generate_mac(KeyId=w.mac, **w.macced)),
    ("kms:VerifyMac", "mac", lambda kms, w: kms.verify_mac(KeyId=w.mac, **w.macced, Mac=w.code)),
    ("kms:DescribeKey", "symmetric", lambda kms, w: kms.describe_key(KeyId=w.symmetric)),
]

# Of the owner's account only.
OWN = [
    ("kms:CreateKey", lambda kms, w: kms.create_key()),
    ("kms:ListKeys", lambda kms, w: kms.list_keys()),
    ("kms:ListAliases", lambda kms, w: kms.list_aliases()),
    ("kms:GenerateRandom", lambda kms, w: kms.generate_random(NumberOfBytes=8)),
    ("kms:ListRetirableGrants", lambda kms, w: kms.list_retirable_grants(RetiringPrincipal="arn:aws:iam::111122223333:root")),
    ("kms:DisableKey", lambda kms, w: kms.disable_key(KeyId=w.victim)),
    ("kms:EnableKey", lambda kms, w: kms.enable_key(KeyId=w.victim)),
    ("kms:UpdateKeyDescription", lambda kms, w: kms.update_key_description(KeyId=w.victim, Description="d")),
    ("kms:ScheduleKeyDeletion", lambda kms, w: kms.schedule_key_deletion(KeyId=w.victim)),
    ("kms:CancelKeyDeletion", lambda kms, w: kms.cancel_key_deletion(KeyId=w.victim)),
    ("kms:TagResource", lambda kms, w: kms.tag_resource(KeyId=w.symmetric, Tags=[{"TagKey": "a", "TagValue": "1"}])),
    ("kms:ListResourceTags", lambda kms, w: kms.list_resource_tags(KeyId=w.symmetric)),
    ("kms:UntagResource", lambda kms, w: kms.untag_resource(KeyId=w.symmetric, TagKeys=["a"])),
    ("kms:GetKeyPolicy", lambda kms, w: kms.get_key_policy(KeyId=w.symmetric)),
    ("kms:ListKeyPolicies", lambda kms, w: kms.list_key_policies(KeyId=w.symmetric)),
    ("kms:PutKeyPolicy", lambda kms, w: kms.put_key_policy(KeyId=w.symmetric, Policy=w.root.get_key_policy(KeyId=w.symmetric)["Policy"])),
    ("kms:CreateAlias", lambda kms, w: kms.create_alias(AliasName=f"alias/{uuid.uuid4()}", TargetKeyId=w.symmetric)),
    ("kms:UpdateAlias", lambda kms, w: kms.update_alias(AliasName=w.alias, TargetKeyId=w.symmetric)),
    ("kms:DeleteAlias", lambda kms, w: kms.delete_alias(AliasName=w.alias)),
    ("kms:EnableKeyRotation", lambda kms, w: kms.enable_key_rotation(KeyId=w.symmetric)),
    ("kms:GetKeyRotationStatus", lambda kms, w: kms.get_key_rotation_status(KeyId=w.symmetric)),
    ("kms:ListKeyRotations", lambda kms, w: kms.list_key_rotations(KeyId=w.symmetric)),
    ("kms:DisableKeyRotation", lambda kms, w: kms.disable_key_rotation(KeyId=w.symmetric)),
    ("kms:RotateKeyOnDemand", lambda kms, w: kms.rotate_key_on_demand(KeyId=w.symmetric)),
    ("kms:GetParametersForImport", lambda kms, w: w.importer.parameters({"KeyId": w.waiting}, kms=kms)),
    ("kms:ImportKeyMaterial", lambda kms, w: kms.import_key_material(**w.importer.request({"KeyId": w.waiting}, b"x" * 32))),
    ("kms:DeleteImportedKeyMaterial", lambda kms, w: kms.delete_imported_key_material(KeyId=w.waiting)),
    ("kms:GetKeyLastUsage", lambda kms, w: kms.get_key_last_usage(KeyId=w.symmetric)),
    ("kms:ListGrants", lambda kms, w: kms.list_grants(KeyId=w.symmetric)),
    ("kms:CreateGrant", lambda kms, w: kms.create_grant(KeyId=w.symmetric, GranteePrincipal=f"arn:aws:iam::111122223333:role/r", Operations=["Decrypt"])),
    ("kms:RevokeGrant", lambda kms, w: kms.revoke_grant(KeyId=w.symmetric, GrantId=w.grant("arn:aws:iam::111122223333:role/s")["GrantId"])),
    ("kms:RetireGrant", lambda kms, w: kms.retire_grant(KeyId=w.symmetric, GrantId=w.grant("arn:aws:iam::111122223333:role/t")["GrantId"])),
]


def denied(call, kms, world, action):
    with pytest.raises(ClientError) as caught:
        call(kms, world)
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDeniedException" and action in error["Message"], caught.value


@pytest.fixture(scope="module")
def accounts(welkin):
    """An owner with keys, and another account."""
    owner = welkin.account()
    world = World(welkin, welkin.root(owner, "kms"))
    return owner, world, welkin.account()


@pytest.mark.parametrize("action, call", [(action, call) for action, _, call in SHARED] + OWN, ids=lambda v: v if isinstance(v, str) else "")
def test_an_identity_policy_needs_the_action_and_no_more(welkin, accounts, action, call):
    owner, world, _ = accounts
    welkin.advance("1s")
    others = welkin.client("kms", **welkin.user(owner, allow("kms:Put*" if action != "kms:PutKeyPolicy" else "kms:Get*")))
    denied(call, others, world, action)
    call(welkin.client("kms", **welkin.user(owner, allow(action))), world)


@pytest.mark.parametrize("action, key, call", SHARED, ids=lambda v: v if isinstance(v, str) else "")
def test_a_grant_permits_what_it_names_and_no_more(welkin, accounts, action, key, call):
    owner, world, _ = accounts
    welkin.advance("1s")
    made = welkin.user(owner)
    kms, key = welkin.client("kms", **made), getattr(world, key)
    grantee = welkin.client("sts", **made).get_caller_identity()["Arn"]
    possible = "Decrypt" if key == world.symmetric and action != "kms:Decrypt" else "DescribeKey" if action != "kms:DescribeKey" else "Encrypt"
    world.root.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=[possible])
    denied(call, kms, world, action)
    token = world.root.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=[action.removeprefix("kms:")])["GrantToken"]
    call(kms, world)
    assert token


@pytest.mark.parametrize("action, key, call", SHARED, ids=lambda v: v if isinstance(v, str) else "")
def test_another_account_needs_the_key_policy_too(welkin, accounts, action, key, call):
    owner, world, other = accounts
    welkin.advance("1s")
    kms = welkin.client("kms", **welkin.user(other, allow(action)))
    denied(call, kms, world, action)
    arn = getattr(world, key)
    before = world.root.get_key_policy(KeyId=arn)["Policy"]
    document = json.loads(before)
    document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other}:root"}, "Action": action, "Resource": "*"})
    world.root.put_key_policy(KeyId=arn, Policy=json.dumps(document))
    try:
        call(kms, world)
        denied(call, welkin.client("kms", **welkin.user(other)), world, action)
    finally:
        world.root.put_key_policy(KeyId=arn, Policy=before)


def test_a_grant_is_only_for_what_its_key_can_do(accounts):
    _, world, _ = accounts
    for key, operation in ((world.signing, "Encrypt"), (world.symmetric, "Sign"), (world.agreeing, "Sign"), (world.mac, "Verify"), (world.lattice, "Decrypt")):
        grantee = {"GranteePrincipal": "arn:aws:iam::111122223333:role/r"}
        refused("ValidationException", world.root.create_grant, KeyId=key, **grantee, Operations=[operation])


def test_tags_of_a_new_key_need_their_own_action(welkin, account):
    tags = [{"TagKey": "a", "TagValue": "1"}]
    creator = welkin.client("kms", **welkin.user(account, allow("kms:CreateKey")))
    creator.create_key()
    message = refused("AccessDeniedException", creator.create_key, Tags=tags)
    assert "kms:TagResource" in message
    both = welkin.client("kms", **welkin.user(account, allow("kms:CreateKey", "kms:TagResource")))
    assert welkin.root(account, "kms").list_resource_tags(KeyId=both.create_key(Tags=tags)["KeyMetadata"]["KeyId"])["Tags"] == tags


def test_replicas_need_permission_in_both_regions(welkin, account):
    root = welkin.root(account, "kms")
    key = root.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    call = {"KeyId": key, "ReplicaRegion": "us-west-2"}

    def user(*actions):
        return welkin.client("kms", **welkin.user(account, allow(*actions)))

    assert "kms:CreateKey" in refused("AccessDeniedException", user("kms:ReplicateKey").replicate_key, **call)
    assert "kms:ReplicateKey" in refused("AccessDeniedException", user("kms:CreateKey").replicate_key, **call)
    tagged = {**call, "Tags": [{"TagKey": "a", "TagValue": "1"}]}
    assert "kms:TagResource" in refused("AccessDeniedException", user("kms:ReplicateKey", "kms:CreateKey").replicate_key, **tagged)
    welkin.advance("2s")
    user("kms:ReplicateKey", "kms:CreateKey", "kms:TagResource").replicate_key(**tagged)
    welkin.advance("3s")

    # The primary Region is changed by who may do so at both keys.
    change = {"KeyId": key, "PrimaryRegion": "us-west-2"}
    west = welkin.client("kms", account, region="us-west-2")
    refused("AccessDeniedException", user("kms:ReplicateKey").update_primary_region, **change)
    mover = user("kms:UpdatePrimaryRegion")
    before = west.get_key_policy(KeyId=key)["Policy"]
    document = json.loads(before)
    document["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "kms:UpdatePrimaryRegion", "Resource": "*"})
    west.put_key_policy(KeyId=key, Policy=json.dumps(document))
    assert ":us-west-2:" in refused("AccessDeniedException", mover.update_primary_region, **change)
    west.put_key_policy(KeyId=key, Policy=before)
    mover.update_primary_region(**change)
    assert west.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
