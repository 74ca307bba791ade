"""Messages of standard queues: sending, receiving, hiding and deleting them."""

import hashlib
import struct
import threading
import time

import pytest


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def md5_of_attributes(attributes):
    """By the rules of the developer guide: length and bytes of name, type and value, in the order of the names."""
    digest = hashlib.md5()

    def part(data):
        digest.update(struct.pack(">I", len(data)) + data)

    for name in sorted(attributes):
        attribute = attributes[name]
        part(name.encode())
        part(attribute["DataType"].encode())
        text = attribute.get("StringValue")
        digest.update(b"\x01" if text is not None else b"\x02")
        part(text.encode() if text is not None else attribute["BinaryValue"])
    return digest.hexdigest()


ATTRIBUTES = {
    "text.one": {"DataType": "String", "StringValue": "grüezi"},
    "text.two": {"DataType": "String.label", "StringValue": "b"},
    "number": {"DataType": "Number", "StringValue": "-1.5e3"},
    "bytes": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff\x7f"},
}


def test_a_message_comes_as_it_was_sent_with_its_digests(sqs, queue, account, receive, counts):
    body = "<a>\t\r\n é \U0001f600 & \"quotes\"</a>"
    sent = sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=ATTRIBUTES)
    assert sent["MD5OfMessageBody"] == md5(body)
    assert sent["MD5OfMessageAttributes"] == md5_of_attributes(ATTRIBUTES)
    assert "SequenceNumber" not in sent
    assert counts(queue) == (1, 0, 0)
    before = time.time() * 1000
    [message] = receive(queue, MessageAttributeNames=["All"])
    assert (message["MessageId"], message["Body"], message["MD5OfBody"]) == (sent["MessageId"], body, md5(body))
    assert message["MessageAttributes"] == ATTRIBUTES
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    system = message["Attributes"]
    assert system["SenderId"] == account
    assert system["ApproximateReceiveCount"] == "1"
    assert int(system["SentTimestamp"]) <= int(system["ApproximateFirstReceiveTimestamp"])
    assert abs(int(system["ApproximateFirstReceiveTimestamp"]) - before) < 86_400_000 * 400
    assert counts(queue) == (0, 1, 0)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert counts(queue) == (0, 0, 0)


@pytest.mark.parametrize(
    "wanted, names",
    [
        (["All"], {"text.one", "text.two", "number", "bytes"}),
        ([".*"], {"text.one", "text.two", "number", "bytes"}),
        (["text.*", "none"], {"text.one", "text.two"}),
        (["number"], {"number"}),
        ([], set()),
    ],
)
def test_receivers_get_the_attributes_that_they_ask_for(sqs, queue, receive, wanted, names):
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=ATTRIBUTES)
    [message] = receive(queue, MessageAttributeNames=wanted, MessageSystemAttributeNames=["SentTimestamp"])
    found = message.get("MessageAttributes", {})
    assert set(found) == names
    assert message.get("MD5OfMessageAttributes") == (md5_of_attributes(found) if found else None)
    assert set(message["Attributes"]) == {"SentTimestamp"}


def test_the_older_parameter_for_attributes_works_too(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    [message] = sqs.receive_message(QueueUrl=queue, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert message["Attributes"] == {"ApproximateReceiveCount": "1"}


def test_a_trace_header_is_carried(sqs, queue, receive, refused):
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageSystemAttributes=header)
    assert sent["MD5OfMessageSystemAttributes"] == md5_of_attributes(header)
    assert receive(queue)[0]["Attributes"]["AWSTraceHeader"] == header["AWSTraceHeader"]["StringValue"]
    with refused("InvalidParameterValue"):
        other = {"Other": header["AWSTraceHeader"]}
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageSystemAttributes=other)


def test_messages_that_break_the_rules_are_refused_and_not_stored(sqs, new_queue, refused, counts):
    queue = new_queue(MaximumMessageSize=1024)
    for body, code in [("\x00", "InvalidMessageContents"), ("\ufffe", "InvalidMessageContents")]:
        with refused(code):
            sqs.send_message(QueueUrl=queue, MessageBody=body)
    with refused("MissingParameter", message="MessageBody"):
        sqs.send_message(QueueUrl=queue, MessageBody="")
    with refused("InvalidParameterValue", message="Message must be shorter than 1024 bytes."):
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 1025)
    attribute = {"a": {"DataType": "String", "StringValue": "v" * 20}}
    with refused("InvalidParameterValue", message="Message must be shorter than 1024 bytes."):
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 1000, MessageAttributes=attribute)
    for name, data_type, value in [
        ("aws.x", "String", "v"),
        ("a..b", "String", "v"),
        ("a", "Text", "v"),
        ("a", "String", ""),
        ("a", "Number", "seven"),
    ]:
        with refused("InvalidParameterValue"):
            attribute = {name: {"DataType": data_type, "StringValue": value}}
            sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attribute)
    with refused("InvalidParameterValue", message="Number of message attributes [11] exceeds the allowed maximum [10]"):
        many = {f"a{n}": {"DataType": "String", "StringValue": "v"} for n in range(11)}
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=many)
    with refused("InvalidParameterValue"):
        sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=901)
    with refused("InvalidParameterValue"):
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageDeduplicationId="d")
    assert counts(queue) == (0, 0, 0)


def test_a_message_may_have_a_mebibyte(sqs, queue, receive):
    body = "x" * 1_048_576
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    assert receive(queue)[0]["Body"] == body


@pytest.mark.parametrize(
    "options",
    [
        {"MaxNumberOfMessages": 0},
        {"MaxNumberOfMessages": 11},
        {"VisibilityTimeout": -1},
        {"VisibilityTimeout": 43201},
        {"WaitTimeSeconds": 21},
        {"ReceiveRequestAttemptId": "x"},
    ],
)
def test_receivers_stay_within_limits(sqs, queue, refused, options):
    with refused("InvalidParameterValue"):
        sqs.receive_message(QueueUrl=queue, **options)


def test_unknown_system_attributes_are_refused(sqs, queue, refused):
    with refused("InvalidAttributeName"):
        sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["Colour"])


def test_a_received_message_is_hidden_until_its_timeout(welkin, sqs, new_queue, receive, bodies):
    queue = new_queue(VisibilityTimeout=60)
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    first = receive(queue)[0]
    assert bodies(queue) == []
    welkin.advance("59s")
    assert bodies(queue) == []
    welkin.advance("2s")
    second = receive(queue, VisibilityTimeout=10)[0]
    assert second["MessageId"] == first["MessageId"]
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        assert second["Attributes"][name] == first["Attributes"][name]
    welkin.advance("11s")
    assert bodies(queue) == ["a"]


def test_a_timeout_of_zero_leaves_the_message_visible(sqs, queue, bodies):
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    assert bodies(queue, VisibilityTimeout=0) == ["a"]
    assert bodies(queue) == ["a"]


def test_delays_of_queue_and_message(welkin, sqs, new_queue, bodies, counts):
    queue = new_queue(DelaySeconds=30)
    sqs.send_message(QueueUrl=queue, MessageBody="by the queue")
    sqs.send_message(QueueUrl=queue, MessageBody="by itself", DelaySeconds=100)
    sqs.send_message(QueueUrl=queue, MessageBody="at once", DelaySeconds=0)
    assert counts(queue) == (1, 0, 2)
    assert bodies(queue, VisibilityTimeout=1000) == ["at once"]
    welkin.advance("31s")
    assert bodies(queue, VisibilityTimeout=1000) == ["by the queue"]
    assert counts(queue) == (0, 2, 1)
    welkin.advance("70s")
    assert bodies(queue, VisibilityTimeout=1000) == ["by itself"]


def test_messages_expire_by_the_retention_of_the_queue(welkin, sqs, new_queue, bodies, counts):
    queue = new_queue(MessageRetentionPeriod=120)
    sqs.send_message(QueueUrl=queue, MessageBody="old")
    assert bodies(queue, VisibilityTimeout=1000) == ["old"]
    welkin.advance("60s")
    sqs.send_message(QueueUrl=queue, MessageBody="young")
    assert counts(queue) == (1, 1, 0)
    welkin.advance("61s")
    assert counts(queue) == (1, 0, 0), "the one in flight expired as well"
    assert bodies(queue, VisibilityTimeout=0) == ["young"]
    welkin.advance("60s")
    assert counts(queue) == (0, 0, 0)


def test_a_shorter_retention_holds_for_messages_that_are_there(welkin, sqs, queue, counts):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    welkin.advance("2m")
    assert counts(queue) == (1, 0, 0)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "60"})
    welkin.advance("1s")
    assert counts(queue) == (0, 0, 0)


def test_messages_come_in_order_while_nobody_competes(sqs, queue, bodies):
    for n in range(25):
        sqs.send_message(QueueUrl=queue, MessageBody=str(n))
    found = bodies(queue) + bodies(queue) + bodies(queue)
    assert found == [str(n) for n in range(25)]


class TestLongPoll:
    def test_it_answers_at_once_when_a_message_is_sent(self, sqs, queue):
        answers = []

        def poll():
            started = time.monotonic()
            found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", [])
            answers.append(([message["Body"] for message in found], time.monotonic() - started))

        poller = threading.Thread(target=poll)
        poller.start()
        time.sleep(1)
        assert answers == []
        sqs.send_message(QueueUrl=queue, MessageBody="here")
        poller.join(5)
        [(found, took)] = answers
        assert found == ["here"] and 0.9 < took < 3

    def test_it_answers_with_nothing_when_its_time_is_over(self, sqs, new_queue, bodies):
        queue = new_queue(ReceiveMessageWaitTimeSeconds=1)
        started = time.monotonic()
        assert bodies(queue) == []
        assert 0.9 < time.monotonic() - started < 3

    def test_it_ends_by_the_clock_that_the_user_advances(self, welkin, sqs, queue):
        answers = []
        poll = threading.Thread(target=lambda: answers.append(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
        poll.start()
        time.sleep(0.5)
        welkin.advance("20s")
        poll.join(5)
        assert len(answers) == 1 and "Messages" not in answers[0]

    def test_it_sees_a_message_that_becomes_visible_meanwhile(self, sqs, queue, bodies):
        sqs.send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=1)
        started = time.monotonic()
        assert bodies(queue, WaitTimeSeconds=10) == ["late"]
        assert 0.5 < time.monotonic() - started < 4

    def test_it_sees_a_message_that_is_released(self, sqs, queue, receive, bodies):
        sqs.send_message(QueueUrl=queue, MessageBody="released")
        handle = receive(queue)[0]["ReceiptHandle"]
        release = lambda: sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
        timer = threading.Timer(0.5, release)
        timer.start()
        started = time.monotonic()
        assert bodies(queue, WaitTimeSeconds=10) == ["released"]
        assert time.monotonic() - started < 4
        timer.join()


class TestVisibility:
    def test_it_is_extended_and_ended_from_now(self, welkin, sqs, queue, receive, bodies):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue, VisibilityTimeout=30)[0]["ReceiptHandle"]
        welkin.advance("20s")
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=30)
        welkin.advance("25s")
        assert bodies(queue) == []
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
        assert bodies(queue) == ["a"]

    def test_the_handle_still_deletes_after_a_change(self, sqs, queue, receive, counts):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue)[0]["ReceiptHandle"]
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=100)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
        assert counts(queue) == (0, 0, 0)

    def test_what_is_not_in_flight_cannot_be_changed(self, welkin, sqs, queue, receive, refused):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue, VisibilityTimeout=10)[0]["ReceiptHandle"]
        change = lambda timeout: sqs.change_message_visibility(
            QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=timeout
        )
        with refused("InvalidParameterValue"):
            change(43201)
        with refused("InvalidParameterValue"):
            change(-1)
        welkin.advance("11s")
        with refused("AWS.SimpleQueueService.MessageNotInflight"):
            change(10)
        receive(queue)
        with refused("InvalidParameterValue", message="not available for visibility timeout change"):
            change(10)

    def test_twelve_hours_are_the_most_since_the_message_was_received(self, welkin, sqs, queue, receive, refused):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue, VisibilityTimeout=3600)[0]["ReceiptHandle"]
        welkin.advance("10m")
        with refused("InvalidParameterValue", message="beyond the limit [43200 seconds]"):
            sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=43200)
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=42000)


class TestDelete:
    def test_deleting_twice_succeeds(self, sqs, queue, receive, counts):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue)[0]["ReceiptHandle"]
        for _ in range(2):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
        assert counts(queue) == (0, 0, 0)

    def test_the_last_handle_deletes_also_when_the_message_is_visible_again(self, welkin, sqs, queue, receive, counts):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue, VisibilityTimeout=10)[0]["ReceiptHandle"]
        welkin.advance("11s")
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
        assert counts(queue) == (0, 0, 0)

    def test_an_older_handle_succeeds_and_deletes_nothing(self, sqs, queue, receive, counts):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        old = receive(queue, VisibilityTimeout=0)[0]["ReceiptHandle"]
        receive(queue)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=old)
        assert counts(queue) == (0, 1, 0)

    def test_handles_are_not_made_up_nor_taken_elsewhere(self, sqs, queue, new_queue, receive, refused, counts):
        sqs.send_message(QueueUrl=queue, MessageBody="a")
        handle = receive(queue)[0]["ReceiptHandle"]
        changed = handle[:20] + ("A" if handle[20] != "A" else "B") + handle[21:]
        for url, given in [(queue, "nonsense"), (queue, changed), (new_queue(), handle)]:
            with refused("ReceiptHandleIsInvalid", 404):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=given)
        assert counts(queue) == (0, 1, 0)
