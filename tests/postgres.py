"""PostgreSQL for tests: the server at WELKIN_TEST_POSTGRES, or a cluster of their own that is gone afterwards."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse


def binaries():
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


@contextlib.contextmanager
def server():
    """Gives a function that makes a database and returns its URL."""
    numbers = iter(range(1000))
    if given := os.environ.get("WELKIN_TEST_POSTGRES"):
        admin = ["psql", f"{given.rstrip('/')}/postgres"]
        yield lambda: _create(admin, given.rstrip("/"), f"welkin_{os.getpid()}_{next(numbers)}")
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
        url = f"postgres://postgres@{urllib.parse.quote(str(folder), safe='')}"
        admin = [*as_user, str(tools / "psql"), "-h", str(folder), "-U", "postgres", "-d", "postgres"]
        yield lambda: _create(admin, url, f"welkin_{next(numbers)}")
    finally:
        run(tools / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _create(admin, url, name):
    subprocess.run([*admin, "-qc", f"CREATE DATABASE {name}"], check=True, capture_output=True)
    return f"{url}/{name}"
