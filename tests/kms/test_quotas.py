"""Request quotas, by operation and kind of key, charged to who calls; resource quotas."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from .refusal import refused

THROTTLED = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]


def outcomes(call, count):
    """What became of so many calls at once: codes, or "done"."""

    def one(_):
        try:
            call()
            return "done"
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(one, range(count)))


def test_rsa_data_key_pairs_have_slow_quotas_of_their_own(welkin, kms, key):
    """One of RSA_4096 in ten seconds, while other specs and operations go on."""
    call = {"KeyId": key["KeyId"], "KeyPairSpec": "RSA_4096"}
    began = time.monotonic()
    kms.generate_data_key_pair(**call)
    if time.monotonic() - began < 8:
        assert refused("ThrottlingException", kms.generate_data_key_pair_without_plaintext, **call) == THROTTLED
    kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="RSA_2048")
    kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256")
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    welkin.advance("10s")
    kms.generate_data_key_pair(**call)


def test_import_parameters_are_given_once_in_four_seconds(welkin, kms):
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    call = {"KeyId": key["KeyId"], "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    began = time.monotonic()
    kms.get_parameters_for_import(**call)
    if time.monotonic() - began < 3:
        assert refused("ThrottlingException", kms.get_parameters_for_import, **call) == THROTTLED
    welkin.advance("4s")
    kms.get_parameters_for_import(**call)


def test_the_caller_is_charged_not_the_owner(welkin, kms, key, account):
    other = welkin.account()
    document = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other}:root"}, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(document))
    theirs = welkin.root(other, "kms")
    pair = {"KeyId": key["Arn"], "KeyPairSpec": "ECC_NIST_P521"}
    answers = outcomes(lambda: theirs.generate_data_key_pair(**pair), 40)
    assert "ThrottlingException" in answers and answers.count("done") >= 5
    # What the other account has used up is not the owner's.
    kms.generate_data_key_pair(**pair)


@pytest.mark.parametrize("name, rate, call", [
    ("CreateKey", 5, lambda kms, key: kms.create_key()),
    ("CancelKeyDeletion", 5, lambda kms, key: kms.cancel_key_deletion(KeyId=key)),
    ("EnableKey", 5, lambda kms, key: kms.enable_key(KeyId=key)),
    ("DisableKeyRotation", 5, lambda kms, key: kms.disable_key_rotation(KeyId=key)),
    ("UpdateAlias", 5, lambda kms, key: kms.update_alias(AliasName="alias/of-the-quota", TargetKeyId=key)),
    ("ReplicateKey", 5, lambda kms, key: kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2")),
    ("TagResource", 10, lambda kms, key: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}])),
    ("DeleteImportedKeyMaterial", 15, lambda kms, key: kms.delete_imported_key_material(KeyId=key)),
])
def test_each_management_operation_has_its_rate(welkin, kms, name, rate, call):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/of-the-quota", TargetKeyId=key)
    welkin.advance("2s")
    began = time.monotonic()
    answers = outcomes(lambda: call(kms, key), 4 * rate)
    # At least a second's worth passes, and not much more than the time permits.
    passed = len([code for code in answers if code != "ThrottlingException"])
    assert rate <= passed <= rate * (2 + time.monotonic() - began), answers
    assert passed < len(answers) or time.monotonic() - began > 2
    kms.describe_key(KeyId=key)


def test_a_key_has_fifty_aliases_and_fifty_tags(welkin, kms, key):
    for at in range(50):
        if at % 5 == 0:
            welkin.advance("1s")
        kms.create_alias(AliasName=f"alias/number-{at}", TargetKeyId=key["KeyId"])
    welkin.advance("1s")
    refused("LimitExceededException", kms.create_alias, AliasName="alias/one-more", TargetKeyId=key["KeyId"])
    tags = [{"TagKey": f"t{at}", "TagValue": ""} for at in range(50)]
    kms.tag_resource(KeyId=key["KeyId"], Tags=tags)
    refused("LimitExceededException", kms.tag_resource, KeyId=key["KeyId"], Tags=[{"TagKey": "more", "TagValue": ""}])
    assert len(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]) == 50


def test_a_policy_has_32_kb(kms, key):
    document = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    document["Statement"][0]["Sid"] = "x" * (32 * 1024)
    for call in (lambda **rest: kms.put_key_policy(KeyId=key["KeyId"], **rest), kms.create_key):
        refused("LimitExceededException", call, Policy=json.dumps(document))
    document["Statement"][0]["Sid"] = "x" * (31 * 1024)
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(document))


def test_a_key_is_rotated_on_demand_25_times(welkin, kms, key):
    for _ in range(25):
        welkin.advance("1s")
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    welkin.advance("1s")
    refused("LimitExceededException", kms.rotate_key_on_demand, KeyId=key["KeyId"])
    page = kms.list_key_rotations(KeyId=key["KeyId"], Limit=20)
    assert page["Truncated"] and len(page["Rotations"]) == 20
    rest = kms.list_key_rotations(KeyId=key["KeyId"], Limit=20, Marker=page["NextMarker"])
    assert len(rest["Rotations"]) == 5 and not rest["Truncated"]


def test_no_rotation_on_demand_right_before_an_automatic_one(welkin, kms, key):
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    welkin.advance(f"{90 * 24 - 1}h")
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    welkin.advance("50m")
    refused("ConflictException", kms.rotate_key_on_demand, KeyId=key["KeyId"])
    welkin.advance("11m")
    assert [one["RotationType"] for one in kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]] == ["ON_DEMAND", "AUTOMATIC"]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
