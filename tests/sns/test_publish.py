"""Publishing to queues: envelopes, bare messages, filters, order, encryption, dead letters."""

import base64
import json
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

TEXT = {"DataType": "String", "StringValue": "red"}


def verify(notice, digest):
    """Verifies a signature as clients of SNS do."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{notice[name]}\n" for name in names if name in notice)
    with urllib.request.urlopen(notice["SigningCertURL"]) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    certificate.public_key().verify(base64.b64decode(notice["Signature"]), signed.encode(), PKCS1v15(), digest)


@pytest.fixture
def subscribed(topic, new_queue, subscribe):
    """A queue that is subscribed to the topic."""

    def make(**attributes):
        queue = new_queue()
        queue.subscription = subscribe(topic, queue, **attributes)
        return queue

    return make


def test_a_message_comes_in_a_signed_envelope(sns, topic, subscribed, settle, account):
    queue = subscribed()
    attributes = {"colour": TEXT, "blob": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
    published = sns.publish(TopicArn=topic, Message='Héllo\n"you"', Subject="Greeting", MessageAttributes=attributes)
    settle()
    (message,) = queue.receive()
    notice = json.loads(message["Body"])
    assert notice["MessageId"] == published["MessageId"]
    assert (notice["Type"], notice["TopicArn"]) == ("Notification", topic)
    assert (notice["Message"], notice["Subject"]) == ('Héllo\n"you"', "Greeting")
    assert notice["MessageAttributes"] == {
        "blob": {"Type": "Binary", "Value": "AAE="},
        "colour": {"Type": "String", "Value": "red"},
    }
    assert queue.subscription in notice["UnsubscribeURL"]
    assert "MessageAttributes" not in message
    assert message["Attributes"]["SenderId"] == "sns.amazonaws.com"
    assert notice["SignatureVersion"] == "1"
    verify(notice, hashes.SHA1())
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")
    sns.publish(TopicArn=topic, Message="again")
    settle()
    (notice,) = queue.notices()
    assert notice["SignatureVersion"] == "2" and "Subject" not in notice
    verify(notice, hashes.SHA256())
    with pytest.raises(Exception):
        verify({**notice, "Message": "other"}, hashes.SHA256())


def test_a_bare_message_has_its_attributes_beside_it(sns, topic, subscribed, settle):
    queue = subscribed(RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="bare", Subject="lost", MessageAttributes={"colour": TEXT})
    settle()
    (message,) = queue.receive()
    assert message["Body"] == "bare"
    assert message["MessageAttributes"] == {"colour": TEXT}


def test_a_message_may_say_something_else_by_each_protocol(welkin, sns, topic, subscribed, settle, account, refused):
    queue = subscribed(RawMessageDelivery="true")
    number = "+49" + account
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=number)
    texts = {"default": "for all", "sqs": "for queues"}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    settle()
    assert queue.bodies() == ["for queues"]
    assert [each["text"] for each in welkin.admin("GET", "outbox") if each["to"] == number] == ["for all"]
    for message, why in [("{", "failed to parse"), ('{"sqs":"x"}', "No default entry in JSON message body")]:
        with refused("InvalidParameter", message=why):
            sns.publish(TopicArn=topic, Message=message, MessageStructure="json")


def test_a_text_message_goes_to_a_telephone(welkin, sns, account, user, refused):
    number = "+49" + account
    assert sns.publish(PhoneNumber=number, Message="Your code is 7")["MessageId"]
    assert [each["text"] for each in welkin.admin("GET", "outbox") if each["to"] == number] == ["Your code is 7"]
    with refused("InvalidParameter", message="PhoneNumber"):
        sns.publish(PhoneNumber="call me", Message="x")
    with refused("AuthorizationError", 403):
        user("sns:Publish", resource="arn:aws:sns:*:*:*").publish(PhoneNumber=number, Message="x")


@pytest.mark.parametrize(
    "options, code, message",
    [
        ({"Message": ""}, "InvalidParameter", "Empty message"),
        ({"Message": "x" * 262_145}, "InvalidParameter", "Message too long"),
        ({"Message": "x" * 262_140, "MessageAttributes": {"colour": TEXT}}, "InvalidParameter", "Message too long"),
        ({"Subject": "a\nb"}, "InvalidParameter", "Subject"),
        ({"Subject": "x" * 101}, "InvalidParameter", "Subject"),
        ({"MessageStructure": "xml"}, "InvalidParameter", "MessageStructure"),
        ({"MessageDeduplicationId": "d"}, "InvalidParameter", "not valid for this topic type"),
        ({"MessageAttributes": {"a": {"DataType": "Colour", "StringValue": "x"}}}, "ParameterValueInvalid", "invalid message attribute type"),
        ({"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}}, "ParameterValueInvalid", "non-empty message attribute value"),
        ({"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "x"}}}, "ParameterValueInvalid", "not a number"),
        ({"TopicArn": None}, "InvalidParameter", "TopicArn or TargetArn Reason: no value for required parameter"),
    ],
)
def test_messages_are_held_against_the_rules(sns, topic, subscribed, settle, refused, options, code, message):
    queue = subscribed()
    options = {"TopicArn": topic, "Message": "x", **options}
    with refused(code, message=message):
        sns.publish(**{name: value for name, value in options.items() if value is not None})
    settle()
    assert queue.receive() == []


def test_what_is_published_to_nothing_is_refused(sns, topic, account, refused):
    with refused("NotFound", 404, message="Topic does not exist"):
        sns.publish(TopicArn=topic + "x", Message="x")
    with refused("InvalidParameter", message="No endpoint found for the target arn specified"):
        sns.publish(TargetArn=f"arn:aws:sns:us-east-1:{account}:endpoint/GCM/a/b", Message="x")
    with refused("AuthorizationError", 403):
        sns.publish(TargetArn="arn:aws:sns:us-east-1:111122223333:endpoint/GCM/a/b", Message="x")
    assert sns.publish(TargetArn=topic, Message="x")["MessageId"]


def test_subscriptions_get_what_their_filters_pass(sns, topic, subscribed, settle):
    red = subscribed(RawMessageDelivery="true", FilterPolicy='{"colour":["red"],"price":[{"numeric":[">",10]}]}')
    others = subscribed(RawMessageDelivery="true", FilterPolicy='{"colour":[{"anything-but":"red"}]}')
    large = subscribed(RawMessageDelivery="true", FilterPolicyScope="MessageBody", FilterPolicy='{"order":{"size":[{"numeric":[">=",5]}]}}')

    def publish(message, colour, price):
        attributes = {
            "colour": {"DataType": "String", "StringValue": colour},
            "price": {"DataType": "Number", "StringValue": price},
        }
        sns.publish(TopicArn=topic, Message=message, MessageAttributes=attributes)

    publish("cheap", "red", "9.5")
    publish("dear", "red", "11")
    publish('{"order":{"size":5}}', "blue", "1")
    settle()
    assert (red.bodies(), others.bodies(), large.bodies()) == (["dear"], ['{"order":{"size":5}}'], ['{"order":{"size":5}}'])
    sns.set_subscription_attributes(SubscriptionArn=red.subscription, AttributeName="FilterPolicy", AttributeValue="{}")
    publish("any", "green", "0")
    settle()
    assert red.bodies() == ["any"]


def test_a_batch_fails_by_entries(sns, topic, subscribed, settle, refused):
    queue = subscribed(RawMessageDelivery="true")

    def publish(*entries):
        return sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=list(entries))

    answer = publish({"Id": "a", "Message": "one"}, {"Id": "b", "Message": ""}, {"Id": "c", "Message": "two"})
    assert [each["Id"] for each in answer["Successful"]] == ["a", "c"]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("b", "InvalidParameter", True)
    settle()
    assert sorted(queue.bodies()) == ["one", "two"]
    entry = {"Id": "a", "Message": "x"}
    for entries, code in [
        ([], "EmptyBatchRequest"),
        ([entry, entry], "BatchEntryIdsNotDistinct"),
        ([{**entry, "Id": "a b"}], "InvalidBatchEntryId"),
        ([{**entry, "Id": str(n)} for n in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": str(n), "Message": "x" * 140_000} for n in range(2)], "BatchRequestTooLong"),
    ]:
        with refused(code):
            publish(*entries)
    settle()
    assert queue.receive() == []


def test_a_fifo_topic_keeps_order_and_drops_duplicates(welkin, sns, new_topic, new_queue, subscribe, settle, refused):
    topic = new_topic(fifo=True)
    first, second, plain = new_queue(fifo=True), new_queue(fifo=True), new_queue()
    for queue in (first, second, plain):
        subscribe(topic, queue, RawMessageDelivery="true")
    with refused("InvalidParameter", message="Protocol"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")

    def publish(message, group, id):
        return sns.publish(TopicArn=topic, Message=message, MessageGroupId=group, MessageDeduplicationId=id)

    numbers = [publish(f"{group}{number}", group, f"{group}{number}")["SequenceNumber"] for number in range(6) for group in "ab"]
    assert numbers[::2] == sorted(numbers[::2]) and len(numbers[0]) == 20
    again = publish("other", "a", "a0")
    assert again["SequenceNumber"] == numbers[0]
    settle()
    for queue in (first, second):
        messages = queue.receive()
        for group in "ab":
            of_group = [m for m in messages if m["Attributes"]["MessageGroupId"] == group]
            assert [m["Body"] for m in of_group] == [f"{group}{number}" for number in range(6)]
        assert len(messages) == 12
    assert len(plain.receive()) == 12
    welkin.advance("6m")
    publish("later", "a", "a0")
    settle()
    assert first.bodies() == ["later"]
    for options, message in [
        ({"MessageDeduplicationId": "d"}, "MessageGroupId parameter is required for FIFO topics"),
        ({"MessageGroupId": "g"}, "ContentBasedDeduplication enabled or MessageDeduplicationId provided"),
    ]:
        with refused("InvalidParameter", message=message):
            sns.publish(TopicArn=topic, Message="x", **options)


def test_deduplication_is_by_content_and_within_its_scope(sns, new_topic, new_queue, subscribe, settle):
    topic = new_topic(fifo=True, ContentBasedDeduplication="true")
    queue = new_queue(fifo=True)
    subscribe(topic, queue)
    ids = [sns.publish(TopicArn=topic, Message="same", MessageGroupId=group)["MessageId"] for group in "aab"]
    assert len(set(ids)) == 1
    sns.set_topic_attributes(TopicArn=topic, AttributeName="FifoThroughputScope", AttributeValue="MessageGroup")
    answer = sns.publish(TopicArn=topic, Message="other", MessageGroupId="c")
    sns.publish(TopicArn=topic, Message="other", MessageGroupId="c")
    settle()
    notices = {notice["Message"]: notice for notice in queue.notices()}
    assert sorted(notices) == ["other", "same"]
    assert notices["other"]["SequenceNumber"] == answer["SequenceNumber"]


def test_the_policy_of_the_queue_decides(sns, topic, new_queue, subscribe, settle):
    closed, letters = new_queue(policy=False), new_queue()
    arn = subscribe(topic, closed)
    sns.publish(TopicArn=topic, Message="lost")
    settle()
    assert closed.receive() == []
    redrive = json.dumps({"deadLetterTargetArn": letters.arn})
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RedrivePolicy", AttributeValue=redrive)
    sns.publish(TopicArn=topic, Message="kept")
    settle()
    assert [notice["Message"] for notice in letters.notices()] == ["kept"]
    condition = {"ArnEquals": {"aws:SourceArn": topic}}
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    closed.sqs.set_queue_attributes(QueueUrl=closed.url, Attributes={"Policy": policy})
    sns.publish(TopicArn=topic, Message="open")
    settle()
    assert [notice["Message"] for notice in closed.notices()] == ["open"]
    closed.sqs.delete_queue(QueueUrl=closed.url)
    sns.publish(TopicArn=topic, Message="gone")
    settle()
    assert [notice["Message"] for notice in letters.notices()] == ["gone"]


def test_messages_of_an_encrypted_topic_need_its_key(welkin, sns, topic, subscribed, settle, account, user, refused):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key["KeyId"])
    queue = subscribed(RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="secret")
    settle()
    assert queue.bodies() == ["secret"]
    with refused("KMSAccessDenied"):
        user("sns:Publish").publish(TopicArn=topic, Message="x")
    user("sns:Publish", "kms:GenerateDataKey*", "kms:Decrypt").publish(TopicArn=topic, Message="allowed")
    settle()
    assert queue.bodies() == ["allowed"]
    kms.disable_key(KeyId=key["KeyId"])
    sns.publish(TopicArn=topic, Message="by the data key of before")
    welkin.advance("6m")
    with refused("KMSDisabled"):
        sns.publish(TopicArn=topic, Message="x")
    assert queue.bodies() == ["by the data key of before"]


def test_calls_are_on_the_record_and_publishing_is_data(welkin, sns, account, topic, subscribed, settle):
    subscribed()
    sns.publish(TopicArn=topic, Message="x")
    settle()
    trail = welkin.client("cloudtrail", account)
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "sns.amazonaws.com"}])["Events"]
    assert {event["EventName"] for event in events} == {"CreateTopic", "Subscribe"}
    (made,) = [json.loads(event["CloudTrailEvent"]) for event in events if event["EventName"] == "CreateTopic"]
    assert made["responseElements"] == {"topicArn": topic}
