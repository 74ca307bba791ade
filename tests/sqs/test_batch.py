"""Batches: their limits, and errors entry by entry."""

import hashlib


def entries(*ids, **members):
    return [{"Id": id, **members} for id in ids]


def test_a_batch_is_sent_received_hidden_and_deleted(sqs, queue, receive, counts):
    sent = sqs.send_message_batch(
        QueueUrl=queue, Entries=[{"Id": f"id-{n}", "MessageBody": f"body {n}"} for n in range(10)]
    )
    assert "Failed" not in sent or sent["Failed"] == []
    for n, entry in enumerate(sent["Successful"]):
        assert entry["Id"] == f"id-{n}"
        assert entry["MD5OfMessageBody"] == hashlib.md5(f"body {n}".encode()).hexdigest()
    messages = receive(queue)
    assert [message["Body"] for message in messages] == [f"body {n}" for n in range(10)]
    assert [message["MessageId"] for message in messages] == [entry["MessageId"] for entry in sent["Successful"]]
    handles = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
    changes = [{**handle, "VisibilityTimeout": 0} for handle in handles[:5]]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=changes)
    assert [entry["Id"] for entry in changed["Successful"]] == ["0", "1", "2", "3", "4"]
    assert counts(queue) == (5, 5, 0)
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=handles)
    assert len(deleted["Successful"]) == 10
    assert counts(queue) == (0, 0, 0)


def test_entries_fail_one_by_one(sqs, queue, receive, bodies):
    sent = sqs.send_message_batch(
        QueueUrl=queue,
        Entries=[
            {"Id": "good", "MessageBody": "good"},
            {"Id": "delay", "MessageBody": "x", "DelaySeconds": 901},
            {"Id": "bad", "MessageBody": "\x01"},
        ],
    )
    assert [entry["Id"] for entry in sent["Successful"]] == ["good"]
    failed = {entry["Id"]: entry for entry in sent["Failed"]}
    assert failed["delay"]["Code"] == "InvalidParameterValue" and failed["delay"]["SenderFault"] is True
    assert failed["bad"]["Code"] == "InvalidMessageContents" and failed["bad"]["Message"]
    [message] = receive(queue)
    assert message["Body"] == "good"
    handle = message["ReceiptHandle"]
    deleted = sqs.delete_message_batch(
        QueueUrl=queue,
        Entries=[{"Id": "good", "ReceiptHandle": handle}, {"Id": "bad", "ReceiptHandle": "nonsense"}],
    )
    assert [entry["Id"] for entry in deleted["Successful"]] == ["good"]
    [entry] = deleted["Failed"]
    assert (entry["Id"], entry["Code"], entry["SenderFault"]) == ("bad", "ReceiptHandleIsInvalid", True)
    changed = sqs.change_message_visibility_batch(
        QueueUrl=queue, Entries=[{"Id": "gone", "ReceiptHandle": handle, "VisibilityTimeout": 5}]
    )
    assert [entry["Code"] for entry in changed["Failed"]] == ["InvalidParameterValue"]


def test_batches_are_held_against_the_limits(sqs, queue, refused, counts):
    calls = [
        (sqs.send_message_batch, {"MessageBody": "x"}),
        (sqs.delete_message_batch, {"ReceiptHandle": "x"}),
        (sqs.change_message_visibility_batch, {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
    ]
    prefix = "AWS.SimpleQueueService."
    for call, members in calls:
        with refused(prefix + "EmptyBatchRequest", message="There should be at least one"):
            call(QueueUrl=queue, Entries=[])
        with refused(prefix + "TooManyEntriesInBatchRequest", message="You have sent 11."):
            call(QueueUrl=queue, Entries=entries(*(f"i{n}" for n in range(11)), **members))
        with refused(prefix + "BatchEntryIdsNotDistinct", message="Id a repeated."):
            call(QueueUrl=queue, Entries=entries("a", "b", "a", **members))
        for bad in ("a b", "é", "x" * 81, ""):
            with refused(prefix + "InvalidBatchEntryId"):
                call(QueueUrl=queue, Entries=entries("ok", bad, **members))
    with refused(prefix + "BatchRequestTooLong", message="You have sent 1048580 bytes."):
        sqs.send_message_batch(QueueUrl=queue, Entries=entries("a", "b", MessageBody="x" * 524_290))
    assert counts(queue) == (0, 0, 0)
