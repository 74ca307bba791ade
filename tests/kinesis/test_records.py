"""Records: put, routed, read, limited, kept and forgotten."""

import datetime
import hashlib

import pytest

MIB = 1024 * 1024


def test_records_are_read_in_order_with_all_that_was_put(kinesis, streams, stream):
    numbers = [kinesis.put_record(StreamName=stream, Data=bytes([n]), PartitionKey=f"k{n}")["SequenceNumber"] for n in range(5)]
    assert numbers == sorted(numbers) and len(set(numbers)) == 5 and {len(number) for number in numbers} == {56}
    batch = [{"Data": bytes([n]), "PartitionKey": "b"} for n in range(5, 300 % 256)]
    answer = kinesis.put_records(StreamName=stream, Records=batch)
    assert answer["FailedRecordCount"] == 0
    numbers += [entry["SequenceNumber"] for entry in answer["Records"]]
    records = streams.read(stream)
    assert [record["SequenceNumber"] for record in records] == numbers
    assert [record["Data"][0] for record in records] == list(range(300 % 256))
    assert records[0]["PartitionKey"] == "k0" and records[0]["EncryptionType"] == "NONE"


def test_a_partition_key_leads_to_the_shard_of_its_md5(kinesis, streams):
    name = streams.new(4)
    shards = streams.shards(name)
    for n in range(30):
        key = f"key-{n}"
        digest = int(hashlib.md5(key.encode()).hexdigest(), 16)
        owner = next(s["ShardId"] for s in shards if digest <= int(s["HashKeyRange"]["EndingHashKey"]))
        assert kinesis.put_record(StreamName=name, Data=b"x", PartitionKey=key)["ShardId"] == owner
    for shard in shards:
        explicit = shard["HashKeyRange"]["EndingHashKey"]
        answer = kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="any", ExplicitHashKey=explicit)
        assert answer["ShardId"] == shard["ShardId"]


def test_every_kind_of_iterator_begins_where_it_says(kinesis, streams, stream, welkin, refused):
    first = kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="a")["SequenceNumber"]
    welkin.advance("10s")
    between = welkin.now()
    welkin.advance("10s")
    second = kinesis.put_record(StreamName=stream, Data=b"2", PartitionKey="a")["SequenceNumber"]
    latest = streams.iterator(stream, kind="LATEST")
    kinesis.put_record(StreamName=stream, Data=b"3", PartitionKey="a")
    assert streams.data(stream) == [b"1", b"2", b"3"]
    assert streams.data(stream, kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=second) == [b"2", b"3"]
    assert streams.data(stream, kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first) == [b"2", b"3"]
    assert streams.data(stream, kind="AT_TIMESTAMP", Timestamp=between) == [b"2", b"3"]
    welkin.advance("1s")
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=latest)["Records"]] == [b"3"]
    with refused("InvalidArgumentException"):
        streams.iterator(stream, kind="AT_TIMESTAMP", Timestamp=welkin.now() + datetime.timedelta(hours=1))
    with refused("InvalidArgumentException"):
        streams.iterator(stream, kind="AT_SEQUENCE_NUMBER")
    with refused("InvalidArgumentException", message="because it did not come from this stream"):
        streams.iterator(stream, kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber="4" * 56)
    with refused("ResourceNotFoundException"):
        streams.iterator(stream, shard="shardId-000000000009")


def test_an_iterator_goes_on_and_expires(kinesis, streams, stream, welkin, refused):
    kinesis.put_records(StreamName=stream, Records=[{"Data": bytes([n]), "PartitionKey": "a"} for n in range(10)])
    page = kinesis.get_records(ShardIterator=streams.iterator(stream), Limit=4)
    assert [record["Data"][0] for record in page["Records"]] == [0, 1, 2, 3]
    welkin.advance("2s")
    again = kinesis.get_records(ShardIterator=page["NextShardIterator"])
    assert [record["Data"][0] for record in again["Records"]] == [4, 5, 6, 7, 8, 9]
    assert again["MillisBehindLatest"] == 0
    welkin.advance("301s")
    with refused("ExpiredIteratorException", message="tolerated delay of 300000 milliseconds"):
        kinesis.get_records(ShardIterator=page["NextShardIterator"])
    with refused("InvalidArgumentException"):
        kinesis.get_records(ShardIterator="nonsense")


def test_how_far_a_reader_is_behind_is_told(kinesis, streams, stream, welkin):
    kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="a")
    kinesis.put_record(StreamName=stream, Data=b"2", PartitionKey="a")
    welkin.advance("1m")
    page = kinesis.get_records(ShardIterator=streams.iterator(stream), Limit=1)
    assert page["MillisBehindLatest"] >= 60_000
    page = kinesis.get_records(ShardIterator=page["NextShardIterator"])
    assert page["MillisBehindLatest"] == 0


def test_a_shard_takes_a_thousand_records_a_second(kinesis, streams, stream, welkin):
    records = [{"Data": b"x", "PartitionKey": "a"}] * 500
    welkin.advance("10s")
    since, taken, refused = welkin.now(), 0, []
    # However long a call takes here: until one is refused, and then no more was taken than the time allows.
    for _ in range(200):
        if refused:
            break
        entries = kinesis.put_records(StreamName=stream, Records=records)["Records"]
        refused = [entry for entry in entries if "ErrorCode" in entry]
        taken += len(entries) - len(refused)
    assert 1000 <= taken <= 1000 * (1 + (welkin.now() - since).total_seconds()) + 1
    assert refused[0]["ErrorCode"] == "ProvisionedThroughputExceededException"
    message = f"Rate exceeded for shard shardId-000000000000 in stream {stream} under"
    assert refused[0]["ErrorMessage"].startswith(message) and "SequenceNumber" not in refused[0]
    welkin.advance("1s")
    assert kinesis.put_records(StreamName=stream, Records=records)["FailedRecordCount"] == 0


def test_a_shard_takes_a_mebibyte_a_second(kinesis, stream, welkin, refused):
    welkin.advance("10s")
    # Two at one moment: there is room for one.
    record = {"Data": bytes(MIB - 1), "PartitionKey": "a"}
    answer = kinesis.put_records(StreamName=stream, Records=[record, record])
    assert [entry.get("ErrorCode") for entry in answer["Records"]] == [None, "ProvisionedThroughputExceededException"]
    with refused("ProvisionedThroughputExceededException"):
        for _ in range(100):
            kinesis.put_record(StreamName=stream, **record)
    welkin.advance("1s")
    kinesis.put_record(StreamName=stream, **record)


def test_a_shard_is_asked_five_times_a_second(kinesis, streams, stream, welkin, refused):
    welkin.advance("10s")
    iterator = streams.iterator(stream)
    with refused("ProvisionedThroughputExceededException", message="Rate exceeded for shard"):
        for _ in range(100):
            kinesis.get_records(ShardIterator=iterator)
    welkin.advance("1s")
    kinesis.get_records(ShardIterator=iterator)


def test_what_is_too_large_is_refused_whole(kinesis, streams, stream, refused):
    with refused("InvalidArgumentException"):
        kinesis.put_record(StreamName=stream, Data=bytes(MIB), PartitionKey="a")
    with refused("InvalidArgumentException"):
        kinesis.put_records(
            StreamName=stream, Records=[{"Data": b"x", "PartitionKey": "a"}, {"Data": bytes(MIB), "PartitionKey": "a"}]
        )
    with refused("InvalidArgumentException", message="Records size exceeds 5 MB limit"):
        kinesis.put_records(StreamName=stream, Records=[{"Data": bytes(MIB - 1), "PartitionKey": "a"}] * 6)
    with refused("ValidationException"):
        kinesis.put_records(StreamName=stream, Records=[])
    with refused("ValidationException"):
        kinesis.put_records(StreamName=stream, Records=[{"Data": b"x", "PartitionKey": "a"}] * 501)
    with refused("InvalidArgumentException", message="ExplicitHashKey"):
        kinesis.put_record(StreamName=stream, Data=b"", PartitionKey="a", ExplicitHashKey=str(2**128))
    with refused("DryRunOperationException"):
        kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a", DryRun=True)
    assert streams.read(stream) == []


def test_records_are_forgotten_after_the_retention_period(kinesis, streams, stream, welkin):
    kinesis.put_record(StreamName=stream, Data=b"old", PartitionKey="a")
    welkin.advance("23h")
    kinesis.put_record(StreamName=stream, Data=b"new", PartitionKey="a")
    assert streams.data(stream) == [b"old", b"new"]
    welkin.advance("90m")
    assert streams.data(stream) == [b"new"]
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=48)
    streams.settle(stream)
    welkin.advance("30h")
    assert streams.data(stream) == [b"new"]
    welkin.advance("24h")
    assert streams.read(stream) == []


def test_aggregates_of_many_shards_are_read_whole(kinesis, streams):
    name = streams.new(3)
    sent = {f"{n}".encode() for n in range(400)}
    answer = kinesis.put_records(StreamName=name, Records=[{"Data": d, "PartitionKey": d.decode()} for d in sent])
    assert answer["FailedRecordCount"] == 0
    read = [data for shard in streams.open(name) for data in streams.data(name, shard)]
    assert len(read) == 400 and set(read) == sent


@pytest.fixture
def key(welkin, account):
    return welkin.client("kms", account).create_key()["KeyMetadata"]["KeyId"]


def test_records_are_encrypted_by_kms_for_who_may_use_the_key(kinesis, streams, stream, key, welkin, account, refused):
    kms = welkin.client("kms", account)
    kinesis.put_record(StreamName=stream, Data=b"plain", PartitionKey="a")
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId=key)
    summary = streams.settle(stream)
    assert (summary["EncryptionType"], summary["KeyId"]) == ("KMS", key)
    answer = kinesis.put_record(StreamName=stream, Data=b"secret", PartitionKey="a")
    assert answer["EncryptionType"] == "KMS"
    assert [(r["Data"], r["EncryptionType"]) for r in streams.read(stream)] == [(b"plain", "NONE"), (b"secret", "KMS")]
    kms.disable_key(KeyId=key)
    # The data key holds for five minutes.
    kinesis.put_record(StreamName=stream, Data=b"more", PartitionKey="a")
    welkin.advance("6m")
    with refused("KMSDisabledException"):
        kinesis.put_record(StreamName=stream, Data=b"more", PartitionKey="a")
    with refused("KMSDisabledException"):
        streams.read(stream)
    kms.enable_key(KeyId=key)
    assert streams.data(stream) == [b"plain", b"secret", b"more"]
    with refused("InvalidArgumentException"):
        kinesis.stop_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId="other")
    kinesis.stop_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId=key)
    assert streams.settle(stream)["EncryptionType"] == "NONE"
    with refused("KMSNotFoundException"):
        kinesis.start_stream_encryption(
            StreamName=stream, EncryptionType="KMS", KeyId="00000000-0000-0000-0000-000000000000"
        )
