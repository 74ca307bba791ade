"""What streams and shards report to CloudWatch."""

import datetime

import pytest


@pytest.fixture
def total(welkin, account):
    """The sum of a metric of a stream, or of one of its shards."""
    cloudwatch = welkin.client("cloudwatch", account)

    def total(name, stream, **dimensions):
        dimensions = {"StreamName": stream, **dimensions}
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=welkin.now() - datetime.timedelta(hours=1),
            EndTime=welkin.now() + datetime.timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    return total


def test_a_stream_reports_what_comes_what_goes_and_what_it_has_no_room_for(kinesis, streams, stream, welkin, total, refused):
    welkin.advance("10s")
    small = [{"Data": b"12345", "PartitionKey": "key"}] * 497
    large = [{"Data": bytes(700_000), "PartitionKey": "key"}] * 3
    # At one moment: there is room for one of the large ones.
    failed = kinesis.put_records(StreamName=stream, Records=small + large)["FailedRecordCount"]
    assert failed == 2
    with refused("ProvisionedThroughputExceededException"):
        for _ in range(1000):
            kinesis.put_record(StreamName=stream, Data=bytes(700_000), PartitionKey="key")
    got = len(streams.read(stream))
    welkin.advance("2m")
    put = total("PutRecord.Success", stream)
    assert total("PutRecords.TotalRecords", stream) == 500
    assert total("PutRecords.ThrottledRecords", stream) == failed
    assert total("IncomingRecords", stream) == 500 - failed + put
    assert total("IncomingBytes", stream) == 497 * 8 + (1 + put) * 700_003
    assert total("WriteProvisionedThroughputExceeded", stream) == failed + 1
    assert total("GetRecords.Records", stream) == got


def test_a_shard_reports_if_it_is_to(kinesis, streams, welkin, total):
    name = streams.new(2)
    kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["IncomingRecords", "OutgoingRecords"])
    streams.settle(name)
    shard = kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="a")["ShardId"]
    streams.read(name, shard)
    welkin.advance("2m")
    assert total("IncomingRecords", name, ShardId=shard) == total("OutgoingRecords", name, ShardId=shard) == 1
    assert total("IncomingBytes", name, ShardId=shard) == 0 and total("IncomingBytes", name) == 2
