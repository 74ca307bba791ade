"""Roles that are linked to a service: nobody else changes them."""

import re

import pytest
from identity import allow, document, refused, trust

NAME = "AWSServiceRoleForAutoScaling"
PROTECTED = f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS"


@pytest.fixture
def role(account):
    return account.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", Description="d")["Role"]


def test_a_role_has_the_services_path_trust_and_policy(account, role):
    iam = account.iam
    assert role["Arn"] == account.arn(f"role/aws-service-role/autoscaling.amazonaws.com/{NAME}")
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": ["autoscaling.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    ]
    (attached,) = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert attached["PolicyArn"] == "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
    with refused("InvalidInput", 400, f"Service role name {NAME} has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="two")["Role"]
    assert made["RoleName"] == NAME + "_two"
    with refused("InvalidInput", 400, "Custom suffix is not allowed for ecs.amazonaws.com"):
        iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com", CustomSuffix="two")
    with refused("InvalidInput", 400):
        iam.create_service_linked_role(AWSServiceName="nonsense.amazonaws.com")


def test_nobody_but_the_service_changes_it(account, role):
    iam, arn = account.iam, "arn:aws:iam::aws:policy/ReadOnlyAccess"
    for change in (
        lambda: iam.delete_role(RoleName=NAME),
        lambda: iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=trust({"AWS": account.id})),
        lambda: iam.attach_role_policy(RoleName=NAME, PolicyArn=arn),
        lambda: iam.detach_role_policy(
            RoleName=NAME, PolicyArn="arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
        ),
        lambda: iam.put_role_policy(RoleName=NAME, PolicyName="p", PolicyDocument=document(allow("*"))),
        lambda: iam.put_role_permissions_boundary(RoleName=NAME, PermissionsBoundary=arn),
        lambda: iam.update_role(RoleName=NAME, MaxSessionDuration=7200),
    ):
        with refused("UnmodifiableEntity", 400, PROTECTED):
            change()
    iam.update_role(RoleName=NAME, Description="e")
    assert iam.get_role(RoleName=NAME)["Role"]["Description"] == "e"
    assert len(iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]) == 1
    with refused("ValidationError", 400):
        iam.create_role(RoleName="r", Path="/aws-service-role/x/", AssumeRolePolicyDocument=trust({"AWS": account.id}))


def test_it_is_removed_by_a_task(account, role):
    iam = account.iam
    task = iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    assert re.fullmatch(rf"task/aws-service-role/autoscaling\.amazonaws\.com/{NAME}/[0-9a-f-]{{36}}", task)
    account.welkin.advance("1s")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity", 404):
        iam.get_role(RoleName=NAME)
    assert account.iam.get_account_summary()["SummaryMap"]["Roles"] == 0
    again = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    assert again["RoleId"] != role["RoleId"]
    with refused("InvalidInput", 400):
        iam.get_service_linked_role_deletion_status(DeletionTaskId="nonsense")
    with refused("NoSuchEntity", 404):
        iam.get_service_linked_role_deletion_status(DeletionTaskId=task[:-1] + "x")
    account.role("own", trust({"AWS": account.id}))
    with refused("InvalidInput", 400):
        iam.delete_service_linked_role(RoleName="own")


def test_for_which_service_can_be_limited(account):
    condition = {"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
    resource = account.arn("role/aws-service-role/*")
    ada = account.user("ada", allow("iam:CreateServiceLinkedRole", resource, Condition=condition)).client("iam")
    with refused("AccessDenied", 403):
        ada.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    assert ada.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"] == "AWSServiceRoleForECS"
    with refused("AccessDenied", 403):
        ada.delete_service_linked_role(RoleName="AWSServiceRoleForECS")
