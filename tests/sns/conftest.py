"""Fixtures of the SNS tests."""

import json
import random

import pytest

from policies import allow


@pytest.fixture
def sns(welkin, account):
    """SNS as the root user of a fresh account."""
    return welkin.client("sns", account)


@pytest.fixture
def sqs(welkin, account):
    """SQS as the root user of the same account."""
    return welkin.client("sqs", account)


@pytest.fixture
def new_topic(sns):
    """Makes topics with names of their own; returns their ARNs."""

    def make(fifo=False, **attributes):
        name = f"t{random.randrange(1 << 48):012x}" + (".fifo" if fifo else "")
        if fifo:
            attributes["FifoTopic"] = "true"
        return sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]

    return make


@pytest.fixture
def topic(new_topic):
    """A standard topic."""
    return new_topic()


@pytest.fixture
def attributes(sns):
    """The attributes of a topic."""
    return lambda arn: sns.get_topic_attributes(TopicArn=arn)["Attributes"]


@pytest.fixture
def user(welkin, account):
    """SNS as a new user of the account with a policy that allows these actions."""
    return lambda *actions, **more: welkin.client("sns", **welkin.user(account, allow(*actions, **more)))


@pytest.fixture
def share(sns):
    """Sets the policy of a topic."""

    def share(topic, principal, *actions, **more):
        policy = allow(*actions, resource=topic, Principal=principal, **more)
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))

    return share


class Queue:
    """A queue that topics may send to."""

    def __init__(self, sqs, url, arn):
        self.sqs, self.url, self.arn = sqs, url, arn

    def receive(self):
        """Receives and deletes what is there, with all attributes."""
        options = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        received = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, **options).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            received += messages
        return received

    def bodies(self):
        return [message["Body"] for message in self.receive()]

    def notices(self):
        """What topics told it, as objects."""
        return [json.loads(body) for body in self.bodies()]


@pytest.fixture
def new_queue(welkin, account):
    """Makes queues that let SNS send to them, unless `policy` is another one."""

    def make(fifo=False, owner=account, policy=True, **attributes):
        sqs = welkin.client("sqs", owner)
        name = f"q{random.randrange(1 << 48):012x}" + (".fifo" if fifo else "")
        if fifo:
            attributes["FifoQueue"] = "true"
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{owner}:{name}"
        if policy:
            statement = allow("sqs:SendMessage", resource=arn, Principal={"Service": "sns.amazonaws.com"})
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(statement)})
        return Queue(sqs, url, arn)

    return make


@pytest.fixture
def subscribe(sns):
    """Subscribes a queue to a topic; returns the ARN of the subscription."""

    def subscribe(topic, queue, **attributes):
        options = {"Protocol": "sqs", "Endpoint": queue.arn, "ReturnSubscriptionArn": True}
        return sns.subscribe(TopicArn=topic, Attributes=attributes, **options)["SubscriptionArn"]

    return subscribe


@pytest.fixture
def settle(welkin):
    """Returns when everything that was published is delivered."""
    return lambda: welkin.advance("1s")
