"""Signed calls without an SDK in between: what a call costs here is what it costs the server."""

import base64
import hashlib
import json
import re
import urllib.parse

import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
JSON = {
    "organizations": ("AWSOrganizationsV20161128", "1.1"), "kms": ("TrentService", "1.1"), "sqs": ("AmazonSQS", "1.0"),
}
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


class Answer:
    def __init__(self, response):
        self.status, self.text = response.status, response.data.decode()

    @property
    def allowed(self):
        """Whether authorisation let the call pass. Anything but success or a denial is a fault of the test."""
        if self.status < 300:
            return True
        assert "AccessDenied" in self.text, (self.status, self.text)
        return False

    def json(self):
        assert self.status == 200, (self.status, self.text)
        return json.loads(self.text or "{}")

    def element(self, name):
        """The text of the first XML element of this name."""
        assert self.status == 200, (self.status, self.text)
        return re.search(f"<{name}>(.*?)</{name}>", self.text, re.DOTALL).group(1)


class Signed:
    """Somebody who calls."""

    def __init__(self, pool, endpoint, key, secret="any", token=None):
        self.pool, self.endpoint, self.credentials = pool, endpoint, Credentials(key, secret, token)

    def send(self, service, method, path, body=b"", headers=None):
        request = AWSRequest(method, self.endpoint + path, headers or {}, body)
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(self.credentials, service, REGION).add_auth(request)
        sent = dict(request.headers.items())
        return Answer(self.pool.request(method, request.url, body=body, headers=sent, retries=False))

    def query(self, service, action, **parameters):
        body = urllib.parse.urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()
        return self.send(service, "POST", "/", body, {"content-type": "application/x-www-form-urlencoded"})

    def json(self, service, operation, **members):
        target, version = JSON[service]
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": f"{target}.{operation}"}
        return self.send(service, "POST", "/", json.dumps(members).encode(), headers)

    def s3(self, method, path, body=b""):
        headers = {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()} if body else {}
        return self.send("s3", method, path, body, headers)


def pool():
    return urllib3.PoolManager(maxsize=16)
