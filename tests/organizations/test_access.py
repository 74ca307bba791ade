"""Each operation needs its action on its resource."""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import Organization
from identity import Account, allow, deny, document, refused

TAGS = {"tags": {"team": {"tag_key": {"@@assign": "Team"}}}}
TAG = [{"Key": "k", "Value": "v"}]
SERVICE = "sso.amazonaws.com"


class World:
    """An organization with one thing of each kind."""

    def __init__(self, welkin):
        self.organization = organization = Organization(Account(welkin))
        self.api, self.root, self.account = organization.api, organization.root, organization.account("spoke").id
        self.unit = organization.unit("u")
        organization.enable("TAG_POLICY")
        self.policy = organization.policy(json.dumps(TAGS), "TAG_POLICY", name="t")
        self.invited = Account(welkin)
        target = {"Id": self.invited.id, "Type": "ACCOUNT"}
        self.handshake = self.api.invite_account_to_organization(Target=target)["Handshake"]["Id"]
        status = self.api.list_create_account_status()["CreateAccountStatuses"][0]
        self.request = status["Id"]
        self.arn = f"arn:aws:organizations::{organization.management.id}:"
        self.users = 0
        self.nobody = self.user()

    def user(self, *statements):
        self.users += 1
        return self.organization.management.user(f"user{self.users}", *statements).client("organizations")

    def resource(self, kind, id):
        return f"{self.arn}{kind}/{self.organization.id}/{id}"


@pytest.fixture(scope="module")
def world(welkin):
    return World(welkin)


ROOT, UNIT, ACCOUNT, POLICY, HANDSHAKE = "root", "ou", "account", "policy", "handshake"
# Operation, its call, and what it is about; no resource is `*`.
OPERATIONS = [
    ("DescribeOrganization", lambda api, w: api.describe_organization(), None),
    ("CreateOrganization", lambda api, w: api.create_organization(), None),
    ("DeleteOrganization", lambda api, w: api.delete_organization(), None),
    ("LeaveOrganization", lambda api, w: api.leave_organization(), None),
    ("EnableAllFeatures", lambda api, w: api.enable_all_features(), None),
    ("CreateAccount", lambda api, w: api.create_account(AccountName="x", Email=f"x@{w.organization.id}.example"), None),
    ("DescribeCreateAccountStatus", lambda api, w: api.describe_create_account_status(CreateAccountRequestId=w.request), None),
    ("ListCreateAccountStatus", lambda api, w: api.list_create_account_status(), None),
    ("DescribeAccount", lambda api, w: api.describe_account(AccountId=w.account), ACCOUNT),
    ("ListAccounts", lambda api, w: api.list_accounts(), None),
    ("ListAccountsForParent", lambda api, w: api.list_accounts_for_parent(ParentId=w.root), ROOT),
    ("ListChildren", lambda api, w: api.list_children(ParentId=w.unit, ChildType="ACCOUNT"), UNIT),
    ("ListParents", lambda api, w: api.list_parents(ChildId=w.account), ACCOUNT),
    ("ListRoots", lambda api, w: api.list_roots(), None),
    ("EnablePolicyType", lambda api, w: api.enable_policy_type(RootId=w.root, PolicyType="BACKUP_POLICY"), ROOT),
    ("DisablePolicyType", lambda api, w: api.disable_policy_type(RootId=w.root, PolicyType="BACKUP_POLICY"), ROOT),
    ("CreateOrganizationalUnit", lambda api, w: api.create_organizational_unit(ParentId=w.root, Name="v"), ROOT),
    ("DescribeOrganizationalUnit", lambda api, w: api.describe_organizational_unit(OrganizationalUnitId=w.unit), UNIT),
    ("UpdateOrganizationalUnit", lambda api, w: api.update_organizational_unit(OrganizationalUnitId=w.unit, Name="w"), UNIT),
    ("ListOrganizationalUnitsForParent", lambda api, w: api.list_organizational_units_for_parent(ParentId=w.root), ROOT),
    ("CreatePolicy", lambda api, w: api.create_policy(Content=json.dumps(TAGS), Name="n", Description="", Type="TAG_POLICY"), None),
    ("DescribePolicy", lambda api, w: api.describe_policy(PolicyId=w.policy), POLICY),
    ("UpdatePolicy", lambda api, w: api.update_policy(PolicyId=w.policy, Description="d"), POLICY),
    ("ListPolicies", lambda api, w: api.list_policies(Filter="TAG_POLICY"), None),
    ("ListPoliciesForTarget", lambda api, w: api.list_policies_for_target(TargetId=w.unit, Filter="TAG_POLICY"), UNIT),
    ("ListTargetsForPolicy", lambda api, w: api.list_targets_for_policy(PolicyId=w.policy), POLICY),
    ("AttachPolicy", lambda api, w: api.attach_policy(PolicyId=w.policy, TargetId=w.unit), (POLICY, UNIT)),
    ("DescribeEffectivePolicy", lambda api, w: api.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=w.account), ACCOUNT),
    ("ListAccountsWithInvalidEffectivePolicy", lambda api, w: api.list_accounts_with_invalid_effective_policy(PolicyType="TAG_POLICY"), None),
    ("ListEffectivePolicyValidationErrors", lambda api, w: api.list_effective_policy_validation_errors(AccountId=w.account, PolicyType="TAG_POLICY"), ACCOUNT),
    ("DetachPolicy", lambda api, w: api.detach_policy(PolicyId=w.policy, TargetId=w.unit), (POLICY, UNIT)),
    ("DeletePolicy", lambda api, w: api.delete_policy(PolicyId=w.policy), POLICY),
    ("TagResource", lambda api, w: api.tag_resource(ResourceId=w.unit, Tags=TAG), UNIT),
    ("UntagResource", lambda api, w: api.untag_resource(ResourceId=w.unit, TagKeys=["k"]), UNIT),
    ("ListTagsForResource", lambda api, w: api.list_tags_for_resource(ResourceId=w.account), ACCOUNT),
    ("InviteAccountToOrganization", lambda api, w: api.invite_account_to_organization(Target={"Id": w.account, "Type": "ACCOUNT"}), ACCOUNT),
    ("DescribeHandshake", lambda api, w: api.describe_handshake(HandshakeId=w.handshake), HANDSHAKE),
    ("AcceptHandshake", lambda api, w: api.accept_handshake(HandshakeId=w.handshake), HANDSHAKE),
    ("DeclineHandshake", lambda api, w: api.decline_handshake(HandshakeId=w.handshake), HANDSHAKE),
    ("ListHandshakesForAccount", lambda api, w: api.list_handshakes_for_account(), None),
    ("ListHandshakesForOrganization", lambda api, w: api.list_handshakes_for_organization(), None),
    ("CancelHandshake", lambda api, w: api.cancel_handshake(HandshakeId=w.handshake), HANDSHAKE),
    ("EnableAWSServiceAccess", lambda api, w: api.enable_aws_service_access(ServicePrincipal=SERVICE), None),
    ("ListAWSServiceAccessForOrganization", lambda api, w: api.list_aws_service_access_for_organization(), None),
    ("RegisterDelegatedAdministrator", lambda api, w: api.register_delegated_administrator(AccountId=w.account, ServicePrincipal=SERVICE), ACCOUNT),
    ("ListDelegatedAdministrators", lambda api, w: api.list_delegated_administrators(), None),
    ("ListDelegatedServicesForAccount", lambda api, w: api.list_delegated_services_for_account(AccountId=w.account), ACCOUNT),
    ("DeregisterDelegatedAdministrator", lambda api, w: api.deregister_delegated_administrator(AccountId=w.account, ServicePrincipal=SERVICE), ACCOUNT),
    ("DisableAWSServiceAccess", lambda api, w: api.disable_aws_service_access(ServicePrincipal=SERVICE), None),
    ("DescribeResourcePolicy", lambda api, w: api.describe_resource_policy(), None),
    ("DeleteResourcePolicy", lambda api, w: api.delete_resource_policy(), None),
    ("MoveAccount", lambda api, w: api.move_account(AccountId=w.account, SourceParentId=w.root, DestinationParentId=w.unit), (ACCOUNT, ROOT, UNIT)),
    ("DeleteOrganizationalUnit", lambda api, w: api.delete_organizational_unit(OrganizationalUnitId=w.unit), UNIT),
    ("RemoveAccountFromOrganization", lambda api, w: api.remove_account_from_organization(AccountId=w.account), ACCOUNT),
    ("CloseAccount", lambda api, w: api.close_account(AccountId=w.account), ACCOUNT),
]


def arns(world, about):
    """The ARNs of what an operation is about."""
    ids = {
        ROOT: world.root,
        UNIT: world.unit,
        ACCOUNT: world.account,
        POLICY: f"tag_policy/{world.policy}",
        HANDSHAKE: f"invite/{world.handshake}",
    }
    kinds = (about,) if isinstance(about, str) else about or ()
    return [world.resource(kind, ids[kind]) for kind in kinds] or ["*"]


@pytest.mark.parametrize(("name", "call", "about"), OPERATIONS, ids=[name for name, *_ in OPERATIONS])
def test_an_operation_needs_its_action_on_its_resource(world, name, call, about):
    action, resources = f"organizations:{name}", arns(world, about)
    denied = f"is not authorized to perform: {action}"
    with refused("AccessDeniedException", 400, f"{denied} on resource: {resources[0]} because no identity-based policy"):
        call(world.nobody, world)
    with refused("AccessDeniedException", 400, "with an explicit deny in an identity-based policy"):
        call(world.user(allow("*"), deny(action)), world)
    for resource in resources:
        if resource != "*":
            others = [other for other in resources if other != resource]
            others.append(f"{world.arn}{resource.split(':')[5].split('/')[0]}/{world.organization.id}/other")
            with refused("AccessDeniedException", 400, f"{denied} on resource: {resource}"):
                call(world.user(allow(action, others)), world)
    try:
        call(world.user(allow(action, resources)), world)
    except ClientError as error:
        assert denied not in error.response["Error"]["Message"], error


def test_what_the_policy_of_the_organization_needs(world):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.account}:root"},
        "Action": "organizations:ListRoots",
        "Resource": "*",
    }
    content = document(statement)
    with refused("AccessDeniedException", 400, "organizations:PutResourcePolicy on resource: "):
        world.nobody.put_resource_policy(Content=content)
    with refused("AccessDeniedException", 400):
        world.user(allow("organizations:PutResourcePolicy", world.resource("root", "*"))).put_resource_policy(Content=content)
    right = allow("organizations:PutResourcePolicy", world.resource("resourcepolicy", "*"))
    try:
        world.user(right).put_resource_policy(Content=content)
    except ClientError as error:
        assert error.response["Reason"] == "INVALID_PRINCIPAL", "the account is closed or gone by now"


def test_tags_of_a_request_are_conditions(world):
    condition = {"StringEquals": {"aws:RequestTag/team": "a"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}}
    api = world.user(allow(["organizations:CreateOrganizationalUnit", "organizations:TagResource"], Condition=condition))
    tag = {"Key": "team", "Value": "a"}
    api.create_organizational_unit(ParentId=world.root, Name="tagged", Tags=[tag])
    for tags in ([{"Key": "team", "Value": "b"}], [tag, {"Key": "x", "Value": "y"}], []):
        with refused("AccessDeniedException", 400):
            api.create_organizational_unit(ParentId=world.root, Name="refused", Tags=tags)
    api.tag_resource(ResourceId=world.root, Tags=[tag])
    with refused("AccessDeniedException", 400):
        api.tag_resource(ResourceId=world.root, Tags=[{"Key": "x", "Value": "y"}])
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    reader = world.user(allow("organizations:ListChildren", Condition=condition))
    assert reader.list_children(ParentId=world.root, ChildType="ACCOUNT")
    world.api.untag_resource(ResourceId=world.root, TagKeys=["team"])
    with refused("AccessDeniedException", 400):
        reader.list_children(ParentId=world.root, ChildType="ACCOUNT")
