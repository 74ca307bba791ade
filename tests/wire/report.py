"""Counts, failures, exclusions."""

import json


class Report:
    def __init__(self):
        self.cases, self.failures, self.exclusions = 0, [], []
        self.operations, self.errors = set(), set()
        self.sides = {}

    def count(self, where):
        self.cases += 1
        side = (where[2], where[3])
        self.sides[side] = self.sides.get(side, 0) + 1

    def compare(self, where, expected, actual):
        self.count(where)
        if expected != actual:
            self.failures.append((where, difference(expected, actual)))

    def fail(self, where, problem, value):
        self.count(where)
        self.failures.append((where, "%s\n    value %r" % (problem, value)[:4000]))

    def exclude(self, service, operation, protocol, side, reason):
        self.exclusions.append((service, operation, protocol, side, reason))

    def add(self, other):
        self.cases += other.cases
        self.failures += other.failures
        self.exclusions += other.exclusions
        self.operations |= other.operations
        self.errors |= other.errors
        for side, count in other.sides.items():
            self.sides[side] = self.sides.get(side, 0) + count


def difference(expected, actual, path=""):
    """The first places where two values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key in list(expected) + [k for k in actual if k not in expected]:
            if key not in actual:
                found.append("%s.%s: missing, expected %s" % (path, key, short(expected[key])))
            elif key not in expected:
                found.append("%s.%s: unexpected %s" % (path, key, short(actual[key])))
            elif expected[key] != actual[key]:
                found.append(difference(expected[key], actual[key], "%s.%s" % (path, key)))
        return "\n    ".join(found[:4])
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for number, (one, other) in enumerate(zip(expected, actual)):
            if one != other:
                return difference(one, other, "%s[%d]" % (path, number))
    return "%s: expected %s, got %s" % (path, short(expected), short(actual))


def short(value):
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) < 300 else text[:300] + "…"
