"""EXPLAIN and EXPLAIN ANALYZE."""

import json
import re

SHOP = {"QueryExecutionContext": {"Database": "shop"}}
QUERY = """SELECT fruit, count(*) AS n, sum(price) AS total FROM orders
WHERE dt = '2024-01-01' AND price > 1 GROUP BY fruit HAVING count(*) > 0 ORDER BY total DESC LIMIT 5"""
JOIN = "SELECT a.id FROM orders a JOIN orders b ON a.id = b.id WHERE b.dt > '2024-01-01'"


def plan(sql, text):
    return "\n".join(row[0] for row in sql.rows(text, **SHOP))


def test_the_logical_plan_as_text(orders, sql, athena):
    text = plan(sql, f"EXPLAIN {QUERY}")
    lines = text.splitlines()
    assert lines[0] == "Output[columnNames = [fruit, n, total]]"
    assert lines[1].startswith("│   Layout: [fruit:varchar, ") and ":bigint, " in lines[1] and ":decimal(38,2)]" in lines[1]
    order = [name for name in re.findall(r"└─ (\w+)\[", text) if name != "Project"]
    assert order == ["TopN", "Filter", "Aggregate", "Filter", "TableScan"], text
    assert "TableScan[table = awsdatacatalog:shop:orders, constraint = " in text
    assert "dt := dt:varchar" in text and "count = 5" in text and "keys = [fruit]" in text
    execution = sql.run("EXPLAIN (TYPE LOGICAL) SELECT 1 AS one")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("UTILITY", "EXPLAIN")
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    results = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    assert [it["Name"] for it in results["ResultSetMetadata"]["ColumnInfo"]] == ["Query Plan"]


def test_plans_as_json_and_as_graphs(orders, sql):
    root = json.loads(plan(sql, f"EXPLAIN (FORMAT JSON) {QUERY}"))
    names = []

    def walk(node):
        names.append(node["name"])
        assert set(node) >= {"id", "descriptor", "outputs", "details", "estimates"}
        for child in node["children"]:
            walk(child)

    walk(root)
    assert names[0] == "Output" and names[-1] == "TableScan" and "TopN" in names
    assert [output["type"] for output in root["outputs"]] == ["varchar", "bigint", "decimal(38,2)"]
    fragments = json.loads(plan(sql, f"EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) {JOIN}"))
    names.clear()
    walk(fragments["0"])
    assert names.count("TableScan") == 2 and "InnerJoin" in names
    graph = plan(sql, f"EXPLAIN (FORMAT GRAPHVIZ) {JOIN}")
    nodes = set(re.findall(r"^(plannode_\d+)\[label=", graph, re.M))
    edges = re.findall(r"^(plannode_\d+) -> (plannode_\d+);$", graph, re.M)
    assert graph.startswith("digraph logical_plan {") and graph.endswith("}")
    assert len(edges) == len(nodes) - 1 and {node for edge in edges for node in edge} == nodes
    assert plan(sql, f"EXPLAIN (TYPE DISTRIBUTED, FORMAT GRAPHVIZ) {JOIN}").startswith("digraph distributed_plan {")


def test_the_plan_that_is_run(orders, sql):
    text = plan(sql, f"EXPLAIN (TYPE DISTRIBUTED) {QUERY}")
    assert text.startswith("Fragment 0 [SINGLE]\n    Output layout: [fruit, ")
    # Of two partitions one is read.
    assert "TableScan[table = awsdatacatalog:shop:orders, files = 1" in text
    assert "dt := dt:varchar:PARTITION_KEY" in text and "price := price:decimal(9,2):REGULAR" in text


def test_what_is_read(orders, sql):
    shown = json.loads(plan(sql, f"EXPLAIN (TYPE IO, FORMAT JSON) {JOIN}"))
    one, other = shown["inputTableColumnInfos"]
    assert one["table"] == {"catalog": "awsdatacatalog", "schemaTable": {"schema": "shop", "table": "orders"}}
    [constraint] = one["columnConstraints"] + other["columnConstraints"]
    assert (constraint["columnName"], constraint["type"]) == ("dt", "varchar")
    assert constraint["domain"]["ranges"] == [{"low": {"value": "2024-01-01", "bound": "ABOVE"}, "high": {"bound": "BELOW"}}]


def test_what_is_valid(orders, sql, athena, refused):
    execution = sql.run("EXPLAIN (TYPE VALIDATE) SELECT id FROM orders", **SHOP)
    results = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    [column] = results["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"]) == ("Valid", "boolean")
    assert results["Rows"] == [{"Data": [{"VarCharValue": "true"}]}]
    # Places are those in the whole statement.
    assert sql.fails("EXPLAIN (TYPE VALIDATE) SELECT none FROM orders", **SHOP).startswith("COLUMN_NOT_FOUND: line 1:32: ")
    with refused("InvalidRequestException", message="line 1:23: mismatched input '1'"):
        sql.start("EXPLAIN SELECT (SELEC 1")
    with refused("InvalidRequestException", message="mismatched input 'XML'. Expecting: 'GRAPHVIZ', 'JSON', 'TEXT'"):
        sql.start("EXPLAIN (FORMAT XML) SELECT 1")


def test_a_query_is_run_and_what_each_part_did_is_told(orders, sql):
    execution = sql.run(f"EXPLAIN ANALYZE {QUERY}", **SHOP)
    scanned = len(orders["orders/dt=2024-01-01/a.csv"])
    assert execution["Statistics"]["DataScannedInBytes"] == scanned
    text = plan(sql, f"EXPLAIN ANALYZE {QUERY}")
    header = text.splitlines()[1]
    assert re.fullmatch(rf"    CPU: [\d.]+(ns|us|ms|s), Input: 2 rows \({scanned}B\), Output: 2 rows", header), header
    scan = text[text.index("TableScan[") :]
    assert re.search(r"CPU: [\d.]+\w+ \([\d.]+%\), Output: 2 rows", scan), scan
    of_json = json.loads(plan(sql, f"EXPLAIN ANALYZE (FORMAT JSON) {QUERY}"))["0"]
    assert of_json["scannedBytes"] == scanned and of_json["children"][0]["outputRows"] == 2
    assert sql.fails("EXPLAIN ANALYZE SELECT 1 / (id - 1) FROM orders", **SHOP).startswith("DIVISION_BY_ZERO")
