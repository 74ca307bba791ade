"""Shards: split, merged, set to a number; what on-demand streams make of a load."""

MIB = 1024 * 1024


def test_a_shard_is_split_and_its_children_begin_after_it(kinesis, streams, stream, welkin, refused):
    kinesis.put_record(StreamName=stream, Data=b"before", PartitionKey="a")
    kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    streams.settle(stream)
    parent, low, high = streams.shards(stream)
    assert parent["SequenceNumberRange"]["EndingSequenceNumber"]
    assert (low["ParentShardId"], high["ParentShardId"]) == (parent["ShardId"],) * 2
    assert low["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**127 - 1)}
    assert high["HashKeyRange"] == {"StartingHashKey": str(2**127), "EndingHashKey": str(2**128 - 1)}
    assert low["SequenceNumberRange"]["StartingSequenceNumber"] > parent["SequenceNumberRange"]["EndingSequenceNumber"]
    put = kinesis.put_record(StreamName=stream, Data=b"after", PartitionKey="a", ExplicitHashKey="0")
    assert put["ShardId"] == low["ShardId"]
    # The parent is read to its end, which names the children.
    end = kinesis.get_records(ShardIterator=streams.iterator(stream))
    assert [record["Data"] for record in end["Records"]] == [b"before"]
    assert "NextShardIterator" not in end
    assert [child["ShardId"] for child in end["ChildShards"]] == [low["ShardId"], high["ShardId"]]
    with refused("InvalidArgumentException", message="has already been merged or split"):
        kinesis.split_shard(StreamName=stream, ShardToSplit=parent["ShardId"], NewStartingHashKey="5")
    with refused("InvalidArgumentException", message="NewStartingHashKey"):
        kinesis.split_shard(StreamName=stream, ShardToSplit=low["ShardId"], NewStartingHashKey="0")
    # It is forgotten with its last record.
    welkin.advance("25h")
    assert [shard["ShardId"] for shard in streams.shards(stream)] == [low["ShardId"], high["ShardId"]]


def test_two_shards_are_merged(kinesis, streams, refused):
    name = streams.new(3)
    first, second, third = streams.open(name)
    with refused("InvalidArgumentException", message="not an adjacent pair"):
        kinesis.merge_shards(StreamName=name, ShardToMerge=first, AdjacentShardToMerge=third)
    kinesis.merge_shards(StreamName=name, ShardToMerge=second, AdjacentShardToMerge=first)
    streams.settle(name)
    merged = streams.shards(name)[-1]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (second, first)
    assert merged["HashKeyRange"]["StartingHashKey"] == "0"
    assert streams.open(name) == [third, merged["ShardId"]]


def test_the_number_of_shards_is_set_and_they_are_of_equal_size(kinesis, streams, refused):
    name = streams.new(3)
    for target in (5, 4, 2, 3):
        answer = kinesis.update_shard_count(StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        assert answer["TargetShardCount"] == target
        assert streams.settle(name)["OpenShardCount"] == target
        ranges = [s["HashKeyRange"] for s in streams.shards(name, ShardFilter={"Type": "AT_LATEST"})]
        starts = sorted(int(r["StartingHashKey"]) for r in ranges)
        assert starts == [n * ((2**128 - 1) // target) for n in range(target)]
        assert sum(int(r["EndingHashKey"]) - int(r["StartingHashKey"]) + 1 for r in ranges) == 2**128
    for target in (7, 1):
        with refused("LimitExceededException"):
            kinesis.update_shard_count(StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")
    for _ in range(3):
        for target in (6, 3):
            kinesis.update_shard_count(StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")
            streams.settle(name)
    with refused("LimitExceededException", message="rolling 24 hour"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=6, ScalingType="UNIFORM_SCALING")


def test_filters_choose_shards_by_when_they_were_open(kinesis, streams, stream, welkin):
    welkin.advance("1m")
    before = welkin.now()
    welkin.advance("1m")
    kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    streams.settle(stream)
    welkin.advance("1m")
    after = welkin.now()

    def chosen(kind, **options):
        shards = streams.shards(stream, ShardFilter={"Type": kind, **options})
        return [int(shard["ShardId"][-1]) for shard in shards]

    assert chosen("AT_LATEST") == [1, 2]
    assert chosen("AT_TRIM_HORIZON") == [0]
    assert chosen("FROM_TRIM_HORIZON") == [0, 1, 2]
    assert chosen("AT_TIMESTAMP", Timestamp=before) == [0]
    assert chosen("AT_TIMESTAMP", Timestamp=after) == [1, 2]
    assert chosen("FROM_TIMESTAMP", Timestamp=before) == [0, 1, 2]
    assert chosen("FROM_TIMESTAMP", Timestamp=after) == [1, 2]
    assert chosen("AFTER_SHARD_ID", ShardId="shardId-000000000001") == [2]


def load(kinesis, welkin, name, key):
    """0.9 MB each second for most of a minute of the clock: how many records failed."""
    welkin.advance(f"{60 - welkin.now().second}s")
    failed = 0
    for second in range(45):
        records = [{"Data": bytes(60_000), "PartitionKey": key(second, n)} for n in range(15)]
        failed += kinesis.put_records(StreamName=name, Records=records)["FailedRecordCount"]
        welkin.advance("1s")
    return failed


def test_an_on_demand_stream_grows_where_it_is_used(kinesis, streams, welkin):
    def on_demand():
        name = streams.new(1)
        arn = streams.summary(name)["StreamARN"]
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        streams.settle(name)
        return name

    name = on_demand()
    assert load(kinesis, welkin, name, lambda second, n: f"{second}-{n}") == 0
    welkin.advance("3m")
    grown = streams.summary(name)
    assert grown["OpenShardCount"] == 2 and grown["StreamStatus"] == "ACTIVE"
    # A single key gains nothing by more shards.
    single = on_demand()
    load(kinesis, welkin, single, lambda *_: "A")
    welkin.advance("15m")
    assert streams.summary(single)["OpenShardCount"] == 1
