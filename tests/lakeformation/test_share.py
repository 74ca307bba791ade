"""Resource links, and what another account of the organization is given."""

import pytest
from conftest import DATABASE, Person, allow, columns, table


@pytest.fixture
def link(lake):
    """Links to the database and the table, in a database of their own."""
    target = {"CatalogId": lake.account, "DatabaseName": "shop"}
    lake.glue.create_database(DatabaseInput={"Name": "shop_link", "TargetDatabase": target})
    lake.glue.create_database(DatabaseInput={"Name": "links"})
    lake.glue.create_table(DatabaseName="links", TableInput={"Name": "o", "TargetTable": {**target, "Name": "orders"}})
    return lake


def test_a_link_shows_what_it_stands_for(link):
    found = link.glue.get_table(DatabaseName="links", Name="o")["Table"]
    assert (found["Name"], found["DatabaseName"]) == ("o", "links")
    assert found["TargetTable"] == {"CatalogId": link.account, "DatabaseName": "shop", "Name": "orders"}
    assert [column["Name"] for column in found["StorageDescriptor"]["Columns"]][0] == "id"
    assert link.glue.get_tables(DatabaseName="links")["TableList"][0]["StorageDescriptor"]["Columns"]
    found = link.glue.get_database(Name="shop_link")["Database"]
    assert found["Name"] == "shop_link" and found["TargetDatabase"]["DatabaseName"] == "shop"
    found = link.glue.get_table(DatabaseName="shop_link", Name="orders")["Table"]
    assert (found["Name"], found["DatabaseName"]) == ("orders", "shop")
    assert [one["Name"] for one in link.glue.get_tables(DatabaseName="shop_link")["TableList"]] == ["orders"]


def test_changes_through_a_link_change_what_it_stands_for(link, refused):
    glue = link.glue
    glue.create_table(DatabaseName="shop_link", TableInput={"Name": "new"})
    assert glue.get_table(DatabaseName="shop", Name="new")
    glue.update_table(DatabaseName="links", TableInput={"Name": "o", "Description": "changed"})
    changed = glue.get_table(DatabaseName="shop", Name="orders")["Table"]
    assert changed["Description"] == "changed" and changed["Name"] == "orders"
    glue.delete_table(DatabaseName="shop_link", Name="new")
    with refused("EntityNotFoundException"):
        glue.get_table(DatabaseName="shop", Name="new")
    glue.delete_table(DatabaseName="links", Name="o")
    glue.delete_database(Name="shop_link")
    assert glue.get_table(DatabaseName="shop", Name="orders")


def test_links_to_nowhere_and_to_other_regions(lake, refused):
    with refused("NotImplemented", 501):
        target = {"CatalogId": lake.account, "DatabaseName": "shop", "Region": "eu-west-1"}
        lake.glue.create_database(DatabaseInput={"Name": "far", "TargetDatabase": target})
    target = {"CatalogId": lake.account, "DatabaseName": "none", "Name": "none"}
    lake.glue.create_table(DatabaseName="shop", TableInput={"Name": "nowhere", "TargetTable": target})
    with refused("EntityNotFoundException"):
        lake.glue.get_table(DatabaseName="shop", Name="nowhere")
    assert "nowhere" in [one["Name"] for one in lake.glue.get_tables(DatabaseName="shop")["TableList"]]


def test_queries_follow_links(link):
    ann = link.reader("ann")
    assert ann.rows("SELECT count(*) FROM links.o")[1] == ("4",)
    assert ann.rows("SELECT count(*) FROM shop_link.orders")[1] == ("4",)


def test_a_link_and_what_it_stands_for_are_permitted_apart(link, refused):
    link.close()
    ann = link.reader("ann")
    with refused("AccessDeniedException", message="Required Describe on orders"):
        ann.client("glue").get_table(DatabaseName="links", Name="o")
    link.grant(ann, columns("id"), "SELECT")
    assert ann.rows("SELECT * FROM links.o ORDER BY id")[:2] == [("id",), ("1",)]
    iam = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    resource = {"Table": {"DatabaseName": "links", "Name": "o"}}
    link.lf.revoke_permissions(Principal=iam, Resource=resource, Permissions=["ALL"])
    assert "Required Describe on o" in ann.fails("SELECT * FROM links.o")
    link.grant(ann, resource, "DESCRIBE")
    assert len(ann.rows("SELECT * FROM links.o")) == 5


class Consumer:
    """Another account of the organization: its administrator, and a user."""

    def __init__(self, lake, welkin):
        organizations = welkin.client("organizations", lake.account)
        organizations.create_organization(FeatureSet="ALL")
        self.account = welkin.account()
        handshake = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": self.account})
        welkin.client("organizations", self.account).accept_handshake(HandshakeId=handshake["Handshake"]["Id"])
        welkin.client("s3", self.account).create_bucket(Bucket=f"results-{self.account}")
        self.admin = Person(welkin, self.account, "admin", allow("*"))
        self.user = Person(welkin, self.account, "user", allow("glue:*", "athena:*", "s3:*", "lakeformation:*"))
        welkin.client("lakeformation", self.account).put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [self.admin.principal]}
        )


@pytest.fixture
def consumer(closed, welkin):
    return Consumer(closed, welkin)


def test_what_is_shared_with_an_account_is_its_administrators_to_give(closed, consumer, refused):
    lake, named = closed, {"CatalogId": closed.account, "DatabaseName": "shop", "Name": "orders"}
    lake.register()
    with refused("AccessDeniedException", message="glue:GetTable"):
        consumer.admin.client("glue").get_table(**named)
    lake.lf.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": consumer.account},
        Resource=columns("id", "country"),
        Permissions=["SELECT"],
        PermissionsWithGrantOption=["SELECT"],
    )
    shown = consumer.admin.client("glue").get_table(**named)["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in shown] == ["id", "country"]
    with refused("AccessDeniedException"):
        consumer.user.client("glue").get_table(**named)
    theirs = {"TableWithColumns": {"CatalogId": lake.account, "DatabaseName": "shop", "Name": "orders", "ColumnNames": ["country"]}}
    consumer.admin.client("lakeformation").grant_permissions(
        Principal=consumer.user.principal, Resource=theirs, Permissions=["SELECT"]
    )
    shown = consumer.user.client("glue").get_table(**named)["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in shown] == ["country"]
    assert [one["Name"] for one in consumer.user.client("glue").get_databases(CatalogId=lake.account)["DatabaseList"]] == ["shop"]
    # By a link, Athena reads it with the role of the owner's location.
    glue = consumer.admin.client("glue")
    glue.create_database(DatabaseInput={"Name": "links", "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName="links", TableInput={"Name": "o", "TargetTable": named})
    consumer.admin.client("lakeformation").grant_permissions(
        Principal=consumer.user.principal, Resource={"Table": {"DatabaseName": "links", "Name": "o"}}, Permissions=["DESCRIBE"]
    )
    rows = consumer.user.rows("SELECT country, count(*) n FROM links.o GROUP BY 1 ORDER BY 1")
    assert rows == [("country", "n"), ("de", "2"), ("fr", "1"), ("it", "1")]
    lake.lf.revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": consumer.account}, Resource=columns("id", "country"), Permissions=["SELECT"]
    )
    with refused("AccessDeniedException"):
        consumer.user.client("glue").get_table(**named)


def test_a_principal_of_another_account_is_given_something_directly(closed, consumer):
    closed.lf.grant_permissions(Principal=consumer.user.principal, Resource=table(), Permissions=["DESCRIBE"])
    glue = consumer.user.client("glue")
    assert glue.get_table(CatalogId=closed.account, DatabaseName="shop", Name="orders")["Table"]["Name"] == "orders"
    assert glue.get_tables(CatalogId=closed.account, DatabaseName="shop")["TableList"]


def test_accounts_outside_of_the_organization_would_have_to_be_invited(closed, welkin, refused):
    with refused("NotImplemented", 501):
        closed.lf.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": welkin.account()}, Resource=DATABASE, Permissions=["DESCRIBE"]
        )
