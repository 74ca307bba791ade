"""Schedules: made, changed, listed, deleted; what they call at their times."""

import datetime
import json

import pytest

OFF = {"Mode": "OFF"}


def test_a_schedule_is_made_told_changed_and_deleted(scheduler, account, create, queue, refused):
    arn = create("s", "rate(5 minutes)", Description="d", State="DISABLED")
    assert arn == f"arn:aws:scheduler:us-east-1:{account}:schedule/default/s"
    told = scheduler.get_schedule(Name="s")
    assert (told["Arn"], told["GroupName"], told["Description"], told["State"]) == (arn, "default", "d", "DISABLED")
    assert told["Target"] == {"Arn": queue.arn, "RoleArn": create.role, "Input": '{"n":1}'}
    assert (told["FlexibleTimeWindow"], told["ActionAfterCompletion"]) == (OFF, "NONE")
    assert told["ScheduleExpressionTimezone"] == "UTC"
    with refused("ConflictException", 409):
        create("s", "rate(5 minutes)")
    changed = {"Name": "s", "ScheduleExpression": "cron(0 12 * * ? *)", "FlexibleTimeWindow": OFF}
    scheduler.update_schedule(**changed, Target=told["Target"])
    told = scheduler.get_schedule(Name="s")
    assert (told["ScheduleExpression"], told["State"]) == ("cron(0 12 * * ? *)", "ENABLED")
    assert "Description" not in told
    scheduler.delete_schedule(Name="s")
    for call in (scheduler.get_schedule, scheduler.delete_schedule):
        with refused("ResourceNotFoundException", 404):
            call(Name="s")
    with refused("ResourceNotFoundException", 404):
        scheduler.update_schedule(**changed, Target=told["Target"])


def test_schedules_come_in_pages_by_group_and_name(scheduler, create):
    scheduler.create_schedule_group(Name="g")
    for name, group in (("b", "default"), ("a", "default"), ("c", "g")):
        create(name, "rate(1 day)", GroupName=group, State="DISABLED" if name == "a" else "ENABLED")
    first = scheduler.list_schedules(MaxResults=2)
    second = scheduler.list_schedules(NextToken=first["NextToken"])
    assert [it["Name"] for it in first["Schedules"] + second["Schedules"]] == ["a", "b", "c"]
    assert [it["Name"] for it in scheduler.list_schedules(GroupName="g")["Schedules"]] == ["c"]
    assert [it["Name"] for it in scheduler.list_schedules(NamePrefix="b")["Schedules"]] == ["b"]
    assert [it["Name"] for it in scheduler.list_schedules(State="DISABLED")["Schedules"]] == ["a"]


def test_groups_are_made_tagged_listed_and_deleted_with_their_schedules(welkin, scheduler, account, create, queue, refused):
    made = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:scheduler:us-east-1:{account}:schedule-group/g"
    assert made["ScheduleGroupArn"] == arn
    with refused("ConflictException", 409):
        scheduler.create_schedule_group(Name="g")
    assert scheduler.get_schedule_group(Name="g")["State"] == "ACTIVE"
    assert [it["Name"] for it in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "g"]
    first = scheduler.list_schedule_groups(MaxResults=1)
    assert [it["Name"] for it in scheduler.list_schedule_groups(NextToken=first["NextToken"])["ScheduleGroups"]] == ["g"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with refused("ValidationException"):
        scheduler.list_tags_for_resource(ResourceArn=f"arn:aws:scheduler:us-east-1:{account}:schedule/default/s")
    create("s", "rate(1 minute)", GroupName="g")
    scheduler.delete_schedule_group(Name="g")
    welkin.advance("1s")
    queue.receive()
    welkin.advance("5m")
    assert queue.bodies() == []
    for call in (scheduler.get_schedule_group, scheduler.delete_schedule_group):
        with refused("ResourceNotFoundException", 404):
            call(Name="g")
    with refused("ResourceNotFoundException", 404):
        create("s", "rate(1 minute)", GroupName="g")
    with refused("ValidationException"):
        scheduler.delete_schedule_group(Name="default")


def test_a_rate_begins_at_once_and_goes_by_the_clock(welkin, create, scheduler, queue):
    create("s", "rate(10 minutes)")
    welkin.advance("1s")
    assert queue.bodies() == ['{"n":1}']
    welkin.advance("1h")
    assert len(queue.bodies()) == 6
    scheduler.delete_schedule(Name="s")
    welkin.advance("1h")
    assert queue.bodies() == []


def test_what_comes_once_comes_once_and_may_go_then(welkin, create, scheduler, queue, refused):
    at = (welkin.now() + datetime.timedelta(hours=1)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    create("stays", at)
    create("goes", at, ActionAfterCompletion="DELETE")
    welkin.advance("59m")
    assert queue.bodies() == []
    welkin.advance("2m")
    assert len(queue.bodies()) == 2
    welkin.advance("2h")
    assert queue.bodies() == []
    assert scheduler.get_schedule(Name="stays")["State"] == "ENABLED"
    with refused("ResourceNotFoundException", 404):
        scheduler.get_schedule(Name="goes")


def test_a_schedule_keeps_to_its_dates_and_its_window(welkin, create, queue):
    now = welkin.now()
    start, end = now + datetime.timedelta(hours=1), now + datetime.timedelta(hours=2, minutes=1)
    create("s", "rate(30 minutes)", StartDate=start, EndDate=end)
    welkin.advance("59m")
    assert queue.bodies() == []
    welkin.advance("5h")
    assert len(queue.bodies()) == 3
    create("w", "rate(1 day)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10})
    welkin.advance("10m")
    assert len(queue.bodies()) == 1


def test_inputs_are_filled_with_what_the_invocation_knows(welkin, create, queue):
    words = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number")
    arn = create("s", "rate(1 day)", {"Input": json.dumps({word: f"<aws.scheduler.{word}>" for word in words})})
    welkin.advance("1s")
    (body,) = queue.bodies()
    told = json.loads(body)
    assert (told["schedule-arn"], told["attempt-number"]) == (arn, "1")
    assert told["scheduled-time"].endswith("Z") and len(told["execution-id"]) == 16


def test_any_operation_can_be_called(welkin, account, create, queue):
    sqs = welkin.client("sqs", account)
    input = json.dumps({"QueueUrl": queue.url, "MessageBody": "by the SDK", "DelaySeconds": 0})
    create("s", "rate(1 day)", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": input})
    new = json.dumps({"QueueName": "made-by-a-schedule"})
    create("t", "rate(1 day)", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:createQueue", "Input": new})
    welkin.advance("1s")
    assert queue.bodies() == ["by the SDK"]
    assert sqs.get_queue_url(QueueName="made-by-a-schedule")["QueueUrl"]


def test_a_bus_gets_an_event(welkin, account, create, queue, new_queue):
    events, target = welkin.client("events", account), new_queue()
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": target.arn,
        }
    }
    target.sqs.set_queue_attributes(QueueUrl=target.url, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="r", EventPattern='{"source":["mine"],"detail-type":["Tick"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": target.arn}])
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/default"
    create("s", "rate(1 day)", {"Arn": bus, "EventBridgeParameters": {"Source": "mine", "DetailType": "Tick"}})
    welkin.advance("1s")
    (body,) = target.bodies()
    assert json.loads(body)["detail"] == {"n": 1}


def test_what_is_not_taken_goes_to_the_dead_letter_queue(welkin, create, role, queue, new_queue):
    dead = new_queue(open=True)
    arn = create(
        "s", "rate(1 day)", {"RoleArn": role("sqs:ReceiveMessage"), "DeadLetterConfig": {"Arn": dead.arn}}
    )
    welkin.advance("1s")
    (message,) = dead.receive()
    assert message["Body"] == '{"n":1}' and queue.bodies() == []
    told = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert (told["SCHEDULE_ARN"], told["TARGET_ARN"], told["RETRY_ATTEMPTS"]) == (arn, queue.arn, "0")
    assert told["ERROR_CODE"] == "NO_PERMISSIONS" and told["IS_PAYLOAD_TRUNCATED"] == "false"


def test_what_cannot_be_a_schedule_is_refused(scheduler, account, create, refused):
    for code, status, expression, target, more in [
        ("ValidationException", 400, "rate(5 minute)", {}, {}),
        ("ValidationException", 400, "daily", {}, {}),
        ("ValidationException", 400, "rate(1 day)", {"RoleArn": "arn:aws:iam::111122223333:user/u"}, {}),
        ("ValidationException", 400, "rate(1 day)", {}, {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}),
        ("ValidationException", 400, "rate(1 day)", {}, {"StartDate": 200, "EndDate": 100}),
        ("ValidationException", 400, "rate(1 day)", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl"}, {}),
        ("ValidationException", 400, "rate(1 day)", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:none"}, {}),
        ("ValidationException", 400, "rate(1 day)", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"}, {}),
        ("NotImplemented", 501, "rate(1 day)", {}, {"ScheduleExpressionTimezone": "Europe/Berlin"}),
        ("NotImplemented", 501, "rate(1 day)", {}, {"KmsKeyArn": f"arn:aws:kms:us-east-1:{account}:key/x"}),
        ("NotImplemented", 501, "rate(1 day)", {"Arn": f"arn:aws:lambda:us-east-1:{account}:function:f"}, {}),
    ]:
        with refused(code, status):
            create("s", expression, target, **more)
    assert scheduler.list_schedules()["Schedules"] == []


@pytest.mark.parametrize(
    "action, call",
    [
        ("CreateScheduleGroup", lambda c: c.create_schedule_group(Name="new")),
        ("GetScheduleGroup", lambda c: c.get_schedule_group(Name="default")),
        ("ListScheduleGroups", lambda c: c.list_schedule_groups()),
        ("DeleteScheduleGroup", lambda c: c.delete_schedule_group(Name="g")),
        ("GetSchedule", lambda c: c.get_schedule(Name="s")),
        ("ListSchedules", lambda c: c.list_schedules()),
        ("DeleteSchedule", lambda c: c.delete_schedule(Name="s")),
    ],
)
def test_an_operation_needs_its_action(scheduler, create, user, refused, action, call):
    create("s", "rate(1 day)")
    scheduler.create_schedule_group(Name="g")
    with refused("AccessDeniedException", 403, f"scheduler:{action}"):
        call(user("sqs:*"))
    call(user(f"scheduler:{action}"))


def test_a_role_is_handed_over_by_whoever_may_pass_it(create, queue, user, refused):
    options = {
        "Name": "s",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": queue.arn, "RoleArn": create.role},
    }
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        user("scheduler:CreateSchedule").create_schedule(**options)
    client = user("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "iam:PassRole")
    client.create_schedule(**options)
    client.update_schedule(**options)
