"""The Schema Registry: registries, schemas, versions and their metadata."""

import json
import time

import pytest

from listing import pages

STRING = json.dumps({"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]})


def record(*fields):
    """An Avro record: fields as "name type" or "name type default"."""

    def field(text):
        name, kind, *default = text.split(" ")
        return {"name": name, "type": kind, **({"default": json.loads(default[0])} if default else {})}

    return json.dumps({"type": "record", "name": "R", "fields": [field(text) for text in fields]})


@pytest.fixture
def registry(glue):
    """A registry named r."""
    glue.create_registry(RegistryName="r")
    return "r"


@pytest.fixture
def new_schema(glue, registry):
    """Makes schemas in r."""

    def make(name="s", definition=STRING, format="AVRO", compatibility="BACKWARD", **more):
        return glue.create_schema(
            RegistryId={"RegistryName": registry},
            SchemaName=name,
            DataFormat=format,
            Compatibility=compatibility,
            SchemaDefinition=definition,
            **more,
        )

    return make


S = {"RegistryName": "r", "SchemaName": "s"}


def gone(call, refused):
    """Waits until what is being deleted is gone."""
    until = time.monotonic() + 20
    while True:
        try:
            call()
        except Exception:
            break
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)
    with refused("EntityNotFoundException"):
        call()


def test_a_registry_is_created_shown_changed_and_deleted(glue, arn, refused):
    made = glue.create_registry(RegistryName="r", Description="d", Tags={"a": "1"})
    assert (made["RegistryName"], made["RegistryArn"]) == ("r", arn("registry/r"))
    assert (made["Description"], made["Tags"]) == ("d", {"a": "1"})
    with refused("AlreadyExistsException"):
        glue.create_registry(RegistryName="r")
    by_arn = {"RegistryArn": arn("registry/r")}
    glue.update_registry(RegistryId=by_arn, Description="other")
    shown = glue.get_registry(RegistryId={"RegistryName": "r"})
    assert (shown["Description"], shown["Status"]) == ("other", "AVAILABLE")
    assert shown["CreatedTime"].endswith("Z") and shown["UpdatedTime"] >= shown["CreatedTime"]
    with refused("InvalidInputException"):
        glue.get_registry(RegistryId={})
    with refused("InvalidInputException"):
        glue.get_registry(RegistryId={"RegistryArn": arn("schema/r/s")})
    assert glue.delete_registry(RegistryId=by_arn)["Status"] == "DELETING"
    gone(lambda: glue.get_registry(RegistryId=by_arn), refused)
    for call in (glue.delete_registry, lambda **o: glue.update_registry(**o, Description="d")):
        with refused("EntityNotFoundException"):
            call(RegistryId=by_arn)


def test_registries_are_listed_in_pages_and_limited(glue, refused):
    for number in range(100):
        glue.create_registry(RegistryName=f"r{number:02}")
    found = pages(glue.list_registries, "Registries", MaxResults=60)
    assert [[one["RegistryName"] for one in page] for page in found] == [
        [f"r{number:02}" for number in range(60)],
        [f"r{number:02}" for number in range(60, 100)],
    ]
    assert len(glue.list_registries()["Registries"]) == 25
    with refused("ResourceNumberLimitExceededException"):
        glue.create_registry(RegistryName="more")


def test_a_schema_is_created_shown_changed_and_deleted(glue, new_schema, arn, refused):
    made = new_schema(Description="d", Tags={"a": "1"})
    assert made["SchemaArn"] == arn("schema/r/s") and made["RegistryArn"] == arn("registry/r")
    assert (made["SchemaCheckpoint"], made["LatestSchemaVersion"], made["NextSchemaVersion"]) == (1, 1, 2)
    assert (made["SchemaStatus"], made["SchemaVersionStatus"], made["Tags"]) == ("AVAILABLE", "AVAILABLE", {"a": "1"})
    with refused("AlreadyExistsException"):
        new_schema()
    glue.register_schema_version(SchemaId=S, SchemaDefinition=record("a string", 'b string ""'))
    glue.update_schema(SchemaId=S, SchemaVersionNumber={"LatestVersion": True}, Compatibility="FULL", Description="e")
    shown = glue.get_schema(SchemaId={"SchemaArn": made["SchemaArn"]})
    assert (shown["SchemaCheckpoint"], shown["LatestSchemaVersion"], shown["NextSchemaVersion"]) == (2, 2, 3)
    assert (shown["Compatibility"], shown["Description"], shown["DataFormat"]) == ("FULL", "e", "AVRO")
    with refused("InvalidInputException"):
        glue.update_schema(SchemaId=S, Compatibility="NONE")
    with refused("InvalidInputException"):
        glue.update_schema(SchemaId=S)
    with refused("EntityNotFoundException"):
        glue.update_schema(SchemaId=S, SchemaVersionNumber={"VersionNumber": 7})
    assert glue.delete_schema(SchemaId=S)["Status"] == "DELETING"
    gone(lambda: glue.get_schema(SchemaId=S), refused)
    with refused("EntityNotFoundException", message="Schema version is not found."):
        glue.get_schema_version(SchemaVersionId=made["SchemaVersionId"])
    assert new_schema()["LatestSchemaVersion"] == 1


def test_schemas_go_with_their_registry(glue, new_schema, refused):
    made = new_schema()
    new_schema("t")
    glue.delete_registry(RegistryId={"RegistryName": "r"})
    gone(lambda: glue.get_registry(RegistryId={"RegistryName": "r"}), refused)
    with refused("EntityNotFoundException"):
        glue.get_schema_version(SchemaVersionId=made["SchemaVersionId"])
    assert glue.list_schemas()["Schemas"] == []


def test_the_default_registry_is_made_when_it_is_needed(glue, arn, refused):
    made = glue.create_schema(SchemaName="s", DataFormat="AVRO", Compatibility="NONE", SchemaDefinition=STRING)
    assert made["RegistryArn"] == arn("registry/default-registry")
    assert glue.get_schema(SchemaId={"SchemaName": "s"})["RegistryName"] == "default-registry"
    with refused("EntityNotFoundException"):
        glue.create_schema(
            RegistryId={"RegistryName": "none"}, SchemaName="s", DataFormat="AVRO", SchemaDefinition=STRING
        )


def test_a_definition_may_have_several_lines(glue, new_schema):
    definition = '{\n  "type": "string"\n}\n'
    version = new_schema(definition=definition)["SchemaVersionId"]
    assert glue.get_schema_version(SchemaVersionId=version)["SchemaDefinition"] == definition


def test_schemas_are_listed_in_pages(glue, new_schema):
    for name in ("c", "a", "b"):
        new_schema(name)
    glue.create_schema(SchemaName="z", DataFormat="AVRO", SchemaDefinition=STRING)
    found = pages(glue.list_schemas, "Schemas", RegistryId={"RegistryName": "r"}, MaxResults=2)
    assert [[one["SchemaName"] for one in page] for page in found] == [["a", "b"], ["c"]]
    found = pages(glue.list_schemas, "Schemas", MaxResults=3)
    assert [[one["SchemaName"] for one in page] for page in found] == [["z", "a", "b"], ["c"]]


def test_versions_are_registered_found_and_listed(glue, new_schema, refused):
    first = new_schema()["SchemaVersionId"]
    second = record("a string", 'b string ""')
    answer = glue.register_schema_version(SchemaId=S, SchemaDefinition=second)
    assert (answer["VersionNumber"], answer["Status"]) == (2, "AVAILABLE")
    spelled = json.dumps(dict(reversed(json.loads(second).items())), separators=(",", ":"))
    assert glue.register_schema_version(SchemaId=S, SchemaDefinition=spelled)["SchemaVersionId"] == answer["SchemaVersionId"]
    for choice in (
        {"SchemaVersionId": answer["SchemaVersionId"]},
        {"SchemaId": S, "SchemaVersionNumber": {"LatestVersion": True}},
        {"SchemaId": S, "SchemaVersionNumber": {"VersionNumber": 2}},
    ):
        shown = glue.get_schema_version(**choice)
        assert (shown["SchemaDefinition"], shown["VersionNumber"], shown["DataFormat"]) == (second, 2, "AVRO")
    by_definition = glue.get_schema_by_definition(SchemaId=S, SchemaDefinition=STRING)
    assert (by_definition["SchemaVersionId"], by_definition["Status"]) == (first, "AVAILABLE")
    with refused("EntityNotFoundException", message="Schema version is not found."):
        glue.get_schema_by_definition(SchemaId=S, SchemaDefinition='"int"')
    with refused("EntityNotFoundException", message="Schema is not found."):
        glue.get_schema_by_definition(SchemaId={**S, "SchemaName": "none"}, SchemaDefinition='"int"')
    for wrong in ({}, {"SchemaId": S}, {"SchemaId": S, "SchemaVersionNumber": {}}, {"SchemaVersionId": first, "SchemaId": S}):
        with refused("InvalidInputException"):
            glue.get_schema_version(**wrong)
    found = pages(glue.list_schema_versions, "Schemas", SchemaId=S, MaxResults=1)
    assert [[one["VersionNumber"] for one in page] for page in found] == [[1], [2]]


ONE, OPTIONAL, REQUIRED = record("a int"), record("a int", "b int 0"), record("a int", "b int")
CHANGED, OTHER = record("a long"), record("c string")


@pytest.mark.parametrize(
    "mode, before, new, status",
    [
        ("NONE", [ONE], OTHER, "AVAILABLE"),
        ("BACKWARD", [ONE], OPTIONAL, "AVAILABLE"),
        ("BACKWARD", [ONE], REQUIRED, "FAILURE"),
        ("BACKWARD", [REQUIRED], ONE, "AVAILABLE"),
        ("BACKWARD", [ONE], CHANGED, "AVAILABLE"),
        ("FORWARD", [ONE], CHANGED, "FAILURE"),
        ("FORWARD", [ONE], REQUIRED, "AVAILABLE"),
        ("FORWARD", [REQUIRED], ONE, "FAILURE"),
        ("FULL", [ONE], OPTIONAL, "AVAILABLE"),
        ("FULL", [ONE], REQUIRED, "FAILURE"),
        # The last version has the field, the first one has not.
        ("BACKWARD", [ONE, OPTIONAL], REQUIRED, "AVAILABLE"),
        ("BACKWARD_ALL", [ONE, OPTIONAL], REQUIRED, "FAILURE"),
        ("FORWARD_ALL", [ONE, REQUIRED], record("a int", "b int", "c int"), "AVAILABLE"),
        ("FULL_ALL", [ONE, OPTIONAL], record("a int", "d int 0"), "AVAILABLE"),
        ("FULL_ALL", [ONE, OPTIONAL], REQUIRED, "FAILURE"),
    ],
)
def test_new_versions_go_with_older_ones(glue, new_schema, mode, before, new, status):
    new_schema(definition=before[0], compatibility=mode)
    for definition in before[1:]:
        assert glue.register_schema_version(SchemaId=S, SchemaDefinition=definition)["Status"] == "AVAILABLE"
    answer = glue.register_schema_version(SchemaId=S, SchemaDefinition=new)
    assert (answer["Status"], answer["VersionNumber"]) == (status, len(before) + 1)
    latest = glue.get_schema_version(SchemaId=S, SchemaVersionNumber={"LatestVersion": True})["VersionNumber"]
    assert latest == len(before) + (status == "AVAILABLE"), "what failed is not the latest"
    assert glue.get_schema(SchemaId=S)["NextSchemaVersion"] == len(before) + 2


def test_a_checkpoint_ends_what_all_versions_are(glue, new_schema):
    new_schema(definition=ONE, compatibility="BACKWARD_ALL")
    glue.register_schema_version(SchemaId=S, SchemaDefinition=OPTIONAL)
    glue.update_schema(SchemaId=S, SchemaVersionNumber={"VersionNumber": 2})
    assert glue.register_schema_version(SchemaId=S, SchemaDefinition=REQUIRED)["Status"] == "AVAILABLE"


def test_many_versions_are_judged_by_a_job(welkin, glue, new_schema):
    new_schema(definition=ONE, compatibility="FULL_ALL")
    for number in range(19):
        definition = record("a int", f"f{number} int 0")
        assert glue.register_schema_version(SchemaId=S, SchemaDefinition=definition)["Status"] == "AVAILABLE"
    for definition, status in ((record("a int", "g int 0"), "AVAILABLE"), (record("a long"), "FAILURE")):
        answer = glue.register_schema_version(SchemaId=S, SchemaDefinition=definition)
        until = time.monotonic() + 20
        while answer["Status"] == "PENDING":
            assert time.monotonic() < until
            answer = glue.get_schema_version(SchemaVersionId=answer["SchemaVersionId"])
        assert answer["Status"] == status
    assert glue.get_schema(SchemaId=S)["LatestSchemaVersion"] == 21


def test_disabled_schemas_have_one_version(glue, new_schema, refused):
    new_schema(compatibility="DISABLED")
    with refused("InvalidInputException", message="DISABLED"):
        glue.register_schema_version(SchemaId=S, SchemaDefinition='"int"')


def person(required=("name",), **properties):
    return json.dumps(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {"name": {"type": "string"}, **properties},
            "required": list(required),
        }
    )


@pytest.mark.parametrize(
    "mode, old, new, status",
    [
        ("BACKWARD", person(), person(age={"type": "integer"}), "AVAILABLE"),
        ("FULL", person(), person(age={"type": "integer"}), "AVAILABLE"),
        ("BACKWARD", person(), person(("name", "age"), age={"type": "integer"}), "FAILURE"),
        ("FORWARD", person(), person(("name", "age"), age={"type": "integer"}), "AVAILABLE"),
        ("FORWARD", person(), person(()), "FAILURE"),
        ("BACKWARD", person(age={"type": "integer"}), person(age={"type": "number"}), "AVAILABLE"),
        ("FORWARD", person(age={"type": "integer"}), person(age={"type": "number"}), "FAILURE"),
    ],
)
def test_json_schemas_are_compared(glue, new_schema, mode, old, new, status):
    new_schema(definition=old, format="JSON", compatibility=mode)
    assert glue.register_schema_version(SchemaId=S, SchemaDefinition=new)["Status"] == status


def test_definitions_are_checked(glue, new_schema, refused):
    def checked(format, definition):
        return glue.check_schema_version_validity(DataFormat=format, SchemaDefinition=definition)

    assert checked("AVRO", STRING)["Valid"] is True
    assert checked("JSON", person())["Valid"] is True
    for format, definition in (("AVRO", "{"), ("AVRO", '"nothing"'), ("JSON", '{"type": "nothing"}')):
        answer = checked(format, definition)
        assert answer["Valid"] is False and answer["Error"]
        with refused("InvalidInputException"):
            new_schema("x", definition, format)
    new_schema()
    with refused("InvalidInputException"):
        glue.register_schema_version(SchemaId=S, SchemaDefinition="{}")
    with refused("NotImplemented", 501, message="PROTOBUF"):
        checked("PROTOBUF", 'syntax = "proto3";')


def test_versions_are_deleted_but_not_those_that_are_needed(glue, new_schema, refused):
    new_schema(definition=ONE, compatibility="NONE")
    for definition in (OPTIONAL, REQUIRED, CHANGED, OTHER):
        glue.register_schema_version(SchemaId=S, SchemaDefinition=definition)
    with refused("InvalidInputException", message="checkpoint"):
        glue.delete_schema_versions(SchemaId=S, Versions="1-2")
    answer = glue.delete_schema_versions(SchemaId=S, Versions="4-9")
    (error,) = answer["SchemaVersionErrors"]
    assert (error["VersionNumber"], error["ErrorDetails"]["ErrorCode"]) == (6, "EntityNotFoundException")
    assert [one["VersionNumber"] for one in glue.list_schema_versions(SchemaId=S)["Schemas"]] == [1, 2, 3]
    shown = glue.get_schema(SchemaId=S)
    assert (shown["LatestSchemaVersion"], shown["NextSchemaVersion"]) == (3, 6)
    glue.update_schema(SchemaId=S, SchemaVersionNumber={"VersionNumber": 2}, Compatibility="FULL")
    with refused("InvalidInputException", message="first"):
        glue.delete_schema_versions(SchemaId=S, Versions="1")
    (error,) = glue.delete_schema_versions(SchemaId=S, Versions="3")["SchemaVersionErrors"]
    assert error["ErrorDetails"]["ErrorCode"] == "InvalidInputException"
    assert glue.register_schema_version(SchemaId=S, SchemaDefinition=REQUIRED)["VersionNumber"] == 3


def test_differences_are_a_json_patch(glue, new_schema):
    new_schema(definition=ONE)
    glue.register_schema_version(SchemaId=S, SchemaDefinition=OPTIONAL)
    number = {"FirstSchemaVersionNumber": {"VersionNumber": 1}, "SecondSchemaVersionNumber": {"LatestVersion": True}}
    diff = glue.get_schema_versions_diff(SchemaId=S, SchemaDiffType="SYNTAX_DIFF", **number)["Diff"]
    assert json.loads(diff) == [
        {"op": "add", "path": "/fields/1", "value": {"name": "b", "type": "int", "default": 0}}
    ]


def test_versions_have_metadata(glue, new_schema, refused):
    id = new_schema()["SchemaVersionId"]

    def pair(key, value):
        return {"MetadataKey": key, "MetadataValue": value}

    put = glue.put_schema_version_metadata(SchemaVersionId=id, MetadataKeyValue=pair("k", "1"))
    assert (put["LatestVersion"], put["VersionNumber"], put["MetadataValue"]) == (True, 1, "1")
    by_number = {"SchemaId": S, "SchemaVersionNumber": {"LatestVersion": True}}
    glue.put_schema_version_metadata(**by_number, MetadataKeyValue=pair("k", "2"))
    with refused("AlreadyExistsException"):
        glue.put_schema_version_metadata(SchemaVersionId=id, MetadataKeyValue=pair("k", "1"))
    for number in range(8):
        glue.put_schema_version_metadata(SchemaVersionId=id, MetadataKeyValue=pair(f"n{number}", "x"))
    with refused("ResourceNumberLimitExceededException"):
        glue.put_schema_version_metadata(SchemaVersionId=id, MetadataKeyValue=pair("more", "x"))
    found = glue.query_schema_version_metadata(SchemaVersionId=id, MetadataList=[{"MetadataKey": "k"}])["MetadataInfoMap"]
    assert found["k"]["MetadataValue"] == "2"
    assert [one["MetadataValue"] for one in found["k"]["OtherMetadataValueList"]] == ["1"]
    answer = glue.query_schema_version_metadata(SchemaVersionId=id, MaxResults=6)
    rest = glue.query_schema_version_metadata(SchemaVersionId=id, NextToken=answer["NextToken"])
    assert sorted([*answer["MetadataInfoMap"], *rest["MetadataInfoMap"]]) == ["k", *(f"n{n}" for n in range(8))]
    glue.remove_schema_version_metadata(**by_number, MetadataKeyValue=pair("k", "2"))
    with refused("EntityNotFoundException"):
        glue.remove_schema_version_metadata(SchemaVersionId=id, MetadataKeyValue=pair("k", "2"))
    assert glue.query_schema_version_metadata(**by_number)["MetadataInfoMap"]["k"]["MetadataValue"] == "1"


def test_registries_and_schemas_are_tagged(glue, new_schema, arn):
    new_schema()
    for resource in (arn("registry/r"), arn("schema/r/s")):
        glue.tag_resource(ResourceArn=resource, TagsToAdd={"a": "1", "b": "2"})
        glue.untag_resource(ResourceArn=resource, TagsToRemove=["a"])
        assert glue.get_tags(ResourceArn=resource)["Tags"] == {"b": "2"}


def test_columns_of_a_table_come_from_a_schema(glue, new_schema, database, user, refused):
    id = new_schema(definition=record("id long", "name string"))["SchemaVersionId"]
    glue.register_schema_version(SchemaId=S, SchemaDefinition=record("id long", "name string", "at int 0"))

    def table(name, **reference):
        return {"Name": name, "StorageDescriptor": {"Location": "s3://b/t/", "SchemaReference": reference}}

    glue.create_table(DatabaseName=database, TableInput=table("t", SchemaVersionId=id))
    glue.create_table(DatabaseName=database, TableInput=table("u", SchemaId=S, SchemaVersionNumber=2))

    def columns(name):
        descriptor = glue.get_table(DatabaseName=database, Name=name)["Table"]["StorageDescriptor"]
        assert descriptor["SchemaReference"]
        return [(column["Name"], column["Type"]) for column in descriptor["Columns"]]

    assert columns("t") == [("id", "bigint"), ("name", "string")]
    assert columns("u") == [("id", "bigint"), ("name", "string"), ("at", "int")]
    glue.update_table(DatabaseName=database, TableInput=table("t", SchemaId=S, SchemaVersionNumber=2))
    assert len(columns("t")) == 3
    with refused("EntityNotFoundException"):
        glue.create_table(DatabaseName=database, TableInput=table("v", SchemaId=S, SchemaVersionNumber=9))
    with refused("AccessDeniedException", message="glue:GetSchemaVersion"):
        user("glue:CreateTable").create_table(DatabaseName=database, TableInput=table("v", SchemaVersionId=id))
