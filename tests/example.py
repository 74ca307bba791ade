"""The example programs of the crates, which show to other languages what a crate answers."""

import os
from pathlib import Path


def example(package: str, name: str) -> list[str]:
    """The command that runs an example: the program in the folder WELKIN_EXAMPLES, else by way of cargo."""
    if folder := os.environ.get("WELKIN_EXAMPLES"):
        return [str(Path(folder) / name)]
    return ["cargo", "run", "--quiet", "--profile", "fast", "--package", package, "--example", name]
