"""Imports key material as the documentation says, by another implementation."""

import datetime
import os

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding

HOUR = datetime.timedelta(hours=1)


def wrap(algorithm, public, material):
    """Wraps as the documentation of GetParametersForImport says, by another implementation."""
    hash_ = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(hash_), hash_, None)
    wrapping = serialization.load_der_public_key(public)
    if not algorithm.startswith("RSA_AES"):
        return wrapping.encrypt(material, oaep)
    aes = os.urandom(32)
    return wrapping.encrypt(aes, oaep) + keywrap.aes_key_wrap_with_padding(aes, material)


class Importer:
    """Imports into the keys of one account."""

    def __init__(self, welkin, kms):
        self.welkin, self.kms = welkin, kms

    def parameters(self, key, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", kms=None):
        # One in four seconds is let through.
        self.welkin.advance("4s")
        return (kms or self.kms).get_parameters_for_import(KeyId=key["KeyId"], WrappingAlgorithm=algorithm, WrappingKeySpec=spec)

    def request(self, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", kms=None, **rest):
        given = self.parameters(key, algorithm, spec, kms)
        expires = {} if "ExpirationModel" in rest or "ValidTo" in rest else {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        wrapped = wrap(algorithm, given["PublicKey"], material)
        return {"KeyId": key["KeyId"], "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrapped, **expires, **rest}

    def __call__(self, key, material, *args, kms=None, **rest):
        return (kms or self.kms).import_key_material(**self.request(key, material, *args, kms=kms, **rest))

    def make(self, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", **rest):
        return self.kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage, **rest)["KeyMetadata"]

    def describe(self, key, kms=None):
        return (kms or self.kms).describe_key(KeyId=key["KeyId"])["KeyMetadata"]

    def now(self):
        """The time of the clock, to the second."""
        now = self.welkin.now()
        return now.replace(microsecond=0)
