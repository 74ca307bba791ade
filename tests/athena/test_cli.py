"""`aws athena`: the AWS CLI."""

import json
import os
import pathlib
import subprocess
import sys

import pytest


@pytest.fixture
def aws(welkin, account):
    """Runs `aws …`: what it prints, as JSON."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": welkin.endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    program = pathlib.Path(sys.executable).parent / "aws"

    def run(*arguments):
        done = subprocess.run([program, *arguments, "--output", "json"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_query_by_the_command_line(aws, orders, sql, bucket):
    started = aws(
        "athena",
        "start-query-execution",
        "--query-string",
        "SELECT fruit, count(*) AS n FROM orders GROUP BY fruit ORDER BY n DESC, fruit",
        "--query-execution-context",
        "Database=shop",
        "--result-configuration",
        f"OutputLocation=s3://{bucket}/cli/",
    )
    sql.wait(started["QueryExecutionId"])
    shown = aws("athena", "get-query-execution", "--query-execution-id", started["QueryExecutionId"])
    assert shown["QueryExecution"]["Status"]["State"] == "SUCCEEDED"
    results = aws("athena", "get-query-results", "--query-execution-id", started["QueryExecutionId"])
    rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in results["ResultSet"]["Rows"]]
    assert rows == [["fruit", "n"], ["apple", "2"], ["", "1"], ["pear", "1"]]
    groups = aws("athena", "list-work-groups")["WorkGroups"]
    assert [group["Name"] for group in groups] == ["primary"]
    tables = aws("athena", "list-table-metadata", "--catalog-name", "AwsDataCatalog", "--database-name", "shop")
    assert [table["Name"] for table in tables["TableMetadataList"]] == ["orders"]
