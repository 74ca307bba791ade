"""Signing certificates, SSH public keys and passwords for single services."""

import base64
import hashlib
import re

import pytest
from certificates import certificate, elliptic_key, pem_of, rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from identity import allow, refused

SSH = rsa_key("leaf").public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
PEM = rsa_key("leaf").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PKCS1 = rsa_key("leaf").public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


@pytest.fixture
def ada(account):
    return account.user("ada", allow("*"))


def test_signing_certificates_are_uploaded_taken_out_of_use_and_removed(account, ada):
    iam, body = account.iam, pem_of(certificate("ada", rsa_key("leaf")))
    made = iam.upload_signing_certificate(UserName="ada", CertificateBody=body)["Certificate"]
    assert (made["UserName"], made["Status"], made["CertificateBody"]) == ("ada", "Active", body)
    assert len(made["CertificateId"]) >= 24
    with refused("DuplicateCertificate", 409):
        iam.upload_signing_certificate(UserName="ada", CertificateBody=body)
    named = {"UserName": "ada", "CertificateId": made["CertificateId"]}
    iam.update_signing_certificate(**named, Status="Inactive")
    assert ada.client("iam").list_signing_certificates()["Certificates"][0]["Status"] == "Inactive"
    with refused("InvalidInput", 400):
        iam.update_signing_certificate(**named, Status="Expired")
    iam.upload_signing_certificate(UserName="ada", CertificateBody=pem_of(certificate("ada", elliptic_key("b"))))
    with refused("LimitExceeded", 409, "Cannot exceed quota for CertificatesPerUser: 2"):
        iam.upload_signing_certificate(UserName="ada", CertificateBody=pem_of(certificate("ada", elliptic_key("c"))))
    with refused("MalformedCertificate", 400):
        iam.upload_signing_certificate(UserName="ada", CertificateBody="nonsense")
    with refused("InvalidCertificate", 400):
        iam.upload_signing_certificate(
            UserName="ada", CertificateBody=pem_of(certificate("ada", elliptic_key("c"), begins=-40))
        )
    page = iam.list_signing_certificates(UserName="ada", MaxItems=1)
    assert page["IsTruncated"] and len(iam.list_signing_certificates(UserName="ada")["Certificates"]) == 2
    account.user("bob")
    with refused("NoSuchEntity", 404):
        iam.delete_signing_certificate(UserName="bob", CertificateId=made["CertificateId"])
    iam.delete_signing_certificate(**named)
    with refused("NoSuchEntity", 404):
        iam.delete_signing_certificate(**named)


@pytest.mark.parametrize("body", [SSH, SSH + " ada@example.com", PEM, PKCS1], ids=["ssh", "comment", "pem", "pkcs1"])
def test_ssh_keys_are_shown_in_both_encodings(account, ada, body):
    iam = account.iam
    made = iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=body)["SSHPublicKey"]
    assert re.fullmatch(r"APKA[A-Z2-7]{17}", made["SSHPublicKeyId"]) and made["SSHPublicKeyBody"] == body
    digest = hashlib.md5(base64.b64decode(SSH.split()[1])).hexdigest()
    assert made["Fingerprint"].replace(":", "") == digest and made["Fingerprint"].count(":") == 15
    get = lambda encoding: iam.get_ssh_public_key(  # noqa: E731
        UserName="ada", SSHPublicKeyId=made["SSHPublicKeyId"], Encoding=encoding
    )["SSHPublicKey"]
    assert get("SSH")["SSHPublicKeyBody"] == SSH
    assert load_pem_public_key(get("PEM")["SSHPublicKeyBody"].encode()) == rsa_key("leaf").public_key()
    assert get("PEM")["Fingerprint"] == made["Fingerprint"]


def test_ssh_keys_are_taken_out_of_use_and_removed(account, ada):
    iam = account.iam
    made = iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=SSH)["SSHPublicKey"]
    named = {"UserName": "ada", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    with refused("DuplicateSSHPublicKey", 400):
        iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=PEM)
    iam.update_ssh_public_key(**named, Status="Inactive")
    (listed,) = ada.client("iam").list_ssh_public_keys()["SSHPublicKeys"]
    assert (listed["SSHPublicKeyId"], listed["Status"]) == (made["SSHPublicKeyId"], "Inactive")
    iam.delete_ssh_public_key(**named)
    for call, more in ((iam.delete_ssh_public_key, {}), (iam.get_ssh_public_key, {"Encoding": "SSH"})):
        with refused("NoSuchEntity", 404):
            call(**named, **more)


def test_what_is_no_rsa_key_is_refused(account, ada):
    short = rsa_key("short", 1024).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    curve = elliptic_key().public_key()
    for body, code in (
        (short, "InvalidPublicKey"),
        (curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "InvalidPublicKey"),
        (curve.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), "UnrecognizedPublicKeyEncoding"),
        ("nonsense", "UnrecognizedPublicKeyEncoding"),
        (SSH[:40], "InvalidPublicKey"),
    ):
        with refused(code, 400):
            account.iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=body)
    for n in range(5):
        key = rsa_key(f"ssh-{n}").public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        account.iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=key)
    with refused("LimitExceeded", 409, "Cannot exceed quota for SSHPublicKeysPerUser: 5"):
        account.iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=SSH)


def test_credentials_for_a_service_are_made_reset_and_removed(account, ada):
    iam, service = account.iam, "codecommit.amazonaws.com"
    made = iam.create_service_specific_credential(UserName="ada", ServiceName=service)["ServiceSpecificCredential"]
    assert made["ServiceUserName"] == f"ada-at-{account.id}" and len(made["ServicePassword"]) == 44
    assert made["Status"] == "Active" and re.fullmatch(r"ACCA[A-Z2-7]{17}", made["ServiceSpecificCredentialId"])
    named = {"UserName": "ada", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    reset = iam.reset_service_specific_credential(**named)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != made["ServicePassword"]
    assert (reset["ServiceUserName"], reset["CreateDate"]) == (made["ServiceUserName"], made["CreateDate"])
    second = iam.create_service_specific_credential(UserName="ada", ServiceName=service)["ServiceSpecificCredential"]
    assert second["ServiceUserName"] == f"ada+1-at-{account.id}"
    with refused("LimitExceeded", 409, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"):
        iam.create_service_specific_credential(UserName="ada", ServiceName=service)
    iam.create_service_specific_credential(UserName="ada", ServiceName="cassandra.amazonaws.com")
    iam.update_service_specific_credential(**named, Status="Inactive")
    listed = iam.list_service_specific_credentials(UserName="ada", ServiceName=service)["ServiceSpecificCredentials"]
    assert {c["ServiceSpecificCredentialId"]: c["Status"] for c in listed} == {
        made["ServiceSpecificCredentialId"]: "Inactive", second["ServiceSpecificCredentialId"]: "Active",
    }
    assert "ServicePassword" not in listed[0]
    everyone = iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
    assert len(everyone) == 3 and {c["UserName"] for c in everyone} == {"ada"}
    iam.delete_service_specific_credential(**named)
    for call in (iam.delete_service_specific_credential, iam.reset_service_specific_credential):
        with refused("NoSuchEntity", 404):
            call(**named)
    with refused("NotSupportedService", 404, "No such service s3.amazonaws.com is supported"):
        iam.create_service_specific_credential(UserName="ada", ServiceName="s3.amazonaws.com")
    events = [e["CloudTrailEvent"] for e in account.client("cloudtrail").lookup_events()["Events"]]
    assert not any(made["ServicePassword"] in event or reset["ServicePassword"] in event for event in events)


def test_api_keys_expire(account, ada):
    made = account.iam.create_service_specific_credential(
        UserName="ada", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=2
    )["ServiceSpecificCredential"]
    assert made["ServiceCredentialSecret"] and "ServicePassword" not in made and "ServiceUserName" not in made
    assert (made["ExpirationDate"] - made["CreateDate"]).days == 2
    status = lambda: account.iam.list_service_specific_credentials(  # noqa: E731
        UserName="ada")["ServiceSpecificCredentials"][0]["Status"]
    assert status() == "Active"
    account.welkin.advance("3d")
    assert status() == "Expired"
    with refused("InvalidInput", 400):
        account.iam.create_service_specific_credential(
            UserName="ada", ServiceName="codecommit.amazonaws.com", CredentialAgeDays=2
        )


def test_which_service_and_how_long_can_be_limited(account):
    condition = {
        "StringEquals": {"iam:ServiceSpecificCredentialServiceName": "bedrock.amazonaws.com"},
        "NumericLessThanEquals": {"iam:ServiceSpecificCredentialAgeDays": "30"},
    }
    eve = account.user("eve", allow("iam:*", Condition=condition)).client("iam")
    for more in (
        {"ServiceName": "codecommit.amazonaws.com"},
        {"ServiceName": "bedrock.amazonaws.com"},
        {"ServiceName": "bedrock.amazonaws.com", "CredentialAgeDays": 31},
    ):
        with refused("AccessDenied", 403):
            eve.create_service_specific_credential(UserName="eve", **more)
    assert eve.create_service_specific_credential(
        UserName="eve", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=30
    )


def test_a_user_with_credentials_is_not_removed(account):
    iam = account.iam
    iam.create_user(UserName="bob")
    certificate_ = iam.upload_signing_certificate(
        UserName="bob", CertificateBody=pem_of(certificate("bob", rsa_key("leaf")))
    )["Certificate"]["CertificateId"]
    key = iam.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody=SSH)["SSHPublicKey"]["SSHPublicKeyId"]
    password = iam.create_service_specific_credential(UserName="bob", ServiceName="cassandra.amazonaws.com")
    password = password["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    for remove in (
        lambda: iam.delete_signing_certificate(UserName="bob", CertificateId=certificate_),
        lambda: iam.delete_ssh_public_key(UserName="bob", SSHPublicKeyId=key),
        lambda: iam.delete_service_specific_credential(UserName="bob", ServiceSpecificCredentialId=password),
    ):
        with refused("DeleteConflict", 409):
            iam.delete_user(UserName="bob")
        remove()
    iam.delete_user(UserName="bob")
