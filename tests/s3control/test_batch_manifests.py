"""Manifests that are not a list of a user's: inventory reports, and those that S3 makes by itself."""

import gzip
import json

import pytest
from batch import TAGGING, TAGS, Batch, arn, counts
from conftest import code_of, fresh

LISTING = "s3:PutInventoryConfiguration"


@pytest.fixture
def batch(welkin, control, s3, account):
    return Batch(welkin, control, s3, account, *TAGGING, LISTING)


def tagged(batch):
    """The keys of the bucket's objects that have tags."""
    keys = [found["Key"] for found in batch.s3.list_objects_v2(Bucket=batch.bucket)["Contents"]]
    return [key for key in keys if batch.s3.get_object_tagging(Bucket=batch.bucket, Key=key)["TagSet"]]


def inventory(batch, *files, schema="Bucket, Key, Size", form="CSV"):
    """The manifest of an inventory report with these files of rows."""
    told = []
    for number, rows in enumerate(files):
        text = "".join(",".join(f'"{value}"' for value in row) + "\n" for row in rows)
        key = f"inventory/data/{number}.csv.gz"
        batch.s3.put_object(Bucket=batch.desk, Key=key, Body=gzip.compress(text.encode()))
        told.append({"key": key, "size": 1, "MD5checksum": "x"})
    manifest = {"destinationBucket": arn(batch.desk), "fileFormat": form, "fileSchema": schema, "files": told}
    key = "inventory/manifest.json"
    etag = batch.s3.put_object(Bucket=batch.desk, Key=key, Body=json.dumps(manifest))["ETag"]
    spec = {"Format": "S3InventoryReport_CSV_20161130"}
    return {"Spec": spec, "Location": {"ObjectArn": arn(batch.desk, key), "ETag": etag.strip('"')}}


def test_the_files_of_an_inventory_report_list_the_objects(batch):
    batch.put("a", "b c", "d", "e")
    manifest = inventory(batch, [(batch.bucket, "a", "1"), (batch.bucket, "b+c", "3")], [(batch.bucket, "d", "1")])
    job = batch.run(TAGS, Manifest=manifest)
    assert (job["Status"], counts(job)) == ("Complete", (3, 3, 0)) and tagged(batch) == ["a", "b c", "d"]
    assert job["Manifest"] == manifest


def test_what_is_no_inventory_report_in_csv_is_no_manifest(batch):
    rows = [(batch.bucket, "a")]
    for wrong in ({"form": "ORC"}, {"schema": "Key, Size"}):
        job = batch.run(TAGS, Manifest=inventory(batch, rows, **wrong))
        assert job["Status"] == "Failed" and job["FailureReasons"][0]["FailureCode"] == "InvalidManifest"
    with_fields = inventory(batch, rows)
    with_fields["Spec"]["Fields"] = ["Bucket", "Key"]
    assert code_of(batch.create, TAGS, Manifest=with_fields) == ("InvalidRequest", 400)


def generator(batch, output=None, **filters):
    """A generator of a manifest of the bucket."""
    given = {"SourceBucket": arn(batch.bucket), "EnableManifestOutput": output is not None}
    if filters:
        given["Filter"] = filters
    if output is not None:
        location = {"Bucket": arn(batch.desk), "ManifestFormat": "S3InventoryReport_CSV_20211130"}
        given["ManifestOutputLocation"] = {**location, **output}
    return {"S3JobManifestGenerator": given}


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({}, ["a/1.csv", "a/2.txt", "b/1.csv", "cold"]),
        ({"KeyNameConstraint": {"MatchAnyPrefix": ["a/"]}}, ["a/1.csv", "a/2.txt"]),
        ({"KeyNameConstraint": {"MatchAnySuffix": [".csv"], "MatchAnyPrefix": ["b/"]}}, ["b/1.csv"]),
        ({"KeyNameConstraint": {"MatchAnySubstring": ["/2"]}}, ["a/2.txt"]),
        ({"ObjectSizeGreaterThanBytes": 6, "ObjectSizeLessThanBytes": 8}, ["a/1.csv", "a/2.txt", "b/1.csv"]),
        ({"MatchAnyStorageClass": ["GLACIER"]}, ["cold"]),
        ({"ObjectReplicationStatuses": ["NONE"], "MatchAnyStorageClass": ["GLACIER"]}, ["cold"]),
        ({"CreatedAfter": "2001-01-01T00:00:00Z", "MatchAnyObjectEncryption": [{"SSES3": {}}]}, ["a/1.csv", "a/2.txt", "b/1.csv", "cold"]),
    ],
    ids=str,
)
def test_a_manifest_is_generated_of_objects_that_pass_the_filter(batch, filters, keys):
    batch.put("a/1.csv", "a/2.txt", "b/1.csv")
    batch.put("cold", StorageClass="GLACIER")
    job = batch.run(TAGS, ManifestGenerator=generator(batch, **filters))
    assert (job["Status"], counts(job)[0]) == ("Complete", len(keys)) and tagged(batch) == keys
    assert "Manifest" not in job and "GeneratedManifestDescriptor" not in job


def test_a_filter_that_nothing_passes_makes_a_job_fail(batch):
    batch.put("a")
    for filters in ({"CreatedBefore": "2001-01-01T00:00:00Z"}, {"ObjectReplicationStatuses": ["FAILED"]}, {"MatchAnyObjectEncryption": [{"SSEC": {}}]}):
        job = batch.run(TAGS, ManifestGenerator=generator(batch, **filters))
        assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == ("Failed", "EmptyManifest")
    assert tagged(batch) == []


def test_a_generated_manifest_names_versions_and_is_written_where_it_is_to_be(batch):
    batch.s3.put_bucket_versioning(Bucket=batch.bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = {batch.s3.put_object(Bucket=batch.bucket, Key="k 1", Body=b"x")["VersionId"] for _ in range(2)}
    batch.s3.delete_object(Bucket=batch.bucket, Key="k 1")
    job = batch.run(TAGS, ManifestGenerator=generator(batch, {"ManifestPrefix": "made"}))
    assert (job["Status"], counts(job)) == ("Complete", (2, 2, 0))
    rows, _ = batch.rows(job["JobId"])
    assert {row[2] for row in rows["succeeded"]} == ids
    descriptor = job["GeneratedManifestDescriptor"]
    assert descriptor["Format"] == "S3InventoryReport_CSV_20211130"
    key = descriptor["Location"]["ObjectArn"].removeprefix(arn(batch.desk) + "/")
    assert key == f"made/job-{job['JobId']}/manifest.json"
    written = batch.s3.get_object(Bucket=batch.desk, Key=key)
    assert written["ETag"].strip('"') == descriptor["Location"]["ETag"]
    manifest = json.load(written["Body"])
    assert (manifest["sourceBucket"], manifest["fileSchema"]) == (batch.bucket, "Bucket, Key, VersionId")
    (file,) = manifest["files"]
    lines = gzip.decompress(batch.s3.get_object(Bucket=batch.desk, Key=file["key"])["Body"].read()).decode()
    assert set(lines.splitlines()) == {f'"{batch.bucket}","k%201","{version}"' for version in ids}
    again = {"Spec": {"Format": "S3InventoryReport_CSV_20161130"}, "Location": descriptor["Location"]}
    assert counts(batch.run({"S3DeleteObjectTagging": {}}, Manifest=again))[0] == 2


def test_the_role_must_be_allowed_to_have_the_bucket_listed(batch, welkin):
    batch.put("a")
    batch.allow(*TAGGING)
    job = batch.run(TAGS, ManifestGenerator=generator(batch))
    assert job["Status"] == "Failed" and LISTING in job["FailureReasons"][0]["FailureReason"]
    batch.allow(*TAGGING, LISTING)
    unexpected = generator(batch)
    unexpected["S3JobManifestGenerator"]["ExpectedBucketOwner"] = welkin.account()
    job = batch.run(TAGS, ManifestGenerator=unexpected)
    assert job["Status"] == "Failed" and "another account" in job["FailureReasons"][0]["FailureReason"]
    missing = generator(batch, {})
    del missing["S3JobManifestGenerator"]["ManifestOutputLocation"]
    assert code_of(batch.create, TAGS, ManifestGenerator=missing) == ("InvalidRequest", 400)


def test_only_objects_that_a_rule_replicates_are_eligible(batch, welkin):
    target = fresh("replicas")
    batch.s3.create_bucket(Bucket=target)
    for bucket in (batch.bucket, target):
        batch.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    batch.put("in/a", "out/b")
    rule = {
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "in/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": arn(target)},
    }
    configuration = {"Role": batch.role, "Rules": [rule]}
    batch.s3.put_bucket_replication(Bucket=batch.bucket, ReplicationConfiguration=configuration)
    eligible = generator(batch, EligibleForReplication=True)
    job = batch.run(TAGS, ManifestGenerator=eligible)
    assert job["Status"] == "Failed" and "s3:GetReplicationConfiguration" in job["FailureReasons"][0]["FailureReason"]
    batch.allow(*TAGGING, LISTING, "s3:GetReplicationConfiguration")
    assert counts(batch.run(TAGS, ManifestGenerator=eligible)) == (1, 1, 0) and tagged(batch) == ["in/a"]


def test_several_files_are_read_in_turn_and_long_lists_in_parts(batch):
    batch.put("a")
    rows = ["a"] * 40 + ["none"] * 20
    job = batch.run(TAGS, Manifest=batch.manifest(*rows))
    assert counts(job) == (60, 40, 20)
    padding = "x" * 9_000
    ignoring = batch.manifest(*[(batch.bucket, "a", padding)] * 30, fields=("Bucket", "Key", "Ignore"))
    assert counts(batch.run(TAGS, Manifest=ignoring)) == (30, 30, 0)
