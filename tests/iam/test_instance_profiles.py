"""Instance profiles: made, given a role, removed."""

import re

from identity import allow, refused, trust

EC2 = trust({"Service": "ec2.amazonaws.com"})


def test_a_profile_is_made_given_a_role_and_removed(account):
    iam = account.iam
    made = iam.create_instance_profile(InstanceProfileName="web", Path="/app/")["InstanceProfile"]
    assert made["Arn"] == account.arn("instance-profile/app/web") and made["Roles"] == []
    assert re.fullmatch(r"AIPA[A-Z2-7]{17}", made["InstanceProfileId"])
    account.role("web", EC2)
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    (role,) = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"]
    assert role["Arn"] == account.arn("role/web")
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    (profile,) = iam.list_instance_profiles_for_role(RoleName="web")["InstanceProfiles"]
    assert profile["InstanceProfileName"] == "web"
    with refused("DeleteConflict", 409, "must remove roles from instance profile first"):
        iam.delete_instance_profile(InstanceProfileName="web")
    with refused("DeleteConflict", 409, "must remove roles from instance profile first"):
        iam.delete_role(RoleName="web")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    with refused("NoSuchEntity", 404):
        iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    iam.delete_role(RoleName="web")
    iam.delete_instance_profile(InstanceProfileName="WEB"), "names are told apart without regard to case"
    with refused("NoSuchEntity", 404, "Instance Profile web cannot be found."):
        iam.get_instance_profile(InstanceProfileName="web")


def test_a_profile_has_one_role(account):
    iam = account.iam
    iam.create_instance_profile(InstanceProfileName="p")
    for name in ("a", "b"):
        account.role(name, EC2)
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="a")
    with refused("LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="b")
    with refused("EntityAlreadyExists", 409, "Instance Profile P already exists."):
        iam.create_instance_profile(InstanceProfileName="P")


def test_whoever_adds_a_role_must_be_allowed_to_pass_it_to_ec2(account):
    account.iam.create_instance_profile(InstanceProfileName="p")
    role = account.role("r", EC2)
    add = allow("iam:AddRoleToInstanceProfile", account.arn("instance-profile/p"))
    ada = account.user("ada", add).client("iam")
    with refused("AccessDenied", 403, "iam:PassRole"):
        ada.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    wrong = allow("iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    bob = account.user("bob", add, wrong).client("iam")
    with refused("AccessDenied", 403, "iam:PassRole"):
        bob.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    right = allow("iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})
    eve = account.user("eve", add, right).client("iam")
    eve.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    assert account.iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]["Roles"]


def test_lists_go_by_path_and_in_pages(account):
    for name, path in (("a", "/x/"), ("b", "/y/"), ("c", "/x/z/")):
        account.iam.create_instance_profile(InstanceProfileName=name, Path=path)
    names = lambda **more: [  # noqa: E731
        p["InstanceProfileName"] for p in account.iam.list_instance_profiles(**more)["InstanceProfiles"]
    ]
    assert (names(), names(PathPrefix="/x/")) == (["a", "b", "c"], ["a", "c"])
    page = account.iam.list_instance_profiles(MaxItems=2)
    assert page["IsTruncated"] and names(Marker=page["Marker"]) == ["c"]


def test_a_role_made_again_is_not_in_the_profile(account, other):
    with refused("NoSuchEntity", 404, "Instance Profile p cannot be found."):
        other.role("r", EC2)
        other.iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    account.iam.create_instance_profile(InstanceProfileName="p")
    with refused("NoSuchEntity", 404, "The role with name r cannot be found."):
        account.iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
