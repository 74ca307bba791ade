"""The article's statements, in Athena: the table over the trail's files, and its four questions."""

import time

TABLE = "CloudTrail_logs_us_east_1"

DDL = """CREATE EXTERNAL TABLE {table}(
    eventVersion STRING,
    userIdentity STRUCT<
        type: STRING,
        principalId: STRING,
        arn: STRING,
        accountId: STRING,
        invokedBy: STRING,
        accessKeyId: STRING,
        userName: STRING,
        sessionContext: STRUCT<
            attributes: STRUCT<mfaAuthenticated: STRING, creationDate: STRING>,
            sessionIssuer: STRUCT<
                type: STRING, principalId: STRING, arn: STRING, accountId: STRING, userName: STRING>>>,
    eventTime STRING,
    eventSource STRING,
    eventName STRING,
    awsRegion STRING,
    sourceIpAddress STRING,
    userAgent STRING,
    errorCode STRING,
    errorMessage STRING,
    requestParameters STRING,
    responseElements STRING,
    additionalEventData STRING,
    requestId STRING,
    eventId STRING,
    readOnly STRING,
    resources ARRAY<STRUCT<arn: STRING, accountId: STRING, type: STRING>>,
    eventType STRING,
    apiVersion STRING,
    recipientAccountId STRING,
    serviceEventDetails STRING,
    sharedEventID STRING,
    vpcEndpointId STRING)
PARTITIONED BY (`timestamp` string)
ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://{bucket}/AWSLogs/{account}/CloudTrail/us-east-1'
TBLPROPERTIES (
    'projection.enabled'='true',
    'projection.timestamp.format'='yyyy/MM/dd',
    'projection.timestamp.interval'='1',
    'projection.timestamp.interval.unit'='DAYS',
    'projection.timestamp.range'='2020/01/01,NOW',
    'projection.timestamp.type'='date',
    'storage.location.template'='s3://{bucket}/AWSLogs/{account}/CloudTrail/us-east-1/${{timestamp}}')"""

BY_ACCOUNT = """SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id,
    resources[1].arn as key_arn, count(resources) as count
FROM {table}
WHERE eventsource='kms.amazonaws.com'
    AND timestamp between '{first}' and '{last}'
    AND eventname in ('Decrypt','Encrypt','GenerateDataKey')
    AND useridentity.accountid!= resources[1].accountid
    AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
GROUP BY useridentity.accountid,resources[1].accountid,resources[1].arn
ORDER BY key_arn,count desc"""

BY_PRINCIPAL = """SELECT useridentity.accountid as requestor_account_id, useridentity.principalid as requestor_principal,
    resources[1].accountid as owner_account_id, resources[1].arn as key_arn, count(resources) as count
FROM {table}
WHERE eventsource='kms.amazonaws.com' AND timestamp between '{first}' and '{last}'
    AND eventname in ('Decrypt','Encrypt','GenerateDataKey') AND useridentity.accountid!= resources[1].accountid
    AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
GROUP BY useridentity.accountid,useridentity.principalid,resources[1].accountid,resources[1].arn
ORDER BY requestor_account_id,count desc"""

BY_EVENT = """SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id,
    resources[1].arn as key_arn, eventname as eventname, count(resources) as count
FROM {table}
WHERE eventsource='kms.amazonaws.com' AND timestamp between '{first}' and '{last}'
    AND useridentity.accountid!= resources[1].accountid
    AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
GROUP BY useridentity.accountid, resources [1].accountid,resources[1].arn,eventname
ORDER BY requestor_account_id,count desc"""

ALL = """SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id,
    resources[1].arn as key_arn, count(resources) as count
FROM {table}
WHERE eventsource='kms.amazonaws.com' AND timestamp between '{first}' and '{last}'
GROUP BY useridentity.accountid, resources [1].accountid,resources[1].arn
ORDER BY requestor_account_id,count desc"""


class Queries:
    """Runs statements in the hub's default database."""

    def __init__(self, hub):
        self.hub, self.athena = hub, hub.account.root("athena")
        self.output = f"s3://athena-results-{hub.account.id}/"
        hub.s3.create_bucket(Bucket=f"athena-results-{hub.account.id}")
        self.run("CREATE DATABASE IF NOT EXISTS default")
        self.days = {"first": "2020/01/01", "last": "2999/12/31"}

    def create(self):
        self.run(DDL.format(table=TABLE, bucket=self.hub.logs, account=self.hub.account.id))

    def drop(self):
        self.run(f"DROP TABLE {TABLE}")

    def start(self, sql):
        """The execution of a statement, once it has ended."""
        query = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": "default"},
            ResultConfiguration={"OutputLocation": self.output},
        )["QueryExecutionId"]
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            time.sleep(0.05)

    def run(self, sql):
        execution = self.start(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def ask(self, sql):
        """The rows of a query, as dictionaries."""
        execution = self.run(sql.format(table=TABLE, **self.days))
        pages = self.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution["QueryExecutionId"]
        )
        rows = [
            [datum.get("VarCharValue") for datum in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        return [dict(zip(rows[0], row)) for row in rows[1:]]
