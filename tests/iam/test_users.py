"""Users: effects, errors, paths, tags, pages."""

import re

from identity import allow, document, refused


def test_a_user_is_made_found_and_removed(account):
    iam = account.iam
    made = iam.create_user(UserName="ada", Path="/eng/", Tags=[{"Key": "team", "Value": "a"}])["User"]
    assert made["Arn"] == account.arn("user/eng/ada") and made["Path"] == "/eng/"
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["Tags"] == [{"Key": "team", "Value": "a"}]
    assert made["CreateDate"].microsecond == 0
    assert iam.get_user(UserName="ADA")["User"] == made, "names are told apart without regard to case"
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["ada"]
    assert "Tags" not in iam.list_users()["Users"][0]
    iam.delete_user(UserName="ada")
    with refused("NoSuchEntity", 404, "The user with name ada cannot be found."):
        iam.get_user(UserName="ada")
    assert iam.list_users()["Users"] == []


def test_a_name_is_given_once_whatever_its_case(account):
    account.iam.create_user(UserName="ada")
    for name in ("ada", "Ada"):
        with refused("EntityAlreadyExists", 409, f"User with name {name} already exists."):
            account.iam.create_user(UserName=name)


def test_accounts_do_not_see_each_others_users(account, other):
    account.iam.create_user(UserName="ada")
    assert other.iam.list_users()["Users"] == []
    with refused("NoSuchEntity", 404):
        other.iam.get_user(UserName="ada")


def test_what_does_not_fit_the_model_is_a_validation_error(account):
    for bad in ({"UserName": "a b"}, {"UserName": "x" * 65}, {"UserName": "ada", "Path": "eng"}):
        with refused("ValidationError", 400):
            account.iam.create_user(**bad)
    assert account.iam.list_users()["Users"] == []


def test_a_renamed_user_keeps_its_keys_groups_and_policies(account):
    ada = account.user("ada", allow("iam:GetUser"))
    account.iam.create_group(GroupName="staff")
    account.iam.add_user_to_group(GroupName="staff", UserName="ada")
    account.iam.update_user(UserName="ada", NewUserName="countess", NewPath="/nobility/")
    assert ada.arn() == account.arn("user/nobility/countess")
    assert ada.client("iam").get_user()["User"]["UserName"] == "countess"
    assert account.iam.list_groups_for_user(UserName="countess")["Groups"][0]["GroupName"] == "staff"
    assert account.iam.list_user_policies(UserName="countess")["PolicyNames"] == ["own"]
    with refused("NoSuchEntity"):
        account.iam.get_user(UserName="ada")
    account.iam.create_user(UserName="ada")
    with refused("EntityAlreadyExists", 409):
        account.iam.update_user(UserName="ada", NewUserName="Countess")


def test_a_user_with_anything_attached_is_not_removed(account):
    iam = account.iam
    account.user("ada", allow("s3:*"))
    key = iam.list_access_keys(UserName="ada")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ada")
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete access keys first."):
        iam.delete_user(UserName="ada")
    iam.delete_access_key(UserName="ada", AccessKeyId=key)
    with refused("DeleteConflict", 409, "must delete policies first"):
        iam.delete_user(UserName="ada")
    iam.delete_user_policy(UserName="ada", PolicyName="own")
    with refused("DeleteConflict", 409, "must detach all policies first"):
        iam.delete_user(UserName="ada")
    iam.detach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflict", 409, "must remove users from group first"):
        iam.delete_user(UserName="ada")
    iam.remove_user_from_group(GroupName="staff", UserName="ada")
    iam.delete_user(UserName="ada")


def test_pages_hold_every_user_once(account):
    names = [f"user-{n:02}" for n in range(25)]
    for n, name in enumerate(names):
        account.iam.create_user(UserName=name, Path="/even/" if n % 2 == 0 else "/odd/")
    pages = list(account.iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 10}))
    assert [len(page["Users"]) for page in pages] == [10, 10, 5]
    assert [user["UserName"] for page in pages for user in page["Users"]] == names
    assert pages[0]["IsTruncated"] and not pages[-1]["IsTruncated"]
    odd = account.iam.get_paginator("list_users").paginate(PathPrefix="/odd", PaginationConfig={"PageSize": 5})
    assert [user["UserName"] for page in odd for user in page["Users"]] == names[1::2]
    with refused("ValidationError", 400):
        account.iam.list_users(Marker="%%%")


def test_tags_are_added_replaced_and_removed(account):
    iam = account.iam
    iam.create_user(UserName="ada")
    iam.tag_user(UserName="ada", Tags=[{"Key": "Team", "Value": "a"}, {"Key": "cost", "Value": "1"}])
    iam.tag_user(UserName="ada", Tags=[{"Key": "team", "Value": "b"}])
    assert iam.list_user_tags(UserName="ada")["Tags"] == [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "b"}]
    iam.untag_user(UserName="ada", TagKeys=["COST"])
    assert iam.get_user(UserName="ada")["User"]["Tags"] == [{"Key": "team", "Value": "b"}]
    with refused("InvalidInput", 400, "Duplicate tag keys"):
        iam.tag_user(UserName="ada", Tags=[{"Key": "x", "Value": ""}, {"Key": "X", "Value": ""}])
    with refused("InvalidInput", 400):
        iam.tag_user(UserName="ada", Tags=[{"Key": "aws:x", "Value": ""}])


def test_tags_decide_who_may_be_changed(account):
    iam = account.iam
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    ada = account.user("ada", allow("iam:*", Condition=condition)).client("iam")
    iam.create_user(UserName="mine", Tags=[{"Key": "team", "Value": "a"}])
    iam.create_user(UserName="theirs", Tags=[{"Key": "team", "Value": "b"}])
    ada.delete_user(UserName="mine")
    with refused("AccessDenied", 403, "is not authorized to perform: iam:DeleteUser on resource: " + account.arn("user/theirs")):
        ada.delete_user(UserName="theirs")
    assert iam.get_user(UserName="theirs")


def test_inline_policies_of_a_user(account):
    iam = account.iam
    iam.create_user(UserName="ada")
    policy = document(allow("s3:GetObject", "arn:aws:s3:::b/*"))
    iam.put_user_policy(UserName="ada", PolicyName="read", PolicyDocument=policy)
    got = iam.get_user_policy(UserName="ada", PolicyName="read")
    assert got["PolicyDocument"]["Statement"][0]["Action"] == "s3:GetObject" and got["UserName"] == "ada"
    with refused("MalformedPolicyDocument", 400):
        iam.put_user_policy(UserName="ada", PolicyName="bad", PolicyDocument='{"Statement": [{"Effect": "Allow"}]}')
    with refused("LimitExceeded", 409, "Maximum policy size of 2048 bytes exceeded for user ada"):
        many = [allow("s3:GetObject", f"arn:aws:s3:::bucket-{n}/*") for n in range(40)]
        iam.put_user_policy(UserName="ada", PolicyName="big", PolicyDocument=document(*many))
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == ["read"]
    iam.delete_user_policy(UserName="ada", PolicyName="read")
    with refused("NoSuchEntity", 404, "The user policy with name read cannot be found."):
        iam.get_user_policy(UserName="ada", PolicyName="read")


def test_the_root_user_is_told_of_itself(account):
    root = account.iam.get_user()["User"]
    assert root["Arn"] == account.arn("root") and root["UserId"] == account.id
