"""Fixtures of the EventBridge Scheduler tests."""

import json

import pytest

from policies import allow, new_role


@pytest.fixture
def scheduler(welkin, account):
    """Scheduler as the root user of a fresh account."""
    return welkin.client("scheduler", account)


@pytest.fixture
def user(welkin, account):
    """Scheduler as a new user of the account with a policy that allows these actions."""
    return lambda *actions: welkin.client("scheduler", **welkin.user(account, allow(*actions)))


@pytest.fixture
def role(welkin, account):
    """Makes a role that Scheduler may take on, with a policy; returns its ARN."""

    return lambda *actions, **more: new_role(welkin, account, "scheduler.amazonaws.com", *actions, **more)


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
