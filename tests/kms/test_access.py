"""Who may use a key: key policies, identity policies, conditions, grants, other accounts."""

import json
import uuid

import pytest

from .refusal import refused


def allow(action, resource="*", principal=None, **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if principal:
        statement["Principal"] = principal
    if condition:
        statement["Condition"] = condition
    return statement


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}


def user(welkin, account, *statements):
    """A KMS client of a new user, and its ARN."""
    name = f"user-{uuid.uuid4().hex[:12]}"
    made = welkin.user(account, policy(*statements) if statements else None, name=name)
    return welkin.client("kms", **made), f"arn:aws:iam::{account}:user/{name}"


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]


def test_the_default_policy_lets_identity_policies_decide(welkin, account, kms, key):
    document = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    assert document["Statement"][0]["Principal"] == root(account)
    assert kms.list_key_policies(KeyId=key["KeyId"])["PolicyNames"] == ["default"]
    allowed, _ = user(welkin, account, allow("kms:Encrypt", key["Arn"]))
    denied, arn = user(welkin, account)
    assert allowed.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]
    message = refused("AccessDeniedException", denied.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert f"User: {arn} is not authorized to perform: kms:Encrypt on resource: {key['Arn']}" in message
    refused("AccessDeniedException", allowed.generate_data_key, KeyId=key["KeyId"], KeySpec="AES_256")


def test_without_the_key_policy_an_identity_policy_is_nothing(welkin, account, kms, key):
    keeper, arn = user(welkin, account, allow("kms:*"))
    kms.put_key_policy(
        KeyId=key["KeyId"],
        Policy=json.dumps(policy(allow("kms:*", principal={"AWS": arn}))),
        BypassPolicyLockoutSafetyCheck=True,
    )
    other, _ = user(welkin, account, allow("kms:*"))
    refused("AccessDeniedException", other.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    refused("AccessDeniedException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert keeper.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]


def test_a_policy_that_locks_its_keeper_out_is_refused(welkin, account, kms, key):
    foreign = json.dumps(policy(allow("kms:*", principal=root(welkin.account()))))
    message = refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key["KeyId"], Policy=foreign)
    assert message == "The new key policy will not allow you to update the key policy in the future."
    refused("MalformedPolicyDocumentException", kms.create_key, Policy=foreign)
    refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key["KeyId"], Policy="{}")
    kms.put_key_policy(KeyId=key["KeyId"], Policy=foreign, BypassPolicyLockoutSafetyCheck=True)
    refused("AccessDeniedException", kms.get_key_policy, KeyId=key["KeyId"])


def test_another_account_needs_both_policies(welkin, account, kms, key):
    spoke = welkin.account()
    with_rights, _ = user(welkin, spoke, allow("kms:*", key["Arn"]))
    without, _ = user(welkin, spoke)
    refused("AccessDeniedException", with_rights.encrypt, KeyId=key["Arn"], Plaintext=b"x")
    hub = policy(allow("kms:*", principal=root(account)), allow(["kms:Encrypt", "kms:DescribeKey"], principal=root(spoke)))
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(hub))
    assert with_rights.encrypt(KeyId=key["Arn"], Plaintext=b"x")["KeyId"] == key["Arn"]
    refused("AccessDeniedException", without.encrypt, KeyId=key["Arn"], Plaintext=b"x")
    refused("AccessDeniedException", with_rights.decrypt, CiphertextBlob=kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"])
    # By id or alias name a caller means its own account.
    refused("NotFoundException", with_rights.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    kms.create_alias(AliasName="alias/shared", TargetKeyId=key["KeyId"])
    alias = f"arn:aws:kms:us-east-1:{account}:alias/shared"
    assert with_rights.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"] == key["Arn"]
    # What is for the owner only, and what is not there, is denied.
    refused("AccessDeniedException", with_rights.disable_key, KeyId=key["Arn"])
    missing = f"arn:aws:kms:us-east-1:{account}:key/{uuid.uuid4()}"
    refused("AccessDeniedException", with_rights.encrypt, KeyId=missing, Plaintext=b"x")


def test_conditions_see_the_encryption_context_and_the_alias(welkin, account, kms, key):
    kms.create_alias(AliasName="alias/app", TargetKeyId=key["KeyId"])
    by_context, _ = user(
        welkin, account, allow("kms:Encrypt", StringEquals={"kms:EncryptionContext:app": "a"},
                               **{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app"]}})
    )
    by_context.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"app": "a"})
    for context in ({}, {"app": "b"}, {"app": "a", "more": "1"}):
        refused("AccessDeniedException", by_context.encrypt, KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext=context)
    by_alias, _ = user(welkin, account, allow("kms:Encrypt", StringEquals={"kms:RequestAlias": "alias/app"}))
    by_alias.encrypt(KeyId="alias/app", Plaintext=b"x")
    refused("AccessDeniedException", by_alias.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    by_resource, _ = user(welkin, account, allow("kms:Encrypt", **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}))
    by_resource.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    other = kms.create_key()["KeyMetadata"]
    refused("AccessDeniedException", by_resource.encrypt, KeyId=other["KeyId"], Plaintext=b"x")


def test_conditions_see_tags_and_the_callers_account(welkin, account, kms):
    tagged = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyMetadata"]
    plain = kms.create_key()["KeyMetadata"]
    by_tag, _ = user(welkin, account, allow("kms:Encrypt", StringEquals={"aws:ResourceTag/team": "blue", "kms:CallerAccount": account}))
    by_tag.encrypt(KeyId=tagged["KeyId"], Plaintext=b"x")
    refused("AccessDeniedException", by_tag.encrypt, KeyId=plain["KeyId"], Plaintext=b"x")
    through_s3, _ = user(welkin, account, allow("kms:Encrypt", StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"}))
    refused("AccessDeniedException", through_s3.encrypt, KeyId=plain["KeyId"], Plaintext=b"x")


def test_a_grant_permits_until_it_is_revoked(welkin, account, kms, key):
    grantee, arn = user(welkin, account)
    refused("AccessDeniedException", grantee.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    made = kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=arn,
        Operations=["Encrypt", "Decrypt"],
        Constraints={"EncryptionContextSubset": {"app": "a"}},
        Name="mine",
    )
    again = kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=arn,
        Operations=["Encrypt", "Decrypt"],
        Constraints={"EncryptionContextSubset": {"app": "a"}},
        Name="mine",
    )
    assert again["GrantId"] == made["GrantId"]
    (listed,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert (listed["GrantId"], listed["GranteePrincipal"]) == (made["GrantId"], arn)
    blob = grantee.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"app": "a", "n": "1"})["CiphertextBlob"]
    refused("AccessDeniedException", grantee.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    refused("AccessDeniedException", grantee.describe_key, KeyId=key["KeyId"])
    refused("InvalidGrantTokenException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=["nonsense"])
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    refused("AccessDeniedException", grantee.decrypt, CiphertextBlob=blob, EncryptionContext={"app": "a", "n": "1"})
    refused("NotFoundException", kms.revoke_grant, KeyId=key["KeyId"], GrantId=made["GrantId"])


def test_a_grant_is_retired_by_those_it_was_made_for(welkin, account, kms, key):
    _, grantee_arn = user(welkin, account)
    retiring, retiring_arn = user(welkin, account)
    stranger, _ = user(welkin, account)
    made = kms.create_grant(
        KeyId=key["KeyId"], GranteePrincipal=grantee_arn, RetiringPrincipal=retiring_arn, Operations=["Decrypt"]
    )
    (retirable,) = kms.list_retirable_grants(RetiringPrincipal=retiring_arn)["Grants"]
    assert retirable["GrantId"] == made["GrantId"]
    refused("AccessDeniedException", stranger.retire_grant, GrantToken=made["GrantToken"])
    retiring.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_a_grant_to_grant_permits_no_more_than_itself(welkin, account, kms, key):
    middle, middle_arn = user(welkin, account)
    _, last_arn = user(welkin, account)
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=middle_arn, Operations=["CreateGrant", "Decrypt"])
    middle.create_grant(KeyId=key["KeyId"], GranteePrincipal=last_arn, Operations=["Decrypt"])
    refused("AccessDeniedException", middle.create_grant, KeyId=key["KeyId"], GranteePrincipal=last_arn, Operations=["Encrypt"])
    assert len(kms.list_grants(KeyId=key["KeyId"])["Grants"]) == 2


def test_the_managed_key_of_s3_is_only_for_s3(welkin, account, kms):
    s3 = welkin.root(account, "s3")
    bucket = f"managed-{account}"
    s3.create_bucket(Bucket=bucket)
    refused("NotFoundException", kms.describe_key, KeyId="alias/aws/s3")
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (managed["Arn"], managed["KeyManager"]) == (put["SSEKMSKeyId"], "AWS")
    refused("AccessDeniedException", kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x")
    refused("AccessDeniedException", kms.schedule_key_deletion, KeyId=managed["KeyId"])
    document = json.loads(kms.get_key_policy(KeyId=managed["KeyId"])["Policy"])
    assert document["Statement"][0]["Condition"]["StringEquals"] == {
        "kms:CallerAccount": account,
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
    }
