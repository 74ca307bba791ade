"""Streams: made, described, listed, changed, deleted."""

import pytest


def test_a_stream_is_made_described_and_deleted(kinesis, streams, account, refused):
    name = streams.new(3, Tags={"a": "1"})
    summary = streams.summary(name)
    arn = f"arn:aws:kinesis:us-east-1:{account}:stream/{name}"
    assert (summary["StreamARN"], summary["StreamStatus"], summary["OpenShardCount"]) == (arn, "ACTIVE", 3)
    assert summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert (summary["RetentionPeriodHours"], summary["EncryptionType"], summary["ConsumerCount"]) == (24, "NONE", 0)
    described = kinesis.describe_stream(StreamARN=arn)["StreamDescription"]
    ranges = [shard["HashKeyRange"] for shard in described["Shards"]]
    assert ranges[0]["StartingHashKey"] == "0" and ranges[-1]["EndingHashKey"] == str(2**128 - 1)
    for before, after in zip(ranges, ranges[1:]):
        assert int(before["EndingHashKey"]) + 1 == int(after["StartingHashKey"])
    with refused("ResourceInUseException"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.delete_stream(StreamName=name)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    with refused("ResourceNotFoundException", message=f"Stream {name} under account {account} not found."):
        kinesis.describe_stream(StreamName=name)
    # A new one of the same name has none of the old one's records.
    kinesis.create_stream(StreamName=name, ShardCount=1)
    streams.settle(name)
    assert streams.read(name) == []


def test_streams_are_listed_in_pages(kinesis, streams):
    names = sorted(streams.new() for _ in range(5))
    assert kinesis.list_streams()["StreamNames"] == names
    first = kinesis.list_streams(Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (names[:2], True)
    rest = kinesis.list_streams(NextToken=first["NextToken"])
    assert (rest["StreamNames"], rest["HasMoreStreams"]) == (names[2:], False)
    assert kinesis.list_streams(ExclusiveStartStreamName=names[3])["StreamNames"] == names[4:]
    assert {summary["StreamStatus"] for summary in rest["StreamSummaries"]} == {"ACTIVE"}


def test_shards_are_described_and_listed_in_pages(kinesis, streams, refused, welkin):
    name = streams.new(5)
    page = kinesis.describe_stream(StreamName=name, Limit=2)["StreamDescription"]
    assert page["HasMoreShards"] and len(page["Shards"]) == 2
    rest = kinesis.describe_stream(StreamName=name, ExclusiveStartShardId=page["Shards"][-1]["ShardId"])
    assert len(rest["StreamDescription"]["Shards"]) == 3
    listed = kinesis.list_shards(StreamName=name, MaxResults=3)
    more = kinesis.list_shards(NextToken=listed["NextToken"])
    assert [s["ShardId"] for s in listed["Shards"] + more["Shards"]] == [f"shardId-{n:012}" for n in range(5)]
    with refused("InvalidArgumentException", message="NextToken and StreamName cannot be provided together."):
        kinesis.list_shards(StreamName=name, NextToken=listed["NextToken"])
    with refused("InvalidArgumentException"):
        kinesis.list_shards(NextToken="!")
    welkin.advance("6m")
    with refused("ExpiredNextTokenException"):
        kinesis.list_shards(NextToken=listed["NextToken"])


def test_an_on_demand_stream_begins_with_four_shards(kinesis, streams, refused):
    name = streams.new(None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    summary = streams.summary(name)
    assert (summary["OpenShardCount"], summary["StreamModeDetails"]["StreamMode"]) == (4, "ON_DEMAND")
    with refused("ValidationException"):
        kinesis.create_stream(StreamName=name + "b", ShardCount=1, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    with refused("ValidationException", message="On-Demand"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=8, ScalingType="UNIFORM_SCALING")
    with refused("InvalidArgumentException"):
        kinesis.create_stream(StreamName=name + "b")


def test_the_mode_is_switched_twice_a_day(kinesis, streams, welkin, refused):
    name = streams.new(7)
    arn = streams.summary(name)["StreamARN"]

    def switch(mode):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": mode})
        return streams.settle(name)

    assert switch("ON_DEMAND")["OpenShardCount"] == 7
    assert switch("PROVISIONED")["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    with refused("LimitExceededException"):
        switch("ON_DEMAND")
    welkin.advance("24h")
    assert switch("ON_DEMAND")["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}


def test_quotas_are_told_and_held(kinesis, streams, welkin, refused, account):
    ireland = welkin.client("kinesis", account, region="eu-central-1")
    limits = ireland.describe_limits()
    assert (limits["ShardLimit"], limits["OpenShardCount"]) == (1000, 0)
    ireland.create_stream(StreamName="a", ShardCount=990)
    assert ireland.describe_limits()["OpenShardCount"] == 990
    with refused("LimitExceededException", message="Current shard count for the account: 990. Limit: 1000."):
        ireland.create_stream(StreamName="b", ShardCount=11)
    assert ireland.list_streams()["StreamNames"] == ["a"]
    streams.new(None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    limits = kinesis.describe_limits()
    assert (limits["OnDemandStreamCount"], limits["OnDemandStreamCountLimit"], limits["OpenShardCount"]) == (1, 50, 0)


def test_the_retention_period_goes_up_and_down(kinesis, streams, stream, refused):
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=8760)
    assert streams.settle(stream)["RetentionPeriodHours"] == 8760
    with refused("InvalidArgumentException"):
        kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=8761)
    with refused("InvalidArgumentException"):
        kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=48)
    kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=48)
    assert streams.settle(stream)["RetentionPeriodHours"] == 48
    for hours in (23, 49):
        with refused("InvalidArgumentException"):
            kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=hours)


def test_metrics_of_shards_are_switched(kinesis, streams, stream):
    answer = kinesis.enable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=["ALL"])
    assert answer["CurrentShardLevelMetrics"] == [] and len(answer["DesiredShardLevelMetrics"]) == 7
    streams.settle(stream)
    kinesis.disable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=["IncomingBytes"])
    shown = streams.settle(stream)["EnhancedMonitoring"][0]["ShardLevelMetrics"]
    assert len(shown) == 6 and "IncomingBytes" not in shown


def test_tags_are_added_listed_and_removed(kinesis, streams, stream, refused):
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"a": "1", "b": "2", "c": "3"})
    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=["b"])
    page = kinesis.list_tags_for_stream(StreamName=stream, Limit=1)
    assert page["Tags"] == [{"Key": "a", "Value": "1"}] and page["HasMoreTags"]
    arn = streams.summary(stream)["StreamARN"]
    kinesis.tag_resource(ResourceARN=arn, Tags={"d": ""})
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "c", "Value": "3"},
        {"Key": "d", "Value": ""},
    ]
    with refused("InvalidArgumentException"):
        kinesis.add_tags_to_stream(StreamName=stream, Tags={"aws:x": "1"})
    with refused("InvalidArgumentException"):
        kinesis.add_tags_to_stream(StreamName=stream, Tags={str(n): "" for n in range(49)})


@pytest.mark.parametrize(
    "call, code",
    [
        (lambda kinesis: kinesis.describe_stream(), "InvalidArgumentException"),
        (lambda kinesis: kinesis.describe_stream(StreamName="none"), "ResourceNotFoundException"),
        (lambda kinesis: kinesis.describe_stream(StreamARN="arn:aws:kinesis:us-east-1:111122223333:stream/none"), None),
        (lambda kinesis: kinesis.put_record(StreamName="none", Data=b"", PartitionKey="a"), "ResourceNotFoundException"),
        (lambda kinesis: kinesis.create_stream(StreamName="bad name", ShardCount=1), "ValidationException"),
        (lambda kinesis: kinesis.create_stream(StreamName="s", ShardCount=1, WarmThroughputMiBps=1), "NotImplemented"),
        (lambda kinesis: kinesis.create_stream(StreamName="s", ShardCount=1, MaxRecordSizeInKiB=2048), "NotImplemented"),
        (lambda kinesis: kinesis.update_max_record_size(StreamARN="arn:aws:kinesis:us-east-1:111122223333:stream/s", MaxRecordSizeInKiB=2048), "NotImplemented"),
    ],
)
def test_what_cannot_be_is_refused(kinesis, call, code, refused):
    with refused(code or "ResourceNotFoundException", (400, 501)):
        call(kinesis)
