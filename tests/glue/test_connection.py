"""Connections, and how their passwords are kept."""

import base64

import pytest

from listing import pages


def jdbc(name, **more):
    properties = {"JDBC_CONNECTION_URL": "jdbc:mysql://h/d", "USERNAME": "u", "PASSWORD": "secret"}
    return {"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties, **more}


def test_a_connection_is_created_shown_changed_and_deleted(glue, account, refused):
    place = {"SubnetId": "subnet-1", "SecurityGroupIdList": ["sg-1"], "AvailabilityZone": "us-east-1a"}
    definition = jdbc("c", Description="d", MatchCriteria=["m"], PhysicalConnectionRequirements=place)
    assert glue.create_connection(ConnectionInput=definition)["CreateConnectionStatus"] == "READY"
    shown = glue.get_connection(Name="c")["Connection"]
    assert {key: shown[key] for key in definition} == definition
    assert (shown["Status"], shown["LastUpdatedBy"]) == ("READY", f"arn:aws:iam::{account}:root")
    with refused("AlreadyExistsException"):
        glue.create_connection(ConnectionInput=definition)
    glue.update_connection(Name="c", ConnectionInput=jdbc("c", Description="other"))
    assert glue.get_connection(Name="c")["Connection"]["Description"] == "other"
    with refused("InvalidInputException"):
        glue.update_connection(Name="c", ConnectionInput=jdbc("renamed"))
    glue.delete_connection(ConnectionName="c")
    with refused("EntityNotFoundException"):
        glue.get_connection(Name="c")
    with refused("EntityNotFoundException"):
        glue.delete_connection(ConnectionName="c")
    with refused("EntityNotFoundException"):
        glue.update_connection(Name="c", ConnectionInput=jdbc("c"))


def test_a_password_can_be_hidden(glue):
    glue.create_connection(ConnectionInput=jdbc("c"))
    hidden = glue.get_connection(Name="c", HidePassword=True)["Connection"]["ConnectionProperties"]
    assert "PASSWORD" not in hidden and hidden["USERNAME"] == "u"
    (listed,) = glue.get_connections(HidePassword=True)["ConnectionList"]
    assert "PASSWORD" not in listed["ConnectionProperties"]
    (listed,) = glue.get_connections()["ConnectionList"]
    assert listed["ConnectionProperties"]["PASSWORD"] == "secret"


def test_connections_are_listed_in_pages_and_by_filters(glue, refused):
    glue.create_connection(ConnectionInput=jdbc("b", MatchCriteria=["x", "y"]))
    glue.create_connection(ConnectionInput=jdbc("a"))
    network = {"Name": "c", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=network)

    def listed(**options):
        return [connection["Name"] for connection in glue.get_connections(**options)["ConnectionList"]]

    found = pages(glue.get_connections, "ConnectionList", MaxResults=2)
    assert [[one["Name"] for one in page] for page in found] == [["a", "b"], ["c"]]
    assert listed(Filter={"ConnectionType": "NETWORK"}) == ["c"]
    assert listed(Filter={"MatchCriteria": ["y"]}) == ["b"]
    assert listed(Filter={"MatchCriteria": ["y", "z"]}) == []
    assert listed(Filter={"ConnectionSchemaVersion": 2}) == []
    answer = glue.batch_delete_connection(ConnectionNameList=["a", "none", "c"])
    assert sorted(answer["Succeeded"]) == ["a", "c"]
    assert answer["Errors"]["none"]["ErrorCode"] == "EntityNotFoundException"
    assert listed() == ["b"]


@pytest.mark.parametrize(
    "more, name",
    [
        ({"ValidateCredentials": True}, "ValidateCredentials"),
        (
            {"AuthenticationConfiguration": {"BasicAuthenticationCredentials": {"Username": "u", "Password": "p"}}},
            "AuthenticationConfiguration",
        ),
    ],
)
def test_what_is_not_there_yet_is_refused_by_name(glue, refused, more, name):
    with refused("NotImplemented", 501, message=name):
        glue.create_connection(ConnectionInput=jdbc("c", **more))


def test_sftp_is_not_supported(glue, refused):
    with refused("InvalidInputException"):
        glue.create_connection(ConnectionInput={**jdbc("c"), "ConnectionType": "SFTP"})


def test_passwords_are_encrypted_by_the_key_of_the_catalog(welkin, glue, account, user, refused):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    settings = {"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": key}}
    glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)
    shown = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert shown["ConnectionPasswordEncryption"] == settings["ConnectionPasswordEncryption"]
    glue.create_connection(ConnectionInput=jdbc("c"))
    properties = glue.get_connection(Name="c")["Connection"]["ConnectionProperties"]
    assert "PASSWORD" not in properties
    encrypted = base64.b64decode(properties["ENCRYPTED_PASSWORD"])
    assert kms.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"secret"
    hidden = glue.get_connection(Name="c", HidePassword=True)["Connection"]["ConnectionProperties"]
    assert "ENCRYPTED_PASSWORD" not in hidden
    with refused("GlueEncryptionException", message="kms:Encrypt"):
        user("glue:CreateConnection").create_connection(ConnectionInput=jdbc("d"))
    user("glue:CreateConnection", "kms:Encrypt").create_connection(ConnectionInput=jdbc("d"))


def test_settings_begin_open_and_what_is_not_there_yet_is_refused(glue, refused):
    shown = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert shown == {
        "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
        "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
    }
    with refused("NotImplemented", 501, message="EncryptionAtRest"):
        glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS"}}
        )
    with refused("InvalidInputException"):
        glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True}}
        )
