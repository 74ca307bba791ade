"""The CRT engine of the SDKs and of the AWS CLI's second version: parts at once on its own connections."""

import io
import threading

import botocore.session
import pytest
from botocore.config import Config
from s3transfer.crt import (
    BotocoreCRTCredentialsWrapper,
    BotocoreCRTRequestSerializer,
    CRTTransferManager,
    create_s3_crt_client,
)
from s3transfer.subscribers import BaseSubscriber

from .conftest import MIB, content


@pytest.fixture
def crt(welkin, account):
    """A transfer manager on CRT."""
    session = botocore.session.Session()
    session.set_credentials(account, "any")
    provider = BotocoreCRTCredentialsWrapper(session.get_credentials()).to_crt_credentials_provider()
    client = create_s3_crt_client("us-east-1", provider, part_size=5 * MIB, use_ssl=False)
    path_style = Config(s3={"addressing_style": "path"})
    options = {"region_name": "us-east-1", "endpoint_url": welkin.endpoint, "config": path_style}
    with CRTTransferManager(client, BotocoreCRTRequestSerializer(session, options)) as manager:
        yield manager


class Renamed(BaseSubscriber):
    """Told when a download has its name: a moment after its future has ended."""

    def __init__(self):
        self.there = threading.Event()

    def on_done(self, future, **rest):
        self.there.set()


def download(crt, bucket, key, path):
    """Begins a download; what it answers waits for its end."""
    renamed = Renamed()
    future = crt.download(bucket, key, str(path), subscribers=[renamed])

    def wait():
        future.result()
        renamed.there.wait()

    return wait


def test_a_large_file_goes_up_in_parts_and_comes_down_whole(crt, s3, bucket, tmp_path):
    body = content("crt", 64 * MIB)
    (tmp_path / "up").write_bytes(body)
    crt.upload(str(tmp_path / "up"), bucket, "large").result()
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-13"'), "in parts of 5 MiB"
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    download(crt, bucket, "large", tmp_path / "down")()
    assert (tmp_path / "down").read_bytes() == body
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body


def test_many_small_files_go_at_once(crt, bucket, stored, tmp_path):
    files = {f"dir/{number}": content(number, 1 + number * 50) for number in range(200)}
    for future in [crt.upload(io.BytesIO(body), bucket, key) for key, body in files.items()]:
        future.result()
    assert stored() == files
    down = {key: tmp_path / key.replace("/", "-") for key in files}
    for wait in [download(crt, bucket, key, path) for key, path in down.items()]:
        wait()
    assert {key: path.read_bytes() for key, path in down.items()} == files
    crt.delete(bucket, "dir/7").result()
    assert "dir/7" not in stored()


def test_what_is_not_there_is_an_error_with_its_code(crt, bucket, tmp_path):
    with pytest.raises(Exception, match="404|NoSuchKey|Not Found"):
        crt.download(bucket, "none", str(tmp_path / "none")).result()
    assert not (tmp_path / "none").exists()
