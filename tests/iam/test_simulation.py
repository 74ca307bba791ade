"""The policy simulator."""

import pytest
from identity import allow, deny, document, refused, trust


def one(answer):
    [result] = answer["EvaluationResults"]
    return result


def decided(answer):
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def entry(key, *values, kind="string"):
    return {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": kind}


def test_a_policy_is_simulated_before_it_exists(account):
    policy = document(allow("s3:Get*"), deny("s3:GetObject", "arn:aws:s3:::secret/*"))
    answer = account.iam.simulate_custom_policy(
        PolicyInputList=[policy], ActionNames=["s3:GetObject", "s3:PutObject", "S3:getbucketacl"],
    )
    assert decided(answer) == {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny", "S3:getbucketacl": "allowed"}
    assert answer["IsTruncated"] is False
    result = answer["EvaluationResults"][0]
    assert result["EvalResourceName"] == "*" and "ResourceSpecificResults" not in result
    assert result["MissingContextValues"] == [] and "EvalDecisionDetails" not in result


def test_each_resource_has_its_own_result(account):
    policy = document(allow("s3:Get*"), deny("s3:GetObject", "arn:aws:s3:::secret/*"))
    result = one(account.iam.simulate_custom_policy(
        PolicyInputList=[policy], ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::open/a", "arn:aws:s3:::secret/a"],
    ))
    assert result["EvalDecision"] == "explicitDeny"
    assert result["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert result["EvalDecisionDetails"] == {}
    first, second = result["ResourceSpecificResults"]
    assert (first["EvalResourceName"], first["EvalResourceDecision"]) == ("arn:aws:s3:::open/a", "allowed")
    assert (second["EvalResourceName"], second["EvalResourceDecision"]) == ("arn:aws:s3:::secret/a", "explicitDeny")
    assert result["MatchedStatements"] == first["MatchedStatements"] + second["MatchedStatements"]


def test_the_statements_that_decided_are_told_with_their_place(account):
    policy = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
    {
      "Effect": "Deny",
      "Action": "sqs:DeleteQueue",
      "Resource": "*"
    }
  ]
}"""
    both = account.iam.simulate_custom_policy(
        PolicyInputList=[document(allow("s3:*")), policy], ActionNames=["sqs:SendMessage", "sqs:DeleteQueue"]
    )
    allowed, denied = both["EvaluationResults"]
    assert allowed["MatchedStatements"] == [{
        "SourcePolicyId": "PolicyInputList.2", "SourcePolicyType": "none",
        "StartPosition": {"Line": 4, "Column": 5}, "EndPosition": {"Line": 4, "Column": 60},
    }]
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["MatchedStatements"] == [{
        "SourcePolicyId": "PolicyInputList.2", "SourcePolicyType": "none",
        "StartPosition": {"Line": 5, "Column": 5}, "EndPosition": {"Line": 9, "Column": 6},
    }]


def test_condition_keys_are_given_and_those_that_lack_are_named(account):
    vpc = "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"
    policy = document(
        allow("ec2:CreateSecurityGroup", Condition={"ArnEquals": {"ec2:Vpc": vpc}}),
        allow("s3:GetObject", "arn:aws:s3:::b/${aws:PrincipalTag/Team}/*"),
    )

    def simulate(*entries, action="ec2:CreateSecurityGroup", **more):
        return one(account.iam.simulate_custom_policy(
            PolicyInputList=[policy], ActionNames=[action], ContextEntries=list(entries), **more
        ))

    lacking = simulate()
    assert (lacking["EvalDecision"], lacking["MissingContextValues"]) == ("implicitDeny", ["ec2:Vpc"])
    given = simulate(entry("EC2:vpc", vpc))
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])
    assert simulate(entry("ec2:Vpc", vpc.replace("vpc-1", "vpc-2")))["EvalDecision"] == "implicitDeny"
    red = {"action": "s3:GetObject", "ResourceArns": ["arn:aws:s3:::b/red/x"]}
    assert simulate(entry("aws:PrincipalTag/Team", "red"), **red)["EvalDecision"] == "allowed"
    assert simulate(entry("aws:PrincipalTag/Team", "blue"), **red)["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize("kind, operator, wanted, yes, no", [
    ("string", "StringEquals", "a", ["a"], ["b"]),
    ("stringList", "ForAllValues:StringEquals", ["a", "b"], ["a", "b"], ["a", "c"]),
    ("numeric", "NumericLessThan", "10", ["9.5"], ["10"]),
    ("numericList", "ForAnyValue:NumericEquals", "7", ["1", "7"], ["1", "8"]),
    ("boolean", "Bool", "true", ["true"], ["false"]),
    ("booleanList", "ForAnyValue:Bool", "true", ["false", "true"], ["false"]),
    ("ip", "IpAddress", "10.0.0.0/8", ["10.1.2.3"], ["11.1.2.3"]),
    ("ipList", "ForAllValues:IpAddress", "2001:db8::/32", ["2001:db8::1"], ["2001:db9::1"]),
    ("binary", "BinaryEquals", "QmluYXJ5", ["QmluYXJ5"], ["b3RoZXI="]),
    ("binaryList", "ForAnyValue:BinaryEquals", "QmluYXJ5", ["b3RoZXI=", "QmluYXJ5"], ["b3RoZXI="]),
    ("date", "DateGreaterThan", "2026-01-01T00:00:00Z", ["2026-01-02T00:00:00Z"], ["2025-12-31T00:00:00Z"]),
    ("dateList", "ForAnyValue:DateEquals", "1767225600", ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:01Z"]),
])
def test_context_entries_of_every_type(account, kind, operator, wanted, yes, no):
    policy = document(allow("s3:GetObject", Condition={operator: {"x:Key": wanted}}))
    for values, expected in ((yes, "allowed"), (no, "implicitDeny")):
        result = one(account.iam.simulate_custom_policy(
            PolicyInputList=[policy], ActionNames=["s3:GetObject"],
            ContextEntries=[entry("x:Key", *values, kind=kind)],
        ))
        assert result["EvalDecision"] == expected


def test_a_boundary_and_service_control_policies_limit(account):
    def simulate(**more):
        return one(account.iam.simulate_custom_policy(
            PolicyInputList=[document(allow("*"))], ActionNames=["s3:GetObject"], **more
        ))

    plain = simulate()
    assert "PermissionsBoundaryDecisionDetail" not in plain and "OrganizationsDecisionDetail" not in plain
    within = simulate(PermissionsBoundaryPolicyInputList=[document(allow("s3:*"))])
    assert within["EvalDecision"] == "allowed"
    assert within["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    for boundary, decision in ((allow("sqs:*"), "implicitDeny"), (deny("s3:*"), "explicitDeny")):
        outside = simulate(PermissionsBoundaryPolicyInputList=[document(boundary)])
        assert outside["EvalDecision"] == decision and outside["MatchedStatements"] == []
        assert outside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}

    def levels(*policies):
        return [{"ServiceControlPolicyInputList": [document(policy)]} for policy in policies]

    passed = simulate(OrderedOrganizationPolicyInputList=levels(allow("*"), allow("s3:*")))
    assert passed["EvalDecision"] == "allowed"
    assert passed["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    for control in (levels(allow("*"), allow("sqs:*")), levels(allow("*"), allow("*"), deny("s3:GetObject"))):
        held = simulate(OrderedOrganizationPolicyInputList=control)
        assert held["EvalDecision"] != "allowed"
        assert held["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}


def test_a_resource_policy_counts_for_the_caller_that_it_names(account, other):
    bob, queue = account.arn("user/bob"), f"arn:aws:sqs:us-east-1:{account.id}:q"
    named = document(allow("sqs:SendMessage", queue, Principal={"AWS": bob}))
    nothing = document(allow("s3:ListAllMyBuckets"))

    def simulate(owner=account, identity=nothing, policy=named, **more):
        return one(account.iam.simulate_custom_policy(
            PolicyInputList=[identity], ActionNames=["sqs:SendMessage"],
            ResourceArns=[queue.replace(account.id, owner.id)], ResourcePolicy=policy.replace(queue, "*"),
            CallerArn=bob, **more,
        ))

    alone = simulate()
    assert alone["EvalDecision"] == "allowed"
    [statement] = alone["MatchedStatements"]
    assert (statement["SourcePolicyId"], statement["SourcePolicyType"]) == ("ResourcePolicy", "resource")
    somebody = document(allow("sqs:SendMessage", queue, Principal={"AWS": account.arn("user/eve")}))
    assert simulate(policy=somebody)["EvalDecision"] == "implicitDeny"
    across = simulate(owner=other)
    assert across["EvalDecision"] == "implicitDeny"
    assert across["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert across["ResourceSpecificResults"][0]["EvalDecisionDetails"] == across["EvalDecisionDetails"]
    both = simulate(owner=other, identity=document(allow("sqs:*")))
    assert both["EvalDecision"] == "allowed"
    assert both["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "allowed"}


def test_the_policies_of_keys_and_roles_must_allow(account):
    bob = account.arn("user/bob")
    for action, resource, named in (
        ("kms:Decrypt", f"arn:aws:kms:us-east-1:{account.id}:key/k", document(allow("kms:*", Principal={"AWS": bob}))),
        ("sts:AssumeRole", account.arn("role/r"), trust({"AWS": bob})),
    ):
        somebody = named.replace(bob, account.arn("user/eve"))
        for policy, decision in ((named, "allowed"), (somebody, "implicitDeny")):
            result = one(account.iam.simulate_custom_policy(
                PolicyInputList=[document(allow("*"))], ActionNames=[action], ResourceArns=[resource],
                ResourcePolicy=policy, CallerArn=bob,
            ))
            assert result["EvalDecision"] == decision, action


def test_the_owner_of_a_bucket_is_said(account, other):
    bob = account.arn("user/bob")
    policy = document(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": bob}))

    def simulate(**more):
        return one(account.iam.simulate_custom_policy(
            PolicyInputList=[document(allow("sqs:*"))], ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::b/k"], ResourcePolicy=policy, CallerArn=bob, **more,
        ))["EvalDecision"]

    assert simulate() == "allowed"
    assert simulate(ResourceOwner=account.arn("root")) == "allowed"
    assert simulate(ResourceOwner=other.arn("root")) == "implicitDeny"
    with refused("InvalidInput", 400):
        simulate(ResourceOwner=other.arn("user/x"))


def test_what_cannot_be_simulated_is_refused(account):
    policy = document(allow("s3:*"))

    def custom(**more):
        account.iam.simulate_custom_policy(**{"PolicyInputList": [policy], "ActionNames": ["s3:GetObject"], **more})

    for action in ("s3:*", "s3:Get?bject", "GetObject"):
        with refused("InvalidInput", 400, action):
            custom(ActionNames=[action])
    for wrong in ("{", "{}", '{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}'):
        with refused("InvalidInput", 400, "PolicyInputList.1"):
            custom(PolicyInputList=[wrong])
    with refused("InvalidInput", 400):
        custom(PermissionsBoundaryPolicyInputList=[policy, policy])
    resource = document(allow("s3:*", "arn:aws:s3:::b/*", Principal="*"))
    for caller in ({}, {"CallerArn": account.arn("role/r")}):
        with refused("InvalidInput", 400, "CallerArn"):
            custom(ResourcePolicy=resource, **caller)
    with refused("InvalidInput", 400, "does not apply"):
        custom(ResourcePolicy=resource, CallerArn=account.arn("user/u"), ResourceArns=["arn:aws:s3:::other/k"])
    for caller in (account.arn("root"), f"arn:aws:sts::{account.id}:assumed-role/r/s", "somebody"):
        with refused("InvalidInput", 400, "does not clearly define entity type and name"):
            custom(CallerArn=caller)
    for entries in (
        [entry("x:Key", "ten", kind="numeric")], [entry("x:Key", "1", "2", kind="numeric")],
        [entry("x:Key", "a"), entry("X:key", "b")], [{"ContextKeyName": "x:Key", "ContextKeyValues": ["a"]}],
    ):
        with refused("InvalidInput", 400, "x:Key" if len(entries) == 1 else "X:key"):
            custom(ContextEntries=entries)
    with refused("ValidationError", 400):
        custom(ContextEntries=[entry("x:Key", "a", kind="text")])
    with refused("InvalidInput", 400, "image"):
        custom(
            ResourceHandlingOption="EC2-VPC-InstanceStore", ActionNames=["ec2:RunInstances"],
            ResourceArns=[f"arn:aws:ec2:us-east-1:{account.id}:instance/i-1"],
        )
    with refused("InvalidInput", 400, "Elsewhere"):
        custom(ResourceHandlingOption="Elsewhere")


def test_results_come_in_pages(account):
    actions = [f"s3:Action{n}" for n in range(25)]
    seen, marker, pages = [], {}, 0
    while True:
        page = account.iam.simulate_custom_policy(
            PolicyInputList=[document(allow("s3:*"))], ActionNames=actions, MaxItems=10, **marker
        )
        seen += [result["EvalActionName"] for result in page["EvaluationResults"]]
        pages += 1
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert seen == actions and pages == 3
    with refused("ValidationError", 400):
        account.iam.simulate_custom_policy(
            PolicyInputList=[document(allow("s3:*"))], ActionNames=actions, Marker="%%%"
        )


@pytest.fixture
def ann(account):
    """A user with policies of every origin."""
    iam = account.iam
    iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "team", "Value": "red"}])
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=document(
        allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/team}/${aws:username}/*")))
    made = iam.create_policy(PolicyName="managed", PolicyDocument=document(
        allow("sqs:SendMessage", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=made)
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="shared", PolicyDocument=document(allow("kms:ListKeys")))
    iam.add_user_to_group(GroupName="g", UserName="ann")
    return account.arn("user/team/ann")


def test_the_policies_that_a_user_has_are_simulated(account, ann):
    answer = account.iam.simulate_principal_policy(
        PolicySourceArn=ann,
        ActionNames=["s3:GetObject", "sqs:SendMessage", "iam:GetUser", "kms:ListKeys", "sts:AssumeRole"],
        ResourceArns=["arn:aws:s3:::red/ann/x"],
        ContextEntries=[entry("aws:RequestedRegion", "eu-west-1")],
    )
    assert decided(answer) == {
        "s3:GetObject": "allowed", "sqs:SendMessage": "allowed", "iam:GetUser": "allowed", "kms:ListKeys": "allowed",
        "sts:AssumeRole": "implicitDeny",
    }
    sources = [
        (statement["SourcePolicyId"], statement["SourcePolicyType"])
        for result in answer["EvaluationResults"] for statement in result["MatchedStatements"]
    ]
    assert sources == [
        ("own", "user"), ("managed", "user-managed"), ("IAMReadOnlyAccess", "aws-managed"), ("shared", "group"),
    ]
    group = account.iam.simulate_principal_policy(
        PolicySourceArn=account.arn("group/g"), ActionNames=["kms:ListKeys", "iam:GetUser"]
    )
    assert decided(group) == {"kms:ListKeys": "allowed", "iam:GetUser": "implicitDeny"}


def test_policies_are_added_and_left_out(account, ann):
    def simulate(action, **more):
        return one(account.iam.simulate_principal_policy(PolicySourceArn=ann, ActionNames=[action], **more))

    added = simulate("sts:AssumeRole", PolicyInputList=[document(allow("sts:*"))])
    assert added["EvalDecision"] == "allowed"
    assert added["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.1"
    for action, identifier in (
        ("kms:ListKeys", {"PolicyType": "inline"}),
        ("kms:ListKeys", {"InlinePolicyIdentifier": {
            "PolicyName": "shared", "AttachmentType": "group", "AttachmentName": "g"}}),
        ("iam:GetUser", {"PolicyType": "aws-managed"}),
        ("iam:GetUser", {"PolicyArn": "arn:aws:iam::aws:policy/IAMRead*"}),
    ):
        assert simulate(action)["EvalDecision"] == "allowed"
        assert simulate(action, PolicyExclusionList=[identifier])["EvalDecision"] == "implicitDeny", identifier
        nobody = {"PolicyArn": "arn:aws:iam::aws:policy/Nobody"}
        assert simulate(action, PolicyExclusionList=[nobody])["EvalDecision"] == "allowed"
    with refused("InvalidInput", 400):
        simulate("iam:GetUser", PolicyExclusionList=[{"PolicyArn": "arn:aws:iam::*:policy/IAM*Only*"}])


def test_the_boundary_of_the_user_counts_unless_another_is_given(account, ann):
    boundary = account.iam.create_policy(PolicyName="b", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    account.iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=boundary)

    def simulate(**more):
        return one(account.iam.simulate_principal_policy(
            PolicySourceArn=ann, ActionNames=["iam:GetUser"], **more
        ))

    held = simulate()
    assert held["EvalDecision"] == "implicitDeny"
    assert held["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert simulate(PermissionsBoundaryPolicyInputList=[document(allow("iam:*"))])["EvalDecision"] == "allowed"
    lifted = simulate(PolicyExclusionList=[{"PolicyType": "permission-boundary"}])
    assert lifted["EvalDecision"] == "allowed" and "PermissionsBoundaryDecisionDetail" not in lifted


def test_a_role_and_another_caller(account, ann):
    role = account.role("r", trust({"AWS": ann}), allow("s3:GetObject", Condition={
        "ArnLike": {"aws:PrincipalArn": account.arn("role/*")}}))
    answer = account.iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["s3:GetObject"])
    assert decided(answer) == {"s3:GetObject": "allowed"}
    assert one(answer)["MatchedStatements"][0]["SourcePolicyType"] == "role"
    as_ann = account.iam.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["s3:GetObject"], CallerArn=ann
    )
    assert decided(as_ann) == {"s3:GetObject": "implicitDeny"}


def test_who_is_not_there_cannot_be_simulated(account, ann):
    for arn in (account.arn("user/nobody"), account.arn("user/ann"), account.arn("role/nobody")):
        for call in (account.iam.simulate_principal_policy, account.iam.get_context_keys_for_principal_policy):
            more = {"ActionNames": ["s3:GetObject"]} if call == account.iam.simulate_principal_policy else {}
            with refused("NoSuchEntity", 404):
                call(PolicySourceArn=arn, **more)
    with refused("InvalidInput", 400, "does not clearly define entity type and name"):
        account.iam.simulate_principal_policy(PolicySourceArn=account.arn("root"), ActionNames=["s3:GetObject"])


def test_the_context_keys_of_policies_are_listed(account, ann):
    policy = document(
        allow("s3:*", "arn:aws:s3:::b/${aws:UserName}", Condition={
            "StringEquals": {"ec2:Vpc": "v", "aws:SourceVpce": "${aws:PrincipalTag/Team, 'x'}"},
            "Null": {"AWS:username": "false"},
        }),
    )
    keys = account.iam.get_context_keys_for_custom_policy(PolicyInputList=[policy, document(allow("*"))])
    assert sorted(keys["ContextKeyNames"]) == ["aws:PrincipalTag/Team", "aws:SourceVpce", "aws:UserName", "ec2:Vpc"]
    keys = account.iam.get_context_keys_for_principal_policy(PolicySourceArn=ann, PolicyInputList=[policy])
    assert sorted(keys["ContextKeyNames"]) == [
        "aws:PrincipalTag/team", "aws:RequestedRegion", "aws:SourceVpce", "aws:username", "ec2:Vpc",
    ]
    with refused("InvalidInput", 400):
        account.iam.get_context_keys_for_custom_policy(PolicyInputList=["{}"])


def test_who_may_simulate(account, other, ann):
    mine = {"PolicySourceArn": ann, "ActionNames": ["s3:GetObject"]}
    custom = {"PolicyInputList": [document(allow("*"))], "ActionNames": ["s3:GetObject"]}
    calls = {
        "iam:SimulatePrincipalPolicy": (ann, lambda iam: iam.simulate_principal_policy(**mine)),
        "iam:SimulateCustomPolicy": ("*", lambda iam: iam.simulate_custom_policy(**custom)),
        "iam:GetContextKeysForPrincipalPolicy": (
            ann, lambda iam: iam.get_context_keys_for_principal_policy(PolicySourceArn=ann)),
        "iam:GetContextKeysForCustomPolicy": (
            "*", lambda iam: iam.get_context_keys_for_custom_policy(PolicyInputList=custom["PolicyInputList"])),
    }
    nobody = account.user("nobody").client("iam")
    everything = account.user("denied", allow("*"), deny(list(calls))).client("iam")
    for action, (resource, call) in calls.items():
        call(account.user(action.replace(":", "-"), allow(action, resource)).client("iam"))
        with refused("AccessDenied", 403, f"{action} on resource: {resource} because no identity-based policy"):
            call(nobody)
        with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
            call(everything)
    with refused("AccessDenied", 403):
        other.iam.simulate_principal_policy(**mine)
