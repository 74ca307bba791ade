"""Groups: their users and what these may do."""

from identity import allow, document, refused


def test_rights_come_and_go_with_the_group(account):
    iam = account.iam
    ada = account.user("ada").client("iam")
    group = iam.create_group(GroupName="readers", Path="/x/")["Group"]
    assert group["Arn"] == account.arn("group/x/readers") and group["GroupId"].startswith("AGPA")
    iam.put_group_policy(GroupName="readers", PolicyName="list", PolicyDocument=document(allow("iam:ListUsers")))
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:ListUsers action"):
        ada.list_users()
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    assert len(ada.list_users()["Users"]) == 1
    got = iam.get_group(GroupName="readers")
    assert [user["UserName"] for user in got["Users"]] == ["ada"]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="ada")["Groups"]] == ["readers"]
    iam.remove_user_from_group(GroupName="readers", UserName="ada")
    with refused("AccessDenied", 403):
        ada.list_users()
    with refused("NoSuchEntity", 404):
        iam.remove_user_from_group(GroupName="readers", UserName="ada")


def test_managed_policies_of_a_group_apply_too(account):
    iam = account.iam
    ada = account.user("ada").client("iam")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    iam.attach_group_policy(GroupName="readers", PolicyArn=arn)
    assert ada.list_groups()["Groups"][0]["GroupName"] == "readers"
    attached = iam.list_attached_group_policies(GroupName="readers")["AttachedPolicies"]
    assert attached == [{"PolicyName": "IAMReadOnlyAccess", "PolicyArn": arn}]
    iam.detach_group_policy(GroupName="readers", PolicyArn=arn)
    with refused("AccessDenied", 403):
        ada.list_groups()


def test_a_group_is_renamed_and_removed_only_when_empty(account):
    iam = account.iam
    iam.create_group(GroupName="a")
    iam.create_user(UserName="ada")
    iam.add_user_to_group(GroupName="a", UserName="ada")
    iam.update_group(GroupName="a", NewGroupName="b")
    with refused("NoSuchEntity", 404, "The group with name a cannot be found."):
        iam.get_group(GroupName="a")
    with refused("DeleteConflict", 409, "Cannot delete entity, must remove users from group first."):
        iam.delete_group(GroupName="b")
    iam.remove_user_from_group(GroupName="b", UserName="ada")
    iam.put_group_policy(GroupName="b", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    with refused("DeleteConflict", 409):
        iam.delete_group(GroupName="b")
    iam.delete_group_policy(GroupName="b", PolicyName="p")
    iam.delete_group(GroupName="b")
    assert iam.list_groups()["Groups"] == []


def test_a_user_is_in_ten_groups_at_most(account):
    account.iam.create_user(UserName="ada")
    for n in range(11):
        account.iam.create_group(GroupName=f"g{n}")
    for n in range(10):
        account.iam.add_user_to_group(GroupName=f"g{n}", UserName="ada")
    with refused("LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10"):
        account.iam.add_user_to_group(GroupName="g10", UserName="ada")
