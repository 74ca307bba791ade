"""Who may do what: each operation needs its action, on the thing and on all that it is in."""

import datetime
import json
import time

import pytest

T = {"DatabaseName": "db", "TableName": "p"}
V = {**T, "PartitionValues": ["Chile", "2020"]}
STATISTICS = {
    "ColumnName": "id",
    "ColumnType": "int",
    "AnalyzedTime": datetime.datetime(2024, 1, 1),
    "StatisticsData": {
        "Type": "BOOLEAN",
        "BooleanColumnStatisticsData": {"NumberOfTrues": 1, "NumberOfFalses": 1, "NumberOfNulls": 0},
    },
}
NETWORK = {"Name": "c", "ConnectionType": "NETWORK", "ConnectionProperties": {}}

CATALOG, DATABASE, TABLE, FUNCTION, CONNECTION = "catalog", "database/db", "table/db/p", "userDefinedFunction/db/f", "connection/c"
OF_TABLE = [CATALOG, DATABASE, TABLE]

# Each operation with a call of it and the resources that it needs.
CALLS = {
    "CreateDatabase": ([CATALOG, "database/new"], lambda g, a: g.create_database(DatabaseInput={"Name": "new"})),
    "GetDatabase": ([CATALOG, DATABASE], lambda g, a: g.get_database(Name="db")),
    "GetDatabases": ([CATALOG], lambda g, a: g.get_databases()),
    "UpdateDatabase": ([CATALOG, DATABASE], lambda g, a: g.update_database(Name="db", DatabaseInput={"Name": "db"})),
    "DeleteDatabase": (
        [CATALOG, DATABASE, "table/db/*", "userDefinedFunction/db/*"],
        lambda g, a: g.delete_database(Name="db"),
    ),
    "CreateTable": (
        [CATALOG, DATABASE, "table/db/new"],
        lambda g, a: g.create_table(DatabaseName="db", TableInput={"Name": "new"}),
    ),
    "GetTable": (OF_TABLE, lambda g, a: g.get_table(DatabaseName="db", Name="p")),
    "GetTables": ([CATALOG, DATABASE], lambda g, a: g.get_tables(DatabaseName="db")),
    "SearchTables": ([CATALOG], lambda g, a: g.search_tables()),
    "UpdateTable": (OF_TABLE, lambda g, a: g.update_table(DatabaseName="db", TableInput={"Name": "p"})),
    "DeleteTable": (OF_TABLE, lambda g, a: g.delete_table(DatabaseName="db", Name="p")),
    "BatchDeleteTable": (OF_TABLE, lambda g, a: g.batch_delete_table(DatabaseName="db", TablesToDelete=["p"])),
    "GetTableVersion": (OF_TABLE, lambda g, a: g.get_table_version(**T)),
    "GetTableVersions": (OF_TABLE, lambda g, a: g.get_table_versions(**T)),
    "DeleteTableVersion": (OF_TABLE, lambda g, a: g.delete_table_version(**T, VersionId="0")),
    "BatchDeleteTableVersion": (OF_TABLE, lambda g, a: g.batch_delete_table_version(**T, VersionIds=["0"])),
    "CreatePartition": (OF_TABLE, lambda g, a: g.create_partition(**T, PartitionInput={"Values": ["Peru", "1"]})),
    "BatchCreatePartition": (OF_TABLE, lambda g, a: g.batch_create_partition(**T, PartitionInputList=[])),
    "GetPartition": (OF_TABLE, lambda g, a: g.get_partition(**V)),
    "BatchGetPartition": (OF_TABLE, lambda g, a: g.batch_get_partition(**T, PartitionsToGet=[])),
    "GetPartitions": (OF_TABLE, lambda g, a: g.get_partitions(**T)),
    "UpdatePartition": (
        OF_TABLE,
        lambda g, a: g.update_partition(**T, PartitionValueList=["Chile", "2020"], PartitionInput={}),
    ),
    "BatchUpdatePartition": (
        OF_TABLE,
        lambda g, a: g.batch_update_partition(
            **T, Entries=[{"PartitionValueList": ["Chile", "2020"], "PartitionInput": {}}]
        ),
    ),
    "DeletePartition": (OF_TABLE, lambda g, a: g.delete_partition(**V)),
    "BatchDeletePartition": (OF_TABLE, lambda g, a: g.batch_delete_partition(**T, PartitionsToDelete=[])),
    "CreatePartitionIndex": (
        OF_TABLE,
        lambda g, a: g.create_partition_index(**T, PartitionIndex={"IndexName": "new", "Keys": ["year"]}),
    ),
    "GetPartitionIndexes": (OF_TABLE, lambda g, a: g.get_partition_indexes(**T)),
    "DeletePartitionIndex": (OF_TABLE, lambda g, a: g.delete_partition_index(**T, IndexName="i")),
    "UpdateColumnStatisticsForTable": (
        OF_TABLE,
        lambda g, a: g.update_column_statistics_for_table(**T, ColumnStatisticsList=[STATISTICS]),
    ),
    "GetColumnStatisticsForTable": (
        OF_TABLE,
        lambda g, a: g.get_column_statistics_for_table(**T, ColumnNames=["id"]),
    ),
    "DeleteColumnStatisticsForTable": (
        OF_TABLE,
        lambda g, a: g.delete_column_statistics_for_table(**T, ColumnName="id"),
    ),
    "UpdateColumnStatisticsForPartition": (
        OF_TABLE,
        lambda g, a: g.update_column_statistics_for_partition(**V, ColumnStatisticsList=[STATISTICS]),
    ),
    "GetColumnStatisticsForPartition": (
        OF_TABLE,
        lambda g, a: g.get_column_statistics_for_partition(**V, ColumnNames=["id"]),
    ),
    "DeleteColumnStatisticsForPartition": (
        OF_TABLE,
        lambda g, a: g.delete_column_statistics_for_partition(**V, ColumnName="id"),
    ),
    "CreateUserDefinedFunction": (
        [CATALOG, DATABASE],
        lambda g, a: g.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": "new"}),
    ),
    "GetUserDefinedFunction": (
        [CATALOG, DATABASE, FUNCTION],
        lambda g, a: g.get_user_defined_function(DatabaseName="db", FunctionName="f"),
    ),
    "GetUserDefinedFunctions": (
        [CATALOG, DATABASE],
        lambda g, a: g.get_user_defined_functions(DatabaseName="db", Pattern="*"),
    ),
    "UpdateUserDefinedFunction": (
        [CATALOG, DATABASE, FUNCTION],
        lambda g, a: g.update_user_defined_function(DatabaseName="db", FunctionName="f", FunctionInput={}),
    ),
    "DeleteUserDefinedFunction": (
        [CATALOG, DATABASE, FUNCTION],
        lambda g, a: g.delete_user_defined_function(DatabaseName="db", FunctionName="f"),
    ),
    "CreateConnection": ([CATALOG], lambda g, a: g.create_connection(ConnectionInput={**NETWORK, "Name": "new"})),
    "GetConnection": ([CATALOG, CONNECTION], lambda g, a: g.get_connection(Name="c")),
    "GetConnections": ([CATALOG], lambda g, a: g.get_connections()),
    "UpdateConnection": ([CATALOG, CONNECTION], lambda g, a: g.update_connection(Name="c", ConnectionInput=NETWORK)),
    "DeleteConnection": ([CATALOG, CONNECTION], lambda g, a: g.delete_connection(ConnectionName="c")),
    "BatchDeleteConnection": (
        [CATALOG, CONNECTION],
        lambda g, a: g.batch_delete_connection(ConnectionNameList=["c"]),
    ),
    "PutDataCatalogEncryptionSettings": (
        [CATALOG],
        lambda g, a: g.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={}),
    ),
    "GetDataCatalogEncryptionSettings": ([CATALOG], lambda g, a: g.get_data_catalog_encryption_settings()),
    "PutResourcePolicy": ([CATALOG], lambda g, a: g.put_resource_policy(PolicyInJson=policy_of(a))),
    "GetResourcePolicy": ([CATALOG], lambda g, a: g.get_resource_policy()),
    "GetResourcePolicies": ([CATALOG], lambda g, a: g.get_resource_policies()),
    "DeleteResourcePolicy": ([CATALOG], lambda g, a: g.delete_resource_policy()),
    "GetCatalogImportStatus": ([CATALOG], lambda g, a: g.get_catalog_import_status()),
    "ImportCatalogToGlue": ([CATALOG], lambda g, a: g.import_catalog_to_glue()),
    "TagResource": ([DATABASE], lambda g, a: g.tag_resource(ResourceArn=a(DATABASE), TagsToAdd={"a": "b"})),
    "UntagResource": ([DATABASE], lambda g, a: g.untag_resource(ResourceArn=a(DATABASE), TagsToRemove=["a"])),
    "GetTags": ([DATABASE], lambda g, a: g.get_tags(ResourceArn=a(DATABASE))),
}


def policy_of(arn):
    """A policy that gives nothing to anyone of these tests."""
    statement = {"Effect": "Allow", "Action": "glue:GetTags", "Resource": arn("*"), "Principal": {"AWS": "111122223333"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def full(glue, arn, partitioned):
    """A catalog in which there is one of everything."""
    glue.update_table(
        DatabaseName="db",
        TableInput={
            "Name": "p",
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]},
            "PartitionKeys": [{"Name": "country", "Type": "string"}, {"Name": "year", "Type": "int"}],
        },
    )
    glue.create_partition(**T, PartitionInput={"Values": ["Chile", "2020"]})
    glue.create_partition_index(**T, PartitionIndex={"IndexName": "i", "Keys": ["year"]})
    glue.update_column_statistics_for_table(**T, ColumnStatisticsList=[STATISTICS])
    glue.update_column_statistics_for_partition(**V, ColumnStatisticsList=[STATISTICS])
    glue.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": "f"})
    glue.create_connection(ConnectionInput=NETWORK)
    glue.put_resource_policy(PolicyInJson=policy_of(arn))
    until = time.monotonic() + 20
    while glue.get_partition_indexes(**T)["PartitionIndexDescriptorList"][0]["IndexStatus"] != "ACTIVE":
        assert time.monotonic() < until, "the index is not made"


@pytest.mark.parametrize("operation", CALLS)
def test_each_operation_needs_its_action_and_no_other(user, arn, full, refused, operation):
    resources, call = CALLS[operation]
    with refused("AccessDeniedException", message=f"is not authorized to perform: glue:{operation}"):
        call(user("glue:Nothing"), arn)
    call(user(f"glue:{operation}", resource=[arn(resource) for resource in resources]), arn)


@pytest.mark.parametrize("operation", [name for name, (resources, _) in CALLS.items() if len(resources) > 1])
def test_each_resource_of_an_operation_must_be_permitted(user, arn, full, refused, operation):
    resources, call = CALLS[operation]
    for missing in resources:
        rest = [arn(resource) for resource in resources if resource != missing]
        with refused("AccessDeniedException", message=arn(missing)):
            call(user(f"glue:{operation}", resource=rest), arn)


def test_listings_have_what_the_caller_may_see(glue, user, arn, new_table):
    for name in ("customers", "stores", "store_sales"):
        new_table(name)
    path = [arn("catalog"), arn("database/db"), arn("table/db/store*")]
    found = user("glue:GetTables", resource=path).get_tables(DatabaseName="db")["TableList"]
    assert [table["Name"] for table in found] == ["store_sales", "stores"]
    found = user("glue:SearchTables", resource=path).search_tables()["TableList"]
    assert [table["Name"] for table in found] == ["store_sales", "stores"]
    glue.create_database(DatabaseInput={"Name": "hidden"})
    found = user("glue:GetDatabases", resource=path).get_databases()["DatabaseList"]
    assert [database["Name"] for database in found] == ["db"]


def test_names_in_policies_are_folded_ones(user, arn, new_table):
    new_table("t")
    path = [arn("catalog"), arn("database/db"), arn("table/db/t")]
    reader = user("glue:GetTable", resource=path)
    assert reader.get_table(DatabaseName="DB", Name="T")["Table"]["Name"] == "t"


def test_calls_are_on_the_record(welkin, glue, account, table):
    welkin.advance("16m")
    trail = welkin.client("cloudtrail", account)
    found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTable"}])
    (event,) = [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]
    assert event["eventSource"] == "glue.amazonaws.com" and event["userIdentity"]["accountId"] == account
    assert event["requestParameters"]["databaseName"] == "db" and event["requestParameters"]["tableInput"]["name"] == "t"


def test_an_old_catalog_has_nothing_to_import(glue, account):
    assert glue.get_catalog_import_status()["ImportStatus"] == {"ImportCompleted": True}
    glue.import_catalog_to_glue()
    status = glue.get_catalog_import_status()["ImportStatus"]
    assert status["ImportedBy"] == f"arn:aws:iam::{account}:root" and status["ImportTime"]


def test_what_is_not_there_yet_is_refused_by_name(glue, refused):
    with refused("NotImplemented", 501, message="CreateJob"):
        glue.create_job(Name="j", Role="r", Command={"Name": "glueetl"})
