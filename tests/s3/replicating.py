"""What the tests of replication share: two buckets, and the role that copies from one to the other."""

import itertools
import json

from conftest import allow, fresh, policy

_names = itertools.count()

# The actions of a replication role, as the user guide has them.
CONFIGURATION = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
READ = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
LOCKS = ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]
WRITE = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]


def arn(bucket):
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{bucket}"


def versioned(s3, region=None, **more):
    """A bucket that keeps versions."""
    name = fresh("replication")
    if region:
        more["CreateBucketConfiguration"] = {"LocationConstraint": region}
    s3.create_bucket(Bucket=name, **more)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def statements(source, *destinations, without=(), more=()):
    """What a role may do that copies from one bucket to others."""

    def of(actions, resources):
        return allow([action for action in actions if action not in without], resources)

    return [
        of(CONFIGURATION, arn(source)),
        of(READ + LOCKS, f"{arn(source)}/*"),
        of(WRITE, [f"{arn(bucket)}/*" for bucket in destinations]),
        *more,
    ]


class Role:
    """A role that S3 takes on."""

    def __init__(self, welkin, account, *statements):
        self.iam, self.name = welkin.client("iam", account), f"replication-{next(_names)}"
        made = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(self.trust()))
        self.arn = made["Role"]["Arn"]
        if statements:
            self.allow(*statements)

    @staticmethod
    def trust(service="s3.amazonaws.com"):
        """The trust policy."""
        principal = {"Service": service}
        return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})

    def allow(self, *statements):
        """Sets what the role may do."""
        document = json.dumps(policy(*statements))
        self.iam.put_role_policy(RoleName=self.name, PolicyName="replicate", PolicyDocument=document)

    def trusts(self, service):
        """Sets whom the role trusts."""
        document = json.dumps(self.trust(service))
        self.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=document)


def rule(bucket, number=1, **more):
    """A rule that copies everything."""
    destination = {"Bucket": arn(bucket), **more.pop("to", {})}
    return {
        "ID": f"rule-{number}",
        "Priority": number,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": destination,
        **more,
    }


def replicate(s3, bucket, role, *rules):
    """Sets the configuration of a bucket."""
    configuration = {"Role": role.arn, "Rules": list(rules)}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)


class Pair:
    """A bucket that is replicated to another one."""

    def __init__(self, welkin, account, to_account=None, to_region="us-east-1", to=None, more=(), **rule_members):
        self.welkin = welkin
        self.account, self.to_account = account, to_account or account
        self.s3 = welkin.client("s3", account)
        self.to_s3 = welkin.client("s3", self.to_account, region=to_region)
        self.source = versioned(self.s3)
        self.copy = versioned(self.to_s3, to_region if to_region != "us-east-1" else None)
        self.role = Role(welkin, account, *statements(self.source, self.copy, more=more))
        self.rule = rule(self.copy, to=to or {}, **rule_members)
        replicate(self.s3, self.source, self.role, self.rule)

    def permit(self, **options):
        """Sets what the role may do."""
        self.role.allow(*statements(self.source, self.copy, **options))

    def put(self, key="k", body=b"content", **more):
        """Writes an object and has it replicated; returns its version."""
        version = self.s3.put_object(Bucket=self.source, Key=key, Body=body, **more)["VersionId"]
        self.welkin.advance("1s")
        return version

    def status(self, key="k", **more):
        """The status of the source."""
        return self.s3.head_object(Bucket=self.source, Key=key, **more).get("ReplicationStatus")

    def read(self, key="k", **more):
        """The replica."""
        return self.to_s3.get_object(Bucket=self.copy, Key=key, **more)

    def keys(self):
        """The keys at the destination."""
        return [listed["Key"] for listed in self.to_s3.list_objects_v2(Bucket=self.copy).get("Contents", [])]
