"""How a request is decided over all policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

A case is a dictionary:
    action, resource, owner (the account of the resource), context {key: [values]}, caller (see principals.py),
    identity [policies], boundary policy or None, session [policies] or None, scps and rcps [[policies of a level]],
    management (the organization's management account), resource_policy or None, endpoint policy or None,
    rule: "standard", or "key" and "trust" where the resource's policy must allow.
A policy is its JSON as Python has it. Root, and federated users whom root made (they have no "arn"), need no policy.
"""

import typing

from . import principals
from .conditions import holds, listed, resolves
from .matching import action_matches, resource_matches
from .variables import Unresolved, expand

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"


class Decision(typing.NamedTuple):
    outcome: str
    because: str


def decide(case):
    for kind, policies in everything(case):
        if any(effects(policy, case)[1] for policy in policies):
            return Decision(EXPLICIT, kind)
    for kind, limit in (("rcp", rcp_levels(case)), ("scp", scp_levels(case))):
        if not all(any(allows(policy, case) for policy in level) for level in limit):
            return Decision(IMPLICIT, kind)
    if case.get("endpoint") and not allows(case["endpoint"], case):
        return Decision(IMPLICIT, "endpoint")
    granted = grants(case)
    caller = case["caller"]
    if caller["kind"] in ("service", "anonymous", "web-identity", "saml"):
        return Decision(ALLOWED, "resource") if granted else Decision(IMPLICIT, "resource")
    if case["owner"] != caller["account"]:
        if not granted:
            return Decision(IMPLICIT, "resource")
        return own_side(case)
    return same_account(case, granted)


def everything(case):
    """All policies that may deny, by type."""
    yield "identity", case.get("identity") or []
    yield "resource", [case["resource_policy"]] if case.get("resource_policy") else []
    yield "boundary", [case["boundary"]] if case.get("boundary") else []
    yield "session", case.get("session") or []
    yield "scp", [policy for level in scp_levels(case) for policy in level]
    yield "rcp", [policy for level in rcp_levels(case) for policy in level]
    yield "endpoint", [case["endpoint"]] if case.get("endpoint") else []


def scp_levels(case):
    """SCPs bind users, roles and the root user of member accounts; not service-linked roles."""
    caller = case["caller"]
    if "account" not in caller or caller.get("service_linked") or caller["account"] == case.get("management"):
        return []
    return case.get("scps") or []


def rcp_levels(case):
    """RCPs bind resources of member accounts, whoever calls, but for service-linked roles."""
    if case["caller"].get("service_linked") or case["owner"] == case.get("management"):
        return []
    return case.get("rcps") or []


def same_account(case, granted):
    required = case.get("rule", "standard") in ("key", "trust")
    if required and not granted:
        return Decision(IMPLICIT, "resource")
    caller = case["caller"]
    if caller["kind"] == "root":
        return Decision(ALLOWED, "root")
    if {principals.SELF, principals.EVERYONE} & granted:
        return Decision(ALLOWED, "resource")
    if principals.BEHIND in granted:
        return limited(case)
    return own_side(case)


def own_side(case):
    """What the caller's own account has to say: identity policies, within the boundary and the session."""
    root = case["caller"]["kind"] == "root" or "arn" not in case["caller"]
    if not root and not any(allows(policy, case) for policy in case.get("identity") or []):
        return Decision(IMPLICIT, "identity")
    return limited(case)


def limited(case):
    """The boundary and the session's policies must allow, where there are any."""
    if case.get("boundary") and not allows(case["boundary"], case):
        return Decision(IMPLICIT, "boundary")
    session = case.get("session")
    if session is None and case["caller"]["kind"] == "federated-user":
        session = []
    if session is not None and not any(allows(policy, case) for policy in session):
        return Decision(IMPLICIT, "session")
    return Decision(ALLOWED, "identity")


def grants(case):
    """The ways in which allowing statements of the resource's policy name the caller."""
    policy = case.get("resource_policy")
    found = set()
    for statement in listed(policy["Statement"]) if policy else []:
        if statement["Effect"] == "Allow" and applies(statement, policy, case):
            found |= principals.namings(statement, case["caller"], case)
    # Nobody but a provider vouches for such a caller: a role is not opened to every provider by "AWS": "*". The
    # documentation names providers in "Federated" only. Policies that limit speak of everyone all the same.
    return found - {principals.EVERYONE} if case["caller"]["kind"] in ("web-identity", "saml") else found


def allows(policy, case):
    return effects(policy, case)[0]


def effects(policy, case):
    """Whether a statement of the policy allows, and whether one denies."""
    applying = [s["Effect"] for s in listed(policy["Statement"]) if applies(s, policy, case)]
    return "Allow" in applying, "Deny" in applying


def applies(statement, policy, case):
    version = policy.get("Version", "2008-10-17")
    return (
        bool(principals.namings(statement, case["caller"], case))
        and names_action(statement, case)
        and names_resource(statement, case, version)
        and holds(statement.get("Condition", {}), case, version, statement["Effect"])
    )


def names_action(statement, case):
    if "NotAction" in statement:
        return not any(action_matches(pattern, case["action"]) for pattern in listed(statement["NotAction"]))
    return any(action_matches(pattern, case["action"]) for pattern in listed(statement["Action"]))


def names_resource(statement, case, version):
    def matches(pattern):
        try:
            return resource_matches(expand(pattern, case, version), case["resource"])
        except Unresolved:
            return False

    if "NotResource" in statement:
        patterns = listed(statement["NotResource"])
        if statement["Effect"] == "Allow" and not all(resolves(pattern, case, version) for pattern in patterns):
            return False
        return not any(matches(pattern) for pattern in patterns)
    if "Resource" in statement:
        return any(matches(pattern) for pattern in listed(statement["Resource"]))
    return True
