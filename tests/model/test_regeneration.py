"""The committed files of facts are, byte for byte, what their generators write."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(command):
    result = subprocess.run(["cargo", "xtask", command, "--check"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "as committed" in result.stderr


def test_models_are_reproducible():
    check("models")


def test_actions_are_reproducible():
    check("actions")
