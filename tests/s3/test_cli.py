"""The AWS CLI's own commands: cp, ls, sync, rm, mb, rb."""

import os
import subprocess
import sys

from conftest import fresh


def test_a_folder_is_synchronised(welkin, account, tmp_path):
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": welkin.endpoint,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }

    def aws(*arguments):
        command = [os.path.join(os.path.dirname(sys.executable), "aws"), "s3", *arguments]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, run.stderr
        return run.stdout

    name, up, down = fresh(), tmp_path / "up", tmp_path / "down"
    files = {"a.txt": b"a", "deep/b.bin": os.urandom(9 * 1024 * 1024), "deep/er/ü c.txt": b"c"}
    for path, body in files.items():
        (up / path).parent.mkdir(parents=True, exist_ok=True)
        (up / path).write_bytes(body)
    aws("mb", f"s3://{name}")
    assert name in aws("ls")
    aws("sync", str(up), f"s3://{name}/x/", "--no-progress")
    listed = aws("ls", f"s3://{name}/x/", "--recursive")
    assert all(path in listed for path in files) and str(9 * 1024 * 1024) in listed
    assert "PRE deep/" in aws("ls", f"s3://{name}/x/")
    assert aws("sync", str(up), f"s3://{name}/x/", "--no-progress") == ""
    aws("sync", f"s3://{name}/x/", str(down), "--no-progress")
    assert {p: (down / p).read_bytes() for p in files} == files
    aws("cp", f"s3://{name}/x/a.txt", f"s3://{name}/y.txt")
    assert aws("cp", f"s3://{name}/y.txt", "-") == "a"
    aws("rm", f"s3://{name}/x/", "--recursive")
    assert aws("ls", f"s3://{name}", "--recursive").split()[-1] == "y.txt"
    aws("rb", f"s3://{name}", "--force")
    assert name not in aws("ls")
