"""Values in one form, for comparison: what is left of a value after it went over a protocol."""

import base64
import datetime
import json
import math

ABSENT = object()


def time_text(value):
    value = value.astimezone(datetime.timezone.utc)
    text = value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if value.microsecond % 1000:
        return text + ".%06dZ" % value.microsecond
    return text + (".%03dZ" % (value.microsecond // 1000) if value.microsecond else "Z")


def number(value):
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


class Canonical:
    """`side` is "input" (parameters of a query say less than JSON) or "output"."""

    def __init__(self, protocol, side):
        self.protocol, self.side = protocol, side
        self.rest = protocol.startswith("rest")
        self.form = protocol in ("query", "ec2") and side == "input"
        self.xml = protocol in ("rest-xml",) or (protocol in ("query", "ec2") and side == "output")

    def top(self, shape, value):
        if shape is None:
            return {}
        result = {}
        payload = shape.serialization.get("payload") if self.rest else None
        for name, item in value.items():
            member = shape.members[name]
            location = member.serialization.get("location") if self.rest else None
            out = self.bound(member, item, location) if location else self.value(member, item)
            if name == payload and member.type_name == "structure" and out == {} and not member.is_document_type:
                out = ABSENT
            if name == payload and out == "":
                out = ABSENT
            if out is not ABSENT:
                result[name] = out
        return result

    def bound(self, member, item, location):
        """A member in a header, label or query string."""
        if item is None or (member.type_name in ("list", "map") and not item):
            return ABSENT
        if member.serialization.get("jsonvalue"):
            return json.loads(item) if isinstance(item, str) else item
        out = self.value(member, item)
        if location == "querystring" and member.type_name == "map":
            # A key without values writes no parameter.
            out = {key: inner for key, inner in out.items() if inner != []}
        return out

    def value(self, shape, item):
        if item is None:
            return ABSENT
        return getattr(self, "any_" + shape.type_name, self.any_scalar)(shape, item)

    def any_structure(self, shape, item):
        if shape.is_document_type:
            return item
        result = {}
        for name, inner in item.items():
            out = self.value(shape.members[name], inner)
            if out is not ABSENT:
                result[name] = out
        if self.form and not result:
            return ABSENT
        return result

    def any_list(self, shape, item):
        items = []
        for inner in item:
            out = self.value(shape.member, inner)
            if out is not ABSENT:
                items.append(out)
            elif inner is None:
                items.append(None)
        if not item and (self.protocol == "ec2" and self.form):
            return ABSENT
        if self.form and item and not items:
            # A list of nothing but empty structures writes no parameter.
            return ABSENT
        if self.xml and not item and shape.serialization.get("flattened"):
            return ABSENT
        return items

    def any_map(self, shape, item):
        if not item and (self.form or (self.xml and shape.serialization.get("flattened"))):
            return ABSENT
        result = {}
        for key, inner in item.items():
            out = self.value(shape.value, inner)
            if self.form and out is ABSENT:
                out = None
            if out is not ABSENT:
                result[key] = out
        return result

    def any_blob(self, shape, item):
        if hasattr(item, "read"):
            item = item.read()
        if isinstance(item, str):
            item = item.encode()
        return base64.b64encode(item).decode()

    def any_timestamp(self, shape, item):
        return time_text(item)

    def any_scalar(self, shape, item):
        return number(item)


def decoded_json_headers(shape, value):
    """Welkin gives a header that holds JSON as that JSON's text."""
    for name, member in shape.members.items() if shape is not None else ():
        serialization = member.serialization
        if name in value and serialization.get("jsonvalue") and serialization.get("location") == "header":
            value[name] = json.loads(value[name])
    return value
