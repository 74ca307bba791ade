"""What is told of replication: failures, thresholds, and what is at the destination; and what outlives a kill."""

import pytest
from conftest import fresh
from replicating import Pair, arn, replicate, rule
from test_notifications import Queue, configure, happened, names

MEASURED = {"Metrics": {"Status": "Enabled"}}
TIMED = {
    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
}


def listening(welkin, pair, events="s3:Replication:*"):
    """A queue that is told of the source."""
    queue = Queue(welkin, pair.account, pair.source)
    configure(pair.s3, pair.source, queue, events, SkipDestinationValidation=True)
    return queue


def test_a_failure_is_told_with_its_reason(welkin, account):
    pair = Pair(welkin, account, to=MEASURED)
    queue = listening(welkin, pair)
    pair.put("well")
    assert happened(welkin, queue) == []
    pair.permit(without=["s3:ReplicateObject"])
    version = pair.put("ill", b"12345")
    [record] = happened(welkin, queue)
    assert (record["eventName"], record["eventVersion"]) == ("Replication:OperationFailedReplication", "2.2")
    assert record["userIdentity"] == {"principalId": "s3.amazonaws.com"}
    assert record["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
    told = record["s3"]["object"]
    assert (told["key"], told["versionId"], told["size"]) == ("ill", version, 5)
    data = record["replicationEventData"]
    assert data.pop("requestTime").endswith("Z")
    assert data == {
        "replicationRuleId": "rule-1",
        "destinationBucket": arn(pair.copy),
        "s3Operation": "OBJECT_PUT",
        "failureReason": "DstPutObjectNotPermitted",
    }


def test_without_metrics_failures_are_not_told(welkin, account):
    pair = Pair(welkin, account)
    queue = listening(welkin, pair)
    pair.permit(without=["s3:ReplicateObject"])
    pair.put()
    assert pair.status() == "FAILED"
    assert happened(welkin, queue) == []


REASONS = [
    (lambda pair: pair.role.trusts("ec2.amazonaws.com"), "AssumeRoleNotPermitted"),
    (lambda pair: pair.permit(without=["s3:GetObjectVersionForReplication"]), "SrcGetObjectNotPermitted"),
    (lambda pair: pair.permit(without=["s3:GetObjectVersionAcl"]), "SrcGetAclNotPermitted"),
    (lambda pair: pair.permit(without=["s3:ReplicateObject"]), "DstPutObjectNotPermitted"),
    (
        lambda pair: pair.to_s3.put_bucket_versioning(
            Bucket=pair.copy, VersioningConfiguration={"Status": "Suspended"}
        ),
        "DstBucketUnversioned",
    ),
    (lambda pair: pair.to_s3.delete_bucket(Bucket=pair.copy), "DstBucketNotFound"),
]


@pytest.mark.parametrize("change, reason", REASONS)
def test_every_failure_has_its_reason(welkin, account, change, reason):
    pair = Pair(welkin, account, to=MEASURED)
    queue = listening(welkin, pair)
    change(pair)
    pair.put()
    [record] = happened(welkin, queue)
    assert record["replicationEventData"]["failureReason"] == reason


def test_failures_of_delete_markers_and_settings_are_told_too(welkin, account):
    pair = Pair(welkin, account, to=MEASURED, DeleteMarkerReplication={"Status": "Enabled"})
    queue = listening(welkin, pair)
    pair.put()
    pair.permit(without=["s3:ReplicateDelete", "s3:GetObjectVersionTagging"])
    pair.s3.put_object_tagging(Bucket=pair.source, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    welkin.advance("1s")
    assert pair.status() == "FAILED"
    pair.s3.delete_object(Bucket=pair.source, Key="k")
    reasons = [record["replicationEventData"]["failureReason"] for record in happened(welkin, queue)]
    assert reasons == ["SrcGetTaggingNotPermitted", "DstDelObjNotPermitted"]


def test_a_version_that_is_gone_at_the_destination_takes_no_settings(welkin, account):
    pair = Pair(welkin, account, to=MEASURED)
    queue = listening(welkin, pair)
    version = pair.put()
    pair.to_s3.delete_object(Bucket=pair.copy, Key="k", VersionId=version)
    pair.s3.put_object_tagging(Bucket=pair.source, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    [record] = happened(welkin, queue)
    assert record["replicationEventData"]["failureReason"] == "DstVersionNotFound"
    assert pair.keys() == []


def test_the_destination_is_told_of_replicas(welkin, account):
    pair = Pair(welkin, account, DeleteMarkerReplication={"Status": "Enabled"})
    queue = Queue(welkin, account, pair.copy)
    configure(pair.to_s3, pair.copy, queue, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", SkipDestinationValidation=True)
    pair.put()
    pair.s3.delete_object(Bucket=pair.source, Key="k")
    records = happened(welkin, queue)
    assert names(records) == [("ObjectCreated:Put", "k"), ("ObjectRemoved:DeleteMarkerCreated", "k")]
    assert records[0]["userIdentity"]["principalId"].endswith(":s3-replication")


def test_what_takes_longer_than_fifteen_minutes_is_told(welkin, account):
    region, regions = "eu-south-2", welkin.client("account", account)
    regions.enable_region(RegionName=region)
    welkin.advance("1h")
    pair = Pair(welkin, account, to_region=region, to=TIMED)
    queue = listening(welkin, pair)
    pair.put("soon")
    assert pair.status("soon") == "COMPLETED"
    # While the destination's Region cannot be reached, what is written waits.
    regions.disable_region(RegionName=region)
    welkin.advance("1h")
    pair.s3.put_object(Bucket=pair.source, Key="late", Body=b"x")
    welkin.advance("14m")
    assert pair.status("late") == "PENDING"
    assert happened(welkin, queue) == []
    welkin.advance("2m")
    assert names(happened(welkin, queue)) == [("Replication:OperationMissedThreshold", "late")]
    regions.enable_region(RegionName=region)
    welkin.advance("1h")
    assert pair.status("late") == "COMPLETED"
    [record] = happened(welkin, queue)
    assert record["eventName"] == "Replication:OperationReplicatedAfterThreshold"
    assert "failureReason" not in record["replicationEventData"]
    assert pair.keys() == ["late", "soon"]


def test_the_lifecycle_waits_for_what_is_to_be_replicated(welkin, account):
    region, regions = "eu-south-2", welkin.client("account", account)
    regions.enable_region(RegionName=region)
    welkin.advance("1h")
    pair = Pair(welkin, account, to_region=region)
    pair.s3.put_bucket_lifecycle_configuration(
        Bucket=pair.source,
        LifecycleConfiguration={
            "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
        },
    )
    regions.disable_region(RegionName=region)
    welkin.advance("1h")
    pair.s3.put_object(Bucket=pair.source, Key="k", Body=b"x")
    welkin.advance("3d")
    assert pair.status() == "PENDING"
    regions.enable_region(RegionName=region)
    welkin.advance("2d")
    assert pair.keys() == ["k"]
    assert "Contents" not in pair.s3.list_objects_v2(Bucket=pair.source)


def test_what_was_acknowledged_is_replicated_though_it_is_killed(start, tmp_path):
    account = "222233334444"
    with start("--data", str(tmp_path)) as first:
        pair = Pair(first, account)
        for n in range(40):
            pair.s3.put_object(Bucket=pair.source, Key=f"k{n:02}", Body=f"{n}" * 1000)
        first.process.kill()
        first.process.wait(30)
    with start("--data", str(tmp_path)) as second:
        second.advance("1m")
        s3 = second.client("s3", account)
        keys = [listed["Key"] for listed in s3.list_objects_v2(Bucket=pair.copy)["Contents"]]
        assert keys == [f"k{n:02}" for n in range(40)]
        for n, key in enumerate(keys):
            source, replica = s3.head_object(Bucket=pair.source, Key=key), s3.get_object(Bucket=pair.copy, Key=key)
            assert replica["Body"].read() == f"{n}".encode() * 1000
            assert (source["ReplicationStatus"], replica["VersionId"]) == ("COMPLETED", source["VersionId"])
