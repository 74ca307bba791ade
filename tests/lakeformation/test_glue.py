"""What Glue shows and does by Lake Formation."""

from conftest import DATABASE, columns, table


def names(glue):
    return [table["Name"] for table in glue.get_tables(DatabaseName="shop")["TableList"]]


def test_nothing_changes_until_iam_is_revoked(lake):
    glue = lake.person("ann").client("glue")
    assert names(glue) == ["orders"]
    glue.create_table(DatabaseName="shop", TableInput={"Name": "more"})
    glue.delete_table(DatabaseName="shop", Name="more")


def test_only_who_was_granted_something_sees_it(closed, refused):
    closed.table("other", {})
    iam = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    closed.lf.revoke_permissions(Principal=iam, Resource=table("other"), Permissions=["ALL"])
    ann = closed.person("ann")
    glue = ann.client("glue")
    assert glue.get_databases()["DatabaseList"] == []
    with refused("AccessDeniedException", message="Insufficient Lake Formation permission(s): Required Describe on orders"):
        glue.get_table(DatabaseName="shop", Name="orders")
    with refused("AccessDeniedException", message="Required Describe on shop"):
        glue.get_tables(DatabaseName="shop")
    with refused("AccessDeniedException"):
        glue.get_partitions(DatabaseName="shop", TableName="orders")
    closed.grant(ann, table(), "DESCRIBE")
    assert names(glue) == ["orders"]
    assert [database["Name"] for database in glue.get_databases()["DatabaseList"]] == ["shop"]
    assert glue.get_table(DatabaseName="shop", Name="orders")["Table"]["Name"] == "orders"
    assert [found["Name"] for found in glue.search_tables()["TableList"]] == ["orders"]
    closed.revoke(ann, table(), "DESCRIBE")
    with refused("AccessDeniedException"):
        glue.get_table(DatabaseName="shop", Name="orders")


def test_what_there_is_not_is_not_told(closed, refused):
    ann = closed.person("ann")
    with refused("AccessDeniedException"):
        ann.client("glue").get_table(DatabaseName="shop", Name="none")
    closed.grant(ann, DATABASE, "CREATE_TABLE")
    with refused("EntityNotFoundException"):
        ann.client("glue").get_table(DatabaseName="shop", Name="none")


def test_columns_that_were_not_granted_are_not_shown(closed):
    ann = closed.person("ann")
    closed.grant(ann, columns("id", "fruit"), "SELECT")
    glue = ann.client("glue")

    def shown(found):
        return [column["Name"] for column in found["StorageDescriptor"]["Columns"]]

    assert shown(glue.get_table(DatabaseName="shop", Name="orders")["Table"]) == ["id", "fruit"]
    assert shown(glue.get_tables(DatabaseName="shop")["TableList"][0]) == ["id", "fruit"]
    assert shown(glue.get_table_versions(DatabaseName="shop", TableName="orders")["TableVersions"][0]["Table"]) == ["id", "fruit"]
    # Some columns left out are all others.
    bob = closed.person("bob")
    but = {"TableWithColumns": {"DatabaseName": "shop", "Name": "orders", "ColumnWildcard": {"ExcludedColumnNames": ["price"]}}}
    closed.grant(bob, but, "SELECT")
    assert shown(bob.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]) == ["id", "fruit", "country"]


def test_statistics_of_columns_that_were_not_granted_are_refused(closed, refused):
    ann = closed.person("ann")
    closed.grant(ann, columns("id"), "SELECT")

    def get(*names):
        return ann.client("glue").get_column_statistics_for_table(DatabaseName="shop", TableName="orders", ColumnNames=names)

    get("id")
    with refused("AccessDeniedException", message="Required Select on price"):
        get("id", "price")


def test_each_change_needs_its_permission(closed, refused):
    ann = closed.person("ann")
    glue = ann.client("glue")
    new = {"Name": "orders", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}], "Location": f"s3://{closed.bucket}/orders/"}}
    for permission, change, needed in [
        ("ALTER", lambda: glue.update_table(DatabaseName="shop", TableInput=new), "Required Alter on orders"),
        ("DROP", lambda: glue.delete_table(DatabaseName="shop", Name="orders"), "Required Drop on orders"),
    ]:
        closed.grant(ann, table(), "SELECT")
        with refused("AccessDeniedException", message=needed):
            change()
        closed.grant(ann, table(), permission)
        change()
    with refused("AccessDeniedException", message="Required Create Table on shop"):
        glue.create_table(DatabaseName="shop", TableInput={"Name": "mine"})
    closed.grant(ann, DATABASE, "CREATE_TABLE")
    glue.create_table(DatabaseName="shop", TableInput={"Name": "mine"})
    with refused("AccessDeniedException", message="Required Alter on shop"):
        glue.update_database(Name="shop", DatabaseInput={"Name": "shop"})
    with refused("AccessDeniedException", message="Required Drop on shop"):
        glue.delete_database(Name="shop")
    closed.grant(ann, DATABASE, "ALL")
    glue.update_database(Name="shop", DatabaseInput={"Name": "shop"})
    glue.delete_database(Name="shop")


def test_who_made_a_table_may_do_everything_with_it(closed):
    ann = closed.person("ann")
    closed.grant(ann, DATABASE, "CREATE_TABLE")
    ann.client("glue").create_table(DatabaseName="shop", TableInput={"Name": "mine"})
    assert closed.granted(Resource=table("mine"))[("ann", "Table")] == (["ALL"], ["ALL"])
    bob = closed.person("bob")
    ann.client("lakeformation").grant_permissions(Principal=bob.principal, Resource=table("mine"), Permissions=["SELECT"])
    # What comes with having made it can be revoked as well.
    iam = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    closed.lf.revoke_permissions(Principal=iam, Resource=table("mine"), Permissions=["ALL"])
    closed.revoke(ann, table("mine"), "ALL")
    assert ("ann", "Table") not in closed.granted(Resource=table("mine"))
    assert names(ann.client("glue")) == []


def test_administrators_see_everything_and_do_no_more(closed, refused):
    glue = closed.admin.client("glue")
    assert names(glue) == ["orders"]
    with refused("AccessDeniedException", message="Required Drop on orders"):
        glue.delete_table(DatabaseName="shop", Name="orders")
    closed.grant(closed.admin, table(), "DROP")
    glue.delete_table(DatabaseName="shop", Name="orders")


def test_read_only_administrators_see_and_do_not_grant(closed, refused):
    ann = closed.person("ann")
    settings = closed.lf.get_data_lake_settings()["DataLakeSettings"]
    closed.lf.put_data_lake_settings(DataLakeSettings={**settings, "ReadOnlyAdmins": [ann.principal]})
    assert names(ann.client("glue")) == ["orders"]
    with refused("AccessDeniedException"):
        ann.client("lakeformation").grant_permissions(Principal=ann.principal, Resource=table(), Permissions=["SELECT"])
    assert ann.client("lakeformation").list_permissions(Resource=DATABASE)["PrincipalResourcePermissions"]


def test_tables_without_a_default_are_closed_from_the_beginning(lake, refused):
    lake.glue.create_database(DatabaseInput={"Name": "strict", "CreateTableDefaultPermissions": []})
    lake.glue.create_table(DatabaseName="strict", TableInput={"Name": "t"})
    with refused("AccessDeniedException"):
        lake.person("ann").client("glue").get_table(DatabaseName="strict", Name="t")


def test_iam_comes_first(closed, refused):
    welkin, account = closed.welkin, closed.account
    from conftest import allow

    nobody = welkin.client("glue", **welkin.user(account, allow("glue:GetDatabase"), "nobody"))
    closed.lf.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/nobody"}, Resource=table(), Permissions=["SELECT"]
    )
    with refused("AccessDeniedException", message="glue:GetTable"):
        nobody.get_table(DatabaseName="shop", Name="orders")


def test_in_hybrid_access_who_opted_in_goes_by_lake_formation(lake, refused):
    ann, bob = lake.person("ann"), lake.person("bob")
    lake.lf.create_lake_formation_opt_in(Principal=ann.principal, Resource=table())
    assert [one["Principal"] for one in lake.lf.list_lake_formation_opt_ins()["LakeFormationOptInsInfoList"]] == [ann.principal]
    assert names(bob.client("glue")) == ["orders"] and names(ann.client("glue")) == []
    lake.grant(ann, table(), "SELECT")
    assert names(ann.client("glue")) == ["orders"]
    lake.revoke(ann, table(), "SELECT")
    lake.lf.delete_lake_formation_opt_in(Principal=ann.principal, Resource=table())
    assert names(ann.client("glue")) == ["orders"]
    with refused("EntityNotFoundException"):
        lake.lf.delete_lake_formation_opt_in(Principal=ann.principal, Resource=table())
    with refused("AccessDeniedException"):
        ann.client("lakeformation").list_lake_formation_opt_ins()
