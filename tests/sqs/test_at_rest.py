"""What is kept on disk: every acknowledged message, and no body in the clear."""


def test_messages_survive_a_kill_and_bodies_are_sealed(start, tmp_path):
    body, attribute = "the body that nobody may read at rest", {"DataType": "String", "StringValue": "in the clear"}
    with start("--data", str(tmp_path)) as welkin:
        sqs = welkin.client("sqs")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        fifo = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes={"a": attribute})
        sqs.send_message(QueueUrl=queue, MessageBody="deleted")
        for n in range(3):
            sqs.send_message(QueueUrl=fifo, MessageBody=str(n), MessageGroupId="g", MessageDeduplicationId=f"d{n}")
        first, second = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=2)["Messages"]
        deleted = first if first["Body"] == "deleted" else second
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=deleted["ReceiptHandle"])
        locked = sqs.receive_message(QueueUrl=fifo)["Messages"][0]
        welkin.process.kill()
        welkin.process.wait(30)
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"in the clear" in data for data in kept), "attributes are not encrypted, as in AWS"
    assert not any(body.encode() in data for data in kept)
    with start("--data", str(tmp_path)) as welkin:
        sqs = welkin.client("sqs")
        urls = [f"{welkin.endpoint}/111111111111/{name}" for name in ("q", "q.fifo")]
        assert sqs.list_queues()["QueueUrls"] == urls
        queue, fifo = urls
        assert "Messages" not in sqs.receive_message(QueueUrl=queue), "it is still hidden"
        assert "Messages" not in sqs.receive_message(QueueUrl=fifo), "the group is still locked"
        sqs.delete_message(QueueUrl=fifo, ReceiptHandle=locked["ReceiptHandle"])
        assert sqs.receive_message(QueueUrl=fifo)["Messages"][0]["Body"] == "1"
        again = {"MessageBody": "again", "MessageGroupId": "g", "MessageDeduplicationId": "d0"}
        sqs.send_message(QueueUrl=fifo, **again)
        counts = sqs.get_queue_attributes(QueueUrl=fifo, AttributeNames=["ApproximateNumberOfMessages"])
        assert counts["Attributes"] == {"ApproximateNumberOfMessages": "1"}, "its id is remembered"
        welkin.advance("31s")
        [message] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert message["Body"] == body
