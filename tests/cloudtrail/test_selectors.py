"""Event selectors: which events a trail delivers."""

import json

import pytest
from test_trails import Files, bucket_policy, refused

S3_OBJECTS = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
QUEUES = {"Field": "resources.type", "Equals": ["AWS::SQS::Queue"]}


def category(name):
    return {"Field": "eventCategory", "Equals": [name]}


@pytest.fixture
def s3(welkin, account):
    return welkin.root(account, "s3")


@pytest.fixture
def trails(welkin, account):
    return welkin.root(account, "cloudtrail")


@pytest.fixture
def bucket(s3, account):
    name = f"selected-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=bucket_policy(name, account, "mine"))
    return name


@pytest.fixture
def trail(trails, bucket):
    """A trail that logs."""
    trails.create_trail(Name="mine", S3BucketName=bucket)
    trails.start_logging(Name="mine")


def names(files):
    return sorted(record["eventName"] for record in files.records() if record["eventCategory"] == "Data")


def test_data_events_are_delivered_where_they_are_asked_for(welkin, account, s3, trails, bucket, trail):
    s3.create_bucket(Bucket=f"wanted-{account}")
    s3.create_bucket(Bucket=f"other-{account}")
    s3.put_object(Bucket=f"wanted-{account}", Key="before", Body=b"1")
    wanted = [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::wanted-{account}/"]}]
    trails.put_event_selectors(TrailName="mine", EventSelectors=[{"DataResources": wanted}])
    answer = s3.put_object(Bucket=f"wanted-{account}", Key="k", Body=b"12345", Metadata={"a": "b"})
    s3.get_object(Bucket=f"wanted-{account}", Key="k")["Body"].read()
    s3.list_objects_v2(Bucket=f"wanted-{account}", Prefix="k")
    s3.put_object(Bucket=f"other-{account}", Key="k", Body=b"1")
    denied = welkin.client("s3", **welkin.user(account))
    refused("AccessDenied", denied.get_object, Bucket=f"wanted-{account}", Key="k")
    welkin.advance("10m")
    files = Files(s3, bucket)
    assert names(files) == ["GetObject", "GetObject", "ListObjects", "PutObject"]
    (put,) = files.named("PutObject")
    arn = f"arn:aws:s3:::wanted-{account}"
    assert put["resources"] == [
        {"type": "AWS::S3::Object", "ARN": f"{arn}/k"}, {"accountId": account, "type": "AWS::S3::Bucket", "ARN": arn}]
    assert (put["managementEvent"], put["readOnly"]) == (False, False)
    assert put["requestParameters"]["bucketName"] == f"wanted-{account}" and put["requestParameters"]["key"] == "k"
    assert put["responseElements"]["x-amz-server-side-encryption"] == "AES256"
    more = put["additionalEventData"]
    assert (more["bytesTransferredIn"], more["bytesTransferredOut"], more["SSEApplied"]) == (5, 0, "Default_SSE_S3")
    assert more["x-amz-id-2"] == answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-id-2"]
    (listed,) = files.named("ListObjects")
    assert listed["resources"][0] == {"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/"}
    assert (listed["requestParameters"]["list-type"], listed["requestParameters"]["prefix"]) == ("2", "k")
    got = {record.get("errorCode"): record for record in files.named("GetObject")}
    assert set(got) == {None, "AccessDenied"} and got[None]["additionalEventData"]["bytesTransferredOut"] == 5
    history = trails.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutObject"}])
    assert history["Events"] == [], "data events are not in the event history"
    assert files.named("PutEventSelectors"), "management events go on"


def test_advanced_selectors_choose_by_fields(welkin, account, s3, trails, bucket, trail):
    sqs = welkin.root(account, "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    selectors = [
        {"Name": "writes but KMS", "FieldSelectors": [
            category("Management"), {"Field": "readOnly", "Equals": ["false"]},
            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]},
        {"FieldSelectors": [category("Data"), QUEUES, {"Field": "eventName", "StartsWith": ["Send"]}]},
        {"FieldSelectors": [category("NetworkActivity"), {"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}]},
    ]
    answer = trails.put_event_selectors(TrailName="mine", AdvancedEventSelectors=selectors)
    assert answer["AdvancedEventSelectors"] == selectors and "EventSelectors" not in answer
    shown = trails.get_event_selectors(TrailName="mine")
    assert shown["AdvancedEventSelectors"] == selectors and "EventSelectors" not in shown
    assert trails.get_trail(Name="mine")["Trail"]["HasCustomEventSelectors"] is True
    welkin.root(account, "kms").create_key()
    sqs.send_message(QueueUrl=url, MessageBody="the secret text")
    sqs.receive_message(QueueUrl=url)
    welkin.root(account, "iam").list_users()
    welkin.root(account, "iam").create_user(UserName="u")
    welkin.advance("10m")
    files = Files(s3, bucket)
    assert names(files) == ["SendMessage"]
    (sent,) = files.named("SendMessage")
    assert sent["requestParameters"] == {"queueUrl": url, "messageBody": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    assert sent["resources"] == [
        {"accountId": account, "type": "AWS::SQS::Queue", "ARN": f"arn:aws:sqs:us-east-1:{account}:q"}]
    assert files.named("CreateKey") == files.named("ListUsers") == [] and len(files.named("CreateUser")) == 1
    trails.put_event_selectors(TrailName="mine", EventSelectors=[{"ReadWriteType": "All"}])
    assert "AdvancedEventSelectors" not in trails.get_event_selectors(TrailName="mine")
    sqs.send_message(QueueUrl=url, MessageBody="more")
    welkin.advance("10m")
    assert names(files) == ["SendMessage"], "nobody wants data events any more"


def test_a_trail_hears_of_data_events_in_buckets_of_others(welkin, account, s3, trails, bucket, trail):
    other = welkin.account()
    theirs = welkin.root(other, "s3")
    theirs.create_bucket(Bucket=f"theirs-{other}")
    allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "s3:GetObject",
             "Resource": f"arn:aws:s3:::theirs-{other}/*"}
    theirs.put_bucket_policy(
        Bucket=f"theirs-{other}", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    theirs.put_object(Bucket=f"theirs-{other}", Key="k", Body=b"1")
    everything = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
    trails.put_event_selectors(TrailName="mine", EventSelectors=[
        {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": False, "DataResources": everything}])
    s3.get_object(Bucket=f"theirs-{other}", Key="k")["Body"].read()
    welkin.advance("6m")
    files = Files(s3, bucket)
    (got,) = [record for record in files.records() if record["eventName"] == "GetObject"
              and record["requestParameters"]["bucketName"] == f"theirs-{other}"]
    assert got["resources"][1]["accountId"] == other and got["recipientAccountId"] == account
    assert got["sharedEventID"]
    management = {record["eventName"] for record in files.records() if record["managementEvent"]}
    assert management == {"StartLogging"}, "there are none while the selector leaves them out"
    trails.stop_logging(Name="mine")


def test_selectors_that_cannot_be_are_refused(trails, bucket, trail):
    def put(**selectors):
        return refused("InvalidEventSelectorsException", trails.put_event_selectors, TrailName="mine", **selectors)

    basic = {"ReadWriteType": "All"}
    advanced = {"FieldSelectors": [category("Management")]}
    put()
    put(EventSelectors=[basic], AdvancedEventSelectors=[advanced])
    put(EventSelectors=[basic] * 6)
    values = [f"arn:aws:s3:::b/{n}" for n in range(251)]
    assert "250" in put(EventSelectors=[{"DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}])
    message = put(EventSelectors=[{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b"]}]}])
    assert message == "Value arn:aws:s3:::b for DataResources.Values is invalid."
    put(EventSelectors=[{"DataResources": [{"Type": "AWS::SQS::Queue", "Values": ["arn:aws:sqs"]}]}])
    put(AdvancedEventSelectors=[{"FieldSelectors": [S3_OBJECTS]}])
    put(AdvancedEventSelectors=[{"FieldSelectors": [category("Data")]}])
    put(AdvancedEventSelectors=[{"FieldSelectors": [category("Insight")]}])
    put(AdvancedEventSelectors=[{"FieldSelectors": [category("Management"), {"Field": "resources.ARN", "Equals": ["a"]}]}])
    many = {"Field": "resources.ARN", "Equals": [f"arn:aws:s3:::b/{n}" for n in range(499)]}
    assert "500" in put(AdvancedEventSelectors=[{"FieldSelectors": [category("Data"), S3_OBJECTS, many]}])
    refused("TrailNotFoundException", trails.put_event_selectors, TrailName="none", EventSelectors=[basic])
    (selector,) = trails.get_event_selectors(TrailName="mine")["EventSelectors"]
    assert selector["ReadWriteType"] == "All", "what was refused changed nothing"
