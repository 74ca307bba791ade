"""The operator's API."""

import datetime
import json
import urllib.error
import urllib.request

import pytest


def http(welkin, method, path, body=None, headers=None):
    data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
    request = urllib.request.Request(f"{welkin.endpoint}{path}", data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def now(answer):
    return datetime.datetime.fromisoformat(answer["now"].replace("Z", "+00:00"))


def test_health(welkin):
    status, health = http(welkin, "GET", "/_welkin/health")
    assert (status, health["status"]) == (200, "running")
    assert {"sqs", "s3", "kms", "iam", "sts"} <= set(health["services"])


def test_what_testcontainers_and_awslocal_wait_for(welkin):
    _, health = http(welkin, "GET", "/_localstack/health")
    assert health["services"]["sqs"] == "running" and health["version"]
    _, init = http(welkin, "GET", "/_localstack/init")
    assert init["completed"]["READY"] is True


def test_coverage(welkin):
    _, some = http(welkin, "GET", "/_welkin/coverage")
    assert "ec2" not in some and "SendMessage" in some["sqs"]["works"]
    _, everything = http(welkin, "GET", "/_welkin/coverage?all=true")
    assert "RunInstances" in everything["ec2"]["refuses"]


def test_the_clock_is_advanced_set_and_set_back(up):
    welkin = up("--memory")
    start = now(welkin.admin("GET", "clock"))
    assert abs(start - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1)
    advanced = now(welkin.advance("1h30m"))
    assert datetime.timedelta(minutes=90) <= advanced - start < datetime.timedelta(minutes=91)
    clock = welkin.admin("POST", "clock", {"set": "2031-05-06T07:08:09Z"})
    assert clock["now"].startswith("2031-05-06T07:08:09")
    queue = welkin.root("111111111111", "sqs").create_queue(QueueName="q")["QueueUrl"]
    made = welkin.root("111111111111", "sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["CreatedTimestamp"])
    year = datetime.datetime.fromtimestamp(int(made["Attributes"]["CreatedTimestamp"]), datetime.timezone.utc).year
    assert year == 2031, "services follow the clock"
    assert welkin.admin("POST", "clock", {"set": "2020-01-01T00:00:00Z"})["now"].startswith("2020-01-01")
    assert welkin.admin("GET", "clock")["ahead_seconds"] < 0


@pytest.mark.parametrize(
    "body", [{"advance": "15x"}, {"advance": -5}, {"set": "tomorrow"}, {}, {"advance": "1s", "set": "x"}, [], 7]
)
def test_a_bad_time_is_refused_and_moves_nothing(welkin, body):
    before = welkin.admin("GET", "clock")["ahead_seconds"]
    status, fault = http(welkin, "POST", "/_welkin/clock", body)
    assert status == 400 and fault["message"] == "the clock cannot be moved so" and fault["hint"]
    assert welkin.admin("GET", "clock")["ahead_seconds"] == before


def test_a_body_that_is_not_json_is_refused(welkin):
    status, fault = http(welkin, "POST", "/_welkin/clock", b"{")
    assert (status, fault["message"]) == (400, "the body is not JSON")


def test_jobs_wait_and_run_when_their_time_has_come(up):
    welkin = up("--memory")
    kms = welkin.root("111111111111", "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    jobs = welkin.admin("GET", "jobs")
    assert [(job["account"], job["region"], job["attempts"]) for job in jobs] == [("111111111111", "us-east-1", 0)]
    welkin.advance("8d")
    assert welkin.admin("GET", "jobs") == []
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=key)


def test_decisions_of_allowed_and_denied_calls(welkin, account):
    statement = {"Sid": "Keys", "Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}
    user = welkin.user(account, {"Version": "2012-10-17", "Statement": [statement]})
    kms = welkin.client("kms", **user)
    made = kms.create_key()["ResponseMetadata"]["RequestId"]
    [record] = welkin.admin("GET", f"decisions/{made}")
    assert (record["action"], record["decision"]["outcome"]) == ("kms:CreateKey", "Allow")
    assert record["decision"]["by"]["sid"] == "Keys" and record["decision"]["by"]["statement"] == 0
    with pytest.raises(kms.exceptions.ClientError) as denied:
        kms.list_keys()
    [record] = welkin.admin("GET", f"decisions/{denied.value.response['ResponseMetadata']['RequestId']}")
    assert record["decision"]["outcome"] != "Allow" and record["decision"]["by"] is None
    assert record["decision"]["missing"], "it tells which policy would have to allow it"


def test_unknown_pages_and_methods_are_told(welkin):
    for method, path in [("GET", "/_welkin/nosuch"), ("POST", "/_welkin/health"), ("GET", "/_welkin/decisions/none")]:
        status, fault = http(welkin, method, path, headers={"content-length": "0"})
        assert status == 404 and fault["message"] and fault["hint"], (method, path)


def test_only_this_machine_and_no_web_page_is_let_in(welkin):
    for headers in [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]:
        status, fault = http(welkin, "POST", "/_welkin/reset", b"", headers)
        assert status == 403 and fault["hint"], headers
    status, _ = http(welkin, "GET", "/_welkin/jobs", headers={"Host": "localhost", "Origin": "http://localhost:3000"})
    assert status == 200


def test_the_token_opens_it(up):
    welkin = up("--memory", environment={"WELKIN_TOKEN": "let-me-in"})
    there = {"Host": "welkin.example"}
    assert http(welkin, "GET", "/_welkin/jobs", headers=there)[0] == 403
    assert http(welkin, "GET", "/_welkin/jobs", headers={**there, "Authorization": "Bearer let-me-on"})[0] == 403
    assert http(welkin, "GET", "/_welkin/jobs", headers={**there, "Authorization": "Bearer let-me-in"})[0] == 200
