"""s3fs, boto3's transfer manager, and curl with presigned URLs."""

import io

import pytest
import s3fs
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from .conftest import MIB, content, grow, tree


@pytest.fixture
def files(welkin, account):
    """S3 as a file system."""
    client = {"endpoint_url": welkin.endpoint, "region_name": "us-east-1"}
    return s3fs.S3FileSystem(key=account, secret="any", client_kwargs=client, skip_instance_cache=True)


def test_files_are_written_read_and_listed(files, bucket, stored):
    small, large = content("small", 1000), content("large", 23 * MIB)
    files.pipe(f"{bucket}/dir/small", small)
    with files.open(f"{bucket}/dir/large", "wb", block_size=5 * MIB) as file:
        for at in range(0, len(large), MIB):
            file.write(large[at : at + MIB])
    assert stored() == {"dir/small": small, "dir/large": large}
    assert files.cat(f"{bucket}/dir/large") == large
    with files.open(f"{bucket}/dir/large", "rb", cache_type="none") as file:
        file.seek(7 * MIB + 3)
        assert file.read(100_000) == large[7 * MIB + 3 :][:100_000]
    assert sorted(files.ls(f"{bucket}/dir")) == [f"{bucket}/dir/large", f"{bucket}/dir/small"]
    assert files.info(f"{bucket}/dir/large")["size"] == len(large)
    assert files.glob(f"{bucket}/**/sm*") == [f"{bucket}/dir/small"]
    assert not files.exists(f"{bucket}/dir/none")


def test_files_are_copied_moved_appended_to_and_removed(files, bucket, stored, tmp_path):
    body = content("body", 6 * MIB)
    grow(tmp_path / "up", {"a": b"a", "b/c": body})
    files.put(f"{tmp_path}/up/", f"{bucket}/put/", recursive=True)
    assert stored() == {"put/a": b"a", "put/b/c": body}
    files.copy(f"{bucket}/put/b/c", f"{bucket}/copied")
    files.mv(f"{bucket}/put/a", f"{bucket}/moved")
    with files.open(f"{bucket}/copied", "ab") as file:
        file.write(b" and more")
    assert stored() == {"put/b/c": body, "copied": body + b" and more", "moved": b"a"}
    files.get(f"{bucket}/put/", f"{tmp_path}/down/", recursive=True)
    assert tree(tmp_path / "down") == {"b/c": body}
    files.rm(f"{bucket}/put", recursive=True)
    assert sorted(stored()) == ["copied", "moved"]
    with pytest.raises(FileNotFoundError):
        files.cat(f"{bucket}/put/b/c")


def test_the_transfer_manager_sends_and_fetches_in_parts(s3, bucket, stored):
    body = content("managed", 17 * MIB + 5)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    seen = []
    s3.upload_fileobj(io.BytesIO(body), bucket, "managed", Config=config, Callback=seen.append)
    assert sum(seen) == len(body)
    assert s3.head_object(Bucket=bucket, Key="managed")["ETag"].endswith('-4"')
    down = io.BytesIO()
    s3.download_fileobj(bucket, "managed", down, Config=config)
    assert down.getvalue() == body
    s3.copy({"Bucket": bucket, "Key": "managed"}, bucket, "copied", Config=config)
    assert stored() == {"managed": body, "copied": body}


def test_curl_uses_presigned_urls(welkin, account, bucket, run, tmp_path):
    # Of the account's bootstrap key no signature is compared; of a user's it is.
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    s3 = welkin.client("s3", **welkin.user(account, everything), signature_version="s3v4")
    body = content("curl", 3 * MIB)
    grow(tmp_path, {"up": body})
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "curled"})
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "curled"})
    run("curl", "--silent", "--fail", "--upload-file", tmp_path / "up", put)
    assert run("curl", "--silent", "--fail", get, text=False) == body
    assert run("curl", "--silent", "--fail", "--range", "5-104", get, text=False) == body[5:105]
    other = get.replace("curled", "other")
    assert "SignatureDoesNotMatch" in run("curl", "--silent", other)
    delete = s3.generate_presigned_url("delete_object", {"Bucket": bucket, "Key": "curled"})
    run("curl", "--silent", "--fail", "--request", "DELETE", delete)
    with pytest.raises(ClientError) as gone:
        s3.get_object(Bucket=bucket, Key="curled")
    assert gone.value.response["Error"]["Code"] == "NoSuchKey"
