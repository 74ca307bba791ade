"""Tags by ARN: of buckets and access points; and what they permit."""

import pytest
from conftest import code_of, error_of, fresh
from identity import allow


def pairs(tags):
    return {tag["Key"]: tag["Value"] for tag in tags}


def listed(control, arn):
    return pairs(control.list_tags_for_resource(ResourceArn=arn)["Tags"])


@pytest.fixture
def point(control, account, bucket):
    """The ARN of an access point."""
    return control.create_access_point(Name=fresh("point"), Bucket=bucket)["AccessPointArn"]


@pytest.mark.parametrize("kind", ["bucket", "point"])
def test_tags_are_added_listed_and_removed(control, bucket, point, kind):
    arn = {"bucket": f"arn:aws:s3:::{bucket}", "point": point}[kind]
    assert listed(control, arn) == {}
    control.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    control.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}])
    assert listed(control, arn) == {"a": "2", "b": ""}
    control.untag_resource(ResourceArn=arn, TagKeys=["a", "none"])
    assert listed(control, arn) == {"b": ""}


def test_a_buckets_tags_are_the_same_by_s3(control, s3, bucket):
    arn = f"arn:aws:s3:::{bucket}"
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    control.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    assert pairs(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == {"a": "1", "b": "2"}


def test_access_points_are_made_with_tags(control, bucket):
    made = control.create_access_point(Name="tagged", Bucket=bucket, Tags=[{"Key": "team", "Value": "a"}])
    assert listed(control, made["AccessPointArn"]) == {"team": "a"}


def test_the_rules_of_tags_are_kept(control, bucket):
    arn = f"arn:aws:s3:::{bucket}"
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    control.tag_resource(ResourceArn=arn, Tags=many)
    assert code_of(control.tag_resource, ResourceArn=arn, Tags=[{"Key": "one-more", "Value": ""}]) == ("BadRequest", 400)
    assert len(listed(control, arn)) == 50
    twice = [{"Key": "k1", "Value": "1"}, {"Key": "k1", "Value": "2"}]
    assert code_of(control.tag_resource, ResourceArn=arn, Tags=twice) == ("InvalidTag", 400)
    system = [{"Key": "aws:x", "Value": "1"}]
    assert code_of(control.tag_resource, ResourceArn=arn, Tags=system) == ("InvalidTag", 400)


def test_only_what_is_there_has_tags(welkin, control, account, bucket):
    def refused(arn):
        return code_of(control.list_tags_for_resource, ResourceArn=arn)

    assert refused(f"arn:aws:s3:::{fresh('nowhere')}") == ("NoSuchBucket", 404)
    assert refused(f"arn:aws:s3:us-east-1:{account}:accesspoint/none") == ("NoSuchAccessPoint", 404)
    assert refused(f"arn:aws:s3:us-east-1:{welkin.account()}:accesspoint/none") == ("AccessDenied", 403)
    assert refused(f"arn:aws:s3:us-east-1:{account}:job/none") == ("InvalidRequest", 400)
    theirs = welkin.client("s3", welkin.account())
    name = fresh()
    theirs.create_bucket(Bucket=name)
    assert refused(f"arn:aws:s3:::{name}") == ("AccessDenied", 403)


def test_each_operation_needs_its_action(as_user, control, point):
    tag = [{"Key": "team", "Value": "a"}]
    cases = [
        ("s3:TagResource", lambda c: c.tag_resource(ResourceArn=point, Tags=tag)),
        ("s3:ListTagsForResource", lambda c: c.list_tags_for_resource(ResourceArn=point)),
        ("s3:UntagResource", lambda c: c.untag_resource(ResourceArn=point, TagKeys=["team"])),
    ]
    for action, call in cases:
        error = error_of(call, as_user("s3control", "s3:ListBucket"))
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and action in error["Message"]
        call(as_user("s3control", action, resource=point))


def test_tags_of_requests_and_resources_decide(as_user, control, bucket):
    mine = control.create_access_point(Name="mine", Bucket=bucket, Tags=[{"Key": "team", "Value": "a"}])
    control.create_access_point(Name="theirs", Bucket=bucket, Tags=[{"Key": "team", "Value": "b"}])
    by_tag = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    user = as_user("s3control", "s3:DeleteAccessPoint", condition=by_tag)
    assert code_of(user.delete_access_point, Name="theirs") == ("AccessDenied", 403)
    by_point = {"StringEquals": {"s3:AccessPointTag/team": "a"}}
    status = as_user("s3control", "s3:DeleteAccessPointPolicy", condition=by_point)
    assert code_of(status.delete_access_point_policy, Name="theirs") == ("AccessDenied", 403)
    status.delete_access_point_policy(Name="mine")
    user.delete_access_point(Name="mine")
    must_tag = {"StringEquals": {"aws:RequestTag/team": "a"}}
    maker = as_user("s3control", "s3:CreateAccessPoint", "s3:TagResource", condition=must_tag)
    assert code_of(maker.create_access_point, Name="mine", Bucket=bucket) == ("AccessDenied", 403)
    made = maker.create_access_point(Name="mine", Bucket=bucket, Tags=[{"Key": "team", "Value": "a"}])
    assert made["AccessPointArn"] == mine["AccessPointArn"]


def test_data_is_reached_by_the_tags_of_access_points(as_user, control, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    points = {}
    for team in "ab":
        tags = [{"Key": "team", "Value": team}]
        points[team] = control.create_access_point(Name=f"of-{team}", Bucket=bucket, Tags=tags)["AccessPointArn"]
    reader = allow("s3:GetObject", "*", Condition={"StringEquals": {"s3:AccessPointTag/team": "a"}})
    user = as_user("s3", statements=[reader])
    assert user.get_object(Bucket=points["a"], Key="k")["Body"].read() == b"x"
    assert code_of(user.get_object, Bucket=points["b"], Key="k") == ("AccessDenied", 403)
    assert code_of(user.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
