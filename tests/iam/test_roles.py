"""Roles: what they are and whom they trust."""

import re

from identity import allow, document, refused, trust


def test_a_role_is_made_changed_and_removed(account):
    iam = account.iam
    policy = trust({"Service": "ec2.amazonaws.com"})
    role = iam.create_role(
        RoleName="r", Path="/svc/", AssumeRolePolicyDocument=policy, Description="d", MaxSessionDuration=7200,
        Tags=[{"Key": "k", "Value": "v"}],
    )["Role"]
    assert role["Arn"] == account.arn("role/svc/r") and re.fullmatch(r"AROA[A-Z2-7]{17}", role["RoleId"])
    got = iam.get_role(RoleName="r")["Role"]
    assert got == role and got["MaxSessionDuration"] == 7200
    assert got["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    iam.update_role(RoleName="r", MaxSessionDuration=3600)
    iam.update_role_description(RoleName="r", Description="e")
    got = iam.get_role(RoleName="r")["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("e", 3600)
    iam.tag_role(RoleName="r", Tags=[{"Key": "l", "Value": "w"}])
    assert iam.list_role_tags(RoleName="r")["Tags"] == [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    assert iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"] == "s3:*"
    with refused("DeleteConflict", 409, "must delete policies first"):
        iam.delete_role(RoleName="r")
    iam.delete_role_policy(RoleName="r", PolicyName="p")
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflict", 409, "must detach all policies first"):
        iam.delete_role(RoleName="r")
    iam.detach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.delete_role(RoleName="r")
    with refused("NoSuchEntity", 404, "The role with name r cannot be found."):
        iam.get_role(RoleName="r")


def test_a_trust_policy_has_the_grammar_of_one(account):
    for bad in ("{}", document(allow("sts:AssumeRole")), trust({"AWS": "nonsense"}), "not json"):
        with refused("MalformedPolicyDocument", 400):
            account.iam.create_role(RoleName="r", AssumeRolePolicyDocument=bad)
    assert account.iam.list_roles()["Roles"] == []


def test_a_trust_policy_names_only_who_exists(account, other):
    missing = other.arn("user/nobody")
    with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{missing}"'):
        account.iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": missing}))
    other.iam.create_user(UserName="nobody")
    account.iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": missing}))


def test_a_principal_that_was_removed_shows_as_its_id_and_stays_untrusted(account, other):
    first = other.iam.create_user(UserName="ada")["User"]
    role = account.role("r", trust({"AWS": first["Arn"]}))
    other.iam.delete_user(UserName="ada")
    ada = other.user("ada", allow("sts:AssumeRole"))
    shown = account.iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"] == first["UserId"]
    with refused("AccessDenied", 403):
        ada.assume(role)
    account.iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": first["Arn"]}))
    assert ada.assume(role).arn() == f"arn:aws:sts::{account.id}:assumed-role/r/session"


def test_lists_go_by_path(account):
    for name, path in (("a", "/x/"), ("b", "/y/"), ("c", "/x/z/")):
        account.role(name, trust({"AWS": account.id}), Path=path)
    names = [role["RoleName"] for role in account.iam.list_roles(PathPrefix="/x/")["Roles"]]
    assert names == ["a", "c"]


def test_the_path_of_linked_roles_is_not_for_everybody(account):
    with refused("ValidationError", 400):
        account.role("r", trust({"Service": "ec2.amazonaws.com"}), Path="/aws-service-role/ec2.amazonaws.com/")
