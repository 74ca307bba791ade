"""A slow reading of AWS's documented evaluation logic, written from the documentation alone.

It shares nothing with `platform/policy`: other language, other data structures, no parsing ahead, no caches. Where
the two disagree, the documentation decides. Each file names the pages that it follows.

    decide(case) -> Decision
"""

from .decision import Decision, decide

__all__ = ["Decision", "decide"]
