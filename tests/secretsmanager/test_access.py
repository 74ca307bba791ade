"""Who may use a secret: identity policies, resource policies, KMS, other accounts; what the trail tells of it."""

import json

import pytest

from policies import allow


@pytest.fixture
def user(welkin, account):
    """Secrets Manager as a new user of the account with a policy."""
    return lambda policy=None: welkin.client("secretsmanager", **welkin.user(account, policy))


def policy_of(principal, *actions, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CALLS = [
    ("CreateSecret", lambda s, arn: s.create_secret(Name="made-by-user")),
    ("DescribeSecret", lambda s, arn: s.describe_secret(SecretId=arn)),
    ("ListSecrets", lambda s, arn: s.list_secrets()),
    ("UpdateSecret", lambda s, arn: s.update_secret(SecretId=arn, Description="d")),
    ("DeleteSecret", lambda s, arn: s.delete_secret(SecretId=arn)),
    ("RestoreSecret", lambda s, arn: s.restore_secret(SecretId=arn)),
    ("ListSecretVersionIds", lambda s, arn: s.list_secret_version_ids(SecretId=arn)),
    ("GetRandomPassword", lambda s, arn: s.get_random_password()),
    ("PutResourcePolicy", lambda s, arn: s.put_resource_policy(SecretId=arn, ResourcePolicy=policy_of("*", "secretsmanager:GetSecretValue"))),
    ("GetResourcePolicy", lambda s, arn: s.get_resource_policy(SecretId=arn)),
    ("DeleteResourcePolicy", lambda s, arn: s.delete_resource_policy(SecretId=arn)),
    ("ValidateResourcePolicy", lambda s, arn: s.validate_resource_policy(ResourcePolicy=policy_of("*", "secretsmanager:GetSecretValue"))),
    ("TagResource", lambda s, arn: s.tag_resource(SecretId=arn, Tags=[{"Key": "a", "Value": "b"}])),
    ("UntagResource", lambda s, arn: s.untag_resource(SecretId=arn, TagKeys=["a"])),
    ("BatchGetSecretValue", lambda s, arn: s.batch_get_secret_value(SecretIdList=[arn])),
]


@pytest.mark.parametrize("action, call", CALLS, ids=[action for action, _ in CALLS])
def test_each_operation_needs_its_action(action, call, user, secret, refused):
    with refused("AccessDeniedException", message=f"is not authorized to perform: secretsmanager:{action}"):
        call(user(), secret)
    call(user(allow(f"secretsmanager:{action}")), secret)


def test_a_value_is_read_by_who_may(user, secret, secrets, refused):
    reader = user(allow("secretsmanager:GetSecretValue", resource=secret))
    assert reader.get_secret_value(SecretId=secret)["SecretString"] == "one"
    with refused("AccessDeniedException"):
        reader.put_secret_value(SecretId=secret, SecretString="x")
    current = user(allow("secretsmanager:GetSecretValue", Condition={"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}))
    assert current.get_secret_value(SecretId=secret)["SecretString"] == "one"
    secrets.put_secret_value(SecretId=secret, SecretString="two")
    with refused("AccessDeniedException"):
        current.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")
    tagged = user(allow("secretsmanager:GetSecretValue", Condition={"StringEquals": {"secretsmanager:ResourceTag/team": "red"}}))
    with refused("AccessDeniedException"):
        tagged.get_secret_value(SecretId=secret)
    secrets.tag_resource(SecretId=secret, Tags=[{"Key": "team", "Value": "red"}])
    assert tagged.get_secret_value(SecretId=secret)["SecretString"] == "two"


def test_a_batch_reads_only_what_may_be_read(user, secret, secrets, name):
    other = secrets.create_secret(Name=name(), SecretString="other")["ARN"]
    reader = user({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret},
    ]})
    answer = reader.batch_get_secret_value(SecretIdList=[secret, other])
    assert [entry["SecretString"] for entry in answer["SecretValues"]] == ["one"]
    assert [(e["SecretId"], e["ErrorCode"]) for e in answer["Errors"]] == [(other, "AccessDeniedException")]


def test_a_key_of_ones_own_decides_too(welkin, account, user, secrets, name, refused):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secret = secrets.create_secret(Name=name(), SecretString="x", KmsKeyId=key)["ARN"]
    assert secrets.describe_secret(SecretId=secret)["KmsKeyId"] == key
    with refused("AccessDeniedException", message="Access to KMS is not allowed"):
        user(allow("secretsmanager:*")).get_secret_value(SecretId=secret)
    assert user(allow("secretsmanager:*", "kms:Decrypt")).get_secret_value(SecretId=secret)["SecretString"] == "x"
    secrets.update_secret(SecretId=secret, KmsKeyId="alias/aws/secretsmanager")
    kms.disable_key(KeyId=key)
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "x"
    with refused("EncryptionFailure"):
        secrets.create_secret(Name=name(), SecretString="x", KmsKeyId=key)


def test_another_account_needs_the_policy_and_the_key(welkin, account, secrets, secret, name, refused):
    other = welkin.account()
    theirs = welkin.client("secretsmanager", other)
    with refused("AccessDeniedException"):
        theirs.get_secret_value(SecretId=secret)
    shared = policy_of({"AWS": other}, "secretsmanager:GetSecretValue")
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=shared)
    # The key of AWS's is for the account alone.
    with refused("AccessDeniedException", message="Access to KMS is not allowed"):
        theirs.get_secret_value(SecretId=secret)
    own = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"}
    lent = {"Effect": "Allow", "Principal": {"AWS": other}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own, lent]})
    key = welkin.client("kms", account).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    both = secrets.create_secret(Name=name(), SecretString="both", KmsKeyId=key)["ARN"]
    secrets.put_resource_policy(SecretId=both, ResourcePolicy=shared)
    assert theirs.get_secret_value(SecretId=both)["SecretString"] == "both"
    secrets.delete_resource_policy(SecretId=both)
    with refused("AccessDeniedException"):
        theirs.get_secret_value(SecretId=both)


def test_policies_are_judged(secrets, secret, refused):
    public = policy_of("*", "secretsmanager:GetSecretValue")
    with refused("PublicPolicyException"):
        secrets.put_resource_policy(SecretId=secret, ResourcePolicy=public, BlockPublicPolicy=True)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=secret)
    narrowed = policy_of("*", "secretsmanager:GetSecretValue", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=narrowed, BlockPublicPolicy=True)
    assert secrets.get_resource_policy(SecretId=secret)["ResourcePolicy"] == narrowed
    assert secrets.validate_resource_policy(ResourcePolicy=narrowed)["PolicyValidationPassed"] is True
    assert secrets.validate_resource_policy(ResourcePolicy=public)["PolicyValidationPassed"] is False
    with refused("MalformedPolicyDocumentException"):
        secrets.put_resource_policy(SecretId=secret, ResourcePolicy="{")


def test_the_trail_knows_the_call_and_not_the_value(welkin, account, secrets, name):
    made = secrets.create_secret(Name=name(), SecretString="hunter2")
    secrets.get_secret_value(SecretId=made["ARN"])
    events = welkin.client("cloudtrail", account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "secretsmanager.amazonaws.com"}]
    )["Events"]
    assert [event["EventName"] for event in events] == ["GetSecretValue", "CreateSecret"]
    assert all("hunter2" not in event["CloudTrailEvent"] for event in events)
    decrypt = welkin.client("cloudtrail", account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]
    )["Events"]
    context = json.loads(decrypt[0]["CloudTrailEvent"])["requestParameters"]["encryptionContext"]
    assert context == {"SecretARN": made["ARN"], "SecretVersionId": made["VersionId"]}
