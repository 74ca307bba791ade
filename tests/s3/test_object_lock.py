"""Object Lock: versions that are retained or held are not removed before their time."""

import base64
import datetime
import hashlib

import pytest

from conftest import allow, code_of, error_of, fresh, policy


@pytest.fixture
def locked(s3):
    """A bucket that locks versions."""
    name = fresh()
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def now(s3, bucket):
    """The time by Welkin's clock."""
    s3.put_object(Bucket=bucket, Key="clock", Body=b"")
    return s3.head_object(Bucket=bucket, Key="clock")["LastModified"]


def later(s3, bucket, days=10):
    return now(s3, bucket) + datetime.timedelta(days=days)


def put(s3, bucket, key="k", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"x", **more)["VersionId"]


def retain(s3, bucket, version, mode, until, key="k", **more):
    retention = {"Mode": mode, "RetainUntilDate": until}
    s3.put_object_retention(Bucket=bucket, Key=key, VersionId=version, Retention=retention, **more)


def remove(s3, bucket, version, key="k", **more):
    return s3.delete_object(Bucket=bucket, Key=key, VersionId=version, **more)


def test_a_bucket_locks_from_the_beginning_or_later(s3, bucket, locked):
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    enabled = {"ObjectLockEnabled": "Enabled"}
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == enabled
    missing = ("ObjectLockConfigurationNotFoundError", 404)
    assert code_of(s3.get_object_lock_configuration, Bucket=bucket) == missing
    call = dict(Bucket=bucket, ObjectLockConfiguration=enabled)
    assert code_of(s3.put_object_lock_configuration, **call) == ("InvalidBucketState", 409)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(**call)
    assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"] == enabled
    suspended = dict(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert code_of(s3.put_bucket_versioning, **suspended) == ("InvalidBucketState", 409)


@pytest.mark.parametrize(
    "default, code",
    [
        ({"Mode": "GOVERNANCE"}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidArgument"),
        ({"Mode": "GOVERNANCE", "Years": 101}, "InvalidArgument"),
        ({"Days": 1}, "MalformedXML"),
    ],
)
def test_default_retention_that_is_none(s3, locked, default, code):
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}
    call = dict(Bucket=locked, ObjectLockConfiguration=configuration)
    assert code_of(s3.put_object_lock_configuration, **call) == (code, 400)


def test_default_retention_holds_for_new_versions(welkin, s3, locked):
    before = put(s3, locked)
    default = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 2}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": default}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == configuration
    version = put(s3, locked)
    head = s3.head_object(Bucket=locked, Key="k")
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert datetime.timedelta(days=2) <= head["ObjectLockRetainUntilDate"] - head["LastModified"] < datetime.timedelta(days=2, seconds=2)
    remove(s3, locked, before)
    error = error_of(remove, s3, locked, version)
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "object lock" in error["Message"]
    upload = s3.create_multipart_upload(Bucket=locked, Key="m")["UploadId"]
    part = s3.upload_part(Bucket=locked, Key="m", UploadId=upload, PartNumber=1, Body=b"p")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    done = s3.complete_multipart_upload(Bucket=locked, Key="m", UploadId=upload, MultipartUpload=parts)["VersionId"]
    assert code_of(remove, s3, locked, done, "m") == ("AccessDenied", 403)
    copied = s3.copy_object(Bucket=locked, Key="c", CopySource=f"{locked}/k")["VersionId"]
    assert code_of(remove, s3, locked, copied, "c") == ("AccessDenied", 403)
    welkin.advance("3d")
    remove(s3, locked, version)
    remove(s3, locked, done, "m")


def test_a_delete_marker_hides_what_is_locked_and_may_be_removed(s3, locked):
    version = put(s3, locked, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=later(s3, locked))
    marker = s3.delete_object(Bucket=locked, Key="k")["VersionId"]
    assert code_of(s3.head_object, Bucket=locked, Key="k") == ("404", 404)
    assert code_of(remove, s3, locked, version) == ("AccessDenied", 403)
    remove(s3, locked, marker)
    assert s3.get_object(Bucket=locked, Key="k")["VersionId"] == version


def test_governance_is_bypassed_with_a_permission(welkin, s3, account, locked):
    version = put(s3, locked, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=later(s3, locked))
    objects = f"arn:aws:s3:::{locked}/*"
    plain = welkin.client("s3", **welkin.user(account, policy(allow("s3:DeleteObjectVersion", objects))))
    both = policy(allow(["s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"], objects))
    able = welkin.client("s3", **welkin.user(account, both))
    assert code_of(remove, able, locked, version) == ("AccessDenied", 403)
    error = error_of(remove, plain, locked, version, BypassGovernanceRetention=True)
    assert error["Code"] == "AccessDenied" and "s3:BypassGovernanceRetention" in error["Message"]
    batch = {"Objects": [{"Key": "k", "VersionId": version}]}
    refused = able.delete_objects(Bucket=locked, Delete=batch)
    assert [error["Code"] for error in refused["Errors"]] == ["AccessDenied"]
    done = able.delete_objects(Bucket=locked, Delete=batch, BypassGovernanceRetention=True)
    assert [deleted["VersionId"] for deleted in done["Deleted"]] == [version]


def test_compliance_is_never_bypassed(welkin, s3, locked):
    until = later(s3, locked)
    version = put(s3, locked, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    denied = ("AccessDenied", 403)
    assert code_of(remove, s3, locked, version, BypassGovernanceRetention=True) == denied
    sooner = until - datetime.timedelta(days=5)
    assert code_of(retain, s3, locked, version, "COMPLIANCE", sooner, BypassGovernanceRetention=True) == denied
    assert code_of(retain, s3, locked, version, "GOVERNANCE", until, BypassGovernanceRetention=True) == denied
    retain(s3, locked, version, "COMPLIANCE", until + datetime.timedelta(days=5))
    welkin.advance("12d")
    assert code_of(remove, s3, locked, version) == denied
    welkin.advance("5d")
    remove(s3, locked, version)


def test_retention_is_set_told_and_shortened(s3, locked):
    version = put(s3, locked)
    call = dict(Bucket=locked, Key="k")
    assert code_of(s3.get_object_retention, **call) == ("NoSuchObjectLockConfiguration", 404)
    until = later(s3, locked)
    retain(s3, locked, version, "GOVERNANCE", until)
    assert s3.get_object_retention(**call)["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    sooner = until - datetime.timedelta(days=3)
    assert code_of(retain, s3, locked, version, "GOVERNANCE", sooner) == ("AccessDenied", 403)
    assert code_of(retain, s3, locked, version, "COMPLIANCE", until) == ("AccessDenied", 403)
    retain(s3, locked, version, "GOVERNANCE", sooner, BypassGovernanceRetention=True)
    assert s3.get_object_retention(**call)["Retention"]["RetainUntilDate"] == sooner
    past = until - datetime.timedelta(days=60)
    assert code_of(retain, s3, locked, version, "GOVERNANCE", past) == ("InvalidArgument", 400)
    assert code_of(retain, s3, locked, version, "FOREVER", until) == ("MalformedXML", 400)
    removal = dict(call, Retention={}, BypassGovernanceRetention=True)
    s3.put_object_retention(**removal)
    assert code_of(s3.get_object_retention, **call) == ("NoSuchObjectLockConfiguration", 404)
    remove(s3, locked, version)


def test_a_legal_hold_has_no_end(welkin, s3, locked):
    version = put(s3, locked)
    call = dict(Bucket=locked, Key="k", VersionId=version)
    assert code_of(s3.get_object_legal_hold, **call) == ("NoSuchObjectLockConfiguration", 404)
    s3.put_object_legal_hold(**call, LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(**call)["LegalHold"] == {"Status": "ON"}
    assert s3.head_object(Bucket=locked, Key="k")["ObjectLockLegalHoldStatus"] == "ON"
    welkin.advance("40d")
    assert code_of(remove, s3, locked, version, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    assert code_of(s3.put_object_legal_hold, **call, LegalHold={"Status": "MAYBE"}) == ("MalformedXML", 400)
    s3.put_object_legal_hold(**call, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(**call)["LegalHold"] == {"Status": "OFF"}
    remove(s3, locked, version)


def test_locks_that_are_none(s3, bucket, locked):
    until = later(s3, locked)
    both = dict(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    assert code_of(put, s3, bucket, **both) == ("InvalidRequest", 400)
    assert code_of(put, s3, locked, ObjectLockMode="GOVERNANCE") == ("InvalidArgument", 400)
    assert code_of(put, s3, locked, **{**both, "ObjectLockMode": "X"}) == ("InvalidArgument", 400)
    past = until - datetime.timedelta(days=60)
    assert code_of(put, s3, locked, **{**both, "ObjectLockRetainUntilDate": past}) == ("InvalidArgument", 400)
    assert code_of(put, s3, locked, ObjectLockLegalHoldStatus="X") == ("InvalidArgument", 400)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for call in (s3.get_object_retention, s3.get_object_legal_hold):
        assert code_of(call, Bucket=bucket, Key="k") == ("InvalidRequest", 400)
    assert code_of(s3.put_object_legal_hold, Bucket=bucket, Key="k", LegalHold={"Status": "ON"}) == ("InvalidRequest", 400)
    assert s3.list_object_versions(Bucket=locked)["Versions"][0]["Key"] == "clock"


def test_what_is_retained_comes_with_a_digest(welkin, s3, account, locked):
    plain = welkin.client("s3", account, request_checksum_calculation="when_required")
    both = dict(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=later(s3, locked))
    error = error_of(put, plain, locked, **both)
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400) and "Content-MD5" in error["Message"]
    put(plain, locked)
    md5 = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    put(plain, locked, ContentMD5=md5, **both)
    default = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": default}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    assert code_of(put, plain, locked) == ("InvalidRequest", 400)


def test_locking_needs_permissions_of_its_own(welkin, s3, account, locked):
    objects = f"arn:aws:s3:::{locked}/*"
    until = later(s3, locked)
    both = dict(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutObject", objects))))
    error = error_of(put, writer, locked, **both)
    assert error["Code"] == "AccessDenied" and "s3:PutObjectRetention" in error["Message"]
    error = error_of(put, writer, locked, ObjectLockLegalHoldStatus="ON")
    assert error["Code"] == "AccessDenied" and "s3:PutObjectLegalHold" in error["Message"]
    short = {"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "20"}}
    grant = policy(
        allow(["s3:PutObject", "s3:GetObject"], objects), allow("s3:PutObjectRetention", objects, Condition=short)
    )
    limited = welkin.client("s3", **welkin.user(account, grant))
    put(limited, locked, **both)
    far = {**both, "ObjectLockRetainUntilDate": until + datetime.timedelta(days=30)}
    assert code_of(put, limited, locked, **far) == ("AccessDenied", 403)
    # Who may not ask for the retention is not told it along with the object.
    assert "ObjectLockMode" not in limited.head_object(Bucket=locked, Key="k")
    assert s3.head_object(Bucket=locked, Key="k")["ObjectLockMode"] == "GOVERNANCE"
    assert code_of(limited.get_object_retention, Bucket=locked, Key="k") == ("AccessDenied", 403)
    assert code_of(limited.get_object_lock_configuration, Bucket=locked) == ("AccessDenied", 403)


def test_lifecycle_rules_leave_what_is_locked(welkin, s3, locked):
    kept = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    free = put(s3, locked)
    current = put(s3, locked)
    rule = {"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=locked, LifecycleConfiguration={"Rules": [rule]})
    welkin.advance("3d")
    left = [v["VersionId"] for v in s3.list_object_versions(Bucket=locked, Prefix="k")["Versions"]]
    assert left == [current, kept] and free not in left
