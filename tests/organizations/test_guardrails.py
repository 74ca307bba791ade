"""Service and resource control policies over the services: each at its calls, each level, who is exempt."""

import pytest
from identity import allow, deny, document, refused, trust

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL = "p-FullAWSAccess"
BY_SCP, BY_RCP = "explicit deny in a service control policy", "explicit deny in a resource control policy"

# A call of each service by its action, and the code of its refusal.
CALLS = {
    "s3": ("s3:ListAllMyBuckets", lambda api: api.list_buckets(), "AccessDenied", 403),
    "sqs": ("sqs:ListQueues", lambda api: api.list_queues(), "AccessDenied", 403),
    "kms": ("kms:ListKeys", lambda api: api.list_keys(), "AccessDeniedException", 400),
    "iam": ("iam:ListUsers", lambda api: api.list_users(), "AccessDenied", 403),
}


@pytest.fixture
def tree(organization):
    """Root, unit, unit in the unit, account."""
    upper = organization.unit("upper")
    lower = organization.unit("lower", upper)
    spoke = organization.account("spoke")
    organization.api.move_account(
        AccountId=spoke.id, SourceParentId=organization.root, DestinationParentId=lower
    )
    return organization, [organization.root, upper, lower, spoke.id], spoke


@pytest.mark.parametrize("service", CALLS)
def test_a_denial_at_any_level_binds_users_sessions_and_root(tree, service):
    organization, levels, spoke = tree
    action, call, code, status = CALLS[service]
    organization.enable()
    ada = spoke.user("ada", allow("*"))
    role = spoke.role("r", trust({"AWS": spoke.id}), allow("*"))
    callers = [spoke, ada, ada.assume(role)]
    policy = organization.policy(document(deny(action)))
    for level in levels:
        call(ada.client(service))
        organization.api.attach_policy(PolicyId=policy, TargetId=level)
        for caller in callers:
            with refused(code, status, BY_SCP):
                call(caller.client(service))
        call(organization.management.client(service))
        organization.api.detach_policy(PolicyId=policy, TargetId=level)


@pytest.mark.parametrize("service", CALLS)
def test_a_level_that_does_not_allow_binds(tree, service):
    organization, levels, spoke = tree
    action, call, code, status = CALLS[service]
    organization.enable()
    others = [other for name, (other, *_) in CALLS.items() if name != service]
    without = organization.policy(document(allow(others)), name="without")
    exactly = organization.policy(document(allow(action)), name="exactly")
    for level in levels:
        organization.api.attach_policy(PolicyId=without, TargetId=level)
        organization.api.detach_policy(PolicyId=FULL, TargetId=level)
        with refused(code, status, f"because no service control policy allows the {action} action"):
            call(spoke.client(service))
        organization.api.attach_policy(PolicyId=exactly, TargetId=level)
        call(spoke.client(service))
        organization.api.attach_policy(PolicyId=FULL, TargetId=level)
        organization.api.detach_policy(PolicyId=exactly, TargetId=level)
        organization.api.detach_policy(PolicyId=without, TargetId=level)


def test_a_type_that_is_disabled_binds_nobody(tree):
    organization, levels, spoke = tree
    organization.enable(), organization.enable(RCP)
    for kind, statement in ((SCP, deny("sqs:*")), (RCP, {**deny("sqs:*"), "Principal": "*"})):
        policy = organization.policy(document(statement), kind, name=kind)
        organization.api.attach_policy(PolicyId=policy, TargetId=levels[1])
    queues = spoke.client("sqs")
    with refused("AccessDenied", 403):
        queues.create_queue(QueueName="q")
    organization.api.disable_policy_type(RootId=organization.root, PolicyType=SCP)
    with refused("AccessDenied", 403, BY_RCP):
        queues.create_queue(QueueName="q")
    organization.api.disable_policy_type(RootId=organization.root, PolicyType=RCP)
    assert queues.create_queue(QueueName="q")["QueueUrl"]


def rcp(action, **more):
    return document({**deny(action, **more), "Principal": "*"})


class Shared:
    """A queue, a bucket, a key and a role that somebody else may use."""

    def __init__(self, owner, other):
        everyone = {"AWS": f"arn:aws:iam::{other.id}:root"}
        self.bucket = f"shared-{owner.id}"
        owner.client("s3").create_bucket(Bucket=self.bucket)
        statement = {"Effect": "Allow", "Principal": everyone, "Action": "s3:*", "Resource": f"arn:aws:s3:::{self.bucket}"}
        owner.client("s3").put_bucket_policy(Bucket=self.bucket, Policy=document(statement))
        queues = owner.client("sqs")
        self.queue = queues.create_queue(QueueName="shared")["QueueUrl"]
        queues.add_permission(QueueUrl=self.queue, Label="all", AWSAccountIds=[other.id], Actions=["SendMessage"])
        own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{owner.id}:root"}, "Action": "kms:*", "Resource": "*"}
        theirs = {"Effect": "Allow", "Principal": everyone, "Action": "kms:Encrypt", "Resource": "*"}
        self.key = owner.client("kms").create_key(Policy=document(own, theirs))["KeyMetadata"]["Arn"]
        self.role = owner.role("shared", trust(everyone))

    def calls(self, caller):
        return {
            "s3:ListBucket": (lambda: caller.client("s3").list_objects_v2(Bucket=self.bucket), "AccessDenied"),
            "sqs:SendMessage": (
                lambda: caller.client("sqs").send_message(QueueUrl=self.queue, MessageBody="x"),
                "AccessDenied",
            ),
            "kms:Encrypt": (
                lambda: caller.client("kms").encrypt(KeyId=self.key, Plaintext=b"x"),
                "AccessDeniedException",
            ),
            "sts:AssumeRole": (
                lambda: caller.client("sts").assume_role(RoleArn=self.role, RoleSessionName="session"),
                "AccessDenied",
            ),
        }


def test_a_resource_control_policy_binds_callers_of_every_account(tree, stranger):
    organization, levels, spoke = tree
    organization.enable(RCP)
    shared = Shared(spoke, stranger)
    ada = stranger.user("ada", allow("*"))
    for number, (action, (call, code)) in enumerate(shared.calls(ada).items()):
        call()
        policy = organization.policy(rcp(action), RCP, name=action.replace(":", "-"))
        level = levels[number]
        organization.api.attach_policy(PolicyId=policy, TargetId=level)
        with refused(code, message=BY_RCP):
            call()
        for other, (goes, _) in shared.calls(ada).items():
            if other != action:
                goes()
        organization.api.detach_policy(PolicyId=policy, TargetId=level)
        call()


def test_a_resource_control_policy_binds_its_own_account_and_not_that_of_the_caller(tree, stranger):
    organization, levels, spoke = tree
    organization.enable(RCP)
    policy = organization.policy(rcp("sqs:*"), RCP)
    organization.api.attach_policy(PolicyId=policy, TargetId=spoke.id)
    with refused("AccessDenied", 403, BY_RCP):
        spoke.client("sqs").create_queue(QueueName="q")
    theirs = Shared(stranger, spoke)
    ada = spoke.user("ada", allow("*"))
    for call, _ in theirs.calls(ada).values():
        call()


def test_resources_of_the_management_account_are_not_bound(organization, stranger):
    organization.enable(RCP)
    policy = organization.policy(rcp("sqs:*"), RCP)
    organization.api.attach_policy(PolicyId=policy, TargetId=organization.root)
    shared = Shared(organization.management, stranger)
    shared.calls(stranger.user("ada", allow("*")))["sqs:SendMessage"][0]()
    with refused("AccessDenied", 403, BY_RCP):
        organization.account("spoke").client("sqs").create_queue(QueueName="q")


def test_services_without_resource_control_are_not_bound(tree):
    organization, levels, spoke = tree
    organization.enable(RCP)
    only = organization.policy(rcp("s3:*"), RCP)
    organization.api.attach_policy(PolicyId=only, TargetId=spoke.id)
    assert spoke.iam.list_users()["Users"] == []
    with refused("AccessDenied", 403):
        spoke.client("s3").list_buckets()


def test_a_grant_is_retired_whatever_resource_control_says(tree):
    organization, levels, spoke = tree
    organization.enable(RCP)
    ada = spoke.user("ada", allow("kms:*"))
    keys = spoke.client("kms")
    key = keys.create_key()["KeyMetadata"]["KeyId"]
    grant = keys.create_grant(KeyId=key, GranteePrincipal=ada.arn(), RetiringPrincipal=ada.arn(), Operations=["Encrypt"])
    organization.api.attach_policy(PolicyId=organization.policy(rcp("kms:*"), RCP), TargetId=spoke.id)
    with refused("AccessDeniedException", 400, BY_RCP):
        ada.client("kms").encrypt(KeyId=key, Plaintext=b"x")
    ada.client("kms").retire_grant(GrantToken=grant["GrantToken"])


def test_a_member_can_be_kept_in_the_organization(organization, stranger):
    organization.enable()
    organization.join(stranger)
    policy = organization.policy(document(deny("organizations:LeaveOrganization")))
    organization.api.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("AccessDeniedException", 400, BY_SCP):
        stranger.client("organizations").leave_organization()
    organization.api.detach_policy(PolicyId=policy, TargetId=organization.root)
    stranger.client("organizations").leave_organization()


def test_conditions_hold_the_perimeter(tree, stranger):
    organization, levels, spoke = tree
    organization.enable(RCP), organization.enable()
    outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization.id}}
    perimeter = organization.policy(rcp(["s3:*", "sqs:*", "kms:*", "sts:*"], Condition=outside), RCP, name="in")
    organization.api.attach_policy(PolicyId=perimeter, TargetId=organization.root)
    mine = organization.account("mine")
    shared, open_to = Shared(spoke, stranger), Shared(mine, spoke)
    for call, code in shared.calls(stranger.user("ada", allow("*"))).values():
        with refused(code, message=BY_RCP):
            call()
    for call, _ in open_to.calls(spoke.user("ada", allow("*"))).values():
        call()
    elsewhere = {"StringNotEquals": {"aws:ResourceOrgID": organization.id}}
    out = organization.policy(document(deny("sqs:SendMessage", Condition=elsewhere)), name="out")
    organization.api.attach_policy(PolicyId=out, TargetId=organization.root)
    bob, theirs = spoke.user("bob", allow("*")), Shared(stranger, spoke)
    open_to.calls(bob)["sqs:SendMessage"][0]()
    with refused("AccessDenied", 403, BY_SCP):
        theirs.calls(bob)["sqs:SendMessage"][0]()


def test_accounts_are_bound_where_they_are_moved(organization):
    organization.enable()
    units = [organization.unit(f"u{n}") for n in range(3)]
    accounts = [organization.account(f"a{n}") for n in range(12)]
    policy = organization.policy(document(deny("iam:ListUsers")))
    organization.api.attach_policy(PolicyId=policy, TargetId=units[1])
    for number, account in enumerate(accounts):
        organization.api.move_account(
            AccountId=account.id, SourceParentId=organization.root, DestinationParentId=units[number % 3]
        )
    for number, account in enumerate(accounts):
        if number % 3 == 1:
            with refused("AccessDenied", 403):
                account.iam.list_users()
        else:
            account.iam.list_users()
