"""A day of mixed calls in two organizations: an independent checker says which records must be in whose files."""

import json
import threading

from checker import (
    CREATE_SERVICE_LINKED_ROLE, DECRYPT, GENERATE_DATA_KEY, Actor, Ledger, Trail, check, check_shared,
)
from test_organization_trails import organization_policy
from test_trails import bucket_policy

# A manages the first organization, with the member B; C the second, with D; E is alone.
A, B, C, D, E = (f"{n}2345678901{n}" for n in range(1, 6))
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DATA = "data-of-b"
OBJECTS = f"arn:aws:s3:::{DATA}"
QUEUE = f"arn:aws:sqs:us-east-1:{B}:q"
ROLE = f"arn:aws:iam::{B}:role/across"


class World:
    """A Welkin with data on disk, that is killed and started again."""

    def __init__(self, start, folder):
        self.start, self.folder = start, folder
        self.begin()

    def begin(self):
        self.context, self.clients = self.start("--data", self.folder), {}
        self.welkin = self.context.__enter__()

    def end(self):
        self.context.__exit__(None, None, None)

    def client(self, service, region="us-east-1", **options):
        name = (service, region, options.get("key") or options["account"])
        if name not in self.clients:
            self.clients[name] = self.welkin.client(service, region=region, **options)
        return self.clients[name]

    def root(self, account, service):
        return self.client(service, account=account)


def root(account):
    return Actor(account, "Root", {"account": account})


def allow(principals, actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions, "Resource": resource}]})


def join(world, manager, account):
    invitation = world.root(manager, "organizations").invite_account_to_organization(
        Target={"Id": account, "Type": "ACCOUNT"})["Handshake"]["Id"]
    world.root(account, "organizations").accept_handshake(HandshakeId=invitation)


def set_up_organizations(world, ledger):
    ids = {}
    for manager, member in ((A, B), (C, D)):
        api = world.root(manager, "organizations")
        ids[manager] = api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        api.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
        join(world, manager, member)
        ledger.join(manager, manager)
        ledger.join(member, manager)
    return ids


def set_up_trails(world, ids):
    """Four trails, with what they select told twice: to CloudTrail, and to the checker."""
    writes_in_b = [
        {"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]},
            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]},
        {"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": [f"{OBJECTS}/in/"]}, {"Field": "eventName", "NotEquals": ["GetObject"]}]},
        {"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::SQS::Queue"]},
            {"Field": "eventName", "EndsWith": ["Message"]}, {"Field": "readOnly", "Equals": ["false"]}]},
    ]

    def in_b(entry):
        if entry.data == "AWS::S3::Object":
            return entry.name != "GetObject" and any(arn.startswith(f"{OBJECTS}/in/") for arn in entry.arns)
        if entry.data:
            return entry.name.endswith("Message") and not entry.read_only
        return not entry.read_only and entry.source != "kms.amazonaws.com"

    def in_e(entry):
        return not entry.data or any(arn.startswith(f"{OBJECTS}/") for arn in entry.arns)

    trails = {
        A: Trail("logs-a", lambda entry: not entry.data, organization=ids[A], manager=A),
        B: Trail("logs-b", in_b, account=B, all_regions=False),
        C: Trail("logs-c", lambda entry: not entry.data and entry.read_only,
                 organization=ids[C], manager=C, all_regions=False),
        E: Trail("logs-e", in_e, account=E),
    }
    selectors = {
        B: {"AdvancedEventSelectors": writes_in_b},
        C: {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]},
        E: {"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": [f"{OBJECTS}/"]}]}]},
    }
    for owner, trail in trails.items():
        s3, api, name = world.root(owner, "s3"), world.root(owner, "cloudtrail"), f"of-{owner}"
        s3.create_bucket(Bucket=trail.bucket)
        policy = bucket_policy(trail.bucket, owner, name)
        if trail.organization:
            policy = organization_policy(trail.bucket, owner, trail.organization, name)
        s3.put_bucket_policy(Bucket=trail.bucket, Policy=policy)
        api.create_trail(Name=name, S3BucketName=trail.bucket, IsMultiRegionTrail=trail.all_regions,
                         IsOrganizationTrail=bool(trail.organization))
        if owner in selectors:
            api.put_event_selectors(TrailName=name, **selectors[owner])
    return trails


def set_up_things(world):
    """B's key, bucket, queue and role, which D may use too; and who uses them."""
    kms, s3, iam = (world.root(B, service) for service in ("kms", "s3", "iam"))
    key = kms.create_key(Policy=allow([B, D], "kms:*"))["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=DATA)
    s3.put_bucket_policy(Bucket=DATA, Policy=allow([D], "s3:*", [OBJECTS, f"{OBJECTS}/*"]))
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(Bucket=DATA, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": False}]})
    url = world.root(B, "sqs").create_queue(QueueName="q")["QueueUrl"]
    iam.create_role(RoleName="across", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [B, D]}, "Action": "sts:AssumeRole"}]}))
    iam.put_role_policy(RoleName="across", PolicyName="all", PolicyDocument=json.dumps(ALL))
    users = {
        "bob": Actor(B, "IAMUser", world.welkin.user(B, ALL, name="bob")),
        "dora": Actor(D, "IAMUser", world.welkin.user(D, ALL, name="dora")),
        "eve": Actor(E, "IAMUser", world.welkin.user(E, name="eve")),
    }
    made = world.client("sts", **users["bob"].options).assume_role(RoleArn=ROLE, RoleSessionName="session")["Credentials"]
    session = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    users["role"] = Actor(B, "AssumedRole", {"account": B, **session})
    return users, (key, B), url


def objects(ledger, actor, key, name):
    """An object is written, read, listed and deleted; S3 asks KMS for the keys."""
    arn, bucket = (f"{OBJECTS}/{name}", B), (OBJECTS, B)
    ledger.call(actor, "s3", "put_object", resources=[arn, bucket], then=[(GENERATE_DATA_KEY, key)],
                Bucket=DATA, Key=name, Body=b"body")
    got = ledger.call(actor, "s3", "get_object", resources=[arn, bucket], then=[(DECRYPT, key)], Bucket=DATA, Key=name)
    assert got is None or got["Body"].read() == b"body"
    ledger.call(actor, "s3", "list_objects_v2", resources=[(f"{OBJECTS}/", B), bucket], Bucket=DATA)
    ledger.call(actor, "s3", "delete_object", resources=[arn, bucket], Bucket=DATA, Key=name)


def morning(ledger, users, key, url):
    bob, dora, eve, role = (users[name] for name in ("bob", "dora", "eve", "role"))
    for actor in (root(A), root(C), bob, dora, role, root(E)):
        ledger.call(actor, "kms", "generate_random", NumberOfBytes=8)
        ledger.call(actor, "kms", "generate_random", region="eu-west-1", NumberOfBytes=8)
        ledger.call(actor, "sts", "get_caller_identity")
        ledger.call(actor, "iam", "list_users")
    for actor in (bob, dora, role):
        objects(ledger, actor, key, "in/k")
        objects(ledger, actor, key, "out")
    ledger.call(bob, "sqs", "send_message", resources=[(QUEUE, B)], QueueUrl=url, MessageBody="m")
    ledger.call(role, "sqs", "receive_message", resources=[(QUEUE, B)], QueueUrl=url)
    ledger.call(dora, "sts", "assume_role", resources=[(ROLE, B)], RoleArn=ROLE, RoleSessionName="dora")
    ledger.call(dora, "kms", "encrypt", resources=[key], KeyId=key[0], Plaintext=b"p")
    ledger.call(dora, "kms", "create_key", region="eu-west-1")
    ledger.call(eve, "kms", "describe_key", resources=[key], KeyId=key[0], error="AccessDenied")
    ledger.call(eve, "iam", "list_users", error="AccessDenied")
    ledger.call(eve, "s3", "get_object", resources=[(f"{OBJECTS}/out", B), (OBJECTS, B)], error="AccessDenied",
                Bucket=DATA, Key="out")
    ledger.call(bob, "s3", "get_bucket_policy", resources=[(OBJECTS, B)], Bucket=DATA)
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    ledger.call(bob, "s3", "put_bucket_tagging", resources=[(OBJECTS, B)], Bucket=DATA, Tagging=tags)


def noon(ledger):
    """D leaves its organization, E joins the other. A call that changes this is told by what it was after it."""
    ledger.leave(D)
    ledger.call(root(D), "organizations", "leave_organization")
    ledger.service_event(C, "organizations", "AccountDepartedOrganization")
    invitation = ledger.call(root(A), "organizations", "invite_account_to_organization",
                             Target={"Id": E, "Type": "ACCOUNT"})["Handshake"]["Id"]
    ledger.join(E, A)
    ledger.call(root(E), "organizations", "accept_handshake", then=[(CREATE_SERVICE_LINKED_ROLE, (None, E))],
                HandshakeId=invitation)
    ledger.service_event(A, "organizations", "AccountJoinedOrganization")


def afternoon(world, ledger, users, key):
    """Calls until Welkin is killed in the middle of one."""
    killer = threading.Timer(1.0, world.welkin.process.kill)
    killer.start()
    for number in range(10_000):
        actor = (users["bob"], users["dora"], root(A), root(E))[number % 4]
        ledger.call(actor, "kms", "generate_random", NumberOfBytes=8)
        if not ledger.entries[-1].certain:
            break
        if number % 4 == 0:
            objects(ledger, actor, key, f"in/{number}")
            if not ledger.entries[-1].certain:
                break
    killer.join()
    world.end()
    world.begin()


def evening(ledger, users, key):
    for actor in (users["bob"], users["dora"], users["eve"], root(A), root(C), root(D), root(E)):
        denied = "AccessDenied" if actor is users["eve"] else None
        ledger.call(actor, "iam", "list_users", error=denied)
        ledger.call(actor, "kms", "generate_random", region="eu-west-1", error=denied, NumberOfBytes=8)
    ledger.call(root(D), "iam", "create_user", UserName="last")
    ledger.call(root(E), "iam", "create_user", UserName="last")
    objects(ledger, users["bob"], key, "in/last")


def test_each_record_of_a_day_is_where_it_must_be_and_nowhere_else(start, tmp_path):
    world = World(start, tmp_path / "data")
    try:
        ledger = Ledger(world)
        ids = set_up_organizations(world, ledger)
        users, key, url = set_up_things(world)
        trails = set_up_trails(world, ids)
        for owner, trail in trails.items():
            trail.since = len(ledger.entries)
            ledger.call(root(owner), "cloudtrail", "start_logging", Name=f"of-{owner}")
        morning(ledger, users, key, url)
        world.welkin.advance("1h")
        noon(ledger)
        world.welkin.advance("1h")
        afternoon(world, ledger, users, key)
        world.welkin.advance("1h")
        evening(ledger, users, key)
        world.welkin.advance("10m")
        counts = {owner: check(world.root(owner, "s3"), trail, ledger) for owner, trail in trails.items()}
        assert all(counts.values()) and sum(counts.values()) > 80, counts
        assert check_shared([(world.root(owner, "s3"), trail) for owner, trail in trails.items()]) > 5
    finally:
        world.end()
