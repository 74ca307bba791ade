"""Objects: written, read in ranges, described, deleted."""

import datetime
import hashlib
import os

import pytest

from conftest import code_of, error_of


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    body = os.urandom(200_000)
    put = s3.put_object(
        Bucket=bucket,
        Key="a/b c+ü.txt",
        Body=body,
        ContentType="text/plain",
        CacheControl="max-age=60",
        ContentDisposition="attachment",
        ContentEncoding="gzip",
        ContentLanguage="de",
        Expires=datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
        Metadata={"Color": "blue", "empty": ""},
        StorageClass="STANDARD_IA",
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ServerSideEncryption"] == "AES256"
    got = s3.get_object(Bucket=bucket, Key="a/b c+ü.txt")
    assert got["Body"].read() == body
    head = s3.head_object(Bucket=bucket, Key="a/b c+ü.txt")
    for answer in (got, head):
        assert answer["ContentLength"] == 200_000 and answer["ETag"] == put["ETag"]
        assert answer["ContentType"] == "text/plain" and answer["CacheControl"] == "max-age=60"
        assert answer["ContentDisposition"] == "attachment" and answer["ContentEncoding"] == "gzip"
        assert answer["ContentLanguage"] == "de" and answer["ExpiresString"] == "Wed, 02 Jan 2030 03:04:05 GMT"
        assert answer["Metadata"] == {"color": "blue", "empty": ""} and answer["StorageClass"] == "STANDARD_IA"
        assert answer["AcceptRanges"] == "bytes" and answer["LastModified"].microsecond == 0


def test_an_object_is_replaced_and_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"one", Metadata={"a": "1"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"two")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (b"two", {}, "binary/octet-stream")
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = error_of(s3.get_object, Bucket=bucket, Key="k")
    assert (error["Code"], error["Status"], error["Key"]) == ("NoSuchKey", 404, "k")
    assert code_of(s3.head_object, Bucket=bucket, Key="k") == ("404", 404)
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_an_empty_object(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert put["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"'
    got = s3.get_object(Bucket=bucket, Key="empty")
    assert (got["ContentLength"], got["Body"].read()) == (0, b"")
    assert code_of(s3.get_object, Bucket=bucket, Key="empty", Range="bytes=0-0") == ("InvalidRange", 416)


SIZE = 3 * 65_536 + 1000


@pytest.mark.parametrize(
    "header, start, end",
    [
        ("bytes=0-0", 0, 1),
        ("bytes=65535-65536", 65_535, 65_537),
        ("bytes=65536-131071", 65_536, 131_072),
        ("bytes=100-", 100, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        ("bytes=-99999999", 0, SIZE),
        ("bytes=150000-99999999", 150_000, SIZE),
    ],
)
def test_a_range_is_read(s3, bucket, header, start, end):
    body = bytes(n * 7 % 251 for n in range(SIZE))
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    got = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert got["ContentLength"] == end - start and got["Body"].read() == body[start:end]


def test_ranges_that_are_none(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    error = error_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-")
    assert (error["Code"], error["Status"], error["ActualObjectSize"]) == ("InvalidRange", 416, "10")
    whole = s3.get_object(Bucket=bucket, Key="k", Range="bytes=5-2")
    assert (whole["ResponseMetadata"]["HTTPStatusCode"], whole["Body"].read()) == (200, b"0123456789")
    head = s3.head_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert (head["ResponseMetadata"]["HTTPStatusCode"], head["ContentLength"]) == (206, 3)


def test_headers_of_the_answer_are_overridden(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    when = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    got = s3.get_object(
        Bucket=bucket,
        Key="k",
        ResponseContentType="application/json",
        ResponseCacheControl="no-store",
        ResponseContentDisposition='attachment; filename="f"',
        ResponseExpires=when,
    )
    assert got["ContentType"] == "application/json" and got["CacheControl"] == "no-store"
    assert got["ContentDisposition"] == 'attachment; filename="f"'
    assert got["ExpiresString"] == "Tue, 06 May 2031 07:08:09 GMT"


def test_conditions_of_reading(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    before = modified - datetime.timedelta(seconds=5)
    call = dict(Bucket=bucket, Key="k")
    assert s3.get_object(**call, IfMatch=etag)["Body"].read() == b"x"
    assert s3.get_object(**call, IfNoneMatch='"other"')["Body"].read() == b"x"
    assert s3.get_object(**call, IfModifiedSince=before)["Body"].read() == b"x"
    error = error_of(s3.get_object, **call, IfMatch='"other"')
    assert (error["Code"], error["Status"], error["Condition"]) == ("PreconditionFailed", 412, "If-Match")
    assert code_of(s3.get_object, **call, IfUnmodifiedSince=before) == ("PreconditionFailed", 412)
    assert code_of(s3.get_object, **call, IfNoneMatch=etag) == ("304", 304)
    assert code_of(s3.get_object, **call, IfModifiedSince=modified) == ("304", 304)
    assert code_of(s3.head_object, **call, IfNoneMatch="*") == ("304", 304)
    assert code_of(s3.head_object, **call, IfMatch='"other"') == ("412", 412)


def test_conditions_of_writing(s3, bucket):
    call = dict(Bucket=bucket, Key="k")
    assert code_of(s3.put_object, **call, Body=b"0", IfMatch='"x"') == ("NoSuchKey", 404)
    etag = s3.put_object(**call, Body=b"1", IfNoneMatch="*")["ETag"]
    assert code_of(s3.put_object, **call, Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert code_of(s3.put_object, **call, Body=b"2", IfMatch='"x"') == ("PreconditionFailed", 412)
    assert s3.get_object(**call)["Body"].read() == b"1"
    s3.put_object(**call, Body=b"2", IfMatch=etag)
    assert s3.get_object(**call)["Body"].read() == b"2"
    assert code_of(s3.delete_object, **call, IfMatch=etag) == ("PreconditionFailed", 412)
    s3.delete_object(**call, IfMatch=s3.head_object(**call)["ETag"])
    assert code_of(s3.head_object, **call) == ("404", 404)


def test_a_batch_is_deleted(s3, bucket):
    for n in range(5):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"x")
    keys = [{"Key": f"k{n}"} for n in range(3)] + [{"Key": "missing"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert [d["Key"] for d in answer["Deleted"]] == ["k0", "k1", "k2", "missing"] and "Errors" not in answer
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k3"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k4"]


def test_keys_and_metadata_have_limits(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k" * 1024, Body=b"x")
    assert code_of(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"x") == ("KeyTooLongError", 400)
    s3.put_object(Bucket=bucket, Key="m", Body=b"x", Metadata={"a": "v" * 2047})
    too_large = code_of(s3.put_object, Bucket=bucket, Key="m", Body=b"x", Metadata={"a": "v" * 2048})
    assert too_large == ("MetadataTooLarge", 400)
    wrong = code_of(s3.put_object, Bucket=bucket, Key="m", Body=b"x", StorageClass="GOLD")
    assert wrong == ("InvalidStorageClass", 400)


def test_an_archived_object_is_not_read(s3, bucket):
    s3.put_object(Bucket=bucket, Key="cold", Body=b"x", StorageClass="GLACIER")
    assert s3.head_object(Bucket=bucket, Key="cold")["StorageClass"] == "GLACIER"
    error = error_of(s3.get_object, Bucket=bucket, Key="cold")
    assert (error["Code"], error["Status"], error["StorageClass"]) == ("InvalidObjectState", 403, "GLACIER")


def test_tags_of_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b%20c=x%2Fy")
    tags = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b c", "Value": "x/y"}]
    assert s3.get_object(Bucket=bucket, Key="k")["TagCount"] == 2
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "z", "Value": "26"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "z", "Value": "26"}]
    many = {"TagSet": [{"Key": f"k{n}", "Value": ""} for n in range(11)]}
    assert code_of(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=many) == ("BadRequest", 400)
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", Tagging="aws:a=1") == ("InvalidTag", 400)
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    assert "TagCount" not in s3.head_object(Bucket=bucket, Key="k")


def test_the_bytes_of_replaced_objects_are_freed_after_their_grace(welkin, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    old = s3.get_object(Bucket=bucket, Key="k")
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    assert old["Body"].read() == b"old"
    welkin.advance("11m")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
    waiting = [job for job in welkin.admin("GET", "jobs") if job["name"] == "s3/free-blob"]
    assert all(job["attempts"] == 0 for job in waiting)
