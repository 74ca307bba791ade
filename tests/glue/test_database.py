"""Databases."""

from listing import pages


def names(databases):
    return [database["Name"] for database in databases]


def test_a_database_is_created_shown_changed_and_deleted(glue, account, refused):
    definition = {"Name": "Sales", "Description": "d", "LocationUri": "s3://b/sales/", "Parameters": {"a": "1"}}
    glue.create_database(DatabaseInput=definition)
    shown = glue.get_database(Name="SALES")["Database"]
    assert shown["Name"] == "sales", "names are folded to lower case"
    assert (shown["Description"], shown["LocationUri"], shown["Parameters"]) == ("d", "s3://b/sales/", {"a": "1"})
    assert shown["CatalogId"] == account and shown["CreateTime"]
    assert shown["CreateTableDefaultPermissions"] == [
        {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
    ]
    glue.update_database(Name="sales", DatabaseInput={"Name": "sales", "Description": "other"})
    changed = glue.get_database(Name="sales")["Database"]
    assert changed["Description"] == "other" and "LocationUri" not in changed
    assert changed["CreateTime"] == shown["CreateTime"]
    glue.delete_database(Name="sales")
    with refused("EntityNotFoundException", message="Database sales not found."):
        glue.get_database(Name="sales")


def test_a_database_exists_once(glue, database, refused):
    with refused("AlreadyExistsException", message="Database already exists."):
        glue.create_database(DatabaseInput={"Name": "DB"})


def test_what_is_not_there_cannot_be_changed_or_deleted(glue, refused):
    with refused("EntityNotFoundException"):
        glue.update_database(Name="none", DatabaseInput={"Name": "none"})
    with refused("EntityNotFoundException"):
        glue.delete_database(Name="none")


def test_a_database_keeps_its_name(glue, database, refused):
    with refused("InvalidInputException"):
        glue.update_database(Name="db", DatabaseInput={"Name": "other"})


def test_databases_are_listed_by_name_in_pages(glue, refused):
    for name in ("c", "a", "e", "b", "d"):
        glue.create_database(DatabaseInput={"Name": name})
    found = pages(glue.get_databases, "DatabaseList", MaxResults=2)
    assert [names(page) for page in found] == [["a", "b"], ["c", "d"], ["e"]]
    assert names(glue.get_databases()["DatabaseList"]) == ["a", "b", "c", "d", "e"]
    assert glue.get_databases(AttributesToGet=["NAME"])["DatabaseList"][0] == {"Name": "a"}
    assert glue.get_databases(ResourceShareType="FOREIGN")["DatabaseList"] == []
    with refused("InvalidInputException"):
        glue.get_databases(NextToken="%%%")
    with refused("InvalidInputException"):
        glue.get_databases(AttributesToGet=[])
    with refused("ValidationException"):
        glue.get_databases(MaxResults=101)


def test_names_are_held_against_the_model(glue, refused):
    with refused("ValidationException"):
        glue.create_database(DatabaseInput={"Name": "x" * 256})
    with refused("ValidationException"):
        glue.create_database(DatabaseInput={"Description": "no name"})


def test_accounts_and_regions_have_catalogs_of_their_own(welkin, glue, account, database, refused):
    for other in (welkin.client("glue", welkin.account()), welkin.client("glue", account, region="eu-west-1")):
        assert other.get_databases()["DatabaseList"] == []
        with refused("EntityNotFoundException"):
            other.get_database(Name="db")


def test_catalogs_of_other_kinds_are_not_there(glue, refused):
    with refused("EntityNotFoundException"):
        glue.get_databases(CatalogId="s3tablescatalog")


def test_what_federates_is_refused_by_name(glue, refused):
    with refused("NotImplemented", 501, message="FederatedDatabase"):
        glue.create_database(DatabaseInput={"Name": "linked", "FederatedDatabase": {"Identifier": "x"}})


def test_a_deleted_database_takes_its_tables_and_functions_along(welkin, glue, new_table, refused):
    new_table("p", keys=("k string",))
    glue.create_partition(DatabaseName="db", TableName="p", PartitionInput={"Values": ["1"]})
    glue.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": "f"})
    glue.delete_database(Name="db")
    with refused("EntityNotFoundException"):
        glue.get_table(DatabaseName="db", Name="p")
    welkin.advance("1s")
    glue.create_database(DatabaseInput={"Name": "db"})
    assert glue.get_tables(DatabaseName="db")["TableList"] == []
    assert glue.get_user_defined_functions(Pattern="*")["UserDefinedFunctions"] == []
    new_table("p", keys=("k string",))
    assert glue.get_partitions(DatabaseName="db", TableName="p")["Partitions"] == []
