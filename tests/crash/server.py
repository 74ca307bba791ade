"""A Welkin on a data folder, that can be killed at any moment and started again on the same port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def binary() -> str:
    """The program under test: WELKIN_BIN, else a release build of this tree."""
    root = Path(__file__).resolve().parents[2]
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    named = os.environ.get("WELKIN_BIN", str(target / "release/welkin"))
    if not Path(named).exists():
        sys.exit(f"{named} is not there: build it with 'cargo build --release', or name one with WELKIN_BIN")
    return named


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process after the other, on one folder and one port."""

    def __init__(self, folder: Path, log: Path | None = None, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = log or folder.parent / "welkin.log"
        self.process: subprocess.Popen | None = None

    def spawn(self) -> None:
        """Starts the process and does not wait for it."""
        command = [binary(), "up", "--listen", f"127.0.0.1:{self.port}", "--json", "--data", str(self.folder)]
        command += self.options
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)

    def start(self) -> float:
        """Starts the process and waits until it listens. Gives the seconds that took."""
        started = time.monotonic()
        self.spawn()
        banner = self.process.stdout.readline()
        if not banner:
            raise AssertionError(f"welkin did not start: {self.tail()}")
        assert json.loads(banner)["endpoint"] == self.endpoint
        return time.monotonic() - started

    def kill(self) -> None:
        """kill -9."""
        assert self.process.poll() is None, f"welkin ended by itself: {self.tail()}"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def tail(self) -> str:
        return self.log.read_bytes()[-4000:].decode(errors="replace")

    def refuses_a_second(self) -> None:
        """A second process on the folder is told what is wrong, the details, and what to do."""
        command = [binary(), "up", "--listen", "127.0.0.1:0", "--data", str(self.folder)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert second.returncode != 0, "a second process was let onto the folder"
        lines = [line.strip() for line in second.stderr.strip().splitlines()]
        message = [line for line in lines if line.startswith("error:")]
        hint = [line for line in lines if line.startswith("hint:")]
        assert len(message) == 1 and len(message[0]) > 15, second.stderr
        assert len(hint) == 1 and len(hint[0]) > 15, second.stderr
        detail = lines[lines.index(message[0]) + 1 : lines.index(hint[0])]
        assert detail and all(detail), second.stderr
        assert "panicked" not in second.stderr
