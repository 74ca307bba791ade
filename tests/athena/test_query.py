"""Queries over files in S3, and their results."""

import gzip
import json
import time

import pytest

SHOP = {"QueryExecutionContext": {"Database": "shop"}}


def test_a_query_without_a_table(sql, athena):
    execution = sql.run("SELECT 1 AS one, 'a\"b' AS text, CAST(NULL AS varchar) AS nothing, '' AS empty")
    assert execution["StatementType"] == "DML"
    results = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in results["ResultSet"]["Rows"]]
    assert rows == [["one", "text", "nothing", "empty"], ["1", 'a"b', None, ""]]
    columns = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(it["Name"], it["Type"], it["Precision"]) for it in columns[:2]] == [
        ("one", "integer", 10),
        ("text", "varchar", 3),
    ]
    assert columns[0]["Nullable"] == "UNKNOWN" and columns[0]["CatalogName"] == "hive"
    assert results["UpdateCount"] == 0


def test_the_result_is_a_file_with_everything_quoted(sql, s3, bucket):
    execution = sql.run("SELECT 1 AS one, CAST(NULL AS varchar) AS nothing, '' AS empty")
    query = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://{bucket}/results/{query}.csv"
    body = s3.get_object(Bucket=bucket, Key=f"results/{query}.csv")["Body"].read()
    assert body == b'"one","nothing","empty"\n"1",,""\n'
    assert s3.head_object(Bucket=bucket, Key=f"results/{query}.csv.metadata")["ContentLength"] > 0
    ddl = sql.run("SHOW DATABASES")
    assert ddl["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    assert ddl["StatementType"] == "UTILITY"


def test_rows_of_csv_files_by_partition(orders, sql):
    assert sql.rows("SELECT id, fruit, price, dt FROM orders ORDER BY id", **SHOP) == [
        ("1", "apple", "2.50", "2024-01-01"),
        ("2", "pear", "3.00", "2024-01-01"),
        ("3", "apple", "1.25", "2024-01-02"),
        ("4", "", "0.75", "2024-01-02"),
    ]
    execution = sql.run("SELECT count(*) FROM shop.orders WHERE dt = '2024-01-02'")
    # Only that partition's file is read.
    assert execution["Statistics"]["DataScannedInBytes"] == len(orders["orders/dt=2024-01-02/b.csv"])
    statistics = execution["Statistics"]
    assert statistics["TotalExecutionTimeInMillis"] >= statistics["EngineExecutionTimeInMillis"] >= 0


def test_json_and_gzip(sql, s3, bucket):
    lines = [{"Name": "a", "n": 1, "tags": ["x", "y"]}, {"Name": "b", "n": 2, "tags": []}]
    body = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    s3.put_object(Bucket=bucket, Key="json/one.json.gz", Body=body)
    sql.run("CREATE DATABASE db")
    sql.run(
        f"""CREATE EXTERNAL TABLE db.j (name string, n int, tags array<string>)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://{bucket}/json/'"""
    )
    assert sql.rows("SELECT name, n, cardinality(tags), tags FROM db.j ORDER BY 1") == [
        ("a", "1", "2", "[x, y]"),
        ("b", "2", "0", "[]"),
    ]


def test_views_are_queried(orders, sql):
    sql.run("CREATE VIEW shop.apples AS SELECT id, price FROM orders WHERE fruit = 'apple'", **SHOP)
    sql.run("CREATE VIEW shop.sums AS SELECT sum(price) AS total FROM apples", **SHOP)
    assert sql.rows("SELECT total FROM shop.sums") == [("3.75",)]


def test_what_cannot_be_resolved_is_told_as_trino_tells_it(orders, sql):
    assert sql.fails("SELECT x FROM orders", **SHOP) == (
        "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved or requester is not authorized to access "
        "requested resources"
    )
    assert sql.fails("SELECT * FROM none", **SHOP) == (
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.none' does not exist"
    )
    assert sql.fails("SELECT * FROM a.b").startswith("SCHEMA_NOT_FOUND: line 1:15: Schema 'a' does not exist")
    assert sql.fails("SELECT 1 / 0").startswith("DIVISION_BY_ZERO")


def test_results_come_in_pages(sql, athena):
    query = sql.run("SELECT n FROM UNNEST(sequence(1, 25)) AS t(n) ORDER BY n")["QueryExecutionId"]
    seen, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        page = athena.get_query_results(QueryExecutionId=query, MaxResults=10, **more)
        rows = [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]]
        assert len(rows) <= 10
        seen += rows
        token = page.get("NextToken")
        if not token:
            break
    assert seen == ["n", *(str(n) for n in range(1, 26))]


def test_results_of_a_query_that_did_not_succeed(sql, athena, refused):
    query = sql.start("SELECT 1 / 0")
    sql.wait(query)
    with refused("InvalidRequestException", message="Final query state: FAILED"):
        athena.get_query_results(QueryExecutionId=query)
    with refused("InvalidRequestException", message="QueryExecution none was not found"):
        athena.get_query_results(QueryExecutionId="none")


def test_the_same_token_is_the_same_query(sql, refused):
    token = "token-" * 8
    first = sql.start("SELECT 1", ClientRequestToken=token)
    assert sql.start("SELECT 1", ClientRequestToken=token) == first
    with refused("InvalidRequestException", message="Idempotent parameters do not match"):
        sql.start("SELECT 2", ClientRequestToken=token)


def test_queries_are_listed_the_newest_first(sql, athena, welkin):
    queries = []
    for n in range(5):
        queries.append(sql.run(f"SELECT {n}")["QueryExecutionId"])
        welkin.advance("1s")
    first = athena.list_query_executions(MaxResults=3)
    second = athena.list_query_executions(MaxResults=3, NextToken=first["NextToken"])
    assert first["QueryExecutionIds"] + second["QueryExecutionIds"] == queries[::-1]
    assert "NextToken" not in second
    batch = athena.batch_get_query_execution(QueryExecutionIds=[queries[0], "none"])
    assert [it["Query"] for it in batch["QueryExecutions"]] == ["SELECT 0"]
    assert batch["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == "none"
    welkin.advance("46d")
    assert athena.list_query_executions()["QueryExecutionIds"] == []


# A query that nobody waits for to the end.
LONG = """SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b(y)
CROSS JOIN UNNEST(sequence(1, 10000)) AS c(z) WHERE (x * y + z) % 7 = 3"""


def test_a_query_is_stopped(sql, athena):
    query = sql.start(LONG)
    until = time.monotonic() + 30
    while athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "QUEUED":
        assert time.monotonic() < until
    athena.stop_query_execution(QueryExecutionId=query)
    status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    assert status["State"] == "CANCELLED"
    # It has left the queue: others run, and stopping it again changes nothing.
    assert sql.rows("SELECT 1") == [("1",)]
    athena.stop_query_execution(QueryExecutionId=query)
    assert athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"] == status
    done = sql.run("SELECT 2")["QueryExecutionId"]
    athena.stop_query_execution(QueryExecutionId=done)
    assert athena.get_query_execution(QueryExecutionId=done)["QueryExecution"]["Status"]["State"] == "SUCCEEDED"


def test_a_result_is_used_again_as_long_as_it_is_young(sql, welkin):
    reuse = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 10}}}
    first = sql.run("SELECT random() AS r", **reuse)
    again = sql.run("SELECT random() AS r", **reuse)
    reused = again["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
    assert reused and not first["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
    assert again["ResultConfiguration"] == first["ResultConfiguration"]
    welkin.advance("11m")
    later = sql.run("SELECT random() AS r", **reuse)
    assert not later["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]


def test_a_query_that_reads_too_much_is_cancelled(sql, athena, s3, bucket):
    s3.put_object(Bucket=bucket, Key="big/a.csv", Body=b"0123456789012345678\n" * 600_000)
    athena.create_work_group(
        Name="small",
        Configuration={"BytesScannedCutoffPerQuery": 10_000_000, "EnforceWorkGroupConfiguration": False},
    )
    sql.run("CREATE DATABASE db")
    sql.run(f"CREATE EXTERNAL TABLE db.big (a string) LOCATION 's3://{bucket}/big/'")
    status = sql.wait(sql.start("SELECT max(a) FROM db.big", WorkGroup="small"))["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert sql.rows("SELECT count(*) FROM db.big") == [("600000",)]


def test_statistics_of_a_run(orders, sql, athena):
    query = sql.run("SELECT * FROM shop.orders")["QueryExecutionId"]
    found = athena.get_query_runtime_statistics(QueryExecutionId=query)["QueryRuntimeStatistics"]
    assert found["Rows"]["OutputRows"] == 4
    assert found["Rows"]["InputBytes"] == sum(len(text) for text in orders.values())


@pytest.mark.parametrize("text", ["SELECT 1; SELECT 2", "(" * 5000 + "SELECT 1"])
def test_odd_texts_are_refused_and_harm_nothing(sql, refused, text):
    with refused("InvalidRequestException"):
        sql.start(text)
    assert sql.rows("SELECT 1") == [("1",)]


def test_a_truncated_file_fails_with_a_reason(sql, s3, bucket):
    s3.put_object(Bucket=bucket, Key="cut/a.csv.gz", Body=gzip.compress(b"1\n2\n" * 10_000)[:40])
    sql.run("CREATE DATABASE db")
    sql.run(f"CREATE EXTERNAL TABLE db.cut (a int) LOCATION 's3://{bucket}/cut/'")
    assert sql.fails("SELECT count(*) FROM db.cut").startswith("HIVE_")
    assert sql.rows("SELECT 1") == [("1",)]
