"""Transfer acceleration, and the host names that S3 answers to."""

import http.client
import urllib.parse

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import allow, code_of, error_of, fresh, policy


def send(welkin, account, host, path="/k", method="GET", body=b"", region="us-east-1"):
    """A signed request to a host name of AWS that DNS would lead to Welkin: status, headers, body."""
    at = urllib.parse.urlsplit(welkin.endpoint)
    request = AWSRequest(method, f"http://{host}{path}", data=body, headers={"Host": host})
    S3SigV4Auth(Credentials(account, "any"), "s3", region).add_auth(request)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    connection.request(method, path, body, dict(request.headers))
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def set_status(s3, bucket, status):
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": status})


def test_acceleration_is_set_and_told(s3, bucket):
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    set_status(s3, bucket, "Suspended")
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket), "it never was on"
    for status in ("Enabled", "Suspended"):
        set_status(s3, bucket, status)
        assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == status
    wish = {"AccelerateConfiguration": {"Status": "Fast"}}
    assert code_of(s3.put_bucket_accelerate_configuration, Bucket=bucket, **wish) == ("MalformedXML", 400)


def test_names_with_periods_are_not_accelerated(s3):
    name = fresh("with.period")
    s3.create_bucket(Bucket=name)
    error = error_of(s3.put_bucket_accelerate_configuration, Bucket=name, AccelerateConfiguration={"Status": "Enabled"})
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400) and "periods" in error["Message"]


def test_setting_acceleration_needs_its_action(welkin, account, bucket):
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetAccelerateConfiguration", "*"))))
    reader.get_bucket_accelerate_configuration(Bucket=bucket)
    wish = {"AccelerateConfiguration": {"Status": "Enabled"}}
    assert code_of(reader.put_bucket_accelerate_configuration, Bucket=bucket, **wish) == ("AccessDenied", 403)
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutAccelerateConfiguration", "*"))))
    writer.put_bucket_accelerate_configuration(Bucket=bucket, **wish)
    assert code_of(writer.get_bucket_accelerate_configuration, Bucket=bucket) == ("AccessDenied", 403)


@pytest.mark.parametrize("dualstack", ["", "dualstack."])
def test_the_accelerated_host_answers_when_the_bucket_says_so(welkin, account, s3, bucket, dualstack):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    host = f"{bucket}.s3-accelerate.{dualstack}amazonaws.com"
    status, _, body = send(welkin, account, host)
    assert status == 400 and b"<Code>InvalidRequest</Code>" in body
    assert b"S3 Transfer Acceleration is not configured on this bucket" in body
    set_status(s3, bucket, "Enabled")
    status, headers, body = send(welkin, account, host)
    assert (status, body) == (200, b"content")
    assert send(welkin, account, host, "/new", "PUT", b"fast")[0] == 200
    assert s3.get_object(Bucket=bucket, Key="new")["Body"].read() == b"fast"
    status, _, body = send(welkin, account, f"s3-accelerate.{dualstack}amazonaws.com", f"/{bucket}/k")
    assert status == 400 and b"supports only virtual style requests" in body
    set_status(s3, bucket, "Suspended")
    status, _, body = send(welkin, account, host)
    assert status == 400 and b"S3 Transfer Acceleration is disabled on this bucket" in body


def test_buckets_are_not_made_listed_or_deleted_there(welkin, account, s3, bucket):
    set_status(s3, bucket, "Enabled")
    assert send(welkin, account, f"{bucket}.s3-accelerate.amazonaws.com", "/", "DELETE")[0] == 400
    assert send(welkin, account, f"{fresh()}.s3-accelerate.amazonaws.com", "/", "PUT")[0] == 400
    assert send(welkin, account, "s3-accelerate.amazonaws.com", "/")[0] == 400
    s3.head_bucket(Bucket=bucket)


HOSTS = [
    ("{bucket}.s3.amazonaws.com", "/k"),
    ("{bucket}.s3.us-east-1.amazonaws.com", "/k"),
    ("{bucket}.s3-us-east-1.amazonaws.com", "/k"),
    ("{bucket}.s3.dualstack.us-east-1.amazonaws.com", "/k"),
    ("{bucket}.s3-fips.us-east-1.amazonaws.com", "/k"),
    ("{bucket}.s3-fips.dualstack.us-east-1.amazonaws.com", "/k"),
    ("s3.amazonaws.com", "/{bucket}/k"),
    ("s3.us-east-1.amazonaws.com", "/{bucket}/k"),
    ("s3.dualstack.us-east-1.amazonaws.com", "/{bucket}/k"),
    ("{bucket}.localhost", "/k"),
    ("{bucket}.s3.localhost", "/k"),
]


@pytest.mark.parametrize("host, path", HOSTS)
def test_a_bucket_is_named_by_host_or_path(welkin, account, s3, bucket, host, path):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    status, _, body = send(welkin, account, host.format(bucket=bucket), path.format(bucket=bucket))
    assert (status, body) == (200, b"content")


def test_a_host_of_another_region_redirects(welkin, account):
    name = fresh()
    west = welkin.client("s3", account, region="us-west-2")
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    status, headers, body = send(welkin, account, f"{name}.s3.us-east-1.amazonaws.com", "/k")
    assert status == 301 and headers["x-amz-bucket-region"] == "us-west-2"
    assert b"<Code>PermanentRedirect</Code>" in body
    assert f"<Endpoint>{name}.s3.us-west-2.amazonaws.com</Endpoint>".encode() in body
