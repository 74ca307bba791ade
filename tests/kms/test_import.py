"""Imported key material: wrapping, states, expiry, rotation."""

import os

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from .importer import HOUR, Importer, wrap
from .refusal import refused

PKCS8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def importer(welkin, kms):
    return Importer(welkin, kms)


def test_a_key_waits_for_its_material(kms, importer):
    key = importer.make()
    assert (key["Origin"], key["KeyState"], key["Enabled"]) == ("EXTERNAL", "PendingImport", False)
    assert "CurrentKeyMaterialId" not in key and "ExpirationModel" not in key
    message = refused("KMSInvalidStateException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert message == f"{key['Arn']} is pending import."
    for call in (kms.enable_key, kms.disable_key):
        assert refused("KMSInvalidStateException", call, KeyId=key["KeyId"]) == message
    done = importer(key, os.urandom(32))
    assert done["KeyId"] == key["Arn"] and len(done["KeyMaterialId"]) == 64
    shown = importer.describe(key)
    assert (shown["KeyState"], shown["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    assert "ValidTo" not in shown and shown["CurrentKeyMaterialId"] == done["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"x", done["KeyMaterialId"])


@pytest.mark.parametrize("wrapping", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_the_same_material_has_the_same_id_however_it_is_wrapped(kms, importer, algorithm, wrapping):
    key, material = importer.make(), os.urandom(32)
    given = importer.parameters(key, algorithm, wrapping)
    assert (given["KeyId"], serialization.load_der_public_key(given["PublicKey"]).key_size) == (key["Arn"], int(wrapping[-4:]))
    assert abs(given["ParametersValidTo"] - importer.now() - 24 * HOUR) < HOUR / 30
    one = importer(key, material, algorithm, wrapping)["KeyMaterialId"]
    assert importer(key, material)["KeyMaterialId"] == one
    # Of another key, it is other material.
    assert importer(importer.make(), material)["KeyMaterialId"] != one


@pytest.mark.parametrize("spec, length", [("HMAC_224", 28), ("HMAC_256", 32), ("HMAC_384", 48), ("HMAC_512", 64)])
def test_macs_are_made_with_imported_material(kms, importer, spec, length):
    key, material = importer.make(spec, "GENERATE_VERIFY_MAC"), os.urandom(length)
    for wrong in (material[1:], material + b"x"):
        refused("IncorrectKeyMaterialException", importer, key, wrong)
    assert "KeyMaterialId" not in importer(key, material)
    hash_ = getattr(hashes, f"SHA{spec[-3:]}")()
    own = hmac.HMAC(material, hash_)
    own.update(b"message")
    mac = kms.generate_mac(KeyId=key["KeyId"], Message=b"message", MacAlgorithm=f"HMAC_SHA_{spec[-3:]}")["Mac"]
    assert mac == own.finalize()


@pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])
def test_an_rsa_key_is_imported_in_two_steps(kms, importer, algorithm):
    private = rsa.generate_private_key(65537, 2048)
    key = importer.make("RSA_2048", "ENCRYPT_DECRYPT")
    refused("KMSInvalidStateException", kms.get_public_key, KeyId=key["KeyId"])
    other = rsa.generate_private_key(65537, 3072).private_bytes(*PKCS8)
    refused("IncorrectKeyMaterialException", importer, key, other, algorithm, "RSA_3072")
    importer(key, private.private_bytes(*PKCS8), algorithm, "RSA_3072")
    assert kms.get_public_key(KeyId=key["KeyId"])["PublicKey"] == private.public_key().public_bytes(*SPKI)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    call = {"KeyId": key["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert kms.decrypt(CiphertextBlob=private.public_key().encrypt(b"x", oaep), **call)["Plaintext"] == b"x"
    assert private.decrypt(kms.encrypt(Plaintext=b"y", **call)["CiphertextBlob"], oaep) == b"y"


@pytest.mark.parametrize("spec, make", [
    ("ECC_NIST_P256", lambda: ec.generate_private_key(ec.SECP256R1())),
    ("ECC_NIST_P384", lambda: ec.generate_private_key(ec.SECP384R1())),
    ("ECC_NIST_P521", lambda: ec.generate_private_key(ec.SECP521R1())),
    ("ECC_SECG_P256K1", lambda: ec.generate_private_key(ec.SECP256K1())),
    ("ECC_NIST_EDWARDS25519", ed25519.Ed25519PrivateKey.generate),
    ("ML_DSA_44", mldsa.MLDSA44PrivateKey.generate),
])
def test_signing_keys_are_imported(kms, importer, spec, make):
    key, private = importer.make(spec, "SIGN_VERIFY"), make()
    importer(key, private.private_bytes(*PKCS8), "RSA_AES_KEY_WRAP_SHA_256")
    shown = kms.get_public_key(KeyId=key["KeyId"])
    assert shown["PublicKey"] == private.public_key().public_bytes(*SPKI)
    algorithm = shown["SigningAlgorithms"][0]
    call = {"KeyId": key["KeyId"], "Message": b"message", "SigningAlgorithm": algorithm}
    rest = [ec.ECDSA(getattr(hashes, f"SHA{algorithm[-3:]}")())] if algorithm.startswith("ECDSA") else []
    private.public_key().verify(kms.sign(**call)["Signature"], b"message", *rest)
    assert kms.verify(**call, Signature=private.sign(b"message", *rest))["SignatureValid"]
    # Only the same key may come back; also wrapped in one step.
    kms.delete_imported_key_material(KeyId=key["KeyId"])
    refused("IncorrectKeyMaterialException", importer, key, make().private_bytes(*PKCS8), "RSAES_OAEP_SHA_256", "RSA_4096")
    importer(key, private.private_bytes(*PKCS8), "RSAES_OAEP_SHA_256", "RSA_4096")
    assert kms.verify(**call, Signature=private.sign(b"message", *rest))["SignatureValid"]


def test_a_key_agreement_key_is_imported(kms, importer):
    key, private, peer = importer.make("ECC_NIST_P384", "KEY_AGREEMENT"), *(ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    importer(key, private.private_bytes(*PKCS8), "RSA_AES_KEY_WRAP_SHA_256")
    derived = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=peer.public_key().public_bytes(*SPKI))
    assert (derived["SharedSecret"], derived["KeyOrigin"]) == (private.exchange(ec.ECDH(), peer.public_key()), "EXTERNAL")


@pytest.mark.parametrize("spec, usage, algorithm, wrapping", [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_PKCS1_V1_5", "RSA_2048"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SM2PKE", "SM2"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_256", "SM2"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048"),
    ("RSA_2048", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_4096"),
    ("ECC_NIST_P521", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_2048"),
])
def test_wrapping_that_does_not_suit_the_material_is_refused(importer, spec, usage, algorithm, wrapping):
    message = refused("UnsupportedOperationException", importer.parameters, importer.make(spec, usage), algorithm, wrapping)
    assert algorithm in message and wrapping in message and spec in message


def test_only_keys_for_imports_take_material(kms, importer):
    own, waiting = kms.create_key()["KeyMetadata"], importer.make()
    request = importer.request(waiting, os.urandom(32))
    message = f"{own['Arn']} origin is AWS_KMS which is not valid for this operation."
    assert refused("UnsupportedOperationException", importer.parameters, own) == message
    assert refused("UnsupportedOperationException", kms.import_key_material, **{**request, "KeyId": own["KeyId"]}) == message
    assert refused("UnsupportedOperationException", kms.delete_imported_key_material, KeyId=own["KeyId"]) == message
    for call in (kms.enable_key_rotation, kms.disable_key_rotation):
        refused("UnsupportedOperationException", call, KeyId=waiting["KeyId"])
    refused("UnsupportedOperationException", kms.create_key, Origin="EXTERNAL", KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    for origin in ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"):
        refused("NotImplemented", kms.create_key, Origin=origin, CustomKeyStoreId="cks-1234567890abcdef0")


def test_a_token_is_for_its_key_and_its_day(welkin, kms, importer):
    one, other = importer.make(), importer.make()
    request = importer.request(one, os.urandom(32))
    refused("InvalidImportTokenException", kms.import_key_material, **{**request, "KeyId": other["KeyId"]})
    refused("InvalidImportTokenException", kms.import_key_material, **{**request, "ImportToken": request["ImportToken"][:-1] + b"?"})
    refused("InvalidImportTokenException", kms.import_key_material, **{**request, "ImportToken": b"nonsense"})
    damaged = bytes([request["EncryptedKeyMaterial"][0] ^ 1]) + request["EncryptedKeyMaterial"][1:]
    refused("InvalidCiphertextException", kms.import_key_material, **{**request, "EncryptedKeyMaterial": damaged})
    refused("InvalidCiphertextException", kms.import_key_material, **{**request, "EncryptedKeyMaterial": b"short"})
    # Wrapped for another public key, or by another algorithm than was said.
    elsewhere = importer.request(one, os.urandom(32))
    refused("InvalidCiphertextException", kms.import_key_material, **{**request, "EncryptedKeyMaterial": elsewhere["EncryptedKeyMaterial"]})
    given = importer.parameters(one, "RSAES_OAEP_SHA_1")
    by_sha256 = wrap("RSAES_OAEP_SHA_256", given["PublicKey"], os.urandom(32))
    refused("InvalidCiphertextException", kms.import_key_material, **{**request, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": by_sha256})
    welkin.advance("23h")
    kms.import_key_material(**request)
    welkin.advance("2h")
    refused("ExpiredImportTokenException", kms.import_key_material, **request)


def test_the_expiration_is_said_in_full(kms, importer):
    key, soon = importer.make(), importer.now() + HOUR
    request = importer.request(key, os.urandom(32))
    del request["ExpirationModel"]
    message = refused("ValidationException", kms.import_key_material, **request)
    assert message == "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    refused("ValidationException", kms.import_key_material, **request, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", ValidTo=soon)
    for wrong in (importer.now() - HOUR, importer.now() + 24 * 366 * HOUR):
        refused("ValidationException", kms.import_key_material, **request, ValidTo=wrong)
    kms.import_key_material(**request, ValidTo=soon)
    shown = importer.describe(key)
    assert (shown["ExpirationModel"], shown["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", soon)


def test_material_expires_by_the_clock_and_comes_back(welkin, kms, importer):
    key, material = importer.make(), os.urandom(32)
    importer(key, material, ValidTo=importer.now() + 2 * HOUR)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    welkin.advance("1h")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    # A later import moves the end.
    importer(key, material, ValidTo=importer.now() + 3 * HOUR)
    welkin.advance("2h")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    welkin.advance("2h")
    shown = importer.describe(key)
    assert shown["KeyState"] == "PendingImport" and "ValidTo" not in shown
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    refused("IncorrectKeyMaterialException", importer, key, os.urandom(32))
    importer(key, material)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    welkin.advance("100h")
    assert importer.describe(key)["KeyState"] == "Enabled"


def test_material_is_deleted_and_comes_back(kms, importer):
    key, material = importer.make(), os.urandom(32)
    assert kms.delete_imported_key_material(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    made = importer(key, material)["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.delete_imported_key_material(KeyId=key["KeyId"]) | {"ResponseMetadata": 0} == {
        "KeyId": key["Arn"], "KeyMaterialId": made, "ResponseMetadata": 0
    }
    assert importer.describe(key)["KeyState"] == "PendingImport"
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    refused("NotFoundException", kms.delete_imported_key_material, KeyId=key["KeyId"], KeyMaterialId="0" * 64)
    refused("IncorrectKeyMaterialException", importer, key, os.urandom(32))
    importer(key, material)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_key_that_is_to_be_deleted_takes_no_material(kms, importer):
    key, material = importer.make(), os.urandom(32)
    importer(key, material)
    request = importer.request(key, material)
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    refused("KMSInvalidStateException", kms.import_key_material, **request)
    refused("KMSInvalidStateException", importer.parameters, key)
    kms.delete_imported_key_material(KeyId=key["KeyId"])
    assert importer.describe(key)["KeyState"] == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    assert importer.describe(key)["KeyState"] == "PendingImport"
    kms.import_key_material(**request)
    assert importer.describe(key)["KeyState"] == "Enabled"


def test_imported_material_is_rotated_on_demand(kms, importer):
    key, old, new = importer.make(), os.urandom(32), os.urandom(32)
    first = importer(key, old, KeyMaterialDescription="the first")["KeyMaterialId"]
    of_old = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"old")["CiphertextBlob"]
    refused("KMSInvalidStateException", kms.rotate_key_on_demand, KeyId=key["KeyId"])
    refused("IncorrectKeyMaterialException", importer, key, new)
    refused("IncorrectKeyMaterialException", importer, key, old, ImportType="NEW_KEY_MATERIAL")
    second = importer(key, new, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="the second")["KeyMaterialId"]
    # It waits: the old one still encrypts, and no third one can wait.
    assert importer.describe(key)["CurrentKeyMaterialId"] == first
    refused("KMSInvalidStateException", importer, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    assert kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"] == []
    listed = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [(one["KeyMaterialId"], one["KeyMaterialState"], one["ImportState"], one["KeyMaterialDescription"]) for one in listed] == [
        (first, "CURRENT", "IMPORTED", "the first"), (second, "PENDING_ROTATION", "IMPORTED", "the second")
    ]
    assert all(one["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE" and "RotationDate" not in one for one in listed)

    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert importer.describe(key)["CurrentKeyMaterialId"] == second
    (rotation,) = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert (rotation["KeyMaterialId"], rotation["KeyMaterialState"], rotation["RotationType"]) == (second, "CURRENT", "ON_DEMAND")
    of_new = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"new")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=of_old)["KeyMaterialId"] == first
    assert kms.decrypt(CiphertextBlob=of_new)["KeyMaterialId"] == second

    # Both are bound to the key: without either it does nothing.
    kms.delete_imported_key_material(KeyId=key["KeyId"], KeyMaterialId=first)
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=of_new)
    refused("IncorrectKeyMaterialException", importer, key, old, KeyMaterialId=second)
    listed = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [(one["ImportState"], one["KeyMaterialState"]) for one in listed] == [("PENDING_IMPORT", "NON_CURRENT"), ("IMPORTED", "CURRENT")]
    importer(key, old, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=first)
    assert kms.decrypt(CiphertextBlob=of_old)["Plaintext"] == b"old"
    assert listed[0]["KeyMaterialDescription"] == "the first"


def test_material_that_waits_for_a_rotation_is_not_bound(kms, importer):
    key = importer.make()
    importer(key, os.urandom(32))
    waiting = importer(key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    kms.delete_imported_key_material(KeyId=key["KeyId"], KeyMaterialId=waiting)
    assert importer.describe(key)["KeyState"] == "Enabled"
    assert len(kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]) == 1
    other = importer(key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert importer.describe(key)["CurrentKeyMaterialId"] == other != waiting


def test_some_parameters_are_for_symmetric_keys_only(importer):
    key, material = importer.make("HMAC_256", "GENERATE_VERIFY_MAC"), os.urandom(32)
    for rest in ({"ImportType": "NEW_KEY_MATERIAL"}, {"KeyMaterialDescription": "d"}, {"KeyMaterialId": "0" * 64}):
        refused("ValidationException", importer, key, material, **rest)
    refused("ValidationException", importer, importer.make(), material, ImportType="NEW_KEY_MATERIAL", KeyMaterialId="0" * 64)


def test_the_earliest_expiration_of_bound_material_is_the_keys(welkin, kms, importer):
    key, old, new = importer.make(), os.urandom(32), os.urandom(32)
    late, early = importer.now() + 5 * HOUR, importer.now() + 3 * HOUR
    importer(key, old, ValidTo=late)
    importer(key, new, ImportType="NEW_KEY_MATERIAL", ValidTo=early)
    assert importer.describe(key)["ValidTo"] == late
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert importer.describe(key)["ValidTo"] == early
    welkin.advance("4h")
    assert importer.describe(key)["KeyState"] == "PendingImport"
    importer(key, new)
    shown = importer.describe(key)
    assert (shown["KeyState"], shown["ValidTo"]) == ("Enabled", late)
