"""smithy-rpc-v2-cbor, as CloudWatch speaks it. Bodies are read before it is known whether the operation is there."""

from cases import Case

PATH = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
HEADERS = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor", "Accept": "application/cbor"}
BODIES = {
    "cut off": b"\xbf\x69Namespace",
    "no map": b"\x83\x01\x02\x03",
    "reserved length": b"\xbc",
    "10,000 lists": b"\xa1\x61x" + b"\x81" * 10_000 + b"\x01",
    "10,000 lists of no length": b"\xa1\x61x" + b"\x9f" * 10_000 + b"\xff" * 10_000,
    "10,000 maps": b"\xa1\x61x" + b"\xa1\x61a" * 10_000 + b"\x01",
    "10,000 tags": b"\xa1\x61x" + b"\xc1" * 10_000 + b"\x01",
    "10,000 maps that never end": b"\xbf\x61a" * 10_000,
    "string as long as memory": b"\xa1\x69Namespace\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "list as long as memory": b"\xa1\x6aMetricData\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "map as long as memory": b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
    "text that is no UTF-8": b"\xa1\x69Namespace\x62\xff\xfe",
    "break without a beginning": b"\xff",
    "chunks within chunks": b"\xa1\x69Namespace" + b"\x7f" * 1000,
    "JSON": b'{"Namespace":"a"}',
    "wrong type": b"\xa1\x69Namespace\x01",
}


def cases() -> list[Case]:
    return [
        Case(
            f"cbor: {name}",
            lambda client, body=body: client.call("monitoring", "POST", PATH, HEADERS, body),
            {400},
            {"SerializationException", "MalformedInput", "InvalidParameterValue", "InvalidParameterValueException"},
        )
        for name, body in BODIES.items()
    ]
