"""Thousands of requests made of valid ones by small changes, from several threads."""

import random
import threading

from client import Client

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
PIECES = [b"\x00", b"\xff", b"{", b"}", b"[" * 500, b"<", b">", b"&", b"%", b"\r\n", b"=", b'"', b"\\u", b"9" * 50, b"-1", b"/", b"..", b";", b"\x7f" * 20]


def valid(client: Client) -> list[bytes]:
    """Requests of every protocol, signed."""
    json_headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.CreateQueue"}
    kms_headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.ListKeys"}
    cbor_path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    return [
        client.build("sqs", headers=json_headers, body=b'{"QueueName":"blast","Attributes":{"DelaySeconds":"1"}}'),
        client.build("kms", headers=kms_headers, body=b'{"Limit":10}'),
        client.build("sts", headers=FORM, body=b"Action=GetCallerIdentity&Version=2011-06-15"),
        client.build("iam", headers=FORM, body=b"Action=ListUsers&Version=2010-05-08&MaxItems=5"),
        client.build("s3", "PUT", "/hostile-bucket/blast", body=b"data"),
        client.build("s3", "GET", "/hostile-bucket?list-type=2&prefix=a&max-keys=5"),
        client.build("s3", "POST", "/hostile-bucket/key?uploadId=a", body=b"<CompleteMultipartUpload><Part/></CompleteMultipartUpload>"),
        client.build("monitoring", "POST", cbor_path, {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}, b"\xa0"),
        client.build("lambda", "GET", "/2015-03-31/functions/name?Qualifier=1"),
    ]


def change(request: bytes, chance: random.Random) -> bytes:
    data = bytearray(request)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data)) if data else 0
        match chance.randrange(5):
            case 0 if data:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at:at] = chance.choice(PIECES)
            case 2:
                del data[at : at + chance.randrange(1, 20)]
            case 3:
                data[at:at] = data[at : at + 40] * chance.choice([1, 3, 100])
            case _:
                data[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(data)


def blast(client: Client, count: int, seed: str) -> dict[int, int]:
    """Sends so many requests; gives how often each status came. Raises at the first answer that must not be."""
    statuses: dict[int, int] = {}
    faults: list[BaseException] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        good = valid(client)
        try:
            for _ in range(count // 4):
                request = change(chance.choice(good), chance)
                answer = client.raw(request, finish=True)
                if answer.status in (500, 502) or answer.code in ("InternalFailure", "InternalError"):
                    raise AssertionError(f"{answer} to {request!r}")
                with lock:
                    statuses[answer.status] = statuses.get(answer.status, 0) + 1
        except BaseException as error:  # noqa: BLE001  Told by the caller's thread.
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return statuses
