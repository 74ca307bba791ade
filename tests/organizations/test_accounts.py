"""Organizations, their accounts and units."""

import re

from identity import Account, allow, document, refused


def test_an_organization_is_made_once_and_told_to_every_member(account):
    api = account.client("organizations")
    with refused("AWSOrganizationsNotInUseException", 400, "Your account is not a member of an organization."):
        api.describe_organization()
    made = api.create_organization()["Organization"]
    assert re.fullmatch(r"o-[a-z0-9]{10}", made["Id"]) and made["FeatureSet"] == "ALL"
    assert made["Arn"] == f"arn:aws:organizations::{account.id}:organization/{made['Id']}"
    assert made["MasterAccountArn"] == f"arn:aws:organizations::{account.id}:account/{made['Id']}/{account.id}"
    with refused("AlreadyInOrganizationException", 400):
        api.create_organization()
    assert api.describe_organization()["Organization"] == made


def test_a_new_account_lets_the_management_account_in(organization):
    status = organization.request("spoke", f"spoke@{organization.id}.example")
    assert re.fullmatch(r"car-[a-z0-9]{32}", status["Id"]) and re.fullmatch(r"\d{12}", status["AccountId"])
    assert status["CompletedTimestamp"] >= status["RequestedTimestamp"]
    spoke = Account(organization.management.welkin, status["AccountId"])
    admin = organization.management.user("admin", allow("sts:AssumeRole"))
    session = admin.assume(spoke.arn("role/OrganizationAccountAccessRole"))
    assert session.client("iam").create_user(UserName="ada")["User"]["Arn"] == spoke.arn("user/ada")
    assert spoke.client("organizations").describe_organization()["Organization"]["Id"] == organization.id
    listed = {account["Id"]: account for account in organization.api.list_accounts()["Accounts"]}
    assert set(listed) == {organization.management.id, spoke.id}
    assert listed[spoke.id]["JoinedMethod"] == "CREATED" and listed[spoke.id]["Status"] == "ACTIVE"
    assert listed[spoke.id]["Arn"].endswith(f":account/{organization.id}/{spoke.id}")
    assert organization.api.describe_account(AccountId=spoke.id)["Account"] == listed[spoke.id]


def test_organizations_has_a_role_linked_to_it_in_every_account(organization, account):
    spoke = organization.account("spoke")
    for member in (organization.management, spoke):
        role = member.iam.get_role(RoleName="AWSServiceRoleForOrganizations")["Role"]
        assert role["Path"] == "/aws-service-role/organizations.amazonaws.com/"
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"] in (
            "organizations.amazonaws.com",
            ["organizations.amazonaws.com"],
        )


def test_making_an_organization_needs_the_right_to_make_that_role(account):
    ada = account.user("ada", allow("organizations:CreateOrganization")).client("organizations")
    with refused("AccessDeniedForDependencyException", 400):
        ada.create_organization(FeatureSet="ALL")
    with refused("AWSOrganizationsNotInUseException"):
        account.client("organizations").describe_organization()
    assert ada.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]["FeatureSet"]


def test_the_role_of_a_new_account_can_have_another_name(organization):
    spoke = organization.account("spoke", RoleName="Keys")
    admin = organization.management.user("admin", allow("sts:AssumeRole"))
    assert admin.assume(spoke.arn("role/Keys")).arn() == f"arn:aws:sts::{spoke.id}:assumed-role/Keys/session"
    attached = spoke.iam.list_attached_role_policies(RoleName="Keys")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]
    stranger = Account(organization.management.welkin).user("ada", allow("sts:AssumeRole"))
    with refused("AccessDenied", 403):
        stranger.assume(spoke.arn("role/Keys"))


def test_an_address_is_that_of_one_account(organization):
    email = f"same@{organization.id}.example"
    assert organization.request("a", email)["State"] == "SUCCEEDED"
    status = organization.request("b", email.upper())
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in status and len(organization.api.list_accounts()["Accounts"]) == 2
    failed = organization.api.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    assert [request["Id"] for request in failed] == [status["Id"]]
    with refused("CreateAccountStatusNotFoundException"):
        organization.api.describe_create_account_status(CreateAccountRequestId="car-" + "0" * 32)


def test_only_the_management_account_manages(organization):
    spoke = organization.account("spoke").client("organizations")
    for call in (spoke.list_accounts, spoke.list_roots, spoke.list_create_account_status):
        with refused("AccessDeniedException", 400, "You don't have permissions to access this resource."):
            call()
    with refused("AccessDeniedException", 400):
        spoke.create_account(AccountName="x", Email="x@example.com")
    with refused("AlreadyInOrganizationException"):
        spoke.create_organization()


def test_users_of_the_management_account_need_permission(organization):
    ada = organization.management.user("ada", allow("organizations:List*")).client("organizations")
    assert len(ada.list_accounts()["Accounts"]) == 1
    with refused("AccessDeniedException", 400, "is not authorized to perform: organizations:CreateAccount"):
        ada.create_account(AccountName="x", Email="x@example.com")
    with refused("AccessDeniedException", 400, f":root/{organization.id}/{organization.root}"):
        ada.create_organizational_unit(ParentId=organization.root, Name="u")


def test_units_form_a_tree(organization):
    api = organization.api
    a = organization.unit("a")
    assert re.fullmatch(rf"ou-{organization.root[2:]}-[a-z0-9]{{8}}", a)
    b = organization.unit("b", a)
    described = api.describe_organizational_unit(OrganizationalUnitId=b)["OrganizationalUnit"]
    assert described["Path"] == f"{organization.id}/{organization.root}/{a}/{b}/"
    assert described["Arn"] == f"arn:aws:organizations::{organization.management.id}:ou/{organization.id}/{b}"
    assert api.list_parents(ChildId=b)["Parents"] == [{"Id": a, "Type": "ORGANIZATIONAL_UNIT"}]
    assert api.list_parents(ChildId=a)["Parents"] == [{"Id": organization.root, "Type": "ROOT"}]
    children = api.list_children(ParentId=organization.root, ChildType="ORGANIZATIONAL_UNIT")["Children"]
    assert children == [{"Id": a, "Type": "ORGANIZATIONAL_UNIT"}]
    units = api.list_organizational_units_for_parent(ParentId=a)["OrganizationalUnits"]
    assert [unit["Name"] for unit in units] == ["b"]
    with refused("DuplicateOrganizationalUnitException"):
        organization.unit("a")
    organization.unit("a", b)
    with refused("OrganizationalUnitNotEmptyException"):
        api.delete_organizational_unit(OrganizationalUnitId=b)
    api.update_organizational_unit(OrganizationalUnitId=b, Name="c")
    with refused("ParentNotFoundException"):
        organization.unit("x", f"ou-{organization.root[2:]}-00000000")
    with refused("OrganizationalUnitNotFoundException"):
        api.describe_organizational_unit(OrganizationalUnitId=f"ou-{organization.root[2:]}-00000000")


def test_units_are_nested_five_deep(organization):
    parent = organization.root
    for level in range(5):
        parent = organization.unit(f"u{level}", parent)
    with refused("ConstraintViolationException") as raised:
        organization.unit("u5", parent)
    assert raised.value.response["Reason"] == "OU_DEPTH_LIMIT_EXCEEDED"
    organization.api.delete_organizational_unit(OrganizationalUnitId=parent)


def test_an_account_is_moved(organization):
    api = organization.api
    spoke, unit = organization.account("spoke"), organization.unit("u")
    move = {"AccountId": spoke.id, "SourceParentId": organization.root, "DestinationParentId": unit}
    api.move_account(**move)
    assert [a["Id"] for a in api.list_accounts_for_parent(ParentId=unit)["Accounts"]] == [spoke.id]
    assert [a["Id"] for a in api.list_accounts_for_parent(ParentId=organization.root)["Accounts"]] == [
        organization.management.id
    ]
    path = f"{organization.id}/{organization.root}/{unit}/{spoke.id}/"
    assert api.describe_account(AccountId=spoke.id)["Account"]["Paths"] == [path]
    with refused("DuplicateAccountException"):
        api.move_account(**move)
    with refused("SourceParentNotFoundException"):
        api.move_account(**{**move, "DestinationParentId": organization.root})
    with refused("AccountNotFoundException"):
        api.move_account(**{**move, "AccountId": "999999999999"})
    with refused("OrganizationalUnitNotEmptyException"):
        api.delete_organizational_unit(OrganizationalUnitId=unit)


def test_pages_hold_every_unit_once(organization):
    made = {organization.unit(f"u{n}") for n in range(7)}
    pages = organization.api.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=organization.root, PaginationConfig={"PageSize": 3}
    )
    seen = [unit["Id"] for page in pages for unit in page["OrganizationalUnits"]]
    assert len(seen) == 7 and set(seen) == made
    with refused("InvalidInputException") as raised:
        organization.api.list_children(ParentId=organization.root, ChildType="ACCOUNT", NextToken="?")
    assert raised.value.response["Reason"] == "INVALID_NEXT_TOKEN"


def test_tags_are_kept(organization):
    api = organization.api
    spoke = organization.account("spoke", Tags=[{"Key": "team", "Value": "a"}])
    assert api.list_tags_for_resource(ResourceId=spoke.id)["Tags"] == [{"Key": "team", "Value": "a"}]
    api.tag_resource(ResourceId=organization.root, Tags=[{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}])
    api.untag_resource(ResourceId=organization.root, TagKeys=["l"])
    assert api.list_tags_for_resource(ResourceId=organization.root)["Tags"] == [{"Key": "k", "Value": "v"}]
    with refused("TargetNotFoundException"):
        api.tag_resource(ResourceId="999999999999", Tags=[{"Key": "k", "Value": "v"}])


def test_an_organization_is_removed_when_it_has_no_members_left(account, organization):
    account.client("organizations").delete_organization()
    with refused("AWSOrganizationsNotInUseException"):
        account.client("organizations").list_accounts()
    assert account.client("organizations").create_organization()["Organization"]["Id"] != organization.id


def test_an_organization_with_members_stays(organization):
    organization.account("spoke")
    with refused("OrganizationNotEmptyException"):
        organization.api.delete_organization()
    assert len(organization.api.list_accounts()["Accounts"]) == 2


def test_conditions_on_the_organization_of_the_caller(organization):
    spoke = organization.account("spoke")
    condition = {"StringEquals": {"aws:PrincipalOrgID": organization.id}}
    policy = document(
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    )
    role = organization.management.role("r", policy)
    member = spoke.user("ada", allow("sts:AssumeRole"))
    stranger = Account(spoke.welkin).user("ada", allow("sts:AssumeRole"))
    assert member.assume(role)
    with refused("AccessDenied", 403):
        stranger.assume(role)
