"""Server-side encryption with keys of KMS."""

import json

import pytest


@pytest.fixture
def kms(welkin, account):
    return welkin.client("kms", account)


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture
def calls(welkin, account):
    """Names of the KMS calls with data keys that the trail has of the account, in order."""

    def calls():
        trail = welkin.client("cloudtrail", account)
        source = [{"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"}]
        pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=source)
        events = [event for page in pages for event in page["Events"]]
        return sorted(e["EventName"] for e in events if e["EventName"] in ("GenerateDataKey", "Decrypt"))

    return calls


def test_messages_are_encrypted_by_data_keys_that_are_reused(welkin, sqs, new_queue, key, calls, bodies):
    queue = new_queue(KmsMasterKeyId=key, KmsDataKeyReusePeriodSeconds=60)
    for n in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=f"secret {n}")
    assert bodies(queue) == ["secret 0", "secret 1", "secret 2"]
    assert calls() == ["Decrypt", "Decrypt", "GenerateDataKey"]
    welkin.advance("61s")
    sqs.send_message(QueueUrl=queue, MessageBody="secret 3")
    assert calls() == ["Decrypt"] * 3 + ["GenerateDataKey"] * 2


def test_callers_use_the_key_with_their_own_rights(welkin, sqs, account, new_queue, key, refused, counts, bodies):
    queue = new_queue(KmsMasterKeyId=key)

    def user(*actions):
        statement = {"Effect": "Allow", "Action": ["sqs:*", *actions], "Resource": "*"}
        return welkin.client("sqs", **welkin.user(account, {"Version": "2012-10-17", "Statement": [statement]}))

    with refused("KMS.AccessDeniedException", message="kms:GenerateDataKey"):
        user().send_message(QueueUrl=queue, MessageBody="x")
    assert counts(queue) == (0, 0, 0)
    user("kms:GenerateDataKey", "kms:Decrypt").send_message(QueueUrl=queue, MessageBody="x")
    with refused("KMS.AccessDeniedException", message="kms:Decrypt"):
        user().receive_message(QueueUrl=queue)
    assert counts(queue) == (1, 0, 0), "what cannot be decrypted stays visible"
    assert user("kms:Decrypt").receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "x"


def test_keys_that_cannot_be_used_are_told(sqs, kms, new_queue, key, refused):
    queue = new_queue(KmsMasterKeyId=key)
    kms.disable_key(KeyId=key)
    with refused("KMS.DisabledException"):
        sqs.send_message(QueueUrl=queue, MessageBody="x")
    missing = new_queue(KmsMasterKeyId="alias/none")
    with refused("KMS.NotFoundException"):
        sqs.send_message(QueueUrl=missing, MessageBody="x")


def test_messages_stay_readable_when_the_setting_changes(sqs, new_queue, key, bodies, attributes):
    queue = new_queue(KmsMasterKeyId=key)
    assert attributes(queue)["SqsManagedSseEnabled"] == "false"
    sqs.send_message(QueueUrl=queue, MessageBody="by kms")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"SqsManagedSseEnabled": "true"})
    assert "KmsMasterKeyId" not in attributes(queue)
    sqs.send_message(QueueUrl=queue, MessageBody="by sqs")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"SqsManagedSseEnabled": "false"})
    sqs.send_message(QueueUrl=queue, MessageBody="plain")
    assert bodies(queue) == ["by kms", "by sqs", "plain"]


def test_a_dead_letter_keeps_its_encryption(sqs, new_queue, key, bodies, attributes):
    dead = new_queue()
    redrive = json.dumps({"deadLetterTargetArn": attributes(dead)["QueueArn"], "maxReceiveCount": 1})
    queue = new_queue(KmsMasterKeyId=key, RedrivePolicy=redrive, VisibilityTimeout=0)
    sqs.send_message(QueueUrl=queue, MessageBody="secret")
    assert bodies(queue) == ["secret"]
    assert bodies(queue) == []
    assert bodies(dead) == ["secret"]
