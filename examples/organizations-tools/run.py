"""A tool over all accounts and Regions of an organization. See README.md."""

import json
import pathlib
import tempfile

from botocore.exceptions import ClientError

from company import ROLE, SINGLE_SIGN_ON, Tavern, advance
from scan import Scan

OPT_IN = "eu-south-2"


def refusal(call, **arguments):
    """The code of the refusal that the call must end in."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call was allowed")


def opt_in(tavern, accounts):
    """Enables a Region in the management account and in members; it takes minutes."""
    manager = tavern.root("account")
    manager.enable_region(RegionName=OPT_IN)
    for account in accounts:
        manager.enable_region(AccountId=account, RegionName=OPT_IN)
    assert manager.get_region_opt_status(RegionName=OPT_IN)["RegionOptStatus"] == "ENABLING"
    advance("10m")
    assert manager.get_region_opt_status(RegionName=OPT_IN)["RegionOptStatus"] == "ENABLED"


def only_one_user(tavern, ada, bob):
    """The role trusts one session by its ARN, and permits two calls."""
    role = f"arn:aws:iam::{tavern.kitchen}:role/{ROLE}"
    assert ada.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/{SINGLE_SIGN_ON}/ada")
    assert refusal(bob.assume, role=role) == "AccessDenied"
    taken = ada.assume(role)
    assert taken.client("sts").get_caller_identity()["Account"] == tavern.kitchen
    assert refusal(taken.client("sqs").create_queue, QueueName="q") == "AccessDenied"
    assert refusal(taken.client("kms").list_keys) == "AccessDeniedException"
    assert refusal(taken.client("iam").list_users) == "AccessDenied"


def suspend(tavern):
    tavern.organizations.close_account(AccountId=tavern.ruin)
    advance("10m")
    ruin = tavern.organizations.describe_account(AccountId=tavern.ruin)["Account"]
    assert ruin["Status"] == "SUSPENDED" and tavern.suspended in ruin["Paths"][0]


def write(findings):
    path = pathlib.Path(tempfile.gettempdir()) / "findings.json"
    path.write_text(json.dumps(findings, indent=2))
    path.chmod(0o644)
    return json.loads(path.read_text())


def main():
    tavern = Tavern()
    ada, bob = tavern.sign_in("ada"), tavern.sign_in("bob")
    tavern.deploy(ada, "ada")
    only_one_user(tavern, ada, bob)
    opt_in(tavern, [tavern.kitchen, tavern.cellar])
    there = tavern.furnish()
    suspend(tavern)
    ada = tavern.sign_in("ada")

    scan = Scan(ada)
    findings = write(scan.run())
    print(json.dumps(findings[:3], indent=2), f"… {len(findings)} entries from {len(scan.called)} Regions of accounts")
    print(*scan.warnings, sep="\n")

    # Nothing that is not enabled in the management account is called; all that is, is.
    assert len(scan.regions) == 18 and OPT_IN in scan.regions
    whole = {tavern.kitchen, tavern.cellar}
    assert scan.called >= {(account, region) for account in whole for region in scan.regions}
    assert {region for _, region in scan.called} == set(scan.regions)
    assert {account for account, _ in scan.called} == {*whole, tavern.stable}

    # One entry for each thing, of the accounts that could be looked into to the end.
    found = {(one["Account"], one["Region"], one["Name"]) for one in findings if "Region" in one}
    assert found == {thing for thing in there if thing[0] in whole}, found
    assert len(findings) == len(found) + 3

    # The management account has no such role, the suspended one is closed, and the stable lacks a Region.
    bare = [one["Account"] for one in findings if "Region" not in one]
    assert sorted(bare) == sorted([tavern.id, tavern.ruin, tavern.stable])
    assert all(list(one) == ["Account"] for one in findings if one["Account"] in bare)
    why = {warning.split()[6]: warning for warning in scan.warnings}
    assert set(why) == set(bare)
    assert "AccessDenied" in why[tavern.id] and "AccessDenied" in why[tavern.ruin]
    assert "InvalidClientTokenId" in why[tavern.stable] or "UnrecognizedClientException" in why[tavern.stable]

    # Another user gets nowhere.
    others = Scan(tavern.sign_in("bob"))
    assert {tuple(one) for one in others.run()} == {("Account",)} and not others.called
    assert len(others.warnings) == 5

    # With the Region, the stable is looked into to its end.
    tavern.root("account").enable_region(AccountId=tavern.stable, RegionName=OPT_IN)
    advance("10m")
    again = Scan(tavern.sign_in("ada"))
    door = {"Account": tavern.stable, "Region": "us-east-1", "Kind": "alias", "Name": "alias/door"}
    assert door in again.run()
    assert len(again.warnings) == 2
    print("as it must be")


if __name__ == "__main__":
    main()
