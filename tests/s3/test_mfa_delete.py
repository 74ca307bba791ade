"""MFA delete: versions go, and versioning changes, only with a code of a second factor."""

import pytest
from conftest import allow, code_of, error_of, fresh, policy
from second_factor import Device


class OfRoot:
    """What a device needs of its owner."""

    def __init__(self, welkin, account):
        self.welkin, self.iam = welkin, welkin.client("iam", account)


class Factor(Device):
    """A device whose code goes into `x-amz-mfa`."""

    def mfa(self):
        return "{SerialNumber} {TokenCode}".format(**self.show())


@pytest.fixture
def factor(welkin, account):
    """The root user's device."""
    return Factor(OfRoot(welkin, account), account)


def versioning(status="Enabled", mfa="Enabled"):
    return {"VersioningConfiguration": {"Status": status, "MFADelete": mfa}}


@pytest.fixture
def guarded(s3, factor):
    """A bucket with MFA delete."""
    name = fresh()
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, **versioning(), MFA=factor.mfa())
    return name


MISSING = "Mfa Authentication must be used for this request"


def test_mfa_delete_is_set_with_a_code(s3, factor, bucket):
    assert "MFADelete" not in s3.get_bucket_versioning(Bucket=bucket)
    error = error_of(s3.put_bucket_versioning, Bucket=bucket, **versioning())
    assert (error["Code"], error["Status"], error["Message"]) == ("AccessDenied", 403, MISSING)
    for wrong in ("123456", f"{factor.serial} 000000x", f"{factor.serial} 12"):
        assert code_of(s3.put_bucket_versioning, Bucket=bucket, **versioning(), MFA=wrong) == ("AccessDenied", 403)
    nobodys = f"arn:aws:iam::111111111111:mfa/other {factor.code()}"
    assert code_of(s3.put_bucket_versioning, Bucket=bucket, **versioning(), MFA=nobodys) == ("NotDeviceOwnerError", 400)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket), "nothing was changed"
    s3.put_bucket_versioning(Bucket=bucket, **versioning(), MFA=factor.mfa())
    answer = s3.get_bucket_versioning(Bucket=bucket)
    assert (answer["Status"], answer["MFADelete"]) == ("Enabled", "Enabled")
    s3.put_bucket_versioning(Bucket=bucket, **versioning(mfa="Disabled"), MFA=factor.mfa())
    assert s3.get_bucket_versioning(Bucket=bucket)["MFADelete"] == "Disabled"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_a_code_is_of_use_once(s3, factor, bucket):
    code = factor.mfa()
    s3.put_bucket_versioning(Bucket=bucket, **versioning(), MFA=code)
    assert code_of(s3.put_bucket_versioning, Bucket=bucket, **versioning(mfa="Disabled"), MFA=code) == ("AccessDenied", 403)


def test_only_the_root_user_sets_mfa_delete(welkin, account, bucket, factor):
    user = welkin.client("s3", **welkin.user(account, policy(allow("s3:*", "*"))))
    error = error_of(user.put_bucket_versioning, Bucket=bucket, **versioning(), MFA=factor.mfa())
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert error["Message"] == "This operation may only be performed by the bucket owner"


def test_versioning_changes_with_a_code(s3, factor, guarded):
    error = error_of(s3.put_bucket_versioning, Bucket=guarded, VersioningConfiguration={"Status": "Suspended"})
    assert (error["Code"], error["Message"]) == ("AccessDenied", MISSING)
    s3.put_bucket_versioning(Bucket=guarded, VersioningConfiguration={"Status": "Suspended"}, MFA=factor.mfa())
    answer = s3.get_bucket_versioning(Bucket=guarded)
    assert (answer["Status"], answer["MFADelete"]) == ("Suspended", "Enabled")


def test_versions_go_with_a_code(s3, factor, guarded):
    version = s3.put_object(Bucket=guarded, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=guarded, Key="k")["VersionId"]
    for id in (version, marker):
        error = error_of(s3.delete_object, Bucket=guarded, Key="k", VersionId=id)
        assert (error["Code"], error["Status"], error["Message"]) == ("AccessDenied", 403, MISSING)
    assert len(s3.list_object_versions(Bucket=guarded)["Versions"]) == 1
    s3.delete_object(Bucket=guarded, Key="k", VersionId=marker, MFA=factor.mfa())
    assert s3.get_object(Bucket=guarded, Key="k")["Body"].read() == b"1"
    s3.delete_object(Bucket=guarded, Key="k", VersionId=version, MFA=factor.mfa())
    assert "Versions" not in s3.list_object_versions(Bucket=guarded)


def test_a_batch_with_versions_is_refused_whole(s3, factor, guarded):
    version = s3.put_object(Bucket=guarded, Key="a")["VersionId"]
    s3.put_object(Bucket=guarded, Key="b")
    batch = {"Objects": [{"Key": "b"}, {"Key": "a", "VersionId": version}]}
    assert code_of(s3.delete_objects, Bucket=guarded, Delete=batch) == ("AccessDenied", 403)
    assert len(s3.list_objects_v2(Bucket=guarded)["Contents"]) == 2
    plain = {"Objects": [{"Key": "b"}]}
    assert code_of(s3.delete_objects, Bucket=guarded, Delete=plain, MFA=f"{factor.serial} 12") == ("AccessDenied", 403)
    s3.delete_objects(Bucket=guarded, Delete=plain)
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=guarded)["Contents"]] == ["a"]
    answer = s3.delete_objects(Bucket=guarded, Delete=batch, MFA=factor.mfa())
    assert len(answer["Deleted"]) == 2 and "Errors" not in answer


def test_a_code_does_not_replace_a_permission(welkin, account, s3, guarded):
    version = s3.put_object(Bucket=guarded, Key="k")["VersionId"]
    grants = policy(allow("s3:*", "*"), {"Effect": "Deny", "Action": "s3:DeleteObjectVersion", "Resource": "*"})
    options = welkin.user(account, grants, name="ada")
    device = Factor(OfRoot(welkin, account))
    user = welkin.client("s3", **options)
    error = error_of(user.delete_object, Bucket=guarded, Key="k", VersionId=version, MFA=device.mfa())
    assert error["Code"] == "AccessDenied" and "explicit deny" in error["Message"]


def test_lifecycle_rules_and_mfa_delete_exclude_each_other(s3, factor, guarded, bucket):
    rules = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
    refused = code_of(s3.put_bucket_lifecycle_configuration, Bucket=guarded, LifecycleConfiguration=rules)
    assert refused == ("InvalidBucketState", 409)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    assert code_of(s3.put_bucket_versioning, Bucket=bucket, **versioning(), MFA=factor.mfa()) == ("InvalidBucketState", 409)
