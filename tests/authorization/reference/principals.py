"""Principal and NotPrincipal.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html

A caller is
    {"kind": "user", "account": …, "arn": …, "id": …, "canonical": <canonical user id of the account>}
    {"kind": "role", …, "arn": <the role>, "id": …, "session": <arn:aws:sts::…:assumed-role/…>, "service_linked": …}
    {"kind": "federated-user", …, "arn": <the user>, "id": …, "session": <arn:aws:sts::…:federated-user/…>}
    {"kind": "root", "account": …}, {"kind": "service", "name": …}, {"kind": "anonymous"},
    {"kind": "web-identity" or "saml", "provider": …}
How an entry names it: SELF is the very user, session or root; BEHIND the role or user behind a session; EVERYONE is
`*`; ACCOUNT is the account, which leaves the decision to the account's own policies.
"""

from .conditions import listed

SELF, BEHIND, EVERYONE, ACCOUNT = "self", "behind", "everyone", "account"


def entries(element):
    if element == "*":
        return [("AWS", "*")]
    return [(kind, value) for kind, values in element.items() for value in listed(values)]


def naming(entry, caller):
    """How this entry names the caller; None if it does not."""
    kind, value = entry
    if kind == "AWS" and value == "*":
        return EVERYONE
    if kind == "Service":
        return SELF if caller["kind"] == "service" and caller["name"] == value else None
    if kind == "Federated":
        return SELF if caller["kind"] in ("web-identity", "saml") and caller["provider"] == value else None
    account = caller.get("account")
    if kind == "CanonicalUser":
        return account_naming(caller) if account and value == caller.get("canonical") else None
    if account and value in (account, f"arn:aws:iam::{account}:root"):
        return account_naming(caller)
    if value == caller.get("session"):
        return SELF
    if value == caller.get("arn") or (value == caller.get("id") and value):
        return BEHIND if "session" in caller else SELF
    return None


def account_naming(caller):
    return SELF if caller["kind"] == "root" else ACCOUNT


def namings(statement, caller, case):
    """All the ways in which the statement's principals name the caller; empty if they do not."""
    if "Principal" in statement:
        return {naming(entry, caller) for entry in entries(statement["Principal"])} - {None}
    if "NotPrincipal" in statement:
        return set() if exempt(statement, caller, case) else {EVERYONE}
    return {EVERYONE}


def exempt(statement, caller, case):
    """Deny with NotPrincipal spares only those of whom it lists every principal: the account, the role or user, the
    session; and never one that has a permissions boundary. Allow with NotPrincipal leaves out whom it lists.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    named = {naming(entry, caller) for entry in entries(statement["NotPrincipal"])} - {None}
    if EVERYONE in named:
        return True
    if statement["Effect"] == "Allow":
        return bool(named)
    if caller["kind"] in ("service", "web-identity", "saml", "anonymous", "root"):
        return SELF in named
    if case.get("boundary"):
        return False
    needed = {ACCOUNT, SELF}
    if "session" in caller and "arn" in caller:
        needed.add(BEHIND)
    return needed <= named
