"""SQS under load: send, receive, delete, on a standard and a FIFO queue."""

import random

from botocore.exceptions import ClientError
from ledger import Ledger, Lost


class Messages:
    """One queue, whose messages are sent and deleted by one thread. A message's name is its body."""

    def __init__(self, client, name: str, fifo: bool) -> None:
        self.client, self.name, self.fifo = client, name, fifo
        self.label = "fifo" if fifo else "standard"
        attributes = {"VisibilityTimeout": "900", "MessageRetentionPeriod": "1209600"}
        if fifo:
            attributes |= {"FifoQueue": "true"}
        self.url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.ledger = Ledger(f"message of {name}")
        self.sent = 0

    def step(self, chance: random.Random) -> None:
        if chance.random() < 0.6:
            self.send(chance)
        else:
            self.receive(chance)

    def send(self, chance: random.Random) -> None:
        self.sent += 1
        group = f"group-{chance.randrange(5)}"
        body = f"{group}/{self.sent:09}"
        extra = {"MessageGroupId": group, "MessageDeduplicationId": body} if self.fifo else {}
        self.ledger.begin(body, "there")
        self.client.send_message(QueueUrl=self.url, MessageBody=body, **extra)
        self.ledger.acknowledge(body, "there")

    def receive(self, chance: random.Random) -> None:
        wanted = chance.choice([1, 5, 10])
        answer = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=wanted)
        for message in answer.get("Messages", []):
            # Some are received and never deleted: they come back.
            if chance.random() < 0.8:
                self.delete(message)

    def delete(self, message: dict) -> None:
        self.ledger.begin(message["Body"], None)
        try:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        except ClientError as error:
            # The clock was moved in between.
            if not self.fifo or "expired" not in error.response["Error"]["Message"]:
                raise
            self.ledger.refuse()
            return
        self.ledger.acknowledge(message["Body"], None)

    def check(self) -> None:
        """Empties the queue, whose messages have all become visible again."""
        found: list[str] = []
        while messages := self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in messages]
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            answer = self.client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            assert len(answer["Successful"]) == len(entries), answer
        if len(found) != len(set(found)):
            raise Lost(f"{self.name} gave a message twice: {sorted(found)}")
        if self.fifo and any(group != sorted(group) for group in by_group(found)):
            raise Lost(f"{self.name} gave messages out of order: {found}")
        for body in sorted(set(found) | set(self.ledger.names())):
            self.ledger.found(body, "there" if body in found else None)
        # They were deleted above, and acknowledged.
        self.ledger.settled.clear()


def by_group(bodies: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for body in bodies:
        groups.setdefault(body.split("/")[0], []).append(body)
    return list(groups.values())
