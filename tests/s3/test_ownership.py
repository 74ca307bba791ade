"""Who owns objects: the bucket's owner or their writers, and what follows."""

import json

import pytest
from conftest import allow, code_of, error_of, fresh, policy
from replicating import Pair
from test_acl import canonical, grants_of, may, with_lists


@pytest.fixture
def writer(welkin):
    """S3 as the root user of another account, which writes."""
    return welkin.client("s3", welkin.account())


def set_ownership(s3, bucket, ownership):
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def let_write(s3, bucket, writer):
    """Lets another account write, by the bucket's policy."""
    statement = allow(
        ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"],
        f"arn:aws:s3:::{bucket}/*",
        Principal={"CanonicalUser": canonical(writer)},
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(statement)))


def test_new_buckets_enforce_the_ownership_of_their_owner(s3, bucket):
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    for ownership in ("ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"):
        name = fresh()
        s3.create_bucket(Bucket=name, ObjectOwnership=ownership)
        rules = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        assert rules == [{"ObjectOwnership": ownership}]
        set_ownership(s3, bucket, ownership)
        rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        assert rules == [{"ObjectOwnership": ownership}]
    assert code_of(s3.create_bucket, Bucket=fresh(), ObjectOwnership="Nobody") == ("InvalidArgument", 400)
    for rules in ([], [{"ObjectOwnership": "Nobody"}], [{"ObjectOwnership": "ObjectWriter"}] * 2):
        error = code_of(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls={"Rules": rules})
        assert error == ("MalformedXML", 400)


def test_without_controls_writers_own(s3, writer, bucket):
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert code_of(s3.get_bucket_ownership_controls, Bucket=bucket) == ("OwnershipControlsNotFoundError", 404)
    let_write(s3, bucket, writer)
    writer.put_object(Bucket=bucket, Key="k")
    assert writer.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == canonical(writer)
    s3.delete_bucket_ownership_controls(Bucket=bucket)


def test_enforced_ownership_takes_no_lists(s3, bucket):
    me = canonical(s3)
    s3.put_object(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    for given in ({"ACL": "public-read"}, {"ACL": "authenticated-read"}, {"GrantRead": f"id={me}"}):
        for call, more in [(s3.put_object, {"Key": "k"}), (s3.put_object_acl, {"Key": "k"}), (s3.put_bucket_acl, {})]:
            error = error_of(call, Bucket=bucket, **more, **given)
            assert (error["Code"], error["Status"]) == ("AccessControlListNotSupported", 400)
            assert error["Message"] == "The bucket does not allow ACLs"
    assert code_of(s3.put_bucket_acl, Bucket=bucket, ACL="private") == ("AccessControlListNotSupported", 400)
    # Equivalent forms of full control for the bucket's owner.
    s3.put_object(Bucket=bucket, Key="k", GrantFullControl=f"id={me}")
    same = {"Owner": {"ID": me}, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": me}, "Permission": "FULL_CONTROL"}]}
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy=same)
    for answer in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
        assert answer["Owner"]["ID"] == me and grants_of(answer) == [(me, "FULL_CONTROL")]


def test_a_bucket_that_grants_others_cannot_be_enforced(s3, writer):
    bucket = with_lists(s3)
    s3.put_bucket_acl(Bucket=bucket, GrantRead=f"id={canonical(writer)}")
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    error = error_of(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=controls)
    assert (error["Code"], error["Status"]) == ("InvalidBucketAclWithObjectOwnership", 400)
    assert error["Message"] == "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    set_ownership(s3, bucket, "BucketOwnerEnforced")


def test_buckets_are_made_with_lists_that_their_settings_permit(s3, writer):
    name = fresh()
    for ownership in ({}, {"ObjectOwnership": "BucketOwnerEnforced"}):
        error = code_of(s3.create_bucket, Bucket=name, ACL="public-read", **ownership)
        assert error == ("InvalidBucketAclWithObjectOwnership", 400)
        s3.create_bucket(Bucket=fresh(), ACL="private", **ownership)
    error = error_of(s3.create_bucket, Bucket=name, ACL="public-read", ObjectOwnership="ObjectWriter")
    assert (error["Code"], error["Status"]) == ("InvalidBucketAclWithBlockPublicAccessError", 400)
    assert error["Message"] == "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
    they = canonical(writer)
    s3.create_bucket(Bucket=name, GrantRead=f"id={they}", ObjectOwnership="BucketOwnerPreferred")
    assert grants_of(s3.get_bucket_acl(Bucket=name)) == [(they, "READ")]
    assert writer.list_objects_v2(Bucket=name)["KeyCount"] == 0


def test_making_a_bucket_with_lists_or_ownership_needs_more(welkin, account):
    able = welkin.user(account, policy(allow("s3:CreateBucket", "*")))
    s3 = welkin.client("s3", **able)
    s3.create_bucket(Bucket=fresh(), ACL="private")
    assert code_of(s3.create_bucket, Bucket=fresh(), ObjectOwnership="ObjectWriter") == ("AccessDenied", 403)
    both = policy(allow(["s3:CreateBucket", "s3:PutBucketOwnershipControls"], "*"))
    s3 = welkin.client("s3", **welkin.user(account, both))
    s3.create_bucket(Bucket=fresh(), ObjectOwnership="ObjectWriter")
    more = {"ObjectOwnership": "ObjectWriter", "ACL": "log-delivery-write"}
    assert code_of(s3.create_bucket, Bucket=fresh(), **more) == ("AccessDenied", 403)
    keyed = {"Condition": {"StringEquals": {"s3:x-amz-object-ownership": "ObjectWriter"}}}
    s3 = welkin.client("s3", **welkin.user(account, policy(allow("s3:*", "*", **keyed))))
    s3.create_bucket(Bucket=fresh(), ObjectOwnership="ObjectWriter")
    assert code_of(s3.create_bucket, Bucket=fresh()) == ("AccessDenied", 403)


def owner_of_upload(ownership, canned):
    """The table "Object Ownership settings" of the guide."""
    if ownership == "BucketOwnerEnforced":
        return "bucket owner"
    if ownership == "BucketOwnerPreferred" and canned == "bucket-owner-full-control":
        return "bucket owner"
    return "writer"


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"])
@pytest.mark.parametrize("canned", [None, "bucket-owner-full-control", "bucket-owner-read", "private"])
def test_who_owns_what_another_account_writes(s3, writer, ownership, canned):
    bucket = with_lists(s3, ownership, open_to_public=False)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    let_write(s3, bucket, writer)
    given = {"ACL": canned} if canned else {}
    if ownership == "BucketOwnerEnforced" and canned == "bucket-owner-read":
        assert code_of(writer.put_object, Bucket=bucket, Key="k", **given) == ("AccessControlListNotSupported", 400)
        return
    writer.put_object(Bucket=bucket, Key="k", Body=b"theirs", **given)
    names = {"bucket owner": canonical(s3), "writer": canonical(writer)}
    owner = owner_of_upload(ownership, canned)
    # The bucket owner reads its own, and what is shared with it.
    reads = owner == "bucket owner" or canned in ("bucket-owner-full-control", "bucket-owner-read")
    assert may(s3.get_object, Bucket=bucket, Key="k") == reads
    assert may(s3.get_object_tagging, Bucket=bucket, Key="k") == (owner == "bucket owner")
    assert may(s3.get_object_acl, Bucket=bucket, Key="k") == (
        owner == "bucket owner" or canned == "bucket-owner-full-control"
    )
    assert may(writer.get_object, Bucket=bucket, Key="k") == (owner == "writer")
    listed = s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]["Owner"]["ID"]
    assert listed == names[owner] == s3.list_objects(Bucket=bucket)["Contents"][0]["Owner"]["ID"]
    assert s3.list_object_versions(Bucket=bucket)["Versions"][0]["Owner"]["ID"] == names[owner]
    asked = s3 if owner == "bucket owner" else writer
    answer = asked.get_object_acl(Bucket=bucket, Key="k")
    assert answer["Owner"]["ID"] == names[owner] and grants_of(answer)[0] == (names[owner], "FULL_CONTROL")
    # Whoever owns it, the bucket's owner may delete it.
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_object(Bucket=bucket, Key="k", VersionId=s3.list_object_versions(Bucket=bucket)["Versions"][0]["VersionId"])


def test_the_buckets_policy_grants_nothing_on_others_objects_but_denies(welkin, s3, writer):
    bucket = with_lists(s3, open_to_public=False)
    reader = welkin.client("s3", welkin.account())
    arn = f"arn:aws:s3:::{bucket}/*"
    grant = allow("s3:*", arn, Principal={"CanonicalUser": [canonical(writer), canonical(reader)]})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(grant)))
    s3.put_object(Bucket=bucket, Key="mine")
    writer.put_object(Bucket=bucket, Key="theirs", Tagging="a=b")
    assert may(reader.get_object, Bucket=bucket, Key="mine")
    assert not may(reader.get_object, Bucket=bucket, Key="theirs"), "it is not the bucket owner's to share"
    assert may(writer.get_object_tagging, Bucket=bucket, Key="theirs")
    writer.put_object_acl(Bucket=bucket, Key="theirs", GrantRead=f"id={canonical(reader)}")
    assert may(reader.get_object, Bucket=bucket, Key="theirs")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": arn}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(grant, deny)))
    assert not may(reader.get_object, Bucket=bucket, Key="theirs")
    assert not may(writer.get_object, Bucket=bucket, Key="theirs"), "not even its owner"


def test_lists_and_owners_come_back_with_the_controls(s3, writer, welkin):
    bucket = with_lists(s3, open_to_public=False)
    let_write(s3, bucket, writer)
    reader = welkin.client("s3", welkin.account())
    writer.put_object(Bucket=bucket, Key="before", GrantRead=f"id={canonical(reader)}")
    set_ownership(s3, bucket, "BucketOwnerEnforced")
    assert may(s3.get_object, Bucket=bucket, Key="before") and not may(reader.get_object, Bucket=bucket, Key="before")
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="before")) == [(canonical(s3), "FULL_CONTROL")]
    writer.put_object(Bucket=bucket, Key="meanwhile")
    set_ownership(s3, bucket, "ObjectWriter")
    assert not may(s3.get_object, Bucket=bucket, Key="before") and may(reader.get_object, Bucket=bucket, Key="before")
    assert may(s3.get_object, Bucket=bucket, Key="meanwhile"), "what was written meanwhile stays the bucket owner's"


def test_a_writers_users_need_their_accounts_permission(welkin, s3):
    bucket = with_lists(s3, open_to_public=False)
    account = welkin.account()
    root = welkin.client("s3", account)
    let_write(s3, bucket, root)
    grant = policy(allow(["s3:PutObject", "s3:GetObject"], "*"))
    able, unable = (welkin.client("s3", **welkin.user(account, p)) for p in (grant, None))
    assert not may(unable.put_object, Bucket=bucket, Key="k")
    able.put_object(Bucket=bucket, Key="k")
    assert may(able.get_object, Bucket=bucket, Key="k") and may(root.get_object, Bucket=bucket, Key="k")
    assert not may(unable.get_object, Bucket=bucket, Key="k")


def test_a_role_writes_for_its_account(welkin, s3):
    account = welkin.account()
    bucket = with_lists(s3, open_to_public=False)
    iam = welkin.client("iam", account)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=json.dumps(policy(allow("s3:*", "*"))))
    user = welkin.user(account, policy(allow("sts:AssumeRole", "*")))
    made = welkin.client("sts", **user).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = welkin.client("s3", key=made["AccessKeyId"], secret=made["SecretAccessKey"], token=made["SessionToken"])
    root = welkin.client("s3", account)
    s3.put_bucket_acl(Bucket=bucket, GrantWrite=f"id={canonical(root)}")
    session.put_object(Bucket=bucket, Key="k")
    assert root.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == canonical(root)


def test_an_upload_is_its_initiators(welkin, s3, writer):
    bucket = with_lists(s3, open_to_public=False)
    third = welkin.client("s3", welkin.account())
    ids = f"id={canonical(writer)},id={canonical(third)}"
    s3.put_bucket_acl(Bucket=bucket, GrantWrite=ids)
    upload = writer.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    etag = writer.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]
    assert listed["Owner"]["ID"] == listed["Initiator"]["ID"] == canonical(writer)
    target = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    assert len(writer.list_parts(**target)["Parts"]) == 1
    assert not may(third.list_parts, **target) and not may(third.abort_multipart_upload, **target)
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    writer.complete_multipart_upload(**target, MultipartUpload=parts)
    assert writer.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert not may(s3.get_object, Bucket=bucket, Key="k")
    again = writer.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    writer.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=again)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_delete_marker_is_of_who_deleted(s3, writer):
    bucket = with_lists(s3, open_to_public=False)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_acl(Bucket=bucket, GrantWrite=f"id={canonical(writer)}")
    writer.put_object(Bucket=bucket, Key="theirs")
    writer.delete_object(Bucket=bucket, Key="theirs")
    s3.put_object(Bucket=bucket, Key="mine")
    s3.delete_object(Bucket=bucket, Key="mine")
    markers = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    assert [marker["Owner"]["ID"] for marker in markers] == [canonical(s3), canonical(writer)]


def test_replicas_have_the_owner_and_the_list_of_the_source(welkin, account, writer):
    pair = Pair(welkin, account)
    for bucket in (pair.source, pair.copy):
        set_ownership(pair.s3, bucket, "ObjectWriter")
        pair.s3.delete_public_access_block(Bucket=bucket)
    let_write(pair.s3, pair.source, writer)
    writer.put_object(Bucket=pair.source, Key="theirs", GrantRead=f"id={canonical(pair.s3)}")
    pair.put("mine", ACL="public-read")
    listed = pair.s3.list_objects_v2(Bucket=pair.copy, FetchOwner=True)["Contents"]
    assert {entry["Key"]: entry["Owner"]["ID"] for entry in listed} == {"mine": canonical(pair.s3), "theirs": canonical(writer)}
    acl = pair.s3.get_object_acl(Bucket=pair.copy, Key="mine")
    assert grants_of(acl) == [(canonical(pair.s3), "FULL_CONTROL"), ("AllUsers", "READ")]
    assert may(pair.s3.get_object, Bucket=pair.copy, Key="theirs")
    pair.s3.put_object_acl(Bucket=pair.source, Key="mine", ACL="private")
    welkin.advance("1s")
    assert grants_of(pair.s3.get_object_acl(Bucket=pair.copy, Key="mine")) == [(canonical(pair.s3), "FULL_CONTROL")]


def test_replicas_in_an_enforced_bucket_are_its_owners(welkin, account):
    pair = Pair(welkin, account)
    set_ownership(pair.s3, pair.source, "ObjectWriter")
    pair.put("k", GrantReadACP=f"id={canonical(pair.s3)}")
    assert grants_of(pair.s3.get_object_acl(Bucket=pair.copy, Key="k")) == [(canonical(pair.s3), "FULL_CONTROL")]
    set_ownership(pair.s3, pair.copy, "ObjectWriter")
    assert grants_of(pair.s3.get_object_acl(Bucket=pair.copy, Key="k")) == [(canonical(pair.s3), "FULL_CONTROL")]
