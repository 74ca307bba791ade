"""An independent checker of trails.

It keeps its own log of the calls that were made, with what AWS's documentation says of each: who gets a record of it.
From that, and from trails as they are described to it, it derives which records must be in which account's files, and
compares them with the files: no record more and none less. It knows nothing of how Welkin does it.
"""

import collections
import dataclasses
import gzip
import json
import re

from botocore.exceptions import BotoCoreError, ClientError

# By operation: event name, whether it only reads, and the type of resource if it is a data event.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
# https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-logging-using-cloudtrail.html
OPERATIONS = {
    ("kms", "generate_random"): ("GenerateRandom", True, None),
    ("kms", "create_key"): ("CreateKey", False, None),
    ("kms", "describe_key"): ("DescribeKey", True, None),
    ("kms", "encrypt"): ("Encrypt", True, None),
    ("iam", "list_users"): ("ListUsers", True, None),
    ("iam", "create_user"): ("CreateUser", False, None),
    ("iam", "delete_user"): ("DeleteUser", False, None),
    ("sts", "get_caller_identity"): ("GetCallerIdentity", True, None),
    ("sts", "assume_role"): ("AssumeRole", True, None),
    ("s3", "get_bucket_policy"): ("GetBucketPolicy", True, None),
    ("s3", "put_bucket_tagging"): ("PutBucketTagging", False, None),
    ("s3", "put_object"): ("PutObject", False, "AWS::S3::Object"),
    ("s3", "get_object"): ("GetObject", True, "AWS::S3::Object"),
    ("s3", "list_objects_v2"): ("ListObjects", True, "AWS::S3::Object"),
    ("s3", "delete_object"): ("DeleteObject", False, "AWS::S3::Object"),
    ("sqs", "create_queue"): ("CreateQueue", False, None),
    ("sqs", "send_message"): ("SendMessage", False, "AWS::SQS::Queue"),
    ("sqs", "receive_message"): ("ReceiveMessage", True, "AWS::SQS::Queue"),
    ("cloudtrail", "start_logging"): ("StartLogging", False, None),
    ("organizations", "invite_account_to_organization"): ("InviteAccountToOrganization", False, None),
    ("organizations", "accept_handshake"): ("AcceptHandshake", False, None),
    ("organizations", "leave_organization"): ("LeaveOrganization", False, None),
}

# What services do when they are called: S3 with KMS, https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
GENERATE_DATA_KEY = ("kms", "GenerateDataKey", True)
DECRYPT = ("kms", "Decrypt", True)

CREATE_SERVICE_LINKED_ROLE = ("iam", "CreateServiceLinkedRole", False)

# Services whose calls are those of one Region.
GLOBAL = {"iam": "us-east-1", "organizations": "us-east-1"}


@dataclasses.dataclass(frozen=True)
class Actor:
    """Who calls: the options of a client, the account, and the type of userIdentity."""

    account: str
    kind: str
    options: dict = dataclasses.field(hash=False)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One record that somebody gets of a call."""

    recipient: str
    region: str
    source: str
    name: str
    read_only: bool
    data: str | None
    arns: tuple
    error: str | None
    # Of a call that a client made: its request id. Of one that a service made: the service.
    request: str | None
    invoked_by: str | None
    identity: str
    managers: frozenset
    certain: bool
    number: int


@dataclasses.dataclass
class Trail:
    """A trail as the test set it up; `selects` is the test's own reading of its selectors."""

    bucket: str
    selects: callable
    home: str = "us-east-1"
    all_regions: bool = True
    account: str | None = None
    organization: str | None = None
    manager: str | None = None
    # The number of the first entry that it logs: its own StartLogging.
    since: int | None = None

    def wants(self, entry):
        if self.since is None or entry.number < self.since:
            return False
        covered = entry.recipient == self.account if self.account else self.manager in entry.managers
        return covered and (self.all_regions or entry.region == self.home) and self.selects(entry)


class Ledger:
    """Makes calls, and notes what records there must be of them."""

    def __init__(self, world):
        self.world, self.entries = world, []
        # The management account of the organization that an account is in.
        self.manager = {}

    def join(self, account, manager):
        self.manager[account] = manager

    def leave(self, account):
        del self.manager[account]

    def note(self, recipients, region, source, name, read_only, data=None, resources=(), error=None, request=None,
             invoked_by=None, caller=None, certain=True):
        for recipient in dict.fromkeys(recipients):
            identity = "AwsServiceEvent" if caller is None else caller.kind if recipient == caller.account else "AWSAccount"
            self.entries.append(Entry(
                recipient, region, f"{source}.amazonaws.com", name, read_only, data,
                tuple(arn for arn, _ in resources if arn), error, request, invoked_by, identity,
                frozenset({self.manager[recipient]} if recipient in self.manager else ()), certain,
                len(self.entries)))

    def call(self, actor, service, operation, region="us-east-1", resources=(), then=(), error=None, **arguments):
        """Makes a call on resources, pairs of ARN and owner. `then` is what the service calls on the way: pairs of an
        operation and its resource, whose ARN is None where events do not show it. Answers the response, or None if the call was refused as expected or broken off."""
        name, read_only, data = OPERATIONS[service, operation]
        client = self.world.client(service, region=region, **actor.options)
        answer, seen, certain = None, None, True
        try:
            answer = getattr(client, operation)(**arguments)
            request = answer["ResponseMetadata"]["RequestId"]
        except ClientError as refusal:
            seen = refusal.response["Error"]["Code"]
            request = refusal.response["ResponseMetadata"]["RequestId"]
        except BotoCoreError:
            request, certain = None, False
        assert not certain or bool(seen) == bool(error), (service, operation, seen)
        region = GLOBAL.get(service, region)
        recipients = [actor.account, *(owner for _, owner in resources)]
        self.note(recipients, region, service, name, read_only, data, resources, error, request, None, actor, certain)
        for (nested, nested_name, nested_reads), resource in then:
            self.note([actor.account, resource[1]], GLOBAL.get(nested, region), nested, nested_name, nested_reads, None, [resource],
                      None, None, f"{service}.amazonaws.com", actor, certain)
        return answer

    def service_event(self, account, source, name):
        """A service has done something by itself."""
        self.note([account], "us-east-1", source, name, False, invoked_by="AWS Internal")


def delivered(s3, trail):
    """The records in a trail's files, with the account and Region of the folder in which they lie."""
    middle = f"{trail.organization}/" if trail.organization else ""
    pattern = re.compile(rf"AWSLogs/{middle}(\d{{12}})/CloudTrail/([a-z0-9-]+)/\d{{4}}/\d\d/\d\d/\1_CloudTrail_\2_.*\.json\.gz")
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=trail.bucket):
        for key in (entry["Key"] for entry in page.get("Contents", []) if not entry["Key"].endswith("/")):
            folder = pattern.fullmatch(key)
            assert folder, f"{key} is no file of the trail"
            body = s3.get_object(Bucket=trail.bucket, Key=key)["Body"].read()
            found += [(folder[1], folder[2], record) for record in json.loads(gzip.decompress(body))["Records"]]
    return found


def wanted(entry):
    """What tells a record from others: the request id, or for whom a service called."""
    return (entry.recipient, entry.region, entry.source, entry.name, entry.error, entry.request or entry.identity,
            entry.invoked_by)


def seen(account, region, record):
    invoked_by = record["userIdentity"].get("invokedBy")
    kind = record["userIdentity"].get("type", record["eventType"])
    request = kind if invoked_by else record["requestID"]
    return (account, region, record["eventSource"], record["eventName"], record.get("errorCode"), request, invoked_by)


def check(s3, trail, ledger):
    """Holds a trail's files against the ledger; answers how many records were expected."""
    found = delivered(s3, trail)
    expected = [entry for entry in ledger.entries if trail.wants(entry)]
    certain = collections.Counter(wanted(entry) for entry in expected if entry.certain)
    possible = collections.Counter(wanted(entry)[:5] for entry in expected if not entry.certain)
    there = collections.Counter(seen(*place_and_record) for place_and_record in found)
    missing = certain - there
    assert not missing, f"{trail.bucket}: records that are missing: {missing}"
    more = collections.Counter()
    for record, count in (there - certain).items():
        more[record[:5]] += count
    more -= possible
    assert not more, f"{trail.bucket}: records that nobody asked for: {more}"
    ids = collections.Counter(record["eventID"] for _, _, record in found)
    assert not ids or max(ids.values()) == 1, f"{trail.bucket}: records that are there twice"
    by_record = {wanted(entry): entry for entry in expected}
    for account, region, record in found:
        assert (record["recipientAccountId"], record["awsRegion"]) == (account, region)
        entry = by_record.get(seen(account, region, record))
        if entry:
            compare(entry, record)
    return sum(certain.values())


def compare(entry, record):
    """What a record must say of its call."""
    shown = {resource.get("ARN") or resource["ARNPrefix"] for resource in record.get("resources", [])}
    kind = "AwsServiceEvent" if entry.identity == "AwsServiceEvent" else "AwsApiCall"
    assert record["eventType"] == kind, record
    assert kind == "AwsServiceEvent" or record["userIdentity"]["type"] == entry.identity, (entry, record)
    assert (record["readOnly"], record["eventCategory"]) == (entry.read_only, "Data" if entry.data else "Management"), record
    assert set(entry.arns) <= shown, (entry, record)


def check_shared(trails):
    """Copies of one call for several accounts have one sharedEventID, and ids of their own. `trails` are S3 and trail."""
    copies = collections.defaultdict(dict)
    for s3, trail in trails:
        for account, _, record in delivered(s3, trail):
            if shared := record.get("sharedEventID"):
                copies[shared][account] = record
    several = [records for records in copies.values() if len(records) > 1]
    for records in several:
        assert len({record["eventID"] for record in records.values()}) == len(records)
        assert len({(record["eventName"], record["requestID"]) for record in records.values()}) == 1
        own = [record for account, record in records.items() if record["userIdentity"].get("accountId") == account]
        for account, record in records.items():
            if record not in own:
                assert set(record["userIdentity"]) <= {"type", "principalId", "accountId", "invokedBy"}, record
    return len(several)
