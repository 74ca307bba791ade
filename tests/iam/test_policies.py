"""Managed policies: versions, attachments, AWS's own."""

import re

from identity import Caller, allow, deny, document, refused, trust


def make(account, name="p", *statements, **more):
    statements = statements or (allow("iam:ListUsers"),)
    return account.iam.create_policy(PolicyName=name, PolicyDocument=document(*statements), **more)["Policy"]


def test_a_policy_is_made_found_and_removed(account):
    iam = account.iam
    policy = make(account, "p", Path="/a/b/", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert policy["Arn"] == account.arn("policy/a/b/p") and re.fullmatch(r"ANPA[A-Z2-7]{17}", policy["PolicyId"])
    assert (policy["DefaultVersionId"], policy["AttachmentCount"], policy["IsAttachable"]) == ("v1", 0, True)
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"] == policy
    with refused("EntityAlreadyExists", 409, "A policy called P already exists. Duplicate names are not allowed."):
        make(account, "P", Path="/elsewhere/")
    assert [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]] == ["p"]
    iam.delete_policy(PolicyArn=policy["Arn"])
    with refused("NoSuchEntity", 404, f"Policy {policy['Arn']} was not found."):
        iam.get_policy(PolicyArn=policy["Arn"])


def test_the_default_version_is_the_one_in_force(account):
    iam = account.iam
    arn = make(account)["Arn"]
    ada = account.user("ada").client("iam")
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    assert ada.list_users()["Users"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(deny("*")))
    assert ada.list_users()["Users"], "a version that is not the default has no effect"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        ada.list_users()
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in versions] == [("v2", True), ("v1", False)]
    got = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert got["Document"]["Statement"][0]["Effect"] == "Deny"
    with refused("DeleteConflict", 409, "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    with refused("NoSuchEntity", 404):
        iam.get_policy_version(PolicyArn=arn, VersionId="v1")


def test_a_policy_has_five_versions_at_most_and_numbers_are_not_given_twice(account):
    arn = make(account)["Arn"]
    for _ in range(4):
        account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")))
    with refused("LimitExceeded", 409, "A managed policy can have up to 5 versions."):
        account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")))
    account.iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    made = account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")), SetAsDefault=True)
    assert made["PolicyVersion"]["VersionId"] == "v6" and made["PolicyVersion"]["IsDefaultVersion"]
    with refused("DeleteConflict", 409, "This policy has more than one version."):
        account.iam.delete_policy(PolicyArn=arn)


def test_a_policy_in_use_is_not_removed_and_tells_who_uses_it(account):
    iam = account.iam
    arn = make(account)["Arn"]
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="g")
    account.role("r", trust({"AWS": account.id}), PermissionsBoundary=arn)
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    found = iam.list_entities_for_policy(PolicyArn=arn)
    assert [u["UserName"] for u in found["PolicyUsers"]] == ["ada"]
    assert [g["GroupName"] for g in found["PolicyGroups"]] == ["g"]
    assert [r["RoleName"] for r in found["PolicyRoles"]] == ["r"]
    only = iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="User")
    assert only["PolicyUsers"] and not only["PolicyGroups"] and not only["PolicyRoles"]
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (2, 1)
    with refused("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=arn)
    assert [p["Arn"] for p in iam.list_policies(OnlyAttached=True)["Policies"]] == [arn]


def test_ten_policies_are_attached_at_most(account):
    account.iam.create_user(UserName="ada")
    for n in range(11):
        arn = make(account, f"p{n}")["Arn"]
        if n < 10:
            account.iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    with refused("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerUser: 10"):
        account.iam.attach_user_policy(UserName="ada", PolicyArn=arn)


def test_what_is_no_policy_is_refused_by_name(account):
    iam = account.iam
    iam.create_user(UserName="ada")
    missing = account.arn("policy/missing")
    with refused("NoSuchEntity", 404, f"Policy {missing} does not exist or is not attachable."):
        iam.attach_user_policy(UserName="ada", PolicyArn=missing)
    with refused("NoSuchEntity", 404):
        iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicyOfAws")
    with refused("InvalidInput", 400, "is not valid"):
        iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:s3:::bucket-of-mine")
    with refused("NoSuchEntity", 404):
        iam.detach_user_policy(UserName="ada", PolicyArn=missing)
    with refused("MalformedPolicyDocument", 400):
        iam.create_policy(PolicyName="p", PolicyDocument="{}")
    with refused("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        make(account, "p", *[allow("s3:GetObject", f"arn:aws:s3:::bucket-{n}/*") for n in range(200)])


def test_policies_of_aws_are_the_true_ones(account):
    iam = account.iam
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["PolicyName"], policy["Path"], policy["DefaultVersionId"]) == (
        "AWSLambdaBasicExecutionRole", "/service-role/", "v1",
    )
    document_ = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert document_["Statement"][0]["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    listed = [p["Arn"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS") for p in page["Policies"]]
    assert len(listed) == len(set(listed)) > 1500 and arn in listed


def test_policies_of_aws_permit_what_they_say(account):
    ada = account.user("ada").client("iam")
    account.iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert ada.list_users()["Users"]
    with refused("AccessDenied", 403):
        ada.create_user(UserName="bob")
    account.iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert ada.create_user(UserName="bob")
    linked = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
    with refused("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role."):
        account.iam.attach_user_policy(UserName="ada", PolicyArn=linked)


def test_which_policies_may_be_attached_can_be_limited(account):
    condition = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    ada = account.user("ada", allow("iam:AttachUserPolicy", Condition=condition)).client("iam")
    ada.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("AccessDenied", 403):
        ada.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_a_policy_of_another_account_is_not_to_be_had(account, other):
    arn = make(other)["Arn"]
    account.iam.create_user(UserName="ada")
    with refused("NoSuchEntity", 404):
        account.iam.attach_user_policy(UserName="ada", PolicyArn=arn)


def test_aliases_are_one_for_all_accounts(account, other):
    name = f"alias-{account.id}"
    account.iam.create_account_alias(AccountAlias=name)
    assert account.iam.list_account_aliases()["AccountAliases"] == [name]
    with refused("EntityAlreadyExists", 409):
        other.iam.create_account_alias(AccountAlias=name)
    account.iam.delete_account_alias(AccountAlias=name)
    other.iam.create_account_alias(AccountAlias=name)


def test_the_summary_counts(account):
    account.user("ada")
    make(account)
    summary = account.iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Policies"], summary["Groups"], summary["UsersQuota"]) == (1, 1, 0, 5000)
    account.iam.delete_policy(PolicyArn=account.arn("policy/p"))
    assert account.iam.get_account_summary()["SummaryMap"]["Policies"] == 0


def test_boundaries_limit_what_policies_grant(account):
    iam = account.iam
    boundary = make(account, "boundary", allow("iam:List*"), allow("iam:CreateUser"))["Arn"]
    iam.create_user(UserName="ada", PermissionsBoundary=boundary)
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    ada = Caller.of(account.welkin, iam.create_access_key(UserName="ada")["AccessKey"]).client("iam")
    assert ada.list_users()["Users"]
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:GetUser action"):
        ada.get_user(UserName="ada")
    assert iam.get_user(UserName="ada")["User"]["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary,
    }
    with refused("DeleteConflict", 409):
        iam.delete_policy(PolicyArn=boundary)
    iam.delete_user_permissions_boundary(UserName="ada")
    assert ada.get_user(UserName="ada")
    with refused("NoSuchEntity", 404):
        iam.delete_user_permissions_boundary(UserName="ada")
    with refused("NoSuchEntity", 404):
        iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=account.arn("policy/missing"))


def test_users_can_be_made_with_a_certain_boundary_only(account):
    boundary = make(account, "boundary")["Arn"]
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    ada = account.user("ada", allow("iam:CreateUser", Condition=condition)).client("iam")
    with refused("AccessDenied", 403):
        ada.create_user(UserName="bob")
    assert ada.create_user(UserName="bob", PermissionsBoundary=boundary)["User"]["PermissionsBoundary"]
