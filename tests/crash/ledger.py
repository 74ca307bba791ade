"""What the server acknowledged, and what it may have done without saying so.

Every thing (an object, a message, an alias) belongs to one thread of the load, so its calls are in order. At most the
last of them is open when the server is killed: that one may have happened or not. All others must be as acknowledged.
"""

import threading


class Lost(AssertionError):
    """Something acknowledged is not there, or something is there that nobody can have made."""


class Ledger:
    """The state of named things: absent, or a value."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.lock = threading.Lock()
        self.settled: dict[str, object] = {}
        self.open: dict[str, list[object]] = {}
        self.acknowledged = 0

    def begin(self, name: str, value: object | None) -> None:
        """A call is about to give the thing this value, or to remove it."""
        with self.lock:
            self.open.setdefault(name, []).append(value)

    def acknowledge(self, name: str, value: object | None) -> None:
        """The call was answered with success."""
        with self.lock:
            self.open.pop(name)
            self.acknowledged += 1
            self._settle(name, value)

    def refuse(self) -> None:
        """The open call was answered with a refusal: it did nothing."""
        with self.lock:
            self.open.clear()

    def _settle(self, name: str, value: object | None) -> None:
        if value is None:
            self.settled.pop(name, None)
        else:
            self.settled[name] = value

    def names(self) -> list[str]:
        with self.lock:
            return sorted(set(self.settled) | set(self.open))

    def present(self) -> list[str]:
        with self.lock:
            return sorted(self.settled)

    def found(self, name: str, value: object | None) -> None:
        """What a restarted server has. Raises Lost if that cannot be."""
        with self.lock:
            settled = self.settled.get(name)
            allowed = [settled, *self.open.pop(name, [])]
            if value not in allowed:
                raise Lost(f"{self.kind} {name}: found {value!r}, acknowledged {settled!r}, allowed {allowed!r}")
            self._settle(name, value)
