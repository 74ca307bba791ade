"""Nothing acknowledged is lost by kill -9.

Rounds of mixed S3, SQS, SNS and KMS load from several threads, while the clock is advanced; in each the server is killed at a
random moment and started again on the same folder, everything it ever acknowledged is looked for, and a scrub finds
no bytes that are lost, torn or left over. At the end everything is deleted, and no bytes may remain. With the same seed
the same moments are chosen. `--forget` starts the server on an empty folder instead: then the run must fail, or it would prove nothing.
"""

import argparse
import http.client
import random
import shutil
import sys
import tempfile
import threading
import time
import urllib.error
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
import aging
import versions
from aging import Aging, Time
from emptied import empty
from keys import Keys
from ledger import Lost
from messages import Messages
from objects import BUCKET, Multiparts, Objects
from scrub import scrub
from server import Server
from topics import StandardTopic, Topics
from versions import Versions

ACCOUNT = "111111111111"


def client(server: Server, service: str):
    """A client that tells every failure: without retries each call was answered or not."""
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=5,
        read_timeout=20,
        s3={"addressing_style": "path"},
        max_pool_connections=2,
    )
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="any",
        config=config,
    )


class Load:
    """Threads that call until the server is gone."""

    def __init__(self, parts: list, seed: str) -> None:
        self.parts = parts
        self.before = self.acknowledged()
        self.stop = threading.Event()
        self.killed = threading.Event()
        self.surprises: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self.work, args=(part, random.Random(f"{seed} {number}")), daemon=True)
            for number, part in enumerate(parts)
        ]
        for thread in self.threads:
            thread.start()

    def work(self, part, chance: random.Random) -> None:
        while not self.stop.is_set():
            try:
                part.step(chance)
            except (BotoCoreError, ClientError, OSError, http.client.HTTPException) as error:
                # The call that was open when the server was killed has no answer. Any other failure is a fault.
                answered = isinstance(error, ClientError | urllib.error.HTTPError)
                if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ThrottlingException":
                    # KMS lets few aliases be made in a second.
                    part.ledger.refuse()
                    continue
                if answered or not self.killed.wait(timeout=2):
                    self.surprises.append(error)
                return

    def wait_for(self, calls: int) -> None:
        """Waits until so many calls are acknowledged, since a slow machine makes few of them; not for long."""
        until = time.monotonic() + 2
        while time.monotonic() < until and not self.surprises and self.acknowledged() - self.before < calls:
            time.sleep(0.001)

    def acknowledged(self) -> int:
        return sum(part.ledger.acknowledged for part in self.parts)

    def finish(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=30)
            assert not thread.is_alive(), "a call never came back"
        if self.surprises:
            raise AssertionError(f"a call failed before the kill: {self.surprises[0]}") from self.surprises[0]


def make_parts(server: Server) -> list:
    s3, kms = client(server, "s3"), client(server, "kms")
    make_buckets(s3)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    clock = Time(server.endpoint)
    return [
        clock,
        Objects(s3, "plain", 12, None),
        Objects(client(server, "s3"), "sealed", 8, key),
        Multiparts(client(server, "s3"), "parts", 2),
        Versions(client(server, "s3"), 5),
        Aging(client(server, "s3"), clock),
        Messages(client(server, "sqs"), "crash-standard", fifo=False),
        Messages(client(server, "sqs"), "crash.fifo", fifo=True),
        Topics(client(server, "sns"), client(server, "sqs")),
        StandardTopic(client(server, "sns"), client(server, "sqs")),
        Keys(kms),
    ]


def make_buckets(s3) -> None:
    for bucket in (BUCKET, aging.PLAIN, aging.VERSIONED):
        s3.create_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=versions.BUCKET, ObjectLockEnabledForBucket=True)
    s3.put_bucket_versioning(Bucket=aging.VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    for bucket, rules in zip((aging.PLAIN, aging.VERSIONED), aging.rules(), strict=True):
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)


def one_round(server: Server, parts: list, seed: str, forget: bool) -> dict[str, float]:
    chance = random.Random(seed)
    moment = chance.uniform(0.02, 0.6)
    load = Load(parts, seed)
    time.sleep(moment)
    load.wait_for(chance.randrange(60))
    load.killed.set()
    server.kill()
    load.finish()
    if forget:
        shutil.rmtree(server.folder)
        server.folder.mkdir()
    if chance.random() < 0.2:
        # Killed again while it starts.
        server.spawn()
        time.sleep(chance.uniform(0, 0.05))
        server.kill()
    started = server.start()
    checking = time.monotonic()
    # Messages that were received and not deleted become visible again, and what was freed is gone.
    parts[0].settle(timedelta(minutes=16))
    for part in parts:
        part.check()
    scrubbing = time.monotonic()
    scrub(server)
    ended = time.monotonic()
    return {"load": moment, "start": started, "check": scrubbing - checking, "scrub": ended - scrubbing}


def run(options: argparse.Namespace, folder: Path) -> None:
    data = folder / "data"
    data.mkdir()
    server = Server(data)
    server.start()
    try:
        parts = make_parts(server)
        server.refuses_a_second()
        print("a second process on the folder is refused, with message, detail and hint")
        times: dict[str, list[float]] = {}
        for number in range(1, options.rounds + 1):
            for name, seconds in one_round(server, parts, f"{options.seed} {number}", options.forget).items():
                times.setdefault(name, []).append(seconds)
            if number % 10 == 0:
                print(f"round {number}: {sum(part.ledger.acknowledged for part in parts)} calls acknowledged so far")
        empty(client(server, "s3"), [BUCKET, versions.BUCKET, aging.PLAIN, aging.VERSIONED])
        parts[0].settle(timedelta(days=1))
        found = scrub(server)
        assert (found["blobs"], found["swept"]) == (0, 0), f"everything was deleted, and {found} remains"
        assert "panicked" not in server.log.read_text(errors="replace"), server.tail()
    finally:
        if server.process.poll() is None:
            server.kill()
    mean = {name: sum(values) / len(values) for name, values in times.items()}
    counts = {type(part).__name__ + f" {getattr(part, 'label', '')}": part.ledger.acknowledged for part in parts}
    counts = {name.strip(): count for name, count in counts.items()}
    print(f"{options.rounds} rounds, seed {options.seed}: nothing acknowledged is lost. Acknowledged: {counts}.")
    print("seconds a round: " + ", ".join(f"{name} {value:.2f}" for name, value in mean.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forget", action="store_true", help="lose everything at each kill, to see the run fail")
    parser.add_argument("--keep", action="store_true", help="keep the data folder of a failed run")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="welkin-crash-"))
    try:
        run(options, folder)
    except (Lost, AssertionError, ClientError) as error:
        print(f"FAILED (seed {options.seed}, folder {folder}): {error}", file=sys.stderr)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
