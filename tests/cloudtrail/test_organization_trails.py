"""Trails of organizations."""

import json

import pytest
from test_trails import Files, refused


def organization_policy(bucket, management, organization, trail):
    """The bucket policy of the CloudTrail user guide for a trail of an organization."""
    of_trail = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{management}:trail/{trail}"}
    service = {"Service": "cloudtrail.amazonaws.com"}
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}",
         "Condition": {"StringEquals": of_trail}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": [f"arn:aws:s3:::{bucket}/AWSLogs/{owner}/*" for owner in (management, organization)],
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **of_trail}}},
    ]})


class Organization:
    """An organization with a member, a bucket for its trail, and trusted access for CloudTrail."""

    def __init__(self, welkin, trusted=True):
        self.welkin, self.management, self.member = welkin, welkin.account(), welkin.account()
        self.api = welkin.root(self.management, "organizations")
        self.id = self.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.join(self.member)
        self.s3, self.bucket = welkin.root(self.management, "s3"), f"org-{self.management}"
        self.s3.create_bucket(Bucket=self.bucket)
        policy = organization_policy(self.bucket, self.management, self.id, "all")
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=policy)
        self.trails = welkin.root(self.management, "cloudtrail")
        if trusted:
            self.api.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")

    def join(self, account):
        invitation = self.api.invite_account_to_organization(Target={"Id": account, "Type": "ACCOUNT"})["Handshake"]
        self.welkin.root(account, "organizations").accept_handshake(HandshakeId=invitation["Id"])

    def create(self, **more):
        return self.trails.create_trail(Name="all", S3BucketName=self.bucket, IsOrganizationTrail=True, **more)


@pytest.fixture
def organization(welkin):
    return Organization(welkin)


def sizes(files):
    return {(record["recipientAccountId"], record["requestParameters"]["numberOfBytes"])
            for record in files.named("GenerateRandom")}


def test_calls_of_all_accounts_are_delivered_while_they_are_members(welkin, organization):
    made = organization.create(IsMultiRegionTrail=True)
    management, member, late = organization.management, organization.member, welkin.account()
    arn = f"arn:aws:cloudtrail:us-east-1:{management}:trail/all"
    assert (made["TrailARN"], made["IsOrganizationTrail"]) == (arn, True)
    roles = welkin.root(management, "iam").list_roles(PathPrefix="/aws-service-role/cloudtrail.amazonaws.com/")["Roles"]
    assert [role["RoleName"] for role in roles] == ["AWSServiceRoleForCloudTrail"]
    organization.trails.start_logging(Name="all")

    def call(account, size, region="us-east-1"):
        welkin.client("kms", account, region=region).generate_random(NumberOfBytes=size)

    call(management, 1)
    call(member, 2)
    call(member, 3, region="eu-west-1")
    call(late, 4)
    organization.join(late)
    call(late, 5)
    welkin.root(late, "organizations").leave_organization()
    call(late, 6)
    organization.api.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    call(member, 7)
    organization.api.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    call(member, 8)
    welkin.advance("10m")
    files = Files(organization.s3, organization.bucket)
    assert sizes(files) == {(management, 1), (member, 2), (member, 3), (late, 5), (member, 8)}
    folders = {"/".join(key.split("/")[:5]) for key in files.keys()}
    logs = f"AWSLogs/{organization.id}"
    assert {f"{logs}/{member}/CloudTrail/us-east-1", f"{logs}/{member}/CloudTrail/eu-west-1",
            f"{logs}/{management}/CloudTrail/us-east-1"} <= folders
    assert all(folder.startswith(f"{logs}/") for folder in folders)
    organization.trails.stop_logging(Name="all")


def test_members_see_the_trail_and_cannot_change_it(welkin, organization):
    arn = organization.create(IsMultiRegionTrail=True)["TrailARN"]
    theirs = welkin.root(organization.member, "cloudtrail")
    (seen,) = theirs.describe_trails()["trailList"]
    assert (seen["TrailARN"], seen["IsOrganizationTrail"], seen["Name"]) == (arn, True, "all")
    assert theirs.get_trail(Name=arn)["Trail"]["TrailARN"] == arn
    assert theirs.get_trail_status(Name=arn)["IsLogging"] is False
    assert [trail["TrailARN"] for trail in theirs.list_trails()["Trails"]] == [arn]
    assert theirs.get_event_selectors(TrailName=arn)["TrailARN"] == arn
    selectors = [{"ReadWriteType": "All"}]
    for call, more in [
        (theirs.start_logging, {"Name": arn}), (theirs.stop_logging, {"Name": arn}), (theirs.delete_trail, {"Name": arn}),
        (theirs.update_trail, {"Name": arn}), (theirs.put_event_selectors, {"TrailName": arn, "EventSelectors": selectors}),
    ]:
        refused("NotOrganizationMasterAccountException", call, **more)
    stranger = welkin.root(welkin.account(), "cloudtrail")
    refused("TrailNotFoundException", stranger.get_trail, Name=arn)
    reader = welkin.client("cloudtrail", **welkin.user(organization.member, {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:GetTrail", "Resource": arn}]}))
    assert reader.get_trail(Name=arn)["Trail"]["Name"] == "all"
    refused("AccessDeniedException", reader.get_trail_status, Name=arn)
    organization.trails.delete_trail(Name="all")
    assert theirs.describe_trails()["trailList"] == []


def test_who_may_make_a_trail_of_an_organization(welkin, account):
    alone = welkin.root(account, "cloudtrail")
    create = {"Name": "all", "S3BucketName": "some-bucket", "IsOrganizationTrail": True}
    refused("OrganizationsNotInUseException", alone.create_trail, **create)
    organization = Organization(welkin, trusted=False)
    refused("CloudTrailAccessNotEnabledException", organization.create)
    theirs = welkin.root(organization.member, "cloudtrail")
    refused("NotOrganizationMasterAccountException", theirs.create_trail, **create)
    organization.api.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    only_trails = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["cloudtrail:*"], "Resource": "*"}]}
    user = welkin.client("cloudtrail", **welkin.user(organization.management, only_trails))
    refused("InsufficientDependencyServiceAccessPermissionException", user.create_trail, **create)
    welkin.root(account, "organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    refused("OrganizationNotInAllFeaturesModeException", alone.create_trail, **create)


def test_a_delegated_administrator_has_the_management_accounts_trails(welkin, organization):
    trails, member = organization.trails, organization.member
    theirs = welkin.root(member, "cloudtrail")
    refused("NotOrganizationManagementAccountException", theirs.register_organization_delegated_admin,
            MemberAccountId=member)
    refused("CannotDelegateManagementAccountException", trails.register_organization_delegated_admin,
            MemberAccountId=organization.management)
    refused("AccountNotFoundException", trails.register_organization_delegated_admin, MemberAccountId=welkin.account())
    refused("InvalidParameterException", trails.register_organization_delegated_admin, MemberAccountId="1234567890123")
    refused("OrganizationsNotInUseException",
            welkin.root(welkin.account(), "cloudtrail").register_organization_delegated_admin, MemberAccountId=member)
    trails.register_organization_delegated_admin(MemberAccountId=member)
    refused("AccountRegisteredException", trails.register_organization_delegated_admin, MemberAccountId=member)
    made = theirs.create_trail(Name="all", S3BucketName=organization.bucket, IsOrganizationTrail=True)
    assert made["TrailARN"] == f"arn:aws:cloudtrail:us-east-1:{organization.management}:trail/all"
    theirs.start_logging(Name=made["TrailARN"])
    assert trails.get_trail_status(Name="all")["IsLogging"] is True
    trails.deregister_organization_delegated_admin(DelegatedAdminAccountId=member)
    refused("AccountNotRegisteredException", trails.deregister_organization_delegated_admin, DelegatedAdminAccountId=member)
    refused("NotOrganizationMasterAccountException", theirs.stop_logging, Name=made["TrailARN"])
    denied = welkin.client("cloudtrail", **welkin.user(organization.management))
    for call, member in [(denied.register_organization_delegated_admin, {"MemberAccountId": member}),
                         (denied.deregister_organization_delegated_admin, {"DelegatedAdminAccountId": member})]:
        refused("AccessDeniedException", call, **member)
    trails.stop_logging(Name="all")


def test_a_trail_becomes_one_of_an_organization_and_back(welkin, organization):
    trails = organization.trails
    trails.create_trail(Name="all", S3BucketName=organization.bucket)
    theirs = welkin.root(organization.member, "cloudtrail")
    assert theirs.describe_trails()["trailList"] == []
    assert trails.update_trail(Name="all", IsOrganizationTrail=True)["IsOrganizationTrail"] is True
    assert len(theirs.describe_trails()["trailList"]) == 1
    assert trails.update_trail(Name="all", IsOrganizationTrail=False)["IsOrganizationTrail"] is False
    assert theirs.describe_trails()["trailList"] == []
