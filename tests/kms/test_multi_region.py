"""Multi-Region keys: replicas, what they share, and the change of the primary Region."""

import json
import os

import pytest

from .importer import Importer
from .refusal import refused

WEST, EAST, IRELAND = "us-west-2", "us-east-1", "eu-west-1"


class Regions(dict):
    """KMS of one account, by Region."""

    def __init__(self, welkin, account):
        self.welkin, self.account = welkin, account

    def __missing__(self, region):
        self[region] = self.welkin.client("kms", self.account, region=region)
        return self[region]

    def describe(self, region, key):
        return self[region].describe_key(KeyId=key["KeyId"])["KeyMetadata"]

    def replicate(self, key, region, source=EAST, **rest):
        made = self[source].replicate_key(KeyId=key["KeyId"], ReplicaRegion=region, **rest)
        self.welkin.advance("3s")
        return made


@pytest.fixture
def kms(welkin, account):
    return Regions(welkin, account)


@pytest.fixture
def key(kms):
    return kms[EAST].create_key(MultiRegion=True, Description="primary", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]


def relatives(shown):
    configuration = shown["MultiRegionConfiguration"]
    assert all(one["Arn"].split(":")[3] == one["Region"] for one in [configuration["PrimaryKey"], *configuration["ReplicaKeys"]])
    return configuration["MultiRegionKeyType"], configuration["PrimaryKey"]["Region"], [one["Region"] for one in configuration["ReplicaKeys"]]


def test_a_primary_key_is_made_and_replicated(welkin, kms, key, account):
    assert key["KeyId"].startswith("mrk-") and len(key["KeyId"]) == 36 and key["MultiRegion"] is True
    assert relatives(key) == ("PRIMARY", EAST, [])
    assert kms[EAST].create_key()["KeyMetadata"]["MultiRegion"] is False
    policy = json.dumps({"Version": "2012-10-17", "Id": "own", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}]})
    made = kms[EAST].replicate_key(KeyId=key["KeyId"], ReplicaRegion=WEST, Policy=policy, Description="replica", Tags=[{"TagKey": "b", "TagValue": "2"}])
    replica = made["ReplicaKeyMetadata"]
    assert replica["Arn"] == f"arn:aws:kms:{WEST}:{account}:key/{key['KeyId']}"
    assert (replica["KeyState"], replica["Description"], made["ReplicaPolicy"]) == ("Creating", "replica", policy)
    assert made["ReplicaTags"] == [{"TagKey": "b", "TagValue": "2"}] == kms[WEST].list_resource_tags(KeyId=key["KeyId"])["Tags"]
    assert relatives(replica) == ("REPLICA", EAST, [WEST])
    # While it is being created it can be looked at, but not used.
    message = refused("KMSInvalidStateException", kms[WEST].encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert message == f"{replica['Arn']} is creating."
    refused("KMSInvalidStateException", kms[WEST].disable_key, KeyId=key["KeyId"])
    welkin.advance("3s")
    assert kms.describe(WEST, key)["KeyState"] == "Enabled" and kms.describe(EAST, key)["Description"] == "primary"
    for region, type_ in ((EAST, "PRIMARY"), (WEST, "REPLICA")):
        shown = kms.describe(region, key)
        assert relatives(shown) == (type_, EAST, [WEST])
        assert shown["CurrentKeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert kms[EAST].get_key_policy(KeyId=key["KeyId"])["Policy"] != policy
    assert kms[WEST].list_keys()["Keys"] == [{"KeyId": key["KeyId"], "KeyArn": replica["Arn"]}]


def test_the_default_policy_of_a_replica_names_the_account(kms, key, account):
    made = kms.replicate(key, WEST)
    assert made["ReplicaTags"] == [] and made["ReplicaKeyMetadata"]["Description"] == ""
    assert json.loads(made["ReplicaPolicy"])["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}


def test_ciphertexts_go_between_regions(kms, key):
    kms.replicate(key, WEST)
    context = {"a": "1"}
    for here, there in ((EAST, WEST), (WEST, EAST)):
        blob = kms[here].encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
        opened = kms[there].decrypt(CiphertextBlob=blob, EncryptionContext=context)
        assert opened["Plaintext"] == b"x" and opened["KeyId"].split(":")[3] == there
        assert kms[there].decrypt(CiphertextBlob=blob, KeyId=key["KeyId"], EncryptionContext=context)["Plaintext"] == b"x"
        refused("InvalidCiphertextException", kms[there].decrypt, CiphertextBlob=blob)
        refused("IncorrectKeyException", kms[there].decrypt, CiphertextBlob=blob, KeyId=kms[there].create_key()["KeyMetadata"]["KeyId"], EncryptionContext=context)
        refused("AccessDeniedException", kms[IRELAND].decrypt, CiphertextBlob=blob, EncryptionContext=context)
        kms[here].disable_key(KeyId=key["KeyId"])
        assert kms[there].decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
        kms[here].enable_key(KeyId=key["KeyId"])


@pytest.mark.parametrize("spec, usage", [("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC"), ("ML_DSA_44", "SIGN_VERIFY")])
def test_keys_of_every_kind_are_replicated(kms, spec, usage):
    key = kms[EAST].create_key(MultiRegion=True, KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    kms.replicate(key, WEST)
    call = {"KeyId": key["KeyId"], "Message": b"message"}
    if usage == "SIGN_VERIFY":
        call["SigningAlgorithm"] = key["SigningAlgorithms"][0]
        signature = kms[WEST].sign(**call)["Signature"]
        assert kms[EAST].verify(**call, Signature=signature)["SignatureValid"]
        assert kms[EAST].get_public_key(KeyId=key["KeyId"])["PublicKey"] == kms[WEST].get_public_key(KeyId=key["KeyId"])["PublicKey"]
    else:
        call["MacAlgorithm"] = "HMAC_SHA_256"
        assert kms[EAST].verify_mac(**call, Mac=kms[WEST].generate_mac(**call)["Mac"])["MacValid"]


def test_rotation_is_shared_and_set_at_the_primary_key(welkin, kms, key):
    kms.replicate(key, WEST)
    old = kms[WEST].encrypt(KeyId=key["KeyId"], Plaintext=b"old")["CiphertextBlob"]
    for call in (kms[WEST].enable_key_rotation, kms[WEST].disable_key_rotation, kms[WEST].rotate_key_on_demand):
        refused("UnsupportedOperationException", call, KeyId=key["KeyId"])
    kms[EAST].enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=100)
    for region in (EAST, WEST):
        status = kms[region].get_key_rotation_status(KeyId=key["KeyId"])
        assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 100)
    welkin.advance("2401h")
    (here,), (there,) = (kms[region].list_key_rotations(KeyId=key["KeyId"])["Rotations"] for region in (EAST, WEST))
    assert here["KeyMaterialId"] == there["KeyMaterialId"] != key["CurrentKeyMaterialId"]
    new = kms[EAST].encrypt(KeyId=key["KeyId"], Plaintext=b"new")["CiphertextBlob"]
    assert kms[WEST].decrypt(CiphertextBlob=new)["Plaintext"] == b"new"
    assert kms[EAST].decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    kms[EAST].rotate_key_on_demand(KeyId=key["KeyId"])
    assert kms.describe(EAST, key)["CurrentKeyMaterialId"] == kms.describe(WEST, key)["CurrentKeyMaterialId"]
    # A replica that is made later has all materials.
    kms.replicate(key, IRELAND)
    assert kms[IRELAND].decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    assert len(kms[IRELAND].list_key_rotations(KeyId=key["KeyId"])["Rotations"]) == 2
    kms[EAST].disable_key_rotation(KeyId=key["KeyId"])
    assert kms[WEST].get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False


def test_policy_tags_aliases_grants_and_state_are_each_keys_own(kms, key, account):
    kms.replicate(key, WEST)
    kms[EAST].tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "c", "TagValue": "3"}])
    kms[EAST].create_alias(AliasName="alias/one", TargetKeyId=key["KeyId"])
    kms[EAST].create_grant(KeyId=key["KeyId"], GranteePrincipal=f"arn:aws:iam::{account}:role/r", Operations=["Decrypt"])
    kms[EAST].update_key_description(KeyId=key["KeyId"], Description="changed")
    kms[EAST].disable_key(KeyId=key["KeyId"])
    assert kms[WEST].list_resource_tags(KeyId=key["KeyId"])["Tags"] == []
    assert kms[WEST].list_aliases()["Aliases"] == [] and kms[WEST].list_grants(KeyId=key["KeyId"])["Grants"] == []
    shown = kms.describe(WEST, key)
    assert (shown["Description"], shown["KeyState"]) == ("", "Enabled")


def test_what_cannot_be_replicated_is_not(welkin, kms, key):
    single = kms[EAST].create_key()["KeyMetadata"]
    message = refused("UnsupportedOperationException", kms[EAST].replicate_key, KeyId=single["KeyId"], ReplicaRegion=WEST)
    assert single["Arn"] in message
    kms.replicate(key, WEST)
    for region in (EAST, WEST):
        refused("AlreadyExistsException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=region)
    refused("UnsupportedOperationException", kms[WEST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=IRELAND)
    # ReplicateKey lets five a second through.
    welkin.advance("2s")
    refused("ValidationException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion="us-nowhere-9")
    for elsewhere in ("cn-north-1", "eu-south-2"):
        refused("UnsupportedOperationException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=elsewhere)
    welkin.advance("2s")
    refused("TagException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=IRELAND, Tags=[{"TagKey": "aws:x", "TagValue": ""}])
    refused("MalformedPolicyDocumentException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=IRELAND, Policy="{}")
    kms[EAST].disable_key(KeyId=key["KeyId"])
    refused("DisabledException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=IRELAND)
    assert kms[IRELAND].list_keys()["Keys"] == []


def test_the_primary_region_changes(welkin, kms, key):
    for region in (WEST, IRELAND):
        kms.replicate(key, region)
    kms[EAST].enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    blob = kms[EAST].encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms[EAST].update_primary_region(KeyId=key["KeyId"], PrimaryRegion=WEST)
    assert relatives(kms.describe(EAST, key)) == ("REPLICA", WEST, [IRELAND, EAST])
    assert relatives(kms.describe(WEST, key)) == ("PRIMARY", WEST, [IRELAND, EAST])
    assert relatives(kms.describe(IRELAND, key)) == ("REPLICA", WEST, [IRELAND, EAST])
    # For a moment both are being updated: they can be used, but not be changed.
    assert [kms.describe(region, key)["KeyState"] for region in (EAST, WEST, IRELAND)] == ["Updating", "Updating", "Enabled"]
    assert kms[WEST].decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    message = refused("KMSInvalidStateException", kms[WEST].disable_key, KeyId=key["KeyId"])
    assert message.endswith("is updating.")
    refused("KMSInvalidStateException", kms[WEST].update_primary_region, KeyId=key["KeyId"], PrimaryRegion=EAST)
    welkin.advance("3s")
    assert [kms.describe(region, key)["KeyState"] for region in (EAST, WEST)] == ["Enabled", "Enabled"]
    # The new primary key rotates, once for all.
    refused("UnsupportedOperationException", kms[EAST].rotate_key_on_demand, KeyId=key["KeyId"])
    welkin.advance("2161h")
    rotations = [kms[region].list_key_rotations(KeyId=key["KeyId"])["Rotations"] for region in (EAST, WEST, IRELAND)]
    assert [len(one) for one in rotations] == [1, 1, 1] and rotations[0][0]["KeyMaterialId"] == rotations[1][0]["KeyMaterialId"]
    kms[WEST].rotate_key_on_demand(KeyId=key["KeyId"])
    kms.replicate(key, "ap-southeast-2", source=WEST)


def test_a_primary_region_must_have_a_usable_replica(kms, key):
    refused("NotFoundException", kms[EAST].update_primary_region, KeyId=key["KeyId"], PrimaryRegion=WEST)
    kms.replicate(key, WEST)
    refused("UnsupportedOperationException", kms[WEST].update_primary_region, KeyId=key["KeyId"], PrimaryRegion=EAST)
    kms[WEST].disable_key(KeyId=key["KeyId"])
    refused("DisabledException", kms[EAST].update_primary_region, KeyId=key["KeyId"], PrimaryRegion=WEST)
    kms[WEST].schedule_key_deletion(KeyId=key["KeyId"])
    refused("KMSInvalidStateException", kms[EAST].update_primary_region, KeyId=key["KeyId"], PrimaryRegion=WEST)
    single = kms[EAST].create_key()["KeyMetadata"]
    refused("NotFoundException", kms[EAST].update_primary_region, KeyId=single["KeyId"], PrimaryRegion=WEST)


def test_a_primary_key_is_deleted_after_its_replicas(welkin, kms, key):
    kms.replicate(key, WEST)
    blob = kms[EAST].encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    answer = kms[EAST].schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=8)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingReplicaDeletion", 8) and "DeletionDate" not in answer
    shown = kms.describe(EAST, key)
    assert (shown["KeyState"], shown["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 8) and "DeletionDate" not in shown
    refused("KMSInvalidStateException", kms[EAST].decrypt, CiphertextBlob=blob)
    refused("KMSInvalidStateException", kms[EAST].replicate_key, KeyId=key["KeyId"], ReplicaRegion=IRELAND)
    welkin.advance("1000h")
    assert kms[WEST].decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    kms[WEST].schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    welkin.advance("169h")
    refused("NotFoundException", kms[WEST].describe_key, KeyId=key["KeyId"])
    shown = kms.describe(EAST, key)
    assert shown["KeyState"] == "PendingDeletion" and "PendingDeletionWindowInDays" not in shown
    assert relatives(shown) == ("PRIMARY", EAST, [])
    welkin.advance("190h")
    assert kms.describe(EAST, key)["KeyState"] == "PendingDeletion"
    welkin.advance("3h")
    refused("NotFoundException", kms[EAST].describe_key, KeyId=key["KeyId"])


def test_a_deletion_that_waits_for_replicas_is_cancelled(welkin, kms, key):
    kms.replicate(key, WEST)
    kms[EAST].schedule_key_deletion(KeyId=key["KeyId"])
    assert kms[EAST].cancel_key_deletion(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    assert kms.describe(EAST, key)["KeyState"] == "Disabled"
    kms[WEST].schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    welkin.advance("169h")
    kms[EAST].enable_key(KeyId=key["KeyId"])
    assert relatives(kms.describe(EAST, key)) == ("PRIMARY", EAST, [])
    # A replica can be made again, and opens what the first one encrypted.
    kms.replicate(key, WEST)
    blob = kms[EAST].encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms[WEST].decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_imported_material_is_imported_into_each_key(welkin, kms):
    importer, west = Importer(welkin, kms[EAST]), kms[WEST]
    key, material = importer.make(MultiRegion=True), os.urandom(32)
    importer(key, material)
    replica = kms.replicate(key, WEST)["ReplicaKeyMetadata"]
    assert kms.describe(WEST, key)["KeyState"] == "PendingImport" and replica["Origin"] == "EXTERNAL"
    refused("IncorrectKeyMaterialException", importer, key, os.urandom(32), kms=west)
    refused("UnsupportedOperationException", importer, key, os.urandom(32), kms=west, ImportType="NEW_KEY_MATERIAL")
    importer(key, material, kms=west)
    blob = kms[EAST].encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert west.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    # Deleting it in one Region leaves the other.
    west.delete_imported_key_material(KeyId=key["KeyId"])
    assert (kms.describe(WEST, key)["KeyState"], kms.describe(EAST, key)["KeyState"]) == ("PendingImport", "Enabled")
    importer(key, material, kms=west)

    new = os.urandom(32)
    importer(key, new, ImportType="NEW_KEY_MATERIAL")

    def states():
        listed = [kms[region].list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"][-1] for region in (EAST, WEST)]
        return [(one["KeyMaterialState"], one["ImportState"]) for one in listed]

    waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert states() == [(waiting, "IMPORTED"), (waiting, "PENDING_IMPORT")]
    refused("KMSInvalidStateException", kms[EAST].rotate_key_on_demand, KeyId=key["KeyId"])
    importer(key, new, kms=west, ImportType="EXISTING_KEY_MATERIAL")
    assert states() == [("PENDING_ROTATION", "IMPORTED")] * 2
    kms[EAST].rotate_key_on_demand(KeyId=key["KeyId"])
    assert states() == [("CURRENT", "IMPORTED")] * 2
    rotated = west.encrypt(KeyId=key["KeyId"], Plaintext=b"y")["CiphertextBlob"]
    assert kms[EAST].decrypt(CiphertextBlob=rotated)["Plaintext"] == b"y"
    assert kms[EAST].decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_waiting_material_is_taken_back_everywhere(welkin, kms):
    importer, west = Importer(welkin, kms[EAST]), kms[WEST]
    key, material, waiting = importer.make(MultiRegion=True), os.urandom(32), os.urandom(32)
    kms.replicate(key, WEST)
    importer(key, material)
    importer(key, material, kms=west)
    id_ = importer(key, waiting, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    importer(key, waiting, kms=west)
    kms[EAST].delete_imported_key_material(KeyId=key["KeyId"], KeyMaterialId=id_)
    for region in (EAST, WEST):
        assert len(kms[region].list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]) == 1
        assert kms.describe(region, key)["KeyState"] == "Enabled"
