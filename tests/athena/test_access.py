"""Whose rights a query has, and what is on the record."""

import json
import time

import pytest


def allow(*actions, resource="*"):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def deny(*actions, resource="*", **more):
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


@pytest.fixture
def analyst(welkin, account, bucket, queries):
    """Queries as a new user who may do everything but what the statements deny."""

    def make(*statements):
        policy = {"Version": "2012-10-17", "Statement": [allow("athena:*", "glue:*", "s3:*", "kms:*"), *statements]}
        user = welkin.user(account, policy)
        return queries(welkin.client("athena", **user), f"s3://{bucket}/results/")

    return make


def test_who_may_read_reads(orders, analyst):
    assert analyst().rows("SELECT count(*) FROM shop.orders") == [("4",)]


def test_objects_are_read_with_the_callers_rights(orders, analyst, bucket):
    denied = analyst(deny("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/orders/*"))
    reason = denied.fails("SELECT count(*) FROM shop.orders WHERE dt = '2024-01-01'")
    assert reason == f"Permission denied on S3 path: s3://{bucket}/orders/dt=2024-01-01/a.csv"


def test_folders_are_listed_with_the_callers_rights(orders, analyst, bucket):
    reason = analyst(deny("s3:ListBucket")).fails("SELECT count(*) FROM shop.orders WHERE dt = '2024-01-01'")
    assert reason.startswith(f"Permission denied on S3 path: s3://{bucket}/orders/dt=2024-01-01")


def test_the_catalog_is_read_with_the_callers_rights(orders, analyst):
    reason = analyst(deny("glue:GetTable")).fails("SELECT count(*) FROM shop.orders")
    assert reason.startswith("Insufficient permissions to execute the query.") and "glue:GetTable" in reason
    reason = analyst(deny("glue:CreateTable")).fails("CREATE EXTERNAL TABLE shop.t (a int) LOCATION 's3://b/'")
    assert "MetaException(message:User: " in reason and "glue:CreateTable" in reason
    reason = analyst(deny("glue:GetPartitions")).fails("SELECT count(*) FROM shop.orders")
    assert "glue:GetPartitions" in reason


def test_a_denied_definition_changes_nothing(orders, analyst, sql):
    analyst(deny("glue:DeleteTable")).fails("DROP TABLE shop.orders")
    assert sql.rows("SHOW TABLES IN shop") == [("orders",)]


def test_results_are_written_with_the_callers_rights(orders, analyst, bucket):
    reason = analyst(deny("s3:PutObject")).fails("SELECT 1")
    assert reason.startswith("Access denied when writing output to url: s3://")


def test_results_are_read_with_the_callers_rights(welkin, orders, sql, analyst, bucket, refused):
    query = sql.run("SELECT 1")["QueryExecutionId"]
    reader = analyst(deny("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/results/*"))
    with refused("InvalidRequestException", message="Access denied when reading from location"):
        reader.athena.get_query_results(QueryExecutionId=query)


def test_data_under_a_key_needs_the_key(welkin, account, orders, sql, s3, bucket, analyst):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.put_object(
        Bucket=bucket, Key="secret/a.csv", Body=b"1\n", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    sql.run(f"CREATE EXTERNAL TABLE shop.secret (a int) LOCATION 's3://{bucket}/secret/'")
    assert analyst().rows("SELECT a FROM shop.secret") == [("1",)]
    denied = analyst(deny("kms:Decrypt", resource=key))
    assert denied.fails("SELECT a FROM shop.secret") == f"Permission denied on S3 path: s3://{bucket}/secret/a.csv"
    encrypted = {
        "OutputLocation": f"s3://{bucket}/results/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": key},
    }
    execution = sql.run("SELECT 1", ResultConfiguration=encrypted)
    head = s3.head_object(Bucket=bucket, Key=f"results/{execution['QueryExecutionId']}.csv")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    reason = analyst(deny("kms:GenerateDataKey")).fails("SELECT 1", ResultConfiguration=encrypted)
    assert reason.startswith("Access denied when writing output to url")


def test_policies_can_ask_whether_athena_called(orders, analyst, bucket, welkin, account):
    through = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}
    only = {"StringNotEqualsIfExists": {"aws:CalledViaFirst": "athena.amazonaws.com"}}
    assert analyst(deny("s3:GetObject", Condition=only)).rows("SELECT count(*) FROM shop.orders") == [("4",)]
    denied = analyst(deny("s3:GetObject", Condition=through))
    assert denied.fails("SELECT count(*) FROM shop.orders").startswith("Permission denied on S3 path")


@pytest.mark.parametrize(
    "action, call",
    [
        ("athena:StartQueryExecution", lambda q, id: q.start("SELECT 1")),
        ("athena:GetQueryExecution", lambda q, id: q.athena.get_query_execution(QueryExecutionId=id)),
        ("athena:BatchGetQueryExecution", lambda q, id: q.athena.batch_get_query_execution(QueryExecutionIds=[id])),
        ("athena:GetQueryResults", lambda q, id: q.athena.get_query_results(QueryExecutionId=id)),
        ("athena:StopQueryExecution", lambda q, id: q.athena.stop_query_execution(QueryExecutionId=id)),
        ("athena:ListQueryExecutions", lambda q, id: q.athena.list_query_executions()),
        ("athena:GetWorkGroup", lambda q, id: q.athena.get_work_group(WorkGroup="primary")),
        ("athena:ListWorkGroups", lambda q, id: q.athena.list_work_groups()),
        ("athena:CreateWorkGroup", lambda q, id: q.athena.create_work_group(Name="mine")),
        ("athena:UpdateWorkGroup", lambda q, id: q.athena.update_work_group(WorkGroup="primary", Description="x")),
        ("athena:ListNamedQueries", lambda q, id: q.athena.list_named_queries()),
        ("athena:ListDataCatalogs", lambda q, id: q.athena.list_data_catalogs()),
        ("athena:GetDatabase", lambda q, id: q.athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="shop")),
        (
            "athena:CreatePreparedStatement",
            lambda q, id: q.athena.create_prepared_statement(
                StatementName="of_mine", WorkGroup="primary", QueryStatement="SELECT 1"
            ),
        ),
    ],
)
def test_an_operation_needs_its_action(orders, sql, analyst, refused, action, call):
    query = sql.run("SELECT 1")["QueryExecutionId"]
    with refused("AccessDeniedException", message=action):
        call(analyst(deny(action)), query)
    call(analyst(), query)


def test_other_workgroups_may_be_out_of_reach(athena, account, orders, analyst, refused):
    athena.create_work_group(Name="theirs", Configuration={"EnforceWorkGroupConfiguration": False})
    arn = f"arn:aws:athena:us-east-1:{account}:workgroup/theirs"
    user = analyst(deny("athena:*", resource=arn))
    with refused("AccessDeniedException", message=arn):
        user.start("SELECT 1", WorkGroup="theirs")
    assert user.rows("SELECT 1") == [("1",)]


def test_what_a_query_calls_is_recorded_as_its_callers(welkin, account, orders, analyst, bucket):
    user = analyst()
    user.rows("SELECT count(*) FROM shop.orders")
    welkin.advance("1m")
    trail = welkin.client("cloudtrail", account)

    def events(name):
        found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])
        return [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]

    started = [it for it in events("StartQueryExecution") if it["userIdentity"]["type"] == "IAMUser"]
    assert len(started) == 1
    assert started[0]["requestParameters"]["queryString"] == "SELECT count(*) FROM shop.orders"
    nested = [it for it in events("GetTable") if it["userIdentity"]["type"] == "IAMUser"]
    assert nested, events("GetTable")
    assert nested[0]["userIdentity"]["arn"] == started[0]["userIdentity"]["arn"]
    assert nested[0]["userIdentity"]["invokedBy"] == "athena.amazonaws.com"
    assert nested[0]["sourceIPAddress"] == "athena.amazonaws.com"


def test_other_accounts_see_nothing(welkin, orders, sql, refused):
    query = sql.run("SELECT 1")["QueryExecutionId"]
    other = welkin.client("athena", welkin.account())
    with refused("InvalidRequestException", message="was not found"):
        other.get_query_execution(QueryExecutionId=query)
    assert other.list_query_executions()["QueryExecutionIds"] == []
