"""Fixtures of the Lake Formation tests: a lake of orders, its administrator, and people with few permissions."""

import json
import time

import pytest

from policies import allow
from refusal import Refused

IAM_ALLOWED = "IAM_ALLOWED_PRINCIPALS"


@pytest.fixture
def refused():
    """Lake Formation denies with the status 403, Glue with 400."""
    denied = {"AccessDeniedException": (400, 403)}
    return lambda code, status=None, message=None: Refused(code, status or denied.get(code, 400), message)


class Person:
    """An IAM user: clients, its ARN, and queries."""

    def __init__(self, welkin, account, name, policy):
        self.welkin, self.account, self.name = welkin, account, name
        self.options = welkin.user(account, policy, name)
        self.arn = f"arn:aws:iam::{account}:user/{name}"
        self.output = f"s3://results-{account}/{name}/"

    def client(self, service):
        return self.welkin.client(service, **self.options)

    @property
    def principal(self):
        return {"DataLakePrincipalIdentifier": self.arn}

    def execute(self, sql):
        athena = self.client("athena")
        query = athena.start_query_execution(QueryString=sql, ResultConfiguration={"OutputLocation": self.output})
        until = time.monotonic() + 60
        while True:
            execution = athena.get_query_execution(QueryExecutionId=query["QueryExecutionId"])["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            assert time.monotonic() < until, execution
            time.sleep(0.02)

    def rows(self, sql):
        """Rows of a query that succeeds, the first one of names."""
        execution = self.execute(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        answer = self.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        return [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in answer["ResultSet"]["Rows"]]

    def fails(self, sql):
        """The reason why a query fails."""
        execution = self.execute(sql)
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return execution["Status"]["StateChangeReason"]


class Lake:
    """An account with a database `shop`, a table `orders` in it, and an administrator."""

    def __init__(self, welkin, account):
        self.welkin, self.account = welkin, account
        self.bucket = f"lake-{account}"
        self.glue, self.s3 = welkin.client("glue", account), welkin.client("s3", account)
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.create_bucket(Bucket=f"results-{account}")
        self.glue.create_database(DatabaseInput={"Name": "shop"})
        self.table("orders", {"orders/a.csv": "1,apple,2.50,de\n2,pear,3.00,fr\n3,apple,1.25,de\n4,plum,0.75,it\n"})
        self.admin = Person(welkin, account, "admin", allow("*"))
        welkin.client("lakeformation", account).put_data_lake_settings(
            DataLakeSettings={
                "DataLakeAdmins": [self.admin.principal],
                "CreateDatabaseDefaultPermissions": [OPEN],
                "CreateTableDefaultPermissions": [OPEN],
            }
        )
        self.lf = self.admin.client("lakeformation")

    def table(self, name, files, columns=("id int", "fruit string", "price double", "country string")):
        for key, text in files.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        self.glue.create_table(
            DatabaseName="shop",
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {
                    "Columns": [dict(zip(("Name", "Type"), text.split(" "))) for text in columns],
                    "Location": f"s3://{self.bucket}/{name}/",
                    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "SerdeInfo": {
                        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                        "Parameters": {"field.delim": ","},
                    },
                },
            },
        )

    def person(self, name, *actions):
        """A user who may query, by IAM: everything but the lake's bucket."""
        policy = allow("athena:*", "glue:*", "lakeformation:*", *actions)
        policy["Statement"].append(
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::results-{self.account}", f"arn:aws:s3:::results-{self.account}/*"],
            }
        )
        return Person(self.welkin, self.account, name, policy)

    def reader(self, name):
        """A user who may query and may read the lake's bucket as well."""
        person = self.person(name)
        policy = allow("s3:Get*", "s3:List*", resource=[f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"])
        self.welkin.client("iam", self.account).put_user_policy(
            UserName=name, PolicyName="lake", PolicyDocument=json.dumps(policy)
        )
        return person

    def close(self, *tables):
        """Takes the database and tables from whom IAM allows."""
        iam = {"DataLakePrincipalIdentifier": IAM_ALLOWED}
        for resource in [DATABASE, *(table(name) for name in tables or ["orders"])]:
            self.lf.revoke_permissions(Principal=iam, Resource=resource, Permissions=["ALL"])

    def grant(self, person, resource, *permissions, option=()):
        self.lf.grant_permissions(
            Principal=person.principal,
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(option),
        )

    def revoke(self, person, resource, *permissions):
        self.lf.revoke_permissions(Principal=person.principal, Resource=resource, Permissions=list(permissions))

    def granted(self, **wanted):
        """Permissions by principal, resource and type."""
        found = self.lf.list_permissions(**wanted)["PrincipalResourcePermissions"]
        return {
            (one["Principal"]["DataLakePrincipalIdentifier"].split("/")[-1], next(iter(one["Resource"]))): (
                one["Permissions"],
                one["PermissionsWithGrantOption"],
            )
            for one in found
        }

    def role(self, name="lake", actions=("s3:*",)):
        """A role that Lake Formation may take on, which may use the lake's bucket."""
        iam = self.welkin.client("iam", self.account)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lakeformation.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        policy = allow(*actions, resource=[f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"])
        iam.put_role_policy(RoleName=name, PolicyName="lake", PolicyDocument=json.dumps(policy))
        return made

    def register(self, path="", **options):
        arn = f"arn:aws:s3:::{self.bucket}{path}"
        self.lf.register_resource(ResourceArn=arn, **(options or {"RoleArn": self.role()}))
        return arn


OPEN = {"Principal": {"DataLakePrincipalIdentifier": IAM_ALLOWED}, "Permissions": ["ALL"]}
DATABASE = {"Database": {"Name": "shop"}}


def table(name="orders"):
    return {"Table": {"DatabaseName": "shop", "Name": name}}


def columns(*names, name="orders"):
    return {"TableWithColumns": {"DatabaseName": "shop", "Name": name, "ColumnNames": list(names)}}


@pytest.fixture
def lake(welkin, account):
    return Lake(welkin, account)


@pytest.fixture
def closed(lake):
    """The lake, from which IAM alone gives nothing any more."""
    lake.close()
    return lake
