"""Fixtures of the EventBridge Scheduler tests."""

import json
import random

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def scheduler(welkin, account):
    """Scheduler as the root user of a fresh account."""
    return welkin.client("scheduler", account)


@pytest.fixture
def name():
    """Names that nothing else has."""
    return lambda kind="n": f"{kind}{random.randrange(1 << 48):012x}"


class Refused:
    """Asserts that a call is refused with a code: `with refused("ConflictException", 409): …`."""

    def __init__(self, code, status=400, message=None):
        self.code, self.status, self.message = code, status, message

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert isinstance(error, ClientError), f"expected {self.code}, got {error!r}"
        answer = error.response
        assert answer["Error"]["Code"] == self.code, answer["Error"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == self.status, answer
        if self.message:
            assert self.message in answer["Error"]["Message"], answer["Error"]["Message"]
        return True


@pytest.fixture
def refused():
    return Refused


def allow(*actions, resource="*", **more):
    """A policy with one statement."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}],
    }


@pytest.fixture
def user(welkin, account):
    """Scheduler as a new user of the account with a policy that allows these actions."""
    return lambda *actions: welkin.client("scheduler", **welkin.user(account, allow(*actions)))


@pytest.fixture
def role(welkin, account, name):
    """Makes a role that Scheduler may take on, with a policy; returns its ARN."""

    def make(*actions, resource="*"):
        iam = welkin.client("iam", account)
        role = name("role-")
        trust = allow("sts:AssumeRole", Principal={"Service": "scheduler.amazonaws.com"})
        del trust["Statement"][0]["Resource"]
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        policy = json.dumps(allow(*actions, resource=resource))
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=policy)
        return arn

    return make


class Queue:
    """A queue that schedules may send to."""

    def __init__(self, sqs, url, arn):
        self.sqs, self.url, self.arn = sqs, url, arn

    def receive(self):
        """Receives and deletes what is there, with all attributes."""
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        received = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, **options).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            received += messages
        return received

    def bodies(self):
        return [message["Body"] for message in self.receive()]


@pytest.fixture
def new_queue(welkin, account, name):
    """Makes queues; Scheduler may send to them if it is said."""

    def make(open=False):
        sqs = welkin.client("sqs", account)
        queue = name("q")
        url = sqs.create_queue(QueueName=queue)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{account}:{queue}"
        if open:
            policy = allow("sqs:SendMessage", resource=arn, Principal={"Service": "scheduler.amazonaws.com"})
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return Queue(sqs, url, arn)

    return make


@pytest.fixture
def queue(new_queue):
    return new_queue()


OFF = {"Mode": "OFF"}


@pytest.fixture
def create(scheduler, queue, role):
    """Makes schedules, which send to the queue unless it is said."""
    sender = role("sqs:*", "sns:*", "events:*")

    def create(name, expression, target=None, **more):
        options = {
            "Name": name,
            "ScheduleExpression": expression,
            "FlexibleTimeWindow": OFF,
            "Target": {"Arn": queue.arn, "RoleArn": sender, "Input": '{"n":1}', **(target or {})},
            **more,
        }
        return scheduler.create_schedule(**options)["ScheduleArn"]

    create.role = sender
    return create
