"""Inventories of buckets."""

import base64
import csv
import gzip
import hashlib
import io
import json
import urllib.parse

import pytest
from conftest import allow, code_of, error_of, fresh, policy

DAY = "24h"


@pytest.fixture
def destination(s3, account, bucket):
    """A bucket into which inventories of the account's bucket may be put."""
    name = fresh()
    s3.create_bucket(Bucket=name)
    conditions = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
        "StringEquals": {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"},
    }
    who = {"Service": "s3.amazonaws.com"}
    statement = allow("s3:PutObject", f"arn:aws:s3:::{name}/*", Principal=who, Condition=conditions)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy(statement)))
    return name


def inventory(destination, name="all", versions="Current", **more):
    """A configuration; what begins with a small letter is the destination's."""
    to = {"Bucket": f"arn:aws:s3:::{destination}", "Format": "CSV", **more.pop("to", {})}
    return {
        "Id": name,
        "IsEnabled": True,
        "IncludedObjectVersions": versions,
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": to},
        **more,
    }


@pytest.fixture
def put(s3, bucket, destination):
    def put(name="all", **more):
        given = inventory(destination, name, **more)
        s3.put_bucket_inventory_configuration(Bucket=bucket, Id=name, InventoryConfiguration=given)
        return given

    return put


@pytest.fixture
def taken(welkin, s3, destination):
    """The bodies of the files in the destination, by key, after a while."""

    def taken(after=DAY):
        if after:
            welkin.advance(after)
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=destination).get("Contents", [])]
        return {key: s3.get_object(Bucket=destination, Key=key)["Body"].read() for key in keys}

    return taken


def rows(files):
    """The rows of the one inventory among these files, as its manifest ties them together."""
    (manifest,) = [json.loads(body) for key, body in files.items() if key.endswith("manifest.json")]
    columns = manifest["fileSchema"].split(", ")
    rows = []
    for file in manifest["files"]:
        body = files[file["key"]]
        assert (file["size"], file["MD5checksum"]) == (len(body), hashlib.md5(body).hexdigest())
        lines = csv.reader(io.StringIO(gzip.decompress(body).decode()))
        rows += [dict(zip(columns, line, strict=True)) for line in lines]
    return manifest, rows


def test_the_configuration_is_set_told_listed_and_removed(s3, bucket, destination, put):
    assert code_of(s3.get_bucket_inventory_configuration, Bucket=bucket, Id="all") == ("NoSuchConfiguration", 404)
    whole = put(
        Filter={"Prefix": "a/"},
        OptionalFields=["Size", "ETag"],
        to={"Prefix": "lists", "AccountId": "123456789012", "Encryption": {"SSEKMS": {"KeyId": "alias/k"}}},
    )
    told = s3.get_bucket_inventory_configuration(Bucket=bucket, Id="all")["InventoryConfiguration"]
    assert told == whole
    put("b", to={"Encryption": {"SSES3": {}}})
    listed = s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert [each["Id"] for each in listed["InventoryConfigurationList"]] == ["all", "b"]
    assert listed["IsTruncated"] is False
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="all")
    assert code_of(s3.delete_bucket_inventory_configuration, Bucket=bucket, Id="all") == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"IsEnabled": None}, "MalformedXML"),
        ({"IncludedObjectVersions": "Some"}, "MalformedXML"),
        ({"Schedule": {"Frequency": "Hourly"}}, "MalformedXML"),
        ({"OptionalFields": ["Colour"]}, "MalformedXML"),
        ({"OptionalFields": ["ObjectLockEventHoldStatus"]}, "NotImplemented"),
        ({"to": {"Format": "Parquet"}}, "NotImplemented"),
        ({"to": {"Format": "ORC"}}, "NotImplemented"),
        ({"to": {"Format": "TSV"}}, "MalformedXML"),
        ({"to": {"Bucket": "just-a-name"}}, "InvalidArgument"),
        ({"Id": "other"}, "InvalidArgument"),
    ],
)
def test_what_is_no_inventory_is_refused(s3, bucket, destination, change, code):
    given = {name: value for name, value in inventory(destination, **change).items() if value is not None}
    call = {"Bucket": bucket, "Id": "all", "InventoryConfiguration": given}
    assert error_of(s3.put_bucket_inventory_configuration, **call)["Code"] == code
    assert s3.list_bucket_inventory_configurations(Bucket=bucket).get("InventoryConfigurationList", []) == []
    call = {"Bucket": bucket, "Id": "a b", "InventoryConfiguration": inventory(destination, "a b")}
    assert code_of(s3.put_bucket_inventory_configuration, **call) == ("InvalidArgument", 400)


def test_each_operation_needs_its_action(welkin, account, bucket, destination):
    given = {"Bucket": bucket, "Id": "i", "InventoryConfiguration": inventory(destination, "i")}
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetInventoryConfiguration", "*"))))
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutInventoryConfiguration", "*"))))
    assert code_of(reader.put_bucket_inventory_configuration, **given) == ("AccessDenied", 403)
    writer.put_bucket_inventory_configuration(**given)
    assert reader.get_bucket_inventory_configuration(Bucket=bucket, Id="i")["InventoryConfiguration"]["Id"] == "i"
    assert len(reader.list_bucket_inventory_configurations(Bucket=bucket)["InventoryConfigurationList"]) == 1
    for refused in ("get_bucket_inventory_configuration", "delete_bucket_inventory_configuration"):
        client = writer if refused.startswith("get") else reader
        assert code_of(getattr(client, refused), Bucket=bucket, Id="i") == ("AccessDenied", 403)
    assert code_of(writer.list_bucket_inventory_configurations, Bucket=bucket) == ("AccessDenied", 403)
    writer.delete_bucket_inventory_configuration(Bucket=bucket, Id="i")


def test_configurations_are_listed_by_the_hundred(s3, bucket, put):
    names = [f"i{n:03}" for n in range(101)]
    for name in names:
        put(name, IsEnabled=False)
    first = s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert first["IsTruncated"] and len(first["InventoryConfigurationList"]) == 100
    token = first["NextContinuationToken"]
    rest = s3.list_bucket_inventory_configurations(Bucket=bucket, ContinuationToken=token)
    assert [each["Id"] for each in rest["InventoryConfigurationList"]] == names[100:]
    assert not rest["IsTruncated"] and rest["ContinuationToken"] == token


def test_an_inventory_of_current_versions(s3, bucket, destination, put, taken):
    s3.put_object(Bucket=bucket, Key="a/x y", Body=b"1234", StorageClass="STANDARD_IA")
    s3.put_object(Bucket=bucket, Key="b", Body=b"not listed")
    fields = [
        "ObjectOwner",
        "Size",
        "LastModifiedDate",
        "StorageClass",
        "ETag",
        "IsMultipartUploaded",
        "ReplicationStatus",
        "EncryptionStatus",
        "ObjectLockRetainUntilDate",
        "ObjectLockMode",
        "ObjectLockLegalHoldStatus",
        "BucketKeyStatus",
        "ChecksumAlgorithm",
        "ObjectAccessControlList",
        "LifecycleExpirationDate",
    ]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 30}}]},
    )
    put(Filter={"Prefix": "a/"}, OptionalFields=fields, to={"Prefix": "lists/"})
    files = taken()
    manifest, (row,) = rows(files)
    head = s3.head_object(Bucket=bucket, Key="a/x y", ChecksumMode="ENABLED")
    owner = s3.list_buckets()["Owner"]["ID"]
    acl = json.loads(base64.b64decode(row.pop("ObjectAccessControlList")))
    assert acl["grants"] == [{"canonicalId": owner, "type": "CanonicalUser", "permission": "FULL_CONTROL"}]
    assert row.pop("LastModifiedDate") == f"{head['LastModified']:%Y-%m-%dT%H:%M:%S}.000Z"
    assert row.pop("LifecycleExpirationDate").endswith("T00:00:00.000Z")
    assert row.pop("ChecksumAlgorithm") in ("CRC32", "CRC64NVME")
    assert row == {
        "Bucket": bucket,
        "Key": "a/x+y",
        "Size": "4",
        "ETag": head["ETag"].strip('"'),
        "StorageClass": "STANDARD_IA",
        "IsMultipartUploaded": "false",
        "ReplicationStatus": "",
        "EncryptionStatus": "SSE-S3",
        "ObjectLockRetainUntilDate": "",
        "ObjectLockMode": "",
        "ObjectLockLegalHoldStatus": "",
        "BucketKeyStatus": "DISABLED",
        "ObjectOwner": owner,
    }
    assert manifest["sourceBucket"] == bucket and manifest["destinationBucket"] == f"arn:aws:s3:::{destination}"
    assert (manifest["version"], manifest["fileFormat"]) == ("2016-11-30", "CSV")
    (data,) = [file["key"] for file in manifest["files"]]
    assert data.startswith(f"lists/{bucket}/all/data/") and data.endswith(".csv.gz")
    others = {key: body for key, body in files.items() if key != data}
    (at,) = [key for key in others if key.endswith("manifest.json")]
    folder = at.removesuffix("manifest.json")
    assert others[f"{folder}manifest.checksum"].decode() == hashlib.md5(others[at]).hexdigest()
    minute = folder.split("/")[-2]
    assert folder == f"lists/{bucket}/all/{minute}/" and len(minute) == len("2026-11-06T21-32Z")
    link = f"lists/{bucket}/all/hive/dt={minute.removesuffix('Z').replace('T', '-')}/symlink.txt"
    assert others[link].decode().strip() == f"s3://{destination}/{data}"
    assert len(others) == 3


def test_an_inventory_of_all_versions(s3, bucket, put, taken):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=b"x" * n)["VersionId"] for n in (1, 2)]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    put(versions="All", OptionalFields=["Size"])
    manifest, listed = rows(taken())
    assert manifest["fileSchema"] == "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size"
    told = [(row["VersionId"], row["IsLatest"], row["IsDeleteMarker"], row["Size"]) for row in listed]
    assert told == [(marker, "true", "true", ""), (ids[1], "false", "false", "2"), (ids[0], "false", "false", "1")]


def test_each_day_until_it_is_disabled_or_removed(s3, bucket, put, taken):
    def manifests():
        return sum(key.endswith("manifest.json") for key in taken())

    put()
    assert [manifests(), manifests()] == [1, 2]
    put(IsEnabled=False)
    assert manifests() == 2
    put()
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="all")
    assert manifests() == 2


def test_each_week(put, taken):
    put(Schedule={"Frequency": "Weekly"})
    counts = [sum(key.endswith("manifest.json") for key in taken()) for _ in range(8)]
    assert counts[6] == 1 and counts[7] in (1, 2)


def test_what_the_destination_does_not_permit_is_not_put_there(s3, destination, put, taken):
    s3.delete_bucket_policy(Bucket=destination)
    put()
    assert taken() == {}


def test_the_files_of_an_inventory_are_encrypted(welkin, account, s3, bucket, destination, put, taken):
    kms = welkin.client("kms", account)
    own = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{account}:root"})
    conditions = {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}}
    service = allow("kms:GenerateDataKey", "*", Principal={"Service": "s3.amazonaws.com"}, Condition=conditions)
    key = kms.create_key(Policy=json.dumps(policy(own, service)))["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    put("kms", to={"Encryption": {"SSEKMS": {"KeyId": key}}})
    files = taken()
    assert len(files) == 4
    for each in files:
        head = s3.head_object(Bucket=destination, Key=each)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_keys_of_one_manifest_are_read_back(s3, bucket, put, taken):
    keys = ["plain", "ü/ä", "a+b", "c%d"]
    for each in keys:
        s3.put_object(Bucket=bucket, Key=each, Body=b"x")
    put()
    _, listed = rows(taken())
    assert [urllib.parse.unquote_plus(row["Key"]) for row in listed] == sorted(keys, key=str.encode)
