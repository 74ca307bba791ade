"""Buckets of other Regions: copies from them, and requests that come to the wrong one."""

import http.client
import json
import os
import re
import urllib.parse

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import allow, code_of, error_of, fresh, policy

WEST = "eu-west-1"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def west(welkin, account):
    return welkin.client("s3", account, region=WEST)


@pytest.fixture
def far(west):
    """A bucket of the account in another Region."""
    name = fresh()
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": WEST})
    return name


@pytest.fixture
def keys(welkin, account):
    """ARNs of a key here and of one there."""
    return [welkin.client("kms", account, region=region).create_key()["KeyMetadata"]["Arn"] for region in ("us-east-1", WEST)]


def used(welkin, account, region, name):
    """The calls of KMS in a Region on the record: key and object of each."""
    trail = welkin.client("cloudtrail", account, region=region)
    found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in found]
    assert all(record["awsRegion"] == region for record in records)
    return [(record["resources"][0]["ARN"], record["requestParameters"]["encryptionContext"]["aws:s3:arn"]) for record in records]


def test_a_copy_from_another_region_has_all_of_its_source(s3, west, bucket, far):
    body = os.urandom(200_000)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="a b", Body=body, Metadata={"a": "1"}, ContentType="text/plain", Tagging="t=1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a b", Body=b"new")
    copied = west.copy_object(Bucket=far, Key="k", CopySource={"Bucket": bucket, "Key": "a b", "VersionId": old})
    assert copied["CopySourceVersionId"] == old
    got = west.get_object(Bucket=far, Key="k")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (body, {"a": "1"}, "text/plain")
    assert west.get_object_tagging(Bucket=far, Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]
    # And back again, onto the source.
    s3.copy_object(Bucket=bucket, Key="a b", CopySource=f"{far}/k")
    assert s3.get_object(Bucket=bucket, Key="a b")["Body"].read() == body


def test_parts_are_copied_from_several_regions(s3, west, bucket, far):
    here, there = os.urandom(5 * MEBIBYTE + 7), os.urandom(MEBIBYTE)
    s3.put_object(Bucket=bucket, Key="here", Body=here)
    west.put_object(Bucket=far, Key="there", Body=there)
    upload = west.create_multipart_upload(Bucket=far, Key="whole")["UploadId"]
    call = {"Bucket": far, "Key": "whole", "UploadId": upload}
    first = west.upload_part_copy(**call, PartNumber=1, CopySource=f"{bucket}/here", CopySourceRange=f"bytes=7-{len(here) - 1}")
    second = west.upload_part_copy(**call, PartNumber=2, CopySource=f"{far}/there")
    parts = [{"PartNumber": n + 1, "ETag": part["CopyPartResult"]["ETag"]} for n, part in enumerate((first, second))]
    west.complete_multipart_upload(**call, MultipartUpload={"Parts": parts})
    assert west.get_object(Bucket=far, Key="whole")["Body"].read() == here[7:] + there
    s3.copy_object(Bucket=bucket, Key="back", CopySource=f"{far}/whole")
    assert s3.get_object(Bucket=bucket, Key="back")["Body"].read() == here[7:] + there


def test_each_key_is_used_in_its_own_region(welkin, account, s3, west, bucket, far, keys):
    body = os.urandom(10_000)
    s3.put_object(Bucket=bucket, Key="k", Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[0])
    copied = west.copy_object(Bucket=far, Key="c", CopySource=f"{bucket}/k", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[1])
    assert copied["SSEKMSKeyId"] == keys[1]
    assert used(welkin, account, "us-east-1", "Decrypt") == [(keys[0], f"arn:aws:s3:::{bucket}/k")]
    assert used(welkin, account, WEST, "GenerateDataKey") == [(keys[1], f"arn:aws:s3:::{far}/c")]
    welkin.client("kms", account).disable_key(KeyId=keys[0])
    assert west.get_object(Bucket=far, Key="c")["Body"].read() == body, "the copy is no longer the first key's"
    assert code_of(west.copy_object, Bucket=far, Key="d", CopySource=f"{bucket}/k") == ("KMS.DisabledException", 400)
    welkin.client("kms", account).enable_key(KeyId=keys[0])

    upload = west.create_multipart_upload(Bucket=far, Key="p", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[1])["UploadId"]
    call = {"Bucket": far, "Key": "p", "UploadId": upload}
    part = west.upload_part_copy(**call, PartNumber=1, CopySource=f"{bucket}/k")
    assert part["SSEKMSKeyId"] == keys[1]
    west.complete_multipart_upload(**call, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    got = west.get_object(Bucket=far, Key="p")
    assert (got["Body"].read(), got["SSEKMSKeyId"]) == (body, keys[1])


def test_a_key_of_the_wrong_region_encrypts_no_copy(welkin, account, s3, west, bucket, far, keys):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    wrong = {"CopySource": f"{bucket}/k", "Bucket": far, "Key": "c", "ServerSideEncryption": "aws:kms"}
    assert code_of(west.copy_object, **wrong, SSEKMSKeyId=keys[0]) == ("KMS.NotFoundException", 400)
    assert code_of(west.copy_object, **wrong, SSEKMSKeyId=keys[0].split("/")[1]) == ("KMS.NotFoundException", 400)
    # The name of an alias means the key of the destination's Region.
    for region, key in zip(("us-east-1", WEST), keys):
        welkin.client("kms", account, region=region).create_alias(AliasName="alias/both", TargetKeyId=key)
    assert west.copy_object(**wrong, SSEKMSKeyId="alias/both")["SSEKMSKeyId"] == keys[1]
    managed = west.copy_object(**wrong)["SSEKMSKeyId"]
    assert managed.startswith(f"arn:aws:kms:{WEST}:{account}:key/")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys[1]}, "BucketKeyEnabled": True}
    west.put_bucket_encryption(Bucket=far, ServerSideEncryptionConfiguration={"Rules": [rule]})
    copied = west.copy_object(Bucket=far, Key="e", CopySource=f"{bucket}/k")
    assert copied["SSEKMSKeyId"] == keys[1] and copied["BucketKeyEnabled"]


def test_a_requester_needs_both_keys(welkin, account, s3, bucket, far, keys):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[0])
    objects = allow(["s3:GetObject", "s3:PutObject"], "*")
    decrypt, generate = allow("kms:Decrypt", keys[0]), allow("kms:GenerateDataKey", keys[1])
    call = {"Bucket": far, "Key": "c", "CopySource": f"{bucket}/k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys[1]}
    for statements, missing in (([generate], "kms:Decrypt"), ([decrypt], "kms:GenerateDataKey")):
        user = welkin.client("s3", **welkin.user(account, policy(objects, *statements)), region=WEST)
        error = error_of(user.copy_object, **call)
        assert error["Code"] == "AccessDenied" and missing in error["Message"]
    user = welkin.client("s3", **welkin.user(account, policy(objects, decrypt, generate)), region=WEST)
    user.copy_object(**call)


def test_a_multi_region_key_is_each_regions_own(welkin, account, s3, west, bucket, far):
    kms = welkin.client("kms", account)
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    replica = kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=WEST)["ReplicaKeyMetadata"]
    welkin.advance("1m")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=primary["KeyId"])
    copied = west.copy_object(Bucket=far, Key="c", CopySource=f"{bucket}/k", ServerSideEncryption="aws:kms", SSEKMSKeyId=primary["KeyId"])
    assert copied["SSEKMSKeyId"] == replica["Arn"]
    welkin.client("kms", account, region=WEST).disable_key(KeyId=replica["KeyId"])
    assert code_of(west.get_object, Bucket=far, Key="c") == ("KMS.DisabledException", 400)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def ask(welkin, account, path, method="GET", host=None, region="us-east-1", presigned=False, headers=()):
    """A request signed for a Region: status, headers and text of the answer."""
    at = urllib.parse.urlsplit(welkin.endpoint)
    host = host or at.netloc
    request = AWSRequest(method, f"http://{host}{path}", headers={"Host": host, **dict(headers)})
    if presigned:
        S3SigV4QueryAuth(Credentials(account, "any"), "s3", region, 300).add_auth(request)
        path = request.url.split(host, 1)[1]
    else:
        S3SigV4Auth(Credentials(account, "any"), "s3", region).add_auth(request)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    connection.request(method, path, b"", dict(request.headers))
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def text_of(xml, name):
    found = re.search(f"<{name}>(.*?)</{name}>", xml)
    return found and found[1]


def test_a_request_that_is_signed_for_another_region_is_told_the_right_one(welkin, account, west, far):
    west.put_object(Bucket=far, Key="k", Body=b"west")
    status, headers, xml = ask(welkin, account, f"/{far}/k")
    assert (status, text_of(xml, "Code"), text_of(xml, "Region")) == (400, "AuthorizationHeaderMalformed", WEST)
    assert text_of(xml, "Message") == f"The authorization header is malformed; the region 'us-east-1' is wrong; expecting '{WEST}'"
    assert headers["x-amz-bucket-region"] == WEST
    status, headers, xml = ask(welkin, account, f"/{far}/k", presigned=True)
    assert (status, text_of(xml, "Code"), text_of(xml, "Region")) == (400, "AuthorizationQueryParametersError", WEST)
    for path in (f"/{far}", f"/{far}/k"):
        status, headers, body = ask(welkin, account, path, "HEAD")
        assert (status, headers["x-amz-bucket-region"], body) == (400, WEST, "")
    assert ask(welkin, account, f"/{far}/k", region=WEST)[::2] == (200, "west")


def test_a_host_of_another_region_redirects(welkin, account, west, far):
    west.put_object(Bucket=far, Key="k", Body=b"west")
    for host, path in ((f"{far}.s3.us-east-1.amazonaws.com", "/k"), ("s3.us-east-1.amazonaws.com", f"/{far}/k")):
        status, headers, xml = ask(welkin, account, path, host=host)
        assert (status, text_of(xml, "Code"), text_of(xml, "Bucket")) == (301, "PermanentRedirect", far)
        assert text_of(xml, "Endpoint") == f"{far}.s3.{WEST}.amazonaws.com" and headers["x-amz-bucket-region"] == WEST
        status, headers, body = ask(welkin, account, path, "HEAD", host=host)
        assert (status, headers["x-amz-bucket-region"], body) == (301, WEST, "")
    right = ask(welkin, account, "/k", host=f"{far}.s3.{WEST}.amazonaws.com", region=WEST)
    assert right[::2] == (200, "west")


def test_the_region_of_a_copy_is_its_destinations(welkin, account, s3, west, bucket, far):
    s3.put_object(Bucket=bucket, Key="k", Body=b"east")
    source = {"x-amz-copy-source": f"{bucket}/k"}
    status, _, xml = ask(welkin, account, f"/{far}/c", "PUT", headers=source)
    assert (status, text_of(xml, "Code"), text_of(xml, "Region")) == (400, "AuthorizationHeaderMalformed", WEST)
    assert code_of(west.head_object, Bucket=far, Key="c")[1] == 404
    assert ask(welkin, account, f"/{far}/c", "PUT", region=WEST, headers=source)[0] == 200
    assert west.get_object(Bucket=far, Key="c")["Body"].read() == b"east"
    # boto3 signs again for the Region that the error names.
    s3.copy_object(Bucket=far, Key="d", CopySource=f"{bucket}/k")
    assert west.get_object(Bucket=far, Key="d")["Body"].read() == b"east"


def test_the_owner_of_a_source_is_as_expected_in_other_regions_too(account, s3, west, bucket, far):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    call = {"Bucket": far, "Key": "c", "CopySource": f"{bucket}/k"}
    assert code_of(west.copy_object, **call, ExpectedSourceBucketOwner="111122223333") == ("AccessDenied", 403)
    west.copy_object(**call, ExpectedSourceBucketOwner=account, ExpectedBucketOwner=account)
