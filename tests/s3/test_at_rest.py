"""What is kept on disk: every acknowledged object, none in the clear; and that memory does not grow with objects."""

import hashlib
import http.client
import io
import pathlib
import time
import urllib.parse

import pytest

MIB = 1024 * 1024


def test_objects_survive_a_kill_and_none_is_in_the_clear(start, tmp_path):
    text = b"the plain text that nobody may read at rest. " * 5000
    with start("--data", str(tmp_path)) as welkin:
        s3, kms = welkin.client("s3"), welkin.client("kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        s3.create_bucket(Bucket="at-rest")
        s3.put_object(Bucket="at-rest", Key="s3", Body=text, Metadata={"a": "1"})
        s3.put_object(Bucket="at-rest", Key="small", Body=text[:45])
        s3.put_object(Bucket="at-rest", Key="kms", Body=text, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        s3.put_object(
            Bucket="at-rest", Key="level", Body=text, ServerSideEncryption="aws:kms", SSEKMSKeyId=key, BucketKeyEnabled=True
        )
        upload = {"Bucket": "at-rest", "Key": "parts"}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        part = {"ETag": s3.upload_part(**upload, PartNumber=1, Body=text)["ETag"], "PartNumber": 1}
        s3.put_object(Bucket="at-rest", Key="deleted", Body=b"x")
        s3.delete_object(Bucket="at-rest", Key="deleted")
        welkin.process.kill()
        welkin.process.wait(30)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(map(len, files)) > 4 * len(text), "the objects are there"
    assert not any(b"nobody may read" in data for data in files)
    with start("--data", str(tmp_path)) as welkin:
        s3 = welkin.client("s3")
        assert [o["Key"] for o in s3.list_objects_v2(Bucket="at-rest")["Contents"]] == ["kms", "level", "s3", "small"]
        for name in ("s3", "kms", "level"):
            assert s3.get_object(Bucket="at-rest", Key=name)["Body"].read() == text
        assert s3.head_object(Bucket="at-rest", Key="s3")["Metadata"] == {"a": "1"}
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
        assert s3.get_object(Bucket="at-rest", Key="parts")["Body"].read() == text


def test_a_deleted_object_gives_its_space_back(start, tmp_path):
    def used():
        return sum(path.stat().st_blocks * 512 for path in tmp_path.rglob("*") if path.is_file())

    with start("--data", str(tmp_path)) as welkin:
        s3 = welkin.client("s3")
        s3.create_bucket(Bucket="space")
        before = used()
        s3.put_object(Bucket="space", Key="k", Body=bytes(30 * MIB))
        upload = s3.create_multipart_upload(Bucket="space", Key="p")["UploadId"]
        s3.upload_part(Bucket="space", Key="p", UploadId=upload, PartNumber=1, Body=bytes(30 * MIB))
        assert used() - before > 60 * MIB
        s3.delete_object(Bucket="space", Key="k")
        s3.abort_multipart_upload(Bucket="space", Key="p", UploadId=upload)
        welkin.advance("11m")
        assert used() - before < 10 * MIB


class Zeros(io.RawIOBase):
    """Zeros without end, for uploads that need no memory of the test's own."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), self.left)
        buffer[:size] = bytes(size)
        self.left -= size
        return size


def resident(process):
    """The most memory that the process ever had, in MiB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_object(start, tmp_path):
    with start("--data", str(tmp_path)) as welkin:
        s3 = welkin.client("s3")
        s3.create_bucket(Bucket="large")
        s3.put_object(Bucket="large", Key="warm", Body=bytes(16 * MIB))
        s3.get_object(Bucket="large", Key="warm")["Body"].read()
        before = resident(welkin.process)
        size = 256 * MIB
        signing = welkin.client("s3", signature_version="s3v4")
        url = signing.generate_presigned_url("put_object", {"Bucket": "large", "Key": "k"})
        split = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(split.netloc)
        path = f"{split.path}?{split.query}"
        connection.request("PUT", path, io.BufferedReader(Zeros(size), MIB), {"Content-Length": str(size)})
        assert connection.getresponse().read() == b""
        body, digest, length = s3.get_object(Bucket="large", Key="k")["Body"], hashlib.md5(), 0
        time.sleep(1)  # a client that takes its time must not fill the server's memory
        for chunk in body.iter_chunks(MIB):
            digest.update(chunk)
            length += len(chunk)
        assert length == size and f'"{digest.hexdigest()}"' == s3.head_object(Bucket="large", Key="k")["ETag"]
        assert resident(welkin.process) - before < 48, "MiB more than before"
