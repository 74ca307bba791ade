"""FIFO queues: order, deduplication, groups and receive attempts."""

import pytest


@pytest.fixture
def send(sqs):
    def send(url, body, group="g", id=None, **options):
        if id is not None:
            options["MessageDeduplicationId"] = id
        return sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, **options)

    return send


@pytest.fixture
def fifo(new_queue):
    return new_queue(fifo=True, ContentBasedDeduplication="true")


def test_groups_keep_their_order_and_have_one_batch_in_flight(sqs, fifo, send, receive, bodies):
    for n in range(12):
        send(fifo, f"a{n}", "a")
    send(fifo, "b0", "b")
    first = receive(fifo, MaxNumberOfMessages=3)
    assert [message["Body"] for message in first] == ["a0", "a1", "a2"]
    assert bodies(fifo) == ["b0"], "the rest of group a waits for those in flight"
    assert bodies(fifo) == []
    for message in first[:2]:
        sqs.delete_message(QueueUrl=fifo, ReceiptHandle=message["ReceiptHandle"])
    assert bodies(fifo) == [], "one of the batch is still in flight"
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first[2]["ReceiptHandle"])
    assert bodies(fifo) == [f"a{n}" for n in range(3, 12)]


def test_what_was_not_deleted_comes_again_first(welkin, sqs, fifo, send, receive, bodies):
    for body in "abc":
        send(fifo, body)
    first, second = receive(fifo, MaxNumberOfMessages=2, VisibilityTimeout=10)
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=second["ReceiptHandle"])
    assert bodies(fifo) == []
    welkin.advance("11s")
    assert bodies(fifo, VisibilityTimeout=10) == ["a", "c"]
    welkin.advance("11s")
    again = receive(fifo, MaxNumberOfMessages=1)[0]
    assert again["Body"] == "a"
    sqs.change_message_visibility(QueueUrl=fifo, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
    assert bodies(fifo) == ["a", "c"]


def test_messages_tell_their_group_id_and_sequence_number(fifo, send, receive):
    sent = [send(fifo, str(n), "g", id=f"d{n}") for n in range(5)]
    numbers = [int(answer["SequenceNumber"]) for answer in sent]
    assert numbers == sorted(set(numbers)) and all(len(str(number)) == 20 for number in numbers)
    for answer, message in zip(sent, receive(fifo), strict=True):
        attributes = message["Attributes"]
        assert attributes["SequenceNumber"] == answer["SequenceNumber"]
        assert attributes["MessageGroupId"] == "g"
        assert attributes["MessageDeduplicationId"] == f"d{message['Body']}"


def test_a_duplicate_is_accepted_and_not_delivered_for_five_minutes(welkin, sqs, new_queue, send, receive, bodies):
    fifo = new_queue(fifo=True)
    first = send(fifo, "one", id="d")
    again = send(fifo, "two", id="d", group="other")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    [message] = receive(fifo)
    assert message["Body"] == "one"
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=message["ReceiptHandle"])
    welkin.advance("4m")
    send(fifo, "three", id="d")
    assert bodies(fifo) == [], "it is remembered also after the message was deleted"
    welkin.advance("61s")
    send(fifo, "four", id="d")
    assert bodies(fifo) == ["four"]


def test_content_based_ids_are_digests_of_the_body(fifo, send, receive):
    import hashlib

    attribute = {"a": {"DataType": "String", "StringValue": "v"}}
    send(fifo, "same", MessageAttributes=attribute)
    send(fifo, "same")
    digest = hashlib.sha256(b"same").hexdigest()
    send(fifo, "other", id=digest)
    [message] = receive(fifo)
    assert message["Attributes"]["MessageDeduplicationId"] == digest


def test_deduplication_may_count_within_groups(new_queue, send, bodies):
    fifo = new_queue(fifo=True, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    send(fifo, "a", "a", id="d")
    send(fifo, "b", "b", id="d")
    send(fifo, "c", "b", id="d")
    assert sorted(bodies(fifo)) == ["a", "b"]


def test_group_and_deduplication_id_are_needed_and_delays_refused(sqs, new_queue, send, refused, counts):
    fifo = new_queue(fifo=True)
    with refused("MissingParameter", message="The request must contain the parameter MessageGroupId."):
        sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageDeduplicationId="d")
    with refused("InvalidParameterValue", message="ContentBasedDeduplication"):
        send(fifo, "x")
    with refused("InvalidParameterValue"):
        send(fifo, "x", id="d", DelaySeconds=1)
    for bad in ("a b", "é", "x" * 129):
        with refused("InvalidParameterValue"):
            send(fifo, "x", group=bad, id="d")
        with refused("InvalidParameterValue"):
            send(fifo, "x", id=bad)
    assert counts(fifo) == (0, 0, 0)


def test_a_queue_delay_holds_for_its_groups(welkin, new_queue, send, bodies, counts):
    fifo = new_queue(fifo=True, ContentBasedDeduplication="true", DelaySeconds=10)
    send(fifo, "a")
    assert counts(fifo) == (0, 0, 1) and bodies(fifo) == []
    welkin.advance("11s")
    assert bodies(fifo) == ["a"]


def test_an_expired_handle_does_not_delete(welkin, sqs, fifo, send, receive, refused, bodies):
    send(fifo, "a")
    handle = receive(fifo, VisibilityTimeout=5)[0]["ReceiptHandle"]
    welkin.advance("6s")
    with refused("InvalidParameterValue", message="Reason: The receipt handle has expired."):
        sqs.delete_message(QueueUrl=fifo, ReceiptHandle=handle)
    assert bodies(fifo) == ["a"]


def test_an_attempt_made_again_gets_the_same_messages_and_handles(welkin, sqs, fifo, send, receive):
    for body in "abc":
        send(fifo, body)
    first = receive(fifo, ReceiveRequestAttemptId="try", MaxNumberOfMessages=2, VisibilityTimeout=30)
    welkin.advance("20s")
    again = receive(fifo, ReceiveRequestAttemptId="try", MaxNumberOfMessages=2, VisibilityTimeout=30)
    assert [(m["Body"], m["ReceiptHandle"]) for m in again] == [(m["Body"], m["ReceiptHandle"]) for m in first]
    welkin.advance("20s")
    assert receive(fifo) == [], "the timeout began anew"
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first[0]["ReceiptHandle"])
    assert receive(fifo, ReceiveRequestAttemptId="try") == [], "one was deleted: it is a new attempt"


def test_counts_tell_visible_and_in_flight(sqs, fifo, send, receive, counts):
    for body in "abcd":
        send(fifo, body)
    assert counts(fifo) == (4, 0, 0)
    handle = receive(fifo, MaxNumberOfMessages=1)[0]["ReceiptHandle"]
    assert counts(fifo) == (3, 1, 0)
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=handle)
    assert counts(fifo) == (3, 0, 0)


def test_messages_of_groups_expire(welkin, sqs, new_queue, send, bodies, counts):
    fifo = new_queue(fifo=True, ContentBasedDeduplication="true", MessageRetentionPeriod=60)
    send(fifo, "old")
    assert bodies(fifo, VisibilityTimeout=600) == ["old"]
    send(fifo, "next")
    welkin.advance("61s")
    assert counts(fifo) == (0, 0, 0)
    send(fifo, "new")
    assert bodies(fifo) == ["new"], "the group is not locked by what expired in flight"


def test_purging_empties_groups_and_keeps_deduplication(sqs, fifo, send, bodies, counts):
    send(fifo, "a")
    bodies(fifo)
    sqs.purge_queue(QueueUrl=fifo)
    send(fifo, "a")
    assert counts(fifo) == (0, 0, 0)
    send(fifo, "b")
    assert bodies(fifo) == ["b"]


def test_a_batch_keeps_its_order(sqs, fifo, bodies):
    batch = [{"Id": str(n), "MessageBody": str(n), "MessageGroupId": "g"} for n in range(10)]
    answer = sqs.send_message_batch(QueueUrl=fifo, Entries=batch)
    numbers = [int(entry["SequenceNumber"]) for entry in answer["Successful"]]
    assert numbers == sorted(set(numbers)) and len(numbers) == 10
    assert bodies(fifo) == [str(n) for n in range(10)]
