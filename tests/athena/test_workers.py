"""Queries by two workers, which are processes of their own: the same answers, and what goes wrong."""

import contextlib
import json
import os
import signal
import subprocess
import time

import pytest

SECRET = {"WELKIN_SQL_SECRET": "a secret of the tests"}

SHOP = {"QueryExecutionContext": {"Database": "shop"}}

SALES = """CREATE TABLE sales WITH (format = 'PARQUET', partitioned_by = ARRAY['day'], external_location = '{}') AS
    SELECT n AS id, n % 7 AS kind, cast(n * 1.25 AS decimal(12,2)) AS price, 'd' || cast(n % 8 AS varchar) AS day
    FROM UNNEST(sequence(1, 4000)) AS t (n)"""

QUERIES = [
    "SELECT kind, count(*), sum(price), avg(price), min(day) FROM sales GROUP BY kind ORDER BY kind",
    "SELECT count(*) FROM sales WHERE day = 'd3' AND id < 1000",
    "SELECT a.kind, count(*), sum(b.price) FROM sales a JOIN sales b ON a.id = b.id + 1 GROUP BY a.kind ORDER BY 1",
    "SELECT day, array_agg(id ORDER BY id DESC)[1], max_by(id, price) FROM sales GROUP BY day ORDER BY day",
    "SELECT id, upper(day), try(id / (kind - 3)) FROM sales WHERE price > 4990 ORDER BY id LIMIT 20",
    "SELECT count(DISTINCT \"$path\"), approx_distinct(id) FROM sales",
    "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY kind ORDER BY price DESC) AS n FROM sales) "
    "WHERE n = 1 ORDER BY id",
]


@contextlib.contextmanager
def sql_worker(program):
    command = [program, "sql-worker", "--listen", "127.0.0.1:0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | SECRET)
    try:
        process.address = json.loads(process.stdout.readline())["address"]
        yield process
    finally:
        process.kill()
        process.wait(30)


@pytest.fixture
def workers(program):
    with sql_worker(program) as first, sql_worker(program) as second:
        yield first, second


@pytest.fixture
def cluster(start, workers, monkeypatch):
    """A Welkin with the two workers."""
    monkeypatch.setenv(*next(iter(SECRET.items())))
    with start("--memory", "--sql-workers", ",".join(worker.address for worker in workers)) as own:
        yield own


def shop(own, queries):
    """A fresh account with a table of several files: its queries."""
    account = own.account()
    bucket = f"lake-{account}"
    own.client("s3", account).create_bucket(Bucket=bucket)
    sql = queries(own.client("athena", account), f"s3://{bucket}/results/", **SHOP)
    sql.account, sql.bucket = account, bucket
    sql.run("CREATE DATABASE shop")
    sql.run(SALES.format(f"s3://{bucket}/sales/"))
    return sql


def read(own):
    return {state["address"]: state["bytes_read"] for state in own.admin("GET", "sql-workers")["workers"]}


def test_answers_and_statistics_are_those_of_the_engine_alone(welkin, cluster, queries):
    alone, together = shop(welkin, queries), shop(cluster, queries)
    for sql in QUERIES:
        assert together.rows(sql) == alone.rows(sql), sql
        scanned = [of.run(sql)["Statistics"]["DataScannedInBytes"] for of in (alone, together)]
        assert scanned[0] == scanned[1] > 0, sql
    assert len(read(cluster)) == 2 and all(read(cluster).values()), "both have worked"
    plan = "\n".join(row for row, in together.rows(f"EXPLAIN (TYPE DISTRIBUTED) {QUERIES[0]}"))
    assert "RemoteExchange" in plan and "TableScan[table = awsdatacatalog:shop:sales" in plan, plan
    here = "\n".join(row for row, in together.rows("EXPLAIN ANALYZE SELECT count(*) FROM sales WHERE random() < 2"))
    assert "RemoteExchange" not in here, here


def test_iceberg_tables_are_read_with_their_deletes(welkin, cluster, queries):
    answers = []
    for own in (welkin, cluster):
        sql = shop(own, queries)
        sql.run(
            f"""CREATE TABLE facts (id int, kind int, price decimal(12,2)) PARTITIONED BY (kind)
            LOCATION 's3://{sql.bucket}/facts/' TBLPROPERTIES ('table_type' = 'ICEBERG')"""
        )
        sql.run("INSERT INTO facts SELECT cast(id AS int), cast(kind AS int), price FROM sales")
        sql.run("DELETE FROM facts WHERE id % 10 = 0")
        sql.run("UPDATE facts SET price = 1 WHERE kind = 2")
        answers.append(sql.rows("SELECT kind, count(*), sum(price), max(id) FROM facts GROUP BY kind ORDER BY kind"))
    assert answers[0] == answers[1] and len(answers[0]) == 7
    assert all(read(cluster).values())


def test_objects_are_read_with_the_rights_of_who_asks(cluster, queries):
    sql = shop(cluster, queries)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{sql.bucket}/sales/*"}
    user = cluster.user(sql.account, {"Version": "2012-10-17", "Statement": [everything, denied]})
    athena = cluster.client("athena", **user)
    reason = queries(athena, f"s3://{sql.bucket}/results/", **SHOP).fails(QUERIES[0])
    assert reason.startswith("Permission denied on S3 path: s3://"), reason


def test_errors_in_workers_are_the_querys(cluster, queries):
    sql = shop(cluster, queries)
    assert sql.fails("SELECT sum(id / (kind - kind)) FROM sales").startswith("DIVISION_BY_ZERO: Division by zero")
    assert sql.rows(QUERIES[1]), "the next one is well"


def test_a_worker_that_is_killed_fails_the_query_at_most_and_is_gone_without(cluster, workers, queries):
    sql = shop(cluster, queries)
    slow = "SELECT count(*) FROM sales a JOIN sales b ON a.kind = b.kind AND sqrt(a.id * b.id) < 0.5"
    query = sql.start(slow)
    until = time.monotonic() + 30
    while not all(read(cluster).values()) and time.monotonic() < until:
        time.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    ended = sql.wait(query)
    if ended["Status"]["State"] == "FAILED":
        assert ended["Status"]["StateChangeReason"]
    else:
        assert ended["Status"]["State"] == "SUCCEEDED"
    expected = sql.rows(QUERIES[0])
    there = {state["address"]: state["there"] for state in cluster.admin("GET", "sql-workers")["workers"]}
    assert there == {workers[0].address: False, workers[1].address: True}
    workers[1].send_signal(signal.SIGKILL)
    assert sql.rows(QUERIES[0]) == expected, "without any worker it is run here"


@pytest.mark.parametrize(
    "options, environment, message",
    [
        (["--sql-workers", "127.0.0.1:1"], SECRET, "the SQL worker 127.0.0.1:1 cannot be used"),
        (["--sql-workers", "127.0.0.1:1"], {}, "SQL workers need a secret"),
        (["--sql-workers", "127.0.0.1:1"], {"WELKIN_SQL_SECRET": "short"}, "the secret of SQL workers is none"),
        (["--sql-workers", "nowhere"], SECRET, '"nowhere" is no SQL worker\'s address'),
    ],
)
def test_workers_that_cannot_be_used_refuse_the_start(program, options, environment, message):
    command = [program, "up", "--memory", "--listen", "127.0.0.1:0", "--json", *options]
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("WELKIN_SQL")} | environment
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=surroundings)
    fault = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode != 0, fault["message"]) == (True, message)
    assert fault["hint"]


def test_a_worker_with_another_secret_is_refused(program, workers):
    command = [program, "up", "--memory", "--listen", "127.0.0.1:0", "--json", "--sql-workers", workers[0].address]
    other = os.environ | {"WELKIN_SQL_SECRET": "another secret of the tests"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=other)
    fault = json.loads(done.stderr.splitlines()[-1])
    assert fault["message"] == f"the SQL worker {workers[0].address} cannot be used"
    assert "secret" in fault["detail"]
