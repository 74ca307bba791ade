"""Code in the documentation is code of the tree, and the commands in it exist.

A fenced block whose first line names a path, as in

    ```rust services/sqs/src/tags.rs

occurs in that file, line by line. A line that holds nothing but … stands for lines that are left out.
"""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"


def pages():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in sorted(set(listed.splitlines())) if (ROOT / name).exists()]


def excerpts():
    for page in pages():
        for _, path, code in FENCE.findall(page.read_text()):
            yield pytest.param(path, code, id=f"{page.relative_to(ROOT)}: {path}: {code.strip().splitlines()[0].strip()}")


def parts(code):
    """The runs of lines between those that are left out."""
    part = []
    for line in code.splitlines():
        if line.strip() == LEFT_OUT:
            yield part
            part = []
        else:
            part.append(line)
    yield part


def missing(code, text):
    """The first run of lines of `code` that `text` does not have after those before it; None if it has all."""
    lines, at = text.splitlines(), 0
    for part in filter(None, parts(code)):
        starts = range(at, len(lines) - len(part) + 1)
        found = next((start for start in starts if lines[start : start + len(part)] == part), None)
        if found is None:
            return "\n".join(part)
        at = found + len(part)
    return None


@pytest.mark.parametrize("path, code", list(excerpts()))
def test_an_excerpt_is_in_the_file_that_it_names(path, code):
    file = ROOT / path
    assert file.is_file(), f"there is no {path}"
    lost = missing(code, file.read_text())
    assert lost is None, f"{path} does not have (any more, or not in this order):\n{lost}"


def test_contributing_has_excerpts():
    named = FENCE.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) >= 10, "the worked examples are excerpts of the tree"


def test_the_check_can_fail():
    text = "fn a() {\n    one();\n    two();\n}\n"
    assert missing("fn a() {\n    …\n}\n", text) is None
    assert missing("    two();\n    …\n    one();\n", text) == "    one();"
    assert missing("    one(); // changed\n", text) is not None
    assert missing("    one();\n}\n", text) is not None


def test_steps_that_are_named_exist():
    steps = set(re.findall(r'(?:alone|beside)\(\s*"(\w+)"', (ROOT / "xtask/src/test/steps.rs").read_text()))
    named = [
        (page, step)
        for page in pages()
        for names in re.findall(r"cargo xtask test ([a-z0-9 ]+?) *(?:`|#|$)", page.read_text(), re.MULTILINE)
        for step in names.split()
    ]
    assert named, "the documentation tells how to run a step"
    for page, step in named:
        assert step in steps | {"list"}, f"{page.relative_to(ROOT)}: there is no step {step}"


def test_links_to_files_lead_somewhere():
    for page in pages():
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}, which is not there"
