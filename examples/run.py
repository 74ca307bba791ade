"""Runs the systems end to end, each against a fresh Welkin: `python examples/run.py [NAME …]`.

Each folder with a `run.py` is a system. It finds Welkin by AWS_ENDPOINT_URL, its data folder by WELKIN_DATA,
asserts what it shows, and exits with 0. WELKIN_BIN names the binary; `cargo build --release` makes one.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TIME_LIMIT = 600


def binary():
    named = os.environ.get("WELKIN_BIN")
    path = pathlib.Path(named) if named else HERE.parent / "target/release/welkin"
    if not path.exists():
        sys.exit(f"{path} is not there: build it with 'cargo build --release', or name one with WELKIN_BIN")
    return path


def run(system):
    with tempfile.TemporaryDirectory(prefix="welkin-example-") as data:
        command = [binary(), "up", "--json", "--listen", "127.0.0.1:0", "--data", data]
        welkin = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            line = welkin.stdout.readline()
            if not line:
                sys.exit("Welkin did not start: see above")
            environment = dict(os.environ, AWS_ENDPOINT_URL=json.loads(line)["endpoint"], WELKIN_DATA=data)
            for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
                environment.pop(name, None)
            started = time.monotonic()
            status = subprocess.run([sys.executable, system / "run.py"], env=environment, timeout=TIME_LIMIT).returncode
            return status, time.monotonic() - started
        finally:
            welkin.terminate()
            welkin.wait(30)


def main():
    systems = sorted(path.parent for path in HERE.glob("*/run.py"))
    if sys.argv[1:]:
        systems = [HERE / name for name in sys.argv[1:]]
    if not systems:
        sys.exit("there is no system to run")
    failed = 0
    for system in systems:
        print(f"-- {system.name}", flush=True)
        status, seconds = run(system)
        failed += status != 0
        print(f"-- {system.name}: {'ok' if status == 0 else f'exit {status}'} in {seconds:.1f} s", flush=True)
    print(f"{len(systems) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
