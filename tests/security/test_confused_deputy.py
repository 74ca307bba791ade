"""Services that are made to act on what is not their customer's, and third parties who are.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

import random

import pytest
from identity import allow, document, refused, trust

SERVICE = {"Service": "cloudtrail.amazonaws.com"}


def bucket(owner, **condition):
    """A bucket into which CloudTrail may deliver under a condition."""
    name = f"logs-{random.randrange(1 << 48):012x}"
    s3 = owner.client("s3")
    s3.create_bucket(Bucket=name)
    more = {"Condition": condition} if condition else {}
    policy = document(
        allow("s3:GetBucketAcl", f"arn:aws:s3:::{name}", Principal=SERVICE, **more),
        allow("s3:PutObject", f"arn:aws:s3:::{name}/*", Principal=SERVICE, **more),
    )
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    return name


def trail(account, bucket, **more):
    return account.client("cloudtrail").create_trail(Name="trail", S3BucketName=bucket, **more)


def of(account, name="trail"):
    return f"arn:aws:cloudtrail:us-east-1:{account.id}:trail/{name}"


@pytest.mark.parametrize(
    "guard",
    [
        lambda victim: {"StringEquals": {"aws:SourceArn": of(victim)}},
        lambda victim: {"StringEquals": {"aws:SourceAccount": victim.id}},
        lambda victim: {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{victim.id}:trail/*"}},
    ],
)
def test_a_trail_of_a_stranger_does_not_deliver_into_the_bucket(account, other, guard):
    mine = bucket(account, **guard(account))
    with refused("InsufficientS3BucketPolicyException", 400):
        trail(other, mine)
    assert trail(account, mine)["S3BucketName"] == mine
    s3 = account.client("s3")
    account.client("cloudtrail").start_logging(Name="trail")
    account.iam.list_users()
    account.welkin.advance("15m")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=mine).get("Contents", [])]
    assert keys and all(f"AWSLogs/{account.id}/" in key for key in keys)


def test_deliveries_stop_when_the_guard_changes(account, other):
    """Each delivery is authorised, not only the making of the trail."""
    theirs = bucket(account)
    trail(other, theirs)
    trails = other.client("cloudtrail")
    trails.start_logging(Name="trail")
    s3 = account.client("s3")
    count = lambda: len(s3.list_objects_v2(Bucket=theirs).get("Contents", []))  # noqa: E731
    other.iam.list_users()
    account.welkin.advance("15m")
    before = count()
    assert before > 0, "nothing guards it, so the service does what it is told"
    guarded = {"StringEquals": {"aws:SourceAccount": account.id}}
    policy = document(
        allow("s3:GetBucketAcl", f"arn:aws:s3:::{theirs}", Principal=SERVICE, Condition=guarded),
        allow("s3:PutObject", f"arn:aws:s3:::{theirs}/*", Principal=SERVICE, Condition=guarded),
    )
    s3.put_bucket_policy(Bucket=theirs, Policy=policy)
    other.iam.list_users()
    account.welkin.advance("15m")
    assert count() == before
    status = trails.get_trail_status(Name="trail")
    assert status["LatestDeliveryError"] == "AccessDenied"


def test_an_organization_guards_its_resources_against_services_of_strangers(organization, account):
    """An RCP denies service principals that act for accounts outside of the organization."""
    api, member = organization.api, organization.member
    open_to_all = bucket(member)
    trail(account, open_to_all)
    api.enable_policy_type(RootId=organization.root, PolicyType="RESOURCE_CONTROL_POLICY")
    strangers = {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": organization.id},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": strangers}
    made = api.create_policy(Content=document(statement), Name="p", Description="", Type="RESOURCE_CONTROL_POLICY")
    api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=organization.root)
    with refused("InsufficientS3BucketPolicyException", 400):
        account.client("cloudtrail").create_trail(Name="second", S3BucketName=open_to_all)
    assert trail(member, open_to_all)["Name"] == "trail"


def test_a_key_is_used_by_a_service_for_its_own_customer_only(account, other):
    """The policy of the key lets CloudTrail encrypt for the account's own trails, by what it encrypts for."""
    kms = account.client("kms")
    guard = {
        "StringEquals": {"aws:SourceArn": of(account)},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account.id}:trail/*"},
    }
    policy = document(
        allow("kms:*", Principal={"AWS": account.arn("root")}),
        allow("kms:GenerateDataKey*", Principal=SERVICE, Condition=guard),
        allow("kms:DescribeKey", Principal=SERVICE),
    )
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    with refused("InsufficientEncryptionPolicyException", 400):
        trail(other, bucket(other), KmsKeyId=key)
    assert trail(account, bucket(account), KmsKeyId=key)["KmsKeyId"] == key


def test_a_callers_own_rights_go_with_a_service_that_acts_for_it(account, other):
    """SQS uses the key with the caller's rights: a queue is no way around the key's policy."""
    key = other.client("kms").create_key()["KeyMetadata"]["Arn"]
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    ada = account.user("ada", allow("*"))
    for caller in (sqs, ada.client("sqs")):
        with refused("KMS.AccessDeniedException", 400):
            caller.send_message(QueueUrl=url, MessageBody="x")


def test_a_third_party_acts_for_the_customer_who_gave_it_the_external_id(account, other):
    """The other account serves many customers, each with an id of its own; none can name another's role."""
    broker = other.user("broker", allow("sts:AssumeRole"))
    mine = {"StringEquals": {"sts:ExternalId": "customer-1"}}
    role = account.role("r", trust({"AWS": other.id}, Condition=mine), allow("sqs:ListQueues"))
    for wrong in ({}, {"ExternalId": "customer-2"}, {"ExternalId": "CUSTOMER-1"}):
        with refused("AccessDenied", 403):
            broker.assume(role, **wrong)
    assert broker.assume(role, ExternalId="customer-1").client("sqs").list_queues()


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com"])
def test_nobody_is_a_service_by_saying_so(account, service):
    """A role that trusts a service is not for people, whatever name they give themselves."""
    eve = account.user("eve", allow("sts:AssumeRole"))
    role = account.role("r", trust({"Service": service}), allow("*"))
    with refused("AccessDenied", 403):
        eve.assume(role, service)
    with refused("AccessDenied", 403):
        eve.client("sts", user_agent=service).assume_role(RoleArn=role, RoleSessionName=service)
