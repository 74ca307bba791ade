"""Granting and revoking: combinations, the grant option, errors, listing."""

import pytest
from conftest import DATABASE, IAM_ALLOWED, columns, table


def test_permissions_are_granted_listed_and_revoked(closed):
    ann = closed.person("ann")
    closed.grant(ann, table(), "SELECT", "DESCRIBE", option=["DESCRIBE"])
    granted = closed.granted(Resource=table(), Principal=ann.principal)
    assert granted == {("ann", "Table"): (["DESCRIBE", "SELECT"], ["DESCRIBE"])} or granted == {
        ("ann", "Table"): (["SELECT", "DESCRIBE"], ["DESCRIBE"])
    }
    closed.revoke(ann, table(), "DESCRIBE")
    assert closed.granted(Resource=table(), Principal=ann.principal) == {("ann", "Table"): (["SELECT"], [])}
    closed.revoke(ann, table(), "SELECT")
    assert closed.granted(Resource=table(), Principal=ann.principal) == {}


def test_iam_has_everything_until_it_is_revoked_and_makers_have_it_too(lake):
    assert lake.granted(Resource=table()) == {
        (IAM_ALLOWED, "Table"): (["ALL"], []),
        ("arn:aws:iam::" + lake.account + ":root", "Table"): (["ALL"], ["ALL"]),
    }
    lake.close()
    assert (IAM_ALLOWED, "Table") not in lake.granted(Resource=table())
    iam = {"DataLakePrincipalIdentifier": IAM_ALLOWED}
    lake.lf.grant_permissions(Principal=iam, Resource=table(), Permissions=["ALL"])
    assert lake.granted(Resource=table())[(IAM_ALLOWED, "Table")] == (["ALL"], [])


@pytest.mark.parametrize(
    ("resource", "permission"),
    [
        (DATABASE, "SELECT"),
        (table(), "CREATE_TABLE"),
        (columns("id"), "INSERT"),
        ({"Catalog": {}}, "SELECT"),
        (table(), "DATA_LOCATION_ACCESS"),
        ({"Table": {"DatabaseName": "shop", "TableWildcard": {}}}, "CREATE_TABLE"),
    ],
)
def test_each_type_of_resource_has_its_permissions(lake, resource, permission, refused):
    with refused("InvalidInputException", message="Permissions modification is invalid."):
        lake.grant(lake.person("ann"), resource, permission)


def test_what_there_is_not_cannot_be_granted_on(lake, refused):
    ann = lake.person("ann")
    for resource in (
        {"Database": {"Name": "none"}},
        table("none"),
        columns("none"),
        {"DataCellsFilter": {"TableCatalogId": lake.account, "DatabaseName": "shop", "TableName": "orders", "Name": "none"}},
    ):
        permission = "DESCRIBE" if "Database" in resource or "Table" in resource else "SELECT"
        with refused("EntityNotFoundException"):
            lake.grant(ann, resource, permission)
    with refused("EntityNotFoundException"):
        lake.grant(ann, {"LFTag": {"TagKey": "none", "TagValues": ["x"]}}, "DESCRIBE")
    with refused("EntityNotFoundException"):
        lake.grant(ann, {"DataLocation": {"ResourceArn": "arn:aws:s3:::none"}}, "DATA_LOCATION_ACCESS")


def test_resources_and_principals_must_make_sense(lake, refused):
    ann = lake.person("ann")
    for resource in ({}, {**DATABASE, **table()}, {"Table": {"DatabaseName": "shop"}}, columns()):
        with refused("InvalidInputException"):
            lake.grant(ann, resource, "SELECT")
    with refused("InvalidInputException", message="Invalid principal"):
        lake.lf.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": "arn:aws:iam::111122223333:group/g"},
            Resource=table(),
            Permissions=["SELECT"],
        )
    with refused("NotImplemented", 501):
        lake.lf.grant_permissions(
            Principal=ann.principal, Resource=table(), Permissions=["SELECT"], Condition={"Expression": "true"}
        )


def test_what_is_not_there_cannot_be_revoked(closed, refused):
    ann = closed.person("ann")
    with refused("InvalidInputException", message="Grantee has no permissions"):
        closed.revoke(ann, table(), "SELECT")
    closed.grant(ann, table(), "SELECT")
    with refused("InvalidInputException", message="Grantee does not have:[INSERT]"):
        closed.revoke(ann, table(), "INSERT")


def test_only_who_has_the_option_may_grant(closed, refused):
    ann, bob = closed.person("ann"), closed.person("bob")
    lf = ann.client("lakeformation")

    def grant(resource, permission):
        lf.grant_permissions(Principal=bob.principal, Resource=resource, Permissions=[permission])

    closed.grant(ann, table(), "SELECT")
    with refused("AccessDeniedException", message="Required Select"):
        grant(table(), "SELECT")
    closed.grant(ann, table(), "SELECT", option=["SELECT"])
    grant(table(), "SELECT")
    grant(columns("id"), "SELECT")
    with refused("AccessDeniedException", message="Required Insert"):
        grant(table(), "INSERT")
    # On columns, the option is for these columns.
    carl = closed.person("carl")
    closed.grant(carl, columns("id", "fruit"), "SELECT")
    closed.grant(carl, columns("id"), "SELECT", option=["SELECT"])
    lf = carl.client("lakeformation")
    grant(columns("id"), "SELECT")
    with refused("AccessDeniedException"):
        grant(columns("fruit"), "SELECT")


def test_columns_add_up_and_are_revoked_one_by_one(closed):
    ann = closed.person("ann")
    closed.grant(ann, columns("id"), "SELECT")
    closed.grant(ann, columns("price", "fruit"), "SELECT")

    def names():
        found = closed.lf.list_permissions(Principal=ann.principal, Resource=table())["PrincipalResourcePermissions"]
        return [one["Resource"]["TableWithColumns"]["ColumnNames"] for one in found]

    assert names() == [["fruit", "id", "price"]]
    closed.revoke(ann, columns("id"), "SELECT")
    assert names() == [["fruit", "price"]]
    closed.revoke(ann, columns("price", "fruit"), "SELECT")
    assert names() == []


def test_a_batch_tells_what_it_could_not_do(closed):
    ann = closed.person("ann")
    entries = [
        {"Id": "1", "Principal": ann.principal, "Resource": table(), "Permissions": ["SELECT"]},
        {"Id": "2", "Principal": ann.principal, "Resource": table("none"), "Permissions": ["SELECT"]},
    ]
    failures = closed.lf.batch_grant_permissions(Entries=entries)["Failures"]
    assert [failure["RequestEntry"]["Id"] for failure in failures] == ["2"]
    assert failures[0]["Error"]["ErrorCode"] == "EntityNotFoundException"
    assert closed.granted(Principal=ann.principal) == {("ann", "Table"): (["SELECT"], [])}
    failures = closed.lf.batch_revoke_permissions(Entries=entries)["Failures"]
    assert [failure["RequestEntry"]["Id"] for failure in failures] == ["2"]
    assert closed.granted(Principal=ann.principal) == {}


def test_permissions_are_listed_in_pages_and_by_type(closed):
    people = [closed.person(f"p{n}") for n in range(5)]
    for person in people:
        closed.grant(person, table(), "SELECT")
    closed.grant(people[0], DATABASE, "DESCRIBE")
    found, token = [], {}
    while True:
        page = closed.lf.list_permissions(ResourceType="TABLE", MaxResults=2, **token)
        assert len(page["PrincipalResourcePermissions"]) <= 2
        found += page["PrincipalResourcePermissions"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    names = [one["Principal"]["DataLakePrincipalIdentifier"].split("/")[-1] for one in found]
    assert [name for name in names if name.startswith("p")] == [f"p{n}" for n in range(5)]
    assert closed.granted(ResourceType="DATABASE", Principal=people[0].principal) == {("p0", "Database"): (["DESCRIBE"], [])}


def test_who_is_no_administrator_sees_what_is_his_own(closed):
    ann, bob = closed.person("ann"), closed.person("bob")
    closed.grant(ann, table(), "SELECT")
    closed.grant(bob, table(), "SELECT")
    found = ann.client("lakeformation").list_permissions()["PrincipalResourcePermissions"]
    assert [one["Principal"]["DataLakePrincipalIdentifier"] for one in found] == [ann.arn]


def test_permissions_are_found_by_where_the_data_are(closed):
    ann = closed.person("ann")
    closed.grant(ann, table(), "SELECT")
    lf, arn = closed.lf, f"arn:aws:s3:::{closed.bucket}/orders"
    found = lf.get_effective_permissions_for_path(ResourceArn=arn)["Permissions"]
    assert ann.arn in [one["Principal"]["DataLakePrincipalIdentifier"] for one in found]
    assert lf.get_effective_permissions_for_path(ResourceArn=f"{arn}s")["Permissions"] == []


def test_what_was_granted_goes_with_the_table(closed):
    ann = closed.person("ann")
    closed.grant(ann, table(), "SELECT")
    closed.glue.delete_table(DatabaseName="shop", Name="orders")
    assert closed.granted(Principal=ann.principal) == {}
    closed.table("orders", {})
    assert closed.granted(Resource=table(), Principal=ann.principal) == {}


def test_all_tables_of_a_database_are_one_resource(closed):
    ann = closed.person("ann")
    wildcard = {"Table": {"DatabaseName": "shop", "TableWildcard": {}}}
    closed.grant(ann, wildcard, "SELECT")
    assert ann.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]["Name"] == "orders"
    shown = closed.lf.list_permissions(Principal=ann.principal)["PrincipalResourcePermissions"][0]["Resource"]
    closed.revoke(ann, shown, "SELECT")
    assert closed.granted(Principal=ann.principal) == {}
