"""rclone, of Debian."""

import pytest

from .conftest import MIB, content, grow, tree


@pytest.fixture
def rclone(run, environment, welkin, account):
    """`rclone …`, with Welkin as its remote `w:`."""
    settings = {
        "TYPE": "s3",
        # For AWS it would put the bucket into the name of the host, which no resolver finds below 127.0.0.1.
        "PROVIDER": "Other",
        "ENDPOINT": welkin.endpoint,
        "ACCESS_KEY_ID": account,
        "SECRET_ACCESS_KEY": "any",
        "REGION": "us-east-1",
        "UPLOAD_CUTOFF": "8M",
        "CHUNK_SIZE": "5M",
    }
    environment.update({f"RCLONE_CONFIG_W_{name}": value for name, value in settings.items()})
    environment["RCLONE_CONFIG"] = "/dev/null"
    return lambda *arguments: run("rclone", "--retries", "1", *arguments)


def test_a_folder_is_synchronised_both_ways_and_checked(rclone, bucket, stored, tmp_path):
    files = {f"{number % 3}/{number}.bin": content(number, number * 1000) for number in range(60)}
    files["large"] = content("large", 23 * MIB)
    grow(tmp_path / "up", files)
    rclone("sync", tmp_path / "up", f"w:{bucket}/x")
    assert stored() == {f"x/{name}": body for name, body in files.items()}
    rclone("check", "--download", tmp_path / "up", f"w:{bucket}/x")
    rclone("check", tmp_path / "up", f"w:{bucket}/x")
    (tmp_path / "up" / "0" / "3.bin").unlink()
    rclone("sync", tmp_path / "up", f"w:{bucket}/x")
    assert "x/0/3.bin" not in stored()
    rclone("copy", f"w:{bucket}/x", tmp_path / "down")
    assert tree(tmp_path / "down") == {name: body for name, body in files.items() if name != "0/3.bin"}


def test_objects_are_moved_listed_and_purged(rclone, bucket, stored):
    assert stored() == {}
    rclone("touch", f"w:{bucket}/empty")
    rclone("copyto", f"w:{bucket}/empty", f"w:{bucket}/dir/copied")
    rclone("moveto", f"w:{bucket}/empty", f"w:{bucket}/moved")
    assert sorted(rclone("lsf", "-R", f"w:{bucket}").split()) == ["dir/", "dir/copied", "moved"]
    rclone("purge", f"w:{bucket}")
    assert f"{bucket}/" not in rclone("lsf", "w:").split()
