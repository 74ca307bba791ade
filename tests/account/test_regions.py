"""Regions that accounts opt in to, and what they refuse before."""

import json

import pytest
from identity import Account, allow, refused, trust

REGION = "eu-south-2"
OPT_IN = 17


def regions(api, **more):
    pages = api.get_paginator("list_regions").paginate(**more)
    return {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}


def status(account, region=REGION):
    return account.client("account").get_region_opt_status(RegionName=region)["RegionOptStatus"]


def enable(account, region=REGION):
    account.client("account").enable_region(RegionName=region)
    account.welkin.advance("10m")
    assert status(account, region) == "ENABLED"


def test_regions_are_listed_in_pages_and_by_status(account):
    api = account.client("account")
    listed = regions(api)
    assert listed["us-east-1"] == "ENABLED_BY_DEFAULT" and listed[REGION] == "DISABLED"
    assert len([one for one in listed.values() if one == "DISABLED"]) == OPT_IN and len(listed) == 34
    assert regions(api, PaginationConfig={"PageSize": 5}) == listed
    assert set(regions(api, RegionOptStatusContains=["DISABLED"]).values()) == {"DISABLED"}
    assert "cn-north-1" not in listed
    with refused("ValidationException", 400):
        api.list_regions(NextToken="?")
    with refused("ValidationException", 400):
        api.get_region_opt_status(RegionName="xx-west-1")


def test_a_region_is_enabled_and_disabled_by_the_clock(account, welkin):
    api = account.client("account")
    api.enable_region(RegionName=REGION)
    api.enable_region(RegionName=REGION)
    assert status(account) == "ENABLING"
    with refused("ConflictException", 409):
        api.disable_region(RegionName=REGION)
    with refused("InvalidClientTokenId", 403):
        account.client("sts", region=REGION).get_caller_identity()
    welkin.advance("10m")
    assert status(account) == "ENABLED" == regions(api)[REGION]
    assert account.client("sqs", region=REGION).create_queue(QueueName="q")["QueueUrl"]
    api.disable_region(RegionName=REGION)
    assert status(account) == "DISABLING"
    with refused("ConflictException", 409):
        api.enable_region(RegionName=REGION)
    welkin.advance("10m")
    assert status(account) == "DISABLED"
    enable(account)
    assert account.client("sqs", region=REGION).get_queue_url(QueueName="q")["QueueUrl"], "what was there is there"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_regions_by_default_are_neither_enabled_nor_disabled(account, region):
    api = account.client("account")
    for call in (api.enable_region, api.disable_region):
        with refused("ValidationException", 400) as raised:
            call(RegionName=region)
        assert raised.value.response["reason"] == "invalidRegionOptTarget"
    assert status(account, region) == "ENABLED_BY_DEFAULT"


def test_a_region_that_is_not_enabled_knows_nobody(account):
    ada = account.user("ada", allow("*"))
    session = ada.client("sts").get_session_token()["Credentials"]
    for caller in (account, ada):
        with refused("UnrecognizedClientException", 400):
            caller.client("kms", region=REGION).list_keys()
        with refused("InvalidClientTokenId", 403):
            caller.client("sqs", region=REGION).list_queues()
        with refused("InvalidAccessKeyId", 403):
            caller.client("s3", region=REGION).list_buckets()
        with refused("InvalidClientTokenId", 403):
            caller.client("sts", region=REGION).get_caller_identity()
    client = account.welkin.client(
        "kms", key=session["AccessKeyId"], secret=session["SecretAccessKey"], token=session["SessionToken"], region=REGION
    )
    with refused("UnrecognizedClientException", 400):
        client.list_keys()
    assert ada.client("kms", region="eu-west-1").list_keys()["Keys"] == []
    enable(account)
    assert ada.client("kms", region=REGION).list_keys()["Keys"] == []
    assert client.list_keys()["Keys"] == []


def test_what_is_in_a_region_that_its_owner_disabled_nobody_can_use(account, welkin):
    other = Account(welkin)
    for one in (account, other):
        enable(one)
    queues = account.client("sqs", region=REGION)
    url = queues.create_queue(QueueName="q")["QueueUrl"]
    queues.add_permission(QueueUrl=url, Label="all", AWSAccountIds=[other.id], Actions=["SendMessage"])
    theirs = other.client("sqs", region=REGION)
    theirs.send_message(QueueUrl=url, MessageBody="x")
    role = account.role("r", trust({"AWS": other.id}))
    assert other.user("ada", allow("sts:AssumeRole")).client("sts", region=REGION).assume_role(
        RoleArn=role, RoleSessionName="session"
    )
    account.client("account").disable_region(RegionName=REGION)
    with refused("AccessDenied", 403):
        theirs.send_message(QueueUrl=url, MessageBody="x")
    bob = other.user("bob", allow("sts:AssumeRole"))
    with refused("RegionDisabledException", 403):
        bob.client("sts", region=REGION).assume_role(RoleArn=role, RoleSessionName="session")
    assert bob.assume(role)


def test_the_region_is_a_condition(account):
    condition = {"StringEquals": {"account:TargetRegion": REGION}}
    ada = account.user("ada", allow("account:EnableRegion", Condition=condition)).client("account")
    ada.enable_region(RegionName=REGION)
    with refused("AccessDeniedException", 403):
        ada.enable_region(RegionName="ap-east-1")
    with refused("AccessDeniedException", 403):
        ada.list_regions()


def test_the_management_account_enables_regions_of_members(company, spoke, welkin):
    manager = company.management.client("account")
    manager.enable_region(AccountId=spoke.id, RegionName=REGION)
    welkin.advance("10m")
    assert status(spoke) == "ENABLED" and status(company.management) == "DISABLED"
    assert regions(manager, AccountId=spoke.id)[REGION] == "ENABLED"
    assert manager.get_region_opt_status(AccountId=spoke.id, RegionName=REGION)["RegionOptStatus"] == "ENABLED"


def test_some_regions_at_a_time(account):
    api = account.client("account")
    off = sorted(regions(api, RegionOptStatusContains=["DISABLED"]))
    for region in off[:6]:
        api.enable_region(RegionName=region)
    with refused("TooManyRequestsException", 429):
        api.enable_region(RegionName=off[6])


def test_services_with_one_end_point_are_in_no_region(account):
    policy = {"Version": "2012-10-17", "Statement": [allow("iam:ListUsers")]}
    account.iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(policy))
    assert account.client("iam", region="us-east-1").list_users()["Users"] == []
