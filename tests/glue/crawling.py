"""Crawls a lake and queries what a crawler has written."""

import json
import time

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def statement(*actions, resource="*", effect="Allow"):
    return {"Effect": effect, "Action": list(actions), "Resource": resource}


class Lake:
    """A bucket, a role that may crawl it, and the catalog of an account."""

    def __init__(self, welkin, account):
        self.welkin, self.account = welkin, account
        self.glue = welkin.client("glue", account)
        self.s3 = welkin.client("s3", account)
        self.athena = welkin.client("athena", account)
        self.iam = welkin.client("iam", account)
        self.bucket = f"lake-{account}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.role = self.new_role("crawler", statement("glue:*", "s3:*", "kms:*"))

    def new_role(self, name, *statements, trust=TRUST):
        """The ARN of a new role with these statements."""
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        self.iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
        return made["Arn"]

    def put(self, files):
        """Writes objects: keys with texts or bytes."""
        for key, body in files.items():
            body = body.encode() if isinstance(body, str) else body
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def delete(self, *keys):
        for key in keys:
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def target(self, path="data/", **more):
        return {"S3Targets": [{"Path": f"s3://{self.bucket}/{path}", **more}]}

    def crawler(self, name="c", path="data/", exclusions=None, sample=None, configuration=None, **options):
        """Makes a crawler that writes to the database db."""
        target = {}
        if exclusions:
            target["Exclusions"] = exclusions
        if sample:
            target["SampleSize"] = sample
        if configuration is not None:
            options["Configuration"] = json.dumps({"Version": 1.0, **configuration})
        options = {"Role": self.role, "DatabaseName": "db", "Targets": self.target(path, **target), **options}
        self.glue.create_crawler(Name=name, **options)
        return name

    def wait(self, name="c"):
        """The crawler, once it does not run any more."""
        until = time.monotonic() + 60
        while (crawler := self.glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < until, crawler
            time.sleep(0.02)
        return crawler

    def run(self, name="c"):
        """Runs a crawler, which succeeds; what the run has written."""
        self.glue.start_crawler(Name=name)
        last = self.wait(name)["LastCrawl"]
        assert last["Status"] == "SUCCEEDED", last
        return self.summary(name)

    def fails(self, name="c"):
        """Runs a crawler, which fails; why it does."""
        self.glue.start_crawler(Name=name)
        last = self.wait(name)["LastCrawl"]
        assert last["Status"] == "FAILED", last
        return last["ErrorMessage"]

    def summary(self, name="c"):
        """What the last run has written, e.g. {"TABLE": {"ADD": 1}}."""
        [last, *_] = self.glue.list_crawls(CrawlerName=name)["Crawls"]
        told = json.loads(last.get("Summary", "{}"))
        return {kind: {what: count["Count"] for what, count in counts.items()} for kind, counts in told.items()}

    def crawl(self, files, **options):
        """Crawls these objects; the tables by their names."""
        self.put(files)
        self.crawler(**options)
        self.run()
        return self.tables()

    def tables(self, database="db"):
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return {table["Name"]: table for page in pages for table in page["TableList"]}

    def partitions(self, table, database="db"):
        """Partitions by their values."""
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
        return {tuple(it["Values"]): it for page in pages for it in page["Partitions"]}

    def select(self, sql):
        """The rows of a query, each value as text."""
        rows = self.athena.get_query_results(QueryExecutionId=self.query(sql))["ResultSet"]["Rows"]
        return [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in rows[1:]]

    def query(self, sql):
        """The id of a query, once it has succeeded."""
        output = {"OutputLocation": f"s3://{self.bucket}/results/"}
        query = self.athena.start_query_execution(QueryString=sql, ResultConfiguration=output)["QueryExecutionId"]
        until = time.monotonic() + 60
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            assert time.monotonic() < until, execution
            time.sleep(0.02)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return query


def columns(table):
    """The columns of a table or partition, as in "id int, name string"."""
    return ", ".join(f"{it['Name']} {it['Type']}" for it in table["StorageDescriptor"]["Columns"])


def keys(table):
    return ", ".join(f"{it['Name']} {it['Type']}" for it in table["PartitionKeys"])
