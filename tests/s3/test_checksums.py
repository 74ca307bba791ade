"""Checksums in headers and trailers, of whole objects and of parts."""

import base64
import datetime
import hashlib
import http.client
import urllib.parse
import zlib

import pytest
from awscrt import checksums

from conftest import code_of, error_of

BODY = b"123456789"


def xxhash(kind, body):
    """A checksum of the XXHash family, by AWS's own library."""
    made = getattr(checksums.XXHash, f"new_xxhash{kind}")()
    made.update(body)
    return made.finalize()


# The check values of the catalogues.
VALUES = {
    "CRC32": bytes.fromhex("cbf43926"),
    "CRC32C": bytes.fromhex("e3069283"),
    "CRC64NVME": bytes.fromhex("ae8b14860a799888"),
    "SHA1": hashlib.sha1(BODY).digest(),
    "SHA256": hashlib.sha256(BODY).digest(),
    "SHA512": hashlib.sha512(BODY).digest(),
    "MD5": hashlib.md5(BODY).digest(),
    "XXHASH64": xxhash("64", BODY),
    "XXHASH3": xxhash("3_64", BODY),
    "XXHASH128": xxhash("3_128", BODY),
}


def encoded(value):
    return base64.b64encode(value).decode()


@pytest.mark.parametrize("name", VALUES)
def test_a_checksum_in_a_header_is_verified_and_kept(s3, bucket, name):
    member, right = f"Checksum{name}", encoded(VALUES[name])
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **{member: right})
    assert put[member] == right and put["ChecksumType"] == "FULL_OBJECT"
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[member] == right
    assert member not in s3.head_object(Bucket=bucket, Key="k")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ETag"])
    assert attributes["Checksum"][member] == right and attributes["ETag"] == hashlib.md5(BODY).hexdigest()
    wrong = encoded(bytes(len(VALUES[name])))
    error = error_of(s3.put_object, Bucket=bucket, Key="wrong", Body=BODY, **{member: wrong})
    assert (error["Code"], error["Status"]) == ("BadDigest", 400) and name in error["Message"]
    assert code_of(s3.head_object, Bucket=bucket, Key="wrong") == ("404", 404)


@pytest.mark.parametrize("name", ["CRC32", "CRC64NVME", "SHA1", "SHA256", "SHA512", "XXHASH3"])
def test_a_checksum_in_a_trailer_is_verified_and_kept(s3, bucket, name):
    # boto3 sends the checksum that it computes itself in a trailer, over HTTPS; ask for it in plain HTTP too.
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm=name)
    assert put[f"Checksum{name}"] == encoded(VALUES[name])
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == BODY and got[f"Checksum{name}"] == encoded(VALUES[name])


def test_without_one_s3_computes_a_checksum_by_itself(welkin, account, bucket):
    plain = welkin.client("s3", account, request_checksum_calculation="when_required")
    put = plain.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert put["ChecksumCRC64NVME"] == encoded(VALUES["CRC64NVME"])


def test_content_md5_is_verified(s3, bucket):
    right, wrong = encoded(VALUES["MD5"]), encoded(bytes(16))
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ContentMD5=right)
    error = error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"other", ContentMD5=right)
    assert (error["Code"], error["Status"]) == ("BadDigest", 400)
    assert error["CalculatedDigest"] != error["ExpectedDigest"] == right
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=BODY, ContentMD5=wrong) == ("BadDigest", 400)
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=BODY, ContentMD5="abc") == ("InvalidDigest", 400)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == BODY


def test_what_cannot_be_verified_is_refused(s3, bucket):
    call = dict(Bucket=bucket, Key="k", Body=BODY)
    assert code_of(s3.put_object, **call, ChecksumCRC32="AAAA") == ("InvalidRequest", 400)
    two = dict(ChecksumCRC32=encoded(VALUES["CRC32"]), ChecksumSHA1=encoded(VALUES["SHA1"]))
    assert code_of(s3.put_object, **call, **two) == ("InvalidRequest", 400)


PART = bytes(range(256)) * (5 * 4096)


def parts_of(s3, bucket, bodies, algorithm, kind):
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind)
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(
            Bucket=bucket, Key="k", UploadId=made["UploadId"], PartNumber=number, Body=body, ChecksumAlgorithm=algorithm
        )
        member = f"Checksum{algorithm}"
        parts.append({"PartNumber": number, "ETag": part["ETag"], member: part[member]})
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=made["UploadId"], MultipartUpload={"Parts": parts}
    )
    return parts, done


def test_a_composite_checksum_is_made_of_those_of_the_parts(s3, bucket):
    bodies = [PART, PART[::-1], b"end"]
    parts, done = parts_of(s3, bucket, bodies, "SHA256", "COMPOSITE")
    digests = b"".join(hashlib.sha256(body).digest() for body in bodies)
    assert done["ChecksumSHA256"] == encoded(hashlib.sha256(digests).digest()) + "-3"
    assert done["ChecksumType"] == "COMPOSITE"
    attributes = s3.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts", "Checksum"], MaxParts=2
    )
    assert attributes["ObjectParts"]["TotalPartsCount"] == 3 and attributes["ObjectParts"]["IsTruncated"]
    assert [p["ChecksumSHA256"] for p in attributes["ObjectParts"]["Parts"]] == [
        p["ChecksumSHA256"] for p in parts[:2]
    ]
    one = s3.get_object(Bucket=bucket, Key="k", PartNumber=3, ChecksumMode="ENABLED")
    assert one["Body"].read() == b"end" and one["ChecksumSHA256"] == parts[2]["ChecksumSHA256"]


def test_the_newer_algorithms_are_composite_too(s3, bucket):
    bodies = [PART, b"end"]
    parts, done = parts_of(s3, bucket, bodies, "XXHASH128", "COMPOSITE")
    assert [part["ChecksumXXHASH128"] for part in parts] == [encoded(xxhash("3_128", body)) for body in bodies]
    assert done["ChecksumXXHASH128"] == encoded(xxhash("3_128", b"".join(xxhash("3_128", body) for body in bodies))) + "-2"
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (["XXHASH128"], "COMPOSITE")
    full = dict(ChecksumAlgorithm="XXHASH64", ChecksumType="FULL_OBJECT")
    assert code_of(s3.create_multipart_upload, Bucket=bucket, Key="k", **full) == ("InvalidRequest", 400)


def test_a_copy_has_the_checksum_that_is_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm="SHA256")
    copied = s3.copy_object(Bucket=bucket, Key="same", CopySource=f"{bucket}/k")["CopyObjectResult"]
    assert copied["ChecksumSHA256"] == encoded(VALUES["SHA256"]) and copied["ChecksumType"] == "FULL_OBJECT"
    other = s3.copy_object(Bucket=bucket, Key="other", CopySource=f"{bucket}/k", ChecksumAlgorithm="XXHASH64")
    assert other["CopyObjectResult"]["ChecksumXXHASH64"] == encoded(VALUES["XXHASH64"])
    assert "ChecksumSHA256" not in other["CopyObjectResult"]
    # An object of several parts becomes one of a single part, with a checksum of its whole.
    parts_of(s3, bucket, [PART, b"end"], "SHA256", "COMPOSITE")
    whole = s3.copy_object(Bucket=bucket, Key="whole", CopySource=f"{bucket}/k")["CopyObjectResult"]
    assert whole["ChecksumSHA256"] == encoded(hashlib.sha256(PART + b"end").digest())
    assert s3.head_object(Bucket=bucket, Key="whole", ChecksumMode="ENABLED")["ChecksumType"] == "FULL_OBJECT"
    unknown = dict(Bucket=bucket, Key="x", CopySource=f"{bucket}/k", ChecksumAlgorithm="MD4")
    assert code_of(s3.copy_object, **unknown) == ("InvalidRequest", 400)


def test_a_full_object_checksum_of_parts_is_that_of_the_whole(s3, bucket):
    bodies = [PART, PART[::-1], b"end"]
    _, done = parts_of(s3, bucket, bodies, "CRC32", "FULL_OBJECT")
    assert done["ChecksumCRC32"] == encoded(zlib.crc32(b"".join(bodies)).to_bytes(4, "big"))
    assert done["ChecksumType"] == "FULL_OBJECT"
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"".join(bodies)


def test_kinds_of_checksums_that_do_not_go_together_are_refused(s3, bucket):
    call = dict(Bucket=bucket, Key="k")
    refused = ("InvalidRequest", 400)
    full = dict(ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    assert code_of(s3.create_multipart_upload, **call, **full) == refused
    composite = dict(ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")
    assert code_of(s3.create_multipart_upload, **call, **composite) == refused
    upload = s3.create_multipart_upload(**call, ChecksumAlgorithm="SHA256")["UploadId"]
    part = dict(**call, UploadId=upload, PartNumber=1, Body=b"x")
    assert code_of(s3.upload_part, **part, ChecksumAlgorithm="SHA1") == refused


@pytest.mark.parametrize("value, status", [("y/Q5Jg==", 200), ("y/Q5Jw==", 400)])
def test_a_trailer_is_read_from_a_client_that_does_not_wait(welkin, s3, account, bucket, value, status):
    # As SDKs do that send their body at once, without Expect: 100-continue.
    scope = f"{account}/{datetime.date.today():%Y%m%d}/us-east-1/s3/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "Content-Encoding": "aws-chunked",
    }
    body = b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:" + value.encode() + b"\r\n\r\n"
    host = urllib.parse.urlsplit(welkin.endpoint).netloc
    connection = http.client.HTTPConnection(host)
    connection.request("PUT", f"/{bucket}/k", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == status, text
    if status == 200:
        got = s3.get_object(Bucket=bucket, Key="k")
        assert got["Body"].read() == BODY and "ContentEncoding" not in got
    else:
        assert b"<Code>BadDigest</Code>" in text


def test_a_body_of_xml_is_verified_too(s3, bucket):
    s3.meta.events.register("before-sign.s3.DeleteObjects", lambda request, **_: spoil(request))
    assert code_of(s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": "k"}]}) == ("BadDigest", 400)


def spoil(request):
    request.headers.replace_header("x-amz-checksum-crc32", "AAAAAA==")
