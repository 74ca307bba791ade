"""Cross-origin rules: set, told, removed; preflights and answers by them."""

import http.client
import urllib.parse

import pytest

from conftest import allow, code_of, error_of, policy

PAGE = "https://app.example"

RULES = [
    {
        "ID": "writers",
        "AllowedOrigins": ["https://*.example"],
        "AllowedMethods": ["PUT", "POST"],
        "AllowedHeaders": ["content-type", "x-amz-*"],
        "ExposeHeaders": ["ETag", "x-amz-version-id"],
        "MaxAgeSeconds": 3000,
    },
    {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]},
]


@pytest.fixture
def open_bucket(s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    return bucket


def ask(welkin, bucket, method, origin=PAGE, verb="OPTIONS", key="k", **headers):
    """Status, headers and body of a preflight, or of a plain request of a page."""
    split = urllib.parse.urlsplit(welkin.endpoint)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=30)
    named = {"Origin": origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if verb == "OPTIONS":
        named["Access-Control-Request-Method"] = method
    connection.request(verb, f"/{bucket}/{key}", headers=named)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    connection.close()
    return answer


def test_rules_are_set_told_and_removed(s3, bucket):
    error = error_of(s3.get_bucket_cors, Bucket=bucket)
    assert (error["Code"], error["Status"], error["BucketName"]) == ("NoSuchCORSConfiguration", 404, bucket)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES
    s3.delete_bucket_cors(Bucket=bucket)
    assert code_of(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)
    s3.delete_bucket_cors(Bucket=bucket)


@pytest.mark.parametrize(
    "change, code",
    [
        ({"AllowedMethods": ["PATCH"]}, "InvalidRequest"),
        ({"AllowedOrigins": ["http://*.*"]}, "InvalidRequest"),
        ({"AllowedHeaders": ["x-*-*"]}, "InvalidRequest"),
        ({"ExposeHeaders": ["*"]}, "InvalidRequest"),
        ({"AllowedMethods": []}, "MalformedXML"),
        ({"ID": "i" * 256}, "MalformedXML"),
    ],
)
def test_rules_that_are_none(s3, bucket, change, code):
    rules = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], **change}]}
    assert code_of(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=rules) == (code, 400)
    assert code_of(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)


def test_there_are_a_hundred_rules_at_most(s3, bucket):
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule] * 100})
    for rules in ([], [rule] * 101):
        assert code_of(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": rules}) == ("MalformedXML", 400)
    assert len(s3.get_bucket_cors(Bucket=bucket)["CORSRules"]) == 100


def test_a_preflight_is_answered_by_the_rules(welkin, open_bucket):
    names = "Content-Type, X-Amz-Date"
    status, headers, body = ask(welkin, open_bucket, "PUT", Access_Control_Request_Headers=names)
    assert (status, body) == (200, "")
    assert headers["access-control-allow-origin"] == PAGE
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-allow-methods"] == "PUT, POST"
    assert headers["access-control-allow-headers"] == "content-type, x-amz-date"
    assert headers["access-control-expose-headers"] == "ETag, x-amz-version-id"
    assert headers["access-control-max-age"] == "3000"
    assert "Origin" in headers["vary"]
    status, headers, _ = ask(welkin, open_bucket, "GET", origin="https://anywhere.test")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in headers


def test_a_preflight_is_refused(welkin, s3, bucket):
    status, headers, body = ask(welkin, bucket, "PUT")
    assert status == 403 and "<Code>AccessForbidden</Code>" in body and "CORS is not enabled" in body
    assert "access-control-allow-origin" not in headers
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    for method, more in (
        ("DELETE", {}),
        ("PUT", {"origin": "https://other.test"}),
        ("PUT", {"Access_Control_Request_Headers": "authorization"}),
    ):
        status, headers, body = ask(welkin, bucket, method, **more)
        assert status == 403 and "This CORS request is not allowed" in body, method
        assert "access-control-allow-origin" not in headers
    status, _, body = ask(welkin, bucket, "PATCH")
    assert status == 400 and "Invalid Access-Control-Request-Method: PATCH" in body
    status, _, body = ask(welkin, "no-such-bucket-anywhere", "PUT")
    assert status == 404 and "NoSuchBucket" in body


def test_answers_say_which_page_may_see_them(welkin, s3, account, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    signer = welkin.client("s3", account, signature_version="s3v4")
    url = signer.generate_presigned_url("get_object", Params={"Bucket": open_bucket, "Key": "k"})
    split = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=30)
    connection.request("GET", f"{split.path}?{split.query}", headers={"Origin": "https://anywhere.test"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"x")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET"
    # What is refused says it too, so that the page sees why.
    status, headers, body = ask(welkin, open_bucket, "GET", verb="GET")
    assert status == 403 and "AccessDenied" in body and headers["access-control-allow-origin"] == "*"
    status, headers, _ = ask(welkin, open_bucket, "DELETE", verb="DELETE")
    assert status == 403 and "access-control-allow-origin" not in headers


def test_rules_need_their_actions(welkin, account, bucket):
    arn = f"arn:aws:s3:::{bucket}"
    rules = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}
    putter = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketCORS", arn))))
    getter = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetBucketCORS", arn))))
    assert code_of(getter.put_bucket_cors, Bucket=bucket, CORSConfiguration=rules) == ("AccessDenied", 403)
    putter.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)
    assert code_of(putter.get_bucket_cors, Bucket=bucket) == ("AccessDenied", 403)
    assert getter.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules["CORSRules"]
    assert code_of(getter.delete_bucket_cors, Bucket=bucket) == ("AccessDenied", 403)
    putter.delete_bucket_cors(Bucket=bucket)


def test_rules_end_with_their_bucket(s3, open_bucket):
    s3.delete_bucket(Bucket=open_bucket)
    s3.create_bucket(Bucket=open_bucket)
    assert code_of(s3.get_bucket_cors, Bucket=open_bucket) == ("NoSuchCORSConfiguration", 404)
