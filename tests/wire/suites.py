"""botocore's own protocol suites, from its sdist on PyPI: each case has a model of its own."""

import base64
import copy
import json
import subprocess
import sys
import tarfile
from urllib.parse import urlsplit

from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.utils import parse_timestamp
from botocore.awsrequest import HeadersDict

import models
from canonical import Canonical, number

# Cases that are not run: (file, id): reason
NO_BODY = "a case of the client's compression: it gives no body to read"
LATER = "botocore's own marker for members of later versions"
NAMED_BY_SHAPE = "the name of a nested structure's shape: botocore fails it too (its list), the AWS models rely on the opposite"
EXCLUSIONS = {
    **{
        ("input/%s.json" % file, "%s_%s" % (case, protocol)): NO_BODY
        for file, protocol, cases in (
            ("ec2", "ec2Query", ("SDKAppliedContentEncoding", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding")),
            ("json", "awsJson1_1", ("SDKAppliedContentEncoding", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding")),
            ("json_1_0", "awsJson1_0", ("SDKAppliedContentEncoding", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding")),
            ("query", "awsQuery", ("SDKAppliedContentEncoding", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding")),
            ("rest-json", "restJson1", ("SDKAppliedContentEncoding", "SDKAppendedGzipAfterProvidedEncoding")),
            ("rest-xml", "restXml", ("SDKAppliedContentEncoding", "SDKAppendedGzipAfterProvidedEncoding")),
        )
        for case in cases
    },
    ("legacy/output/json.json", "Lists 1"): "its model calls a map a string",
    ("legacy/output/rest-json.json", "Tagged Unions 2"): LATER,
    ("legacy/output/rest-xml.json", "Unions 2"): LATER,
    ("input/rest-xml.json", "BodyWithXmlName"): NAMED_BY_SHAPE,
    ("output/rest-xml.json", "BodyWithXmlName"): NAMED_BY_SHAPE,
}


def sdist(cache, version):
    """The sdist, fetched once."""
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / ("botocore-%s.tar.gz" % version)
    if not archive.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
             "--disable-pip-version-check", "--dest", str(cache), "botocore==" + version],
            check=True,
        )
    return archive


def suites(archive):
    """File, suite and case of all cases; the ignore list is botocore's own."""
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            parts = member.name.split("/tests/unit/protocols/")
            if len(parts) != 2 or not parts[1].endswith(".json") or parts[1].startswith("protocol-tests"):
                continue
            for suite in json.load(tar.extractfile(member)):
                for case in suite["cases"]:
                    yield parts[1], suite, case


def description(suite, case):
    model = {key: suite[key] for key in ("metadata", "shapes") if key in suite}
    name = case["given"].get("name", "OperationName")
    given = copy.deepcopy(case["given"])
    given.setdefault("http", {"method": "POST", "requestUri": "/"})
    if model["metadata"]["protocol"] == "query" and "output" in given:
        given["output"].setdefault("resultWrapper", name + "Result")
    model["operations"] = {name: given}
    return copy.deepcopy(model), name


def run(driver, report, cache, version):
    counts = {"input": 0, "output": 0}
    commands, checks = [], []
    for number_, (file, suite, case) in enumerate(suites(sdist(cache, version))):
        side = "input" if "input/" in file else "output"
        identity = case.get("id") or "%s %s" % (suite.get("description"), suite["cases"].index(case))
        if (file, identity) in EXCLUSIONS:
            report.exclude(file, identity, suite["metadata"]["protocol"], side, EXCLUSIONS[file, identity])
            continue
        model, operation = description(suite, case)
        service = "suite-%d" % number_
        commands.append({"do": "model", "service": service, "model": model})
        checks.append(no_error(report, (file, identity, "model", "model")))
        counts[side] += 1
        where = (file, identity, suite["metadata"]["protocol"], side)
        one = input_case if side == "input" else output_case
        command, check = one(report, where, service, operation, model, case)
        commands.append(command)
        checks.append(check)
    for answer, check in zip(driver.batch(commands), checks):
        check(answer)
    return counts["input"], counts["output"]


def no_error(report, where):
    def check(answer):
        if "error" in answer:
            report.fail(where, "Welkin: %s" % answer["error"], None)
    return check


def operation_model(model, operation):
    return OperationModel(model["operations"][operation], models.service_model(model), operation)


def as_value(shape, value, protocol):
    """Parameters and results of the suites are JSON: times are epoch seconds, blobs text."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if kind == "structure":
        if shape.is_document_type:
            return value
        members = {n: as_value(shape.members[n], v, protocol) for n, v in value.items() if n in shape.members}
        return {n: v for n, v in members.items() if v is not None}
    if kind == "list":
        return [as_value(shape.member, item, protocol) for item in value]
    if kind == "map":
        return {key: as_value(shape.value, item, protocol) for key, item in value.items()}
    if kind == "blob":
        return value.encode() if isinstance(value, str) else value
    if kind == "timestamp":
        return parse_timestamp(value)
    if kind in ("float", "double"):
        return float(value)
    return value


def input_case(report, where, service, operation, model, case):
    """What botocore's case says a client sends is parsed to what it was given."""
    protocol = where[2]
    shape = operation_model(model, operation).input_shape
    serialized = case["serialized"]
    parts = urlsplit(serialized.get("uri", "/"))
    query = parts.query
    body = serialized.get("body") or ""
    if isinstance(body, dict):
        body = json.dumps(body)
    body = body.encode()
    if protocol == "smithy-rpc-v2-cbor":
        body = base64.b64decode(body)
    headers = [[k, v] for k, v in serialized.get("headers", {}).items()]
    if "host" in serialized:
        headers.append(["Host", serialized["host"]])
    command = {
        "do": "parse_request", "service": service, "operation": operation, "protocol": protocol,
        "path": parts.path, "query": query, "headers": headers, "body": base64.b64encode(body).decode(),
    }

    def check(answer):
        if "error" in answer:
            return report.fail(where, "Welkin: %s" % answer["error"], case)
        params = as_value(shape, case.get("params", {}), protocol)
        expected = Canonical(protocol, "input").top(shape, params) if shape is not None else {}
        actual = answer["value"]
        if shape is not None:
            for name, member in shape.members.items():
                if member.serialization.get("jsonvalue") and name in actual and where[2].startswith("rest"):
                    if member.serialization.get("location") == "header":
                        actual[name] = json.loads(actual[name])
                serialization = member.serialization
                if member.type_name == "map" and serialization.get("location") == "querystring" and name in expected:
                    # Welkin gives a parameter once: to its own member, not to the map of the rest as well.
                    bound = {m.serialization.get("name", n) for n, m in shape.members.items() if n != name}
                    expected[name] = {k: v for k, v in expected[name].items() if k not in bound}
                filled = member.metadata.get("idempotencyToken")
                typed = serialization.get("name", name).lower() == "content-type"
                if (filled or typed) and name not in expected:
                    # What a client adds by itself; the kernel fills tokens that are missing.
                    actual.pop(name, None)
                given = name in expected
                if not given and actual.get(name) in ("", {}, []):
                    del actual[name]
                if given and expected[name] in ("", {}, []) and name not in actual:
                    del expected[name]
        report.compare(where, expected, actual)

    return command, check


def output_case(report, where, service, operation, model, case):
    """What botocore's case says a service answers is parsed by Welkin's client to the same result."""
    protocol = where[2]
    response = case["response"]
    body = response.get("body", "")
    body = body.encode()
    event_stream = operation_model(model, operation).has_event_stream_output
    if protocol == "smithy-rpc-v2-cbor" or event_stream:
        body = base64.b64decode(body)
    command = {
        "do": "parse_response", "service": service, "operation": operation, "protocol": protocol,
        "status": response["status_code"], "headers": [[k, v] for k, v in response.get("headers", {}).items()],
        "body": base64.b64encode(body).decode(),
    }

    def check(answer):
        model_ = operation_model(model, operation)
        if "error" in case:
            error = answer.get("error")
            if not error:
                return report.fail(where, "no error: %s" % answer, case)
            report.compare(where, case.get("errorCode", ""), error["code"])
            if "errorMessage" in case:
                report.compare(where, case["errorMessage"], error["message"])
            shape = next((s for s in model_.service_model.error_shapes if s.name == error["code"] or s.error_code == error["code"]), None)
            expected = Canonical("json", "out").top(shape, as_value(shape, case["error"], protocol)) if shape else {}
            members = error["members"]
            return report.compare(where, drop_messages(expected), drop_messages(members))
        if "error" in answer:
            return report.fail(where, "Welkin: %s" % answer["error"], case)
        shape = model_.output_shape
        expected, actual = dict(case["result"]), answer["value"] or {}
        if event_stream:
            stream = shape.event_stream_name
            union = shape.members[stream]
            events = [list(event.items())[0] for event in expected.pop(stream)]
            events = [[name, Canonical("json", "out").value(union.members[name], as_value(union.members[name], e, protocol))] for name, e in events]
            got = [[e["event"], e["value"]] for e in answer["events"] if "event" in e]
            report.compare(where, events, got)
            actual.pop(stream, None)
            for event in answer["events"]:
                if event.get("initial"):
                    actual.update(event["value"])
        if shape is not None:
            expected = Canonical("json", "out").top(shape, as_value(shape, expected, protocol))
            for name, member in shape.members.items():
                serialization = member.serialization
                if serialization.get("location") == "headers" and name in expected:
                    # Names of headers have no case.
                    expected[name] = {key.lower(): value for key, value in expected[name].items()}
                if serialization.get("jsonvalue") and isinstance(actual.get(name), str) and isinstance(expected.get(name), (dict, list)):
                    actual[name] = json.loads(actual[name])
                if name not in expected and (actual.get(name) in ("", {}, []) or serialization.get("location") == "statusCode"):
                    actual.pop(name, None)
                if name in expected and expected[name] in ("", {}, []) and name not in actual:
                    del expected[name]
        report.compare(where, expected, actual)

    return command, check


def drop_messages(members):
    return {k: v for k, v in members.items() if k.lower() != "message"}
