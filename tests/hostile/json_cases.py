"""The JSON protocols: SQS speaks 1.0, KMS 1.1."""

from cases import Case

DEEP = 10_000
BODIES = {
    "empty object of a call that needs members": None,
    "cut off": b'{"QueueName": "a',
    "no value": b'{"QueueName":}',
    "no object": b'["QueueName"]',
    "a number": b"42",
    "two values": b'{"QueueName":"a"}{"QueueName":"b"}',
    "invalid UTF-8": b'{"QueueName":"\xff\xfe"}',
    "half of a surrogate pair": b'{"QueueName":"\\ud800"}',
    "raw control character": b'{"QueueName":"a\x00b"}',
    "10,000 lists in an unknown member": b'{"X":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "10,000 objects in an unknown member": b'{"X":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "10,000 lists that never end": b'{"X":' + b"[" * DEEP,
    "10,000 objects in a known member": b'{"Attributes":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "wrong type": b'{"QueueName":{"a":1}}',
    "number of a thousand digits": b'{"QueueName":' + b"9" * 1000 + b"}",
    "exponent beyond all floats": b'{"QueueName":1e99999999999}',
    "comment": b'/* a */ {"QueueName":"a"}',
    "XML": b"<CreateQueue/>",
    "binary": bytes(range(256)),
}


def cases() -> list[Case]:
    found = []
    for service, version, target in [
        ("sqs", "1.0", "AmazonSQS.CreateQueue"),
        ("kms", "1.1", "TrentService.DescribeKey"),
    ]:
        headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target}
        for name, body in BODIES.items():
            if body is None:
                continue
            known = "KeyId" if service == "kms" else "QueueName"
            nested = "GrantTokens" if service == "kms" else "Attributes"
            body = body.replace(b"QueueName", known.encode()).replace(b"Attributes", nested.encode())
            found.append(
                Case(
                    f"{service}: {name}",
                    lambda client, service=service, headers=headers, body=body: client.call(
                        service, headers=headers, body=body
                    ),
                    {400},
                    {"SerializationException", "MalformedInput", "InvalidParameterValue"},
                )
            )
    return found
