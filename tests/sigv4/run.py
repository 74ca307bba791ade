#!/usr/bin/env python3
"""Holds platform/sigv4 against botocore: its copy of AWS's SigV4 test suite, and its signers as oracles.

The test suite is read from botocore's sdist (downloaded from PyPI unless --sdist names it), and so is botocore itself.
Everything that is missing fails the run; nothing is skipped.

    python3 tests/sigv4/run.py [--sdist botocore-1.44.5.tar.gz] [--cases 400] [--seed 1]
"""

import argparse
import base64
import datetime
import json
import random
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from example import example

VERSION = "1.44.5"
SUITE_SIZE = 34
ROOT = Path(__file__).resolve().parents[2]
SUITE_KEY, SUITE_SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SUITE_TIME = "2015-08-30T12:36:00Z"


class Failure(Exception):
    """An expectation that does not hold."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Welkin:
    """The example program of the crate, fed with JSON lines."""

    def __init__(self):
        program = example("welkin-sigv4", "sigv4")
        self.process = subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        expect(answer, f"the example program ended on {request}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        expect(self.process.wait(10) == 0, "the example program failed")


def sdist(path, folder):
    if path is None:
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        download += ["--no-binary", "botocore", "-d", folder, f"botocore=={VERSION}"]
        subprocess.run(download, check=True)
        path = Path(folder) / f"botocore-{VERSION}.tar.gz"
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    return Path(folder) / f"botocore-{VERSION}"


def parse_raw(raw):
    """A request as the suite writes it: no length, no end of line after the last header."""
    head, _, body = raw.partition("\n\n")
    request, *lines = head.rstrip("\n").split("\n")
    method, target = request.removesuffix(" HTTP/1.1").split(" ", 1)
    headers = []
    for line in lines:
        if line[:1].isspace():
            headers[-1][1] += " " + line.strip()
        else:
            name, _, value = line.partition(":")
            headers.append([name, value])
    path, _, query = target.partition("?")
    return {"method": method, "path": path, "query": query, "headers": headers, "body": body.encode().hex()}


def run_suite(welkin, source):
    folder = source / "tests/unit/auth/aws4_testsuite"
    cases = sorted(folder.rglob("*.req"))
    expect(len(cases) == SUITE_SIZE, f"{len(cases)} cases in {folder}, not {SUITE_SIZE}")
    for case in cases:
        read = lambda suffix: case.with_suffix(suffix).read_text("utf-8").replace("\r", "")
        context = {"secret": SUITE_SECRET, "now": SUITE_TIME, "service": "service"}
        plain = parse_raw(read(".req"))
        # botocore's suite has a session token in what is signed, where the request leaves it to the signer. Its .sreq
        # files are not used: that of get-vanilla-with-session-token carries a signature that is none.
        token = re.search(r"^x-amz-security-token:(.*)$", read(".creq"), re.MULTILINE)
        token = token and token.group(1)
        given = any(name.lower() == "x-amz-security-token" for name, _ in plain["headers"])
        added = [["x-amz-security-token", token]] if token and not given else []
        signed = plain | {"headers": plain["headers"] + added + [["authorization", read(".authz")]]}
        answer = welkin(op="verify", **signed, **context)
        expect(answer["ok"] and answer["access_key_id"] == SUITE_KEY, f"{case.stem} does not verify: {answer}")
        wrong = welkin(op="verify", **signed, **(context | {"secret": "wrong"}))
        expect(wrong["code"] == "SignatureDoesNotMatch", f"{case.stem} verifies by a wrong secret")
        expect(wrong["canonical_request"] == read(".creq"), f"{case.stem}: {wrong['canonical_request']!r}")
        expect(wrong["string_to_sign"] == read(".sts"), f"{case.stem}: {wrong['string_to_sign']!r}")
        made = welkin(op="sign", **plain, **context, token=token, region="us-east-1", access_key_id=SUITE_KEY)
        expect(made["authorization"] == read(".authz"), f"{case.stem}: {made['authorization']}")
    return len(cases)


class Oracle:
    """Random requests, signed by botocore."""

    def __init__(self, welkin, seed):
        self.welkin, self.random = welkin, random.Random(seed)
        self.verified = self.refused = self.equal = 0

    def text(self, alphabet, least, most):
        return "".join(self.random.choice(alphabet) for _ in range(self.random.randint(least, most)))

    def credentials(self):
        from botocore.credentials import Credentials

        secret = self.text("abcXYZ0189/+", 40, 40)
        token = self.text("abcXYZ0189/+=", 20, 80) if self.random.random() < 0.5 else None
        return Credentials("AKID" + self.text("ABC234", 16, 16), secret, token)

    def request(self):
        from botocore.awsrequest import AWSRequest

        pick = self.random
        segments = [self.text("abcXYZ01 ~-_.é日:+()*!'@$,;=%", 1, 10) for _ in range(pick.randint(0, 4))]
        # Signers differ on paths that end with a dot segment, which no client sends.
        path = "/" + "/".join(quote(s, safe="-._~") for s in segments if s not in (".", ".."))
        params = {self.text("abcXYZ01é_.-", 1, 8): self.text("abcXYZ01 é日/+&=%~*", 0, 12) for _ in range(pick.randint(0, 4))}
        headers = {"x-amz-meta-" + self.text("abc", 1, 5): self.text("aZ09 /+=;,", 1, 20) for _ in range(pick.randint(0, 3))}
        body = pick.randbytes(pick.randint(0, 50))
        method = pick.choice(["GET", "PUT", "POST", "DELETE", "HEAD"])
        url = "https://example.amazonaws.com" + path
        return AWSRequest(method=method, url=url, params=params, headers=headers, data=body)

    def sent(self, request):
        """What goes over the wire."""
        prepared = request.prepare()
        parts = urlsplit(prepared.url)
        plain = lambda value: value.decode() if isinstance(value, bytes) else str(value)
        headers = [[name, plain(value)] for name, value in prepared.headers.items()]
        if not any(name.lower() == "host" for name, _ in headers):
            headers.append(["host", parts.netloc])
        body = prepared.body or b""
        body = (body.encode() if isinstance(body, str) else body).hex()
        return {"method": prepared.method, "path": parts.path or "/", "query": parts.query, "headers": headers, "body": body}

    def tampered(self, sent, presigned_s3):
        """The request with one thing changed that the signature covers."""
        out = json.loads(json.dumps(sent))
        kinds = ["method", "path", "query", "signature", "header", "secret"] + ([] if presigned_s3 else ["body"])
        kind = self.random.choice(kinds)
        if kind == "method":
            out["method"] = "PATCH"
        elif kind == "path":
            out["path"] += "x"
        elif kind == "query":
            out["query"] += "&extra=1" if out["query"] else "extra=1"
        elif kind == "body":
            out["body"] += "00"
        elif kind == "header":
            next(header for header in out["headers"] if header[0].lower() == "host")[1] += "x"
        elif kind == "signature":
            marker = "Signature="
            for place in [h for h in out["headers"] if h[0].lower() == "authorization"]:
                place[1] = self.flip(place[1], marker)
            out["query"] = self.flip(out["query"], marker) if marker in out["query"] else out["query"]
        return kind, out

    def flip(self, text, marker):
        at = text.index(marker) + len(marker) + self.random.randrange(64)
        return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]

    def check(self, sent, credentials, service, label, presigned_s3=False):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        context = {"secret": credentials.secret_key, "now": now, "service": service}
        answer = self.welkin(op="verify", **sent, **context)
        expect(answer["ok"], f"{label}: {answer}\n{sent}")
        expect(answer["access_key_id"] == credentials.access_key, f"{label}: {answer}")
        expect(answer["token"] == credentials.token, f"{label}: {answer}")
        self.verified += 1
        kind, tampered = self.tampered(sent, presigned_s3)
        if kind == "secret":
            context["secret"] = "x" + context["secret"][1:]
        answer = self.welkin(op="verify", **tampered, **context)
        expect(not answer["ok"], f"{label} verifies with another {kind}: {tampered}")
        self.refused += 1

    def header(self, signer, service):
        credentials, request = self.credentials(), self.request()
        signer(credentials, service, "eu-west-1").add_auth(request)
        sent = self.sent(request)
        self.check(sent, credentials, service, signer.__name__)
        self.compare(request, sent, credentials, service)

    def compare(self, request, sent, credentials, service):
        """The crate's own signer must write what botocore wrote."""
        wanted = request.headers["Authorization"]
        signed = wanted.split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = [[n, v] for n, v in sent["headers"] if n.lower() in signed]
        stamp = datetime.datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        made = self.welkin(
            op="sign", **(sent | {"headers": headers}), secret=credentials.secret_key, service=service,
            access_key_id=credentials.access_key, region="eu-west-1", now=stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        expect(made["authorization"] == wanted, f"{made['authorization']}\n{wanted}\n{sent}")
        self.equal += 1

    def query(self, signer, service):
        credentials, request = self.credentials(), self.request()
        # botocore moves what the body holds into the query.
        request.data = b""
        del request.headers["Content-Type"]
        expires = self.random.choice([60, 3600, 604800])
        signer(credentials, service, "eu-west-1", expires=expires).add_auth(request)
        sent = self.sent(request)
        if service == "s3":
            sent["body"] = self.random.randbytes(8).hex()
        self.check(sent, credentials, service, signer.__name__, service == "s3")

    def post(self):
        from botocore.auth import S3SigV4PostAuth
        from botocore.awsrequest import AWSRequest

        credentials = self.credentials()
        key = self.text("abc/é日 $\\\"", 1, 12)
        limit = self.random.randint(10, 1000)
        conditions = [{"bucket": "b"}, ["starts-with", "$key", key[:3]], ["content-length-range", 1, limit]]
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
        request = AWSRequest(method="POST", url="https://b.s3.amazonaws.com/")
        request.context["s3-presign-post-fields"] = {"key": key}
        request.context["s3-presign-post-policy"] = {
            "expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "conditions": conditions,
        }
        S3SigV4PostAuth(credentials, "s3", "eu-west-1").add_auth(request)
        fields = list(request.context["s3-presign-post-fields"].items())
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        late = (expires + datetime.timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        good = {"fields": fields, "bucket": "b", "secret": credentials.secret_key, "now": now, "size": limit}
        answer = self.welkin(op="post", **good)
        expect(answer["ok"] and answer["access_key_id"] == credentials.access_key, f"post: {answer} {fields}")
        self.verified += 1
        policy = json.loads(base64.b64decode(dict(fields)["policy"]))
        policy["conditions"].append(["starts-with", "$acl", ""])
        forged = base64.b64encode(json.dumps(policy).encode()).decode()
        for change, code in [
            ({"bucket": "other"}, "AccessDenied"),
            ({"now": late}, "AccessDenied"),
            ({"size": limit + 1}, "EntityTooLarge"),
            ({"size": 0}, "EntityTooSmall"),
            ({"secret": "wrong"}, "SignatureDoesNotMatch"),
            ({"fields": fields + [("acl", "public-read")]}, "AccessDenied"),
            ({"fields": [(n, "x" + v if n == "key" else v) for n, v in fields]}, "AccessDenied"),
            ({"fields": [(n, forged if n == "policy" else v) for n, v in fields]}, "SignatureDoesNotMatch"),
        ]:
            answer = self.welkin(op="post", **(good | change))
            expect(answer.get("code") == code, f"post with {change}: {answer}")
            self.refused += 1


def run_oracle(welkin, cases, seed):
    from botocore import auth

    oracle = Oracle(welkin, seed)
    for _ in range(cases):
        oracle.header(auth.SigV4Auth, "sts")
        oracle.header(auth.S3SigV4Auth, "s3")
        oracle.query(auth.SigV4QueryAuth, "sts")
        oracle.query(auth.S3SigV4QueryAuth, "s3")
        oracle.post()
    return oracle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sdist", type=Path)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = sdist(args.sdist, folder)
        sys.path.insert(0, str(source))
        import botocore

        expect(botocore.__version__ == VERSION, f"botocore {botocore.__version__} is not {VERSION}")
        welkin = Welkin()
        suite = run_suite(welkin, source)
        oracle = run_oracle(welkin, args.cases, args.seed)
        welkin.close()
    print(f"sigv4: {suite} cases of AWS's test suite verify and are made alike")
    print(
        f"sigv4: botocore's signers (seed {args.seed}): {oracle.verified} requests verified, "
        f"{oracle.refused} forgeries refused, {oracle.equal} signatures made alike"
    )


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"sigv4: {failure}")
