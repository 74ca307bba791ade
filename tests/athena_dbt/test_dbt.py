"""dbt: seeds, models, tests, incremental models and documentation, in this order."""

import json

ORDERS = [("ann", "2", "17.50", "1"), ("bob", "1", "4.25", "2"), ("cy, the third", "1", "1.25", "3")]

LATEST = "SELECT customer, orders, total FROM latest ORDER BY customer"


def test_seeds_become_tables(dbt, lake):
    assert dbt("seed") == {"raw_orders": "success"}
    assert lake.rows("SELECT * FROM raw_orders ORDER BY id")[3:] == [
        ("4", "cy, the third", "1.25", "true", "2024-01-02"),
        ("5", "bob", "20.00", "true", "2024-01-03"),
        ("6", "dee", None, "false", "2024-01-04"),
    ]
    types = {column["Name"]: column["Type"] for column in lake.table("raw_orders")["StorageDescriptor"]["Columns"]}
    assert types == {"id": "int", "customer": "string", "amount": "decimal(9,2)", "paid": "boolean", "day": "date"}
    # The table by which the file came is gone, and so is the file.
    names = [table["Name"] for table in lake.glue.get_tables(DatabaseName="shop")["TableList"]]
    assert names == ["raw_orders"]


def test_models_are_made(dbt, lake):
    assert dbt("run") == {"orders": "success", "customers": "success", "daily": "success", "latest": "success", "log": "success"}
    assert lake.rows("SELECT customer, orders, total, place FROM customers ORDER BY place") == ORDERS
    assert lake.rows("SELECT dt, orders, total FROM daily ORDER BY dt") == [
        ("2024-01-01", "2", "14.75"),
        ("2024-01-02", "2", "8.25"),
    ]
    assert lake.table("orders")["TableType"] == "VIRTUAL_VIEW"
    customers = lake.table("customers")
    assert customers["Description"] == "What each customer has ordered."
    comments = {column["Name"]: column.get("Comment") for column in customers["StorageDescriptor"]["Columns"]}
    assert comments["customer"] == "Their name."
    assert customers["Parameters"]["classification"] == "parquet"
    assert lake.table("latest")["Parameters"]["table_type"] == "ICEBERG"
    assert lake.rows(LATEST) == [("ann", "2", "17.50"), ("bob", "1", "4.25"), ("cy, the third", "1", "1.25")]
    values = lake.glue.get_partitions(DatabaseName="shop", TableName="daily")["Partitions"]
    assert sorted(partition["Values"][0] for partition in values) == ["2024-01-01", "2024-01-02"]


def test_tests_find_what_holds_and_what_does_not(dbt, lake):
    found = dbt("test")
    assert set(found.values()) == {"pass"} and len(found) == 8, found
    # The view has two more days now, which the other models have not.
    dbt("run", "--select", "orders", "--vars", "{until: '2024-02-01'}")
    failed = {name for name, status in dbt("test", fails=True).items() if status == "fail"}
    assert any(name.startswith("relationships_orders") for name in failed) and "totals_agree" in failed


def test_incremental_models_take_what_is_new(dbt, lake):
    before = lake.table("daily")["StorageDescriptor"]["Location"]
    dbt("run", "--vars", "{until: '2024-01-05'}")
    assert lake.rows("SELECT dt, orders, total FROM daily ORDER BY dt") == [
        ("2024-01-01", "2", "14.75"),
        ("2024-01-02", "2", "8.25"),
        ("2024-01-03", "1", "20.00"),
        ("2024-01-04", "1", None),
    ]
    assert lake.table("daily")["StorageDescriptor"]["Location"] == before
    assert lake.rows("SELECT customer, place FROM customers ORDER BY place") == [
        ("bob", "1"),
        ("ann", "2"),
        ("cy, the third", "3"),
        ("dee", "4"),
    ]
    assert lake.rows("SELECT count(*), max(id) FROM log") == [("6", "6")]
    # Rows of the Iceberg table are changed where they are, and its history is kept.
    assert lake.rows(LATEST) == [("ann", "2", "17.50"), ("bob", "2", "24.25"), ("cy, the third", "1", "1.25"), ("dee", "1", None)]
    snapshots = lake.rows('SELECT snapshot_id FROM "latest$snapshots" ORDER BY committed_at')
    assert len(snapshots) >= 2
    assert len(lake.rows(f"SELECT customer FROM latest FOR VERSION AS OF {snapshots[0][0]}")) == 3
    assert set(dbt("test").values()) == {"pass"}
    dbt("run", "--full-refresh", "--select", "orders", "log", "--vars", "{until: '2024-01-02'}")
    assert lake.rows("SELECT id FROM log ORDER BY id") == [("1",), ("2",)]


def test_documentation_is_made(dbt, lake):
    dbt("docs", "generate")
    catalog = json.loads((dbt.target / "catalog.json").read_text())
    assert catalog["errors"] is None
    nodes = {name.split(".")[-1]: node for name, node in catalog["nodes"].items()}
    assert set(nodes) == {"orders", "customers", "daily", "latest", "log", "raw_orders"}
    columns = {name: column["type"] for name, column in nodes["daily"]["columns"].items()}
    assert columns == {"orders": "bigint", "total": "decimal(38,2)", "dt": "string"}
    assert nodes["orders"]["metadata"]["type"] == "view"


def test_everything_at_once_is_made_and_removed(dbt, lake):
    assert set(dbt("build", "--full-refresh").values()) <= {"success", "pass"}
    dbt("run-operation", "drop_glue_database", "--args", "{database_name: shop, catalog_name: awsdatacatalog}")
    assert lake.glue.get_databases()["DatabaseList"] == []
