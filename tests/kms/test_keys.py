"""Keys: making, listing, disabling, deleting."""

import uuid

import pytest
from botocore.exceptions import ClientError

from .refusal import refused


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


def test_a_key_is_made_and_described(kms, account):
    made = kms.create_key(Description="mine", Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyMetadata"]
    assert made["Arn"] == f"arn:aws:kms:us-east-1:{account}:key/{made['KeyId']}"
    assert (made["KeyState"], made["Enabled"], made["KeyManager"]) == ("Enabled", True, "CUSTOMER")
    assert (made["KeySpec"], made["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert made["AWSAccountId"] == account and made["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    for name in (made["KeyId"], made["Arn"]):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == made
    assert kms.list_resource_tags(KeyId=made["KeyId"])["Tags"] == [{"TagKey": "team", "TagValue": "blue"}]


def test_what_is_not_there_is_not_found(kms, account):
    missing = str(uuid.uuid4())
    arn = f"arn:aws:kms:us-east-1:{account}:key/{missing}"
    assert refused("NotFoundException", kms.describe_key, KeyId=missing) == f"Key '{arn}' does not exist"
    assert refused("NotFoundException", kms.describe_key, KeyId="nonsense") == "Invalid keyId 'nonsense'"
    message = refused("NotFoundException", kms.describe_key, KeyId="alias/nothing")
    assert message == f"Alias arn:aws:kms:us-east-1:{account}:alias/nothing is not found."
    message = refused("NotFoundException", kms.describe_key, KeyId=arn.replace("us-east-1", "eu-west-1"))
    assert message == "Invalid arn eu-west-1"


def test_keys_are_regional_and_listed_in_pages(welkin, kms, account):
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(4)}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Keys"]) for page in pages] == [3, 1] and pages[0]["Truncated"]
    assert {key["KeyId"] for page in pages for key in page["Keys"]} == made
    assert welkin.client("kms", account, region="eu-west-1").list_keys()["Keys"] == []
    refused("InvalidMarkerException", kms.list_keys, Marker="%%%")


def test_specs_that_are_not_there_are_refused_by_name(kms):
    message = refused("UnsupportedOperationException", kms.create_key, KeySpec="SM2", KeyUsage="SIGN_VERIFY")
    assert "SM2" in message
    refused("ValidationException", kms.create_key, KeySpec="HMAC_256")


def test_a_disabled_key_does_nothing(kms):
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused("DisabledException", kms.decrypt, CiphertextBlob=blob) == f"{key['Arn']} is disabled."
    refused("DisabledException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_deletion_waits_and_can_be_cancelled(welkin, kms):
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/doomed", TargetKeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    refused("ValidationException", kms.schedule_key_deletion, KeyId=key["KeyId"], PendingWindowInDays=6)
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyState"], answer["PendingWindowInDays"], answer["KeyId"]) == ("PendingDeletion", 7, key["Arn"])
    message = refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    assert message == f"{key['Arn']} is pending deletion."
    refused("KMSInvalidStateException", kms.enable_key, KeyId=key["KeyId"])

    assert kms.cancel_key_deletion(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    welkin.advance("192h")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    refused("KMSInvalidStateException", kms.cancel_key_deletion, KeyId=key["KeyId"])

    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    welkin.advance("167h")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    welkin.advance("2h")
    refused("NotFoundException", kms.describe_key, KeyId=key["KeyId"])
    refused("AccessDeniedException", kms.decrypt, CiphertextBlob=blob)
    assert kms.list_keys()["Keys"] == [] and kms.list_aliases()["Aliases"] == []


def test_description_and_tags_change(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": k, "TagValue": k} for k in ("b", "a", "c")])
    kms.untag_resource(KeyId=key, TagKeys=["b"])
    assert [tag["TagKey"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]] == ["a", "c"]
    page = kms.list_resource_tags(KeyId=key, Limit=1)
    assert page["Truncated"] and [tag["TagKey"] for tag in page["Tags"]] == ["a"]
    refused("TagException", kms.tag_resource, KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": ""}])


def test_aliases_name_keys(kms, account):
    one, two = (kms.create_key()["KeyMetadata"] for _ in range(2))
    kms.create_alias(AliasName="alias/a/b", TargetKeyId=one["Arn"])
    arn = f"arn:aws:kms:us-east-1:{account}:alias/a/b"
    for name in ("alias/a/b", arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == one["KeyId"]
    message = refused("AlreadyExistsException", kms.create_alias, AliasName="alias/a/b", TargetKeyId=two["KeyId"])
    assert message == f"An alias with the name {arn} already exists"
    for name in ("a", "alias/", "alias/aws/s3", "alias/a:b"):
        refused("InvalidAliasNameException", kms.create_alias, AliasName=name, TargetKeyId=one["KeyId"])

    kms.update_alias(AliasName="alias/a/b", TargetKeyId=two["KeyId"])
    assert kms.encrypt(KeyId="alias/a/b", Plaintext=b"x")["KeyId"] == two["Arn"]
    assert kms.list_aliases(KeyId=one["KeyId"])["Aliases"] == []
    (entry,) = kms.list_aliases(KeyId=two["KeyId"])["Aliases"]
    assert (entry["AliasArn"], entry["TargetKeyId"]) == (arn, two["KeyId"])
    kms.delete_alias(AliasName="alias/a/b")
    refused("NotFoundException", kms.delete_alias, AliasName="alias/a/b")
    assert kms.list_aliases()["Aliases"] == []


def test_management_calls_have_rates_of_their_own(kms):
    answers = []
    for _ in range(12):
        try:
            kms.create_key()
            answers.append("made")
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
            message = error.response["Error"]["Message"]
            assert message == "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    assert "ThrottlingException" in answers and answers.count("made") >= 5
    assert kms.list_keys()["Keys"], "other operations are not throttled"
