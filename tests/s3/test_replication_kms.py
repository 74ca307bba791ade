"""Replication of objects under KMS keys: decrypted with the source's, encrypted with the replica's."""

import json

import pytest
from conftest import allow, code_of, policy
from replicating import Pair, arn, replicate, rule

KMS = "aws:kms"
ENCRYPTED = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}


class Keys(Pair):
    """A bucket with a KMS key that is replicated to one with another."""

    def __init__(self, welkin, account, to_account=None, **options):
        region = options.setdefault("to_region", "eu-west-1")
        self.source_kms = welkin.client("kms", account)
        self.copy_kms = welkin.client("kms", to_account or account, region=region)
        self.key = self.source_kms.create_key()["KeyMetadata"]["Arn"]
        self.copy_key = self.copy_kms.create_key()["KeyMetadata"]["Arn"]
        to = {"EncryptionConfiguration": {"ReplicaKmsKeyID": self.copy_key}, **options.pop("to", {})}
        super().__init__(welkin, account, to_account, to=to, **ENCRYPTED, **options)
        self.use()

    def use(self, decrypt=True, encrypt=True, verify=True, **options):
        """What the role may do with the keys, as the user guide has it."""

        def of(action, key, region, bucket):
            context = {"kms:EncryptionContext:aws:s3:arn": [f"{arn(bucket)}/*", arn(bucket)]}
            via = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
            return allow(action, key, Condition={"StringLike": {**via, **context}})

        region = self.copy_key.split(":")[3]
        more = [of("kms:Decrypt", self.key, "us-east-1", self.source)] if decrypt else []
        more += [of("kms:Encrypt", self.copy_key, region, self.copy)] if encrypt else []
        more += [of("kms:Decrypt", self.copy_key, region, self.copy)] if verify else []
        self.permit(more=more, **options)

    def put(self, key="k", body=b"content", **more):
        return super().put(key, body, ServerSideEncryption=KMS, SSEKMSKeyId=self.key, **more)


@pytest.mark.parametrize("bucket_key", [False, True])
def test_a_replica_lies_under_a_key_of_the_destination(welkin, account, bucket_key):
    keys = Keys(welkin, account)
    body = bytes(range(256)) * 600
    keys.put(body=body, BucketKeyEnabled=bucket_key)
    keys.put("next", body=b"next", BucketKeyEnabled=bucket_key)
    source, replica = keys.s3.head_object(Bucket=keys.source, Key="k"), keys.read()
    assert (source["SSEKMSKeyId"], replica["SSEKMSKeyId"]) == (keys.key, keys.copy_key)
    assert replica.get("BucketKeyEnabled", False) == bucket_key
    assert replica["ETag"] == source["ETag"]
    assert replica["Body"].read() == body
    assert keys.read(Range="bytes=70000-70009")["Body"].read() == body[70_000:70_010]
    assert keys.read("next")["Body"].read() == b"next"
    # Without the source's key the replica is there all the same; without its own it is not.
    keys.source_kms.disable_key(KeyId=keys.key)
    welkin.advance("10m")
    assert keys.read()["Body"].read() == body
    keys.copy_kms.disable_key(KeyId=keys.copy_key)
    welkin.advance("10m")
    assert code_of(keys.read)[0] == "KMS.DisabledException"


def test_an_object_of_many_parts_lies_under_the_other_key_as_well(welkin, account):
    keys = Keys(welkin, account)
    encryption = {"ServerSideEncryption": KMS, "SSEKMSKeyId": keys.key}
    upload = keys.s3.create_multipart_upload(Bucket=keys.source, Key="big", **encryption)["UploadId"]
    bodies, parts = [b"a" * (5 << 20), b"b"], []
    for number, body in enumerate(bodies, 1):
        part = keys.s3.upload_part(Bucket=keys.source, Key="big", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    keys.s3.complete_multipart_upload(Bucket=keys.source, Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
    welkin.advance("1s")
    assert keys.read("big")["Body"].read() == b"".join(bodies)


def test_the_destinations_bucket_key_serves_replicas(welkin, account):
    keys = Keys(welkin, account)
    default = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": KMS, "KMSMasterKeyID": keys.copy_key},
        "BucketKeyEnabled": True,
    }
    keys.to_s3.put_bucket_encryption(
        Bucket=keys.copy, ServerSideEncryptionConfiguration={"Rules": [default]}
    )
    keys.put(BucketKeyEnabled=False)
    replica = keys.read()
    assert (replica["BucketKeyEnabled"], replica["Body"].read()) == (True, b"content")


def test_without_the_criterion_what_kms_guards_is_not_copied(welkin, account):
    keys = Keys(welkin, account)
    replicate(keys.s3, keys.source, keys.role, rule(keys.copy))
    keys.put()
    keys.s3.put_object(Bucket=keys.source, Key="plain", Body=b"x")
    welkin.advance("1s")
    assert (keys.keys(), keys.status()) == (["plain"], None)


REFUSALS = [
    ({"decrypt": False}, False),
    ({"encrypt": False}, False),
    ({"without": ["s3:GetObjectVersionForReplication"]}, False),
    ({"verify": False}, True),
]


@pytest.mark.parametrize("options, bucket_key", REFUSALS)
def test_a_role_that_may_not_use_a_key(welkin, account, options, bucket_key):
    keys = Keys(welkin, account)
    keys.use(**options)
    keys.put(BucketKeyEnabled=bucket_key)
    assert (keys.keys(), keys.status()) == ([], "FAILED")
    keys.use()
    keys.put("next")
    assert keys.status("next") == "COMPLETED"


def test_versions_may_not_be_read_instead_where_kms_guards_them(welkin, account):
    keys = Keys(welkin, account)
    of_version = allow(["s3:GetObjectVersion", "kms:*"], "*")
    keys.permit(without=["s3:GetObjectVersionForReplication"], more=[of_version])
    keys.put()
    assert keys.status() == "FAILED"


def test_keys_that_cannot_be_used(welkin, account):
    keys = Keys(welkin, account)
    keys.copy_kms.disable_key(KeyId=keys.copy_key)
    keys.put("disabled")
    assert keys.status("disabled") == "FAILED"
    # Whether the key is there is found out when it is used.
    missing = {"EncryptionConfiguration": {"ReplicaKmsKeyID": keys.copy_key[:-4] + "0000"}}
    replicate(keys.s3, keys.source, keys.role, rule(keys.copy, to=missing, **ENCRYPTED))
    keys.put("missing")
    elsewhere = {"EncryptionConfiguration": {"ReplicaKmsKeyID": keys.key}}
    replicate(keys.s3, keys.source, keys.role, rule(keys.copy, to=elsewhere, **ENCRYPTED))
    keys.put("elsewhere")
    assert [keys.status(key) for key in ("missing", "elsewhere")] == ["FAILED", "FAILED"]


def test_a_key_of_another_account_must_let_the_source_in(welkin, account):
    keys = Keys(welkin, account, to_account=welkin.account())
    who = {"AWS": f"arn:aws:iam::{account}:root"}
    document = policy(allow("s3:Replicate*", f"{arn(keys.copy)}/*", Principal=who))
    keys.to_s3.put_bucket_policy(Bucket=keys.copy, Policy=json.dumps(document))
    keys.put("before")
    assert keys.status("before") == "FAILED"
    own = json.loads(keys.copy_kms.get_key_policy(KeyId=keys.copy_key, PolicyName="default")["Policy"])
    own["Statement"].append(allow(["kms:Encrypt", "kms:Decrypt"], "*", Principal=who))
    keys.copy_kms.put_key_policy(KeyId=keys.copy_key, PolicyName="default", Policy=json.dumps(own))
    keys.put("k", b"shared")
    assert keys.status() == "COMPLETED"
    assert keys.read()["Body"].read() == b"shared"


def test_kms_is_called_by_the_role_through_s3_on_the_record(welkin, account):
    keys = Keys(welkin, account)
    keys.put()
    for name, region in [("Decrypt", "us-east-1"), ("Encrypt", "eu-west-1")]:
        trail = welkin.client("cloudtrail", account, region=region)
        lookup = [{"AttributeKey": "EventName", "AttributeValue": name}]
        [event] = trail.lookup_events(LookupAttributes=lookup)["Events"]
        identity = json.loads(event["CloudTrailEvent"])["userIdentity"]
        assert identity["arn"].endswith(f"assumed-role/{keys.role.name}/s3-replication")
        assert identity["invokedBy"] == "s3.amazonaws.com"
