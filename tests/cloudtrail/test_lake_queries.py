"""CloudTrail Lake: queries of event data stores by SQL, and their delivery to S3."""

import csv
import datetime
import gzip
import hashlib
import io
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lake_samples import CALLS_BY_NAME, CALLS_OF_BOB, CREATED_BUCKETS, FLAT, JOIN, QUERIES, SAMPLES, SIGN_INS, UNION
from test_lake import AUDIT, audit_event, destinations
from test_trails import refused, s3, trails  # noqa: F401

DAY = datetime.timedelta(days=1)


class Lake:
    """A store of management events, and queries of it."""

    def __init__(self, trails):  # noqa: F811
        self.trails = trails
        self.arn = trails.create_event_data_store(Name="lake", TerminationProtectionEnabled=False)["EventDataStoreArn"]
        self.id = self.arn.split("/")[1]

    def start(self, statement, **options):
        for placeholder in ("event_data_store_ID", "$EDS_ID"):
            statement = statement.replace(placeholder, self.id)
        return self.trails.start_query(QueryStatement=statement, **options)["QueryId"]

    def wait(self, query):
        """A query, when it has ended and been delivered."""
        until = time.monotonic() + 60
        while True:
            described = self.trails.describe_query(QueryId=query)
            if described["QueryStatus"] not in ("QUEUED", "RUNNING") and described.get("DeliveryStatus") != "PENDING":
                return described
            assert time.monotonic() < until, described
            time.sleep(0.02)

    def finished(self, statement, **options):
        described = self.wait(self.start(statement, **options))
        assert described["QueryStatus"] == "FINISHED", described
        return described

    def rows(self, statement, **options):
        """The rows of a query, as they are answered."""
        answer = self.trails.get_query_results(QueryId=self.finished(statement, **options)["QueryId"])
        assert answer["QueryStatistics"]["TotalResultsCount"] == len(answer["QueryResultRows"])
        return answer["QueryResultRows"]

    def values(self, statement):
        return [[value for column in row for value in column.values()] for row in self.rows(statement)]


@pytest.fixture
def lake(trails):  # noqa: F811
    return Lake(trails)


def dated(statement, now):
    """A sample about the day of `now`."""
    yesterday, tomorrow = ((now + days).strftime("%Y-%m-%d") for days in (-DAY, DAY))
    for sample, day in (("2022-01-22", yesterday), ("2022-01-23", tomorrow), ("2022-02-01", tomorrow), ("2020-01-01", tomorrow)):
        statement = statement.replace(sample, day)
    return statement


def test_the_samples_of_the_guide_find_what_was_done(welkin, account, lake, s3):  # noqa: F811
    bob = welkin.user(account, {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, name="bob")
    s3.create_bucket(Bucket=f"one-{account}")
    welkin.client("s3", **bob).create_bucket(Bucket=f"two-{account}")
    welkin.client("kms", **bob).list_keys()

    rows = lake.rows(dated(CREATED_BUCKETS, welkin.now()))
    assert [list(column)[0] for column in rows[0]] == ["principalid", "eventName"]
    assert sorted(row[1]["eventName"] for row in rows) == ["CreateBucket", "CreateBucket"]
    assert account in [row[0]["principalid"] for row in rows]

    rows = lake.rows(dated(CALLS_OF_BOB, welkin.now()))
    assert [list(column)[0] for column in rows[0]] == ["eventID", "eventName", "eventSource", "eventTime"]
    assert {(row[1]["eventName"], row[2]["eventSource"]) for row in rows} == {
        ("CreateBucket", "s3.amazonaws.com"), ("ListKeys", "kms.amazonaws.com"),
    }
    datetime.datetime.strptime(rows[0][3]["eventTime"], "%Y-%m-%d %H:%M:%S.000")

    counts = {(row[0]["eventSource"], row[1]["eventName"]): int(row[2]["apiCount"]) for row in lake.rows(CALLS_BY_NAME)}
    assert counts[("s3.amazonaws.com", "CreateBucket")] == 2 and counts[("kms.amazonaws.com", "ListKeys")] == 1
    assert lake.rows(SIGN_INS) == []

    query = lake.start("SELECT 1 AS one FROM event_data_store_ID limit 1;")
    rows = lake.rows(dated(QUERIES, welkin.now()))
    assert [list(column)[0] for column in rows[0]] == ["_col0", "_col1"]
    assert {"_col0": query} in [row[0] for row in rows]
    assert {"_col1": f"SELECT 1 AS one FROM {lake.id} limit 1;"} in [row[1] for row in rows]

    for sample in SAMPLES:
        assert lake.rows(sample) == []


def test_an_event_is_a_row_of_the_documented_columns(account, lake, s3):  # noqa: F811
    s3.create_bucket(Bucket=f"one-{account}")
    [row] = lake.rows(FLAT)
    # Several columns have one name: the first of them is of the caller.
    flat = {name: value for column in reversed(row) for name, value in column.items()}
    event = json.loads(flat["eventJson"])
    assert (flat["eventID"], flat["requestID"], flat["eventName"]) == (event["eventID"], event["requestID"], "CreateBucket")
    assert flat["eventTime"] == event["eventTime"].replace("T", " ").replace("Z", ".000")
    assert flat["eventJsonChecksum"] == hashlib.sha256(flat["eventJson"].encode()).hexdigest()
    assert (flat["readOnly"], flat["managementEvent"], flat["recipientAccountID"]) == ("false", "true", account)
    assert (flat["accountID"], flat["errorCode"]) == (account, "null")
    assert f"bucketName=one-{account}" in flat["requestParameters"]

    assert lake.values("""SELECT element_at(requestParameters, 'bucketName'), resources[1].type, cardinality(resources)
        FROM event_data_store_ID WHERE eventName = 'CreateBucket'""") == [[f"one-{account}", "AWS::S3::Bucket", "1"]]
    whole = lake.rows("SELECT * FROM event_data_store_ID WHERE eventName = 'CreateBucket'")[0]
    names = [name for column in whole for name in column]
    assert names[:4] == ["eventversion", "useridentity", "eventtime", "eventsource"] and names[-1] == "eventjsonchecksum"
    identity = next(column["useridentity"] for column in whole if "useridentity" in column)
    assert identity.startswith(f"{{type=Root, principalid={account}, arn=arn:aws:iam::{account}:root, accountid={account}, accesskeyid=")


def test_a_store_is_named_by_its_id_and_arn_quoted_or_not(account, lake, s3):  # noqa: F811
    s3.create_bucket(Bucket=f"one-{account}")
    for name in (lake.id, lake.id.upper(), f'"{lake.id}"', lake.arn, f'"{lake.arn}"'):
        assert lake.values(f"SELECT count(*) FROM {name} WHERE eventName = 'CreateBucket' -- {lake.id}") == [["1"]]
    assert lake.values(f"SELECT '{lake.id}', e.eventName FROM {lake.id} e WHERE e.eventName = 'CreateBucket'") == [[lake.id, "CreateBucket"]]


def test_several_stores_are_joined(welkin, account, trails, lake, s3):  # noqa: F811
    read = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]}]}
    other, third = (
        trails.create_event_data_store(Name=name, AdvancedEventSelectors=[read])["EventDataStoreArn"].split("/")[1]
        for name in ("writes", "more-writes")
    )
    s3.create_bucket(Bucket=f"one-{account}")
    s3.list_buckets()

    def stores(statement):
        for name, id in (("EDS1", lake.id), ("EDS2", other), ("EDS3", third), ("eds1", lake.id), ("eds2", other)):
            statement = statement.replace(name, id)
        return statement

    rows = lake.rows(stores(UNION))
    ids = [row[0]["eventId"] for row in rows]
    assert ids == sorted(ids) and 5 < len(ids) <= 10
    rows = lake.rows(stores(UNION).replace("LIMIT 10", "LIMIT 1000"))
    assert sum(row[1]["eventName"] == "CreateBucket" for row in rows) == 2, "one of the first two, and one of the third"
    joined = lake.values(stores(dated(JOIN, welkin.now())))
    assert ["CreateBucket", "CreateBucket", "null"] in joined and ["ListBuckets", "null", "null"] in joined


def test_events_of_other_sources_are_queried(account, welkin, trails, lake):  # noqa: F811
    store = trails.create_event_data_store(Name="outside", AdvancedEventSelectors=AUDIT)["EventDataStoreArn"]
    channel = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(store))["ChannelArn"]
    now = welkin.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    event = audit_event(account, UID="u-1", eventTime=now)
    sent = welkin.root(account, "cloudtrail-data").put_audit_events(channelArn=channel, auditEvents=[{"id": "a", "eventData": json.dumps(event)}])
    assert sent["failed"] == []
    [row] = lake.values(f"""SELECT eventID, eventCategory, metadata.channelArn, eventData.UID, eventData.eventName,
        eventData.userIdentity.type FROM {store} WHERE eventTime > '2022-01-01'""")
    assert row == [sent["successful"][0]["eventID"], "ActivityAuditLog", channel, "u-1", event["eventName"], event["userIdentity"]["type"]]


def test_a_range_of_time_bounds_what_is_scanned(start):
    with start("--memory") as welkin:
        account = welkin.account()
        lake = Lake(welkin.root(account, "cloudtrail"))
        kms = welkin.root(account, "kms")
        [kms.list_keys() for _ in range(5)]
        welkin.advance("10d")
        [kms.list_keys() for _ in range(3)]
        moment = welkin.now() - DAY
        count = "SELECT count(*) FROM event_data_store_ID WHERE eventName = 'ListKeys'"
        everything = lake.finished(count)["QueryStatistics"]
        late = lake.finished(f"{count} AND eventTime > '{moment:%Y-%m-%d %H:%M:%S}'")
        assert lake.trails.get_query_results(QueryId=late["QueryId"])["QueryResultRows"] == [[{"_col0": "3"}]]
        scanned = late["QueryStatistics"]
        assert scanned["EventsScanned"] < everything["EventsScanned"] and scanned["BytesScanned"] < everything["BytesScanned"]
        assert scanned["EventsMatched"] == 1 and scanned["ExecutionTimeInMillis"] >= 0
        early = f"{count} AND eventTime BETWEEN '2022-01-01 00:00:00' AND '{moment:%Y-%m-%d %H:%M:%S}'"
        assert lake.values(early) == [["5"]]


def test_pages_of_results(lake, welkin, account):
    kms = welkin.root(account, "kms")
    [kms.list_keys() for _ in range(7)]
    query = lake.finished("SELECT eventID FROM event_data_store_ID WHERE eventName = 'ListKeys' ORDER BY eventID")["QueryId"]
    whole = lake.trails.get_query_results(QueryId=query)
    assert whole["QueryStatistics"]["ResultsCount"] == 7 and "NextToken" not in whole
    token, rows, sizes = {}, [], []
    while True:
        page = lake.trails.get_query_results(QueryId=query, MaxQueryResults=3, **token)
        rows += page["QueryResultRows"]
        sizes.append(page["QueryStatistics"]["ResultsCount"])
        assert page["QueryStatistics"]["TotalResultsCount"] == 7
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert rows == whole["QueryResultRows"] and sizes == [3, 3, 1]
    for wrong in ("!!!!", "MDAwMDAwMDE", "OTk5OTk5OTk"):
        refused("InvalidNextTokenException", lake.trails.get_query_results, QueryId=query, NextToken=wrong)


def test_queries_are_listed_for_seven_days(start):
    with start("--memory") as welkin:
        account = welkin.account()
        lake = Lake(welkin.root(account, "cloudtrail"))
        trails = lake.trails  # noqa: F811
        first = lake.finished("SELECT count(*) FROM event_data_store_ID")
        welkin.advance("1h")
        second = lake.finished("SELECT eventName FROM event_data_store_ID LIMIT 0")["QueryId"]
        failed = lake.wait(lake.start("SELECT 1/(length(eventName) - length(eventName)) FROM event_data_store_ID"))
        assert failed["QueryStatus"] == "FAILED" and "DIVISION_BY_ZERO" in failed["ErrorMessage"]
        answer = trails.get_query_results(QueryId=failed["QueryId"])
        assert (answer["QueryStatus"], answer["QueryResultRows"], answer["ErrorMessage"]) == ("FAILED", [], failed["ErrorMessage"])

        def listed(**options):
            return [query["QueryId"] for query in trails.list_queries(EventDataStore=lake.arn, **options)["Queries"]]

        everything = [failed["QueryId"], second, first["QueryId"]]
        assert set(listed()) == set(everything) and listed()[-1] == first["QueryId"]
        assert listed(QueryStatus="FAILED") == [failed["QueryId"]] and listed(QueryStatus="TIMED_OUT") == []
        created = first["QueryStatistics"]["CreationTime"]
        assert listed(EndTime=created + datetime.timedelta(minutes=1)) == [first["QueryId"]]
        assert set(listed(StartTime=created + datetime.timedelta(minutes=1))) == set(everything[:2])
        page = trails.list_queries(EventDataStore=lake.id, MaxResults=2)
        rest = trails.list_queries(EventDataStore=lake.id, MaxResults=2, NextToken=page["NextToken"])
        assert [query["QueryId"] for query in page["Queries"] + rest["Queries"]] == listed() and "NextToken" not in rest
        refused("InvalidDateRangeException", trails.list_queries, EventDataStore=lake.arn, StartTime=created + DAY, EndTime=created)
        refused("InvalidNextTokenException", trails.list_queries, EventDataStore=lake.arn, NextToken="!!!!")
        refused("EventDataStoreNotFoundException", trails.list_queries, EventDataStore=lake.arn[:-1] + "x")

        welkin.advance("167h")
        assert set(listed()) == set(everything[:2])
        refused("QueryIdNotFoundException", trails.describe_query, QueryId=first["QueryId"])
        welkin.advance("1h")
        assert listed() == []
        refused("QueryIdNotFoundException", trails.get_query_results, QueryId=second)


def test_what_is_no_query_of_a_store_is_refused(lake, trails):  # noqa: F811
    def invalid(statement):
        return refused("InvalidQueryStatementException", lake.start, statement)

    assert "event data store" in invalid("SELECT 1")
    for statement in (
        "DELETE FROM event_data_store_ID",
        "INSERT INTO event_data_store_ID SELECT * FROM event_data_store_ID",
        "CREATE TABLE x AS SELECT * FROM event_data_store_ID",
        "SELECT * FROM event_data_store_ID; SELECT 1",
        "SELECT * FROM FROM event_data_store_ID",
        "SELECT * FROM event_data_store_ID JOIN other ON true",
    ):
        invalid(statement)
    assert "nothing" in invalid("SELECT nothing FROM event_data_store_ID")
    missing = lake.id[:-12] + "000000000000"
    refused("EventDataStoreNotFoundException", trails.start_query, QueryStatement=f"SELECT 1 FROM {missing}")
    refused("InvalidParameterException", trails.start_query)
    refused("InvalidParameterException", trails.describe_query)
    refused("InvalidParameterException", lake.start, "SELECT 1 FROM event_data_store_ID", QueryParameters=["x"])
    assert "QueryAlias" in refused("NotImplemented", trails.start_query, QueryAlias="Top")
    assert "QueryAlias" in refused("NotImplemented", trails.describe_query, QueryAlias="Top")
    nobody = "a1b2c3d4-5678-90ab-cdef-1234567890ab"
    for call in (trails.describe_query, trails.get_query_results, trails.cancel_query):
        refused("QueryIdNotFoundException", call, QueryId=nobody)
    trails.delete_event_data_store(EventDataStore=lake.arn)
    refused("InactiveEventDataStoreException", lake.start, "SELECT 1 FROM event_data_store_ID")


def test_a_query_is_cancelled_and_only_ten_run_at_once(lake, welkin, account):
    kms = welkin.root(account, "kms")
    [kms.list_keys() for _ in range(100)]
    # A product of ten million rows and more, none of which remains.
    slow = "SELECT count(*) FROM {0} a, {0} b, {0} c, {0} d WHERE a.eventID || b.eventID || c.eventID || d.eventID = 'x'".format(lake.id)
    running = [lake.start(slow) for _ in range(10)]
    refused("MaxConcurrentQueriesException", lake.start, slow)
    for query in running:
        cancelled = lake.trails.cancel_query(QueryId=query)
        assert cancelled == {**cancelled, "QueryId": query, "QueryStatus": "CANCELLED"}
    assert all(lake.trails.describe_query(QueryId=query)["QueryStatus"] == "CANCELLED" for query in running)
    assert "CANCELLED" in refused("InactiveQueryException", lake.trails.cancel_query, QueryId=running[0])
    assert lake.trails.get_query_results(QueryId=running[0])["QueryResultRows"] == []
    assert lake.values("SELECT count(*) FROM event_data_store_ID WHERE eventName = 'ListKeys'") == [["100"]]


def test_a_query_needs_its_action_on_each_store(welkin, account, lake, trails, s3):  # noqa: F811
    other = trails.create_event_data_store(Name="other")["EventDataStoreArn"]
    query = lake.finished("SELECT count(*) FROM event_data_store_ID")["QueryId"]
    both = f"SELECT count(*) FROM {lake.id} a JOIN {other} b ON a.eventID = b.eventID"

    def user(*actions, resource=lake.arn):
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
        return welkin.client("cloudtrail", **welkin.user(account, {"Version": "2012-10-17", "Statement": [statement]}))

    calls = {
        "StartQuery": lambda client: client.start_query(QueryStatement=f"SELECT count(*) FROM {lake.id}"),
        "DescribeQuery": lambda client: client.describe_query(QueryId=query),
        "GetQueryResults": lambda client: client.get_query_results(QueryId=query),
        "ListQueries": lambda client: client.list_queries(EventDataStore=lake.arn),
    }
    for name, call in calls.items():
        assert call(user(f"cloudtrail:{name}"))["ResponseMetadata"]["HTTPStatusCode"] == 200
        others = [f"cloudtrail:{other}" for other in (*calls, "CancelQuery") if other != name]
        assert name in refused("AccessDeniedException", call, user(*others))
    refused("InactiveQueryException", user("cloudtrail:CancelQuery").cancel_query, QueryId=query)
    refused("AccessDeniedException", user("cloudtrail:StartQuery").cancel_query, QueryId=query)
    refused("AccessDeniedException", user("cloudtrail:StartQuery").start_query, QueryStatement=both)
    assert user("cloudtrail:StartQuery", resource=[lake.arn, other]).start_query(QueryStatement=both)["QueryId"]


def test_a_policy_gives_a_store_to_another_account(welkin, account, lake, s3):  # noqa: F811
    s3.create_bucket(Bucket=f"one-{account}")
    stranger = welkin.account()
    foreign = Lake(welkin.root(stranger, "cloudtrail"))
    sql = f"SELECT count(*) FROM {lake.id} WHERE eventName = 'CreateBucket'"
    refused("EventDataStoreNotFoundException", foreign.trails.start_query, QueryStatement=sql)
    refused("AccessDeniedException", foreign.trails.start_query, QueryStatement=sql, EventDataStoreOwnerAccountId=account)
    lake.trails.put_resource_policy(ResourceArn=lake.arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{stranger}:root"}, "Resource": lake.arn,
        "Action": ["cloudtrail:StartQuery", "cloudtrail:DescribeQuery", "cloudtrail:GetQueryResults"],
    }]}))
    started = foreign.trails.start_query(QueryStatement=sql, EventDataStoreOwnerAccountId=account)
    assert started["EventDataStoreOwnerAccountId"] == account
    foreign.wait(started["QueryId"])
    assert foreign.trails.get_query_results(QueryId=started["QueryId"])["QueryResultRows"] == [[{"_col0": "1"}]]
    assert foreign.values(sql.replace(lake.id, lake.arn)) == [["1"]]
    refused("QueryIdNotFoundException", lake.trails.describe_query, QueryId=started["QueryId"])


def results_policy(bucket, account):
    """The bucket policy of https://docs.aws.amazon.com/awscloudtrail/latest/userguide/s3-bucket-policy-lake-query-results.html"""
    condition = {"StringLike": {"aws:sourceAccount": account, "aws:sourceArn": f"arn:aws:cloudtrail:us-east-1:{account}:eventdatastore/*"}}
    service = {"Service": "cloudtrail.amazonaws.com"}
    return {"Version": "2012-10-17", "Statement": [
        {"Sid": "AWSCloudTrailLake1", "Effect": "Allow", "Principal": service, "Action": ["s3:PutObject*", "s3:Abort*"],
         "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], "Condition": condition},
        {"Sid": "AWSCloudTrailLake2", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": f"arn:aws:s3:::{bucket}", "Condition": condition},
    ]}


def verify(s3, trails, bucket, folder):  # noqa: F811
    """Does what `aws cloudtrail verify-query-results` does, by the guide's steps; the rows of the files."""
    def read(name):
        return s3.get_object(Bucket=bucket, Key=f"{folder}{name}")["Body"].read()

    signed = json.loads(read("result_sign.json"))
    rows = []
    for file in signed["files"]:
        content = read(file["fileName"])
        assert hashlib.sha256(content).hexdigest() == file["fileHashValue"]
        rows += list(csv.reader(io.StringIO(gzip.decompress(content).decode())))
    completed = datetime.datetime.strptime(signed["queryCompleteTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    keys = trails.list_public_keys(StartTime=completed - DAY, EndTime=completed + DAY)["PublicKeyList"]
    [key] = [key for key in keys if key["Fingerprint"] == signed["publicKeyFingerprint"]]
    hashed = " ".join(file["fileHashValue"] for file in signed["files"]).encode()
    public = serialization.load_der_public_key(key["Value"])
    public.verify(bytes.fromhex(signed["hashSignature"]), hashed, PKCS1v15(), hashes.SHA256())
    assert (signed["version"], signed["region"], signed["hashAlgorithm"], signed["signatureAlgorithm"]) == ("1.0", "us-east-1", "SHA-256", "SHA256withRSA")
    return rows


def test_a_result_is_delivered_and_signed(welkin, account, lake, s3):  # noqa: F811
    bucket = f"results-{account}"
    s3.create_bucket(Bucket=bucket)
    sql = "SELECT eventName, requestParameters FROM event_data_store_ID WHERE eventName = 'CreateBucket'"
    refused("S3BucketDoesNotExistException", lake.start, sql, DeliveryS3Uri=f"s3://none-{account}")
    refused("InsufficientS3BucketPolicyException", lake.start, sql, DeliveryS3Uri=f"s3://{bucket}")
    policy = results_policy(bucket, account)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": policy["Statement"][1:]}))
    assert lake.finished(sql, DeliveryS3Uri=f"s3://{bucket}")["DeliveryStatus"] == "ACCESS_DENIED"
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    uri = f"s3://{bucket}/some/where"
    before = welkin.now()
    query = lake.finished(sql, DeliveryS3Uri=uri)
    days = {f"{at:%Y/%m/%d}" for at in (before, welkin.now())}
    assert (query["DeliveryStatus"], query["DeliveryS3Uri"]) == ("SUCCESS", uri)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    folder = keys[0].rsplit("/", 1)[0] + "/"
    assert folder in {f"some/where/AWSLogs/{account}/CloudTrail-Lake/Query/{day}/{query['QueryId']}/" for day in days}
    assert keys == [f"{folder}result_1.csv.gz", f"{folder}result_sign.json"]
    rows = verify(s3, lake.trails, bucket, folder)
    assert rows[0] == ["eventName", "requestParameters"] and rows[1][0] == "CreateBucket" and f"bucketName={bucket}" in rows[1][1]
    answered = lake.trails.get_query_results(QueryId=query["QueryId"])["QueryResultRows"]
    assert [[value for column in row for value in column.values()] for row in answered] == rows[1:]

    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*/result_sign.json"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": [*policy["Statement"], denied]}))
    assert lake.finished(sql, DeliveryS3Uri=uri)["DeliveryStatus"] == "ACCESS_DENIED_SIGNING_FILE"


def test_who_queries_an_encrypted_store_needs_its_key(welkin, account, trails):  # noqa: F811
    kms = welkin.root(account, "kms")
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, service]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    store = trails.create_event_data_store(Name="sealed", KmsKeyId=key)["EventDataStoreArn"]
    sql = f"SELECT count(*) FROM {store}"

    def user(*actions):
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        return welkin.client("cloudtrail", **welkin.user(account, {"Version": "2012-10-17", "Statement": [statement]}))

    refused("InsufficientEncryptionPolicyException", user("cloudtrail:*").start_query, QueryStatement=sql)
    assert user("cloudtrail:*", "kms:GenerateDataKey", "kms:Decrypt").start_query(QueryStatement=sql)["QueryId"]


def test_a_query_goes_on_after_a_kill(start, tmp_path):
    folder = str(tmp_path / "data")
    with start("--data", folder) as welkin:
        account = welkin.account()
        lake = Lake(welkin.root(account, "cloudtrail"))
        kms = welkin.root(account, "kms")
        [kms.list_keys() for _ in range(30)]
        ended = lake.finished("SELECT count(*) AS n FROM event_data_store_ID WHERE eventName = 'ListKeys'")["QueryId"]
        begun = lake.start("SELECT count(*) AS n FROM {0} a, {0} b, {0} c WHERE a.eventName || b.eventName || c.eventName = '{1}'".format(lake.id, "ListKeys" * 3))
        welkin.process.kill()
    with start("--data", folder) as welkin:
        lake.trails = welkin.root(account, "cloudtrail")
        assert lake.wait(begun)["QueryStatus"] == "FINISHED"
        for query, expected in ((ended, 30), (begun, 30**3)):
            assert lake.trails.get_query_results(QueryId=query)["QueryResultRows"] == [[{"n": str(expected)}]]
