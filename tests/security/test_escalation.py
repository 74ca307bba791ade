"""Ways by which somebody with a few rights gets more, each closed by what AWS's documentation says closes it."""

import pytest
from identity import Caller, allow, deny, document, refused, trust

POWERS = allow("*")


def limited(account, name, *statements):
    """A user who may do a few things."""
    return account.user(name, *statements)


def test_a_role_is_passed_by_whom_may_pass_it(account):
    account.role("strong", trust({"Service": "ec2.amazonaws.com"}), POWERS)
    account.role("weak", trust({"Service": "ec2.amazonaws.com"}))
    for name in ("one", "two"):
        account.iam.create_instance_profile(InstanceProfileName=name)
    use = allow(["iam:AddRoleToInstanceProfile", "iam:GetInstanceProfile"])
    eve = limited(account, "eve", use, allow("iam:PassRole", account.arn("role/weak"))).client("iam")
    with refused("AccessDenied", 403, "iam:PassRole on resource: " + account.arn("role/strong")):
        eve.add_role_to_instance_profile(InstanceProfileName="one", RoleName="strong")
    assert account.iam.get_instance_profile(InstanceProfileName="one")["InstanceProfile"]["Roles"] == []
    eve.add_role_to_instance_profile(InstanceProfileName="one", RoleName="weak")
    only = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    mallory = limited(account, "mallory", use, allow("iam:PassRole", Condition=only)).client("iam")
    with refused("AccessDenied", 403, "iam:PassRole"):
        mallory.add_role_to_instance_profile(InstanceProfileName="two", RoleName="strong")


@pytest.fixture
def versioned(account):
    """A policy whose first version permits everything and whose second one, the default, a little."""
    arn = account.iam.create_policy(PolicyName="p", PolicyDocument=document(POWERS))["Policy"]["Arn"]
    account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("sqs:ListQueues")), SetAsDefault=True)
    return arn


def test_an_older_version_of_a_policy_is_not_brought_back(account, versioned):
    eve = limited(account, "eve", allow(["iam:GetPolicy*", "iam:ListPolicyVersions"]))
    account.iam.attach_user_policy(UserName="eve", PolicyArn=versioned)
    iam = eve.client("iam")
    with refused("AccessDenied", 403, "iam:SetDefaultPolicyVersion"):
        iam.set_default_policy_version(PolicyArn=versioned, VersionId="v1")
    with refused("AccessDenied", 403):
        iam.create_policy_version(PolicyArn=versioned, PolicyDocument=document(POWERS), SetAsDefault=True)
    assert account.iam.get_policy(PolicyArn=versioned)["Policy"]["DefaultVersionId"] == "v2"
    assert eve.client("sqs").list_queues()
    with refused("AccessDenied", 403):
        iam.list_users()


def test_a_new_version_is_in_force_only_as_the_default(account, versioned):
    eve = limited(account, "eve", allow("iam:CreatePolicyVersion"), deny("iam:SetDefaultPolicyVersion"))
    account.iam.attach_user_policy(UserName="eve", PolicyArn=versioned)
    iam = eve.client("iam")
    iam.create_policy_version(PolicyArn=versioned, PolicyDocument=document(POWERS))
    with refused("AccessDenied", 403):
        iam.list_users()
    with refused("AccessDenied", 403, "with an explicit deny"):
        iam.set_default_policy_version(PolicyArn=versioned, VersionId="v3")


@pytest.fixture
def boundary(account):
    """What the documentation has delegated administrators bounded by."""
    arn = account.arn("policy/boundary")
    has = {"StringEquals": {"iam:PermissionsBoundary": arn}}
    return account.iam.create_policy(
        PolicyName="boundary",
        PolicyDocument=document(
            allow(["sqs:*", "iam:Get*", "iam:List*", "iam:CreateAccessKey", "sts:*"]),
            allow(["iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutUserPermissionsBoundary"], Condition=has),
            deny(["iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"]),
            deny(["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:SetDefaultPolicyVersion"], arn),
        ),
    )["Policy"]["Arn"]


@pytest.fixture
def delegate(account, boundary):
    """An administrator with every right, within the boundary."""
    caller = account.user("delegate", POWERS)
    account.iam.put_user_permissions_boundary(UserName="delegate", PermissionsBoundary=boundary)
    return caller


def test_a_boundary_is_not_taken_off(account, delegate, boundary):
    iam = delegate.client("iam")
    with refused("AccessDenied", 403, "with an explicit deny in a permissions boundary"):
        iam.delete_user_permissions_boundary(UserName="delegate")
    wide = account.iam.create_policy(PolicyName="wide", PolicyDocument=document(POWERS))["Policy"]["Arn"]
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:PutUserPermissionsBoundary action"):
        iam.put_user_permissions_boundary(UserName="delegate", PermissionsBoundary=wide)
    for change in (
        lambda: iam.create_policy_version(PolicyArn=boundary, PolicyDocument=document(POWERS), SetAsDefault=True),
        lambda: iam.set_default_policy_version(PolicyArn=boundary, VersionId="v1"),
        lambda: iam.delete_policy(PolicyArn=boundary),
    ):
        with refused("AccessDenied", 403, "with an explicit deny in a permissions boundary"):
            change()
    attached = account.iam.get_user(UserName="delegate")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert attached == boundary
    with refused("AccessDenied", 403):
        iam.delete_user(UserName="delegate")


def test_a_boundary_is_handed_on(account, delegate, boundary):
    """The delegate makes users only within the same boundary, so nobody whom it makes can do more."""
    iam = delegate.client("iam")
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:CreateUser action"):
        iam.create_user(UserName="free")
    iam.create_user(UserName="bound", PermissionsBoundary=boundary)
    iam.put_user_policy(UserName="bound", PolicyName="all", PolicyDocument=document(POWERS))
    made = iam.create_access_key(UserName="bound")["AccessKey"]
    bound = Caller.of(account.welkin, made)
    assert bound.client("sqs").list_queues()
    with refused("AccessDeniedException", message="because no permissions boundary allows"):
        bound.client("kms").list_keys()
    account.iam.create_user(UserName="unbound")
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:PutUserPolicy action"):
        iam.put_user_policy(UserName="unbound", PolicyName="all", PolicyDocument=document(POWERS))
    with refused("AccessDenied", 403):
        iam.attach_user_policy(UserName="unbound", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_a_boundary_that_was_deleted_permits_nothing(account, delegate, boundary):
    with refused("DeleteConflict", 409):
        account.iam.delete_policy(PolicyArn=boundary)
    assert delegate.client("sqs").list_queues()


@pytest.mark.parametrize(
    "action, attempt",
    [
        ("iam:CreateAccessKey", lambda iam, account: iam.create_access_key(UserName="admin")),
        ("iam:CreateLoginProfile", lambda iam, account: iam.create_login_profile(UserName="admin", Password="Xy7!abcdefgh")),
        ("iam:PutUserPolicy", lambda iam, account: iam.put_user_policy(UserName="eve", PolicyName="p", PolicyDocument=document(POWERS))),
        ("iam:AttachUserPolicy", lambda iam, account: iam.attach_user_policy(UserName="eve", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")),
        ("iam:AddUserToGroup", lambda iam, account: iam.add_user_to_group(UserName="eve", GroupName="admins")),
        ("iam:PutGroupPolicy", lambda iam, account: iam.put_group_policy(GroupName="own", PolicyName="p", PolicyDocument=document(POWERS))),
        ("iam:PutRolePolicy", lambda iam, account: iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(POWERS))),
        ("iam:UpdateAssumeRolePolicy", lambda iam, account: iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": account.id}))),
        ("iam:DeactivateMFADevice", lambda iam, account: iam.deactivate_mfa_device(UserName="admin", SerialNumber=account.arn("mfa/admin"))),
    ],
)
def test_rights_over_identities_are_rights_of_their_own(account, action, attempt):
    """Each of these would make eve an administrator; none is part of reading, or of another of them."""
    account.user("admin", POWERS)
    account.role("r", trust({"Service": "ec2.amazonaws.com"}), POWERS)
    for group in ("admins", "own"):
        account.iam.create_group(GroupName=group)
    eve = account.user("eve", allow(["iam:Get*", "iam:List*", "sts:*"]))
    account.iam.add_user_to_group(UserName="eve", GroupName="own")
    with refused("AccessDenied", 403, f"is not authorized to perform: {action}"):
        attempt(eve.client("iam"), account)
    with refused("AccessDenied", 403):
        eve.assume(account.arn("role/r"))


def test_managed_policies_of_others_are_not_changed(account, other):
    """Neither AWS's own nor another account's, whatever one's own rights."""
    admin = account.user("admin", POWERS).client("iam")
    theirs = other.iam.create_policy(PolicyName="p", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    for arn, code, status in (("arn:aws:iam::aws:policy/ReadOnlyAccess", "InvalidInput", 400), (theirs, "NoSuchEntity", 404)):
        with refused(code, status):
            admin.create_policy_version(PolicyArn=arn, PolicyDocument=document(POWERS), SetAsDefault=True)
        with refused(code, status):
            admin.delete_policy(PolicyArn=arn)
    assert other.iam.get_policy(PolicyArn=theirs)["Policy"]["DefaultVersionId"] == "v1"


def test_a_session_does_not_widen_the_role(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("sqs:ListQueues"))
    wide = ada.assume(role, Policy=document(POWERS))
    assert wide.client("sqs").list_queues()
    with refused("AccessDenied", 403):
        wide.client("iam").list_users()
