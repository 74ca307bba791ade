"""Every fact of every service, as botocore itself reads it, is what `welkin-model` says.

Needs the botocore of the version that `xtask/src/models.rs` pins. The facts come from
the example `facts` of welkin-model.
"""

import itertools
import json
import pathlib
import subprocess

import botocore
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from example import example

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What welkin-model adds on purpose (xtask/src/models/legacy.rs): SQS in the query protocol.
RESTORED = {"sqs"}


def botocores_loader():
    """A fresh one: a loader keeps every model that it ever read."""
    loader = Loader(include_default_search_paths=False)
    loader.search_paths.append(str(pathlib.Path(botocore.__file__).parent / "data"))
    return loader


def facts():
    with subprocess.Popen(example("welkin-model", "facts"), cwd=ROOT, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            service = json.loads(line)
            yield service["id"], service
    assert process.returncode == 0


def set_facts(**facts):
    """What is set: None, False and empty lists are left out."""
    return {key: value for key, value in facts.items() if value not in (None, False, [])}


def plural(value):
    return [value] if isinstance(value, str) else value


def namespace(value):
    if value is None:
        return None
    return [value, None] if isinstance(value, str) else [value["uri"], value.get("prefix")]


def expected_reference(model, name, reference, required=()):
    # As botocore's ShapeResolver does: traits at the reference go over those of the shape.
    merged = {**model["shapes"][reference["shape"]], **reference}
    return set_facts(
        shape=reference["shape"],
        required=name in required,
        location=reference.get("location"),
        locationName=merged.get("locationName"),
        queryName=reference.get("queryName"),
        flattened=merged.get("flattened"),
        xmlAttribute=reference.get("xmlAttribute"),
        xmlNamespace=namespace(merged.get("xmlNamespace")),
        idempotencyToken=reference.get("idempotencyToken"),
        hostLabel=reference.get("hostLabel"),
        jsonvalue=reference.get("jsonvalue"),
        eventpayload=reference.get("eventpayload"),
        streaming=merged.get("streaming"),
        timestampFormat=merged.get("timestampFormat"),
    )


def expected_kind(model, shape):
    kind = shape["type"]
    if kind == "structure":
        members = list(shape["members"].items())
        order = shape.get("xmlOrder")
        if order:
            members.sort(key=lambda member: order.index(member[0]) if member[0] in order else len(order))
        required = shape.get("required", ())
        return set_facts(
            type=kind,
            members=[[name, expected_reference(model, name, member, required)] for name, member in members],
            union=shape.get("union"),
            document=shape.get("document"),
            payload=shape.get("payload"),
            eventstream=shape.get("eventstream"),
            event=shape.get("event"),
            wrapper=shape.get("wrapper"),
            locationName=shape.get("locationName"),
            xmlNamespace=namespace(shape.get("xmlNamespace")),
        )
    parts = {part: expected_reference(model, None, shape[part]) for part in ("member", "key", "value") if part in shape}
    traits = ("enum", "flattened", "sparse", "streaming", "requiresLength", "timestampFormat")
    return set_facts(type=kind, **parts, **{trait: shape.get(trait) for trait in traits})


def expected_error(shape, referred):
    error = shape.get("error") or referred
    if error is None and not shape.get("exception"):
        return None
    error = error or {}
    blame = {True: "at fault", False: "not at fault", None: None}
    return set_facts(
        code=error.get("code"),
        httpStatusCode=error.get("httpStatusCode"),
        caller=blame[error.get("senderFault")],
        fault=shape.get("fault"),
        retryable=shape.get("retryable") is not None,
    )


def expected_operation(operation, paginator):
    source = operation.get("input", {})
    output = operation.get("output", {})
    checksum = None
    if "httpChecksum" in operation or "httpChecksumRequired" in operation:
        rules = operation.get("httpChecksum", {})
        checksum = set_facts(
            required=rules.get("requestChecksumRequired") or operation.get("httpChecksumRequired"),
            requestAlgorithmMember=rules.get("requestAlgorithmMember"),
            requestValidationModeMember=rules.get("requestValidationModeMember"),
            responseAlgorithms=rules.get("responseAlgorithms"),
        )
    pagination = None
    if paginator:
        pagination = set_facts(
            input_token=plural(paginator["input_token"]),
            output_token=plural(paginator["output_token"]),
            limit_key=paginator.get("limit_key"),
            result_key=plural(paginator.get("result_key", [])),
            more_results=paginator.get("more_results"),
        )
    return set_facts(
        method=operation["http"]["method"],
        requestUri=operation["http"]["requestUri"],
        responseCode=operation["http"].get("responseCode", 200),
        input=source.get("shape"),
        inputElement=source.get("locationName"),
        inputNamespace=source.get("xmlNamespace", {}).get("uri"),
        output=output.get("shape"),
        resultWrapper=output.get("resultWrapper"),
        errors=[error["shape"] for error in operation.get("errors", [])],
        hostPrefix=operation.get("endpoint", {}).get("hostPrefix"),
        unsigned=operation.get("authtype") == "none" or "smithy.api#noAuth" in operation.get("auth", []),
        unsignedPayload=operation.get("authtype") == "v4-unsigned-body" or operation.get("unsignedPayload"),
        readonly=operation.get("readonly"),
        idempotent=operation.get("idempotent"),
        gzip="gzip" in operation.get("requestcompression", {}).get("encodings", []),
        checksum=checksum,
        pagination=pagination,
    )


def expected_service(name, model, paginators):
    metadata = model["metadata"]
    references = itertools.chain.from_iterable(o.get("errors", []) for o in model["operations"].values())
    referred = {error["shape"]: error["error"] for error in references if "error" in error}
    limits = ("min", "max", "pattern", "sensitive", "box")
    shapes = {
        shape_name: set_facts(
            kind=expected_kind(model, shape),
            error=expected_error(shape, referred.get(shape_name)),
            **{limit: shape.get(limit) for limit in limits if shape.get(limit) is not False},
        )
        for shape_name, shape in model["shapes"].items()
    }
    # set_facts takes 0 for False: a limit of zero is a fact.
    for shape_name, shape in model["shapes"].items():
        shapes[shape_name].update({limit: float(shape[limit]) for limit in ("min", "max") if limit in shape})
    return set_facts(
        id=name,
        serviceId=metadata["serviceId"],
        endpointPrefix=metadata["endpointPrefix"],
        signingName=metadata.get("signingName", metadata["endpointPrefix"]),
        apiVersion=metadata["apiVersion"],
        targetPrefix=metadata.get("targetPrefix"),
        jsonVersion=metadata.get("jsonVersion"),
        protocols=metadata.get("protocols", [metadata["protocol"]]),
        xmlNamespace=metadata.get("xmlNamespace"),
        awsQueryCompatible="awsQueryCompatible" in metadata,
        globalEndpoint=metadata.get("globalEndpoint"),
        signatureVersion=metadata["signatureVersion"],
        operations={
            operation_name: expected_operation(operation, paginators.get(operation_name))
            for operation_name, operation in model["operations"].items()
        },
        shapes=shapes,
    )


def without_restored(service):
    """Takes away what SQS has in addition, after asserting that it is there."""
    assert service["protocols"].pop() == "query"
    assert service.pop("xmlNamespace") == "http://queue.amazonaws.com/doc/2012-11-05/"
    for name, operation in service["operations"].items():
        if "output" in operation:
            assert operation.pop("resultWrapper") == f"{name}Result"
    for shape in service["shapes"].values():
        if "error" in shape:
            shape["error"] = {key: shape["error"][key] for key in ("fault", "retryable") if key in shape["error"]}
        kind = shape["kind"]
        members = [member for _, member in kind.get("members", [])]
        for member in members + [kind.get(part, {}) for part in ("member", "key", "value")]:
            member.pop("queryName", None)
    return service


def differences(path, expected, actual):
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            yield from differences(f"{path}.{key}", expected.get(key), actual.get(key))
    elif expected != actual:
        yield f"{path}: botocore {expected!r}, welkin {actual!r}"


def test_every_fact_of_every_service():
    pinned = (ROOT / "xtask/src/models.rs").read_text()
    assert f'version: "{botocore.__version__}"' in pinned, f"botocore {botocore.__version__} is not the pinned one"
    found = []
    for name, actual in facts():
        loader = botocores_loader()
        model = loader.load_service_model(name, "service-2")
        try:
            paginators = loader.load_service_model(name, "paginators-1")["pagination"]
        except DataNotFoundError:
            paginators = {}
        if name in RESTORED:
            actual = without_restored(actual)
        different = list(differences(name, expected_service(name, model, paginators), actual))
        assert not different, f"{len(different)} differences\n" + "\n".join(different[:20])
        found.append(name)
    assert found == sorted(botocores_loader().list_available_services("service-2"))
    assert len(found) == 439
