"""How it starts, refuses to start, and stops."""

import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from .conftest import CLEAN, free_port, refused, run, shared


def identity(welkin, **options):
    return welkin.client("sts", **options).get_caller_identity()["Arn"]


def test_it_listens_where_it_is_told(up):
    port = free_port()
    welkin = up("--memory", "--listen", f"127.0.0.1:{port}", "--listen", "[::1]:0")
    assert welkin.banner["endpoints"] == [f"http://127.0.0.1:{port}", f"http://[::1]:{port}"] or len(
        welkin.banner["endpoints"]
    ) == 2
    for endpoint in welkin.banner["endpoints"]:
        with urllib.request.urlopen(f"{endpoint}/_welkin/health", timeout=10) as answer:
            assert answer.status == 200, endpoint


def test_a_port_alone_means_both_loopback_addresses(up):
    welkin = up("--memory", "--listen", "localhost:0")
    hosts = [endpoint.rsplit(":", 1)[0] for endpoint in welkin.banner["endpoints"]]
    assert hosts == ["http://127.0.0.1", "http://[::1]"] and welkin.banner["open"] == []
    assert identity(welkin) == "arn:aws:iam::111111111111:root"


def test_an_open_address_is_told_and_the_operators_api_stays_shut(up):
    command = [shared.binary(), "up", "--memory", "--listen", "0.0.0.0:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=CLEAN)
    try:
        lines = [process.stdout.readline() for _ in range(8)]
        banner = "".join(lines)
        assert "everyone who reaches 0.0.0.0:" in banner and "as root of any account" in banner
        assert "/_welkin/ answers this machine only" in banner
        assert "http://127.0.0.1:" in lines[1], "an endpoint that clients can use"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("text", ["nonsense", "127.0.0.1", "127.0.0.1:99999", ""])
def test_an_address_that_is_none_is_refused(text):
    outcome = run("up", "--memory", "--listen", text)
    assert outcome.code == 2 and "ADDR:PORT" in outcome.error


def test_a_port_in_use(up, tmp_path):
    first = up("--memory")
    fault = refused("--data", str(tmp_path / "data"), "--listen", f"127.0.0.1:{first.port}", "--clock", "2030-01-01T00:00:00Z")
    assert fault["message"] == "cannot listen" and str(first.port) in fault["detail"]
    clock = up("--data", tmp_path / "data").admin("GET", "clock")
    assert not clock["now"].startswith("2030"), "the clock was not set by a start that failed"


def test_a_folder_in_use(up, tmp_path):
    first = up("--data", tmp_path)
    fault = refused("--data", str(tmp_path), "--listen", "127.0.0.1:0")
    assert "in use by another process" in fault["message"] and str(tmp_path) in fault["detail"]
    assert identity(first) == "arn:aws:iam::111111111111:root"


def test_a_folder_of_a_newer_format(up, tmp_path):
    up("--data", tmp_path).stop()
    note = tmp_path / "blobs/format"
    before = note.read_text()
    note.write_text("99\n")
    fault = refused("--data", str(tmp_path), "--listen", "127.0.0.1:0")
    assert "newer" in fault["message"] and "99" in fault["detail"]
    note.write_text(before)
    up("--data", tmp_path)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("mine")
    fault = refused("--data", str(tmp_path / "file"), "--listen", "127.0.0.1:0")
    assert "cannot be made" in fault["message"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("option, url", [("--store", "mysql://h/db"), ("--blobs", "gs://bucket")])
def test_an_unknown_location_is_refused_before_anything_is_made(tmp_path, option, url):
    fault = refused("--data", str(tmp_path / "new"), option, url)
    assert url.split("//")[0] in fault["message"]
    assert not (tmp_path / "new").exists()


def test_a_root_key_of_another_folder(up, tmp_path):
    up("--data", tmp_path / "a").stop()
    up("--data", tmp_path / "b").stop()
    (tmp_path / "a/root.key").write_bytes((tmp_path / "b/root.key").read_bytes())
    fault = refused("--data", str(tmp_path / "a"), "--listen", "127.0.0.1:0")
    assert "another root key" in fault["detail"]


def test_a_damaged_root_key(up, tmp_path):
    up("--data", tmp_path).stop()
    (tmp_path / "root.key").write_bytes(b"short")
    fault = refused("--data", str(tmp_path), "--listen", "127.0.0.1:0")
    assert "root key" in fault["message"] and "5 bytes" in fault["detail"]


def test_memory_and_a_place_exclude_each_other():
    assert run("up", "--memory", "--data", "/tmp/x").code == 2
    assert run("up", "--memory", "--store", "/tmp/x").code == 2


def test_strict_takes_no_bootstrap_keys(up):
    welkin = up("--memory", "--strict")
    for options in [{"account": "111111111111"}, {"key": "test", "secret": "test"}]:
        with pytest.raises(ClientError) as refused:
            identity(welkin, **options)
        assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_the_clock_starts_where_it_is_told(up):
    welkin = up("--memory", "--clock", "2027-02-03T04:05:06Z")
    assert welkin.admin("GET", "clock")["now"].startswith("2027-02-03T04:05:")
    assert run("up", "--memory", "--clock", "yesterday").code == 2


def test_it_ends_when_it_is_told_to(up):
    welkin = up("--memory")
    queue = welkin.root("111111111111", "sqs").create_queue(QueueName="q")["QueueUrl"]
    answers = []
    poll = threading.Thread(
        target=lambda: answers.append(
            welkin.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", [])
        )
    )
    poll.start()
    time.sleep(0.5)
    assert welkin.stop() == 0
    poll.join(30)
    assert answers == [[]], "the call that was under way was answered"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", welkin.port), 1)


def test_ctrl_c_ends_it_as_well(up):
    welkin = up("--memory")
    welkin.process.send_signal(signal.SIGINT)
    assert welkin.process.wait(30) == 0
