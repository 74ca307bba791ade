"""Access Grants: instances, locations, grants, and credentials that reach exactly what the grant says."""

import datetime
import json

import pytest
from botocore.exceptions import ClientError
from conftest import Bound, code_of, error_of, fresh, policy
from identity import allow

PRINCIPAL = "access-grants.s3.amazonaws.com"
ROOT = "arn:aws:iam::{}:root"


def arn(bucket, key=None):
    return f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")


class Grants:
    """An account with an instance, a bucket of objects and the role of its locations."""

    def __init__(self, welkin, client, control, s3, account):
        self.welkin, self.client, self.control, self.s3, self.account = welkin, client, control, s3, account
        self.iam = welkin.client("iam", account)
        self.bucket, self.arn = fresh("granted"), f"arn:aws:s3:us-east-1:{account}:access-grants/default"
        s3.create_bucket(Bucket=self.bucket)
        for key in ("a/1", "a/2", "ab", "b/1"):
            s3.put_object(Bucket=self.bucket, Key=key, Body=key.encode())
        condition = {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": self.arn}}
        self.role = self.make_role("locations", ["sts:AssumeRole", "sts:SetSourceIdentity"], condition)

    def make_role(self, name, actions, condition=None):
        trusting = {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": actions}
        trusting |= {"Condition": condition} if condition else {}
        document = json.dumps(policy(trusting))
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        everything = json.dumps(policy(allow(["s3:*", "kms:*"], "*")))
        self.iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
        return made

    def instance(self, **more):
        return self.control.create_access_grants_instance(**more)

    def location(self, scope=None, **more):
        given = {"LocationScope": scope or f"s3://{self.bucket}", "IAMRoleArn": self.role, **more}
        return self.control.create_access_grants_location(**given)

    def grant(self, location, user, permission="READ", prefix=None, **more):
        given = {"AccessGrantsLocationId": location, "Permission": permission, **more}
        given.setdefault("Grantee", {"GranteeType": "IAM", "GranteeIdentifier": user})
        if prefix:
            given["AccessGrantsLocationConfiguration"] = {"S3SubPrefix": prefix}
        return self.control.create_access_grant(**given)

    def user(self, *actions):
        """A user who may ask for credentials; its ARN, and S3 Control as this user."""
        actions = actions or ("s3:GetDataAccess", "s3:ListCallerAccessGrants")
        keys = self.welkin.user(self.account, policy(allow(list(actions), "*")))
        found = self.welkin.client("sts", **keys).get_caller_identity()["Arn"]
        return found, Bound(self.client("s3control", **keys), self.account)

    def as_granted(self, answer):
        """S3 with the credentials of an answer."""
        given = answer["Credentials"]
        keys = {"key": given["AccessKeyId"], "secret": given["SecretAccessKey"], "token": given["SessionToken"]}
        return self.welkin.client("s3", self.account, **keys)


@pytest.fixture
def grants(welkin, client, control, s3, account):
    return Grants(welkin, client, control, s3, account)


@pytest.fixture
def granted(grants):
    """With an instance and a location that is the bucket."""
    grants.instance()
    grants.place = grants.location()["AccessGrantsLocationId"]
    return grants


def test_an_account_has_one_instance_in_a_region(grants, client, account):
    control = grants.control
    assert code_of(control.get_access_grants_instance) == ("AccessGrantsInstanceNotExistsError", 404)
    assert control.list_access_grants_instances()["AccessGrantsInstancesList"] == []
    made = grants.instance(Tags=[{"Key": "k", "Value": "v"}])
    assert (made["AccessGrantsInstanceId"], made["AccessGrantsInstanceArn"]) == ("default", grants.arn)
    told = control.get_access_grants_instance()
    assert told["CreatedAt"] == made["CreatedAt"] and told["AccessGrantsInstanceArn"] == grants.arn
    (listed,) = control.list_access_grants_instances()["AccessGrantsInstancesList"]
    assert listed["AccessGrantsInstanceArn"] == grants.arn
    assert code_of(grants.instance) == ("AccessGrantsInstanceAlreadyExists", 409)
    elsewhere = Bound(client("s3control", account, region="eu-west-1"), account)
    assert elsewhere.create_access_grants_instance()["AccessGrantsInstanceArn"] == grants.arn.replace(
        "us-east-1", "eu-west-1"
    )
    location = grants.location()["AccessGrantsLocationId"]
    assert code_of(control.delete_access_grants_instance) == ("AccessGrantsInstanceNotEmptyError", 400)
    control.delete_access_grants_location(AccessGrantsLocationId=location)
    control.delete_access_grants_instance()
    assert code_of(control.get_access_grants_instance) == ("AccessGrantsInstanceNotExistsError", 404)
    assert code_of(control.delete_access_grants_instance) == ("AccessGrantsInstanceNotExistsError", 404)


def test_locations_are_registered_with_roles(grants):
    control = grants.control
    assert code_of(grants.location) == ("AccessGrantsInstanceNotExistsError", 404)
    grants.instance()
    made = grants.location()
    told = control.get_access_grants_location(AccessGrantsLocationId=made["AccessGrantsLocationId"])
    assert (told["LocationScope"], told["IAMRoleArn"]) == (f"s3://{grants.bucket}", grants.role)
    assert told["AccessGrantsLocationArn"] == f"{grants.arn}/location/{made['AccessGrantsLocationId']}"
    assert code_of(grants.location) == ("AccessGrantsLocationAlreadyExistsError", 409)
    assert grants.location("s3://")["AccessGrantsLocationId"] == "default"
    other = grants.make_role("other", "sts:AssumeRole")
    changed = control.update_access_grants_location(
        AccessGrantsLocationId=made["AccessGrantsLocationId"], IAMRoleArn=other
    )
    assert changed["IAMRoleArn"] == other and changed["CreatedAt"] == made["CreatedAt"]
    for wrong in ("bucket", "s3://*", "s3://bucket*", "https://x"):
        assert code_of(grants.location, wrong) == ("InvalidAccessGrantsLocation", 400)
    theirs = grants.role.replace(grants.account, "1" * 12)
    assert code_of(grants.location, "s3://x", IAMRoleArn=theirs) == ("InvalidIamRole", 400)
    grants.location("s3://third/p*")
    seen, token = [], {}
    while True:
        page = control.list_access_grants_locations(MaxResults=2, **token)
        seen += [location["LocationScope"] for location in page["AccessGrantsLocationsList"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(seen) == sorted([f"s3://{grants.bucket}", "s3://", "s3://third/p*"])
    (one,) = control.list_access_grants_locations(LocationScope="s3://")["AccessGrantsLocationsList"]
    assert one["AccessGrantsLocationId"] == "default"
    missing = {"AccessGrantsLocationId": "none"}
    assert code_of(control.get_access_grants_location, **missing) == ("NoSuchAccessGrantsLocationError", 404)
    assert code_of(control.delete_access_grants_location, **missing) == ("NoSuchAccessGrantsLocationError", 404)
    role = {"IAMRoleArn": other}
    assert code_of(control.update_access_grants_location, **missing, **role)[0] == "NoSuchAccessGrantsLocationError"


def test_grants_are_made_told_listed_and_taken_back(granted):
    control, user = granted.control, f"arn:aws:iam::{granted.account}:user/ann"
    made = granted.grant(granted.place, user, prefix="a/*")
    assert (made["GrantScope"], made["Permission"]) == (f"s3://{granted.bucket}/a/*", "READ")
    assert made["AccessGrantArn"] == f"{granted.arn}/grant/{made['AccessGrantId']}"
    told = control.get_access_grant(AccessGrantId=made["AccessGrantId"])
    assert told["Grantee"] == {"GranteeType": "IAM", "GranteeIdentifier": user}
    assert told["AccessGrantsLocationConfiguration"] == {"S3SubPrefix": "a/*"}
    assert code_of(granted.grant, granted.place, user, prefix="a/*") == ("AccessGrantAlreadyExists", 409)
    role = f"arn:aws:iam::{granted.account}:role/x/reader"
    whole = granted.grant(granted.place, role, "READWRITE")
    assert whole["GrantScope"] == f"s3://{granted.bucket}" and "AccessGrantsLocationConfiguration" not in whole
    listed = lambda **filters: {
        grant["AccessGrantId"] for grant in control.list_access_grants(**filters)["AccessGrantsList"]
    }
    both = {made["AccessGrantId"], whole["AccessGrantId"]}
    assert listed() == both == listed(GranteeType="IAM")
    for filters in ({"GranteeIdentifier": user}, {"Permission": "READ"}, {"GrantScope": made["GrantScope"]}):
        assert listed(**filters) == {made["AccessGrantId"]}
    first = control.list_access_grants(MaxResults=1)
    second = control.list_access_grants(MaxResults=1, NextToken=first["NextToken"])
    assert {page["AccessGrantsList"][0]["AccessGrantId"] for page in (first, second)} == both
    assert "NextToken" not in second
    location = {"AccessGrantsLocationId": granted.place}
    assert code_of(control.delete_access_grants_location, **location) == ("AccessGrantsLocationNotEmptyError", 400)
    for grant in both:
        control.delete_access_grant(AccessGrantId=grant)
    assert listed() == set()
    assert code_of(control.get_access_grant, AccessGrantId="none") == ("NoSuchAccessGrantError", 404)
    assert code_of(control.delete_access_grant, AccessGrantId="none") == ("NoSuchAccessGrantError", 404)
    control.delete_access_grants_location(**location)


def test_grants_that_cannot_be_are_refused(granted):
    user = f"arn:aws:iam::{granted.account}:user/ann"
    everything = granted.location("s3://")["AccessGrantsLocationId"]
    assert code_of(granted.grant, everything, user) == ("InvalidAccessGrant", 400)
    assert granted.grant(everything, user, prefix="other/*")["GrantScope"] == "s3://other/*"
    assert code_of(granted.grant, granted.place, user, prefix="a*/b") == ("InvalidAccessGrant", 400)
    starred = {"prefix": "a*", "S3PrefixType": "Object"}
    assert code_of(granted.grant, granted.place, user, **starred) == ("InvalidAccessGrant", 400)
    assert code_of(granted.grant, granted.place, "ann") == ("InvalidAccessGrant", 400)
    assert code_of(granted.grant, granted.place, ROOT.format(granted.account)) == ("InvalidAccessGrant", 400)
    assert code_of(granted.grant, "none", user) == ("NoSuchAccessGrantsLocationError", 404)
    directory = {"GranteeType": "DIRECTORY_USER", "GranteeIdentifier": "a1b2c3d4-5678-90ab-cdef-111111111111"}
    assert code_of(granted.grant, granted.place, None, Grantee=directory) == ("NotImplemented", 501)
    application = f"arn:aws:sso::{granted.account}:application/x/y"
    assert code_of(granted.grant, granted.place, user, ApplicationArn=application) == ("NotImplemented", 501)


def refused(call, **given):
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"] in ("AccessDenied", "403")


def test_credentials_read_exactly_what_is_granted(granted):
    name, user = granted.user()
    granted.grant(granted.place, name, prefix="a/*")
    bucket, target = granted.bucket, f"s3://{granted.bucket}/a/*"
    answer = user.get_data_access(Target=target, Permission="READ")
    assert (answer["MatchedGrantTarget"], answer["MatchedInstanceArn"]) == (target, granted.arn)
    assert answer["Grantee"]["GranteeIdentifier"] == name
    s3 = granted.as_granted(answer)
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]
    assert [found["Key"] for found in listed] == ["a/1", "a/2"]
    for call, given in (
        (s3.get_object, {"Key": "ab"}),
        (s3.get_object, {"Key": "b/1"}),
        (s3.list_objects_v2, {}),
        (s3.list_objects_v2, {"Prefix": "a"}),
        (s3.put_object, {"Key": "a/1", "Body": b"x"}),
        (s3.delete_object, {"Key": "a/1"}),
        (s3.get_object_tagging, {"Key": "a/1"}),
        (s3.get_bucket_policy, {}),
    ):
        assert refused(call, Bucket=bucket, **given)
    assert granted.s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    for other in ({"Target": f"s3://{bucket}/*"}, {"Target": f"s3://{bucket}/a*"}, {"Permission": "WRITE"}):
        error = error_of(user.get_data_access, **{"Target": target, "Permission": "READ", **other})
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
        assert "permissions to the requested S3 Prefix" in error["Message"]


def test_credentials_write_exactly_what_is_granted(granted):
    name, user = granted.user()
    granted.grant(granted.place, name, "READWRITE", prefix="a/*")
    writer = granted.as_granted(user.get_data_access(Target=f"s3://{granted.bucket}/a/*", Permission="WRITE"))
    writer.put_object(Bucket=granted.bucket, Key="a/new", Body=b"new")
    writer.delete_object(Bucket=granted.bucket, Key="a/2")
    assert refused(writer.get_object, Bucket=granted.bucket, Key="a/1")
    assert refused(writer.put_object, Bucket=granted.bucket, Key="b/new", Body=b"x")
    both = granted.as_granted(user.get_data_access(Target=f"s3://{granted.bucket}/a/*", Permission="READWRITE"))
    assert both.get_object(Bucket=granted.bucket, Key="a/new")["Body"].read() == b"new"
    keys = [found["Key"] for found in both.list_objects_v2(Bucket=granted.bucket, Prefix="a/")["Contents"]]
    assert keys == ["a/1", "a/new"]


def test_minimal_privilege_is_the_targets_and_the_closest_grant_is_matched(granted):
    name, user = granted.user()
    granted.grant(granted.place, name)
    granted.grant(granted.place, name, prefix="a/*")
    target = f"s3://{granted.bucket}/a/1*"
    usual = user.get_data_access(Target=target, Permission="READ")
    assert usual["MatchedGrantTarget"] == f"s3://{granted.bucket}/a/*"
    assert granted.as_granted(usual).get_object(Bucket=granted.bucket, Key="a/2")["Body"].read() == b"a/2"
    minimal = user.get_data_access(Target=target, Permission="READ", Privilege="Minimal")
    assert minimal["MatchedGrantTarget"] == target
    s3 = granted.as_granted(minimal)
    assert s3.get_object(Bucket=granted.bucket, Key="a/1")["Body"].read() == b"a/1"
    assert refused(s3.get_object, Bucket=granted.bucket, Key="a/2")


def test_a_grant_can_be_of_one_object(granted):
    name, user = granted.user()
    granted.grant(granted.place, name, prefix="a/1", S3PrefixType="Object")
    target = {"Target": f"s3://{granted.bucket}/a/1", "Permission": "READ"}
    assert code_of(user.get_data_access, **target) == ("AccessDenied", 403)
    s3 = granted.as_granted(user.get_data_access(**target, TargetType="Object"))
    assert s3.get_object(Bucket=granted.bucket, Key="a/1")["Body"].read() == b"a/1"
    granted.s3.put_object(Bucket=granted.bucket, Key="a/10", Body=b"x")
    assert refused(s3.get_object, Bucket=granted.bucket, Key="a/10")
    assert refused(s3.list_objects_v2, Bucket=granted.bucket, Prefix="a/1")


def test_sessions_of_granted_roles_ask_as_their_role(granted):
    own = {"AWS": ROOT.format(granted.account)}
    trusting = json.dumps(policy({"Effect": "Allow", "Principal": own, "Action": "sts:AssumeRole"}))
    role = granted.iam.create_role(RoleName="reader", Path="/x/", AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
    asking = json.dumps(policy(allow("s3:GetDataAccess", granted.arn)))
    granted.iam.put_role_policy(RoleName="reader", PolicyName="ask", PolicyDocument=asking)
    keys = granted.welkin.user(granted.account, policy(allow("sts:AssumeRole", role)))
    taken = granted.welkin.client("sts", **keys).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = {"key": taken["AccessKeyId"], "secret": taken["SecretAccessKey"], "token": taken["SessionToken"]}
    control = Bound(granted.client("s3control", granted.account, **session), granted.account)
    target = {"Target": f"s3://{granted.bucket}/*", "Permission": "READ"}
    assert code_of(control.get_data_access, **target) == ("AccessDenied", 403)
    granted.grant(granted.place, role)
    assert granted.as_granted(control.get_data_access(**target)).get_object(Bucket=granted.bucket, Key="ab")


def test_credentials_last_as_long_as_is_asked_for(granted, start):
    name, user = granted.user()
    granted.grant(granted.place, name)
    target = {"Target": f"s3://{granted.bucket}", "Permission": "READ"}
    now = datetime.datetime.fromisoformat(granted.welkin.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    lasts = lambda **more: user.get_data_access(**target, **more)["Credentials"]["Expiration"] - now
    assert abs(lasts() - datetime.timedelta(hours=1)) < datetime.timedelta(minutes=1)
    assert abs(lasts(DurationSeconds=900) - datetime.timedelta(minutes=15)) < datetime.timedelta(minutes=1)
    assert code_of(user.get_data_access, **target, DurationSeconds=7200) == ("StsValidationError", 400)


def test_the_role_of_a_location_must_trust_access_grants(granted):
    name, user = granted.user()
    granted.grant(granted.place, name)
    target = {"Target": f"s3://{granted.bucket}", "Permission": "READ"}
    document = policy({"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "sts:AssumeRole"})
    granted.iam.update_assume_role_policy(RoleName="locations", PolicyDocument=json.dumps(document))
    error = error_of(user.get_data_access, **target)
    assert (error["Code"], error["Status"]) == ("StsNotAuthorizedError", 403) and granted.role in error["Message"]


def test_callers_list_their_own_grants(granted):
    name, user = granted.user()
    scopes = [granted.grant(granted.place, name, prefix=prefix)["GrantScope"] for prefix in ("a/*", "b/*")]
    granted.grant(granted.place, f"arn:aws:iam::{granted.account}:user/other")
    found = user.list_caller_access_grants()["CallerAccessGrantsList"]
    assert sorted(grant["GrantScope"] for grant in found) == scopes
    assert {grant["Permission"] for grant in found} == {"READ"}
    (one,) = user.list_caller_access_grants(GrantScope=f"s3://{granted.bucket}/b*")["CallerAccessGrantsList"]
    assert one["GrantScope"] == scopes[1] and one["AccessGrantsInstanceArn"] == granted.arn
    first = user.list_caller_access_grants(MaxResults=1)
    second = user.list_caller_access_grants(MaxResults=1, NextToken=first["NextToken"])
    pages = [page["CallerAccessGrantsList"][0]["GrantScope"] for page in (first, second)]
    assert sorted(pages) == scopes and "NextToken" not in second
    assert code_of(user.list_caller_access_grants, InstanceScope="ALL") == ("NotImplemented", 501)


def test_other_accounts_use_an_instance_by_its_policy(granted, welkin, client):
    other = welkin.account()
    keys = welkin.user(other, policy(allow("s3:*", "*")))
    name = welkin.client("sts", **keys).get_caller_identity()["Arn"]
    user = Bound(client("s3control", **keys), granted.account)
    granted.grant(granted.place, name)
    target = {"Target": f"s3://{granted.bucket}", "Permission": "READ"}
    assert code_of(user.get_data_access, **target) == ("AccessDenied", 403)
    control = granted.control
    assert code_of(control.get_access_grants_instance_resource_policy) == (
        "AccessGrantsInstanceResourcePolicyNotExists",
        404,
    )
    actions = ["s3:GetDataAccess", "s3:ListCallerAccessGrants", "s3:GetAccessGrantsInstanceForPrefix"]
    sharing = {"Effect": "Allow", "Principal": {"AWS": other}, "Action": actions, "Resource": granted.arn}
    document = json.dumps(policy(sharing))
    put = control.put_access_grants_instance_resource_policy(Policy=document)
    told = control.get_access_grants_instance_resource_policy()
    assert told["Policy"] == put["Policy"] == document and told["CreatedAt"] == put["CreatedAt"]
    s3 = granted.as_granted(user.get_data_access(**target))
    assert s3.get_object(Bucket=granted.bucket, Key="ab")["Body"].read() == b"ab"
    assert len(user.list_caller_access_grants()["CallerAccessGrantsList"]) == 1
    assert code_of(user.list_access_grants) == ("AccessDenied", 403)
    theirs = Bound(client("s3control", **keys), other)
    found = theirs.get_access_grants_instance_for_prefix(S3Prefix=f"s3://{granted.bucket}/a*")
    assert (found["AccessGrantsInstanceArn"], found["AccessGrantsInstanceId"]) == (granted.arn, "default")
    assert code_of(control.put_access_grants_instance_resource_policy, Policy="{") == ("InvalidResourcePolicy", 400)
    control.delete_access_grants_instance_resource_policy()
    assert code_of(user.get_data_access, **target) == ("AccessDenied", 403)


def test_the_instance_of_a_prefix_is_that_of_the_buckets_owner(grants):
    prefix = {"S3Prefix": f"s3://{grants.bucket}/a"}
    call = grants.control.get_access_grants_instance_for_prefix
    assert code_of(call, **prefix) == ("AccessGrantsInstanceNotExistsError", 404)
    grants.instance()
    assert call(**prefix)["AccessGrantsInstanceArn"] == grants.arn
    assert code_of(call, S3Prefix="s3://") == ("InvalidRequest", 400)
    assert code_of(call, S3Prefix=f"s3://{fresh('nowhere')}") == ("NoSuchBucket", 404)


def test_identity_center_is_refused_by_name(grants):
    center = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
    assert code_of(grants.instance, IdentityCenterArn=center) == ("NotImplemented", 501)
    grants.instance()
    associate = grants.control.associate_access_grants_identity_center
    assert code_of(associate, IdentityCenterArn=center) == ("NotImplemented", 501)
    assert code_of(grants.control.dissociate_access_grants_identity_center) == ("NotImplemented", 501)


def test_instances_locations_and_grants_have_tags(grants):
    tags = [{"Key": "team", "Value": "a"}]
    made = grants.instance(Tags=tags)["AccessGrantsInstanceArn"]
    location = grants.location(Tags=tags)
    grant = grants.grant(location["AccessGrantsLocationId"], f"arn:aws:iam::{grants.account}:user/ann", Tags=tags)
    for resource in (made, location["AccessGrantsLocationArn"], grant["AccessGrantArn"]):
        assert grants.control.list_tags_for_resource(ResourceArn=resource)["Tags"] == tags
        grants.control.tag_resource(ResourceArn=resource, Tags=[{"Key": "b", "Value": "2"}])
        grants.control.untag_resource(ResourceArn=resource, TagKeys=["team"])
        assert grants.control.list_tags_for_resource(ResourceArn=resource)["Tags"] == [{"Key": "b", "Value": "2"}]
        many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
        assert code_of(grants.control.tag_resource, ResourceArn=resource, Tags=many) == ("TooManyTags", 400)
    missing = f"{grants.arn}/grant/none"
    assert code_of(grants.control.list_tags_for_resource, ResourceArn=missing) == ("NoSuchAccessGrantError", 404)


def test_each_operation_needs_its_action(grants, as_user):
    pass_role = allow("iam:PassRole", grants.role, Condition={"StringEquals": {"iam:PassedToService": PRINCIPAL}})
    user = f"arn:aws:iam::{grants.account}:user/ann"
    grantee = {"GranteeType": "IAM", "GranteeIdentifier": user}
    sharing = {"Effect": "Allow", "Principal": {"AWS": "1" * 12}, "Action": "s3:GetDataAccess", "Resource": grants.arn}
    document = json.dumps(policy(sharing))
    where, made = {"AccessGrantsLocationId": "default"}, {}

    def grant(control):
        configuration = {"AccessGrantsLocationConfiguration": {"S3SubPrefix": "x/*"}}
        answer = control.create_access_grant(**where, **configuration, Grantee=grantee, Permission="READ")
        made["AccessGrantId"] = answer["AccessGrantId"]

    instance, location = grants.arn, f"{grants.arn}/location/default"
    role, prefix = {"IAMRoleArn": grants.role}, {"S3Prefix": f"s3://{grants.bucket}"}
    resource_policy = "AccessGrantsInstanceResourcePolicy"
    cases = [
        ("CreateAccessGrantsInstance", instance, lambda c: c.create_access_grants_instance()),
        ("GetAccessGrantsInstance", instance, lambda c: c.get_access_grants_instance()),
        ("ListAccessGrantsInstances", "*", lambda c: c.list_access_grants_instances()),
        (f"Put{resource_policy}", instance, lambda c: c.put_access_grants_instance_resource_policy(Policy=document)),
        (f"Get{resource_policy}", instance, lambda c: c.get_access_grants_instance_resource_policy()),
        (f"Delete{resource_policy}", instance, lambda c: c.delete_access_grants_instance_resource_policy()),
        ("GetAccessGrantsInstanceForPrefix", instance, lambda c: c.get_access_grants_instance_for_prefix(**prefix)),
        (
            "CreateAccessGrantsLocation",
            instance,
            lambda c: c.create_access_grants_location(LocationScope="s3://", **role),
        ),
        ("GetAccessGrantsLocation", location, lambda c: c.get_access_grants_location(**where)),
        ("UpdateAccessGrantsLocation", location, lambda c: c.update_access_grants_location(**where, **role)),
        ("ListAccessGrantsLocations", instance, lambda c: c.list_access_grants_locations()),
        ("CreateAccessGrant", location, grant),
        ("GetAccessGrant", f"{grants.arn}/grant/*", lambda c: c.get_access_grant(**made)),
        ("ListAccessGrants", instance, lambda c: c.list_access_grants()),
        ("ListCallerAccessGrants", instance, lambda c: c.list_caller_access_grants()),
        ("DeleteAccessGrant", f"{grants.arn}/grant/*", lambda c: c.delete_access_grant(**made)),
        ("DeleteAccessGrantsLocation", location, lambda c: c.delete_access_grants_location(**where)),
        ("DeleteAccessGrantsInstance", instance, lambda c: c.delete_access_grants_instance()),
    ]
    stranger = as_user("s3control", "s3:ListBucket", statements=[pass_role])
    made["AccessGrantId"] = "none"
    for action, on, call in cases:
        error = error_of(call, stranger)
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and f"s3:{action}" in error["Message"]
        call(as_user("s3control", f"s3:{action}", resource=on, statements=[pass_role]))
    asking = {"Target": f"s3://{grants.bucket}", "Permission": "READ"}
    error = error_of(stranger.get_data_access, **asking)
    assert error["Code"] == "AccessDenied" and "s3:GetDataAccess" in error["Message"]
    grants.instance()
    without = as_user("s3control", "s3:CreateAccessGrantsLocation")
    error = error_of(without.create_access_grants_location, LocationScope="s3://", **role)
    assert error["Code"] == "AccessDenied" and "iam:PassRole" in error["Message"]
    by_scope = {"StringEquals": {"s3:AccessGrantsLocationScope": f"s3://{grants.bucket}"}}
    limited = as_user("s3control", "s3:CreateAccessGrantsLocation", condition=by_scope, statements=[pass_role])
    assert code_of(limited.create_access_grants_location, LocationScope="s3://", **role) == ("AccessDenied", 403)
    limited.create_access_grants_location(LocationScope=f"s3://{grants.bucket}", **role)
