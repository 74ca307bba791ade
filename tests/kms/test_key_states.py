"""What can be done with a key in which state.

The table of <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table>: each row is an
operation, each column what it answers: nothing for success, else the error.
"""

import json

import pytest

from .importer import Importer
from .refusal import refused

OK, STATE, OFF, CANNOT = None, "KMSInvalidStateException", "DisabledException", "UnsupportedOperationException"
STATES = "enabled", "disabled", "pending deletion", "pending import"
CONTEXT = {"EncryptionContext": {"a": "1"}}

# Operation: of an enabled key, of a disabled one, of one to be deleted, of one that waits for its material.
ROWS = {
    "CancelKeyDeletion": (STATE, STATE, OK, STATE),
    "CreateAlias": (OK, OK, STATE, OK),
    "CreateGrant": (OK, OFF, STATE, STATE),
    "Decrypt": (OK, OFF, STATE, STATE),
    "DeleteAlias": (OK, OK, OK, OK),
    "DeleteImportedKeyMaterial": (CANNOT, CANNOT, CANNOT, OK),
    "DescribeKey": (OK, OK, OK, OK),
    "DisableKey": (OK, OK, STATE, STATE),
    "DisableKeyRotation": (OK, OFF, STATE, CANNOT),
    "EnableKey": (OK, OK, STATE, STATE),
    "EnableKeyRotation": (OK, OFF, STATE, CANNOT),
    "Encrypt": (OK, OFF, STATE, STATE),
    "GenerateDataKey": (OK, OFF, STATE, STATE),
    "GenerateDataKeyPair": (OK, OFF, STATE, STATE),
    "GenerateDataKeyPairWithoutPlaintext": (OK, OFF, STATE, STATE),
    "GenerateDataKeyWithoutPlaintext": (OK, OFF, STATE, STATE),
    "GetKeyPolicy": (OK, OK, OK, OK),
    "GetParametersForImport": (CANNOT, CANNOT, CANNOT, OK),
    "ListAliases": (OK, OK, OK, OK),
    "ListGrants": (OK, OK, OK, OK),
    "ListKeyPolicies": (OK, OK, OK, OK),
    "ListKeyRotations": (OK, OK, OK, OK),
    "ListResourceTags": (OK, OK, OK, OK),
    "PutKeyPolicy": (OK, OK, OK, OK),
    "ReEncrypt": (OK, OFF, STATE, STATE),
    "RotateKeyOnDemand": (OK, OFF, STATE, STATE),
    "RetireGrant": (OK, OK, OK, None),
    "RevokeGrant": (OK, OK, OK, None),
    "ScheduleKeyDeletion": (OK, OK, STATE, OK),
    "TagResource": (OK, OK, STATE, OK),
    "UntagResource": (OK, OK, STATE, OK),
    "UpdateAlias": (OK, OK, STATE, OK),
    "UpdateKeyDescription": (OK, OK, STATE, OK),
}


class Subject:
    """A key in a state, with an alias, grants and a ciphertext."""

    def __init__(self, welkin, kms, account, state):
        self.welkin, self.kms, self.account = welkin, kms, account
        origin = "EXTERNAL" if state == "pending import" else "AWS_KMS"
        self.key = kms.create_key(Origin=origin)["KeyMetadata"]
        self.id = self.key["KeyId"]
        self.name = f"alias/{state.replace(' ', '-')}"
        if state != "pending import":
            self.blob = kms.encrypt(KeyId=self.id, Plaintext=b"x", **CONTEXT)["CiphertextBlob"]
            self.retirable, self.revocable = (self.grant(name) for name in ("retirable", "revocable"))
        kms.create_alias(AliasName=self.name, TargetKeyId=self.id)
        if state == "disabled":
            kms.disable_key(KeyId=self.id)
        if state == "pending deletion":
            kms.schedule_key_deletion(KeyId=self.id)

    def grant(self, name):
        root = f"arn:aws:iam::{self.account}:root"
        return self.kms.create_grant(KeyId=self.id, GranteePrincipal=root, RetiringPrincipal=root, Operations=["Decrypt"], Name=name)["GrantId"]

    def calls(self):
        kms, key = self.kms, {"KeyId": self.id}
        blob = getattr(self, "blob", None)
        policy = kms.get_key_policy(**key)["Policy"]
        # Where there is no ciphertext yet, one of another key shows as little: only the dry run is of use.
        decrypt = {"CiphertextBlob": blob, **CONTEXT} if blob else {"CiphertextBlob": b"x", "DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
        re_encrypt = {"CiphertextBlob": blob, "SourceEncryptionContext": {"a": "1"}, "DestinationKeyId": self.id} if blob else None
        return {
            "DescribeKey": lambda: kms.describe_key(**key),
            "GetKeyPolicy": lambda: kms.get_key_policy(**key),
            "ListAliases": lambda: kms.list_aliases(**key),
            "ListGrants": lambda: kms.list_grants(**key),
            "ListKeyPolicies": lambda: kms.list_key_policies(**key),
            "ListKeyRotations": lambda: kms.list_key_rotations(**key),
            "ListResourceTags": lambda: kms.list_resource_tags(**key),
            "PutKeyPolicy": lambda: kms.put_key_policy(**key, Policy=policy),
            "CreateAlias": lambda: kms.create_alias(AliasName=self.name + "-new", TargetKeyId=self.id),
            "UpdateAlias": lambda: kms.update_alias(AliasName=self.name, TargetKeyId=self.id),
            "DeleteAlias": lambda: kms.delete_alias(AliasName=self.name),
            "TagResource": lambda: kms.tag_resource(**key, Tags=[{"TagKey": "a", "TagValue": "1"}]),
            "UntagResource": lambda: kms.untag_resource(**key, TagKeys=["a"]),
            "UpdateKeyDescription": lambda: kms.update_key_description(**key, Description="other"),
            "CreateGrant": lambda: self.grant("another"),
            "RetireGrant": (lambda: kms.retire_grant(KeyId=self.key["Arn"], GrantId=self.retirable)) if blob else None,
            "RevokeGrant": (lambda: kms.revoke_grant(**key, GrantId=self.revocable)) if blob else None,
            "Encrypt": lambda: kms.encrypt(**key, Plaintext=b"x"),
            "Decrypt": lambda: kms.decrypt(**key, **decrypt),
            "ReEncrypt": (lambda: kms.re_encrypt(**re_encrypt)) if blob else None,
            "GenerateDataKey": lambda: kms.generate_data_key(**key, KeySpec="AES_256"),
            "GenerateDataKeyWithoutPlaintext": lambda: kms.generate_data_key_without_plaintext(**key, KeySpec="AES_256"),
            "GenerateDataKeyPair": lambda: kms.generate_data_key_pair(**key, KeyPairSpec="ECC_NIST_P256"),
            "GenerateDataKeyPairWithoutPlaintext": lambda: kms.generate_data_key_pair_without_plaintext(**key, KeyPairSpec="ECC_NIST_P256"),
            "EnableKeyRotation": lambda: kms.enable_key_rotation(**key),
            "DisableKeyRotation": lambda: kms.disable_key_rotation(**key),
            "RotateKeyOnDemand": lambda: kms.rotate_key_on_demand(**key),
            "GetParametersForImport": lambda: Importer(self.welkin, kms).parameters(key),
            "DeleteImportedKeyMaterial": lambda: kms.delete_imported_key_material(**key),
            # What changes the state comes last, and is undone.
            "EnableKey": self.then(lambda: kms.enable_key(**key)),
            "DisableKey": self.then(lambda: kms.disable_key(**key)),
            "CancelKeyDeletion": self.then(lambda: kms.cancel_key_deletion(**key)),
            "ScheduleKeyDeletion": lambda: kms.schedule_key_deletion(**key),
        }

    def then(self, call):
        """Makes the call, and brings the key back to the state it had."""
        def made():
            before = self.kms.describe_key(KeyId=self.id)["KeyMetadata"]["KeyState"]
            call()
            if before == "Enabled":
                self.kms.enable_key(KeyId=self.id)
            if before == "Disabled":
                self.kms.disable_key(KeyId=self.id)
            if before == "PendingDeletion":
                self.kms.schedule_key_deletion(KeyId=self.id)
        return made


@pytest.mark.parametrize("state", STATES)
def test_the_documented_table_of_key_states(welkin, account, state):
    kms = welkin.client("kms", account)
    subject = Subject(welkin, kms, account, state)
    calls = subject.calls()
    assert set(calls) == set(ROWS)
    for operation, call in calls.items():
        expected = ROWS[operation][STATES.index(state)]
        if call is None:
            continue
        if expected is None:
            call()
            continue
        message = refused(expected, call)
        if expected == STATE and operation != "CancelKeyDeletion":
            assert message.startswith(subject.key["Arn"]) and state in message, operation
        if expected == OFF:
            assert message == f"{subject.key['Arn']} is disabled.", operation
    end = kms.describe_key(KeyId=subject.id)["KeyMetadata"]
    assert end["KeyState"] == "PendingDeletion"


def test_an_alias_leaves_a_key_that_is_to_be_deleted(welkin, account):
    kms = welkin.client("kms", account)
    old, new = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/moves", TargetKeyId=old)
    kms.schedule_key_deletion(KeyId=old)
    kms.update_alias(AliasName="alias/moves", TargetKeyId=new)
    assert kms.describe_key(KeyId="alias/moves")["KeyMetadata"]["KeyId"] == new
    refused("KMSInvalidStateException", kms.update_alias, AliasName="alias/moves", TargetKeyId=old)


def test_a_policy_is_replaced_while_the_key_waits_for_its_deletion(welkin, account):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key)
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    policy["Id"] = "other"
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Id"] == "other"


@pytest.mark.parametrize("operation, input", [
    ("create_custom_key_store", {"CustomKeyStoreName": "store"}),
    ("describe_custom_key_stores", {}),
    ("connect_custom_key_store", {"CustomKeyStoreId": "cks-1"}),
    ("disconnect_custom_key_store", {"CustomKeyStoreId": "cks-1"}),
    ("update_custom_key_store", {"CustomKeyStoreId": "cks-1"}),
    ("delete_custom_key_store", {"CustomKeyStoreId": "cks-1"}),
])
def test_custom_key_stores_are_refused_by_name(welkin, account, operation, input):
    name = "".join(word.capitalize() for word in operation.split("_"))
    assert name in refused("NotImplemented", getattr(welkin.client("kms", account), operation), **input)


@pytest.mark.parametrize("input", [
    {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"},
    {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1", "XksKeyId": "k"},
    {"CustomKeyStoreId": "cks-1"},
])
def test_keys_in_custom_key_stores_are_refused_by_name(welkin, account, input):
    kms = welkin.client("kms", account)
    assert "custom key stores" in refused("NotImplemented", kms.create_key, **input)
    assert kms.list_keys()["Keys"] == []
    assert "custom key stores" in refused("NotImplemented", kms.generate_random, NumberOfBytes=8, CustomKeyStoreId="cks-1")
