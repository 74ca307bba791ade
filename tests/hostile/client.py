"""Requests over a raw socket, signed rightly where the signature is not what is wrong."""

import hashlib
import json
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = Credentials("111111111111", "any")
REGION = "us-east-1"


@dataclass
class Answer:
    """What came back; status 0 if the connection ended without an answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def code(self) -> str:
        """The error's code, in whichever protocol it is said."""
        if found := re.search(rb"<Code>([^<]*)</Code>", self.body):
            return found[1].decode()
        if self.headers.get("content-type", "").startswith("application/cbor"):
            # A text string: its length in the head's byte, or in the byte after it.
            head = self.body.partition(b"__type")[2]
            size, text = (head[1], head[2:]) if head[:1] == b"\x78" else (head[0] & 0x1F, head[1:]) if head else (0, b"")
            return text[:size].decode().split("#")[-1]
        named = self.headers.get("x-amzn-errortype", "")
        try:
            named = named or json.loads(self.body).get("__type", "")
        except (ValueError, AttributeError):
            pass
        return named.split("#")[-1].split(":")[0]

    @property
    def message(self) -> str:
        if found := re.search(rb"<Message>([^<]*)</Message>", self.body):
            return found[1].decode()
        try:
            fields = json.loads(self.body)
            return fields.get("message") or fields.get("Message") or ""
        except (ValueError, AttributeError):
            return ""


def read_answer(connection: socket.socket) -> Answer:
    """Reads one answer. Raises if what comes is no HTTP."""
    stream = connection.makefile("rb")
    try:
        line = stream.readline()
        if not line:
            return Answer()
        found = re.fullmatch(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n", line)
        assert found, f"no HTTP: {line[:200]!r}"
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        status = int(found[1])
        if status == 100:
            return read_answer(connection)
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(stream.readline().split(b";")[0] or b"0", 16):
                body += stream.read(size)
                stream.readline()
        elif "content-length" in headers:
            body = stream.read(int(headers["content-length"]))
        else:
            body = stream.read()
        return Answer(status, headers, body)
    except (ConnectionError, TimeoutError) as error:
        if isinstance(error, TimeoutError):
            raise AssertionError("no answer came in time") from error
        return Answer()


class Client:
    """Speaks to one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.credentials = ROOT
        self.host = f"127.0.0.1:{port}"

    def raw(self, data: bytes, finish: bool = False, timeout: float = 20) -> Answer:
        """Sends bytes as they are. `finish` ends the sending side, as a client does that was cut off."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            try:
                connection.sendall(data)
                if finish:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                # It answered before it had read everything.
                pass
            return read_answer(connection)

    def sign(self, service: str, method: str, path: str, headers: dict, body: bytes, claim: str | None) -> dict:
        request = AWSRequest(method, f"http://{self.host}{path}", headers={"Host": self.host, **headers}, data=body)
        if service == "s3":
            request.context["payload_signing_enabled"] = True
            auth = S3SigV4Auth(self.credentials, service, REGION)
            auth.payload = lambda _: claim or hashlib.sha256(body).hexdigest()
        else:
            auth = SigV4Auth(self.credentials, service, REGION)
        auth.add_auth(request)
        return dict(request.headers.items())

    def build(
        self,
        service: str | None,
        method: str = "POST",
        path: str = "/",
        headers: dict | None = None,
        body: bytes = b"",
        claim: str | None = None,
    ) -> bytes:
        """The bytes of a request. `service` None leaves it unsigned; `claim` is S3's x-amz-content-sha256."""
        headers = dict(headers or {})
        headers = self.sign(service, method, path, headers, body, claim) if service else {"Host": self.host, **headers}
        if not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
            headers["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1") + body

    def call(self, *args, **kwargs) -> Answer:
        return self.raw(self.build(*args, **kwargs))

    def become_user(self) -> None:
        """Makes an IAM user and signs with its key from now on: the root user's signatures are not verified."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        policy = quote(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        for call in [
            "CreateUser&UserName=hostile",
            f"PutUserPolicy&UserName=hostile&PolicyName=all&PolicyDocument={policy}",
            "CreateAccessKey&UserName=hostile",
        ]:
            answer = self.call("iam", headers=headers, body=f"Version=2010-05-08&Action={call}".encode())
            assert answer.status == 200, answer
        key, secret = (re.search(rf"<{name}>([^<]+)<".encode(), answer.body)[1].decode() for name in ("AccessKeyId", "SecretAccessKey"))
        self.credentials = Credentials(key, secret)
