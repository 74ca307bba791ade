"""Stored bytes that nothing refers to are removed, and nothing else."""

import http.client
import json
import os
import subprocess
import urllib.parse

import conftest as shared

from .conftest import CLEAN

ACCOUNT = "111111111111"


def command(welkin, *arguments):
    line = [shared.binary(), *arguments, "--endpoint", welkin.endpoint]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, env=CLEAN, check=True).stdout


def lose_a_race(welkin, s3, key):
    """An upload that must be the first, whose body ends after another one was. Returns its answer's status."""
    url = s3.generate_presigned_url("put_object", {"Bucket": "swept", "Key": key, "IfNoneMatch": "*"})
    address = urllib.parse.urlsplit(url)
    body = os.urandom(300_000)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.putrequest("PUT", f"{address.path}?{address.query}")
    connection.putheader("If-None-Match", "*")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:100_000])
    s3.put_object(Bucket="swept", Key=key, Body=b"the first")
    connection.send(body[100_000:])
    status = connection.getresponse().status
    connection.close()
    return status


def test_bytes_of_an_upload_that_failed_at_its_end_are_removed(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3", signature_version="s3v4")
    s3.create_bucket(Bucket="swept")
    kept = {f"kept/{size}": os.urandom(size) for size in (1, 1000, 200_000, 6_000_000)}
    for key, body in kept.items():
        s3.put_object(Bucket="swept", Key=key, Body=body)
    upload = s3.create_multipart_upload(Bucket="swept", Key="parts")["UploadId"]
    part = s3.upload_part(Bucket="swept", Key="parts", UploadId=upload, PartNumber=1, Body=b"a part")

    assert json.loads(command(welkin, "sweep", "--json")) == {"blobs": 0, "bytes": 0}, "all of it is referred to"
    assert lose_a_race(welkin, s3, "first") == 412
    swept = json.loads(command(welkin, "sweep", "--json"))
    assert swept["blobs"] == 1 and 300_000 <= swept["bytes"] < 310_000
    assert command(welkin, "sweep") == "0 blobs, 0 bytes are removed\n"

    for key, body in kept.items():
        assert s3.get_object(Bucket="swept", Key=key)["Body"].read() == body
    assert s3.get_object(Bucket="swept", Key="first")["Body"].read() == b"the first"
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="swept", Key="parts", UploadId=upload, MultipartUpload=parts)
    welkin.admin("POST", "sweep")
    assert s3.get_object(Bucket="swept", Key="parts")["Body"].read() == b"a part"


def test_scrub_tells_damage(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="scrubbed")
    s3.put_object(Bucket="scrubbed", Key="k", Body=os.urandom(100_000))
    assert "1 blobs" in command(welkin, "scrub")
    assert welkin.stop() == 0
    segments = [f for f in (tmp_path / "blobs").rglob("*") if f.is_file() and f.stat().st_size > 100_000]
    assert segments
    with open(segments[0], "r+b") as file:
        file.seek(50_000)
        byte = file.read(1)
        file.seek(50_000)
        file.write(bytes([byte[0] ^ 1]))
    welkin = up("--data", tmp_path)
    line = [shared.binary(), "scrub", "--endpoint", welkin.endpoint]
    told = subprocess.run(line, capture_output=True, text=True, timeout=60, env=CLEAN)
    assert told.returncode != 0 and "damaged" in told.stderr
