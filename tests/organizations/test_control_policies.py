"""Service and resource control policies, in force."""

from identity import Account, allow, deny, document, refused, trust

FULL = "p-FullAWSAccess"
RCP = "RESOURCE_CONTROL_POLICY"
SCP = "SERVICE_CONTROL_POLICY"


def rcp(*statements):
    return document(*({"Principal": "*", **statement} for statement in statements))


def test_a_denial_binds_members_and_not_the_management_account(organization):
    spoke = organization.account("spoke")
    ada = spoke.user("ada", allow("*"))
    organization.enable()
    policy = organization.policy(document(deny("iam:ListUsers")))
    organization.api.attach_policy(PolicyId=policy, TargetId=organization.root)
    message = "with an explicit deny in a service control policy"
    with refused("AccessDenied", 403, message):
        ada.client("iam").list_users()
    with refused("AccessDenied", 403, message):
        spoke.iam.list_users()
    assert ada.client("iam").list_groups()["Groups"] == []
    assert organization.management.iam.list_users()["Users"] == []
    organization.api.detach_policy(PolicyId=policy, TargetId=organization.root)
    assert ada.client("iam").list_users()["Users"]


def test_every_level_must_allow(organization):
    unit = organization.unit("u")
    spoke = organization.account("spoke")
    organization.api.move_account(AccountId=spoke.id, SourceParentId=organization.root, DestinationParentId=unit)
    organization.enable()
    policy = organization.policy(document(allow("iam:List*"), allow("sts:*")))
    organization.api.attach_policy(PolicyId=policy, TargetId=unit)
    spoke.iam.create_user(UserName="ada")
    organization.api.detach_policy(PolicyId=FULL, TargetId=unit)
    assert spoke.iam.list_users()["Users"]
    with refused("AccessDenied", 403, "because no service control policy allows the iam:CreateUser action"):
        spoke.iam.create_user(UserName="bob")
    organization.api.update_policy(PolicyId=policy, Content=document(allow("iam:*")))
    spoke.iam.create_user(UserName="bob")
    organization.api.update_policy(PolicyId=policy, Content=document(allow("s3:*")))
    with refused("AccessDenied", 403):
        spoke.iam.list_users()
    organization.api.move_account(AccountId=spoke.id, SourceParentId=unit, DestinationParentId=organization.root)
    assert len(spoke.iam.list_users()["Users"]) == 2, "other policies bind where it is now"


def test_disabling_the_type_lifts_all_of_them(organization):
    spoke = organization.account("spoke")
    organization.enable()
    assert organization.api.list_roots()["Roots"][0]["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    with refused("PolicyTypeAlreadyEnabledException"):
        organization.enable()
    policy = organization.policy(document(deny("*")))
    organization.api.attach_policy(PolicyId=policy, TargetId=spoke.id)
    with refused("AccessDenied", 403):
        spoke.iam.list_users()
    organization.api.disable_policy_type(RootId=organization.root, PolicyType=SCP)
    assert spoke.iam.list_users()["Users"] == []
    with refused("PolicyTypeNotEnabledException"):
        organization.api.attach_policy(PolicyId=policy, TargetId=spoke.id)
    organization.enable()
    assert spoke.iam.list_users()["Users"] == [], "what was detached stays detached"


def test_accounts_and_units_made_later_have_full_access_too(organization):
    organization.enable()
    spoke, unit = organization.account("spoke"), organization.unit("u")
    for target in (spoke.id, unit, organization.root, organization.management.id):
        policies = organization.api.list_policies_for_target(TargetId=target, Filter=SCP)["Policies"]
        assert [policy["Id"] for policy in policies] == [FULL], target
    assert spoke.iam.list_users()["Users"] == []


def test_resource_control_policies_bind_strangers_too(organization):
    spoke = organization.account("spoke")
    stranger = Account(spoke.welkin).user("ada", allow("sts:AssumeRole"))
    mine = spoke.user("bob", allow("sts:AssumeRole"))
    role = spoke.role("r", trust({"AWS": "*"}))
    assert stranger.assume(role) and mine.assume(role)
    organization.enable(RCP)
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": organization.id}}
    policy = organization.policy(rcp(deny("sts:AssumeRole", Condition=condition)), RCP)
    assert stranger.assume(role)
    organization.api.attach_policy(PolicyId=policy, TargetId=spoke.id)
    with refused("AccessDenied", 403, "with an explicit deny in a resource control policy"):
        stranger.assume(role)
    assert mine.assume(role)
    with refused("InvalidInputException") as raised:
        organization.api.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=spoke.id)
    assert raised.value.response["Reason"] == "NON_DETACHABLE_POLICY"


def test_a_policy_is_made_found_changed_and_removed(organization):
    api = organization.api
    content = document(deny("iam:*"))
    made = api.create_policy(Content=content, Name="p", Description="d", Type=SCP)["Policy"]
    summary = made["PolicySummary"]
    assert made["Content"] == content and not summary["AwsManaged"]
    assert summary["Arn"].endswith(f":policy/{organization.id}/service_control_policy/{summary['Id']}")
    assert api.describe_policy(PolicyId=summary["Id"])["Policy"] == made
    with refused("DuplicatePolicyException"):
        organization.policy(content)
    listed = {policy["Id"]: policy for policy in api.list_policies(Filter=SCP)["Policies"]}
    assert set(listed) == {FULL, summary["Id"]} and listed[FULL]["AwsManaged"]
    assert listed[FULL]["Arn"] == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    organization.enable()
    api.attach_policy(PolicyId=summary["Id"], TargetId=organization.root)
    targets = api.list_targets_for_policy(PolicyId=summary["Id"])["Targets"]
    assert [(t["TargetId"], t["Type"], t["Name"]) for t in targets] == [(organization.root, "ROOT", "Root")]
    with refused("DuplicatePolicyAttachmentException"):
        api.attach_policy(PolicyId=summary["Id"], TargetId=organization.root)
    with refused("PolicyInUseException"):
        api.delete_policy(PolicyId=summary["Id"])
    api.detach_policy(PolicyId=summary["Id"], TargetId=organization.root)
    with refused("PolicyNotAttachedException"):
        api.detach_policy(PolicyId=summary["Id"], TargetId=organization.root)
    api.delete_policy(PolicyId=summary["Id"])
    with refused("PolicyNotFoundException"):
        api.describe_policy(PolicyId=summary["Id"])


def test_what_may_not_be(organization):
    api = organization.api
    for bad in ("{}", "nonsense", rcp(deny("*"))):
        with refused("MalformedPolicyDocumentException"):
            organization.policy(bad)
    for bad in (rcp(deny("*")), rcp(deny("iam:*")), rcp(allow("s3:*"))):
        with refused("MalformedPolicyDocumentException"):
            organization.policy(bad, RCP)
    with refused("ConstraintViolationException") as raised:
        organization.policy(document(*[deny("s3:*", f"arn:aws:s3:::{n:050}") for n in range(120)]))
    assert raised.value.response["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED"
    with refused("InvalidInputException"):
        api.update_policy(PolicyId=FULL, Content=document(deny("*")))
    organization.enable()
    with refused("ConstraintViolationException") as raised:
        api.detach_policy(PolicyId=FULL, TargetId=organization.root)
    assert raised.value.response["Reason"] == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    for n in range(9):
        api.attach_policy(PolicyId=organization.policy(document(allow("s3:*")), name=f"p{n}"), TargetId=organization.root)
    with refused("ConstraintViolationException") as raised:
        api.attach_policy(PolicyId=organization.policy(document(allow("s3:*")), name="last"), TargetId=organization.root)
    assert raised.value.response["Reason"] == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    with refused("TargetNotFoundException"):
        api.attach_policy(PolicyId=FULL, TargetId="999999999999")
    with refused("RootNotFoundException"):
        api.enable_policy_type(RootId="r-0000", PolicyType=RCP)


def test_an_organization_for_billing_has_no_policies(account):
    api = account.client("organizations")
    made = api.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]
    assert made["FeatureSet"] == "CONSOLIDATED_BILLING" and made["AvailablePolicyTypes"] == []
    root = api.list_roots()["Roots"][0]["Id"]
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        api.enable_policy_type(RootId=root, PolicyType=SCP)
