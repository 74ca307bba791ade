"""The AWS CLI's `s3` commands. The version that PyPI has knows the classic engine alone; `test_crt.py` is about the other."""

import hashlib
import subprocess

from .conftest import MIB, content, grow, tree


def test_a_large_file_goes_up_in_parts_and_comes_down_whole(aws, s3, bucket, tmp_path):
    body = content("large", 64 * MIB)
    (tmp_path / "large").write_bytes(body)
    aws("cp", tmp_path / "large", f"s3://{bucket}/deep/large", "--no-progress")
    head = s3.head_object(Bucket=bucket, Key="deep/large")
    digests, parts = head["ETag"].strip('"').split("-")
    size = s3.head_object(Bucket=bucket, Key="deep/large", PartNumber=1)["ContentLength"]
    assert int(parts) == -(-len(body) // size) > 1
    pieces = [hashlib.md5(body[at : at + size]).digest() for at in range(0, len(body), size)]
    assert digests == hashlib.md5(b"".join(pieces)).hexdigest(), "the entity tag is made of those of the parts"
    aws("cp", f"s3://{bucket}/deep/large", tmp_path / "down", "--no-progress")
    assert (tmp_path / "down").read_bytes() == body
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    aws("cp", f"s3://{bucket}/deep/large", f"s3://{bucket}/copied", "--no-progress")
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == body


def test_five_hundred_files_are_synchronised_and_only_what_changed(aws, bucket, stored, tmp_path):
    up, down = tmp_path / "up", tmp_path / "down"
    files = {f"{number % 7}/ü {number}.txt": content(number, number * 3) for number in range(500)}
    grow(up, files, age=60)
    aws("sync", up, f"s3://{bucket}/x/", "--no-progress")
    assert stored() == {f"x/{name}": body for name, body in files.items()}
    assert aws("sync", up, f"s3://{bucket}/x/", "--no-progress") == "", "nothing is to be done"
    aws("sync", f"s3://{bucket}/x/", down, "--no-progress")
    assert tree(down) == files
    # What changed, what is new, and what is gone.
    changed = {"0/ü 7.txt": b"changed, and longer than before", "new/one": b"new"}
    grow(up, changed)
    gone = ["1/ü 1.txt", "6/ü 489.txt"]
    assert all(name in files for name in gone)
    for name in gone:
        (up / name).unlink()
    told = aws("sync", up, f"s3://{bucket}/x/", "--no-progress", "--delete")
    assert (told.count("upload:"), told.count("delete:")) == (2, 2)
    left = {name: body for name, body in (files | changed).items() if name not in gone}
    assert stored() == {f"x/{name}": body for name, body in left.items()}


def test_a_download_that_was_broken_off_is_resumed_by_the_next_sync(aws, bucket, s3, tmp_path):
    files = {f"{number}": content(number, 40_000) for number in range(20)}
    for name, body in files.items():
        s3.put_object(Bucket=bucket, Key=name, Body=body)
    down = tmp_path / "down"
    grow(down, {"3": files["3"][:1000], "5": b""})
    told = aws("sync", f"s3://{bucket}/", down, "--no-progress")
    assert told.count("download:") == 20
    assert tree(down) == files
    (down / "7").unlink()
    assert aws("sync", f"s3://{bucket}/", down, "--no-progress").count("download:") == 1
    assert tree(down) == files


def test_files_are_moved_and_removed(aws, bucket, stored, tmp_path):
    files = {f"dir/{number}": content(number, 100_000) for number in range(5)}
    grow(tmp_path / "up", files)
    aws("mv", tmp_path / "up", f"s3://{bucket}/", "--recursive", "--no-progress")
    assert tree(tmp_path / "up") == {} and stored() == files
    aws("mv", f"s3://{bucket}/dir/1", f"s3://{bucket}/elsewhere", "--no-progress")
    aws("mv", f"s3://{bucket}/dir/2", tmp_path / "2", "--no-progress")
    assert (tmp_path / "2").read_bytes() == files["dir/2"]
    left = {"dir/0": files["dir/0"], "elsewhere": files["dir/1"], "dir/3": files["dir/3"], "dir/4": files["dir/4"]}
    assert stored() == left
    aws("rm", f"s3://{bucket}/dir/", "--recursive", "--exclude", "*3")
    assert sorted(stored()) == ["dir/3", "elsewhere"]


def test_a_stream_goes_both_ways(aws, environment, bucket, s3):
    body = content("stream", 20 * MIB)
    up = [aws.program, "s3", "cp", "-", f"s3://{bucket}/stream"]
    subprocess.run(up, env=environment, input=body, check=True, timeout=120)
    down = [aws.program, "s3", "cp", f"s3://{bucket}/stream", "-"]
    assert subprocess.run(down, env=environment, capture_output=True, check=True, timeout=120).stdout == body
