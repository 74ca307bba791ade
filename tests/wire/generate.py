"""Valid values of a shape, from a seed."""

import datetime
import json
import math
import string

from exclusions import MEMBERS

LIMIT_NODES = 160
LIMIT_DEPTH = 7
TEXTS = [
    "plain", "two words", "a+b=c&d", "100%", "<tag attr=\"1\">&amp;</tag>", "naïve café", "日本語", "😀 smile",
    "line\nbreak", "tab\there", "back\\slash \"quoted\" 'single'", "a/b//c", "comma, separated", "#?;:@!$'()*~", "0", "true",
    "null", " ", "x" * 40,
]
ASCII = ["plain", "two words", "a+b=c&d", "100%25", "<tag>", "semi;colon", "slash/slash", "0", "true", "x" * 40, "a.b_c-d~e"]
WORDS = ["plain", "alpha-1", "b2", "0", "x" * 20, "under_score", "dot.dot"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Places:
    """What text may stand where."""

    BODY, ASCII, WORD, LABEL, HOST, STATUS = range(6)


class Generator:
    def __init__(self, rng, protocol, mode, output, service=""):
        self.rng, self.protocol, self.mode, self.output, self.service = rng, protocol, mode, output, service
        self.nodes = 0

    def top(self, shape):
        """A value for an input or output: a dict of members."""
        value = {}
        for name, member in shape.members.items():
            if not self.wanted(shape, name, member, 0):
                continue
            value[name] = self.value(member, self.place(member), 1, [shape.name], member)
        return value

    def wanted(self, shape, name, member, depth):
        serialization = member.serialization
        if serialization.get("eventstream") or (self.service, shape.name, name) in MEMBERS:
            return False
        if name in shape.required_members or serialization.get("hostLabel"):
            return True
        if not self.output and serialization.get("location") == "uri":
            return True
        if self.mode == "minimal" or self.nodes > LIMIT_NODES or depth > LIMIT_DEPTH:
            return False
        return self.mode == "full" or self.rng.random() < 0.5

    def place(self, member):
        serialization = member.serialization
        location = serialization.get("location")
        if serialization.get("hostLabel"):
            return Places.HOST
        if not self.rest:
            return Places.BODY
        if location == "statusCode":
            return Places.STATUS
        if location in ("header", "headers"):
            return Places.ASCII if member.type_name != "list" else Places.WORD
        if location == "uri" and not self.output:
            return Places.LABEL
        return Places.BODY

    @property
    def rest(self):
        return self.protocol.startswith("rest")

    def value(self, shape, place, depth, stack, member=None):
        self.nodes += 1
        return getattr(self, "any_" + shape.type_name)(shape, place, depth, stack)

    def any_structure(self, shape, place, depth, stack):
        if shape.is_document_type:
            return self.document()
        inner = stack + [shape.name]
        if getattr(shape, "is_tagged_union", False):
            names = list(shape.members)
            if not names:
                return {}
            simple = [n for n in names if shape.members[n].type_name not in ("structure", "list", "map")]
            deep = depth > LIMIT_DEPTH or self.nodes > LIMIT_NODES or shape.name in stack
            fresh = [n for n in names if shape.members[n].name not in inner]
            name = self.rng.choice((simple or fresh or names) if deep else names)
            return {name: self.value(shape.members[name], place, depth + 1, inner)}
        value = {}
        recursive = stack.count(shape.name) >= 2
        for name, member in shape.members.items():
            required = name in shape.required_members
            if recursive and not (required and depth < 40):
                continue
            if self.wanted(shape, name, member, depth):
                value[name] = self.value(member, place, depth + 1, inner)
        return value

    def sizes(self, shape, stack):
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
        few = self.nodes > LIMIT_NODES or self.mode == "minimal" or shape.name in stack
        size = max(low, 1) if few else self.rng.choice([max(low, 0), max(low, 1), max(low, 2), max(low, 3)])
        if shape.name in stack and low == 0:
            size = 0
        return min(int(size), int(high) if high is not None else 64, 64)

    def any_list(self, shape, place, depth, stack):
        size = self.sizes(shape, stack)
        if place in (Places.LABEL,):
            size = max(size, 1)
        items = [self.value(shape.member, place, depth + 1, stack + [shape.name]) for _ in range(size)]
        if shape.metadata.get("sparse") and self.protocol in ("json", "smithy-rpc-v2-cbor", "rest-json") and place == Places.BODY:
            items.append(None)
        return items

    def any_map(self, shape, place, depth, stack):
        value = {}
        for number in range(self.sizes(shape, stack)):
            key = self.any_string(shape.key, place, depth, stack)
            if place != Places.BODY:
                key = "key-%d" % number
            elif key in value:
                key = "%s%d" % (key, number)
            value[key] = self.value(shape.value, place, depth + 1, stack + [shape.name])
        return value

    def any_string(self, shape, place, depth, stack):
        if shape.serialization.get("jsonvalue"):
            plain = {"a": [1, 2.5, None, True], "b": {"ü": "x"}}
            header = shape.serialization.get("location") == "header" and self.rest
            return plain if header else json.dumps(plain)
        enum = shape.metadata.get("enum")
        if enum:
            return self.rng.choice(enum)
        if place == Places.HOST:
            return self.rng.choice(["123456789012", "my-name", "a1"])
        texts = {Places.ASCII: ASCII, Places.WORD: WORDS}.get(place, TEXTS)
        text = self.rng.choice(texts)
        if "xml" in self.protocol and place == Places.BODY and not self.output:
            text = text.replace("\r", "")
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
        while len(text) < low and len(text) < 200:
            text += self.rng.choice(string.ascii_lowercase)
        if high is not None and len(text) > high:
            text = text[: int(high)]
        if place in (Places.ASCII, Places.WORD):
            text = text.strip()
        if place == Places.LABEL and not text.strip("."):
            text = "a"
        return text

    any_character = any_string

    def any_blob(self, shape, place, depth, stack):
        # botocore decodes the payload of an answer as text unless it streams.
        if self.output and place == Places.BODY and depth == 1:
            return b"text \xc3\xa9 bytes"
        return bytes(self.rng.randrange(256) for _ in range(self.rng.choice([1, 3, 17])))

    def any_boolean(self, shape, place, depth, stack):
        return self.rng.random() < 0.5

    def any_integer(self, shape, place, depth, stack, bits=31):
        if place == Places.STATUS:
            return self.rng.choice([200, 201, 202])
        low = int(shape.metadata.get("min", -(2**bits)))
        high = int(shape.metadata.get("max", 2**bits - 1))
        low, high = max(low, -(2**bits)), min(high, 2**bits - 1)
        inside = [n for n in (low, high, 0, 1, -1, 42, 65535) if low <= n <= high]
        return self.rng.choice(inside)

    def any_long(self, shape, place, depth, stack):
        return self.any_integer(shape, place, depth, stack, 63)

    def any_float(self, shape, place, depth, stack):
        low, high = shape.metadata.get("min", -math.inf), shape.metadata.get("max", math.inf)
        choices = [0.0, 0.5, -1.25, 1024.0, 3.75e5, -2.0**-20]
        if low == -math.inf and high == math.inf:
            choices += [math.nan, math.inf, -math.inf]
        inside = [n for n in choices if math.isnan(n) or low <= n <= high]
        return self.rng.choice(inside or [float(low)])

    def any_double(self, shape, place, depth, stack):
        low, high = shape.metadata.get("min", -math.inf), shape.metadata.get("max", math.inf)
        if self.rng.random() < 0.5 and low == -math.inf and high == math.inf:
            return self.rng.choice([0.1, 1e300, -5e-324, 123456789.123456789])
        return self.any_float(shape, place, depth, stack)

    def any_timestamp(self, shape, place, depth, stack):
        seconds = self.rng.choice([0, 1, 951782400, 1709208000, 1700000000, 2**31, 4102444799])
        whole = place != Places.BODY or shape.serialization.get("timestampFormat") == "rfc822"
        # Answers of EC2 and S3 have three digits.
        fractions = [0, 250000, 1000] if self.output and self.service in ("ec2", "s3") else [0, 0, 250000, 123456, 1000]
        micros = 0 if whole else self.rng.choice(fractions)
        return EPOCH + datetime.timedelta(seconds=seconds, microseconds=micros)

    def document(self):
        return self.rng.choice([
            {"a": [1, "two", None, True, {"b": 2.5}]}, [1, 2, 3], "text", 7, 2.5, True, {}, {"nested": {"deep": {"er": []}}},
        ])
