"""Who may use a stream: identity policies, resource policies, other accounts; what the trail tells of it."""

import json

import pytest

from policies import allow


@pytest.fixture
def arn(streams, stream):
    return streams.summary(stream)["StreamARN"]


@pytest.fixture
def user(welkin, account):
    """Kinesis as a new user of the account with a policy."""
    return lambda policy=None: welkin.client("kinesis", **welkin.user(account, policy))


def shard(kinesis, arn):
    return kinesis.get_shard_iterator(StreamARN=arn, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")


CALLS = [
    ("CreateStream", lambda k, arn: k.create_stream(StreamName="made-by-user", ShardCount=1)),
    ("DescribeStream", lambda k, arn: k.describe_stream(StreamARN=arn)),
    ("DescribeStreamSummary", lambda k, arn: k.describe_stream_summary(StreamARN=arn)),
    ("ListStreams", lambda k, arn: k.list_streams()),
    ("ListShards", lambda k, arn: k.list_shards(StreamARN=arn)),
    ("DescribeLimits", lambda k, arn: k.describe_limits()),
    ("PutRecord", lambda k, arn: k.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")),
    ("PutRecords", lambda k, arn: k.put_records(StreamARN=arn, Records=[{"Data": b"x", "PartitionKey": "a"}])),
    ("GetShardIterator", lambda k, arn: shard(k, arn)),
    ("AddTagsToStream", lambda k, arn: k.add_tags_to_stream(StreamARN=arn, Tags={"a": "b"})),
    ("RemoveTagsFromStream", lambda k, arn: k.remove_tags_from_stream(StreamARN=arn, TagKeys=["a"])),
    ("ListTagsForStream", lambda k, arn: k.list_tags_for_stream(StreamARN=arn)),
    ("TagResource", lambda k, arn: k.tag_resource(ResourceARN=arn, Tags={"a": "b"})),
    ("UntagResource", lambda k, arn: k.untag_resource(ResourceARN=arn, TagKeys=["a"])),
    ("ListTagsForResource", lambda k, arn: k.list_tags_for_resource(ResourceARN=arn)),
    ("RegisterStreamConsumer", lambda k, arn: k.register_stream_consumer(StreamARN=arn, ConsumerName="c")),
    ("ListStreamConsumers", lambda k, arn: k.list_stream_consumers(StreamARN=arn)),
    ("PutResourcePolicy", lambda k, arn: k.put_resource_policy(ResourceARN=arn, Policy=policy_of(arn))),
    ("GetResourcePolicy", lambda k, arn: k.get_resource_policy(ResourceARN=arn)),
    ("DeleteResourcePolicy", lambda k, arn: k.delete_resource_policy(ResourceARN=arn)),
    ("UpdateStreamMode", lambda k, arn: k.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "PROVISIONED"})),
    ("UpdateShardCount", lambda k, arn: k.update_shard_count(StreamARN=arn, TargetShardCount=2, ScalingType="UNIFORM_SCALING")),
    ("SplitShard", lambda k, arn: k.split_shard(StreamARN=arn, ShardToSplit="shardId-000000000000", NewStartingHashKey="9")),
    ("EnableEnhancedMonitoring", lambda k, arn: k.enable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=["ALL"])),
    ("DisableEnhancedMonitoring", lambda k, arn: k.disable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=["ALL"])),
    ("IncreaseStreamRetentionPeriod", lambda k, arn: k.increase_stream_retention_period(StreamARN=arn, RetentionPeriodHours=25)),
    ("DecreaseStreamRetentionPeriod", lambda k, arn: k.decrease_stream_retention_period(StreamARN=arn, RetentionPeriodHours=24)),
    ("DeleteStream", lambda k, arn: k.delete_stream(StreamARN=arn)),
]


def policy_of(arn, principal="*", *actions):
    actions = list(actions) or ["kinesis:PutRecord"]
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("action, call", CALLS, ids=[action for action, _ in CALLS])
def test_each_operation_needs_its_action(action, call, user, arn, refused):
    with refused("AccessDeniedException", message=f"is not authorized to perform: kinesis:{action}"):
        call(user(), arn)
    call(user(allow(f"kinesis:{action}")), arn)


def test_records_are_got_by_who_may(user, kinesis, stream, arn, refused):
    iterator = shard(kinesis, arn)["ShardIterator"]
    with refused("AccessDeniedException"):
        user().get_records(ShardIterator=iterator)
    assert user(allow("kinesis:GetRecords", resource=arn)).get_records(ShardIterator=iterator)["Records"] == []


def test_another_account_needs_the_policy_of_the_stream(welkin, kinesis, stream, arn, refused):
    other = welkin.client("kinesis", welkin.account())
    with refused("AccessDeniedException"):
        other.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    account = welkin.client("sts", welkin.account()).get_caller_identity()["Account"]
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy_of(arn, account, "kinesis:PutRecord", "kinesis:DescribeStreamSummary"))
    sharing = welkin.client("kinesis", account)
    sharing.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    assert sharing.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]["StreamName"] == stream
    with refused("AccessDeniedException"):
        shard(sharing, arn)
    assert json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"])["Statement"][0]["Principal"] == {"AWS": account}
    kinesis.delete_resource_policy(ResourceARN=arn)
    with refused("AccessDeniedException"):
        sharing.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    with refused("InvalidArgumentException"):
        kinesis.put_resource_policy(ResourceARN=arn, Policy="{")


def test_who_puts_needs_the_key_as_well(welkin, account, streams, kinesis, stream, arn, user, refused):
    key = welkin.client("kms", account).create_key()["KeyMetadata"]
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId=key["KeyId"])
    streams.settle(stream)
    with refused("KMSAccessDeniedException"):
        user(allow("kinesis:*")).put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    policy = allow("kinesis:*", "kms:GenerateDataKey")
    putter = user(policy)
    putter.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    with refused("KMSAccessDeniedException"):
        putter.get_records(ShardIterator=shard(putter, arn)["ShardIterator"])


def test_what_manages_streams_is_on_the_record_and_records_are_not(welkin, account, kinesis, stream):
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a")
    events = welkin.client("cloudtrail", account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "kinesis.amazonaws.com"}]
    )["Events"]
    assert {event["EventName"] for event in events} >= {"CreateStream", "DescribeStreamSummary"}
    assert "PutRecord" not in {event["EventName"] for event in events}
