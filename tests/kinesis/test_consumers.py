"""Consumers with a throughput of their own: registered, subscribed, pushed to."""

import threading

import pytest


@pytest.fixture
def arn(streams, stream):
    return streams.summary(stream)["StreamARN"]


@pytest.fixture
def consumer(kinesis, arn):
    return kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]


def subscribe(kinesis, consumer, shard="shardId-000000000000", **position):
    position = position or {"Type": "TRIM_HORIZON"}
    return kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition=position)["EventStream"]


def events(stream):
    for event in stream:
        yield event["SubscribeToShardEvent"]


def test_consumers_are_registered_described_listed_and_removed(kinesis, streams, stream, arn, refused):
    made = [kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{n:02}")["Consumer"] for n in range(20)]
    assert made[0]["ConsumerARN"].startswith(f"{arn}/consumer/c00:")
    assert streams.summary(stream)["ConsumerCount"] == 20
    with refused("LimitExceededException"):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="more")
    with refused("ResourceInUseException"):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c00")
    page = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=15)
    rest = kinesis.list_stream_consumers(StreamARN=arn, NextToken=page["NextToken"])
    assert [c["ConsumerName"] for c in page["Consumers"] + rest["Consumers"]] == [c["ConsumerName"] for c in made]
    described = kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName="c03")["ConsumerDescription"]
    assert (described["ConsumerARN"], described["ConsumerStatus"]) == (made[3]["ConsumerARN"], "ACTIVE")
    kinesis.deregister_stream_consumer(ConsumerARN=made[3]["ConsumerARN"])
    with refused("ResourceNotFoundException"):
        kinesis.describe_stream_consumer(ConsumerARN=made[3]["ConsumerARN"])
    with refused("ResourceInUseException", message="registered consumers"):
        kinesis.delete_stream(StreamName=stream)
    kinesis.delete_stream(StreamName=stream, EnforceConsumerDeletion=True)


def test_records_are_pushed_as_they_come(kinesis, stream, consumer):
    kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="a")
    pushed = events(subscribe(kinesis, consumer))
    first = next(pushed)
    assert [record["Data"] for record in first["Records"]] == [b"1"]
    kinesis.put_record(StreamName=stream, Data=b"2", PartitionKey="a")
    second = next(event for event in pushed if event["Records"])
    assert [record["Data"] for record in second["Records"]] == [b"2"]
    # One can go on from where one was.
    number = first["ContinuationSequenceNumber"]
    assert number == first["Records"][-1]["SequenceNumber"]


def test_a_subscription_lasts_five_minutes_and_another_takes_its_place(kinesis, stream, consumer, welkin, refused):
    pushed = events(subscribe(kinesis, consumer))
    assert next(pushed)["Records"] == []
    with refused("ResourceInUseException"):
        subscribe(kinesis, consumer)
    welkin.advance("6s")
    later = events(subscribe(kinesis, consumer, Type="LATEST"))
    # The first one ends, after what it may have sent already.
    assert all(event["Records"] == [] for event in pushed)
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a")
    event = next(event for event in later if event["Records"])
    assert event["Records"][0]["Data"] == b"x"
    ended = threading.Thread(target=lambda: list(later))
    ended.start()
    welkin.advance("5m")
    ended.join(30)
    assert not ended.is_alive()


def test_the_end_of_a_shard_names_its_children(kinesis, streams, stream, consumer):
    kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="a")
    pushed = events(subscribe(kinesis, consumer))
    assert len(next(pushed)["Records"]) == 1
    kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    last = list(pushed)[-1]
    assert [child["ShardId"] for child in last["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]
    assert "ContinuationSequenceNumber" not in last
    kinesis.put_record(StreamName=stream, Data=b"2", PartitionKey="a", ExplicitHashKey="0")
    child = events(subscribe(kinesis, consumer, "shardId-000000000001"))
    assert next(child)["Records"][0]["Data"] == b"2"


def test_who_may_not_use_the_key_any_more_is_told_in_the_stream(kinesis, streams, stream, consumer, welkin, account):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId=key)
    streams.settle(stream)
    kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="a")
    kms.disable_key(KeyId=key)
    welkin.advance("6m")
    with pytest.raises(Exception, match="KMSDisabledException"):
        list(subscribe(kinesis, consumer))
