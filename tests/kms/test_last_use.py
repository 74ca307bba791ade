"""GetKeyLastUsage: which operation used a key last, and where the trail has it."""

import json

import pytest

from .refusal import refused


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


def last(kms, key):
    answer = kms.get_key_last_usage(KeyId=key["KeyId"])
    assert answer["KeyId"] == key["KeyId"] and answer["TrackingStartDate"] == answer["KeyCreationDate"] == key["CreationDate"]
    return answer["KeyLastUsage"]


def test_the_last_successful_use_is_told(welkin, kms, account):
    key, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    assert last(kms, key) == {}
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    used = last(kms, key)
    assert (used["Operation"], used["KmsRequestId"]) == ("Encrypt", made["ResponseMetadata"]["RequestId"])
    trail = welkin.root(account, "cloudtrail")
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}])["Events"]
    assert used["CloudTrailEventId"] == events[0]["EventId"]
    # Neither management nor a failure is a use.
    kms.disable_key(KeyId=key["KeyId"])
    refused("DisabledException", kms.decrypt, CiphertextBlob=made["CiphertextBlob"])
    kms.enable_key(KeyId=key["KeyId"])
    refused("DryRunOperationException", kms.decrypt, CiphertextBlob=made["CiphertextBlob"], DryRun=True)
    assert last(kms, key) == used
    kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], DestinationKeyId=other["KeyId"])
    assert last(kms, key)["Operation"] == last(kms, other)["Operation"] == "ReEncrypt"
    assert last(kms, key)["CloudTrailEventId"] == last(kms, other)["CloudTrailEventId"]


def test_the_use_of_another_account_is_told_to_the_owner(welkin, kms, account):
    key, spoke = kms.create_key()["KeyMetadata"], welkin.account()
    document = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{spoke}:root"}, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(document))
    theirs = welkin.root(spoke, "kms")
    theirs.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    used = last(kms, key)
    own = welkin.root(account, "cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GenerateDataKey"}])["Events"]
    assert (used["Operation"], used["CloudTrailEventId"]) == ("GenerateDataKey", own[0]["EventId"])
    refused("AccessDeniedException", theirs.get_key_last_usage, KeyId=key["Arn"])


def test_related_keys_are_used_each_for_itself(welkin, kms, account):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")
    welkin.advance("3s")
    west = welkin.client("kms", account, region="us-west-2")
    west.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert west.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]["Operation"] == "Encrypt" and last(kms, key) == {}
    refused("NotFoundException", kms.get_key_last_usage, KeyId="alias/none")
