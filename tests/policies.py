"""Policies of one statement, and roles with them."""

import json
import random


def allow(*actions, resource="*", **more):
    """A policy with one statement."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}],
    }


def new_role(welkin, account, service, *actions, resource="*"):
    """A new role that a service, e.g. `pipes.amazonaws.com`, may take on, with a policy: its ARN."""
    iam = welkin.client("iam", account)
    role = f"role-{random.randrange(1 << 48):012x}"
    trust = allow("sts:AssumeRole", Principal={"Service": service})
    del trust["Statement"][0]["Resource"]
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(allow(*actions, resource=resource)))
    return arn
