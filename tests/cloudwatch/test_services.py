"""Metrics that services report."""

import json


def test_queues_report_messages(welkin, cloudwatch, account, stats, now):
    sqs = welkin.client("sqs", account)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    now()
    sqs.send_message(QueueUrl=url, MessageBody="12345")
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "x" * 10} for n in range(3)])
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    for message in got:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    of = lambda name, stat="Sum": stats(cloudwatch, "AWS/SQS", name, stat, QueueName="q")
    assert of("NumberOfMessagesSent") == [4]
    assert (of("SentMessageSize", "Maximum"), of("SentMessageSize", "SampleCount")) == ([10], [4])
    assert of("NumberOfMessagesReceived") == of("NumberOfMessagesDeleted") == [len(got)]
    welkin.advance("1m")
    names = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="AWS/SQS")["Metrics"]}
    assert {"NumberOfMessagesSent", "SentMessageSize", "NumberOfMessagesReceived"} <= names


def test_an_operation_that_is_refused_reports_nothing(welkin, cloudwatch, account, stats, refused):
    sqs = welkin.client("sqs", account)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    with refused("InvalidMessageContents"):
        sqs.send_message(QueueUrl=url, MessageBody="\u0001")
    assert stats(cloudwatch, "AWS/SQS", "NumberOfMessagesSent", QueueName="q") == []


def test_topics_report_messages_and_deliveries(welkin, cloudwatch, account, stats, now):
    sns = welkin.client("sns", account)
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{account}:gone")
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{account}:other",
        Attributes={"FilterPolicy": json.dumps({"kind": ["a"]})},
    )
    now()
    sns.publish(TopicArn=topic, Message="12345")
    welkin.advance("1s")
    of = lambda name: sum(stats(cloudwatch, "AWS/SNS", name, TopicName="t"))
    assert of("NumberOfMessagesPublished") == 1
    assert of("PublishSize") == 5
    assert of("NumberOfNotificationsFailed") == 1
    assert of("NumberOfNotificationsFilteredOut") == 1


def test_rules_report_invocations(welkin, cloudwatch, account, stats, now):
    events = welkin.client("events", account)
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["app"]}))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{account}:gone"}])
    now()
    events.put_events(Entries=[{"Source": "app", "DetailType": "d", "Detail": "{}"} for _ in range(3)])
    welkin.advance("1s")
    of = lambda name: sum(stats(cloudwatch, "AWS/Events", name, RuleName="r"))
    assert of("TriggeredRules") == 3
    assert of("MatchedEvents") == 3
    assert of("Invocations") == of("FailedInvocations") == 3
