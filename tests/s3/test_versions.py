"""Versions: kept, listed newest first, read, tagged, copied and deleted by their ids; delete markers."""

import datetime
import json

import pytest

from conftest import allow, code_of, error_of, fresh, policy


def objects(bucket):
    return f"arn:aws:s3:::{bucket}/*"


def set_versioning(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3, bucket):
    """A bucket that keeps versions."""
    set_versioning(s3, bucket, "Enabled")
    return bucket


def put(s3, bucket, key="k", body=b"x", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more).get("VersionId")


def listed(s3, bucket, **more):
    """(key, version, latest, marker) of a listing, of each key the newest first."""
    page = s3.list_object_versions(Bucket=bucket, **more)
    rows = [(v, False) for v in page.get("Versions", [])] + [(m, True) for m in page.get("DeleteMarkers", [])]
    rows.sort(key=lambda row: (row[0]["Key"], row[0]["LastModified"]))
    return {(row["Key"], row["VersionId"], row["IsLatest"], marker) for row, marker in rows}


def test_versioning_is_switched_on_and_suspended(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    set_versioning(s3, bucket, "Enabled")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    set_versioning(s3, bucket, "Suspended")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    assert code_of(set_versioning, s3, bucket, "Off") == ("MalformedXML", 400)
    call = dict(Bucket=bucket, VersioningConfiguration={"MFADelete": "Disabled"})
    assert code_of(s3.put_bucket_versioning, **call) == ("IllegalVersioningConfigurationException", 400)
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"


def test_each_write_is_a_version_of_its_own(s3, versioned):
    ids = [put(s3, versioned, body=f"{n}".encode()) for n in range(4)]
    assert len(set(ids)) == 4 and all(len(i) == 32 for i in ids)
    current = s3.get_object(Bucket=versioned, Key="k")
    assert (current["Body"].read(), current["VersionId"]) == (b"3", ids[3])
    for n, version in enumerate(ids):
        got = s3.get_object(Bucket=versioned, Key="k", VersionId=version)
        assert (got["Body"].read(), got["VersionId"]) == (f"{n}".encode(), version)
        assert s3.head_object(Bucket=versioned, Key="k", VersionId=version)["VersionId"] == version
    page = s3.list_object_versions(Bucket=versioned)["Versions"]
    assert [(v["VersionId"], v["IsLatest"]) for v in page] == [(i, i == ids[3]) for i in reversed(ids)]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=versioned)["Contents"]] == ["k"]


def test_what_was_there_before_is_the_null_version(s3, bucket):
    assert put(s3, bucket, body=b"old") is None
    assert [(v["VersionId"], v["IsLatest"]) for v in s3.list_object_versions(Bucket=bucket)["Versions"]] == [("null", True)]
    set_versioning(s3, bucket, "Enabled")
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    new = put(s3, bucket, body=b"new")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"old"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
    assert listed(s3, bucket) == {("k", new, True, False), ("k", "null", False, False)}


def test_a_deletion_makes_a_marker_and_its_removal_brings_the_object_back(s3, versioned):
    first = put(s3, versioned, body=b"1")
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    marker = deleted["VersionId"]
    assert deleted["DeleteMarker"] is True and marker != first
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    assert listed(s3, versioned) == {("k", marker, True, True), ("k", first, False, False)}
    undone = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert undone["DeleteMarker"] is True and undone["VersionId"] == marker
    got = s3.get_object(Bucket=versioned, Key="k")
    assert (got["Body"].read(), got["VersionId"]) == (b"1", first)
    gone = s3.delete_object(Bucket=versioned, Key="k", VersionId=first)
    assert "DeleteMarker" not in gone and gone["VersionId"] == first
    assert code_of(s3.get_object, Bucket=versioned, Key="k") == ("NoSuchKey", 404)
    assert listed(s3, versioned) == set()


def test_the_current_version_is_followed_by_the_next(s3, versioned):
    ids = [put(s3, versioned, body=f"{n}".encode()) for n in range(3)]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[2])
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"1"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[0])
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == ids[1]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    second = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert code_of(s3.head_object, Bucket=versioned, Key="k") == ("404", 404)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == ids[1]
    assert listed(s3, versioned) == {("k", ids[1], True, False)}


def raw(call, **kwargs):
    """Headers and code of a refused call."""
    with pytest.raises(Exception) as caught:
        call(**kwargs)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPHeaders"], response["Error"]


def test_a_delete_marker_is_told_of_in_headers(s3, versioned):
    put(s3, versioned)
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    for call in (s3.get_object, s3.head_object):
        headers, error = raw(call, Bucket=versioned, Key="k")
        assert error["Code"] in ("NoSuchKey", "404")
        assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
        headers, error = raw(call, Bucket=versioned, Key="k", VersionId=marker)
        assert error["Code"] in ("MethodNotAllowed", "405")
        assert (headers["x-amz-delete-marker"], headers["allow"]) == ("true", "DELETE")
        assert headers["last-modified"].endswith("GMT") and headers["x-amz-version-id"] == marker
    call = dict(Bucket=versioned, Key="k", VersionId=marker)
    assert code_of(s3.get_object_tagging, **call) == ("MethodNotAllowed", 405)
    attributes = dict(ObjectAttributes=["ETag"])
    assert code_of(s3.get_object_attributes, **call, **attributes) == ("MethodNotAllowed", 405)


def test_versions_that_are_none(s3, bucket):
    put(s3, bucket)
    for call in (s3.get_object, s3.get_object_tagging):
        assert code_of(call, Bucket=bucket, Key="k", VersionId="nonsense") == ("InvalidArgument", 400)
        assert code_of(call, Bucket=bucket, Key="k", VersionId="A" * 32) == ("NoSuchVersion", 404)
    set_versioning(s3, bucket, "Enabled")
    version = put(s3, bucket)
    error = error_of(s3.get_object, Bucket=bucket, Key="other", VersionId=version)
    assert (error["Code"], error["Status"], error["VersionId"]) == ("NoSuchVersion", 404, version)
    assert s3.delete_object(Bucket=bucket, Key="other", VersionId=version)["VersionId"] == version
    assert code_of(s3.delete_object, Bucket=bucket, Key="k", VersionId="nonsense") == ("InvalidArgument", 400)


def test_suspended_versioning_writes_the_null_version(s3, versioned):
    kept = put(s3, versioned, body=b"kept")
    set_versioning(s3, versioned, "Suspended")
    assert put(s3, versioned, body=b"n1") == "null"
    assert put(s3, versioned, body=b"n2") == "null"
    assert listed(s3, versioned) == {("k", "null", True, False), ("k", kept, False, False)}
    assert s3.get_object(Bucket=versioned, Key="k", VersionId="null")["Body"].read() == b"n2"
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert (deleted["DeleteMarker"], deleted["VersionId"]) == (True, "null")
    assert listed(s3, versioned) == {("k", "null", True, True), ("k", kept, False, False)}
    set_versioning(s3, versioned, "Enabled")
    later = put(s3, versioned, body=b"later")
    assert listed(s3, versioned) == {("k", later, True, False), ("k", "null", False, True), ("k", kept, False, False)}
    set_versioning(s3, versioned, "Suspended")
    put(s3, versioned, body=b"n3")
    assert listed(s3, versioned) == {("k", "null", True, False), ("k", later, False, False), ("k", kept, False, False)}
    s3.delete_object(Bucket=versioned, Key="k", VersionId="null")
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"later"


def test_tags_attributes_and_lists_of_a_version(s3, versioned):
    old = put(s3, versioned, body=b"old", Tagging="a=1")
    new = put(s3, versioned, body=b"newer")
    call = dict(Bucket=versioned, Key="k")
    assert s3.get_object_tagging(**call, VersionId=old)["TagSet"] == [{"Key": "a", "Value": "1"}]
    assert s3.get_object_tagging(**call)["VersionId"] == new
    tagged = s3.put_object_tagging(**call, VersionId=old, Tagging={"TagSet": [{"Key": "b", "Value": "2"}]})
    assert tagged["VersionId"] == old
    assert s3.get_object_tagging(**call, VersionId=old)["TagSet"] == [{"Key": "b", "Value": "2"}]
    assert s3.get_object_tagging(**call)["TagSet"] == []
    assert s3.delete_object_tagging(**call, VersionId=old)["VersionId"] == old
    assert s3.get_object_tagging(**call, VersionId=old)["TagSet"] == []
    told = s3.get_object_attributes(**call, VersionId=old, ObjectAttributes=["ObjectSize"])
    assert (told["ObjectSize"], told["VersionId"]) == (3, old)
    assert s3.get_object_attributes(**call, ObjectAttributes=["ObjectSize"])["ObjectSize"] == 5
    assert s3.get_object_acl(**call, VersionId=old)["Grants"]


def test_a_version_is_copied(s3, versioned):
    old = put(s3, versioned, body=b"old")
    put(s3, versioned, body=b"new")
    source = {"Bucket": versioned, "Key": "k", "VersionId": old}
    copied = s3.copy_object(Bucket=versioned, Key="k", CopySource=source)
    assert copied["CopySourceVersionId"] == old and copied["VersionId"] not in (None, old)
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"old"
    assert len(listed(s3, versioned)) == 3
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    bad = dict(Bucket=versioned, Key="c", CopySource={**source, "VersionId": marker})
    assert code_of(s3.copy_object, **bad) == ("InvalidRequest", 400)
    assert code_of(s3.copy_object, Bucket=versioned, Key="c", CopySource=f"{versioned}/k") == ("NoSuchKey", 404)


def test_uploads_in_parts_make_versions(s3, versioned):
    old = put(s3, versioned, body=b"o" * 10)
    put(s3, versioned, body=b"n" * 10)
    upload = s3.create_multipart_upload(Bucket=versioned, Key="m")["UploadId"]
    part = s3.upload_part_copy(
        Bucket=versioned, Key="m", UploadId=upload, PartNumber=1, CopySource=f"{versioned}/k?versionId={old}"
    )
    assert part["CopySourceVersionId"] == old
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}
    done = s3.complete_multipart_upload(Bucket=versioned, Key="m", UploadId=upload, MultipartUpload=parts)
    newer = put(s3, versioned, key="m", body=b"newer")
    assert s3.get_object(Bucket=versioned, Key="m", VersionId=done["VersionId"])["Body"].read() == b"o" * 10
    s3.delete_object(Bucket=versioned, Key="m", VersionId=newer)
    assert s3.get_object(Bucket=versioned, Key="m")["Body"].read() == b"o" * 10


def test_conditions_look_at_the_current_version(s3, versioned):
    call = dict(Bucket=versioned, Key="k")
    put(s3, versioned, body=b"1")
    assert code_of(s3.put_object, **call, Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    etag = s3.head_object(**call)["ETag"]
    assert code_of(s3.delete_object, **call, IfMatch='"other"') == ("PreconditionFailed", 412)
    s3.delete_object(**call, IfMatch=etag)
    assert code_of(s3.put_object, **call, Body=b"2", IfMatch=etag) == ("NoSuchKey", 404)
    assert s3.put_object(**call, Body=b"2", IfNoneMatch="*")["VersionId"]
    assert len(listed(s3, versioned)) == 3


def test_a_batch_deletes_versions_and_makes_markers(s3, versioned):
    first, second = put(s3, versioned, key="a"), put(s3, versioned, key="b")
    answer = s3.delete_objects(
        Bucket=versioned, Delete={"Objects": [{"Key": "a", "VersionId": first}, {"Key": "b"}, {"Key": "never"}]}
    )
    by_key = {deleted["Key"]: deleted for deleted in answer["Deleted"]}
    assert by_key["a"] == {"Key": "a", "VersionId": first}
    for key in ("b", "never"):
        assert by_key[key]["DeleteMarker"] is True and "VersionId" not in by_key[key]
    marker = by_key["b"]["DeleteMarkerVersionId"]
    assert listed(s3, versioned) == {
        ("b", marker, True, True),
        ("b", second, False, False),
        ("never", by_key["never"]["DeleteMarkerVersionId"], True, True),
    }
    again = s3.delete_objects(
        Bucket=versioned, Delete={"Objects": [{"Key": "b", "VersionId": marker}, {"Key": "b", "VersionId": "bad"}]}
    )
    assert again["Deleted"] == [
        {"Key": "b", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    ]
    assert [error["Code"] for error in again["Errors"]] == ["InvalidArgument"]
    assert s3.head_object(Bucket=versioned, Key="b")["VersionId"] == second


def test_versions_are_listed_page_by_page(s3, versioned):
    keys = ["a/1", "a/2", "b", "c d", "e/1"]
    for _ in range(3):
        for key in keys:
            put(s3, versioned, key=key)
    s3.delete_object(Bucket=versioned, Key="b")
    whole = s3.list_object_versions(Bucket=versioned)
    order = [(v["Key"], v["VersionId"]) for v in whole["Versions"]]
    assert [key for key, _ in order] == [key for key in keys for _ in range(3)]
    markers = [(m["Key"], m["VersionId"]) for m in whole["DeleteMarkers"]]
    for size in (1, 2, 3, 7, 16):
        seen, pages, marker = [], 0, {}
        while True:
            page = s3.list_object_versions(Bucket=versioned, MaxKeys=size, **marker)
            rows = page.get("Versions", []) + page.get("DeleteMarkers", [])
            assert len(rows) <= size
            seen += [(row["Key"], row["VersionId"], row["IsLatest"]) for row in rows]
            pages += 1
            if not page["IsTruncated"]:
                break
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
        assert sorted(row[:2] for row in seen) == sorted(order + markers), size
        assert sum(latest for *_, latest in seen) == len(keys)
        assert pages == -(-16 // size)
    rolled = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/", "e/"]
    assert {v["Key"] for v in rolled["Versions"]} == {"b", "c d"}
    first = s3.list_object_versions(Bucket=versioned, Delimiter="/", MaxKeys=1)
    assert first["IsTruncated"] and first["NextKeyMarker"] == "a/" and "NextVersionIdMarker" not in first
    second = s3.list_object_versions(Bucket=versioned, Delimiter="/", MaxKeys=1, KeyMarker="a/")
    assert [m["Key"] for m in second["DeleteMarkers"]] == ["b"] and "CommonPrefixes" not in second
    within = s3.list_object_versions(Bucket=versioned, Prefix="a/", MaxKeys=4)
    assert [v["Key"] for v in within["Versions"]] == ["a/1"] * 3 + ["a/2"] and within["IsTruncated"]
    after = s3.list_object_versions(Bucket=versioned, KeyMarker="c d")
    assert {v["Key"] for v in after["Versions"]} == {"e/1"}
    wrong = code_of(s3.list_object_versions, Bucket=versioned, VersionIdMarker=order[0][1])
    assert wrong == ("InvalidArgument", 400)


def test_versions_have_actions_and_a_condition_key_of_their_own(welkin, s3, account, versioned):
    old, new = put(s3, versioned, body=b"old"), put(s3, versioned, body=b"new")
    call = dict(Bucket=versioned, Key="k")
    plain = welkin.client("s3", **welkin.user(account, policy(allow(["s3:GetObject", "s3:DeleteObject"], objects(versioned)))))
    assert plain.get_object(**call)["Body"].read() == b"new"
    error = error_of(plain.get_object, **call, VersionId=old)
    assert error["Code"] == "AccessDenied" and "s3:GetObjectVersion" in error["Message"]
    error = error_of(plain.delete_object, **call, VersionId=old)
    assert error["Code"] == "AccessDenied" and "s3:DeleteObjectVersion" in error["Message"]
    assert code_of(plain.list_object_versions, Bucket=versioned) == ("AccessDenied", 403)
    only = allow(
        ["s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging", "s3:DeleteObjectVersion"],
        objects(versioned),
        Condition={"StringEquals": {"s3:VersionId": old}},
    )
    narrow = welkin.client("s3", **welkin.user(account, policy(only)))
    assert narrow.get_object(**call, VersionId=old)["Body"].read() == b"old"
    assert code_of(narrow.get_object, **call, VersionId=new) == ("AccessDenied", 403)
    assert code_of(narrow.get_object, **call) == ("AccessDenied", 403)
    narrow.put_object_tagging(**call, VersionId=old, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert narrow.get_object_tagging(**call, VersionId=old)["TagSet"]
    assert code_of(narrow.delete_object, **call, VersionId=new) == ("AccessDenied", 403)
    narrow.delete_object(**call, VersionId=old)
    s3.put_bucket_policy(
        Bucket=versioned,
        Policy=json.dumps(
            policy({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion", "Resource": objects(versioned)})
        ),
    )
    assert code_of(s3.delete_object, **call, VersionId=new) == ("AccessDenied", 403)
    batch = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k", "VersionId": new}]})
    assert [e["Code"] for e in batch["Errors"]] == ["AccessDenied"]
    setting = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketVersioning", f"arn:aws:s3:::{versioned}"))))
    set_versioning(setting, versioned, "Suspended")
    assert code_of(setting.get_bucket_versioning, Bucket=versioned) == ("AccessDenied", 403)


def test_a_bucket_with_versions_is_not_deleted(s3, versioned):
    version = put(s3, versioned)
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    error = error_of(s3.delete_bucket, Bucket=versioned)
    assert (error["Code"], error["Status"]) == ("BucketNotEmpty", 409) and "all versions" in error["Message"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    assert code_of(s3.delete_bucket, Bucket=versioned) == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    s3.delete_bucket(Bucket=versioned)
    s3.create_bucket(Bucket=versioned)
    assert "Status" not in s3.get_bucket_versioning(Bucket=versioned)


def test_the_bytes_of_noncurrent_versions_stay(welkin, s3, versioned):
    old = put(s3, versioned, body=b"old")
    gone = put(s3, versioned, body=b"gone")
    put(s3, versioned, body=b"new")
    s3.delete_object(Bucket=versioned, Key="k", VersionId=gone)
    welkin.advance("1h")
    welkin.admin("POST", "sweep")
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=old)["Body"].read() == b"old"
    modified = s3.head_object(Bucket=versioned, Key="k", VersionId=old)["LastModified"]
    assert modified < s3.head_object(Bucket=versioned, Key="k")["LastModified"] + datetime.timedelta(seconds=1)


def test_versions_survive_a_restart(start, tmp_path):
    name = fresh()
    with start("--data", str(tmp_path / "data")) as own:
        s3 = own.client("s3")
        s3.create_bucket(Bucket=name)
        set_versioning(s3, name, "Enabled")
        old = put(s3, name, body=b"old")
        put(s3, name, body=b"new")
        before = listed(s3, name)
    with start("--data", str(tmp_path / "data")) as own:
        s3 = own.client("s3")
        assert listed(s3, name) == before and len(before) == 2
        assert s3.get_object(Bucket=name, Key="k", VersionId=old)["Body"].read() == b"old"
