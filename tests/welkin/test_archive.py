"""Export, import and reset of everything."""

import hashlib
import json
import os
import stat
import threading
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from .conftest import against, refused
from .holdings import ACCOUNT, Holdings


def post(welkin, path, body):
    request = urllib.request.Request(f"{welkin.endpoint}/_welkin/{path}", body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def get_archive(welkin):
    with urllib.request.urlopen(f"{welkin.endpoint}/_welkin/export", timeout=120) as answer:
        return answer.read()


def resealed(archive):
    """The archive with the checksum that its content has."""
    return archive[:-32] + hashlib.sha256(archive[:-32]).digest()


PLACES = {"folder": lambda path: ["--data", path], "memory": lambda path: ["--memory"]}


@pytest.mark.parametrize("place", PLACES)
def test_export_reset_import(up, tmp_path, place):
    welkin = up(*PLACES[place](tmp_path / "data"))
    cli, file = against(welkin), tmp_path / "all.welkin"
    kept = Holdings(welkin)
    welkin.advance("3d")
    ahead = welkin.admin("GET", "clock")["ahead_seconds"]
    exported = cli("export", file, "--json")
    assert exported.json["bytes"] == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "it holds secrets"
    assert not list(tmp_path.glob("*.part"))
    assert cli("reset").out == "everything is removed\n"
    kept.are_not_in(welkin)
    assert welkin.admin("GET", "clock")["ahead_seconds"] == ahead, "the clock stays"
    welkin.root(ACCOUNT, "sqs").create_queue(QueueName="later")
    assert cli("import", file, "--json").json["status"] == "imported"
    kept.are_in(welkin)
    assert len(welkin.root(ACCOUNT, "sqs").list_queues()["QueueUrls"]) == 1, "what came later is gone"
    welkin.root(ACCOUNT, "s3").put_object(Bucket="kept", Key="new", Body=b"new")
    assert welkin.root(ACCOUNT, "s3").get_object(Bucket="kept", Key="new")["Body"].read() == b"new"
    welkin.root(ACCOUNT, "s3").delete_object(Bucket="kept", Key="new")
    if place == "folder":
        welkin.kill()
        kept.are_in(up("--data", tmp_path / "data"))


@pytest.mark.parametrize("source", PLACES)
@pytest.mark.parametrize("target", PLACES)
def test_import_on_another_machine_with_another_root_key(up, tmp_path, source, target):
    first = up(*PLACES[source](tmp_path / "first"))
    kept = Holdings(first)
    archive = get_archive(first)
    first.stop()
    second = up(*PLACES[target](tmp_path / "second"))
    second.client("sts").get_caller_identity()
    second.advance("90d")
    other = second.user("333333333333", name="other")
    status, told = post(second, "import", archive)
    assert status == 200 and told["blobs"] >= 4, told
    kept.are_in(second)
    assert second.admin("GET", "clock")["ahead_seconds"] == 0, "the clock is the archive's"
    with pytest.raises(ClientError):
        second.client("sts", **other).get_caller_identity()
    if target == "folder":
        second.kill()
        kept.are_in(up("--data", tmp_path / "second"))


def test_what_is_no_archive_or_broken_is_refused_and_changes_nothing(up, tmp_path):
    welkin = up("--data", tmp_path)
    kept = Holdings(welkin)
    good = get_archive(welkin)
    length = int.from_bytes(good[8:12], "little")
    header = json.loads(good[12 : 12 + length])
    newer = json.dumps({**header, "format": 2}).encode()
    newer = resealed(good[:8] + len(newer).to_bytes(4, "little") + newer + good[12 + length :])
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    cases = [
        (b"", "damaged"),
        (b"hello, world", "no archive"),
        (b"\x00" * 1_000_000, "no archive"),
        (good[:5], "damaged"),
        (good[:-1], "damaged"),
        (good[: len(good) // 2], "damaged"),
        (bytes(flipped), "damaged"),
        (good + b"x", "damaged"),
        (newer, "newer Welkin"),
    ]
    for body, told in cases:
        status, fault = post(welkin, "import", body)
        assert status == 400 and told in fault["message"] and fault["hint"], (body[:20], fault)
    kept.are_in(welkin)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blobs", "ca", "root.key", "state"]
    missing = against(welkin)("import", tmp_path / "nosuch", "--json")
    assert missing.code == 1 and "cannot be read" in missing.fault["message"]


def test_an_import_that_is_not_sent_in_full_changes_nothing(up, tmp_path):
    import socket

    welkin = up("--data", tmp_path)
    kept = Holdings(welkin)
    archive = get_archive(welkin)
    with socket.create_connection(("127.0.0.1", welkin.port)) as connection:
        head = f"POST /_welkin/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(archive)}\r\n\r\n"
        connection.sendall(head.encode() + archive[: len(archive) // 2])
        time.sleep(0.3)
    kept.are_in(welkin)
    deadline = time.monotonic() + 10
    while (tmp_path / "import.part").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not (tmp_path / "import.part").exists()


def test_kill_in_the_middle_of_an_import_leaves_the_old_or_the_new(up, tmp_path):
    source = up("--memory")
    kept = Holdings(source)
    s3 = source.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="bulk")
    for number in range(150):
        s3.put_object(Bucket="bulk", Key=str(number), Body=os.urandom(40_000))
    archive = get_archive(source)
    outcomes = set()
    for round, pause in enumerate([0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5]):
        folder = tmp_path / str(round)
        target = up("--data", folder)
        target.root(ACCOUNT, "sqs").create_queue(QueueName="old")

        def send():
            try:
                post(target, "import", archive)
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        deadline = time.monotonic() + 30
        while not any((folder / name).exists() for name in ["import.part", "import.ready"]):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(pause)
        target.kill()
        sender.join()
        after = up("--data", folder)
        queues = [url.rsplit("/", 1)[1] for url in after.root(ACCOUNT, "sqs").list_queues().get("QueueUrls", [])]
        assert queues in (["old"], ["kept"]), queues
        outcomes.update(queues)
        if queues == ["kept"]:
            kept.are_in(after)
            assert after.root(ACCOUNT, "s3").list_objects_v2(Bucket="bulk")["KeyCount"] == 150
        assert not list(folder.glob("import.*"))
        after.kill()
    assert outcomes == {"old", "kept"}, f"the moments that were tried do not show both: {outcomes}"


def test_an_export_is_of_one_moment_while_calls_go_on(up, tmp_path):
    welkin = up("--data", tmp_path)
    s3 = welkin.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="busy")
    stop = threading.Event()

    def churn(worker):
        mine = welkin.root(ACCOUNT, "s3")
        number = 0
        while not stop.is_set():
            number += 1
            mine.put_object(Bucket="busy", Key=f"{worker}-{number % 7}", Body=f"{worker} {number} ".encode() * 20_000)
            if number % 3 == 0:
                mine.delete_object(Bucket="busy", Key=f"{worker}-{(number + 3) % 7}")

    workers = [threading.Thread(target=churn, args=[worker]) for worker in range(3)]
    [worker.start() for worker in workers]
    try:
        time.sleep(1)
        archives = [get_archive(welkin) for _ in range(3)]
    finally:
        stop.set()
        [worker.join() for worker in workers]
    for archive in archives:
        target = up("--memory")
        assert post(target, "import", archive)[0] == 200
        there = target.root(ACCOUNT, "s3")
        objects = there.list_objects_v2(Bucket="busy")["Contents"]
        assert objects
        for each in objects:
            body = there.get_object(Bucket="busy", Key=each["Key"])["Body"].read()
            assert hashlib.md5(body).hexdigest() == each["ETag"].strip('"'), each["Key"]
        target.kill()


def test_calls_that_are_under_way_end_and_later_ones_see_the_new_state(up):
    welkin = up("--memory")
    queue = welkin.root(ACCOUNT, "sqs").create_queue(QueueName="q")["QueueUrl"]
    outcome = []

    def poll():
        try:
            welkin.root(ACCOUNT, "sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)
            outcome.append("answered")
        except ClientError as error:
            outcome.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

    waiting = threading.Thread(target=poll)
    waiting.start()
    time.sleep(0.5)
    started = time.monotonic()
    assert welkin.admin("POST", "reset") == {"status": "reset"}
    assert time.monotonic() - started < 5
    waiting.join(10)
    assert outcome == [503]
    assert "QueueUrls" not in welkin.root(ACCOUNT, "sqs").list_queues()


def test_what_was_used_last_is_noted_anew_after_an_import(up, tmp_path):
    welkin = up("--memory")
    iam, file = welkin.root(ACCOUNT, "iam"), tmp_path / "all.welkin"
    ada = welkin.user(ACCOUNT, name="ada")
    last = lambda: iam.get_access_key_last_used(AccessKeyId=ada["key"])["AccessKeyLastUsed"]["ServiceName"]  # noqa: E731
    against(welkin)("export", file)
    for _ in range(2):
        assert last() == "N/A"
        welkin.client("sts", **ada).get_caller_identity()
        assert last() == "sts"
        against(welkin)("import", file)


def test_a_reset_gives_the_space_back(up, tmp_path):
    welkin = up("--data", tmp_path)
    Holdings(welkin)
    used = lambda: sum(file.stat().st_blocks * 512 for file in (tmp_path / "blobs").rglob("*") if file.is_file())
    assert used() > 8_000_000
    welkin.admin("POST", "reset")
    assert used() < 100_000


def test_memory_does_not_grow_with_what_is_carried(up, tmp_path):
    welkin = up("--data", tmp_path / "a")
    s3 = welkin.root(ACCOUNT, "s3")
    s3.create_bucket(Bucket="big")
    for number in range(4):
        s3.put_object(Bucket="big", Key=str(number), Body=os.urandom(40_000_000))
    resident = lambda: int(open(f"/proc/{welkin.process.pid}/statm").read().split()[1]) * 4096
    before, most, stop = resident(), [0], threading.Event()

    def watch():
        while not stop.is_set():
            most[0] = max(most[0], resident())
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    cli = against(welkin)
    try:
        assert cli("export", tmp_path / "big").code == 0
        assert cli("import", tmp_path / "big").code == 0
    finally:
        stop.set()
        watcher.join()
    assert (tmp_path / "big").stat().st_size > 160_000_000
    assert most[0] - before < 60_000_000, f"{(most[0] - before) / 1e6:.0f} MB more than before"
