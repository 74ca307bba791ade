"""The event history."""

import datetime
import json
import time

import pytest
from botocore.exceptions import ClientError


def lookup(trail, **arguments):
    """LookupEvents, no faster than it may be called."""
    while True:
        try:
            return trail.lookup_events(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException":
                raise
            time.sleep(0.3)


def by(key, value):
    return [{"AttributeKey": key, "AttributeValue": value}]


@pytest.fixture
def trail(welkin, account):
    return welkin.root(account, "cloudtrail")


def test_every_call_is_there_under_every_attribute(welkin, account, trail):
    kms = welkin.root(account, "kms")
    key = kms.create_key(Description="d")["KeyMetadata"]
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext={"a": "1"})
    (event,) = lookup(trail, LookupAttributes=by("EventName", "Encrypt"))["Events"]
    assert (event["EventSource"], event["ReadOnly"], event["Username"]) == ("kms.amazonaws.com", "true", "root")
    assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]}]
    text = event["CloudTrailEvent"]
    detail = json.loads(text)
    assert detail["requestParameters"] == {"keyId": key["KeyId"], "encryptionContext": {"a": "1"}}
    assert detail["responseElements"] is None and "secret" not in text and "plaintext" not in text
    assert detail["userIdentity"]["type"] == "Root" and detail["userIdentity"]["accountId"] == account
    assert (detail["eventType"], detail["eventCategory"], detail["managementEvent"]) == ("AwsApiCall", "Management", True)
    assert detail["awsRegion"] == "us-east-1" and detail["eventID"] == event["EventId"]

    for attribute, value, name in [
        ("EventId", event["EventId"], "Encrypt"),
        ("ReadOnly", "false", "CreateKey"),
        ("ResourceName", key["Arn"], "Encrypt"),
        ("ResourceType", "AWS::KMS::Key", "Encrypt"),
        ("EventSource", "kms.amazonaws.com", "Encrypt"),
        ("Username", "root", None),
        ("AccessKeyId", account, None),
    ]:
        events = lookup(trail, LookupAttributes=by(attribute, value))["Events"]
        assert events and (name is None or name in {found["EventName"] for found in events}), attribute
    assert lookup(trail, LookupAttributes=by("EventName", "Nothing"))["Events"] == []


def test_denied_calls_are_there_too(welkin, account, trail):
    denied = welkin.client("kms", **welkin.user(account))
    with pytest.raises(ClientError):
        denied.list_keys()
    (event,) = lookup(trail, LookupAttributes=by("EventName", "ListKeys"))["Events"]
    detail = json.loads(event["CloudTrailEvent"])
    assert detail["errorCode"] == "AccessDenied" and "kms:ListKeys" in detail["errorMessage"]
    assert detail["userIdentity"]["type"] == "IAMUser" and detail["userIdentity"]["userName"] == event["Username"]


def test_a_session_shows_its_role(welkin, account, trail):
    iam, sts = welkin.root(account, "iam"), welkin.root(account, "sts")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))["Role"]
    caller = welkin.user(account, {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    made = welkin.client("sts", **caller).assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    session = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    welkin.client("sts", account, **session).get_caller_identity()
    events = lookup(trail, LookupAttributes=by("EventName", "GetCallerIdentity"))["Events"]
    identity = json.loads(events[0]["CloudTrailEvent"])["userIdentity"]
    assert (identity["type"], identity["principalId"]) == ("AssumedRole", f"{role['RoleId']}:session")
    assert identity["arn"] == f"arn:aws:sts::{account}:assumed-role/r/session"
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["arn"], issuer["userName"]) == ("Role", role["Arn"], "r")
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert events[0]["Username"] == "session"


def test_the_owner_of_a_key_learns_of_a_foreign_caller(welkin, account, trail):
    spoke = welkin.account()
    kms = welkin.root(account, "kms")
    both = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [account, spoke]}, "Action": "kms:*", "Resource": "*"}]}
    key = kms.create_key(Policy=json.dumps(both))["KeyMetadata"]
    caller = welkin.user(spoke, {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
    welkin.client("kms", **caller).generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    (seen,) = lookup(trail, LookupAttributes=by("EventName", "GenerateDataKey"))["Events"]
    (own,) = lookup(welkin.root(spoke, "cloudtrail"), LookupAttributes=by("EventName", "GenerateDataKey"))["Events"]
    seen, own = json.loads(seen["CloudTrailEvent"]), json.loads(own["CloudTrailEvent"])
    identity = own["userIdentity"]
    assert seen["userIdentity"] == {"type": "AWSAccount", "principalId": identity["principalId"], "accountId": spoke}
    assert (identity["type"], identity["accountId"], identity["accessKeyId"]) == ("IAMUser", spoke, caller["key"])
    assert seen["resources"] == own["resources"] == [{"accountId": account, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]
    assert (seen["recipientAccountId"], own["recipientAccountId"]) == (account, spoke)
    assert seen["sharedEventID"] == own["sharedEventID"] and seen["eventID"] != own["eventID"]


def test_events_are_listed_latest_first_in_pages_and_by_time(welkin, account, trail):
    kms = welkin.root(account, "kms")
    for size in range(1, 8):
        kms.generate_random(NumberOfBytes=size)
    seen, token = [], {}
    while True:
        page = lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"), MaxResults=3, **token)
        seen += [json.loads(event["CloudTrailEvent"])["requestParameters"]["numberOfBytes"] for event in page["Events"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    welkin.advance("1h")
    kms.generate_random(NumberOfBytes=8)
    latest = lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"), MaxResults=1)["Events"][0]["EventTime"]
    before = latest - datetime.timedelta(minutes=30)
    assert len(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"), StartTime=before)["Events"]) == 1
    assert len(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"), EndTime=before)["Events"]) == 7
    with pytest.raises(trail.exceptions.InvalidTimeRangeException):
        lookup(trail, StartTime=latest, EndTime=before)
    with pytest.raises(trail.exceptions.InvalidNextTokenException):
        lookup(trail, NextToken="nonsense")


def test_two_lookups_a_second(trail):
    codes = []
    for _ in range(5):
        try:
            trail.lookup_events()
            codes.append("ok")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert "ThrottlingException" in codes and codes[:2] == ["ok", "ok"]


def test_the_history_goes_back_90_days(welkin, account, trail):
    kms = welkin.root(account, "kms")
    kms.generate_random(NumberOfBytes=1)
    welkin.advance("2159h")
    assert len(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"))["Events"]) == 1
    welkin.advance("2h")
    kms.generate_random(NumberOfBytes=2)
    assert len(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"))["Events"]) == 1
