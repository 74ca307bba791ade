"""AWS's registry through a client of its formats: records are encoded with the id of their schema's version."""

import json

import pytest
from aws_schema_registry import DataAndSchema, KafkaDeserializer, KafkaSerializer, SchemaRegistryClient
from aws_schema_registry.avro import AvroSchema
from aws_schema_registry.exception import SchemaRegistryException
from aws_schema_registry.jsonschema import JsonSchema

ONE = {"type": "record", "name": "User", "fields": [{"name": "name", "type": "string"}]}
TWO = {**ONE, "fields": [*ONE["fields"], {"name": "age", "type": ["null", "int"], "default": None}]}
BROKEN = {**ONE, "fields": [{"name": "name", "type": "int"}]}
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@pytest.fixture
def client(glue):
    glue.create_registry(RegistryName="streams")
    return SchemaRegistryClient(glue, registry_name="streams", wait_interval_seconds=0.05)


def test_records_are_encoded_and_decoded_by_schemas_of_the_registry(glue, client):
    serializer, deserializer = KafkaSerializer(client), KafkaDeserializer(client)
    for definition, value in ((ONE, {"name": "a"}), (TWO, {"name": "b", "age": 7})):
        encoded = serializer.serialize("users", DataAndSchema(value, AvroSchema(json.dumps(definition))))
        assert deserializer.deserialize("users", encoded).data == value
    schema = {"RegistryName": "streams", "SchemaName": "users-value"}
    assert [one["VersionNumber"] for one in glue.list_schema_versions(SchemaId=schema)["Schemas"]] == [1, 2]
    person = DataAndSchema({"name": "c"}, JsonSchema(json.dumps(PERSON)))
    encoded = serializer.serialize("people", person)
    assert deserializer.deserialize("people", encoded).data == {"name": "c"}


def test_a_client_is_told_that_a_version_is_not_compatible(client):
    serializer = KafkaSerializer(client)
    serializer.serialize("users", DataAndSchema({"name": "a"}, AvroSchema(json.dumps(ONE))))
    with pytest.raises(SchemaRegistryException):
        serializer.serialize("users", DataAndSchema({"name": 1}, AvroSchema(json.dumps(BROKEN))))


def test_metadata_come_with_a_version(glue, client):
    version = client.get_or_register_schema_version(
        json.dumps(ONE), "users", "AVRO", metadata={"owner": "team"}
    )
    found = glue.query_schema_version_metadata(SchemaVersionId=str(version.version_id))["MetadataInfoMap"]
    assert found["owner"]["MetadataValue"] == "team"
