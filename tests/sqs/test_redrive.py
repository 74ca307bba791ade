"""Dead-letter queues and message movement tasks."""

import json

import pytest


@pytest.fixture
def arn(attributes):
    return lambda url: attributes(url)["QueueArn"]


@pytest.fixture
def pair(new_queue, arn):
    """A queue and its dead-letter queue."""

    def pair(fifo=False, count=2, **attributes):
        target = new_queue(fifo=fifo, **attributes)
        policy = json.dumps({"deadLetterTargetArn": arn(target), "maxReceiveCount": count})
        return new_queue(fifo=fifo, RedrivePolicy=policy, VisibilityTimeout=0, **attributes), target

    return pair


@pytest.fixture
def moved(sqs, arn):
    """The latest movement task of a queue."""
    return lambda url, most=1: sqs.list_message_move_tasks(SourceArn=arn(url), MaxResults=most)["Results"]


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(sqs, pair, receive, bodies, arn):
    queue, dead = pair()
    attribute = {"a": {"DataType": "String", "StringValue": "v"}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attribute)
    assert bodies(queue) == ["x"]
    last = receive(queue)[0]
    assert last["Attributes"]["ApproximateReceiveCount"] == "2"
    assert bodies(dead) == []
    assert bodies(queue) == []
    [message] = receive(dead, MessageAttributeNames=["All"])
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "x")
    assert message["MessageAttributes"] == attribute
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn(queue)
    assert message["Attributes"]["SentTimestamp"] == last["Attributes"]["SentTimestamp"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_other_messages_are_delivered_past_those_that_go(sqs, pair, bodies):
    queue, dead = pair(count=1)
    for n in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=f"dead {n}")
    assert len(bodies(queue)) == 3
    sqs.send_message(QueueUrl=queue, MessageBody="alive")
    assert bodies(queue, MaxNumberOfMessages=1) == ["alive"]
    assert sorted(bodies(dead)) == ["dead 0", "dead 1", "dead 2"]


def test_groups_go_on_when_a_message_leaves_them(sqs, pair, bodies, receive):
    queue, dead = pair(fifo=True, count=1, ContentBasedDeduplication="true")
    for body in "abc":
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId="g")
    assert bodies(queue, MaxNumberOfMessages=1) == ["a"]
    assert bodies(queue) == ["b", "c"]
    [message] = receive(dead)
    assert message["Body"] == "a" and message["Attributes"]["MessageGroupId"] == "g"


def test_policies_name_a_queue_of_the_same_kind_that_exists_and_allows_it(sqs, new_queue, arn, refused, attributes):
    queue, other, fifo = new_queue(), new_queue(), new_queue(fifo=True)

    def redrive(target, count=3, **more):
        policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": count, **more})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})

    for target in (arn(fifo), arn(other) + "-none", arn(other).replace("us-east-1", "eu-west-1")):
        with refused("InvalidParameterValue"):
            redrive(target)
    for count in (0, 1001):
        with refused("InvalidParameterValue"):
            redrive(arn(other), count)
    with refused("InvalidAttributeValue"):
        redrive("nonsense")
    redrive(arn(other))
    assert json.loads(attributes(queue)["RedrivePolicy"]) == {"deadLetterTargetArn": arn(other), "maxReceiveCount": 3}

    def allow(permission, **more):
        policy = json.dumps({"redrivePermission": permission, **more})
        sqs.set_queue_attributes(QueueUrl=other, Attributes={"RedriveAllowPolicy": policy})

    allow("denyAll")
    with refused("InvalidParameterValue"):
        redrive(arn(other))
    allow("byQueue", sourceQueueArns=[arn(fifo)])
    with refused("InvalidParameterValue"):
        redrive(arn(other))
    allow("byQueue", sourceQueueArns=[arn(queue)])
    redrive(arn(other))
    for bad in ("byQueue", "nobody"):
        with refused("InvalidAttributeValue"):
            allow(bad)


def test_sources_of_a_dead_letter_queue_are_listed(sqs, new_queue, arn):
    dead = new_queue()
    policy = json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": 3})
    sources = sorted(new_queue(RedrivePolicy=policy) for _ in range(3))
    new_queue()
    assert sorted(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"]) == sources
    pages = sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=dead, PaginationConfig={"PageSize": 2})
    assert sorted(url for page in pages for url in page["queueUrls"]) == sources
    sqs.set_queue_attributes(QueueUrl=sources[0], Attributes={"RedrivePolicy": ""})
    assert sorted(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"]) == sources[1:]


class TestMoveTask:
    @pytest.fixture
    def dead_letters(self, sqs, pair, bodies):
        """A queue, and its dead-letter queue with messages that came from it."""

        def dead_letters(number, **options):
            queue, dead = pair(count=1, **options)
            for n in range(number):
                extra = {"MessageGroupId": f"g{n % 2}"} if options.get("fifo") else {}
                sqs.send_message(QueueUrl=queue, MessageBody=str(n), **extra)
            for _ in range(number + 1):
                bodies(queue)
            return queue, dead

        return dead_letters

    def test_messages_go_back_to_where_they_came_from(self, welkin, sqs, dead_letters, arn, counts, receive, moved):
        queue, dead = dead_letters(5)
        assert counts(dead) == (5, 0, 0)
        handle = sqs.start_message_move_task(SourceArn=arn(dead))["TaskHandle"]
        assert handle
        welkin.advance("5s")
        assert (counts(queue), counts(dead)) == ((5, 0, 0), (0, 0, 0))
        assert sorted(message["Body"] for message in receive(queue)) == list("01234")
        [task] = moved(dead)
        assert task["Status"] == "COMPLETED" and "TaskHandle" not in task and "DestinationArn" not in task
        assert task["ApproximateNumberOfMessagesMoved"] == task["ApproximateNumberOfMessagesToMove"] == 5
        assert task["SourceArn"] == arn(dead) and task["StartedTimestamp"] > 0

    def test_groups_keep_their_order(self, welkin, sqs, dead_letters, arn, counts, receive):
        queue, dead = dead_letters(6, fifo=True, ContentBasedDeduplication="true")
        sqs.start_message_move_task(SourceArn=arn(dead))
        welkin.advance("5s")
        assert counts(dead) == (0, 0, 0)
        found = [(m["Attributes"]["MessageGroupId"], m["Body"]) for m in receive(queue, VisibilityTimeout=60)]
        assert [body for group, body in found if group == "g0"] == ["0", "2", "4"]
        assert [body for group, body in found if group == "g1"] == ["1", "3", "5"]

    def test_a_task_may_be_slow_is_alone_and_is_cancelled(self, welkin, sqs, dead_letters, new_queue, arn, counts, moved, refused):
        _, dead = dead_letters(5)
        elsewhere = new_queue()
        start = dict(SourceArn=arn(dead), DestinationArn=arn(elsewhere), MaxNumberOfMessagesPerSecond=1)
        handle = sqs.start_message_move_task(**start)["TaskHandle"]
        with refused("InvalidParameterValue", message="already a task running"):
            sqs.start_message_move_task(**start)
        welkin.advance("1s")
        [task] = moved(dead)
        assert (task["Status"], task["TaskHandle"], task["DestinationArn"]) == ("RUNNING", handle, arn(elsewhere))
        assert 1 <= task["ApproximateNumberOfMessagesMoved"] < 5
        count = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
        assert 1 <= count < 5
        welkin.advance("10s")
        assert counts(elsewhere)[0] == count and counts(dead)[0] == 5 - count
        assert moved(dead)[0]["Status"] == "CANCELLED"
        with refused("AWS.SimpleQueueService.UnsupportedOperation"):
            sqs.cancel_message_move_task(TaskHandle=handle)
        sqs.start_message_move_task(SourceArn=arn(dead), DestinationArn=arn(elsewhere))
        welkin.advance("5s")
        assert counts(elsewhere) == (5, 0, 0)
        assert [task["Status"] for task in moved(dead, 10)] == ["COMPLETED", "CANCELLED"]

    def test_only_dead_letter_queues_are_sources(self, sqs, dead_letters, new_queue, arn, refused):
        queue, dead = dead_letters(0)
        with refused("InvalidParameterValue", message="Source queue must be configured as a Dead Letter Queue."):
            sqs.start_message_move_task(SourceArn=arn(queue))
        with refused("ResourceNotFoundException", 404):
            sqs.start_message_move_task(SourceArn=arn(dead) + "-none")
        with refused("ResourceNotFoundException", 404):
            sqs.start_message_move_task(SourceArn=arn(dead), DestinationArn=arn(dead) + "-none")
        for options in [{"DestinationArn": "nonsense"}, {"MaxNumberOfMessagesPerSecond": 501}]:
            with refused("InvalidParameterValue"):
                sqs.start_message_move_task(SourceArn=arn(dead), **options)
        with refused("InvalidParameterValue"):
            sqs.cancel_message_move_task(TaskHandle="nonsense")

    def test_a_message_without_origin_fails_the_task(self, welkin, sqs, dead_letters, arn, counts, moved):
        _, dead = dead_letters(0)
        sqs.send_message(QueueUrl=dead, MessageBody="sent here directly")
        sqs.start_message_move_task(SourceArn=arn(dead))
        welkin.advance("5s")
        assert counts(dead) == (1, 0, 0)
        assert moved(dead)[0]["Status"] == "FAILED" and moved(dead)[0]["FailureReason"]
