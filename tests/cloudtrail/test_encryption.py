"""Trails and event data stores with a KMS key of the customer's."""

import json
import uuid

import pytest
from test_digests import Bucket, now, validate
from test_trails import Files, bucket, bucket_policy, files, refused, s3, trails  # noqa: F401

SERVICE = {"Service": "cloudtrail.amazonaws.com"}


def key_policy(account, *statements):
    """A key policy that leaves the key to its account, and more."""
    own = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [own, *statements]})


def for_trails(account, trail="mine"):
    """The statements of the CloudTrail user guide: encrypting, for this trail, and describing."""
    arn = f"arn:aws:cloudtrail:us-east-1:{account}:trail/{trail}"
    return [
        {"Effect": "Allow", "Principal": SERVICE, "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": arn},
                       "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}}},
        {"Effect": "Allow", "Principal": SERVICE, "Action": "kms:DescribeKey", "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": arn}}},
    ]


def logged(files):  # noqa: F811
    """The records of log files: digests lie beside them."""
    class LogFiles(Files):
        def keys(self):
            return [key for key in super().keys() if "/CloudTrail/" in key]

    return LogFiles(files.s3, files.bucket).records()


@pytest.fixture
def kms(welkin, account):
    return welkin.root(account, "kms")


@pytest.fixture
def key(kms, account):
    return kms.create_key(Policy=key_policy(account, *for_trails(account)))["KeyMetadata"]


def test_a_key_is_named_in_each_of_four_ways_and_shown_by_its_arn(trails, bucket, kms, key):  # noqa: F811
    kms.create_alias(AliasName="alias/trail", TargetKeyId=key["KeyId"])
    alias = key["Arn"].replace(f"key/{key['KeyId']}", "alias/trail")
    assert trails.create_trail(Name="mine", S3BucketName=bucket, KmsKeyId="alias/trail")["KmsKeyId"] == key["Arn"]
    for name in (key["Arn"], key["KeyId"], alias):
        trails.update_trail(Name="mine", KmsKeyId="")
        assert "KmsKeyId" not in trails.get_trail(Name="mine")["Trail"]
        assert trails.update_trail(Name="mine", KmsKeyId=name)["KmsKeyId"] == key["Arn"]
        assert trails.get_trail(Name="mine")["Trail"]["KmsKeyId"] == key["Arn"]


def test_a_key_that_cannot_be_used_is_refused(account, s3, trails, bucket, kms, key):  # noqa: F811
    # The AWS managed key is there once S3 has used it.
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms")

    def create(key_id):
        return {"Name": "mine", "S3BucketName": bucket, "KmsKeyId": key_id}

    arn = key["Arn"]
    for code, key_id in [
        ("KmsKeyNotFoundException", str(uuid.uuid4())),
        ("KmsKeyNotFoundException", "alias/none"),
        ("KmsKeyNotFoundException", arn.replace(key["KeyId"], str(uuid.uuid4()))),
        ("KmsKeyNotFoundException", arn.replace("us-east-1", "eu-west-1")),
        ("InvalidKmsKeyIdException", "arn:aws:kms"),
        ("InvalidKmsKeyIdException", arn.replace(":kms:", ":sqs:")),
        ("InvalidKmsKeyIdException", arn.replace(":key/", ":store/")),
        # The policy of the AWS managed key lets nobody in but through S3.
        ("InsufficientEncryptionPolicyException", "alias/aws/s3"),
    ]:
        refused(code, trails.create_trail, **create(key_id))
    for usage, spec in (("GENERATE_VERIFY_MAC", "HMAC_256"), ("ENCRYPT_DECRYPT", "RSA_2048")):
        other = kms.create_key(KeyUsage=usage, KeySpec=spec, Policy=key_policy(account, *for_trails(account)))
        refused("KmsException", trails.create_trail, **create(other["KeyMetadata"]["Arn"]))
    kms.disable_key(KeyId=arn)
    refused("KmsException", trails.create_trail, **create(arn))
    kms.schedule_key_deletion(KeyId=arn)
    refused("KmsException", trails.create_trail, **create(arn))
    assert trails.list_trails()["Trails"] == []


def test_the_key_policy_must_let_cloudtrail_in_for_this_trail(account, trails, bucket, kms, key):  # noqa: F811
    encrypt, describe = for_trails(account)
    other = {**encrypt, "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}}
    for statements in ([], [encrypt], [describe], [other, describe], for_trails(account, "another")):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=key_policy(account, *statements))
        message = refused("InsufficientEncryptionPolicyException", trails.create_trail, Name="mine", S3BucketName=bucket, KmsKeyId=key["Arn"])
        assert key["Arn"] in message
    kms.put_key_policy(KeyId=key["KeyId"], Policy=key_policy(account, encrypt, describe))
    trails.create_trail(Name="mine", S3BucketName=bucket, KmsKeyId=key["Arn"])


def test_the_key_lies_in_the_region_of_the_bucket(welkin, account, trails, kms, key):  # noqa: F811
    region = {"LocationConstraint": "eu-west-1"}
    abroad = welkin.client("s3", account, region="eu-west-1")
    name = f"abroad-{account}"
    abroad.create_bucket(Bucket=name, CreateBucketConfiguration=region)
    abroad.put_bucket_policy(Bucket=name, Policy=bucket_policy(name, account, "mine"))
    refused("KmsKeyNotFoundException", trails.create_trail, Name="mine", S3BucketName=name, KmsKeyId=key["Arn"])

    policy = key_policy(account, *for_trails(account))
    primary = kms.create_key(MultiRegion=True, Policy=policy)["KeyMetadata"]
    refused("KmsKeyNotFoundException", trails.create_trail, Name="mine", S3BucketName=name, KmsKeyId=primary["Arn"])
    replica = kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="eu-west-1", Policy=policy)["ReplicaKeyMetadata"]
    welkin.advance("1m")
    assert trails.create_trail(Name="mine", S3BucketName=name, KmsKeyId=replica["Arn"])["KmsKeyId"] == replica["Arn"]
    trails.start_logging(Name="mine")
    kms.generate_random(NumberOfBytes=1)
    welkin.advance("10m")
    files = Files(abroad, name)
    assert files.named("GenerateRandom")
    assert abroad.head_object(Bucket=name, Key=files.keys()[0])["SSEKMSKeyId"] == replica["Arn"]
    trails.stop_logging(Name="mine")


def test_log_files_and_digests_are_encrypted_for_the_trail(welkin, account, s3, trails, bucket, kms, key):  # noqa: F811
    begin = now(welkin)
    arn = trails.create_trail(Name="mine", S3BucketName=bucket, KmsKeyId=key["Arn"], EnableLogFileValidation=True)["TrailARN"]
    trails.start_logging(Name="mine")
    kms.generate_random(NumberOfBytes=1)
    welkin.advance("2h")
    inside = Bucket(s3, bucket)
    log_files, digests = inside.keys("CloudTrail"), inside.keys("CloudTrail-Digest")
    assert log_files and digests
    for name in log_files + digests:
        head = s3.head_object(Bucket=bucket, Key=name)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"]), name

    made = [record for record in logged(Files(s3, bucket)) if record["eventName"] == "GenerateDataKey" and record["userIdentity"].get("invokedBy") == "cloudtrail.amazonaws.com"]
    assert made, "CloudTrail's own use of the key is on the record"
    for record in made:
        context = record["requestParameters"]["encryptionContext"]
        assert context["aws:cloudtrail:arn"] == arn and context["aws:s3:arn"].startswith(f"arn:aws:s3:::{bucket}/")
        assert record["requestParameters"]["keyId"] == key["Arn"] and record["userIdentity"]["type"] == "AWSService"

    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    reader = welkin.user(account, {"Version": "2012-10-17", "Statement": [read]})
    refused("AccessDenied", welkin.client("s3", **reader).get_object, Bucket=bucket, Key=log_files[0])
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key["Arn"],
               "Condition": {"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": arn}}}
    reader = welkin.user(account, {"Version": "2012-10-17", "Statement": [read, decrypt]})
    assert welkin.client("s3", **reader).get_object(Bucket=bucket, Key=log_files[0])["Body"].read()
    status, told = validate(welkin, account, arn, begin, now(welkin))
    assert status == 0 and "valid" in told, told
    trails.stop_logging(Name="mine")


@pytest.mark.parametrize("how, code", [("disabled", "KMS.DisabledException"), ("deleted", "KMS.KMSInvalidStateException"), ("denied", "AccessDenied")])
def test_what_the_key_prevents_is_delivered_when_it_does_not_any_more(welkin, account, trails, files, bucket, kms, key, how, code):  # noqa: F811
    trails.create_trail(Name="mine", S3BucketName=bucket, KmsKeyId=key["Arn"], EnableLogFileValidation=True)
    trails.start_logging(Name="mine")
    kms.generate_random(NumberOfBytes=7)
    if how == "disabled":
        kms.disable_key(KeyId=key["KeyId"])
    elif how == "deleted":
        kms.schedule_key_deletion(KeyId=key["KeyId"])
    else:
        kms.put_key_policy(KeyId=key["KeyId"], Policy=key_policy(account))
    welkin.advance("61m")
    status = trails.get_trail_status(Name="mine")
    assert (status["LatestDeliveryError"], status["LatestDigestDeliveryError"]) == (code, code)
    assert files.keys() == []

    if how == "denied":
        kms.put_key_policy(KeyId=key["KeyId"], Policy=key_policy(account, *for_trails(account)))
    else:
        if how == "deleted":
            kms.cancel_key_deletion(KeyId=key["KeyId"])
        kms.enable_key(KeyId=key["KeyId"])
    welkin.advance("3h")
    status = trails.get_trail_status(Name="mine")
    assert "LatestDeliveryError" not in status and "LatestDigestDeliveryError" not in status
    records = logged(files)
    ids = [record["eventID"] for record in records]
    assert len(ids) == len(set(ids)) and len([r for r in records if r["eventName"] == "GenerateRandom"]) == 1
    trails.stop_logging(Name="mine")


def test_a_store_keeps_its_key(welkin, account, trails, kms):  # noqa: F811
    service = {"Effect": "Allow", "Principal": SERVICE, "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": account}},
               "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"]}
    good = kms.create_key(Policy=key_policy(account, service))["KeyMetadata"]["Arn"]
    other = kms.create_key(Policy=key_policy(account, service))["KeyMetadata"]["Arn"]
    closed = kms.create_key()["KeyMetadata"]["Arn"]
    half = kms.create_key(Policy=key_policy(account, {**service, "Action": ["kms:GenerateDataKey", "kms:DescribeKey"]}))["KeyMetadata"]["Arn"]
    create = trails.create_event_data_store
    for code, key_id in [
        ("InsufficientEncryptionPolicyException", closed),
        ("InsufficientEncryptionPolicyException", half),
        ("KmsKeyNotFoundException", str(uuid.uuid4())),
        ("InvalidKmsKeyIdException", "arn:aws:sqs:us-east-1:111122223333:queue"),
    ]:
        refused(code, create, Name="mine", KmsKeyId=key_id)
    assert trails.list_event_data_stores()["EventDataStores"] == []
    made = create(Name="mine", KmsKeyId=good)
    store = made["EventDataStoreArn"]
    assert made["KmsKeyId"] == trails.get_event_data_store(EventDataStore=store)["KmsKeyId"] == good
    refused("InvalidParameterException", trails.update_event_data_store, EventDataStore=store, KmsKeyId=other)
    assert trails.update_event_data_store(EventDataStore=store, KmsKeyId=good)["KmsKeyId"] == good
    plain = create(Name="plain")["EventDataStoreArn"]
    assert "KmsKeyId" not in trails.get_event_data_store(EventDataStore=plain)
    kms.disable_key(KeyId=other)
    refused("KmsException", trails.update_event_data_store, EventDataStore=plain, KmsKeyId=other)
    kms.enable_key(KeyId=other)
    assert trails.update_event_data_store(EventDataStore=plain, KmsKeyId=other)["KmsKeyId"] == other
    trails.update_event_data_store(EventDataStore=plain, Name="renamed")
    assert trails.get_event_data_store(EventDataStore=plain)["KmsKeyId"] == other
