"""Fixtures of the SQS tests."""

import random

import pytest


@pytest.fixture
def sqs(welkin, account):
    """SQS as the root user of a fresh account."""
    return welkin.client("sqs", account)


@pytest.fixture
def new_queue(sqs):
    """Makes queues with names of their own; returns their URLs."""

    def make(fifo=False, **attributes):
        name = f"q{random.randrange(1 << 48):012x}" + (".fifo" if fifo else "")
        if fifo:
            attributes["FifoQueue"] = "true"
        attributes = {name: str(value) for name, value in attributes.items()}
        return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    return make


@pytest.fixture
def queue(new_queue):
    """A standard queue."""
    return new_queue()


@pytest.fixture
def receive(sqs):
    """Receives with all attributes; returns the messages, maybe none."""

    def receive(url, **options):
        options = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"], **options}
        return sqs.receive_message(QueueUrl=url, **options).get("Messages", [])

    return receive


@pytest.fixture
def bodies(receive):
    """The bodies that one receive gets."""
    return lambda url, **options: [message["Body"] for message in receive(url, **options)]


@pytest.fixture
def attributes(sqs):
    """All attributes of a queue."""
    return lambda url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


@pytest.fixture
def counts(attributes):
    """Messages of a queue: visible, in flight, delayed."""

    def counts(url):
        found = attributes(url)
        kinds = ("", "NotVisible", "Delayed")
        return tuple(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)

    return counts
