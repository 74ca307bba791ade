"""Delivery and kill -9: each acknowledged call is in the trail's files, no call is there twice, and the digests hold."""

import collections
import gzip
import json
import os
import random
import subprocess
import threading
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from test_digests import now, validate
from test_trails import bucket_policy

ACCOUNT = "111122223333"
ROUNDS = 4


class Server:
    def __init__(self, data):
        command = [os.environ["WELKIN_BIN"], "up", "--json", "--listen", "127.0.0.1:0", "--data", data]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.endpoint = json.loads(self.process.stdout.readline())["endpoint"]

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id=ACCOUNT, aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def advance(self, by):
        body = json.dumps({"advance": by}).encode()
        request = urllib.request.Request(
            f"{self.endpoint}/_welkin/clock", body, {"content-type": "application/json"}, method="POST"
        )
        urllib.request.urlopen(request, timeout=60).read()

    def admin(self, _, path):
        with urllib.request.urlopen(f"{self.endpoint}/_welkin/{path}", timeout=60) as answer:
            return json.load(answer)

    def kill(self):
        self.process.kill()
        self.process.wait(30)


def call_until_it_dies(server, acknowledged):
    """Makes calls and notes the request ids of those that were answered."""
    kms = server.client("kms")
    while True:
        try:
            answer = kms.generate_random(NumberOfBytes=8)
        except (BotoCoreError, ClientError):
            return
        acknowledged.append(answer["ResponseMetadata"]["RequestId"])


def deliver_until_it_dies(server):
    while True:
        try:
            server.advance("10m")
        except (urllib.error.URLError, ConnectionError, OSError):
            return


def test_nothing_is_lost_and_nothing_doubled(tmp_path):
    server = Server(tmp_path)
    s3, trails = server.client("s3"), server.client("cloudtrail")
    s3.create_bucket(Bucket="crash-logs")
    s3.put_bucket_policy(Bucket="crash-logs", Policy=bucket_policy("crash-logs", ACCOUNT, "mine"))
    arn = trails.create_trail(Name="mine", S3BucketName="crash-logs", EnableLogFileValidation=True)["TrailARN"]
    trails.start_logging(Name="mine")
    acknowledged, began = [], now(server)
    for _ in range(ROUNDS):
        threads = [threading.Thread(target=call_until_it_dies, args=(server, acknowledged)) for _ in range(3)]
        threads.append(threading.Thread(target=deliver_until_it_dies, args=(server,)))
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.5, 1.5))
        server.kill()
        for thread in threads:
            thread.join()
        server = Server(tmp_path)
    try:
        server.advance("75m")
        s3 = server.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="crash-logs")
        keys = [entry["Key"] for page in pages for entry in page["Contents"] if "/CloudTrail/" in entry["Key"] and entry["Key"].endswith(".gz")]
        bodies = (s3.get_object(Bucket="crash-logs", Key=key)["Body"].read() for key in keys)
        records = [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]
        delivered = collections.Counter(record["requestID"] for record in records)
        assert len(acknowledged) > 50, "there was something to lose"
        assert [request for request in acknowledged if delivered[request] != 1] == []
        status, told = validate(server, ACCOUNT, arn, began, now(server))
        assert status == 0 and f"{len(keys)}/{len(keys)} log files valid" in told, told[-3000:]
        assert max(collections.Counter(record["eventID"] for record in records).values()) == 1
    finally:
        server.process.terminate()
        server.process.wait(30)
