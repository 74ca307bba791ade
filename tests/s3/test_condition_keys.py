"""Each condition key of S3 decides: what a policy denies by its value is denied, and by another value is not.

Tags of buckets are in test_abac.py, grants in headers in test_acl.py.
Reference: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
"""

import datetime
import hashlib
import json
import os
import types
import urllib.error
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import allow, code_of, fresh, policy

EMPTY = hashlib.sha256(b"").hexdigest()
CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}


@pytest.fixture(scope="module")
def world(welkin):
    """A bucket that keeps and locks versions, with an object in it, an access point and a KMS key."""
    account, name = welkin.account(), fresh()
    s3 = welkin.client("s3", account, signature_version="s3v4")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put = s3.put_object(Bucket=name, Key="k", Body=b"x", Tagging="team=blue")
    # Host names below localhost do not resolve everywhere: the clients take Welkin for their proxy.
    named = type(welkin)(f"http://localhost:{urllib.parse.urlsplit(welkin.endpoint).port}")
    control, pointed = (named.client(service, account, proxies={"http": welkin.endpoint}) for service in ("s3control", "s3"))
    point = control.create_access_point(AccountId=account, Name="point", Bucket=name)["AccessPointArn"]
    key = welkin.client("kms", account).create_key()["KeyMetadata"]["Arn"]
    now = welkin.now().replace(microsecond=0)
    return types.SimpleNamespace(
        welkin=welkin, account=account, s3=s3, pointed=pointed, bucket=name, version=put["VersionId"], etag=put["ETag"], point=point, key=key, until=now + datetime.timedelta(days=5)
    )


def deny(world, condition):
    """Has the bucket's policy deny all that meets a condition."""
    resources = [f"arn:aws:s3:::{world.bucket}", f"arn:aws:s3:::{world.bucket}/*"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources, "Condition": condition}
    world.s3.put_bucket_policy(Bucket=world.bucket, Policy=json.dumps(policy(statement)))


def is_denied(world, call):
    try:
        call(world)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "403"), error
        return True
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"AccessDenied" in error.read()
        return True
    return False


def put(**more):
    return lambda w: w.s3.put_object(Bucket=w.bucket, Key="new", Body=b"x", **{name: value(w) if callable(value) else value for name, value in more.items()})


def copy(**more):
    return lambda w: w.s3.copy_object(Bucket=w.bucket, Key="copy", CopySource=f"{w.bucket}/k", **more)


def listing(**more):
    return lambda w: w.s3.list_objects_v2(Bucket=w.bucket, **more)


def get(**more):
    return lambda w: w.s3.get_object(Bucket=w.bucket, Key="k", **{name: value(w) for name, value in more.items()})


def by_url(w):
    urllib.request.urlopen(w.s3.generate_presigned_url("get_object", {"Bucket": w.bucket, "Key": "k"})).read()


def over_tls(w):
    client = boto3.client(
        "s3", endpoint_url=w.welkin.endpoint.replace("http://", "https://"), region_name="us-east-1", verify=False,
        aws_access_key_id=w.account, aws_secret_access_key="any", config=Config(retries={"total_max_attempts": 1}),
    )
    client.get_object(Bucket=w.bucket, Key="k")


def through_point(w):
    w.pointed.get_object(Bucket=w.point, Key="k")


def part(w):
    made = w.s3.create_multipart_upload(Bucket=w.bucket, Key="parts")
    w.s3.upload_part(Bucket=w.bucket, Key="parts", UploadId=made["UploadId"], PartNumber=1, Body=b"x")


TEXT, NUMBER, DATE = "StringEquals", "NumericEquals", "DateEquals"
TAGS = {"Tagging": "team=red"}
LOCK = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": lambda w: w.until}
ROWS = [
    ("prefix", TEXT, "home/", "work/", listing(Prefix="home/")),
    ("delimiter", TEXT, "/", "-", listing(Delimiter="/")),
    ("max-keys", NUMBER, "5", "6", listing(MaxKeys=5)),
    ("prefix", TEXT, "a", "b", lambda w: w.s3.list_object_versions(Bucket=w.bucket, Prefix="a")),
    ("VersionId", TEXT, lambda w: w.version, "null", get(VersionId=lambda w: w.version)),
    ("ExistingObjectTag/team", TEXT, "blue", "red", get()),
    ("RequestObjectTag/team", TEXT, "red", "blue", put(**TAGS)),
    ("RequestObjectTagKeys", "ForAnyValue:StringEquals", "team", "cost", put(**TAGS)),
    ("x-amz-acl", TEXT, "bucket-owner-full-control", "private", put(ACL="bucket-owner-full-control")),
    ("x-amz-storage-class", TEXT, "STANDARD_IA", "STANDARD", put(StorageClass="STANDARD_IA")),
    ("x-amz-website-redirect-location", TEXT, "/there", "/here", put(WebsiteRedirectLocation="/there")),
    ("x-amz-server-side-encryption", TEXT, "aws:kms", "AES256", put(ServerSideEncryption="aws:kms")),
    ("x-amz-server-side-encryption-aws-kms-key-id", TEXT, lambda w: w.key, "alias/x", put(ServerSideEncryption="aws:kms", SSEKMSKeyId=lambda w: w.key)),
    ("x-amz-server-side-encryption-customer-algorithm", TEXT, "AES256", "DES", put(**CUSTOMER)),
    ("x-amz-metadata-directive", TEXT, "REPLACE", "COPY", copy(MetadataDirective="REPLACE")),
    ("x-amz-copy-source", TEXT, lambda w: f"{w.bucket}/k", "other/k", copy()),
    ("object-lock-mode", TEXT, "GOVERNANCE", "COMPLIANCE", put(**LOCK)),
    ("object-lock-retain-until-date", DATE, lambda w: w.until.isoformat().replace("+00:00", "Z"), "2020-01-01T00:00:00Z", put(**LOCK)),
    ("object-lock-remaining-retention-days", NUMBER, "5", "6", put(**LOCK)),
    ("object-lock-legal-hold", TEXT, "ON", "OFF", put(ObjectLockLegalHoldStatus="ON")),
    ("if-none-match", TEXT, "*", "x", lambda w: w.s3.put_object(Bucket=w.bucket, Key=fresh(), IfNoneMatch="*")),
    ("if-match", TEXT, lambda w: w.etag, '"x"', lambda w: w.s3.put_object(Bucket=w.bucket, Key="k", Body=b"x", Tagging="team=blue", IfMatch=w.etag)),
    ("ObjectCreationOperation", "Bool", "true", "false", put()),
    ("ObjectCreationOperation", "Bool", "false", "true", part),
    ("ResourceAccount", TEXT, lambda w: w.account, "111122223333", get()),
    ("DataAccessPointArn", TEXT, lambda w: w.point, "arn:aws:s3:us-east-1:111122223333:accesspoint/x", through_point),
    ("DataAccessPointAccount", TEXT, lambda w: w.account, "111122223333", through_point),
    ("AccessPointNetworkOrigin", TEXT, "Internet", "VPC", through_point),
    ("authType", TEXT, "REST-HEADER", "REST-QUERY-STRING", get()),
    ("authType", TEXT, "REST-QUERY-STRING", "REST-HEADER", by_url),
    ("signatureversion", TEXT, "AWS4-HMAC-SHA256", "AWS", get()),
    ("signatureAge", "NumericLessThan", "600000", "0", by_url),
    ("x-amz-content-sha256", TEXT, EMPTY, "UNSIGNED-PAYLOAD", get()),
    ("TlsVersion", NUMBER, "1.3", "1.2", over_tls),
    ("x-amz-object-ownership", TEXT, "BucketOwnerEnforced", "ObjectWriter", lambda w: w.s3.put_bucket_ownership_controls(
        Bucket=w.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})),
]


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("key, operator, right, wrong, call", ROWS, ids=[f"{n}-{row[0]}" for n, row in enumerate(ROWS)])
def test_a_condition_key_decides(world, key, operator, right, wrong, call):
    right, wrong = (value(world) if callable(value) else value for value in (right, wrong))
    deny(world, {operator: {f"s3:{key}": wrong}})
    assert not is_denied(world, call), f"s3:{key} is not {wrong}"
    deny(world, {operator: {f"s3:{key}": right}})
    assert is_denied(world, call), f"s3:{key} is {right}"
    world.s3.delete_bucket_policy(Bucket=world.bucket)


@pytest.mark.parametrize("key, call", [
    ("signatureAge", get()),
    ("TlsVersion", get()),
    ("VersionId", get()),
    ("max-keys", listing()),
    ("if-match", put()),
    ("x-amz-storage-class", put()),
    ("DataAccessPointArn", get()),
    ("x-amz-server-side-encryption", put()),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_request_does_not_say_has_no_value(world, key, call):
    deny(world, {"Null": {f"s3:{key}": "false"}})
    assert not is_denied(world, call)
    deny(world, {"Null": {f"s3:{key}": "true"}})
    assert is_denied(world, call)
    world.s3.delete_bucket_policy(Bucket=world.bucket)


def test_buckets_are_made_where_a_policy_says(welkin, account):
    only = {"Condition": {"StringLike": {"s3:LocationConstraint": "eu-west-1"}}}
    user = welkin.user(account, policy(allow("s3:CreateBucket", "*", **only)))
    west = welkin.client("s3", **user, region="eu-west-1")
    west.create_bucket(Bucket=fresh(), CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    north = welkin.client("s3", **user, region="eu-north-1")
    call = dict(Bucket=fresh(), CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    assert code_of(north.create_bucket, **call) == ("AccessDenied", 403)
    assert code_of(welkin.client("s3", **user).create_bucket, Bucket=fresh()) == ("AccessDenied", 403)


def test_buckets_are_listed_as_a_policy_says(welkin, account):
    for auth, denied in (("REST-HEADER", False), ("POST", True)):
        only = {"Condition": {"StringEquals": {"s3:authType": auth}}}
        user = welkin.client("s3", **welkin.user(account, policy(allow("s3:ListAllMyBuckets", "*", **only))))
        if denied:
            assert code_of(user.list_buckets) == ("AccessDenied", 403)
        else:
            assert user.list_buckets()["Buckets"] == []


def test_a_form_is_told_from_other_requests(world):
    form = world.s3.generate_presigned_post(world.bucket, "form")
    body = b"".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in form["fields"].items())
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--b--\r\n'

    def post(_):
        request = urllib.request.Request(form["url"], body, {"Content-Type": "multipart/form-data; boundary=b"}, method="POST")
        urllib.request.urlopen(request).read()

    deny(world, {"StringEquals": {"s3:authType": "REST-HEADER"}})
    assert not is_denied(world, post)
    deny(world, {"StringEquals": {"s3:authType": "POST"}})
    assert is_denied(world, post)
    world.s3.delete_bucket_policy(Bucket=world.bucket)
