"""Secure strings: encrypted by KMS with the caller's rights."""

import json

import pytest


@pytest.fixture
def key(welkin, account):
    """A KMS key of the account."""
    return welkin.client("kms", account).create_key()["KeyMetadata"]["KeyId"]


@pytest.mark.parametrize("tier, text", [("Standard", "s3cret"), ("Advanced", "s" * 8000)])
def test_a_secret_is_shown_to_those_who_may_decrypt_it(ssm, put, value, user, key, account, refused, tier, text):
    put("/secret", text, Type="SecureString", KeyId=key, Tier=tier)
    assert text not in value("/secret") and value("/secret", WithDecryption=True) == text
    (described,) = ssm.describe_parameters()["Parameters"]
    assert (described["Type"], described["KeyId"]) == ("SecureString", key)
    blind = user("ssm:*")
    assert blind.get_parameter(Name="/secret")["Parameter"]["Value"] == value("/secret")
    for call in (
        lambda: blind.get_parameter(Name="/secret", WithDecryption=True),
        lambda: blind.get_parameters(Names=["/secret"], WithDecryption=True),
        lambda: blind.get_parameters_by_path(Path="/", WithDecryption=True),
        lambda: blind.get_parameter_history(Name="/secret", WithDecryption=True),
        lambda: blind.put_parameter(Name="/other", Value="x", Type="SecureString", KeyId=key, Tier=tier),
    ):
        with refused("AccessDeniedException"):
            call()
    context = {"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": f"arn:aws:ssm:us-east-1:{account}:parameter/secret"}}
    assert user("ssm:*", "kms:Decrypt").get_parameter(Name="/secret", WithDecryption=True)["Parameter"]["Value"] == text
    with refused("AccessDeniedException"):
        user("kms:Decrypt", Condition=context).get_parameter(Name="/secret", WithDecryption=True)


def test_the_key_of_the_service_is_there_by_default(welkin, account, ssm, put, value):
    put("p", "s3cret", Type="SecureString")
    assert value("p", WithDecryption=True) == "s3cret"
    aliases = welkin.client("kms", account).list_aliases()["Aliases"]
    assert "alias/aws/ssm" in {alias["AliasName"] for alias in aliases}
    assert ssm.get_parameter_history(Name="p", WithDecryption=True)["Parameters"][0]["Value"] == "s3cret"


def test_a_key_that_cannot_be_used_is_told(welkin, account, ssm, put, value, key, refused):
    put("p", "x", Type="SecureString", KeyId=key)
    welkin.client("kms", account).disable_key(KeyId=key)
    with refused("InvalidKeyId"):
        value("p", WithDecryption=True)
    with refused("InvalidKeyId"):
        put("q", "x", Type="SecureString", KeyId="alias/none")
    assert len(ssm.describe_parameters()["Parameters"]) == 1


def test_other_accounts_read_what_is_shared_with_them(welkin, ssm, put, account, refused):
    put("/shared", "hello", Tier="Advanced"), put("/plain", "x")
    arn, friend = f"arn:aws:ssm:us-east-1:{account}:parameter/shared", welkin.account()
    there = welkin.client("ssm", friend)
    with refused("AccessDeniedException"):
        there.get_parameter(Name=arn)
    statement = {"Effect": "Allow", "Principal": {"AWS": friend}, "Action": ["ssm:GetParameter"], "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = ssm.put_resource_policy(ResourceArn=arn, Policy=policy)
    assert there.get_parameter(Name=arn)["Parameter"]["Value"] == "hello"
    with refused("AccessDeniedException"):
        there.get_parameter_history(Name=arn)
    (found,) = ssm.get_resource_policies(ResourceArn=arn)["Policies"]
    assert (found["Policy"], found["PolicyId"], found["PolicyHash"]) == (policy, made["PolicyId"], made["PolicyHash"])
    with refused("ResourcePolicyConflictException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy=policy)
    with refused("ResourcePolicyConflictException"):
        ssm.delete_resource_policy(ResourceArn=arn, PolicyId=made["PolicyId"], PolicyHash="x")
    with refused("ResourcePolicyNotFoundException"):
        ssm.delete_resource_policy(ResourceArn=arn, PolicyId="x", PolicyHash="x")
    with refused("MalformedResourcePolicyDocumentException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy="{", PolicyId=made["PolicyId"], PolicyHash=made["PolicyHash"])
    with refused("ResourcePolicyInvalidParameterException", message="advanced"):
        ssm.put_resource_policy(ResourceArn=arn.replace("shared", "plain"), Policy=policy)
    with refused("ResourceNotFoundException"):
        ssm.get_resource_policies(ResourceArn=arn + "x")
    ssm.delete_resource_policy(ResourceArn=arn, PolicyId=made["PolicyId"], PolicyHash=made["PolicyHash"])
    assert ssm.get_resource_policies(ResourceArn=arn)["Policies"] == []
    with refused("AccessDeniedException"):
        there.get_parameter(Name=arn)
