"""Roles for those whom a SAML identity provider vouches for."""

import base64
import copy
import hashlib
import json

import botocore
import pytest
from identity import Caller, allow, document, refused
from cryptography.hazmat.primitives import serialization
from lxml import etree
from saml import AWS, DS, SAML, SAMLP, SIGN_IN, Provider, encode, key_pair

DENIED = "Not authorized to perform sts:AssumeRoleWithSAML"
BAD_SIGNATURE = "Response signature invalid"


@pytest.fixture
def provider(account):
    return Provider(account)


@pytest.fixture
def role(account, provider):
    return account.role("r", provider.trust(), allow("iam:ListRoles"))


def ask(provider, role, response, principal=None, **more):
    """Asks as anybody can: the call is not signed."""
    sts = provider.account.welkin.client("sts", signature_version=botocore.UNSIGNED)
    return sts.assume_role_with_saml(
        RoleArn=role, PrincipalArn=principal or provider.arn, SAMLAssertion=response, **more
    )


def answered(provider, role, **options):
    return ask(provider, role, provider.response(role, **options))


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
def test_an_assertion_gives_a_session_of_the_role(account, kind, signed):
    provider = Provider(account, kind, name=f"idp-{kind}")
    role = account.role("r", provider.trust(), allow("iam:ListRoles"))
    answer = answered(provider, role, sign=signed)
    assert answer["Subject"] == "ada" and answer["SubjectType"] == "persistent"
    assert answer["Issuer"] == provider.entity and answer["Audience"] == SIGN_IN
    qualifier = hashlib.sha1(f"{provider.entity}{account.id}/{provider.name}".encode()).digest()
    assert answer["NameQualifier"] == base64.b64encode(qualifier).decode()
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/r/ada@example.com"
    session = Caller.of(account.welkin, answer["Credentials"])
    assert session.arn() == answer["AssumedRoleUser"]["Arn"] and session.client("iam").list_roles()["Roles"]
    with refused("AccessDenied", 403):
        session.client("iam").list_users()


def test_an_answer_that_is_not_signed_by_the_provider_is_refused(account, provider, role):
    stranger = Provider(account, name="stranger", entity=provider.entity)
    for response in (
        provider.response(role, sign="nothing"),
        stranger.response(role, sign="assertion").replace("", ""),
        encode(stranger.sign(provider.document(role, sign="nothing"))),
    ):
        with refused("InvalidIdentityToken", 400, BAD_SIGNATURE):
            ask(provider, role, response)


@pytest.mark.parametrize("signed", ["assertion", "response"])
def test_what_was_changed_after_it_was_signed_is_refused(provider, role, signed):
    genuine = provider.document(role, sign=signed)
    changes = {
        "subject": lambda d: set_text(d, "NameID", "root"),
        "attribute": lambda d: set_text(d, "AttributeValue", "x"),
        "condition": lambda d: d.find(f".//{{{SAML}}}Conditions").set("NotOnOrAfter", "2099-01-01T00:00:00Z"),
        "signature": lambda d: set_text(d, "SignatureValue", base64.b64encode(b"x" * 256).decode(), DS),
        "digest": lambda d: set_text(d, "DigestValue", base64.b64encode(b"x" * 32).decode(), DS),
        "identifier": lambda d: d.find(f".//{{{SAML}}}Assertion").set("ID", "_other"),
        "removed": lambda d: [s.getparent().remove(s) for s in d.iter(f"{{{DS}}}Signature")],
    }
    for what, change in changes.items():
        changed = copy.deepcopy(genuine)
        change(changed)
        with refused("InvalidIdentityToken", 400):
            ask(provider, role, encode(changed))
    assert ask(provider, role, encode(genuine))


def set_text(document, local, text, namespace=SAML):
    document.find(f".//{{{namespace}}}{local}").text = text


def wrapped(genuine, how):
    """Signature wrapping: what was signed is still there, but another assertion stands where it is looked for.
    https://www.usenix.org/system/files/conference/usenixsecurity12/sec12-final91.pdf"""
    attack = copy.deepcopy(genuine)
    signed = attack.find(f"{{{SAML}}}Assertion")
    signature = signed.find(f"{{{DS}}}Signature")
    evil = copy.deepcopy(signed)
    evil.remove(evil.find(f"{{{DS}}}Signature"))
    evil.find(f".//{{{SAML}}}NameID").text = "root"
    evil.set("ID", "_evil")
    if how == "evil before":
        attack.insert(attack.index(signed), evil)
    elif how == "evil after":
        attack.append(evil)
    elif how == "evil around":
        attack.replace(signed, evil)
        evil.append(signed)
    elif how == "evil with the signature, signed inside of it":
        attack.replace(signed, evil)
        signed.remove(signature)
        evil.insert(1, signature)
        signature.append(signed)
    elif how == "signed in an object":
        attack.replace(signed, evil)
        signed.remove(signature)
        evil.insert(1, signature)
        etree.SubElement(signature, f"{{{DS}}}Object").append(signed)
    elif how == "signed in extensions":
        extensions = etree.Element(f"{{{SAMLP}}}Extensions")
        attack.replace(signed, evil)
        extensions.append(signed)
        attack.insert(0, extensions)
    elif how == "the same identifier twice":
        evil.set("ID", signed.get("ID"))
        attack.insert(attack.index(signed), evil)
    elif how == "the signature on the response":
        attack.replace(signed, evil)
        signed.remove(signature)
        attack.append(signature)
        attack.append(signed)
    elif how == "a whole response around":
        outer = copy.deepcopy(genuine)
        outer.replace(outer.find(f"{{{SAML}}}Assertion"), evil)
        etree.SubElement(outer, f"{{{SAMLP}}}Extensions").append(genuine)
        return outer
    return attack


@pytest.mark.parametrize(
    "how",
    [
        "evil before",
        "evil after",
        "evil around",
        "evil with the signature, signed inside of it",
        "signed in an object",
        "signed in extensions",
        "the same identifier twice",
        "the signature on the response",
        "a whole response around",
    ],
)
def test_what_was_signed_is_what_is_read(provider, role, how):
    with refused("InvalidIdentityToken", 400):
        ask(provider, role, encode(wrapped(provider.document(role), how)))


def test_comments_do_not_cut_what_was_signed(provider, role):
    signed = etree.tostring(provider.document(role, subject="admin.evil.example"))
    commented = signed.replace(b">admin.evil.example<", b">admin<!-- -->.evil.example<")
    assert commented != signed
    answer = ask(provider, role, encode(commented))
    assert answer["Subject"] == "admin.evil.example"


def test_documents_with_types_and_entities_are_refused(provider, role):
    genuine = etree.tostring(provider.document(role))
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + genuine
    deep = b"<a>" * 5000 + b"</a>" * 5000
    for text in (bomb, b"<?pi x?>" + genuine, genuine + b"<a/>", genuine[:-5], deep, b"", b"x"):
        with refused("InvalidIdentityToken" if len(text) > 1 else "ValidationError" if not text else "InvalidIdentityToken"):
            ask(provider, role, encode(text))
    with refused("InvalidIdentityToken", 400):
        ask(provider, role, "not base 64!")


def test_weak_signatures_are_refused(provider, role):
    from signxml import XMLSigner, methods
    from signxml.algorithms import DigestAlgorithm, SignatureMethod

    class Weak(XMLSigner):
        def check_deprecated_methods(self):
            pass

    assertion = provider.assertion(role)
    signer = Weak(method=methods.enveloped, signature_algorithm=SignatureMethod.RSA_SHA1, digest_algorithm=DigestAlgorithm.SHA1,
                  c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    signed = signer.sign(assertion, key=provider.key, reference_uri=assertion.get("ID"), id_attribute="ID")
    response = provider.document(role)
    response.replace(response.find(f"{{{SAML}}}Assertion"), signed)
    with refused("InvalidIdentityToken", 400, BAD_SIGNATURE):
        ask(provider, role, encode(response))


def test_assertions_are_for_aws_and_for_now(account, provider, role):
    for options, code, message in (
        ({"audience": "https://other.example"}, "InvalidIdentityToken", "Response does not contain the required audience."),
        ({"recipient": "https://evil.example/saml"}, "InvalidIdentityToken", ""),
        ({"issued": -301}, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
        ({"ends": -1}, "ExpiredTokenException", "Response has expired"),
        ({"confirmed": -1}, "ExpiredTokenException", "Response has expired"),
        ({"session": -1}, "ExpiredTokenException", "Response has expired"),
        ({"begins": 3600, "ends": 7200}, "InvalidIdentityToken", ""),
        ({"issued": 3600}, "InvalidIdentityToken", ""),
        ({"issuer": "https://other.example"}, "InvalidIdentityToken", "Issuer not present in specified provider"),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, "IDPRejectedClaim", ""),
    ):
        with refused(code, 403 if code == "IDPRejectedClaim" else 400, message):
            answered(provider, role, **options)
    assert answered(provider, role, audience="urn:amazon:webservices")
    assert answered(provider, role, recipient="https://us-west-2.signin.aws.amazon.com/saml")["Audience"].startswith("https://us-west-2")
    response = provider.response(role)
    assert ask(provider, role, response)
    account.welkin.advance("6m")
    with refused("ExpiredTokenException", 400):
        ask(provider, role, response)


def test_the_assertion_names_role_and_provider(account, other, provider, role):
    second = account.role("second", provider.trust())
    for roles in ([], [f"{second},{provider.arn}"], [role], [f"{role},{provider.arn}x"]):
        with refused("AccessDenied", 403, DENIED):
            answered(provider, role, attributes={AWS + "Role": roles})
    turned = {AWS + "Role": [f"{second},{provider.arn}", f" {provider.arn} , {role} "]}
    assert answered(provider, role, attributes=turned)
    untrusting = account.role("untrusting", Provider(account, name="another").trust())
    with refused("AccessDenied", 403, DENIED):
        answered(provider, untrusting)
    with refused("InvalidIdentityToken", 400, "Specified provider doesn't exist"):
        ask(provider, role, provider.response(role), principal=account.arn("saml-provider/missing"))
    foreign = other.role("r", provider.trust())
    with refused("InvalidIdentityToken", 400, "Specified provider doesn't exist"):
        answered(provider, foreign)


def test_the_session_is_named_by_the_provider(provider, role):
    name = AWS + "RoleSessionName"
    with refused("InvalidIdentityToken", 400, "RoleSessionName is required in AuthnResponse"):
        answered(provider, role, attributes={name: []})
    for wrong in (["a"], ["x" * 65], ["a b"], ["one", "two"]):
        with refused("InvalidIdentityToken", 400, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"):
            answered(provider, role, attributes={name: wrong})


def test_the_trust_policy_tests_what_is_asserted(account, provider):
    affiliation = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"
    conditions = [
        ({"StringEquals": {"saml:aud": SIGN_IN}}, {}, {"recipient": "https://us-west-2.signin.aws.amazon.com/saml"}),
        ({"StringEquals": {"saml:iss": provider.entity}}, {}, None),
        ({"StringEquals": {"saml:sub": "ada", "saml:sub_type": "persistent"}}, {}, {"subject": "bob"}),
        ({"StringEquals": {"saml:sub_type": "transient"}}, {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, {}),
        (
            {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}},
            {"attributes": {affiliation: ["member", "staff"]}},
            {"attributes": {affiliation: ["student"]}},
        ),
        ({"StringEquals": {"sts:RoleSessionName": "ada@example.com"}}, {}, {"attributes": {AWS + "RoleSessionName": ["bob"]}}),
    ]
    for number, (condition, right, wrong) in enumerate(conditions):
        role = account.role(f"r{number}", provider.trust(condition=condition))
        assert answered(provider, role, **right)
        if wrong is not None:
            with refused("AccessDenied", 403, DENIED):
                answered(provider, role, **wrong)


def test_tags_and_a_source_identity_come_with_the_assertion(account, other, provider):
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "a", "aws:SourceIdentity": "ada"}}
    actions = ("sts:TagSession", "sts:SetSourceIdentity")
    role = account.role("r", provider.trust(*actions), allow("iam:ListRoles", Condition=tagged), allow(["sts:*"]))
    attributes = {
        AWS + "PrincipalTag:team": ["a"],
        AWS + "TransitiveTagKeys": ["team"],
        AWS + "SourceIdentity": ["ada"],
    }
    answer = answered(provider, role, attributes=attributes)
    assert answer["SourceIdentity"] == "ada" and answer["PackedPolicySize"] > 0
    session = Caller.of(account.welkin, answer["Credentials"])
    assert session.client("iam").list_roles()["Roles"]
    trust = {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": ["sts:AssumeRole", *actions]}
    second = other.role("second", document(trust), allow("iam:ListRoles", Condition=tagged))
    assert session.assume(second).client("iam").list_roles()["Roles"], "both pass on along a chain"
    plain = account.role("plain", provider.trust())
    with refused("AccessDenied", 403, "Not authorized to perform sts:TagSession"):
        answered(provider, plain, attributes=attributes)
    with refused("InvalidIdentityToken", 400, "Source Identity must match"):
        answered(provider, role, attributes={AWS + "SourceIdentity": ["aws:ada"]})


def test_sessions_end_when_the_providers_own_session_does(account, provider):
    role = account.role("r", provider.trust(), allow("iam:ListRoles"), MaxSessionDuration=7200)
    short = Caller.of(account.welkin, answered(provider, role, session=600)["Credentials"])
    long = Caller.of(account.welkin, ask(provider, role, provider.response(role), DurationSeconds=7200)["Credentials"])
    with refused("ValidationError", 400, "exceeds the MaxSessionDuration"):
        ask(provider, role, provider.response(role), DurationSeconds=7201)
    account.welkin.advance("11m")
    with refused("ExpiredToken", 403):
        short.client("iam").list_roles()
    assert long.client("iam").list_roles()["Roles"]


def test_session_policies_limit_and_federated_keys_stay(account, provider):
    own = {"StringEquals": {"saml:sub": "ada", "saml:sub_type": "persistent"}}
    role = account.role("r", provider.trust(), allow(["iam:ListRoles", "iam:ListUsers"], Condition=own))
    policy = document(allow("iam:ListRoles"))
    session = Caller.of(account.welkin, ask(provider, role, provider.response(role), Policy=policy)["Credentials"]).client("iam")
    assert session.list_roles()["Roles"]
    with refused("AccessDenied", 403, "because no session policy allows"):
        session.list_users()
    bob = Caller.of(account.welkin, answered(provider, role, subject="bob")["Credentials"])
    with refused("AccessDenied", 403):
        bob.client("iam").list_roles()


def test_a_provider_that_is_no_more_vouches_for_nobody(account, provider, role):
    response = provider.response(role)
    account.iam.delete_saml_provider(SAMLProviderArn=provider.arn)
    with refused("InvalidIdentityToken", 400, "Specified provider doesn't exist"):
        ask(provider, role, response)


def test_the_record_tells_the_provider_and_the_subject(account, provider, role):
    answer = answered(provider, role)
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "AssumeRoleWithSAML"}]
    (event,) = account.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    identity = record["userIdentity"]
    assert identity["type"] == "SAMLUser" and identity["userName"] == "ada"
    assert identity["principalId"] == f"{answer['NameQualifier']}:ada" and identity["identityProvider"] == answer["NameQualifier"]
    assert record["requestParameters"]["principalArn"] == provider.arn
    assert record["responseElements"]["subject"] == "ada"
    assert "PHNhbWxw" not in event["CloudTrailEvent"], "assertions are not on the record"


def decrypting(account, mode, form=serialization.PrivateFormat.PKCS8):
    """A provider whose assertions are encrypted for the account, and the key."""
    key, _ = key_pair("rsa", "decryption")
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return Provider(account, AssertionEncryptionMode=mode, AddPrivateKey=pem), key


@pytest.mark.parametrize("content", ["aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"])
@pytest.mark.parametrize("wrapping", ["sha1", "sha256"])
def test_encrypted_assertions_are_opened(account, content, wrapping):
    form = serialization.PrivateFormat.PKCS8 if wrapping == "sha1" else serialization.PrivateFormat.TraditionalOpenSSL
    provider, key = decrypting(account, "Required", form)
    role = account.role("r", provider.trust(), allow("iam:ListRoles"))
    for signed in ("assertion", "response", "both"):
        answer = answered(provider, role, sign=signed, encrypted=(key, content, wrapping))
        assert answer["Subject"] == "ada"
    assert Caller.of(account.welkin, answer["Credentials"]).client("iam").list_roles()["Roles"]


def test_encryption_is_no_signature_and_can_be_demanded(account):
    provider, key = decrypting(account, "Required")
    role = account.role("r", provider.trust())
    with refused("InvalidIdentityToken", 400, "must be encrypted"):
        answered(provider, role)
    with refused("InvalidIdentityToken", 400, BAD_SIGNATURE):
        answered(provider, role, sign="nothing", encrypted=(key,))
    stranger = key_pair("rsa", "stranger's")[0]
    for wrong in ((stranger,), (key, "aes256-gcm", "pkcs1")):
        with refused("InvalidIdentityToken", 400, "could not be decrypted"):
            answered(provider, role, encrypted=wrong)
    two = provider.document(role, encrypted=(key,))
    two.append(copy.deepcopy(two.find(f"{{{SAML}}}EncryptedAssertion")))
    beside = provider.document(role, encrypted=(key,))
    beside.append(provider.assertion(role))
    for response in (two, beside):
        with refused("InvalidIdentityToken", 400, "exactly one assertion"):
            ask(provider, role, encode(response))
    account.iam.update_saml_provider(SAMLProviderArn=provider.arn, AssertionEncryptionMode="Allowed")
    assert answered(provider, role) and answered(provider, role, encrypted=(key,))
    plain = Provider(account, name="plain")
    with refused("InvalidIdentityToken", 400, "could not be decrypted"):
        answered(plain, account.role("plain", plain.trust()), encrypted=(key,))
