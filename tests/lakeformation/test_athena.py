"""What Athena reads by Lake Formation: columns, rows, tags, and with whose credentials."""

import json
import time

from conftest import DATABASE, columns, table


def cells(lake, name, rows, names=None, wildcard=None):
    data = {"TableCatalogId": lake.account, "DatabaseName": "shop", "TableName": "orders", "Name": name}
    data["RowFilter"] = {"FilterExpression": rows} if rows else {"AllRowsWildcard": {}}
    if names:
        data["ColumnNames"] = names
    else:
        data["ColumnWildcard"] = wildcard or {}
    lake.lf.create_data_cells_filter(TableData=data)
    resource = {"TableCatalogId": lake.account, "DatabaseName": "shop", "TableName": "orders", "Name": name}
    return {"DataCellsFilter": resource}


def test_with_the_default_queries_go_by_iam_alone(lake):
    ann = lake.reader("ann")
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
    assert "Permission denied on S3 path" in lake.person("bob").fails("SELECT * FROM shop.orders")


def test_without_a_grant_nothing_is_read(closed):
    ann = closed.reader("ann")
    reason = ann.fails("SELECT * FROM shop.orders")
    assert "Insufficient permissions to execute the query" in reason
    assert "Insufficient Lake Formation permission(s): Required Describe on orders" in reason
    closed.grant(ann, table(), "DESCRIBE")
    assert "Relation contains no accessible columns" in ann.fails("SELECT * FROM shop.orders")
    closed.grant(ann, table(), "SELECT")
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
    closed.revoke(ann, table(), "SELECT", "DESCRIBE")
    assert "Insufficient Lake Formation permission(s)" in ann.fails("SELECT * FROM shop.orders")


def test_only_granted_columns_are_read(closed):
    ann = closed.reader("ann")
    closed.grant(ann, columns("id", "country"), "SELECT")
    rows = ann.rows("SELECT * FROM shop.orders ORDER BY id")
    assert rows == [("id", "country"), ("1", "de"), ("2", "fr"), ("3", "de"), ("4", "it")]
    assert ann.rows("SELECT country, count(*) FROM shop.orders GROUP BY 1 ORDER BY 1")[1:] == [("de", "2"), ("fr", "1"), ("it", "1")]
    reason = ann.fails("SELECT price FROM shop.orders")
    assert "COLUMN_NOT_FOUND" in reason
    assert "Column 'price' cannot be resolved or requester is not authorized to access requested resources" in reason
    assert "COLUMN_NOT_FOUND" in ann.fails('SELECT "$path" FROM shop.orders')
    bob = closed.reader("bob")
    but = {"TableWithColumns": {"DatabaseName": "shop", "Name": "orders", "ColumnWildcard": {"ExcludedColumnNames": ["price", "id"]}}}
    closed.grant(bob, but, "SELECT")
    assert bob.rows("SELECT * FROM shop.orders LIMIT 1")[0] == ("fruit", "country")


def test_filters_limit_rows_and_columns(closed):
    ann, bob, carl = closed.reader("ann"), closed.reader("bob"), closed.reader("carl")
    german = cells(closed, "german", "country = 'de'", names=["id", "fruit"])
    cheap = cells(closed, "cheap", "price < 2 AND fruit LIKE '%p%'", wildcard={"ExcludedColumnNames": ["country"]})
    closed.grant(ann, german, "SELECT")
    assert ann.rows("SELECT * FROM shop.orders ORDER BY id") == [("id", "fruit"), ("1", "apple"), ("3", "apple")]
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("2",)
    assert "COLUMN_NOT_FOUND" in ann.fails("SELECT id FROM shop.orders WHERE country = 'fr'")
    closed.grant(bob, cheap, "SELECT")
    assert bob.rows("SELECT * FROM shop.orders ORDER BY id")[1:] == [("3", "apple", "1.25"), ("4", "plum", "0.75")]
    # Of several filters everything is read that one of them lets through, and nothing else.
    closed.grant(carl, german, "SELECT")
    closed.grant(carl, cheap, "SELECT")
    rows = carl.rows("SELECT id, fruit, price FROM shop.orders ORDER BY id")[1:]
    assert rows == [("1", "apple", None), ("3", "apple", "1.25"), ("4", "plum", "0.75")]
    # A grant on the whole table takes the limits away.
    closed.grant(carl, table(), "SELECT")
    assert carl.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)


def test_a_filter_that_changes_is_in_force_at_once(closed):
    ann = closed.reader("ann")
    closed.grant(ann, cells(closed, "f", "country = 'de'"), "SELECT")
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("2",)
    named = {"TableCatalogId": closed.account, "DatabaseName": "shop", "TableName": "orders", "Name": "f"}
    closed.lf.update_data_cells_filter(
        TableData={**named, "RowFilter": {"FilterExpression": "country = 'it'"}, "ColumnWildcard": {}}
    )
    assert ann.rows("SELECT id FROM shop.orders")[1:] == [("4",)]
    closed.lf.delete_data_cells_filter(**named)
    assert "Insufficient Lake Formation permission(s)" in ann.fails("SELECT id FROM shop.orders")


def test_views_read_with_the_rights_of_who_asks(closed):
    ann = closed.reader("ann")
    iam = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    closed.grant(closed.admin, table(), "SELECT")
    closed.lf.grant_permissions(Principal=closed.admin.principal, Resource=DATABASE, Permissions=["CREATE_TABLE"])
    closed.admin.rows("SELECT 1 FROM shop.orders LIMIT 1")
    execution = closed.admin.execute("CREATE VIEW shop.cheap AS SELECT id, fruit FROM shop.orders WHERE price < 2")
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    closed.lf.revoke_permissions(Principal=iam, Resource=table("cheap"), Permissions=["ALL"])
    assert "Insufficient" in ann.fails("SELECT * FROM shop.cheap")
    closed.grant(ann, table("cheap"), "SELECT")
    # The view alone is not enough: what is below it must be permitted as well.
    assert "Insufficient" in ann.fails("SELECT * FROM shop.cheap")
    closed.grant(ann, table(), "SELECT")
    assert ann.rows("SELECT id FROM shop.cheap ORDER BY id")[1:] == [("3",), ("4",)]


def test_statements_of_definitions_go_by_glue(closed):
    ann = closed.reader("ann")
    assert "Insufficient Lake Formation permission(s)" in ann.fails("DROP TABLE shop.orders")
    closed.grant(ann, columns("id", "fruit"), "SELECT")
    assert [row[0].split("\t")[0].strip() for row in ann.rows("DESCRIBE shop.orders")] == ["id", "fruit"]
    assert ann.rows("SHOW TABLES IN shop") == [("orders",)]
    rows = ann.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'shop'")
    assert sorted(rows[1:]) == [("fruit",), ("id",)]


def test_rows_are_written_by_who_may_insert(closed):
    ann = closed.person("ann", "s3:*")
    closed.grant(ann, table(), "SELECT")
    assert "Required Insert on orders" in ann.fails("INSERT INTO shop.orders VALUES (5, 'fig', 1.0, 'gr')")
    closed.grant(ann, table(), "INSERT")
    assert ann.execute("INSERT INTO shop.orders VALUES (5, 'fig', 1.0, 'gr')")["Status"]["State"] == "SUCCEEDED"
    assert ann.rows("SELECT fruit FROM shop.orders WHERE id = 5")[1:] == [("fig",)]


def test_data_at_a_registered_location_are_read_with_its_role(closed):
    ann = closed.person("ann")
    closed.grant(ann, columns("id"), "SELECT")
    # The user may not read the bucket.
    assert "Permission denied on S3 path" in ann.fails("SELECT * FROM shop.orders")
    closed.register("/orders")
    assert ann.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]["IsRegisteredWithLakeFormation"] is True
    assert ann.rows("SELECT * FROM shop.orders ORDER BY id")[1:] == [("1",), ("2",), ("3",), ("4",)]
    # Now the role is what must be allowed.
    iam = closed.welkin.client("iam", closed.account)
    iam.delete_role_policy(RoleName="lake", PolicyName="lake")
    assert "Permission denied on S3 path" in ann.fails("SELECT * FROM shop.orders")


def test_data_access_is_a_permission_of_iam_too(closed):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["athena:*", "glue:*", "s3:*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "lakeformation:GetDataAccess", "Resource": "*"},
        ],
    }
    ann = closed.person("ann")
    closed.welkin.client("iam", closed.account).put_user_policy(UserName="ann", PolicyName="policy", PolicyDocument=json.dumps(policy))
    closed.grant(ann, table(), "SELECT")
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
    closed.register("/orders")
    reason = ann.fails("SELECT count(*) FROM shop.orders")
    assert "not authorized to perform: lakeformation:GetDataAccess" in reason


def test_rows_at_a_registered_location_are_written_with_its_role(closed):
    ann = closed.person("ann")
    closed.register()
    closed.grant(ann, table(), "SELECT", "INSERT")
    assert ann.execute("INSERT INTO shop.orders VALUES (5, 'fig', 1.0, 'gr')")["Status"]["State"] == "SUCCEEDED"
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("5",)


def test_data_access_is_on_the_record(closed):
    ann = closed.person("ann")
    closed.register("/orders")
    closed.grant(ann, table(), "SELECT")
    ann.rows("SELECT id FROM shop.orders")
    trail = closed.welkin.client("cloudtrail", closed.account)
    until = time.monotonic() + 30
    while not (found := trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetDataAccess"}])["Events"]):
        assert time.monotonic() < until
        time.sleep(0.1)
    event = json.loads(found[0]["CloudTrailEvent"])
    assert event["eventSource"] == "lakeformation.amazonaws.com"
    assert event["userIdentity"]["arn"] == ann.arn
    assert event["sourceIPAddress"] == "athena.amazonaws.com"
    assert event["requestParameters"]["tableArn"].endswith(":table/shop/orders")
    assert event.get("responseElements") is None
    assumed = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}])["Events"]
    event = json.loads(assumed[0]["CloudTrailEvent"])
    assert event["userIdentity"]["invokedBy"] == "lakeformation.amazonaws.com"


def test_iceberg_tables_are_filtered_as_well(closed):
    admin = closed.admin
    closed.lf.grant_permissions(Principal=admin.principal, Resource=DATABASE, Permissions=["CREATE_TABLE"])
    made = admin.execute(
        f"CREATE TABLE shop.ice (id int, country string) LOCATION 's3://{closed.bucket}/ice/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    assert made["Status"]["State"] == "SUCCEEDED", made["Status"]
    for statement in ("INSERT INTO shop.ice VALUES (1, 'de'), (2, 'fr')",):
        assert admin.execute(statement)["Status"]["State"] == "SUCCEEDED"
    iam = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    closed.lf.revoke_permissions(Principal=iam, Resource=table("ice"), Permissions=["ALL"])
    ann = closed.person("ann", "s3:*")
    closed.grant(ann, columns("id", name="ice"), "SELECT")
    assert ann.rows("SELECT * FROM shop.ice ORDER BY id") == [("id",), ("1",), ("2",)]
    assert "Insufficient Lake Formation permission(s)" in ann.fails('SELECT * FROM "shop"."ice$files"')
    assert "Required Delete on ice" in ann.fails("DELETE FROM shop.ice WHERE id = 1")
    closed.grant(ann, table("ice"), "DELETE", "ALTER")
    assert "all columns and rows of the table are needed" in ann.fails("DELETE FROM shop.ice WHERE id = 1")
    closed.grant(ann, table("ice"), "SELECT")
    assert ann.execute("DELETE FROM shop.ice WHERE id = 1")["Status"]["State"] == "SUCCEEDED"
    assert ann.rows("SELECT id FROM shop.ice")[1:] == [("2",)]
