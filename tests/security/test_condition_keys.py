"""Each global condition key, by a policy that allows only with its right value.

A case gives two calls: one that has the value, which must succeed, and one that has another, which must be refused.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import datetime
import random

import botocore
import pytest
from botocore.exceptions import ClientError
from identity import Account, Caller, allow, document, trust
from oidc import Issuer, Server
from second_factor import Device

CASES = {}

DENIALS = ("AccessDenied", "AccessDeniedException", "InsufficientS3BucketPolicyException")


def case(*keys):
    """Registers a case for each of the keys; it is called with the scene and the key."""

    def register(function):
        for key in keys:
            CASES[key] = function
        return function

    return register


@pytest.fixture
def scene(welkin, account, other, request):
    return Scene(welkin, account, other, request)


class Scene:
    """`account` calls; `other` owns queues whose policies decide, since the callers' own always allow."""

    def __init__(self, welkin, account, other, request):
        self.welkin, self.account, self.other, self.request = welkin, account, other, request

    @property
    def organization(self):
        return self.request.getfixturevalue("organization")

    def now(self):
        micros = self.welkin.admin("GET", "clock")["now"]
        return datetime.datetime.fromisoformat(micros.replace("Z", "+00:00"))

    def queue(self, owner, condition=None):
        """A queue that everyone may ask who fulfils the condition."""
        sqs = owner.client("sqs")
        url = sqs.create_queue(QueueName=f"q{random.randrange(1 << 48):012x}")["QueueUrl"]
        statement = allow("sqs:GetQueueAttributes", Principal="*")
        if condition:
            statement["Condition"] = condition
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})
        return url

    def asks(self, caller, condition):
        """The caller asks a queue of the other account."""
        url = self.queue(self.other, condition)
        return lambda: ask(caller, url)

    def guarded(self, action, condition, resource="*", name=None):
        """A user who may do one thing under the condition."""
        return self.account.user(name or f"u{random.randrange(1 << 32):x}", allow(action, resource, Condition=condition))


def ask(caller, url):
    attributes = caller.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    assert attributes["QueueArn"]


def users(caller, **more):
    return lambda: caller.client("iam", **more).list_users()["Users"]


def equal(key, value, operator="StringEquals"):
    return {operator: {key: value}}


@case("aws:PrincipalArn")
def principal_arn(scene, key):
    ada, bob = (scene.account.user(name, allow("sqs:*")) for name in ("ada", "bob"))
    url = scene.queue(scene.other, equal(key, scene.account.arn("user/ada"), "ArnEquals"))
    return (lambda: ask(ada, url)), (lambda: ask(bob, url))


@case("aws:PrincipalAccount")
def principal_account(scene, key):
    third = Account(scene.welkin)
    ada, bob = scene.account.user("ada", allow("sqs:*")), third.user("bob", allow("sqs:*"))
    url = scene.queue(scene.other, equal(key, scene.account.id))
    return (lambda: ask(ada, url)), (lambda: ask(bob, url))


@case("aws:PrincipalType")
def principal_type(scene, key):
    ada = scene.account.user("ada", allow("sqs:*"), allow("sts:AssumeRole"))
    session = ada.assume(scene.account.role("r", trust({"AWS": scene.account.id}), allow("sqs:*")))
    url = scene.queue(scene.other, equal(key, "AssumedRole"))
    return (lambda: ask(session, url)), (lambda: ask(ada, url))


@case("aws:PrincipalTag/team")
def principal_tag(scene, key):
    ada, bob = (scene.account.user(name, allow("sqs:*")) for name in ("ada", "bob"))
    scene.account.iam.tag_user(UserName="ada", Tags=[{"Key": "Team", "Value": "a"}])
    scene.account.iam.tag_user(UserName="bob", Tags=[{"Key": "Team", "Value": "b"}])
    url = scene.queue(scene.other, equal(key, "a"))
    return (lambda: ask(ada, url)), (lambda: ask(bob, url))


@case("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
def principal_organization(scene, key):
    organization = scene.organization
    member, stranger = organization.member.user("ada", allow("sqs:*")), scene.account.user("bob", allow("sqs:*"))
    if key == "aws:PrincipalOrgID":
        condition = equal(key, organization.id)
    else:
        condition = equal(key, f"{organization.id}/{organization.root}/{organization.unit}/*", "ForAnyValue:StringLike")
    url = scene.queue(scene.other, condition)
    return (lambda: ask(member, url)), (lambda: ask(stranger, url))


@case("aws:userid")
def user_id(scene, key):
    ada, bob = (scene.account.user(name, allow("sqs:*")) for name in ("ada", "bob"))
    url = scene.queue(scene.other, equal(key, scene.account.iam.get_user(UserName="ada")["User"]["UserId"]))
    return (lambda: ask(ada, url)), (lambda: ask(bob, url))


@case("aws:username")
def username(scene, key):
    ada, bob = (scene.account.user(name, allow("sqs:*")) for name in ("ada", "bob"))
    url = scene.queue(scene.other, equal(key, "ada"))
    return (lambda: ask(ada, url)), (lambda: ask(bob, url))


@case("aws:SourceIdentity")
def source_identity(scene, key):
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    ada = scene.account.user("ada", allow(actions))
    role = scene.account.role("r", trust({"AWS": scene.account.id}, actions), allow("sqs:*"))
    one, two = ada.assume(role, SourceIdentity="ada"), ada.assume(role, SourceIdentity="bob")
    url = scene.queue(scene.other, equal(key, "ada"))
    return (lambda: ask(one, url)), (lambda: ask(two, url))


@case("aws:TokenIssueTime")
def token_issue_time(scene, key):
    ada = scene.account.user("ada", allow("sts:AssumeRole"))
    role = scene.account.role("r", trust({"AWS": scene.account.id}), allow("sqs:*"))
    early = ada.assume(role)
    scene.welkin.advance("10s")
    revoked = scene.now()
    scene.welkin.advance("10s")
    late = ada.assume(role)
    url = scene.queue(scene.other, equal(key, revoked.isoformat(), "DateGreaterThan"))
    return (lambda: ask(late, url)), (lambda: ask(early, url))


@case("aws:MultiFactorAuthPresent")
def second_factor(scene, key):
    ada = scene.account.user("ada", allow("sqs:*"))
    device = Device(scene.account)
    sts = ada.client("sts")
    without = Caller.of(scene.welkin, sts.get_session_token()["Credentials"])
    shown = Caller.of(scene.welkin, sts.get_session_token(**device.show())["Credentials"])
    url = scene.queue(scene.other, equal(key, "true", "Bool"))
    return (lambda: ask(shown, url)), (lambda: ask(without, url))


@case("aws:MultiFactorAuthAge")
def age_of_second_factor(scene, key):
    ada = scene.account.user("ada", allow("sqs:*"))
    device = Device(scene.account)
    shown = Caller.of(scene.welkin, ada.client("sts").get_session_token(**device.show())["Credentials"])
    url = scene.queue(scene.other, equal(key, "300", "NumericLessThan"))

    def late():
        scene.welkin.advance("6m")
        ask(shown, url)

    return (lambda: ask(shown, url)), late


@case("aws:FederatedProvider")
def federated_provider(scene, key):
    server = Server()
    scene.request.addfinalizer(server.close)
    sts = scene.welkin.client("sts", signature_version=botocore.UNSIGNED)

    def session(issuer, name):
        role = scene.account.role(name, issuer.trust(), allow("sqs:*"))
        answer = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName=name, WebIdentityToken=issuer.token())
        return Caller.of(scene.welkin, answer["Credentials"])

    one, two = Issuer(server, scene.account), Issuer(server, scene.account)
    right, wrong = session(one, "one"), session(two, "two")
    url = scene.queue(scene.other, equal(key, one.arn))
    return (lambda: ask(right, url)), (lambda: ask(wrong, url))


@case("aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast")
def called_via(scene, key):
    condition = {
        "aws:ViaAWSService": equal(key, "true", "Bool"),
        "aws:CalledVia": equal(key, ["sqs.amazonaws.com"], "ForAnyValue:StringEquals"),
    }.get(key, equal(key, "sqs.amazonaws.com"))
    kms, sqs = scene.account.client("kms"), scene.account.client("sqs")
    id = kms.create_key()["KeyMetadata"]["KeyId"]
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": id})["QueueUrl"]
    ada = scene.account.user("ada", allow("sqs:*"), allow("kms:*", Condition=condition))
    return (
        lambda: ada.client("sqs").send_message(QueueUrl=url, MessageBody="x"),
        lambda: ada.client("kms").generate_data_key(KeyId=id, KeySpec="AES_256"),
    )


@case(
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
)
def service_principal(scene, key):
    """A trail writes to a bucket of another account as the service principal of CloudTrail."""
    owner = scene.organization.member if "Org" in key else scene.account
    trail = f"arn:aws:cloudtrail:us-east-1:{owner.id}:trail/trail"
    right, wrong = {
        "aws:PrincipalIsAWSService": (equal(key, "true", "Bool"), equal(key, "false", "Bool")),
        "aws:PrincipalServiceName": (equal(key, "cloudtrail.amazonaws.com"), equal(key, "config.amazonaws.com")),
        "aws:PrincipalServiceNamesList": (
            equal(key, ["cloudtrail.amazonaws.com"], "ForAnyValue:StringEquals"),
            equal(key, ["config.amazonaws.com"], "ForAnyValue:StringEquals"),
        ),
        "aws:SourceArn": (equal(key, trail, "ArnEquals"), equal(key, trail + "-2", "ArnEquals")),
        "aws:SourceAccount": (equal(key, owner.id), equal(key, scene.other.id)),
    }.get(key, (None, None))
    if key == "aws:SourceOrgID":
        right, wrong = equal(key, scene.organization.id), equal(key, "o-0123456789")
    if key == "aws:SourceOrgPaths":
        right = equal(key, scene.organization.path, "ForAnyValue:StringLike")
        wrong = equal(key, "o-0123456789/*", "ForAnyValue:StringLike")

    def create(condition):
        bucket = f"logs-{random.randrange(1 << 48):012x}"
        s3 = scene.other.client("s3")
        s3.create_bucket(Bucket=bucket)
        service = {"Service": "cloudtrail.amazonaws.com"}
        policy = document(
            allow("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", Principal=service, Condition=condition),
            allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*", Principal=service, Condition=condition),
        )
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        trails = owner.client("cloudtrail")
        trails.create_trail(Name="trail", S3BucketName=bucket)
        trails.delete_trail(Name="trail")

    return (lambda: create(right)), (lambda: create(wrong))


@case("aws:ResourceTag/team")
def resource_tag(scene, key):
    ada = scene.guarded("iam:GetUser", equal(key, "a"))
    for name in ("a", "b"):
        scene.account.iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": name}])
    iam = ada.client("iam")
    return (lambda: iam.get_user(UserName="a")), (lambda: iam.get_user(UserName="b"))


@case("aws:RequestTag/team")
def request_tag(scene, key):
    iam = scene.guarded("iam:TagUser", equal(key, "a"), name="ada").client("iam")
    tag = lambda value: lambda: iam.tag_user(UserName="ada", Tags=[{"Key": "team", "Value": value}])
    return tag("a"), tag("b")


@case("aws:TagKeys")
def tag_keys(scene, key):
    iam = scene.guarded("iam:TagUser", equal(key, ["team", "cost"], "ForAllValues:StringEquals"), name="ada").client("iam")
    tag = lambda *keys: lambda: iam.tag_user(UserName="ada", Tags=[{"Key": key, "Value": "x"} for key in keys])
    return tag("team"), tag("team", "other")


@case("aws:ResourceAccount")
def resource_account(scene, key):
    ada = scene.guarded("sqs:*", equal(key, scene.other.id))
    theirs, strange = scene.queue(scene.other), scene.queue(Account(scene.welkin))
    return (lambda: ask(ada, theirs)), (lambda: ask(ada, strange))


@case("aws:ResourceOrgID", "aws:ResourceOrgPaths")
def resource_organization(scene, key):
    organization = scene.organization
    if key == "aws:ResourceOrgID":
        condition = equal(key, organization.id)
    else:
        condition = equal(key, [organization.path], "ForAnyValue:StringEquals")
    ada = scene.guarded("sqs:*", condition)
    theirs, strange = scene.queue(organization.member), scene.queue(scene.other)
    return (lambda: ask(ada, theirs)), (lambda: ask(ada, strange))


@case("aws:SourceIp")
def source_ip(scene, key):
    """Every address of 127.0.0.0/8 is this machine's, so a client can come from another one."""
    ada = scene.guarded("iam:ListUsers", equal(key, "127.0.0.1/32", "IpAddress"))
    here, there = ada.client("iam"), ada.client("iam")
    bind(there, "127.0.0.2")
    return here.list_users, there.list_users


def bind(client, address):
    manager = client._endpoint.http_session._manager
    manager.connection_pool_kw["source_address"] = (address, 0)


@case("aws:SecureTransport")
def secure_transport(scene, key):
    import boto3

    ada = scene.guarded("iam:ListUsers", equal(key, "true", "Bool"))
    https = scene.welkin.endpoint.replace("http://", "https://")
    options = dict(region_name="us-east-1", aws_access_key_id=ada.key, aws_secret_access_key=ada.secret)
    return boto3.client("iam", endpoint_url=https, verify=False, **options).list_users, users(ada)


@case("aws:RequestedRegion")
def requested_region(scene, key):
    ada = scene.guarded("sqs:ListQueues", equal(key, ["eu-west-1"]))
    return (
        lambda: ada.client("sqs", region="eu-west-1").list_queues(),
        lambda: ada.client("sqs", region="us-east-1").list_queues(),
    )


@case("aws:UserAgent")
def user_agent(scene, key):
    ada = scene.guarded("iam:ListUsers", equal(key, "agent-a*", "StringLike"))
    return users(ada, user_agent="agent-a/1"), users(ada, user_agent="agent-b/1")


@case("aws:referer")
def referer(scene, key):
    ada = scene.guarded("iam:ListUsers", equal(key, "https://a.example/*", "StringLike"))

    def client(header):
        iam = ada.client("iam")
        iam.meta.events.register("before-sign.iam", lambda request, **_: request.headers.add_header("Referer", header))
        return iam.list_users

    return client("https://a.example/page"), client("https://b.example/page")


@case("aws:CurrentTime")
def current_time(scene, key):
    return by_time(scene, lambda at: equal(key, at.isoformat(), "DateLessThan"))


@case("aws:EpochTime")
def epoch_time(scene, key):
    return by_time(scene, lambda at: equal(key, str(int(at.timestamp())), "NumericLessThan"))


def by_time(scene, condition):
    ada = scene.guarded("iam:ListUsers", condition(scene.now() + datetime.timedelta(seconds=30)))

    def late():
        scene.welkin.advance("31s")
        ada.client("iam").list_users()

    return users(ada), late


@case("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
def source_vpc(scene, key):
    """No call comes through a VPC endpoint, so the keys are absent."""
    wrong = {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-1"}.get(key)
    condition = equal(key, wrong) if wrong else equal(key, "10.0.0.0/8", "IpAddress")
    return users(scene.guarded("iam:ListUsers", equal(key, "true", "Null"))), users(scene.guarded("iam:ListUsers", condition))


# The keys of the reference that a call of the services that are here can have.
DOCUMENTED = """
aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider
aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService
aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/team
aws:PrincipalType aws:RequestTag/team aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths
aws:ResourceTag/team aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID
aws:SourceOrgPaths aws:SourceVpc aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:ViaAWSService
aws:VpcSourceIp aws:referer aws:userid aws:username
"""


def test_every_key_has_a_case():
    assert set(CASES) == set(DOCUMENTED.split())


@pytest.mark.parametrize("key", sorted(CASES))
def test_a_call_needs_the_right_value_of(key, scene):
    right, other = CASES[key](scene, key)
    assert right() is not False
    with pytest.raises(ClientError) as raised:
        other()
    assert raised.value.response["Error"]["Code"] in DENIALS, raised.value.response
