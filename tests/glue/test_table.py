"""Tables and their versions."""

import concurrent.futures

import pytest
from botocore.exceptions import ClientError

from listing import pages


def names(tables):
    return [table["Name"] for table in tables]


def test_a_table_is_created_and_shown_as_it_was_given(glue, database, account):
    descriptor = {
        "Columns": [{"Name": "id", "Type": "bigint", "Comment": "c", "Parameters": {"x": "y"}}],
        "Location": "s3://b/t/",
        "AdditionalLocations": ["s3://b/u/"],
        "InputFormat": "in",
        "OutputFormat": "out",
        "Compressed": True,
        "NumberOfBuckets": 4,
        "SerdeInfo": {"Name": "s", "SerializationLibrary": "lib", "Parameters": {"field.delim": ","}},
        "BucketColumns": ["id"],
        "SortColumns": [{"Column": "id", "SortOrder": 1}],
        "Parameters": {"p": "q"},
        "SkewedInfo": {"SkewedColumnNames": ["id"], "SkewedColumnValues": ["1"], "SkewedColumnValueLocationMaps": {}},
        "StoredAsSubDirectories": False,
    }
    definition = {
        "Description": "d",
        "Owner": "o",
        "Retention": 7,
        "StorageDescriptor": descriptor,
        "PartitionKeys": [{"Name": "day", "Type": "date"}],
        "ViewOriginalText": "v",
        "ViewExpandedText": "w",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv"},
    }
    glue.create_table(DatabaseName="DB", TableInput={"Name": "Sales", **definition})
    shown = glue.get_table(DatabaseName="db", Name="SALES")["Table"]
    assert {key: shown[key] for key in definition} == definition
    assert (shown["Name"], shown["DatabaseName"], shown["CatalogId"]) == ("sales", "db", account)
    assert shown["CreatedBy"] == f"arn:aws:iam::{account}:root"
    assert shown["VersionId"] == "0" and shown["IsRegisteredWithLakeFormation"] is False
    assert shown["CreateTime"] == shown["UpdateTime"]


def test_a_table_exists_once_in_a_database_that_exists(glue, table, refused):
    with refused("AlreadyExistsException", message="Table already exists."):
        glue.create_table(DatabaseName="db", TableInput={"Name": "T"})
    with refused("EntityNotFoundException", message="Database none not found."):
        glue.create_table(DatabaseName="none", TableInput={"Name": "t"})
    with refused("EntityNotFoundException", message="Table none not found."):
        glue.get_table(DatabaseName="db", Name="none")
    with refused("InvalidInputException"):
        glue.create_table(DatabaseName="db")
    keys = [{"Name": "k", "Type": "int"}, {"Name": "K", "Type": "int"}]
    with refused("InvalidInputException"):
        glue.create_table(DatabaseName="db", TableInput={"Name": "twice", "PartitionKeys": keys})


@pytest.mark.parametrize(
    "more, name",
    [
        ({"OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE"}}}, "OpenTableFormatInput"),
        ({"TransactionId": "tx"}, "TransactionId"),
        ({"TableInput": {"Name": "n", "FederatedTable": {"Identifier": "x"}}}, "FederatedTable"),
        ({"TableInput": {"Name": "n", "ViewDefinition": {"IsProtected": True}}}, "ViewDefinition"),
        ({"TableInput": {"Name": "n", "TableType": "GOVERNED"}}, "governed"),
    ],
)
def test_what_is_not_there_yet_is_refused_by_name(glue, database, refused, more, name):
    with refused("NotImplemented", 501, message=name):
        glue.create_table(**{"DatabaseName": "db", "TableInput": {"Name": "n"}, **more})
    assert glue.get_tables(DatabaseName="db")["TableList"] == []


def test_a_link_needs_a_database_and_a_name(glue, database, refused):
    with refused("InvalidInputException", message="TargetTable"):
        glue.create_table(DatabaseName="db", TableInput={"Name": "n", "TargetTable": {"Name": "x"}})


def test_tables_are_listed_by_name_in_pages_and_by_a_pattern(glue, new_table, refused):
    for name in ("c", "a1", "b", "a2", "a3"):
        new_table(name)
    found = pages(glue.get_tables, "TableList", DatabaseName="db", MaxResults=2)
    assert [names(page) for page in found] == [["a1", "a2"], ["a3", "b"], ["c"]]
    for expression, expected in [("a.*", ["a1", "a2", "a3"]), ("a[12]|c", ["a1", "a2", "c"]), ("a", []), ("*", 5)]:
        got = names(glue.get_tables(DatabaseName="db", Expression=expression)["TableList"])
        assert got == expected or len(got) == expected, expression
    found = pages(glue.get_tables, "TableList", DatabaseName="db", MaxResults=1, Expression="[ab].?")
    assert [names(page) for page in found][:4] == [["a1"], ["a2"], ["a3"], ["b"]]
    brief = glue.get_tables(DatabaseName="db", AttributesToGet=["NAME", "TABLE_TYPE"])["TableList"][0]
    assert brief == {"Name": "a1", "TableType": "EXTERNAL_TABLE"}
    assert glue.get_tables(DatabaseName="db", AttributesToGet=["NAME"])["TableList"][0] == {"Name": "a1"}
    with refused("InvalidInputException"):
        glue.get_tables(DatabaseName="db", Expression="(")
    with refused("InvalidInputException"):
        glue.get_tables(DatabaseName="db", AttributesToGet=["TABLE_TYPE"])
    with refused("EntityNotFoundException"):
        glue.get_tables(DatabaseName="none")


def test_an_update_makes_a_version_and_keeps_the_one_before(welkin, glue, new_table, refused):
    definition = new_table("t")
    created = glue.get_table(DatabaseName="db", Name="t")["Table"]
    welkin.advance("5m")
    glue.update_table(DatabaseName="db", TableInput={**definition, "Description": "new"})
    table = glue.get_table(DatabaseName="db", Name="t")["Table"]
    assert (table["VersionId"], table["Description"]) == ("1", "new")
    assert table["CreateTime"] == created["CreateTime"] and table["UpdateTime"] > created["UpdateTime"]
    old = glue.get_table_version(DatabaseName="db", TableName="t", VersionId="0")["TableVersion"]
    assert old["VersionId"] == "0" and "Description" not in old["Table"]
    now = glue.get_table_version(DatabaseName="db", TableName="t")["TableVersion"]
    assert (now["VersionId"], now["Table"]["Description"]) == ("1", "new")
    asked = glue.get_table(DatabaseName="db", Name="t", QueryAsOfTime=created["UpdateTime"])["Table"]
    assert asked["VersionId"] == "0"
    with refused("EntityNotFoundException"):
        glue.get_table(DatabaseName="db", Name="t", QueryAsOfTime=created["UpdateTime"].replace(year=2001))
    with refused("InvalidInputException"):
        glue.get_table(DatabaseName="db", Name="t", QueryAsOfTime=created["UpdateTime"], TransactionId="x")
    with refused("EntityNotFoundException"):
        glue.get_table_version(DatabaseName="db", TableName="t", VersionId="7")
    with refused("EntityNotFoundException"):
        glue.update_table(DatabaseName="db", TableInput={"Name": "none"})
    with refused("InvalidInputException"):
        glue.update_table(DatabaseName="db", Name="t", TableInput={"Name": "renamed"})


def test_an_update_without_archive_leaves_no_version_behind(glue, new_table):
    definition = new_table("t")
    glue.update_table(DatabaseName="db", TableInput=definition, SkipArchive=True)
    glue.update_table(DatabaseName="db", TableInput=definition)
    versions = glue.get_table_versions(DatabaseName="db", TableName="t")["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["2", "1"]


def test_versions_are_listed_in_pages_and_deleted(glue, new_table, refused):
    definition = new_table("t")
    for number in range(1, 5):
        glue.update_table(DatabaseName="db", TableInput={**definition, "Description": f"{number}"})
    where = {"DatabaseName": "db", "TableName": "t"}
    found = pages(glue.get_table_versions, "TableVersions", **where, MaxResults=2)
    assert [[version["VersionId"] for version in page] for page in found] == [["4", "3"], ["2", "1"], ["0"]]
    glue.delete_table_version(**where, VersionId="1")
    with refused("EntityNotFoundException"):
        glue.delete_table_version(**where, VersionId="1")
    with refused("InvalidInputException"):
        glue.delete_table_version(**where, VersionId="4")
    errors = glue.batch_delete_table_version(**where, VersionIds=["0", "1", "x", "2"])["Errors"]
    assert [(error["VersionId"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        ("1", "EntityNotFoundException"),
        ("x", "EntityNotFoundException"),
    ]
    left = glue.get_table_versions(**where)["TableVersions"]
    assert [version["VersionId"] for version in left] == ["4", "3"]


def test_an_update_of_a_stale_version_is_refused(glue, new_table, refused):
    definition = new_table("t")
    glue.update_table(DatabaseName="db", TableInput=definition, VersionId="0")
    with refused("ConcurrentModificationException", message="Update table failed due to concurrent modifications."):
        glue.update_table(DatabaseName="db", TableInput={**definition, "Description": "late"}, VersionId="0")
    assert "Description" not in glue.get_table(DatabaseName="db", Name="t")["Table"]


def test_of_several_updates_of_one_version_one_wins(welkin, glue, account, new_table):
    definition = new_table("t")
    clients = [welkin.client("glue", account) for _ in range(8)]

    def update(number):
        try:
            changed = {**definition, "Description": f"{number}"}
            clients[number].update_table(DatabaseName="db", TableInput=changed, VersionId="0")
            return number
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(update, range(8)))
    winners = [result for result in results if isinstance(result, int)]
    assert len(winners) == 1 and results.count("ConcurrentModificationException") == 7, results
    table = glue.get_table(DatabaseName="db", Name="t")["Table"]
    assert (table["VersionId"], table["Description"]) == ("1", f"{winners[0]}")


def test_tables_are_deleted_alone_and_in_batches(glue, new_table, refused):
    for name in ("a", "b", "c"):
        new_table(name)
    glue.delete_table(DatabaseName="db", Name="A")
    with refused("EntityNotFoundException"):
        glue.delete_table(DatabaseName="db", Name="a")
    errors = glue.batch_delete_table(DatabaseName="db", TablesToDelete=["a", "B", "c"])["Errors"]
    assert [(error["TableName"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        ("a", "EntityNotFoundException")
    ]
    assert glue.get_tables(DatabaseName="db")["TableList"] == []


def test_a_new_table_of_an_old_name_has_nothing_of_the_old_one(glue, new_table, partitioned):
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "2020"]})
    glue.delete_table(DatabaseName="db", Name="p")
    new_table("p", keys=("country string", "year int"))
    assert glue.get_partitions(**partitioned)["Partitions"] == []
    assert glue.get_table(DatabaseName="db", Name="p")["Table"]["VersionId"] == "0"


def test_tables_are_searched(glue, new_table, refused):
    glue.create_database(DatabaseInput={"Name": "other"})
    new_table("customer-link", Description="those who buy", Parameters={"classification": "csv"})
    new_table("xxlinkyy", columns=("price decimal(10,2)",))
    new_table("xx-link-yy")
    glue.create_table(DatabaseName="other", TableInput={"Name": "stores", "Owner": "ann"})

    def search(**options):
        return names(glue.search_tables(**options)["TableList"])

    assert search() == ["customer-link", "xx-link-yy", "xxlinkyy", "stores"]
    assert search(Filters=[{"Key": "Name", "Value": "link"}]) == ["customer-link", "xx-link-yy"]
    assert search(Filters=[{"Key": "DatabaseName", "Value": "other"}]) == ["stores"]
    assert search(Filters=[{"Key": "Owner", "Value": "ann"}, {"Key": "Name", "Value": "x"}]) == []
    assert search(Filters=[{"Key": "classification", "Value": "csv"}]) == ["customer-link"]
    assert search(Filters=[{"Key": "CreateTime", "Value": "0", "Comparator": "LESS_THAN"}]) == []
    assert len(search(Filters=[{"Key": "UpdateTime", "Value": "0", "Comparator": "GREATER_THAN"}])) == 4
    assert search(SearchText="buy") == ["customer-link"]
    assert search(SearchText="price") == ["xxlinkyy"]
    assert search(SearchText='"xx-link-yy"') == ["xx-link-yy"]
    assert search(SearchText="nothing") == []
    descending = {"SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}]}
    assert search(**descending) == ["xxlinkyy", "xx-link-yy", "stores", "customer-link"]
    found = pages(glue.search_tables, "TableList", MaxResults=3, **descending)
    assert [names(page) for page in found] == [["xxlinkyy", "xx-link-yy", "stores"], ["customer-link"]]
    with refused("InvalidInputException"):
        search(Filters=[{"Key": "CreateTime", "Value": "yesterday"}])
    with refused("InvalidInputException"):
        search(SortCriteria=[{"FieldName": "Colour"}])
