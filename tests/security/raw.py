"""Requests that are signed as they should be, and then changed on their way."""

import dataclasses
import http.client
import re
import urllib.parse

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclasses.dataclass
class Message:
    """A request as it goes out."""

    method: str
    path: str
    query: str
    headers: dict
    body: bytes

    def with_header(self, name, value):
        kept = {own: v for own, v in self.headers.items() if own.lower() != name.lower()}
        return dataclasses.replace(self, headers=kept if value is None else {**kept, name: value})

    def with_authorization(self, change):
        return self.with_header("Authorization", change(self.headers["Authorization"]))

    def send(self, welkin):
        """Sends it; status, error code and message."""
        address = urllib.parse.urlsplit(welkin.endpoint)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            target = self.path + (f"?{self.query}" if self.query else "")
            connection.putrequest(self.method, target, skip_host=True, skip_accept_encoding=True)
            headers = {"Host": address.netloc, "Content-Length": str(len(self.body)), **self.headers}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(self.body)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        code = re.search(r"<Code>([^<]*)</Code>", text) or re.search(r'"__type":"(?:[^"#]*#)?([^"]*)"', text)
        message = re.search(r"<Message>([^<]*)</Message>", text) or re.search(r'"[Mm]essage":"([^"]*)"', text)
        return answer.status, code and code[1], message[1] if message else text


def sign(caller, service, method="POST", path="/", query="", body=b"", region="us-east-1", at=None, **headers):
    """A signed request of the caller; `at` is another time than now."""
    credentials = Credentials(caller.key, caller.secret, caller.token)
    url = caller.welkin.endpoint + path + (f"?{query}" if query else "")
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method, url, data=body, headers=headers)
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(credentials, service, region)
    if at is None:
        signer.add_auth(request)
    else:
        import unittest.mock

        with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None)):
            signer.add_auth(request)
    return Message(method, path, query, dict(request.headers.items()), body)


def query_api(caller, service, action, version, **more):
    """A signed call of a service of the query protocol."""
    parameters = {name: more.pop(name) for name in list(more) if name[0].isupper()}
    body = urllib.parse.urlencode({"Action": action, "Version": version, **parameters}).encode()
    return sign(caller, service, body=body, Content_Type="application/x-www-form-urlencoded; charset=utf-8", **more)


def who(caller, **more):
    return query_api(caller, "sts", "GetCallerIdentity", "2011-06-15", **more)


def users(caller, **more):
    return query_api(caller, "iam", "ListUsers", "2010-05-08", **more)
