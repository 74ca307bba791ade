"""What services tell: calls by CloudTrail, objects of S3, queries of Athena, keys of KMS."""

import json

import pytest


@pytest.fixture
def trail(welkin, account, name):
    """A trail of the account that logs."""
    s3, cloudtrail = welkin.client("s3", account), welkin.client("cloudtrail", account)
    bucket = name("trail-")
    s3.create_bucket(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    policy = [
        {**statement, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"},
        {**statement, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    cloudtrail.create_trail(Name="calls", S3BucketName=bucket)
    cloudtrail.start_logging(Name="calls")
    return cloudtrail


CALLS = {"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventSource": ["kms.amazonaws.com"]}}


def test_calls_are_told_where_a_trail_logs_them(welkin, account, queue, new_queue, rule, trail, name, settle):
    every = new_queue()
    rule(CALLS, queue)
    rule(CALLS, every, State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    kms = welkin.client("kms", account)
    kms.create_key(Description="made")
    kms.list_keys()
    settle()
    (event,) = queue.events()
    assert (event["source"], event["account"], event["region"]) == ("aws.kms", account, "us-east-1")
    detail = event["detail"]
    assert (detail["eventName"], detail["requestParameters"]["description"]) == ("CreateKey", "made")
    assert detail["userIdentity"]["accountId"] == account and detail["readOnly"] is False
    assert sorted(event["detail"]["eventName"] for event in every.events()) == ["CreateKey", "ListKeys"]
    trail.stop_logging(Name="calls")
    kms.create_key(Description="unseen")
    settle()
    assert queue.events() == [] and every.events() == []


def test_accounts_without_trails_are_told_of_no_calls(welkin, account, queue, rule, settle):
    rule(CALLS, queue)
    welkin.client("kms", account).create_key()
    settle()
    assert queue.events() == []


@pytest.fixture
def bucket(welkin, account, name):
    """A bucket that tells EventBridge."""
    s3 = welkin.client("s3", account)
    bucket = name("b-")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return s3, bucket


def test_a_bucket_tells_of_its_objects(account, bucket, queue, rule, settle):
    s3, name = bucket
    assert s3.get_bucket_notification_configuration(Bucket=name)["EventBridgeConfiguration"] == {}
    rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}}, queue)

    def told():
        settle()
        return queue.events()

    etag = s3.put_object(Bucket=name, Key="a b", Body=b"hello")["ETag"].strip('"')
    (event,) = told()
    assert (event["detail-type"], event["resources"]) == ("Object Created", [f"arn:aws:s3:::{name}"])
    assert event["account"] == account
    detail = event["detail"]
    assert (detail["version"], detail["bucket"], detail["reason"]) == ("0", {"name": name}, "PutObject")
    assert detail["requester"] == account and detail["source-ip-address"] == "127.0.0.1" and detail["request-id"]
    object = detail["object"]
    assert (object["key"], object["size"], object["etag"]) == ("a b", 5, etag)
    assert object["sequencer"] and "version-id" not in object
    s3.copy_object(Bucket=name, Key="c", CopySource={"Bucket": name, "Key": "a b"})
    assert [event["detail"]["reason"] for event in told()] == ["CopyObject"]
    s3.put_object_tagging(Bucket=name, Key="c", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_object_tagging(Bucket=name, Key="c")
    assert [event["detail-type"] for event in told()] == ["Object Tags Added", "Object Tags Deleted"]
    s3.delete_object(Bucket=name, Key="c")
    (event,) = told()
    assert event["detail-type"] == "Object Deleted"
    assert (event["detail"]["reason"], event["detail"]["deletion-type"]) == ("DeleteObject", "Permanently Deleted")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket=name, Key="a b")
    (event,) = told()
    assert event["detail"]["deletion-type"] == "Delete Marker Created" and event["detail"]["object"]["version-id"]
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=name)
    s3.put_object(Bucket=name, Key="d", Body=b"")
    assert told() == []


def test_a_bucket_tells_of_restored_and_moved_objects(welkin, bucket, queue, rule, settle):
    s3, name = bucket
    rule({"source": ["aws.s3"], "detail-type": [{"anything-but": "Object Created"}]}, queue)
    s3.put_object(Bucket=name, Key="cold", Body=b"x", StorageClass="GLACIER")
    s3.restore_object(Bucket=name, Key="cold", RestoreRequest={"Days": 1})
    welkin.advance("2d12h")
    came = {event["detail-type"]: event["detail"] for event in queue.events()}
    assert list(came) == ["Object Restore Initiated", "Object Restore Completed", "Object Restore Expired"]
    completed = came["Object Restore Completed"]
    assert (completed["source-storage-class"], completed["requester"]) == ("GLACIER", "s3.amazonaws.com")
    assert completed["restore-expiry-time"].endswith("T00:00:00Z")
    s3.put_object(Bucket=name, Key="warm", Body=b"x" * 200_000)
    rules = [{"ID": "1", "Status": "Enabled", "Filter": {"Prefix": "warm"}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}], "Expiration": {"Days": 100}}]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    welkin.advance("4d")
    (event,) = queue.events()
    assert event["detail-type"] == "Object Storage Class Changed"
    assert event["detail"]["destination-storage-class"] == "GLACIER"
    welkin.advance("100d")
    (event,) = queue.events()
    assert (event["detail-type"], event["detail"]["reason"]) == ("Object Deleted", "Lifecycle Expiration")
    assert event["detail"]["requester"] == "s3.amazonaws.com"


def test_keys_tell_of_rotation_and_deletion(welkin, account, queue, rule, settle):
    kms = welkin.client("kms", account)
    rule({"source": ["aws.kms"]}, queue)
    key = kms.create_key()["KeyMetadata"]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    settle()
    (event,) = queue.events()
    assert (event["detail-type"], event["detail"]) == ("KMS CMK Rotation", {"key-id": key["KeyId"]})
    assert event["resources"] == [key["Arn"]]
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    welkin.advance("8d")
    (event,) = queue.events()
    assert (event["detail-type"], event["detail"]) == ("KMS CMK Deletion", {"key-id": key["KeyId"]})


def test_queries_tell_of_their_states(welkin, account, queue, rule, name, settle):
    s3, athena = welkin.client("s3", account), welkin.client("athena", account)
    bucket = name("q-")
    s3.create_bucket(Bucket=bucket)
    rule({"source": ["aws.athena"], "detail-type": ["Athena Query State Change"]}, queue)
    output = {"OutputLocation": f"s3://{bucket}/"}
    id = athena.start_query_execution(QueryString="SELECT 1", ResultConfiguration=output)["QueryExecutionId"]
    settle()
    came = queue.events()
    assert {event["detail"]["queryExecutionId"] for event in came} == {id}
    states = [event["detail"]["currentState"] for event in came]
    assert sorted(states) == ["QUEUED", "RUNNING", "SUCCEEDED"]


def test_services_tell_nobody_else(welkin, bucket, queue, rule, settle):
    s3, name = bucket
    other = welkin.account()
    theirs = welkin.client("events", other)
    theirs.put_rule(Name="r", EventPattern='{"source":["aws.s3"]}')
    theirs.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": queue.arn}])
    s3.put_object(Bucket=name, Key="k", Body=b"")
    settle()
    assert queue.events() == []


def test_the_data_catalog_tells_of_databases_tables_and_partitions(welkin, account, queue, rule, settle):
    rule({"source": ["aws.glue"]}, queue)
    glue = welkin.client("glue", account)
    glue.create_database(DatabaseInput={"Name": "d1"})
    keys = [{"Name": "file", "Type": "string"}, {"Name": "dir", "Type": "string"}]
    definition = {"Name": "t1", "PartitionKeys": keys, "StorageDescriptor": {"Location": "s3://bucket/t1/"}}
    glue.create_table(DatabaseName="d1", TableInput=definition)
    glue.update_table(DatabaseName="d1", TableInput={**definition, "Description": "changed"})
    table = {"DatabaseName": "d1", "TableName": "t1"}
    first, second, third = ["A.pdf", "dir1"], ["C.pdf", "dir3"], ["D.doc", "dir4"]
    glue.create_partition(**table, PartitionInput={"Values": first})
    # What is refused is not told.
    inputs = [{"Values": values} for values in (first, second, third)]
    assert len(glue.batch_create_partition(**table, PartitionInputList=inputs)["Errors"]) == 1
    glue.update_partition(**table, PartitionValueList=first, PartitionInput={"Values": first})
    entries = [{"PartitionValueList": values, "PartitionInput": {"Values": values}} for values in (second, ["E", "e"])]
    assert len(glue.batch_update_partition(**table, Entries=entries)["Errors"]) == 1
    glue.delete_partition(**table, PartitionValues=first)
    gone = [{"Values": second}, {"Values": first}]
    assert len(glue.batch_delete_partition(**table, PartitionsToDelete=gone)["Errors"]) == 1
    assert len(glue.batch_delete_table(DatabaseName="d1", TablesToDelete=["t1", "none"])["Errors"]) == 1
    glue.delete_database(Name="d1")
    settle()
    came = queue.events()
    told = {(event["detail-type"], event["detail"]["typeOfChange"]): event for event in came}
    assert len(told) == len(came) == 11
    database, of_table = "Glue Data Catalog Database State Change", "Glue Data Catalog Table State Change"
    arn = f"arn:aws:glue:us-east-1:{account}"
    changes = {"CreateDatabase": [], "CreateTable": ["t1"], "BatchDeleteTable": ["t1"], "DeleteDatabase": []}
    for operation, tables in changes.items():
        event = told.pop((database, operation))
        assert event["detail"] == {"databaseName": "d1", "typeOfChange": operation, "changedTables": tables}
        assert event["resources"] == [f"{arn}:table/d1/t1" if tables else f"{arn}:database/d1"]
    partitions = {
        "UpdateTable": [],
        "CreatePartition": ["[A.pdf, dir1]"],
        "BatchCreatePartition": ["[C.pdf, dir3]", "[D.doc, dir4]"],
        "UpdatePartition": ["[A.pdf, dir1]"],
        "BatchUpdatePartition": ["[C.pdf, dir3]"],
        "DeletePartition": ["[A.pdf, dir1]"],
        "BatchDeletePartition": ["[C.pdf, dir3]"],
    }
    for operation, changed in partitions.items():
        event = told.pop((of_table, operation))
        assert event["detail"] == {
            "databaseName": "d1",
            "tableName": "t1",
            "typeOfChange": operation,
            "changedPartitions": changed,
        }
        assert (event["resources"], event["account"]) == ([f"{arn}:table/d1/t1"], account)
    assert told == {}


def test_notifications_of_the_data_catalog_name_a_hundred_tables_at_most(welkin, account, queue, rule, settle):
    glue = welkin.client("glue", account)
    glue.create_database(DatabaseInput={"Name": "d"})
    names = [f"t{number:03}" for number in range(100)]
    for name in [*names, "last"]:
        glue.create_table(DatabaseName="d", TableInput={"Name": name})
    rule({"source": ["aws.glue"], "detail": {"typeOfChange": ["BatchDeleteTable", "DeleteTable"]}}, queue)
    glue.batch_delete_table(DatabaseName="d", TablesToDelete=names)
    glue.delete_table(DatabaseName="d", Name="last")
    settle()
    came = {event["detail"]["typeOfChange"]: event["detail"]["changedTables"] for event in queue.events()}
    assert came == {"BatchDeleteTable": names, "DeleteTable": ["last"]}
