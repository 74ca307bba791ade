"""A running Welkin against the reference: an organization of fifty accounts under mixed load.

Every call's outcome must be what the reference decides from what this test set up, before and after control
policies, accounts and permissions change.
"""

import collections
import concurrent.futures
import json
import random

import pytest
import reference
from reference.decision import ALLOWED
from world import RCP, SCP, World

SEED, CALLS, THREADS = 20_261_120, 3_000, 6


@pytest.fixture(scope="module")
def world(welkin):
    return World(welkin, SEED)


class Load:
    """Calls by chance, with what the reference expects of each."""

    def __init__(self, world, seed):
        self.world, self.random = world, random.Random(seed)

    def call(self):
        """A caller, the demand that its call makes, and the call."""
        world, caller = self.world, self.random.choice(self.world.callers)
        own = caller.facts["account"]
        target = own if own in world.busy and self.random.random() < 0.7 else self.random.choice(world.busy)
        kinds = ["object", "object", "list", "send", "attributes", "encrypt", "describe"]
        if caller.facts["kind"] not in ("federated-user", "root"):
            kinds += ["assume", "assume"]
        if own in world.busy and caller.facts["kind"] != "federated-user":
            kinds += ["user", "role", "tag"]
        return caller, *getattr(self, self.random.choice(kinds))(caller.signed, target, own)

    def object(self, signed, account, _):
        key = self.random.choice(["red/a", "blue/b"])
        method, action = self.random.choice([("GET", "s3:GetObject"), ("PUT", "s3:PutObject")])
        body = b"y" if method == "PUT" else b""
        arn = f"arn:aws:s3:::bucket-{account}/{key}"
        return action, arn, {}, lambda: signed.s3(method, f"/bucket-{account}/{key}", body)

    def list(self, signed, account, _):
        prefix = self.random.choice(["red/", "blue/", "ann/"])
        path = f"/bucket-{account}?list-type=2&prefix={prefix[:-1]}%2F"
        return "s3:ListBucket", f"arn:aws:s3:::bucket-{account}", {"s3:prefix": [prefix]}, lambda: signed.s3("GET", path)

    def send(self, signed, account, _):
        arn = f"arn:aws:sqs:us-east-1:{account}:queue"
        url = self.world.resources[arn]["url"]
        return "sqs:SendMessage", arn, {}, lambda: signed.json("sqs", "SendMessage", QueueUrl=url, MessageBody="m")

    def attributes(self, signed, account, _):
        arn = f"arn:aws:sqs:us-east-1:{account}:queue"
        url = self.world.resources[arn]["url"]
        call = lambda: signed.json("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])  # noqa: E731
        return "sqs:GetQueueAttributes", arn, {}, call

    def key(self, account):
        return next(arn for arn in self.world.resources if arn.startswith(f"arn:aws:kms:us-east-1:{account}:"))

    def encrypt(self, signed, account, _):
        arn, context = self.key(account), self.random.choice([{}, {"team": "red"}])
        keys = {f"kms:EncryptionContext:{key}": [value] for key, value in context.items()}
        if context:
            keys["kms:EncryptionContextKeys"] = list(context)
        call = lambda: signed.json("kms", "Encrypt", KeyId=arn, Plaintext="eA==", EncryptionContext=context)  # noqa: E731
        return "kms:Encrypt", arn, keys, call

    def describe(self, signed, account, _):
        arn = self.key(account)
        return "kms:DescribeKey", arn, {}, lambda: signed.json("kms", "DescribeKey", KeyId=arn)

    def assume(self, signed, account, _):
        arn = f"arn:aws:iam::{account}:role/app"
        call = lambda: signed.query("sts", "AssumeRole", RoleArn=arn, RoleSessionName="session")  # noqa: E731
        return "sts:AssumeRole", arn, {"sts:RoleSessionName": ["session"]}, call

    def user(self, signed, _, own):
        name = self.random.choice(["ann", "bob"])
        return "iam:GetUser", f"arn:aws:iam::{own}:user/{name}", {}, lambda: signed.query("iam", "GetUser", UserName=name)

    def role(self, signed, _, own):
        return "iam:GetRole", f"arn:aws:iam::{own}:role/app", {}, lambda: signed.query("iam", "GetRole", RoleName="app")

    def tag(self, signed, _, own):
        name, key = self.random.choice(["ann", "bob"]), self.random.choice(["cost", "team"])
        # The tags that users have stay as they are.
        value = self.world.identities[own, f"user/{name}"]["tags"]["team"] if key == "team" else "1"
        parameters = {"Tags.member.1.Key": key, "Tags.member.1.Value": value}
        keys = {f"aws:RequestTag/{key}": [value], "aws:TagKeys": [key]}
        call = lambda: signed.query("iam", "TagUser", UserName=name, **parameters)  # noqa: E731
        return "iam:TagUser", f"arn:aws:iam::{own}:user/{name}", keys, call

    def case(self, caller, action, arn, keys):
        """The call as the reference reads it."""
        world, resource = self.world, self.world.resources[arn]
        identity = world.identities.get(caller.holder, {"identity": {}, "boundary": None, "tags": {}})
        if action.startswith("iam:"):
            # A role's trust policy says who may assume it, not who may read it.
            resource = resource | {"policy": None, "rule": "standard"}
        return {
            "caller": caller.facts, "action": action, "resource": arn, "owner": resource["owner"],
            "context": self.context(caller, identity, resource) | keys, "rule": resource["rule"],
            "identity": list(identity["identity"].values()), "boundary": identity["boundary"],
            "session": caller.session, "resource_policy": resource["policy"], "endpoint": None,
            "management": world.management,
            "scps": world.levels(SCP, caller.facts["account"]),
            # RCPs bind the services that support them; IAM is none of them.
            "rcps": [] if action.startswith("iam:") else world.levels(RCP, resource["owner"]),
        }

    def context(self, caller, identity, resource):
        facts, organization = caller.facts, self.world.organization
        kind = facts["kind"]
        arn = {"root": f"arn:aws:iam::{facts['account']}:root", "federated-user": facts.get("session")}
        context = {
            "aws:PrincipalArn": [arn.get(kind) or facts["arn"]], "aws:PrincipalAccount": [facts["account"]],
            "aws:PrincipalOrgID": [organization], "aws:ResourceOrgID": [organization],
            "aws:ResourceAccount": [resource["owner"]], "aws:SourceIp": ["127.0.0.1"], "aws:SecureTransport": ["false"],
            "aws:RequestedRegion": ["us-east-1"], "aws:CurrentTime": ["2026-12-01T00:00:00Z"],
        }
        context |= {f"aws:PrincipalTag/{key}": [value] for key, value in identity["tags"].items()}
        context |= {f"aws:ResourceTag/{key}": [value] for key, value in resource["tags"].items()}
        if kind == "user":
            context["aws:username"] = [facts["arn"].rsplit("/")[-1]]
        if kind in ("role", "federated-user"):
            context |= {"aws:TokenIssueTime": ["2026-12-01T00:00:00Z"], "aws:MultiFactorAuthPresent": ["false"]}
        return context

    def run(self, number):
        """Makes the calls from several threads; what became of them, and the disagreements."""
        chosen = [self.call() for _ in range(number)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
            answers = threads.map(lambda chosen: chosen[4](), chosen)
            outcomes, disagreements = collections.Counter(), []
            for (caller, action, arn, keys, _), answer in zip(chosen, answers):
                case = self.case(caller, action, arn, keys)
                expected = reference.decide(case)
                outcomes[expected] += 1
                if answer.allowed != (expected.outcome == ALLOWED):
                    disagreements.append((expected, answer.status, answer.text, case))
        return outcomes, disagreements


def agree(outcomes, disagreements):
    if disagreements:
        expected, status, text, case = disagreements[0]
        told = json.dumps(case, indent=1)
        raise AssertionError(f"{len(disagreements)} disagree, e.g. {expected}, but {status} {text}\n{told}")


def test_every_call_is_decided_as_the_reference_decides(world):
    outcomes, disagreements = Load(world, 1).run(CALLS)
    agree(outcomes, disagreements)
    for outcome, number in sorted(outcomes.items()):
        print(f"  {number:5} {outcome.outcome} ({outcome.because})")
    by_outcome = collections.Counter()
    for decision, number in outcomes.items():
        by_outcome[decision.outcome] += number
    assert min(by_outcome.values()) > CALLS // 10 and len(by_outcome) == 3, by_outcome
    assert {because for _, because in outcomes} >= {"identity", "resource", "boundary", "session", "scp", "rcp"}


def test_changes_count_at_once(world):
    """Accounts move, control policies come and go, permissions change: nothing is decided by what was before."""
    shelf, load = world.shelf, Load(world, 2)
    for _ in range(6):
        account = shelf.pick(world.busy[:-1])
        world.move(account, shelf.pick([world.top, *world.units]))
        for kind in (SCP, RCP):
            target = shelf.pick([t for t, there in world.attached[kind].items() if len(there) > 1])
            world.detach(world.attached[kind][target][-1], kind, target)
            policy = shelf.pick([p for p in world.contents if p not in ("p-FullAWSAccess", "p-RCPFullAWSAccess")
                                 and any(p in there for there in world.attached[kind].values())])
            world.attach(policy, kind, shelf.pick([*world.units, *world.busy[:-1]]))
        for holder in ("user/ann", "role/app"):
            world.put_policy(world.management, holder, world.permissions(world.management))
        agree(*load.run(CALLS // 10))
