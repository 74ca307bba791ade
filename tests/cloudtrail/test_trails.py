"""Trails and what they deliver."""

import gzip
import json
import re

import pytest
from botocore.exceptions import ClientError


def refused(code, call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]


def bucket_policy(bucket, account, trail, prefix=""):
    """The bucket policy of the CloudTrail user guide."""
    of_trail = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{account}:trail/{trail}"}
    service = {"Service": "cloudtrail.amazonaws.com"}
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}",
         "Condition": {"StringEquals": of_trail}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{bucket}/{prefix}AWSLogs/{account}/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **of_trail}}},
    ]})


class Files:
    """The files that a trail has delivered."""

    def __init__(self, s3, bucket):
        self.s3, self.bucket = s3, bucket

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [o["Key"] for page in pages for o in page.get("Contents", []) if o["Key"].endswith(".gz")]

    def records(self):
        bodies = (self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in self.keys())
        return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]

    def named(self, name):
        return [record for record in self.records() if record["eventName"] == name]


@pytest.fixture
def s3(welkin, account):
    return welkin.root(account, "s3")


@pytest.fixture
def trails(welkin, account):
    return welkin.root(account, "cloudtrail")


@pytest.fixture
def bucket(s3, account):
    name = f"trail-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=bucket_policy(name, account, "mine"))
    return name


@pytest.fixture
def files(s3, bucket):
    return Files(s3, bucket)


def test_a_trail_is_made_shown_and_deleted(welkin, account, trails, bucket):
    made = trails.create_trail(Name="mine", S3BucketName=bucket)
    arn = f"arn:aws:cloudtrail:us-east-1:{account}:trail/mine"
    assert (made["TrailARN"], made["IncludeGlobalServiceEvents"], made["IsMultiRegionTrail"]) == (arn, True, False)
    for name in ("mine", arn):
        assert trails.get_trail(Name=name)["Trail"]["S3BucketName"] == bucket
    assert [trail["Name"] for trail in trails.describe_trails()["trailList"]] == ["mine"]
    assert trails.list_trails()["Trails"] == [{"TrailARN": arn, "Name": "mine", "HomeRegion": "us-east-1"}]
    assert trails.get_trail_status(Name="mine")["IsLogging"] is False
    message = refused("TrailAlreadyExistsException", trails.create_trail, Name="mine", S3BucketName=bucket)
    assert message == f"Trail mine already exists for customer: {account}"
    elsewhere = welkin.client("cloudtrail", account, region="eu-west-1")
    assert elsewhere.describe_trails()["trailList"] == []

    trails.update_trail(Name="mine", IsMultiRegionTrail=True)
    (shadow,) = elsewhere.describe_trails()["trailList"]
    assert (shadow["HomeRegion"], shadow["IsMultiRegionTrail"]) == ("us-east-1", True)
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    refused("InvalidHomeRegionException", elsewhere.start_logging, Name="mine")
    trails.delete_trail(Name="mine")
    assert refused("TrailNotFoundException", trails.get_trail, Name="mine") == f"Unknown trail: mine for the user: {account}"
    assert trails.describe_trails(trailNameList=["mine"])["trailList"] == []


def test_the_bucket_must_let_cloudtrail_in(s3, account, trails, bucket):
    message = refused("InsufficientS3BucketPolicyException", trails.create_trail, Name="other", S3BucketName=bucket)
    assert message == f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
    s3.delete_bucket_policy(Bucket=bucket)
    refused("InsufficientS3BucketPolicyException", trails.create_trail, Name="mine", S3BucketName=bucket)
    message = refused("S3BucketDoesNotExistException", trails.create_trail, Name="mine", S3BucketName=f"no-{bucket}")
    assert message == f"S3 bucket no-{bucket} does not exist!"
    refused("InvalidTrailNameException", trails.create_trail, Name="a", S3BucketName=bucket)
    assert trails.list_trails()["Trails"] == []


def test_what_is_not_there_is_refused_by_name(trails, bucket):
    message = refused("NotImplemented", trails.create_trail, Name="mine", S3BucketName=bucket,
                      CloudWatchLogsRoleArn="arn:aws:iam::111122223333:role/r")
    assert "CloudWatchLogsRoleArn" in message


def test_every_call_is_delivered_once_between_start_and_stop(welkin, account, trails, files, bucket):
    kms = welkin.root(account, "kms")
    trails.create_trail(Name="mine", S3BucketName=bucket)
    kms.generate_random(NumberOfBytes=1)
    trails.start_logging(Name="mine")
    assert trails.get_trail_status(Name="mine")["IsLogging"] is True
    for size in range(2, 12):
        kms.generate_random(NumberOfBytes=size)
    assert files.keys() == [], "files come at the end of their five minutes"
    welkin.advance("5m")
    sizes = sorted(record["requestParameters"]["numberOfBytes"] for record in files.named("GenerateRandom"))
    assert sizes == list(range(2, 12))
    (key, *_) = files.keys()
    pattern = rf"AWSLogs/{account}/CloudTrail/us-east-1/\d{{4}}/\d\d/\d\d/{account}_CloudTrail_us-east-1_\d{{8}}T\d{{4}}Z_\w{{16}}\.json\.gz"
    assert re.fullmatch(pattern, key), key
    assert trails.get_trail_status(Name="mine")["LatestDeliveryTime"]

    kms.generate_random(NumberOfBytes=100)
    trails.stop_logging(Name="mine")
    kms.generate_random(NumberOfBytes=101)
    welkin.advance("15m")
    sizes = sorted(record["requestParameters"]["numberOfBytes"] for record in files.named("GenerateRandom"))
    assert sizes == [*range(2, 12), 100], "what was before StopLogging, and nothing later"
    count = len(files.keys())
    welkin.advance("1h")
    assert len(files.keys()) == count, "no file when there is nothing"
    ids = [record["eventID"] for record in files.records()]
    assert len(ids) == len(set(ids))


def test_a_trail_of_all_regions_delivers_all_regions(welkin, account, s3, trails, bucket):
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, account, "mine", "some/where/"))
    trails.create_trail(Name="mine", S3BucketName=bucket, S3KeyPrefix="some/where", IsMultiRegionTrail=True)
    trails.start_logging(Name="mine")
    welkin.client("kms", account, region="eu-west-1").generate_random(NumberOfBytes=1)
    welkin.advance("10m")
    files = Files(s3, bucket)
    (record,) = files.named("GenerateRandom")
    assert record["awsRegion"] == "eu-west-1"
    assert all(key.startswith(f"some/where/AWSLogs/{account}/CloudTrail/") for key in files.keys())
    assert any("/eu-west-1/" in key for key in files.keys())


def test_selectors_choose(welkin, account, trails, files, bucket):
    kms = welkin.root(account, "kms")
    trails.create_trail(Name="mine", S3BucketName=bucket)
    (selector,) = trails.get_event_selectors(TrailName="mine")["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
    trails.put_event_selectors(TrailName="mine", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    trails.start_logging(Name="mine")
    kms.create_key()
    kms.list_keys()
    trails.put_event_selectors(TrailName="mine", EventSelectors=[{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}])
    kms.create_key()
    trails.list_trails()
    welkin.advance("10m")
    assert len(files.named("CreateKey")) == 1 and files.named("ListKeys") == []
    assert files.named("ListTrails"), "reads of other services are back"
    assert trails.get_trail(Name="mine")["Trail"]["HasCustomEventSelectors"] is True


def test_a_trail_whose_bucket_is_closed_tries_again(welkin, account, s3, trails, files, bucket):
    trails.create_trail(Name="mine", S3BucketName=bucket)
    trails.start_logging(Name="mine")
    welkin.root(account, "kms").generate_random(NumberOfBytes=1)
    s3.delete_bucket_policy(Bucket=bucket)
    welkin.advance("6m")
    assert trails.get_trail_status(Name="mine")["LatestDeliveryError"] == "AccessDenied"
    assert files.keys() == []
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, account, "mine"))
    welkin.advance("30m")
    assert "LatestDeliveryError" not in trails.get_trail_status(Name="mine")
    assert len(files.named("GenerateRandom")) == 1


def test_tags_and_permissions(welkin, account, trails, bucket):
    arn = trails.create_trail(Name="mine", S3BucketName=bucket, TagsList=[{"Key": "a", "Value": "1"}])["TrailARN"]
    trails.add_tags(ResourceId=arn, TagsList=[{"Key": "b", "Value": "2"}])
    trails.remove_tags(ResourceId=arn, TagsList=[{"Key": "a"}])
    assert trails.list_tags(ResourceIdList=[arn])["ResourceTagList"] == [
        {"ResourceId": arn, "TagsList": [{"Key": "b", "Value": "2"}]}
    ]
    allow = {"Effect": "Allow", "Action": "cloudtrail:GetTrail", "Resource": arn,
             "Condition": {"StringEquals": {"aws:ResourceTag/b": "2"}}}
    reader = welkin.client("cloudtrail", **welkin.user(account, {"Version": "2012-10-17", "Statement": [allow]}))
    assert reader.get_trail(Name="mine")["Trail"]["TrailARN"] == arn
    refused("AccessDeniedException", reader.start_logging, Name="mine")
