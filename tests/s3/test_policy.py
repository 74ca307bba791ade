"""Who may: identity policies, bucket policies, other accounts, nobody."""

import json
import urllib.error
import urllib.request

import pytest

from conftest import allow, code_of, error_of, policy


def objects(bucket):
    return f"arn:aws:s3:::{bucket}/*"


def arn(bucket):
    return f"arn:aws:s3:::{bucket}"


def anonymous(welkin, bucket, key, method="GET"):
    request = urllib.request.Request(f"{welkin.endpoint}/{bucket}/{key}", method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_user_may_what_its_policy_allows(welkin, s3, account, bucket):
    s3.put_object(Bucket=bucket, Key="in/k", Body=b"x")
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetObject", f"{arn(bucket)}/in/*"))))
    assert user.get_object(Bucket=bucket, Key="in/k")["Body"].read() == b"x"
    error = error_of(user.put_object, Bucket=bucket, Key="in/k", Body=b"y")
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert "s3:PutObject" in error["Message"] and "no identity-based policy allows" in error["Message"]
    assert code_of(user.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)


def test_a_missing_object_is_a_secret_to_those_who_may_not_list(welkin, s3, account, bucket):
    blind = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetObject", objects(bucket)))))
    error = error_of(blind.get_object, Bucket=bucket, Key="missing")
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "s3:ListBucket" in error["Message"]
    assert code_of(blind.head_object, Bucket=bucket, Key="missing") == ("403", 403)
    both = policy(allow("s3:GetObject", objects(bucket)), allow("s3:ListBucket", arn(bucket)))
    sighted = welkin.client("s3", **welkin.user(account, both))
    assert code_of(sighted.get_object, Bucket=bucket, Key="missing") == ("NoSuchKey", 404)


def test_condition_keys_of_listing(welkin, account, bucket):
    limited = allow("s3:ListBucket", arn(bucket), Condition={"StringLike": {"s3:prefix": "home/*"}})
    user = welkin.client("s3", **welkin.user(account, policy(limited)))
    assert user.list_objects_v2(Bucket=bucket, Prefix="home/me")["KeyCount"] == 0
    assert code_of(user.list_objects_v2, Bucket=bucket, Prefix="other/") == ("AccessDenied", 403)
    assert code_of(user.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)


def test_condition_keys_of_encryption_and_tags(welkin, s3, account, bucket, put_policy):
    put_policy(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": objects(bucket),
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": objects(bucket),
            "Condition": {"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}},
        },
    )
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x") == ("AccessDenied", 403)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "secret", "Value": "yes"}]})
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)


def test_another_account_needs_both_policies(welkin, s3, bucket, put_policy):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    other = welkin.account()
    grant = policy(allow(["s3:GetObject", "s3:PutObject"], objects(bucket)))
    able = welkin.client("s3", **welkin.user(other, grant))
    unable = welkin.client("s3", **welkin.user(other))
    assert code_of(able.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    put_policy(
        allow(["s3:GetObject", "s3:PutObject"], objects(bucket), Principal={"AWS": f"arn:aws:iam::{other}:root"})
    )
    assert able.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert code_of(unable.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    # What another account writes belongs to the bucket's owner.
    able.put_object(Bucket=bucket, Key="theirs", Body=b"y")
    assert s3.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"y"


def test_the_policy_is_the_business_of_the_owners_account(welkin, s3, bucket, put_policy):
    other = welkin.account()
    put_policy(allow("s3:*", [arn(bucket), objects(bucket)], Principal={"AWS": other}))
    theirs = welkin.client("s3", other)
    theirs.list_objects_v2(Bucket=bucket)
    assert code_of(theirs.get_bucket_policy, Bucket=bucket) == ("MethodNotAllowed", 405)
    assert code_of(theirs.delete_bucket_policy, Bucket=bucket) == ("MethodNotAllowed", 405)


def test_the_owners_root_user_mends_any_policy(s3, bucket, put_policy):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn(bucket), objects(bucket)]}
    put_policy(deny)
    assert code_of(s3.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [deny]
    s3.delete_bucket_policy(Bucket=bucket)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert code_of(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)


def test_public_policies_are_blocked_until_the_owner_unblocks_them(welkin, s3, bucket, put_policy):
    s3.put_object(Bucket=bucket, Key="k", Body=b"public")
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True} and len(block) == 4
    public = allow("s3:GetObject", objects(bucket), Principal="*")
    error = error_of(put_policy, public)
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "BlockPublicPolicy" in error["Message"]
    s3.delete_public_access_block(Bucket=bucket)
    assert code_of(s3.get_public_access_block, Bucket=bucket) == ("NoSuchPublicAccessBlockConfiguration", 404)
    assert anonymous(welkin, bucket, "k")[0] == 403
    put_policy(public)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"]
    assert anonymous(welkin, bucket, "k") == (200, b"public")
    assert anonymous(welkin, bucket, "missing")[0] == 403
    assert anonymous(welkin, bucket, "k", "DELETE")[0] == 403
    stranger = welkin.client("s3", welkin.account())
    assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"public"
    # A public policy serves the owner's account only, once the bucket is restricted.
    restrict = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=restrict)
    assert anonymous(welkin, bucket, "k")[0] == 403
    assert code_of(stranger.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"public"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
        json.dumps(policy(allow("s3:GetObject", "arn:aws:s3:::another/*", Principal={"AWS": "111122223333"}))),
        json.dumps(policy(allow("sqs:SendMessage", "*", Principal={"AWS": "111122223333"}))),
    ],
)
def test_what_is_no_policy_of_the_bucket_is_malformed(s3, bucket, text):
    assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy=text) == ("MalformedPolicy", 400)
    assert code_of(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)


def test_each_key_of_a_batch_is_decided_by_itself(welkin, s3, account, bucket):
    for key in ("mine/1", "theirs/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:DeleteObject", f"{arn(bucket)}/mine/*"))))
    answer = user.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine/1"}, {"Key": "theirs/1"}]})
    assert [d["Key"] for d in answer["Deleted"]] == ["mine/1"]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("theirs/1", "AccessDenied")]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["theirs/1"]


def test_tags_need_a_permission_of_their_own(welkin, account, bucket):
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutObject", objects(bucket)))))
    user.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = error_of(user.put_object, Bucket=bucket, Key="k", Body=b"x", Tagging="a=1")
    assert error["Code"] == "AccessDenied" and "s3:PutObjectTagging" in error["Message"]
