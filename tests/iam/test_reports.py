"""What is told of a whole account: its authorisation details, its credentials, who used what."""

import csv
import io

import pytest
from certificates import certificate, pem_of, rsa_key
from identity import allow, deny, document, refused, trust
from test_mfa import Device


def role(account, name="r", *statements, **more):
    return account.role(name, trust({"AWS": account.id}), *statements, **more)


def test_authorization_details_show_everything(account):
    iam = account.iam
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=document(allow("sqs:*")), SetAsDefault=True)
    account.user("ada", allow("iam:*"))
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ada")
    iam.put_group_policy(GroupName="g", PolicyName="gp", PolicyDocument=document(deny("s3:*")))
    iam.attach_group_policy(GroupName="g", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.attach_user_policy(UserName="ada", PolicyArn=policy)
    iam.tag_user(UserName="ada", Tags=[{"Key": "k", "Value": "v"}])
    role(account, PermissionsBoundary=policy)
    iam.create_instance_profile(InstanceProfileName="ip")
    iam.add_role_to_instance_profile(InstanceProfileName="ip", RoleName="r")
    got = iam.get_account_authorization_details()
    (user,), (group,), (role_,) = got["UserDetailList"], got["GroupDetailList"], got["RoleDetailList"]
    assert user["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == "iam:*"
    assert user["GroupList"] == ["g"] and user["AttachedManagedPolicies"] == [{"PolicyName": "p", "PolicyArn": policy}]
    assert user["Tags"] == [{"Key": "k", "Value": "v"}]
    assert group["GroupPolicyList"][0]["PolicyName"] == "gp"
    assert group["AttachedManagedPolicies"][0]["PolicyName"] == "ReadOnlyAccess"
    assert role_["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert role_["InstanceProfileList"][0]["InstanceProfileName"] == "ip"
    own, aws = sorted(got["Policies"], key=lambda p: p["PolicyName"] != "p")
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in own["PolicyVersionList"]] == [("v2", True), ("v1", False)]
    assert own["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "sqs:*"
    assert (own["AttachmentCount"], own["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert aws["Arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess" and aws["PolicyVersionList"][0]["Document"]


def test_authorization_details_come_filtered_and_in_pages(account):
    for name in ("a", "b", "c"):
        account.iam.create_user(UserName=name)
    role(account)
    got = account.iam.get_account_authorization_details(Filter=["Role"])
    assert len(got["RoleDetailList"]) == 1 and got["UserDetailList"] == []
    pages = account.iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    users = [user["UserName"] for page in pages for user in page["UserDetailList"]]
    assert sorted(users) == ["a", "b", "c"]
    eve = account.user("eve", allow("iam:List*")).client("iam")
    with refused("AccessDenied", 403):
        eve.get_account_authorization_details()


def report(account):
    """The rows of the credential report, by user."""
    text = account.iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_credential_report_is_made_from_what_there_is(account):
    iam = account.iam
    with refused("ReportNotPresent", 410):
        iam.get_credential_report()
    ada = account.user("ada", allow("*"))
    iam.create_user(UserName="bob", Path="/team/")
    iam.update_account_password_policy(MaxPasswordAge=10)
    iam.create_login_profile(UserName="ada", Password="First-pass-1")
    iam.upload_signing_certificate(UserName="ada", CertificateBody=pem_of(certificate("ada", rsa_key("leaf"))))
    Device(account).enable()
    ada.client("sqs", region="eu-west-1").list_queues()
    made = iam.generate_credential_report()
    assert made["State"] == "STARTED" and "No report exists" in made["Description"]
    account.welkin.advance("1s")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    got = iam.get_credential_report()
    assert got["ReportFormat"] == "text/csv" and got["GeneratedTime"]
    rows = report(account)
    assert list(rows) == ["<root_account>", "ada", "bob"]
    root, of_ada, of_bob = rows.values()
    assert root["arn"] == account.arn("root") and root["password_enabled"] == "not_supported"
    assert of_bob["arn"] == account.arn("user/team/bob") and of_bob["password_enabled"] == "false"
    assert of_bob["access_key_1_last_rotated"] == "N/A" and of_bob["mfa_active"] == "false"
    user = iam.get_user(UserName="ada")["User"]
    assert of_ada["user_creation_time"] == user["CreateDate"].strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert (of_ada["password_enabled"], of_ada["mfa_active"], of_ada["cert_1_active"]) == ("true", "true", "true")
    assert of_ada["password_next_rotation"] > of_ada["password_last_changed"] > "2026"
    assert (of_ada["access_key_1_active"], of_ada["access_key_2_active"]) == ("true", "false")
    assert (of_ada["access_key_1_last_used_service"], of_ada["access_key_1_last_used_region"]) == ("sqs", "eu-west-1")


def test_the_credential_report_is_current_for_four_hours(account):
    iam = account.iam
    iam.generate_credential_report()
    account.welkin.advance("1s")
    first = iam.get_credential_report()["GeneratedTime"]
    iam.create_user(UserName="late")
    account.welkin.advance("3h")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["GeneratedTime"] == first and "late" not in report(account)
    account.welkin.advance("61m")
    with refused("ReportExpired", 410):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    account.welkin.advance("1s")
    assert "late" in report(account)


def test_a_key_tells_when_where_and_for_what_it_was_used(account, other):
    ada = account.user("ada", allow("*"))
    last = lambda: account.iam.get_access_key_last_used(AccessKeyId=ada.key)  # noqa: E731
    assert last()["UserName"] == "ada"
    assert last()["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    ada.client("sqs", region="eu-west-1").list_queues()
    used = last()["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("sqs", "eu-west-1")
    ada.arn()
    assert last()["AccessKeyLastUsed"]["ServiceName"] == "sts"
    account.welkin.advance("2h")
    ada.arn()
    assert (last()["AccessKeyLastUsed"]["LastUsedDate"] - used["LastUsedDate"]).total_seconds() >= 7200
    for iam, key in ((other.iam, ada.key), (account.iam, "AKIAIOSFODNN7EXAMPLE")):
        with refused("AccessDenied", 403, "iam:GetAccessKeyLastUsed on resource: access key"):
            iam.get_access_key_last_used(AccessKeyId=key)
    bob = account.user("bob", allow("iam:GetAccessKeyLastUsed", account.arn("user/bob"))).client("iam")
    with refused("AccessDenied", 403, account.arn("user/ada")):
        bob.get_access_key_last_used(AccessKeyId=ada.key)


def test_uses_of_data_are_noted_and_refused_ones_too(account):
    ada = account.user("ada", allow("sqs:*"))
    url = account.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    ada.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    key = lambda: account.iam.get_access_key_last_used(AccessKeyId=ada.key)["AccessKeyLastUsed"]  # noqa: E731
    assert key()["ServiceName"] == "sqs"
    with refused("AccessDeniedException"):
        ada.client("kms").list_keys()
    assert key()["ServiceName"] == "kms"


def test_a_role_tells_when_and_where_it_was_used(account):
    arn = role(account, "r", allow("sqs:*"))
    assert "RoleLastUsed" not in account.iam.get_role(RoleName="r")["Role"]
    ada = account.user("ada", allow("sts:AssumeRole"))
    ada.assume(arn).client("sqs", region="eu-west-1").list_queues()
    used = account.iam.get_role(RoleName="r")["Role"]["RoleLastUsed"]
    assert used["Region"] == "eu-west-1" and used["LastUsedDate"]


def last_accessed(account, arn, **more):
    job = account.iam.generate_service_last_accessed_details(Arn=arn, **more)["JobId"]
    return job, account.iam.get_service_last_accessed_details(JobId=job)


def test_services_that_a_user_may_use_are_told_with_their_last_use(account):
    ada = account.user("ada", allow(["sqs:*", "kms:List*"]), deny("kms:*"))
    account.iam.create_group(GroupName="g")
    account.iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=document(allow("s3:Get*")))
    account.iam.add_user_to_group(GroupName="g", UserName="ada")
    ada.client("sqs", region="eu-west-1").list_queues()
    ada.arn()
    arn = account.arn("user/ada")
    _, got = last_accessed(account, arn, Granularity="ACTION_LEVEL")
    assert (got["JobStatus"], got["JobType"]) == ("COMPLETED", "ACTION_LEVEL")
    services = {service["ServiceNamespace"]: service for service in got["ServicesLastAccessed"]}
    assert list(services) == ["kms", "s3", "sqs"], "what no policy allows is not told of, though it was used"
    sqs = services["sqs"]
    assert sqs["ServiceName"] and sqs["TotalAuthenticatedEntities"] == 1 and sqs["LastAuthenticated"]
    assert (sqs["LastAuthenticatedEntity"], sqs["LastAuthenticatedRegion"]) == (arn, "eu-west-1")
    assert [action["ActionName"] for action in sqs["TrackedActionsLastAccessed"]] == ["ListQueues"]
    assert services["kms"]["TotalAuthenticatedEntities"] == 0 and "LastAuthenticated" not in services["kms"]
    _, got = last_accessed(account, arn)
    assert "TrackedActionsLastAccessed" not in got["ServicesLastAccessed"][2]


def test_users_of_a_group_and_of_a_policy_are_told(account):
    iam = account.iam
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    iam.create_group(GroupName="g")
    iam.attach_group_policy(GroupName="g", PolicyArn=policy)
    ada, _ = account.user("ada"), account.user("bob")
    for name in ("ada", "bob"):
        iam.add_user_to_group(GroupName="g", UserName=name)
    role(account, "r")
    iam.attach_role_policy(RoleName="r", PolicyArn=policy)
    ada.client("sqs").list_queues()
    for arn, count in ((account.arn("group/g"), 2), (policy, 3)):
        job, got = last_accessed(account, arn)
        assert [(s["ServiceNamespace"], s["TotalAuthenticatedEntities"]) for s in got["ServicesLastAccessed"]] == [("sqs", 1)]
        details = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="sqs")
        by_name = {d["EntityInfo"]["Name"]: d for d in details["EntityDetailsList"]}
        assert len(by_name) == count and "LastAuthenticated" in by_name["ada"] and "LastAuthenticated" not in by_name["bob"]
        assert by_name["ada"]["EntityInfo"]["Type"] == "USER"
        with refused("InvalidInput", 400):
            iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="s3")


def test_reports_are_the_accounts_and_come_in_pages(account, other):
    role(account, "r", allow("*"))
    job, got = last_accessed(account, account.arn("role/r"))
    assert got["IsTruncated"] and len(got["ServicesLastAccessed"]) == 100
    names, marker = [], {}
    while True:
        page = account.iam.get_service_last_accessed_details(JobId=job, **marker)
        names += [service["ServiceNamespace"] for service in page["ServicesLastAccessed"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert len(names) == len(set(names)) > 300 and {"s3", "iam", "ec2"} <= set(names)
    with refused("NoSuchEntity", 404):
        other.iam.get_service_last_accessed_details(JobId=job)
    for arn, code in ((account.arn("role/none"), "NoSuchEntity"), ("arn:aws:s3:::bucket-of-mine", "InvalidInput")):
        with refused(code):
            account.iam.generate_service_last_accessed_details(Arn=arn)


def test_policies_that_grant_a_service_are_listed(account):
    iam = account.iam
    account.user("ada", allow("s3:GetObject"))
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="gp", PolicyDocument=document(allow("s3:*"), deny("sqs:*")))
    iam.add_user_to_group(GroupName="g", UserName="ada")
    got = iam.list_policies_granting_service_access(Arn=account.arn("user/ada"), ServiceNamespaces=["sqs", "s3"])
    found = {entry["ServiceNamespace"]: entry["Policies"] for entry in got["PoliciesGrantingServiceAccess"]}
    managed = {
        "PolicyName": "AdministratorAccess", "PolicyType": "MANAGED",
        "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    }
    assert found["sqs"] == [managed]
    assert sorted(found["s3"], key=lambda p: p["PolicyName"]) == [
        managed,
        {"PolicyName": "gp", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "g"},
        {"PolicyName": "own", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "ada"},
    ]
    with refused("InvalidInput", 400):
        iam.list_policies_granting_service_access(Arn=account.arn("user/ada"), ServiceNamespaces=["nonsense"])


def test_the_version_of_tokens_is_in_the_summary(account):
    version = lambda: account.iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"]  # noqa: E731
    assert version() == 1
    account.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert version() == 2
    with refused("ValidationError", 400):
        account.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v3Token")


@pytest.fixture
def organization(account):
    client = account.client("organizations")
    client.create_organization(FeatureSet="ALL")
    return client


def test_root_users_are_managed_by_whoever_manages_the_organization(account, other, organization):
    iam = account.iam
    with refused("OrganizationNotFoundException", 400):
        other.iam.list_organizations_features()
    with refused("ServiceAccessNotEnabledException", 400):
        iam.enable_organizations_root_sessions()
    organization.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    got = iam.enable_organizations_root_credentials_management()
    assert got["EnabledFeatures"] == ["RootCredentialsManagement"] and got["OrganizationId"].startswith("o-")
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootSessions"]
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    made = organization.create_account(Email=f"m{account.id}@example.com", AccountName="m")["CreateAccountStatus"]
    account.welkin.advance("5s")
    made = organization.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    member = account.welkin.client("iam", made["AccountId"])
    with refused("AccountNotManagementOrDelegatedAdministratorException", 400):
        member.list_organizations_features()
    organization.register_delegated_administrator(AccountId=made["AccountId"], ServicePrincipal="iam.amazonaws.com")
    assert member.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == []
    ada = account.user("ada", allow("iam:ListOrganizationsFeatures")).client("iam")
    assert ada.list_organizations_features()["EnabledFeatures"] == []
    with refused("AccessDenied", 403):
        ada.enable_organizations_root_sessions()


def test_an_organizations_services_are_told_with_their_last_use(account, organization):
    organization.enable_policy_type(RootId=organization.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    root = organization.list_roots()["Roots"][0]["Id"]
    path = f"{organization.describe_organization()['Organization']['Id']}/{root}"
    account.client("sqs", region="eu-west-1").list_queues()
    job = account.iam.generate_organizations_access_report(EntityPath=path)["JobId"]
    got = account.iam.get_organizations_access_report(JobId=job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", MaxItems=1000)
    assert got["JobStatus"] == "COMPLETED" and got["NumberOfServicesAccessible"] > 300
    details = {detail["ServiceNamespace"]: detail for detail in got["AccessDetails"]}
    assert (details["sqs"]["Region"], details["sqs"]["TotalAuthenticatedEntities"]) == ("eu-west-1", 1)
    assert details["sqs"]["EntityPath"] == f"{path}/{account.id}" and "LastAuthenticatedTime" not in details["ec2"]
    assert "LastAuthenticatedTime" in got["AccessDetails"][0] and "LastAuthenticatedTime" not in got["AccessDetails"][-1]
    assert len(got["AccessDetails"]) - got["NumberOfServicesNotAccessed"] == sum("Region" in d for d in got["AccessDetails"])
    made = organization.create_policy(
        Content=document(allow("sqs:*"), deny("s3:*")), Name="only-sqs", Description="", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    job = account.iam.generate_organizations_access_report(EntityPath=path, OrganizationsPolicyId=made)["JobId"]
    got = account.iam.get_organizations_access_report(JobId=job)
    assert [detail["ServiceNamespace"] for detail in got["AccessDetails"]] == ["sqs"]
    ada = account.user("ada", allow("iam:*")).client("iam")
    with refused("AccessDeniedException", 400):
        ada.generate_organizations_access_report(EntityPath=path)
    for wrong in (path + "/ou-aaaa-bbbbbbbb", "o-aaaaaaaaaa/" + root):
        with pytest.raises(account.iam.exceptions.ClientError):
            account.iam.generate_organizations_access_report(EntityPath=wrong)
    with refused("NoSuchEntity", 404):
        account.iam.get_organizations_access_report(JobId="0" * 36)
