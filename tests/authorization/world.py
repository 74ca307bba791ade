"""An organization of three levels and fifty accounts on a running Welkin, and what the test knows of it.

Whatever is set up on the server is noted here in Python; the reference evaluator is fed from the notes alone.
"""

import concurrent.futures
import json
import time

import calls
from shelf import Shelf

FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
FULL_RCP = {"Version": "2012-10-17", "Statement": [{**FULL["Statement"][0], "Principal": "*"}]}
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
DEFAULTS = {SCP: ("p-FullAWSAccess", FULL), RCP: ("p-RCPFullAWSAccess", FULL_RCP)}


class Caller:
    """Somebody with credentials, as the reference knows it."""

    def __init__(self, signed, facts, holder, session=None):
        self.signed, self.facts, self.holder, self.session = signed, facts, holder, session


class World:
    def __init__(self, welkin, seed, accounts=50, busy=12, kinds=(SCP, RCP), services=("s3", "sqs", "kms", "sts", "iam")):
        """`busy` of the accounts have users, roles and resources; the others one user. `services` are those whose
        actions control policies deny."""
        self.pool, self.endpoint = calls.pool(), welkin.endpoint
        self.number, self.number_busy, self.kinds, self.services = accounts, busy, kinds, services
        self.shelf, self.seed = Shelf(seed), seed
        self.management = welkin.account()
        self.identities = {}  # (account, "user/ann") -> {"identity", "boundary", "tags"}
        self.resources = {}  # ARN -> {"policy", "owner", "rule", "tags", …}
        self.callers = []
        self.parents, self.attached, self.contents = {}, {SCP: {}, RCP: {}}, {}
        with concurrent.futures.ThreadPoolExecutor(8) as self.threads:
            self.make_organization()
            self.make_accounts()
            self.make_control_policies()

    # The organization

    def organizations(self, operation, **members):
        return self.root(self.management).json("organizations", operation, **members).json()

    def root(self, account):
        return calls.Signed(self.pool, self.endpoint, account)

    def make_organization(self):
        self.organization = self.organizations("CreateOrganization", FeatureSet="ALL")["Organization"]["Id"]
        self.top = self.organizations("ListRoots")["Roots"][0]["Id"]
        units, level = [], [self.top]
        for depth in range(3):
            below = []
            for parent in level:
                for n in range(2):
                    made = self.organizations("CreateOrganizationalUnit", ParentId=parent, Name=f"{depth}-{n}")
                    unit = made["OrganizationalUnit"]["Id"]
                    self.parents[unit] = parent
                    below.append(unit)
            units += below
            level = below
        self.units = units
        self.parents[self.management] = self.top
        # Organizations makes five accounts at a time, and refuses the sixth.
        with concurrent.futures.ThreadPoolExecutor(5) as five:
            self.accounts = list(five.map(self.make_account, range(self.number)))
        for n, account in enumerate(self.accounts):
            self.parents[account] = self.top
            self.move(account, ([self.top] + units)[n % (len(units) + 1)])

    def make_account(self, n):
        email = f"{n}@{self.organization}.example"
        status = self.organizations("CreateAccount", AccountName=f"a{n}", Email=email)["CreateAccountStatus"]
        until = time.monotonic() + 30
        while status["State"] == "IN_PROGRESS" and time.monotonic() < until:
            time.sleep(0.05)
            status = self.organizations("DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"])
            status = status["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        return status["AccountId"]

    def move(self, account, unit):
        if self.parents[account] != unit:
            members = {"SourceParentId": self.parents[account], "DestinationParentId": unit}
            self.organizations("MoveAccount", AccountId=account, **members)
            self.parents[account] = unit

    def line(self, account):
        """The account and all above it, from the root."""
        line = [account]
        while line[0] in self.parents:
            line.insert(0, self.parents[line[0]])
        return line

    def levels(self, kind, account):
        """Control policies that bind an account, by level."""
        if kind not in self.kinds:
            return []
        return [[self.contents[policy] for policy in self.attached[kind][target]] for target in self.line(account)]

    def make_control_policies(self):
        targets = [self.top, *self.units, self.management, *self.accounts]
        busy = self.accounts[: self.number_busy]
        for kind in self.kinds:
            name, content = DEFAULTS[kind]
            self.organizations("EnablePolicyType", RootId=self.top, PolicyType=kind)
            self.contents[name] = content
            self.attached[kind] = {target: [name] for target in targets}
            # Wide ones would leave little to allow.
            for n in range(12):
                self.attach(self.control_policy(kind, n), kind, self.shelf.pick([*self.units, *busy, *busy, *busy]))
        for n in range(4):
            # A list of what is allowed in place of everything.
            target = self.shelf.pick([*self.units, *busy])
            content = self.shelf.permissions(self.organization, busy, 0.7)
            content["Statement"].append({"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"})
            self.attach(self.create_policy(SCP, f"list{n}", content), SCP, target)
            self.detach("p-FullAWSAccess", SCP, target)

    def control_policy(self, kind, n):
        services = [service for service in self.services if kind == SCP or service != "iam"]
        more = {"Principal": "*"} if kind == RCP else {}
        content = self.shelf.denial(self.organization, self.accounts[: self.number_busy], services, **more)
        return self.create_policy(kind, f"deny{n}", content)

    def create_policy(self, kind, name, content):
        made = self.organizations("CreatePolicy", Content=json.dumps(content), Name=name, Description="", Type=kind)
        policy = made["Policy"]["PolicySummary"]["Id"]
        self.contents[policy] = content
        return policy

    def attach(self, policy, kind, target):
        there = self.attached[kind][target]
        if policy not in there and len(there) < 5:
            self.organizations("AttachPolicy", PolicyId=policy, TargetId=target)
            there.append(policy)

    def detach(self, policy, kind, target):
        there = self.attached[kind][target]
        if policy in there and len(there) > 1:
            self.organizations("DetachPolicy", PolicyId=policy, TargetId=target)
            there.remove(policy)

    # The accounts

    def make_accounts(self):
        self.busy = [*self.accounts[: self.number_busy], self.management]
        # Each account has a chance of its own: which thread makes it does not matter.
        self.shelves = {a: Shelf(f"{self.seed}/{n}") for n, a in enumerate([*self.accounts, self.management])}
        list(self.threads.map(self.make_plain, self.accounts[self.number_busy :]))
        list(self.threads.map(self.make_users, self.busy))
        list(self.threads.map(self.make_resources, self.busy))

    def iam(self, account, action, **parameters):
        answer = self.root(account).query("iam", action, **parameters)
        assert answer.status == 200, (action, answer.text)
        return answer

    def permissions(self, account, generous=0.8):
        return self.shelves[account].permissions(self.organization, self.busy, generous)

    def make_plain(self, account):
        """One user of an account that has nothing else."""
        self.make_user(account, "ann", "red")
        self.put_policy(account, "user/ann", self.permissions(account))

    def make_user(self, account, name, team):
        tags = {"Tags.member.1.Key": "team", "Tags.member.1.Value": team}
        self.iam(account, "CreateUser", UserName=name, **tags)
        made = self.iam(account, "CreateAccessKey", UserName=name)
        signed = calls.Signed(self.pool, self.endpoint, made.element("AccessKeyId"), made.element("SecretAccessKey"))
        self.identities[account, f"user/{name}"] = {"identity": {}, "boundary": None, "tags": {"team": team}}
        facts = {"kind": "user", "account": account, "arn": f"arn:aws:iam::{account}:user/{name}"}
        self.callers.append(Caller(signed, facts, (account, f"user/{name}")))
        return signed

    def put_policy(self, account, holder, content, name="own"):
        kind, entity = holder.split("/")
        title = kind.title()
        parameters = {f"{title}Name": entity, "PolicyName": name, "PolicyDocument": json.dumps(content)}
        self.iam(account, f"Put{title}Policy", **parameters)
        self.identities[account, holder]["identity"][name] = content

    def bound(self, account, holder):
        kind, entity = holder.split("/")
        content = self.permissions(account, 0.8)
        made = self.iam(account, "CreatePolicy", PolicyName=f"limit-{entity}", PolicyDocument=json.dumps(content))
        parameters = {f"{kind.title()}Name": entity, "PermissionsBoundary": made.element("Arn")}
        self.iam(account, f"Put{kind.title()}PermissionsBoundary", **parameters)
        self.identities[account, holder]["boundary"] = content

    def make_users(self, account):
        ann = self.make_user(account, "ann", "red")
        self.make_user(account, "bob", "blue")
        self.iam(account, "CreateGroup", GroupName="g")
        shared = self.permissions(account, 0.85)
        document = json.dumps(shared)
        self.iam(account, "PutGroupPolicy", GroupName="g", PolicyName="shared", PolicyDocument=document)
        self.iam(account, "AddUserToGroup", GroupName="g", UserName="bob")
        self.identities[account, "user/bob"]["identity"]["group"] = shared
        self.bound(account, "user/bob")
        everyone = {"Effect": "Allow", "Principal": {"AWS": [account]}, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [everyone]}
        tags = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"}
        self.iam(account, "CreateRole", RoleName="app", AssumeRolePolicyDocument=json.dumps(trust), **tags)
        self.identities[account, "role/app"] = {"identity": {}, "boundary": None, "tags": {"team": "red"}}
        self.put_policy(account, "role/app", self.permissions(account, 0.85))
        if self.shelves[account].chance(0.5):
            self.bound(account, "role/app")
        arn = f"arn:aws:iam::{account}:role/app"
        self.resources[arn] = {"policy": trust, "owner": account, "rule": "trust", "tags": {"team": "red"}}
        self.make_sessions(account, ann)
        self.put_policy(account, "user/ann", self.permissions(account))
        self.callers.append(Caller(self.root(account), {"kind": "root", "account": account}, None))

    def make_sessions(self, account, ann):
        """Sessions of the role and of a federated user, with policies and without."""
        self.iam(account, "PutUserPolicy", UserName="ann", PolicyName="tmp", PolicyDocument=json.dumps(FULL))
        limits = {"plain": None, "limited": self.permissions(account), "federated": self.permissions(account)}
        for name, policy in limits.items():
            more = {"Policy": json.dumps(policy)} if policy else {}
            if name == "federated":
                made = ann.query("sts", "GetFederationToken", Name="fed", **more)
                facts = {"kind": "federated-user", "arn": f"arn:aws:iam::{account}:user/ann"}
                session, holder = f"arn:aws:sts::{account}:federated-user/fed", (account, "user/ann")
            else:
                role = f"arn:aws:iam::{account}:role/app"
                made = ann.query("sts", "AssumeRole", RoleArn=role, RoleSessionName=name, **more)
                facts = {"kind": "role", "arn": role}
                session, holder = f"arn:aws:sts::{account}:assumed-role/app/{name}", (account, "role/app")
            credentials = [made.element(part) for part in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
            signed = calls.Signed(self.pool, self.endpoint, *credentials)
            facts |= {"account": account, "session": session}
            self.callers.append(Caller(signed, facts, holder, [policy] if policy else None))
        self.iam(account, "DeleteUserPolicy", UserName="ann", PolicyName="tmp")

    def principals(self, account):
        """Whom a resource's policy may name: callers of the account and of others."""
        accounts = [account, account, *self.shelves[account].random.sample(self.busy, 3)]
        named = []
        for owner in accounts:
            named += [owner, f"arn:aws:iam::{owner}:user/ann", f"arn:aws:iam::{owner}:user/bob"]
            named += [f"arn:aws:iam::{owner}:role/app", f"arn:aws:sts::{owner}:assumed-role/app/limited"]
        return sorted(set(named))

    def sharing(self, account, service, resource, *first):
        principals = self.principals(account)
        return self.shelves[account].sharing(service, resource, principals, self.organization, self.busy, *first)

    def make_resources(self, account):
        root = self.root(account)
        bucket = f"bucket-{account}"
        assert root.s3("PUT", f"/{bucket}").status == 200
        for key in ("red/a", "blue/b"):
            assert root.s3("PUT", f"/{bucket}/{key}", b"x").status == 200
        own = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        policy = self.sharing(account, "s3", own) if self.shelves[account].chance(0.8) else None
        if policy:
            put = root.s3("PUT", f"/{bucket}?policy", json.dumps(policy).encode())
            assert put.status in (200, 204), put.text
        for arn in (own[0], f"{own[0]}/red/a", f"{own[0]}/blue/b"):
            self.resources[arn] = {"policy": policy, "owner": account, "rule": "standard", "tags": {}}
        arn = f"arn:aws:sqs:us-east-1:{account}:queue"
        policy = self.sharing(account, "sqs", arn) if self.shelves[account].chance(0.8) else None
        attributes = {"Policy": json.dumps(policy)} if policy else {}
        made = root.json("sqs", "CreateQueue", QueueName="queue", Attributes=attributes, tags={"team": "red"})
        url = made.json()["QueueUrl"]
        tags = {"team": "red"}
        self.resources[arn] = {"policy": policy, "owner": account, "rule": "standard", "tags": tags, "url": url}
        # Half of the keys leave the decision to the account's own policies, half do not.
        owner = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"}
        first = [owner] if self.shelves[account].chance(0.5) else []
        policy = self.sharing(account, "kms", "*", *first)
        made = root.json(
            "kms", "CreateKey", Policy=json.dumps(policy), BypassPolicyLockoutSafetyCheck=True,
            Tags=[{"TagKey": "team", "TagValue": "blue"}],
        )
        key = made.json()["KeyMetadata"]["Arn"]
        self.resources[key] = {"policy": policy, "owner": account, "rule": "key", "tags": {"team": "blue"}}
        role = f"arn:aws:iam::{account}:role/app"
        trusted = self.shelves[account].random.sample(self.principals(account), 3)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]}
        self.iam(account, "UpdateAssumeRolePolicy", RoleName="app", PolicyDocument=json.dumps(trust))
        self.resources[role]["policy"] = trust
        for name in ("ann", "bob"):
            arn = f"arn:aws:iam::{account}:user/{name}"
            tags = self.identities[account, f"user/{name}"]["tags"]
            self.resources[arn] = {"policy": None, "owner": account, "rule": "standard", "tags": tags}
