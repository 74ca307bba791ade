"""Fixtures of the Kinesis tests."""

import pytest


@pytest.fixture
def kinesis(welkin, account):
    """Kinesis as the root user of a fresh account."""
    return welkin.client("kinesis", account)


class Streams:
    """What tests do with streams."""

    def __init__(self, kinesis, name):
        self.kinesis, self.name = kinesis, name

    def new(self, shards=1, **options):
        """A new stream, active: its name."""
        made = self.name("s")
        if shards is not None:
            options["ShardCount"] = shards
        self.kinesis.create_stream(StreamName=made, **options)
        self.settle(made)
        return made

    def settle(self, stream):
        """Waits until the stream is active; its summary."""
        self.kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
        return self.summary(stream)

    def summary(self, stream):
        return self.kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]

    def shards(self, stream, **options):
        return self.kinesis.list_shards(StreamName=stream, **options)["Shards"]

    def open(self, stream):
        """The ids of the open shards."""
        return [shard["ShardId"] for shard in self.shards(stream, ShardFilter={"Type": "AT_LATEST"})]

    def iterator(self, stream, shard="shardId-000000000000", kind="TRIM_HORIZON", **options):
        answer = self.kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **options)
        return answer["ShardIterator"]

    def read(self, stream, shard="shardId-000000000000", kind="TRIM_HORIZON", **options):
        """The records of a shard from a place on, as one call gets them."""
        return self.kinesis.get_records(ShardIterator=self.iterator(stream, shard, kind, **options))["Records"]

    def data(self, *arguments, **options):
        return [record["Data"] for record in self.read(*arguments, **options)]


@pytest.fixture
def streams(kinesis, name):
    return Streams(kinesis, name)


@pytest.fixture
def stream(streams):
    """A stream of one shard."""
    return streams.new()
