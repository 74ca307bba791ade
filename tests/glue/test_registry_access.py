"""Who may do what in the Schema Registry: each operation needs its action, on the schema and on its registry."""

import pytest

R, S = {"RegistryId": {"RegistryName": "r"}}, {"SchemaId": {"RegistryName": "r", "SchemaName": "s"}}
FIRST = {"SchemaVersionNumber": {"VersionNumber": 1}}
PAIR = {"MetadataKeyValue": {"MetadataKey": "k", "MetadataValue": "v"}}
DIFF = {"FirstSchemaVersionNumber": {"VersionNumber": 1}, "SecondSchemaVersionNumber": {"VersionNumber": 1}}
REGISTRY, SCHEMA = "registry/r", "schema/r/s"
BOTH = [REGISTRY, SCHEMA]

# Each operation with a call of it and the resources that it needs.
CALLS = {
    "CreateRegistry": (["registry/new"], lambda g: g.create_registry(RegistryName="new")),
    "GetRegistry": ([REGISTRY], lambda g: g.get_registry(**R)),
    "UpdateRegistry": ([REGISTRY], lambda g: g.update_registry(**R, Description="d")),
    "DeleteRegistry": ([REGISTRY], lambda g: g.delete_registry(**R)),
    "ListRegistries": ([], lambda g: g.list_registries()),
    "CreateSchema": (
        [REGISTRY, "schema/r/new"],
        lambda g: g.create_schema(**R, SchemaName="new", DataFormat="AVRO", SchemaDefinition='"int"'),
    ),
    "GetSchema": (BOTH, lambda g: g.get_schema(**S)),
    "UpdateSchema": (BOTH, lambda g: g.update_schema(**S, Description="d")),
    "DeleteSchema": (BOTH, lambda g: g.delete_schema(**S)),
    "ListSchemas": ([REGISTRY], lambda g: g.list_schemas(**R)),
    "RegisterSchemaVersion": (BOTH, lambda g: g.register_schema_version(**S, SchemaDefinition='"int"')),
    "GetSchemaVersion": (BOTH, lambda g: g.get_schema_version(**S, **FIRST)),
    "GetSchemaByDefinition": (BOTH, lambda g: g.get_schema_by_definition(**S, SchemaDefinition='"int"')),
    "ListSchemaVersions": (BOTH, lambda g: g.list_schema_versions(**S)),
    "DeleteSchemaVersions": (BOTH, lambda g: g.delete_schema_versions(**S, Versions="2")),
    "GetSchemaVersionsDiff": (BOTH, lambda g: g.get_schema_versions_diff(**S, **DIFF, SchemaDiffType="SYNTAX_DIFF")),
    "CheckSchemaVersionValidity": (
        [],
        lambda g: g.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition='"int"'),
    ),
    "PutSchemaVersionMetadata": (BOTH, lambda g: g.put_schema_version_metadata(**S, **FIRST, **PAIR)),
    "QuerySchemaVersionMetadata": (BOTH, lambda g: g.query_schema_version_metadata(**S, **FIRST)),
    "RemoveSchemaVersionMetadata": (BOTH, lambda g: g.remove_schema_version_metadata(**S, **FIRST, **PAIR)),
}


@pytest.fixture
def full(glue):
    """A registry with a schema, whose version has metadata."""
    glue.create_registry(RegistryName="r")
    glue.create_schema(**R, SchemaName="s", DataFormat="AVRO", Compatibility="NONE", SchemaDefinition='"int"')


@pytest.mark.parametrize("operation", CALLS)
def test_each_operation_needs_its_action_and_no_other(glue, user, arn, full, refused, operation):
    resources, call = CALLS[operation]
    if operation == "RemoveSchemaVersionMetadata":
        glue.put_schema_version_metadata(**S, **FIRST, **PAIR)
    with refused("AccessDeniedException", message=f"is not authorized to perform: glue:{operation}"):
        call(user("glue:Nothing"))
    call(user(f"glue:{operation}", resource=[arn(resource) for resource in resources] or "*"))


@pytest.mark.parametrize("operation", [name for name, (resources, _) in CALLS.items() if len(resources) > 1])
def test_each_resource_of_an_operation_must_be_permitted(user, arn, full, refused, operation):
    resources, call = CALLS[operation]
    for missing in resources:
        rest = [arn(resource) for resource in resources if resource != missing]
        with refused("AccessDeniedException", message=arn(missing)):
            call(user(f"glue:{operation}", resource=rest))


def test_an_id_of_a_version_leads_to_its_schema(glue, user, arn, full, refused):
    id = glue.get_schema_version(**S, **FIRST)["SchemaVersionId"]
    reader = user("glue:GetSchemaVersion", resource=[arn(REGISTRY), arn(SCHEMA)])
    assert reader.get_schema_version(SchemaVersionId=id)["VersionNumber"] == 1
    with refused("AccessDeniedException", message=arn(SCHEMA)):
        user("glue:GetSchemaVersion", resource=[arn(REGISTRY)]).get_schema_version(SchemaVersionId=id)


def test_other_accounts_are_denied(welkin, full, arn, refused):
    with refused("AccessDeniedException"):
        welkin.client("glue", welkin.account()).get_schema(SchemaId={"SchemaArn": arn(SCHEMA)})


def test_a_schema_made_with_tags_needs_the_right_to_tag(user, full, refused):
    options = {**R, "SchemaName": "new", "DataFormat": "AVRO", "SchemaDefinition": '"int"', "Tags": {"team": "red"}}
    with refused("AccessDeniedException", message="glue:TagResource"):
        user("glue:CreateSchema").create_schema(**options)
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    user("glue:CreateSchema", "glue:TagResource", Condition=condition).create_schema(**options)
