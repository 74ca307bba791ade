"""What jobs of Batch Operations do: each operation with its members, and what becomes of the objects."""

import base64
import datetime
import hashlib
import json
import zlib

import pytest
from batch import Batch, arn, counts
from conftest import fresh
from identity import allow

LATER = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def batch(welkin, control, s3, account):
    return lambda *actions: Batch(welkin, control, s3, account, *actions)


def test_objects_are_copied_with_all_that_is_said_of_the_copies(batch):
    batch = batch("s3:GetObject", "s3:GetObjectTagging")
    target = fresh("target")
    batch.s3.create_bucket(Bucket=target)
    writing = allow(["s3:PutObject", "s3:PutObjectTagging"], arn(target, "*"))
    batch.allow("s3:GetObject", "s3:GetObjectTagging", statements=[writing])
    batch.put("a", "b c/d", Metadata={"old": "1"}, Tagging="from=source")
    copy = {"TargetResource": arn(target)}
    manifest = batch.manifest("a", "b c/d", "missing")
    job = batch.run({"S3PutObjectCopy": copy}, Manifest=manifest)
    assert (job["Status"], counts(job)) == ("Complete", (3, 2, 1))
    got = batch.s3.get_object(Bucket=target, Key="b c/d")
    assert got["Body"].read() == b"b c/d" and got["Metadata"] == {"old": "1"} and got["TagCount"] == 1
    metadata = {"ContentType": "text/x", "CacheControl": "no-cache", "UserMetadata": {"new": "2"}, "SSEAlgorithm": "AES256"}
    changed = {
        "TargetKeyPrefix": "copies",
        "StorageClass": "STANDARD_IA",
        "NewObjectMetadata": metadata,
        "MetadataDirective": "REPLACE",
        "NewObjectTagging": [{"Key": "to", "Value": "target +"}],
        "RedirectLocation": "/elsewhere",
        "ChecksumAlgorithm": "SHA256",
    }
    job = batch.run({"S3PutObjectCopy": {**copy, **changed}}, Manifest=manifest)
    assert job["Operation"] == {"S3PutObjectCopy": {**copy, **changed}} and counts(job) == (3, 2, 1)
    got = batch.s3.get_object(Bucket=target, Key="copies/a", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"a" and got["Metadata"] == {"new": "2"}
    assert (got["ContentType"], got["CacheControl"], got["StorageClass"]) == ("text/x", "no-cache", "STANDARD_IA")
    assert got["WebsiteRedirectLocation"] == "/elsewhere" and got["ServerSideEncryption"] == "AES256"
    assert got["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"a").digest()).decode()
    tags = batch.s3.get_object_tagging(Bucket=target, Key="copies/a")["TagSet"]
    assert tags == [{"Key": "to", "Value": "target +"}]


def test_copies_keep_to_constraints_of_time(batch):
    batch = batch("s3:GetObject", "s3:PutObject")
    batch.put("a")
    for constraint in ({"ModifiedSinceConstraint": LATER}, {"UnModifiedSinceConstraint": LATER.replace(year=2001)}):
        copy = {"TargetResource": arn(batch.bucket), "TargetKeyPrefix": "copies/", **constraint}
        job = batch.run({"S3PutObjectCopy": copy}, Manifest=batch.manifest("a"))
        assert batch.rows(job["JobId"])[0]["failed"][0][4:6] == ["412", "PreconditionFailed"]


def test_copies_are_encrypted_with_the_key_that_is_named(welkin, batch):
    batch = batch("s3:GetObject", "s3:PutObject")
    kms = welkin.client("kms", batch.account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    batch.put("a", "b")
    copy = {
        "TargetResource": arn(batch.bucket),
        "TargetKeyPrefix": "kms",
        "SSEAwsKmsKeyId": key,
        "NewObjectMetadata": {"SSEAlgorithm": "KMS"},
    }
    job = batch.run({"S3PutObjectCopy": copy}, Manifest=batch.manifest("a"))
    assert counts(job) == (1, 0, 1) and "kms:GenerateDataKey" in batch.rows(job["JobId"])[0]["failed"][0][6]
    using = allow(["kms:GenerateDataKey", "kms:Decrypt"], key)
    batch.allow("s3:GetObject", "s3:PutObject", statements=[using])
    job = batch.run({"S3PutObjectCopy": copy}, Manifest=batch.manifest("a", "b"))
    assert counts(job) == (2, 2, 0)
    got = batch.s3.get_object(Bucket=batch.bucket, Key="kms/b")
    assert (got["Body"].read(), got["SSEKMSKeyId"]) == (b"b", key)


def test_access_control_lists_are_set(batch):
    batch = batch("s3:PutObjectAcl")
    ownership = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    batch.s3.put_bucket_ownership_controls(Bucket=batch.bucket, OwnershipControls=ownership)
    batch.s3.delete_public_access_block(Bucket=batch.bucket)
    batch.put("a")
    canned = {"AccessControlPolicy": {"CannedAccessControlList": "public-read"}}
    assert counts(batch.run({"S3PutObjectAcl": canned}, Manifest=batch.manifest("a"))) == (1, 1, 0)
    grants = batch.s3.get_object_acl(Bucket=batch.bucket, Key="a")
    everyone = "http://acs.amazonaws.com/groups/global/AllUsers"
    assert {grant["Grantee"].get("URI") for grant in grants["Grants"]} == {None, everyone}
    owner = grants["Owner"]["ID"]
    read = {"Grantee": {"TypeIdentifier": "id", "Identifier": owner}, "Permission": "READ_ACP"}
    given = {"AccessControlPolicy": {"AccessControlList": {"Owner": {"ID": owner}, "Grants": [read]}}}
    assert counts(batch.run({"S3PutObjectAcl": given}, Manifest=batch.manifest("a"))) == (1, 1, 0)
    (grant,) = batch.s3.get_object_acl(Bucket=batch.bucket, Key="a")["Grants"]
    assert (grant["Grantee"]["ID"], grant["Permission"]) == (owner, "READ_ACP")


def test_tags_are_removed(batch):
    batch = batch("s3:DeleteObjectTagging")
    batch.put("a", Tagging="x=1")
    assert counts(batch.run({"S3DeleteObjectTagging": {}}, Manifest=batch.manifest("a"))) == (1, 1, 0)
    assert batch.s3.get_object_tagging(Bucket=batch.bucket, Key="a")["TagSet"] == []


def test_archived_objects_are_restored(batch):
    batch = batch("s3:RestoreObject")
    batch.put("a", StorageClass="GLACIER")
    batch.put("b")
    restore = {"ExpirationInDays": 3, "GlacierJobTier": "BULK"}
    job = batch.run({"S3InitiateRestoreObject": restore}, Manifest=batch.manifest("a", "b"))
    assert counts(job) == (2, 1, 1) and batch.rows(job["JobId"])[0]["failed"][0][5] == "InvalidObjectState"
    assert batch.s3.head_object(Bucket=batch.bucket, Key="a")["Restore"] == 'ongoing-request="true"'


def test_objects_are_held_and_retained(batch):
    batch = batch("s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")
    batch.bucket = fresh("locked")
    batch.s3.create_bucket(Bucket=batch.bucket, ObjectLockEnabledForBucket=True)
    batch.allow("s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")
    batch.put("a")
    manifest = batch.manifest("a")
    assert counts(batch.run({"S3PutObjectLegalHold": {"LegalHold": {"Status": "ON"}}}, Manifest=manifest)) == (1, 1, 0)
    assert batch.s3.get_object_legal_hold(Bucket=batch.bucket, Key="a")["LegalHold"] == {"Status": "ON"}
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": LATER}
    assert counts(batch.run({"S3PutObjectRetention": {"Retention": retention}}, Manifest=manifest)) == (1, 1, 0)
    assert batch.s3.get_object_retention(Bucket=batch.bucket, Key="a")["Retention"] == retention
    sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": LATER.replace(year=2039)}
    assert counts(batch.run({"S3PutObjectRetention": {"Retention": sooner}}, Manifest=manifest)) == (1, 0, 1)
    bypassing = {"Retention": sooner, "BypassGovernanceRetention": True}
    assert counts(batch.run({"S3PutObjectRetention": bypassing}, Manifest=manifest)) == (1, 1, 0)
    assert batch.s3.get_object_retention(Bucket=batch.bucket, Key="a")["Retention"] == sooner


def test_checksums_are_computed_of_the_objects_bytes(batch):
    batch = batch("s3:GetObject", "s3:ListBucket")
    batch.put("a", "b")
    job = batch.run({"S3ComputeObjectChecksum": {"ChecksumAlgorithm": "CRC32"}}, Manifest=batch.manifest("a", "b", "c"))
    rows, _ = batch.rows(job["JobId"])
    assert counts(job) == (3, 2, 1) and rows["failed"][0][5] == "NoSuchKey"
    for key, row in zip("ab", rows["succeeded"], strict=True):
        digest = zlib.crc32(key.encode()).to_bytes(4, "big")
        assert json.loads(row[6]) == {
            "checksum_base64": base64.b64encode(digest).decode(),
            "etag": hashlib.md5(key.encode()).hexdigest(),
            "checksumAlgorithm": "CRC32",
            "checksumType": "FULL_OBJECT",
            "checksum_hex": digest.hex().upper(),
        }


def test_objects_that_are_there_already_are_replicated(welkin, batch):
    batch = batch("s3:InitiateReplication")
    target = fresh("replicas")
    batch.s3.create_bucket(Bucket=target)
    for bucket in (batch.bucket, target):
        batch.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    batch.put("a", "b", "other/c")
    role = Batch(welkin, batch.control, batch.s3, batch.account, trust="s3.amazonaws.com")
    reading = ["s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObjectVersionForReplication"]
    reading += ["s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    source, there = [arn(batch.bucket), arn(batch.bucket, "*")], arn(target, "*")
    role.allow(statements=[allow(reading, source), allow("s3:ReplicateObject", there)])
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": arn(target)},
    }
    tagged = {"And": {"Prefix": "", "Tags": [{"Key": "go", "Value": "1"}]}}
    configuration = {"Role": role.role, "Rules": [{**rule, "Filter": tagged}]}
    batch.s3.put_bucket_replication(Bucket=batch.bucket, ReplicationConfiguration=configuration)
    job = batch.ended(batch.create({"S3ReplicateObject": {}}, Manifest=batch.manifest("a")))
    assert counts(job) == (1, 0, 1) and batch.s3.list_objects_v2(Bucket=target)["KeyCount"] == 0
    configuration["Rules"] = [rule]
    batch.s3.put_bucket_replication(Bucket=batch.bucket, ReplicationConfiguration=configuration)
    made = batch.create({"S3ReplicateObject": {}}, Manifest=batch.manifest("a", "other/c", "missing"))
    welkin.advance("1m")
    job = batch.describe(made)
    assert (job["Status"], counts(job)) == ("Complete", (3, 2, 1))
    assert [found["Key"] for found in batch.s3.list_objects_v2(Bucket=target)["Contents"]] == ["a", "other/c"]
    assert batch.s3.head_object(Bucket=batch.bucket, Key="a")["ReplicationStatus"] == "COMPLETED"
    assert "ReplicationStatus" not in batch.s3.head_object(Bucket=batch.bucket, Key="b")
    role.allow(statements=[allow(reading, source)])
    made = batch.create({"S3ReplicateObject": {}}, Manifest=batch.manifest("b"))
    welkin.advance("1m")
    assert counts(batch.describe(made)) == (1, 0, 1)
    assert batch.rows(made)[0]["failed"][0][5] == "ReplicationFailed"
