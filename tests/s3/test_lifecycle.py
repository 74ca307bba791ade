"""Lifecycle rules: set and told; carried out at midnight, by the clock."""

import datetime

import pytest

from conftest import allow, code_of, policy


def rules(s3, bucket, *given, **more):
    given = [{"Status": "Enabled", "Filter": {}, **rule} for rule in given]
    return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": given}, **more)


def keys(s3, bucket):
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def classes(s3, bucket):
    return {o["Key"]: o["StorageClass"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def versions(s3, bucket):
    page = s3.list_object_versions(Bucket=bucket)
    return [v["VersionId"] for v in page.get("Versions", [])], [m["VersionId"] for m in page.get("DeleteMarkers", [])]


def put(s3, bucket, key, body=b"x", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_rules_are_set_told_and_removed(s3, bucket):
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == ("NoSuchLifecycleConfiguration", 404)
    rule = {
        "ID": "all",
        "Status": "Disabled",
        "Filter": {
            "And": {
                "Prefix": "a/",
                "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}],
                "ObjectSizeGreaterThan": 1,
                "ObjectSizeLessThan": 1000,
            }
        },
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 365},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 3},
    }
    rules(s3, bucket, rule, {"Expiration": {"Days": 1}, "Filter": {"Prefix": "b/"}})
    told = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert told["Rules"][0] == rule and told["Rules"][1]["ID"]
    assert told["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == ("NoSuchLifecycleConfiguration", 404)
    s3.delete_bucket_lifecycle(Bucket=bucket)


NOON = datetime.datetime(2040, 1, 1, 12, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    "rule, code",
    [
        ({}, "InvalidRequest"),
        ({"Status": "On", "Expiration": {"Days": 1}}, "MalformedXML"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
        ({"Expiration": {"Date": NOON}}, "InvalidArgument"),
        ({"Prefix": "a", "Expiration": {"Days": 1}}, "MalformedXML"),
        ({"Filter": {"Prefix": "a", "ObjectSizeLessThan": 5}, "Expiration": {"Days": 1}}, "MalformedXML"),
        ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
        ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD"}]}, "MalformedXML"),
        ({"Transitions": [{"Days": 9, "StorageClass": "GLACIER"}], "Expiration": {"Days": 9}}, "InvalidArgument"),
        ({"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 3}}, "MalformedXML"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}}, "InvalidArgument"),
        (
            {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
            "InvalidRequest",
        ),
        (
            {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
            "InvalidRequest",
        ),
        ({"ID": "i" * 256, "Expiration": {"Days": 1}}, "InvalidArgument"),
    ],
)
def test_rules_that_are_none(s3, bucket, rule, code):
    assert code_of(rules, s3, bucket, rule) == (code, 400)
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == ("NoSuchLifecycleConfiguration", 404)


def test_ids_are_unique(s3, bucket):
    rule = {"ID": "same", "Expiration": {"Days": 1}}
    assert code_of(rules, s3, bucket, rule, rule) == ("InvalidArgument", 400)


def test_objects_expire_by_prefix_tag_and_size(welkin, s3, bucket):
    put(s3, bucket, "logs/old")
    put(s3, bucket, "tagged", Tagging="temp=yes&x=y")
    put(s3, bucket, "both/small", b"1" * 5, Tagging="temp=yes")
    put(s3, bucket, "both/large", b"1" * 50, Tagging="temp=yes")
    put(s3, bucket, "stays", Tagging="temp=no")
    rules(
        s3,
        bucket,
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}},
        {"ID": "tag", "Filter": {"Tag": {"Key": "x", "Value": "y"}}, "Expiration": {"Days": 1}},
        {
            "ID": "and",
            "Filter": {
                "And": {"Prefix": "both/", "ObjectSizeGreaterThan": 10, "Tags": [{"Key": "temp", "Value": "yes"}]}
            },
            "Expiration": {"Days": 1},
        },
        {"ID": "off", "Status": "Disabled", "Expiration": {"Days": 1}},
    )
    welkin.advance("2d")
    assert keys(s3, bucket) == ["both/small", "logs/old", "stays"]
    put(s3, bucket, "logs/new")
    welkin.advance("2d")
    assert keys(s3, bucket) == ["both/small", "logs/new", "stays"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    welkin.advance("10d")
    assert keys(s3, bucket) == ["both/small", "logs/new", "stays"]


def test_the_answer_tells_when_an_object_expires(s3, bucket):
    rules(
        s3,
        bucket,
        {"ID": "slow one", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 10}},
        {"ID": "fast", "Filter": {"Prefix": "ab"}, "Expiration": {"Days": 2}},
        {"ID": "uploads", "Filter": {"Prefix": "a"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
    )
    told = put(s3, bucket, "a")
    modified = s3.head_object(Bucket=bucket, Key="a")["LastModified"]

    def midnight(days):
        day = (modified + datetime.timedelta(days=days + 1)).replace(hour=0, minute=0, second=0)
        return day.strftime("%a, %d %b %Y 00:00:00 GMT")

    assert told["Expiration"] == f'expiry-date="{midnight(10)}", rule-id="slow%20one"'
    assert s3.head_object(Bucket=bucket, Key="a")["Expiration"] == told["Expiration"]
    assert put(s3, bucket, "ab")["Expiration"] == f'expiry-date="{midnight(2)}", rule-id="fast"'
    assert s3.get_object(Bucket=bucket, Key="ab")["Expiration"] == f'expiry-date="{midnight(2)}", rule-id="fast"'
    assert "Expiration" not in put(s3, bucket, "b")
    copied = s3.copy_object(Bucket=bucket, Key="ab", CopySource=f"{bucket}/b")
    assert 'rule-id="fast"' in copied["Expiration"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")
    assert upload["AbortRuleId"] == "uploads" and upload["AbortDate"].strftime("%H:%M:%S") == "00:00:00"


def test_objects_expire_on_a_date(welkin, s3, bucket):
    put(s3, bucket, "k")
    now = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    date = (now + datetime.timedelta(days=3)).replace(hour=0, minute=0, second=0, microsecond=0)
    rules(s3, bucket, {"Expiration": {"Date": date}})
    welkin.advance("1d")
    assert keys(s3, bucket) == ["k"]
    welkin.advance("3d")
    assert keys(s3, bucket) == []


def test_current_versions_expire_under_a_delete_marker(welkin, s3, versioned):
    version = put(s3, versioned, "k")["VersionId"]
    rules(s3, versioned, {"Expiration": {"Days": 1}})
    welkin.advance("2d")
    assert keys(s3, versioned) == []
    kept, markers = versions(s3, versioned)
    assert kept == [version] and len(markers) == 1
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=version)["Body"].read() == b"x"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    welkin.advance("2d")
    assert versions(s3, versioned) == ([], [])


def test_noncurrent_versions_expire_but_for_the_newest(welkin, s3, versioned):
    ids = [put(s3, versioned, "k", str(n).encode())["VersionId"] for n in range(5)]
    rules(s3, versioned, {"NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}})
    welkin.advance("4d")
    assert versions(s3, versioned)[0] == ids[::-1]
    welkin.advance("3d")
    assert versions(s3, versioned)[0] == [ids[4], ids[3], ids[2]]
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"4"
    rules(s3, versioned, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    put(s3, versioned, "k", b"5")
    welkin.advance("2d")
    assert len(versions(s3, versioned)[0]) == 1


def test_delete_markers_that_are_alone_go(welkin, s3, versioned):
    gone, kept = put(s3, versioned, "gone")["VersionId"], put(s3, versioned, "kept")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="gone")
    s3.delete_object(Bucket=versioned, Key="kept")
    s3.delete_object(Bucket=versioned, Key="gone", VersionId=gone)
    rules(s3, versioned, {"Expiration": {"ExpiredObjectDeleteMarker": True}})
    welkin.advance("1d")
    page = s3.list_object_versions(Bucket=versioned)
    assert [m["Key"] for m in page["DeleteMarkers"]] == ["kept"]
    assert [v["VersionId"] for v in page["Versions"]] == [kept]


def test_uploads_that_are_not_completed_end(welkin, s3, bucket):
    for key in ("tmp/a", "other"):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"part")
    rules(s3, bucket, {"Filter": {"Prefix": "tmp/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}})
    welkin.advance("1d")
    assert len(s3.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 2
    welkin.advance("2d")
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["other"]


def test_objects_move_to_colder_classes(welkin, s3, versioned):
    large = b"x" * (128 * 1024)
    old = put(s3, versioned, "large", large)["VersionId"]
    put(s3, versioned, "large", large)
    put(s3, versioned, "small")
    put(s3, versioned, "cold", large, StorageClass="DEEP_ARCHIVE")
    rules(
        s3,
        versioned,
        {
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER_IR"}],
        },
    )
    welkin.advance("29d")
    assert classes(s3, versioned) == {"large": "STANDARD", "small": "STANDARD", "cold": "DEEP_ARCHIVE"}
    assert s3.head_object(Bucket=versioned, Key="large", VersionId=old)["StorageClass"] == "GLACIER_IR"
    welkin.advance("3d")
    assert classes(s3, versioned) == {"large": "STANDARD_IA", "small": "STANDARD", "cold": "DEEP_ARCHIVE"}
    assert s3.get_object(Bucket=versioned, Key="large")["Body"].read() == large
    welkin.advance("30d")
    assert classes(s3, versioned)["large"] == "GLACIER"
    assert code_of(s3.get_object, Bucket=versioned, Key="large") == ("InvalidObjectState", 403)


def test_small_objects_move_where_the_rules_say_so(welkin, s3, bucket):
    put(s3, bucket, "a")
    put(s3, bucket, "b", b"xx")
    to_archive = [{"Days": 1, "StorageClass": "GLACIER"}]
    rules(s3, bucket, {"Filter": {"ObjectSizeGreaterThan": 1}, "Transitions": to_archive})
    welkin.advance("2d")
    assert classes(s3, bucket) == {"a": "STANDARD", "b": "GLACIER"}
    rules(s3, bucket, {"Transitions": to_archive}, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    welkin.advance("1d")
    assert classes(s3, bucket) == {"a": "GLACIER", "b": "GLACIER"}


def test_many_keys_are_looked_at_in_turn(welkin, s3, bucket):
    for n in range(250):
        put(s3, bucket, f"{'old' if n % 2 else 'new'}/{n:03}")
    rules(s3, bucket, {"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}})
    welkin.advance("2d")
    left = keys(s3, bucket)
    assert len(left) == 125 and all(key.startswith("new/") for key in left)


def test_rules_need_their_actions_and_end_with_their_bucket(welkin, s3, account, bucket):
    arn = f"arn:aws:s3:::{bucket}"
    putter = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutLifecycleConfiguration", arn))))
    getter = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetLifecycleConfiguration", arn))))
    rule = {"Expiration": {"Days": 1}}
    assert code_of(rules, getter, bucket, rule) == ("AccessDenied", 403)
    rules(putter, bucket, rule)
    assert code_of(putter.get_bucket_lifecycle_configuration, Bucket=bucket) == ("AccessDenied", 403)
    assert len(getter.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]) == 1
    assert code_of(getter.delete_bucket_lifecycle, Bucket=bucket) == ("AccessDenied", 403)
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    put(s3, bucket, "k")
    welkin.advance("3d")
    assert keys(s3, bucket) == ["k"]
    rules(putter, bucket, rule)
    putter.delete_bucket_lifecycle(Bucket=bucket)
    welkin.advance("3d")
    assert keys(s3, bucket) == ["k"]
