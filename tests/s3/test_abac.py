"""Access by the tags of buckets."""

import urllib.parse

import pytest
from conftest import allow, code_of, policy
from test_acl import may

TAGS = {"TagSet": [{"Key": "team", "Value": "red"}]}


def set_abac(s3, bucket, status="Enabled"):
    s3.put_bucket_abac(Bucket=bucket, AbacStatus={"Status": status})


def test_abac_is_off_until_it_is_set(s3, bucket):
    assert s3.get_bucket_abac(Bucket=bucket)["AbacStatus"]["Status"] == "Disabled"
    for status in ("Enabled", "Disabled"):
        set_abac(s3, bucket, status)
        assert s3.get_bucket_abac(Bucket=bucket)["AbacStatus"]["Status"] == status
    assert code_of(s3.put_bucket_abac, Bucket=bucket, AbacStatus={"Status": "Maybe"}) == ("MalformedXML", 400)


def test_setting_abac_needs_its_action(welkin, account, bucket):
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetBucketAbac", "*"))))
    reader.get_bucket_abac(Bucket=bucket)
    assert code_of(reader.put_bucket_abac, Bucket=bucket, AbacStatus={"Status": "Enabled"}) == ("AccessDenied", 403)
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketAbac", "*"))))
    set_abac(writer, bucket)
    assert code_of(writer.get_bucket_abac, Bucket=bucket) == ("AccessDenied", 403)


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "s3:BucketTag/team"])
def test_tags_decide_only_where_abac_is_on(welkin, account, s3, bucket, key):
    s3.put_bucket_tagging(Bucket=bucket, Tagging=TAGS)
    s3.put_object(Bucket=bucket, Key="k")
    calls = [
        lambda s3: s3.list_objects_v2(Bucket=bucket),
        lambda s3: s3.get_object(Bucket=bucket, Key="k"),
        lambda s3: s3.put_object(Bucket=bucket, Key="k"),
        lambda s3: s3.get_bucket_versioning(Bucket=bucket),
    ]

    def of(team):
        when = {"Condition": {"StringEquals": {key: team}}}
        return welkin.client("s3", **welkin.user(account, policy(allow("s3:*", "*", **when))))

    red, blue = of("red"), of("blue")
    assert not any(may(call, client) for call in calls for client in (red, blue))
    set_abac(s3, bucket)
    assert all(may(call, red) for call in calls) and not any(may(call, blue) for call in calls)
    set_abac(s3, bucket, "Disabled")
    assert not any(may(call, red) for call in calls)


def test_a_principal_works_where_its_tag_is_the_buckets(welkin, account, s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging=TAGS)
    set_abac(s3, bucket)
    when = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}
    options = welkin.user(account, policy(allow("s3:*", "*", **when)), name="painter")
    painter = welkin.client("s3", **options)
    assert not may(painter.list_objects_v2, Bucket=bucket)
    welkin.client("iam", account).tag_user(UserName="painter", Tags=[{"Key": "team", "Value": "red"}])
    assert may(painter.list_objects_v2, Bucket=bucket)


def test_tags_that_decide_are_not_set_by_the_older_operations(welkin, account, s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging=TAGS)
    set_abac(s3, bucket)
    assert code_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=TAGS) == ("MethodNotAllowed", 405)
    assert code_of(s3.delete_bucket_tagging, Bucket=bucket) == ("MethodNotAllowed", 405)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS["TagSet"]
    # S3 Control's clients put the account in front of the host's name, which resolves nowhere but by a proxy.
    port = urllib.parse.urlsplit(welkin.endpoint).port
    named = type(welkin)(f"http://localhost:{port}")
    control = named.client("s3control", account, proxies={"http": welkin.endpoint})
    named = {"AccountId": account, "ResourceArn": f"arn:aws:s3:::{bucket}"}
    control.tag_resource(**named, Tags=[{"Key": "team", "Value": "blue"}])
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "team", "Value": "blue"}]
    set_abac(s3, bucket, "Disabled")
    s3.delete_bucket_tagging(Bucket=bucket)


def test_tags_at_creation_are_judged(welkin, account):
    from conftest import fresh

    when = {"Condition": {"StringEquals": {"aws:RequestTag/team": "red"}}}
    user = welkin.client("s3", **welkin.user(account, policy(allow(["s3:CreateBucket", "s3:TagResource"], "*", **when))))
    assert not may(user.create_bucket, Bucket=fresh())
    assert not may(user.create_bucket, Bucket=fresh(), CreateBucketConfiguration={"Tags": [{"Key": "team", "Value": "blue"}]})
    assert may(user.create_bucket, Bucket=fresh(), CreateBucketConfiguration={"Tags": TAGS["TagSet"]})
