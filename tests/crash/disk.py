"""The disk fills up, and fails: clear errors, nothing acknowledged is lost, and work goes on by itself afterwards.

A full disk is a small file system in memory, in a mount namespace of this program's own. A failing disk is `strace`,
which makes system calls on chosen files of the running server fail; the server is the one that is shipped.
"""

import contextlib
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from aging import Time
from botocore.exceptions import ClientError
from run import client
from scrub import scrub
from server import Server

BUCKET = "disk"
NEW_NAMESPACE = 0x00020000
UNAVAILABLE = "ServiceUnavailable"
#: How long the server may take to notice that the disk works again.
PATIENCE = 20


def body(name: str, size: int) -> bytes:
    return random.Random(name).randbytes(size)


class Disk:
    """A server with objects, and what was acknowledged."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.server = Server(folder, log)
        self.server.start()
        self.s3 = client(self.server, "s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.kept: dict[str, int] = {}

    def put(self, name: str, size: int) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=name, Body=body(name, size))
        self.kept[name] = size

    def delete(self, name: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=name)
        del self.kept[name]

    def get(self, name: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()

    def check(self) -> None:
        """All that was acknowledged is there, and nothing else, and all of it is whole."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        listed = {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}
        assert listed == self.kept, f"listed {listed}, acknowledged {self.kept}"
        for name, size in self.kept.items():
            assert self.get(name) == body(name, size), f"{name} has other bytes"
        scrub(self.server)

    def end(self) -> None:
        assert "panicked" not in self.log()
        self.server.kill()
        # And after a restart.
        self.server.start()
        self.check()
        self.server.kill()

    def log(self) -> str:
        return self.server.log.read_text(errors="replace")

    def told(self, hint: str) -> None:
        """The operator was told what to do."""
        assert hint in self.log(), self.server.tail()


def refused(call: Callable[[], object], *codes: str) -> str:
    """The code of the 5xx error that the call is answered with."""
    try:
        call()
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert code in (codes or (UNAVAILABLE,)), error
        assert status == (503 if code == UNAVAILABLE else 500), error
        return code
    raise AssertionError("the call succeeded on a disk that does not work")


def works_again(call: Callable[[], object]) -> float:
    """Calls until it succeeds; the seconds that took."""
    started = time.monotonic()
    while True:
        try:
            call()
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), error
            assert time.monotonic() - started < PATIENCE, f"still refused after {PATIENCE} s: {error}"
            time.sleep(0.1)
        else:
            return time.monotonic() - started


@contextlib.contextmanager
def failing(disk: Disk, calls: str, error: str, paths: list[Path]) -> Iterator[None]:
    """Makes these system calls of the server fail, on these files alone."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    for path in paths:
        command += ["-P", str(path)]
    tracer = subprocess.Popen([*command, "-p", str(disk.server.process.pid)], stderr=subprocess.PIPE)
    try:
        threads = Path(f"/proc/{disk.server.process.pid}/task")
        until = time.monotonic() + 10
        while not all(f"TracerPid:\t{tracer.pid}" in (one / "status").read_text() for one in threads.iterdir()):
            assert tracer.poll() is None, f"strace: {tracer.stderr.read().decode()}"
            assert time.monotonic() < until, "strace does not hold the server"
            time.sleep(0.01)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)


def segment(disk: Disk) -> Path:
    return max((disk.server.folder / "blobs" / "segments").iterdir())


def reads_fail(disk: Disk) -> None:
    for number in range(20):
        disk.put(f"read/{number}", 20_000)
    disk.put("read/large", 3_000_000)
    [large] = (disk.server.folder / "blobs" / "large").iterdir()
    with failing(disk, "pread64,preadv2,read", "EIO", [segment(disk), large]):
        refused(lambda: disk.get("read/3"))
        refused(lambda: disk.get("read/large"))
        assert len(disk.s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == 21, "what is elsewhere is served"
        disk.delete("read/0")
    disk.told("Input/output error")
    disk.told("look after the disk")
    works_again(lambda: disk.get("read/3"))
    disk.check()


def writes_of_bytes_fail(disk: Disk) -> None:
    disk.put("bytes/before", 5000)
    for calls, error in (("pwrite64", "EIO"), ("fdatasync", "EIO"), ("pwrite64", "ENOSPC")):
        # After a failed sync a new segment is begun.
        disk.put(f"bytes/{calls} {error}", 500)
        with failing(disk, calls, error, [segment(disk)]):
            refused(lambda: disk.s3.put_object(Bucket=BUCKET, Key="bytes/lost", Body=body("lost", 9000)))
            assert disk.get("bytes/before") == body("bytes/before", 5000)
        works_again(lambda: disk.put(f"bytes/after {calls} {error}", 9000))
        disk.check()


def writes_of_the_state_fail(disk: Disk) -> None:
    for calls, error in (("write,writev", "ENOSPC"), ("write,writev", "EIO"), ("fsync", "EIO")):
        for number in range(5):
            disk.put(f"state/{calls} {error} {number}", 3000)
        journals = sorted((disk.server.folder / "state" / "kv").glob("*.jnl"))
        assert journals, "there is a journal"
        with failing(disk, calls, error, journals):
            lost = f"state/lost {calls} {error}"
            put = lambda: disk.s3.put_object(Bucket=BUCKET, Key=lost, Body=body(lost, 3000))  # noqa: E731, B023
            code = refused(put, "InternalError", UNAVAILABLE)
            if code == "InternalError":
                # Whether it was kept is not known: as after a kill.
                disk.kept[lost] = 3000
        took = works_again(lambda: disk.s3.head_bucket(Bucket=BUCKET))
        listed = disk.s3.list_objects_v2(Bucket=BUCKET, Prefix=lost).get("Contents", [])
        if not listed:
            disk.kept.pop(lost, None)
        works_again(lambda: disk.put(f"state/after {calls} {error}", 3000))
        print(f"  {calls} {error} on the journal: {code}; it worked again after {took:.1f} s; the open put is {'' if listed else 'not '}there")
        disk.check()
    disk.told("the journal cannot be written")
    disk.told("the store is open again")


def fill(path: Path, leave: int) -> None:
    """Takes the room of the disk, but for some bytes."""
    room = os.statvfs(path.parent)
    size = room.f_bavail * room.f_frsize - leave
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))


def filled_by_objects(disk: Disk) -> None:
    sizes = random.Random(1)
    number = 0
    while True:
        number += 1
        name, size = f"full/{number}", sizes.choice([1000, 50_000, 900_000, 4_000_000])
        try:
            disk.put(name, size)
        except ClientError as error:
            assert error.response["Error"]["Code"] == UNAVAILABLE, error
            break
        assert number < 5000, "the disk is never full"
    assert number > 20
    refused(lambda: disk.s3.put_object(Bucket=BUCKET, Key="full/one more", Body=body("x", 4_000_000)))
    disk.told("free some space")
    for name in list(disk.kept)[: number // 2]:
        disk.delete(name)
    disk.check()
    # The bytes of what was deleted are freed ten minutes later, by jobs.
    Time(disk.server.endpoint).advance(timedelta(minutes=11))
    for more in range(10):
        disk.put(f"full/again {more}", 900_000)
    disk.check()
    print(f"  {number} objects until the disk was full; half of them deleted, and there was room again")


def filled_by_others(disk: Disk, mount: Path) -> None:
    for number in range(10):
        disk.put(f"others/{number}", 100_000)
    for leave in (1_000_000, 0):
        fill(mount / "others", leave)
        refused(lambda: disk.s3.put_object(Bucket=BUCKET, Key="others/small", Body=b"small"))
        refused(lambda: disk.s3.put_object(Bucket=BUCKET, Key="others/none", Body=b""))
        refused(lambda: disk.s3.delete_object(Bucket=BUCKET, Key="others/0"))
        (mount / "others").unlink()
        works_again(lambda: disk.put(f"others/after {leave}", 100_000))
        disk.check()
    fill(mount / "others", 0)
    disk.server.kill()
    (mount / "others").unlink()
    disk.server.start()
    disk.check()


def on_small_disk(work: Callable[[Disk, Path], None]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="welkin-disk-"))
    mount = folder / "mount"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "welkin", mount], check=True)
    try:
        (mount / "data").mkdir()
        disk = Disk(mount / "data", folder / "welkin.log")
        try:
            work(disk, mount)
            disk.end()
        finally:
            disk.server.process.kill()
            disk.server.process.wait()
    finally:
        subprocess.run(["umount", "--lazy", mount], check=True)
    shutil.rmtree(folder)


def on_failing_disk(work: Callable[[Disk], None]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="welkin-disk-"))
    (folder / "data").mkdir()
    disk = Disk(folder / "data", folder / "welkin.log")
    try:
        work(disk)
        disk.end()
    finally:
        disk.server.process.kill()
        disk.server.process.wait()
    shutil.rmtree(folder)


def main() -> None:
    if os.geteuid() != 0:
        sys.exit("this takes root: it mounts a small file system and traces the server")
    # Mounts are seen by this program and its children alone, and go away with them.
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NAMESPACE) != 0:
        sys.exit(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    wanted = sys.argv[1:]
    for name, run in [
        ("a disk that is filled by objects", lambda: on_small_disk(lambda disk, _: filled_by_objects(disk))),
        ("a disk that is filled by others", lambda: on_small_disk(filled_by_others)),
        ("reads that fail", lambda: on_failing_disk(reads_fail)),
        ("writes of bytes that fail", lambda: on_failing_disk(writes_of_bytes_fail)),
        ("writes of the state that fail", lambda: on_failing_disk(writes_of_the_state_fail)),
    ]:
        if wanted and not any(word in name for word in wanted):
            continue
        started = time.monotonic()
        run()
        print(f"{name}: clear errors, nothing lost, and on it goes ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
