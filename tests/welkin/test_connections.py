"""The ways in: TLS, HTTP/2, host names."""

import os
import pathlib
import socket
import ssl
import subprocess
import sys

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from .conftest import run

ACCOUNT = "444444444444"


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    from .conftest import Process

    folder = tmp_path_factory.mktemp("secure")
    process = Process("--data", folder)
    pem = folder / "ca.pem"
    pem.write_text(run("ca", "--data", folder).out)
    process.pem = str(pem)
    yield process
    process.kill()


def signed(endpoint, host, service="sqs", region="eu-west-1"):
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", endpoint, data=body, headers={"Host": host, "Content-Type": "application/x-www-form-urlencoded"})
    SigV4Auth(Credentials(ACCOUNT, "any"), "sts", region).add_auth(request)
    return dict(request.headers), body


def test_boto3_over_tls_with_the_printed_authority(secure):
    sts = boto3.client(
        "sts",
        endpoint_url=f"https://localhost:{secure.port}",
        verify=secure.pem,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="any",
    )
    assert sts.get_caller_identity()["Account"] == ACCOUNT


def test_without_the_authority_nobody_trusts_it(secure):
    with pytest.raises(ssl.SSLError):
        with socket.create_connection(("127.0.0.1", secure.port)) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "bucket.localhost", "sqs.us-east-1.amazonaws.com"])
def test_the_certificate_is_for_the_name_that_the_client_asks_for(secure, host):
    context = ssl.create_default_context(cafile=secure.pem)
    with socket.create_connection(("127.0.0.1", secure.port)) as plain:
        with context.wrap_socket(plain, server_hostname=host) as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")


def test_http2_over_tls_and_without(secure):
    context = ssl.create_default_context(cafile=secure.pem)
    for scheme, options in [("https", {"http1": False, "verify": context}), ("http", {"http1": False})]:
        endpoint = f"{scheme}://localhost:{secure.port}"
        headers, body = signed(endpoint, f"localhost:{secure.port}")
        with httpx.Client(http2=True, **options) as client:
            answer = client.post(endpoint, content=body, headers=headers)
        assert (answer.http_version, answer.status_code) == ("HTTP/2", 200), answer.text
        assert ACCOUNT in answer.text


@pytest.fixture
def names_of_localhost(monkeypatch):
    """Names below localhost mean this machine, as most resolvers have it (RFC 6761), but not all."""
    resolve = socket.getaddrinfo

    def resolved(host, *arguments, **options):
        return resolve("localhost" if str(host).endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def test_virtual_hosted_buckets(secure, names_of_localhost):
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://localhost:{secure.port}",
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="any",
        config=Config(s3={"addressing_style": "virtual"}),
    )
    seen = []
    s3.meta.events.register("before-send.s3", lambda request, **_: seen.append(request.url))
    s3.create_bucket(Bucket="virtual")
    s3.put_object(Bucket="virtual", Key="a/b", Body=b"by its name")
    assert s3.get_object(Bucket="virtual", Key="a/b")["Body"].read() == b"by its name"
    assert all("//virtual.localhost:" in url for url in seen), seen


def test_clients_that_override_only_dns(secure):
    endpoint = f"http://127.0.0.1:{secure.port}/"
    for host in ["sts.eu-west-1.amazonaws.com", "sts.amazonaws.com"]:
        headers, body = signed(f"http://{host}/", host)
        answer = httpx.post(endpoint, content=body, headers={**headers, "Host": host})
        assert answer.status_code == 200 and f"arn:aws:iam::{ACCOUNT}:root" in answer.text, answer.text
    listed = httpx.get(endpoint + "nosuch", headers={"Host": "virtual-host.s3.eu-west-1.amazonaws.com"})
    assert listed.status_code in (403, 404) and "<Error>" in listed.text


def test_the_aws_cli(secure):
    environment = {
        "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": f"https://localhost:{secure.port}",
        "AWS_CA_BUNDLE": secure.pem,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    aws = lambda *words: subprocess.run(["aws", *words], capture_output=True, text=True, env=environment)
    told = aws("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    assert told.stdout == f"arn:aws:iam::{ACCOUNT}:root\n", told.stderr
    # Version 1 of the AWS CLI takes the end point of SQS from nowhere but its flag.
    made = aws("sqs", "create-queue", "--queue-name", "q", "--endpoint-url", environment["AWS_ENDPOINT_URL"])
    assert f"/{ACCOUNT}/q" in made.stdout, made.stderr
