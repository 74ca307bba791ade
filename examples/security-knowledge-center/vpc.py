"""1. A policy that lets a principal manage instances in one VPC. 3. One that lets it manage some instances only.

Welkin has no EC2 yet, so no call is made: the policy simulator decides, which is the evaluator that guards all calls.
"""

from cloud import Account, allow, deny, document

VPC, SUBNET = "vpc-0a1b2c3d", "subnet-0a1b2c3d"


def decisions(account, policy, actions, resource, **keys):
    entries = [
        {"ContextKeyName": name.replace("__", ":").replace("_", "/"), "ContextKeyType": "string", "ContextKeyValues": [value]}
        for name, value in keys.items()
    ]
    answer = account.iam.simulate_custom_policy(
        PolicyInputList=[policy], ActionNames=actions, ResourceArns=[resource], ContextEntries=entries
    )
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def one_vpc():
    account = Account()
    ec2 = lambda resource: f"arn:aws:ec2:us-east-1:{account.id}:{resource}"  # noqa: E731
    inside = {"ArnEquals": {"ec2:Vpc": ec2(f"vpc/{VPC}")}}
    policy = document(
        allow("ec2:Describe*"),
        allow("ec2:RunInstances", [ec2("instance/*"), ec2("volume/*"), "arn:aws:ec2:us-east-1::image/*"]),
        allow("ec2:RunInstances", [ec2("subnet/*"), ec2("network-interface/*"), ec2("security-group/*")], Condition=inside),
        allow(["ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup"], ec2("security-group/*"), Condition=inside),
    )
    launch, group = ["ec2:RunInstances"], ["ec2:AuthorizeSecurityGroupIngress"]
    for vpc, expected in ((VPC, "allowed"), ("vpc-ffffffff", "implicitDeny")):
        key = {"ec2__Vpc": ec2(f"vpc/{vpc}")}
        assert decisions(account, policy, launch, ec2(f"subnet/{SUBNET}"), **key) == {"ec2:RunInstances": expected}
        assert set(decisions(account, policy, group, ec2("security-group/sg-1"), **key).values()) == {expected}
        print(f"     ec2:RunInstances in a subnet of {vpc}: {expected}")
    assert decisions(account, policy, launch, ec2(f"subnet/{SUBNET}")) == {"ec2:RunInstances": "implicitDeny"}


def some_instances():
    account = Account()
    own = {"StringEquals": {"ec2:ResourceTag/team": "a"}}
    policy = document(
        allow(["ec2:StartInstances", "ec2:StopInstances"], "arn:aws:ec2:*:*:instance/*", Condition=own),
        deny("ec2:TerminateInstances"),
    )
    instance = f"arn:aws:ec2:us-east-1:{account.id}:instance/i-1"
    actions = ["ec2:StartInstances", "ec2:TerminateInstances"]
    for team, start in (("a", "allowed"), ("b", "implicitDeny")):
        found = decisions(account, policy, actions, instance, ec2__ResourceTag_team=team)
        assert found == {"ec2:StartInstances": start, "ec2:TerminateInstances": "explicitDeny"}, found
        print(f"     an instance of team {team}: start {start}, terminate explicitDeny")
