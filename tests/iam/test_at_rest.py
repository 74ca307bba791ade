"""What is kept on disk: everything, and no secret in the clear."""

import json
import os
import pathlib
import subprocess

import boto3
from botocore.config import Config
from identity import allow, document


def start(data):
    command = [os.environ["WELKIN_BIN"], "up", "--json", "--listen", "127.0.0.1:0", "--data", data]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["endpoint"]


def client(service, endpoint, credentials):
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"max_attempts": 1}),
        aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def test_keys_sessions_and_rights_survive_a_kill_and_secrets_are_sealed(tmp_path):
    root = {"AccessKeyId": "111122223333", "SecretAccessKey": "x"}
    process, endpoint = start(tmp_path)
    try:
        iam = client("iam", endpoint, root)
        iam.create_user(UserName="ada")
        policy = document(allow("iam:ListUsers"))
        iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=policy)
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        session = client("sts", endpoint, key).get_session_token()["Credentials"]
    finally:
        process.kill()
        process.wait(30)
    kept = [path.read_bytes() for path in pathlib.Path(tmp_path).rglob("*") if path.is_file()]
    assert any(key["AccessKeyId"].encode() in data for data in kept), "the key itself is in there"
    for secret in (key["SecretAccessKey"], session["SecretAccessKey"]):
        assert not any(secret.encode() in data for data in kept)
    process, endpoint = start(tmp_path)
    try:
        assert client("iam", endpoint, key).list_users()["Users"][0]["UserName"] == "ada"
        assert client("sts", endpoint, session).get_caller_identity()["Arn"].endswith("user/ada")
    finally:
        process.terminate()
        process.wait(30)
