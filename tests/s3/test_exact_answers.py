"""Answers as they are on the wire: headers and XML."""

import datetime
import http.client
import re
import urllib.parse

import pytest
from lxml import etree

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@pytest.fixture
def raw(welkin, account, bucket):
    """Sends a request as the root user: its status, headers and body."""
    host = urllib.parse.urlsplit(welkin.endpoint).netloc
    scope = f"{account}/{datetime.date.today():%Y%m%d}/us-east-1/s3/aws4_request"

    def raw(method, path, body=b"", **headers):
        connection = http.client.HTTPConnection(host)
        connection.putrequest(method, f"/{bucket}{path}", skip_accept_encoding=True)
        given = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
            "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        for name, value in given.items():
            connection.putheader(name, value.encode() if isinstance(value, str) else value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    return raw


def names(element):
    """The names of the elements below, in order."""
    return [child.tag.removeprefix(NAMESPACE) for child in element]


def test_an_object_has_the_documented_headers(s3, bucket, raw):
    status, put, body = raw("PUT", "/k", b"hello", Content_Type="text/plain", Cache_Control="no-cache", x_amz_meta_Colour="blue", x_amz_tagging="a=1&b=2", x_amz_storage_class="STANDARD_IA")
    assert (status, body) == (200, b"")
    assert put["etag"] == '"5d41402abc4b2a76b9719d911017c592"' and put["x-amz-server-side-encryption"] == "AES256"
    assert put["x-amz-checksum-type"] == "FULL_OBJECT" and put["content-length"] == "0"
    assert re.fullmatch(r"[0-9A-Z]{16}", put["x-amz-request-id"]) and len(put["x-amz-id-2"]) >= 40
    status, got, body = raw("GET", "/k")
    assert (status, body) == (200, b"hello")
    expected = {
        "accept-ranges": "bytes", "content-length": "5", "content-type": "text/plain", "cache-control": "no-cache", "etag": put["etag"],
        "x-amz-meta-colour": "blue", "x-amz-tagging-count": "2", "x-amz-storage-class": "STANDARD_IA", "x-amz-server-side-encryption": "AES256",
    }
    assert {name: got[name] for name in expected} == expected
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got["last-modified"])
    absent = "x-amz-version-id", "x-amz-expiration", "x-amz-restore", "x-amz-mp-parts-count", "content-range", "x-amz-checksum-crc64nvme", "x-amz-delete-marker"
    assert not [name for name in absent if name in got]
    status, head, body = raw("HEAD", "/k")
    assert (status, body) == (200, b"") and {name: head[name] for name in expected} == expected
    status, part, body = raw("GET", "/k", Range="bytes=1-3")
    assert (status, body, part["content-range"], part["content-length"]) == (206, b"ell", "bytes 1-3/5", "3")
    # Several ranges are answered as none.
    status, whole, body = raw("GET", "/k", Range="bytes=0-0,2-2")
    assert (status, body) == (200, b"hello") and "content-range" not in whole


def test_what_is_unchanged_comes_without_a_body(raw):
    _, put, _ = raw("PUT", "/k", b"hello", Content_Type="text/plain")
    status, headers, body = raw("GET", "/k", If_None_Match=put["etag"])
    assert (status, body, headers["etag"]) == (304, b"", put["etag"]) and "content-length" not in headers
    status, headers, body = raw("GET", "/k", If_Match='"other"')
    assert status == 412 and headers["content-type"] == "application/xml"
    error = etree.fromstring(body)
    assert error.tag == "Error" and {"Resource", "Condition"} <= set(names(error))
    assert error.findtext("Code") == "PreconditionFailed" and error.findtext("Condition") == "If-Match"
    assert error.findtext("RequestId") == headers["x-amz-request-id"] and error.findtext("HostId") == headers["x-amz-id-2"]


def test_metadata_beyond_ascii_is_mail_safe(s3, bucket, raw):
    # The example of the documentation: headers are taken for Latin-1.
    raw("PUT", "/k", b"x", x_amz_meta_nonascii="ÄMÄZÕÑ S3", x_amz_meta_ascii="AMAZONS3")
    _, headers, _ = raw("HEAD", "/k")
    assert headers["x-amz-meta-nonascii"] == "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?="
    assert headers["x-amz-meta-ascii"] == "AMAZONS3"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert raw("HEAD", "/copy")[1]["x-amz-meta-nonascii"] == headers["x-amz-meta-nonascii"]


def test_deletions_have_no_body(s3, bucket, raw):
    raw("PUT", "/k", b"x")
    status, headers, body = raw("DELETE", "/k")
    assert (status, body) == (204, b"") and "x-amz-delete-marker" not in headers
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    status, headers, body = raw("DELETE", "/k")
    assert (status, headers["x-amz-delete-marker"]) == (204, "true") and len(headers["x-amz-version-id"]) == 32
    status, headers, _ = raw("GET", "/k")
    assert (status, headers["x-amz-delete-marker"]) == (404, "true")


def test_listings_are_the_documented_xml(raw):
    for key in ("/a%20b", "/dir/x"):
        raw("PUT", key, b"x")
    status, headers, body = raw("GET", "?list-type=2&delimiter=%2F&fetch-owner=true&encoding-type=url")
    assert status == 200 and headers["content-type"] == "application/xml"
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    listing = etree.fromstring(body)
    assert listing.tag == f"{NAMESPACE}ListBucketResult"
    assert set(names(listing)) == {"Name", "Prefix", "KeyCount", "MaxKeys", "Delimiter", "EncodingType", "IsTruncated", "Contents", "CommonPrefixes"}
    [contents] = listing.findall(f"{NAMESPACE}Contents")
    assert set(names(contents)) == {"Key", "LastModified", "ETag", "ChecksumAlgorithm", "ChecksumType", "Size", "Owner", "StorageClass"}
    assert contents.findtext(f"{NAMESPACE}Key") == "a+b" and contents.findtext(f"{NAMESPACE}ETag").startswith('"')
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", contents.findtext(f"{NAMESPACE}LastModified"))
    assert listing.findtext(f"{NAMESPACE}CommonPrefixes/{NAMESPACE}Prefix") == "dir/"
    first = etree.fromstring(raw("GET", "?max-keys=1&marker=")[2])
    assert {"Name", "Prefix", "Marker", "MaxKeys", "IsTruncated", "Contents"} <= set(names(first))
    assert "KeyCount" not in names(first) and first.find(f"{NAMESPACE}Contents/{NAMESPACE}Owner") is not None


def test_a_missing_key_is_told_by_name(raw):
    status, headers, body = raw("GET", "/none")
    error = etree.fromstring(body)
    assert status == 404 and (error.findtext("Code"), error.findtext("Key")) == ("NoSuchKey", "none")
    assert names(error) == ["Code", "Message", "Resource", "Key", "RequestId", "HostId"]
    status, headers, body = raw("HEAD", "/none")
    assert (status, body) == (404, b"") and "x-amz-request-id" in headers
