"""Buckets whose requesters pay."""

import json
import urllib.error
import urllib.request

import pytest
from botocore import UNSIGNED
from conftest import allow, code_of, error_of, policy

PAYS = {"RequestPayer": "requester"}


@pytest.fixture
def other(welkin):
    return welkin.client("s3", welkin.account())


@pytest.fixture
def shared(welkin, s3, bucket, put_policy):
    """A bucket whose requesters pay, with an object; its policy permits everything to everyone."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    s3.delete_public_access_block(Bucket=bucket)
    put_policy(allow("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], Principal="*"))
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    return bucket


def test_who_pays_is_set_and_told(s3, bucket):
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    for payer in ("Requester", "BucketOwner"):
        s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": payer})
        assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == payer
    refused = code_of(s3.put_bucket_request_payment, Bucket=bucket, RequestPaymentConfiguration={"Payer": "Nobody"})
    assert refused == ("MalformedXML", 400)


def test_setting_who_pays_needs_its_action(welkin, account, bucket):
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetBucketRequestPayment", "*"))))
    assert reader.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    wish = {"RequestPaymentConfiguration": {"Payer": "Requester"}}
    assert code_of(reader.put_bucket_request_payment, Bucket=bucket, **wish) == ("AccessDenied", 403)
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketRequestPayment", "*"))))
    writer.put_bucket_request_payment(Bucket=bucket, **wish)
    assert code_of(writer.get_bucket_request_payment, Bucket=bucket) == ("AccessDenied", 403)


CALLS = {
    "get_object": {"Key": "k"},
    "head_object": {"Key": "k"},
    "put_object": {"Key": "new"},
    "copy_object": {"Key": "copy"},
    "list_objects": {},
    "list_objects_v2": {},
    "list_object_versions": {},
    "list_multipart_uploads": {},
    "create_multipart_upload": {"Key": "parts"},
    "get_object_acl": {"Key": "k"},
    "get_object_tagging": {"Key": "k"},
    "put_object_tagging": {"Key": "k", "Tagging": {"TagSet": []}},
    "get_object_attributes": {"Key": "k", "ObjectAttributes": ["ETag"]},
    "delete_objects": {"Delete": {"Objects": [{"Key": "gone"}]}},
    "delete_object": {"Key": "gone"},
}


@pytest.mark.parametrize("name", CALLS)
def test_others_say_that_they_pay_and_are_told_that_they_did(s3, other, shared, name):
    given = {"Bucket": shared, **CALLS[name]}
    if name == "copy_object":
        given["CopySource"] = {"Bucket": shared, "Key": "k"}
    call = getattr(other, name)
    code, status = code_of(call, **given)
    assert status == 403 and code in ("AccessDenied", "403")
    headers = call(**given, **PAYS)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-request-charged"] == "requester"
    mine = getattr(s3, name)(**given)
    assert "x-amz-request-charged" not in mine["ResponseMetadata"]["HTTPHeaders"], "the owner pays anyway"


def test_the_refusal_is_a_plain_denial(other, shared):
    error = error_of(other.get_object, Bucket=shared, Key="k")
    assert (error["Code"], error["Status"], error["Message"]) == ("AccessDenied", 403, "Access Denied")
    assert code_of(other.get_object, Bucket=shared, Key="k", RequestPayer="owner") == ("AccessDenied", 403)


def test_paying_permits_nothing(welkin, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k")
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    other = welkin.client("s3", welkin.account())
    assert code_of(other.get_object, Bucket=bucket, Key="k", **PAYS) == ("AccessDenied", 403)


def test_nobody_cannot_pay(welkin, s3, shared):
    anyone = welkin.client("s3", signature_version=UNSIGNED)
    assert code_of(anyone.get_object, Bucket=shared, Key="k", **PAYS) == ("AccessDenied", 403)
    s3.put_bucket_request_payment(Bucket=shared, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert anyone.get_object(Bucket=shared, Key="k")["Body"].read() == b"content"


def test_the_owners_users_do_not_pay(welkin, account, shared):
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetObject", "*"))))
    assert user.get_object(Bucket=shared, Key="k")["Body"].read() == b"content"


def test_an_upload_in_parts_is_paid_for_all_along(other, shared):
    upload = other.create_multipart_upload(Bucket=shared, Key="parts", **PAYS)["UploadId"]
    target = {"Bucket": shared, "Key": "parts", "UploadId": upload}
    assert code_of(other.upload_part, **target, PartNumber=1, Body=b"x") == ("AccessDenied", 403)
    etag = other.upload_part(**target, PartNumber=1, Body=b"x", **PAYS)["ETag"]
    assert code_of(other.list_parts, **target) == ("AccessDenied", 403)
    assert other.list_parts(**target, **PAYS)["RequestCharged"] == "requester"
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    assert code_of(other.complete_multipart_upload, **target, MultipartUpload=parts) == ("AccessDenied", 403)
    done = other.complete_multipart_upload(**target, MultipartUpload=parts, **PAYS)
    assert done["RequestCharged"] == "requester"


def test_a_copy_is_paid_for_at_its_source(welkin, s3, other, shared):
    mine = shared + "-copies"
    other.create_bucket(Bucket=mine)
    source = {"CopySource": {"Bucket": shared, "Key": "k"}}
    assert code_of(other.copy_object, Bucket=mine, Key="k", **source) == ("AccessDenied", 403)
    assert other.copy_object(Bucket=mine, Key="k", **source, **PAYS)["RequestCharged"] == "requester"


def test_a_signed_url_says_so_in_its_query(welkin, shared):
    account = welkin.account()
    signing = welkin.client("s3", account, signature_version="s3v4")
    plain = signing.generate_presigned_url("get_object", Params={"Bucket": shared, "Key": "k"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(plain)
    assert refused.value.code == 403
    paying = sign_query(signing, shared, "k")
    assert "x-amz-request-payer=requester" in paying
    with urllib.request.urlopen(paying) as answer:
        assert answer.read() == b"content" and answer.headers["x-amz-request-charged"] == "requester"


def sign_query(s3, bucket, key):
    """A URL with the parameter of the documentation; boto3 would sign a header."""
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    url = f"{s3.meta.endpoint_url}/{bucket}/{key}?x-amz-request-payer=requester"
    request = AWSRequest("GET", url)
    credentials = s3._request_signer._credentials
    S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(request)
    return request.url
