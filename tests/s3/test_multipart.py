"""Uploads in parts."""

import hashlib
import io
import os

import pytest
from boto3.s3.transfer import TransferConfig

from conftest import code_of, error_of

MIB = 1024 * 1024


@pytest.fixture
def upload(s3, bucket):
    """An upload in progress: the members that name it."""
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", Metadata={"a": "1"}, ContentType="text/plain")
    return {"Bucket": bucket, "Key": "big", "UploadId": made["UploadId"]}


def complete(s3, upload, parts, **more):
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed}, **more)


def put(s3, upload, number, body):
    return number, s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]


def test_parts_become_an_object(s3, bucket, upload):
    bodies = [os.urandom(5 * MIB), os.urandom(5 * MIB + 12_345), b"the end"]
    parts = [put(s3, upload, number, body) for number, body in enumerate(bodies, 1)]
    assert parts[0][1] == f'"{hashlib.md5(bodies[0]).hexdigest()}"'
    done = complete(s3, upload, parts)
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"' and done["ChecksumType"] == "FULL_OBJECT"
    whole = b"".join(bodies)
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == whole and got["Metadata"] == {"a": "1"} and got["ContentType"] == "text/plain"
    start = 5 * MIB - 10
    across = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={start}-{start + 20}")
    assert across["Body"].read() == whole[start : start + 21]
    second = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
    assert second["Body"].read() == bodies[1] and second["PartsCount"] == 3
    assert second["ContentRange"] == f"bytes {5 * MIB}-{10 * MIB + 12_344}/{len(whole)}"
    assert s3.head_object(Bucket=bucket, Key="big", PartNumber=3)["ContentLength"] == 7
    assert code_of(s3.get_object, Bucket=bucket, Key="big", PartNumber=4)[1] == 416
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert complete(s3, upload, parts)["ETag"] == done["ETag"]  # sent again: the same answer


def test_a_part_is_replaced_and_one_left_out(s3, bucket, upload):
    put(s3, upload, 1, b"old")
    first = put(s3, upload, 1, b"x" * 5 * MIB)
    put(s3, upload, 2, b"left out")
    third = put(s3, upload, 3, b"end")
    complete(s3, upload, [first, third])
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"x" * 5 * MIB + b"end"


def test_rules_of_completion(s3, bucket, upload):
    first, second = put(s3, upload, 1, b"small"), put(s3, upload, 2, b"end")
    error = error_of(complete, s3, upload, [first, second])
    assert (error["Code"], error["Status"], error["PartNumber"]) == ("EntityTooSmall", 400, "1")
    assert code_of(complete, s3, upload, [second, first]) == ("InvalidPartOrder", 400)
    assert code_of(complete, s3, upload, [first, first]) == ("InvalidPartOrder", 400)
    assert code_of(complete, s3, upload, [(1, second[1])]) == ("InvalidPart", 400)
    assert code_of(complete, s3, upload, [(7, first[1])]) == ("InvalidPart", 400)
    assert code_of(complete, s3, upload, []) == ("MalformedXML", 400)
    assert code_of(complete, s3, upload, [first], MpuObjectSize=6) == ("InvalidRequest", 400)
    s3.put_object(Bucket=bucket, Key="big", Body=b"there")
    assert code_of(complete, s3, upload, [first], IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert code_of(complete, s3, upload, [first], IfMatch='"x"') == ("PreconditionFailed", 412)
    complete(s3, upload, [first], MpuObjectSize=5)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"small"


def test_part_numbers_have_bounds(s3, upload):
    for number in (0, 10_001):
        assert code_of(s3.upload_part, **upload, PartNumber=number, Body=b"x") == ("InvalidArgument", 400)
    put(s3, upload, 10_000, b"x")


def test_an_aborted_upload_is_gone(s3, bucket, upload):
    put(s3, upload, 1, b"x")
    assert s3.abort_multipart_upload(**upload)["ResponseMetadata"]["HTTPStatusCode"] == 204
    gone = ("NoSuchUpload", 404)
    assert code_of(s3.upload_part, **upload, PartNumber=1, Body=b"x") == gone
    assert code_of(s3.list_parts, **upload) == gone
    assert code_of(s3.abort_multipart_upload, **upload) == gone
    assert code_of(s3.head_object, Bucket=bucket, Key="big") == ("404", 404)


def test_parts_are_listed_in_pages(s3, upload):
    etags = [put(s3, upload, number, b"x" * number)[1] for number in (1, 2, 5)]
    first = s3.list_parts(**upload, MaxParts=2)
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in first["Parts"]] == [(1, 1, etags[0]), (2, 2, etags[1])]
    assert first["IsTruncated"] and first["NextPartNumberMarker"] == 2
    rest = s3.list_parts(**upload, PartNumberMarker=2)
    assert [p["PartNumber"] for p in rest["Parts"]] == [5] and not rest["IsTruncated"]
    assert rest["StorageClass"] == "STANDARD" and rest["Initiator"]["ID"] == rest["Owner"]["ID"], "a root user is its account"


def test_uploads_are_listed_in_pages(s3, bucket):
    keys = ["a/1", "a/2", "b", "b", "c"]
    made = sorted(
        (key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in keys
    )
    listed = s3.list_multipart_uploads(Bucket=bucket)
    assert [(u["Key"], u["UploadId"]) for u in listed["Uploads"]] == made
    seen, markers = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2, **markers)
        seen += [(u["Key"], u["UploadId"]) for u in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert seen == made
    rolled = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/"]
    assert [u["Key"] for u in rolled["Uploads"]] == ["b", "b", "c"]
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket, Prefix="a/")["Uploads"]] == ["a/1", "a/2"]


def test_a_part_is_copied_from_an_object(s3, bucket, upload):
    body = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=body)
    source = f"{bucket}/source"
    first = s3.upload_part_copy(**upload, PartNumber=1, CopySource=source)["CopyPartResult"]["ETag"]
    ranged = s3.upload_part_copy(**upload, PartNumber=2, CopySource=source, CopySourceRange="bytes=100-199")
    wrong = dict(**upload, PartNumber=3, CopySource=source)
    assert code_of(s3.upload_part_copy, **wrong, CopySourceRange=f"bytes=0-{6 * MIB}") == ("InvalidArgument", 400)
    assert code_of(s3.upload_part_copy, **wrong, CopySourceRange="bytes=5-") == ("InvalidArgument", 400)
    complete(s3, upload, [(1, first), (2, ranged["CopyPartResult"]["ETag"])])
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == body + body[100:200]


def test_boto3_transfers_with_threads(s3, bucket, tmp_path):
    body = os.urandom(21 * MIB + 321)
    path = tmp_path / "up"
    path.write_bytes(body)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=6)
    s3.upload_file(str(path), bucket, "file", Config=config, ExtraArgs={"Metadata": {"by": "boto3"}})
    head = s3.head_object(Bucket=bucket, Key="file")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-5"') and head["Metadata"] == {"by": "boto3"}
    s3.download_file(bucket, "file", str(tmp_path / "down"), Config=config)
    assert (tmp_path / "down").read_bytes() == body
    s3.upload_fileobj(io.BytesIO(body), bucket, "stream", Config=config)
    got = io.BytesIO()
    s3.download_fileobj(bucket, "stream", got, Config=config)
    assert got.getvalue() == body
    s3.copy({"Bucket": bucket, "Key": "file"}, bucket, "copy", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


def test_an_upload_with_composite_checksums_is_completed_with_them(s3, bucket):
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", ChecksumAlgorithm="SHA256")
    upload = dict(Bucket=bucket, Key="big", UploadId=made["UploadId"])
    part = s3.upload_part(**upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    listed = {"PartNumber": 1, "ETag": part["ETag"]}
    error = error_of(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [listed]})
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400)
    assert "created using a sha256 checksum" in error["Message"] and "part 1" in error["Message"]
    wrong = {**listed, "ChecksumSHA256": "A" * 43 + "="}
    assert code_of(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [wrong]}) == ("InvalidPart", 400)
    right = {**listed, "ChecksumSHA256": part["ChecksumSHA256"]}
    other = dict(MultipartUpload={"Parts": [right]}, ChecksumType="FULL_OBJECT")
    assert code_of(s3.complete_multipart_upload, **upload, **other) == ("InvalidRequest", 400)
    assert s3.list_parts(**upload)["Parts"][0]["ChecksumSHA256"] == part["ChecksumSHA256"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [right]})


def test_parts_tell_when_their_upload_is_ended(welkin, s3, bucket, upload):
    assert "AbortDate" not in s3.list_parts(**upload)
    rule = {"ID": "end", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    told = s3.list_parts(**upload)
    assert told["AbortRuleId"] == "end" and (told["AbortDate"].hour, told["AbortDate"].minute) == (0, 0)
    welkin.advance("1h")
    assert s3.list_parts(**upload)["AbortDate"] == told["AbortDate"], "it counts from the beginning"


def test_arguments_of_listings_are_checked(s3, bucket, upload):
    wrong = ("InvalidArgument", 400)
    for arguments in ({"MaxParts": -1}, {"PartNumberMarker": -1}, {"MaxParts": 1 << 31}):
        assert code_of(s3.list_parts, **upload, **arguments) == wrong
    assert code_of(s3.list_multipart_uploads, Bucket=bucket, MaxUploads=-1) == wrong
    assert code_of(s3.list_multipart_uploads, Bucket=bucket, EncodingType="base64") == wrong
    assert s3.list_parts(**upload, MaxParts=0)["IsTruncated"] is False
    assert s3.list_parts(**upload, MaxParts=5000)["MaxParts"] == 1000
    assert code_of(s3.list_parts, **{**upload, "UploadId": "none"}) == ("NoSuchUpload", 404)
    assert code_of(s3.list_parts, **{**upload, "Key": "other"}) == ("NoSuchUpload", 404)


def test_an_object_has_what_its_upload_was_begun_with(s3, bucket):
    begun = dict(Tagging="a=1&b=2", Metadata={"m": "1"}, ContentType="text/x", CacheControl="no-cache", StorageClass="STANDARD_IA")
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", **begun)
    upload = dict(Bucket=bucket, Key="big", UploadId=made["UploadId"])
    assert s3.list_parts(**upload)["StorageClass"] == "STANDARD_IA"
    part = s3.upload_part(**upload, PartNumber=3, Body=b"x")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 3, "ETag": part["ETag"]}]})
    head = s3.head_object(Bucket=bucket, Key="big", PartNumber=3)
    assert (head["ContentType"], head["CacheControl"], head["StorageClass"]) == ("text/x", "no-cache", "STANDARD_IA")
    assert (head["Metadata"], head["PartsCount"], head["ContentLength"], head["TagCount"]) == ({"m": "1"}, 1, 1, 2)
    assert {tag["Key"] for tag in s3.get_object_tagging(Bucket=bucket, Key="big")["TagSet"]} == {"a", "b"}
    assert code_of(s3.get_object, Bucket=bucket, Key="big", PartNumber=2)[0] == "InvalidPartNumber"
    assert code_of(s3.get_object, Bucket=bucket, Key="big", PartNumber=3, Range="bytes=0-0") == ("InvalidRequest", 400)
    eleven = "&".join(f"k{n}=v" for n in range(11))
    assert code_of(s3.create_multipart_upload, Bucket=bucket, Key="t", Tagging=eleven) == ("BadRequest", 400)
