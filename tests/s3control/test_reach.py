"""Buckets reached through access points: by ARN, alias and host name; who may; what is not taken."""

import json
import urllib.parse
import urllib.request

import pytest
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import code_of, error_of, fresh, policy, put_bucket_policy
from identity import allow


class Point:
    def __init__(self, control, account, bucket, name, **given):
        made = control.create_access_point(Name=name, Bucket=bucket, **given)
        self.control, self.account, self.bucket, self.name = control, account, bucket, name
        self.arn, self.alias, self.objects = made["AccessPointArn"], made["Alias"], f"{made['AccessPointArn']}/object/*"

    def put_policy(self, *statements):
        self.control.put_access_point_policy(Name=self.name, Policy=json.dumps(policy(*statements)))


@pytest.fixture
def point(control, account, bucket, s3):
    """An access point of a bucket with an object in it."""
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"hello", Tagging="data=finance")
    return Point(control, account, bucket, fresh("point"))


def objects(bucket):
    return f"arn:aws:s3:::{bucket}/*"


def delegate(s3, bucket, account):
    """The documentation's example of delegating access control to access points."""
    put_bucket_policy(
        s3,
        bucket,
        allow(
            "*",
            [f"arn:aws:s3:::{bucket}", objects(bucket)],
            Principal={"AWS": "*"},
            Condition={"StringEquals": {"s3:DataAccessPointAccount": account}},
        ),
    )


def read(client, name, key="dir/k"):
    return client.get_object(Bucket=name, Key=key)["Body"].read()


def test_an_object_is_reached_by_arn_alias_and_host(welkin, client, account, s3, point):
    assert read(s3, point.arn) == b"hello"
    assert read(s3, point.alias) == b"hello"
    # The host names of AWS, where DNS leads them here.
    for name, found in ((point.name, 200), ("none", 404)):
        host = f"{name}-{account}.s3-accesspoint.us-east-1.amazonaws.com"
        request = AWSRequest("GET", f"https://{host}/dir/k")
        S3SigV4Auth(Credentials(account, "any"), "s3", "us-east-1").add_auth(request)
        headers = {**dict(request.headers.items()), "Host": host}
        answer = urllib3.request("GET", f"{welkin.endpoint}/dir/k", headers=headers)
        assert answer.status == found and (found == 404 or answer.data == b"hello")
    virtual = client("s3", account, s3={"addressing_style": "virtual"})
    assert read(virtual, point.alias) == b"hello"
    assert read(virtual, point.bucket) == b"hello"


def test_a_bucket_called_like_an_access_point_is_still_a_bucket(client, account, s3, point):
    """A host name `name-account` is an access point's if there is one; a path is a bucket's."""
    name = f"{fresh('b')}-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"bucket")
    virtual = client("s3", account, s3={"addressing_style": "virtual"})
    assert read(virtual, name, "k") == b"bucket" and read(s3, name, "k") == b"bucket"
    assert code_of(s3.get_object, Bucket=f"{point.name}-{account}", Key="dir/k") == ("NoSuchBucket", 404)


def test_what_is_no_access_point_is_not_found(client, account, s3, point):
    missing = f"arn:aws:s3:us-east-1:{account}:accesspoint/none"
    assert code_of(s3.get_object, Bucket=missing, Key="k")[1] == 404
    assert code_of(s3.get_object, Bucket="none-" + "a" * 34 + "-s3alias", Key="k") == ("NoSuchBucket", 404)
    far = client("s3", account, region="eu-west-1")
    elsewhere = point.arn.replace("us-east-1", "eu-west-1")
    assert code_of(far.get_object, Bucket=elsewhere, Key="dir/k")[1] == 404


def test_compatible_operations_work(s3, point):
    for name in (point.arn, point.alias):
        key = f"made-by-{'arn' if name == point.arn else 'alias'}"
        s3.put_object(Bucket=name, Key=key, Body=b"new", Metadata={"m": "1"})
        assert s3.head_object(Bucket=name, Key=key)["Metadata"] == {"m": "1"}
        assert s3.get_object(Bucket=point.bucket, Key=key)["Body"].read() == b"new"
        s3.put_object_tagging(Bucket=name, Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
        assert s3.get_object_tagging(Bucket=name, Key=key)["TagSet"] == [{"Key": "a", "Value": "1"}]
        s3.delete_object_tagging(Bucket=name, Key=key)
        assert s3.get_object_attributes(Bucket=name, Key=key, ObjectAttributes=["ObjectSize"])["ObjectSize"] == 3
        listing = s3.list_objects_v2(Bucket=name, Prefix="made")
        assert key in [entry["Key"] for entry in listing["Contents"]] and listing["Name"] == point.bucket
        assert s3.list_objects(Bucket=name, Prefix=key)["Contents"][0]["Key"] == key
        assert s3.list_object_versions(Bucket=name, Prefix=key)["Versions"][0]["Key"] == key
        head = s3.head_bucket(Bucket=name)
        assert (head["BucketRegion"], head["AccessPointAlias"]) == ("us-east-1", name == point.alias)
        if name == point.alias:  # Clients take no ARN here.
            assert s3.get_bucket_location(Bucket=name).get("LocationConstraint") is None
        assert s3.get_bucket_acl(Bucket=name)["Owner"]
        upload = s3.create_multipart_upload(Bucket=name, Key="parts")
        assert upload["Bucket"] == point.bucket
        one = {"Bucket": name, "Key": "parts", "UploadId": upload["UploadId"]}
        part = s3.upload_part(**one, PartNumber=1, Body=b"x" * 10)
        assert len(s3.list_parts(**one)["Parts"]) == 1
        assert s3.list_multipart_uploads(Bucket=name)["Uploads"][0]["Key"] == "parts"
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        assert s3.complete_multipart_upload(**one, MultipartUpload=parts)["Bucket"] == point.bucket
        aborted = s3.create_multipart_upload(Bucket=name, Key="aborted")["UploadId"]
        s3.abort_multipart_upload(Bucket=name, Key="aborted", UploadId=aborted)
        s3.delete_object(Bucket=name, Key="parts")
        assert s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key}]})["Deleted"] == [{"Key": key}]
        assert s3.list_objects_v2(Bucket=point.bucket)["KeyCount"] == 1


def test_objects_are_copied_from_and_to_access_points(client, account, control, s3, point):
    source = {"Bucket": point.arn, "Key": "dir/k"}
    s3.copy_object(Bucket=point.arn, Key="copy 1", CopySource=source)
    s3.copy_object(Bucket=point.bucket, Key="copy 2", CopySource={"Bucket": point.alias, "Key": "copy 1"})
    assert read(s3, point.bucket, "copy 2") == b"hello"
    upload = {"Bucket": point.arn, "Key": "copy 3"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part_copy(**upload, PartNumber=1, CopySource=source)["CopyPartResult"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert read(s3, point.arn, "copy 3") == b"hello"
    far = client("s3", account, region="eu-west-1")
    elsewhere = fresh()
    far.create_bucket(Bucket=elsewhere, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert code_of(far.copy_object, Bucket=elsewhere, Key="k", CopySource=source) == ("InvalidRequest", 400)
    far.copy_object(Bucket=elsewhere, Key="k", CopySource={"Bucket": point.bucket, "Key": "dir/k"})


def test_other_operations_are_not_taken(s3, point):
    for name in (point.arn, point.alias):
        for call in (
            s3.delete_bucket,
            s3.get_bucket_versioning,
            s3.get_bucket_tagging,
            s3.get_bucket_encryption,
            s3.delete_bucket_policy,
            s3.get_public_access_block,
        ):
            assert code_of(call, Bucket=name) == ("MethodNotAllowed", 405), call
        versioning = {"VersioningConfiguration": {"Status": "Enabled"}}
        assert code_of(s3.put_bucket_versioning, Bucket=name, **versioning) == ("MethodNotAllowed", 405)


def test_presigned_urls_lead_through_access_points(welkin, client, account, point):
    own = client("s3", account, signature_version="s3v4")
    url = own.generate_presigned_url("get_object", Params={"Bucket": point.alias, "Key": "dir/k"})
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(f"{welkin.endpoint}{parts.path}?{parts.query}", headers={"Host": parts.netloc})
    assert urllib.request.urlopen(request).read() == b"hello"


def test_nobody_unsigned_reaches_an_access_point(welkin, control, s3, point):
    s3.delete_public_access_block(Bucket=point.bucket)
    put_bucket_policy(s3, point.bucket, allow("s3:GetObject", objects(point.bucket), Principal="*"))
    assert urllib.request.urlopen(f"{welkin.endpoint}/{point.bucket}/dir/k").read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{welkin.endpoint}/{point.alias}/dir/k")
    assert refused.value.code == 403


def test_a_users_own_policy_names_the_access_point(as_user, point):
    by_point = as_user("s3", "s3:GetObject", resource=point.objects)
    assert read(by_point, point.arn) == b"hello"
    assert code_of(by_point.get_object, Bucket=point.bucket, Key="dir/k") == ("AccessDenied", 403)
    by_bucket = as_user("s3", "s3:GetObject", resource=objects(point.bucket))
    error = error_of(by_bucket.get_object, Bucket=point.arn, Key="dir/k")
    assert error["Code"] == "AccessDenied" and f"{point.arn}/object/dir/k" in error["Message"]
    assert read(by_bucket, point.bucket) == b"hello"
    lister = as_user("s3", "s3:ListBucket", resource=point.arn)
    assert lister.list_objects_v2(Bucket=point.arn)["KeyCount"] == 1


def test_a_denial_of_either_counts(as_user, s3, point):
    deny = {"Effect": "Deny", "Action": "s3:GetObject"}
    free = allow("s3:*", "*")
    assert read(as_user("s3", statements=[free]), point.arn) == b"hello"
    for resource in (point.objects, objects(point.bucket)):
        user = as_user("s3", statements=[free, {**deny, "Resource": resource}])
        assert code_of(user.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403), resource
    user = as_user("s3", statements=[free])
    put_bucket_policy(s3, point.bucket, {**deny, "Principal": "*", "Resource": objects(point.bucket)})
    assert code_of(user.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    s3.delete_bucket_policy(Bucket=point.bucket)
    point.put_policy({**deny, "Principal": "*", "Resource": point.objects})
    assert code_of(user.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    assert read(user, point.bucket) == b"hello"


def test_an_access_points_policy_grants_what_the_bucket_allows_too(welkin, client, account, s3, point):
    """The documentation's example of Jane, who has no policy of her own."""
    options = welkin.user(account, name="Jane")
    jane = client("s3", **options)
    arn = f"arn:aws:iam::{account}:user/Jane"
    point.put_policy(allow(["s3:GetObject", "s3:PutObject"], f"{point.arn}/object/Jane/*", Principal={"AWS": arn}))
    put = {"Bucket": point.arn, "Key": "Jane/k", "Body": b"hers"}
    error = error_of(jane.put_object, **put)
    assert error["Code"] == "AccessDenied" and f"arn:aws:s3:::{point.bucket}/Jane/k" in error["Message"]
    put_bucket_policy(
        s3, point.bucket, allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{point.bucket}/Jane/*", Principal={"AWS": arn})
    )
    jane.put_object(**put)
    assert read(jane, point.arn, "Jane/k") == b"hers"
    s3.delete_bucket_policy(Bucket=point.bucket)
    assert code_of(jane.get_object, Bucket=point.arn, Key="Jane/k") == ("AccessDenied", 403)
    delegate(s3, point.bucket, account)
    assert read(jane, point.arn, "Jane/k") == b"hers"
    assert code_of(jane.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    # Delegation is to access points; without one, nothing is granted.
    assert code_of(jane.get_object, Bucket=point.bucket, Key="Jane/k") == ("AccessDenied", 403)


def test_tags_of_objects_are_conditions_of_access_points(welkin, client, account, s3, point):
    bob = client("s3", **welkin.user(account, name="Bob"))
    s3.put_object(Bucket=point.bucket, Key="other", Body=b"x")
    delegate(s3, point.bucket, account)
    tagged = {"StringEquals": {"s3:ExistingObjectTag/data": "finance"}}
    point.put_policy(
        allow("s3:GetObject", point.objects, Principal={"AWS": f"arn:aws:iam::{account}:user/Bob"}, Condition=tagged)
    )
    assert read(bob, point.arn) == b"hello"
    assert code_of(bob.get_object, Bucket=point.arn, Key="other") == ("AccessDenied", 403)


def test_buckets_may_be_closed_but_for_access_points(as_user, s3, point):
    only = {"StringNotEquals": {"s3:DataAccessPointArn": point.arn}}
    put_bucket_policy(
        s3,
        point.bucket,
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": objects(point.bucket), "Condition": only},
    )
    user = as_user("s3", "s3:GetObject")
    assert code_of(user.get_object, Bucket=point.bucket, Key="dir/k") == ("AccessDenied", 403)
    assert read(user, point.arn) == b"hello"


def test_network_origins_are_conditions_of_buckets(as_user, s3, point):
    """The documentation's example of a bucket that only VPCs' access points reach."""
    inner = {"StringNotEquals": {"s3:AccessPointNetworkOrigin": "VPC"}}
    put_bucket_policy(
        s3,
        point.bucket,
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": objects(point.bucket), "Condition": inner},
    )
    user = as_user("s3", "s3:GetObject")
    assert code_of(user.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)


def test_a_vpcs_access_point_takes_nothing_from_elsewhere(control, account, s3, bucket):
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"x")
    inner = Point(control, account, bucket, fresh("inner"), VpcConfiguration={"VpcId": "vpc-1a2b3c4d"})
    for name in (inner.arn, inner.alias):
        assert code_of(s3.get_object, Bucket=name, Key="dir/k") == ("AccessDenied", 403)
        assert code_of(s3.put_object, Bucket=name, Key="k", Body=b"y") == ("AccessDenied", 403)


@pytest.fixture
def across(welkin, client, s3, bucket):
    """An access point that another account has of the bucket."""
    other = welkin.account()
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"hello")
    theirs = client("s3control", other)
    bound = type("Of", (), {"__getattr__": lambda _, name: lambda **given: getattr(theirs, name)(AccountId=other, **given)})()
    return other, bound


def test_an_access_point_of_another_account_needs_the_bucket_owner(welkin, client, account, s3, bucket, across):
    other, theirs = across
    point = Point(theirs, other, bucket, fresh("across"), BucketAccountId=account)
    root = client("s3", other)
    assert code_of(root.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    delegate(s3, bucket, other)
    assert read(root, point.arn) == b"hello"
    user = client("s3", **welkin.user(other, policy(allow("s3:GetObject", point.objects))))
    assert read(user, point.arn) == b"hello"
    assert code_of(user.put_object, Bucket=point.arn, Key="k", Body=b"x") == ("AccessDenied", 403)
    # A third account needs the access point's policy and its own beside the bucket's.
    third = welkin.account()
    guest = client("s3", **welkin.user(third, policy(allow("s3:GetObject", "*"))))
    assert code_of(guest.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    point.put_policy(allow("s3:GetObject", point.objects, Principal={"AWS": third}))
    assert read(guest, point.arn) == b"hello"
    poor = client("s3", **welkin.user(third))
    assert code_of(poor.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    # Who owns the bucket may be asked to be the expected one.
    assert read(root, point.arn) == b"hello"
    assert code_of(root.get_object, Bucket=point.arn, Key="dir/k", ExpectedBucketOwner=other) == ("AccessDenied", 403)
    root.get_object(Bucket=point.arn, Key="dir/k", ExpectedBucketOwner=account)


def test_an_access_point_serves_no_other_owners_bucket(welkin, client, account, s3, across):
    other, theirs = across
    name = fresh()
    s3.create_bucket(Bucket=name)
    point = Point(theirs, other, name, fresh("across"), BucketAccountId=account)
    delegate(s3, name, other)
    root = client("s3", other)
    assert root.list_objects_v2(Bucket=point.arn)["KeyCount"] == 0
    s3.delete_bucket(Bucket=name)
    assert code_of(root.list_objects_v2, Bucket=point.arn) == ("NoSuchBucket", 404)
    client("s3", welkin.account()).create_bucket(Bucket=name)
    assert code_of(root.list_objects_v2, Bucket=point.arn) == ("NoSuchBucket", 404)


def test_public_access_points_are_restricted(welkin, client, control, account, s3, bucket):
    none = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"hello")
    point = Point(control, account, bucket, fresh("open"), PublicAccessBlockConfiguration=none)
    delegate(s3, bucket, account)
    point.put_policy(allow("s3:GetObject", point.objects, Principal="*"))
    stranger = client("s3", welkin.account())
    assert read(stranger, point.arn) == b"hello"
    restrict = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}
    control.put_public_access_block(**restrict)
    assert code_of(stranger.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    at_home = client("s3", **welkin.user(account))
    assert read(at_home, point.arn) == b"hello"
    control.delete_public_access_block()
    s3.put_public_access_block(Bucket=bucket, **restrict)
    assert code_of(stranger.get_object, Bucket=point.arn, Key="dir/k") == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    assert read(stranger, point.arn) == b"hello"


def test_service_control_policies_see_access_points(welkin, client, s3, point, account):
    organizations = client("organizations", account)
    organizations.create_organization(FeatureSet="ALL")
    # The management account is not bound by its own policies: what counts here is the explanation of a denial.
    user = client("s3", **welkin.user(account, policy(allow("s3:ListBucket", point.arn))))
    error = error_of(user.get_object, Bucket=point.arn, Key="dir/k")
    assert error["Code"] == "AccessDenied" and "no identity-based policy allows the s3:GetObject" in error["Message"]


def test_the_record_of_a_call_names_access_point_and_bucket(client, account, s3, point):
    s3.get_bucket_acl(Bucket=point.arn)
    events = client("cloudtrail", account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetBucketAcl"}]
    )["Events"]
    resources = {(r["ResourceType"], r["ResourceName"]) for event in events for r in event["Resources"]}
    assert ("AWS::S3::AccessPoint", point.arn) in resources
    assert ("AWS::S3::Bucket", f"arn:aws:s3:::{point.bucket}") in resources
    made = client("cloudtrail", account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateAccessPoint"}]
    )["Events"]
    assert [event["EventSource"] for event in made] == ["s3.amazonaws.com"]


def test_aliases_are_reached_through_one_bucket_key_and_encryption(s3, control, account, bucket, client):
    """Encryption belongs to the bucket: the context of its keys is the bucket's ARN whichever way objects come."""
    kms = client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )
    point = Point(control, account, bucket, fresh("point"))
    s3.put_object(Bucket=point.arn, Key="dir/k", Body=b"sealed")
    assert read(s3, bucket) == b"sealed" and read(s3, point.alias) == b"sealed"
