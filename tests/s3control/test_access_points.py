"""Access points as S3 Control makes them: names, policies, blocks, tags, lists."""

import json

import pytest
from conftest import code_of, error_of, fresh, policy
from identity import allow

ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def arn(account, name, region="us-east-1"):
    return f"arn:aws:s3:{region}:{account}:accesspoint/{name}"


@pytest.fixture
def point(control, bucket):
    """An access point of the bucket."""
    name = fresh("point")
    control.create_access_point(Name=name, Bucket=bucket)
    return name


def test_an_access_point_is_made_and_told(control, account, bucket):
    made = control.create_access_point(Name="my-point", Bucket=bucket)
    assert made["AccessPointArn"] == arn(account, "my-point")
    assert made["Alias"].startswith("my-point-") and made["Alias"].endswith("-s3alias") and len(made["Alias"]) <= 63
    told = control.get_access_point(Name="my-point")
    assert (told["Name"], told["Bucket"], told["BucketAccountId"]) == ("my-point", bucket, account)
    assert (told["NetworkOrigin"], told["Alias"]) == ("Internet", made["Alias"])
    assert told["PublicAccessBlockConfiguration"] == ALL and "VpcConfiguration" not in told
    assert told["Endpoints"]["ipv4"] == "s3-accesspoint.us-east-1.amazonaws.com" and len(told["Endpoints"]) == 4
    assert told["AccessPointArn"] == made["AccessPointArn"] and told["CreationDate"]


def test_an_access_point_may_be_a_vpcs_and_block_less(control, bucket):
    block = {**ALL, "BlockPublicPolicy": False}
    control.create_access_point(
        Name="inner", Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1a2b"}, PublicAccessBlockConfiguration=block
    )
    told = control.get_access_point(Name="inner")
    assert (told["NetworkOrigin"], told["VpcConfiguration"]) == ("VPC", {"VpcId": "vpc-1a2b"})
    assert told["PublicAccessBlockConfiguration"] == block


def test_what_cannot_be_an_access_point_is_refused(welkin, client, control, account, bucket):
    def refused(**given):
        return code_of(control.create_access_point, **{"Name": "point", "Bucket": bucket, **given})

    for name in ("Upper", "a_b", "-ab", "ab-", "a.b", "p" * 51, "point-s3alias"):
        assert refused(Name=name) == ("InvalidRequest", 400), name
    assert refused(Bucket=fresh("nowhere")) == ("NoSuchBucket", 404)
    assert refused(Scope={"Permissions": ["GetObject"]}) == ("InvalidRequest", 400)
    far = client("s3", account, region="eu-west-1")
    elsewhere = fresh()
    far.create_bucket(Bucket=elsewhere, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert refused(Bucket=elsewhere) == ("InvalidRequest", 400)
    theirs = fresh()
    other = welkin.account()
    client("s3", other).create_bucket(Bucket=theirs)
    assert refused(Bucket=theirs) == ("AccessDenied", 403)
    assert refused(Bucket=bucket, BucketAccountId=other) == ("AccessDenied", 403)
    control.create_access_point(Name="point", Bucket=theirs, BucketAccountId=other)
    assert refused() == ("AccessPointAlreadyOwnedByYou", 409)
    assert control.get_access_point(Name="point")["BucketAccountId"] == other


def test_names_are_an_accounts_in_a_region(welkin, client, account, control, bucket):
    far, other = client("s3", account, region="eu-west-1"), welkin.account()
    elsewhere = fresh()
    far.create_bucket(Bucket=elsewhere, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    control.create_access_point(Name="point", Bucket=bucket)
    there = client("s3control", account, region="eu-west-1")
    there.create_access_point(AccountId=account, Name="point", Bucket=elsewhere)
    client("s3control", other).create_access_point(
        AccountId=other, Name="point", Bucket=bucket, BucketAccountId=account
    )
    assert control.get_access_point(Name="point")["Bucket"] == bucket
    assert there.get_access_point(AccountId=account, Name="point")["Bucket"] == elsewhere
    assert [p["Bucket"] for p in there.list_access_points(AccountId=account)["AccessPointList"]] == [elsewhere]
    assert len(control.list_access_points(Bucket=bucket)["AccessPointList"]) == 1


def test_access_points_are_listed_in_pages(control, s3, bucket):
    other = fresh()
    s3.create_bucket(Bucket=other)
    for number in range(5):
        control.create_access_point(Name=f"point-{number}", Bucket=bucket if number % 2 == 0 else other)

    def listed(**given):
        names, token = [], {}
        while True:
            page = control.list_access_points(MaxResults=2, **token, **given)
            assert len(page["AccessPointList"]) <= 2
            names += [point["Name"] for point in page["AccessPointList"]]
            if "NextToken" not in page:
                return names
            token = {"NextToken": page["NextToken"]}

    assert listed() == [f"point-{number}" for number in range(5)]
    assert listed(Bucket=bucket) == ["point-0", "point-2", "point-4"]
    assert listed(Bucket=fresh("nowhere")) == []
    one = control.list_access_points(Bucket=other)["AccessPointList"][0]
    assert (one["Bucket"], one["NetworkOrigin"]) == (other, "Internet") and one["Alias"].endswith("-s3alias")
    assert code_of(control.list_access_points, NextToken="%%%") == ("InvalidNextToken", 400)
    assert control.list_access_points(DataSourceType="FSX_OPENZFS")["AccessPointList"] == []


def test_an_access_point_is_deleted_and_keeps_its_bucket_till_then(control, s3, bucket, point):
    error = error_of(s3.delete_bucket, Bucket=bucket)
    assert (error["Code"], error["Status"]) == ("BucketHasAccessPointsAttached", 400)
    alias = control.get_access_point(Name=point)["Alias"]
    control.delete_access_point(Name=point)
    assert code_of(control.get_access_point, Name=point) == ("NoSuchAccessPoint", 404)
    assert code_of(control.delete_access_point, Name=point) == ("NoSuchAccessPoint", 404)
    assert code_of(s3.list_objects_v2, Bucket=alias) == ("NoSuchBucket", 404)
    assert control.list_access_points(Bucket=bucket)["AccessPointList"] == []
    s3.delete_bucket(Bucket=bucket)


def test_a_policy_is_set_told_and_removed(control, account, point):
    assert code_of(control.get_access_point_policy, Name=point) == ("NoSuchAccessPointPolicy", 404)
    assert code_of(control.get_access_point_policy_status, Name=point) == ("NoSuchAccessPointPolicy", 404)
    text = json.dumps(policy(allow("s3:GetObject", f"{arn(account, point)}/object/*", Principal={"AWS": account})))
    control.put_access_point_policy(Name=point, Policy=text)
    assert control.get_access_point_policy(Name=point)["Policy"] == text
    assert control.get_access_point_policy_status(Name=point)["PolicyStatus"] == {"IsPublic": False}
    control.delete_access_point_policy(Name=point)
    assert code_of(control.get_access_point_policy, Name=point) == ("NoSuchAccessPointPolicy", 404)
    for call in (control.get_access_point_policy, control.delete_access_point_policy):
        assert code_of(call, Name="no-such-point") == ("NoSuchAccessPoint", 404)
    assert code_of(control.put_access_point_policy, Name="no-such-point", Policy=text) == ("NoSuchAccessPoint", 404)


def test_a_policy_speaks_of_its_access_point_only(control, account, bucket, point):
    def refused(action, resource):
        text = json.dumps(policy(allow(action, resource, Principal={"AWS": account})))
        return error_of(control.put_access_point_policy, Name=point, Policy=text)

    for resource in (f"arn:aws:s3:::{bucket}/*", "*", arn(account, "another") + "/object/*"):
        error = refused("s3:GetObject", resource)
        assert (error["Code"], error["Status"]) == ("MalformedPolicy", 400), resource
    assert refused("sqs:SendMessage", arn(account, point))["Code"] == "MalformedPolicy"
    assert refused("s3:GetObject", arn(account, point))["Code"] == "MalformedPolicy"
    assert code_of(control.put_access_point_policy, Name=point, Policy="no JSON") == ("MalformedPolicy", 400)
    long = json.dumps(policy(allow("s3:GetObject", f"{arn(account, point)}/object/{'x' * 20480}", Principal="*")))
    assert code_of(control.put_access_point_policy, Name=point, Policy=long) == ("MalformedPolicy", 400)


def test_public_policies_are_blocked_by_point_bucket_and_account(control, s3, account, bucket):
    def public(name):
        return json.dumps(policy(allow("s3:GetObject", f"{arn(account, name)}/object/*", Principal="*")))

    none = dict.fromkeys(ALL, False)
    control.create_access_point(Name="open", Bucket=bucket, PublicAccessBlockConfiguration=none)
    control.create_access_point(Name="shut", Bucket=bucket)
    control.create_access_point(Name="inner", Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1"})
    put = control.put_access_point_policy
    # The bucket's block.
    error = error_of(put, Name="open", Policy=public("open"))
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "BlockPublicPolicy" in error["Message"]
    s3.delete_public_access_block(Bucket=bucket)
    # The access point's own, and the account's.
    assert code_of(put, Name="shut", Policy=public("shut")) == ("AccessDenied", 403)
    control.put_public_access_block(PublicAccessBlockConfiguration=ALL)
    assert code_of(put, Name="open", Policy=public("open")) == ("AccessDenied", 403)
    control.delete_public_access_block()
    put(Name="open", Policy=public("open"))
    assert control.get_access_point_policy_status(Name="open")["PolicyStatus"] == {"IsPublic": True}
    # What only a VPC reaches is never public.
    put(Name="inner", Policy=public("inner"))
    assert control.get_access_point_policy_status(Name="inner")["PolicyStatus"] == {"IsPublic": False}


CALLS = [
    ("s3:CreateAccessPoint", lambda c, p, b: c.create_access_point(Name=fresh("made"), Bucket=b)),
    ("s3:GetAccessPoint", lambda c, p, b: c.get_access_point(Name=p)),
    ("s3:ListAccessPoints", lambda c, p, b: c.list_access_points()),
    ("s3:GetAccessPointPolicyStatus", lambda c, p, b: c.get_access_point_policy_status(Name=p)),
    ("s3:GetAccessPointPolicy", lambda c, p, b: c.get_access_point_policy(Name=p)),
    ("s3:DeleteAccessPointPolicy", lambda c, p, b: c.delete_access_point_policy(Name=p)),
    ("s3:DeleteAccessPoint", lambda c, p, b: c.delete_access_point(Name=p)),
]


def test_each_operation_needs_its_action(as_user, control, account, bucket, point):
    text = json.dumps(policy(allow("s3:GetObject", f"{arn(account, point)}/object/*", Principal={"AWS": account})))
    put = ("s3:PutAccessPointPolicy", lambda c, p, b: c.put_access_point_policy(Name=p, Policy=text))
    for action, call in [put, *CALLS]:
        error = error_of(call, as_user("s3control", "s3:ListBucket"), point, bucket)
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and action in error["Message"], action
        call(as_user("s3control", action), point, bucket)


def test_another_accounts_access_points_are_not_managed(welkin, client, account, bucket, point):
    stranger = client("s3control", welkin.account())
    for action, call in CALLS:
        bound = type("Bound", (), {"__getattr__": lambda _, name: lambda **given: getattr(stranger, name)(**given, AccountId=account)})()
        assert code_of(call, bound, point, bucket) == ("AccessDenied", 403), action


def test_blocks_and_tags_need_permissions_of_their_own(as_user, bucket):
    one = {"Key": "team", "Value": "a"}
    maker = as_user("s3control", "s3:CreateAccessPoint")
    block = {"PublicAccessBlockConfiguration": ALL}
    error = error_of(maker.create_access_point, Name="blocked", Bucket=bucket, **block)
    assert error["Code"] == "AccessDenied" and "s3:PutAccessPointPublicAccessBlock" in error["Message"]
    error = error_of(maker.create_access_point, Name="tagged", Bucket=bucket, Tags=[one])
    assert error["Code"] == "AccessDenied" and "s3:TagResource" in error["Message"]
    able = as_user(
        "s3control", "s3:CreateAccessPoint", "s3:PutAccessPointPublicAccessBlock", "s3:TagResource"
    )
    able.create_access_point(Name="both", Bucket=bucket, Tags=[one], **block)


def test_condition_keys_of_managing_access_points(as_user, account, bucket):
    """The example of a policy by which only VPCs' access points can be made."""
    origin = {"StringEquals": {"s3:AccessPointNetworkOrigin": "VPC"}}
    inner = as_user("s3control", "s3:CreateAccessPoint", condition=origin)
    assert code_of(inner.create_access_point, Name="outer", Bucket=bucket) == ("AccessDenied", 403)
    inner.create_access_point(Name="inner", Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1"})
    named = {"StringLike": {"s3:DataAccessPointArn": arn(account, "team-*")}}
    team = as_user("s3control", "s3:CreateAccessPoint", "s3:DeleteAccessPoint", condition=named)
    assert code_of(team.create_access_point, Name="mine", Bucket=bucket) == ("AccessDenied", 403)
    team.create_access_point(Name="team-1", Bucket=bucket)
    assert code_of(team.delete_access_point, Name="inner") == ("AccessDenied", 403)
    team.delete_access_point(Name="team-1")


def test_scopes_and_object_lambda_are_refused_by_name(control, point):
    assert code_of(control.get_access_point_scope, Name=point) == ("NotImplemented", 501)
    configuration = {
        "SupportingAccessPoint": "arn:aws:s3:us-east-1:111122223333:accesspoint/p",
        "TransformationConfigurations": [],
    }
    assert code_of(
        control.create_access_point_for_object_lambda, Name="thumbnails", Configuration=configuration
    ) == ("NotImplemented", 501)
