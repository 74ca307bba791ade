"""Policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

A variable for which the request has no value, or several, matches nothing. What that means for a negation (NotResource,
StringNotEquals) the documentation does not say; here it never widens what is allowed, and never narrows what is denied.
"""

import re

from .matching import ANY, ONE, literal

VARIABLE = re.compile(r"\$\{\s*([^,}]*?)\s*(?:,\s*'([^']*)'\s*)?\}")
SPECIAL = {"*": "*", "?": "?", "$": "$"}


class Unresolved(Exception):
    """The request has no (single) value for a variable: what it stands in matches nothing."""


def expand(text, case, version):
    """The tokens of a pattern with its variables replaced. Only version 2012-10-17 has variables."""
    if version != "2012-10-17":
        return plain(text)
    made, at = [], 0
    for found in VARIABLE.finditer(text):
        made += plain(text[at : found.start()])
        made += literal(value(found, case))
        at = found.end()
    return made + plain(text[at:])


def plain(text):
    return [ANY if c == "*" else ONE if c == "?" else c for c in text]


def value(found, case):
    name, default = found.groups()
    if name in SPECIAL:
        return SPECIAL[name]
    values = context_values(case, name)
    if len(values) == 1:
        return values[0]
    if default is not None and not values:
        return default
    raise Unresolved(name)


def context_values(case, key):
    """The values of a key; names of keys are not case-sensitive; a key without a value is no key."""
    for name, values in case["context"].items():
        if name.lower() == key.lower():
            return list(values)
    return []
