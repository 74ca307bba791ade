"""Archives of FIFO topics and replays of what is in them."""

import datetime
import json

import pytest

KEEP = json.dumps({"MessageRetentionPeriod": "30"})


@pytest.fixture
def archived(new_topic):
    """A FIFO topic with an archive."""
    return new_topic(fifo=True, ArchivePolicy=KEEP, ContentBasedDeduplication="true")


@pytest.fixture
def publish(sns):
    """Publishes messages to a group of a topic."""

    def publish(topic, *messages, group="g", **more):
        for message in messages:
            sns.publish(TopicArn=topic, Message=message, MessageGroupId=group, **more)

    return publish


def iso(time):
    return time.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def policy(start, end=None):
    points = {"PointType": "Timestamp", "StartingPoint": start} | ({"EndingPoint": end} if end else {})
    return json.dumps(points)


def status(sns, subscription):
    return sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"].get("ReplayStatus")


def test_a_topic_with_an_archive_says_since_when_and_is_not_deleted(sns, welkin, new_topic, refused, attributes):
    topic = new_topic(fifo=True)
    assert "ArchivePolicy" not in attributes(topic) and "BeginningArchiveTime" not in attributes(topic)
    set_policy = lambda value: sns.set_topic_attributes(TopicArn=topic, AttributeName="ArchivePolicy", AttributeValue=value)  # noqa: E731
    set_policy(KEEP)
    begun = attributes(topic)["BeginningArchiveTime"]
    assert abs(datetime.datetime.fromisoformat(begun) - welkin.now()) < datetime.timedelta(minutes=1)
    assert json.loads(attributes(topic)["ArchivePolicy"]) == {"MessageRetentionPeriod": "30"}
    with refused("InvalidState", message="ArchivePolicy"):
        sns.delete_topic(TopicArn=topic)
    for bad in ['{"MessageRetentionPeriod":"0"}', '{"MessageRetentionPeriod":366}', "x", '{"Days":1}']:
        with refused("InvalidParameter", message="ArchivePolicy"):
            set_policy(bad)
    assert attributes(topic)["BeginningArchiveTime"] == begun
    set_policy("{}")
    sns.delete_topic(TopicArn=topic)


def test_a_new_subscription_gets_the_past_in_order_and_then_the_present(
    sns, welkin, archived, publish, new_queue, subscribe, settle, attributes
):
    start = attributes(archived)["BeginningArchiveTime"]
    for group in ("a", "b"):
        publish(archived, *(f"{group}{n:02}" for n in range(25)), group=group)
    old = new_queue(fifo=True)
    arn = subscribe(archived, old, ReplayPolicy=policy(start))
    publish(archived, "a99", group="a")
    settle()
    settle()
    notices = old.notices()
    bodies = [notice["Message"] for notice in notices]
    for group in ("a", "b"):
        wanted = [f"{group}{n:02}" for n in range(25)] + (["a99"] if group == "a" else [])
        assert [body for body in bodies if body[0] == group] == wanted
    marked = {notice["Message"] for notice in notices if "Replayed" in notice.get("MessageAttributes", {})}
    assert marked == set(bodies) - {"a99"}
    assert status(sns, arn) == "Completed"
    publish(archived, "later", group="a")
    settle()
    assert old.bodies() and status(sns, arn) == "Completed"


def test_a_replay_has_its_span_its_filter_and_the_message_as_it_was(
    sns, welkin, archived, publish, new_queue, subscribe, settle, attributes
):
    queue = new_queue(fifo=True)
    arn = subscribe(archived, queue)
    red = {"MessageAttributes": {"colour": {"DataType": "String", "StringValue": "red"}}}
    publish(archived, "before")
    welkin.advance("10m")
    start = iso(welkin.now())
    publish(archived, "red", **red)
    publish(archived, "plain")
    welkin.advance("1m")
    end = iso(welkin.now())
    welkin.advance("10m")
    publish(archived, "after")
    settle()
    first = {notice["Message"]: notice for notice in queue.notices()}
    assert list(first) == ["before", "red", "plain", "after"]
    change = lambda name, value: sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)  # noqa: E731
    change("ReplayPolicy", policy(start, end))
    settle()
    again = queue.notices()
    assert [notice["Message"] for notice in again] == ["red", "plain"]
    for name in ("MessageId", "Timestamp", "SequenceNumber"):
        assert again[0][name] == first["red"][name]
    welkin.advance("10m")
    change("FilterPolicy", json.dumps({"colour": ["red"]}))
    change("ReplayPolicy", policy(attributes(archived)["BeginningArchiveTime"]))
    settle()
    assert [notice["Message"] for notice in queue.notices()] == ["red"]
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(shown["ReplayPolicy"])["PointType"] == "Timestamp"
    change("ReplayPolicy", "")
    assert status(sns, arn) is None


def test_replay_policies_are_held_against_the_archive(sns, welkin, archived, new_topic, new_queue, subscribe, refused):
    queue = new_queue(fifo=True)
    now = iso(welkin.now())
    with refused("InvalidParameter", message="no ArchivePolicy"):
        subscribe(new_topic(fifo=True), queue, ReplayPolicy=policy(now))
    with refused("InvalidParameter", message="BeginningArchiveTime"):
        subscribe(archived, queue, ReplayPolicy=policy("2020-01-01T00:00:00Z"))
    for bad in ["x", policy("yesterday"), policy(now, now), json.dumps({"PointType": "Number", "StartingPoint": now})]:
        with refused("InvalidParameter", message="ReplayPolicy"):
            subscribe(archived, queue, ReplayPolicy=bad)
    assert sns.list_subscriptions_by_topic(TopicArn=archived)["Subscriptions"] == []


def test_messages_leave_the_archive_when_their_time_is_over(
    sns, welkin, new_topic, publish, new_queue, subscribe, settle, attributes
):
    topic = new_topic(fifo=True, ArchivePolicy=json.dumps({"MessageRetentionPeriod": 2}), ContentBasedDeduplication="true")
    publish(topic, "old")
    welkin.advance("47h")
    publish(topic, "young")
    welkin.advance("26h")
    beginning = datetime.datetime.fromisoformat(attributes(topic)["BeginningArchiveTime"])
    assert abs(welkin.now() - datetime.timedelta(days=2) - beginning) < datetime.timedelta(minutes=1)
    queue = new_queue(fifo=True)
    subscribe(topic, queue, ReplayPolicy=policy(iso(beginning + datetime.timedelta(minutes=1))))
    settle()
    assert [notice["Message"] for notice in queue.notices()] == ["young"]


def test_an_archive_outlives_a_restart_and_a_replay_goes_on(start, tmp_path):
    with start("--data", tmp_path) as own:
        sns = own.client("sns")
        options = {"FifoTopic": "true", "ArchivePolicy": KEEP}
        topic = sns.create_topic(Name="kept.fifo", Attributes=options)["TopicArn"]
        beginning = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["BeginningArchiveTime"]
        for number in range(60):
            sns.publish(TopicArn=topic, Message=f"{number:02}", MessageGroupId="g", MessageDeduplicationId=str(number))
        sqs = own.client("sqs")
        arn = "arn:aws:sqs:us-east-1:111111111111:kept.fifo"
        statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        rules = {"FifoQueue": "true", "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
        url = sqs.create_queue(QueueName="kept.fifo", Attributes=rules)["QueueUrl"]
        replay = {"ReplayPolicy": policy(beginning), "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=replay)
        own.process.kill()
    with start("--data", tmp_path) as own:
        own.advance("1m")
        sqs, bodies = own.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=url.replace(url.split("/")[2], own.endpoint.split("/")[2]), MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert bodies == [f"{number:02}" for number in range(60)]
