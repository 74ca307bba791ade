"""Signatures and tokens that are forged, replayed, cut short, or turned to another purpose."""

import base64
import dataclasses
import datetime
import re
import urllib.error
import urllib.request

import pytest
import raw
from identity import Account, Caller, allow, trust

SIGNATURE = re.compile(r"Signature=([0-9a-f]{64})")


@pytest.fixture
def ada(account):
    return account.user("ada", allow("*"))


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def refuse(welkin, message, code, status=403, saying=""):
    answered = message.send(welkin)
    assert answered[:2] == (status, code), answered
    assert saying in answered[2], answered


def test_what_is_signed_rightly_is_served(welkin, ada):
    assert raw.who(ada).send(welkin)[0] == 200
    assert raw.users(ada).send(welkin)[0] == 200


def test_a_forged_signature_is_refused(welkin, ada):
    genuine = raw.who(ada)
    turned = lambda m: f"Signature={m[1][:-1]}{'0' if m[1][-1] != '0' else '1'}"  # noqa: E731
    for change in (
        lambda text: SIGNATURE.sub(turned, text),
        lambda text: SIGNATURE.sub("Signature=" + "0" * 64, text),
        lambda text: SIGNATURE.sub(lambda m: "Signature=" + m[1].upper()[::-1], text),
        lambda text: SIGNATURE.sub(lambda m: "Signature=" + m[1][:32], text),
        lambda text: SIGNATURE.sub(lambda m: "Signature=" + m[1] + "00", text),
    ):
        refuse(welkin, genuine.with_authorization(change), "SignatureDoesNotMatch")
    assert genuine.send(welkin)[0] == 200


def test_a_signature_that_is_cut_short_is_refused(welkin, ada):
    genuine = raw.who(ada)
    for change in (
        lambda text: text[: text.index(", Signature=")],
        lambda text: text[: text.index("SignedHeaders=")],
        lambda text: text[: text.index("Credential=")],
        lambda text: text.replace("/aws4_request", ""),
        lambda text: text.replace("Credential=", "Credential"),
    ):
        refuse(welkin, genuine.with_authorization(change), "IncompleteSignature", 400)
    refuse(welkin, genuine.with_authorization(lambda text: SIGNATURE.sub("Signature=", text)), "IncompleteSignature", 400)
    refuse(welkin, genuine.with_header("Authorization", None), "MissingAuthenticationToken")
    refuse(welkin, genuine.with_header("X-Amz-Date", None), "IncompleteSignature", 400)


def test_a_key_needs_its_own_secret(welkin, account, ada):
    bob = account.user("bob", allow("*"))
    for key, secret in ((ada.key, bob.secret), (ada.key, ""), (ada.key, ada.secret[:-1]), (ada.key, ada.secret + "A")):
        refuse(welkin, raw.who(Caller(welkin, key, secret)), "SignatureDoesNotMatch")
    unknown = ada.key[:-1] + ("A" if ada.key[-1] != "A" else "B")
    refuse(welkin, raw.who(Caller(welkin, unknown, ada.secret)), "InvalidClientTokenId")


def test_a_signature_is_for_one_service(welkin, ada):
    for caller, action in (("iam", raw.who), ("sts", raw.users)):
        genuine = action(ada)
        own = "sts" if action is raw.who else "iam"
        moved = genuine.with_authorization(lambda text: text.replace(f"/{own}/", f"/{caller}/"))  # noqa: B023
        status, code, message = moved.send(welkin)
        assert status in (400, 403, 404) and code in ("SignatureDoesNotMatch", "InvalidAction"), (status, code, message)
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    other = raw.sign(ada, "sqs", body=body, Content_Type="application/x-www-form-urlencoded")
    status, code, _ = other.send(welkin)
    assert status != 200 and code in ("SignatureDoesNotMatch", "InvalidAction"), (status, code)


def test_a_signature_is_for_one_region_and_one_day(welkin, ada):
    genuine = raw.sign(ada, "sqs", body=b"{}", X_Amz_Target="AmazonSQS.ListQueues", Content_Type="application/x-amz-json-1.0")
    assert genuine.send(welkin)[0] == 200
    moved = genuine.with_authorization(lambda text: text.replace("/us-east-1/", "/eu-west-1/"))
    refuse(welkin, moved, "SignatureDoesNotMatch")
    day = (now() - datetime.timedelta(days=1)).strftime("%Y%m%d")
    other = genuine.with_authorization(lambda text: re.sub(r"/\d{8}/", f"/{day}/", text))
    refuse(welkin, other, "SignatureDoesNotMatch")


def test_a_signature_is_for_one_request(welkin, ada):
    genuine = raw.users(ada)
    changed = {
        "body": dataclasses.replace(genuine, body=genuine.body.replace(b"ListUsers", b"ListRoles")),
        "path": dataclasses.replace(genuine, path="/other"),
        "query": dataclasses.replace(genuine, query="MaxItems=1"),
        "host": genuine.with_header("Host", "evil.example"),
        "date": genuine.with_header("X-Amz-Date", (now() - datetime.timedelta(seconds=60)).strftime("%Y%m%dT%H%M%SZ")),
        "content type": genuine.with_header("Content-Type", "application/x-www-form-urlencoded"),
    }
    for what, message in changed.items():
        status, code, text = message.send(welkin)
        assert (status, code) == (403, "SignatureDoesNotMatch"), (what, status, code, text)
    query = "Action=ListUsers&Version=2010-05-08"
    asked = raw.sign(ada, "iam", method="GET", query=query)
    assert asked.send(welkin)[0] == 200
    refuse(welkin, dataclasses.replace(asked, query=query.replace("ListUsers", "ListRoles")), "SignatureDoesNotMatch")
    refuse(welkin, dataclasses.replace(asked, method="DELETE"), "SignatureDoesNotMatch")


def test_a_header_that_matters_must_be_signed(welkin, ada):
    genuine = raw.who(ada)
    unsigned = lambda text: text.replace("content-type;host;", "content-type;")  # noqa: E731
    status, code, _ = genuine.with_authorization(unsigned).send(welkin)
    assert (status, code) == (403, "SignatureDoesNotMatch")
    s3 = raw.sign(ada, "s3", method="GET")
    assert s3.send(welkin)[0] == 200
    refuse(welkin, s3.with_header("x-amz-acl", "public-read"), "AccessDenied", saying="headers present in the request which were not signed")


def test_a_request_that_is_sent_again_later_is_refused(welkin, ada):
    minutes = lambda n: now() + datetime.timedelta(minutes=n)  # noqa: E731
    refuse(welkin, raw.who(ada, at=minutes(-16)), "SignatureDoesNotMatch", saying="Signature expired")
    refuse(welkin, raw.who(ada, at=minutes(16)), "SignatureDoesNotMatch", saying="Signature not yet current")
    refuse(welkin, raw.sign(ada, "s3", method="GET", at=minutes(-16)), "RequestTimeTooSkewed")
    assert raw.who(ada, at=minutes(-2)).send(welkin)[0] == 200, "clocks may differ a little"


def test_a_presigned_url_is_for_one_object_and_a_time(welkin, account, ada):
    s3 = ada.client("s3")
    bucket = f"b-{account.id}"
    s3.create_bucket(Bucket=bucket)
    for key in ("open", "secret"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    by_query = ada.client("s3", signature_version="s3v4")
    url = by_query.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "open"}, ExpiresIn=60)

    def fetch(url, method="GET"):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, re.search(rb"<Code>(.*?)</Code>", error.read())[1].decode()

    assert fetch(url) == (200, b"open")
    for changed in (url.replace("/open", "/secret"), url.replace("X-Amz-Expires=60", "X-Amz-Expires=600")):
        assert changed != url and fetch(changed) == (403, "SignatureDoesNotMatch")
    assert fetch(url, "DELETE") == (403, "SignatureDoesNotMatch")
    assert s3.get_object(Bucket=bucket, Key="open")["Body"].read() == b"open"


@pytest.fixture
def session(account):
    bob = account.user("bob", allow("sts:AssumeRole"))
    return bob.assume(account.role("r", trust({"AWS": account.id}), allow("*")))


def test_a_session_token_is_the_one_that_was_issued(welkin, session):
    """InvalidClientTokenId, whatever was changed: nothing of the token can be read, so nothing can be told."""
    assert raw.who(session).send(welkin)[0] == 200
    token = base64.b64decode(session.token)
    flips = [bytes([*token[:at], token[at] ^ 1, *token[at + 1 :]]) for at in range(0, len(token), max(1, len(token) // 40))]
    changed = [base64.b64encode(flipped).decode() for flipped in flips]
    changed += [session.token[:-4], session.token[4:], session.token + "AAAA", session.token[::-1], "", "x", "A" * 4096]
    for token in changed:
        forged = Caller(welkin, session.key, session.secret, token or None)
        refuse(welkin, raw.who(forged), "InvalidClientTokenId")


def test_a_session_token_is_for_its_own_key(welkin, account, session, ada):
    other = ada.assume(account.role("other", trust({"AWS": account.id})))
    for key, secret, token in (
        (session.key, session.secret, other.token),
        (other.key, other.secret, session.token),
        (ada.key, ada.secret, session.token),
    ):
        refuse(welkin, raw.who(Caller(welkin, key, secret, token)), "InvalidClientTokenId")
    swapped = Caller(welkin, session.key, other.secret, session.token)
    refuse(welkin, raw.who(swapped), "SignatureDoesNotMatch")
    moved = raw.who(session).with_header("X-Amz-Security-Token", other.token)
    refuse(welkin, moved, "InvalidClientTokenId")
    refuse(welkin, raw.who(session).with_header("X-Amz-Security-Token", None), "InvalidClientTokenId")


def test_a_session_token_of_another_cloud_is_none(welkin, start):
    """Another Welkin has another root key."""
    with start("--memory") as other:
        theirs = Account(other)
        session = theirs.user("eve", allow("sts:AssumeRole")).assume(theirs.role("r", trust({"AWS": theirs.id}), allow("*")))
        assert raw.who(session).send(other)[0] == 200
        refuse(welkin, raw.who(Caller(welkin, session.key, session.secret, session.token)), "InvalidClientTokenId")


def test_a_message_of_one_denial_tells_nothing_to_whom_may_not_decode_it(welkin, account):
    eve = account.user("eve")
    message = raw.query_api(eve, "sts", "DecodeAuthorizationMessage", "2011-06-15", EncodedMessage="A" * 64)
    refuse(welkin, message, "AccessDenied")
