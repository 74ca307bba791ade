"""A query goes on after kill -9."""

import signal
import time

import pytest


def test_a_query_that_runs_is_run_again_after_a_crash(start, tmp_path, queries):
    data = str(tmp_path / "data")
    with start("--data", data) as welkin:
        account = welkin.account()
        welkin.client("s3", account).create_bucket(Bucket=f"lake-{account}")
        sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
        sql.run("CREATE DATABASE db")
        # It takes a while: the process is killed as soon as it runs.
        query = sql.start(
            "SELECT count(*) AS n FROM UNNEST(sequence(1, 10000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 1500)) AS b(y) "
            "WHERE (x * y) % 7 = 3"
        )
        while sql.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "QUEUED":
            pass
        state = sql.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
        assert state == "RUNNING"
        welkin.process.send_signal(signal.SIGKILL)
        welkin.process.wait(30)
    with start("--data", data) as welkin:
        sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
        execution = sql.wait(query)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        rows = sql.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        of = lambda most: [sum(1 for n in range(1, most + 1) if n % 7 == rest) for rest in range(7)]
        xs, ys = of(10_000), of(1_500)
        expected = sum(xs[x] * ys[y] for x in range(7) for y in range(7) if x * y % 7 == 3)
        assert rows[1]["Data"][0]["VarCharValue"] == str(expected)
        assert sql.rows("SHOW DATABASES") == [("db",)]


CHANGES = {
    "insert": "INSERT INTO db.t SELECT n + 1000, 'new' FROM UNNEST(sequence(1, 2000)) s (n)",
    "merge": """MERGE INTO db.t USING (SELECT n FROM UNNEST(sequence(500, 1500)) s (n)) u ON t.id = u.n
        WHEN MATCHED THEN UPDATE SET name = 'merged' WHEN NOT MATCHED THEN INSERT (id, name) VALUES (u.n, 'merged')""",
    "optimize": "OPTIMIZE db.t REWRITE DATA USING BIN_PACK",
}


def content(sql):
    """What a table holds, as one row."""
    return sql.rows("SELECT count(*), sum(id), count_if(name = 'merged'), count_if(name = 'new') FROM db.t")[0]


@pytest.mark.parametrize("delay", [0.0, 0.15])
@pytest.mark.parametrize("change", CHANGES)
def test_an_iceberg_table_is_as_before_or_after_a_crash(start, tmp_path, queries, change, delay):
    data = str(tmp_path / "data")
    with start("--data", data) as welkin:
        account = welkin.account()
        welkin.client("s3", account).create_bucket(Bucket=f"lake-{account}")
        sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
        sql.run("CREATE DATABASE db")
        properties = "'table_type'='ICEBERG', 'optimize_rewrite_data_file_threshold'='2'"
        sql.run(f"CREATE TABLE db.t (id bigint, name string) LOCATION 's3://lake-{account}/t/' TBLPROPERTIES ({properties})")
        for part in range(2):
            sql.run(f"INSERT INTO db.t SELECT n, 'old' FROM UNNEST(sequence({part * 500 + 1}, {part * 500 + 500})) s (n)")
        before = content(sql)
        query = sql.start(CHANGES[change])
        while sql.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "QUEUED":
            pass
        time.sleep(delay)
        welkin.process.send_signal(signal.SIGKILL)
        welkin.process.wait(30)
    with start("--data", data) as welkin:
        sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
        state = sql.wait(query)["Status"]["State"]
        after = {
            "insert": ("3000", str(sum(range(1, 1001)) + sum(range(1001, 3001))), "0", "2000"),
            "merge": ("1500", str(sum(range(1, 1501))), "1001", "0"),
            "optimize": before,
        }[change]
        assert content(sql) == (after if state == "SUCCEEDED" else before), "nothing is there by half, or twice"
        assert state == "SUCCEEDED", "it is run again"
        welkin.advance("6d")
        sql.run("VACUUM db.t")
        assert content(sql) == after
        listed = welkin.client("s3", account).list_objects_v2(Bucket=f"lake-{account}", Prefix="t/data/")["Contents"]
        known = {row[0] for row in sql.rows('SELECT file_path FROM db."t$files"')}
        assert {f"s3://lake-{account}/{one['Key']}" for one in listed} == known, "no file is left that nothing refers to"
