"""URLs that are signed beforehand, used by clients that know no AWS."""

import urllib.error
import urllib.request

import pytest

from conftest import allow, policy

def send(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


@pytest.fixture
def signed(welkin, account):
    """A client that signs URLs with version 4."""
    return welkin.client("s3", account, signature_version="s3v4")


def test_put_and_get(signed, s3, bucket):
    put = signed.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a b/k", "ContentType": "text/plain"})
    assert send(put, "PUT", b"by url", {"Content-Type": "text/plain"})[0] == 200
    assert s3.get_object(Bucket=bucket, Key="a b/k")["ContentType"] == "text/plain"
    parameters = {"Bucket": bucket, "Key": "a b/k", "ResponseContentType": "application/x-special"}
    status, body, headers = send(signed.generate_presigned_url("get_object", parameters, ExpiresIn=60))
    assert (status, body, headers["Content-Type"]) == (200, b"by url", "application/x-special")
    status, body, headers = send(signed.generate_presigned_url("get_object", parameters), headers={"Range": "bytes=3-5"})
    assert (status, body) == (206, b"url") and headers["Content-Range"] == "bytes 3-5/6"


def test_a_url_is_good_for_what_was_signed(welkin, account, bucket):
    # A user's: the root user's signatures are not verified unless Welkin is strict.
    user = welkin.user(account, policy(allow("s3:*", "*")))
    url = welkin.client("s3", **user, signature_version="s3v4").generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    status, body, _ = send(url.replace("/k?", "/l?"))
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body
    status, body, _ = send(url, "DELETE")
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body
    status, body, _ = send(url)
    assert status == 404 and b"<Code>NoSuchKey</Code>" in body


def test_a_url_has_the_rights_of_who_signed_it(welkin, s3, account, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    powerless = welkin.client("s3", **welkin.user(account), signature_version="s3v4")
    status, body, _ = send(powerless.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}))
    assert status == 403 and b"<Code>AccessDenied</Code>" in body
