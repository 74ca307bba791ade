"""`welkin explain`: for each class of denial the policy, the statement, the values, and what would allow it."""

import json
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from identity import Account, account, allow, deny, document, other, trust  # noqa: F401


class Explained:
    """What `welkin explain` says of a call that must be denied."""

    def __init__(self, program, welkin, call):
        with pytest.raises(ClientError) as raised:
            call()
        self.answer = raised.value.response
        request = self.answer["ResponseMetadata"]["RequestId"]
        run = [program, "explain", request, "--endpoint", welkin.endpoint]
        self.text = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        records = json.loads(subprocess.run([*run, "--json"], capture_output=True, text=True, check=True).stdout)
        self.record = next(record for record in records if record["decision"]["outcome"] != "Allow")
        self.decision, self.advice = self.record["decision"], self.record["advice"]
        for line in self.advice:
            assert line.strip() in self.text

    @property
    def because(self):
        [line] = [line for line in self.text.splitlines() if line.startswith("  because")]
        return line.removeprefix("  because").strip()


@pytest.fixture
def explained(program, welkin):
    return lambda call: Explained(program, welkin, call)


def test_no_identity_policy_allows(account, explained):
    alice = account.user("alice")
    told = explained(lambda: alice.client("iam").list_users())
    assert told.text.startswith(f"Denied  iam:ListUsers on {told.record['resource']}\n")
    assert told.because == "no identity-based policy allows it"
    assert told.advice == [f"an identity policy of user/alice that allows iam:ListUsers on {told.record['resource']}"]


def test_an_identity_policy_that_almost_allows(account, explained):
    alice = account.user(
        "alice",
        allow("iam:GetUser", Sid="Office", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        allow("iam:GetUser", account.arn("user/bob")),
    )
    told = explained(lambda: alice.client("iam").get_user(UserName="alice"))
    assert "condition  IpAddress aws:sourceip: wanted 10.0.0.0/8, given 127.0.0.1" in told.text
    first, *near = told.advice
    assert first == f"an identity policy of user/alice that allows iam:GetUser on {account.arn('user/alice')}"
    assert near == [
        "  statement 'Office' (statement 1, line 1) of the inline policy own of user/alice allows it, but its condition "
        "IpAddress aws:sourceip wants 10.0.0.0/8, the call has 127.0.0.1",
        "  statement 2 (line 1) of the inline policy own of user/alice allows it, but on "
        f"{account.arn('user/bob')} only",
    ]
    # What was advised allows it.
    account.iam.put_user_policy(UserName="alice", PolicyName="more", PolicyDocument=document(
        allow("iam:GetUser", account.arn("user/alice"))))
    assert alice.client("iam").get_user(UserName="alice")


def test_an_explicit_deny(account, explained):
    policy = f"""{{
  "Version": "2012-10-17",
  "Statement": [
    {{"Effect": "Allow", "Action": "*", "Resource": "*"}},
    {{"Sid": "HandsOff", "Effect": "Deny", "Action": "iam:Delete*", "Resource": "{account.arn('user/*')}",
      "Condition": {{"StringNotEquals": {{"aws:PrincipalTag/team": "admins"}}}}}}
  ]
}}"""
    alice = account.user("alice")
    account.iam.create_group(GroupName="staff")
    account.iam.put_group_policy(GroupName="staff", PolicyName="guard", PolicyDocument=policy)
    account.iam.add_user_to_group(GroupName="staff", UserName="alice")
    told = explained(lambda: alice.client("iam").delete_user(UserName="alice"))
    assert told.because == "identity-based policy group/staff/guard, statement 2 (HandsOff), line 5"
    assert told.advice == [
        "remove or narrow Deny 'HandsOff' (statement 2, line 5) in the inline policy guard of group/staff, or call so "
        "that its condition does not hold: condition StringNotEquals aws:principaltag/team wants admins, the call does "
        "not have it"
    ]
    account.iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "admins"}])
    with pytest.raises(ClientError) as raised:
        alice.client("iam").delete_user(UserName="alice")
    assert raised.value.response["Error"]["Code"] == "DeleteConflict", "it is allowed"


def test_a_permissions_boundary(account, explained):
    alice = account.user("alice", allow("*"))
    made = account.iam.create_policy(PolicyName="edge", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    account.iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=made)
    told = explained(lambda: alice.client("iam").list_users())
    assert told.because == "no permissions boundary allows it"
    assert told.advice == [
        f"the permissions boundary {made} of user/alice has to allow iam:ListUsers on {told.record['resource']}"
    ]
    policies = {(policy["kind"], policy["outcome"]) for policy in told.decision["policies"]}
    assert policies == {("Identity", "Allow"), ("Boundary", "ImplicitDeny")}


def test_a_session_policy(account, explained):
    alice = account.user("alice", allow("sts:*"))
    role = account.role("app", trust({"AWS": account.arn("user/alice")}), allow("*"))
    session = alice.assume(role, Policy=document(allow("s3:*"), deny("sqs:*", Sid="NoQueues")))
    told = explained(lambda: session.client("iam").list_users())
    assert told.because == "no session policy allows it"
    assert told.advice == [
        f"a session without session policies, or with one that allows iam:ListUsers on {told.record['resource']}"
    ]
    told = explained(lambda: session.client("sqs").list_queues())
    assert told.because == "session policy session policy, statement 2 (NoQueues), line 1"
    assert told.advice == [
        "remove or narrow Deny 'NoQueues' (statement 2, line 1) in the session policy that was passed when the session "
        "was made",
        f"a session without session policies, or with one that allows sqs:ListQueues on {told.record['resource']}",
    ]


@pytest.fixture
def organization(account):
    """An organization with control policies, a unit in it, and a member account there."""
    api = account.client("organizations")
    api.create_organization(FeatureSet="ALL")
    root = api.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        api.enable_policy_type(RootId=root, PolicyType=kind)
    unit = api.create_organizational_unit(ParentId=root, Name="unit")["OrganizationalUnit"]["Id"]
    status = api.create_account(AccountName="member", Email=f"{account.id}@example.com")["CreateAccountStatus"]
    until = time.monotonic() + 20
    while status["State"] == "IN_PROGRESS" and time.monotonic() < until:
        time.sleep(0.02)
        status = api.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    api.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=unit)
    return api, unit, Account(account.welkin, status["AccountId"])


def attach(api, target, kind, policy, name="guard"):
    made = api.create_policy(Content=policy, Name=name, Description="", Type=kind)["Policy"]["PolicySummary"]
    api.attach_policy(PolicyId=made["Id"], TargetId=target)
    return made


def test_a_service_control_policy(organization, explained):
    api, unit, member = organization
    alice = member.user("alice", allow("iam:*"))
    policy = document(deny("iam:List*", Sid="Quiet", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    made = attach(api, unit, "SERVICE_CONTROL_POLICY", policy)
    told = explained(lambda: alice.client("iam").list_users())
    assert told.because == (
        f"service control policy {made['Arn']} attached to {unit}, statement 1 (Quiet), line 1"
    )
    assert told.advice == [
        f"remove or narrow Deny 'Quiet' (statement 1, line 1) in SCP {made['Id']} attached to {unit}, or call so that "
        "its condition does not hold: condition StringNotEquals aws:requestedregion wants eu-west-1, the call has "
        "us-east-1"
    ]
    only = attach(api, member.id, "SERVICE_CONTROL_POLICY", document(allow("s3:*")), "only")
    api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=member.id)
    told = explained(lambda: alice.client("iam").get_user(UserName="alice"))
    assert told.because == "no service control policy allows it"
    assert told.advice == [
        f"a service control policy attached to {member.id} that allows iam:GetUser on {member.arn('user/alice')}: none "
        f"of those there does ({only['Id']})"
    ]


def test_a_resource_control_policy(organization, explained):
    api, unit, member = organization
    alice = member.user("alice", allow("*"))
    queue = alice.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    policy = document({**deny("sqs:*"), "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    made = attach(api, unit, "RESOURCE_CONTROL_POLICY", policy)
    told = explained(lambda: alice.client("sqs").send_message(QueueUrl=queue, MessageBody="m"))
    assert told.because == f"resource control policy {made['Arn']} attached to {unit}, statement 1, line 1"
    assert told.advice == [
        f"remove or narrow Deny 1 (line 1) in RCP {made['Id']} attached to {unit}, or call so that its condition does not "
        "hold: condition Bool aws:securetransport wants false, the call has false"
    ]


def test_both_sides_across_accounts(account, other, explained):
    alice = account.user("alice")
    sqs = other.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{other.id}:q"
    told = explained(lambda: alice.client("sqs").send_message(QueueUrl=queue, MessageBody="m"))
    assert told.advice == [
        f"an identity policy of user/alice that allows sqs:SendMessage on {arn}",
        f"the policy of {arn} has to allow sqs:SendMessage to {account.arn('user/alice')} or to account {account.id}; "
        f"it is account {other.id} that can say so",
    ]
    policy = document({**allow("sqs:*", arn), "Principal": {"AWS": other.arn("root")}})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    account.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document(allow("sqs:*")))
    told = explained(lambda: alice.client("sqs").send_message(QueueUrl=queue, MessageBody="m"))
    assert told.because == "no resource-based policy allows it"
    assert told.advice[1:] == [
        f"  statement 1 (line 1) of the policy of {arn} allows it, but to {other.id} only"
    ]
    policy = document({**allow("sqs:*", arn), "Principal": {"AWS": account.id}})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    alice.client("sqs").send_message(QueueUrl=queue, MessageBody="m")


def test_a_trust_policy(account, explained):
    alice = account.user("alice", allow("sts:*"))
    role = account.role("app", trust({"Service": "ec2.amazonaws.com"}))
    told = explained(lambda: alice.assume(role))
    assert told.because == "no role trust policy allows it"
    assert told.advice == [
        f"the trust policy of {role} has to allow sts:AssumeRole to {account.arn('user/alice')} or to account "
        f"{account.id}, whose identity policies then decide",
        f"  statement 1 (line 1) of the trust policy of {role} allows it, but to ec2.amazonaws.com only",
    ]


def test_a_key_policy(account, explained):
    alice = account.user("alice", allow("kms:*"))
    policy = document({**allow("kms:*"), "Principal": {"AWS": account.arn("root")},
                       "Condition": {"StringEquals": {"kms:EncryptionContext:team": "red"}}},
                      {**allow(["kms:PutKeyPolicy", "kms:DescribeKey"]), "Principal": {"AWS": account.arn("root")}})
    key = account.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    kms = alice.client("kms")
    told = explained(lambda: kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"}))
    assert told.because == "no resource-based policy allows it"
    assert "condition  StringEquals kms:encryptioncontext:team: wanted red, given blue" in told.text
    assert told.advice == [
        f"the policy of {key} has to allow kms:Encrypt to {account.arn('user/alice')} or to account {account.id}, whose "
        "identity policies then decide",
        f"  statement 1 (line 1) of the policy of {key} allows it, but its condition StringEquals "
        "kms:encryptioncontext:team wants red, the call has blue",
    ]
    assert kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "red"})


def test_the_encoded_message_carries_the_same(account, explained):
    alice = account.user("alice", allow("*"), deny("ec2:RunInstances", Sid="NoMachines", Condition={
        "StringLike": {"aws:username": "a*"}}))
    told = explained(lambda: alice.client("ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1))
    assert told.answer["Error"]["Code"] == "UnauthorizedOperation"
    encoded = told.answer["Error"]["Message"].split("Encoded authorization failure message: ")[1]
    decoded = json.loads(alice.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
    context = decoded["context"]
    assert (context["principal"]["arn"], context["action"]) == (account.arn("user/alice"), "ec2:RunInstances")
    assert {"key": "aws:username", "values": {"items": [{"value": "alice"}]}} in context["conditions"]["items"]
    [statement] = decoded["matchedStatements"]["items"]
    assert (statement["statementId"], statement["sourcePolicyId"], statement["line"]) == ("NoMachines", "own", 1)
    assert decoded["wouldAllow"] == told.advice and "'NoMachines'" in told.advice[0]
    # Whoever was denied learns nothing without the right to decode.
    assert "NoMachines" not in told.answer["Error"]["Message"]
