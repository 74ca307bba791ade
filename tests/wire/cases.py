"""All operations and errors of one service: botocore on one side, Welkin on the other."""

import base64
import random
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import HeadersDict
from botocore.handlers import parse_get_bucket_location
from botocore.parsers import create_parser
from botocore.serialize import SERIALIZERS
from botocore.utils import percent_encode_sequence

import models
from canonical import ABSENT, Canonical, decoded_json_headers
from exclusions import reason
from generate import Generator

INPUT_MODES = ("minimal", "full", "random")
OUTPUT_MODES = ("minimal", "full", "random")
REQUEST_ID = "00000000-0000-0000-0000-000000000000"


class Bytes:
    """A body that streams, as botocore hands it on: not plain bytes."""

    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data

    def stream(self):
        yield self.data


def http_request(serialized):
    """Path, query string, headers and body as botocore would send them."""
    parts = urlsplit(serialized["url_path"])
    query = serialized["query_string"]
    query = percent_encode_sequence(query) if query else ""
    query = "&".join(part for part in (parts.query, query) if part)
    headers = dict(serialized["headers"])
    headers["Host"] = serialized.get("host_prefix", "") + "service.us-east-1.amazonaws.com"
    body = serialized["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True).encode()
    return {
        "path": parts.path, "query": query, "body": base64.b64encode(body).decode(),
        "headers": [[name, str(value)] for name, value in headers.items()],
    }


class Service:
    def __init__(self, name, driver, report):
        self.name, self.driver, self.report = name, driver, report
        self.model = models.load(name)

    def run(self):
        commands, checks = [], []
        for protocol in models.protocols(self.model):
            serializer, parser = SERIALIZERS[protocol](), create_parser(protocol)
            for operation in self.model.operation_names:
                operation = self.model.operation_model(operation)
                self.report.operations.add((self.name, operation.name))
                for command, check in self.inputs(protocol, serializer, operation):
                    commands.append(command), checks.append(check)
                for command, check in self.outputs(protocol, parser, operation):
                    commands.append(command), checks.append(check)
            for command, check in self.errors(protocol, parser):
                commands.append(command), checks.append(check)
        for answer, check in zip(self.driver.batch(commands), checks):
            check(answer)

    def command(self, what, protocol, operation, **rest):
        return {"do": what, "service": self.name, "protocol": protocol, "operation": operation, **rest}

    def random(self, *key):
        return random.Random("/".join((self.name,) + key))

    # Requests

    def inputs(self, protocol, serializer, operation):
        excluded = reason(self.name, operation.name, protocol, "input")
        if excluded:
            self.report.exclude(self.name, operation.name, protocol, "input", excluded)
            return
        shape = operation.input_shape
        for mode in INPUT_MODES if shape is not None and shape.members else INPUT_MODES[:1]:
            rng = self.random(protocol, operation.name, mode)
            params = Generator(rng, protocol, mode, False, self.name).top(shape) if shape is not None else {}
            where = (self.name, operation.name, protocol, "input", mode)
            serialized = serializer.serialize_to_request(params, operation)
            expected = Canonical(protocol, "input").top(shape, params)
            yield (
                self.command("parse_request", protocol, operation.name, **http_request(serialized)),
                self.input_check(where, shape, expected, params),
            )

    def input_check(self, where, shape, expected, params):
        def check(answer):
            if "error" in answer:
                return self.report.fail(where, "Welkin: %s" % answer["error"], params)
            actual = decoded_json_headers(shape, answer["value"])
            if answer["streams"] and shape is not None:
                # A body that streams is always there; an empty one says the same as none.
                stream = shape.serialization.get("payload")
                actual = {k: v for k, v in actual.items() if k != stream or v}
            for name in self.unsent(shape, where[2]):
                if name not in expected:
                    actual.pop(name, None)
            payload = shape.serialization.get("payload") if shape is not None else None
            if where[2].startswith("rest") and payload and actual.get(payload) == {} and payload not in expected:
                del actual[payload]
            self.report.compare(where, expected, actual)
        return check

    def unsent(self, shape, protocol):
        """Members that botocore sends although they were not given: the content type that it chooses,
        and `{}` as the body of an event stream, which it cannot send."""
        members = shape.members.items() if shape is not None and protocol.startswith("rest") else ()
        for name, member in members:
            serialization = member.serialization
            if serialization.get("location") == "header" and serialization.get("name", name).lower() == "content-type":
                yield name
            if serialization.get("eventstream"):
                yield name

    # Answers

    def outputs(self, protocol, parser, operation):
        excluded = reason(self.name, operation.name, protocol, "output")
        if excluded:
            self.report.exclude(self.name, operation.name, protocol, "output", excluded)
            return
        shape = operation.output_shape
        for mode in OUTPUT_MODES if shape is not None and shape.members else OUTPUT_MODES[:1]:
            rng = self.random(protocol, operation.name, mode, "out")
            generator = Generator(rng, protocol, mode, True, self.name)
            value = generator.top(shape) if shape is not None else {}
            events = self.events(protocol, shape, generator) if operation.has_event_stream_output else []
            where = (self.name, operation.name, protocol, "output", mode)
            command = self.command("serialise_response", protocol, operation.name)
            command["value"] = Canonical("json", "driver").top(shape, value)
            command["events"] = [[name, Canonical("json", "driver").value(member, event)] for name, member, event in events]
            yield command, self.output_check(where, parser, operation, value, events)

    def events(self, protocol, shape, generator):
        stream = shape.members[shape.event_stream_name]
        events = []
        for name, member in stream.members.items():
            if not member.metadata.get("exception"):
                event = generator.any_structure(member, 0, 1, [])
                events.append((name, member, event))
        return events

    def output_check(self, where, parser, operation, value, events):
        shape, protocol = operation.output_shape, where[2]

        def check(answer):
            if "error" in answer:
                return self.report.fail(where, "Welkin: %s" % answer["error"], value)
            body = base64.b64decode(answer["body"])
            response = {
                "status_code": answer["status"], "headers": HeadersDict(answer["headers"]), "body": body,
                "context": {"operation_name": operation.name},
            }
            if operation.has_event_stream_output or operation.has_streaming_output:
                response["body"] = Bytes(body)
            try:
                parsed = parser.parse(response, shape)
            except Exception as problem:
                return self.report.fail(where, "botocore: %r, body %r" % (problem, body[:1000]), value)
            metadata = parsed.pop("ResponseMetadata", {})
            if (self.name, operation.name) == ("s3", "GetBucketLocation"):
                parse_get_bucket_location(parsed, type("Response", (), {"content": body, "raw": body}))
            canonical = Canonical(protocol, "output")
            expected = canonical.top(shape, value)
            if answer["status"] == 204:
                # HTTP lets this answer have no body, whatever members the model puts there.
                expected = {k: v for k, v in expected.items() if "location" in shape.members[k].serialization}
            if operation.has_event_stream_output:
                got = [list(event.items())[0] for event in parsed.pop(shape.event_stream_name)]
                sent = [(name, self.event(protocol, member, event)) for name, member, event in events]
                union = shape.members[shape.event_stream_name]
                got = [(name, self.event(protocol, union.members[name], event)) for name, event in got]
                self.report.compare(where + ("events",), [list(e) for e in sent], [list(e) for e in got])
            actual = self.parsed(protocol, shape, parsed, expected)
            if (self.name, operation.name) == ("s3", "GetBucketNotification"):
                for inner in actual.values():
                    inner.pop("Event", None)
            self.report.compare(where, expected, actual)
            if not operation.has_event_stream_output and self.name != "s3" and shape is not None:
                if metadata.get("RequestId") != REQUEST_ID:
                    self.report.fail(where, "request id is %r" % metadata.get("RequestId"), value)
        return check

    def event(self, protocol, shape, event):
        """An event; a payload of its own is there even if it is empty."""
        value = Canonical(protocol, "output").value(shape, event)
        for name, member in shape.members.items():
            if member.serialization.get("eventpayload"):
                empty = {"blob": "", "string": ""}.get(member.type_name, {})
                value.setdefault(name, empty)
        return value

    def parsed(self, protocol, shape, parsed, expected):
        """What botocore read, without what it always gives: status, header maps, the content type."""
        canonical = Canonical("json", "parsed")
        canonical.rest = protocol.startswith("rest")
        result = canonical.top(shape, parsed) if shape is not None else dict(parsed)
        for name, member in shape.members.items() if shape is not None and canonical.rest else ():
            location = member.serialization.get("location")
            header = member.serialization.get("name", name).lower() if location == "header" else ""
            always = location in ("headers", "statusCode") or header == "content-type"
            if (always and name not in expected) or header == "x-amzn-errortype":
                result.pop(name, None)
            elif location == "headers" and not member.serialization.get("name"):
                # All headers: also those that say something of the answer itself.
                result[name] = {k: v for k, v in result[name].items() if k in expected[name]}
        return result

    # Errors

    def errors(self, protocol, parser):
        used = {}
        for operation in map(self.model.operation_model, self.model.operation_names):
            for shape in operation.error_shapes:
                used.setdefault(shape.name, operation)
        for shape in self.model.error_shapes:
            excluded = reason(self.name, shape.name, protocol, "error")
            if excluded:
                self.report.exclude(self.name, shape.name, protocol, "error", excluded)
                continue
            self.report.errors.add((self.name, shape.name))
            for mode in ("minimal", "full"):
                yield self.error(protocol, parser, shape, used.get(shape.name), mode)

    def error(self, protocol, parser, shape, operation, mode):
        generator = Generator(self.random(protocol, shape.name, mode, "error"), protocol, mode, True, self.name)
        value = generator.top(shape)
        message_member = next((name for name in shape.members if name.lower() == "message"), None)
        value.pop(message_member, None)
        for name, member in shape.members.items():
            # The code itself, in another place.
            if member.serialization.get("name", name).lower() in ("code", "x-amzn-errortype") and "query" in protocol:
                value[name] = shape.error_code
            elif member.serialization.get("name", name).lower() == "x-amzn-errortype":
                value.pop(name, None)
        message = "No such thing: <%s> & more" % mode
        where = (self.name, shape.name, protocol, "error", mode)
        command = self.command("serialise_error", protocol, operation.name if operation else "")
        command.update(code=shape.name, message=message, value=Canonical("json", "driver").top(shape, value))

        def check(answer):
            if "error" in answer:
                return self.report.fail(where, "Welkin: %s" % answer["error"], value)
            body = base64.b64decode(answer["body"])
            response = {"status_code": answer["status"], "headers": HeadersDict(answer["headers"]), "body": body,
                        "context": {"operation_name": ""}}
            head = operation is not None and operation.http["method"] == "HEAD"
            try:
                error = parser.parse(response, operation.output_shape if operation else None)
                modelled = parser.parse(response, shape) if not head else {}
            except Exception as problem:
                return self.report.fail(where, "botocore: %r, body %r" % (problem, body[:1000]), value)
            if head:
                return self.report.compare(where, b"", body)
            code = error["Error"].get("QueryErrorCode") or error["Error"]["Code"]
            self.report.compare(where, shape.error_code if self.by_code(protocol) else shape.name, code)
            self.report.compare(where, message, error["Error"].get("Message"))
            status = shape.metadata.get("error", {}).get("httpStatusCode")
            if status:
                self.report.compare(where, status, answer["status"])
            modelled.pop(message_member, None)
            modelled.pop("ResponseMetadata", None)
            expected = Canonical(protocol, "output").top(shape, value)
            self.report.compare(where, expected, self.parsed(protocol, shape, modelled, expected))

        return command, check

    def by_code(self, protocol):
        """Whether botocore finds the error by its code rather than by its shape's name."""
        return protocol in ("query", "ec2", "rest-xml", "rest-json")
