"""Policies for the accounts of the running test: a shelf of elements, from which a seeded chance takes."""

import random

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "sqs:GetQueueAttributes", "kms:Encrypt",
           "kms:DescribeKey", "iam:GetUser", "iam:GetRole", "iam:TagUser", "sts:AssumeRole"]
WIDE = ["*", "s3:*", "sqs:*", "kms:*", "iam:*", "sts:*", "s3:Get*", "iam:?et*", "kms:*crypt"]


class Shelf:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, options):
        return self.random.choice(list(options))

    def actions(self, service=None):
        fitting = [a for a in ACTIONS + WIDE[1:] if service is None or a.startswith(service + ":")]
        return self.random.sample(fitting, min(len(fitting), self.random.randrange(1, 5)))

    def condition(self, organization, accounts):
        """A condition on what the test knows of its calls."""
        return self.pick([
            {"StringEquals": {"aws:PrincipalOrgID": self.pick([organization, organization, "o-elsewhere00"])}},
            {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
            {"IpAddress": {"aws:SourceIp": self.pick(["127.0.0.0/8", "127.0.0.1", "10.0.0.0/8"])}},
            {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}},
            {"Bool": {"aws:SecureTransport": self.pick(["true", "false"])}},
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": self.pick(["true", "false"])}},
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team, 'nobody'}"}},
            {"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": self.pick(["RED", "Blue"])}},
            {"StringLikeIfExists": {"s3:prefix": ["red/*", "${aws:username}/*"]}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{self.pick(accounts)}:{self.pick(['user', 'role', '*'])}/*"}},
            {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{self.pick(accounts)}:role/app"}},
            {"StringEquals": {"aws:PrincipalAccount": self.random.sample(accounts, 3)}},
            {"StringNotEquals": {"aws:ResourceAccount": self.random.sample(accounts, 2)}},
            {"StringNotEquals": {"aws:RequestedRegion": self.pick(["eu-west-1", "us-east-1"])}},
            {"StringEquals": {"aws:username": self.pick(["ann", "bob"])}},
            {"Null": {self.pick(["aws:TokenIssueTime", "aws:username", "aws:PrincipalTag/team"]): self.pick(["true", "false"])}},
            {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "team"}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
            {"DateGreaterThan": {"aws:CurrentTime": self.pick(["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])}},
        ])

    def resources(self, accounts):
        account = self.pick(accounts)
        return self.pick([
            "*", "*", "*", f"arn:aws:sqs:*:{account}:*", f"arn:aws:s3:::bucket-{account}*", "arn:aws:s3:::bucket-*",
            ["arn:aws:sqs:us-east-1:*:queue", f"arn:aws:kms:us-east-1:{account}:key/*"], f"arn:aws:iam::{account}:*",
            "arn:aws:iam::*:user/team/${aws:username}", "arn:aws:iam::*:role/app", "arn:aws:s3:::bucket-*/red/?",
        ])

    def permissions(self, organization, accounts, generous=0.7):
        """An identity policy, boundary, session policy or SCP."""
        statements = []
        for _ in range(self.random.choices([1, 2, 3], [4, 4, 2])[0]):
            deny = self.chance(0.15)
            statement = {"Effect": "Deny" if deny else "Allow"}
            negated = self.chance(0.1)
            wide = "*" if self.chance(generous) and not deny and not negated else self.actions()
            statement["NotAction" if negated else "Action"] = wide
            statement["NotResource" if self.chance(0.1) else "Resource"] = self.resources(accounts)
            if statement.get("NotResource") == "*":
                statement["NotResource"] = "arn:aws:sqs:*:*:*"
            if self.chance(0.7 if deny else 0.3):
                statement["Condition"] = self.condition(organization, accounts)
            statements.append(statement)
        return {"Version": "2012-10-17", "Statement": statements}

    def denial(self, organization, accounts, services, **more):
        """A control policy that only denies."""
        statement = {"Effect": "Deny", "Action": self.actions(self.pick(services)), "Resource": "*", **more}
        if self.chance(0.9):
            statement["Condition"] = self.condition(organization, accounts)
        return {"Version": "2012-10-17", "Statement": [statement]}

    def sharing(self, service, resource, principals, organization, accounts, *first):
        """A resource's policy."""
        statements = list(first)
        for _ in range(self.random.randrange(1, 4)):
            deny = self.chance(0.2)
            named = self.random.sample(principals, self.random.randrange(1, 4))
            statement = {"Effect": "Deny" if deny else "Allow", "Principal": {"AWS": named}, "Resource": resource}
            if deny and self.chance(0.5):
                statement["Principal"] = "*"
            statement["Action"] = self.actions(service)
            if self.chance(0.6 if deny else 0.3):
                statement["Condition"] = self.condition(organization, accounts)
            statements.append(statement)
        return {"Version": "2012-10-17", "Statement": statements}
