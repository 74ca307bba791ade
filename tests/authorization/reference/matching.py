"""Wildcards, action names and ARNs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

A pattern is a list of tokens: characters that stand for themselves, and ANY ("*") and ONE ("?"). What a variable
gives is characters only: a `*` in somebody's tag is not a wildcard.
"""

import re


class Wild:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


ANY, ONE = Wild("*"), Wild("?")


def tokens(text):
    """The pattern as it stands in a policy, without variables."""
    return [ANY if c == "*" else ONE if c == "?" else c for c in text]


def literal(text):
    return list(text)


def match(pattern, text, crosses=lambda place: True):
    """Whether all of `text` is matched. `crosses(place)`: may the wildcard at `place` take a colon?"""
    parts = []
    for place, token in enumerate(pattern):
        if isinstance(token, Wild):
            parts.append(("." if crosses(place) else "[^:]") + ("*" if token is ANY else ""))
        else:
            parts.append(re.escape(token))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def action_matches(pattern, action):
    """Actions are not case-sensitive; `*` alone is every action of every service."""
    return match(tokens(pattern.lower()), action.lower())


def resource_matches(pattern, resource):
    """A pattern of a Resource element against an ARN, or against `*` for actions without a resource.

    Wildcards stay within their segment, but a `*` that ends a segment can expand beyond the colon. The sixth
    segment is the resource's own and may hold colons.
    """
    if pattern == [ANY]:
        return True
    colons = [i for i, token in enumerate(pattern) if token == ":"]
    own = colons[4] if len(colons) > 4 else len(pattern)

    def crosses(place):
        ends = place + 1 == len(pattern) or pattern[place + 1] == ":"
        return place > own or (pattern[place] is ANY and ends)

    return match(pattern, resource, crosses)


def arn_matches(pattern, arn):
    """ArnLike and ArnEquals: each of the six components is checked separately."""

    def split(sequence):
        parts = [[]]
        for item in sequence:
            if item == ":" and len(parts) < 6:
                parts.append([])
            else:
                parts[-1].append(item)
        return parts

    wanted, given = split(pattern), split(arn)
    if len(wanted) != 6 or len(given) != 6:
        return False
    return all(match(w, "".join(g)) for w, g in zip(wanted, given))
