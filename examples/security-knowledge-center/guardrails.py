"""7. A service control policy and an IAM policy: the one caps what the other grants, and grants nothing itself."""

from cloud import allow, deny, document, organization, refused


def scp_and_iam():
    management, (lab, plant) = organization("lab", "plant")
    api = management.root.client("organizations")
    root = api.list_roots()["Roots"][0]["Id"]
    units = {}
    for name, account in (("labs", lab), ("plants", plant)):
        units[name] = api.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"]
        api.move_account(AccountId=account.id, SourceParentId=root, DestinationParentId=units[name])
    api.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    ada, bob = lab.user("ada", allow("*")), plant.user("bob", allow("*"))
    assert ada.client("iam").list_users() and bob.client("iam").list_users()

    policy = api.create_policy(
        Content=document(deny("iam:*")), Name="no-iam", Description="", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    api.attach_policy(PolicyId=policy, TargetId=units["labs"])
    with refused("AccessDenied", saying="with an explicit deny in a service control policy"):
        ada.client("iam").list_users()
    with refused("AccessDenied"):
        lab.iam.list_users()
    print("     not even the root user of the account may")
    assert ada.client("s3").list_buckets()["Buckets"] == []
    assert bob.client("iam").list_users()["Users"], "the other group of accounts is not bound"
    assert management.iam.list_users()["Users"] == [], "nor is the management account"

    # The policy that permits everything grants nothing to whom IAM grants nothing.
    eve = plant.user("eve")
    with refused("AccessDenied", saying="because no identity-based policy allows"):
        eve.client("s3").list_buckets()

    # A list of what is permitted: all else is denied, whatever IAM grants.
    only = api.create_policy(
        Content=document(allow("s3:*")), Name="only-s3", Description="", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    api.attach_policy(PolicyId=only, TargetId=units["plants"])
    api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=units["plants"])
    assert bob.client("s3").list_buckets()["Buckets"] == []
    with refused("AccessDenied", saying="because no service control policy allows"):
        bob.client("iam").list_users()
