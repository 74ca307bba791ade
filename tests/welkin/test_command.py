"""Every command of the command line, against a running Welkin."""

import json
import shutil
import subprocess

import pytest

from .conftest import CLEAN, run


def test_without_arguments_it_lists_its_commands():
    outcome = run()
    assert outcome.code == 2
    for command in ["up", "env", "call", "explain", "clock", "jobs", "outbox", "coverage", "export", "import", "reset", "ca"]:
        assert f"\n  {command} " in outcome.error
    assert run("--version").out.startswith("welkin 0.")


def test_env_makes_a_shell_into_a_client(welkin, cli, account):
    outcome = cli("env", "--account", account, "--region", "eu-west-1")
    script = outcome.out + '\necho "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_REGION ${AWS_SESSION_TOKEN-none}"'
    environment = {**CLEAN, "AWS_SESSION_TOKEN": "left over"}
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert shown.stdout.split() == [welkin.endpoint, account, "eu-west-1", "none"]
    assert cli("env", "--json").json["AWS_ENDPOINT_URL"] == welkin.endpoint
    assert f"set -gx AWS_ENDPOINT_URL '{welkin.endpoint}'" in cli("env", "--shell", "fish").out
    assert f"$env:AWS_ENDPOINT_URL = '{welkin.endpoint}'" in cli("env", "--shell", "powershell").out
    bad = cli("env", "--account", "12", "--json")
    assert bad.code == 1 and "12 digits" in bad.fault["hint"]


def test_call_speaks_json_query_and_rest(welkin, cli, account):
    key = ["--access-key", account]
    made = cli("call", "sqs", "create-queue", *key, "--input", '{"QueueName": "calls"}')
    url = made.json["QueueUrl"]
    cli("call", "sqs", "SendMessage", *key, "--input", "-", stdin=json.dumps({"QueueUrl": url, "MessageBody": "hi"}))
    received = cli("call", "sqs", "ReceiveMessage", *key, "--input", json.dumps({"QueueUrl": url}))
    assert [message["Body"] for message in received.json["Messages"]] == ["hi"]
    assert cli("call", "sts", "GetCallerIdentity", *key).json["Arn"] == f"arn:aws:iam::{account}:root"


def test_call_streams_bodies_in_and_out(welkin, cli, account, tmp_path):
    key, name = ["--access-key", account], f"bodies-{account}"
    assert cli("call", "s3", "CreateBucket", *key, "--input", json.dumps({"Bucket": name})).code == 0
    content = bytes(range(256)) * 20_000
    (tmp_path / "in").write_bytes(content)
    place = json.dumps({"Bucket": name, "Key": "a/b c"})
    put = cli("call", "s3", "PutObject", *key, "--input", place, "--body", tmp_path / "in")
    assert put.code == 0, put.error
    assert welkin.client("s3", account).get_object(Bucket=name, Key="a/b c")["Body"].read() == content
    got = cli("call", "s3", "GetObject", *key, "--input", place, "--output", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == content
    assert got.json["ContentLength"] == len(content)
    printed = cli("call", "s3", "GetObject", *key, "--input", place, text=False)
    assert printed.out == content
    assert json.loads(printed.error)["ContentLength"] == len(content)


def test_call_refuses_by_name(cli, account):
    outcome = cli("call", "ec2", "DescribeRegions", "--access-key", account, "--json")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.fault["message"] == "NotImplemented 501"
    assert "welkin coverage ec2" in outcome.fault["detail"]


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["nosuch", "Op"], "there is no service 'nosuch'"),
        (["sqs", "NoSuchOp"], "sqs has no operation 'NoSuchOp'"),
        (["sqs", "CreateQueue", "--input", "{"], "--input is not JSON"),
        (["sqs", "CreateQueue", "--input", '{"QueueName": 7}'], "the input does not fit CreateQueue"),
        (["sqs", "CreateQueue", "--body", "/no/such/file"], "/no/such/file cannot be read"),
        (["sqs", "CreateQueue", "--endpoint", "http://127.0.0.1:1"], "no Welkin answers at http://127.0.0.1:1"),
    ],
)
def test_call_tells_what_is_wrong(cli, arguments, told):
    outcome = cli("call", *arguments, "--json")
    assert outcome.code == 1
    assert outcome.fault["message"] == told
    assert outcome.fault["hint"]


def test_errors_for_people_have_a_hint_on_a_line_of_its_own(cli):
    outcome = cli("call", "nosuch", "Op")
    assert outcome.error == (
        "error: there is no service 'nosuch'\nhint: 'welkin coverage --all' lists their names\n"
    )


def test_explain_tells_who_denied(welkin, cli, account):
    deny = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Queues", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
            {"Sid": "NoDeletion", "Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"},
        ],
    }
    user = welkin.user(account, deny, name="explained")
    sqs = welkin.client("sqs", **user)
    made = sqs.create_queue(QueueName="q")
    allowed = cli("explain", made["ResponseMetadata"]["RequestId"])
    assert allowed.out.startswith(f"Allowed sqs:CreateQueue on arn:aws:sqs:us-east-1:{account}:q\n")
    assert "statement 1 (Queues)" in allowed.out
    with pytest.raises(sqs.exceptions.ClientError) as denied:
        sqs.delete_queue(QueueUrl=made["QueueUrl"])
    request = denied.value.response["ResponseMetadata"]["RequestId"]
    explained = cli("explain", request)
    assert explained.out.startswith("Denied  sqs:DeleteQueue on ") and "statement 2 (NoDeletion)" in explained.out
    assert cli("explain", request, "--json").json[0]["decision"]["by"]["sid"] == "NoDeletion"
    unknown = cli("explain", "no-such-request", "--json")
    assert unknown.code == 1 and "no decision for request no-such-request" in unknown.fault["message"]


def test_coverage_is_that_of_the_binary(cli):
    table = cli("coverage").out.splitlines()
    assert table[0].split() == ["SERVICE", "WORKS", "REFUSES"]
    sqs = cli("coverage", "sqs", "--json").json["sqs"]
    assert "SendMessage" in sqs["works"] and sqs["refuses"] == []
    everything = cli("coverage", "--all", "--json").json
    assert len(everything) > 400 and everything["ec2"]["works"] == []
    assert "works   SendMessage" in cli("coverage", "sqs").out
    assert cli("coverage", "nosuch", "--json").fault["message"] == "there is no service 'nosuch'"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "elvish"])
def test_completions_name_the_commands(shell):
    outcome = run("completions", shell)
    assert outcome.code == 0 and "coverage" in outcome.out
    if shell == "bash" and shutil.which("bash"):
        subprocess.run(["bash", "-n"], input=outcome.out, text=True, check=True)


def test_unknown_flags_are_refused():
    outcome = run("up", "--lisen", "127.0.0.1:0")
    assert outcome.code == 2 and "--listen" in outcome.error
