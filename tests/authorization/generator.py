"""Cases for the two evaluators: requests, and policies that were written with the request in sight.

Everything comes from one seed. Half of all choices fit the request and half are drawn from small pools, so that
every outcome is common and near misses are too.
"""

import base64
import random

A, B, MANAGEMENT = "111122223333", "444455556666", "999988887777"
CANONICAL = {account: f"{account}" * 5 + "abcd" for account in (A, B, MANAGEMENT)}

RESOURCES = {
    "s3:GetObject": ["arn:aws:s3:::bucket/red/a.txt", "arn:aws:s3:::bucket/blue/b:c*d.txt", "arn:aws:s3:::other/ann/x"],
    "s3:ListBucket": ["arn:aws:s3:::bucket", "arn:aws:s3:::other"],
    "s3:ListAllMyBuckets": ["*"],
    "sqs:SendMessage": [f"arn:aws:sqs:us-east-1:{A}:queue", f"arn:aws:sqs:eu-west-1:{B}:ann-queue"],
    "sqs:ListQueues": ["*"],
    "kms:Decrypt": [f"arn:aws:kms:us-east-1:{A}:key/1234", f"arn:aws:kms:us-east-1:{B}:key/5678"],
    "sts:AssumeRole": [f"arn:aws:iam::{A}:role/team/target", f"arn:aws:iam::{B}:role/target"],
    "sts:AssumeRoleWithWebIdentity": [f"arn:aws:iam::{A}:role/web"],
    "sts:AssumeRoleWithSAML": [f"arn:aws:iam::{A}:role/saml"],
    "iam:PutUserPolicy": [f"arn:aws:iam::{A}:user/team/ann", f"arn:aws:iam::{A}:user/bob"],
    "logs:PutLogEvents": [f"arn:aws:logs:us-east-1:{A}:log-group:/app:log-stream:red"],
}

PROVIDERS = {"web-identity": ["accounts.google.com", f"arn:aws:iam::{A}:oidc-provider/id.example.com"],
             "saml": [f"arn:aws:iam::{A}:saml-provider/corp"]}

STRINGS = ["red", "Red", "blue", "red*", "r?d", "ann", "", "us-east-1", "eu-west-1"]
DATES = ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "1767225600", "2026-06-30T12:30:00.500Z", "2025-12-31"]
NUMBERS = ["1", "1.0", "-2", "10", "9.99", "300", "0"]
ADDRESSES = ["10.1.2.3", "10.200.0.1", "203.0.113.7", "2001:db8::1", "2001:db8:ffff::1"]
NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "203.0.113.0/24", "2001:db8::/48", "2001:db8::1/128", "0.0.0.0/0"]
ARNS = [f"arn:aws:iam::{A}:user/team/ann", f"arn:aws:iam::{A}:role/app", f"arn:aws:sqs:us-east-1:{A}:queue",
        f"arn:aws:ec2:us-east-1:{B}:vpc/vpc-1", f"arn:aws:logs:us-east-1:{A}:log-group:/app:log-stream:red"]
ARN_PATTERNS = [f"arn:aws:iam::{A}:*", "arn:aws:*:*:*:*", f"arn:aws:iam::{A}:user/*", "arn:aws:sqs:us-*-1:*:q*",
                "arn:aws:ec2:*:*:vpc/vpc-?", f"arn:aws:iam::{A}:role/${{aws:username}}"]
BINARIES = [base64.b64encode(text).decode() for text in (b"one", b"two", b"three")]

# Key: kind of its values, and whether it has several.
KEYS = {
    "aws:PrincipalTag/team": ("string", False), "aws:ResourceTag/team": ("string", False),
    "aws:username": ("string", False), "aws:RequestedRegion": ("string", False), "s3:prefix": ("string", False),
    "sts:ExternalId": ("string", False), "aws:TagKeys": ("string", True), "aws:PrincipalOrgPaths": ("string", True),
    "s3:max-keys": ("number", False), "aws:MultiFactorAuthAge": ("number", False), "x:Sizes": ("number", True),
    "aws:CurrentTime": ("date", False), "aws:TokenIssueTime": ("date", False), "x:Dates": ("date", True),
    "aws:SecureTransport": ("bool", False), "aws:MultiFactorAuthPresent": ("bool", False), "x:Flags": ("bool", True),
    "x:Digest": ("binary", False), "x:Digests": ("binary", True),
    "aws:SourceIp": ("ip", False), "aws:VpcSourceIp": ("ip", False), "x:Addresses": ("ip", True),
    "aws:PrincipalArn": ("arn", False), "aws:SourceArn": ("arn", False), "x:Arns": ("arn", True),
}
POOLS = {"string": STRINGS, "number": NUMBERS, "date": DATES, "bool": ["true", "false", "True"], "binary": BINARIES,
         "ip": ADDRESSES, "arn": ARNS}

OPERATORS = {
    "string": ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
               "StringNotLike"],
    "number": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
               "NumericGreaterThanEquals"],
    "date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
             "DateGreaterThanEquals"],
    "bool": ["Bool"], "binary": ["BinaryEquals"], "ip": ["IpAddress", "NotIpAddress"],
    "arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringEquals", "StringLike"],
}
VARIABLES = ["${aws:username}", "${aws:PrincipalTag/team}", "${AWS:PrincipalTag/Team, 'red'}", "${aws:nothing, 'red'}",
             "${aws:nothing}", "${aws:TagKeys}", "${*}", "${?}", "${$}"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, options):
        return self.random.choice(list(options))

    def case(self):
        caller = self.caller()
        action = self.action(caller)
        resource = self.pick(RESOURCES[action])
        owner = resource.split(":")[4] if resource != "*" else ""
        if not owner:
            account = caller.get("account", A)
            owner = account if resource == "*" or self.chance(0.6) else self.pick([A, B, MANAGEMENT])
        self.request = {
            "caller": caller, "action": action, "resource": resource, "owner": owner, "management": MANAGEMENT,
            "context": self.context(caller),
        }
        return self.request | self.policies()

    def caller(self):
        kind = self.random.choices(
            ["user", "role", "federated-user", "root", "service", "anonymous", "web-identity", "saml"],
            [34, 30, 8, 6, 6, 4, 3, 3])[0]
        if kind == "service":
            return {"kind": kind, "name": self.pick(["sns.amazonaws.com", "s3.amazonaws.com"])}
        if kind == "anonymous":
            return {"kind": kind}
        if kind in PROVIDERS:
            return {"kind": kind, "provider": self.pick(PROVIDERS[kind])}
        account = self.random.choices([A, B, MANAGEMENT], [70, 20, 10])[0]
        caller = {"kind": kind, "account": account, "canonical": CANONICAL[account]}
        user = {"arn": f"arn:aws:iam::{account}:user/{self.pick(['team/ann', 'bob'])}", "id": "AIDAQQQQQQQQQQQQQQQQA"}
        if kind == "user":
            caller |= user
        if kind == "federated-user":
            caller["session"] = f"arn:aws:sts::{account}:federated-user/fed"
            if self.chance(0.8):
                caller |= user
        if kind == "role":
            linked = self.chance(0.08)
            path = "aws-service-role/sns.amazonaws.com/" if linked else self.pick(["", "team/"])
            caller |= {
                "arn": f"arn:aws:iam::{account}:role/{path}app", "id": "AROAQQQQQQQQQQQQQQQQA",
                "session": f"arn:aws:sts::{account}:assumed-role/app/{self.pick(['one', 'two'])}",
                "service_linked": linked,
            }
        return caller

    def action(self, caller):
        if caller["kind"] == "web-identity":
            return "sts:AssumeRoleWithWebIdentity"
        if caller["kind"] == "saml":
            return "sts:AssumeRoleWithSAML"
        return self.pick([action for action in RESOURCES if not action.startswith("sts:AssumeRoleWith")])

    def context(self, caller):
        context = {}
        for key, (kind, many) in KEYS.items():
            if self.chance(0.7):
                count = self.random.randrange(4) if many else 1
                context[key] = [self.pick(POOLS[kind]) for _ in range(count)]
        if "arn" in caller:
            context["aws:PrincipalArn"] = [caller["arn"]]
        if caller["kind"] == "user":
            context["aws:username"] = [caller["arn"].rsplit("/")[-1]]
        return context

    def policies(self):
        action, caller = self.request["action"], self.request["caller"]
        rule = {"kms": "key", "sts": "trust"}.get(action.split(":")[0], "standard")
        made = {"rule": rule, "identity": [], "boundary": None, "session": None, "scps": [], "rcps": []}
        if caller["kind"] in ("user", "role", "federated-user") and "arn" in caller:
            made["identity"] = [self.policy("identity", 0.8) for _ in range(self.random.randrange(4))]
            if self.chance(0.3):
                made["boundary"] = self.policy("boundary", 0.9)
        if caller["kind"] in ("role", "federated-user") and self.chance(0.4):
            made["session"] = [self.policy("session", 0.9) for _ in range(self.random.randrange(1, 3))]
        for kind in ("scp", "rcp"):
            if self.chance(0.4):
                made[kind + "s"] = [self.level(kind) for _ in range(self.random.randrange(1, 4))]
        made["resource_policy"] = None
        if self.chance(0.85 if rule != "standard" else 0.5):
            made["resource_policy"] = self.policy("trust" if rule == "trust" else "resource", 0.85)
        made["endpoint"] = self.policy("endpoint", 0.95) if self.chance(0.07) else None
        return made

    def level(self, kind):
        full = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        if kind == "rcp":
            full["Statement"]["Principal"] = "*"
        policies = [full] if self.chance(0.9) else []
        if self.chance(0.5) or not policies:
            policies.append(self.policy(kind))
        return policies

    def policy(self, kind, fit=0.65):
        """A policy of which each element fits the request with this probability (and wildcards may widen it)."""
        statements = [self.statement(kind, fit, n) for n in range(self.random.choices([1, 2, 3], [5, 4, 1])[0])]
        policy = {"Statement": statements[0] if len(statements) == 1 and self.chance(0.3) else statements}
        version = self.random.choices(["2012-10-17", "2008-10-17", None], [80, 10, 10])[0]
        if version:
            policy["Version"] = version
        if self.chance(0.1):
            policy["Id"] = "id"
        return policy

    def statement(self, kind, fit, number):
        deny = self.chance(0.5 if kind in ("scp", "rcp") else 0.15)
        # What denies fits less often, or little would be allowed.
        fit = fit * 0.7 if deny else fit
        statement = {"Effect": "Deny" if deny else "Allow"}
        if self.chance(0.3):
            statement["Sid"] = f"s{number}"
        self.add_principal(statement, kind, fit)
        self.add_action(statement, kind, fit)
        if kind != "trust" and not (kind == "resource" and self.chance(0.1)):
            self.add_resource(statement, fit)
        if self.chance(0.5):
            condition = {}
            for _ in range(self.random.choices([1, 2], [4, 1])[0]):
                operator, key, values = self.condition(fit)
                condition.setdefault(operator, {})[key] = values
            statement["Condition"] = condition
        return statement

    def some(self, one, others):
        """One value as it is, or in a list among others."""
        if self.chance(0.5):
            return one
        values = [one] + [self.pick(others) for _ in range(self.random.randrange(3))]
        self.random.shuffle(values)
        return values

    def add_principal(self, statement, kind, fit):
        if kind == "rcp":
            statement["Principal"] = "*"
            return
        if kind not in ("resource", "trust", "endpoint"):
            return
        element = "NotPrincipal" if kind != "trust" and self.chance(0.12) else "Principal"
        caller = self.request["caller"]
        fitting = []
        if "account" in caller:
            account = caller["account"]
            fitting += [("AWS", account), ("AWS", f"arn:aws:iam::{account}:root"), ("CanonicalUser", CANONICAL[account])]
            fitting += [("AWS", caller[name]) for name in ("arn", "session", "id") if name in caller] * 2
        if caller["kind"] == "service":
            fitting += [("Service", caller["name"])] * 4
        if "provider" in caller:
            fitting += [("Federated", caller["provider"])] * 8
        everyone = [("AWS", "*")] if kind == "trust" else [("AWS", "*"), "*"]
        others = [
            ("AWS", B), ("AWS", f"arn:aws:iam::{A}:user/eve"), ("AWS", f"arn:aws:sts::{A}:assumed-role/app/three"),
            ("AWS", "AIDAZZZZZZZZZZZZZZZZZ"), ("Service", "lambda.amazonaws.com"), ("Federated", "www.amazon.com"),
            ("CanonicalUser", "f" * 64),
        ]
        chosen = self.pick((fitting or everyone) + everyone) if self.chance(fit) else self.pick(others)
        if chosen == "*":
            statement[element] = "*"
            return
        types = {}
        several = [chosen] + [self.pick(others + fitting) for _ in range(self.random.randrange(3))]
        if element == "NotPrincipal" and self.chance(0.5):
            several += fitting
        for name, value in several:
            types.setdefault(name, [])
            if value not in types[name]:
                types[name].append(value)
        statement[element] = {
            name: values[0] if len(values) == 1 and self.chance(0.5) else values for name, values in types.items()
        }

    def add_action(self, statement, kind, fit):
        negated = kind != "rcp" and self.chance(0.12)
        own = self.request["action"]
        service, name = own.split(":")
        fitting = [own, own.upper(), f"{service}:*", f"{service}:{name[:3]}*", f"{service}:*{name[-3:]}", "*",
                   f"{service}:?{name[1:]}"]
        others = ["sqs:GetQueueUrl", "s3:Put*", "kms:?ncrypt", "iam:*Role*", "ec2:RunInstances", "sts:GetFederationToken"]
        if kind == "trust":
            fitting = [action for action in fitting if action.lower().startswith("sts:")]
            others = ["sts:TagSession", "sts:Set*"]
        chosen = self.pick(fitting if self.chance(fit) != negated else others)
        statement["NotAction" if negated else "Action"] = self.some(chosen, others)

    def add_resource(self, statement, fit):
        negated = self.chance(0.12)
        own = self.request["resource"]
        parts = own.split(":", 5)
        fitting = [own, "*"]
        if len(parts) == 6:
            head, tail = ":".join(parts[:5]), parts[5]
            cut = self.random.randrange(len(tail) + 1)
            fitting += [
                f"{head}:*", f"{head}:{tail[:cut]}*", f"{head}:*{tail[cut:]}", f"{head}:{tail[:cut]}?{tail[cut + 1:]}",
                f"arn:aws:{parts[2]}:*:*:{tail}", f"arn:*:{parts[2]}:{parts[3]}:{parts[4]}:{tail}", f"arn:aws:{parts[2]}:*",
                f"arn:aws:{parts[2]}:{parts[3][:2]}*{parts[3][-2:] if parts[3] else ''}:{parts[4]}:{tail}",
                f"arn:aws:{parts[2]}:{parts[3]}:{parts[4][:-1]}?:{tail}",
            ]
            fitting += [f"{head}:{self.pick(VARIABLES)}{tail[cut:]}", f"{head}:*{self.pick(VARIABLES)}*"] * 2
        others = ["arn:aws:s3:::nothing/*", f"arn:aws:sqs:us-west-?:{A}:*", f"arn:aws:kms:*:{B}:alias/*",
                  "arn:aws:s3:::${aws:username}/*", f"arn:aws:iam::{A}:role/${{aws:PrincipalTag/team}}"]
        chosen = self.pick(fitting if self.chance(fit) != negated else others)
        statement["NotResource" if negated else "Resource"] = self.some(chosen, others)

    def condition(self, fit):
        key, (kind, many) = self.pick(KEYS.items())
        if self.chance(0.08):
            operator = "Null"
            return operator, self.cased(key), self.pick(["true", "false", True, False, ["false"]])
        operator = self.pick(OPERATORS[kind])
        if many or self.chance(0.1):
            operator = self.pick(["ForAllValues:", "ForAnyValue:"]) + operator
        if self.chance(0.2):
            operator += "IfExists"
        given = self.request["context"].get(key, [])
        own = self.pick(given) if given and self.chance(fit) else self.pick(POOLS[kind])
        others = list(POOLS[kind])
        if kind == "ip":
            others = NETWORKS
            own = self.pick(NETWORKS) if self.chance(0.5) else own
        if "Like" in operator and kind == "string":
            others = ["r*", "?ed", "*u*", "*", "us-*-1", *VARIABLES]
            own = self.pick(others) if self.chance(0.5) else own
        elif kind == "string" and self.chance(0.25):
            own = self.pick(VARIABLES)
        if kind == "arn" and not operator.rpartition(":")[2].startswith("String"):
            others = ARNS + ARN_PATTERNS
            own = self.pick(others) if self.chance(0.5) else own
        if kind == "bool" and self.chance(0.3):
            own = own.lower() == "true"
        if kind == "number" and self.chance(0.2):
            own = int(float(own))
        return operator, self.cased(key), self.some(own, others)

    def cased(self, key):
        return key.upper() if self.chance(0.1) else key
