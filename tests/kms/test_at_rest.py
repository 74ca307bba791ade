"""What is kept on disk: keys survive a kill, and no material or plain text is there in the clear."""

import os
import pathlib
import subprocess
import json

import boto3


def start(data):
    command = [os.environ["WELKIN_BIN"], "up", "--json", "--listen", "127.0.0.1:0", "--data", data]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    endpoint = json.loads(process.stdout.readline())["endpoint"]
    kms = boto3.client(
        "kms", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id="111122223333", aws_secret_access_key="any",
    )
    return process, kms


def test_keys_survive_a_kill_and_nothing_lies_in_the_clear(tmp_path):
    process, kms = start(tmp_path)
    try:
        key = kms.create_key(Description="a description to be found")["KeyMetadata"]
        blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"a secret not to be found")["CiphertextBlob"]
        made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    finally:
        process.kill()
        process.wait(30)
    kept = b"".join(path.read_bytes() for path in pathlib.Path(tmp_path).rglob("*") if path.is_file())
    assert b"a description to be found" in kept, "what is no secret can be found, so the search finds"
    assert b"a secret not to be found" not in kept and made["Plaintext"] not in kept
    process, kms = start(tmp_path)
    try:
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"a secret not to be found"
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    finally:
        process.terminate()
        process.wait(30)
