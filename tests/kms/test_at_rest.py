"""What is kept on disk: keys survive a kill, nothing lies in the clear, and what is deleted is gone."""

import hmac
import os
import pathlib
import re
import subprocess

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.exceptions import InvalidTag

from .importer import HOUR, Importer
from .refusal import refused


def files(folder):
    return {path: path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}


def on_disk(folder, what):
    return any(what in content for content in files(folder).values())


def materials(folder):
    """The key material that whoever has the data folder can open, the root key being in it: {material: sealed}."""
    contents = files(folder)
    root = next(content for path, content in contents.items() if path.name == "root.key")
    aes = AESGCM(hmac.digest(root, b"welkin seal v1", "sha256"))
    row = re.compile(rb"key_id(?:\xd9.|[\xa0-\xbf])([0-9a-z-]{36})\xa2id\xd9@([0-9a-f]{64}).{0,200}?sealed\xc4\x3c(.{60})", re.DOTALL)
    found = {}
    for content in contents.values():
        for key, material, sealed in row.findall(content):
            context = b"kms material 111122223333 us-east-1 " + key + b" " + material
            try:
                found[aes.decrypt(sealed[:12], sealed[12:], context)] = sealed
            except InvalidTag:
                pass
    return found


def root(welkin):
    return welkin.client("kms", "111122223333")


def test_keys_survive_a_kill_and_nothing_lies_in_the_clear(start, tmp_path):
    with start("--data", tmp_path) as welkin:
        kms = root(welkin)
        key = kms.create_key(Description="a description to be found")["KeyMetadata"]
        blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"a secret not to be found")["CiphertextBlob"]
        made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
        pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256")
        signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        call = {"KeyId": signing["KeyId"], "Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"}
        signature = kms.sign(**call)["Signature"]
        rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
        oaep = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        sealed = kms.encrypt(Plaintext=b"x", **oaep)["CiphertextBlob"]
        importer, material = Importer(welkin, kms), os.urandom(32)
        imported = importer.make()
        importer(imported, material)
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
        welkin.process.kill()
        welkin.process.wait(30)
    assert on_disk(tmp_path, b"a description to be found"), "what is no secret can be found, so the search finds"
    for secret in (b"a secret not to be found", made["Plaintext"], pair["PrivateKeyPlaintext"], material):
        assert not on_disk(tmp_path, secret)
    with start("--data", tmp_path) as welkin:
        kms = root(welkin)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"a secret not to be found"
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
        assert kms.verify(**call, Signature=signature)["SignatureValid"]
        assert kms.decrypt(CiphertextBlob=sealed, **oaep)["Plaintext"] == b"x"
        assert kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=imported["KeyId"], Plaintext=b"y")["CiphertextBlob"])["Plaintext"] == b"y"


@pytest.mark.parametrize("how", ["key", "material", "expiry"])
def test_deleted_material_is_gone_from_disk(start, tmp_path, how):
    with start("--data", tmp_path) as welkin:
        kms = root(welkin)
        importer, material = Importer(welkin, kms), os.urandom(32)
        doomed, kept = importer.make(), kms.create_key()["KeyMetadata"]
        importer(doomed, material, **({"ValidTo": importer.now() + HOUR} if how == "expiry" else {}))
        blob = kms.encrypt(KeyId=kept["KeyId"], Plaintext=b"x")["CiphertextBlob"]
        both = materials(tmp_path)
        assert len(both) == 2 and material in both, "whoever has the folder, and with it the root key, has the material"
        sealed = both.pop(material)
        (of_the_other,) = both.values()
        if how == "key":
            kms.schedule_key_deletion(KeyId=doomed["KeyId"], PendingWindowInDays=7)
            welkin.advance("169h")
            refused("NotFoundException", kms.describe_key, KeyId=doomed["KeyId"])
        elif how == "material":
            kms.delete_imported_key_material(KeyId=doomed["KeyId"])
            assert on_disk(tmp_path, sealed), "the deletion alone leaves it in the files"
            welkin.advance("10m")
        else:
            welkin.advance("2h")
            assert kms.describe_key(KeyId=doomed["KeyId"])["KeyMetadata"]["KeyState"] == "PendingImport"
        assert not on_disk(tmp_path, sealed) and on_disk(tmp_path, of_the_other)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        welkin.process.kill()
        welkin.process.wait(30)
    with start("--data", tmp_path) as welkin:
        assert root(welkin).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert not on_disk(tmp_path, sealed)


def test_the_key_that_unwrapped_material_is_gone_after_a_day(start, tmp_path):
    with start("--data", tmp_path) as welkin:
        kms = root(welkin)
        importer = Importer(welkin, kms)
        key = importer.make()
        importer(key, os.urandom(32))
        marker = b"algorithm\xb2RSAES_OAEP_SHA_256"
        assert on_disk(tmp_path, marker)
        welkin.advance("25h")
        assert not on_disk(tmp_path, marker)


def test_the_operator_removes_what_was_deleted_at_once(start, tmp_path, program):
    with start("--data", tmp_path) as welkin:
        kms = root(welkin)
        importer, material = Importer(welkin, kms), os.urandom(32)
        key = importer.make()
        importer(key, material)
        sealed = materials(tmp_path)[material]
        kms.delete_imported_key_material(KeyId=key["KeyId"])
        assert on_disk(tmp_path, sealed)
        command = [program, "expunge", "--endpoint", welkin.endpoint]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "in no file" in told and not on_disk(tmp_path, sealed)
        importer(key, material)
        assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
