"""Every command in the documentation is run.

The lines of fenced `console` and `sh` blocks that begin with `$ ` are run in order, those of a page in one shell,
against a Welkin of their own. `cargo run --release --` becomes the binary under test. `… up` is started, waited for
and stopped. A block after a comment `<!-- not run: reason -->` is skipped, and counted.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import conftest as shared  # noqa: E402
from test_excerpts import ROOT, pages  # noqa: E402

BLOCK = re.compile(r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n+)?^```(?:console|sh)\n(?P<code>.*?)^```$", re.M | re.S)
RUN = "cargo run --release --"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WELKIN_"))}


def commands(code):
    return [line[2:] for line in code.splitlines() if line.startswith("$ ")]


def blocks(page):
    return list(BLOCK.finditer(page.read_text()))


RUNNABLE = [page for page in pages() if any(commands(b["code"]) and not b["reason"] for b in blocks(page))]


def start(arguments):
    """Starts a Welkin; returns it and what it printed first."""
    command = [shared.binary(), "up", *arguments, "--listen", "127.0.0.1:0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=CLEAN)
    line = process.stdout.readline()
    assert line, f"{command} did not start"
    return process, json.loads(line)


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_work(page, tmp_path):
    process, banner = start(["--memory"])
    binary = shlex.quote(str(shared.binary()))
    script, number = ["set -euo pipefail"], 0
    try:
        for command in (c for block in blocks(page) if not block["reason"] for c in commands(block["code"])):
            command = command.replace(RUN, binary)
            if re.fullmatch(rf"{re.escape(binary)} up( .*)?|welkin up( .*)?", command):
                given = shlex.split(command.split(" up", 1)[1], comments=True)
                another, _ = start([*given, *([] if "--memory" in given else ["--data", str(tmp_path / "data")])])
                another.terminate()
                assert another.wait(30) == 0, command
                another.stdout.close()
                continue
            script += [f"echo {shlex.quote('$ ' + command)}", command]
            number += 1
        path = f"{shared.binary().parent}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**CLEAN, "PATH": path, "AWS_ENDPOINT_URL": banner["endpoint"], "HOME": str(tmp_path), "AWS_PAGER": ""}
        shell = subprocess.run(
            ["bash"], input="\n".join(script), capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=300
        )
        assert shell.returncode == 0, f"{shell.stdout}\n{shell.stderr}"
        assert shell.stdout.count("$ ") >= number
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_is_not_run_says_why(capsys):
    skipped = [(page.relative_to(ROOT), b["reason"]) for page in pages() for b in blocks(page) if b["reason"]]
    with capsys.disabled():
        print(f"\n{len(skipped)} blocks of commands are not run:")
        for page, reason in skipped:
            print(f"  {page}: {reason}")
    assert all(len(reason) > 10 for _, reason in skipped)
    assert RUNNABLE, "nothing would be run at all"
