"""Dual-layer encryption, DSSE-KMS."""

import hashlib
import os

import pytest

from conftest import allow, code_of, error_of, policy

DSSE = "aws:kms:dsse"


@pytest.fixture
def kms(welkin, account):
    return welkin.client("kms", account)


@pytest.fixture
def key(kms):
    """ARN of a new key."""
    return kms.create_key()["KeyMetadata"]["Arn"]


def test_an_object_lies_in_two_layers_under_a_kms_key(s3, kms, bucket, key):
    body = os.urandom(200_000)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ServerSideEncryption=DSSE, SSEKMSKeyId=key)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == (DSSE, key) and "BucketKeyEnabled" not in put
    assert put["ETag"].strip('"') != hashlib.md5(body).hexdigest()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=65000-140000")
    assert part["Body"].read() == body[65_000:140_001] and part["ServerSideEncryption"] == DSSE
    kms.disable_key(KeyId=key)
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == ("KMS.DisabledException", 400)
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == DSSE


def test_readers_and_writers_need_the_key_too(welkin, s3, account, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption=DSSE, SSEKMSKeyId=key)
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:*", "*"))))
    assert "kms:Decrypt" in error_of(user.get_object, Bucket=bucket, Key="k")["Message"]
    put = dict(Bucket=bucket, Key="k", Body=b"y", ServerSideEncryption=DSSE, SSEKMSKeyId=key)
    assert "kms:GenerateDataKey" in error_of(user.put_object, **put)["Message"]


def test_it_is_the_default_of_a_bucket(s3, bucket, key):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": DSSE, "KMSMasterKeyID": key}}
    configuration = {"Rules": [{**rule, "BucketKeyEnabled": True}]}
    call = dict(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)
    assert code_of(s3.put_bucket_encryption, **call) == ("InvalidArgument", 400)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert told["ApplyServerSideEncryptionByDefault"] == rule["ApplyServerSideEncryptionByDefault"]
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == (DSSE, key)
    single = s3.put_object(Bucket=bucket, Key="l", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert single["ServerSideEncryption"] == "aws:kms"


def test_uploads_in_parts_and_copies(s3, bucket, key):
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", ServerSideEncryption=DSSE, SSEKMSKeyId=key)
    assert made["ServerSideEncryption"] == DSSE
    upload, bodies = dict(Bucket=bucket, Key="big", UploadId=made["UploadId"]), [os.urandom(5 << 20), b"end"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, 1)
    ]
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert done["ServerSideEncryption"] == DSSE
    assert s3.get_object(Bucket=bucket, Key="big", PartNumber=2)["Body"].read() == b"end"
    copied = s3.copy_object(Bucket=bucket, Key="plain", CopySource=f"{bucket}/big")
    assert copied["ServerSideEncryption"] == "AES256"
    back = dict(Bucket=bucket, Key="back", CopySource=f"{bucket}/plain", ServerSideEncryption=DSSE, SSEKMSKeyId=key)
    assert s3.copy_object(**back)["ServerSideEncryption"] == DSSE
    assert s3.get_object(Bucket=bucket, Key="back")["Body"].read() == b"".join(bodies)
