"""The Condition element.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import base64
import datetime
import decimal
import ipaddress

from .matching import ANY, ONE, arn_matches, match
from .variables import Unresolved, context_values, expand


def listed(value):
    return value if isinstance(value, list) else [value]


def holds(condition, case, version, effect):
    """All operators and all keys must hold."""
    return all(
        test(operator, key, [written(v) for v in listed(values)], case, version, effect)
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def written(value):
    """JSON's true and 5 are taken as "true" and "5"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def test(operator, key, wanted, case, version, effect):
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    given = context_values(case, key)
    if name == "Null":
        return any((not given) == (want.lower() == "true") for want in wanted)
    negated, compare = OPERATORS[name]
    if negated and effect == "Allow" and compare in (text_equals, text_equals_ignoring_case, text_like, arn_like):
        if not all(resolves(want, case, version) for want in wanted):
            return False
    if not given and if_exists:
        return True

    def matches_one(value):
        """A value of the request against all values of the policy: one of them, or for a negation none of them."""
        return any(compare(want, value, case, version) for want in wanted) != negated

    # An empty text is no value for these two.
    if quantifier == "ForAllValues":
        return all(matches_one(value) for value in given if value)
    if quantifier == "ForAnyValue":
        return any(matches_one(value) for value in given if value)
    if not given:
        return negated
    if len(given) > 1:
        raise ValueError(f"{key} has several values and {operator} no set operator: AWS does not say what happens")
    return matches_one(given[0])


def text_equals(want, value, case, version):
    pattern = literal_expansion(want, case, version)
    return pattern is not None and pattern == value


def text_equals_ignoring_case(want, value, case, version):
    pattern = literal_expansion(want, case, version)
    return pattern is not None and pattern.lower() == value.lower()


def literal_expansion(want, case, version):
    """The text with variables replaced, where wildcards are ordinary characters; None without a value."""
    try:
        tokens = expand(want, case, version)
    except Unresolved:
        return None
    return "".join("*" if t is ANY else "?" if t is ONE else t for t in tokens)


def resolves(want, case, version):
    try:
        expand(want, case, version)
    except Unresolved:
        return False
    return True


def text_like(want, value, case, version):
    try:
        return match(expand(want, case, version), value)
    except Unresolved:
        return False


def arn_like(want, value, case, version):
    try:
        return arn_matches(expand(want, case, version), value)
    except Unresolved:
        return False


def compared(parse, relation):
    """Both sides must be of the kind; what is not matches nothing."""

    def compare(want, value, case, version):
        try:
            return relation(parse(value), parse(want))
        except (ValueError, ArithmeticError):
            return False

    return compare


def number(text):
    found = decimal.Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return found


def date(text):
    """ISO 8601, or seconds since 1970."""
    if text.lstrip("-").isdigit() and len(text) > 4:
        return decimal.Decimal(text)
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return decimal.Decimal(since // datetime.timedelta(microseconds=1)) / 1_000_000


def truth(want, value, case, version):
    """Bool is the one operator besides those of strings and ARNs that takes variables."""
    expected = literal_expansion(want, case, version)
    return expected is not None and expected.lower() == value.lower() and value.lower() in ("true", "false")


def binary(text):
    return base64.b64decode(text, validate=True)


def in_network(want, value, case, version):
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(want, strict=False)
    except ValueError:
        return False


OPERATORS = {
    "StringEquals": (False, text_equals),
    "StringNotEquals": (True, text_equals),
    "StringEqualsIgnoreCase": (False, text_equals_ignoring_case),
    "StringNotEqualsIgnoreCase": (True, text_equals_ignoring_case),
    "StringLike": (False, text_like),
    "StringNotLike": (True, text_like),
    "NumericEquals": (False, compared(number, lambda a, b: a == b)),
    "NumericNotEquals": (True, compared(number, lambda a, b: a == b)),
    "NumericLessThan": (False, compared(number, lambda a, b: a < b)),
    "NumericLessThanEquals": (False, compared(number, lambda a, b: a <= b)),
    "NumericGreaterThan": (False, compared(number, lambda a, b: a > b)),
    "NumericGreaterThanEquals": (False, compared(number, lambda a, b: a >= b)),
    "DateEquals": (False, compared(date, lambda a, b: a == b)),
    "DateNotEquals": (True, compared(date, lambda a, b: a == b)),
    "DateLessThan": (False, compared(date, lambda a, b: a < b)),
    "DateLessThanEquals": (False, compared(date, lambda a, b: a <= b)),
    "DateGreaterThan": (False, compared(date, lambda a, b: a > b)),
    "DateGreaterThanEquals": (False, compared(date, lambda a, b: a >= b)),
    "Bool": (False, truth),
    "BinaryEquals": (False, compared(binary, lambda a, b: a == b)),
    "IpAddress": (False, in_network),
    "NotIpAddress": (True, in_network),
    "ArnEquals": (False, arn_like),
    "ArnLike": (False, arn_like),
    "ArnNotEquals": (True, arn_like),
    "ArnNotLike": (True, arn_like),
}
