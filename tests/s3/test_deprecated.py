"""Operations that AWS has replaced: their requests are those of the newer ones, and are answered alike."""

import json

from conftest import allow, policy


def test_the_old_form_of_lifecycle_rules(s3, bucket):
    rule = {
        "ID": "r",
        "Prefix": "logs/",
        "Status": "Enabled",
        "Expiration": {"Days": 30},
        "Transition": {"Days": 30, "StorageClass": "GLACIER"},
    }
    rule["Expiration"]["Days"] = 60
    s3.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle(Bucket=bucket)["Rules"] == [rule]
    (new,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert new["Transitions"] == [rule["Transition"]] and new["Expiration"] == {"Days": 60}


def test_the_old_form_of_notifications(welkin, account, s3, bucket):
    sqs = welkin.client("sqs", account)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    permit = policy(allow("sqs:SendMessage", arn, Principal={"Service": "s3.amazonaws.com"}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(permit)})
    given = {"QueueConfiguration": {"Id": "n", "Queue": arn, "Events": ["s3:ObjectCreated:*"]}}
    s3.put_bucket_notification(Bucket=bucket, NotificationConfiguration=given)
    told = s3.get_bucket_notification(Bucket=bucket)["QueueConfiguration"]
    assert (told["Id"], told["Queue"], told["Events"]) == ("n", arn, ["s3:ObjectCreated:*"])
