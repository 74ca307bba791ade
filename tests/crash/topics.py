"""SNS under load: messages published to a FIFO topic reach each subscribed queue once, and in the order of their group;
those of a standard topic reach each at least once."""

import json
import random

from ledger import Ledger, Lost
from messages import by_group

GROUPS = 5


def subscribe(sns, sqs, topic: str, name: str, rules: dict[str, str]) -> str:
    """A queue that takes the topic's messages: its URL."""
    arn = f"arn:aws:sqs:us-east-1:{topic.split(':')[4]}:{name}"
    service = {"Service": "sns.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "sqs:SendMessage", "Resource": arn}
    attributes = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    attributes |= {"VisibilityTimeout": "900", "MessageRetentionPeriod": "1209600"}
    if name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=rules)
    return url


def drain(sqs, url: str) -> list[str]:
    """Receives and deletes everything in a queue."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)
        ]
        answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        assert len(answer["Successful"]) == len(entries), answer
    return bodies


class Topics:
    """One FIFO topic, to which one thread publishes, and the queues that subscribe to it. A message's name is its body."""

    def __init__(self, sns, sqs) -> None:
        self.sns, self.sqs = sns, sqs
        self.label = "fifo"
        self.topic = sns.create_topic(Name="crash-topic.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        # Bare and wrapped, in order and, on a standard queue, in any.
        self.bare = subscribe(sns, sqs, self.topic, "crash-bare.fifo", {"RawMessageDelivery": "true"})
        self.wrapped = subscribe(sns, sqs, self.topic, "crash-wrapped.fifo", {})
        self.loose = subscribe(sns, sqs, self.topic, "crash-loose", {"RawMessageDelivery": "true"})
        self.ledger = Ledger("message of a FIFO topic")
        self.published = 0

    def step(self, chance: random.Random) -> None:
        if chance.random() < 0.7:
            self.publish(chance)
        else:
            self.publish_batch(chance)

    def message(self, chance: random.Random) -> dict[str, str]:
        self.published += 1
        group = f"group-{chance.randrange(GROUPS)}"
        body = f"{group}/{self.published:09}"
        self.ledger.begin(body, "delivered")
        return {"Message": body, "MessageGroupId": group, "MessageDeduplicationId": body}

    def publish(self, chance: random.Random) -> None:
        message = self.message(chance)
        self.sns.publish(TopicArn=self.topic, **message)
        self.ledger.acknowledge(message["Message"], "delivered")

    def publish_batch(self, chance: random.Random) -> None:
        messages = [self.message(chance) for _ in range(chance.randrange(1, 11))]
        entries = [{"Id": str(number), **message} for number, message in enumerate(messages)]
        answer = self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=entries)
        assert len(answer["Successful"]) == len(entries), answer
        for message in messages:
            self.ledger.acknowledge(message["Message"], "delivered")

    def check(self) -> None:
        """Empties the queues. What has reached one of them has reached the others, once."""
        found = drain(self.sqs, self.bare)
        wrapped = [json.loads(body)["Message"] for body in drain(self.sqs, self.wrapped)]
        loose = drain(self.sqs, self.loose)
        for name, bodies in (("the bare queue", found), ("the wrapped queue", wrapped), ("the standard queue", loose)):
            if len(bodies) != len(set(bodies)):
                raise Lost(f"{name} got a message of the topic twice: {sorted(bodies)}")
            if set(bodies) != set(found):
                raise Lost(f"{name} did not get what the others got: {sorted(set(bodies) ^ set(found))}")
        for bodies in (found, wrapped):
            if any(group != sorted(group) for group in by_group(bodies)):
                raise Lost(f"messages of the topic came out of order: {bodies}")
        for body in sorted(set(found) | set(self.ledger.names())):
            self.ledger.found(body, "delivered" if body in found else None)
        # They were taken from the queues above.
        self.ledger.settled.clear()


class StandardTopic:
    """One standard topic, to which one thread publishes, and two queues that subscribe to it."""

    def __init__(self, sns, sqs) -> None:
        self.sns, self.sqs = sns, sqs
        self.topic = sns.create_topic(Name="crash-topic")["TopicArn"]
        names = ("crash-fan-1", "crash-fan-2")
        self.queues = [subscribe(sns, sqs, self.topic, name, {"RawMessageDelivery": "true"}) for name in names]
        self.ledger = Ledger("message of a standard topic")
        self.published = 0

    def step(self, chance: random.Random) -> None:
        bodies = []
        for _ in range(chance.randrange(1, 5)):
            self.published += 1
            bodies.append(f"{self.published:09}")
            self.ledger.begin(bodies[-1], "delivered")
        entries = [{"Id": body, "Message": body} for body in bodies]
        answer = self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=entries)
        assert len(answer["Successful"]) == len(entries), answer
        for body in bodies:
            self.ledger.acknowledge(body, "delivered")

    def check(self) -> None:
        """Empties the queues. What has reached one of them has reached the other, at least once."""
        found, other = (set(drain(self.sqs, url)) for url in self.queues)
        if found != other:
            raise Lost(f"one queue of the standard topic got what another did not: {sorted(found ^ other)}")
        for body in sorted(found | set(self.ledger.names())):
            self.ledger.found(body, "delivered" if body in found else None)
        self.ledger.settled.clear()
