"""What the trail tells of keys: which key, which context; and no plain text, ciphertext or material."""

import base64
import json
import os

import pytest

from .importer import HOUR, Importer


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def events(welkin, account):
    """The events of the account of one name, the latest first."""

    def events(name, region="us-east-1"):
        # LookupEvents lets two a second through.
        welkin.advance("1s")
        trail = welkin.client("cloudtrail", account, region=region)
        found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
        return [json.loads(event["CloudTrailEvent"]) for event in found]

    return events


def spellings(secret):
    return [secret.hex(), base64.b64encode(secret).decode(), base64.b64encode(secret).decode().rstrip("=")]


def hides(event, *secrets):
    text = json.dumps(event)
    return not any(spelling in text for secret in secrets for spelling in spellings(secret))


def test_cryptographic_operations_name_key_and_context_only(kms, events, account):
    key = kms.create_key()["KeyMetadata"]
    context = {"project": "blue"}
    plain = os.urandom(30)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=plain, EncryptionContext=context)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext=context)
    pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256", EncryptionContext=context)
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=key["KeyId"])["CiphertextBlob"]
    drawn = kms.generate_random(NumberOfBytes=32)["Plaintext"]
    expected = {
        "Encrypt": {"keyId": key["KeyId"], "encryptionContext": context},
        "Decrypt": {"encryptionContext": context},
        "GenerateDataKey": {"keyId": key["KeyId"], "keySpec": "AES_256", "encryptionContext": context},
        "GenerateDataKeyPair": {"keyId": key["KeyId"], "keyPairSpec": "ECC_NIST_P256", "encryptionContext": context},
        "ReEncrypt": {"sourceEncryptionContext": context, "destinationKeyId": key["KeyId"]},
    }
    secrets = [plain, blob, made["Plaintext"], made["CiphertextBlob"], pair["PrivateKeyPlaintext"], pair["PrivateKeyCiphertextBlob"], moved, drawn]
    for name, parameters in expected.items():
        event = events(name)[0]
        given = event["requestParameters"]
        assert {member: given[member] for member in parameters} == parameters, name
        assert (event["eventSource"], event["readOnly"], event.get("responseElements")) == ("kms.amazonaws.com", True, None)
        assert {resource["ARN"] for resource in event["resources"]} == {key["Arn"]}
        assert all((resource["accountId"], resource["type"]) == (account, "AWS::KMS::Key") for resource in event["resources"])
        assert hides(event, *secrets), name
    assert hides(events("GenerateRandom")[0], drawn)


def test_signatures_and_secrets_are_not_told(kms, events):
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    agreeing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    message = os.urandom(32)
    call = {"KeyId": signing["KeyId"], "Message": message, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**call)["Signature"]
    kms.verify(**call, Signature=signature)
    peer = kms.get_public_key(KeyId=agreeing["KeyId"])["PublicKey"]
    secret = kms.derive_shared_secret(KeyId=agreeing["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=peer)["SharedSecret"]
    code = kms.generate_mac(KeyId=mac["KeyId"], Message=message, MacAlgorithm="HMAC_SHA_256")["Mac"]
    for name, key in (("Sign", signing), ("Verify", signing), ("DeriveSharedSecret", agreeing), ("GenerateMac", mac)):
        event = events(name)[0]
        assert event["requestParameters"]["keyId"] == key["KeyId"] and event["resources"][0]["ARN"] == key["Arn"]
        assert event["readOnly"] is True and event.get("responseElements") is None
        assert hides(event, message, signature, secret, code), name
    assert events("Sign")[0]["requestParameters"] == {"keyId": signing["KeyId"], "messageType": "DIGEST", "signingAlgorithm": "ECDSA_SHA_256"}


def test_imports_are_told_without_material(welkin, kms, events):
    importer, material = Importer(welkin, kms), os.urandom(32)
    key = importer.make()
    request = importer.request(key, material, ValidTo=importer.now() + HOUR)
    kms.import_key_material(**request)
    given, brought = events("GetParametersForImport")[0], events("ImportKeyMaterial")[0]
    assert given["requestParameters"] == {"keyId": key["KeyId"], "wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"}
    assert brought["requestParameters"]["keyId"] == key["KeyId"] and "validTo" in brought["requestParameters"]
    assert (given["readOnly"], brought["readOnly"]) == (True, False)
    for event in (given, brought):
        assert event["resources"][0]["ARN"] == key["Arn"]
        assert hides(event, material, request["ImportToken"], request["EncryptedKeyMaterial"])
    kms.delete_imported_key_material(KeyId=key["KeyId"])
    assert events("DeleteImportedKeyMaterial")[0]["requestParameters"] == {"keyId": key["KeyId"]}


def test_keys_that_are_made_are_told_in_full(kms, events):
    key = kms.create_key(Description="d", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", MultiRegion=True)["KeyMetadata"]
    event = events("CreateKey")[0]
    assert event["readOnly"] is False and event["requestParameters"]["keySpec"] == "RSA_2048"
    shown = event["responseElements"]["keyMetadata"]
    assert (shown["arn"], shown["multiRegion"], shown["keyUsage"]) == (key["Arn"], True, "SIGN_VERIFY")


def test_failures_are_told(kms, events):
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    event = events("Encrypt")[0]
    assert event["errorCode"] == "DisabledException" and key["Arn"] in event["errorMessage"]
