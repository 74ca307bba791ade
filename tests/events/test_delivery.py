"""Events on their way: which rules get them, in which form, what happens when a target does not take them."""

import json
import re

import pytest

from conftest import allow


def test_an_event_comes_in_the_documented_form(events, account, queue, rule, put, settle):
    arn = rule({"source": ["app"], "detail": {"kind": ["a"]}}, queue)
    assert arn.endswith(f":{account}:rule/{arn.split('/')[-1]}")
    put({"kind": "b"})
    id = put({"kind": "a", "n": 1.5}, Resources=["arn:one"], Time=1_447_277_394)
    settle()
    (event,) = queue.events()
    assert event == {
        "version": "0",
        "id": id,
        "detail-type": "Happened",
        "source": "app",
        "account": account,
        "time": "2015-11-11T21:29:54Z",
        "region": "us-east-1",
        "resources": ["arn:one"],
        "detail": {"kind": "a", "n": 1.5},
    }


def test_entries_fail_alone_with_their_codes(events, queue, rule, settle, refused):
    rule({"source": [{"prefix": ""}]}, queue)
    good = {"Source": "app", "DetailType": "d", "Detail": "{}"}
    wrong = [
        ({"Source": None}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"DetailType": None}, "InvalidArgument", "Parameter DetailType is not valid."),
        ({"Detail": None}, "InvalidArgument", "Parameter Detail is not valid."),
        ({"Detail": "text"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.ec2"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
        ({"DetailType": "x" * 129}, "InvalidArgument", "Parameter DetailType is not valid."),
    ]
    entries = [{k: v for k, v in {**good, **change}.items() if v is not None} for change, _, _ in wrong]
    answer = events.put_events(Entries=[good, *entries])
    assert answer["FailedEntryCount"] == len(wrong)
    first, *failed = answer["Entries"]
    assert set(first) == {"EventId"} and re.fullmatch(r"[0-9a-f-]{36}", first["EventId"])
    for entry, (_, code, message) in zip(failed, wrong, strict=True):
        assert entry["ErrorCode"] == code and entry["ErrorMessage"].startswith(message), entry
    settle()
    assert [event["id"] for event in queue.events()] == [first["EventId"]]
    with refused("ValidationException", message="Total size of the entries in the request is over the limit."):
        events.put_events(Entries=[{**good, "Detail": json.dumps({"x": "y" * 600_000})}] * 2)
    with refused("ValidationException"):
        events.put_events(Entries=[])
    with refused("ValidationException"):
        events.put_events(Entries=[good] * 11)
    with refused("NotImplemented", 501, "EndpointId"):
        events.put_events(Entries=[good], EndpointId="abcde.veo")


def test_a_large_event_comes_whole(queue, rule, put, settle):
    rule({"source": ["app"]}, queue)
    put({"text": "x" * 500_000})
    settle()
    (event,) = queue.events()
    assert event["detail"] == {"text": "x" * 500_000}


def test_an_event_to_a_bus_that_is_not_there_is_dropped(put):
    assert put(EventBusName="none")


def test_rules_that_are_disabled_or_of_other_buses_get_nothing(events, queue, new_queue, rule, put, settle):
    events.create_event_bus(Name="other")
    other = new_queue()
    rule({"source": ["app"]}, queue, Name="off")
    rule({"source": ["app"]}, other, EventBusName="other")
    events.disable_rule(Name="off")
    put()
    put(EventBusName="other")
    settle()
    assert (len(queue.events()), len(other.events())) == (0, 1)
    events.enable_rule(Name="off")
    put()
    events.remove_targets(Rule="off", Ids=["0"])
    put()
    settle()
    assert (len(queue.events()), len(other.events())) == (1, 0)


def test_many_rules_get_what_each_wants(events, new_queue, rule, put, settle):
    queues = [new_queue() for _ in range(3)]
    for n in range(30):
        rule({"source": ["app"], "detail": {"n": [str(n)]}}, queues[n % 3])
    rule({"source": ["app"], "detail": {"n": [{"anything-but": "7"}]}}, queues[0])
    for n in (3, 7, 8):
        put({"n": str(n)})
    settle()
    came = [sorted(event["detail"]["n"] for event in queue.events()) for queue in queues]
    assert came == [["3", "3", "8"], ["7"], ["8"]]


def test_targets_get_the_form_that_they_want(queue, rule, put, settle):
    transformer = {
        "InputPathsMap": {"instance": "$.detail.instance-id", "state": "$.detail.state", "all": "$.detail"},
        "InputTemplate": '{"is": "instance <instance> is in <state>", "of": <all>, "by": <aws.events.rule-name>}',
    }
    text = {"InputPathsMap": {"state": "$.detail.state"}, "InputTemplate": '"it is <state>"'}
    arn = rule(
        {"source": ["app"]},
        {"Arn": queue.arn, "Input": '{"fixed": true}'},
        {"Arn": queue.arn, "InputPath": "$.detail"},
        {"Arn": queue.arn, "InputTransformer": transformer},
        {"Arn": queue.arn, "InputTransformer": text},
    )
    detail = {"instance-id": "i-1", "state": "RUNNING"}
    put(detail)
    settle()
    assert sorted(queue.bodies()) == sorted(
        [
            '{"fixed": true}',
            '{"instance-id":"i-1","state":"RUNNING"}',
            '{"is": "instance i-1 is in RUNNING", "of": {"instance-id":"i-1","state":"RUNNING"}, "by": "%s"}'
            % arn.split("/")[-1],
            '"it is RUNNING"',
        ]
    )


def test_a_fifo_queue_gets_its_group(new_queue, rule, put, settle):
    fifo = new_queue(fifo=True)
    rule({"source": ["app"]}, {"Arn": fifo.arn, "SqsParameters": {"MessageGroupId": "g"}})
    id = put()
    settle()
    (message,) = fifo.receive()
    assert message["Attributes"]["MessageGroupId"] == "g"
    assert json.loads(message["Body"])["id"] == id


def test_a_topic_gets_events_by_its_policy(welkin, account, queue, rule, put, name, settle):
    sns = welkin.client("sns", account)
    topic = sns.create_topic(Name=name("t"))["TopicArn"]
    sqs_policy = allow("sqs:SendMessage", resource=queue.arn, Principal={"Service": "sns.amazonaws.com"})
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": json.dumps(sqs_policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"})
    rule({"source": ["app"]}, {"Arn": topic})
    put({"n": 1})
    settle()
    assert queue.events() == []
    policy = allow("sns:Publish", resource=topic, Principal={"Service": "events.amazonaws.com"})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    put({"n": 2})
    settle()
    assert [event["detail"] for event in queue.events()] == [{"n": 2}]


def test_a_queue_s_policy_names_the_rule_and_its_account(account, new_queue, rule, put, settle):
    arn = f"arn:aws:events:us-east-1:{account}:rule/mine"
    mine = new_queue(condition={"ArnEquals": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": account}})
    other = new_queue(condition={"ArnEquals": {"aws:SourceArn": arn + "-not"}})
    rule({"source": ["app"]}, mine, other, Name="mine")
    put()
    settle()
    assert (len(mine.events()), len(other.events())) == (1, 0)


def test_a_denial_goes_to_the_dead_letter_queue_at_once(new_queue, queue, rule, put, settle):
    closed, dead = new_queue(policy=False), new_queue()
    arn = rule({"source": ["app"]}, {"Arn": closed.arn, "DeadLetterConfig": {"Arn": dead.arn}})
    id = put({"n": 1})
    settle()
    (message,) = dead.receive()
    assert json.loads(message["Body"])["id"] == id and json.loads(message["Body"])["detail"] == {"n": 1}
    told = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    error = told.pop("ERROR_MESSAGE")
    assert "AccessDenied" in error
    assert told == {
        "RULE_ARN": arn,
        "TARGET_ARN": closed.arn,
        "ERROR_CODE": "NO_PERMISSIONS",
        "RETRY_ATTEMPTS": "0",
    }


def test_a_queue_that_is_gone_is_no_resource(queue, new_queue, rule, put, settle):
    dead = new_queue()
    rule({"source": ["app"]}, {"Arn": queue.arn, "DeadLetterConfig": {"Arn": dead.arn}})
    queue.sqs.delete_queue(QueueUrl=queue.url)
    put()
    settle()
    (message,) = dead.receive()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_what_a_template_breaks_is_invalid_json(queue, new_queue, rule, put, settle):
    dead = new_queue()
    transformer = {"InputPathsMap": {"text": "$.detail.text"}, "InputTemplate": '{"text": "<text>"}'}
    rule(
        {"source": ["app"]},
        {"Arn": queue.arn, "InputTransformer": transformer, "DeadLetterConfig": {"Arn": dead.arn}},
    )
    put({"text": 'say "hi"'})
    put({"text": "say hi"})
    settle()
    assert queue.bodies() == ['{"text": "say hi"}']
    (message,) = dead.receive()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "INVALID_JSON"


def test_a_role_is_taken_on_where_there_is_one(new_queue, rule, put, role, settle):
    closed, dead = new_queue(policy=False), new_queue()
    good = role("sqs:SendMessage", resource=closed.arn)
    wrong = role("sqs:SendMessage", resource=closed.arn, trusts="lambda.amazonaws.com")
    other = role("sqs:ReceiveMessage", resource=closed.arn)
    target = {"Arn": closed.arn, "DeadLetterConfig": {"Arn": dead.arn}}
    rule({"source": ["app"]}, *[{**target, "RoleArn": arn} for arn in (good, wrong, other)])
    put()
    settle()
    assert len(closed.events()) == 1
    codes = [message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in dead.receive()]
    assert sorted(codes) == ["FAILED_TO_ASSUME_ROLE", "NO_PERMISSIONS"]


def test_a_stream_gets_events_by_a_role_with_their_partition_key(welkin, account, rule, put, role, name, settle):
    kinesis, stream = welkin.client("kinesis", account), name("s")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    arn = f"arn:aws:kinesis:us-east-1:{account}:stream/{stream}"
    target = {"Arn": arn, "RoleArn": role("kinesis:PutRecord", resource=arn)}
    rule({"source": ["app"]}, {**target, "KinesisParameters": {"PartitionKeyPath": "$.detail.user"}}, target)
    id = put({"user": "ann"})
    settle()
    options = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamName=stream, **options)["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert sorted(record["PartitionKey"] for record in records) == sorted(["ann", id])
    assert all(json.loads(record["Data"])["detail"] == {"user": "ann"} for record in records)


def test_another_bus_of_the_account_gets_events_by_a_role_and_does_not_send_them_on(
    events, account, queue, new_queue, rule, put, role, settle
):
    for name in ("second", "third"):
        events.create_event_bus(Name=name)
    second, third = (f"arn:aws:events:us-east-1:{account}:event-bus/{name}" for name in ("second", "third"))
    sender, dead = role("events:PutEvents"), new_queue()
    rule({"source": ["app"]}, {"Arn": second, "RoleArn": sender})
    rule(
        {"source": ["app"]},
        queue,
        {"Arn": third, "RoleArn": sender, "DeadLetterConfig": {"Arn": dead.arn}},
        EventBusName="second",
    )
    id = put({"n": 1})
    settle()
    (event,) = queue.events()
    assert (event["id"], event["detail"]) == (id, {"n": 1})
    (message,) = dead.receive()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"


def test_a_bus_of_another_account_gets_events_by_its_policy(welkin, events, account, new_queue, rule, put, settle):
    other = welkin.account()
    theirs = welkin.client("events", other)
    queue, dead = new_queue(owner=other), new_queue()
    target = f"arn:aws:events:us-east-1:{other}:event-bus/default"
    rule({"source": ["app"]}, queue, client=theirs)
    rule({"source": ["app"]}, {"Arn": target, "DeadLetterConfig": {"Arn": dead.arn}})
    put({"n": 1})
    settle()
    assert queue.events() == []
    assert [m["MessageAttributes"]["ERROR_CODE"]["StringValue"] for m in dead.receive()] == ["NO_PERMISSIONS"]
    theirs.put_permission(StatementId="s", Action="events:PutEvents", Principal=account)
    put({"n": 2})
    settle()
    (event,) = queue.events()
    assert (event["account"], event["detail"]) == (account, {"n": 2})


def test_a_bus_of_another_region_gets_events_by_a_role(welkin, account, new_queue, rule, put, role, settle):
    there = welkin.client("events", account, region="eu-west-1")
    queue = new_queue(region="eu-west-1")
    rule({"source": ["app"], "region": ["us-east-1"]}, queue, client=there)
    target = f"arn:aws:events:eu-west-1:{account}:event-bus/default"
    rule({"source": ["app"]}, {"Arn": target, "RoleArn": role("events:PutEvents", resource=target)})
    put({"n": 1})
    settle()
    assert [event["detail"] for event in queue.events()] == [{"n": 1}]


def test_callers_of_other_accounts_put_events_by_the_bus_s_policy(welkin, account, events, queue, rule, put, settle, refused):
    bus = events.describe_event_bus()["Arn"]
    rule({"source": ["app"]}, queue)
    other = welkin.account()
    theirs = welkin.client("events", other)
    with refused("AccessDeniedException"):
        put(client=theirs, EventBusName=bus)
    policy = allow("events:PutEvents", resource=bus, Principal={"AWS": other}, Condition={"StringEquals": {"events:source": "app"}})
    events.put_permission(Policy=json.dumps(policy))
    put({"n": 1}, client=theirs, EventBusName=bus)
    with refused("AccessDeniedException"):
        put(client=theirs, EventBusName=bus, source="other")
    settle()
    (event,) = queue.events()
    assert (event["account"], event["detail"]) == (other, {"n": 1})


@pytest.mark.parametrize("schedule, times", [("rate(5 minutes)", 12), ("cron(0/15 * * * ? *)", 4)])
def test_a_schedule_goes_by_the_clock(welkin, events, account, queue, schedule, times):
    arn = events.put_rule(Name="tick", ScheduleExpression=schedule)["RuleArn"]
    events.put_targets(Rule="tick", Targets=[{"Id": "1", "Arn": queue.arn}])
    welkin.advance("60m")
    came = queue.events()
    assert len(came) == times
    assert all(event["detail-type"] == "Scheduled Event" and event["source"] == "aws.events" for event in came)
    assert all(event["resources"] == [arn] and event["detail"] == {} for event in came)
    minutes = sorted(event["time"] for event in came)
    assert len(set(minutes)) == times
    if schedule.startswith("cron"):
        assert all(time[14:19] in ("00:00", "15:00", "30:00", "45:00") for time in minutes)
    events.disable_rule(Name="tick")
    welkin.advance("60m")
    assert queue.events() == []
    events.enable_rule(Name="tick")
    welkin.advance("60m")
    assert len(queue.events()) == times
    events.remove_targets(Rule="tick", Ids=["1"])
    events.delete_rule(Name="tick")
    welkin.advance("60m")
    assert queue.events() == []


def test_events_that_were_taken_come_after_a_kill(start, tmp_path, name):
    with start("--data", str(tmp_path)) as own:
        account = own.account()
        events, sqs = own.client("events", account), own.client("sqs", account)
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{account}:q"
        policy = allow("sqs:SendMessage", resource=arn, Principal={"Service": "events.amazonaws.com"})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        events.put_rule(Name="r", EventPattern='{"source":["app"]}')
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
        put = set()
        for _ in range(20):
            entries = [{"Source": "app", "DetailType": "d", "Detail": "{}"}] * 10
            put |= {entry["EventId"] for entry in events.put_events(Entries=entries)["Entries"]}
        own.process.kill()
        own.process.wait()
    with start("--data", str(tmp_path)) as own:
        sqs = own.client("sqs", account)
        own.advance("1s")
        came = set()
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                came.add(json.loads(message["Body"])["id"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert came == put
