"""On-demand capacity of Kinesis under load. See README.md."""

import datetime

from botocore.exceptions import ClientError

from load import Stream, client, clock, go_on, kinesis


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected")


def new_stream_under_25_mb():
    """Scenario 1: more than the stream takes, from the first moment."""
    stream = Stream("kds-od-default-shards")
    summary = stream.settle()
    assert (summary["OpenShardCount"], summary["StreamModeDetails"]["StreamMode"]) == (4, "ON_DEMAND")
    # 4.5 MB at once, and the shards take 4 MiB.
    first = [stream.batch() for _ in range(3)]
    assert all(first), first
    grown = [4]
    for _ in range(2):
        before, after = stream.warm(4)
        assert after == before + 4, (before, after)
        grown.append(after)
    last = stream.batch()
    assert last == 0, last
    print(f"a new stream: {first} of 500 records refused at first; shards {grown}; then none refused")
    return stream


def prewarmed():
    """The same name with 30 shards, switched."""
    kinesis.delete_stream(StreamName="kds-od-default-shards")
    kinesis.get_waiter("stream_not_exists").wait(
        StreamName="kds-od-default-shards", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400}
    )
    stream = Stream("kds-od-default-shards", 30)
    summary = stream.switch("ON_DEMAND")
    assert (summary["OpenShardCount"], summary["StreamModeDetails"]["StreamMode"]) == (30, "ON_DEMAND")
    # 22.5 MB within a second of the clock, or as much of one as this host needs for them.
    assert sum(stream.batch() for _ in range(5)) == 0
    assert stream.warm(2) == (30, 32)
    stream.switch("PROVISIONED")
    refused("LimitExceededException", stream.switch, mode="ON_DEMAND")
    clock(advance="24h")
    stream.switch("ON_DEMAND")
    print("30 shards beforehand: none refused; later 32 shards; a third switch in 24 hours is refused")


def significant_spike():
    """Scenario 2: twice as much as shards take, all at once, after the stream has grown."""
    stream = Stream("kds-od-significant-spike")
    before, shards = stream.warm(2)
    assert (before, shards) == (4, 6)
    clock(advance="2s")
    spike = [stream.batch(stream.hash_keys(2)) for _ in range(2)]
    clock(advance="2s")
    after = stream.batch(stream.hash_keys(2), records=200)
    assert all(spike) and after == 0, (spike, after)
    stream.switch("PROVISIONED")
    kinesis.update_shard_count(StreamName=stream.name, TargetShardCount=shards * 2, ScalingType="UNIFORM_SCALING")
    stream.settle()
    assert stream.switch("ON_DEMAND")["OpenShardCount"] == shards * 2
    assert stream.batch(stream.hash_keys(6)) == 0
    print(f"a spike: {spike} of 500 records refused, {after} when it was over; none by twice the shards beforehand")


def one_partition_key():
    """Scenario 3: 1.5 MB of one key at once, though there is room for 4 MB."""
    stream = Stream("kds-od-partition-key-throttle")
    single = [{"Data": bytes(10_000), "PartitionKey": "A"}] * 150
    start, told = clock(), []
    for second in range(1, 70):
        told.append(stream.send(single))
        go_on(start + datetime.timedelta(seconds=second))
    assert sum(count > 0 for count in told) > 30, told
    clock(advance="15m")
    assert stream.send(single) > 0 and stream.shards == 4
    clock(advance="2s")
    assert stream.send([entry | {"PartitionKey": str(n)} for n, entry in enumerate(single)]) == 0
    print(f"one key: {sum(told):,} of {150 * len(told):,} refused, and no shard more; random keys: none")
    return stream


def one_gigabyte():
    """120 shards beforehand, and as much as this host can send."""
    stream = Stream("kds-od-1gb-stream", 120)
    assert stream.switch("ON_DEMAND")["OpenShardCount"] == 120
    assert sum(stream.batch() for _ in range(15)) == 0
    print("120 shards: none refused, as far as this host goes")


def counted(stream):
    """CloudWatch against the answers."""
    now = clock(advance="2m")

    def total(metric):
        points = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName=metric,
            Dimensions=[{"Name": "StreamName", "Value": stream.name}],
            StartTime=now - datetime.timedelta(hours=12),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    assert total("PutRecords.ThrottledRecords") == stream.refused > 0
    assert total("WriteProvisionedThroughputExceeded") == stream.refused
    assert total("IncomingRecords") == stream.put - stream.refused
    print(f"CloudWatch: {stream.refused:,} throttled, {stream.put - stream.refused:,} taken, as the answers told")


counted(new_stream_under_25_mb())
prewarmed()
significant_spike()
counted(one_partition_key())
one_gigabyte()
