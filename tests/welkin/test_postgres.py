"""The state in PostgreSQL."""

import postgres
import pytest

from .conftest import refused
from .holdings import ACCOUNT, Holdings
from .test_archive import get_archive, post


@pytest.fixture(scope="module")
def database():
    """Makes databases."""
    with postgres.server() as make:
        yield make


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
