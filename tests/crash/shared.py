"""Two front ends on one PostgreSQL store, whose blobs lie in a second Welkin.

First the tests of S3 run with their requests going to the front ends in turn, so that each serves what the other one
wrote. Then one front end or the other is killed under load, while the other one goes on; everything that was
acknowledged is looked for at the front end that did not write it.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import postgres
import versions
from botocore.exceptions import ClientError
from emptied import empty
from ledger import Lost
from objects import BUCKET, Multiparts, Objects
from run import Load, client, make_buckets
from server import Server
from versions import Versions

#: The tests in which it may matter where things are kept, and who serves them.
SUITES = [
    f"tests/s3/test_{name}.py" for name in ("objects", "multipart", "copy", "versions", "listing", "lifecycle", "encryption")
]
#: Sweeps, which nobody can have at once where the state is shared.
UNFIT = ["--deselect", "tests/s3/test_versions.py::test_the_bytes_of_noncurrent_versions_stay"]


def suites(fronts: list[Server], extra: list[str]) -> None:
    endpoints = ",".join(front.endpoint for front in fronts)
    command = [sys.executable, "-m", "pytest", "-q", "-x", *SUITES, *UNFIT, *extra]
    subprocess.run(command, check=True, cwd=HERE.parents[1], env=os.environ | {"WELKIN_ENDPOINT": endpoints})


def make_parts(fronts: list[Server]) -> list[list]:
    """What each front end has to do."""
    make_buckets(client(fronts[0], "s3"))
    one, other = ([client(front, "s3") for _ in range(3)] for front in fronts)
    return [
        [Objects(one[0], "one", 8, None), Multiparts(one[1], "one-parts", 2)],
        [Objects(other[0], "other", 8, None), Multiparts(other[1], "other-parts", 2), Versions(other[2], 4)],
    ]


def one_round(fronts: list[Server], parts: list[list], chance: random.Random) -> None:
    victim = chance.randrange(2)
    loads = [Load(part, f"{chance.random()}") for part in parts]
    time.sleep(chance.uniform(0.1, 0.5))
    loads[victim].wait_for(chance.randrange(20))
    loads[victim].killed.set()
    fronts[victim].kill()
    loads[victim].finish()
    # The other one goes on alone.
    before = loads[1 - victim].acknowledged()
    loads[1 - victim].wait_for(before - loads[1 - victim].before + 5)
    loads[1 - victim].finish()
    if loads[1 - victim].acknowledged() == before:
        raise AssertionError("the other front end did not go on")
    fronts[victim].start()
    for number, mine in enumerate(parts):
        for part in mine:
            part.client, own = client(fronts[1 - number], "s3"), part.client
            part.check()
            part.client = own


def run(options: argparse.Namespace, folder: Path, database: str) -> None:
    for name in ("blobs", "one", "other"):
        (folder / name).mkdir()
    store = Server(folder / "blobs", folder / "blobs.log")
    store.start()
    client(store, "s3").create_bucket(Bucket="bytes")
    where = f"s3://bytes/front?endpoint={store.endpoint}&region=us-east-1&access_key_id=222222222222&secret_access_key=any"
    client(store, "s3").put_bucket_policy(Bucket="bytes", Policy=POLICY)
    places = ("--store", database, "--blobs", where)
    fronts = [Server(folder / name, folder / f"{name}.log", *places) for name in ("one", "other")]
    try:
        fronts[0].start()
        # Secrets in the state are sealed by a key that both must have.
        shutil.copy(folder / "one" / "root.key", folder / "other" / "root.key")
        fronts[1].start()
        suites(fronts, options.pytest)
        parts = make_parts(fronts)
        chance = random.Random(options.seed)
        for _ in range(options.rounds):
            one_round(fronts, parts, chance)
        acknowledged = sum(part.ledger.acknowledged for mine in parts for part in mine)
        scrub(fronts[chance.randrange(2)])
        empty(client(fronts[0], "s3"), [BUCKET, versions.BUCKET])
        for front in [store, *fronts]:
            assert "panicked" not in front.log.read_text(errors="replace"), front.tail()
    finally:
        for server in [*fronts, store]:
            if server.process and server.process.poll() is None:
                server.kill()
    print(f"{options.rounds} kills of one of two front ends: nothing of {acknowledged} acknowledged calls is lost")


#: The front ends are another account than the one whose bucket has the bytes.
POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"},
    "Action": "s3:*", "Resource": ["arn:aws:s3:::bytes", "arn:aws:s3:::bytes/*"]}]}"""


def scrub(front: Server) -> None:
    """Everything that the state refers to is there and whole."""
    found = subprocess.run(
        [os.environ["WELKIN_BIN"], "scrub", "--endpoint", front.endpoint], capture_output=True, text=True, timeout=120
    )
    if found.returncode != 0:
        raise Lost(found.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("pytest", nargs="*", help="arguments for pytest")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="welkin-shared-"))
    try:
        with postgres.server() as database:
            run(options, folder, database())
    except (Lost, AssertionError, ClientError, subprocess.CalledProcessError) as error:
        print(f"FAILED (seed {options.seed}, folder {folder}): {error}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
