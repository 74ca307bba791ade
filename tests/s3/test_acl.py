"""Access control lists of buckets and objects: what they are made of, and what they grant to whom."""

import itertools
import json

import pytest
from botocore import UNSIGNED
from conftest import allow, code_of, error_of, fresh, policy

GROUPS = "http://acs.amazonaws.com/groups"
ALL_USERS = {"Type": "Group", "URI": f"{GROUPS}/global/AllUsers"}
AUTHENTICATED = {"Type": "Group", "URI": f"{GROUPS}/global/AuthenticatedUsers"}
LOG_DELIVERY = {"Type": "Group", "URI": f"{GROUPS}/s3/LogDelivery"}
EC2 = {"Type": "CanonicalUser", "ID": "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"}
NOBODY = "65a011a29cdf8ec533ec3d1ccaae921c"


def user(id):
    return {"Type": "CanonicalUser", "ID": id}


def grant(grantee, permission):
    return {"Grantee": grantee, "Permission": permission}


def grants_of(answer):
    return [(g["Grantee"].get("ID") or g["Grantee"]["URI"].rsplit("/", 1)[1], g["Permission"]) for g in answer["Grants"]]


def canonical(s3):
    """The canonical user id of a client's account."""
    return s3.list_buckets()["Owner"]["ID"]


@pytest.fixture
def anyone(welkin):
    """S3 without a signature."""
    return welkin.client("s3", signature_version=UNSIGNED)


@pytest.fixture
def other(welkin):
    """S3 as the root user of another account."""
    return welkin.client("s3", welkin.account())


def with_lists(s3, ownership="ObjectWriter", open_to_public=True):
    """A bucket that takes access control lists."""
    name = fresh()
    s3.create_bucket(Bucket=name, ObjectOwnership=ownership)
    if open_to_public:
        s3.delete_public_access_block(Bucket=name)
    return name


@pytest.fixture
def listed(s3):
    return with_lists(s3)


def may(call, *args, **kwargs):
    """Whether a call is permitted; any other refusal than a denial fails the test."""
    try:
        call(*args, **kwargs)
        return True
    except Exception as error:
        code = error.response["Error"]["Code"]
        assert code in ("AccessDenied", "403"), code
        return False


# What a list is made of.


@pytest.mark.parametrize(
    "canned, grants",
    [
        ("private", []),
        ("public-read", [("AllUsers", "READ")]),
        ("public-read-write", [("AllUsers", "READ"), ("AllUsers", "WRITE")]),
        ("authenticated-read", [("AuthenticatedUsers", "READ")]),
        ("aws-exec-read", [(EC2["ID"], "READ")]),
        ("bucket-owner-read", []),
        ("bucket-owner-full-control", []),
    ],
)
def test_canned_lists_are_the_documented_grants(s3, listed, canned, grants):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"""
    me = canonical(s3)
    expected = [(me, "FULL_CONTROL"), *grants]
    s3.put_object(Bucket=listed, Key="k", ACL=canned)
    answer = s3.get_object_acl(Bucket=listed, Key="k")
    assert answer["Owner"] == {"ID": me} and grants_of(answer) == expected
    s3.put_object(Bucket=listed, Key="later")
    s3.put_object_acl(Bucket=listed, Key="later", ACL=canned)
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="later")) == expected
    s3.put_bucket_acl(Bucket=listed, ACL=canned)
    assert grants_of(s3.get_bucket_acl(Bucket=listed)) == expected


def test_logs_are_delivered_to_buckets_only(s3, listed):
    s3.put_bucket_acl(Bucket=listed, ACL="log-delivery-write")
    expected = [(canonical(s3), "FULL_CONTROL"), ("LogDelivery", "WRITE"), ("LogDelivery", "READ_ACP")]
    assert grants_of(s3.get_bucket_acl(Bucket=listed)) == expected
    assert code_of(s3.put_object, Bucket=listed, Key="k", ACL="log-delivery-write") == ("InvalidArgument", 400)
    assert code_of(s3.put_bucket_acl, Bucket=listed, ACL="open-to-all") == ("InvalidArgument", 400)


def test_grants_in_headers_are_the_whole_list(s3, other, listed):
    me, they = canonical(s3), canonical(other)
    headers = {
        "GrantFullControl": f'id="{me}"',
        "GrantRead": f'id="{they}", uri="{ALL_USERS["URI"]}"',
        "GrantReadACP": f"id={they}",
        "GrantWriteACP": f'uri="{AUTHENTICATED["URI"]}"',
    }
    s3.put_object(Bucket=listed, Key="k", **headers)
    expected = [
        (me, "FULL_CONTROL"),
        (they, "READ"),
        ("AllUsers", "READ"),
        (they, "READ_ACP"),
        ("AuthenticatedUsers", "WRITE_ACP"),
    ]
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="k")) == expected
    s3.put_bucket_acl(Bucket=listed, GrantWrite=f"id={they}")
    assert grants_of(s3.get_bucket_acl(Bucket=listed)) == [(they, "WRITE")], "not even the owner is added"
    upload = s3.create_multipart_upload(Bucket=listed, Key="parts", **headers)["UploadId"]
    etag = s3.upload_part(Bucket=listed, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(Bucket=listed, Key="parts", UploadId=upload, MultipartUpload=parts)
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="parts")) == expected
    s3.copy_object(Bucket=listed, Key="copy", CopySource={"Bucket": listed, "Key": "k"})
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="copy")) == [(me, "FULL_CONTROL")], "lists are not copied"


def test_grants_in_a_body_are_kept_in_their_order(s3, other, listed):
    me, they = canonical(s3), canonical(other)
    wished = {
        "Owner": {"ID": me},
        "Grants": [grant(LOG_DELIVERY, "READ_ACP"), grant(user(they), "WRITE"), grant(user(me), "FULL_CONTROL")],
    }
    s3.put_bucket_acl(Bucket=listed, AccessControlPolicy=wished)
    answer = s3.get_bucket_acl(Bucket=listed)
    assert {"Owner": answer["Owner"], "Grants": answer["Grants"]} == wished
    s3.put_object(Bucket=listed, Key="k")
    s3.put_object_acl(Bucket=listed, Key="k", AccessControlPolicy=wished)
    assert s3.get_object_acl(Bucket=listed, Key="k")["Grants"] == wished["Grants"]
    s3.put_object_acl(Bucket=listed, Key="k", AccessControlPolicy={"Owner": {"ID": me}, "Grants": []})
    assert s3.get_object_acl(Bucket=listed, Key="k")["Grants"] == []
    assert s3.get_object(Bucket=listed, Key="k")["ContentLength"] == 0, "the owner has its own policies"


def test_what_is_no_list_is_refused(s3, other, listed):
    me, they = canonical(s3), canonical(other)
    s3.put_object(Bucket=listed, Key="k", ACL="public-read")

    def refusals(**given):
        errors = [
            error_of(s3.put_bucket_acl, Bucket=listed, **given),
            error_of(s3.put_object_acl, Bucket=listed, Key="k", **given),
        ]
        assert errors[0]["Code"] == errors[1]["Code"]
        return errors[0]

    def of(*grants, owner=me):
        return {"AccessControlPolicy": {"Owner": {"ID": owner}, "Grants": list(grants)}}

    error = refusals()
    assert (error["Code"], error["Status"], error["MissingHeaderName"]) == ("MissingSecurityHeader", 400, "x-amz-acl")
    error = refusals(ACL="private", GrantRead=f"id={they}")
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400)
    assert error["Message"] == "Specifying both Canned ACLs and Header Grants is not allowed"
    error = refusals(ACL="private", **of())
    assert (error["Code"], error["Status"]) == ("UnexpectedContent", 400)
    error = refusals(**of(grant(user("f" * 64), "READ")))
    assert (error["Code"], error["Status"]) == ("InvalidArgument", 400)
    assert (error["Message"], error["ArgumentName"]) == ("Invalid id", "CanonicalUser/ID")
    error = refusals(**of(grant({"Type": "Group", "URI": f"{GROUPS}/global/Nobody"}, "READ")))
    assert (error["Code"], error["Message"]) == ("InvalidArgument", "Invalid group uri")
    assert refusals(**of(grant({"Type": "Group"}, "READ")))["Code"] == "MalformedACLError"
    assert refusals(**of(grant(user(they), "EVERYTHING")))["Code"] == "MalformedACLError"
    assert refusals(AccessControlPolicy={"Grants": [grant(user(they), "READ")]})["Code"] == "MalformedACLError"
    error = refusals(**of(grant(user(they), "READ"), owner=they))
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert refusals(**of(*[grant(user(they), "READ")] * 101))["Code"] == "MalformedACLError"
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html: not since October 2025.
    by_email = {"Type": "AmazonCustomerByEmail", "EmailAddress": "someone@example.com"}
    error = refusals(**of(grant(by_email, "READ")))
    assert (error["Code"], error["Status"]) == ("MethodNotAllowed", 405)
    assert refusals(GrantRead='emailAddress="someone@example.com"')["Code"] == "MethodNotAllowed"
    assert refusals(GrantRead="they")["Code"] == "InvalidArgument"
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="k")) == [(me, "FULL_CONTROL"), ("AllUsers", "READ")]
    assert grants_of(s3.get_bucket_acl(Bucket=listed)) == [(me, "FULL_CONTROL")], "nothing was changed"


def test_a_list_has_up_to_a_hundred_grants(welkin, s3, listed):
    they = [canonical(welkin.client("s3", welkin.account())) for _ in range(100)]
    wished = {"Owner": {"ID": canonical(s3)}, "Grants": [grant(user(id), "READ") for id in they]}
    s3.put_bucket_acl(Bucket=listed, AccessControlPolicy=wished)
    assert grants_of(s3.get_bucket_acl(Bucket=listed)) == [(id, "READ") for id in they]


def test_each_version_has_a_list_of_its_own(s3, anyone, listed):
    s3.put_bucket_versioning(Bucket=listed, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=listed, Key="k", Body=b"1", ACL="public-read")["VersionId"]
    second = s3.put_object(Bucket=listed, Key="k", Body=b"2")["VersionId"]
    assert anyone.get_object(Bucket=listed, Key="k", VersionId=first)["Body"].read() == b"1"
    assert code_of(anyone.get_object, Bucket=listed, Key="k") == ("AccessDenied", 403)
    s3.put_object_acl(Bucket=listed, Key="k", VersionId=first, ACL="private")
    s3.put_object_acl(Bucket=listed, Key="k", ACL="public-read")
    assert code_of(anyone.get_object, Bucket=listed, Key="k", VersionId=first) == ("AccessDenied", 403)
    assert anyone.get_object(Bucket=listed, Key="k")["Body"].read() == b"2"
    assert grants_of(s3.get_object_acl(Bucket=listed, Key="k", VersionId=second))[1:] == [("AllUsers", "READ")]


# What each permission lets its holder do, by "Mapping of ACL permissions and access policy permissions".

ON_BUCKET = {
    "READ": {"ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"},
    "WRITE": {"PutObject"},
    "READ_ACP": {"GetBucketAcl"},
    "WRITE_ACP": {"PutBucketAcl"},
}
ON_BUCKET["FULL_CONTROL"] = set().union(*ON_BUCKET.values())

ON_OBJECT = {
    "READ": {"GetObject", "GetObjectVersion"},
    "WRITE": set(),
    "READ_ACP": {"GetObjectAcl", "GetObjectVersionAcl"},
    "WRITE_ACP": {"PutObjectAcl", "PutObjectVersionAcl"},
}
ON_OBJECT["FULL_CONTROL"] = set().union(*ON_OBJECT.values())

BUCKET_CALLS = {
    "ListBucket": lambda s3, b: s3.list_objects_v2(Bucket=b),
    "ListBucketVersions": lambda s3, b: s3.list_object_versions(Bucket=b),
    "ListBucketMultipartUploads": lambda s3, b: s3.list_multipart_uploads(Bucket=b),
    "PutObject": lambda s3, b: s3.put_object(Bucket=b, Key=fresh("new")),
    "GetBucketAcl": lambda s3, b: s3.get_bucket_acl(Bucket=b),
    "PutBucketAcl": lambda s3, b: s3.put_bucket_acl(Bucket=b, **s3.same),
    "GetObject": lambda s3, b: s3.get_object(Bucket=b, Key="k"),
    "DeleteObject": lambda s3, b: s3.delete_object(Bucket=b, Key="k"),
    "PutObject over another's": lambda s3, b: s3.put_object(Bucket=b, Key="k"),
    "GetBucketLocation": lambda s3, b: s3.get_bucket_location(Bucket=b),
    "GetBucketPolicy": lambda s3, b: s3.get_bucket_policy_status(Bucket=b),
}

OBJECT_CALLS = {
    "GetObject": lambda s3, b, v: s3.get_object(Bucket=b, Key="k"),
    "GetObjectVersion": lambda s3, b, v: s3.get_object(Bucket=b, Key="k", VersionId=v),
    "GetObjectAcl": lambda s3, b, v: s3.get_object_acl(Bucket=b, Key="k"),
    "GetObjectVersionAcl": lambda s3, b, v: s3.get_object_acl(Bucket=b, Key="k", VersionId=v),
    "PutObjectAcl": lambda s3, b, v: s3.put_object_acl(Bucket=b, Key="k", **s3.same),
    "PutObjectVersionAcl": lambda s3, b, v: s3.put_object_acl(Bucket=b, Key="k", VersionId=v, **s3.same),
    "GetObjectTagging": lambda s3, b, v: s3.get_object_tagging(Bucket=b, Key="k"),
    "GetObjectAttributes": lambda s3, b, v: s3.get_object_attributes(Bucket=b, Key="k", ObjectAttributes=["ETag"]),
    "PutObject": lambda s3, b, v: s3.put_object(Bucket=b, Key="k"),
    "DeleteObject": lambda s3, b, v: s3.delete_object(Bucket=b, Key="k"),
    "DeleteObjectVersion": lambda s3, b, v: s3.delete_object(Bucket=b, Key="k", VersionId=v),
    "ListBucket": lambda s3, b, v: s3.list_objects_v2(Bucket=b),
}


def list_of(owner, grantee, permission):
    return {"AccessControlPolicy": {"Owner": {"ID": owner}, "Grants": [grant(grantee, permission)]}}


@pytest.mark.parametrize("permission", ON_BUCKET)
def test_permissions_on_a_bucket_are_the_documented_actions(s3, other, listed, permission):
    s3.put_object(Bucket=listed, Key="k", Body=b"mine")
    other.same = list_of(canonical(s3), user(canonical(other)), permission)
    s3.put_bucket_acl(Bucket=listed, **other.same)
    allowed = {name for name, call in BUCKET_CALLS.items() if may(call, other, listed)}
    assert allowed == ON_BUCKET[permission]
    assert s3.get_object(Bucket=listed, Key="k")["Body"].read() == b"mine"


@pytest.mark.parametrize("permission", ON_OBJECT)
def test_permissions_on_an_object_are_the_documented_actions(s3, other, listed, permission):
    s3.put_bucket_versioning(Bucket=listed, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=listed, Key="k", Body=b"mine")["VersionId"]
    other.same = list_of(canonical(s3), user(canonical(other)), permission)
    s3.put_object_acl(Bucket=listed, Key="k", **other.same)
    allowed = {name for name, call in OBJECT_CALLS.items() if may(call, other, listed, version)}
    assert allowed == ON_OBJECT[permission]
    assert s3.get_object(Bucket=listed, Key="k")["VersionId"] == version


# Ownership × list × principal: who may read an object.


def is_public(canned):
    return canned in ("public-read", "public-read-write", "authenticated-read")


def may_read(ownership, canned, principal, ignored):
    """What the documentation says of an object that the bucket's owner wrote with a canned list."""
    if principal == "owner":
        return True
    if ownership == "BucketOwnerEnforced" or ignored and is_public(canned):
        return False
    if canned in ("public-read", "public-read-write"):
        # IAM users of other accounts need their own account's permission as well.
        return principal != "other account's powerless user"
    if canned == "authenticated-read":
        return principal not in ("anonymous", "other account's powerless user")
    return False


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"])
def test_who_may_read_an_object(welkin, account, s3, anyone, other, ownership, ignored):
    """Every canned list, under every ownership, to every kind of caller. The lists are set while there are lists,
    and rest under BucketOwnerEnforced."""
    bucket = with_lists(s3)
    cans = ["private", "public-read", "public-read-write", "authenticated-read", "bucket-owner-full-control"]
    for canned in cans:
        s3.put_object(Bucket=bucket, Key=canned, ACL=canned)
    controls = {"Rules": [{"ObjectOwnership": ownership}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    if ignored:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    third = welkin.account()
    get_any = policy(allow("s3:GetObject", "*"))
    principals = {
        "owner": s3,
        "anonymous": anyone,
        "other account's root": other,
        "other account's user": welkin.client("s3", **welkin.user(third, get_any)),
        "other account's powerless user": welkin.client("s3", **welkin.user(third)),
        "owner's powerless user": welkin.client("s3", **welkin.user(account)),
    }
    for canned, (name, client) in itertools.product(cans, principals.items()):
        assert may(client.get_object, Bucket=bucket, Key=canned) == may_read(ownership, canned, name, ignored), (
            canned,
            name,
        )
        assert may(client.head_object, Bucket=bucket, Key=canned) == may_read(ownership, canned, name, ignored)


def test_an_explicit_deny_outweighs_a_list(welkin, s3, anyone, other, listed):
    s3.put_object(Bucket=listed, Key="k", ACL="public-read")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{listed}/*"}
    s3.put_bucket_policy(Bucket=listed, Policy=json.dumps(policy(deny)))
    assert code_of(anyone.get_object, Bucket=listed, Key="k") == ("AccessDenied", 403)
    assert code_of(other.get_object, Bucket=listed, Key="k") == ("AccessDenied", 403)
    third = welkin.account()
    s3.delete_bucket_policy(Bucket=listed)
    denied = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    unwilling = welkin.client("s3", **welkin.user(third, policy(allow("s3:*", "*"), denied)))
    assert code_of(unwilling.get_object, Bucket=listed, Key="k") == ("AccessDenied", 403)
    assert anyone.get_object(Bucket=listed, Key="k")["ContentLength"] == 0


def test_setting_and_reading_lists_needs_their_actions(welkin, account, s3, listed):
    s3.put_object(Bucket=listed, Key="k")
    calls = {
        "s3:GetBucketAcl": lambda s3: s3.get_bucket_acl(Bucket=listed),
        "s3:PutBucketAcl": lambda s3: s3.put_bucket_acl(Bucket=listed, ACL="private"),
        "s3:GetObjectAcl": lambda s3: s3.get_object_acl(Bucket=listed, Key="k"),
        "s3:PutObjectAcl": lambda s3: s3.put_object_acl(Bucket=listed, Key="k", ACL="private"),
        "s3:GetBucketOwnershipControls": lambda s3: s3.get_bucket_ownership_controls(Bucket=listed),
        "s3:PutBucketOwnershipControls": lambda s3: s3.put_bucket_ownership_controls(
            Bucket=listed, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
    }
    for action, call in calls.items():
        assert may(call, welkin.client("s3", **welkin.user(account, policy(allow(action, "*"))))), action
        without = policy(allow("s3:*", "*"), {"Effect": "Deny", "Action": action, "Resource": "*"})
        assert not may(call, welkin.client("s3", **welkin.user(account, without))), action
    write = policy(allow("s3:PutObject", "*"))
    writer = welkin.client("s3", **welkin.user(account, write))
    assert may(writer.put_object, Bucket=listed, Key="k")
    assert not may(writer.put_object, Bucket=listed, Key="k", ACL="public-read")
    assert not may(writer.put_object, Bucket=listed, Key="k", GrantRead=f"id={canonical(s3)}")


def test_condition_keys_of_lists(welkin, account, s3, other, listed):
    they = canonical(other)
    keys = {
        "s3:x-amz-acl": ({"ACL": "public-read"}, "public-read"),
        "s3:x-amz-grant-read": ({"GrantRead": f"id={they}"}, f"id={they}"),
        "s3:x-amz-grant-read-acp": ({"GrantReadACP": f"id={they}"}, f"id={they}"),
        "s3:x-amz-grant-write-acp": ({"GrantWriteACP": f"id={they}"}, f"id={they}"),
        "s3:x-amz-grant-full-control": ({"GrantFullControl": f"id={they}"}, f"id={they}"),
        "s3:x-amz-grant-write": ({"GrantWrite": f"id={they}"}, f"id={they}"),
    }
    s3.put_object(Bucket=listed, Key="k")
    for key, (given, value) in keys.items():
        only = {"Condition": {"StringEquals": {key: value}}}
        actions = ["s3:PutObject", "s3:PutObjectAcl", "s3:PutBucketAcl", "s3:CreateBucket"]
        limited = welkin.client("s3", **welkin.user(account, policy(allow(actions, "*", **only))))
        assert may(limited.put_bucket_acl, Bucket=listed, **given), key
        assert may(limited.put_object_acl, Bucket=listed, Key="k", **given), key
        assert not may(limited.put_bucket_acl, Bucket=listed, ACL="private"), key
        assert not may(limited.put_object_acl, Bucket=listed, Key="k", ACL="private"), key
        if key != "s3:x-amz-grant-write":
            assert may(limited.put_object, Bucket=listed, Key="k", **given), key
        assert not may(limited.put_object, Bucket=listed, Key="k"), key


# Nobody, and Block Public Access.


def test_anyone_writes_lists_and_reads_where_the_list_says_so(s3, anyone, listed):
    assert not may(anyone.put_object, Bucket=listed, Key="new")
    assert not may(anyone.list_objects_v2, Bucket=listed)
    s3.put_object(Bucket=listed, Key="mine")
    s3.put_bucket_acl(Bucket=listed, ACL="public-read-write")
    anyone.put_object(Bucket=listed, Key="new", Body=b"nobody's")
    entries = anyone.list_objects_v2(Bucket=listed, FetchOwner=True)["Contents"]
    assert [(entry["Key"], entry["Owner"]["ID"]) for entry in entries] == [("mine", canonical(s3)), ("new", NOBODY)]
    assert anyone.get_object(Bucket=listed, Key="new")["Body"].read() == b"nobody's"
    assert not may(anyone.put_object, Bucket=listed, Key="mine"), "what is there is its owner's"
    assert not may(anyone.delete_object, Bucket=listed, Key="mine")
    anyone.put_object(Bucket=listed, Key="new", Body=b"again")
    anyone.delete_object(Bucket=listed, Key="new")
    anyone.put_object(Bucket=listed, Key="left", Body=b"x")
    assert not may(s3.get_object, Bucket=listed, Key="left"), "it is not the bucket owner's to read"
    s3.delete_object(Bucket=listed, Key="left")


def test_block_public_acls_refuses_public_lists(s3, anyone):
    bucket = with_lists(s3)
    s3.put_object(Bucket=bucket, Key="k", ACL="public-read")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    for canned in ("public-read", "public-read-write", "authenticated-read"):
        for call, given in [
            (s3.put_bucket_acl, {}),
            (s3.put_object, {"Key": "k"}),
            (s3.put_object_acl, {"Key": "k"}),
            (s3.copy_object, {"Key": "copy", "CopySource": {"Bucket": bucket, "Key": "k"}}),
            (s3.create_multipart_upload, {"Key": "k"}),
        ]:
            error = error_of(call, Bucket=bucket, ACL=canned, **given)
            assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
            assert error["Message"].endswith(
                "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access."
            )
    error = error_of(s3.put_object, Bucket=bucket, Key="k", GrantRead=f"uri={ALL_USERS['URI']}")
    assert error["Code"] == "AccessDenied"
    s3.put_object(Bucket=bucket, Key="mine", ACL="private")
    s3.put_bucket_acl(Bucket=bucket, ACL="log-delivery-write")
    assert anyone.get_object(Bucket=bucket, Key="k")["ContentLength"] == 0, "what is there keeps its list"


def test_ignored_public_lists_are_kept(s3, anyone, other):
    bucket = with_lists(s3)
    they = canonical(other)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    s3.put_object(Bucket=bucket, Key="k", GrantRead=f'uri={ALL_USERS["URI"]},id={they}')
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert not may(anyone.get_object, Bucket=bucket, Key="k") and not may(anyone.list_objects, Bucket=bucket)
    assert may(other.get_object, Bucket=bucket, Key="k"), "what is not public counts"
    assert grants_of(s3.get_bucket_acl(Bucket=bucket))[1:] == [("AllUsers", "READ")]
    s3.delete_public_access_block(Bucket=bucket)
    assert may(anyone.get_object, Bucket=bucket, Key="k") and may(anyone.list_objects, Bucket=bucket)


def test_the_log_delivery_group_is_a_service_not_a_public(s3, anyone, other, listed):
    s3.put_bucket_acl(Bucket=listed, ACL="log-delivery-write")
    assert not may(anyone.put_object, Bucket=listed, Key="k") and not may(other.put_object, Bucket=listed, Key="k")
    assert not may(other.get_bucket_acl, Bucket=listed)
