"""Encrypting and decrypting."""

import hashlib
import hmac

import pytest

from .refusal import refused


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]


def test_a_ciphertext_finds_its_key_and_is_bound_to_its_context(kms, key):
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext={"a": "1", "b": "2"})
    assert made["KeyId"] == key["Arn"] and b"secret" not in made["CiphertextBlob"]
    blob = made["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"b": "2", "a": "1"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"secret", key["Arn"])
    assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    for context in ({}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}, {"A": "1", "b": "2"}):
        assert refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob, EncryptionContext=context) == ""


def test_two_ciphertexts_differ_and_a_damaged_one_is_refused(kms, key):
    one, two = (kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"] for _ in range(2))
    assert one != two
    damaged = one[:-1] + bytes([one[-1] ^ 1])
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=damaged)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=b"nonsense")


def test_a_named_key_must_be_the_ciphertexts(kms, key):
    other = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key["Arn"])["Plaintext"] == b"x"
    message = refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=blob, KeyId=other["KeyId"])
    assert message == "The key ID in the request does not identify a CMK that can perform this operation."


def test_a_ciphertext_of_another_region_cannot_be_read(welkin, kms, key, account):
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    elsewhere = welkin.client("kms", account, region="eu-west-1")
    assert refused("AccessDeniedException", elsewhere.decrypt, CiphertextBlob=blob) == (
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
        "or you are not allowed to access."
    )


def test_data_keys_come_plain_and_encrypted(kms, key):
    made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext={"k": "v"})
    assert len(made["Plaintext"]) == 32 and made["KeyId"] == key["Arn"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"k": "v"})
    assert opened["Plaintext"] == made["Plaintext"]
    assert len(kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_128")["Plaintext"]) == 16
    assert len(kms.generate_data_key(KeyId=key["KeyId"], NumberOfBytes=77)["Plaintext"]) == 77
    closed = kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], KeySpec="AES_256")
    assert "Plaintext" not in closed and len(kms.decrypt(CiphertextBlob=closed["CiphertextBlob"])["Plaintext"]) == 32
    refused("ValidationException", kms.generate_data_key, KeyId=key["KeyId"])
    refused("ValidationException", kms.generate_data_key, KeyId=key["KeyId"], KeySpec="AES_256", NumberOfBytes=32)


def test_re_encryption_changes_key_and_context(kms, key):
    other = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"a": "1"})["CiphertextBlob"]
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext={"a": "1"},
        DestinationKeyId=other["KeyId"],
        DestinationEncryptionContext={"b": "2"},
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key["Arn"], other["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", other["Arn"])


def test_random_bytes_are_of_the_length_asked_for(kms):
    one, two = (kms.generate_random(NumberOfBytes=40)["Plaintext"] for _ in range(2))
    assert len(one) == 40 and one != two
    refused("ValidationException", kms.generate_random, NumberOfBytes=1025)


def test_a_dry_run_says_what_would_have_been(kms, key):
    refused("DryRunOperationException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)
    kms.disable_key(KeyId=key["KeyId"])
    refused("DisabledException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)


def test_mac_keys_make_and_check_macs(kms, key):
    mac_key = kms.create_key(KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    assert mac_key["MacAlgorithms"] == ["HMAC_SHA_384"]
    call = {"KeyId": mac_key["KeyId"], "Message": b"m", "MacAlgorithm": "HMAC_SHA_384"}
    mac = kms.generate_mac(**call)["Mac"]
    assert len(mac) == 48 and mac == kms.generate_mac(**call)["Mac"]
    assert mac != hmac.new(b"", b"m", hashlib.sha384).digest()
    assert kms.verify_mac(**call, Mac=mac)["MacValid"] is True
    refused("KMSInvalidMacException", kms.verify_mac, **{**call, "Message": b"n"}, Mac=mac)
    refused("InvalidKeyUsageException", kms.generate_mac, **{**call, "KeyId": key["KeyId"]})
    message = refused("InvalidKeyUsageException", kms.encrypt, KeyId=mac_key["KeyId"], Plaintext=b"x")
    assert message == f"{mac_key['Arn']} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."


def test_a_rotated_key_encrypts_anew_and_decrypts_what_was(welkin, kms, key):
    old = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"old")["CiphertextBlob"]
    refused("ValidationException", kms.enable_key_rotation, KeyId=key["KeyId"], RotationPeriodInDays=2561)
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 90
    assert kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"] == []

    welkin.advance("2161h")
    (rotation,) = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert (rotation["RotationType"], rotation["KeyMaterialState"]) == ("AUTOMATIC", "CURRENT")
    new = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    assert new["KeyMaterialId"] == rotation["KeyMaterialId"] != key["CurrentKeyMaterialId"]
    opened = kms.decrypt(CiphertextBlob=old)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"old", key["CurrentKeyMaterialId"])
    assert kms.decrypt(CiphertextBlob=new["CiphertextBlob"])["Plaintext"] == new["Plaintext"]

    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    kinds = [entry["RotationType"] for entry in kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]]
    assert kinds == ["AUTOMATIC", "ON_DEMAND"]
    kms.disable_key_rotation(KeyId=key["KeyId"])
    welkin.advance("2200h")
    assert len(kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]) == 2
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False
