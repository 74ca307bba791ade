"""A query goes on after kill -9."""

import signal


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
