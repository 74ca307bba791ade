"""Fixtures of the tests with the clients of S3 that people use, each as a command or a library of its own."""

import itertools
import os
import pathlib
import random
import subprocess
import sys
import time

import pytest

_names = itertools.count(random.randrange(1 << 40))
MIB = 1024 * 1024


def content(seed, size):
    """Bytes that are different everywhere."""
    return random.Random(seed).randbytes(size)


def tree(folder):
    """The files below a folder, with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def grow(folder, files, age=0):
    """Makes files of their names and bytes, so many seconds old.

    S3 tells of times by the second, so a file that is uploaded in the second in which it was made is newer than its object.
    """
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        made = time.time() - age
        os.utime(path, (made, made))


@pytest.fixture
def s3(welkin, account):
    """S3 by boto3, to see what the other clients did."""
    return welkin.client("s3", account)


@pytest.fixture
def bucket(s3):
    name = f"clients-{next(_names)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def stored(s3, bucket):
    """What is in the bucket: `stored()` is each key with its bytes."""

    def stored():
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    return stored


@pytest.fixture
def environment(welkin, account):
    """The environment of a command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WELKIN_", "RCLONE_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": welkin.endpoint,
    }


@pytest.fixture
def run(environment):
    """Runs a command, which must succeed; what it prints."""

    def run(*command, **options):
        done = subprocess.run(
            [*map(str, command)], env=environment, capture_output=True, timeout=300, **({"text": True} | options)
        )
        assert done.returncode == 0, f"{command}: {done.stdout!r} {done.stderr!r}"
        return done.stdout

    return run


@pytest.fixture
def aws(run, environment, tmp_path):
    """`aws s3 …`."""
    environment["AWS_CONFIG_FILE"] = str(tmp_path / "none")
    program = pathlib.Path(sys.executable).parent / "aws"
    aws = lambda *arguments: run(program, "s3", *arguments)
    aws.program = program
    return aws
