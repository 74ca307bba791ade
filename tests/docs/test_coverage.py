"""COVERAGE.md is what the binary says of itself."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_page_is_the_output_of_the_command():
    binary = os.environ["WELKIN_BIN"]
    shown = subprocess.run([binary, "coverage", "--markdown"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "COVERAGE.md").read_text() == shown, "run: welkin coverage --markdown > COVERAGE.md"
