"""What is sent, and what must come back."""

from collections.abc import Callable
from dataclasses import dataclass

from client import Answer, Client


@dataclass
class Case:
    """One hostile request: the statuses and codes that are right for it, and whether it needs a message."""

    name: str
    send: Callable[[Client], Answer]
    statuses: set[int]
    codes: set[str]

    def problem(self, client: Client) -> str | None:
        """What is wrong about the answer."""
        answer = self.send(client)
        said = f"{answer.status} {answer.code!r} {answer.body[:300]!r}"
        if answer.status not in self.statuses:
            return f"{self.name}: {said}, expected {sorted(self.statuses)}"
        if self.codes and answer.code not in self.codes:
            return f"{self.name}: {said}, expected {sorted(self.codes)}"
        if self.codes and answer.status >= 400 and not answer.message and "cbor" not in self.name.lower():
            return f"{self.name}: {said}, which has no message"
        return None
