"""Policies of settings: every type, its limits, its inheritance."""

import json

import pytest
from identity import allow, refused

CONTENT = {
    "TAG_POLICY": {"tags": {"team": {"tag_key": {"@@assign": "Team"}}}},
    "BACKUP_POLICY": {"plans": {"daily": {"regions": {"@@assign": ["us-east-1"]}}}},
    "AISERVICES_OPT_OUT_POLICY": {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}},
    "CHATBOT_POLICY": {"chatbot": {"platforms": {"slack": {"client": {"@@assign": "disabled"}}}}},
    "DECLARATIVE_POLICY_EC2": {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}},
    "SECURITYHUB_POLICY": {"securityhub": {"enable_in_regions": {"@@assign": ["ALL_SUPPORTED"]}}},
    "SECURITYHUB_CSPM_POLICY": {"securityhub_cspm": {"a": {"@@assign": "b"}}},
    "INSPECTOR_POLICY": {"inspector": {"enablement": {"ec2_scanning": {"enable_in_regions": {"@@assign": ["us-east-1"]}}}}},
    "UPGRADE_ROLLOUT_POLICY": {"upgrade_rollout": {"default": {"patch_order": {"@@assign": "second"}}}},
    "BEDROCK_POLICY": {"bedrock": {"guardrail_inference": {"a": {"@@assign": "b"}}}},
    "S3_POLICY": {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}},
    "NETWORK_SECURITY_DIRECTOR_POLICY": {"network_security_director": {"a": {"@@assign": "b"}}},
    "GUARDDUTY_POLICY": {"guardduty": {"a": {"@@assign": "b"}}},
}
TRUSTED = {
    "SECURITYHUB_POLICY": "securityhub",
    "SECURITYHUB_CSPM_POLICY": "securityhub",
    "INSPECTOR_POLICY": "inspector2",
    "GUARDDUTY_POLICY": "guardduty",
    "NETWORK_SECURITY_DIRECTOR_POLICY": "network-security-director",
}


def plain(policy):
    """The policy without its operators."""
    if not isinstance(policy, dict):
        return policy
    return policy["@@assign"] if "@@assign" in policy else {key: plain(value) for key, value in policy.items()}


def effective(api, kind, **target):
    return json.loads(api.describe_effective_policy(PolicyType=kind, **target)["EffectivePolicy"]["PolicyContent"])


def test_every_type_is_made_attached_and_in_effect(organization):
    api, spoke = organization.api, organization.account("spoke")
    theirs = spoke.client("organizations")
    for kind, content in CONTENT.items():
        if kind in TRUSTED:
            api.enable_aws_service_access(ServicePrincipal=f"{TRUSTED[kind]}.amazonaws.com")
        policy = organization.policy(json.dumps(content), kind, name=kind)
        with refused("PolicyTypeNotEnabledException"):
            api.attach_policy(PolicyId=policy, TargetId=organization.root)
        with refused("EffectivePolicyNotFoundException"):
            effective(api, kind, TargetId=spoke.id)
        organization.enable(kind)
        assert api.list_policies_for_target(TargetId=organization.root, Filter=kind)["Policies"] == []
        with refused("EffectivePolicyNotFoundException"):
            effective(theirs, kind)
        api.attach_policy(PolicyId=policy, TargetId=organization.root)
        assert effective(theirs, kind) == plain(content) == effective(api, kind, TargetId=spoke.id), kind
        shown = theirs.describe_effective_policy(PolicyType=kind)["EffectivePolicy"]
        assert (shown["PolicyType"], shown["TargetId"]) == (kind, spoke.id) and shown["LastUpdatedTimestamp"]
        assert [one["Id"] for one in api.list_policies(Filter=kind)["Policies"]] == [policy]
        wrong = json.dumps({"nonsense": {"@@assign": 1}})
        with refused("MalformedPolicyDocumentException"):
            api.update_policy(PolicyId=policy, Content=wrong)
        api.detach_policy(PolicyId=policy, TargetId=organization.root)
        api.delete_policy(PolicyId=policy)
    enabled = {one["Type"] for one in api.list_roots()["Roots"][0]["PolicyTypes"]}
    assert enabled == set(CONTENT)


def test_inheritance_follows_the_operators(organization):
    api, unit = organization.api, organization.unit("u")
    spoke = organization.account("spoke")
    api.move_account(AccountId=spoke.id, SourceParentId=organization.root, DestinationParentId=unit)
    organization.enable("TAG_POLICY")

    def attach(name, target, **members):
        content = json.dumps({"tags": {"costcenter": members}})
        api.attach_policy(PolicyId=organization.policy(content, "TAG_POLICY", name=name), TargetId=target)

    attach(
        "root",
        organization.root,
        tag_key={"@@assign": "CostCenter", "@@operators_allowed_for_child_policies": ["@@none"]},
        tag_value={"@@assign": ["Development", "Support"]},
    )
    attach("unit", unit, tag_key={"@@assign": "COSTCENTER"}, tag_value={"@@append": ["Sales"]})
    attach("account", spoke.id, tag_value={"@@remove": ["Support"]}, enforced_for={"@@assign": ["sqs:queue"]})
    got = effective(api, "TAG_POLICY", TargetId=spoke.id)["tags"]["costcenter"]
    assert got == {"tag_key": "CostCenter", "tag_value": ["Development", "Sales"], "enforced_for": ["sqs:queue"]}
    at_root = effective(api, "TAG_POLICY")["tags"]["costcenter"]
    assert at_root == {"tag_key": "CostCenter", "tag_value": ["Development", "Support"]}
    api.move_account(AccountId=spoke.id, SourceParentId=unit, DestinationParentId=organization.root)
    got = effective(api, "TAG_POLICY", TargetId=spoke.id)["tags"]["costcenter"]
    assert got["tag_value"] == ["Development"]


def test_effective_policies_that_are_not_whole_are_told(organization):
    api, kind, spoke = organization.api, "BACKUP_POLICY", organization.account("spoke")
    with refused("EffectivePolicyNotFoundException"):
        api.list_accounts_with_invalid_effective_policy(PolicyType=kind)
    organization.enable(kind)
    assert api.list_accounts_with_invalid_effective_policy(PolicyType=kind)["Accounts"] == []
    policy = organization.policy(json.dumps(CONTENT[kind]), kind)
    api.attach_policy(PolicyId=policy, TargetId=spoke.id)
    listed = api.list_accounts_with_invalid_effective_policy(PolicyType=kind)
    assert [one["Id"] for one in listed["Accounts"]] == [spoke.id] and listed["PolicyType"] == kind
    told = api.list_effective_policy_validation_errors(AccountId=spoke.id, PolicyType=kind)
    assert told["Path"].endswith(f"/{spoke.id}/") and told["EvaluationTimestamp"]
    errors = told["EffectivePolicyValidationErrors"]
    assert {error["PathToError"] for error in errors} == {"plans.daily"} and len(errors) == 2
    assert all(error["ContributingPolicies"] == [policy] for error in errors)
    page = api.list_effective_policy_validation_errors(AccountId=spoke.id, PolicyType=kind, MaxResults=1)
    assert len(page["EffectivePolicyValidationErrors"]) == 1 and page["NextToken"]


def test_tags_are_enforced_for_what_the_policy_names(organization):
    api, spoke = organization.api, organization.account("spoke")
    organization.enable("TAG_POLICY")
    tag = {
        "tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["100", "2*"]},
        "enforced_for": {"@@assign": ["sqs:queue", "kms:*", "iam:policy"]},
    }
    policy = organization.policy(json.dumps({"tags": {"costcenter": tag}}), "TAG_POLICY")
    queues, keys = spoke.client("sqs"), spoke.client("kms")
    url = queues.create_queue(QueueName="before", tags={"CostCenter": "any"})["QueueUrl"]
    api.attach_policy(PolicyId=policy, TargetId=organization.root)
    queues.create_queue(QueueName="right", tags={"CostCenter": "100", "other": "any"})
    queues.create_queue(QueueName="none")
    queues.tag_queue(QueueUrl=url, Tags={"CostCenter": "2077"})
    keys.create_key(Tags=[{"TagKey": "CostCenter", "TagValue": "100"}])
    spoke.iam.create_user(UserName="ada", Tags=[{"Key": "CostCenter", "Value": "any"}])
    statement = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    for call in (
        lambda: queues.create_queue(QueueName="wrong", tags={"CostCenter": "300"}),
        lambda: queues.tag_queue(QueueUrl=url, Tags={"CostCenter": "300"}),
        lambda: queues.tag_queue(QueueUrl=url, Tags={"COSTCENTER": "100"}),
        lambda: keys.create_key(Tags=[{"TagKey": "CostCenter", "TagValue": "300"}]),
        lambda: spoke.iam.create_policy(
            PolicyName="p", PolicyDocument=statement, Tags=[{"Key": "CostCenter", "Value": "300"}]
        ),
    ):
        with refused("TagPolicyViolation", 400, "following tag key: 'C"):
            call()
    assert queues.list_queue_tags(QueueUrl=url)["Tags"] == {"CostCenter": "2077"}
    api.detach_policy(PolicyId=policy, TargetId=organization.root)
    queues.tag_queue(QueueUrl=url, Tags={"CostCenter": "300"})


def test_limits(organization):
    api, kind = organization.api, "AISERVICES_OPT_OUT_POLICY"
    organization.enable(kind)
    long = {"services": {f"s{n}": {"opt_out_policy": {"@@assign": "optIn"}} for n in range(60)}}
    with refused("ConstraintViolationException") as raised:
        organization.policy(json.dumps(long), kind)
    assert raised.value.response["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED"
    policies = [organization.policy(json.dumps(CONTENT[kind]), kind, name=f"p{n}") for n in range(6)]
    for policy in policies[:5]:
        api.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("ConstraintViolationException") as raised:
        api.attach_policy(PolicyId=policies[5], TargetId=organization.root)
    assert raised.value.response["Reason"] == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    for policy in policies[:5]:
        api.detach_policy(PolicyId=policy, TargetId=organization.root)


def test_the_type_is_a_condition(organization):
    condition = {"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}}
    ada = organization.management.user("ada", allow("organizations:*", Condition=condition)).client("organizations")
    made = ada.create_policy(
        Content=json.dumps(CONTENT["TAG_POLICY"]), Name="t", Description="", Type="TAG_POLICY"
    )["Policy"]["PolicySummary"]
    ada.describe_policy(PolicyId=made["Id"])
    ada.enable_policy_type(RootId=organization.root, PolicyType="TAG_POLICY")
    with refused("AccessDeniedException"):
        ada.enable_policy_type(RootId=organization.root, PolicyType="BACKUP_POLICY")
    with refused("AccessDeniedException"):
        ada.list_policies(Filter="BACKUP_POLICY")


@pytest.mark.parametrize("kind", ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"])
def test_policies_of_statements_have_no_effective_policy(organization, kind):
    with refused("InvalidInputException"):
        organization.api.describe_effective_policy(PolicyType=kind)
