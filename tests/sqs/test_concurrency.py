"""Producers and consumers at the same time: nothing is lost, nothing comes twice while it is hidden."""

import collections
import threading


def run(*works):
    """Runs all at once; raises what any of them raised."""
    errors = []

    def guarded(work):
        try:
            work()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a worker hangs"
    assert not errors, errors[0]


def consume(sqs, queue, received, lock, total):
    while True:
        with lock:
            if len(received) >= total:
                return
        for message in sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=5, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
        ).get("Messages", []):
            with lock:
                received.append(message)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def test_standard_queue(sqs, new_queue, counts):
    queue, producers, consumers, each = new_queue(VisibilityTimeout=600), 6, 8, 40
    received, lock = [], threading.Lock()

    def produce(number):
        for n in range(each):
            sqs.send_message(QueueUrl=queue, MessageBody=f"{number}-{n}")

    works = [lambda number=number: produce(number) for number in range(producers)]
    works += [lambda: consume(sqs, queue, received, lock, producers * each)] * consumers
    run(*works)
    bodies = collections.Counter(message["Body"] for message in received)
    assert set(bodies) == {f"{number}-{n}" for number in range(producers) for n in range(each)}
    assert set(bodies.values()) == {1}
    assert counts(queue) == (0, 0, 0)


def test_fifo_queue_keeps_the_order_of_each_group(sqs, new_queue, counts):
    queue = new_queue(fifo=True, VisibilityTimeout=600)
    groups, senders, each, consumers = 3, 2, 20, 6
    received, lock = [], threading.Lock()

    def produce(group, sender):
        for n in range(each):
            sqs.send_message(
                QueueUrl=queue,
                MessageBody=f"{sender}-{n}",
                MessageGroupId=f"g{group}",
                MessageDeduplicationId=f"{group}-{sender}-{n}",
            )

    works = [lambda g=g, s=s: produce(g, s) for g in range(groups) for s in range(senders)]
    works += [lambda: consume(sqs, queue, received, lock, groups * senders * each)] * consumers
    run(*works)
    assert len(received) == groups * senders * each
    for group in range(groups):
        mine = [message for message in received if message["Attributes"]["MessageGroupId"] == f"g{group}"]
        numbers = [int(message["Attributes"]["SequenceNumber"]) for message in mine]
        assert numbers == sorted(set(numbers)), "a group is received in the order of its numbers"
        for sender in range(senders):
            order = [message["Body"] for message in mine if message["Body"].startswith(f"{sender}-")]
            assert order == [f"{sender}-{n}" for n in range(each)]
    assert counts(queue) == (0, 0, 0)


def test_one_of_many_duplicates_sent_at_once_is_delivered(sqs, new_queue, counts):
    queue, ids = new_queue(fifo=True), set()

    def send():
        answer = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
        ids.add(answer["MessageId"])

    run(*[send] * 12)
    assert len(ids) == 1
    assert counts(queue) == (1, 0, 0)
