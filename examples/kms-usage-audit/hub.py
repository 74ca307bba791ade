"""The hub: key, data lake, trail."""

import json


class Hub:
    def __init__(self, account, spokes):
        self.account = account
        self.kms, self.s3, self.trails = (account.root(name) for name in ("kms", "s3", "cloudtrail"))
        self.lake, self.logs = f"lake-{account.id}", f"trail-logs-{account.id}"
        self.trail = "kms-usage"
        roots = [f"arn:aws:iam::{spoke.id}:root" for spoke in spokes]
        self.key_arn = self._key(roots)
        self._lake(roots)
        self._trail()

    def _key(self, spokes):
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Hub",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{self.account.id}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "Spokes, through S3 only",
                    "Effect": "Allow",
                    "Principal": {"AWS": spokes},
                    "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
                },
            ],
        }
        arn = self.kms.create_key(Description="data lake", Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
        self.kms.create_alias(AliasName="alias/lake", TargetKeyId=arn)
        return arn

    def _lake(self, spokes):
        self.s3.create_bucket(Bucket=self.lake)
        self.encrypt(bucket_key=False)
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": spokes},
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": f"arn:aws:s3:::{self.lake}/*",
                }
            ],
        }
        self.s3.put_bucket_policy(Bucket=self.lake, Policy=json.dumps(policy))

    def encrypt(self, bucket_key):
        """Sets SSE-KMS as the default encryption of the lake, with or without an S3 Bucket Key."""
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key_arn}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}
        self.s3.put_bucket_encryption(
            Bucket=self.lake, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )

    def _trail(self):
        arn = f"arn:aws:cloudtrail:us-east-1:{self.account.id}:trail/{self.trail}"
        service = {"Service": "cloudtrail.amazonaws.com"}
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:GetBucketAcl",
                    "Resource": f"arn:aws:s3:::{self.logs}",
                    "Condition": {"StringEquals": {"aws:SourceArn": arn}},
                },
                {
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::{self.logs}/AWSLogs/{self.account.id}/*",
                    "Condition": {
                        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": arn}
                    },
                },
            ],
        }
        self.s3.create_bucket(Bucket=self.logs)
        self.s3.put_bucket_policy(Bucket=self.logs, Policy=json.dumps(policy))
        self.trails.create_trail(Name=self.trail, S3BucketName=self.logs)
        self.trails.start_logging(Name=self.trail)
