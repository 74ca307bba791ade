"""What the tests of Batch Operations share: manifests, roles and jobs that are run to their end."""

import csv
import io
import itertools
import json
import urllib.parse

from conftest import Bound, fresh, policy
from identity import allow

_names = itertools.count()
TAGS = {"S3PutObjectTagging": {"TagSet": [{"Key": "swept", "Value": "yes"}]}}
TAGGING = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")
PRINCIPAL = "batchoperations.s3.amazonaws.com"


def arn(bucket, key=None):
    """The ARN of a bucket or an object."""
    return f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")


class Batch:
    """An account that runs jobs: a bucket of objects, one for manifests and reports, and a role."""

    def __init__(self, welkin, control, s3, account, *actions, trust=PRINCIPAL):
        self.welkin, self.control, self.s3, self.account = welkin, control, s3, account
        self.bucket, self.desk = fresh("batch"), fresh("desk")
        for bucket in (self.bucket, self.desk):
            s3.create_bucket(Bucket=bucket)
        self.iam, self.role_name = welkin.client("iam", account), f"batch-{next(_names)}"
        trusting = policy({"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"})
        made = self.iam.create_role(RoleName=self.role_name, AssumeRolePolicyDocument=json.dumps(trusting))
        self.role = made["Role"]["Arn"]
        self.allow(*actions)

    def allow(self, *actions, statements=()):
        """Sets what the role may do with the objects, beside reading manifests and writing reports."""
        desk = [arn(self.desk), arn(self.desk, "*")]
        own = [allow(list(actions), [arn(self.bucket), arn(self.bucket, "*")])] if actions else []
        document = policy(allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], desk), *own, *statements)
        self.iam.put_role_policy(RoleName=self.role_name, PolicyName="batch", PolicyDocument=json.dumps(document))

    def put(self, *keys, **more):
        """Puts objects whose bytes are their keys."""
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=key.encode(), **more)

    def manifest(self, *rows, fields=("Bucket", "Key"), name="manifest.csv"):
        """A manifest of these rows; a row that is a text is a key of the bucket."""
        rows = [(self.bucket, row) if isinstance(row, str) else row for row in rows]
        lines = [",".join(urllib.parse.quote(value) for value in row) for row in rows]
        etag = self.s3.put_object(Bucket=self.desk, Key=name, Body="\n".join(lines).encode())["ETag"]
        spec = {"Format": "S3BatchOperations_CSV_20180820", "Fields": list(fields)}
        return {"Spec": spec, "Location": {"ObjectArn": arn(self.desk, name), "ETag": etag}}

    def report(self, scope="AllTasks", **more):
        """A report into the bucket of manifests."""
        told = {"Bucket": arn(self.desk), "Format": "Report_CSV_20180820", "Enabled": True, "ReportScope": scope}
        return {**told, **more}

    def create(self, operation, *, control=None, **more):
        """Makes a job that need not be confirmed; its id."""
        given = {
            "Operation": operation,
            "Report": self.report(),
            "ClientRequestToken": fresh("token"),
            "Priority": 10,
            "RoleArn": self.role,
            "ConfirmationRequired": False,
        }
        return (control or self.control).create_job(**{**given, **more})["JobId"]

    def describe(self, job):
        """A job."""
        return self.control.describe_job(JobId=job)["Job"]

    def ended(self, job):
        """A job, after all that is due now was done."""
        self.welkin.advance("1s")
        return self.describe(job)

    def run(self, operation, **more):
        """Makes a job and has it end; the job."""
        return self.ended(self.create(operation, **more))

    def rows(self, job, prefix=""):
        """The rows of a job's report, by the status of their tasks; and its manifest."""
        folder = f"{prefix}job-{job}/"
        read = lambda key: self.s3.get_object(Bucket=self.desk, Key=key)["Body"].read()
        manifest = json.loads(read(f"{folder}manifest.json"))
        rows = {}
        for result in manifest["Results"]:
            assert result["Bucket"] == self.desk and result["Key"].startswith(f"{folder}results/")
            text = read(result["Key"]).decode()
            rows.setdefault(result["TaskExecutionStatus"], []).extend(csv.reader(io.StringIO(text)))
        return rows, manifest


def clients(own, account):
    """Clients of S3 Control and S3 of an account of a Welkin that the test has for itself."""
    port = own.endpoint.rsplit(":", 1)[1]
    named = type(own)(f"http://localhost:{port}")
    return Bound(named.client("s3control", account, proxies={"http": own.endpoint}), account), own.client("s3", account)


def alone(own):
    """An account of a Welkin that the test has for itself, whose role may set tags."""
    account = own.account()
    return Batch(own, *clients(own, account), account, *TAGGING)


def counts(job):
    """Tasks of a job: all, succeeded, failed."""
    summary = job["ProgressSummary"]
    names = ("TotalNumberOfTasks", "NumberOfTasksSucceeded", "NumberOfTasksFailed")
    return tuple(summary[name] for name in names)
