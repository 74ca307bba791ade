"""The AWS CLI, as the article's readers use it."""

import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

# The CLI of this Python's environment, or the one that is installed.
AWS = shutil.which("aws", path=str(pathlib.Path(sys.executable).parent)) or "aws"


class Aws:
    """Runs `aws …` as the root user of an account."""

    def __init__(self, account):
        self.environment = dict(
            os.environ,
            AWS_ACCESS_KEY_ID=account,
            AWS_SECRET_ACCESS_KEY="any",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_ENDPOINT_URL=os.environ.get("AWS_ENDPOINT_URL", "http://localhost:4566"),
            AWS_PAGER="",
        )

    def __call__(self, *arguments):
        """What the command prints."""
        done = subprocess.run([AWS, *arguments], env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"aws {arguments}: {done.stderr}"
        return done.stdout

    def json(self, *arguments):
        """What the command answers."""
        return json.loads(self(*arguments, "--output", "json"))


class Athena:
    """Runs statements in a database; results go below a place in S3."""

    def __init__(self, aws, database, output):
        self.aws, self.database, self.output = aws, database, output

    def run(self, sql):
        """The execution of a statement that succeeds."""
        started = self.aws.json(
            "athena", "start-query-execution", "--query-string", sql,
            "--query-execution-context", f"Database={self.database}",
            "--result-configuration", f"OutputLocation={self.output}",
        )  # fmt: skip
        while True:
            shown = self.aws.json(
                "athena", "get-query-execution", "--query-execution-id", started["QueryExecutionId"]
            )["QueryExecution"]
            if shown["Status"]["State"] not in ("QUEUED", "RUNNING"):
                assert shown["Status"]["State"] == "SUCCEEDED", shown["Status"]
                return shown
            time.sleep(0.1)

    def ask(self, sql):
        """The columns' types, and the rows as dictionaries, of `get-query-results`."""
        return self.rows(self.run(sql))

    def rows(self, execution):
        """The same, of an execution."""
        query = execution["QueryExecutionId"]
        found = self.aws.json("athena", "get-query-results", "--query-execution-id", query)["ResultSet"]
        names, *rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in found["Rows"]]
        types = {column["Name"]: column["Type"] for column in found["ResultSetMetadata"]["ColumnInfo"]}
        assert list(types) == names, "the first row is that of the names"
        return types, [dict(zip(names, row)) for row in rows]

    def file(self, execution):
        """The text of the result's file in S3, and its rows."""
        text = self.aws("s3", "cp", execution["ResultConfiguration"]["OutputLocation"], "-")
        return text, list(csv.DictReader(io.StringIO(text)))
