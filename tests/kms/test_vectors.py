"""Vectors of NIST and Wycheproof, put through the API: keys that are known are imported, and used."""

from collections import Counter

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .importer import Importer
from .refusal import refused
from .vectors import lines, records, wycheproof

PKCS8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
CURVES = {"P256": ec.SECP256R1(), "P384": ec.SECP384R1(), "P521": ec.SECP521R1(), "K256": ec.SECP256K1()}


@pytest.fixture
def kms(welkin, account):
    return welkin.client("kms", account)


@pytest.fixture
def known(welkin, kms):
    """The id of a key with known material."""
    importer = Importer(welkin, kms)

    def known(spec, usage, material):
        key = importer.make(spec, usage)
        importer(key, material, "RSAES_OAEP_SHA_256" if spec.startswith("HMAC") else "RSA_AES_KEY_WRAP_SHA_256")
        return key["KeyId"]

    return known


def some(tests):
    """A few of the valid and of the invalid tests: all go through the functions below the API (wycheproof_tests.rs)."""
    tests = list(tests)
    return [test for result in ("valid", "invalid") for test in [test for test in tests if test["result"] == result][:10]]


def pkcs8(d, curve):
    return ec.derive_private_key(int(d, 16), CURVES[curve]).private_bytes(*PKCS8)


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_macs_of_wycheproof(kms, known, bits):
    groups = wycheproof(f"hmac_sha{bits}")
    tests = [test for group in groups for test in group["tests"] if len(test["key"]) * 4 == bits]
    # The key with most tests: of valid MACs, of altered ones, and of those that are cut short, which KMS does not take.
    [(key, _)] = Counter(test["key"] for test in tests).most_common(1)
    call = {"KeyId": known(f"HMAC_{bits}", "GENERATE_VERIFY_MAC", bytes.fromhex(key)), "MacAlgorithm": f"HMAC_SHA_{bits}"}
    for test in some(test for test in tests if test["key"] == key and test["msg"]):
        message, tag = bytes.fromhex(test["msg"]), bytes.fromhex(test["tag"])
        if test["result"] == "valid" and len(tag) * 8 == bits:
            assert kms.generate_mac(**call, Message=message)["Mac"] == tag, test["tcId"]
            assert kms.verify_mac(**call, Message=message, Mac=tag)["MacValid"], test["tcId"]
        else:
            refused("KMSInvalidMacException", kms.verify_mac, **call, Message=message, Mac=tag)


@pytest.mark.parametrize("hash_, algorithm", [("sha1", "RSAES_OAEP_SHA_1"), ("sha256", "RSAES_OAEP_SHA_256")])
def test_oaep_ciphertexts_of_wycheproof(kms, known, hash_, algorithm):
    opened = Counter()
    for group in wycheproof(f"rsa_oaep_2048_{hash_}_mgf1{hash_}"):
        key = known("RSA_2048", "ENCRYPT_DECRYPT", bytes.fromhex(group["privateKeyPkcs8"]))
        for test in (test for test in group["tests"] if test["ct"]):
            call = {"KeyId": key, "EncryptionAlgorithm": algorithm, "CiphertextBlob": bytes.fromhex(test["ct"])}
            # KMS knows no labels, and gives no empty plaintext away that a client could not have encrypted.
            if test["result"] == "valid" and not test["label"]:
                assert kms.decrypt(**call)["Plaintext"] == bytes.fromhex(test["msg"]), test["tcId"]
            else:
                refused("InvalidCiphertextException", kms.decrypt, **call)
            opened[test["result"]] += 1
    assert opened["valid"] >= 5 and opened["invalid"] >= 5


def test_rsa_signatures_of_nist(kms, known):
    tests = records("asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp", "[mod = 2048]", "SHAAlg")
    tests = [test for test in tests if int(test["e"], 16) == 0x10001 and "Public Key" not in test["Result"]]
    numbers = tests[0]
    p, q, d, n = (int(numbers[name], 16) for name in "pqdn")
    crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    private = rsa.RSAPrivateNumbers(p, q, d, *crt, rsa.RSAPublicNumbers(0x10001, n)).private_key()
    key = known("RSA_2048", "SIGN_VERIFY", private.private_bytes(*PKCS8))
    seen = Counter()
    for test in tests:
        if test["SHAAlg"] not in ("SHA256", "SHA384", "SHA512"):
            continue
        call = {"KeyId": key, "Message": bytes.fromhex(test["Msg"]), "SigningAlgorithm": f"RSASSA_PKCS1_V1_5_SHA_{test['SHAAlg'][3:]}"}
        signature = bytes.fromhex(test["S"])
        if test["Result"] == "P":
            assert kms.verify(**call, Signature=signature)["SignatureValid"]
            # There is but one such signature.
            assert kms.sign(**call)["Signature"] == signature
        else:
            refused("KMSInvalidSignatureException", kms.verify, **call, Signature=signature)
        seen[test["Result"][0]] += 1
    assert seen["P"] >= 3 and seen["F"] >= 12


@pytest.mark.parametrize("curve, spec, section", [
    ("P256", "ECC_NIST_P256", "[P-256,SHA-256]"),
    ("P384", "ECC_NIST_P384", "[P-384,SHA-384]"),
    ("P521", "ECC_NIST_P521", "[P-521,SHA-512]"),
    ("K256", "ECC_SECG_P256K1", "[K-256,SHA-256]"),
])
def test_ecdsa_signatures_of_nist(kms, known, curve, spec, section):
    file = "SECP256K1/SigGen.txt" if curve == "K256" else "FIPS_186-3/SigGen.txt"
    for test in records(f"asymmetric/ECDSA/{file}", section, "Msg")[:2]:
        key = known(spec, "SIGN_VERIFY", pkcs8(test["d"], curve))
        public = ec.EllipticCurvePublicNumbers(int(test["Qx"], 16), int(test["Qy"], 16), CURVES[curve]).public_key()
        assert kms.get_public_key(KeyId=key)["PublicKey"] == public.public_bytes(*SPKI)
        call = {"KeyId": key, "SigningAlgorithm": f"ECDSA_SHA_{section[-4:-1]}"}
        r, s, message = int(test["R"], 16), int(test["S"], 16), bytes.fromhex(test["Msg"])
        assert kms.verify(**call, Message=message, Signature=encode_dss_signature(r, s))["SignatureValid"]
        refused("KMSInvalidSignatureException", kms.verify, **call, Message=message, Signature=encode_dss_signature(s, r))
        refused("KMSInvalidSignatureException", kms.verify, **call, Message=message[1:], Signature=encode_dss_signature(r, s))


def test_ed25519_signatures_of_the_authors(kms, known):
    for line in lines("asymmetric/Ed25519/sign.input")[1:200:66]:
        secret, public, message, signed = (bytes.fromhex(field) for field in line.split(":")[:4])
        private = ed25519.Ed25519PrivateKey.from_private_bytes(secret[:32])
        key = known("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", private.private_bytes(*PKCS8))
        assert kms.get_public_key(KeyId=key)["PublicKey"].endswith(public)
        call = {"KeyId": key, "SigningAlgorithm": "ED25519_SHA_512", "Message": message}
        assert kms.sign(**call)["Signature"] == signed[:64]
        assert kms.verify(**call, Signature=signed[:64])["SignatureValid"]


@pytest.mark.parametrize("parameters", [44, 65, 87])
def test_ml_dsa_signatures_of_wycheproof(kms, known, parameters):
    group = wycheproof(f"mldsa_{parameters}_sign_seed")[0]
    key = known(f"ML_DSA_{parameters}", "SIGN_VERIFY", bytes.fromhex(group["privateKeyPkcs8"]))
    assert kms.get_public_key(KeyId=key)["PublicKey"].endswith(bytes.fromhex(group["publicKey"]))
    call = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    tests = [test for test in group["tests"] if test["result"] == "valid" and test.get("msg") and not test.get("ctx")]
    for test in tests[:8]:
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        if len(message) > 4096:
            continue
        assert kms.verify(**call, Message=message, Signature=signature)["SignatureValid"], test["tcId"]
        mu = {"Message": bytes.fromhex(test["mu"]), "MessageType": "EXTERNAL_MU"}
        assert kms.verify(**call, **mu, Signature=signature)["SignatureValid"], test["tcId"]
        refused("KMSInvalidSignatureException", kms.verify, **call, Message=message + b".", Signature=signature)
    assert tests


@pytest.mark.parametrize("curve, spec", [("P256", "ECC_NIST_P256"), ("P384", "ECC_NIST_P384"), ("P521", "ECC_NIST_P521")])
def test_shared_secrets_of_wycheproof(kms, known, curve, spec):
    [group] = wycheproof(f"ecdh_secp{curve[1:]}r1")
    agree = {"KeyAgreementAlgorithm": "ECDH"}
    [(private, _)] = Counter(test["private"] for test in group["tests"]).most_common(1)
    key = known(spec, "KEY_AGREEMENT", pkcs8(private, curve))
    for test in some(test for test in group["tests"] if test["private"] == private and test["public"]):
        call = {"KeyId": key, **agree, "PublicKey": bytes.fromhex(test["public"])}
        if test["result"] == "valid":
            assert kms.derive_shared_secret(**call)["SharedSecret"] == bytes.fromhex(test["shared"]), test["tcId"]
        else:
            refused("ValidationException", kms.derive_shared_secret, **call)
