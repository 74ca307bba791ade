"""The state in PostgreSQL."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse

import pytest

from .conftest import refused
from .holdings import ACCOUNT, Holdings
from .test_archive import get_archive, post


def binaries():
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


@pytest.fixture(scope="module")
def database():
    """Makes databases: in the server at WELKIN_TEST_POSTGRES, or in a private cluster."""
    numbers = iter(range(1000))
    if server := os.environ.get("WELKIN_TEST_POSTGRES"):
        admin = ["psql", f"{server.rstrip('/')}/postgres"]
        yield lambda: _create(admin, server.rstrip("/"), f"welkin_{os.getpid()}_{next(numbers)}")
        return
    tools = binaries()
    assert tools, "no PostgreSQL to test with: apt-get install postgresql, or set WELKIN_TEST_POSTGRES"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="welkin-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    run = lambda *command: subprocess.run([*as_user, *map(str, command)], check=True, capture_output=True, cwd=folder)
    run(tools / "initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run(tools / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    try:
        server = f"postgres://postgres@{urllib.parse.quote(str(folder), safe='')}"
        admin = [*as_user, str(tools / "psql"), "-h", str(folder), "-U", "postgres", "-d", "postgres"]
        yield lambda: _create(admin, server, f"welkin_{next(numbers)}")
    finally:
        run(tools / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _create(admin, server, name):
    subprocess.run([*admin, "-qc", f"CREATE DATABASE {name}"], check=True, capture_output=True)
    return f"{server}/{name}"


def test_everything_end_to_end_and_after_a_crash(up, database, tmp_path):
    url = database()
    welkin = up("--data", tmp_path, "--store", url)
    assert welkin.banner["data"].startswith("postgres://")
    kept = Holdings(welkin)
    kept.are_in(welkin)
    welkin.kill()
    kept.are_in(up("--data", tmp_path, "--store", url))


def test_another_data_folder_has_another_root_key(up, database, tmp_path):
    url = database()
    up("--data", tmp_path / "a", "--store", url).stop()
    fault = refused("--data", str(tmp_path / "b"), "--store", url, "--listen", "127.0.0.1:0")
    assert "another root key" in fault["detail"]


def test_export_from_a_folder_and_import_into_postgres_and_back(up, database, tmp_path):
    first = up("--data", tmp_path / "a")
    kept = Holdings(first)
    second = up("--data", tmp_path / "b", "--store", database())
    second.root(ACCOUNT, "sqs").create_queue(QueueName="old")
    assert post(second, "import", get_archive(first))[0] == 200
    kept.are_in(second)
    third = up("--memory")
    assert post(third, "import", get_archive(second))[0] == 200
    kept.are_in(third)
    second.admin("POST", "reset")
    kept.are_not_in(second)


def test_a_database_that_is_not_there(tmp_path):
    fault = refused("--data", str(tmp_path), "--store", "postgres://postgres@127.0.0.1:1/none", "--listen", "127.0.0.1:0")
    assert fault["message"]
