"""Notifications to queues: set with a test message, filtered, delivered, allowed by the queue's policy."""

import json
import urllib.parse

import pytest

from conftest import allow, code_of, error_of, fresh, policy


class Queue:
    """A queue that takes the notifications of a bucket."""

    def __init__(self, welkin, account, bucket, allowed=True):
        self.sqs = welkin.client("sqs", account)
        self.url = self.sqs.create_queue(QueueName=fresh("q"))["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        if allowed:
            self.permit(bucket)

    def permit(self, bucket):
        condition = {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}}
        statement = allow("sqs:SendMessage", self.arn, Principal={"Service": "s3.amazonaws.com"}, Condition=condition)
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy(statement))})

    def read(self):
        """All messages that are there."""
        messages = []
        while got := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                messages.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return messages


@pytest.fixture
def queue(welkin, account, bucket):
    return Queue(welkin, account, bucket)


def configure(s3, bucket, queue, *events, rules=(), **more):
    to = {"Id": "mine", "QueueArn": queue.arn, "Events": list(events)}
    if rules:
        to["Filter"] = {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [to]}, **more
    )


def happened(welkin, queue):
    """The records that came: (event, key), in order of their sequencers."""
    welkin.advance("1s")
    records = [record for message in queue.read() for record in message["Records"]]
    records.sort(key=lambda record: record["s3"]["object"]["sequencer"])
    return records


def names(records):
    return [(record["eventName"], record["s3"]["object"]["key"]) for record in records]


def test_a_configuration_is_tested_told_and_removed(welkin, s3, bucket, queue):
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    configure(s3, bucket, queue, "s3:ObjectCreated:*", rules=[("prefix", "a/"), ("suffix", ".jpg")])
    (test,) = queue.read()
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", bucket)
    assert set(test) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}
    (told,) = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert (told["Id"], told["QueueArn"], told["Events"]) == ("mine", queue.arn, ["s3:ObjectCreated:*"])
    assert told["Filter"]["Key"]["FilterRules"] == [{"Name": "prefix", "Value": "a/"}, {"Name": "suffix", "Value": ".jpg"}]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/x.jpg", Body=b"x")
    assert happened(welkin, queue) == []


def test_a_message_tells_what_happened(welkin, s3, account, bucket, queue):
    configure(s3, bucket, queue, "s3:ObjectCreated:*", SkipDestinationValidation=True)
    user = welkin.user(account, policy(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*")))
    put = welkin.client("s3", **user).put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"hello")
    (record,) = happened(welkin, queue)
    assert (record["eventVersion"], record["eventSource"]) == ("2.1", "aws:s3")
    assert (record["awsRegion"], record["eventName"]) == ("us-east-1", "ObjectCreated:Put")
    assert record["eventTime"].endswith("Z") and len(record["eventTime"]) == 24
    assert record["userIdentity"]["principalId"].startswith("AWS:AIDA")
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    headers = put["ResponseMetadata"]["HTTPHeaders"]
    assert record["responseElements"]["x-amz-request-id"] == headers["x-amz-request-id"]
    assert record["s3"]["s3SchemaVersion"] == "1.0" and record["s3"]["configurationId"] == "mine"
    owner = s3.list_buckets()["Owner"]["ID"]
    assert record["s3"]["bucket"] == {
        "name": bucket,
        "ownerIdentity": {"principalId": owner},
        "arn": f"arn:aws:s3:::{bucket}",
    }
    told = record["s3"]["object"]
    assert urllib.parse.unquote_plus(told["key"]) == "a b/ü.txt" and " " not in told["key"]
    assert (told["size"], told["eTag"]) == (5, put["ETag"].strip('"'))
    assert told["sequencer"] and "versionId" not in told


def test_each_way_to_write_and_remove_has_an_event(welkin, s3, bucket, queue):
    configure(s3, bucket, queue, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")
    queue.read()
    s3.put_object(Bucket=bucket, Key="put", Body=b"x")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/put")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"p")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    s3.put_object_tagging(Bucket=bucket, Key="put", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="put")
    s3.delete_object(Bucket=bucket, Key="put")
    s3.delete_object(Bucket=bucket, Key="never")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}]})
    records = happened(welkin, queue)
    assert names(records) == [
        ("ObjectCreated:Put", "put"),
        ("ObjectCreated:Copy", "copy"),
        ("ObjectCreated:CompleteMultipartUpload", "parts"),
        ("ObjectTagging:Put", "put"),
        ("ObjectTagging:Delete", "put"),
        ("ObjectRemoved:Delete", "put"),
        ("ObjectRemoved:Delete", "copy"),
    ]
    assert records[3]["eventVersion"] == "2.3"
    assert set(records[5]["s3"]["object"]) == {"key", "sequencer"}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="v", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="v")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="v", VersionId=version)
    records = happened(welkin, queue)
    assert [(r["eventName"], r["s3"]["object"]["versionId"]) for r in records] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", version),
    ]


def test_only_what_is_asked_for_is_told(welkin, s3, bucket, queue):
    configure(s3, bucket, queue, "s3:ObjectCreated:Copy", rules=[("Prefix", "in/"), ("Suffix", ".jpg")])
    queue.read()
    for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/{key}", MetadataDirective="REPLACE")
    assert names(happened(welkin, queue)) == [("ObjectCreated:Copy", "in/a.jpg")]
    assert code_of(s3.put_object, Bucket=bucket, Key="in/a.jpg", Body=b"x", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert happened(welkin, queue) == []


def test_lifecycle_rules_are_told_of(welkin, s3, bucket, queue):
    configure(s3, bucket, queue, "s3:LifecycleExpiration:*", "s3:LifecycleTransition")
    queue.read()
    s3.put_object(Bucket=bucket, Key="gone", Body=b"x")
    s3.put_object(Bucket=bucket, Key="moved", Body=b"x" * (128 * 1024))
    rules = [
        {"Status": "Enabled", "Filter": {"Prefix": "gone"}, "Expiration": {"Days": 1}},
        {"Status": "Enabled", "Filter": {"Prefix": "moved"}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    welkin.advance("2d")
    records = happened(welkin, queue)
    assert sorted(names(records)) == [("LifecycleExpiration:Delete", "gone"), ("LifecycleTransition", "moved")]
    assert {record["userIdentity"]["principalId"] for record in records} == {"s3.amazonaws.com"}


def test_the_queue_must_allow_it(welkin, s3, account, bucket):
    closed = Queue(welkin, account, bucket, allowed=False)
    error = error_of(configure, s3, bucket, closed, "s3:ObjectCreated:*")
    assert (error["Code"], error["Status"]) == ("InvalidArgument", 400)
    assert error["Message"] == "Unable to validate the following destination configurations"
    assert "Permissions on the destination queue" in error["ArgumentValue"]
    closed.permit("another-bucket")
    assert code_of(configure, s3, bucket, closed, "s3:ObjectCreated:*") == ("InvalidArgument", 400)
    missing = Queue(welkin, account, bucket)
    missing.arn += "-none"
    error = error_of(configure, s3, bucket, missing, "s3:ObjectCreated:*")
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    # Unchecked, notifications are lost and the writer does not notice.
    configure(s3, bucket, closed, "s3:ObjectCreated:*", SkipDestinationValidation=True)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert happened(welkin, closed) == []
    closed.permit(bucket)
    s3.put_object(Bucket=bucket, Key="k2", Body=b"x")
    assert names(happened(welkin, closed)) == [("ObjectCreated:Put", "k2")]


def test_a_queue_of_another_account(welkin, s3, bucket):
    theirs = Queue(welkin, welkin.account(), bucket)
    configure(s3, bucket, theirs, "s3:ObjectCreated:*")
    assert theirs.read()[0]["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert names(happened(welkin, theirs)) == [("ObjectCreated:Put", "k")]


@pytest.mark.parametrize(
    "change, code",
    [
        ({"Events": ["s3:ObjectCreated:Nothing"]}, ("InvalidArgument", 400)),
        ({"Events": []}, ("MalformedXML", 400)),
        ({"QueueArn": "nonsense"}, ("InvalidArgument", 400)),
        ({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:q"}, ("InvalidArgument", 400)),
        ({"QueueArn": "arn:aws:sqs:us-east-1:111122223333:q.fifo"}, ("InvalidArgument", 400)),
        ({"Filter": {"Key": {"FilterRules": [{"Name": "middle", "Value": "x"}]}}}, ("InvalidArgument", 400)),
        ({"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "x"}] * 2}}}, ("InvalidArgument", 400)),
    ],
)
def test_configurations_that_are_none(s3, bucket, queue, change, code):
    to = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"], **change}
    call = dict(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [to]})
    assert code_of(s3.put_bucket_notification_configuration, **call) == code


def test_configurations_do_not_overlap_and_name_targets_that_exist(s3, bucket, queue):
    to = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    part = {**to, "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}]}}}
    call = dict(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [to, part]})
    error = error_of(s3.put_bucket_notification_configuration, **call)
    assert error["Code"] == "InvalidArgument" and "overlap" in error["Message"]
    topic = {"TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Events": ["s3:ObjectCreated:*"]}
    both = {"QueueConfigurations": [to], "TopicConfigurations": [topic]}
    error = error_of(s3.put_bucket_notification_configuration, Bucket=bucket, NotificationConfiguration=both)
    assert error["Code"] == "InvalidArgument" and "overlap" in error["Message"]


def test_topics_are_told_where_their_policy_lets_s3(welkin, s3, account, bucket):
    sns, sqs = welkin.client("sns", account), welkin.client("sqs", account)
    topic = sns.create_topic(Name=fresh("t"))["TopicArn"]
    queue = Queue(welkin, account, bucket, allowed=False)
    statement = allow("sqs:SendMessage", queue.arn, Principal={"Service": "sns.amazonaws.com"})
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": json.dumps(policy(statement))})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"})
    to = {"Id": "mine", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
    call = dict(Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [to]})
    error = error_of(s3.put_bucket_notification_configuration, **call)
    assert error["Code"] == "InvalidArgument" and "Permissions on the destination topic" in error["ArgumentValue"]
    condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}, "StringEquals": {"aws:SourceAccount": account}}
    statement = allow("SNS:Publish", topic, Principal={"Service": "s3.amazonaws.com"}, Condition=condition)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy(statement)))
    s3.put_bucket_notification_configuration(**call)
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"] == [to]
    welkin.advance("1s")
    (test,) = queue.read()
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert names(happened(welkin, queue)) == [("ObjectCreated:Put", "k")]
    for arn in ("topic", topic + ".fifo", topic.replace("us-east-1", "eu-west-1"), queue.arn):
        call["NotificationConfiguration"]["TopicConfigurations"] = [{**to, "TopicArn": arn}]
        assert code_of(s3.put_bucket_notification_configuration, **call) == ("InvalidArgument", 400)


def test_notifications_need_their_actions(welkin, s3, account, bucket, queue):
    arn = f"arn:aws:s3:::{bucket}"
    putter = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketNotification", arn))))
    getter = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetBucketNotification", arn))))
    assert code_of(configure, getter, bucket, queue, "s3:ObjectCreated:*") == ("AccessDenied", 403)
    configure(putter, bucket, queue, "s3:ObjectCreated:*")
    assert code_of(putter.get_bucket_notification_configuration, Bucket=bucket) == ("AccessDenied", 403)
    assert getter.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
