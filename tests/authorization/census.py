"""What the generated cases have in them: a count for each element, operator, type of policy and kind of caller."""

import collections

from generator import OPERATORS
from reference.conditions import listed
from reference.principals import entries

ELEMENTS = ["Version", "Id", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
            "NotResource", "Condition"]
NAMES = sorted({name for names in OPERATORS.values() for name in names})


def wanted():
    """Everything that must be there."""
    yield from (f"element {name}" for name in ELEMENTS)
    yield "operator Null"
    for name in NAMES:
        for operator in (name, f"{name}IfExists"):
            yield from (f"operator {prefix}{operator}" for prefix in ("", "ForAllValues:", "ForAnyValue:"))
    kinds = ["user", "role", "federated-user", "root", "service", "anonymous", "web-identity", "saml"]
    yield from (f"caller {kind}" for kind in kinds)
    yield from ("caller service-linked role", "caller in the management account", "caller federated by root")
    policies = ["identity", "boundary", "session", "scps", "rcps", "resource_policy", "endpoint"]
    yield from (f"policy {kind}" for kind in policies)
    yield from (f"rule {rule}" for rule in ("standard", "key", "trust"))
    yield from (f"principal {kind}" for kind in ("*", "AWS *", "AWS", "Service", "Federated", "CanonicalUser"))
    yield from ("version 2012-10-17", "version 2008-10-17", "version none")
    yield from ("same account", "across accounts", "owned by the management account", "key absent", "key with several values")
    yield from ("variable", "variable with default", "variable literal", "wildcard *", "wildcard ?")


def of(case):
    found = {f"caller {case['caller']['kind']}", f"rule {case['rule']}"}
    caller = case["caller"]
    if caller.get("service_linked"):
        found.add("caller service-linked role")
    if caller.get("account") == case["management"]:
        found.add("caller in the management account")
    if caller["kind"] == "federated-user" and "arn" not in caller:
        found.add("caller federated by root")
    if case["owner"] == case["management"]:
        found.add("owned by the management account")
    if "account" in caller:
        found.add("same account" if caller["account"] == case["owner"] else "across accounts")
    for kind in ("identity", "boundary", "session", "scps", "rcps", "resource_policy", "endpoint"):
        policies = [policy for policy in flat(case[kind]) if policy]
        if policies:
            found.add(f"policy {kind}")
        for policy in policies:
            found |= of_policy(policy, case)
    return found


def flat(value):
    if isinstance(value, list):
        for item in value:
            yield from flat(item)
    else:
        yield value


def of_policy(policy, case):
    found = {f"version {policy.get('Version', 'none')}"}
    found |= {f"element {name}" for name in policy if name != "Statement"}
    for statement in listed(policy["Statement"]):
        found |= {f"element {name}" for name in statement}
        for element in ("Principal", "NotPrincipal"):
            if statement.get(element) == "*":
                found.add("principal *")
            elif element in statement:
                pairs = entries(statement[element])
                found |= {"principal AWS *" if pair == ("AWS", "*") else f"principal {pair[0]}" for pair in pairs}
        texts = [str(text) for name in ("Resource", "NotResource") for text in listed(statement.get(name, []))]
        for operator, keys in statement.get("Condition", {}).items():
            found.add(f"operator {operator}")
            for key, values in keys.items():
                texts += [str(value) for value in listed(values)]
                given = [v for name, v in case["context"].items() if name.lower() == key.lower()]
                found |= {"key absent"} if not given else set()
                found |= {"key with several values"} if given and len(given[0]) > 1 else set()
        for text in texts:
            found |= {f"wildcard {c}" for c in "*?" if c in text}
            if "${" in text:
                special = text.split("${")[1][:1] in "*?$"
                found.add("variable literal" if special else "variable with default" if "'" in text else "variable")
    return found


def count(cases):
    counts = collections.Counter()
    for case in cases:
        counts.update(of(case))
    return counts
