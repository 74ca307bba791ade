"""Archived objects are restored for some days, as long as the tier takes."""

import datetime

import pytest

from conftest import allow, code_of, error_of, policy
from test_notifications import Queue, configure, happened, names


def archive(s3, bucket, key="cold", storage_class="GLACIER"):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"cold", StorageClass=storage_class).get("VersionId")


def restore(s3, bucket, days, tier=None, key="cold", **more):
    request = {"Days": days, **({"GlacierJobParameters": {"Tier": tier}} if tier else {})}
    answer = s3.restore_object(Bucket=bucket, Key=key, RestoreRequest=request, **more)
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def state(s3, bucket, key="cold"):
    return s3.head_object(Bucket=bucket, Key=key).get("Restore")


@pytest.mark.parametrize(
    "storage_class, tier, before, after",
    [
        ("GLACIER", "Expedited", "4m", "2m"),
        ("GLACIER", None, "4h", "2h"),
        ("GLACIER", "Bulk", "11h", "2h"),
        ("DEEP_ARCHIVE", "Standard", "11h", "2h"),
        ("DEEP_ARCHIVE", "Bulk", "47h", "2h"),
    ],
)
def test_a_restored_object_is_read_for_some_days(welkin, s3, bucket, storage_class, tier, before, after):
    archive(s3, bucket, storage_class=storage_class)
    assert state(s3, bucket) is None
    assert restore(s3, bucket, 3, tier) == 202
    welkin.advance(before)
    assert state(s3, bucket) == 'ongoing-request="true"'
    assert code_of(s3.get_object, Bucket=bucket, Key="cold") == ("InvalidObjectState", 403)
    assert code_of(restore, s3, bucket, 3) == ("RestoreAlreadyInProgress", 409)
    welkin.advance(after)
    told = state(s3, bucket)
    assert told.startswith('ongoing-request="false", expiry-date="') and told.endswith('00:00:00 GMT"')
    got = s3.get_object(Bucket=bucket, Key="cold")
    assert (got["Body"].read(), got["StorageClass"], got["Restore"]) == (b"cold", storage_class, told)
    s3.copy_object(Bucket=bucket, Key="warm", CopySource=f"{bucket}/cold")
    assert s3.get_object(Bucket=bucket, Key="warm")["Body"].read() == b"cold"
    assert "Restore" not in s3.head_object(Bucket=bucket, Key="warm")
    welkin.advance("5d")
    assert state(s3, bucket) is None
    assert code_of(s3.get_object, Bucket=bucket, Key="cold") == ("InvalidObjectState", 403)
    assert code_of(s3.copy_object, Bucket=bucket, Key="w", CopySource=f"{bucket}/cold") == ("InvalidObjectState", 403)


def test_a_restoration_is_prolonged(welkin, s3, bucket):
    archive(s3, bucket)
    restore(s3, bucket, 1)
    welkin.advance("6h")
    assert restore(s3, bucket, 10) == 200
    welkin.advance("8d")
    assert s3.get_object(Bucket=bucket, Key="cold")["Body"].read() == b"cold"
    welkin.advance("4d")
    assert code_of(s3.get_object, Bucket=bucket, Key="cold") == ("InvalidObjectState", 403)


def test_a_version_is_restored(welkin, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = archive(s3, bucket)
    s3.put_object(Bucket=bucket, Key="cold", Body=b"new")
    assert restore(s3, bucket, 1, "Expedited", VersionId=old) == 202
    welkin.advance("10m")
    assert s3.get_object(Bucket=bucket, Key="cold", VersionId=old)["Body"].read() == b"cold"
    assert s3.get_object(Bucket=bucket, Key="cold")["Body"].read() == b"new"


def test_restorations_that_are_none(s3, bucket):
    s3.put_object(Bucket=bucket, Key="warm", Body=b"x")
    archive(s3, bucket)
    archive(s3, bucket, "deep", "DEEP_ARCHIVE")
    error = error_of(restore, s3, bucket, 1, key="warm")
    assert (error["Code"], error["Status"], error["StorageClass"]) == ("InvalidObjectState", 403, "STANDARD")
    assert code_of(restore, s3, bucket, 0) == ("MalformedXML", 400)
    assert code_of(restore, s3, bucket, 1, "Soon") == ("MalformedXML", 400)
    assert code_of(restore, s3, bucket, 1, "Expedited", key="deep") == ("InvalidArgument", 400)
    assert code_of(restore, s3, bucket, 1, key="missing") == ("NoSuchKey", 404)
    assert state(s3, bucket) is None


def test_restoring_needs_its_action(welkin, s3, account, bucket):
    archive(s3, bucket)
    objects = f"arn:aws:s3:::{bucket}/*"
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetObject", objects))))
    restorer = welkin.client("s3", **welkin.user(account, policy(allow("s3:RestoreObject", objects))))
    assert code_of(restore, reader, bucket, 1) == ("AccessDenied", 403)
    assert restore(restorer, bucket, 1) == 202
    assert state(s3, bucket) == 'ongoing-request="true"'


def test_restorations_are_told_of(welkin, s3, account, bucket):
    queue = Queue(welkin, account, bucket)
    configure(s3, bucket, queue, "s3:ObjectRestore:*")
    queue.read()
    archive(s3, bucket)
    restore(s3, bucket, 1, "Expedited")
    assert names(happened(welkin, queue)) == [("ObjectRestore:Post", "cold")]
    welkin.advance("10m")
    restore(s3, bucket, 3)
    assert names(happened(welkin, queue)) == [("ObjectRestore:Completed", "cold")]
    welkin.advance("3d")
    assert names(happened(welkin, queue)) == []
    welkin.advance("2d")
    (record,) = happened(welkin, queue)
    assert record["eventName"] == "ObjectRestore:Delete"
    assert datetime.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00")).minute == 0


def test_listings_tell_what_is_restored_if_they_are_asked(welkin, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("cold", "thawing"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x", StorageClass="GLACIER")
    s3.restore_object(Bucket=bucket, Key="thawing", RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}})
    lists = [(s3.list_objects, "Contents"), (s3.list_objects_v2, "Contents"), (s3.list_object_versions, "Versions")]

    def statuses():
        for call, member in lists:
            assert all("RestoreStatus" not in one for one in call(Bucket=bucket)[member])
            told = call(Bucket=bucket, OptionalObjectAttributes=["RestoreStatus"])[member]
            yield {one["Key"]: one.get("RestoreStatus") for one in told}

    assert all(one == {"cold": None, "thawing": {"IsRestoreInProgress": True}} for one in statuses())
    welkin.advance("13h")
    for one in statuses():
        assert one["cold"] is None and one["thawing"]["IsRestoreInProgress"] is False
        assert f'{one["thawing"]["RestoreExpiryDate"]:%a, %d %b %Y %H:%M:%S GMT}' in s3.head_object(Bucket=bucket, Key="thawing")["Restore"]
    welkin.advance("96h")
    assert all(one == {"cold": None, "thawing": None} for one in statuses())
    for call, _ in lists:
        assert code_of(call, Bucket=bucket, OptionalObjectAttributes=["Owner"]) == ("InvalidArgument", 400)
