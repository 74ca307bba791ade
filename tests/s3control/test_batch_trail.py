"""What the trail tells of a job's tasks: a data event for each call, made by the job's role."""

import gzip
import json

import pytest
from batch import PRINCIPAL, TAGGING, TAGS, Batch, arn, counts
from conftest import fresh, policy
from identity import allow


@pytest.fixture
def batch(welkin, control, s3, account):
    return Batch(welkin, control, s3, account, *TAGGING, "s3:GetObject", "s3:PutObject", "s3:ListBucket")


@pytest.fixture
def records(welkin, s3, account, batch):
    """Has a trail log the data events of the job's bucket; reads those that were delivered."""
    trails, bucket = welkin.client("cloudtrail", account), fresh("trail")
    s3.create_bucket(Bucket=bucket)
    service = {"Service": "cloudtrail.amazonaws.com"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn(bucket)},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": arn(bucket, "*")},
    )))
    trails.create_trail(Name="mine", S3BucketName=bucket)
    objects = {"Type": "AWS::S3::Object", "Values": [f"{arn(batch.bucket)}/"]}
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": [objects]}
    trails.put_event_selectors(TrailName="mine", EventSelectors=[selector])
    trails.start_logging(Name="mine")

    def read():
        welkin.advance("10m")
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"] if found["Key"].endswith(".gz")]
        bodies = [gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
        return [record for body in bodies for record in json.loads(body)["Records"]]

    yield read
    trails.stop_logging(Name="mine")


def by_the_role(batch, record):
    """Whether a record's caller is a session of the job's role."""
    identity = record["userIdentity"]
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    session = f"arn:aws:sts::{batch.account}:assumed-role/{batch.role_name}/"
    return identity["type"] == "AssumedRole" and identity["arn"].startswith(session) and issuer["arn"] == batch.role


def test_each_task_is_one_event_of_the_role_whether_it_succeeds_or_not(batch, records):
    keys = [f"k{number}" for number in range(60)]
    batch.put(*keys)
    batch.allow(*TAGGING, "s3:ListBucket", statements=[{**allow(["s3:PutObjectTagging"], arn(batch.bucket, "k7")), "Effect": "Deny"}])
    job = batch.run(TAGS, Manifest=batch.manifest(*keys, "missing"))
    assert counts(job) == (61, 59, 2)
    tagged = [record for record in records() if record["eventName"] == "PutObjectTagging"]
    assert sorted(record["requestParameters"]["key"] for record in tagged) == sorted([*keys, "missing"])
    assert len({record["eventID"] for record in tagged}) == 61
    for record in tagged:
        key = record["requestParameters"]["key"]
        assert by_the_role(batch, record) and record["eventCategory"] == "Data" and not record["readOnly"]
        assert record["sourceIPAddress"] == record["userAgent"] == PRINCIPAL
        error = {"k7": "AccessDenied", "missing": "NoSuchKey"}.get(key)
        assert record.get("errorCode") == error
        assert {found["type"] for found in record["resources"]} == {"AWS::S3::Object", "AWS::S3::Bucket"}


def test_a_copy_is_one_event_with_its_own_bytes_whatever_became_of_its_neighbours(batch, records):
    batch.put("a", "b", "c")
    operation = {"S3PutObjectCopy": {"TargetResource": arn(batch.bucket), "TargetKeyPrefix": "copies"}}
    job = batch.run(operation, Manifest=batch.manifest("gone", "a", "gone", "b", "c", "gone"))
    assert counts(job) == (6, 3, 3)
    for key in ("a", "b", "c"):
        assert batch.s3.get_object(Bucket=batch.bucket, Key=f"copies/{key}")["Body"].read() == key.encode()
    copied = [record for record in records() if record["eventName"] == "CopyObject"]
    assert all(by_the_role(batch, record) for record in copied)
    told = sorted((record["requestParameters"]["key"], record.get("errorCode", "")) for record in copied)
    gone = [("copies/gone", "NoSuchKey")] * 3
    assert told == sorted([("copies/a", ""), ("copies/b", ""), ("copies/c", ""), *gone])


def test_a_job_that_invokes_a_function_is_refused_by_name_and_leaves_no_job(batch, records):
    invoke = {"LambdaInvoke": {"FunctionArn": f"arn:aws:lambda:us-east-1:{batch.account}:function:f", "InvocationSchemaVersion": "2.0"}}
    with pytest.raises(Exception, match="NotImplemented.*LambdaInvoke"):
        batch.create(invoke, Manifest=batch.manifest("a"))
    assert batch.control.list_jobs()["Jobs"] == []
