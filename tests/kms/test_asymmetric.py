"""Key pairs: signing, encrypting, agreeing, encapsulating, against an independent implementation."""

import hashlib
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, utils

from .refusal import refused

RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
NIST = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1(), "ECC_NIST_P521": ec.SECP521R1()}
CURVES = {**NIST, "ECC_SECG_P256K1": ec.SECP256K1()}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
ML_DSA = {"ML_DSA_44": 1334, "ML_DSA_65": 1974, "ML_DSA_87": 2614}
ML_KEM = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


def make(kms, spec, usage):
    return kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]


def public(kms, key):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])


def check(public_key, algorithm, signature, message):
    """Verifies as somebody would who has only the public key and the names of KMS's algorithms."""
    if isinstance(public_key, rsa.RSAPublicKey):
        hash_ = HASHES[algorithm[-3:]]
        pss = padding.PSS(padding.MGF1(hash_), hash_.digest_size)
        public_key.verify(signature, message, pss if "PSS" in algorithm else padding.PKCS1v15(), hash_)
    elif isinstance(public_key, ec.EllipticCurvePublicKey):
        public_key.verify(signature, message, ec.ECDSA(HASHES[algorithm[-3:]]))
    else:
        public_key.verify(signature, message)


@pytest.mark.parametrize("spec", [*RSA, *CURVES, "ECC_NIST_EDWARDS25519", *ML_DSA])
def test_signatures_are_verified_by_kms_and_by_others(kms, spec):
    key = make(kms, spec, "SIGN_VERIFY")
    assert (key["KeySpec"], key["CustomerMasterKeySpec"], key["KeyUsage"]) == (spec, spec, "SIGN_VERIFY")
    shown = kms.get_public_key(KeyId=key["KeyId"])
    assert (shown["KeyId"], shown["KeySpec"], shown["KeyUsage"]) == (key["Arn"], spec, "SIGN_VERIFY")
    assert shown["SigningAlgorithms"] == key["SigningAlgorithms"] and "EncryptionAlgorithms" not in shown
    assert "CurrentKeyMaterialId" not in key
    outside = serialization.load_der_public_key(shown["PublicKey"])
    for algorithm in key["SigningAlgorithms"]:
        if algorithm == "ED25519_PH_SHA_512":
            continue
        call = {"KeyId": key["KeyId"], "Message": b"message", "SigningAlgorithm": algorithm}
        signed = kms.sign(**call)
        assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key["Arn"], algorithm)
        check(outside, algorithm, signed["Signature"], b"message")
        with pytest.raises(InvalidSignature):
            check(outside, algorithm, signed["Signature"], b"massage")
        verified = kms.verify(**call, Signature=signed["Signature"])
        assert (verified["SignatureValid"], verified["KeyId"]) == (True, key["Arn"])
        assert refused("KMSInvalidSignatureException", kms.verify, **{**call, "Message": b"massage"}, Signature=signed["Signature"]) == ""
        refused("KMSInvalidSignatureException", kms.verify, **call, Signature=signed["Signature"][:-1])


@pytest.mark.parametrize("spec, algorithm", [("RSA_2048", "RSASSA_PSS_SHA_384"), ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"), ("ECC_NIST_P384", "ECDSA_SHA_384"), ("ECC_SECG_P256K1", "ECDSA_SHA_256")])
def test_a_digest_is_signed_in_place_of_its_message(kms, spec, algorithm):
    key = make(kms, spec, "SIGN_VERIFY")
    digest = hashlib.new("sha" + algorithm[-3:], b"message").digest()
    call = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm}
    signature = kms.sign(**call, Message=digest, MessageType="DIGEST")["Signature"]
    check(public(kms, key), algorithm, signature, b"message")
    assert kms.verify(**call, Message=b"message", MessageType="RAW", Signature=signature)["SignatureValid"]
    refused("KMSInvalidSignatureException", kms.verify, **call, Message=digest, Signature=signature)
    message = refused("ValidationException", kms.sign, **call, Message=digest[1:], MessageType="DIGEST")
    assert message == f"Digest is invalid length for algorithm {algorithm}."
    refused("ValidationException", kms.verify, **call, Message=digest + b"x", MessageType="DIGEST", Signature=signature)
    refused("ValidationException", kms.sign, **call, Message=b"x" * 64, MessageType="EXTERNAL_MU")


def test_the_signature_of_somebody_else_is_not_of_the_key(kms):
    one, other = (make(kms, "ECC_NIST_P256", "SIGN_VERIFY") for _ in range(2))
    call = {"Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(KeyId=one["KeyId"], **call)["Signature"]
    refused("KMSInvalidSignatureException", kms.verify, KeyId=other["KeyId"], **call, Signature=signature)
    # A signature that another program made over a digest is accepted like KMS's own.
    r, s = utils.decode_dss_signature(signature)
    again = utils.encode_dss_signature(r, s)
    assert again == signature and kms.verify(KeyId=one["KeyId"], **call, Signature=again)["SignatureValid"]


def test_the_message_type_must_suit_the_algorithm(kms):
    edwards = make(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    assert edwards["SigningAlgorithms"] == ["ED25519_SHA_512", "ED25519_PH_SHA_512"]
    digest = hashlib.sha512(b"message").digest()
    prehashed = {"KeyId": edwards["KeyId"], "SigningAlgorithm": "ED25519_PH_SHA_512", "Message": digest}
    signature = kms.sign(**prehashed, MessageType="DIGEST")["Signature"]
    assert kms.verify(**prehashed, MessageType="DIGEST", Signature=signature)["SignatureValid"]
    # Ed25519ph is not Ed25519: neither over the digest nor over the message.
    plain = {"KeyId": edwards["KeyId"], "SigningAlgorithm": "ED25519_SHA_512"}
    refused("KMSInvalidSignatureException", kms.verify, **plain, Message=digest, Signature=signature)
    refused("ValidationException", kms.sign, **prehashed)
    refused("ValidationException", kms.sign, **prehashed, MessageType="RAW")
    refused("ValidationException", kms.sign, **plain, Message=digest, MessageType="DIGEST")
    lattice = make(kms, "ML_DSA_44", "SIGN_VERIFY")
    call = {"KeyId": lattice["KeyId"], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    message = refused("ValidationException", kms.sign, **call, Message=digest, MessageType="DIGEST")
    assert message == "Message type DIGEST is incompatible with key spec ML_DSA_44."
    refused("ValidationException", kms.sign, **call, Message=b"x" * 63, MessageType="EXTERNAL_MU")


@pytest.mark.parametrize("spec", ML_DSA)
def test_an_external_mu_is_what_fips_204_says(kms, spec):
    key = make(kms, spec, "SIGN_VERIFY")
    der = kms.get_public_key(KeyId=key["KeyId"])["PublicKey"]
    outside = serialization.load_der_public_key(der)
    assert len(der) == ML_DSA[spec] and isinstance(outside, (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey))
    tr = hashlib.shake_256(outside.public_bytes_raw()).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + b"message").digest(64)
    call = {"KeyId": key["KeyId"], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    signature = kms.sign(**call, Message=mu, MessageType="EXTERNAL_MU")["Signature"]
    outside.verify(signature, b"message")
    assert kms.verify(**call, Message=b"message", Signature=signature)["SignatureValid"]
    raw = kms.sign(**call, Message=b"message")["Signature"]
    assert kms.verify(**call, Message=mu, MessageType="EXTERNAL_MU", Signature=raw)["SignatureValid"]


@pytest.mark.parametrize("spec, bits", [("RSA_2048", 2048), ("RSA_3072", 3072), ("RSA_4096", 4096)])
def test_what_others_encrypt_by_the_public_key_kms_decrypts(kms, spec, bits):
    key = make(kms, spec, "ENCRYPT_DECRYPT")
    assert key["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] and "SigningAlgorithms" not in key
    outside = public(kms, key)
    assert outside.key_size == bits
    for algorithm, hash_ in (("RSAES_OAEP_SHA_1", hashes.SHA1()), ("RSAES_OAEP_SHA_256", hashes.SHA256())):
        most = bits // 8 - 2 * hash_.digest_size - 2
        call = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
        oaep = padding.OAEP(padding.MGF1(hash_), hash_, None)
        blob = outside.encrypt(b"x" * most, oaep)
        opened = kms.decrypt(CiphertextBlob=blob, **call)
        assert (opened["Plaintext"], opened["KeyId"], opened["EncryptionAlgorithm"]) == (b"x" * most, key["Arn"], algorithm)
        assert "KeyMaterialId" not in opened
        own = kms.encrypt(Plaintext=b"x" * most, **call)
        assert len(own["CiphertextBlob"]) == bits // 8 and own["EncryptionAlgorithm"] == algorithm
        assert kms.decrypt(CiphertextBlob=own["CiphertextBlob"], **call)["Plaintext"] == b"x" * most
        message = refused("ValidationException", kms.encrypt, Plaintext=b"x" * (most + 1), **call)
        assert str(most) in message and algorithm in message
        refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), **call)
    # The other algorithm, and no key, do not open it.
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob, KeyId=key["KeyId"], EncryptionAlgorithm="RSAES_OAEP_SHA_1")
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")


def test_re_encryption_goes_between_kinds_of_keys(kms):
    pair, symmetric = make(kms, "RSA_2048", "ENCRYPT_DECRYPT"), kms.create_key()["KeyMetadata"]
    oaep = "RSAES_OAEP_SHA_256"
    blob = kms.encrypt(KeyId=pair["KeyId"], Plaintext=b"x", EncryptionAlgorithm=oaep)["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceKeyId=pair["KeyId"], SourceEncryptionAlgorithm=oaep, DestinationKeyId=symmetric["KeyId"], DestinationEncryptionContext={"a": "1"})
    assert (moved["SourceEncryptionAlgorithm"], moved["DestinationEncryptionAlgorithm"]) == (oaep, "SYMMETRIC_DEFAULT")
    assert "SourceKeyMaterialId" not in moved and moved["DestinationKeyMaterialId"] == symmetric["CurrentKeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"a": "1"})["Plaintext"] == b"x"
    back = kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], SourceEncryptionContext={"a": "1"}, DestinationKeyId=pair["KeyId"], DestinationEncryptionAlgorithm=oaep)
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"], KeyId=pair["KeyId"], EncryptionAlgorithm=oaep)["Plaintext"] == b"x"
    large = kms.encrypt(KeyId=symmetric["KeyId"], Plaintext=b"x" * 300)["CiphertextBlob"]
    refused("ValidationException", kms.re_encrypt, CiphertextBlob=large, DestinationKeyId=pair["KeyId"], DestinationEncryptionAlgorithm=oaep)


@pytest.mark.parametrize("spec", NIST)
def test_both_sides_agree_on_a_secret(kms, spec):
    key = make(kms, spec, "KEY_AGREEMENT")
    assert key["KeyAgreementAlgorithms"] == ["ECDH"] and "SigningAlgorithms" not in key
    peer = ec.generate_private_key(NIST[spec])
    der = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    call = {"KeyId": key["KeyId"], "KeyAgreementAlgorithm": "ECDH"}
    derived = kms.derive_shared_secret(**call, PublicKey=peer.public_key().public_bytes(*der))
    assert derived["SharedSecret"] == peer.exchange(ec.ECDH(), public(kms, key))
    assert (derived["KeyId"], derived["KeyAgreementAlgorithm"], derived["KeyOrigin"]) == (key["Arn"], "ECDH", "AWS_KMS")
    # Two keys of KMS agree too; a point of another curve, or what is no key, does not fit.
    other = make(kms, spec, "KEY_AGREEMENT")
    shown = {name: kms.get_public_key(KeyId=k["KeyId"]) for name, k in (("own", key), ("other", other))}
    assert shown["own"]["KeyAgreementAlgorithms"] == ["ECDH"]
    one = kms.derive_shared_secret(**call, PublicKey=shown["other"]["PublicKey"])["SharedSecret"]
    assert one == kms.derive_shared_secret(**{**call, "KeyId": other["KeyId"]}, PublicKey=shown["own"]["PublicKey"])["SharedSecret"]
    elsewhere = ec.generate_private_key(ec.SECP256K1()).public_key().public_bytes(*der)
    for bad in (elsewhere, b"nonsense", ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*der)):
        refused("ValidationException", kms.derive_shared_secret, **call, PublicKey=bad)


@pytest.mark.parametrize("spec", ML_KEM)
def test_a_secret_is_encapsulated_for_kms_and_by_kms(kms, spec):
    key = make(kms, spec, "ENCAPSULATE_DECAPSULATE")
    assert key["EncapsulationAlgorithms"] == ["ML_KEM"]
    call = {"KeyId": key["KeyId"], "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**call)
    blob, secret = made["SharedSecretCiphertextBlob"], made["SharedSecret"]
    assert (len(blob), len(secret)) == (ML_KEM[spec], 32)
    assert kms.decapsulate(**call, SharedSecretCiphertextBlob=blob)["SharedSecret"] == secret
    altered = bytes([blob[0] ^ 1]) + blob[1:]
    assert kms.decapsulate(**call, SharedSecretCiphertextBlob=altered)["SharedSecret"] != secret
    refused("InvalidCiphertextException", kms.decapsulate, **call, SharedSecretCiphertextBlob=blob[1:])
    if spec != "ML_KEM_512":
        theirs, ciphertext = public(kms, key).encapsulate()
        assert kms.decapsulate(**call, SharedSecretCiphertextBlob=ciphertext)["SharedSecret"] == theirs


@pytest.mark.parametrize("spec", ["RSA_2048", *CURVES, "ECC_NIST_EDWARDS25519", *ML_KEM])
def test_a_data_key_pair_comes_plain_and_encrypted(kms, spec):
    key = kms.create_key()["KeyMetadata"]
    call = {"KeyId": key["KeyId"], "KeyPairSpec": spec, "EncryptionContext": {"a": "1"}}
    made = kms.generate_data_key_pair(**call)
    assert (made["KeyId"], made["KeyPairSpec"], made["KeyMaterialId"]) == (key["Arn"], spec, key["CurrentKeyMaterialId"])
    opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"], EncryptionContext={"a": "1"})
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    if spec == "ML_KEM_512":
        assert len(made["PrivateKeyPlaintext"]) == 86
        return
    private = serialization.load_der_private_key(made["PrivateKeyPlaintext"], None)
    der = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert private.public_key().public_bytes(*der) == made["PublicKey"]


def test_a_data_key_pair_without_plaintext_is_another_one_each_time(kms):
    key = kms.create_key()["KeyMetadata"]
    one, two = (kms.generate_data_key_pair_without_plaintext(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256") for _ in range(2))
    assert "PrivateKeyPlaintext" not in one and one["PublicKey"] != two["PublicKey"]
    private = serialization.load_der_private_key(kms.decrypt(CiphertextBlob=one["PrivateKeyCiphertextBlob"])["Plaintext"], None)
    signature = private.sign(b"message", ec.ECDSA(hashes.SHA256()))
    serialization.load_der_public_key(one["PublicKey"]).verify(signature, b"message", ec.ECDSA(hashes.SHA256()))


def test_data_key_pairs_need_a_symmetric_key_and_a_known_spec(kms):
    pair, symmetric = make(kms, "RSA_2048", "ENCRYPT_DECRYPT"), kms.create_key()["KeyMetadata"]
    for call in (kms.generate_data_key_pair, kms.generate_data_key_pair_without_plaintext):
        refused("InvalidKeyUsageException", call, KeyId=pair["KeyId"], KeyPairSpec="ECC_NIST_P256")
        message = refused("UnsupportedOperationException", call, KeyId=symmetric["KeyId"], KeyPairSpec="SM2")
        assert "SM2" in message
    for call in (kms.generate_data_key, kms.generate_data_key_without_plaintext):
        refused("InvalidKeyUsageException", call, KeyId=pair["KeyId"], KeySpec="AES_256")


def test_a_key_does_only_what_it_is_for(kms):
    sign = make(kms, "RSA_2048", "SIGN_VERIFY")
    encrypt = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    agree = make(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    symmetric = kms.create_key()["KeyMetadata"]
    message = refused("InvalidKeyUsageException", kms.encrypt, KeyId=sign["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert message == f"{sign['Arn']} key usage is SIGN_VERIFY which is not valid for Encrypt."
    for key in (encrypt, agree, symmetric):
        message = refused("InvalidKeyUsageException", kms.sign, KeyId=key["KeyId"], Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")
        assert message == f"{key['Arn']} key usage is {key['KeyUsage']} which is not valid for Sign."
        refused("InvalidKeyUsageException", kms.verify, KeyId=key["KeyId"], Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256", Signature=b"x")
    message = refused("InvalidKeyUsageException", kms.sign, KeyId=sign["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
    assert message == "Algorithm ECDSA_SHA_256 and key spec RSA_2048 are incompatible."
    refused("InvalidKeyUsageException", kms.sign, KeyId=sign["KeyId"], Message=b"x", SigningAlgorithm="SM2DSA")
    refused("InvalidKeyUsageException", kms.encrypt, KeyId=encrypt["KeyId"], Plaintext=b"x")
    refused("InvalidKeyUsageException", kms.encrypt, KeyId=symmetric["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    refused("InvalidKeyUsageException", kms.derive_shared_secret, KeyId=sign["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=b"x")
    for call in (kms.encapsulate, lambda **call: kms.decapsulate(SharedSecretCiphertextBlob=b"x", **call)):
        refused("InvalidKeyUsageException", call, KeyId=sign["KeyId"], EncapsulationAlgorithm="ML_KEM")
    refused("UnsupportedOperationException", kms.get_public_key, KeyId=symmetric["KeyId"])
    refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=sign["KeyId"])
    refused("UnsupportedOperationException", kms.rotate_key_on_demand, KeyId=sign["KeyId"])
    refused("ValidationException", kms.encrypt, KeyId=encrypt["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_1", EncryptionContext={"a": "1"})


def test_spec_and_usage_must_suit_each_other(kms):
    for spec, usage in (("RSA_2048", "KEY_AGREEMENT"), ("ECC_SECG_P256K1", "KEY_AGREEMENT"), ("ECC_NIST_P256", "ENCRYPT_DECRYPT"), ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"), ("ML_DSA_44", "ENCRYPT_DECRYPT"), ("HMAC_256", "ENCRYPT_DECRYPT")):
        assert usage in refused("ValidationException", kms.create_key, KeySpec=spec, KeyUsage=usage)
    message = refused("ValidationException", kms.create_key, KeySpec="RSA_2048")
    assert message == "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    refused("ValidationException", kms.create_key, KeySpec="RSA_2048", CustomerMasterKeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    old = kms.create_key(CustomerMasterKeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert old["KeySpec"] == "ECC_NIST_P256"
    assert "SM2" in refused("UnsupportedOperationException", kms.create_key, KeySpec="SM2", KeyUsage="SIGN_VERIFY")


def test_a_key_that_cannot_be_used_does_nothing(welkin, kms):
    signing = make(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    agreeing = make(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    lattice = make(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    symmetric = kms.create_key()["KeyMetadata"]
    peer = kms.get_public_key(KeyId=agreeing["KeyId"])["PublicKey"]
    blob = kms.encapsulate(KeyId=lattice["KeyId"], EncapsulationAlgorithm="ML_KEM")["SharedSecretCiphertextBlob"]
    signature = kms.sign(KeyId=signing["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    calls = [
        (signing, kms.sign, {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}),
        (signing, kms.verify, {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": signature}),
        (signing, kms.get_public_key, {}),
        (agreeing, kms.derive_shared_secret, {"KeyAgreementAlgorithm": "ECDH", "PublicKey": peer}),
        (lattice, kms.encapsulate, {"EncapsulationAlgorithm": "ML_KEM"}),
        (lattice, kms.decapsulate, {"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": blob}),
        (symmetric, kms.generate_data_key_pair, {"KeyPairSpec": "ECC_NIST_P256"}),
        (symmetric, kms.generate_data_key_pair_without_plaintext, {"KeyPairSpec": "ECC_NIST_P256"}),
    ]
    keys = [signing, agreeing, lattice, symmetric]
    for key, call, rest in calls:
        # With DryRun, it only says that it would have worked.
        if call != kms.get_public_key:
            refused("DryRunOperationException", call, KeyId=key["KeyId"], DryRun=True, **rest)
        refused("InvalidGrantTokenException", call, KeyId=key["KeyId"], GrantTokens=["none"], **rest)
    for key in keys:
        kms.disable_key(KeyId=key["KeyId"])
    for key, call, rest in calls:
        assert refused("DisabledException", call, KeyId=key["KeyId"], **rest) == f"{key['Arn']} is disabled."
    for key in keys:
        kms.schedule_key_deletion(KeyId=key["KeyId"])
    for key, call, rest in calls:
        message = refused("KMSInvalidStateException", call, KeyId=key["KeyId"], **rest)
        assert message == f"{key['Arn']} is pending deletion."


def test_answers_for_an_enclave_are_refused_by_name(kms):
    key, pair = kms.create_key()["KeyMetadata"], make(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": os.urandom(64)}
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    for call, rest in (
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.generate_data_key, {"KeyId": key["KeyId"], "KeySpec": "AES_256"}),
        (kms.generate_data_key_pair, {"KeyId": key["KeyId"], "KeyPairSpec": "ECC_NIST_P256"}),
        (kms.generate_random, {"NumberOfBytes": 32}),
        (kms.derive_shared_secret, {"KeyId": pair["KeyId"], "KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}),
    ):
        assert "Recipient" in refused("NotImplemented", call, Recipient=recipient, **rest)


def test_a_dry_run_may_do_without_the_ciphertext(kms):
    key = kms.create_key()["KeyMetadata"]
    permissions_only = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    refused("DryRunOperationException", kms.decrypt, KeyId=key["KeyId"], **permissions_only)
    refused("DryRunOperationException", kms.re_encrypt, SourceKeyId=key["KeyId"], DestinationKeyId=key["KeyId"], **permissions_only)
    refused("ValidationException", kms.decrypt, KeyId=key["KeyId"], DryRunModifiers=["IGNORE_CIPHERTEXT"])
    refused("ValidationException", kms.decrypt, **permissions_only)
    refused("ValidationException", kms.decrypt, KeyId=key["KeyId"])
    refused("InvalidCiphertextException", kms.decrypt, KeyId=key["KeyId"], CiphertextBlob=b"nonsense", DryRun=True)
