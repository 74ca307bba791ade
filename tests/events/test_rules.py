"""Rules and their targets: made, listed, changed, removed; what cannot be is refused."""

import json

import pytest

PATTERN = '{"source":["app"]}'


def test_a_rule_is_made_described_changed_and_deleted(events, account, refused):
    made = events.put_rule(Name="r", EventPattern=PATTERN, Description="of app")
    assert made["RuleArn"] == f"arn:aws:events:us-east-1:{account}:rule/r"
    rule = events.describe_rule(Name="r")
    del rule["ResponseMetadata"]
    assert rule == {
        "Name": "r",
        "Arn": made["RuleArn"],
        "EventPattern": PATTERN,
        "State": "ENABLED",
        "Description": "of app",
        "EventBusName": "default",
        "CreatedBy": account,
    }
    events.put_rule(Name="r", ScheduleExpression="rate(5 minutes)", State="DISABLED")
    rule = events.describe_rule(Name="r")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(5 minutes)", "DISABLED")
    assert "EventPattern" not in rule and "Description" not in rule
    events.enable_rule(Name="r")
    assert events.describe_rule(Name="r")["State"] == "ENABLED"
    events.disable_rule(Name="r")
    assert events.describe_rule(Name="r")["State"] == "DISABLED"
    events.delete_rule(Name="r")
    events.delete_rule(Name="r")
    for call in (events.describe_rule, events.enable_rule, events.disable_rule):
        with refused("ResourceNotFoundException", message="Rule r does not exist on EventBus default."):
            call(Name="r")


def test_rules_of_other_buses_have_arns_of_their_own(events, account, refused):
    bus = events.create_event_bus(Name="orders")["EventBusArn"]
    for name in ("orders", bus):
        made = events.put_rule(Name="r", EventPattern=PATTERN, EventBusName=name)
        assert made["RuleArn"] == f"arn:aws:events:us-east-1:{account}:rule/orders/r"
    assert events.describe_rule(Name="r", EventBusName=bus)["EventBusName"] == "orders"
    assert events.list_rules()["Rules"] == []
    with refused("ResourceNotFoundException", message="none"):
        events.put_rule(Name="r", EventPattern=PATTERN, EventBusName="none")
    with refused("ValidationException", message="only on the default event bus"):
        events.put_rule(Name="s", ScheduleExpression="rate(1 minute)", EventBusName="orders")


def test_rules_come_in_pages_by_name_and_prefix(events):
    for name in ("b", "a-1", "a-2", "c"):
        events.put_rule(Name=name, EventPattern=PATTERN)
    seen, token = [], {}
    while token is not None:
        page = events.list_rules(Limit=3, **token)
        seen += [rule["Name"] for rule in page["Rules"]]
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert seen == ["a-1", "a-2", "b", "c"]
    assert [rule["Name"] for rule in events.list_rules(NamePrefix="a-")["Rules"]] == ["a-1", "a-2"]


@pytest.mark.parametrize(
    "pattern, reason",
    [
        ("{", "Filter is not valid JSON"),
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"detail":{}}', "Empty objects are not allowed"),
        ('{"source":"app"}', '"source" must be an object or an array'),
        ('{"detail":{"k":[{"suffix":["x"]}]}}', "suffix match pattern must be a string"),
        ('{"detail":{"k":[{"like":"x"}]}}', "Unrecognized match type like"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(events, refused, pattern, reason):
    with refused("InvalidEventPatternException", message=f"Event pattern is not valid. Reason: {reason}"):
        events.put_rule(Name="r", EventPattern=pattern)
    with refused("InvalidEventPatternException", message=reason):
        events.test_event_pattern(EventPattern=pattern, Event="{}")


def test_combinations_of_choices_are_limited(events, refused):
    choices = [{"k": [n]} for n in range(11)]
    pattern = {"detail": {"a": {"$or": choices}, "b": {"$or": choices}, "c": {"$or": choices}}}
    with refused("InvalidEventPatternException"):
        events.put_rule(Name="r", EventPattern=json.dumps(pattern))


def test_what_cannot_be_a_rule_is_refused(events, refused):
    with refused("ValidationException"):
        events.put_rule(Name="r")
    with refused("ValidationException"):
        events.put_rule(Name="r r", EventPattern=PATTERN)
    with refused("ValidationException"):
        events.put_rule(Name="r", EventPattern=PATTERN, RoleArn="role")
    with refused("ValidationException"):
        events.put_rule(Name="r", EventPattern=PATTERN, State="ON")
    for schedule in ("rate(5 minute)", "rate(0 minutes)", "cron(* * * * * *)", "every day", "at(2030-01-01T00:00:00)"):
        with refused("ValidationException", message="Parameter ScheduleExpression is not valid."):
            events.put_rule(Name="r", ScheduleExpression=schedule)
    with refused("NotImplemented", 501):
        events.put_rule(Name="r", EventPattern=PATTERN, EventBusName="arn:aws:events:us-east-1:111122223333:event-bus/b")


def test_an_event_is_tested_against_a_pattern(events, refused):
    event = {
        "id": "1",
        "account": "111122223333",
        "source": "app",
        "time": "2024-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "Happened",
        "detail": {"score": 8.5, "tags": ["a", "b"]},
    }

    def test(pattern, event=event):
        return events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]

    assert test({"source": ["app"], "detail": {"score": [{"numeric": [">", 8]}], "tags": ["b"]}})
    assert not test({"detail": {"score": [{"numeric": [">", 8.5]}]}})
    assert test({"detail": {"none": [{"exists": False}]}, "detail-type": [{"anything-but": {"prefix": ["x", "y"]}}]})
    with refused("ValidationException"):
        test({"source": ["app"]}, {"source": "app"})
    with refused("ValidationException"):
        events.test_event_pattern(EventPattern=PATTERN, Event="text")


def test_targets_are_put_listed_replaced_and_removed(events, queue, new_queue, refused):
    events.put_rule(Name="r", EventPattern=PATTERN)
    other = new_queue()
    targets = [
        {
            "Id": "b",
            "Arn": queue.arn,
            "InputTransformer": {"InputPathsMap": {"id": "$.id"}, "InputTemplate": '{"id":<id>}'},
            "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
            "DeadLetterConfig": {"Arn": other.arn},
        },
        {"Id": "a", "Arn": other.arn, "InputPath": "$.detail"},
        {"Id": "c", "Arn": other.arn, "Input": '"text"'},
    ]
    assert events.put_targets(Rule="r", Targets=targets)["FailedEntryCount"] == 0
    assert events.list_targets_by_rule(Rule="r")["Targets"] == sorted(targets, key=lambda target: target["Id"])
    first = events.list_targets_by_rule(Rule="r", Limit=2)
    second = events.list_targets_by_rule(Rule="r", NextToken=first["NextToken"])
    assert [target["Id"] for target in first["Targets"] + second["Targets"]] == ["a", "b", "c"]
    assert events.list_rule_names_by_target(TargetArn=other.arn)["RuleNames"] == ["r"]
    assert events.list_rule_names_by_target(TargetArn=queue.arn + "x")["RuleNames"] == []
    events.put_targets(Rule="r", Targets=[{"Id": "a", "Arn": queue.arn}])
    assert events.list_targets_by_rule(Rule="r")["Targets"][0] == {"Id": "a", "Arn": queue.arn}
    with refused("ValidationException", message="has targets"):
        events.delete_rule(Name="r")
    removed = events.remove_targets(Rule="r", Ids=["a", "b", "c", "d"])
    assert removed["FailedEntryCount"] == 1 and removed["FailedEntries"][0]["TargetId"] == "d"
    events.delete_rule(Name="r")
    for call in (
        lambda: events.put_targets(Rule="r", Targets=[{"Id": "a", "Arn": queue.arn}]),
        lambda: events.remove_targets(Rule="r", Ids=["a"]),
        lambda: events.list_targets_by_rule(Rule="r"),
    ):
        with refused("ResourceNotFoundException"):
            call()


def test_five_targets_are_the_most(events, queue, refused):
    events.put_rule(Name="r", EventPattern=PATTERN)
    events.put_targets(Rule="r", Targets=[{"Id": str(n), "Arn": queue.arn} for n in range(5)])
    with refused("LimitExceededException"):
        events.put_targets(Rule="r", Targets=[{"Id": "more", "Arn": queue.arn}])


def test_what_cannot_be_a_target_is_refused_and_nothing_is_half_done(events, account, queue, new_queue, refused):
    events.put_rule(Name="r", EventPattern=PATTERN)
    fifo = new_queue(fifo=True)
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/default"
    for code, status, target in [
        ("ValidationException", 400, {"Arn": "queue"}),
        ("ValidationException", 400, {"Arn": "arn:aws:iam::111122223333:role/r"}),
        ("ValidationException", 400, {"Arn": fifo.arn}),
        ("ValidationException", 400, {"Arn": bus}),
        ("ValidationException", 400, {"Arn": queue.arn, "RoleArn": "role"}),
        ("ValidationException", 400, {"Arn": queue.arn, "Input": "{"}),
        ("ValidationException", 400, {"Arn": queue.arn, "InputPath": "detail"}),
        ("ValidationException", 400, {"Arn": queue.arn, "Input": "1", "InputPath": "$.detail"}),
        ("ValidationException", 400, {"Arn": queue.arn, "InputTransformer": {"InputTemplate": '"<none>"'}}),
        ("ValidationException", 400, {"Arn": queue.arn, "InputTransformer": {"InputTemplate": "not JSON"}}),
        ("ValidationException", 400, {"Arn": queue.arn, "DeadLetterConfig": {"Arn": fifo.arn}}),
        ("ValidationException", 400, {"Arn": queue.arn, "RetryPolicy": {"MaximumRetryAttempts": 186}}),
        ("ValidationException", 400, {"Arn": queue.arn, "HttpParameters": {"PathParameterValues": ["x"]}}),
        ("NotImplemented", 501, {"Arn": f"arn:aws:lambda:us-east-1:{account}:function:f"}),
        ("NotImplemented", 501, {"Arn": f"arn:aws:states:us-east-1:{account}:stateMachine:s"}),
        ("NotImplemented", 501, {"Arn": f"arn:aws:logs:us-east-1:{account}:log-group:/aws/events/x"}),
        ("ValidationException", 400, {"Arn": f"arn:aws:kinesis:us-east-1:{account}:stream/s"}),
        ("ValidationException", 400, {"Arn": queue.arn, "KinesisParameters": {"PartitionKeyPath": "$.id"}}),
    ]:
        with refused(code, status):
            events.put_targets(Rule="r", Targets=[{"Id": "good", "Arn": queue.arn}, {"Id": "bad", **target}])
        assert events.list_targets_by_rule(Rule="r")["Targets"] == [], target
    with refused("ValidationException", message="same Id"):
        events.put_targets(Rule="r", Targets=[{"Id": "a", "Arn": queue.arn}] * 2)
