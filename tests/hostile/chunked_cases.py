"""Bodies in aws-chunked coding."""

import hashlib
import hmac

from cases import Case
from client import REGION, Answer, Client
from xml_cases import BUCKET

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
# All chunks but the last must have 8 KiB.
DATA = b"x" * 20_000


def chunk(data: bytes, signature: str) -> bytes:
    return b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), signature.encode(), data)


class Upload:
    """A signed request whose chunks are still to be written."""

    def __init__(self, client: Client, length: int = len(DATA), claim: str = SIGNED, extra: dict | None = None) -> None:
        headers = {"x-amz-decoded-content-length": str(length), "Content-Encoding": "aws-chunked", **(extra or {})}
        self.client = client
        self.headers = client.sign("s3", "PUT", f"{BUCKET}/chunked", headers, b"", claim)
        self.previous = self.headers["Authorization"].rsplit("Signature=", 1)[1]
        self.time = self.headers["X-Amz-Date"]
        self.scope = f"{self.time[:8]}/{REGION}/s3/aws4_request"

    def signature(self, data: bytes) -> str:
        parts = ["AWS4-HMAC-SHA256-PAYLOAD", self.time, self.scope, self.previous]
        parts += [hashlib.sha256(b"").hexdigest(), hashlib.sha256(data).hexdigest()]
        key = f"AWS4{self.client.credentials.secret_key}".encode()
        for part in self.scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.previous = hmac.new(key, "\n".join(parts).encode(), "sha256").hexdigest()
        return self.previous

    def good(self, *pieces: bytes) -> bytes:
        return b"".join(chunk(piece, self.signature(piece)) for piece in pieces)

    def send(self, body: bytes, cut: int = 0) -> Answer:
        """Sends a body; `cut` bytes of it are announced and never come."""
        lines = [f"PUT {BUCKET}/chunked HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        lines += [f"Content-Length: {len(body) + cut}", "", ""]
        return self.client.raw("\r\n".join(lines).encode() + body, finish=cut > 0)


def right(client: Client) -> Answer:
    """What is right is taken: otherwise the rest would prove nothing."""
    upload = Upload(client)
    return upload.send(upload.good(DATA[:9000], DATA[9000:], b""))


def wrong_signature(client: Client) -> Answer:
    upload = Upload(client)
    return upload.send(upload.good(DATA[:9000]) + chunk(DATA[9000:], "0" * 64) + chunk(b"", "0" * 64))


def changed_byte(client: Client) -> Answer:
    upload = Upload(client)
    return upload.send(upload.good(DATA, b"").replace(b"xxxx", b"xxxy", 1))


def swapped(client: Client) -> Answer:
    upload = Upload(client)
    first, second = upload.good(b"a" * 10_000), upload.good(b"b" * 10_000)
    return upload.send(second + first + upload.good(b""))


def no_last_chunk(client: Client) -> Answer:
    upload = Upload(client)
    return upload.send(upload.good(DATA))


def longer(client: Client) -> Answer:
    upload = Upload(client, length=10)
    return upload.send(upload.good(DATA, b""))


def shorter(client: Client) -> Answer:
    upload = Upload(client, length=100_000)
    return upload.send(upload.good(DATA, b""))


def changed_body(client: Client) -> Answer:
    """No chunks, but a hash that was signed, of a body that is too large to be read beforehand."""
    request = client.build("s3", "PUT", f"{BUCKET}/hashed", body=b"x" * 100_000)
    return client.raw(request[:-1] + b"y")


def body(data: bytes, cut: int = 0):
    return lambda client: Upload(client).send(data, cut)


def unsigned(data: bytes):
    return lambda client: Upload(client, claim=TRAILER, extra={"x-amz-trailer": "x-amz-checksum-crc32"}).send(data)


def length(value: str):
    def send(client: Client) -> Answer:
        upload = Upload(client, extra={"x-amz-decoded-content-length": value})
        return upload.send(upload.good(DATA, b""))

    return send


MALFORMED = {"IncompleteBody", "InvalidRequest", "SignatureDoesNotMatch", "InvalidChunkSizeError", "MalformedTrailerError", "InvalidArgument", "XAmzContentSHA256Mismatch", "MissingContentLength", "EntityTooLarge"}


def cases() -> list[Case]:
    chunked = f"{'9' * 30};chunk-signature={'0' * 64}\r\n".encode()
    tiny = b"".join(b"1;chunk-signature=%s\r\nx\r\n" % (b"0" * 64) for _ in range(10_000))
    return [
        Case("chunked: right", right, {200}, set()),
        Case("chunked: wrong signature", wrong_signature, {403}, {"SignatureDoesNotMatch"}),
        Case("chunked: changed byte", changed_byte, {403}, {"SignatureDoesNotMatch"}),
        Case("chunked: swapped chunks", swapped, {403}, {"SignatureDoesNotMatch"}),
        Case("payload: changed byte", changed_body, {400}, {"XAmzContentSHA256Mismatch"}),
        Case("chunked: no last chunk", no_last_chunk, {400}, MALFORMED),
        Case("chunked: more than announced", longer, {400, 403}, MALFORMED),
        Case("chunked: less than announced", shorter, {400}, MALFORMED),
        Case("chunked: no signature in a chunk", body(b"4e20\r\n" + DATA + b"\r\n0\r\n\r\n"), {400, 403}, MALFORMED),
        Case("chunked: size beyond all integers", body(chunked), {400, 403}, MALFORMED),
        Case("chunked: size that is none", body(b"zz;chunk-signature=00\r\n"), {400, 403}, MALFORMED),
        Case("chunked: negative size", body(b"-1;chunk-signature=00\r\n"), {400, 403}, MALFORMED),
        Case("chunked: header that never ends", body(b"0" * 1_000_000), {400, 403}, MALFORMED),
        Case("chunked: 10,000 tiny chunks", body(tiny), {400, 403}, MALFORMED),
        Case("chunked: no chunks", body(b"plain bytes"), {400, 403}, MALFORMED),
        Case("chunked: cut off by the client", body(b"4e20;chunk-signature=" + b"0" * 64 + b"\r\nxx", cut=5000), {0, 400, 403}, MALFORMED | {"", "RequestTimeout"}),
        Case("chunked: length that is none", length("many"), {400, 411}, MALFORMED),
        Case("chunked: negative length", length("-5"), {400, 411}, MALFORMED),
        Case("chunked: trailer missing", unsigned(b"4e20\r\n" + DATA + b"\r\n0\r\n\r\n"), {400}, MALFORMED),
        Case("chunked: wrong checksum", unsigned(b"4e20\r\n" + DATA + b"\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), {400}, {"BadDigest", "InvalidRequest"}),
        Case("chunked: checksum that is none", unsigned(b"4e20\r\n" + DATA + b"\r\n0\r\nx-amz-checksum-crc32:%%%\r\n\r\n"), {400}, {"InvalidRequest", "BadDigest", "MalformedTrailerError"}),
        Case("chunked: 10,000 trailers", unsigned(b"4e20\r\n" + DATA + b"\r\n0\r\n" + b"".join(b"x-amz-a%d: b\r\n" % n for n in range(10_000)) + b"\r\n"), {400}, MALFORMED),
    ]
