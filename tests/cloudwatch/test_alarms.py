"""Alarms: evaluated on the clock, with actions, histories and events."""

import datetime
import json

import pytest

from policies import allow

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def put(cloudwatch):
    def put(value, **more):
        cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "m", "Value": value, **more}])

    return put


@pytest.fixture
def alarm(cloudwatch):
    """Makes an alarm for values of `m` above 5."""

    def alarm(name="a", **more):
        settings = {
            "Namespace": "App", "MetricName": "m", "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1,
            "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        }
        settings = {key: value for key, value in {**settings, **more}.items() if value is not None}
        cloudwatch.put_metric_alarm(AlarmName=name, **settings)

    return alarm


@pytest.fixture
def state(cloudwatch):
    def state(name="a"):
        found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return (found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"]

    return state


@pytest.fixture
def inbox(welkin, account):
    """A topic, and a function that takes what was published to it."""
    sns, sqs = welkin.client("sns", account), welkin.client("sqs", account)
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{account}:inbox"
    policy = allow("sqs:SendMessage", resource=queue, Principal={"Service": "sns.amazonaws.com"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def take():
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    return topic, take


def test_an_alarm_goes_off_and_ends_and_tells_its_topic(welkin, cloudwatch, account, alarm, put, state, inbox, now):
    topic, take = inbox
    now()
    alarm(AlarmActions=[topic], OKActions=[topic], AlarmDescription="too much")
    assert state() == "INSUFFICIENT_DATA"
    put(7)
    welkin.advance("1m")
    assert state() == "ALARM"
    (told,) = take()
    assert told["Subject"] == 'ALARM: "a" in US East (N. Virginia)'
    message = json.loads(told["Message"])
    assert (message["AlarmName"], message["NewStateValue"], message["OldStateValue"]) == ("a", "ALARM", "INSUFFICIENT_DATA")
    assert message["AWSAccountId"] == account and message["AlarmDescription"] == "too much"
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [7.0 (")
    assert message["Trigger"]["MetricName"] == "m" and message["Trigger"]["Statistic"] == "MAXIMUM"
    put(1)
    welkin.advance("1m")
    assert state() == "OK"
    assert [json.loads(told["Message"])["NewStateValue"] for told in take()] == ["OK"]
    welkin.advance("10m")
    assert state() == "INSUFFICIENT_DATA" and take() == []
    items = cloudwatch.describe_alarm_history(AlarmName="a", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("ConfigurationUpdate", 'Alarm "a" created'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Successfully executed action {topic}"),
        ("StateUpdate", "Alarm updated from ALARM to OK"),
        ("Action", f"Successfully executed action {topic}"),
        ("StateUpdate", "Alarm updated from OK to INSUFFICIENT_DATA"),
    ]


def test_an_action_that_fails_is_in_the_history(welkin, cloudwatch, account, alarm, put, now):
    now()
    alarm(AlarmActions=[f"arn:aws:sns:us-east-1:{account}:gone"])
    put(9)
    welkin.advance("1m")
    (item,) = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="Action")["AlarmHistoryItems"]
    assert item["HistorySummary"].startswith("Failed to execute action")
    assert json.loads(item["HistoryData"])["actionState"] == "Failed"


def test_alarms_that_may_not_act_change_their_state_alone(welkin, cloudwatch, alarm, put, state, inbox, now):
    topic, take = inbox
    now()
    alarm(AlarmActions=[topic])
    cloudwatch.disable_alarm_actions(AlarmNames=["a"])
    put(9)
    welkin.advance("1m")
    assert state() == "ALARM" and take() == []
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="test")
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="test")
    welkin.advance("1s")
    assert [json.loads(told["Message"])["NewStateReason"] for told in take()] == ["test"]


@pytest.mark.parametrize(
    "operator, alarming, calm",
    [
        ("GreaterThanThreshold", 6, 5),
        ("GreaterThanOrEqualToThreshold", 5, 4),
        ("LessThanThreshold", 4, 5),
        ("LessThanOrEqualToThreshold", 5, 6),
    ],
)
def test_operators(welkin, alarm, put, state, now, operator, alarming, calm):
    now()
    alarm(ComparisonOperator=operator)
    put(alarming)
    welkin.advance("1m")
    assert state() == "ALARM"
    put(calm)
    welkin.advance("1m")
    assert state() == "OK"


def test_two_of_three_must_be_beyond(welkin, alarm, put, state, now):
    now()
    alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    states = []
    for value in (1, 9, 1, 9, 1, 1):
        put(value)
        welkin.advance("1m")
        states.append(state())
    assert states == ["OK", "OK", "OK", "ALARM", "OK", "OK"]


@pytest.mark.parametrize(
    "missing, wanted",
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_what_is_missing_is_treated_as_told(welkin, alarm, put, state, now, missing, wanted):
    now()
    alarm(TreatMissingData=missing)
    put(9)
    welkin.advance("1m")
    assert state() == "ALARM"
    welkin.advance("10m")
    assert state() == wanted


def test_periods_of_ten_seconds(welkin, alarm, put, state, now):
    now()
    alarm(Period=10)
    put(9, StorageResolution=1)
    welkin.advance("10s")
    assert state() == "ALARM"


def test_alarms_of_expressions(welkin, cloudwatch, state, now):
    now()
    stat = lambda name: {"Metric": {"Namespace": "App", "MetricName": name}, "Period": 60, "Stat": "Sum"}
    cloudwatch.put_metric_alarm(
        AlarmName="a", EvaluationPeriods=1, Threshold=10, ComparisonOperator="GreaterThanThreshold",
        Metrics=[
            {"Id": "errors", "MetricStat": stat("Errors"), "ReturnData": False},
            {"Id": "requests", "MetricStat": stat("Requests"), "ReturnData": False},
            {"Id": "rate", "Expression": "100 * FILL(errors, 0) / requests"},
        ],
    )
    data = [{"MetricName": "Errors", "Value": 2}, {"MetricName": "Requests", "Value": 10}]
    cloudwatch.put_metric_data(Namespace="App", MetricData=data)
    welkin.advance("1m")
    assert state() == "ALARM"
    cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "Requests", "Value": 10}])
    welkin.advance("1m")
    assert state() == "OK"
    found = cloudwatch.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]
    assert [query["Id"] for query in found["Metrics"]] == ["errors", "requests", "rate"]


def test_composite_alarms_follow_their_children(welkin, cloudwatch, alarm, put, state, inbox, now):
    topic, take = inbox
    now()
    alarm("high")
    alarm("low", ComparisonOperator="LessThanThreshold", Threshold=2)
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(high) OR ALARM(low)", AlarmActions=[topic])
    put(3)
    welkin.advance("1m")
    assert state("both") == "OK"
    put(9)
    welkin.advance("1m")
    assert state("both") == "ALARM"
    (told,) = take()
    message = json.loads(told["Message"])
    assert message["AlarmRule"] == "ALARM(high) OR ALARM(low)"
    assert ":alarm:high transitioned to ALARM at " in message["NewStateReason"]
    assert [child["arn"].split(":")[-1] for child in message["TriggeringChildren"]] == ["high"]
    parents = cloudwatch.describe_alarms(ParentsOfAlarmName="high")
    assert [it["AlarmName"] for it in parents["CompositeAlarms"]] == ["both"]
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="both")
    assert [it["AlarmName"] for it in children["MetricAlarms"]] == ["high", "low"]


def test_a_suppressor_keeps_an_alarm_from_acting(welkin, cloudwatch, alarm, state, inbox, now):
    topic, take = inbox
    now()
    alarm("child")
    alarm("quiet")
    cloudwatch.put_composite_alarm(
        AlarmName="c", AlarmRule="ALARM(child)", AlarmActions=[topic], ActionsSuppressor="quiet",
        ActionsSuppressorWaitPeriod=20, ActionsSuppressorExtensionPeriod=10,
    )

    def switch(name, value):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason="test")
        welkin.advance("1s")

    switch("quiet", "ALARM")
    switch("child", "ALARM")
    welkin.advance("25s")
    assert state("c") == "ALARM" and take() == []
    (found,) = cloudwatch.describe_alarms(AlarmNames=["c"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert found["ActionsSuppressedBy"] == "Alarm"
    switch("quiet", "OK")
    welkin.advance("10s")
    assert len(take()) == 1


def test_state_changes_are_events(welkin, cloudwatch, account, alarm, put, now):
    events, sqs = welkin.client("events", account), welkin.client("sqs", account)
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{account}:events"
    policy = allow("sqs:SendMessage", resource=queue, Principal={"Service": "events.amazonaws.com"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    pattern = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    events.put_rule(Name="r", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": queue}])
    now()
    alarm()
    put(9)
    welkin.advance("1m")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert event["resources"] == [f"arn:aws:cloudwatch:us-east-1:{account}:alarm:a"]
    detail = event["detail"]
    assert (detail["alarmName"], detail["state"]["value"]) == ("a", "ALARM")
    assert detail["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert detail["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "m"
    assert json.loads(detail["state"]["reasonData"])["recentDatapoints"] == [9.0]


def test_hours_without_data_change_nothing_and_data_wake_the_alarm(welkin, alarm, put, state, now):
    now()
    alarm()
    welkin.advance("30h")
    assert state() == "INSUFFICIENT_DATA"
    put(9)
    welkin.advance("1m")
    assert state() == "ALARM"


def test_alarms_are_described_by_name_prefix_state_and_page(cloudwatch, alarm):
    for n in range(5):
        alarm(f"p{n}")
    alarm("other")
    names = lambda **wanted: [it["AlarmName"] for it in cloudwatch.describe_alarms(**wanted)["MetricAlarms"]]
    assert names() == ["other", "p0", "p1", "p2", "p3", "p4"]
    assert names(AlarmNamePrefix="p") == ["p0", "p1", "p2", "p3", "p4"]
    assert names(StateValue="ALARM") == []
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 4})
    assert [len(page["MetricAlarms"]) for page in pages] == [4, 2]
    found = cloudwatch.describe_alarms_for_metric(Namespace="App", MetricName="m")["MetricAlarms"]
    assert len(found) == 6
    assert cloudwatch.describe_alarms_for_metric(Namespace="App", MetricName="n")["MetricAlarms"] == []


def test_alarms_are_deleted_all_or_none(cloudwatch, alarm, refused):
    alarm("a")
    alarm("b")
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)")
    with refused("ResourceNotFound", 404):
        cloudwatch.delete_alarms(AlarmNames=["b", "none"])
    with refused("ResourceConflict", 409):
        cloudwatch.delete_alarms(AlarmNames=["a"])
    cloudwatch.delete_alarms(AlarmNames=["c"])
    cloudwatch.delete_alarms(AlarmNames=["a", "b"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_tags(cloudwatch, account, alarm, refused):
    alarm(Tags=[{"Key": "team", "Value": "x"}])
    arn = f"arn:aws:cloudwatch:us-east-1:{account}:alarm:a"
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    with refused("ResourceNotFoundException", 404):
        cloudwatch.list_tags_for_resource(ResourceARN=arn + "x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"Period": 61},
        {"DatapointsToAlarm": 2},
        {"TreatMissingData": "nope"},
        {"Statistic": None},
        {"EvaluationPeriods": 1441},
        {"ExtendedStatistic": "p99"},
        {"Statistic": None, "ExtendedStatistic": "p999"},
        {"AlarmActions": ["nope"]},
    ],
)
def test_alarms_that_cannot_be_are_refused(cloudwatch, alarm, refused, wrong):
    with refused("ValidationError"):
        alarm(**wrong)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_what_is_not_there_is_refused_by_name(alarm, account, refused):
    with refused("NotImplemented", 501, message="lambda"):
        alarm(AlarmActions=[f"arn:aws:lambda:us-east-1:{account}:function:f"])
    with refused("NotImplemented", 501):
        alarm(ComparisonOperator="GreaterThanUpperThreshold", ThresholdMetricId="ad1")
    with refused("NotImplemented", 501, message="EvaluationInterval"):
        alarm(EvaluationInterval=60)


def test_rules_that_cannot_be_are_refused(cloudwatch, refused):
    with refused("ValidationError"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(")
    with refused("ValidationError", message="[gone]"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(gone)")


def test_alarms_are_permitted_by_their_arns(welkin, account, alarm, refused):
    alarm("mine")
    alarm("yours")
    arn = f"arn:aws:cloudwatch:us-east-1:{account}:alarm:mine"
    user = welkin.client("cloudwatch", **welkin.user(account, allow("cloudwatch:*", resource=arn)))
    user.set_alarm_state(AlarmName="mine", StateValue="OK", StateReason="x")
    with refused("AccessDenied", 403):
        user.delete_alarms(AlarmNames=["mine", "yours"])
    user.delete_alarms(AlarmNames=["mine"])
