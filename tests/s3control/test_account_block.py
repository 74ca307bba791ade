"""Block Public Access of an account and of an organization."""

import json
import time
import urllib.error
import urllib.request

import pytest
from conftest import code_of, error_of, put_bucket_policy
from identity import allow

ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
NONE = dict.fromkeys(ALL, False)


@pytest.fixture
def public(s3, bucket):
    """A bucket that itself blocks nothing, with an object in it."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"open")
    return bucket


def open_to_all(s3, bucket):
    put_bucket_policy(s3, bucket, allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Principal="*"))


def anonymous(welkin, bucket):
    try:
        with urllib.request.urlopen(f"{welkin.endpoint}/{bucket}/k") as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.code


def test_what_an_account_blocks_is_set_told_and_removed(control):
    assert code_of(control.get_public_access_block) == ("NoSuchPublicAccessBlockConfiguration", 404)
    control.put_public_access_block(PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    kept = control.get_public_access_block()["PublicAccessBlockConfiguration"]
    assert kept == {**NONE, "BlockPublicAcls": True}
    control.put_public_access_block(PublicAccessBlockConfiguration=ALL)
    assert control.get_public_access_block()["PublicAccessBlockConfiguration"] == ALL
    control.delete_public_access_block()
    assert code_of(control.get_public_access_block) == ("NoSuchPublicAccessBlockConfiguration", 404)
    control.delete_public_access_block()
    error = error_of(control.put_public_access_block, PublicAccessBlockConfiguration={})
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400)


def test_it_is_the_accounts_in_every_region(client, account, control):
    control.put_public_access_block(PublicAccessBlockConfiguration=ALL)
    elsewhere = client("s3control", account, region="eu-west-1")
    assert elsewhere.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == ALL


def test_public_policies_are_refused_by_the_account_though_the_bucket_takes_them(control, s3, public):
    control.put_public_access_block(PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    error = error_of(open_to_all, s3, public)
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and "BlockPublicPolicy" in error["Message"]
    control.delete_public_access_block()
    open_to_all(s3, public)


def test_a_public_bucket_is_restricted_by_the_account(welkin, client, control, s3, public):
    open_to_all(s3, public)
    assert anonymous(welkin, public) == b"open"
    control.put_public_access_block(PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert anonymous(welkin, public) == 403
    assert code_of(client("s3", welkin.account()).get_object, Bucket=public, Key="k") == ("AccessDenied", 403)
    assert s3.get_object(Bucket=public, Key="k")["Body"].read() == b"open"
    control.put_public_access_block(PublicAccessBlockConfiguration=NONE)
    assert anonymous(welkin, public) == b"open"
    # The bucket's own block counts beside the account's.
    s3.put_public_access_block(Bucket=public, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert anonymous(welkin, public) == 403


def test_an_accounts_block_needs_its_actions(as_user, control):
    put = {"PublicAccessBlockConfiguration": ALL}
    cases = [
        ("s3:PutAccountPublicAccessBlock", lambda c: c.put_public_access_block(**put)),
        ("s3:GetAccountPublicAccessBlock", lambda c: c.get_public_access_block()),
        ("s3:PutAccountPublicAccessBlock", lambda c: c.delete_public_access_block()),
    ]
    for action, call in cases:
        error = error_of(call, as_user("s3control", "s3:ListBucket"))
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and action in error["Message"]
        call(as_user("s3control", action))


def test_another_account_is_not_let_in(welkin, client, account):
    stranger = client("s3control", welkin.account())
    assert code_of(stranger.get_public_access_block, AccountId=account) == ("AccessDenied", 403)
    put = {"AccountId": account, "PublicAccessBlockConfiguration": NONE}
    assert code_of(stranger.put_public_access_block, **put) == ("AccessDenied", 403)


def test_host_prefixes_are_not_needed(welkin, account):
    """A client whose host prefix is taken away, as by AWS_DISABLE_HOST_PREFIX_INJECTION in other SDKs than boto3."""
    control = welkin.client("s3control", account)

    def plain(request, **_):
        request.url = request.url.replace(f"//{account}.", "//", 1)

    control.meta.events.register("before-sign.s3-control.*", plain)
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=ALL)
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == ALL


@pytest.fixture
def member(welkin, client):
    """An organization's management account and a member of it."""
    management = welkin.account()
    organizations = client("organizations", management)
    organizations.create_organization(FeatureSet="ALL")
    asked = organizations.create_account(Email=f"m@{management}.example", AccountName="m")["CreateAccountStatus"]
    deadline = time.monotonic() + 20
    while asked["State"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, asked
        time.sleep(0.02)
        asked = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="S3_POLICY")
    return organizations, root, asked["AccountId"]


def test_an_organization_decides_for_its_accounts(welkin, client, member):
    organizations, root, account = member
    s3, control = client("s3", account), client("s3control", account)
    bucket = f"of-{account}"
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"open")
    open_to_all(s3, bucket)
    assert anonymous(welkin, bucket) == b"open"
    content = {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}
    made = organizations.create_policy(Content=json.dumps(content), Name="s3", Description="", Type="S3_POLICY")
    of_all = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=of_all, TargetId=root)
    assert anonymous(welkin, bucket) == 403
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == ALL
    put = {"AccountId": account, "PublicAccessBlockConfiguration": NONE}
    assert code_of(control.put_public_access_block, **put) == ("AccessDenied", 403)
    assert code_of(control.delete_public_access_block, AccountId=account) == ("AccessDenied", 403)
    organizations.detach_policy(PolicyId=of_all, TargetId=root)
    assert anonymous(welkin, bucket) == b"open"
    control.put_public_access_block(**{**put, "PublicAccessBlockConfiguration": ALL})
    assert anonymous(welkin, bucket) == 403


def test_an_organization_may_say_that_nothing_is_blocked(welkin, client, member):
    organizations, root, account = member
    s3, control = client("s3", account), client("s3control", account)
    bucket = f"of-{account}"
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=ALL)
    assert code_of(open_to_all, s3, bucket) == ("AccessDenied", 403)
    content = {"s3_attributes": {"public_access_block_configuration": {"@@assign": "none"}}}
    made = organizations.create_policy(Content=json.dumps(content), Name="s3", Description="", Type="S3_POLICY")
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)
    open_to_all(s3, bucket)
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == NONE
