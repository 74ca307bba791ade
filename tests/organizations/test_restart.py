"""What is under way when Welkin is killed goes on."""

from conftest import Organization
from identity import Account, deny, document, refused

REGION = "eu-south-2"


def test_organizations_closures_and_regions_outlive_a_kill(start, tmp_path):
    with start("--data", tmp_path) as own:
        organization = Organization(Account(own))
        ruin, kept, stranger = organization.account("ruin"), organization.account("kept"), Account(own)
        organization.enable()
        organization.api.attach_policy(PolicyId=organization.policy(document(deny("iam:ListUsers"))), TargetId=kept.id)
        target = {"Id": stranger.id, "Type": "ACCOUNT"}
        invitation = organization.api.invite_account_to_organization(Target=target)["Handshake"]["Id"]
        organization.management.client("account").enable_region(RegionName=REGION)
        organization.api.close_account(AccountId=ruin.id)
        own.process.kill()
    with start("--data", tmp_path) as own:
        manager, kept, ruin = (Account(own, account.id) for account in (organization.management, kept, ruin))
        api = manager.client("organizations")
        assert api.describe_account(AccountId=ruin.id)["Account"]["Status"] == "PENDING_CLOSURE"
        with refused("AccessDenied", 403):
            kept.iam.list_users()
        own.advance("10m")
        assert api.describe_account(AccountId=ruin.id)["Account"]["Status"] == "SUSPENDED"
        with refused("InvalidClientTokenId", 403):
            ruin.iam.list_users()
        assert manager.client("kms", region=REGION).list_keys()["Keys"] == []
        own.advance("16d")
        assert api.describe_handshake(HandshakeId=invitation)["Handshake"]["State"] == "EXPIRED"
