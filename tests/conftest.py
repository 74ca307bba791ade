"""Fixtures of the tests that use real clients.

`welkin` is a running Welkin for the whole session: the one at WELKIN_ENDPOINT (where several endpoints with commas
between them are front ends of one Welkin, which get requests in turn), or one that is started in memory from the binary that WELKIN_BIN names (by default the newest one in the target folder). Tests share it and keep out
of each other's way by accounts: `welkin.account()` is a fresh one, and its id is the access key of its root user.
"""

import contextlib
import datetime
import itertools
import json
import os
import pathlib
import random
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.config import Config

from refusal import Refused

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Calls go out once, so that a test sees every error that Welkin answers.
# The service validates, not the client: what it refuses is part of what is tested.
ONCE = Config(parameter_validation=False, retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60, max_pool_connections=64)


class Welkin:
    """A running Welkin, with one front end or several."""

    def __init__(self, endpoint, *others):
        self.endpoint = endpoint
        self._endpoints = [endpoint, *others]
        self._turns = itertools.cycle(self._endpoints)
        self._accounts = itertools.count(random.randrange(100_000_000_000, 900_000_000_000))

    def account(self):
        """A 12-digit account id that no other test has."""
        return str(next(self._accounts))

    def client(
        self, service, account="111111111111", key=None, secret=None, token=None, region="us-east-1", **config
    ):
        """A boto3 client: root of `account` unless an access key is given."""
        made = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key or account,
            aws_secret_access_key=secret or "any",
            aws_session_token=token,
            config=ONCE.merge(Config(**config)),
        )
        if len(self._endpoints) > 1:
            made.meta.events.register("before-sign", self._turn)
        return made

    def _turn(self, request, **_):
        """Sends a request to the next front end."""
        port = urllib.parse.urlsplit(next(self._turns)).port
        url = urllib.parse.urlsplit(request.url)
        request.url = url._replace(netloc=f"{url.hostname}:{port}").geturl()

    def root(self, account, service, **options):
        """A client of the root user of `account`."""
        return self.client(service, account=account, **options)

    def user(self, account, policy=None, name=None):
        """A new IAM user of `account` with an inline policy: the options by which `client` is this user."""
        iam = self.client("iam", account)
        name = name or f"user-{random.randrange(1 << 48):012x}"
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return {"account": account, "key": made["AccessKeyId"], "secret": made["SecretAccessKey"]}

    def advance(self, by):
        """Moves the clock, e.g. by "15m"; returns when every job due by then has run."""
        moved = self.admin("POST", "clock", {"advance": by})
        # The other front ends follow at once, but not before this answer.
        for endpoint in self._endpoints[1:]:
            until = time.monotonic() + 10
            while self.admin("GET", "clock", endpoint=endpoint)["ahead_seconds"] < moved["ahead_seconds"]:
                assert time.monotonic() < until, f"{endpoint} does not follow the clock"
        return moved

    def now(self):
        """What its clock says; tests move it."""
        return datetime.datetime.fromisoformat(self.admin("GET", "clock")["now"].replace("Z", "+00:00"))

    def admin(self, method, path, body=None, endpoint=None):
        """Calls the operator's API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{endpoint or self.endpoint}/_welkin/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404 and endpoint is None and len(self._endpoints) > 1:
                # What a front end has decided it alone knows.
                return self.admin(method, path, body, self._endpoints[1])
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error


def binary():
    """The binary to test."""
    if named := os.environ.get("WELKIN_BIN"):
        return pathlib.Path(named)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for profile in ("fast", "debug", "release") if (path := target / profile / "welkin").exists()]
    if not built:
        pytest.exit(f"no binary in {target}: build one with 'cargo build --profile fast', or name it with WELKIN_BIN")
    return max(built, key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="session")
def program():
    """The program to test, to be run as a command."""
    return binary()


@contextlib.contextmanager
def running(*options):
    """Starts a Welkin with these options of `welkin up`, and ends it; `process` may be killed before."""
    command = [binary(), "up", "--listen", "127.0.0.1:0", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if not line:
            pytest.exit("Welkin did not start: see its messages above")
        welkin = Welkin(json.loads(line)["endpoint"])
        welkin.process = process
        yield welkin
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def welkin():
    """A running Welkin."""
    if endpoint := os.environ.get("WELKIN_ENDPOINT"):
        yield Welkin(*endpoint.split(","))
        return
    with running("--memory") as welkin:
        yield welkin


@pytest.fixture
def start():
    """Starts a Welkin of the test's own: `with start("--data", folder) as own: …`."""
    return running


@pytest.fixture
def account(welkin):
    """An account that no other test has."""
    return welkin.account()

@pytest.fixture
def refused():
    return Refused


@pytest.fixture
def name():
    """Names that nothing else has."""
    return lambda kind="n": f"{kind}{random.randrange(1 << 48):012x}"
