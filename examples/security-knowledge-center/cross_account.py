"""6. Access to another account: both accounts must permit it, and the account is named by its 12 digits."""

from cloud import Account, allow, document, refused


def two_policies():
    home, target = Account(), Account()
    assert len(home.id) == 12 and home.id.isdigit()
    ada = home.user("ada")
    role = target.role("reader", home.arn("user/ada"), allow("s3:*"))
    with refused("AccessDenied", saying="sts:AssumeRole on resource: " + role):
        ada.assume(role)
    home.permit("ada", allow("sts:AssumeRole", role))
    session = ada.assume(role)
    assert session.client("sts").get_caller_identity()["Account"] == target.id
    session.client("s3").create_bucket(Bucket=f"theirs-{target.id}")
    assert [b["Name"] for b in target.root.client("s3").list_buckets()["Buckets"]] == [f"theirs-{target.id}"]
    print("     with both policies: served, in the other account")

    nobody = document({"Effect": "Allow", "Principal": {"AWS": target.id}, "Action": "sts:AssumeRole"})
    target.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=nobody)
    with refused("AccessDenied"):
        ada.assume(role)

    # Who sets it up needs the permission to create roles in the one account and users' policies in the other.
    clerk = target.user("clerk", allow("iam:Get*"))
    with refused("AccessDenied", saying="iam:CreateRole"):
        clerk.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=nobody)
