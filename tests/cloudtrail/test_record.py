"""What the record of a call says: version 1.11."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from test_lookup import by, lookup

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def trail(welkin, account):
    return welkin.root(account, "cloudtrail")


@pytest.fixture
def event(trail):
    """The latest event of a name, as JSON."""
    def find(name, text=False):
        found = lookup(trail, LookupAttributes=by("EventName", name))["Events"][0]["CloudTrailEvent"]
        return found if text else json.loads(found)
    return find


def test_s3_is_shown_as_it_stood_in_the_request(welkin, account, event):
    s3 = welkin.root(account, "s3", region="eu-west-1")
    bucket = f"record-{account}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, ACL="private")
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/secret"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    answer = s3.get_bucket_policy(Bucket=bucket)
    trail = welkin.root(account, "cloudtrail", region="eu-west-1")

    def of(name):
        return json.loads(lookup(trail, LookupAttributes=by("EventName", name))["Events"][0]["CloudTrailEvent"])

    made = of("CreateBucket")
    host = made["requestParameters"]["Host"]
    assert made["requestParameters"] == {
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
        "bucketName": bucket, "x-amz-acl": "private", "Host": host}
    assert made["additionalEventData"]["bytesTransferredIn"] > 50 and made["readOnly"] is False
    put = of("PutBucketPolicy")
    assert put["requestParameters"] == {"bucketPolicy": policy, "bucketName": bucket, "policy": "",
        "x-amz-sdk-checksum-algorithm": "CRC32", "Host": host}
    assert put["resources"] == [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
    got = of("GetBucketPolicy")
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    more = got["additionalEventData"]
    assert (more["SignatureVersion"], more["AuthenticationMethod"]) == ("SigV4", "AuthHeader")
    assert more["x-amz-id-2"] == headers["x-amz-id-2"] and got["requestID"] == headers["x-amz-request-id"]
    assert more["bytesTransferredOut"] == len(answer["Policy"].encode()) and more["bytesTransferredIn"] == 0


def test_secrets_are_not_in_the_record(welkin, account, event):
    iam, sts = welkin.root(account, "iam"), welkin.root(account, "sts")
    iam.create_user(UserName="u")
    iam.create_login_profile(UserName="u", Password="Very-Secret-1!")
    made = iam.create_access_key(UserName="u")["AccessKey"]
    session = sts.get_session_token()["Credentials"]
    key = event("CreateAccessKey")
    shown = key["responseElements"]["accessKey"]
    assert shown.pop("createDate") and shown == {
        "userName": "u", "status": "Active", "accessKeyId": made["AccessKeyId"]}
    assert event("CreateLoginProfile")["requestParameters"] == {"userName": "u"}
    assert "Very-Secret" not in event("CreateLoginProfile", text=True)
    credentials = event("GetSessionToken")
    assert session["SecretAccessKey"] not in json.dumps(credentials)


def test_every_field_has_its_form(welkin, account, event):
    kms = welkin.root(account, "kms")
    kms.create_key(Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}])
    record = event("CreateKey")
    assert list(record)[0] == "eventVersion" and record["eventVersion"] == "1.11"
    assert record["requestParameters"]["tags"] == [{"tagKey": "a", "tagValue": "b"}]
    assert record["responseElements"]["keyMetadata"]["description"] == "d"
    assert not {"apiVersion", "vpcEndpointId", "tlsDetails", "additionalEventData"} & set(record)
    assert record["userIdentity"] == {
        "type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root",
        "accountId": account, "accessKeyId": account}
    assert (record["eventType"], record["eventCategory"], record["managementEvent"]) == ("AwsApiCall", "Management", True)


def test_tls_is_told(welkin, account, event):
    endpoint = welkin.endpoint.replace("http://", "https://")
    import boto3
    from botocore.config import Config

    kms = boto3.client("kms", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=account,
                       aws_secret_access_key="any", verify=False, config=Config(retries={"total_max_attempts": 1}))
    kms.generate_random(NumberOfBytes=3)
    details = event("GenerateRandom")["tlsDetails"]
    assert details["tlsVersion"] in ("TLSv1.2", "TLSv1.3") and "GCM" in details["cipherSuite"]
    assert details["clientProvidedHostHeader"] == endpoint.split("//")[1]


def test_what_a_service_does_by_itself_is_recorded(welkin, account, trail):
    kms = welkin.root(account, "kms")
    key = kms.create_key()["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    welkin.advance("2161h")
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    rotated = lookup(trail, LookupAttributes=by("EventName", "RotateKey"))["Events"]
    details = [json.loads(event["CloudTrailEvent"])["serviceEventDetails"] for event in rotated]
    assert details == [{"rotationType": "AUTOMATIC", "keyId": key["KeyId"]}], "the first one is older than the history"
    welkin.advance("170h")
    (deleted,) = lookup(trail, LookupAttributes=by("EventName", "DeleteKey"))["Events"]
    record = json.loads(deleted["CloudTrailEvent"])
    assert record["userIdentity"] == {"accountId": account, "invokedBy": "AWS Internal"}
    assert record["eventType"] == "AwsServiceEvent" and "requestID" not in record
    assert (record["requestParameters"], record["responseElements"]) == (None, None)
    assert record["sourceIPAddress"] == record["userAgent"] == "AWS Internal"
    assert record["resources"] == [{"accountId": account, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]


def test_a_service_that_calls_is_named(welkin, account, event):
    kms, s3 = welkin.root(account, "kms"), welkin.root(account, "s3")
    key = kms.create_key()["KeyMetadata"]
    s3.create_bucket(Bucket=f"sse-{account}")
    caller = welkin.user(account, ALLOW, name="alice")
    welkin.client("s3", **caller).put_object(
        Bucket=f"sse-{account}", Key="k", Body=b"b", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["Arn"])
    record = event("GenerateDataKey")
    identity = record["userIdentity"]
    assert (identity["type"], identity["userName"], identity["invokedBy"]) == ("IAMUser", "alice", "s3.amazonaws.com")
    assert record["sourceIPAddress"] == record["userAgent"] == "s3.amazonaws.com"
    assert record["requestParameters"]["encryptionContext"]["aws:s3:arn"].startswith(f"arn:aws:s3:::sse-{account}")


def test_who_is_vouched_for_and_who_comes_from_elsewhere(welkin, account, trail):
    other = welkin.account()
    iam = welkin.root(account, "iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": other}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}]}
    iam.create_role(RoleName="across", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="across", PolicyName="all", PolicyDocument=json.dumps(ALLOW))
    caller = welkin.user(other, ALLOW)
    made = welkin.client("sts", **caller).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/across", RoleSessionName="session", SourceIdentity="bob")["Credentials"]
    (seen,) = lookup(trail, LookupAttributes=by("EventName", "AssumeRole"))["Events"]
    (own,) = lookup(welkin.root(other, "cloudtrail"), LookupAttributes=by("EventName", "AssumeRole"))["Events"]
    seen, own = json.loads(seen["CloudTrailEvent"]), json.loads(own["CloudTrailEvent"])
    assert seen["userIdentity"] == {
        "type": "AWSAccount", "principalId": own["userIdentity"]["principalId"], "accountId": other}
    assert seen["sharedEventID"] == own["sharedEventID"]
    assert made["SecretAccessKey"] not in json.dumps(seen) + json.dumps(own)

    session = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    welkin.client("kms", account, **session).generate_random(NumberOfBytes=1)
    record = json.loads(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"))["Events"][0]["CloudTrailEvent"])
    context = record["userIdentity"]["sessionContext"]
    assert context["sourceIdentity"] == "bob" and context["sessionIssuer"]["userName"] == "across"

    federated = welkin.client("sts", **welkin.user(account, ALLOW, name="by")).get_federation_token(
        Name="fred", Policy=json.dumps(ALLOW))["Credentials"]
    session = {"key": federated["AccessKeyId"], "secret": federated["SecretAccessKey"], "token": federated["SessionToken"]}
    welkin.client("kms", account, **session).generate_random(NumberOfBytes=2)
    record = json.loads(lookup(trail, LookupAttributes=by("EventName", "GenerateRandom"))["Events"][0]["CloudTrailEvent"])
    identity = record["userIdentity"]
    assert (identity["type"], identity["principalId"]) == ("FederatedUser", f"{account}:fred")
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "by"


def test_nobody_is_an_account_of_its_own(welkin, account, event):
    s3 = welkin.root(account, "s3")
    bucket = f"anon-{account}"
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{welkin.endpoint}/{bucket}?policy", timeout=10)
    record = event("GetBucketPolicy")
    assert record["userIdentity"] == {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
    assert record["errorCode"] == "AccessDenied" and "SignatureVersion" not in record["additionalEventData"]


def test_organizations_hides_names_and_tells_what_it_did(welkin, account, event):
    organizations = welkin.root(account, "organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.create_account(AccountName="Blue", Email=f"blue-{account}@example.com")
    welkin.advance("1m")
    asked = event("CreateAccount")
    assert asked["requestParameters"] == {"accountName": "****", "email": "****"}
    result = event("CreateAccountResult")
    assert result["eventType"] == "AwsServiceEvent" and result["recipientAccountId"] == account
    assert result["serviceEventDetails"]["createAccountStatus"]["state"] == "SUCCEEDED"
    assert event("AccountJoinedOrganization")["serviceEventDetails"]["joinedMethod"] == "CREATED"
