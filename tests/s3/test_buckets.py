"""Buckets: made, listed, located, configured, deleted."""

import pytest

from conftest import code_of, error_of, fresh


def test_a_bucket_is_made_once_and_belongs_to_its_maker(welkin, s3, bucket):
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"
    s3.create_bucket(Bucket=bucket)  # the owner may again, in us-east-1
    other = welkin.client("s3", welkin.account())
    assert code_of(other.create_bucket, Bucket=bucket) == ("BucketAlreadyExists", 409)
    assert code_of(other.head_bucket, Bucket=bucket) == ("403", 403)
    assert code_of(other.delete_bucket, Bucket=bucket) == ("AccessDenied", 403)
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert bucket not in [b["Name"] for b in other.list_buckets()["Buckets"]]


def test_a_bucket_elsewhere_is_not_made_twice(welkin, account):
    west = welkin.client("s3", account, region="us-west-2")
    name = fresh()
    made = west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert made["Location"].strip("/").startswith(name) or name in made["Location"]
    again = code_of(west.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert again == ("BucketAlreadyOwnedByYou", 409)
    assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"


def test_location_constraints_follow_the_region_of_the_request(welkin, account):
    east, west = welkin.client("s3", account), welkin.client("s3", account, region="eu-west-1")
    assert east.get_bucket_location(Bucket=_made(east))["LocationConstraint"] is None
    code = ("IllegalLocationConstraintException", 400)
    assert code_of(west.create_bucket, Bucket=fresh()) == code
    wrong = {"LocationConstraint": "us-west-2"}
    assert code_of(west.create_bucket, Bucket=fresh(), CreateBucketConfiguration=wrong) == code
    nowhere = {"LocationConstraint": "mars-north-1"}
    assert code_of(east.create_bucket, Bucket=fresh(), CreateBucketConfiguration=nowhere) == (
        "InvalidLocationConstraint",
        400,
    )


def _made(client):
    name = fresh()
    client.create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize("name", ["Upper-Case", "under_score", "192.168.5.4", "xn--bucket", "a..b"])
def test_names_that_break_the_rules_are_refused(s3, name):
    s3.meta.events.unregister("before-parameter-build.s3", None)
    assert code_of(s3.create_bucket, Bucket=name) == ("InvalidBucketName", 400)


def test_only_an_empty_bucket_is_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = error_of(s3.delete_bucket, Bucket=bucket)
    assert (error["Code"], error["Status"], error["BucketName"]) == ("BucketNotEmpty", 409, bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    assert s3.delete_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert code_of(s3.list_objects_v2, Bucket=bucket) == ("NoSuchBucket", 404)
    assert code_of(s3.head_bucket, Bucket=bucket) == ("404", 404)
    assert bucket not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def test_uploads_in_progress_end_with_their_bucket(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_buckets_are_listed_in_pages_by_prefix_and_region(welkin, account):
    s3, west = welkin.client("s3", account), welkin.client("s3", account, region="us-west-2")
    stem = fresh("list")
    for n in range(5):
        s3.create_bucket(Bucket=f"{stem}-{n}")
    west.create_bucket(Bucket=f"{stem}-w", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    first = s3.list_buckets(Prefix=f"{stem}-", MaxBuckets=4)
    assert [b["Name"] for b in first["Buckets"]] == [f"{stem}-{n}" for n in range(4)]
    assert first["Buckets"][0]["BucketRegion"] == "us-east-1" and first["Prefix"] == f"{stem}-"
    rest = s3.list_buckets(Prefix=f"{stem}-", MaxBuckets=4, ContinuationToken=first["ContinuationToken"])
    assert [b["Name"] for b in rest["Buckets"]] == [f"{stem}-4", f"{stem}-w"]
    assert "ContinuationToken" not in rest
    only = s3.list_buckets(Prefix=stem, BucketRegion="us-west-2")
    assert [b["Name"] for b in only["Buckets"]] == [f"{stem}-w"]
    assert code_of(s3.list_buckets, MaxBuckets=10_001) == ("InvalidArgument", 400)


def test_a_client_of_another_region_is_sent_to_the_right_one(welkin, account):
    west, east = welkin.client("s3", account, region="us-west-2"), welkin.client("s3", account)
    name = fresh()
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    west.put_object(Bucket=name, Key="k", Body=b"west")
    # boto3 reads the Region from the error, and signs again for it.
    assert east.get_object(Bucket=name, Key="k")["Body"].read() == b"west"
    assert east.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"


def test_an_expected_owner_is_checked(welkin, s3, bucket, account):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=account)
    other = welkin.account()
    assert code_of(s3.get_object, Bucket=bucket, Key="k", ExpectedBucketOwner=other) == ("AccessDenied", 403)
    assert code_of(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner=other) == ("403", 403)


def test_tags_of_a_bucket(s3, bucket):
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    twice = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}
    assert code_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=twice) == ("InvalidTag", 400)
    s3.delete_bucket_tagging(Bucket=bucket)
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
