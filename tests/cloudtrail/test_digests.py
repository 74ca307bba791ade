"""Log file validation: digests, and what the AWS CLI makes of them."""

import base64
import contextlib
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from test_trails import bucket, bucket_policy, refused, s3, trails  # noqa: F401

HOUR = datetime.timedelta(hours=1)


class Bucket:
    """What lies in a trail's bucket."""

    def __init__(self, s3, name):
        self.s3, self.name = s3, name

    def keys(self, kind):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return sorted(key for key in keys if f"/{kind}/" in key and key.endswith(".json.gz"))

    def read(self, key):
        return json.loads(gzip.decompress(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()))

    def digests(self):
        return [self.read(key) for key in self.keys("CloudTrail-Digest")]


def now(welkin):
    """Welkin's time, to the second."""
    time = welkin.admin("GET", "clock")["now"]
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).replace(microsecond=0)


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def validate(welkin, account, arn, start, end):
    """Runs `aws cloudtrail validate-logs`: its exit status, and all that it prints."""
    environment = {
        **os.environ, "AWS_ENDPOINT_URL": welkin.endpoint, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    program = pathlib.Path(sys.executable).parent / "aws"
    command = [program, "cloudtrail", "validate-logs", "--trail-arn", arn, "--start-time", iso(start), "--end-time",
               iso(end), "--verbose"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def start_validated(trails, bucket, **options):
    """A trail with validation that logs: its ARN."""
    made = trails.create_trail(Name="mine", S3BucketName=bucket, EnableLogFileValidation=True, **options)
    assert made["LogFileValidationEnabled"] is True
    trails.start_logging(Name="mine")
    return made["TrailARN"]


@pytest.fixture
def started(trails, bucket):  # noqa: F811
    """Makes a trail with validation that logs; it is deleted after the test, so that it writes no digests then."""
    yield lambda **options: start_validated(trails, bucket, **options)
    with contextlib.suppress(trails.exceptions.TrailNotFoundException):
        trails.delete_trail(Name="mine")


def test_the_cli_validates_and_finds_whatever_is_changed(welkin, account, s3, trails, bucket, started):  # noqa: F811
    kms = welkin.root(account, "kms")
    arn, start = started(), now(welkin)
    for _ in range(5):
        kms.generate_random(NumberOfBytes=1)
        welkin.advance("1h")
    there = Bucket(s3, bucket)
    status, told = validate(welkin, account, arn, start, now(welkin))
    assert status == 0, told
    assert "5/5 digest files valid" in told and "5/5 log files valid" in told and "INVALID" not in told

    digests, logs = there.keys("CloudTrail-Digest"), there.keys("CloudTrail")
    changed = gzip.decompress(s3.get_object(Bucket=bucket, Key=logs[0])["Body"].read()).replace(b'"GenerateRandom"', b'"GenerateRandon"')
    s3.put_object(Bucket=bucket, Key=logs[0], Body=gzip.compress(changed))
    s3.delete_object(Bucket=bucket, Key=logs[2])
    s3.delete_object(Bucket=bucket, Key=digests[3])
    head = s3.get_object(Bucket=bucket, Key=digests[1])
    forged = {**json.loads(gzip.decompress(head["Body"].read())), "logFiles": []}
    s3.put_object(Bucket=bucket, Key=digests[1], Body=gzip.compress(json.dumps(forged).encode()), Metadata=head["Metadata"])
    status, told = validate(welkin, account, arn, start, now(welkin))
    assert status == 1
    assert re.search(rf"{logs[0]}\s+INVALID: hash value doesn't match", told), told
    assert re.search(rf"{logs[2]}\s+INVALID: not found", told), told
    assert re.search(rf"{digests[3]}\s+INVALID: not found", told), told
    assert re.search(rf"{digests[1]}\s+INVALID: signature verification failed", told), told
    assert "3/5 digest files valid, 2/5 digest files INVALID" in told


def test_a_digest_has_the_documented_name_and_members(welkin, account, s3, trails, bucket, started):  # noqa: F811
    started()
    welkin.root(account, "kms").generate_random(NumberOfBytes=1)
    welkin.advance("2h")
    there = Bucket(s3, bucket)
    (first_key, second_key), (log,) = there.keys("CloudTrail-Digest"), there.keys("CloudTrail")
    first, second = there.digests()
    folder = rf"AWSLogs/{account}/CloudTrail-Digest/us-east-1/\d{{4}}/\d\d/\d\d"
    assert re.fullmatch(rf"{folder}/{account}_CloudTrail-Digest_us-east-1_mine_us-east-1_\d{{8}}T\d{{6}}Z.json.gz", first_key)
    events = sorted(record["eventTime"] for record in there.read(log)["Records"])
    contents = gzip.decompress(s3.get_object(Bucket=bucket, Key=log)["Body"].read())
    assert first["logFiles"] == [{
        "s3Bucket": bucket, "s3Object": log, "hashValue": hashlib.sha256(contents).hexdigest(), "hashAlgorithm": "SHA-256",
        "newestEventTime": events[-1], "oldestEventTime": events[0],
    }]
    assert (first["awsAccountId"], first["digestS3Bucket"], first["digestS3Object"]) == (account, bucket, first_key)
    assert (first["newestEventTime"], first["oldestEventTime"]) == (events[-1], events[0])
    assert {first[name] for name in first if name.startswith("previous")} == {None}, "a starting digest"
    times = [datetime.datetime.fromisoformat(first[name].replace("Z", "+00:00")) for name in ("digestStartTime", "digestEndTime")]
    assert times[1] - times[0] == HOUR

    head = s3.head_object(Bucket=bucket, Key=first_key)["Metadata"]
    assert head["signature-algorithm"] == first["digestSignatureAlgorithm"] == "SHA256withRSA"
    assert second["previousDigestSignature"] == head["signature"] and len(head["signature"]) == 512
    raw = gzip.decompress(s3.get_object(Bucket=bucket, Key=first_key)["Body"].read())
    assert second["previousDigestHashValue"] == hashlib.sha256(raw).hexdigest()
    assert (second["previousDigestHashAlgorithm"], second["previousDigestS3Object"]) == ("SHA-256", first_key)
    assert (second["logFiles"], second["newestEventTime"], second["oldestEventTime"]) == ([], None, None)
    assert second["digestStartTime"] == first["digestEndTime"] and second["digestS3Object"] == second_key
    assert trails.get_trail_status(Name="mine")["LatestDigestDeliveryTime"]


def test_keys_are_those_of_the_region_and_change_with_the_clock(start):
    with start("--memory") as welkin:
        account = welkin.account()
        s3, trails = welkin.root(account, "s3"), welkin.root(account, "cloudtrail")  # noqa: F811
        s3.create_bucket(Bucket="logs")
        s3.put_bucket_policy(Bucket="logs", Policy=bucket_policy("logs", account, "mine"))
        start_validated(trails, "logs")
        assert trails.list_public_keys()["PublicKeyList"] == [], "a key is made when it is needed"
        welkin.advance("1h")
        (digest,) = Bucket(s3, "logs").digests()
        (key,) = trails.list_public_keys()["PublicKeyList"]
        assert key["Fingerprint"] == digest["digestPublicKeyFingerprint"] == hashlib.md5(key["Value"]).hexdigest()
        assert base64.b64encode(key["Value"]).startswith(b"MIIBCgKCAQEA"), "PKCS #1, of 2048 bits"
        assert key["ValidityEndTime"] - key["ValidityStartTime"] == datetime.timedelta(days=30)
        assert welkin.client("cloudtrail", account, region="eu-west-1").list_public_keys()["PublicKeyList"] == []

        trails.update_trail(Name="mine", EnableLogFileValidation=False)
        welkin.advance("21d")
        assert len(Bucket(s3, "logs").digests()) == 2, "the hour in which validation ended is the last"
        trails.update_trail(Name="mine", EnableLogFileValidation=True)
        welkin.advance("1h")
        other = Bucket(s3, "logs").digests()[-1]["digestPublicKeyFingerprint"]
        assert other != key["Fingerprint"]
        both = {key["Fingerprint"] for key in trails.list_public_keys()["PublicKeyList"]}
        assert both == {key["Fingerprint"], other}, "keys overlap"
        trails.update_trail(Name="mine", EnableLogFileValidation=False)
        welkin.advance("10d")
        assert [key["Fingerprint"] for key in trails.list_public_keys()["PublicKeyList"]] == [other]
        assert len(trails.list_public_keys(StartTime=key["ValidityStartTime"])["PublicKeyList"]) == 2
        time = now(welkin)
        refused("InvalidTimeRangeException", trails.list_public_keys, StartTime=time, EndTime=time - HOUR)
        refused("InvalidTokenException", trails.list_public_keys, NextToken="x")
        reader = welkin.client("cloudtrail", **welkin.user(account))
        refused("AccessDeniedException", reader.list_public_keys)


def test_a_chain_ends_with_the_logging_and_begins_anew_with_it(welkin, account, s3, trails, bucket, started):  # noqa: F811
    kms = welkin.root(account, "kms")
    arn, start = started(), now(welkin)
    welkin.advance("1h")
    kms.generate_random(NumberOfBytes=1)
    trails.stop_logging(Name="mine")
    welkin.advance("5h")
    there = Bucket(s3, bucket)
    first, last = there.digests()
    assert last["previousDigestS3Object"] == first["digestS3Object"], "the hour of StopLogging is the last one"
    assert len(last["logFiles"]) == 1

    trails.start_logging(Name="mine")
    welkin.advance("30m")
    trails.stop_logging(Name="mine")
    trails.start_logging(Name="mine")
    welkin.advance("1h")
    _, _, short, again = there.digests()
    assert short["previousDigestSignature"] is None and again["previousDigestSignature"] is None
    assert again["digestStartTime"] == short["digestEndTime"]
    status, told = validate(welkin, account, arn, start, now(welkin))
    assert status == 0 and "4/4 digest files valid" in told, told
    assert f"No log files were delivered by CloudTrail between {last['digestEndTime']} and {short['digestStartTime']}" in told

    trails.delete_trail(Name="mine")
    welkin.advance("2h")
    digests = there.digests()
    assert len(digests) == 5, "a last one when the trail is deleted"
    assert digests[4]["previousDigestSignature"] == s3.head_object(Bucket=bucket, Key=again["digestS3Object"])["Metadata"]["signature"]
    listed = [entry["s3Object"] for digest in digests for entry in digest["logFiles"]]
    assert sorted(listed) == there.keys("CloudTrail"), "each log file is in one digest"


def test_a_digest_that_is_refused_is_written_later_and_the_chain_holds(welkin, account, s3, trails, bucket, started):  # noqa: F811
    arn, start = started(), now(welkin)
    s3.delete_bucket_policy(Bucket=bucket)
    welkin.advance("2h")
    assert trails.get_trail_status(Name="mine")["LatestDigestDeliveryError"] == "AccessDenied"
    there = Bucket(s3, bucket)
    assert there.digests() == []
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, account, "mine"))
    welkin.advance("6h")
    digests = there.digests()
    assert len(digests) == 8 and "LatestDigestDeliveryError" not in trails.get_trail_status(Name="mine")
    assert [digest["previousDigestS3Object"] for digest in digests[1:]] == [digest["digestS3Object"] for digest in digests[:-1]]
    assert sum(len(digest["logFiles"]) for digest in digests) == len(there.keys("CloudTrail"))
    status, told = validate(welkin, account, arn, start, now(welkin))
    assert status == 0 and "8/8 digest files valid" in told, told


def test_each_region_of_a_trail_has_a_chain_of_its_own(welkin, account, s3, trails, bucket, started):  # noqa: F811
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, account, "mine", "some/where/"))
    started(S3KeyPrefix="some/where", IsMultiRegionTrail=True)
    welkin.client("kms", account, region="eu-west-1").generate_random(NumberOfBytes=1)
    welkin.advance("90m")
    there = Bucket(s3, bucket)
    folders = {key.split("/CloudTrail-Digest/")[1].split("/")[0] for key in there.keys("CloudTrail-Digest")}
    assert folders == {"us-east-1", "eu-west-1"}
    (west,) = [digest for digest in there.digests() if "/eu-west-1/" in digest["digestS3Object"]]
    assert west["digestS3Object"].startswith(f"some/where/AWSLogs/{account}/CloudTrail-Digest/eu-west-1/")
    assert "_eu-west-1_mine_us-east-1_" in west["digestS3Object"] and len(west["logFiles"]) == 1
    keys = welkin.client("cloudtrail", account, region="eu-west-1").list_public_keys()["PublicKeyList"]
    assert west["digestPublicKeyFingerprint"] in {key["Fingerprint"] for key in keys}
