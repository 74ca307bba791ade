"""Server access logs."""

import http.client
import json
import re
import urllib.parse

import pytest
from botocore import UNSIGNED
from conftest import allow, code_of, error_of, fresh, policy

FIELDS = (
    "owner bucket time ip requester request_id operation key uri status error sent size total turn_around referrer "
    "agent version host_id signature cipher authentication host tls access_point acl_required source_region"
).split()


def parsed(text):
    """The lines of a log, as fields by name."""
    lines = [re.findall(r'\[[^]]*\]|"[^"]*"|\S+', line) for line in text.splitlines()]
    assert all(len(line) == len(FIELDS) for line in lines), text
    return [dict(zip(FIELDS, line, strict=True)) for line in lines]


@pytest.fixture
def target(s3, account, bucket):
    """A bucket into which the logs of the account's buckets may be put."""
    name = fresh()
    s3.create_bucket(Bucket=name)
    conditions = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
        "StringEquals": {"aws:SourceAccount": account},
    }
    who = {"Service": "logging.s3.amazonaws.com"}
    statement = allow("s3:PutObject", f"arn:aws:s3:::{name}/logs/*", Principal=who, Condition=conditions)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy(statement)))
    return name


@pytest.fixture
def enable(s3, bucket, target):
    def enable(prefix="logs/", **more):
        status = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix, **more}}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)

    return enable


@pytest.fixture
def delivered(welkin, s3, target):
    """Lets files be written: all of them, by key."""

    def delivered():
        welkin.advance("5m")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=target).get("Contents", [])]
        return {key: s3.get_object(Bucket=target, Key=key)["Body"].read().decode() for key in keys}

    return delivered


@pytest.fixture
def lines(delivered):
    """The lines of all files."""
    return lambda: [line for text in delivered().values() for line in parsed(text)]


def test_the_configuration_is_set_told_and_removed(s3, bucket, target, enable):
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    enable()
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == {"TargetBucket": target, "TargetPrefix": "logs/"}
    for form in ({"SimplePrefix": {}}, {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}):
        enable("", TargetObjectKeyFormat=form)
        told = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
        assert (told["TargetPrefix"], told["TargetObjectKeyFormat"]) == ("", form)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_where_a_log_cannot_go(welkin, account, s3, bucket, target):
    def put(**status):
        return s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": status})

    error = error_of(put, TargetBucket=f"{target}-none", TargetPrefix="")
    assert (error["Code"], error["Status"]) == ("InvalidTargetBucketForLogging", 400)
    other = fresh()
    welkin.client("s3", welkin.account()).create_bucket(Bucket=other)
    assert "must be the same" in error_of(put, TargetBucket=other, TargetPrefix="")["Message"]
    far = fresh()
    place = {"LocationConstraint": "eu-west-1"}
    welkin.client("s3", account, region="eu-west-1").create_bucket(Bucket=far, CreateBucketConfiguration=place)
    assert code_of(put, TargetBucket=far, TargetPrefix="") == ("CrossLocationLoggingProhibitted", 403)
    assert code_of(put, TargetBucket=target) == ("MalformedXML", 400)
    everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grant = {"Grantee": everyone, "Permission": "READ"}
    refused = code_of(put, TargetBucket=target, TargetPrefix="", TargetGrants=[grant])
    assert refused == ("AccessControlListNotSupported", 400)
    both = {"SimplePrefix": {}, "PartitionedPrefix": {}}
    assert code_of(put, TargetBucket=target, TargetPrefix="", TargetObjectKeyFormat=both) == ("MalformedXML", 400)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_each_operation_needs_its_action(welkin, account, bucket):
    reader = welkin.client("s3", **welkin.user(account, policy(allow("s3:GetBucketLogging", "*"))))
    reader.get_bucket_logging(Bucket=bucket)
    assert code_of(reader.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={}) == ("AccessDenied", 403)
    writer = welkin.client("s3", **welkin.user(account, policy(allow("s3:PutBucketLogging", "*"))))
    writer.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert code_of(writer.get_bucket_logging, Bucket=bucket) == ("AccessDenied", 403)


def test_requests_become_lines(welkin, account, s3, bucket, enable, delivered):
    s3.put_object(Bucket=bucket, Key="before", Body=b"x")
    enable()
    user = welkin.user(account, policy(allow("s3:*", "*")), name="alice")
    alice = welkin.client("s3", **user, user_agent="agent/1 (test)")
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"content")
    alice.get_object(Bucket=bucket, Key="a b/ü", Range="bytes=0-2")["Body"].read()
    alice.head_object(Bucket=bucket, Key="a b/ü")
    assert code_of(alice.get_object, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    s3.list_objects_v2(Bucket=bucket)
    s3.get_bucket_versioning(Bucket=bucket)
    files = delivered()
    (key,) = files
    assert re.fullmatch(r"logs/\d{4}(-\d\d){5}-[0-9A-F]{16}", key)
    lines = parsed(files[key])
    # Setting the log up is not in it: it was not there yet.
    assert [line["operation"] for line in lines] == [
        "REST.PUT.OBJECT",
        "REST.GET.OBJECT",
        "REST.HEAD.OBJECT",
        "REST.GET.OBJECT",
        "REST.GET.BUCKET",
        "REST.GET.VERSIONING",
    ]
    owner = s3.list_buckets()["Owner"]["ID"]
    put, got, head, missing, listed, _ = lines
    assert all(line["owner"] == owner and line["bucket"] == bucket and line["ip"] == "127.0.0.1" for line in lines)
    assert all(re.fullmatch(r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]", line["time"]) for line in lines)
    assert (put["requester"], put["status"], put["error"], put["size"], put["sent"]) == (owner, "200", "-", "7", "-")
    assert got["requester"] == f"arn:aws:iam::{account}:user/alice" and got["agent"].startswith('"agent/1 (test)')
    assert (got["status"], got["sent"], got["size"], got["key"]) == ("206", "3", "7", "a%20b/%C3%BC")
    assert got["uri"].startswith(f'"GET /{bucket}/a%20b/%C3%BC') and got["uri"].endswith('HTTP/1.1"')
    assert (got["signature"], got["authentication"], got["acl_required"]) == ("SigV4", "AuthHeader", "-")
    assert (head["status"], head["sent"], head["size"]) == ("200", "-", "7")
    assert (missing["status"], missing["error"], missing["key"]) == ("404", "NoSuchKey", "none")
    assert int(missing["sent"]) > 0 and int(missing["total"]) > 0 and missing["host_id"] != "-"
    assert (listed["key"], listed["host"]) == ("-", urllib.parse.urlsplit(welkin.endpoint).netloc)


def test_what_is_denied_and_what_nobody_signed(welkin, account, s3, bucket, enable, lines):
    enable()
    nobody = welkin.client("s3", account, signature_version=UNSIGNED)
    assert code_of(nobody.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    signer = welkin.client("s3", account, signature_version="s3v4")
    url = urllib.parse.urlsplit(signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}))
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("GET", f"{url.path}?{url.query}", headers={"Referer": "http://from.example/"})
    assert connection.getresponse().read() == b"x"
    denied, _, presigned = lines()
    assert (denied["requester"], denied["error"], denied["signature"]) == ("-", "AccessDenied", "-")
    assert presigned["authentication"] == "QueryString" and presigned["referrer"] == '"http://from.example/"'


def test_copies_are_logged_where_they_are_read_and_written(s3, bucket, enable, lines):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    enable()
    s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    logged = {line["operation"]: line["key"] for line in lines()}
    assert logged == {"REST.COPY.OBJECT": "b", "REST.COPY.OBJECT_GET": "a"}


def test_what_only_a_list_allows(welkin, s3, bucket, enable, lines):
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="authenticated-read")
    enable()
    welkin.client("s3", welkin.account()).get_object(Bucket=bucket, Key="k")
    s3.get_object(Bucket=bucket, Key="k")
    assert [line["acl_required"] for line in lines()] == ["Yes", "-"]


def test_visits_of_the_web_site(welkin, s3, bucket, enable, lines):
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    enable()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(welkin.endpoint).netloc)
    connection.request("GET", "/page", headers={"Host": f"{bucket}.s3-website.localhost"})
    assert connection.getresponse().status == 403
    (line,) = lines()
    assert (line["operation"], line["key"], line["error"]) == ("WEBSITE.GET.OBJECT", "page", "AccessDenied")


def test_keys_in_folders(welkin, account, s3, bucket, enable, delivered):
    folder = rf"logs/{account}/us-east-1/{bucket}/(\d{{4}})/(\d\d)/(\d\d)/\1-\2-\3"
    seen = set()
    for source, time in (("EventTime", "-00-00-00-"), ("DeliveryTime", r"-\d\d-\d\d-\d\d-")):
        enable(TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": source}})
        s3.get_bucket_location(Bucket=bucket)
        (key,) = [key for key in delivered() if key not in seen]
        assert re.fullmatch(folder + time + "[0-9A-F]{16}", key), key
        seen.add(key)
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
        welkin.advance("5m")


def test_what_the_target_does_not_take_is_lost(s3, bucket, enable, delivered):
    enable("elsewhere/")
    s3.get_bucket_location(Bucket=bucket)
    assert delivered() == {}
    enable("logs/")
    files = delivered()
    assert [line["operation"] for text in files.values() for line in parsed(text)] == ["REST.PUT.LOGGING_STATUS"]


def test_the_log_delivery_group_and_grants_of_files(s3, bucket, enable, target, delivered):
    s3.delete_bucket_policy(Bucket=target)
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=target, OwnershipControls=controls)
    s3.put_bucket_acl(Bucket=target, ACL="log-delivery-write")
    group = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    s3.delete_public_access_block(Bucket=target)
    enable(TargetGrants=[{"Grantee": {"Type": "Group", "URI": group}, "Permission": "READ"}])
    told = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetGrants"]
    assert told == [{"Grantee": {"Type": "Group", "URI": group}, "Permission": "READ"}]
    (key,) = delivered()
    grants = s3.get_object_acl(Bucket=target, Key=key)["Grants"]
    assert (group, "READ") in [(grant["Grantee"].get("URI"), grant["Permission"]) for grant in grants]


def test_each_key_of_a_batch(s3, bucket, enable, lines):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x")
    enable()
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a b"}, {"Key": "c", "VersionId": "none"}]})
    logged = sorted((line["operation"], line["key"], line["status"], line["error"]) for line in lines())
    assert logged[0] == ("BATCH.DELETE.OBJECT", "a%20b", "204", "-")
    assert logged[1][:2] == ("BATCH.DELETE.OBJECT", "c")
    assert logged[2] == ("REST.POST.MULTI_OBJECT_DELETE", "-", "200", "-")


def test_what_lifecycle_rules_do(welkin, s3, bucket, enable, lines):
    s3.put_object(Bucket=bucket, Key="old", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="kept", Body=b"x" * 200_000)
    rules = [
        {"Status": "Enabled", "Filter": {"Prefix": "old"}, "Expiration": {"Days": 1}},
        {
            "Status": "Enabled",
            "Filter": {"Prefix": "kept"},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    enable()
    welkin.advance("49h")
    logged = {line["operation"]: line for line in lines()}
    expired = logged["S3.EXPIRE.OBJECT"]
    assert (expired["requester"], expired["key"], expired["size"], expired["ip"]) == ("AmazonS3", "old", "5", "-")
    assert logged["S3.TRANSITION.OBJECT"]["key"] == "kept"
