"""The settings of a data lake, and who may do what with them."""

import pytest
from conftest import IAM_ALLOWED, OPEN, allow


@pytest.fixture
def lf(welkin, account):
    return welkin.client("lakeformation", account)


def test_by_default_iam_alone_decides_and_nobody_is_an_administrator(lf):
    settings = lf.get_data_lake_settings()["DataLakeSettings"]
    assert settings["DataLakeAdmins"] == [] and settings["ReadOnlyAdmins"] == []
    assert settings["CreateDatabaseDefaultPermissions"] == [OPEN]
    assert settings["CreateTableDefaultPermissions"] == [OPEN]
    assert settings["Parameters"]["CROSS_ACCOUNT_VERSION"] == "1"
    assert settings["AllowExternalDataFiltering"] is False


def test_what_is_not_put_is_not_kept(lf, account):
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:role/admin"}
    lf.put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": [admin], "AllowFullTableExternalDataAccess": True, "Parameters": {"CROSS_ACCOUNT_VERSION": "3"}}
    )
    settings = lf.get_data_lake_settings()["DataLakeSettings"]
    assert settings["DataLakeAdmins"] == [admin]
    assert settings["CreateDatabaseDefaultPermissions"] == [] and settings["CreateTableDefaultPermissions"] == []
    assert settings["AllowFullTableExternalDataAccess"] is True
    assert settings["Parameters"]["CROSS_ACCOUNT_VERSION"] == "3"
    lf.put_data_lake_settings(DataLakeSettings={})
    assert lf.get_data_lake_settings()["DataLakeSettings"]["DataLakeAdmins"] == []


def test_settings_that_make_no_sense_are_refused(lf, account, refused):
    def put(**settings):
        lf.put_data_lake_settings(DataLakeSettings=settings)

    with refused("InvalidInputException", message="Invalid principal"):
        put(DataLakeAdmins=[{"DataLakePrincipalIdentifier": "somebody"}])
    with refused("InvalidInputException"):
        put(DataLakeAdmins=[{"DataLakePrincipalIdentifier": account}])
    with refused("InvalidInputException"):
        put(CreateTableDefaultPermissions=[{**OPEN, "Permissions": ["SELECT"]}])
    with refused("InvalidInputException"):
        put(Parameters={"CROSS_ACCOUNT_VERSION": "9"})
    with refused("NotImplemented", 501):
        put(TrustedResourceOwners=["111122223333"])
    assert lf.get_data_lake_settings()["DataLakeSettings"]["CreateTableDefaultPermissions"] == [OPEN]


def test_another_accounts_catalog_is_not_ones_own(lf, welkin, refused):
    with refused("AccessDeniedException"):
        lf.get_data_lake_settings(CatalogId=welkin.account())
    with refused("EntityNotFoundException"):
        lf.get_data_lake_settings(CatalogId="nonsense")


def test_the_principal_is_told(lf, account):
    assert lf.get_data_lake_principal()["Identity"] == f"arn:aws:iam::{account}:root"


CALLS = {
    "GetDataLakeSettings": lambda lf: lf.get_data_lake_settings(),
    "PutDataLakeSettings": lambda lf: lf.put_data_lake_settings(DataLakeSettings={}),
    "GetDataLakePrincipal": lambda lf: lf.get_data_lake_principal(),
    "ListPermissions": lambda lf: lf.list_permissions(),
    "ListResources": lambda lf: lf.list_resources(),
    "ListLFTags": lambda lf: lf.list_lf_tags(),
    "ListDataCellsFilter": lambda lf: lf.list_data_cells_filter(),
    "ListLFTagExpressions": lambda lf: lf.list_lf_tag_expressions(),
    "SearchTablesByLFTags": lambda lf: lf.search_tables_by_lf_tags(Expression=[{"TagKey": "a", "TagValues": ["b"]}]),
}


@pytest.mark.parametrize("action", CALLS)
def test_every_operation_needs_its_action(action, welkin, account, refused):
    without = welkin.client("lakeformation", **welkin.user(account, allow("lakeformation:Nothing")))
    with refused("AccessDeniedException", message=f"lakeformation:{action}"):
        CALLS[action](without)
    CALLS[action](welkin.client("lakeformation", **welkin.user(account, allow(f"lakeformation:{action}"))))


def test_what_is_not_there_is_refused_by_name(lf, refused):
    with refused("NotImplemented", 501):
        lf.start_transaction()
    with refused("NotImplemented", 501):
        lf.create_lake_formation_identity_center_configuration()


def test_new_tables_go_by_the_settings(lake, refused):
    lake.lf.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [lake.admin.principal]})
    person = lake.person("ann")
    with refused("AccessDeniedException", message="Required Create Database on Catalog"):
        # Not until the catalog is taken from whom IAM allows: it is the settings of databases that were.
        iam = {"DataLakePrincipalIdentifier": IAM_ALLOWED}
        lake.lf.revoke_permissions(Principal=iam, Resource={"Catalog": {}}, Permissions=["CREATE_DATABASE"])
        person.client("glue").create_database(DatabaseInput={"Name": "new"})
    lake.lf.grant_permissions(Principal=person.principal, Resource={"Catalog": {}}, Permissions=["CREATE_DATABASE"])
    person.client("glue").create_database(DatabaseInput={"Name": "new"})
    # Who made it may do everything with it; others nothing.
    person.client("glue").create_table(DatabaseName="new", TableInput={"Name": "t"})
    other = lake.person("bob").client("glue")
    with refused("AccessDeniedException", message="Required Describe on new"):
        other.get_database(Name="new")
    with refused("AccessDeniedException", message="Required Describe on t"):
        other.get_table(DatabaseName="new", Name="t")
    assert [database["Name"] for database in other.get_databases()["DatabaseList"]] == ["shop"]
    assert person.client("glue").get_table(DatabaseName="new", Name="t")["Table"]["Name"] == "t"
    assert lake.granted(Resource={"Database": {"Name": "new"}}) == {("ann", "Database"): (["ALL"], ["ALL"])}
