"""What is kept on disk: everything, and no secret in the clear."""

import base64
import json
import os
import pathlib
import subprocess

import boto3
from botocore.config import Config
from certificates import certificate, pem_of, pem_of_key, rsa_key
from identity import allow, document
from provider_documents import saml_metadata

PASSWORD = "Correct-horse-1-battery"


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
        iam.create_login_profile(UserName="ada", Password=PASSWORD)
        seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["Base32StringSeed"]
        body, private = pem_of(certificate("a", rsa_key("leaf"))), pem_of_key(rsa_key("leaf"))
        iam.upload_server_certificate(ServerCertificateName="c", CertificateBody=body, PrivateKey=private)
        iam.create_saml_provider(Name="idp", SAMLMetadataDocument=saml_metadata(), AddPrivateKey=private)
        made = iam.create_service_specific_credential(UserName="ada", ServiceName="codecommit.amazonaws.com")
    finally:
        process.kill()
        process.wait(30)
    kept = [path.read_bytes() for path in pathlib.Path(tmp_path).rglob("*") if path.is_file()]
    assert any(key["AccessKeyId"].encode() in data for data in kept), "the key itself is in there"
    for secret in (key["SecretAccessKey"], session["SecretAccessKey"], PASSWORD):
        assert not any(secret.encode() in data for data in kept)
    for secret in (seed, base64.b32decode(seed), made["ServiceSpecificCredential"]["ServicePassword"].encode()):
        assert not any(secret in data for data in kept)
    lines = body.splitlines()[2:-2]
    assert all(any(line.encode() in data for data in kept) for line in lines), "the certificate is in there, line by line"
    assert not any(line.encode() in data for data in kept for line in private.splitlines()[2:-2])
    process, endpoint = start(tmp_path)
    try:
        assert client("iam", endpoint, key).list_users()["Users"][0]["UserName"] == "ada"
        assert client("sts", endpoint, session).get_caller_identity()["Arn"].endswith("user/ada")
    finally:
        process.terminate()
        process.wait(30)
