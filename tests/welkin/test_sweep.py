"""Stored bytes that nothing refers to are removed, and nothing else."""

import http.client
import json
import os
import subprocess
import urllib.parse

import botocore.exceptions
import conftest as shared
import pytest

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


def scrub(welkin):
    """What the command finds; whether it is content."""
    line = [shared.binary(), "scrub", "--endpoint", welkin.endpoint, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, env=CLEAN)
    return json.loads(done.stdout), done


def segment(folder):
    """The file in which the small blobs are."""
    return next(file for file in (folder / "blobs" / "segments").iterdir() if file.stat().st_size > 0)


def flip(file, offset):
    with open(file, "r+b") as opened:
        opened.seek(offset)
        byte = opened.read(1)
        opened.seek(offset)
        opened.write(bytes([byte[0] ^ 1]))


def test_scrub_tells_damage_by_the_object_and_never_serves_it(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="scrubbed")
    s3.put_object(Bucket="scrubbed", Key="damaged/one", Body=os.urandom(100_000))
    s3.put_object(Bucket="scrubbed", Key="intact", Body=b"intact" * 10_000)
    found, done = scrub(welkin)
    assert (found["blobs"], found["damaged"], found["lost"], found["orphaned"], found["illegible"]) == (2, [], [], [], [])
    assert done.returncode == 0
    assert "2 blobs" in command(welkin, "scrub")
    flip(segment(tmp_path), 50_000)
    found, done = scrub(welkin)
    assert done.returncode != 0 and "damaged" in done.stderr and "hint" in done.stderr
    [damaged] = found["damaged"]
    assert f"s3/object {ACCOUNT} us-east-1 scrubbed/damaged/one" in damaged
    assert (found["lost"], found["orphaned"]) == ([], [])
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.get_object(Bucket="scrubbed", Key="damaged/one")
    assert error.value.response["Error"]["Code"] == "InternalError"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert s3.get_object(Bucket="scrubbed", Key="intact")["Body"].read() == b"intact" * 10_000


def test_scrub_tells_what_is_lost_by_the_object(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="scrubbed")
    s3.put_object(Bucket="scrubbed", Key="large", Body=os.urandom(3_000_000))
    s3.put_object(Bucket="scrubbed", Key="kept", Body=b"kept")
    [large] = (tmp_path / "blobs" / "large").iterdir()
    large.unlink()
    found, done = scrub(welkin)
    assert done.returncode != 0 and "lost" in done.stderr
    [lost] = found["lost"]
    assert "scrubbed/large" in lost and large.name in lost
    assert (found["damaged"], found["orphaned"]) == ([], [])


def test_scrub_counts_what_nothing_refers_to_until_it_is_swept(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3", signature_version="s3v4")
    s3.create_bucket(Bucket="swept")
    assert lose_a_race(welkin, s3, "first") == 412
    found, done = scrub(welkin)
    assert len(found["orphaned"]) == 1 and done.returncode == 0
    assert "'welkin sweep' removes them" in command(welkin, "scrub")
    welkin.admin("POST", "sweep")
    found, _ = scrub(welkin)
    assert (found["blobs"], found["orphaned"]) == (1, [])
    s3.delete_object(Bucket="swept", Key="first")
    found, _ = scrub(welkin)
    assert found["orphaned"] == [], "the job that frees it refers to it"
    welkin.advance("11m")
    found, _ = scrub(welkin)
    assert (found["blobs"], found["lost"]) == (0, [])
