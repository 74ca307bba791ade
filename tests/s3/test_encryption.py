"""Encryption: SSE-S3, SSE-KMS, Bucket Keys, SSE-C, defaults."""

import base64
import hashlib
import json
import os

import pytest

from conftest import allow, code_of, error_of, policy

KMS = "aws:kms"
DSSE = "aws:kms:dsse"


@pytest.fixture
def kms(welkin, account):
    return welkin.client("kms", account)


@pytest.fixture
def key(kms):
    """ARN of a new key."""
    return kms.create_key()["KeyMetadata"]["Arn"]


def default(s3, bucket, **rule):
    rules = {"Rules": [rule]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)


def by_default(key=None):
    master = {"KMSMasterKeyID": key} if key else {}
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": KMS, **master}}


def test_a_bucket_has_sse_s3_unless_said(s3, bucket, key):
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"} and not rule["BucketKeyEnabled"]
    default(s3, bucket, **by_default(key), BucketKeyEnabled=True)
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key and rule["BucketKeyEnabled"]
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize("bucket_key", [False, True])
def test_an_object_under_a_kms_key(s3, bucket, key, bucket_key):
    body = os.urandom(150_000)
    put = s3.put_object(
        Bucket=bucket, Key="k", Body=body, ServerSideEncryption=KMS, SSEKMSKeyId=key, BucketKeyEnabled=bucket_key
    )
    assert put["ServerSideEncryption"] == KMS and put["SSEKMSKeyId"] == key
    assert put.get("BucketKeyEnabled", False) == bucket_key
    assert put["ETag"].strip('"') != hashlib.md5(body).hexdigest() and len(put["ETag"]) == 34
    got = s3.get_object(Bucket=bucket, Key="k", Range="bytes=65000-66000")
    assert got["Body"].read() == body[65_000:66_001] and got["SSEKMSKeyId"] == key
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


def test_the_bucket_decides_where_the_request_does_not(s3, bucket, key):
    default(s3, bucket, **by_default(key), BucketKeyEnabled=True)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (KMS, key, True)
    plain = s3.put_object(Bucket=bucket, Key="p", Body=b"x", ServerSideEncryption="AES256")
    assert plain["ServerSideEncryption"] == "AES256" and "SSEKMSKeyId" not in plain


def test_without_a_key_the_aws_managed_one_is_used(s3, kms, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption=KMS)
    aliases = {a["AliasName"]: a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]}
    assert put["SSEKMSKeyId"].endswith(aliases["alias/aws/s3"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_readers_and_writers_need_the_key_too(welkin, s3, account, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    only_s3 = policy(allow("s3:*", "*"))
    user = welkin.client("s3", **welkin.user(account, only_s3))
    error = error_of(user.get_object, Bucket=bucket, Key="k")
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "kms:Decrypt" in error["Message"]
    put = dict(Bucket=bucket, Key="k", Body=b"y", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    error = error_of(user.put_object, **put)
    assert error["Code"] == "AccessDenied" and "kms:GenerateDataKey" in error["Message"]
    assert user.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == key
    both = welkin.client("s3", **welkin.user(account, policy(allow(["s3:*", "kms:Decrypt"], "*"))))
    assert both.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_the_encryption_context_is_the_objects_arn(welkin, s3, account, bucket, key):
    s3.put_object(Bucket=bucket, Key="in/k", Body=b"x", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    s3.put_object(Bucket=bucket, Key="out/k", Body=b"x", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    condition = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/in/*"}}
    only = policy(allow("s3:*", "*"), allow("kms:Decrypt", "*", Condition=condition))
    user = welkin.client("s3", **welkin.user(account, only))
    assert user.get_object(Bucket=bucket, Key="in/k")["Body"].read() == b"x"
    assert code_of(user.get_object, Bucket=bucket, Key="out/k") == ("AccessDenied", 403)


def test_calls_come_through_s3(welkin, s3, account, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    user = welkin.user(account, policy(allow("s3:*", "*"), allow("kms:Decrypt", "*", Condition=via)))
    assert welkin.client("s3", **user).get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    blob = welkin.client("kms", account).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert code_of(welkin.client("kms", **user).decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"


def test_a_key_that_cannot_be_used(s3, kms, bucket, key):
    put = dict(Bucket=bucket, Body=b"x", ServerSideEncryption=KMS)
    s3.put_object(**put, Key="k", SSEKMSKeyId=key)
    kms.disable_key(KeyId=key)
    assert code_of(s3.put_object, **put, Key="l", SSEKMSKeyId=key) == ("KMS.DisabledException", 400)
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == ("KMS.DisabledException", 400)
    missing = key[:-36] + "00000000-0000-0000-0000-000000000000"
    assert code_of(s3.put_object, **put, Key="l", SSEKMSKeyId=missing) == ("KMS.NotFoundException", 400)
    elsewhere = missing.replace("us-east-1", "eu-west-1")
    assert code_of(s3.put_object, **put, Key="l", SSEKMSKeyId=elsewhere) == ("KMS.NotFoundException", 400)


def test_a_bucket_key_asks_kms_once_for_each_requester_and_again_when_it_has_lapsed(welkin, s3, kms, account, bucket, key):
    default(s3, bucket, **by_default(key), BucketKeyEnabled=True)
    permissions = policy(allow(["s3:*", "kms:GenerateDataKey", "kms:Decrypt"], "*"))
    user = welkin.user(account, permissions)
    client = welkin.client("s3", **user)
    for n in range(5):
        client.put_object(Bucket=bucket, Key=f"k{n}", Body=b"%d" % n)
    # While the bucket-level key lives, reading and writing need no call of KMS: even of a key that is disabled.
    kms.disable_key(KeyId=key)
    client.put_object(Bucket=bucket, Key="k5", Body=b"5")
    assert [client.get_object(Bucket=bucket, Key=f"k{n}")["Body"].read() for n in range(6)] == [b"%d" % n for n in range(6)]
    # Another requester has to ask.
    assert code_of(s3.get_object, Bucket=bucket, Key="k0") == ("KMS.DisabledException", 400)
    welkin.advance("6m")
    assert code_of(client.get_object, Bucket=bucket, Key="k0") == ("KMS.DisabledException", 400)
    assert code_of(client.put_object, Bucket=bucket, Key="k6", Body=b"6") == ("KMS.DisabledException", 400)
    kms.enable_key(KeyId=key)
    assert client.get_object(Bucket=bucket, Key="k0")["Body"].read() == b"0"


def test_parts_lie_under_one_kms_key(s3, bucket, key):
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", ServerSideEncryption=KMS, SSEKMSKeyId=key)
    upload = dict(Bucket=bucket, Key="big", UploadId=made["UploadId"])
    bodies = [os.urandom(5 * 1024 * 1024), b"end"]
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(**upload, PartNumber=number, Body=body)
        assert part["SSEKMSKeyId"] == key and part["ETag"].strip('"') != hashlib.md5(body).hexdigest()
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert done["SSEKMSKeyId"] == key and done["ETag"].endswith('-2"')
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"".join(bodies)


def test_requests_that_contradict_themselves(s3, bucket, key):
    put = dict(Bucket=bucket, Key="k", Body=b"x")
    assert code_of(s3.put_object, **put, ServerSideEncryption="AES256", SSEKMSKeyId=key) == ("InvalidArgument", 400)
    dual = code_of(s3.put_object, **put, ServerSideEncryption=DSSE, SSEKMSKeyId=key, BucketKeyEnabled=True)
    assert dual == ("InvalidArgument", 400)
    bad = code_of(s3.put_object, **put, ServerSideEncryption=KMS, SSEKMSKeyId=key, SSEKMSEncryptionContext="{}")
    assert bad == ("InvalidRequest", 400)
    own = base64.b64encode(json.dumps({"team": "blue"}).encode()).decode()
    written = s3.put_object(**put, ServerSideEncryption=KMS, SSEKMSKeyId=key, SSEKMSEncryptionContext=own)
    assert written["SSEKMSEncryptionContext"] == own
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_keys_of_the_customer(s3, bucket):
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    put = dict(Bucket=bucket, Key="k", Body=b"secret")
    assert code_of(s3.put_object, **put, **customer) == ("AccessDenied", 403)  # blocked for new buckets
    default(
        s3,
        bucket,
        ApplyServerSideEncryptionByDefault={"SSEAlgorithm": "AES256"},
        BlockedEncryptionTypes={"EncryptionType": ["NONE"]},
    )
    md5 = base64.b64encode(hashlib.md5(customer["SSECustomerKey"]).digest()).decode()
    answer = s3.put_object(**put, **customer)
    assert answer["SSECustomerKeyMD5"] == md5 and "ServerSideEncryption" not in answer
    assert s3.get_object(Bucket=bucket, Key="k", **customer)["Body"].read() == b"secret"
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == ("InvalidRequest", 400)
    wrong = {**customer, "SSECustomerKey": os.urandom(32)}
    assert code_of(s3.get_object, Bucket=bucket, Key="k", **wrong) == ("AccessDenied", 403)
    copied = s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=f"{bucket}/k",
        CopySourceSSECustomerAlgorithm="AES256",
        CopySourceSSECustomerKey=customer["SSECustomerKey"],
    )
    assert copied["ServerSideEncryption"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"secret"
