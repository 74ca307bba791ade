"""Privileged tasks in member accounts, by the administrators of their organization."""

import json

import pytest
from identity import Account, Caller, allow, document, refused

TASK = "arn:aws:iam::aws:policy/root-task/"
DENIED = "You do not have access to perform privileged tasks in this account."


class Organization:
    def __init__(self, welkin):
        self.management = Account(welkin)
        self.api = self.management.client("organizations")
        self.id = self.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.member = self.made("member")

    def made(self, name):
        status = self.api.create_account(AccountName=name, Email=f"{name}@{self.id}.example")["CreateAccountStatus"]
        while status["State"] == "IN_PROGRESS":
            status = self.api.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        return Account(self.management.welkin, status["AccountId"])

    def enable(self):
        self.api.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
        return self.management.iam.enable_organizations_root_sessions()


@pytest.fixture
def organization(welkin):
    return Organization(welkin)


@pytest.fixture
def ada(organization):
    return organization.management.user("ada", allow("sts:AssumeRoot"))


def task(caller, target, name, **more):
    answer = caller.client("sts").assume_root(TargetPrincipal=target, TaskPolicyArn={"arn": TASK + name}, **more)
    return Caller.of(caller.welkin, answer["Credentials"])


def test_features_are_enabled_by_the_management_account(organization):
    iam = organization.management.iam
    with refused("ServiceAccessNotEnabledException"):
        iam.enable_organizations_root_sessions()
    assert organization.enable()["EnabledFeatures"] == ["RootSessions"]
    both = iam.enable_organizations_root_credentials_management()
    assert both["OrganizationId"] == organization.id
    assert set(both["EnabledFeatures"]) == {"RootSessions", "RootCredentialsManagement"}
    assert set(iam.list_organizations_features()["EnabledFeatures"]) == set(both["EnabledFeatures"])
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootSessions"]
    with refused("AccountNotManagementOrDelegatedAdministratorException"):
        organization.member.iam.list_organizations_features()
    with refused("OrganizationNotFoundException"):
        Account(organization.management.welkin).iam.list_organizations_features()
    bob = organization.management.user("bob")
    with refused("AccessDenied", 403, "iam:EnableOrganizationsRootSessions"):
        bob.client("iam").enable_organizations_root_sessions()


def test_a_bucket_that_nobody_can_use_is_unlocked(organization, ada):
    organization.enable()
    member = organization.member
    bucket = f"locked-{member.id}"
    s3 = member.client("s3")
    s3.create_bucket(Bucket=bucket)
    locked = document({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]})
    s3.put_bucket_policy(Bucket=bucket, Policy=locked, ConfirmRemoveSelfBucketAccess=True)
    admin = member.user("admin", allow("*"))
    with refused("AccessDenied", 403):
        admin.client("s3").delete_bucket_policy(Bucket=bucket)
    session = task(ada, member.id, "S3UnlockBucketPolicy")
    assert session.arn() == member.arn("root")
    unlocking = session.client("s3")
    assert json.loads(unlocking.get_bucket_policy(Bucket=bucket)["Policy"])
    for beyond in (
        lambda: unlocking.list_objects_v2(Bucket=bucket),
        lambda: unlocking.delete_bucket(Bucket=bucket),
        lambda: unlocking.create_bucket(Bucket=bucket + "-2"),
        lambda: session.client("iam").list_users(),
    ):
        with refused("AccessDenied", 403):
            beyond()
    unlocking.delete_bucket_policy(Bucket=bucket)
    assert admin.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_queue_that_nobody_can_use_is_unlocked(organization, ada):
    organization.enable()
    member = organization.member
    sqs = member.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    locked = document({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:{member.id}:q"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": locked})
    admin = member.user("admin", allow("*")).client("sqs")
    with refused("AccessDenied", 403):
        admin.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    session = task(ada, member.arn("root"), "SQSUnlockQueuePolicy").client("sqs")
    with refused("AccessDenied", 403):
        session.send_message(QueueUrl=url, MessageBody="x")
    session.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert admin.send_message(QueueUrl=url, MessageBody="x")


def test_root_credentials_are_looked_at(organization, ada):
    organization.enable()
    member = organization.member
    session = task(ada, member.id, "IAMAuditRootUserCredentials").client("iam")
    assert session.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 0
    assert session.list_access_keys()["AccessKeyMetadata"] == []
    with refused("AccessDenied", 403):
        session.list_users()
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "ListAccessKeys"}]
    (event,) = member.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
    identity = json.loads(event["CloudTrailEvent"])["userIdentity"]
    assert identity["type"] == "Root" and identity["sessionContext"]["assumedRoot"] == "true"
    member.iam.create_user(UserName="bob")
    with refused("AccessDenied", 403):
        session.list_access_keys(UserName="bob")


def test_who_may_and_where(organization, ada):
    member = organization.member
    with refused("AccessDenied", 403, DENIED):
        task(ada, member.id, "S3UnlockBucketPolicy")
    organization.enable()
    assert task(ada, member.id, "S3UnlockBucketPolicy")
    with refused("AccessDenied", 403):
        task(organization.management.user("bob"), member.id, "S3UnlockBucketPolicy")
    with refused("AccessDenied", 403, "Root credentials cannot be used to call AssumeRoot."):
        sts = organization.management.client("sts")
        sts.assume_root(TargetPrincipal=member.id, TaskPolicyArn={"arn": TASK + "S3UnlockBucketPolicy"})
    stranger = Account(ada.welkin)
    for target in (stranger.id, organization.management.id):
        with refused("AccessDenied", 403, DENIED):
            task(ada, target, "S3UnlockBucketPolicy")
    theirs = member.user("eve", allow("sts:*"))
    with refused("AccessDenied", 403, DENIED):
        task(theirs, organization.made("second").id, "S3UnlockBucketPolicy")
    organization.api.register_delegated_administrator(AccountId=member.id, ServicePrincipal="iam.amazonaws.com")
    assert task(theirs, organization.made("third").id, "S3UnlockBucketPolicy")
    organization.management.iam.disable_organizations_root_sessions()
    with refused("AccessDenied", 403, DENIED):
        task(ada, member.id, "S3UnlockBucketPolicy")


def test_what_can_be_asked_for(organization, ada):
    organization.enable()
    member = organization.member
    with refused("ValidationError", 400):
        ada.client("sts").assume_root(TargetPrincipal=member.id, TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/AdministratorAccess"})
    with refused("ValidationError", 400):
        task(ada, "not-an-account", "S3UnlockBucketPolicy")
    with refused("ValidationError", 400):
        task(ada, member.id, "S3UnlockBucketPolicy", DurationSeconds=901)
    session = task(ada, member.id, "S3UnlockBucketPolicy", DurationSeconds=60)
    with refused("AccessDenied", 403):
        session.client("sts").get_session_token()
    ada.welkin.advance("61s")
    with refused("ExpiredToken", 403):
        session.arn()
    only = {"StringEquals": {"sts:TaskPolicyArn": TASK + "IAMAuditRootUserCredentials"}}
    bob = organization.management.user("bob", allow("sts:AssumeRoot", Condition=only))
    assert task(bob, member.id, "IAMAuditRootUserCredentials")
    with refused("AccessDenied", 403):
        task(bob, member.id, "S3UnlockBucketPolicy")


def test_control_policies_bind_the_session_and_see_what_it_is(organization, ada):
    organization.enable()
    member = organization.member
    root = organization.api.list_roots()["Roots"][0]["Id"]
    organization.api.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    assumed = {"Bool": {"aws:AssumedRoot": "true"}}
    content = document({"Effect": "Deny", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": assumed})
    policy = organization.api.create_policy(Content=content, Name="p", Description="", Type="SERVICE_CONTROL_POLICY")
    session = task(ada, member.id, "S3UnlockBucketPolicy").client("s3")
    assert session.list_buckets()["Buckets"] == []
    organization.api.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=member.id)
    with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
        session.list_buckets()
    assert member.client("s3").list_buckets()["Buckets"] == [], "the root user itself is not meant"
