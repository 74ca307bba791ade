"""Something of every kind that a Welkin can hold, and the proof that it is there."""

import json
import random

import boto3
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "222222222222"


class Holdings:
    """A user, a role, a queue with messages, a key with a ciphertext, objects small, large and encrypted."""

    def __init__(self, welkin):
        self.random = random.Random(7)
        iam, sqs, kms, s3 = (welkin.root(ACCOUNT, name) for name in ["iam", "sqs", "kms", "s3"])
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        self.user = welkin.user(ACCOUNT, everything, name="keeper")
        self.queue = sqs.create_queue(QueueName="kept")["QueueUrl"].split("/", 3)[3]
        sqs.send_message(QueueUrl=f"{welkin.endpoint}/{self.queue}", MessageBody="kept message")
        self.key = kms.create_key()["KeyMetadata"]["KeyId"]
        self.sealed = kms.encrypt(KeyId=self.key, Plaintext=b"kept secret")["CiphertextBlob"]
        s3.create_bucket(Bucket="kept")
        self.objects = {name: self.random.randbytes(length) for name, length in [("s", 99), ("m", 10**6), ("l", 7 * 10**6)]}
        for name, content in self.objects.items():
            s3.put_object(Bucket="kept", Key=name, Body=content)
        self.objects["e"] = b"at rest" * 1000
        s3.put_object(
            Bucket="kept", Key="e", Body=self.objects["e"], ServerSideEncryption="aws:kms", SSEKMSKeyId=self.key
        )
        s3.put_object(Bucket="kept", Key="gone", Body=b"x" * 100_000)
        s3.delete_object(Bucket="kept", Key="gone")

    def are_in(self, welkin):
        """Asserts that everything is there, by the user's own key, whose secret is sealed."""
        assert welkin.client("sts", **self.user).get_caller_identity()["Arn"].endswith(":user/keeper")
        sqs, kms, s3 = (welkin.client(name, **self.user) for name in ["sqs", "kms", "s3"])
        received = sqs.receive_message(QueueUrl=f"{welkin.endpoint}/{self.queue}", VisibilityTimeout=0)
        assert [message["Body"] for message in received["Messages"]] == ["kept message"]
        assert kms.decrypt(CiphertextBlob=self.sealed)["Plaintext"] == b"kept secret"
        for name, content in self.objects.items():
            assert s3.get_object(Bucket="kept", Key=name)["Body"].read() == content, name
        assert [o["Key"] for o in s3.list_objects_v2(Bucket="kept")["Contents"]] == sorted(self.objects)

    def are_not_in(self, welkin):
        """Asserts that nothing of it is there."""
        with pytest.raises(ClientError) as unknown:
            welkin.client("sts", **self.user).get_caller_identity()
        assert unknown.value.response["Error"]["Code"] == "InvalidClientTokenId"
        assert welkin.root(ACCOUNT, "iam").list_users()["Users"] == []
        assert "QueueUrls" not in welkin.root(ACCOUNT, "sqs").list_queues()
        assert welkin.root(ACCOUNT, "kms").list_keys()["Keys"] == []
        assert welkin.root(ACCOUNT, "s3").list_buckets()["Buckets"] == []
