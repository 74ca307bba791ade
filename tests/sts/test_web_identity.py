"""Roles for those whom an OpenID Connect issuer vouches for."""

import json

import botocore
import pytest
from identity import Caller, allow, deny, document, refused
from oidc import Issuer, Key, Server, encode, now

DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
NO_KEY = "Couldn't retrieve verification key from your identity provider"


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def issuer(server, account):
    return Issuer(server, account)


def ask(welkin, role, token, name="session", **more):
    """Asks as anybody can: the call is not signed."""
    sts = welkin.client("sts", signature_version=botocore.UNSIGNED)
    return sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName=name, WebIdentityToken=token, **more)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
def test_a_token_gives_a_session_of_the_role(welkin, account, server, algorithm):
    issuer = Issuer(server, account, key=Key(algorithm))
    role = account.role("r", issuer.trust(), allow("iam:ListRoles"))
    asked = len(server.asked)
    answer = ask(welkin, role, issuer.token(), "web")
    assert len(server.asked) == asked + 2, "the configuration and the keys, once each"
    assert answer["SubjectFromWebIdentityToken"] == "user-1" and answer["Audience"] == "app"
    assert answer["Provider"] == issuer.arn
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/r/web"
    session = Caller.of(welkin, answer["Credentials"])
    assert session.arn() == answer["AssumedRoleUser"]["Arn"]
    assert session.client("iam").list_roles()["Roles"]
    with refused("AccessDenied", 403):
        session.client("iam").list_users()


def test_the_trust_policy_tests_the_claims(welkin, account, issuer):
    role = account.role("r", issuer.trust(aud="app", sub="repo:a/b"))
    assert ask(welkin, role, issuer.token(sub="repo:a/b"))
    with refused("AccessDenied", 403, DENIED):
        ask(welkin, role, issuer.token(sub="repo:a/c"))
    several = {"ForAnyValue:StringEquals": {f"{issuer.name}:amr": ["mfa"]}}
    statement = {"Effect": "Allow", "Principal": {"Federated": issuer.arn}, "Action": "sts:AssumeRoleWithWebIdentity"}
    account.iam.update_assume_role_policy(
        RoleName="r", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": several}]})
    )
    assert ask(welkin, role, issuer.token(amr=["pwd", "mfa"]))
    for without in ({}, {"amr": ["pwd"]}):
        with refused("AccessDenied", 403, DENIED):
            ask(welkin, role, issuer.token(**without))


def test_only_the_provider_that_the_role_trusts_opens_it(welkin, account, other, server, issuer):
    second = Issuer(server, account)
    role = account.role("r", issuer.trust())
    with refused("AccessDenied", 403, DENIED):
        ask(welkin, role, second.token())
    with refused("AccessDenied", 403, DENIED):
        ask(welkin, account.arn("role/missing"), issuer.token())
    foreign = other.role("r", issuer.trust())
    with refused("InvalidIdentityToken", 400, f"No OpenIDConnect provider found in your account for https://{issuer.name}"):
        ask(welkin, foreign, issuer.token())
    statement = {"Effect": "Deny", "Principal": {"Federated": issuer.arn}, "Action": "sts:*"}
    allowing = json.loads(issuer.trust())["Statement"][0]
    account.iam.update_assume_role_policy(
        RoleName="r", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowing, statement]})
    )
    with refused("AccessDenied", 403, DENIED):
        ask(welkin, role, issuer.token())


def test_tokens_are_valid_for_a_time(welkin, account, issuer):
    role = account.role("r", issuer.trust())
    token = issuer.token()
    assert ask(welkin, role, token)
    welkin.advance("11m")
    with refused("ExpiredTokenException", 400, "Token expired: current date/time"):
        ask(welkin, role, token)
    at = now(welkin)
    for late in ({"nbf": at + 3600, "exp": at + 7200}, {"iat": at + 3600, "exp": at + 7200}):
        with refused("InvalidIdentityToken", 400):
            ask(welkin, role, issuer.token(**late))


def test_tokens_are_for_an_audience_that_the_provider_names(welkin, account, issuer):
    role = account.role("r", issuer.trust())
    with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
        ask(welkin, role, issuer.token(aud="stranger"))
    assert ask(welkin, role, issuer.token(aud=["stranger", "app"]))
    assert ask(welkin, role, issuer.token(aud="stranger", azp="app"))["Audience"] == "app"
    with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
        ask(welkin, role, issuer.token(aud="app", azp="stranger"))
    for claim in ("aud", "sub", "exp", "iat"):
        with refused("InvalidIdentityToken", 400, f"Missing a required claim: {claim}"):
            ask(welkin, role, issuer.token(**{claim: None}))


def test_a_token_that_the_issuer_did_not_sign_is_refused(welkin, account, issuer):
    role = account.role("r", issuer.trust())
    genuine = issuer.token()
    header, claims, signature = genuine.split(".")
    forged = encode(issuer.claims(sub="admin"))
    unsigned = encode({"alg": "none"})
    hmac = encode({"alg": "HS256", "kid": issuer.key.kid})
    tokens = [
        f"{header}.{forged}.{signature}",
        f"{header}.{claims}.{signature[:-4]}",
        f"{header}.{claims}.",
        f"{unsigned}.{claims}.",
        f"{hmac}.{claims}.{signature}",
        f"{header}.{claims}",
        "not.a.token",
        Key(kid=issuer.key.kid).token(issuer.claims()),
        Key("ES256", kid=issuer.key.kid).token(issuer.claims()),
        issuer.key.token(issuer.claims(), kid="another"),
        issuer.key.token(issuer.claims(), crit=["x"]),
        issuer.key.token(issuer.claims(), jwk=Key().public(), kid="another"),
    ]
    for token in tokens:
        with refused("InvalidIdentityToken", 400):
            ask(welkin, role, token)
    assert ask(welkin, role, genuine)


def test_keys_are_those_that_the_issuer_publishes_now(welkin, account, issuer):
    role = account.role("r", issuer.trust())
    new = Key(kid="key-2")
    token = new.token(issuer.claims())
    with refused("InvalidIdentityToken", 400, NO_KEY):
        ask(welkin, role, token)
    issuer.publish(issuer.key, new)
    assert ask(welkin, role, token) and ask(welkin, role, issuer.token())
    issuer.publish(new)
    with refused("InvalidIdentityToken", 400, NO_KEY):
        ask(welkin, role, issuer.token())


def test_what_an_issuer_can_do_wrong(welkin, account, server, issuer):
    role = account.role("r", issuer.trust())
    token, documents = issuer.token(), server.documents
    configuration, keys = f"{issuer.path}/.well-known/openid-configuration", f"{issuer.path}/keys"
    fine = dict(documents)
    wrong = [
        (configuration, None),
        (configuration, b"<html>"),
        (configuration, {**fine[configuration], "issuer": "https://other.example"}),
        (configuration, {**fine[configuration], "jwks_uri": f"http://{issuer.name}/keys"}),
        (keys, None),
        (keys, {"keys": []}),
        (keys, b"{" + b" " * (1 << 20)),
        (keys, (302, b"")),
    ]
    for path, document in wrong:
        documents[path] = document
        with refused("InvalidIdentityToken", 400, NO_KEY):
            ask(welkin, role, token)
        documents.update(fine)
    documents[keys] = (503, b"")
    with refused("IDPCommunicationError", 400):
        ask(welkin, role, token)
    documents.update(fine)
    assert ask(welkin, role, token)


def test_an_issuer_that_is_down_is_told(welkin, account):
    server = Server()
    issuer = Issuer(server, account)
    role, token = account.role("r", issuer.trust()), issuer.token()
    assert ask(welkin, role, token)
    server.close()
    with refused("IDPCommunicationError", 400):
        ask(welkin, role, token)


def test_the_certificate_must_be_the_one_of_the_thumbprint(welkin, account, server):
    issuer = Issuer(server, account, thumbprint="0" * 40)
    role = account.role("r", issuer.trust())
    asked = len(server.asked)
    with refused("InvalidIdentityToken", 400, "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"):
        ask(welkin, role, issuer.token())
    assert len(server.asked) == asked, "nothing was read of a server that is not trusted"
    account.iam.update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=issuer.arn, ThumbprintList=["0" * 40, server.thumbprint.upper()]
    )
    assert ask(welkin, role, issuer.token())


def test_sessions_keep_who_the_provider_says_they_are(welkin, account, other, issuer):
    own = f"arn:aws:s3:::home-{account.id}/${{{issuer.name}:sub}}/*"
    role = account.role("r", issuer.trust(), allow("s3:PutObject", own), allow("sqs:*"))
    session = Caller.of(welkin, ask(welkin, role, issuer.token(sub="user-7"))["Credentials"])
    account.client("s3").create_bucket(Bucket=f"home-{account.id}")
    session.client("s3").put_object(Bucket=f"home-{account.id}", Key="user-7/x", Body=b"x")
    with refused("AccessDenied", 403):
        session.client("s3").put_object(Bucket=f"home-{account.id}", Key="user-8/x", Body=b"x")
    sqs = other.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    for provider, admitted in ((issuer.arn, True), (issuer.arn + "x", False)):
        condition = {"StringEquals": {"aws:FederatedProvider": provider}}
        policy = document(allow("sqs:GetQueueAttributes", Principal="*", Condition=condition))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        if admitted:
            assert session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        else:
            with refused("AccessDenied", 403):
                session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])


def test_tags_and_a_source_identity_come_with_the_token(welkin, account, issuer):
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "a", "aws:SourceIdentity": "ada"}}
    plain = account.role("plain", issuer.trust())
    role = account.role("r", issuer.trust("sts:TagSession", "sts:SetSourceIdentity"), allow("iam:ListRoles", Condition=tagged))
    nested = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]}}
    flat = {"https://aws.amazon.com/tags/principal_tags/team": ["a"]}
    for tags in (nested, flat):
        token = issuer.token(**tags, **{"https://aws.amazon.com/source_identity": "ada"})
        answer = ask(welkin, role, token)
        assert answer["SourceIdentity"] == "ada" and answer["PackedPolicySize"] > 0
        assert Caller.of(welkin, answer["Credentials"]).client("iam").list_roles()["Roles"]
        with refused("AccessDenied", 403, "Not authorized to perform sts:TagSession"):
            ask(welkin, plain, token)
    with refused("AccessDenied", 403, "Not authorized to perform sts:SetSourceIdentity"):
        ask(welkin, plain, issuer.token(**{"https://aws.amazon.com/source_identity": "ada"}))
    with refused("InvalidIdentityToken", 400, "Source Identity must match"):
        ask(welkin, role, issuer.token(**{"https://aws.amazon.com/source_identity": "aws:ada"}))


def test_sessions_last_as_long_as_asked_and_can_be_limited(welkin, account, issuer):
    role = account.role("r", issuer.trust(), allow("iam:*"))
    with refused("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        ask(welkin, role, issuer.token(), DurationSeconds=3601)
    answer = ask(welkin, role, issuer.token(), DurationSeconds=900, Policy=document(allow("iam:ListRoles")))
    session = Caller.of(welkin, answer["Credentials"]).client("iam")
    assert session.list_roles()["Roles"]
    with refused("AccessDenied", 403, "because no session policy allows"):
        session.list_users()
    welkin.advance("16m")
    with refused("ExpiredToken", 403):
        session.list_roles()


def test_a_session_goes_on_by_a_chain_of_an_hour(welkin, account, issuer):
    role = account.role("r", issuer.trust(), allow("sts:AssumeRole"))
    session = Caller.of(welkin, ask(welkin, role, issuer.token())["Credentials"])
    trust = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole"}
    second = account.role("second", document(trust), MaxSessionDuration=7200)
    assert session.assume(second)
    with refused("ValidationError", 400, "1 hour session limit for roles assumed by role chaining"):
        session.assume(second, DurationSeconds=7200)


def test_a_provider_that_is_no_more_vouches_for_nobody(welkin, account, issuer):
    role, token = account.role("r", issuer.trust(), allow("iam:ListRoles")), issuer.token()
    assert ask(welkin, role, token)
    account.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=issuer.arn)
    with refused("InvalidIdentityToken", 400, "No OpenIDConnect provider found"):
        ask(welkin, role, token)


def test_the_record_tells_the_provider_and_the_subject(welkin, account, issuer):
    role = account.role("r", issuer.trust(sub="user-1"))
    ask(welkin, role, issuer.token())
    with refused("AccessDenied", 403):
        ask(welkin, role, issuer.token(sub="user-2"))
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "AssumeRoleWithWebIdentity"}]
    events = account.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in events]
    identities = {record["userIdentity"]["userName"]: record for record in records}
    assert set(identities) == {"user-1", "user-2"} and identities["user-2"]["errorCode"] == "AccessDenied"
    identity = identities["user-1"]["userIdentity"]
    assert identity["type"] == "WebIdentityUser" and identity["identityProvider"] == issuer.arn
    assert identity["principalId"] == f"{issuer.arn}:app:user-1"
    assert "eyJ" not in json.dumps(records), "tokens are not on the record"
    account.iam.put_role_policy(RoleName="r", PolicyName="own", PolicyDocument=document(allow("iam:ListRoles")))
    Caller.of(welkin, ask(welkin, role, issuer.token())["Credentials"]).client("iam").list_roles()
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "ListRoles"}]
    (event,) = account.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
    context = json.loads(event["CloudTrailEvent"])["userIdentity"]["sessionContext"]
    assert context["webIdFederationData"]["federatedProvider"] == issuer.arn


def test_access_tokens_of_other_kinds_are_refused_by_name(welkin, account, issuer):
    role = account.role("r", issuer.trust())
    with refused("NotImplemented", 501, "www.amazon.com"):
        ask(welkin, role, "Atza|token", ProviderId="www.amazon.com")


def test_a_denial_by_the_owners_organization_binds_federated_callers(welkin, server):
    from identity import Account

    management = Account(welkin)
    organizations = management.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="m", Email=f"m@{management.id}.example")["CreateAccountStatus"]
    while made["State"] == "IN_PROGRESS":
        made = organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    member = Account(welkin, made["AccountId"])
    issuer = Issuer(server, member)
    role = member.role("r", issuer.trust())
    assert ask(welkin, role, issuer.token())
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    unless = {"StringNotEqualsIfExists": {f"{issuer.name}:sub": "user-1"}}
    content = document(deny("sts:AssumeRoleWithWebIdentity", Principal="*", Condition=unless))
    policy = organizations.create_policy(Content=content, Name="p", Description="", Type="RESOURCE_CONTROL_POLICY")
    organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=root)
    assert ask(welkin, role, issuer.token())
    with refused("AccessDenied", 403, DENIED):
        ask(welkin, role, issuer.token(sub="user-2"))
