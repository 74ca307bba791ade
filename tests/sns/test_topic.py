"""Topics: made, found, configured, tagged, deleted."""

import json

import pytest


def test_a_topic_is_made_once_listed_and_deleted(sns, account, refused, attributes):
    arn = sns.create_topic(Name="news")["TopicArn"]
    assert arn == f"arn:aws:sns:us-east-1:{account}:news"
    assert sns.create_topic(Name="news")["TopicArn"] == arn
    assert sns.list_topics()["Topics"] == [{"TopicArn": arn}]
    assert attributes(arn)["Owner"] == account
    sns.delete_topic(TopicArn=arn)
    assert sns.list_topics()["Topics"] == []
    with refused("NotFound", 404, message="Topic does not exist"):
        sns.get_topic_attributes(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)


def test_a_topic_asked_for_again_must_be_the_same(sns, refused):
    options = {"Name": "same", "Attributes": {"DisplayName": "Same"}, "Tags": [{"Key": "a", "Value": "1"}]}
    arn = sns.create_topic(**options)["TopicArn"]
    assert sns.create_topic(**options)["TopicArn"] == arn
    assert sns.create_topic(Name="same")["TopicArn"] == arn
    with refused("InvalidParameter", message="Attributes Reason: Topic already exists with different attributes"):
        sns.create_topic(Name="same", Attributes={"DisplayName": "Other"})
    with refused("InvalidParameter", message="Tags Reason: Topic already exists with different tags"):
        sns.create_topic(Name="same", Tags=[{"Key": "a", "Value": "2"}])


@pytest.mark.parametrize("name", ["", "a b", "a.b", "x" * 257, "a.fifo"])
def test_names_are_held_against_the_rules(sns, refused, name):
    with refused("InvalidParameter", message="Invalid parameter: Topic Name"):
        sns.create_topic(Name=name)
    assert sns.list_topics()["Topics"] == []


def test_fifo_topics_have_names_and_attributes_of_their_own(sns, refused, new_topic, attributes):
    with refused("InvalidParameter", message="Fifo Topic names must end with .fifo"):
        sns.create_topic(Name="plain", Attributes={"FifoTopic": "true"})
    arn = new_topic(fifo=True, ContentBasedDeduplication="true")
    found = attributes(arn)
    assert (found["FifoTopic"], found["ContentBasedDeduplication"]) == ("true", "true")
    assert found["FifoThroughputScope"] == "Topic"
    sns.set_topic_attributes(TopicArn=arn, AttributeName="FifoThroughputScope", AttributeValue="MessageGroup")
    assert attributes(arn)["FifoThroughputScope"] == "MessageGroup"
    with refused("InvalidParameter"):
        sns.set_topic_attributes(TopicArn=new_topic(), AttributeName="ContentBasedDeduplication", AttributeValue="true")


def test_attributes_are_set_and_taken_back(sns, topic, attributes):
    def set(name, value):
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)

    for name, value in [
        ("DisplayName", "The News"),
        ("KmsMasterKeyId", "alias/aws/sns"),
        ("SignatureVersion", "2"),
        ("TracingConfig", "PassThrough"),
    ]:
        set(name, value)
        assert attributes(topic)[name] == value
        set(name, "")
        assert not attributes(topic).get(name)


def test_every_topic_has_a_policy_and_a_delivery_policy(sns, topic, account, attributes):
    found = attributes(topic)
    policy = json.loads(found["Policy"])
    assert policy["Id"] == "__default_policy_ID"
    statement = policy["Statement"][0]
    assert statement["Resource"] == topic
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceOwner": account}}
    effective = json.loads(found["EffectiveDeliveryPolicy"])["http"]
    assert effective["defaultHealthyRetryPolicy"]["numRetries"] == 3
    assert "DeliveryPolicy" not in found
    own = {"http": {"defaultHealthyRetryPolicy": {"numRetries": 7, "minDelayTarget": 2}}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(own))
    effective = json.loads(attributes(topic)["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]
    assert (effective["numRetries"], effective["minDelayTarget"], effective["maxDelayTarget"]) == (7, 2, 20)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("Colour", "red", "Invalid parameter: AttributeName"),
        ("Policy", "{", "Policy Error"),
        ("Policy", json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}}), "action out of service scope"),
        ("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":30}}}', "maxDelayTarget"),
        ("DisplayName", "x" * 101, "DisplayName"),
        ("SignatureVersion", "3", "SignatureVersion"),
        ("TracingConfig", "Passive", "TracingConfig"),
        ("MaximumMessageSize", "1023", "MaximumMessageSize"),
        ("MaximumMessageSize", "1048577", "MaximumMessageSize"),
        ("ArchivePolicy", '{"MessageRetentionPeriod":"30"}', "FIFO topics"),
    ],
)
def test_values_that_an_attribute_cannot_have(sns, topic, refused, attributes, name, value, message):
    before = attributes(topic)
    with refused("InvalidParameter", message=message):
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
    assert attributes(topic) == before


@pytest.mark.parametrize(
    "name, value", [("SQSFailureFeedbackRoleArn", "arn:aws:iam::1:role/r"), ("HTTPSuccessFeedbackSampleRate", "100")]
)
def test_what_does_not_work_yet_is_refused_by_name(sns, topic, refused, name, value):
    with refused("NotImplemented", 501, message=name):
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)


def test_topics_are_listed_by_the_hundred(sns, refused):
    made = {sns.create_topic(Name=f"t{number:03}")["TopicArn"] for number in range(101)}
    first = sns.list_topics()
    assert len(first["Topics"]) == 100
    rest = sns.list_topics(NextToken=first["NextToken"])
    assert "NextToken" not in rest
    assert {topic["TopicArn"] for topic in first["Topics"] + rest["Topics"]} == made
    with refused("InvalidParameter", message="NextToken"):
        sns.list_topics(NextToken="!")


def test_topics_are_apart_by_account_and_region(sns, welkin, account):
    sns.create_topic(Name="here")
    assert welkin.client("sns", account, region="eu-west-1").list_topics()["Topics"] == []
    assert welkin.client("sns", welkin.account()).list_topics()["Topics"] == []


def test_arns_are_held_against_the_rules(sns, topic, refused, welkin, account):
    with refused("InvalidParameter", message="An ARN must have at least 6 elements, not 1"):
        sns.get_topic_attributes(TopicArn="news")
    with refused("InvalidParameter", message="TopicArn"):
        welkin.client("sns", account, region="eu-west-1").get_topic_attributes(TopicArn=topic)


def test_tags_are_added_listed_and_removed(sns, topic, refused):
    def tags(arn=topic):
        return {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}

    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "b", "Value": "3"}])
    assert tags() == {"a": "1", "b": "3"}
    sns.untag_resource(ResourceArn=topic, TagKeys=["a", "none"])
    assert tags() == {"b": "3"}
    with refused("TagLimitExceeded"):
        sns.tag_resource(ResourceArn=topic, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with refused("InvalidParameter", message="Duplicated keys"):
        sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "c", "Value": "1"}, {"Key": "c", "Value": "2"}])
    with refused("InvalidParameter"):
        sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "aws:x", "Value": "1"}])
    with refused("ResourceNotFound", 404):
        sns.tag_resource(ResourceArn=topic + "x", Tags=[{"Key": "a", "Value": "1"}])
    assert tags() == {"b": "3"}


def test_permissions_are_added_to_the_policy_and_removed(sns, topic, refused, welkin, attributes):
    friend = welkin.account()
    sns.add_permission(TopicArn=topic, Label="friends", AWSAccountId=[friend], ActionName=["GetTopicAttributes"])
    assert welkin.client("sns", friend).get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
    with refused("InvalidParameter", message="Statement already exists"):
        sns.add_permission(TopicArn=topic, Label="friends", AWSAccountId=[friend], ActionName=["Publish"])
    with refused("InvalidParameter", message="action out of service scope"):
        sns.add_permission(TopicArn=topic, Label="more", AWSAccountId=[friend], ActionName=["TagResource"])
    sns.remove_permission(TopicArn=topic, Label="friends")
    with refused("AuthorizationError", 403):
        welkin.client("sns", friend).get_topic_attributes(TopicArn=topic)
    assert len(json.loads(attributes(topic)["Policy"])["Statement"]) == 1


def test_tracing_is_a_setting_of_the_topic(sns, topic, new_topic, attributes, refused):
    for value in ("Active", "PassThrough"):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="TracingConfig", AttributeValue=value)
        assert attributes(topic)["TracingConfig"] == value
    with refused("InvalidParameter", message="standard topics"):
        sns.set_topic_attributes(TopicArn=new_topic(fifo=True), AttributeName="TracingConfig", AttributeValue="Active")


def test_a_topic_says_how_long_its_messages_may_be(sns, topic, new_queue, subscribe, settle, attributes, refused):
    def allow(size, arn=topic):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="MaximumMessageSize", AttributeValue=str(size))

    assert "MaximumMessageSize" not in attributes(topic)
    queue = new_queue()
    subscribe(topic, queue, RawMessageDelivery="true")
    allow(1024)
    with refused("InvalidParameter", message="Message too long"):
        sns.publish(TopicArn=topic, Message="x" * 1025)
    mail = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True)
    with refused("InvalidParameter", message="email"):
        allow(1_048_576)
    assert attributes(topic)["MaximumMessageSize"] == "1024"
    sns.unsubscribe(SubscriptionArn=mail["SubscriptionArn"])
    allow(1_048_576)
    sns.publish(TopicArn=topic, Message="x" * 1_048_576)
    settle()
    assert [len(body) for body in queue.bodies()] == [1_048_576]
    with refused("BatchRequestTooLong"):
        entries = [{"Id": str(n), "Message": "x" * 600_000} for n in range(2)]
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    with refused("InvalidParameter", message="email"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    for _ in range(99):
        subscribe(topic, new_queue(policy=False))
    with refused("InvalidParameter", message="100 subscriptions"):
        subscribe(topic, new_queue(policy=False))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize", AttributeValue="")
    assert "MaximumMessageSize" not in attributes(topic)
