"""Trusted services, delegated administrators, the organization's own policy."""

import pytest
from identity import Account, allow, deny, document, refused

SERVICE = "guardduty.amazonaws.com"
TAGS = '{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}'


def reason(raised):
    return raised.value.response["Reason"]


def trusted(api):
    pages = api.get_paginator("list_aws_service_access_for_organization").paginate(PaginationConfig={"PageSize": 1})
    return [one["ServicePrincipal"] for page in pages for one in page["EnabledServicePrincipals"]]


def test_services_are_trusted_and_no_more(organization, another):
    api = organization.api
    for service in ("sso.amazonaws.com", SERVICE, SERVICE):
        api.enable_aws_service_access(ServicePrincipal=service)
    assert trusted(api) == [SERVICE, "sso.amazonaws.com"]
    api.disable_aws_service_access(ServicePrincipal="sso.amazonaws.com")
    api.disable_aws_service_access(ServicePrincipal="sso.amazonaws.com")
    assert trusted(api) == [SERVICE]
    with refused("InvalidInputException") as raised:
        api.enable_aws_service_access(ServicePrincipal="welkin.amazonaws.com")
    assert reason(raised) == "UNRECOGNIZED_SERVICE_PRINCIPAL"
    with refused("ConstraintViolationException") as raised:
        another("CONSOLIDATED_BILLING").api.enable_aws_service_access(ServicePrincipal=SERVICE)
    assert reason(raised) == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
    condition = {"StringEquals": {"organizations:ServicePrincipal": SERVICE}}
    ada = organization.management.user("ada", allow("organizations:EnableAWSServiceAccess", Condition=condition))
    ada.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    with refused("AccessDeniedException"):
        ada.client("organizations").enable_aws_service_access(ServicePrincipal="sso.amazonaws.com")


def test_a_type_of_policies_can_need_a_trusted_service(organization):
    with refused("ConstraintViolationException") as raised:
        organization.enable("SECURITYHUB_POLICY")
    assert reason(raised) == "SERVICE_ACCESS_NOT_ENABLED"
    organization.api.enable_aws_service_access(ServicePrincipal="securityhub.amazonaws.com")
    organization.enable("SECURITYHUB_POLICY")
    with refused("ConstraintViolationException") as raised:
        organization.api.disable_aws_service_access(ServicePrincipal="securityhub.amazonaws.com")
    assert reason(raised) == "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"


def test_administrators_are_registered_listed_and_deregistered(organization):
    api, spoke, other = organization.api, organization.account("spoke"), organization.account("other")
    wish = {"AccountId": spoke.id, "ServicePrincipal": SERVICE}
    with refused("ConstraintViolationException") as raised:
        api.register_delegated_administrator(**wish)
    assert reason(raised) == "SERVICE_ACCESS_NOT_ENABLED"
    for service in (SERVICE, "cloudtrail.amazonaws.com"):
        api.enable_aws_service_access(ServicePrincipal=service)
    api.register_delegated_administrator(**wish)
    with refused("AccountAlreadyRegisteredException"):
        api.register_delegated_administrator(**wish)
    with refused("ConstraintViolationException") as raised:
        api.register_delegated_administrator(**{**wish, "AccountId": other.id})
    assert reason(raised) == "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"
    with refused("ConstraintViolationException") as raised:
        api.register_delegated_administrator(**{**wish, "AccountId": organization.management.id})
    assert reason(raised) == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
    with refused("AccountNotFoundException"):
        api.register_delegated_administrator(**{**wish, "AccountId": "999999999999"})
    for account in (spoke, other):
        api.register_delegated_administrator(AccountId=account.id, ServicePrincipal="cloudtrail.amazonaws.com")
    pages = api.get_paginator("list_delegated_administrators").paginate(PaginationConfig={"PageSize": 1})
    listed = [one for page in pages for one in page["DelegatedAdministrators"]]
    assert {one["Id"] for one in listed} == {spoke.id, other.id} and len(listed) == 2
    assert {one["Name"] for one in listed} == {"spoke", "other"}
    [only] = api.list_delegated_administrators(ServicePrincipal=SERVICE)["DelegatedAdministrators"]
    assert only["Id"] == spoke.id and only["DelegationEnabledDate"]
    services = api.list_delegated_services_for_account(AccountId=spoke.id)["DelegatedServices"]
    assert [one["ServicePrincipal"] for one in services] == ["cloudtrail.amazonaws.com", SERVICE]
    for call in (
        lambda: api.remove_account_from_organization(AccountId=spoke.id),
        lambda: api.close_account(AccountId=spoke.id),
    ):
        with refused("ConstraintViolationException") as raised:
            call()
        assert reason(raised) == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
    with refused("ConstraintViolationException"):
        api.disable_aws_service_access(ServicePrincipal=SERVICE)
    api.deregister_delegated_administrator(**wish)
    with refused("AccountNotRegisteredException"):
        api.deregister_delegated_administrator(**wish)
    api.disable_aws_service_access(ServicePrincipal=SERVICE)


def test_an_administrator_reads_and_changes_nothing(organization):
    spoke = organization.account("spoke")
    reader = spoke.user("ada", allow("organizations:*")).client("organizations")
    nobody = spoke.user("bob", allow("iam:*")).client("organizations")
    with refused("AccessDeniedException", 400):
        reader.list_accounts()
    organization.api.enable_aws_service_access(ServicePrincipal=SERVICE)
    organization.api.register_delegated_administrator(AccountId=spoke.id, ServicePrincipal=SERVICE)
    assert {one["Id"] for one in reader.list_accounts()["Accounts"]} == set(organization.members())
    assert reader.list_roots()["Roots"][0]["Id"] == organization.root
    assert reader.describe_account(AccountId=organization.management.id)["Account"]["Id"] == organization.management.id
    assert reader.list_children(ParentId=organization.root, ChildType="ACCOUNT")["Children"]
    with refused("AccessDeniedException", 400, "is not authorized"):
        nobody.list_accounts()
    for call in (
        lambda: reader.create_organizational_unit(ParentId=organization.root, Name="u"),
        lambda: reader.create_account(AccountName="x", Email="x@example.com"),
        lambda: reader.create_policy(Content=TAGS, Name="t", Description="", Type="TAG_POLICY"),
        lambda: reader.enable_aws_service_access(ServicePrincipal=SERVICE),
        lambda: reader.put_resource_policy(Content="{}"),
        lambda: reader.tag_resource(ResourceId=organization.root, Tags=[{"Key": "k", "Value": "v"}]),
    ):
        with refused("AccessDeniedException", 400):
            call()


def policy(account, actions, resource="*", **more):
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, **more}
    return document({**statement, "Action": actions, "Resource": resource})


def test_the_policy_of_the_organization_is_put_shown_and_removed(organization):
    api, spoke = organization.api, organization.account("spoke")
    with refused("ResourcePolicyNotFoundException"):
        api.describe_resource_policy()
    content = policy(spoke, "organizations:List*")
    made = api.put_resource_policy(Content=content, Tags=[{"Key": "k", "Value": "v"}])["ResourcePolicy"]
    summary = made["ResourcePolicySummary"]
    assert summary["Arn"].endswith(f":resourcepolicy/{organization.id}/{summary['Id']}") and made["Content"] == content
    assert api.describe_resource_policy()["ResourcePolicy"] == made
    assert api.list_tags_for_resource(ResourceId=summary["Id"])["Tags"] == [{"Key": "k", "Value": "v"}]
    again = api.put_resource_policy(Content=policy(spoke, "organizations:Describe*"))["ResourcePolicy"]
    assert again["ResourcePolicySummary"] == summary
    api.delete_resource_policy()
    with refused("ResourcePolicyNotFoundException"):
        api.delete_resource_policy()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lambda spoke: "{}", "INVALID_RESOURCE_POLICY_JSON"),
        (lambda spoke: policy(spoke, "organizations:CreateAccount"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        (lambda spoke: policy(spoke, "organizations:*"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        (lambda spoke: policy(Account(spoke.welkin), "organizations:List*"), "INVALID_PRINCIPAL"),
    ],
)
def test_what_the_policy_of_the_organization_cannot_say(organization, content, expected):
    with refused("InvalidInputException") as raised:
        organization.api.put_resource_policy(Content=content(organization.account("spoke")))
    assert reason(raised) == expected


def test_the_policy_of_the_organization_lets_members_manage_policies(organization):
    organization.enable("TAG_POLICY")
    spoke, other = organization.account("spoke"), organization.account("other")
    tags_only = {"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}}
    actions = ["organizations:CreatePolicy", "organizations:AttachPolicy", "organizations:DeletePolicy"]
    arn = f"arn:aws:organizations::{organization.management.id}:"
    lists = policy(spoke, ["organizations:ListRoots", "organizations:ListAccounts"])
    changes = policy(spoke, actions, Condition=tags_only)
    both = lists[:-2] + ", " + changes.split("[", 1)[1]
    ada = spoke.user("ada", allow("organizations:*")).client("organizations")
    with refused("AccessDeniedException", 400):
        ada.create_policy(Content=TAGS, Name="t", Description="", Type="TAG_POLICY")
    organization.api.put_resource_policy(Content=both)
    made = ada.create_policy(Content=TAGS, Name="t", Description="", Type="TAG_POLICY")["Policy"]["PolicySummary"]
    assert made["Arn"].startswith(f"{arn}policy/{organization.id}/tag_policy/")
    ada.attach_policy(PolicyId=made["Id"], TargetId=spoke.id)
    [attached] = organization.api.list_policies_for_target(TargetId=spoke.id, Filter="TAG_POLICY")["Policies"]
    assert attached["Id"] == made["Id"] and ada.list_accounts()["Accounts"]
    for call in (
        lambda: ada.create_policy(Content=document(deny("s3:*")), Name="s", Description="", Type="SERVICE_CONTROL_POLICY"),
        lambda: ada.detach_policy(PolicyId=made["Id"], TargetId=spoke.id),
        lambda: ada.list_policies(Filter="TAG_POLICY"),
        lambda: ada.create_organizational_unit(ParentId=organization.root, Name="u"),
    ):
        with refused("AccessDeniedException", 400):
            call()
    with refused("AccessDeniedException", 400):
        other.user("eve", allow("organizations:*")).client("organizations").list_accounts()
    nobody = spoke.user("bob", allow("organizations:ListRoots")).client("organizations")
    assert nobody.list_roots()["Roots"]
    with refused("AccessDeniedException", 400):
        nobody.list_accounts()
    organization.api.delete_resource_policy()
    with refused("AccessDeniedException", 400):
        ada.list_roots()
