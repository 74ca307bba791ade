"""Copies."""

import concurrent.futures
import datetime
import hashlib
import itertools
import os
import threading

import pytest

from conftest import allow, code_of, error_of, fresh, policy


@pytest.fixture
def source(s3, bucket):
    """An object with everything: its body, and the source's name."""
    body = os.urandom(100_000)
    s3.put_object(
        Bucket=bucket, Key="a b", Body=body, Metadata={"a": "1"}, ContentType="text/plain", Tagging="t=1", ChecksumAlgorithm="SHA256"
    )
    return body, {"Bucket": bucket, "Key": "a b"}


def test_a_copy_has_all_of_its_source(s3, bucket, source):
    body, name = source
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=name)["CopyObjectResult"]
    assert copied["ETag"] == f'"{hashlib.md5(body).hexdigest()}"' and copied["ChecksumSHA256"]
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == body and got["Metadata"] == {"a": "1"} and got["ContentType"] == "text/plain"
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_a_copy_has_what_the_request_replaces(s3, bucket, source):
    _, name = source
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=name,
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        ContentType="image/png",
        TaggingDirective="REPLACE",
        Tagging="u=2",
        StorageClass="ONEZONE_IA",
        ChecksumAlgorithm="CRC32",
    )
    head = s3.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert head["Metadata"] == {"b": "2"} and head["ContentType"] == "image/png"
    assert head["StorageClass"] == "ONEZONE_IA" and head["ChecksumCRC32"]
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "u", "Value": "2"}]


def test_a_copy_onto_itself_changes_something(s3, bucket, source):
    body, name = source
    assert code_of(s3.copy_object, Bucket=bucket, Key="a b", CopySource=name) == ("InvalidRequest", 400)
    s3.copy_object(Bucket=bucket, Key="a b", CopySource=name, MetadataDirective="REPLACE", Metadata={"new": "1"})
    got = s3.get_object(Bucket=bucket, Key="a b")
    assert got["Body"].read() == body and got["Metadata"] == {"new": "1"}


def test_conditions_of_a_source(s3, bucket, source):
    _, name = source
    call = dict(Bucket=bucket, Key="copy", CopySource=name)
    head = s3.head_object(**name)
    before = head["LastModified"] - datetime.timedelta(seconds=5)
    failed = ("PreconditionFailed", 412)
    assert code_of(s3.copy_object, **call, CopySourceIfMatch='"x"') == failed
    assert code_of(s3.copy_object, **call, CopySourceIfNoneMatch=head["ETag"]) == failed
    assert code_of(s3.copy_object, **call, CopySourceIfUnmodifiedSince=before) == failed
    assert code_of(s3.copy_object, **call, CopySourceIfModifiedSince=head["LastModified"]) == failed
    s3.copy_object(**call, CopySourceIfMatch=head["ETag"], IfNoneMatch="*")
    assert code_of(s3.copy_object, **call, IfNoneMatch="*") == failed


def test_sources_that_are_not_there(s3, bucket, source):
    error = error_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/missing")
    assert (error["Code"], error["Status"]) == ("NoSuchKey", 404)
    assert code_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource="missing-bucket-x/k") == ("NoSuchBucket", 404)
    assert code_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource="nothing") == ("InvalidArgument", 400)


def test_a_copy_is_encrypted_anew_across_buckets(welkin, s3, account, bucket, source):
    body, name = source
    kms = welkin.client("kms", account)
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    other = fresh()
    s3.create_bucket(Bucket=other)
    first = s3.copy_object(
        Bucket=other, Key="k", CopySource=name, ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[0], BucketKeyEnabled=True
    )
    assert first["SSEKMSKeyId"] == keys[0] and first["BucketKeyEnabled"]
    second = s3.copy_object(
        Bucket=other, Key="k", CopySource=f"{other}/k", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[1]
    )
    assert second["SSEKMSKeyId"] == keys[1] and "BucketKeyEnabled" not in second
    assert s3.get_object(Bucket=other, Key="k")["Body"].read() == body
    kms.disable_key(KeyId=keys[1])
    assert code_of(s3.copy_object, Bucket=other, Key="l", CopySource=f"{other}/k") == ("KMS.DisabledException", 400)


def test_a_copy_needs_to_read_its_source(welkin, account, bucket, source):
    writes = policy(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    user = welkin.client("s3", **welkin.user(account, writes))
    error = error_of(user.copy_object, Bucket=bucket, Key="copy", CopySource=source[1])
    assert error["Code"] == "AccessDenied" and "s3:GetObject" in error["Message"]


def test_a_copy_is_of_one_write_however_often_its_source_is_written(welkin, account, s3, bucket):
    """Bytes and metadata of a copy are those of the same write, though the source is replaced all the while."""
    done = threading.Event()

    def write():
        writer = welkin.client("s3", account)
        for number in itertools.count():
            if done.is_set():
                return
            writer.put_object(Bucket=bucket, Key="source", Body=f"{number}".encode() * 2000, Metadata={"number": f"{number}"})

    s3.put_object(Bucket=bucket, Key="source", Body=b"0" * 2000, Metadata={"number": "0"})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(60):
                s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")
                got = s3.get_object(Bucket=bucket, Key="copy")
                assert got["Body"].read() == got["Metadata"]["number"].encode() * 2000
        finally:
            done.set()
        writing.result()
