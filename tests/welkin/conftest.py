"""Fixtures of the tests of the command: processes of their own, and the command line."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import conftest as shared  # noqa: E402

# What a shell may have set must not change what is tested.
CLEAN = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "WELKIN_")) or n == "WELKIN_BIN"}


class Process(shared.Welkin):
    """A `welkin up` of its own."""

    def __init__(self, *arguments, environment=None):
        command = [shared.binary(), "up", "--json", *map(str, arguments)]
        if not any(str(a).startswith("--listen") for a in arguments):
            command += ["--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**CLEAN, **(environment or {})}
        )
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"it did not start: {self.process.stderr.read()}")
        self.banner = json.loads(line)
        super().__init__(self.banner["endpoint"])
        self.port = int(self.endpoint.rsplit(":", 1)[1])

    def stop(self):
        """Ends it as an operator does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self):
        """Ends it as a crash does."""
        self.process.kill()
        self.process.wait(30)


@pytest.fixture
def up():
    """Starts processes: `up("--data", folder)`; they end with the test."""
    started = []

    def start(*arguments, **options):
        started.append(Process(*arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.process.stdout.close()
        process.process.stderr.close()


class Outcome:
    """What a command printed."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.error = done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def fault(self):
        """Message, detail and hint, of a command that was run with --json."""
        return json.loads(self.error.splitlines()[-1])


def run(*arguments, environment=None, stdin=None, text=True, timeout=120):
    """Runs a command to its end."""
    command = [shared.binary(), *map(str, arguments)]
    return Outcome(
        subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=text,
            timeout=timeout,
            env={**CLEAN, **(environment or {})},
        )
    )


@pytest.fixture
def cli(welkin):
    """Runs commands against the running Welkin."""

    def call(*arguments, **options):
        environment = {"AWS_ENDPOINT_URL": welkin.endpoint, **options.pop("environment", {})}
        return run(*arguments, environment=environment, **options)

    return call


def against(process):
    """Runs commands against this process."""
    return lambda *arguments, **options: run(
        *arguments, environment={"AWS_ENDPOINT_URL": process.endpoint}, **options
    )


def refused(*arguments, environment=None):
    """Runs an `up` that must not start; returns what it told."""
    outcome = run("up", "--json", *arguments, environment=environment, timeout=30)
    assert outcome.code == 1, (outcome.code, outcome.out, outcome.error)
    assert outcome.out == ""
    fault = outcome.fault
    assert fault["message"] and fault["hint"], fault
    return fault


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
