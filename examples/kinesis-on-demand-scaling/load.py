"""A stream under load."""

import datetime
import json
import os
import random
import urllib.request

import boto3
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
ACCOUNT = "111122223333"
REFUSAL = "ProvisionedThroughputExceededException"
# A call: 4.5 MB in 500 records.
BATCH, SIZE = 500, 9_000
BYTES = BATCH * SIZE


def client(service):
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=8)
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="any",
        config=config,
    )


def clock(**change):
    """Moves Welkin's clock (`advance="15m"`, `set=TIME`), or looks at it: the time."""
    data = json.dumps(change).encode() if change else None
    headers = {"content-type": "application/json"}
    method = "POST" if change else "GET"
    request = urllib.request.Request(f"{ENDPOINT}/_welkin/clock", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return datetime.datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))


def go_on(to):
    """Moves the clock to a time, if it has not come there by itself."""
    if to > clock():
        clock(set=to.isoformat().replace("+00:00", "Z"))


kinesis = client("kinesis")


class Stream:
    """A stream, and what was put into it."""

    def __init__(self, name, shards=None):
        self.name, self.refused, self.put = name, 0, 0
        if shards:
            kinesis.create_stream(StreamName=name, ShardCount=shards, StreamModeDetails={"StreamMode": "PROVISIONED"})
        else:
            kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        self.arn = self.settle()["StreamARN"]

    def settle(self):
        """Waits until it is active: its summary."""
        kinesis.get_waiter("stream_exists").wait(
            StreamName=self.name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 400}
        )
        return kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]

    @property
    def shards(self):
        return self.settle()["OpenShardCount"]

    def switch(self, mode):
        kinesis.update_stream_mode(StreamARN=self.arn, StreamModeDetails={"StreamMode": mode})
        return self.settle()

    def batch(self, keys=None, records=BATCH):
        """Puts records with these hash keys in turn, or with random partition keys: how many were refused."""
        entries = []
        for n in range(records):
            entry = {"Data": bytes(SIZE), "PartitionKey": f"{random.getrandbits(64):x}"}
            entries.append(entry | {"ExplicitHashKey": keys[n % len(keys)]} if keys else entry)
        return self.send(entries)

    def send(self, entries):
        answer = kinesis.put_records(StreamName=self.name, Records=entries)
        codes = [entry["ErrorCode"] for entry in answer["Records"] if "ErrorCode" in entry]
        assert set(codes) <= {REFUSAL} and len(codes) == answer["FailedRecordCount"]
        self.put += len(entries)
        self.refused += len(codes)
        return len(codes)

    def hash_keys(self, shards):
        """Two hash keys of each of the first so many open shards."""
        listed = kinesis.list_shards(StreamName=self.name, ShardFilter={"Type": "AT_LATEST"})["Shards"]
        ranges = [shard["HashKeyRange"] for shard in listed[:shards]]
        return [it[end] for end in ("StartingHashKey", "EndingHashKey") for it in ranges]

    def warm(self, shards):
        """A minute in which so many shards are used to more than the half, and the time to be split: shards before, after."""
        before, keys = self.shards, self.hash_keys(shards)
        minute = clock().replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
        go_on(minute)
        # 0.9 MB a second for each of them.
        records = min(BATCH, shards * 100)
        for second in range(1, 45):
            self.batch(keys, records)
            go_on(minute + datetime.timedelta(seconds=second))
        clock(advance="3m")
        return before, self.shards
