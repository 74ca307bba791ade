"""Notices: a trail tells a topic of each log file that it has delivered."""

import json

import pytest
from test_trails import bucket, files, refused, s3, trails  # noqa: F401 (fixtures)


@pytest.fixture
def topic(welkin, account):
    """A topic with a queue that gets what it is told."""

    class Topic:
        sns, sqs = welkin.client("sns", account), welkin.client("sqs", account)
        arn = sns.create_topic(Name="notices")["TopicArn"]
        url = sqs.create_queue(QueueName="notices")["QueueUrl"]
        queue = f"arn:aws:sqs:us-east-1:{account}:notices"

        def permit(self, trail):
            source = f"arn:aws:cloudtrail:us-east-1:{account}:trail/{trail}"
            statement = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "SNS:Publish",
                         "Resource": self.arn, "Condition": {"StringEquals": {"aws:SourceArn": source}}}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            self.sns.set_topic_attributes(TopicArn=self.arn, AttributeName="Policy", AttributeValue=policy)

        def read(self):
            welkin.advance("1s")
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return [message["Body"] for message in messages]

    topic = Topic()
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    topic.sqs.set_queue_attributes(QueueUrl=topic.url, Attributes={"Policy": policy})
    options = {"Protocol": "sqs", "Endpoint": topic.queue, "Attributes": {"RawMessageDelivery": "true"}}
    topic.sns.subscribe(TopicArn=topic.arn, **options)
    return topic


def test_a_topic_is_told_of_each_file(welkin, account, trails, bucket, files, topic):
    options = {"Name": "mine", "S3BucketName": bucket, "SnsTopicName": "notices"}
    message = refused("InsufficientSnsTopicPolicyException", trails.create_trail, **options)
    assert message == "SNS Topic does not exist or the topic policy is incorrect!"
    refused("InsufficientSnsTopicPolicyException", trails.create_trail, **{**options, "SnsTopicName": "none"})
    refused("InvalidSnsTopicNameException", trails.create_trail, **{**options, "SnsTopicName": "not a name"})
    assert trails.list_trails()["Trails"] == []
    topic.permit("mine")
    made = trails.create_trail(**options)
    assert (made["SnsTopicName"], made["SnsTopicARN"]) == ("notices", topic.arn)
    assert trails.get_trail(Name="mine")["Trail"]["SnsTopicARN"] == topic.arn
    assert topic.read() == ["CloudTrail validation message."]
    trails.start_logging(Name="mine")
    welkin.root(account, "kms").generate_random(NumberOfBytes=1)
    welkin.advance("5m")
    (notice,) = topic.read()
    assert json.loads(notice) == {"s3Bucket": bucket, "s3ObjectKey": files.keys()}
    status = trails.get_trail_status(Name="mine")
    assert status["LatestNotificationTime"] and "LatestNotificationError" not in status


def test_a_topic_that_takes_no_notice_does_not_hold_up_the_files(welkin, account, trails, bucket, files, topic):
    topic.permit("mine")
    trails.create_trail(Name="mine", S3BucketName=bucket, SnsTopicName=topic.arn)
    trails.start_logging(Name="mine")
    topic.sns.set_topic_attributes(TopicArn=topic.arn, AttributeName="Policy", AttributeValue="")
    welkin.advance("5m")
    assert len(files.keys()) == 1
    assert trails.get_trail_status(Name="mine")["LatestNotificationError"]
    trails.update_trail(Name="mine", SnsTopicName="")
    assert "SnsTopicARN" not in trails.get_trail(Name="mine")["Trail"]
