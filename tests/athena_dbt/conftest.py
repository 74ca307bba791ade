"""A dbt project against an account of its own."""

import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

PROJECT = pathlib.Path(__file__).parent / "project"


@pytest.fixture(scope="module")
def lake(welkin):
    """An account with a bucket."""
    return Lake(welkin, welkin.account())


class Lake:
    """The account that dbt works in, and what it has made there."""

    def __init__(self, welkin, account):
        self.account, self.endpoint = account, welkin.endpoint
        self.athena, self.glue, self.s3 = (welkin.client(name, account) for name in ("athena", "glue", "s3"))
        self.bucket = f"dbt-{account}"
        self.s3.create_bucket(Bucket=self.bucket)

    def environment(self, folder):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DBT_", "WELKIN_"))}
        return kept | {
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "DBT_BUCKET": self.bucket,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_VERSION_CHECK": "false",
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def rows(self, sql):
        """The rows of a query in the project's database."""
        query = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": "shop"},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/asked/"},
        )["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.02)
        assert status["State"] == "SUCCEEDED", status
        found = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in found[1:]]

    def table(self, name):
        return self.glue.get_table(DatabaseName="shop", Name=name)["Table"]


@pytest.fixture(scope="module")
def dbt(lake, tmp_path_factory):
    """Runs `dbt …`: what came of each node, by its name. Fails if a node does, unless that is expected."""
    folder = tmp_path_factory.mktemp("dbt")
    program = pathlib.Path(sys.executable).parent / "dbt"

    def run(*arguments, fails=False):
        command = [program, "--no-use-colors", *arguments]
        done = subprocess.run(command, env=lake.environment(folder), capture_output=True, text=True, timeout=300)
        assert (done.returncode != 0) == fails, done.stdout[-6000:] + done.stderr
        results = json.loads((folder / "target/run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[2]: result["status"] for result in results}

    run.target = folder / "target"
    return run
