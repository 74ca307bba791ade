"""UpdateObjectEncryption: another key for an object that is there."""

import concurrent.futures
import datetime
import os
import threading

import pytest

from conftest import allow, code_of, error_of, fresh, policy


@pytest.fixture
def kms(welkin, account):
    return welkin.client("kms", account)


@pytest.fixture
def keys(kms):
    """ARNs of two new keys."""
    return [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]


def under(key, **more):
    return {"ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key, **more}}}


def test_an_object_gets_a_kms_key_and_then_another(welkin, s3, kms, bucket, keys):
    body = os.urandom(100_000)
    s3.put_object(Bucket=bucket, Key="k", Body=body, Metadata={"a": "1"}, Tagging="t=1", StorageClass="STANDARD_IA")
    before = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    welkin.advance("1h")
    s3.update_object_encryption(Bucket=bucket, Key="k", **under(keys[0]))
    after = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"]) == ("aws:kms", keys[0])
    same = "ETag", "LastModified", "ChecksumCRC32", "Metadata", "TagCount", "StorageClass", "ContentLength"
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    s3.update_object_encryption(Bucket=bucket, Key="k", **under(keys[1], BucketKeyEnabled=True))
    told = s3.head_object(Bucket=bucket, Key="k")
    assert told["SSEKMSKeyId"] == keys[1] and told["BucketKeyEnabled"]
    # The first key guards it no longer.
    kms.disable_key(KeyId=keys[0])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    kms.disable_key(KeyId=keys[1])
    welkin.advance("6m")
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == ("KMS.DisabledException", 400)


def test_a_version_and_an_object_of_parts(s3, bucket, keys):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["VersionId"]
    made = dict(Bucket=bucket, Key="k", UploadId=s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"])
    bodies = [os.urandom(5 << 20), b"end"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**made, PartNumber=n, Body=b)["ETag"]} for n, b in enumerate(bodies, 1)]
    new = s3.complete_multipart_upload(**made, MultipartUpload={"Parts": parts})
    s3.update_object_encryption(Bucket=bucket, Key="k", VersionId=old, **under(keys[0]))
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket=bucket, Key="k", VersionId=old)["SSEKMSKeyId"] == keys[0]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=old)["Body"].read() == b"old"
    s3.update_object_encryption(Bucket=bucket, Key="k", **under(keys[1]))
    told = s3.get_object(Bucket=bucket, Key="k")
    assert told["Body"].read() == b"".join(bodies) and told["ETag"] == new["ETag"] and told["VersionId"] == new["VersionId"]


def test_what_cannot_be_updated(welkin, s3, kms, bucket, keys):
    call = dict(Bucket=bucket, Key="k")
    assert code_of(s3.update_object_encryption, **call, **under(keys[0])) == ("NoSuchKey", 404)
    s3.put_object(**call, Body=b"x", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=keys[0])
    error = error_of(s3.update_object_encryption, **call, **under(keys[1]))
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400) and "DSSE-KMS" in error["Message"]
    s3.put_object(**call, Body=b"x")
    assert code_of(s3.update_object_encryption, **call, ObjectEncryption={}) == ("MalformedXML", 400)
    kms.create_alias(AliasName="alias/mine", TargetKeyId=keys[0])
    alias = keys[0].rpartition(":")[0] + ":alias/mine"
    for wrong in (keys[0].rpartition("/")[2], alias, "arn:aws:s3:::x"):
        assert code_of(s3.update_object_encryption, **call, **under(wrong))[1] == 400, wrong
    other = welkin.client("kms", welkin.account()).create_key()["KeyMetadata"]["Arn"]
    error = error_of(s3.update_object_encryption, **call, **under(other))
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "same account" in error["Message"]
    assert s3.head_object(**call)["ServerSideEncryption"] == "AES256"


def test_what_is_locked_keeps_its_encryption(welkin, s3, keys):
    bucket = fresh()
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    now = datetime.datetime.fromisoformat(welkin.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    until = now + datetime.timedelta(days=1)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    error = error_of(s3.update_object_encryption, Bucket=bucket, Key="k", **under(keys[0]))
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "Object Lock" in error["Message"]
    welkin.advance("25h")
    s3.update_object_encryption(Bucket=bucket, Key="k", **under(keys[0]))
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == keys[0]


def test_it_needs_its_action_and_both_keys(welkin, s3, account, bucket, keys):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[0])
    call = dict(Bucket=bucket, Key="k", **under(keys[1]))
    whole = ["s3:UpdateObjectEncryption", "kms:Decrypt", "kms:Encrypt"]
    for missing in whole:
        rest = [action for action in whole if action != missing]
        user = welkin.client("s3", **welkin.user(account, policy(allow(rest, "*"))))
        error = error_of(user.update_object_encryption, **call)
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and missing in error["Message"], missing
    welkin.client("s3", **welkin.user(account, policy(allow(whole, "*")))).update_object_encryption(**call)
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == keys[1]


def test_an_object_that_is_replaced_meanwhile_keeps_its_own_data_key(welkin, account, s3, bucket, keys):
    """What was wrapped for an object is not given to the one that was written over it: that could never be read."""
    done = threading.Event()

    def write():
        writer = welkin.client("s3", account)
        while not done.is_set():
            body = os.urandom(2000)
            writer.put_object(Bucket=bucket, Key="k", Body=body)
            assert writer.get_object(Bucket=bucket, Key="k")["Body"].read() == body

    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for number in range(60):
                s3.update_object_encryption(Bucket=bucket, Key="k", **under(keys[number % 2]))
        finally:
            done.set()
        writing.result()
